/* held.c - the queue of segments that a held wire holds. */
#include "lab/held.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

void held_clear(struct held *h)
{
	free(h->number);
	h->number = NULL;
	h->n = h->size = 0;
}

void held_insert(struct held *h, size_t at, unsigned number)
{
	if (h->n == h->size) {
		h->size = h->size ? h->size * 2 : 16;
		h->number = xrealloc(h->number, h->size * sizeof(*h->number));
	}
	memmove(h->number + at + 1, h->number + at, (h->n - at) * sizeof(*h->number));
	h->number[at] = number;
	h->n++;
}

void held_remove(struct held *h, size_t at)
{
	h->n--;
	memmove(h->number + at, h->number + at + 1, (h->n - at) * sizeof(*h->number));
}

long held_find(const struct held *h, unsigned number, struct err *err)
{
	struct trace_segment *s;
	size_t i;

	for (i = 0; i < h->n; i++)
		if (number == 0 || h->number[i] == number)
			return (long)i;
	if (number == 0) {
		err_set(err, "usage", "the wire holds no segment");
		err_hint(
			err,
			"Nothing moves until a host sends: connect, send, close, or a timer\n"
			"of the kernel.");
		return -ENOENT;
	}
	s = trace_find(h->trace, number);
	if (!s)
		err_set(err, "usage", "there was no segment #%u yet", number);
	else
		err_set(err, "usage", "#%u is not held: it was %s", number,
			s->fate == FATE_DROPPED ? "dropped" : "delivered");
	err_hint(err, "held lists what the wire holds.");
	return -ENOENT;
}

static bool same_ends(const struct segment *a, const struct segment *b)
{
	return addr_equal(&a->from, &b->from) && addr_equal(&a->to, &b->to);
}

static bool same_segment(const struct segment *a, const struct segment *b)
{
	return a->seq == b->seq && a->len == b->len && a->flags == b->flags &&
	       same_ends(a, b);
}

static bool same_pair(const struct segment *a, const struct segment *b)
{
	return same_ends(a, b) ||
	       (addr_equal(&a->from, &b->to) && addr_equal(&a->to, &b->from));
}

/* So many segments back a repeated one is looked for. */
#define COPY_BACK 64

/* An ACK without data below what its end has sent asks for an answer: a probe, of a silent peer or a window. */
static bool is_probe(const struct held *h, const struct segment *s)
{
	size_t n = trace_segments(h->trace), back;

	for (back = 0; back < COPY_BACK && back < n; back++) {
		const struct trace_segment *old =
			trace_find(h->trace, (unsigned)(n - back));

		if (old && !old->injected && same_ends(&old->segment, s) &&
		    seq_before(s->seq, old->segment.seq + segment_span(&old->segment)))
			return true;
	}
	return false;
}

/* The delivered segment that this one repeats while something of its connection is held; NULL. */
static struct trace_segment *delivered_copy(const struct held *h, const struct segment *s)
{
	size_t n = trace_segments(h->trace), back, i;

	for (i = 0; i < h->n; i++)
		if (same_pair(&trace_find(h->trace, h->number[i])->segment, s))
			break;
	for (back = 0; i < h->n && back < COPY_BACK && back < n; back++) {
		struct trace_segment *old = trace_find(h->trace, (unsigned)(n - back));

		if (old && old->fate == FATE_DELIVERED && same_segment(&old->segment, s))
			return old;
	}
	return NULL;
}

struct trace_segment *held_copy(const struct held *h, const struct segment *s)
{
	size_t i;

	if (segment_span(s) == 0 && !is_probe(h, s))
		return NULL;
	for (i = 0; i < h->n; i++) {
		struct trace_segment *held = trace_find(h->trace, h->number[i]);

		if (!held->injected && same_segment(&held->segment, s))
			return held;
	}
	return h->patient ? delivered_copy(h, s) : NULL;
}
