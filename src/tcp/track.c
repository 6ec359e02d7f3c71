/* track.c - the states of both ends of each connection, derived from segments and calls alone. */
#include "tcp/track.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/pairs.h"
#include "tcp/track_end.h"

struct track_conn {
	union addr addr[2];
	struct track_end end[2];
};

struct track {
	struct track_conn *conns;
	size_t n_conns, conns_size;
	struct pairs pairs; /* the index in conns of each */
	union addr *listeners;
	size_t n_listeners, listeners_size;
	const struct track_end *last; /* the end that was given a segment last */
	struct track_end before;      /* that one, before */
	unsigned *taken;	      /* one for each of state_arrows */
	unsigned off_table;
};

struct track *track_new(void)
{
	struct track *t = xcalloc(1, sizeof(*t));

	t->taken = xcalloc(state_arrow_count, sizeof(*t->taken));
	return t;
}

void track_free(struct track *t)
{
	if (!t)
		return;
	free(t->conns);
	pairs_clear(&t->pairs);
	free(t->listeners);
	free(t->taken);
	free(t);
}

/* --- ends and listeners --- */

static struct track_end *end_find(const struct track *t, const union addr *local,
				  const union addr *peer)
{
	int i = pairs_get(&t->pairs, local, peer);

	if (i < 0)
		return NULL;
	return &t->conns[i].end[!addr_equal(&t->conns[i].addr[0], local)];
}

void track_begin(struct track_end *e)
{
	*e = (struct track_end){ .state = STATE_CLOSED, .wscale = -1, .peer_wscale = -1 };
}

static void end_close(struct track_end *e)
{
	e->state = STATE_CLOSED;
	e->may = 0;
}

static struct track_end *end_get(struct track *t, const union addr *local,
				 const union addr *peer)
{
	struct track_end *e = end_find(t, local, peer);
	struct track_conn *c;

	if (e)
		return e;
	if (t->n_conns == t->conns_size) {
		t->conns_size = t->conns_size ? t->conns_size * 2 : 16;
		t->conns = xrealloc(t->conns, t->conns_size * sizeof(*t->conns));
	}
	t->last = NULL;
	pairs_set(&t->pairs, local, peer, (int)t->n_conns);
	c = &t->conns[t->n_conns++];
	c->addr[0] = *local;
	c->addr[1] = *peer;
	track_begin(&c->end[0]);
	track_begin(&c->end[1]);
	return &c->end[0];
}

static size_t listener_find(const struct track *t, const union addr *local)
{
	size_t i;

	for (i = 0; i < t->n_listeners; i++)
		if (addr_equal(&t->listeners[i], local))
			break;
	return i;
}

static bool listens(const struct track *t, const union addr *local)
{
	return listener_find(t, local) < t->n_listeners;
}

static void listener_add(struct track *t, const union addr *local)
{
	if (listens(t, local))
		return;
	if (t->n_listeners == t->listeners_size) {
		t->listeners_size = t->listeners_size ? t->listeners_size * 2 : 4;
		t->listeners =
			xrealloc(t->listeners, t->listeners_size * sizeof(*t->listeners));
	}
	t->listeners[t->n_listeners++] = *local;
}

/* Linux keeps what waits in the SYN queue until its next segment or timer, and then forgets it. */
static void listener_remove(struct track *t, const union addr *local)
{
	size_t at = listener_find(t, local), i;
	int side;

	if (at == t->n_listeners)
		return;
	t->listeners[at] = t->listeners[--t->n_listeners];
	for (i = 0; i < t->n_conns; i++)
		for (side = 0; side < 2; side++)
			if (t->conns[i].end[side].state == STATE_SYN_RCVD &&
			    addr_equal(&t->conns[i].addr[side], local))
				t->conns[i].end[side].deaf = true;
}

/* --- moves --- */

/* No connection is there, whether someone listens or not. */
static bool at_rest(enum tcp_state state)
{
	return state == STATE_CLOSED || state == STATE_LISTEN;
}

static enum tcp_state seen_as(const struct track_end *e, bool listens)
{
	return e->state == STATE_CLOSED && listens ? STATE_LISTEN : e->state;
}

static const struct state_arrow *arrow_for(enum tcp_state from, enum state_event event,
					   bool passive)
{
	size_t i;

	for (i = 0; i < state_arrow_count; i++) {
		const struct state_arrow *a = &state_arrows[i];

		if (a->from != from || a->event != event)
			continue;
		/* RST in SYN_RCVD leads back to where the connection came from. */
		if (from == STATE_SYN_RCVD && event == EVENT_RCV_RST &&
		    (a->to == STATE_LISTEN) != passive)
			continue;
		return a;
	}
	return NULL;
}

void track_move(struct track *t, struct track_end *e, enum state_event event,
		bool listens)
{
	const struct state_arrow *a =
		arrow_for(seen_as(e, listens), event, e->passive && !e->deaf);
	enum tcp_state to = a ? a->to : STATE_CLOSED;

	if (a)
		t->taken[a - state_arrows]++;
	else
		t->off_table++;
	if (at_rest(to)) {
		end_close(e);
		return;
	}
	e->state = to;
	if (to == STATE_ESTABLISHED)
		e->passive = false;
	/* Beyond tcp_max_tw_buckets the kernel keeps neither (tcp_time_wait). */
	if (to == STATE_TIME_WAIT || (to == STATE_FIN_WAIT_2 && e->shut))
		e->may |= 1u << STATE_CLOSED;
}

/* --- calls --- */

static void call_listener(struct track *t, const union addr *local, enum track_call call)
{
	struct track_end scratch;

	track_begin(&scratch);
	if (call == TRACK_LISTEN) {
		track_move(t, &scratch, EVENT_CALL_LISTEN, false);
		listener_add(t, local);
		return;
	}
	track_move(t, &scratch, call == TRACK_ABORT ? EVENT_CALL_ABORT : EVENT_CALL_CLOSE,
		   true);
	listener_remove(t, local);
}

static void call_close(struct track *t, struct track_end *e, enum track_call call)
{
	if (call != TRACK_SHUTDOWN)
		e->shut = true;
	if (call == TRACK_SHUTDOWN_RECV && e->state != STATE_SYN_SENT)
		return;
	switch (e->state) {
	case STATE_SYN_RCVD:
		/* Linux 6.9 puts the FIN of a shutdown off until the handshake is done. */
		if (call == TRACK_SHUTDOWN) {
			e->fin_wanted = true;
			e->may = 1u << STATE_FIN_WAIT_1;
			return;
		}
		track_move(t, e, EVENT_CALL_CLOSE, false);
		return;
	case STATE_SYN_SENT:
	case STATE_ESTABLISHED:
	case STATE_CLOSE_WAIT:
		track_move(t, e, EVENT_CALL_CLOSE, false);
		return;
	default:
		return;
	}
}

void track_called(struct track *t, const union addr *local, const union addr *peer,
		  enum track_call call)
{
	struct track_end *e;

	if (!peer || peer->sa.sa_family == 0) {
		call_listener(t, local, call);
		return;
	}
	e = end_find(t, local, peer);
	if (!e || e->state == STATE_CLOSED)
		return;
	e->may = 0;
	if (call != TRACK_ABORT)
		call_close(t, e, call);
	else if (e->state != STATE_TIME_WAIT)
		track_move(t, e, EVENT_CALL_ABORT, false);
}

/* --- what was sent --- */

static void sent_syn(struct track *t, struct track_end *e, const struct segment *s,
		     bool listens)
{
	bool again = e->state != STATE_CLOSED && e->iss == s->seq;

	if (s->flags & FLAG_ACK) {
		/* A SYN that the tracker did not see come in: SYN,ACK tells of it. */
		if (e->state == STATE_CLOSED) {
			if (e->next != s->ack)
				track_begin(e);
			e->passive = listens;
			e->state = STATE_SYN_RCVD;
			e->next = s->ack;
		}
	} else if (!again) {
		track_begin(e);
		track_move(t, e, EVENT_CALL_CONNECT, false);
		/* It takes a TIME_WAIT over, and remembers the timestamp of then (RFC 6191). */
		e->has_ts = s->options.tsecr != 0;
		e->ts = s->options.tsecr;
	}
	if (!again)
		e->iss = e->una = e->sent = s->seq;
	e->sack = s->options.sack_permitted;
	e->wscale = s->options.wscale;
	e->has_ts &= s->options.timestamps;
	if (s->options.timestamps) {
		if (!e->stamped)
			e->ts_first = s->options.tsval;
		e->ts_last = s->options.tsval;
		e->stamped = true;
	}
}

static void sent_fin(struct track *t, struct track_end *e, const struct segment *s)
{
	e->fin_sent = true;
	e->fin = s->seq + (uint32_t)s->len;
	/* The call that caused it was not told. */
	if (e->state == STATE_ESTABLISHED || e->state == STATE_CLOSE_WAIT)
		track_move(t, e, EVENT_CALL_CLOSE, false);
}

static void sent_ack(struct track_end *e, const struct segment *s)
{
	bool scaled = !(s->flags & FLAG_SYN) && e->wscale > 0 && e->peer_wscale >= 0;
	uint32_t edge = s->ack + ((uint32_t)s->window << (scaled ? e->wscale : 0));

	if (seq_before(e->next, s->ack))
		e->next = s->ack;
	e->told = s->ack;
	/* From the SYN queue an ACK offers what the SYN,ACK did, rounded down. */
	if (e->state != STATE_SYN_RCVD || !e->passive || (s->flags & FLAG_SYN))
		e->edge = edge;
}

void track_sent(struct track *t, const struct segment *s)
{
	struct track_end *e;
	uint32_t end;

	if (s->fault)
		return;
	e = end_get(t, &s->from, &s->to);
	if (s->flags & FLAG_RST) {
		/* With an ACK it ends a connection; without, it answers a segment out of place. */
		if ((s->flags & FLAG_ACK) && e->state != STATE_CLOSED)
			track_move(t, e, EVENT_CALL_ABORT, false);
		return;
	}
	if (s->flags & FLAG_SYN)
		sent_syn(t, e, s, listens(t, &s->from));
	if (e->state == STATE_CLOSED || e->state == STATE_TIME_WAIT)
		return;
	end = s->seq + segment_span(s);
	if (seq_before(e->sent, end))
		e->sent = end;
	if (s->flags & FLAG_FIN)
		sent_fin(t, e, s);
	if (s->flags & FLAG_ACK)
		sent_ack(e, s);
}

/* --- the public part --- */

void track_delivered(struct track *t, const struct segment *s)
{
	struct track_end *e;

	if (s->fault || !s->checksum_ok)
		return;
	e = end_get(t, &s->to, &s->from);
	e->may = 0;
	t->last = e;
	t->before = *e;
	track_input(t, e, s, listens(t, &s->to));
}

enum tcp_state track_state(const struct track *t, const union addr *local,
			   const union addr *peer)
{
	const struct track_end *e = end_find(t, local, peer);

	if (e && e->state != STATE_CLOSED)
		return e->state;
	return listens(t, local) ? STATE_LISTEN : STATE_CLOSED;
}

static void follow(struct track *t, const union addr *local, const union addr *peer,
		   enum tcp_state kernel)
{
	struct track_end *e = end_get(t, local, peer);

	if (at_rest(kernel)) {
		end_close(e);
		if (kernel == STATE_LISTEN)
			listener_add(t, local);
		else
			listener_remove(t, local);
		return;
	}
	/* The segment was not taken at all. */
	if (t->last == e && t->before.state == kernel)
		*e = t->before;
	e->state = kernel;
	e->may = 0;
}

bool track_agrees(struct track *t, const union addr *local, const union addr *peer,
		  enum tcp_state kernel)
{
	enum tcp_state expected = track_state(t, local, peer);
	struct track_end *e = end_find(t, local, peer);
	unsigned rest = 1u << STATE_CLOSED | 1u << STATE_LISTEN;
	bool allowed = e && e->may & (at_rest(kernel) ? rest : 1u << kernel);

	if (expected == kernel)
		return true;
	follow(t, local, peer, kernel);
	return allowed;
}

void track_settle(struct track *t, const union addr *local, const union addr *peer,
		  enum tcp_state kernel)
{
	enum tcp_state expected = track_state(t, local, peer);
	size_t i;

	if (at_rest(expected) && at_rest(kernel) && expected != kernel) {
		follow(t, local, peer, kernel);
		return;
	}
	for (i = 0; i < state_arrow_count; i++) {
		const struct state_arrow *a = &state_arrows[i];
		bool there = a->to == kernel || (at_rest(a->to) && at_rest(kernel));

		if (a->from != expected || expected == kernel || !there)
			continue;
		if (a->event > EVENT_CALL_ABORT && a->event != EVENT_TIMEOUT)
			continue;
		t->taken[i]++;
		follow(t, local, peer, kernel);
		return;
	}
}

unsigned track_taken(const struct track *t, size_t arrow)
{
	return t->taken[arrow];
}

unsigned track_off_table(const struct track *t)
{
	return t->off_table;
}
