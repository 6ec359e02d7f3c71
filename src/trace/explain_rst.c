/*
 * explain_rst.c - why a connection was ended at once, in sentences.
 *
 * A RST without ACK answers a segment, whose ack is its number (RFC 9293, 3.10.7.1); what its sender was
 * when that came tells why. One with ACK is a call's or a timer's doing. Where neither what was heard nor
 * the command says which, the causes that are left are named.
 */
#include <string.h>

#include "base/text.h"
#include "trace/explain.h"
#include "trace/lines.h"
#include "trace/text.h"
#include "trace/views.h"

/* So many events back the segment is looked for that a RST answers: others may have come with it. */
#define EVENTS_BACK 200

/* The latest with its number as ack that came to its sender; NULL when it is none that answers. */
static const struct trace_segment *answered(const struct reading *r)
{
	size_t i = entry_of(r->s)->sent_at, n;

	for (n = 0; n < EVENTS_BACK && i-- > 0 && !(r->g->flags & FLAG_ACK); n++) {
		const struct trace_event *v = &r->t->events[i];
		const struct trace_segment *s = trace_find(r->t, v->number);

		if (v->kind == TRACE_DELIVERED || (s && s->fate == FATE_SEEN))
			if ((s->segment.flags & FLAG_ACK) &&
			    s->segment.ack == r->g->seq &&
			    addr_equal(&s->segment.to, &r->g->from) &&
			    addr_equal(&s->segment.from, &r->g->to))
				return s;
	}
	return NULL;
}

/* Did it bring bytes that its receiver did not have? */
static bool brings(const struct trace_segment *s)
{
	return s->segment.len > 0 &&
	       seq_before(entry_of(s)->awaited,
			  s->segment.seq + (uint32_t)s->segment.len);
}

/* Bytes behind an end, its own or the other's. */
static bool unreadable_say(struct explaining *x, const struct trace_segment *s)
{
	const struct side *me = x->r.me;

	if (!s || !brings(s))
		return false;
	if (me->fin && me->fin < s->number)
		say(x,
		    "#%u brought bytes that nobody can read any more, %s had closed with #%u.",
		    s->number, x->me, me->fin);
	else if (me->heard.fin)
		say(x,
		    "#%u brought bytes behind the FIN #%u, after which there are none.",
		    s->number, me->heard.fin);
	else
		return false;
	return true;
}

static void answer_say(struct explaining *x, const struct trace_segment *s)
{
	const struct reading *r = &x->r;
	enum tcp_state was = reading_was(r, s);

	if (entry_of(r->s)->connecting)
		say(x,
		    "%s is in SYN_SENT and does not accept #%u, whose ack=%u is not that of its "
		    "SYN (RFC 9293, 3.10.7.3).",
		    x->me, s->number, seq_of(x));
	else if (unreadable_say(x, s))
		return;
	else if (was == STATE_SYN_RCVD && s->segment.ack == r->me->next)
		say(x,
		    "%s does not take the connection that #%u completes: its accept queue is "
		    "full (Linux with tcp_abort_on_overflow), or nothing listens there any more.",
		    x->me, s->number);
	else if (was != STATE_NONE && was != STATE_CLOSED)
		say(x, "it answers #%u, whose ack is its number.", s->number);
	else if ((s->segment.flags & FLAG_SYN) && !r->me->syn)
		say(x, "%s does not want the connection that #%u offers.", x->me,
		    s->number);
	else
		say(x,
		    "it has the number that #%u acknowledged, and no ACK: so answers a host that "
		    "knows of no such connection (RFC 9293, 3.10.7.1).",
		    s->number);
}

/* A keepalive probe that it sent last, when it has heard nothing since; 0. */
static unsigned unanswered_probe(const struct reading *r)
{
	const struct trace_segment *last = trace_find(r->t, r->me->last);
	const struct trace_segment *heard = trace_find(r->t, r->me->heard.last);

	if (!last || (heard && heard->done > last->sent) ||
	    reading_of(r->t, last, false).kind != READ_KEEPALIVE)
		return 0;
	return last->number;
}

/* Nobody called anything, as far as the trace knows. */
static void uncalled_say(struct explaining *x)
{
	const struct reading *r = &x->r;
	unsigned probe = r->conn->watched ? unanswered_probe(r) : 0;

	if (probe)
		say(x,
		    "nobody has answered the keepalive probe #%u, so %s gives the connection up "
		    "(RFC 1122, 4.2.3.6).",
		    probe, x->me);
	else if (unreadable_say(x, trace_find(r->t, r->me->heard.last)))
		return;
	else if (r->me->rst)
		say(x, "the connection is over, at once.");
	else if (!(r->g->flags & FLAG_ACK))
		say(x,
		    "it has no ACK: so %s answers what it cannot take (RFC 9293, 3.10.7.1). What "
		    "that was the trace does not tell.",
		    x->me);
	else if (!r->me->seen && !r->other->seen)
		say(x,
		    "the connection is over, at once. The trace has nothing before that.");
	else
		say(x,
		    "%s ends the connection%s: an abort, a close with bytes unread (RFC 1122, "
		    "4.2.2.13), or a timer that ran out. Which of them the trace does not tell.",
		    x->me, r->me->fin ? " at once" : " without a FIN");
}

static void called_say(struct explaining *x, const struct trace_event *command)
{
	const char *text = command->text;

	if (command->local.sa.sa_family != 0 && command->peer.sa.sa_family == 0)
		say(x, "%s listens no longer, and nobody had accepted this connection.",
		    x->me);
	else if (strncmp(text, "abort", 5) == 0)
		say(x,
		    "%s aborts the connection instead of closing it (RFC 9293, 3.10.5).",
		    x->me);
	else if (strncmp(text, "close", 5) == 0 && strstr(text, " unread"))
		say(x,
		    "%s closes the connection with bytes unread, and so tells that they are lost "
		    "(RFC 1122, 4.2.2.13).",
		    x->me);
	else
		say(x,
		    "%s ends the connection without a FIN: an abort, or a close with bytes "
		    "unread (RFC 1122, 4.2.2.13).",
		    x->me);
	say(x, "The command:");
	buf_addc(x->out, ' ');
	text_escape(x->out, text, strlen(text), x->how & VIEW_UTF8);
	buf_addc(x->out, '.');
}

static void refused_say(struct explaining *x, const struct trace_segment *syn)
{
	const struct trace_segment *s = x->r.s;

	say(x,
	    "the SYN #%u is refused (ack=%u belongs to it): nothing listens on port %d of",
	    syn->number, ack_of(x), addr_port(&s->segment.from));
	buf_addc(x->out, ' ');
	end_add(x->out, x->r.t, s->from, &s->segment.from, 40);
	buf_addc(x->out, '.');
}

static void cause_say(struct explaining *x)
{
	const struct reading *r = &x->r;
	const struct trace_segment *refused = reading_refuses(r), *s = answered(r);
	const struct trace_event *command = lines_command(r->t, r->s);

	if (!is_own(x))
		say(x, "the connection is to end at once.");
	else if (refused)
		refused_say(x, refused);
	else if (s)
		answer_say(x, s);
	else if (command)
		called_say(x, command);
	else
		uncalled_say(x);
}

void rst_say(struct explaining *x)
{
	const struct entry *e = entry_of(x->r.s);
	int peer = conn_other(x->r.conn, e->end);

	say(x, "RST=1:");
	cause_say(x);
	if (e->awaited_known && x->r.g->seq != e->awaited &&
	    reading_state(&x->r, peer) != STATE_CLOSED)
		say(x,
		    "Its number %u is not the one that %s expected (%u), which therefore "
		    "need not believe it (RFC 5961).",
		    seq_of(x), x->peer, e->awaited - x->r.my_base);
}
