/* lane.h - one direction of the wire: its faults, its counts, and what is under way on it. */
#ifndef SRC_LAB_LANE_H
#define SRC_LAB_LANE_H

#include "lab/fault.h"
#include "lab/relay.h"

struct lane_item {
	unsigned number;
	double due; /* on the trace's clock */
};

/* All zero is a perfect, empty one. Order is kept but for segments that are late on purpose. */
struct lane {
	struct fault fault;
	struct dice dice;
	struct relay_counts counts;
	double free;		/* when the last one has left a sender of that rate */
	struct lane_item *item; /* a ring: n of size from first on, by due */
	size_t first, n, size;
	bool late; /* the last lets the next one pass */
};

/* When a segment that is sent now arrives, for its delay and the lane's rate. */
double lane_due(struct lane *l, double now, double delay, size_t len);

/* late: it goes behind the next one that comes, or alone when none comes for a moment. Its real due. */
double lane_push(struct lane *l, unsigned number, double due, bool late);

/* When the first is due; INFINITY when nothing is under way. */
double lane_next(const struct lane *l);

/* Takes the first off; its number. There is one. */
unsigned lane_pop(struct lane *l);

/* Frees what it holds; it is empty afterwards. */
void lane_clear(struct lane *l);

#endif
