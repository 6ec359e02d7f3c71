/* wire.h - the process's own relay between the lab's hosts: running, or held. */
#ifndef LAB_WIRE_H
#define LAB_WIRE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "lab/host.h"
#include "sys/loop.h"
#include "sys/netns.h"
#include "tcp/track.h"
#include "trace/trace.h"

/*
 * Every segment that a host sends is numbered and goes into the trace; then it is delivered, or, while
 * the wire is held, stays until a step. While held nothing moves but by step, drop, dup and
 * continue. A retransmission of a held segment is folded into it. After each segment that is sent or
 * delivered the states of both its ends are read from the kernel and go into the trace.
 */
struct relay;
struct wire;

/* What a condition looks at: a segment that is about to be delivered, or was. True: stop there. */
typedef bool wire_until_fn(void *arg, const struct trace_segment *s);

/* Returns new, running. All borrowed; hosts is an array, in the keeper's order. */
struct wire *wire_new(struct loop *loop, struct netns *netns, struct host *hosts,
		      int n_hosts, struct trace *trace);
void wire_free(struct wire *w);

/* Calls fn(arg) from the loop whenever a held wire has got something, or a running one was stopped. */
void wire_tell(struct wire *w, void (*fn)(void *arg), void *arg);

/* Seconds on the trace's clock. */
double wire_now(const struct wire *w);

/* Takes in what the hosts have sent by now; held or delivered. Whether there was anything. */
bool wire_pump(struct wire *w);

/* It runs, and nothing on it waits for a time or asks anybody: wire_pump moves all that there is. */
bool wire_is_plain(const struct wire *w);

/* On a plain wire: takes in one packet of a host that has just sent, which mostly is all there is. */
void wire_nudge(struct wire *w, int host);

/*
 * Patient (clock=slow): what the kernel sends again only because a person takes his time is folded into
 * the segment that it repeats also when that was delivered, as long as the wire holds something
 * of the same connection: the answer, mostly.
 */
void wire_be_patient(struct wire *w, bool patient);

bool wire_holds(const struct wire *w);
void wire_hold(struct wire *w);

/* Faults, counts and the user's function, while it runs. Borrowed. */
struct relay *wire_relay(struct wire *w);

/* True inside a call of wire_pump: what is called from there may not free the wire. */
bool wire_pumping(const struct wire *w);

/*
 * Delivers all that is held and runs on; stops (held again) before the first segment for which before is
 * true, or behind the first for which after is. Without before (NULL) it runs for good; after may be left
 * out. arg is freed by arg_free when the wire has no more use for it.
 */
void wire_continue(struct wire *w, wire_until_fn *before, wire_until_fn *after, void *arg,
		   void (*arg_free)(void *));

/* The segment behind which the wire has stopped; 0 when it was held otherwise, or runs. */
unsigned wire_stopped_after(const struct wire *w);

/* The state last seen at that end of a connection; STATE_NONE when it was never on the wire. */
enum tcp_state wire_state(const struct wire *w, const union addr *local,
			  const union addr *peer);

/*
 * A user is about to do that to a socket of a host: the tracker is told. peer is NULL for a listener,
 * whose local address may be the wildcard.
 */
void wire_called(struct wire *w, int host, const union addr *local,
		 const union addr *peer, enum track_call call);

/*
 * It is done: what it has sent is taken in, and what it changed without a segment is seen, so that
 * neither is taken for the doing of what comes next.
 */
void wire_call_done(struct wire *w);

/* Compares the tracker with the kernel; how many differences there have been so far, anywhere. */
unsigned wire_compare(struct wire *w, const union addr *a, const union addr *b);

const struct track *wire_track(const struct wire *w);

/* Looks at the ends of all connections: after a call that sent nothing, or time that passed. */
void wire_look(struct wire *w);

/*
 * Puts a packet made by hand onto the wire: numbered, marked as injected, then held or delivered
 * like every other. It comes from the host with its source address, or from nobody. Its number.
 * base: what its own number and its ack are counted from, as in struct trace_origin; NULL.
 */
unsigned wire_inject(struct wire *w, const void *packet, size_t len,
		     const uint32_t base[2]);

/* Who waits for the wire's next segments; all zero at first, embedded in its owner. */
struct wire_listener {
	void (*fn)(void *arg);
	void *arg;
	struct wire *wire; /* NULL: it does not listen */
	struct wire_listener *next;
};

/* Calls fn once, after hosts have sent something, or when the wire is about to go. */
void wire_listen(struct wire *w, struct wire_listener *l);
void wire_unlisten(struct wire_listener *l);

/* Segments on the wire, the oldest first. */
size_t wire_held(const struct wire *w);
struct trace_segment *wire_held_at(const struct wire *w, size_t i);

/*
 * number 0 means the oldest. All: the number that it was, or -ENOENT with err when nothing, or
 * not that one, is held.
 */
int wire_step(struct wire *w, unsigned number, struct err *err);
int wire_drop(struct wire *w, unsigned number, const char *why, struct err *err);

/* Puts a copy behind it. The copy's number. */
int wire_dup(struct wire *w, unsigned number, struct err *err);

/* Puts it behind n others. */
int wire_delay(struct wire *w, unsigned number, size_t n, struct err *err);

#endif
