/* sides.h - what each end of a connection has said so far, and what it has heard; for this floor only. */
#ifndef SRC_TRACE_SIDES_H
#define SRC_TRACE_SIDES_H

#include "trace/inner.h"

/*
 * Does its sender say it just now? Not what is forged in the name of an end that speaks for itself, nor
 * a copy that the wire made.
 */
bool sides_own(const struct conn *c, const struct entry *e);

/* Does that end still repair what it began to repair with me->repair? */
bool sides_repairing(const struct side *me);

/* Takes note of what its sender says. The conversation's first numbers are known. */
void sides_say(const struct trace *t, struct conn *c, struct entry *e);

/* It came to that end, whole: takes note of what that end has heard. */
void sides_hear(const struct trace *t, struct conn *c, int end, struct entry *e);

/* The same of a SYN that begins another connection, as far as that is known by now. */
void sides_meet(struct conn *c, int end, struct entry *e);

/*
 * Does this ACK say once more what its sender said last, while bytes for it are on the way? One without room
 * answers a probe.
 */
bool ack_repeats(const struct trace *t, const struct trace_segment *s,
		 const struct side *side, const struct side *other);

#endif
