/* held.h - the queue of segments that a held wire holds. */
#ifndef LAB_HELD_H
#define LAB_HELD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "trace/trace.h"

/* Embedded in the wire. The segments themselves are the trace's, which is borrowed. */
struct held {
	const struct trace *trace;
	unsigned *number; /* the oldest first */
	size_t n, size;
	bool patient; /* see wire_be_patient */
};

void held_clear(struct held *h);

/* Puts a number at that place, 0 to n; takes the one at that place out. */
void held_insert(struct held *h, size_t at, unsigned number);
void held_remove(struct held *h, size_t at);

/* The place of a number, of the oldest for 0; -ENOENT with err. */
long held_find(const struct held *h, unsigned number, struct err *err);

/*
 * The segment that this one, which a kernel has just sent, repeats: a held one, or, for the patient, a
 * delivered one of a connection of which something is held. NULL: it is a new one, as a repeated
 * ACK without data is that is no probe.
 */
struct trace_segment *held_copy(const struct held *h, const struct segment *s);

#endif
