/* reading.c - what a segment is about, as far as the trace before it tells. */
#include "trace/reading.h"

#include <string.h>

#include "base/text.h"

static bool valid_ack(const struct reading *r)
{
	return (r->g->flags & FLAG_ACK) && !(r->g->flags & FLAG_RST);
}

/* What its acknowledgment number says that its sender had not said before. */
static void read_ack(struct reading *r)
{
	const struct side *o = r->other;
	uint32_t from, to = r->g->ack;

	if (!valid_ack(r) || (!o->seen && !r->me->acks))
		return;
	if (o->seen && seq_before(o->next, to)) {
		r->acks_unsent = true;
		return;
	}
	from = r->me->acks ? r->me->ack
	       : o->syn	   ? o->syn_seq
			   : r->conn->pub.base[conn_other(r->conn, entry_of(r->s)->end)];
	if (!seq_before(from, to))
		return;
	r->new_bytes = to - from;
	if (!r->me->acks && o->syn)
		r->acks_syn = true;
	if (!r->me->acks)
		r->new_bytes--;
	if (o->fin && !seq_before(to, o->fin_seq + 1) &&
	    seq_before(from, o->fin_seq + 1)) {
		r->acks_fin = true;
		r->new_bytes--;
	}
}

bool reading_scale_known(const struct reading *r)
{
	return r->me->syn && r->other->syn;
}

bool reading_no_room(const struct reading *r)
{
	return r->me->heard.windowed && r->me->heard.window == 0;
}

/*
 * An old number on purpose, one before the next (RFC 9293, 3.8.4 and 3.8.6.1): by one who has heard
 * that all is acknowledged, or that there is no room for more. Into no room others send the next byte.
 */
static bool is_probe(const struct reading *r)
{
	const struct heard *h = &r->me->heard;

	if (r->g->len > 1 || (r->g->flags & (FLAG_SYN | FLAG_FIN | FLAG_RST)))
		return false;
	if (r->g->len == 1 && h->acks && r->g->seq == h->ack && reading_no_room(r))
		return true;
	return r->me->seen && h->acks && r->g->seq == h->ack - 1 &&
	       (h->ack == r->me->next || reading_no_room(r));
}

/* A window that was closed is open again, and nothing else is new. */
static bool opens(const struct reading *r)
{
	return r->me->windowed && r->me->window == 0 && r->g->window > 0 &&
	       r->me->ack == r->g->ack && r->g->seq == r->me->next;
}

static enum reading_kind read_kind(const struct reading *r)
{
	uint8_t flags = r->g->flags & (FLAG_SYN | FLAG_FIN | FLAG_RST | FLAG_ACK);

	if (flags & FLAG_RST)
		return READ_RST;
	if (flags & FLAG_SYN)
		return flags & FLAG_ACK ? READ_SYN_ACK : READ_SYN;
	if (!(flags & FLAG_ACK))
		return READ_SENSELESS;
	if (flags & FLAG_FIN)
		return READ_FIN;
	if (is_probe(r))
		return reading_no_room(r) ? READ_PROBE : READ_KEEPALIVE;
	if (r->acks_syn && r->me->syn)
		return READ_THIRD;
	if (r->g->len > 0)
		return READ_DATA;
	if (opens(r))
		return READ_WINDOW;
	if (r->me->acks && r->me->ack == r->g->ack && r->me->heard.asks)
		return READ_ACK;
	if (ack_repeats(r->t, r->s, r->me, r->other))
		return READ_DUP_ACK;
	if (r->me->windowed && r->me->ack == r->g->ack && r->g->seq == r->me->next &&
	    r->me->window != trace_window(r->t, r->s))
		return READ_WINDOW;
	return READ_ACK;
}

struct reading reading_of(const struct trace *t, const struct trace_segment *s, bool raw)
{
	const struct entry *e = entry_of(s);
	struct reading r = { .kind = READ_MALFORMED, .t = t, .s = s, .g = &s->segment };

	trace_settle(t);
	if (e->conn < 0 || s->segment.fault)
		return r;
	r.kind = READ_DAMAGED;
	r.conn = t->conns[e->conn];
	r.me = &e->before[e->end];
	r.other = &e->before[conn_other(r.conn, e->end)];
	r.my_base = raw ? 0 : s->segment.seq - trace_seq(t, s);
	r.other_base = raw ? 0 : s->segment.ack - trace_ack(t, s);
	if (checksum_bad(s))
		return r;
	read_ack(&r);
	r.kind = read_kind(&r);
	return r;
}

static enum tcp_state asked(const struct conn *c, int end, enum tcp_state seen)
{
	if (seen == STATE_LISTEN ||
	    (seen == STATE_NONE && c->watched && c->pub.host[end] >= 0))
		return STATE_CLOSED;
	return seen;
}

enum tcp_state reading_state(const struct reading *r, int end)
{
	return asked(r->conn, end, entry_of(r->s)->state[end]);
}

enum tcp_state reading_was(const struct reading *r, const struct trace_segment *heard)
{
	return asked(r->conn, entry_of(r->s)->end, entry_of(heard)->was);
}

const struct trace_segment *reading_refuses(const struct reading *r)
{
	const struct trace_segment *last = trace_find(r->t, r->me->heard.last);

	if (r->kind != READ_RST || r->me->seen || !last ||
	    (last->segment.flags & (FLAG_SYN | FLAG_ACK)) != FLAG_SYN)
		return NULL;
	return last;
}

uint32_t reading_first_byte(const struct reading *r)
{
	return r->g->seq + ((r->g->flags & FLAG_SYN) != 0) - r->my_base;
}

uint32_t reading_last_byte(const struct reading *r)
{
	return reading_first_byte(r) + (uint32_t)r->g->len - 1;
}

static void says_data(struct buf *out, const struct reading *r)
{
	if (r->g->len == 1)
		buf_addf(out, " Here is my byte %u.", reading_first_byte(r));
	else if (r->g->len > 1)
		buf_addf(out, " Here are my bytes %u to %u.", reading_first_byte(r),
			 reading_last_byte(r));
}

static void says_ack(struct buf *out, const struct reading *r)
{
	uint32_t ack = r->g->ack - r->other_base;

	if (r->acks_unsent)
		buf_addf(out, " I have yours before %u.", ack);
	else if (r->new_bytes > 0)
		buf_addf(out, " I have your bytes up to %u.", ack - 1 - r->acks_fin);
	if (r->acks_fin)
		buf_adds(out, " I heard that you have no more to send.");
	if (r->g->window == 0 && !(r->g->flags & (FLAG_SYN | FLAG_RST)))
		buf_adds(out, " I have no room for more: wait.");
}

static void says_rst(struct buf *out, const struct reading *r)
{
	if (reading_refuses(r))
		buf_addf(out, " Nobody listens on port %d here.", addr_port(&r->g->from));
	else
		buf_adds(out, " This connection is over, at once.");
}

/* The part that only this kind says. Data and acknowledgments follow it. */
static void says_kind(struct buf *out, const struct reading *r)
{
	uint32_t seq = r->g->seq - r->my_base, ack = r->g->ack - r->other_base;
	uint32_t window = trace_window(r->t, r->s);

	switch (r->kind) {
	case READ_SYN:
		buf_addf(out, " I want to talk; my first sequence number is %u", seq);
		break;
	case READ_SYN_ACK:
		buf_addf(
			out,
			" I heard you and want to talk too; my first sequence number is %u",
			seq);
		break;
	case READ_THIRD:
		buf_adds(out, " I heard you too; we are connected.");
		break;
	case READ_RST:
		says_rst(out, r);
		break;
	case READ_PROBE:
		buf_adds(out, " Have you got room again?");
		break;
	case READ_KEEPALIVE:
		buf_adds(out, " Are you still there?");
		break;
	case READ_DUP_ACK:
		buf_addf(out, " I still wait for your byte %u.", ack);
		break;
	case READ_WINDOW:
		if (r->g->window > 0 && reading_scale_known(r))
			buf_addf(out, " I have room for %u byte%s.", window,
				 text_plural(window));
		else if (r->g->window > 0)
			buf_adds(out, " My window is another now.");
		break;
	case READ_ACK:
		if (!r->acks_fin && r->new_bytes == 0 && !r->acks_unsent)
			buf_addf(out, " I am here, and wait for your byte %u.", ack);
		break;
	case READ_SENSELESS:
		buf_adds(out, " (nothing that TCP has a word for)");
		break;
	default:
		break;
	}
	if ((r->kind == READ_SYN || r->kind == READ_SYN_ACK) && r->my_base)
		buf_addf(out, " (raw %u).", r->g->seq);
	else if (r->kind == READ_SYN || r->kind == READ_SYN_ACK)
		buf_addc(out, '.');
}

void says_add(struct buf *out, const struct reading *r)
{
	struct buf text = BUF_EMPTY;

	if (r->kind <= READ_DAMAGED) {
		buf_adds(out, r->kind == READ_DAMAGED ? "(it is damaged)"
						      : "(it cannot be read)");
		return;
	}
	says_kind(&text, r);
	if (r->kind != READ_RST && r->kind != READ_PROBE && r->kind != READ_KEEPALIVE)
		says_data(&text, r);
	says_ack(&text, r);
	if (r->g->flags & FLAG_FIN && r->kind == READ_FIN)
		buf_adds(&text, " I have no more to send.");
	buf_addf(out, "\"%s\"", text.len > 0 ? text.data + 1 : "");
	buf_clear(&text);
}
