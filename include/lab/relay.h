/* relay.h - what becomes of segments on a running wire: faults, a function of the user's, delays. */
#ifndef LAB_RELAY_H
#define LAB_RELAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lab/fault.h"
#include "trace/trace.h"

/*
 * Belongs to a wire (wire_relay). Each host's way onto the wire has its own faults, dice and counts; all
 * ghosts together, who send what is injected from nobody's address, have one more, the last.
 * What is held, and what is then delivered by hand, meets no fault.
 */
struct relay;

struct relay_counts {
	unsigned long long segments, bytes; /* that the host sent */
	unsigned long long delivered, lost, duplicated, reordered, corrupted, too_big;
};

/* How many ways there are: as many as hosts, and that of the ghosts. */
int relay_lanes(const struct relay *r);

/* The rules for what that host sends; the caller may change them. */
struct fault *relay_fault(struct relay *r, int host);
const struct relay_counts *relay_counts(const struct relay *r, int host);

/* Segments of that host that are delayed now. */
size_t relay_delayed(const struct relay *r, int host);

/* Starts all dice anew. */
void relay_seed(struct relay *r, uint64_t seed);

/* The seed; negative when none was set. */
long long relay_seed_now(const struct relay *r);

enum relay_verdict {
	RELAY_DELIVER,
	RELAY_DROP,
	RELAY_HOLD, /* the wire is held, with this one as the first */
	RELAY_DUP,
	RELAY_BROKEN, /* it is delivered, and the function is not called again */
};

/*
 * Called for each segment that no fault has taken; it may change it by trace_altered. It may not
 * free the wire.
 */
typedef enum relay_verdict relay_hook_fn(void *arg, struct trace_segment *s);

/* fn NULL: none. arg is borrowed. */
void relay_hook(struct relay *r, relay_hook_fn *fn, void *arg);
bool relay_has_hook(const struct relay *r);

#endif
