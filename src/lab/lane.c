/* lane.c - one direction of the wire: its faults, its counts, and what is under way on it. */
#include "lab/lane.h"

#include <math.h>
#include <stdlib.h>

#include "base/buf.h"

/* So long a late one waits for another to pass it. */
#define LATE_SECONDS 0.02

static struct lane_item *item(const struct lane *l, size_t i)
{
	return &l->item[(l->first + i) % l->size];
}

static void grow(struct lane *l)
{
	size_t i, size = l->size ? l->size * 2 : 16;
	struct lane_item *more = xmalloc(size * sizeof(*more));

	for (i = 0; i < l->n; i++)
		more[i] = *item(l, i);
	free(l->item);
	l->item = more;
	l->size = size;
	l->first = 0;
}

double lane_due(struct lane *l, double now, double delay, size_t len)
{
	if (l->fault.rate > 0) {
		/* What was to leave before may have been taken off: the wire was held. */
		l->free = l->n > 0 ? fmax(l->free, now) : now;
		l->free += (double)len * 8 / l->fault.rate;
		now = l->free;
	}
	return now + delay;
}

double lane_push(struct lane *l, unsigned number, double due, bool late)
{
	struct lane_item *last;

	if (l->n == l->size)
		grow(l);
	last = l->n > 0 ? item(l, l->n - 1) : NULL;
	l->n++;
	if (last && l->late) {
		struct lane_item *before = l->n > 2 ? item(l, l->n - 3) : NULL;

		/* It overtakes the last, which then waits no longer. */
		if (before)
			due = fmax(due, before->due);
		*item(l, l->n - 1) = (struct lane_item){ last->number, due };
		*last = (struct lane_item){ number, due };
		l->late = false;
		l->counts.reordered++;
		return due;
	}
	if (last)
		due = fmax(due, last->due);
	due += late ? LATE_SECONDS : 0;
	*item(l, l->n - 1) = (struct lane_item){ number, due };
	l->late = late;
	return due;
}

double lane_next(const struct lane *l)
{
	return l->n > 0 ? item(l, 0)->due : INFINITY;
}

unsigned lane_pop(struct lane *l)
{
	unsigned number = item(l, 0)->number;

	l->first = (l->first + 1) % l->size;
	l->n--;
	if (l->n == 0)
		l->late = false;
	return number;
}

void lane_clear(struct lane *l)
{
	free(l->item);
	*l = (struct lane){ 0 };
}
