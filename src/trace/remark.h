/* remark.h - what our captures say about a packet, as lines that people read and we read back.
 *
 * A comment of a section:
 *	tcpstep trace 1
 *	began 1700000000.25
 *	host client
 *	call by client, line 3: connect server:80 after 0.5 s
 * A comment of a packet:
 *	#4 client -> server, copy of #3, retransmission of #2, injected, altered from 4500... and 10 bytes
 *	state of client: CLOSED -> SYN_SENT, 10.77.0.1:41786 > 10.77.0.2:80, inferred after 0.1 s
 *	dropped by you after 1.2 s
 *	meanwhile note something happened after 2 s
 * and of a copy:
 *	retransmission of #4, folded by tcpstep
 * Times are those since the packet, or since the beginning. A segment without "held", "delivered" or
 * "dropped" was only seen. What a segment did not cause is "meanwhile". A name in parentheses is an
 * address that is no host. Names and texts are escaped as in Lua. Of what was altered there are the headers
 * that it came with, in hexadecimal.
 */
#ifndef SRC_TRACE_REMARK_H
#define SRC_TRACE_REMARK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "trace/trace.h"

#define REMARK_TITLE  "tcpstep trace 1"
#define REMARK_SECOND 1000000000LL /* times are in nanoseconds */

enum remark_kind {
	REMARK_NONE, /* not a line of ours */
	REMARK_TITLED,
	REMARK_BEGAN,
	REMARK_HOST,
	REMARK_SEGMENT,
	REMARK_FOLDED,
	REMARK_HELD,
	REMARK_DELIVERED,
	REMARK_DROPPED,
	REMARK_STATE,
	REMARK_CALL,
	REMARK_NOTE,
};

/* A line read back; the texts point into it. */
struct remark {
	enum remark_kind kind;
	int64_t ns; /* BEGAN: since 1970; facts: since the packet or the beginning */
	bool meanwhile;
	unsigned number, copy_of;   /* SEGMENT; FOLDED: number */
	bool injected, altered;	    /* SEGMENT */
	const void *came;	    /* SEGMENT: the headers before it was altered */
	size_t came_len;	    /* 0: they are not known */
	unsigned came_more;	    /* bytes behind them */
	const char *from, *to;	    /* SEGMENT; NULL: no host */
	const char *host;	    /* HOST, STATE, CALL; NULL: none */
	union addr local, peer;	    /* STATE */
	enum tcp_state before, now; /* STATE */
	bool inferred;		    /* STATE */
	int line;		    /* CALL */
	const char *text;	    /* CALL, NOTE; DROPPED: why, NULL */
};

/* Reads a line, which is written over. */
void remark_read(struct remark *r, char *line);

/* These add a line with its newline. */
void remark_began(int64_t ns, struct buf *out);
void remark_host(const char *name, struct buf *out);
void remark_segment(const struct trace *t, const struct trace_segment *s,
		    struct buf *out);
void remark_folded(const struct trace_segment *s, struct buf *out);
void remark_held(struct buf *out);

/* A delivery, drop, state change, command or note that long after the packet or the beginning. */
void remark_event(const struct trace *t, const struct trace_event *e, int64_t after,
		  bool meanwhile, struct buf *out);

#endif
