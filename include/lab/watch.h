/* watch.h - the kernel's own states of both ends of each connection on the wire. */
#ifndef LAB_WATCH_H
#define LAB_WATCH_H

#include "lab/host.h"
#include "tcp/track.h"
#include "trace/trace.h"

struct watch;

/* Returns new; all borrowed. */
struct watch *watch_new(struct host *hosts, int n_hosts, struct trace *trace);
void watch_free(struct watch *w);

/* Asks both hosts about the segment's connection and writes what has changed into the trace. */
void watch_look(struct watch *w, const struct trace_segment *s, double now);

/* Asks about all connections that are not closed at both ends: after a call at one of them. */
void watch_look_all(struct watch *w, double now);

/* Asks about those that watch_called was told of since: what changed was the call's doing. */
void watch_look_called(struct watch *w, double now);

/* True when this segment may change a state: it is no mere data between two established ends. */
bool watch_in_motion(const struct watch *w, const struct trace_segment *s);

/*
 * True when this segment only brings data or an acknowledgment from one established end to the other: no
 * state can change by it. And no longer when the two only repeat what they have said before.
 */
bool watch_passes(struct watch *w, const struct segment *s);

/* The state last seen at that end; STATE_NONE when the connection was never looked at. */
enum tcp_state watch_state(const struct watch *w, const union addr *local,
			   const union addr *peer);

/*
 * The tracker beside the kernel: what a host sent, and what a user called; what timers did, before
 * a delivery; a delivery, after which the two are compared when the wire is held. A difference is a
 * note in the trace.
 */
void watch_sent(struct watch *w, const struct segment *s);
void watch_called(struct watch *w, const union addr *local, const union addr *peer,
		  enum track_call call);
void watch_settle(struct watch *w, const struct trace_segment *s);
void watch_delivered(struct watch *w, const struct segment *s, unsigned number, bool held,
		     double now);

/* Compares both ends of a connection; how many differences the lab has had so far. */
unsigned watch_compare(struct watch *w, const union addr *a, const union addr *b,
		       double now);

const struct track *watch_track(const struct watch *w);

#endif
