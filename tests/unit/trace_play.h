/* trace_play.h - a client and a server played by hand into a trace, for tests of its views. */
#ifndef UNIT_TRACE_PLAY_H
#define UNIT_TRACE_PLAY_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "trace/trace.h"
#include "trace/views.h"

#define CLIENT	   0
#define SERVER	   1
#define GHOST	   -1
#define CLIENT_ISN 1186613122u
#define SERVER_ISN 4294967290u /* so that its numbers pass 2^32 */

struct play {
	struct trace *t;
	double now;
	int port; /* of the client */
	uint32_t isn[2];
	/* the next one; put fills it, a test may change window, options ... first */
	struct segment g;
	struct trace_origin origin; /* and where that comes from */
	struct buf text;
};

static inline void play_reset(struct play *p)
{
	memset(&p->g, 0, sizeof(p->g));
	p->origin = (struct trace_origin){ 0 };
	p->g.window = 63;
	p->g.ttl = 64;
	p->g.options.wscale = -1;
	p->g.options.cookie_len = -1;
}

static inline struct play play_new(void)
{
	static const char *const names[] = { "client", "server" };
	struct play p = { .port = 41786, .isn = { CLIENT_ISN, SERVER_ISN } };

	p.t = trace_new(names, 2);
	play_reset(&p);
	return p;
}

static inline void play_free(struct play *p)
{
	trace_free(p->t);
	buf_clear(&p->text);
}

static inline union addr play_addr(const struct play *p, int host)
{
	union addr a;

	assert_true(addr_from_number(&a, host == SERVER ? "10.77.0.2" : "10.77.0.1",
				     host == SERVER ? 80 : p->port));
	return a;
}

/* A segment onto the wire: numbers relative to the ISNs. Returns its number. */
static inline unsigned put(struct play *p, int from, const char *flags, uint32_t seq,
			   uint32_t ack, const char *data)
{
	struct buf packet = BUF_EMPTY;
	struct err err;
	struct trace_segment *s;

	p->g.from = play_addr(p, from);
	p->g.to = play_addr(p, !from);
	assert_true(segment_flags_parse(&p->g.flags, flags));
	p->g.seq = p->isn[from] + seq;
	p->g.ack = p->g.flags & FLAG_ACK ? p->isn[!from] + ack : 0;
	p->g.payload = (const uint8_t *)data;
	p->g.len = data ? strlen(data) : 0;
	if (p->g.flags & FLAG_SYN) {
		p->g.window = from == CLIENT ? 64240 : 65160;
		p->g.options.mss = 1460;
		p->g.options.wscale = 10;
		p->g.options.sack_permitted = true;
		p->g.options.timestamps = true;
	}
	assert_int_equal(segment_encode(&p->g, &packet, &err), 0);
	p->now += 0.001;
	s = trace_made(p->t, p->now, from, !from, packet.data, packet.len, &p->origin);
	buf_clear(&packet);
	play_reset(p);
	return s->number;
}

static inline void arrive(struct play *p, unsigned number)
{
	p->now += 0.001;
	trace_delivered(p->t, number, p->now);
}

/* Sent and delivered at once. */
static inline unsigned pass(struct play *p, int from, const char *flags, uint32_t seq,
			    uint32_t ack, const char *data)
{
	unsigned number = put(p, from, flags, seq, ack, data);

	arrive(p, number);
	return number;
}

static inline void lose(struct play *p, unsigned number, const char *why)
{
	trace_dropped(p->t, number, p->now, why);
}

static inline void state(struct play *p, unsigned cause, int host, enum tcp_state before,
			 enum tcp_state now)
{
	union addr local = play_addr(p, host), peer = play_addr(p, !host);

	trace_state(p->t, p->now, cause, host, &local, &peer, before, now, false);
}

static inline void play_listen(struct play *p)
{
	union addr local;

	assert_true(addr_from_number(&local, "", 80));
	trace_state(p->t, p->now, 0, SERVER, &local, NULL, STATE_CLOSED, STATE_LISTEN,
		    false);
}

/* Session 2: listen, connect, and each segment delivered by hand. #1 to #3. */
static inline void play_handshake(struct play *p)
{
	play_listen(p);
	put(p, CLIENT, "SYN", 0, 0, NULL);
	state(p, 1, CLIENT, STATE_CLOSED, STATE_SYN_SENT);
	arrive(p, 1);
	state(p, 1, SERVER, STATE_LISTEN, STATE_SYN_RCVD);
	put(p, SERVER, "SYN,ACK", 0, 1, NULL);
	arrive(p, 2);
	state(p, 2, CLIENT, STATE_SYN_SENT, STATE_ESTABLISHED);
	put(p, CLIENT, "ACK", 1, 1, NULL);
	arrive(p, 3);
	state(p, 3, SERVER, STATE_SYN_RCVD, STATE_ESTABLISHED);
}

/* The same where nobody has asked the kernel, as in a capture of others. */
static inline void play_unwatched(struct play *p)
{
	pass(p, CLIENT, "SYN", 0, 0, NULL);
	pass(p, SERVER, "SYN,ACK", 0, 1, NULL);
	pass(p, CLIENT, "ACK", 1, 1, NULL);
}

/* "hello" and its ACK, #4 and #5; then the four-way close, #6 to #9. */
static inline void play_hello(struct play *p)
{
	pass(p, CLIENT, "PSH,ACK", 1, 1, "hello");
	pass(p, SERVER, "ACK", 1, 6, NULL);
}

static inline void play_close(struct play *p)
{
	unsigned n;

	n = put(p, CLIENT, "FIN,ACK", 6, 1, NULL);
	state(p, n, CLIENT, STATE_ESTABLISHED, STATE_FIN_WAIT_1);
	arrive(p, n);
	state(p, n, SERVER, STATE_ESTABLISHED, STATE_CLOSE_WAIT);
	n = pass(p, SERVER, "ACK", 1, 7, NULL);
	state(p, n, CLIENT, STATE_FIN_WAIT_1, STATE_FIN_WAIT_2);
	n = put(p, SERVER, "FIN,ACK", 1, 7, NULL);
	state(p, n, SERVER, STATE_CLOSE_WAIT, STATE_LAST_ACK);
	arrive(p, n);
	state(p, n, CLIENT, STATE_FIN_WAIT_2, STATE_TIME_WAIT);
	n = pass(p, CLIENT, "ACK", 7, 2, NULL);
	state(p, n, SERVER, STATE_LAST_ACK, STATE_CLOSED);
}

/* The texts, valid until the next call. */
static inline const char *line_of(struct play *p, unsigned number, unsigned how)
{
	buf_reset(&p->text);
	view_line(p->t, trace_find(p->t, number), how, NULL, &p->text);
	return buf_str(&p->text);
}

static inline const char *explained(struct play *p, unsigned number)
{
	buf_reset(&p->text);
	view_explain(p->t, trace_find(p->t, number), 0, &p->text);
	return buf_str(&p->text);
}

/* Does the explanation of that segment, written in one line, have that text? */
static inline bool says(struct play *p, unsigned number, const char *text)
{
	struct buf flat = BUF_EMPTY;
	const char *c;
	bool has;

	for (c = explained(p, number); *c; c++) {
		if (*c != '\n') {
			buf_addc(&flat, *c);
		} else if (c[1]) {
			c += strspn(c + 1, " ");
			buf_addc(&flat, ' ');
		}
	}
	has = strstr(buf_str(&flat), text);
	if (!has)
		print_message("%s\n", buf_str(&flat));
	buf_clear(&flat);
	return has;
}

static inline const char *ladder(struct play *p, struct ladder_options o)
{
	buf_reset(&p->text);
	view_ladder(p->t, &o, &p->text);
	return buf_str(&p->text);
}

#endif
