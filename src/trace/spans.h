/* spans.h - stretches of a sequence space, and which segment was the first in each; for this floor only. */
#ifndef SRC_TRACE_SPANS_H
#define SRC_TRACE_SPANS_H

#include <stddef.h>
#include <stdint.h>

struct span {
	uint32_t from, end;
	unsigned number;
};

/* All zero at first. */
struct spans {
	struct span *span; /* by from, without overlap; those before head are forgotten */
	size_t head, n, size;
};

/* The first stretch that has a number of those from `from` to before `end`; NULL. Till spans_add. */
struct span *spans_find(const struct spans *l, uint32_t from, uint32_t end);

/*
 * Adds those numbers from `from` to before `end` that no stretch has yet, as that segment's. How many
 * there were. What lies 2^30 behind the latest is forgotten, because numbers come around.
 */
uint32_t spans_add(struct spans *l, uint32_t from, uint32_t end, unsigned number);

/* Forgets the stretches that end at `before` or earlier. */
void spans_forget(struct spans *l, uint32_t before);

void spans_clear(struct spans *l);

#endif
