/*
 * spans.c - stretches of a sequence space, and which segment was the first in each.
 *
 * A sender may cut its bytes anew when it sends them again, and what came out of order overlaps in any
 * way: so a new stretch fills only the gaps between those that are there. All of them lie within half
 * of the numbers, where "before" has a meaning (RFC 9293, 3.4).
 */
#include "trace/spans.h"

#include <stdlib.h>
#include <string.h>

#include "tcp/segment.h"
#include "trace/inner.h"

#define REACH (1u << 30)

/* The first that ends behind seq. */
static size_t place(const struct spans *l, uint32_t seq)
{
	size_t low = l->head, high = l->n, middle;

	while (low < high) {
		middle = (low + high) / 2;
		if (seq_before(seq, l->span[middle].end))
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

struct span *spans_find(const struct spans *l, uint32_t from, uint32_t end)
{
	size_t at = place(l, from);

	if (from == end || at == l->n || !seq_before(l->span[at].from, end))
		return NULL;
	return &l->span[at];
}

static void insert(struct spans *l, size_t at, struct span new)
{
	l->span = array_grow(l->span, l->n, &l->size, sizeof(*l->span));
	memmove(&l->span[at + 1], &l->span[at], (l->n - at) * sizeof(*l->span));
	l->span[at] = new;
	l->n++;
}

uint32_t spans_add(struct spans *l, uint32_t from, uint32_t end, unsigned number)
{
	uint32_t latest = l->head < l->n ? l->span[l->n - 1].end : end, added = 0, stop;
	size_t at;

	if (end - from >= REACH || seq_before(end, latest - REACH))
		return 0;
	latest = seq_before(latest, end) ? end : latest;
	spans_forget(l, latest - REACH);
	for (at = place(l, from); seq_before(from, end); at++) {
		struct span *next = at < l->n ? &l->span[at] : NULL;

		if (next && !seq_before(from, next->from)) {
			from = next->end;
			continue;
		}
		stop = next && seq_before(next->from, end) ? next->from : end;
		insert(l, at, (struct span){ from, stop, number });
		added += stop - from;
		from = stop;
	}
	return added;
}

void spans_forget(struct spans *l, uint32_t before)
{
	while (l->head < l->n && !seq_before(before, l->span[l->head].end))
		l->head++;
	if (l->head <= l->n / 2)
		return;
	l->n -= l->head;
	memmove(l->span, l->span + l->head, l->n * sizeof(*l->span));
	l->head = 0;
}

void spans_clear(struct spans *l)
{
	free(l->span);
	*l = (struct spans){ NULL };
}
