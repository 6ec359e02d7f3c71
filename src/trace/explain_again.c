/*
 * explain_again.c - why a segment was sent again, in sentences.
 *
 * A sender repeats what it takes for lost: after three duplicate ACKs, after a SACK of what lies behind
 * it, or when its timer runs out without any of these. What it had heard by then tells which; after the
 * first repetition more follow, until all is acknowledged that was under way when that was sent.
 */
#include <string.h>

#include "base/text.h"
#include "trace/explain.h"
#include "trace/text.h"

/* Less after its sender's last segment no timer runs out. */
#define TIMER_LEAST 0.01

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

/*
 * Nothing that was heard asked for it, so a timer did. The one of RFC 6298 sends the oldest again, a tail loss
 * probe of RFC 8985 the latest; which of them it was does not follow where both are one.
 */
static void timer_say(struct explaining *x)
{
	const struct reading *r = &x->r;
	bool oldest = !r->me->heard.acks || r->me->heard.ack == r->g->seq;
	bool latest = r->g->seq + segment_span(r->g) == r->me->next;
	bool syn = r->g->flags & FLAG_SYN, probes = !syn && !sides_repairing(r->me);
	const char *unasked = syn ? "A" : "No ACK had asked for it: a";
	const struct trace_segment *last = trace_find(r->t, r->me->last);

	if (!last || r->s->sent - last->sent < TIMER_LEAST)
		return;
	if (oldest && latest && probes)
		say(x,
		    "%s timer ran out (RTO, RFC 6298; or a tail loss probe, RFC 8985).",
		    unasked);
	else if (oldest)
		say(x, "%s timer ran out (RTO, RFC 6298).", unasked);
	else if (latest && probes)
		say(x, "%s timer ran out (tail loss probe, RFC 8985).", unasked);
}

/* What made its sender send it again, as far as that has heard something of it, or nothing. */
static void repair_say(struct explaining *x)
{
	const struct reading *r = &x->r;
	const struct heard *h = &r->me->heard;
	bool repairing = sides_repairing(r->me), captured = r->s->fate == FATE_SEEN;

	if (captured && !r->other->seen && !(r->g->flags & FLAG_SYN))
		return;
	if (repairing && (h->news || h->ack != r->g->seq))
		say(x, "It belongs to the repair that #%u began.", r->me->repair);
	else if (!repairing && h->dups >= 3 && h->ack == r->g->seq)
		say(x, "It follows %u duplicate ACKs (fast retransmit, RFC 5681).",
		    h->dups);
	else if (!repairing && h->sacked_by && seq_before(r->g->seq, h->sacked))
		say(x,
		    "It follows #%u, which says that bytes behind it have arrived (SACK, RFC "
		    "6675).",
		    h->sacked_by);
	else if (repairing || h->dups == 0)
		timer_say(x);
}

/* In a capture: a sender gives what it sends again another IPv4 identification, if it gives any. */
static bool is_same(const struct trace_segment *first, const struct trace_segment *s)
{
	return s->fate == FATE_SEEN && s->segment.ip_id != 0 &&
	       first->packet_len == s->packet_len &&
	       memcmp(first->packet, s->packet, s->packet_len) == 0;
}

void resent_say(struct explaining *x)
{
	const struct reading *r = &x->r;
	const struct trace_segment *first = trace_find(r->t, trace_resent(r->s)), *ack;
	uint32_t end = r->g->seq + segment_span(r->g);
	bool unheard;
	char took[32];

	if (!first)
		return;
	if (is_same(first, r->s)) {
		say(x,
		    "It is the packet of #%u, %s later: a copy made on the way, or captured "
		    "twice.",
		    first->number, duration_format(r->s->sent - first->sent, took));
		return;
	}
	say(x, "Retransmission, %s after #%u",
	    duration_format(r->s->sent - first->sent, took), first->number);
	if (first->fate == FATE_DROPPED)
		buf_adds(x->out, ", which was dropped");
	else if (first->fate == FATE_HELD)
		buf_adds(x->out, ", which the wire still holds");
	if (!r->other->acks || seq_before(r->other->ack, end)) {
		buf_adds(x->out, r->s->fate == FATE_SEEN
					 ? ": no acknowledgment of it was captured."
					 : ": nobody had acknowledged it.");
		repair_say(x);
		return fresh_say(x);
	}
	ack = trace_find(r->t, r->other->ack_by);
	unheard = ack && (ack->fate == FATE_DROPPED || ack->fate == FATE_HELD);
	buf_addf(x->out, ", although #%u acknowledged it%s", r->other->ack_by,
		 !unheard		     ? "."
		 : ack->fate == FATE_DROPPED ? " (it was dropped)."
					     : " (it is still on the wire).");
	if (unheard)
		repair_say(x);
	fresh_say(x);
}

void copies_say(struct explaining *x)
{
	const struct trace_segment *s = x->r.s;

	if (s->n_copies == 0)
		return;
	say(x, "%s heard nothing of it and sent it again after", x->me);
	buf_addc(x->out, ' ');
	copies_add(x->out, s, " and ");
	buf_addf(x->out, " s, while the wire held it: %s folded into #%u.",
		 s->n_copies == 1 ? "this copy is" : "these copies are", s->number);
}
