/*
 * watch.c - the kernel's own states of both ends of each connection on the wire.
 *
 * sock_diag in each host's namespace, by address pair. An end that has no socket is CLOSED, or LISTEN
 * where a listener would take the SYN. What changed since the last look goes into the trace,
 * states too short to be seen included when the way is unique.
 */
#include "lab/watch.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/pairs.h"
#include "tcp/track.h"

#define REPEATS_MAX 8

struct watched {
	union addr end[2];
	int host[2];
	enum tcp_state state[2];
	/* For watch_passes: what each end said last; how often in turn nobody said anything new. */
	uint32_t ack[2];
	uint16_t window[2];
	unsigned repeats;
};

struct watch {
	struct host *hosts;
	int n_hosts;
	struct trace *trace;
	struct watched *conn;
	size_t n, size;
	struct pairs pairs; /* the index in conn of each */
	size_t *called;	    /* indexes of those that calls were made at */
	size_t n_called, called_size;
	struct track *track;
	unsigned differences;
};

struct watch *watch_new(struct host *hosts, int n_hosts, struct trace *trace)
{
	struct watch *w = xcalloc(1, sizeof(*w));

	w->hosts = hosts;
	w->n_hosts = n_hosts;
	w->trace = trace;
	w->track = track_new();
	return w;
}

void watch_free(struct watch *w)
{
	if (!w)
		return;
	track_free(w->track);
	free(w->conn);
	free(w->called);
	pairs_clear(&w->pairs);
	free(w);
}

static struct watched *find(const struct watch *w, const union addr *a,
			    const union addr *b)
{
	int i = pairs_get(&w->pairs, a, b);

	return i < 0 ? NULL : &w->conn[i];
}

static struct watched *add(struct watch *w, const struct trace_segment *s)
{
	struct watched *c;

	if (w->n == w->size) {
		w->size = w->size ? w->size * 2 : 16;
		w->conn = xrealloc(w->conn, w->size * sizeof(*w->conn));
	}
	pairs_set(&w->pairs, &s->segment.from, &s->segment.to, (int)w->n);
	c = &w->conn[w->n++];
	*c = (struct watched){ .end = { s->segment.from, s->segment.to },
			       .host = { s->from, s->to },
			       .state = { STATE_NONE, STATE_NONE } };
	return c;
}

static enum tcp_state ask(struct watch *w, const struct watched *c, int side)
{
	struct diag_sock now;
	struct err err;
	struct diag *d;

	if (c->host[side] < 0)
		return STATE_NONE;
	d = host_diag(&w->hosts[c->host[side]], &err);
	if (!d)
		return STATE_NONE;
	if (diag_find(d, &c->end[side], &c->end[!side], false, &now, &err) == 0)
		return now.state;
	if (diag_find_listener(d, &c->end[side], &now, &err) == 0)
		return STATE_LISTEN;
	return STATE_CLOSED;
}

/* Whether this end acted first: then its way out of ESTABLISHED is FIN_WAIT_1. */
static bool was_called(enum tcp_state from, enum tcp_state to)
{
	switch (to) {
	case STATE_SYN_SENT:
	case STATE_FIN_WAIT_1:
	case STATE_FIN_WAIT_2:
	case STATE_LAST_ACK:
		return true;
	case STATE_ESTABLISHED:
		return from == STATE_CLOSED;
	default:
		return false;
	}
}

static void look_at(struct watch *w, struct watched *c, int side, unsigned cause,
		    double now)
{
	enum tcp_state is = ask(w, c, side), was = c->state[side], path[STATE_PATH_MAX];
	size_t n, i;

	/* A listener under a connection that is gone: it is the connection that closed. */
	if (is == STATE_LISTEN && was != STATE_NONE && was != STATE_LISTEN)
		is = STATE_CLOSED;
	if (is == STATE_NONE || is == was)
		return;
	c->state[side] = is;
	/* Before its first segment an end was closed or listening. */
	if (was == STATE_NONE && is == STATE_LISTEN)
		return;
	if (was == STATE_NONE)
		was = is == STATE_SYN_RCVD ? STATE_LISTEN : STATE_CLOSED;
	if (is == was)
		return;
	n = state_path(was, is, was_called(was, is), path);
	for (i = 0; i < n; i++) {
		trace_state(w->trace, now, cause, c->host[side], &c->end[side],
			    &c->end[!side], was, path[i], true);
		was = path[i];
	}
	trace_state(w->trace, now, cause, c->host[side], &c->end[side], &c->end[!side],
		    was, is, false);
}

void watch_look(struct watch *w, const struct trace_segment *s, double now)
{
	struct watched *c = find(w, &s->segment.from, &s->segment.to);

	if (!c)
		c = add(w, s);
	look_at(w, c, 0, s->number, now);
	look_at(w, c, 1, s->number, now);
}

void watch_look_all(struct watch *w, double now)
{
	size_t i;

	for (i = 0; i < w->n; i++) {
		struct watched *c = &w->conn[i];

		if (c->state[0] == STATE_CLOSED && c->state[1] == STATE_CLOSED)
			continue;
		look_at(w, c, 0, 0, now);
		look_at(w, c, 1, 0, now);
	}
}

void watch_look_called(struct watch *w, double now)
{
	size_t i;

	for (i = 0; i < w->n_called; i++) {
		look_at(w, &w->conn[w->called[i]], 0, 0, now);
		look_at(w, &w->conn[w->called[i]], 1, 0, now);
	}
	w->n_called = 0;
}

bool watch_in_motion(const struct watch *w, const struct trace_segment *s)
{
	const struct watched *c = find(w, &s->segment.from, &s->segment.to);

	return !c || c->state[0] != STATE_ESTABLISHED ||
	       c->state[1] != STATE_ESTABLISHED ||
	       (s->segment.flags & (FLAG_SYN | FLAG_FIN | FLAG_RST));
}

bool watch_passes(struct watch *w, const struct segment *s)
{
	struct watched *c = find(w, &s->from, &s->to);
	const uint8_t others = (uint8_t) ~(FLAG_PSH | FLAG_ECE | FLAG_CWR);
	int side;

	if (!c || c->state[0] != STATE_ESTABLISHED || c->state[1] != STATE_ESTABLISHED)
		return false;
	if (s->fault || !s->checksum_ok || (s->flags & others) != FLAG_ACK)
		return false;
	side = addr_equal(&c->end[0], &s->from) ? 0 : 1;
	if (s->len > 0 || c->ack[side] != s->ack || c->window[side] != s->window)
		c->repeats = 0;
	else
		c->repeats++;
	c->ack[side] = s->ack;
	c->window[side] = s->window;
	return c->repeats < REPEATS_MAX;
}

enum tcp_state watch_state(const struct watch *w, const union addr *local,
			   const union addr *peer)
{
	struct watched *c = find(w, local, peer);

	if (!c)
		return STATE_NONE;
	return c->state[addr_equal(&c->end[0], local) ? 0 : 1];
}

/* --- the tracker beside the kernel --- */

void watch_sent(struct watch *w, const struct segment *s)
{
	track_sent(w->track, s);
}

void watch_called(struct watch *w, const union addr *local, const union addr *peer,
		  enum track_call call)
{
	int i = peer ? pairs_get(&w->pairs, local, peer) : -1;

	track_called(w->track, local, peer, call);
	if (i < 0)
		return;
	if (w->n_called == w->called_size) {
		w->called_size = w->called_size ? w->called_size * 2 : 4;
		w->called = xrealloc(w->called, w->called_size * sizeof(*w->called));
	}
	w->called[w->n_called++] = (size_t)i;
}

const struct track *watch_track(const struct watch *w)
{
	return w->track;
}

/* What has changed since the last segment was a timer, or a call that was not told. */
void watch_settle(struct watch *w, const struct trace_segment *s)
{
	struct watched *c = find(w, &s->segment.from, &s->segment.to);
	int side;

	for (side = 0; c && side < 2; side++) {
		enum tcp_state is = ask(w, c, side);

		if (is != STATE_NONE)
			track_settle(w->track, &c->end[side], &c->end[!side], is);
	}
}

static void compare(struct watch *w, const struct watched *c, int side, unsigned cause,
		    double now)
{
	enum tcp_state is = ask(w, c, side), expected;
	char text[160], number[16] = "";

	/* A host reaches itself without the wire: of such a connection the tracker sees nothing. */
	if (is == STATE_NONE || c->host[0] == c->host[1])
		return;
	expected = track_state(w->track, &c->end[side], &c->end[!side]);
	if (track_agrees(w->track, &c->end[side], &c->end[!side], is))
		return;
	if (cause)
		snprintf(number, sizeof(number), " (#%u)", cause);
	snprintf(text, sizeof(text),
		 "the tracker expected %s %s, the kernel says %s%s; please report it",
		 w->hosts[c->host[side]].name, state_name(expected), state_name(is),
		 number);
	trace_note(w->trace, now, 0, text);
	w->differences++;
}

void watch_delivered(struct watch *w, const struct segment *s, unsigned number, bool held,
		     double now)
{
	const struct watched *c;

	track_delivered(w->track, s);
	c = held ? find(w, &s->from, &s->to) : NULL;
	if (!c)
		return;
	compare(w, c, 0, number, now);
	compare(w, c, 1, number, now);
}

unsigned watch_compare(struct watch *w, const union addr *a, const union addr *b,
		       double now)
{
	const struct watched *c = find(w, a, b);

	if (c) {
		compare(w, c, 0, 0, now);
		compare(w, c, 1, 0, now);
	}
	return w->differences;
}
