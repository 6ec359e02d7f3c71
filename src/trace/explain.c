/* explain.c - a segment in sentences, in the terms of the textbooks.
 *
 * Only what follows from the trace is said: the segments before this one, what became of them, the
 * states that the kernel was seen in, the command that came just before. Where the RFC allows
 * several causes, the sentence names them and says that the trace does not tell.
 */
#include "trace/views.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "trace/explain.h"
#include "trace/text.h"

void say(struct explaining *x, const char *fmt, ...)
{
	va_list ap;

	if (x->out->len > 0)
		buf_addc(x->out, ' ');
	va_start(ap, fmt);
	buf_addv(x->out, fmt, ap);
	va_end(ap);
}

bool is_own(const struct explaining *x)
{
	const struct trace_segment *s = x->r.s;

	return !s->injected && !s->altered && !s->copy_of;
}

static bool may_be(const struct explaining *x, int end, enum tcp_state state)
{
	enum tcp_state seen = reading_state(&x->r, end);

	return seen == STATE_NONE || seen == state;
}

bool sender_in(const struct explaining *x, enum tcp_state state)
{
	return is_own(x) && may_be(x, entry_of(x->r.s)->end, state);
}

bool receiver_in(const struct explaining *x, enum tcp_state state)
{
	enum fate fate = x->r.s->fate;

	if (fate == FATE_HELD)
		return true;
	return fate != FATE_DROPPED &&
	       may_be(x, conn_other(x->r.conn, entry_of(x->r.s)->end), state);
}

/* --- what is told of every kind --- */

/* A sender may cut its bytes anew, but not change them (RFC 9293, 3.8.1). */
static void fresh_say(struct explaining *x)
{
	const struct entry *e = entry_of(x->r.s);
	bool fin = (x->r.g->flags & FLAG_FIN) && !x->r.me->fin;
	uint32_t bytes = e->fresh - (fin && e->fresh > 0);

	if (bytes > 0)
		say(x, "%u of its %zu byte%s %s new.", bytes, x->r.g->len,
		    text_plural(x->r.g->len), bytes == 1 ? "is" : "are");
	if (fin)
		say(x, "Its FIN is new.");
	if (e->contradicts)
		say(x, "#%u had other bytes under the same numbers.", e->contradicts);
}

static void resent_say(struct explaining *x)
{
	const struct reading *r = &x->r;
	const struct trace_segment *first = trace_find(r->t, trace_resent(r->s)), *ack;
	uint32_t end = r->g->seq + segment_span(r->g);
	char took[32];

	if (!first)
		return;
	say(x, "Retransmission, %s after #%u",
	    duration_format(r->s->sent - first->sent, took), first->number);
	if (first->fate == FATE_DROPPED)
		buf_adds(x->out, ", which was dropped");
	else if (first->fate == FATE_HELD)
		buf_adds(x->out, ", which the wire still holds");
	if (!r->other->acks || seq_before(r->other->ack, end)) {
		buf_adds(x->out, ": nobody had acknowledged it.");
		if (r->other->dups >= 3 && r->other->ack == r->g->seq)
			say(x, "It follows %u duplicate ACKs (fast retransmit).",
			    r->other->dups);
		return fresh_say(x);
	}
	ack = trace_find(r->t, r->other->ack_by);
	buf_addf(x->out, ", although #%u acknowledged it%s", r->other->ack_by,
		 ack && ack->fate == FATE_DROPPED ? " (it was dropped)."
		 : ack && ack->fate == FATE_HELD  ? " (it is still on the wire)."
						  : ".");
	fresh_say(x);
}

static void origin_say(struct explaining *x)
{
	const struct trace_segment *s = x->r.s;

	if (s->copy_of)
		say(x, "A copy of #%u made on the wire: it was sent only once.",
		    s->copy_of);
	if (s->injected)
		say(x, "Made by hand: no socket sent it.");
	if (s->altered)
		say(x, "It was changed on the wire.");
}

static void extras_say(struct explaining *x)
{
	const struct segment *g = x->r.g;

	if (g->flags & FLAG_URG)
		say(x, "URG: urgent data up to byte %u.", seq_of(x) + g->urgent - 1);
	if (!(g->flags & FLAG_SYN)) {
		if (g->flags & FLAG_ECE)
			say(x,
			    "ECE: %s saw a mark of congestion and asks %s to slow down.",
			    x->me, x->peer);
		if (g->flags & FLAG_CWR)
			say(x, "CWR: %s has slowed down.", x->me);
	}
	if (segment_options_cut(g))
		say(x, "Its options were not all captured.");
	if (g->ecn == 3)
		say(x, "The network marked it: congestion was met (CE).");
}

static void fate_say(struct explaining *x)
{
	const struct trace_segment *s = x->r.s;
	char took[32];

	if (s->fate == FATE_HELD)
		say(x,
		    s->delay > 0 ? "It is still under way: delayed by %s."
				 : "It is still on the wire.",
		    duration_format(s->delay, took));
	if (s->fate != FATE_DROPPED)
		return;
	say(x, "It never arrived: dropped");
	if (s->why) {
		buf_adds(x->out, " (");
		text_escape(x->out, s->why, strlen(s->why), false);
		buf_addc(x->out, ')');
	}
	buf_addc(x->out, '.');
}

/*
 * "client CLOSED -> SYN_SENT" of a change that was seen at event i; what lies between was too short to
 * be seen, and stands before it. Returns the event.
 */
static size_t state_add(struct explaining *x, size_t i)
{
	const struct trace_event *events = x->r.t->events, *first = &events[i];
	struct buf way = BUF_EMPTY;

	for (; events[i].inferred && i + 1 < x->r.t->n_events; i++)
		buf_addf(&way, "%s %s", way.len > 0 ? "," : "",
			 state_name(events[i].now));
	end_add(x->out, x->r.t, first->host, &first->local, 20);
	buf_addf(x->out, " %s -> %s", state_name(first->before),
		 state_name(events[i].now));
	if (way.len > 0)
		buf_addf(x->out, " (by way of%s)", buf_str(&way));
	buf_clear(&way);
	return i;
}

/* "Seen: client CLOSED -> SYN_SENT." The changes that the kernel was asked about, with this cause. */
static void states_say(struct explaining *x)
{
	const struct entry *e = entry_of(x->r.s);
	size_t at[2] = { e->sent_at, e->done_at }, i, n = 0;
	const struct trace_event *v;
	int k;

	for (k = 0; k < 2; k++) {
		for (i = at[k] + 1; (k == 0 || at[k]) && i < x->r.t->n_events; i++) {
			v = &x->r.t->events[i];
			if (v->kind != TRACE_STATE || v->number != e->s.number)
				break;
			if (n++ == 0)
				say(x, "Seen:");
			buf_adds(x->out, n == 1 ? " " : "; ");
			i = state_add(x, i);
		}
	}
	if (n > 0)
		buf_addc(x->out, '.');
}

static void kind_say(struct explaining *x)
{
	switch (x->r.kind) {
	case READ_SYN:
		syn_say(x);
		return;
	case READ_SYN_ACK:
		syn_ack_say(x);
		return;
	case READ_RST:
		rst_say(x);
		return;
	case READ_SENSELESS:
		say(x, "Neither SYN nor ACK nor RST: whoever gets it drops it (RFC 9293, "
		       "3.10.7).");
		return;
	case READ_PROBE:
	case READ_KEEPALIVE:
		probe_say(x);
		return;
	case READ_THIRD:
		third_say(x);
		break;
	case READ_FIN:
		fin_say(x);
		break;
	case READ_DUP_ACK:
		dup_ack_say(x);
		break;
	default:
		break;
	}
	data_say(x);
	if (x->r.kind != READ_THIRD)
		ack_say(x);
	fin_ack_say(x);
	sack_say(x);
	if (x->out->len == 0 && x->r.kind == READ_ACK)
		nothing_new_say(x);
	window_say(x);
}

static void all_say(struct explaining *x)
{
	kind_say(x);
	if (x->r.kind != READ_PROBE && x->r.kind != READ_KEEPALIVE)
		resent_say(x);
	extras_say(x);
}

static void name_set(char *name, size_t size, const struct trace *t, int host,
		     const union addr *a)
{
	struct buf b = BUF_EMPTY;

	end_add(&b, t, host, a, 40);
	snprintf(name, size, "%s", buf_str(&b));
	buf_clear(&b);
}

void view_explain(const struct trace *t, const struct trace_segment *s, unsigned how,
		  struct buf *out)
{
	struct buf text = BUF_EMPTY;
	struct explaining x = { .out = &text, .how = how };
	size_t start = out->len;

	x.r = reading_of(t, s, how & VIEW_RAW);
	name_set(x.me, sizeof(x.me), t, s->from, &s->segment.from);
	name_set(x.peer, sizeof(x.peer), t, s->to, &s->segment.to);
	if (x.r.kind == READ_MALFORMED)
		say(&x, "It cannot be read as TCP: %s.",
		    s->segment.fault ? s->segment.fault : "it has no addresses");
	else if (x.r.kind == READ_DAMAGED)
		say(&x,
		    "It is damaged: its checksum is wrong, and the receiver throws it away "
		    "without a word.");
	else
		all_say(&x);
	origin_say(&x);
	states_say(&x);
	fate_say(&x);
	buf_addf(out, "#%u ", s->number);
	buf_pad(out, start + 4, ' ');
	wrap_add(out, buf_str(&text), 4, 78);
	buf_clear(&text);
}
