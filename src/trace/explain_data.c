/* explain_data.c - explain: bytes, what acknowledges them, and the window for them. */
#include "trace/explain.h"

#include "base/text.h"
#include "trace/text.h"
#include "trace/views.h"

/* It does not begin where its sender's last one ended, and none of it was seen before. */
static void gap_say(struct explaining *x)
{
	const struct reading *r = &x->r;

	if (trace_resent(r->s) || !r->me->seen)
		return;
	if (seq_before(r->me->next, r->g->seq)) {
		say(x, "Not seen before it: ");
		bytes_add(x->out, r->me->next - r->my_base, r->g->seq - r->my_base - 1);
		buf_addc(x->out, '.');
	} else if (is_own(x) && seq_before(r->g->seq, r->me->next)) {
		say(x,
		    "Later bytes were seen before it: it was overtaken, or lost and sent "
		    "again.");
	}
}

void data_say(struct explaining *x)
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
	if (x->out->data[x->out->len - 1] != '.')
		buf_addc(x->out, '.');
	if (segment_data_cut(r->g) == 1)
		say(x, "The last of them was not captured.");
	else if (r->g->cut > 0)
		say(x, "The last %zu of them were not captured.", segment_data_cut(r->g));
	gap_say(x);
	if (r->g->flags & FLAG_PSH)
		say(x, "PSH: the program is to get them at once.");
}

void ack_say(struct explaining *x)
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

void sack_say(struct explaining *x)
{
	const struct reading *r = &x->r;
	const struct segment_options *o = &r->g->options;
	int i = 0;

	for (; i < o->sacks && i < SEGMENT_SACK_MAX; i++) {
		bool twice = i == 0 && seq_before(o->sack[0].left, r->g->ack);

		say(x, twice ? "It got " : "SACK: it has ");
		bytes_add(x->out, o->sack[i].left - r->other_base,
			  o->sack[i].right - r->other_base - 1);
		buf_adds(x->out, twice ? " twice (D-SACK, RFC 2883)." : " already.");
	}
}

void dup_ack_say(struct explaining *x)
{
	const struct reading *r = &x->r;

	if (r->s->copy_of) {
		say(x, "To %s it is a duplicate ACK: it repeats ack=%u.", x->peer,
		    ack_of(x));
		return;
	}
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
	if (r.kind == READ_PROBE || r.kind == READ_KEEPALIVE) {
		say(x, "It answers the probe #%u.", asks->number);
		return;
	}
	switch (entry_of(asks)->ask) {
	case ASK_STALE:
		say(x, "It answers #%u, which brought what had come before.",
		    asks->number);
		break;
	case ASK_OLD:
		say(x, "It answers #%u, whose number is an old one.", asks->number);
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

void nothing_new_say(struct explaining *x)
{
	if (!x->r.me->acks) {
		say(x, "ACK: byte %u is the next one that %s expects.", ack_of(x), x->me);
		return;
	}
	say(x, "ACK without news: ack=%u again.", ack_of(x));
	asked_say(x);
}

void window_say(struct explaining *x)
{
	const struct reading *r = &x->r;
	uint32_t now = trace_window(r->t, r->s);
	bool bytes = reading_scale_known(r);

	if (r->g->flags & (FLAG_SYN | FLAG_RST))
		return;
	if (now == 0 && (!r->me->windowed || r->me->window != 0))
		say(x,
		    "win=0: its buffer is full, %s must stop sending until the window opens.",
		    x->peer);
	else if (now == 0)
		say(x, "win=0: there is still no room.");
	else if (r->me->windowed && r->me->window == 0)
		say(x,
		    "Window update: the window opens from 0 to %s%u, %s may send again.",
		    bytes ? "" : "win=", now, x->peer);
	else if (r->kind == READ_WINDOW && bytes)
		say(x, "Window update: room for %u byte%s now.", now, text_plural(now));
	else if (r->kind == READ_WINDOW)
		say(x,
		    "Window update: win=%u now. Its unit stands in the two SYNs, which the trace "
		    "does not both have.",
		    now);
}

void probe_say(struct explaining *x)
{
	const struct reading *r = &x->r;

	if (r->kind == READ_PROBE)
		say(x, "Zero-window probe: %s said win=0 last (#%u).", x->peer,
		    r->me->heard.window_by);
	else
		say(x, "Keepalive probe: all is acknowledged and the line is quiet.");
	if (r->g->seq == r->me->heard.ack)
		say(x, "It brings byte %u, in case %s has room again.", seq_of(x),
		    x->peer);
	else
		say(x,
		    "Its number (seq=%u) is one before the next, so that %s must answer with "
		    "an ACK.",
		    seq_of(x), x->peer);
}
