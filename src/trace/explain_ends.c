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
		buf_addf(&b, ", segments of at most %u byte%s (mss)", o->mss,
			 text_plural(o->mss));
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
		say(x, "It brings a Fast Open cookie of %d byte%s (RFC 7413).",
		    o->cookie_len, text_plural((unsigned)o->cookie_len));
}

/* The receiver's end of an older connection, or of this one, is in the way. */
static void met_say(struct explaining *x)
{
	enum tcp_state was = entry_of(x->r.s)->was;

	if (conns_alive(was) && was != STATE_SYN_RCVD)
		say(x,
		    "%s has a connection with this pair of addresses, in %s, and answers for "
		    "that with a challenge ACK (RFC 9293, 3.10.7.4).",
		    x->peer, state_name(was));
	else if (x->r.conn->previous >= 0 && x->r.s->number == x->r.conn->pub.first)
		say(x,
		    "The same pair of addresses had a connection before; this is a new one.");
}

void syn_say(struct explaining *x)
{
	const struct reading *r = &x->r;
	bool amid = r->me->syn && r->g->seq != r->me->syn_seq;

	if (amid)
		say(x, "SYN=1, seq=%u, in a connection that has begun already.",
		    seq_of(x));
	else if (r->other->syn && !r->other->acks)
		say(x,
		    "First handshake from this end too: SYN=1. The SYN #%u of %s is under "
		    "way or there already, so both open at the same time (simultaneous open).",
		    r->other->syn, x->peer);
	else
		say(x, "First handshake: SYN=1,");
	if (!amid)
		number_say(x, r->other->syn ? 'K' : 'X');
	if (is_own(x) && !amid)
		say(x, "%s asks %s for a connection%s.", x->me, x->peer,
		    sender_in(x, STATE_SYN_SENT) ? " and is in SYN_SENT" : "");
	met_say(x);
	ecn_say(x);
	offers_say(x);
	if (r->g->len > 0) {
		say(x, "It carries ");
		bytes_add(x->out, reading_first_byte(r), reading_last_byte(r));
		buf_adds(x->out, " already (Fast Open).");
	}
}

/* What became of the SYN that it answers. A cookie's sender keeps nothing of it (RFC 4987, 3.6). */
static void taken_say(struct explaining *x, bool crossed)
{
	const char *unseen = x->r.me->heard.syn ? ""
						: " (a SYN that the trace does not have)";
	bool in = sender_in(x, STATE_SYN_RCVD);

	if (crossed && in)
		say(x, "%s is in SYN_RCVD now.", x->me);
	else if (in)
		say(x, "%s has taken the request%s and is in SYN_RCVD.", x->me, unseen);
	else if (reading_state(&x->r, entry_of(x->r.s)->end) == STATE_CLOSED)
		say(x,
		    "%s keeps nothing of the request%s: what it needs comes back with the "
		    "third handshake (SYN cookie, RFC 4987).",
		    x->me, unseen);
	else
		say(x, "%s has taken the request%s.", x->me, unseen);
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
	if (is_own(x))
		taken_say(x, crossed);
	ecn_say(x);
	offers_say(x);
}

void third_say(struct explaining *x)
{
	const struct reading *r = &x->r;

	if (ack_of(x) == 1 || (x->how & VIEW_RAW))
		say(x, "Third handshake: ACK=1, ack=K+1=%u.", ack_of(x));
	else
		say(x, "Third handshake: ACK=1, ack=%u (K+1 and %u byte%s).", ack_of(x),
		    r->new_bytes, text_plural(r->new_bytes));
	if (!is_own(x))
		return;
	say(x, "%s has accepted #%u%s", x->me, r->me->heard.syn,
	    sender_in(x, STATE_ESTABLISHED) ? " and is ESTABLISHED" : "");
	if (receiver_in(x, STATE_ESTABLISHED))
		buf_addf(x->out, "; with this ACK %s will be ESTABLISHED too", x->peer);
	buf_addc(x->out, '.');
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

	if (!r->other->fin && (!r->other->seen || (!r->me->syn && !r->other->syn))) {
		say(x,
		    "FIN=1, number %u: %s has no more to send. Whether it is the first FIN "
		    "does not follow: the trace has not all of it.",
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
	if (trace_resent(r->s))
		return;
	if (!r->other->fin || (!r->acks_fin && !fin_acked(r->other, r->me))) {
		if (sender_in(x, STATE_FIN_WAIT_1))
			say(x, "It is in FIN_WAIT_1.");
	} else if (sender_in(x, STATE_LAST_ACK)) {
		say(x, "It is in LAST_ACK and waits for the last ACK.");
	}
}

/* What sender and receiver do, as far as it may be said: NULL where not. */
static void both_say(struct explaining *x, const char *mine, const char *others)
{
	if (mine)
		say(x, "%s %s", x->me, mine);
	if (mine && others)
		buf_addf(x->out, "; %s %s", x->peer, others);
	else if (others)
		say(x, "%s %s", x->peer, others);
	if (mine || others)
		buf_addc(x->out, '.');
}

void fin_ack_say(struct explaining *x)
{
	const struct reading *r = &x->r;
	unsigned fin = r->me->heard.fin ? r->me->heard.fin : r->other->fin;

	if (!r->acks_fin || r->kind == READ_FIN)
		return;
	if (!r->me->fin) {
		say(x,
		    "Acknowledges the FIN #%u (ack=%u): the second of the four-way close.",
		    fin, ack_of(x));
		both_say(x,
			 sender_in(x, STATE_CLOSE_WAIT) ? "can still send (CLOSE_WAIT)"
							: NULL,
			 receiver_in(x, STATE_FIN_WAIT_2) ? "goes to FIN_WAIT_2" : NULL);
	} else if (!r->me->crossed) {
		say(x,
		    "Acknowledges the FIN #%u (ack=%u): the last ACK of the four-way close.",
		    fin, ack_of(x));
		both_say(x,
			 sender_in(x, STATE_TIME_WAIT) ? "stays in TIME_WAIT for a while"
						       : NULL,
			 receiver_in(x, STATE_CLOSED) ? "goes from LAST_ACK to CLOSED"
						      : NULL);
	} else {
		say(x, "Acknowledges the FIN #%u (ack=%u)", fin, ack_of(x));
		if (receiver_in(x, STATE_TIME_WAIT))
			buf_addf(
				x->out,
				": with this ACK and the FIN #%u %s will be in TIME_WAIT",
				r->me->fin, x->peer);
		buf_adds(x->out, " (simultaneous close).");
	}
}
