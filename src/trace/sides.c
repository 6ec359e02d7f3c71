/*
 * sides.c - what each end of a connection has said so far, and what it has heard.
 *
 * The two differ: what is dropped, or still under way, was said and not heard; what was forged was heard
 * and not said by him in whose name it came. An end knows only what it has heard; so why it said
 * something is to be looked for there. What its receiver throws away (RFC 9293, 3.10.7) nobody learns from.
 */
#include "trace/sides.h"

#include <string.h>

/* --- what was said --- */

bool sides_own(const struct conn *c, const struct entry *e)
{
	const struct side *me = &c->side[e->end];

	return !e->s.copy_of && (!e->s.injected || me->played || !me->seen);
}

/* A segment of the same number that was none of this sender's, or a SYN that now has an ACK. */
static bool is_other(const struct trace_segment *old, const struct segment *g)
{
	return old->injected || ((old->segment.flags ^ g->flags) & FLAG_SYN) ||
	       ((g->flags & FLAG_SYN) && ((old->segment.flags ^ g->flags) & FLAG_ACK));
}

static uint32_t first_byte(const struct segment *g)
{
	return g->seq + !!(g->flags & FLAG_SYN);
}

/* Do both have bytes under the same numbers that are not the same bytes? */
static bool contradicts(const struct trace_segment *old, const struct segment *g)
{
	const struct segment *o = &old->segment;
	uint32_t from = seq_before(g->seq, o->seq) ? first_byte(o) : first_byte(g);
	size_t at_o = from - first_byte(o), at_g = from - first_byte(g);
	size_t have_o = segment_kept(o), have_g = segment_kept(g), n;

	if (old->altered || have_o <= at_o || have_g <= at_g)
		return false;
	n = have_o - at_o < have_g - at_g ? have_o - at_o : have_g - at_g;
	return memcmp(o->payload + at_o, g->payload + at_g, n) != 0;
}

/* Which of its numbers were sent before, and by whom; the rest is sent now. */
static void note_numbers(const struct trace *t, struct spans *sent, struct entry *e)
{
	const struct segment *g = &e->s.segment;
	uint32_t from = g->seq, end = from + segment_span(g), added;
	struct span *span;

	while ((span = spans_find(sent, from, end))) {
		const struct trace_segment *old = &t->entries[span->number - 1]->s;

		from = span->end;
		if (is_other(old, g)) {
			span->number = e->s.number;
			continue;
		}
		e->s.again = e->s.again ? e->s.again : old->number;
		if (!e->contradicts && contradicts(old, g))
			e->contradicts = old->number;
	}
	added = spans_add(sent, g->seq, end, e->s.number);
	e->fresh = e->s.again ? added : segment_span(g);
}

bool ack_repeats(const struct trace *t, const struct trace_segment *s,
		 const struct side *side, const struct side *other)
{
	const struct segment *g = &s->segment;

	return side->acks && side->ack == g->ack && segment_span(g) == 0 &&
	       (g->flags & (FLAG_ACK | FLAG_RST)) == FLAG_ACK && g->seq == side->next &&
	       g->window > 0 &&
	       (!side->windowed || side->window == trace_window(t, s) ||
		g->options.sacks > 0) &&
	       other->seen && seq_before(g->ack, other->next);
}

static void note_ack(const struct trace *t, struct side *side, const struct side *other,
		     const struct trace_segment *s)
{
	const struct segment *g = &s->segment;
	uint32_t edge = g->ack + trace_window(t, s);

	side->dups = ack_repeats(t, s, side, other) ? side->dups + 1 : 0;
	if (!side->acks || side->ack != g->ack)
		side->ack_by = s->number;
	if (!side->acks || seq_before(side->edge, edge))
		side->edge = edge;
	side->acks = true;
	side->ack = g->ack;
	side->window = trace_window(t, s);
	side->windowed = !(g->flags & FLAG_SYN);
}

/* The first FIN of an end. */
static void note_fin(struct side *side, struct side *other, const struct segment *g)
{
	side->fin_seq = g->seq + segment_span(g) - 1;
	if (other->fin && seq_before(g->ack, other->fin_seq + 1))
		side->crossed = other->crossed = true;
}

static void first(unsigned *number, bool flag, unsigned now)
{
	if (flag && *number == 0)
		*number = now;
}

/* An ACK that says what its sender said last, and nothing else. */
static bool repeats_itself(const struct trace *t, const struct trace_segment *s,
			   const struct side *side)
{
	const struct trace_segment *last = trace_find(t, side->last);
	const struct segment *g = &s->segment;

	return last && g->flags == FLAG_ACK && last->segment.flags == FLAG_ACK &&
	       segment_span(g) + segment_span(&last->segment) == 0 &&
	       g->seq == last->segment.seq && g->ack == last->segment.ack &&
	       g->window == last->segment.window;
}

/*
 * Is it a part of the conversation? Without SYN and ACK nobody takes it, nor a second SYN; a RST has the
 * number that its receiver waits for, whoever sends it (RFC 9293, 3.10.7).
 */
static bool takes_part(const struct conn *c, const struct entry *e)
{
	const struct segment *g = &e->s.segment;

	if ((g->flags & FLAG_RST) || !(g->flags & (FLAG_SYN | FLAG_ACK)))
		return false;
	return !(g->flags & FLAG_SYN) || !c->side[e->end].syn ||
	       g->seq == c->pub.base[e->end];
}

/* Of several that were heard before the first answer came, the last is still to be answered. */
static void answered(struct heard *h)
{
	h->asks = h->asks == h->asks_from ? 0 : h->asks;
	h->asks_from = h->asks;
}

bool sides_repairing(const struct side *me)
{
	return me->repair && me->heard.acks && seq_before(me->heard.ack, me->repair_end);
}

/* It sends something again: with that it repairs all that it has sent so far (RFC 6582's "recover"). */
static void note_repair(struct side *me, const struct entry *e)
{
	if (!trace_resent(&e->s))
		return;
	if (!sides_repairing(me)) {
		me->repair = e->s.number;
		me->repair_end = me->next;
	}
	me->heard.news = false;
}

void sides_say(const struct trace *t, struct conn *c, struct entry *e)
{
	const struct segment *g = &e->s.segment;
	struct side *side = &c->side[e->end];
	struct side *other = &c->side[conn_other(c, e->end)];
	uint32_t after = g->seq + segment_span(g);

	if (!repeats_itself(t, &e->s, side))
		c->echoes = 0;
	else if (other->last > side->last) /* it answers; else it only comes twice */
		c->echoes++;
	side->last = e->s.number;
	first(&side->rst, g->flags & FLAG_RST, e->s.number);
	if (!takes_part(c, e))
		return;
	note_numbers(t, &c->sent[e->end], e);
	note_repair(side, e);
	if (g->flags & FLAG_ACK)
		note_ack(t, side, other, &e->s);
	if (!side->seen || seq_before(side->next, after))
		side->next = after;
	if ((g->flags & FLAG_FIN) && !side->fin)
		note_fin(side, other, g);
	if (g->flags & FLAG_SYN)
		side->syn_seq = g->seq;
	first(&side->syn, g->flags & FLAG_SYN, e->s.number);
	first(&side->fin, g->flags & FLAG_FIN, e->s.number);
	if (!side->seen)
		side->played = e->s.injected;
	side->seen = true;
	if (e->before[e->end].acks && e->before[e->end].ack == g->ack)
		answered(&side->heard);
}

/* --- what was heard --- */

/* RFC 5961, 3.2: inside the window a RST must have exactly the next number; outside it is nothing. */
static enum ask hear_rst(const struct side *me, const struct segment *g)
{
	const struct heard *h = &me->heard;

	if (!h->known || g->seq == h->next || seq_before(g->seq, h->next))
		return ASK_NOTHING;
	return me->acks && seq_before(g->seq, me->edge) ? ASK_CHALLENGE : ASK_NOTHING;
}

static void hear_window(const struct trace *t, struct heard *h,
			const struct trace_segment *s)
{
	/* RFC 9293, 3.10.7.4: one that was overtaken tells an old one. */
	if ((s->segment.flags & FLAG_SYN) ||
	    (h->windowed && seq_before(s->segment.seq, h->told_at)))
		return;
	h->windowed = true;
	h->window = trace_window(t, s);
	h->window_by = s->number;
	h->told_at = s->segment.seq;
}

/* Bytes behind a gap; those before the ack it has got twice (RFC 2883). */
static void hear_sacks(struct heard *h, const struct trace_segment *s)
{
	const struct segment_options *o = &s->segment.options;
	int i;

	if (h->sacked_by && !seq_before(h->ack, h->sacked))
		h->sacked_by = 0;
	for (i = 0; i < o->sacks && i < SEGMENT_SACK_MAX; i++) {
		if (!seq_before(h->sacked_by ? h->sacked : h->ack, o->sack[i].right))
			continue;
		h->sacked = o->sack[i].right;
		h->sacked_by = s->number;
	}
}

static void hear_ack(const struct trace *t, struct side *me,
		     const struct trace_segment *s)
{
	const struct segment *g = &s->segment;
	struct heard *h = &me->heard;
	bool same = !h->windowed || h->window == trace_window(t, s);

	h->news = true;
	if (!h->acks || seq_before(h->ack, g->ack)) {
		h->acks = true;
		h->ack = g->ack;
		h->ack_by = s->number;
		h->dups = 0;
	} else if (g->ack != h->ack) {
		return;
	} else if (segment_span(g) == 0 && g->window > 0 &&
		   (same || g->options.sacks > 0) && me->seen &&
		   seq_before(h->ack, me->next)) {
		h->dups++;
	}
	hear_sacks(h, s);
	hear_window(t, h, s);
}

/* Takes what it brings; what came early is there when the gap before it is filled. */
static enum ask hear_numbers(struct side *me, struct spans *early, const struct entry *e)
{
	const struct segment *g = &e->s.segment;
	uint32_t end = g->seq + segment_span(g);
	struct heard *h = &me->heard;
	const struct span *span;

	if (g->seq == end)
		return me->acks && seq_before(end, me->ack) ? ASK_OLD : ASK_NOTHING;
	if (!seq_before(h->next, end))
		return ASK_STALE;
	spans_add(early, g->seq, end, e->s.number);
	while ((span = spans_find(early, h->next, h->next + 1)))
		h->next = span->end;
	spans_forget(early, h->next);
	if (g->flags & FLAG_FIN)
		h->fin = e->s.number;
	return ASK_NOTHING;
}

static enum ask hear(const struct trace *t, struct conn *c, int end,
		     const struct entry *e)
{
	const struct segment *g = &e->s.segment;
	struct side *me = &c->side[end];
	struct heard *h = &me->heard;
	bool captured = e->s.fate ==
			FATE_SEEN; /* not all of what went before may be there */

	if (g->flags & FLAG_RST)
		return hear_rst(me, g);
	if (!(g->flags & (FLAG_SYN | FLAG_ACK)))
		return ASK_NOTHING;
	if ((g->flags & FLAG_SYN) && h->known && g->seq + 1 != h->next)
		return ASK_CHALLENGE;
	if ((g->flags & FLAG_ACK) && me->seen && !captured &&
	    seq_before(me->next, g->ack))
		return ASK_UNSENT;
	if (h->known && me->acks && !captured && segment_span(g) > 0 &&
	    g->seq != h->next && !seq_before(g->seq, me->edge))
		return ASK_BEYOND;
	if (g->flags & FLAG_ACK)
		hear_ack(t, me, &e->s);
	if ((g->flags & FLAG_SYN) && h->known)
		return ASK_CHALLENGE;
	first(&h->syn, g->flags & FLAG_SYN, e->s.number);
	h->next = h->known ? h->next : g->seq;
	h->known = true;
	return hear_numbers(me, &c->early[end], e);
}

static void heard(struct side *me, struct entry *e, enum ask ask)
{
	struct heard *h = &me->heard;

	e->ask = ask;
	h->last = e->s.number;
	h->asks = ask ? e->s.number : 0;
	h->asks_from = h->asks_from && ask ? h->asks_from : h->asks;
}

void sides_hear(const struct trace *t, struct conn *c, int end, struct entry *e)
{
	struct heard *h = &c->side[end].heard;

	e->awaited = h->next;
	e->awaited_known = h->known;
	heard(&c->side[end], e, hear(t, c, end, e));
}

void sides_meet(struct conn *c, int end, struct entry *e)
{
	heard(&c->side[end], e, ASK_CHALLENGE);
}
