/* fault.h - what a running wire does to segments: rules of one direction, and the dice. */
#ifndef LAB_FAULT_H
#define LAB_FAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

/* All zero: a perfect wire. */
struct fault {
	double loss, reorder, duplicate, corrupt; /* shares, 0 to 1 */
	double delay, jitter;			  /* seconds; jitter to both sides */
	double rate;				  /* bit/s; 0: no limit */
	double mtu;				  /* bytes; 0: no limit */
};

/* The names, as a user writes them, NULL at the end. */
extern const char *const fault_names[];

/* One rule from text: loss=10%, delay=50ms, rate=10M, mtu=1000, any "off". -EINVAL with err. */
int fault_set(struct fault *f, const char *name, const char *text, struct err *err);

/* What no single rule shows: a jitter larger than the delay. -EINVAL with err. */
int fault_check(const struct fault *f, struct err *err);

bool fault_any(const struct fault *f);
bool fault_same(const struct fault *a, const struct fault *b);

/* Adds "loss=10% delay=50ms", or "no faults". */
void fault_format(const struct fault *f, struct buf *out);

/* A small generator of our own (splitmix64), so that a seed means the same on every machine. */
struct dice {
	uint64_t state;
};

/* Every direction rolls its own dice: what the other end sends does not change its fates. */
void dice_seed(struct dice *d, uint64_t seed, int direction);

/* What is to become of one segment. */
struct fault_fate {
	bool lost, late, twice, damaged;
	double delay;	/* seconds */
	uint64_t where; /* which bit is damaged: modulo what there is */
};

/* Rolls as often for each segment, whatever the rules: to change one does not change the others. */
struct fault_fate fault_roll(const struct fault *f, struct dice *d);

#endif
