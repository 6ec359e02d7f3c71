/* track_received.c - what an end has received: how far in order, what early, stamped when. */
#include "tcp/track_end.h"

/* --- timestamps (RFC 7323, 5: PAWS) --- */

/* 0 is no timestamp to compare with (tcp_paws_check). */
bool track_is_stale(const struct track_end *e, const struct segment *s, int ticks)
{
	return e->has_ts && e->ts != 0 && s->options.timestamps &&
	       (int32_t)(e->ts - s->options.tsval) > ticks;
}

void track_take_ts(struct track_end *e, const struct segment *s)
{
	if (s->options.timestamps && !track_is_stale(e, s, 0) &&
	    !seq_after(s->seq, e->told))
		e->ts = s->options.tsval;
}

/* --- numbers --- */

bool track_in_window(const struct track_end *e, const struct segment *s)
{
	uint32_t end = seg_end(s);

	if (s->seq == e->next)
		return true;
	if (seq_after(end, e->next) && seq_before(s->seq, e->edge))
		return true;
	return s->seq == e->edge && s->seq == end;
}

static bool covers(const struct track_range *a, const struct track_range *b)
{
	return !seq_after(a->left, b->left) && !seq_before(a->right, b->right);
}

/* What another covers is dropped, its FIN as well (tcp_data_queue_ofo). */
static void early_add(struct track_end *e, const struct track_range *new)
{
	int i, n = 0;

	for (i = 0; i < e->n_early; i++)
		if (covers(&e->early[i], new))
			return;
	for (i = 0; i < e->n_early; i++)
		if (!covers(new, &e->early[i]))
			e->early[n++] = e->early[i];
	if (n < TRACK_RANGES)
		e->early[n++] = *new;
	e->n_early = n;
}

/*
 * Joins what came early to what is there now, as far as it reaches; true when that brings the FIN. One
 * that bytes have overtaken is none (tcp_ofo_queue).
 */
static bool early_join(struct track_end *e)
{
	while (e->n_early > 0) {
		struct track_range first;
		int i, at = 0;

		for (i = 1; i < e->n_early; i++)
			if (seq_before(e->early[i].left, e->early[at].left))
				at = i;
		first = e->early[at];
		if (seq_after(first.left, e->next))
			return false;
		e->early[at] = e->early[--e->n_early];
		if (!seq_after(first.right, e->next))
			continue;
		e->next = first.right;
		if (first.fin)
			return true;
	}
	return false;
}

/* tcp_data_queue */
bool track_receive(struct track_end *e, const struct segment *s)
{
	struct track_range r = { s->seq, seg_end(s), has(s, FLAG_FIN) };
	uint32_t first = seq_after(r.left, e->next) ? r.left : e->next;
	bool bare_fin = s->len == 0 && r.left == e->next;

	if (r.left == r.right || !seq_after(r.right, e->next))
		return false;
	/* A FIN alone needs no window. */
	if (!seq_before(first, e->edge) && !bare_fin)
		return false;
	if (seq_after(r.left, e->next)) {
		early_add(e, &r);
		return false;
	}
	e->next = r.right;
	e->fed |= s->len > 0;
	if (!r.fin && !early_join(e))
		return false;
	e->n_early = 0;
	return true;
}

uint32_t track_top(const struct track_end *e)
{
	uint32_t top = e->next;
	int i;

	for (i = 0; i < e->n_early; i++)
		if (seq_after(e->early[i].right, top))
			top = e->early[i].right;
	return top;
}
