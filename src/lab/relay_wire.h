/* relay_wire.h - what wire.c and relay.c want of each other. */
#ifndef SRC_LAB_RELAY_WIRE_H
#define SRC_LAB_RELAY_WIRE_H

#include "lab/relay.h"
#include "lab/wire.h"

/* Returns new; all borrowed. */
struct relay *relay_new(struct wire *w, struct loop *loop, struct trace *trace,
			int n_hosts);
void relay_free(struct relay *r);

/* A host has sent it; it has arrived. */
void relay_sent(struct relay *r, const struct trace_segment *s);
void relay_delivered(struct relay *r, const struct trace_segment *s);

/* Nothing is to happen to what that host sends now; so many segments of it have arrived at once. */
bool relay_is_clear(const struct relay *r, int from);
void relay_passed(struct relay *r, int from, size_t segments, size_t bytes);

/* Delivers, delays or drops it, or has the wire keep it. */
void relay_take(struct relay *r, struct trace_segment *s);

/* The number of the segment that is due next, taken off its way; 0 when nothing is delayed. */
unsigned relay_pop(struct relay *r);

/* Gives a host a packet, and has what it answers read by the pump. 0 or negative errno. */
int wire_write(struct wire *w, int host, const void *packet, size_t len);

/* The wire is held, if it runs, and so is this segment, behind all that is. */
void wire_keep(struct wire *w, const struct trace_segment *s);

/* Writes it to its receiver's device and into the trace. */
void wire_deliver(struct wire *w, struct trace_segment *s);

#endif
