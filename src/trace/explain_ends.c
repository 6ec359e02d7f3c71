/* explain_ends.c - how a connection begins and ends, in sentences. */
#include <string.h>

#include "base/text.h"
#include "trace/views.h"
#include "trace/explain.h"
#include "trace/text.h"

/* "seq=X=0 (raw 1186613122)" */
static void number_say(struct explaining *x, char letter)
{
	say(x, "seq=%c=%u", letter, seq_of(x));
	if (x->r.my_base)
		buf_addf(x->out, " (raw %u)", x->r.g->seq);
	buf_addc(x->out, '.');
}

static void offers_say(struct explaining *x)
{
	const struct segment_options *o = &x->r.g->options;
	struct buf b = BUF_EMPTY;

	if (o->mss)
		buf_addf(&b, ", segments of at most %u bytes (mss)", o->mss);
	if (o->sack_permitted)
		buf_adds(&b, ", SACK");
	if (o->timestamps)
		buf_adds(&b, ", timestamps");
	if (o->wscale >= 0)
		buf_addf(&b, ", a window scale of %d (times %u)", o->wscale,
			 1u << (o->wscale > 14 ? 14 : o->wscale));
	if (b.len > 0)
		say(x, "It offers %s.", b.data + 2);
	buf_clear(&b);
	if (o->cookie_len == 0)
		say(x, "It asks for a Fast Open cookie (RFC 7413).");
	else if (o->cookie_len > 0)
		say(x, "It brings a Fast Open cookie of %d bytes (RFC 7413).",
		    o->cookie_len);
}

void syn_say(struct explaining *x)
{
	const struct reading *r = &x->r;

	if (r->other->syn && !r->other->acks)
		say(x,
		    "First handshake from this end too: SYN=1. The SYN #%u of %s is under "
		    "way or there already, so both open at the same time (simultaneous open).",
		    r->other->syn, x->peer);
	else
		say(x, "First handshake: SYN=1,");
	number_say(x, r->other->syn ? 'K' : 'X');
	if (!r->s->injected)
		say(x, "%s asks %s for a connection and is in SYN_SENT.", x->me, x->peer);
	if (r->conn->previous >= 0 && r->s->number == r->conn->pub.first)
		say(x,
		    "The same pair of addresses had a connection before; this is a new one.");
	if ((r->g->flags & (FLAG_ECE | FLAG_CWR)) == (FLAG_ECE | FLAG_CWR))
		say(x,
		    "ECE and CWR on a SYN offer explicit congestion notification (ECN).");
	offers_say(x);
	if (r->g->len > 0)
		say(x, "It carries bytes %u to %u already (Fast Open).",
		    reading_first_byte(r), reading_last_byte(r));
}

void syn_ack_say(struct explaining *x)
{
	const struct reading *r = &x->r;
	bool crossed = r->me->syn && !r->me->acks;

	if (crossed)
		say(x,
		    "SYN=1, ACK=1: %s had sent a SYN of its own (#%u), now it answers that of "
		    "%s (simultaneous open).",
		    x->me, r->me->syn, x->peer);
	else
		say(x, "Second handshake: SYN=1, ACK=1,");
	if (r->acks_unsent || (r->other->syn && !r->acks_syn && !r->me->acks))
		say(x,
		    "ack=%u. That is not X+1, the number after the SYN of %s, which cannot "
		    "accept it.",
		    ack_of(x), x->peer);
	else if (r->new_bytes == 0)
		say(x, "ack=X+1=%u,", ack_of(x));
	else
		say(x, "ack=%u (X+1 and the bytes up to %u),", ack_of(x), ack_of(x) - 1);
	number_say(x, 'K');
	if (!r->s->injected && crossed)
		say(x, "%s is in SYN_RCVD now.", x->me);
	else if (!r->s->injected)
		say(x, "%s has taken the request%s and is in SYN_RCVD.", x->me,
		    r->other->syn ? "" : " (a SYN that the trace does not have)");
	if (r->g->flags & FLAG_ECE)
		say(x, "ECE: it agrees to ECN.");
	offers_say(x);
}

void third_say(struct explaining *x)
{
	const struct reading *r = &x->r;

	if (ack_of(x) == 1 || (x->how & VIEW_RAW))
		say(x, "Third handshake: ACK=1, ack=K+1=%u.", ack_of(x));
	else
		say(x, "Third handshake: ACK=1, ack=%u (K+1 and %u bytes).", ack_of(x),
		    r->new_bytes);
	if (!r->s->injected)
		say(x,
		    "%s has accepted #%u and is ESTABLISHED; with this ACK %s will be "
		    "ESTABLISHED too.",
		    x->me, r->other->syn, x->peer);
}

/* Has what this end sent been acknowledged up to its FIN? */
static bool fin_acked(const struct side *closer, const struct side *other)
{
	return closer->fin && other->acks && !seq_before(other->ack, closer->fin_seq + 1);
}

void fin_say(struct explaining *x)
{
	const struct reading *r = &x->r;
	uint32_t number = seq_of(x) + (uint32_t)r->g->len;

	if (!r->other->fin && !r->me->syn && !r->other->syn) {
		say(x,
		    "FIN=1, number %u: %s has no more to send. Whether it is the first FIN a "
		    "trace without the beginning does not tell.",
		    number, x->me);
		return;
	}
	if (!r->other->fin)
		say(x,
		    "FIN=1, number %u: the first of the four-way close. %s has no more to "
		    "send.",
		    number, x->me);
	else if (r->acks_fin)
		say(x,
		    "FIN=1, ACK=1: second and third of the four-way close in one. It "
		    "acknowledges the FIN #%u (ack=%u), and %s has no more to send either "
		    "(number %u).",
		    r->other->fin, ack_of(x), x->me, number);
	else if (fin_acked(r->other, r->me))
		say(x,
		    "FIN=1, number %u: the third of the four-way close. %s closes its side "
		    "too.",
		    number, x->me);
	else
		say(x,
		    "FIN=1, number %u: the FIN #%u of %s is under way too, so both close at "
		    "the same time (simultaneous close, by way of CLOSING).",
		    number, r->other->fin, x->peer);
	if (r->s->injected || trace_resent(r->s) || r->s->copy_of)
		return;
	if (r->other->fin && (r->acks_fin || fin_acked(r->other, r->me)))
		say(x, "It is in LAST_ACK and waits for the last ACK.");
	else
		say(x, "It is in FIN_WAIT_1.");
}

void fin_ack_say(struct explaining *x)
{
	const struct reading *r = &x->r;

	if (!r->acks_fin || r->kind == READ_FIN)
		return;
	if (!r->me->fin)
		say(x,
		    "Acknowledges the FIN #%u (ack=%u): the second of the four-way close. "
		    "%s can still send (CLOSE_WAIT); %s goes to FIN_WAIT_2.",
		    r->other->fin, ack_of(x), x->me, x->peer);
	else if (!r->me->crossed)
		say(x,
		    "Acknowledges the FIN #%u (ack=%u): the last ACK of the four-way "
		    "close. %s stays in TIME_WAIT for a while, %s goes from LAST_ACK to "
		    "CLOSED.",
		    r->other->fin, ack_of(x), x->me, x->peer);
	else
		say(x,
		    "Acknowledges the FIN #%u (ack=%u): with this ACK and the FIN #%u %s will be in TIME_WAIT "
		    "(simultaneous close).",
		    r->other->fin, ack_of(x), r->me->fin, x->peer);
}

/* The command that was given right before the segment came, if nothing lies between. */
static const char *command_before(const struct reading *r)
{
	size_t i = entry_of(r->s)->sent_at;
	const struct trace_event *e;

	while (i-- > 0) {
		e = &r->t->events[i];
		if (e->kind == TRACE_COMMAND)
			return e->text;
		if (e->kind != TRACE_STATE && e->kind != TRACE_NOTE)
			break;
	}
	return NULL;
}

static void abort_say(struct explaining *x)
{
	const char *command = command_before(&x->r);

	say(x,
	    "%s ends the connection without a FIN: an abort, or a close with bytes unread "
	    "(RFC 1122, 4.2.2.13).",
	    x->me);
	if (!command) {
		say(x, "Which of them the trace does not tell.");
		return;
	}
	say(x, "The command before it:");
	buf_addc(x->out, ' ');
	text_escape(x->out, command, strlen(command), x->how & VIEW_UTF8);
	buf_addc(x->out, '.');
}

void rst_say(struct explaining *x)
{
	const struct reading *r = &x->r;
	const struct entry *e = entry_of(r->s);
	const struct trace_segment *last = trace_find(r->t, r->other->last);
	const struct trace_segment *refused = reading_refuses(r);
	uint8_t was = last ? last->segment.flags & (FLAG_SYN | FLAG_ACK | FLAG_RST) : 0;

	say(x, "RST=1:");
	if (refused)
		say(x,
		    "the SYN #%u is refused (ack=%u belongs to it): nothing listens on port %d "
		    "of %s.",
		    refused->number, ack_of(x), addr_port(&r->g->from), x->me);
	else if (r->s->injected)
		say(x, "the connection is to end at once.");
	else if (was == (FLAG_SYN | FLAG_ACK) && !r->me->acks)
		say(x, "%s does not want the connection that #%u offers%s", x->me,
		    last->number,
		    r->me->syn && last->segment.ack != r->me->next
			    ? ": its ack does not fit the SYN."
			    : ".");
	else if (r->me->fin && last && last->segment.len > 0 && last->number > r->me->fin)
		say(x,
		    "#%u brought bytes that nobody can read any more, %s had closed with #%u.",
		    last->number, x->me, r->me->fin);
	else if (!(r->g->flags & FLAG_ACK) && (was & FLAG_ACK) &&
		 r->g->seq == last->segment.ack)
		say(x,
		    "it has the number that #%u acknowledged, and no ACK: so answers a host "
		    "that knows of no such connection (RFC 9293, 3.10.7.1).",
		    last->number);
	else if (!r->me->fin && !r->me->rst)
		abort_say(x);
	else
		say(x, "the connection is over, at once.");
	if (e->awaited_known && r->g->seq != e->awaited)
		say(x,
		    "Its number %u is not the one that %s expected (%u), which therefore "
		    "need not believe it (RFC 5961).",
		    seq_of(x), x->peer, e->awaited - r->my_base);
}
