/* twins.c - packets that were captured twice, on one interface and then on another.
 *
 * `tcpdump -i any`, or an interface and the bridge above it: a packet passes both, and is no
 * retransmission. It is the same to the last bit, and its IPv4 identification with it; so are some
 * retransmissions (a SYN,ACK of Linux, IPv6), but these come later, and on the same interface.
 */
#include "trace/twins.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Less than the shortest retransmission timer, more than most ways through a machine. */
#define MOMENT_NS 100000000

static int bytes_compare(const struct twin *a, const struct twin *b)
{
	if (a->section != b->section)
		return a->section < b->section ? -1 : 1;
	if (a->len != b->len)
		return a->len < b->len ? -1 : 1;
	return memcmp(a->data, b->data, a->len);
}

static int twin_compare(const void *a, const void *b)
{
	const struct twin *x = a, *y = b;
	int order = bytes_compare(x, y);

	if (order == 0 && x->ns != y->ns)
		order = x->ns < y->ns ? -1 : 1;
	if (order == 0)
		order = x->packet < y->packet ? -1 : 1;
	return order;
}

/* One interface in 64 bits; of more than 64 some are taken for others, and nothing is lost. */
static uint64_t interface_bit(const struct twin *t)
{
	return (uint64_t)1 << (t->interface & 63);
}

static bool one_interface(const struct twin *packets, size_t n)
{
	size_t i;

	for (i = 1; i < n; i++)
		if (packets[i].interface != packets[0].interface)
			return false;
	return true;
}

size_t twins_find(struct twin *packets, size_t n, size_t *of)
{
	const struct twin *first = packets;
	uint64_t seen = 0;
	size_t i, found = 0;

	if (n == 0 || one_interface(packets, n))
		return 0;
	qsort(packets, n, sizeof(*packets), twin_compare);
	for (i = 0; i < n; i++) {
		const struct twin *t = &packets[i];

		if (i > 0 && !(seen & interface_bit(t)) &&
		    t->ns - first->ns <= MOMENT_NS && bytes_compare(t, first) == 0) {
			of[t->packet] = first->packet;
			found++;
		} else {
			first = t;
			seen = 0;
		}
		seen |= interface_bit(t);
	}
	return found;
}
