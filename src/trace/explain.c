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

/* --- data and acknowledgments --- */

static void data_say(struct explaining *x)
{
	const struct reading *r = &x->r;

	if (r->g->len == 0)
		return;
	if (r->g->len == 1)
		say(x, "Carries one byte, number %u:", reading_first_byte(r));
	else
		say(x, "Carries %zu bytes, %u to %u:", r->g->len, reading_first_byte(r),
		    reading_last_byte(r));
	buf_addc(x->out, ' ');
	quote_fit(x->out, r->g, x->how & VIEW_UTF8, 40);
	buf_addc(x->out, '.');
	if (r->g->cut > 0)
		say(x, "The last %zu of them were not captured.", segment_data_cut(r->g));
	if (!trace_resent(r->s) && r->me->seen && seq_before(r->me->next, r->g->seq))
		say(x, "Bytes %u to %u were not seen before it.",
		    r->me->next - r->my_base, r->g->seq - r->my_base - 1);
	if (r->g->flags & FLAG_PSH)
		say(x, "PSH: the program is to get them at once.");
}

static void ack_say(struct explaining *x)
{
	const struct reading *r = &x->r;

	if (r->acks_unsent)
		say(x, "It acknowledges up to %u what %s was never seen to send.",
		    ack_of(x) - 1, x->peer);
	else if (r->new_bytes > 0)
		say(x, "Acknowledges %s up to %u (ack=%u is the next one it expects).",
		    r->other->seen ? "bytes" : "numbers", ack_of(x) - 1 - r->acks_fin,
		    ack_of(x));
	else if (r->acks_syn && r->kind == READ_ACK)
		say(x, "Acknowledges the SYN #%u (ack=%u).", r->other->syn, ack_of(x));
}

static void sack_say(struct explaining *x)
{
	const struct reading *r = &x->r;
	const struct segment_options *o = &r->g->options;
	int i = 0;

	if (o->sacks > 0 && seq_before(o->sack[0].left, r->g->ack)) {
		say(x, "It got bytes %u to %u twice (D-SACK, RFC 2883).",
		    o->sack[0].left - r->other_base,
		    o->sack[0].right - r->other_base - 1);
		i++;
	}
	for (; i < o->sacks && i < SEGMENT_SACK_MAX; i++)
		say(x, "SACK: it has bytes %u to %u already.",
		    o->sack[i].left - r->other_base,
		    o->sack[i].right - r->other_base - 1);
}

static void dup_ack_say(struct explaining *x)
{
	const struct reading *r = &x->r;

	say(x,
	    "Duplicate ACK %u: it repeats ack=%u, while bytes from there on were sent. Byte %u "
	    "is what %s waits for.",
	    r->me->dups + 1, ack_of(x), ack_of(x), x->me);
	if (r->me->dups + 1 == 3)
		say(x,
		    "After three of them %s may send it again without waiting for its timer "
		    "(fast retransmit, RFC 5681).",
		    x->peer);
}

/* Why an ACK with nothing new came back: by the segment that its sender had heard last. */
static void asked_say(struct explaining *x)
{
	const struct trace_segment *asks = trace_find(x->r.t, x->r.me->heard.asks);
	struct reading r;

	if (!asks)
		return;
	if (x->r.me->heard.asks_from != asks->number) {
		say(x, "It answers one of #%u to #%u.", x->r.me->heard.asks_from,
		    asks->number);
		return;
	}
	r = reading_of(x->r.t, asks, false);
	switch (entry_of(asks)->ask) {
	case ASK_STALE:
		say(x, "It answers #%u, which brought what had come before.",
		    asks->number);
		break;
	case ASK_OLD:
		if (r.kind == READ_PROBE || r.kind == READ_KEEPALIVE)
			say(x, "It answers the probe #%u.", asks->number);
		else
			say(x, "It answers #%u, whose number is an old one.",
			    asks->number);
		break;
	case ASK_BEYOND:
		say(x, "It answers #%u, whose bytes lie beyond the window.",
		    asks->number);
		break;
	case ASK_UNSENT:
		say(x, "It answers #%u, which acknowledges what %s has not sent.",
		    asks->number, x->me);
		break;
	default:
		say(x, "After #%u that makes it a challenge ACK (RFC 5961).",
		    asks->number);
	}
}

static void nothing_new_say(struct explaining *x)
{
	if (!x->r.me->acks) {
		say(x, "ACK: byte %u is the next one that %s expects.", ack_of(x), x->me);
		return;
	}
	say(x, "ACK without news: ack=%u again.", ack_of(x));
	asked_say(x);
}

static void window_say(struct explaining *x)
{
	const struct reading *r = &x->r;
	uint32_t now = trace_window(r->t, r->s);

	if (r->g->flags & (FLAG_SYN | FLAG_RST))
		return;
	if (now == 0 && (!r->me->windowed || r->me->window != 0))
		say(x,
		    "win=0: its buffer is full, %s must stop sending until the window opens.",
		    x->peer);
	else if (now == 0)
		say(x, "win=0: there is still no room.");
	else if (r->me->windowed && r->me->window == 0)
		say(x, "Window update: the window opens from 0 to %u, %s may send again.",
		    now, x->peer);
	else if (r->kind == READ_WINDOW)
		say(x, "Window update: room for %u bytes now.", now);
}

static void probe_say(struct explaining *x)
{
	const struct reading *r = &x->r;

	if (r->kind == READ_PROBE)
		say(x, "Zero-window probe: %s said win=0 last (#%u).", x->peer,
		    r->me->heard.window_by);
	else
		say(x, "Keepalive probe: all is acknowledged and the line is quiet.");
	say(x,
	    "Its number (seq=%u) is one before the next, so that %s must answer with an ACK.",
	    seq_of(x), x->peer);
}

/* --- what is told of every kind --- */

/* A sender may cut its bytes anew, but not change them (RFC 9293, 3.8.1). */
static void fresh_say(struct explaining *x)
{
	const struct entry *e = entry_of(x->r.s);
	bool fin = (x->r.g->flags & FLAG_FIN) && !x->r.me->fin;
	uint32_t bytes = e->fresh - (fin && e->fresh > 0);

	if (bytes > 0)
		say(x, "%u of its %zu bytes %s new.", bytes, x->r.g->len,
		    bytes == 1 ? "is" : "are");
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
