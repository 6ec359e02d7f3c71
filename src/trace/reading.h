/* reading.h - what a segment is about, as far as the trace before it tells. */
#ifndef SRC_TRACE_READING_H
#define SRC_TRACE_READING_H

#include "base/buf.h"
#include "trace/sides.h"

enum reading_kind {
	READ_MALFORMED, /* or no TCP: nothing more is known */
	READ_DAMAGED, /* its checksum is wrong, so nothing that it says is worth anything */
	READ_SYN,     /* the first handshake, also that of a simultaneous open */
	READ_SYN_ACK,
	READ_THIRD, /* the ACK that ends the handshake; may carry data */
	READ_DATA,
	READ_FIN, /* may carry data */
	READ_RST,
	READ_PROBE,	/* of a zero window */
	READ_KEEPALIVE, /* both bring an old number so that an ACK must come back */
	READ_DUP_ACK,
	READ_WINDOW,	/* nothing new but the window */
	READ_ACK,	/* the rest: something new is acknowledged, or nothing at all */
	READ_SENSELESS, /* no flag that RFC 9293 would accept */
};

struct reading {
	enum reading_kind kind;
	const struct trace *t;
	const struct trace_segment *s;
	const struct segment *g;
	const struct conn *conn;      /* NULL for READ_MALFORMED; so are the next two */
	const struct side *me;	      /* its sender, before it */
	const struct side *other;     /* the other end, before it */
	uint32_t my_base, other_base; /* subtracted from what is printed */

	bool acks_syn, acks_fin; /* for the first time */
	uint32_t new_bytes;	 /* acknowledged for the first time */
	bool acks_unsent;	 /* acknowledges what the other end never sent */
};

/* Reads it in its context. raw: the numbers that are printed are those of the header. */
struct reading reading_of(const struct trace *t, const struct trace_segment *s, bool raw);

/* Do its windows count bytes? The SYNs say in which unit they stand in the header. */
bool reading_scale_known(const struct reading *r);

/* Has its sender heard that there is no room for more? */
bool reading_no_room(const struct reading *r);

/*
 * The state in which the kernel was seen at that end after the segment; CLOSED also where nothing but a
 * listener is there. STATE_NONE when nobody has asked the kernel.
 */
enum tcp_state reading_state(const struct reading *r, int end);

/* The same of its sender before that segment came to it. */
enum tcp_state reading_was(const struct reading *r, const struct trace_segment *heard);

/* The SYN that a RST answers, from an end that never said anything else; NULL when it is no such RST. */
const struct trace_segment *reading_refuses(const struct reading *r);

/* The first and last byte that it carries, relative. Only when len > 0. */
uint32_t reading_first_byte(const struct reading *r);
uint32_t reading_last_byte(const struct reading *r);

/* What it says in the first person, in quotes: "I want to talk; ..." */
void says_add(struct buf *out, const struct reading *r);

#endif
