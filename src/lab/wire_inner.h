/* wire_inner.h - what a wire is made of; for wire.c, which a user moves, and pump.c, which moves by itself. */
#ifndef LAB_WIRE_INNER_H
#define LAB_WIRE_INNER_H

#include "lab/held.h"
#include "lab/relay_wire.h"
#include "lab/run.h"
#include "lab/watch.h"
#include "lab/wire.h"

struct wire {
	struct loop *loop;
	struct netns *netns;
	struct host *hosts;
	int n_hosts;
	struct trace *trace;
	struct watch *watch;
	struct relay *relay;
	double start;
	bool holding;
	struct held held;
	wire_until_fn *until, *until_after;
	void *until_arg;
	void (*until_free)(void *);
	unsigned stopped_after;
	void (*tell)(void *);
	void *tell_arg;
	struct wire_listener *listeners;
	bool pumping;
	unsigned bare;		       /* ACKs in a row that nothing else stood between */
	bool stirred[NETNS_HOSTS_MAX]; /* it may have sent something since it was read */
	struct loop_io in[NETNS_HOSTS_MAX];
	bool joining; /* what is delivered in turn may reach its host as one packet: the run */
	struct run run;
	uint8_t whole[GSO_PACKET_MAX];	 /* a packet that is being cut */
	uint8_t segment[GSO_PACKET_MAX]; /* what was cut off */
};

/* A segment that is in the trace: it goes on, or is held. */
void wire_admit(struct wire *w, struct trace_segment *s);

/* A device can be read. For the loop. */
void wire_readable(void *arg, int events);

/* Calls who waits for segments. */
void wire_announce(struct wire *w);

#endif
