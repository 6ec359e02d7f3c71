/* trace.h - everything that happened, in order: segments, deliveries, drops, states, commands. */
#ifndef TRACE_TRACE_H
#define TRACE_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "tcp/gso.h"
#include "tcp/segment.h"
#include "tcp/state.h"

/*
 * The one record that ladder, explain, show, save and tests read. It is filled by the wire (and
 * by load, from a capture), asks nobody anything, and can be drawn in a unit test. Times are
 * seconds since its start. Hosts are numbers 0 ... with a name; -1 is "no host of ours".
 */
struct trace;

enum fate {
	FATE_HELD,	/* on the wire */
	FATE_DELIVERED, /* given to its receiver */
	FATE_DROPPED,
	FATE_SEEN, /* read from a capture: what became of it is not known */
};

/* The headers that an altered segment came with: from these the trace has learned. */
struct trace_came {
	size_t len, more; /* more bytes stood behind them, or were not captured */
	uint8_t headers[];
};

/* One numbered segment. The number is the same in every view, file and script. */
struct trace_segment {
	unsigned number; /* #1 is 1 */
	int from, to;	 /* hosts */
	double sent;
	double done; /* when it was delivered or dropped; negative: not yet */
	enum fate fate;
	/* FATE_HELD: it waits for nobody, but arrives so many seconds after it was sent; 0 */
	double delay;
	unsigned behind; /* FATE_HELD: it was put behind that one by hand; 0 */
	const char *why; /* owned by the trace: "by you", "loss 10 %"; NULL */

	unsigned
		copy_of; /* a duplicate made by dup or the wire: number of the first; 0 */
	bool injected;	 /* made by hand, or a copy of such a one */
	bool altered;	 /* changed on the wire */

	/*
	 * Some of what it takes of sequence space was sent before, the first under that number; 0. Found by
	 * trace_sent; a retransmission by the kernel when it is neither injected nor a copy.
	 */
	unsigned again;
	struct segment segment; /* decoded; payload points into packet, NULL when cut */
	uint8_t *packet;	/* owned by the trace; the whole IP packet */
	size_t packet_len;
	struct trace_came
		*came; /* altered: what it was before; owned by the trace; NULL */
	bool cut; /* its data is no longer kept: packet ends with the headers (trace_keep) */
	double *copies; /* when the kernel sent it again while it was held */
	size_t n_copies;
};

enum trace_kind {
	TRACE_SENT,	 /* segment: it came onto the wire */
	TRACE_DELIVERED, /* segment */
	TRACE_DROPPED,	 /* segment */
	TRACE_FOLDED,	 /* segment: the kernel sent a copy of it while it was held */
	TRACE_STATE,	 /* a socket's state changed */
	TRACE_COMMAND,	 /* someone called something */
	TRACE_NOTE,	 /* text */
};

struct trace_event {
	enum trace_kind kind;
	double time;
	/* of the segment; TRACE_STATE: of the one that caused it, TRACE_NOTE: that it is on; or 0 */
	unsigned number;
	int conn; /* index of the connection that it belongs to; -1: none */
	int host; /* TRACE_STATE, TRACE_COMMAND */
	/* TRACE_STATE, and TRACE_COMMAND of a socket, else family 0; a listener's peer has family 0 */
	union addr local, peer;
	enum tcp_state before, now; /* TRACE_STATE */
	bool inferred;		    /* TRACE_STATE: too short to be seen */
	char *text;		    /* TRACE_COMMAND, TRACE_NOTE; owned by the trace */
	int line;		    /* TRACE_COMMAND: of the script, 0 */
};

/* Returns new, empty; names are copied. */
struct trace *trace_new(const char *const *hosts, int n_hosts);
void trace_free(struct trace *t);

/*
 * From now on keeps at most so many bytes of data: beyond that segments lose theirs, those first
 * that were sent first, but none that is still under way. Without this all are kept.
 */
void trace_keep(struct trace *t, size_t bytes);

/* How many hosts it was made with. */
int trace_hosts(const struct trace *t);

/* Its name; "?" for a host that is none. */
const char *trace_host(const struct trace *t, int host);

/* Adds a host that a capture shows. Returns its number. */
int trace_add_host(struct trace *t, const char *name);

/*
 * A segment came onto the wire: copies the packet and gives it the next number. Returns it; valid
 * until trace_free. Adds TRACE_SENT.
 */
struct trace_segment *trace_sent(struct trace *t, double time, int from, int to,
				 const void *packet, size_t len);

/* Where a segment comes from that is not one that a host's TCP has just sent. All may be 0. */
struct trace_origin {
	unsigned copy_of; /* as in trace_segment, as the next two */
	bool injected;
	bool altered;
	bool captured;	/* what becomes of it nobody will tell: FATE_SEEN */
	size_t missing; /* so many bytes of the packet at most were not captured */
	/* its number and its ack were counted from these, which is to hold where it begins a connection */
	bool based;
	uint32_t base[2];
};

/* The same of such a segment. */
struct trace_segment *trace_made(struct trace *t, double time, int from, int to,
				 const void *packet, size_t len,
				 const struct trace_origin *origin);

/* The wire made a copy of that one. Returns the copy. */
struct trace_segment *trace_copied(struct trace *t, double time, unsigned number);

/* The same when it is decoded already; payload may point anywhere. */
struct trace_segment *trace_decoded(struct trace *t, double time, int from, int to,
				    const void *packet, size_t len,
				    const struct segment *decoded);

/*
 * Room for a packet of GSO_PACKET_MAX bytes that is still to be read. It is the trace's, and stays as it is until
 * the next trace_passed.
 */
uint8_t *trace_room(struct trace *t);

/*
 * Came onto the wire and was delivered, at the same time: the cheap way where nobody looks. It is one
 * segment, s; or, with cut, all those that gso_next cuts of the packet that s is the whole of, which
 * get a number each. s was decoded from packet, which is copied where it is not the trace's room.
 */
void trace_passed(struct trace *t, double time, int from, int to, const uint8_t *packet,
		  const struct segment *s, const struct gso_cut *cut);

/*
 * The wire changed it: from now on it is this packet (copied), of which up to missing bytes were not
 * captured, marked as altered.
 */
void trace_altered(struct trace *t, unsigned number, const void *packet, size_t len,
		   size_t missing);

/* What became of it. why is copied; NULL. */
void trace_delivered(struct trace *t, unsigned number, double time);
void trace_dropped(struct trace *t, unsigned number, double time, const char *why);

/* The kernel sent the held segment again. */
void trace_folded(struct trace *t, unsigned number, double time);

/* A socket's state changed. cause is the segment's number whose sending or arrival did it, or 0. */
void trace_state(struct trace *t, double time, unsigned cause, int host,
		 const union addr *local, const union addr *peer, enum tcp_state before,
		 enum tcp_state now, bool inferred);
void trace_command(struct trace *t, double time, int host, int line, const char *text);

/* The same of a socket: its address, or the wildcard, and its peer's, or family 0. */
void trace_called(struct trace *t, double time, int host, int line,
		  const union addr *local, const union addr *peer, const char *text);

/* The command that was added last has failed at once: it goes, if nothing has happened since. */
void trace_take_back(struct trace *t);

/* On a segment, or 0 for none. */
void trace_note(struct trace *t, double time, unsigned number, const char *text);

/* By number; NULL when there is none. */
struct trace_segment *trace_find(const struct trace *t, unsigned number);

/* A retransmission by its sender, not a copy made elsewhere? The number of the first; 0. */
unsigned trace_resent(const struct trace_segment *s);

/* How many segments and events there are; an event by its index from 0, borrowed. */
size_t trace_segments(const struct trace *t);
size_t trace_events(const struct trace *t);
const struct trace_event *trace_event(const struct trace *t, size_t i);

/*
 * A connection as the trace knows it: both ends, and their initial sequence numbers once a SYN of
 * each was seen (else one less than the first number seen, so that the first byte seen is 1).
 * Valid until trace_free.
 */
struct trace_conn {
	union addr end[2]; /* end[0] sent the first segment */
	int host[2];	   /* -1: a ghost, no host of ours */
	uint32_t base[2];  /* ISN of each end */
	bool has_base[2];
	int wscale
		[2]; /* shift of the windows that this end sends, -1: none or not known */
	unsigned first; /* number of its first segment */
};

/* How many connections were seen; one by its index from 0, borrowed. */
size_t trace_conns(const struct trace *t);
const struct trace_conn *trace_conn(const struct trace *t, size_t i);

/*
 * How many segments its two ends have now sent in turn that only repeat: each an ACK without data that
 * says what its sender said last. 0 when this one is none. They may go on so for ever.
 */
unsigned trace_echoes(const struct trace_segment *s);

/*
 * The connection of a segment (of its time: a reused pair with a new SYN is a new one, once that
 * SYN is answered); NULL when the packet has no readable addresses.
 */
const struct trace_conn *trace_conn_of(const struct trace *t,
				       const struct trace_segment *s);

/* Its index for trace_conn; -1. */
int trace_conn_index(const struct trace_segment *s);

/* Numbers relative to the connection's beginning; raw ones where it is not known. */
uint32_t trace_seq(const struct trace *t, const struct trace_segment *s);
uint32_t trace_ack(const struct trace *t, const struct trace_segment *s);

/* The window in bytes, scaled as both SYNs agreed. */
uint32_t trace_window(const struct trace *t, const struct trace_segment *s);

#endif
