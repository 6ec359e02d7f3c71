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

#define NAME_COLUMNS 40

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

/* It says what another has said; so that comes first. */
static void copy_say(struct explaining *x)
{
	const struct trace_segment *s = x->r.s;

	if (s->copy_of)
		say(x, "A copy of #%u, made on the wire%s.", s->copy_of,
		    s->injected ? "" : ": it was sent only once");
}

static void origin_say(struct explaining *x)
{
	const struct trace_segment *s = x->r.s;

	if (s->injected)
		say(x, "Made by hand: no socket sent it.");
	if (s->altered)
		say(x, "It was changed on the wire.");
}

static void extras_say(struct explaining *x)
{
	const struct segment *g = x->r.g;

	together_say(x);
	urgent_say(x);
	congestion_say(x);
	if (segment_options_cut(g))
		say(x, "Its options were not all captured.");
	if (g->ecn == 3)
		say(x, "The network marked it: congestion was met (CE).");
}

static void fate_say(struct explaining *x)
{
	const struct trace_segment *s = x->r.s;
	char took[32];

	copies_say(x);
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
		say(x,
		    "Neither SYN nor ACK nor RST: a connection and a listener drop it, and "
		    "where there is neither a RST answers it (RFC 9293, 3.10.7).");
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

static void name_set(char *name, size_t size, const struct trace *t,
		     const struct trace_segment *s, bool receiver)
{
	struct buf b = BUF_EMPTY;

	side_add(&b, t, s, receiver, false, NAME_COLUMNS);
	snprintf(name, size, "%s", buf_str(&b));
	buf_clear(&b);
}

/* "#1  client -> server ", with ports where there are several connections. */
static void heading_add(struct buf *out, const struct trace *t,
			const struct trace_segment *s, size_t width)
{
	bool several = trace_conns(t) > 1;
	struct buf ends = BUF_EMPTY;
	size_t start = out->len;

	buf_addf(out, "#%u ", s->number);
	buf_pad(out, start + 4, ' ');
	if (s->segment.from.sa.sa_family == 0)
		return;
	side_add(&ends, t, s, false, several, NAME_COLUMNS);
	buf_adds(&ends, " -> ");
	side_add(&ends, t, s, true, several, NAME_COLUMNS);
	wrap_words(out, buf_str(&ends), 4, width);
	buf_addc(out, ' ');
	buf_clear(&ends);
}

void view_explain(const struct trace *t, const struct trace_segment *s, unsigned how,
		  struct buf *out)
{
	struct buf text = BUF_EMPTY;
	struct explaining x = { .out = &text, .how = how };

	x.r = reading_of(t, s, how & VIEW_RAW);
	name_set(x.me, sizeof(x.me), t, s, false);
	name_set(x.peer, sizeof(x.peer), t, s, true);
	copy_say(&x);
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
	heading_add(out, t, s, view_columns(how, 78));
	wrap_add(out, buf_str(&text), 4, view_columns(how, 78));
	buf_clear(&text);
}
