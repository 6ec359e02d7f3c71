/* conns.c - the connections of a trace: who talks to whom, from which number on, what came before.
 *
 * A connection is a pair of addresses from one SYN to the next. A SYN with a new number on a known
 * pair may be a new connection, or be forged, or meet a half-open end that answers for the old one
 * (RFC 9293, 3.5.1); so until somebody has answered it, what does not fit it belongs to the old one.
 */
#include "trace/sides.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

int conn_other(const struct conn *c, int end)
{
	return addr_equal(&c->pub.end[0], &c->pub.end[1]) ? end : 1 - end;
}

/* Which end of the connection sends from "from" to "to": 0, 1, or -1 when it is another pair. */
static int conn_end(const struct conn *c, const union addr *from, const union addr *to)
{
	if (addr_equal(&c->pub.end[0], from) && addr_equal(&c->pub.end[1], to))
		return 0;
	if (addr_equal(&c->pub.end[1], from) && addr_equal(&c->pub.end[0], to))
		return 1;
	return -1;
}

static void note_state(struct conn *c, int end, enum tcp_state now)
{
	c->has_state[end] = c->watched = true;
	c->side[end].state = now;
}

/* State changes that waited for this connection's first segment. */
static void claim_pending(struct trace *t, int index)
{
	struct conn *c = t->conns[index];
	size_t i, kept = 0;

	for (i = 0; i < t->n_pending; i++) {
		struct trace_event *e = &t->events[t->pending[i]];
		int end = conn_end(c, &e->local, &e->peer);

		if (end < 0) {
			t->pending[kept++] = t->pending[i];
			continue;
		}
		e->conn = index;
		note_state(c, end, e->now);
	}
	t->n_pending = kept;
}

/* The connection that has what does not fit this one, which may not have begun: it, or one before it. */
static int settled(const struct trace *t, int i)
{
	const struct conn *c = t->conns[i];

	return c->answered || c->previous < 0 ? i : c->settled;
}

static int conn_new(struct trace *t, const struct trace_segment *s, int previous)
{
	struct conn *c = xcalloc(1, sizeof(*c));
	int index = (int)t->n_conns;

	t->conns = array_grow(t->conns, t->n_conns, &t->conns_size, sizeof(*t->conns));
	c->pub.end[0] = s->segment.from;
	c->pub.end[1] = s->segment.to;
	c->pub.host[0] = s->from;
	c->pub.host[1] = s->to;
	c->pub.wscale[0] = c->pub.wscale[1] = -1;
	c->pub.first = s->number;
	c->previous = previous;
	c->settled = previous < 0 ? index : settled(t, previous);
	t->conns[t->n_conns++] = c;
	pairs_set(&t->newest, &c->pub.end[0], &c->pub.end[1], index);
	claim_pending(t, index);
	return index;
}

static bool is_syn(const struct segment *g)
{
	return (g->flags & (FLAG_SYN | FLAG_ACK | FLAG_RST)) == FLAG_SYN;
}

/* Does this SYN ask for another connection than the one that the pair has? */
static bool reopens(const struct conn *c, int end, const struct segment *g)
{
	int other = conn_other(c, end);

	if (c->side[end].syn)
		return g->seq != c->pub.base[end];
	return c->side[end].seen || c->side[end].rst || !c->side[other].syn ||
	       c->side[other].fin;
}

bool conns_alive(enum tcp_state state)
{
	return state != STATE_NONE && state != STATE_CLOSED && state != STATE_LISTEN &&
	       state != STATE_SYN_SENT && state != STATE_TIME_WAIT;
}

/*
 * Does this SYN begin another connection than the one that the pair has? One that was made by hand does
 * not where the other end has one: it is aimed at that, and its numbers are counted in that.
 */
static bool begins(const struct conn *c, const struct trace_segment *s)
{
	int end = conn_end(c, &s->segment.from, &s->segment.to);

	if (s->injected && conns_alive(c->side[conn_other(c, end)].state))
		return false;
	return reopens(c, end, &s->segment);
}

/* Can this segment be of a connection that has so far only its first SYN? */
static bool answers(const struct conn *c, int end, const struct segment *g)
{
	if (end == 0)
		return g->seq == c->side[0].next;
	return (g->flags & FLAG_ACK) &&
	       g->ack - c->pub.base[0] - 1 <= c->side[0].next - c->pub.base[0] - 1;
}

/* So many SYNs of a pair may wait for an answer; what answers none of the latest belongs to the old one. */
#define SYNS_MAX 16

/* The segment's connection, an old one or a new one. */
static int conn_choose(struct trace *t, const struct trace_segment *s)
{
	const struct segment *g = &s->segment;
	int newest = pairs_get(&t->newest, &g->from, &g->to), i = newest, n;

	if (i < 0)
		return conn_new(t, s, -1);
	if (is_syn(g) && !g->fault)
		return begins(t->conns[i], s) ? conn_new(t, s, i) : i;
	for (n = 0; n < SYNS_MAX && i != settled(t, i); n++) {
		if (answers(t->conns[i], conn_end(t->conns[i], &g->from, &g->to), g)) {
			t->conns[i]->answered = true;
			t->conns[newest]->settled = i;
			return i;
		}
		i = t->conns[i]->previous;
	}
	return settled(t, newest);
}

static void set_base(struct conn *c, int end, uint32_t base)
{
	c->pub.base[end] = base;
	c->pub.has_base[end] = true;
	if (conn_other(c, end) == end) {
		c->pub.base[1 - end] = base;
		c->pub.has_base[1 - end] = true;
	}
}

/* A SYN's number is the base; but one that is made up, or comes in the middle, changes nothing. */
static void note_syn(struct conn *c, int end, const struct segment *g)
{
	int other = conn_other(c, end);
	bool good = !(g->flags & FLAG_ACK) || !c->side[other].syn ||
		    g->ack - c->pub.base[other] - 1 <=
			    c->side[other].next - c->pub.base[other] - 1;

	if (c->side[end].syn && (c->good_syn[end] || !good))
		return;
	if (!c->given || end != 0)
		set_base(c, end, g->seq);
	c->good_syn[end] = good;
	c->pub.wscale[end] = g->options.wscale;
	c->side[end].next = g->seq;
}

/* Without a SYN the first numbers seen have to do. A RST's are no numbers of its sender. */
static void note_bases(struct conn *c, int end, const struct segment *g)
{
	int other = conn_other(c, end);

	if (g->flags & FLAG_RST)
		return;
	if (g->flags & FLAG_SYN)
		note_syn(c, end, g);
	if (!c->pub.has_base[end])
		set_base(c, end, g->seq - 1);
	if ((g->flags & FLAG_ACK) && !c->pub.has_base[other])
		set_base(c, other, g->ack - 1);
}

/* Is the sender's latest SYN to that peer without an answer so far? */
static bool is_connecting(const struct trace *t, const struct segment *g)
{
	const struct conn *c = t->conns[pairs_get(&t->newest, &g->from, &g->to)];
	const struct side *me = &c->side[conn_end(c, &g->from, &g->to)];

	return me->syn && !me->acks;
}

void conns_add(struct trace *t, struct entry *e, const struct trace_origin *origin)
{
	const struct segment *g = &e->s.segment;
	struct conn *c;
	int end;

	e->conn = -1;
	if (g->from.sa.sa_family == 0 || g->to.sa.sa_family == 0)
		return;
	if (g->fault && (addr_port(&g->from) == 0 || addr_port(&g->to) == 0))
		return; /* cut off before the ports */
	e->conn = conn_choose(t, &e->s);
	c = t->conns[e->conn];
	e->end = conn_end(c, &g->from, &g->to);
	if (c->pub.first == e->s.number && c->previous < 0 && origin->based) {
		c->given = true;
		set_base(c, 0, origin->base[0]);
		set_base(c, 1, origin->base[1]);
	}
	if (c->pub.host[e->end] < 0)
		c->pub.host[e->end] = e->s.from;
	memcpy(e->before, c->side, sizeof(e->before));
	if (g->fault || checksum_bad(&e->s))
		return;
	e->connecting = is_connecting(t, g);
	for (end = 0; end < 2; end++)
		e->state[end] = c->side[end].state;
	if (sides_own(c, e)) {
		note_bases(c, e->end, g);
		sides_say(t, c, e);
		e->echoes = c->echoes;
	}
	if (e->s.fate == FATE_SEEN)
		conns_hear(t, e);
}

void conns_hear(struct trace *t, struct entry *e)
{
	struct conn *c = e->conn < 0 ? NULL : t->conns[e->conn];
	int old, end;

	if (!c || e->s.segment.fault || checksum_bad(&e->s))
		return;
	end = conn_other(c, e->end);
	e->was = e->state[end] = c->side[end].state;
	sides_hear(t, c, end, e);
	old = settled(t, e->conn);
	if (old == e->conn)
		return;
	/* The SYN of a new connection meets the end of an old one, which may answer for that. */
	c = t->conns[old];
	end = conn_end(c, &e->s.segment.to, &e->s.segment.from);
	e->was = c->side[end].state;
	sides_meet(c, end, e);
}

int conns_of_state(struct trace *t, const struct trace_event *e)
{
	const struct trace_segment *cause = trace_find(t, e->number);
	int i = cause ? entry_of(cause)->conn : -1, end;

	if (e->peer.sa.sa_family == 0)
		return -1;
	if (i < 0 || conn_end(t->conns[i], &e->local, &e->peer) < 0)
		i = pairs_get(&t->newest, &e->local, &e->peer);
	if (i >= 0 && !cause && e->now != STATE_SYN_SENT)
		i = settled(t, i);
	end = i < 0 ? 0 : conn_end(t->conns[i], &e->local, &e->peer);
	if (i < 0 ||
	    (!cause && e->now == STATE_SYN_SENT && t->conns[i]->has_state[end])) {
		if (t->n_pending < PENDING_MAX)
			t->pending[t->n_pending++] = (size_t)(e - t->events);
		return -1;
	}
	note_state(t->conns[i], end, e->now);
	if (cause && entry_of(cause)->conn == i)
		((struct entry *)cause)->state[end] = e->now;
	return i;
}

void conns_free(struct trace *t)
{
	size_t i;
	int end;

	for (i = 0; i < t->n_conns; i++) {
		for (end = 0; end < 2; end++) {
			spans_clear(&t->conns[i]->sent[end]);
			spans_clear(&t->conns[i]->early[end]);
		}
		free(t->conns[i]);
	}
	free(t->conns);
	pairs_clear(&t->newest);
}

size_t trace_conns(const struct trace *t)
{
	trace_settle(t);
	return t->n_conns;
}

const struct trace_conn *trace_conn(const struct trace *t, size_t i)
{
	trace_settle(t);
	return i < t->n_conns ? &t->conns[i]->pub : NULL;
}

const struct trace_conn *trace_conn_of(const struct trace *t,
				       const struct trace_segment *s)
{
	int i = entry_of(s)->conn;

	return i < 0 ? NULL : &t->conns[i]->pub;
}

int trace_conn_index(const struct trace_segment *s)
{
	return entry_of(s)->conn;
}

unsigned trace_echoes(const struct trace_segment *s)
{
	return entry_of(s)->echoes;
}

uint32_t trace_seq(const struct trace *t, const struct trace_segment *s)
{
	const struct trace_conn *c = trace_conn_of(t, s);
	int end = entry_of(s)->end;

	return c && c->has_base[end] ? s->segment.seq - c->base[end] : s->segment.seq;
}

uint32_t trace_ack(const struct trace *t, const struct trace_segment *s)
{
	const struct trace_conn *c = trace_conn_of(t, s);
	int end;

	if (!c || !(s->segment.flags & FLAG_ACK))
		return s->segment.ack;
	end = conn_other((const struct conn *)c, entry_of(s)->end);
	return c->has_base[end] ? s->segment.ack - c->base[end] : s->segment.ack;
}

uint32_t trace_window(const struct trace *t, const struct trace_segment *s)
{
	const struct trace_conn *c = trace_conn_of(t, s);
	int end = entry_of(s)->end, shift;

	if (!c || (s->segment.flags & FLAG_SYN) || c->wscale[0] < 0 || c->wscale[1] < 0)
		return s->segment.window;
	shift = c->wscale[end] > 14 ? 14 : c->wscale[end]; /* RFC 7323, 2.3 */
	return (uint32_t)s->segment.window << shift;
}
