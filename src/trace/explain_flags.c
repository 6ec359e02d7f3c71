/* explain_flags.c - the rarer flags, in sentences: congestion, urgent data, and what makes no sense. */
#include "trace/explain.h"

/* What a SYN, or the answer to it, says of ECN. */
static bool offers_ecn(const struct segment *g)
{
	return (g->flags & (FLAG_ECE | FLAG_CWR)) == (FLAG_ECE | FLAG_CWR);
}

static bool agrees_ecn(const struct segment *g)
{
	return (g->flags & (FLAG_ECE | FLAG_CWR)) == FLAG_ECE;
}

static bool ecn_refused(const struct reading *r)
{
	const struct trace_segment *mine = trace_find(r->t, r->me->syn);
	const struct trace_segment *other = trace_find(r->t, r->other->syn);

	if (!mine || !other)
		return false;
	if (mine->segment.flags & FLAG_ACK)
		return !offers_ecn(&other->segment) || !agrees_ecn(&mine->segment);
	return !offers_ecn(&mine->segment) || !agrees_ecn(&other->segment);
}

void ecn_say(struct explaining *x)
{
	const struct reading *r = &x->r;
	const struct trace_segment *offer = trace_find(r->t, r->other->syn);
	bool answer = r->g->flags & FLAG_ACK;

	if (!(r->g->flags & (FLAG_ECE | FLAG_CWR)))
		return;
	if (!answer && offers_ecn(r->g))
		say(x,
		    "ECE and CWR on a SYN offer explicit congestion notification (ECN).");
	else if (answer && agrees_ecn(r->g) && (!offer || offers_ecn(&offer->segment)))
		say(x, "ECE: it agrees to ECN.");
	else
		say(x, "%s: that does not %s ECN, which needs %s (RFC 3168, 6.1.1).",
		    !(r->g->flags & FLAG_CWR)	? "ECE alone"
		    : !(r->g->flags & FLAG_ECE) ? "CWR alone"
						: "ECE and CWR",
		    answer ? "agree to" : "offer",
		    answer ? "both on the SYN, and ECE alone on its answer"
			   : "both ECE and CWR");
}

/* Outside the handshake, where it was agreed on or not, if that is known (RFC 3168, 6.1). */
void congestion_say(struct explaining *x)
{
	const struct reading *r = &x->r;
	const char *which = (r->g->flags & FLAG_ECE) ? "ECE" : "CWR";

	if (!(r->g->flags & (FLAG_ECE | FLAG_CWR)) || r->g->flags & FLAG_SYN)
		return;
	if (ecn_refused(r)) {
		say(x, "%s means nothing here: ECN was not agreed on.", which);
		return;
	}
	if (r->g->flags & FLAG_ECE)
		say(x, "ECE: %s saw a mark of congestion and asks %s to slow down.",
		    x->me, x->peer);
	if (r->g->flags & FLAG_CWR)
		say(x, "CWR: %s has slowed down.", x->me);
}

/* Flags that no TCP sends together; scanners do, and who makes a segment by hand. */
void together_say(struct explaining *x)
{
	uint8_t flags = x->r.g->flags;

	if (flags & FLAG_RST && flags & (FLAG_SYN | FLAG_FIN))
		say(x, "Beside RST %s for nothing.",
		    (flags & FLAG_SYN) == 0   ? "its FIN counts"
		    : (flags & FLAG_FIN) == 0 ? "its SYN counts"
					      : "SYN and FIN count");
	else if (flags & FLAG_SYN && flags & FLAG_FIN)
		say(x, "SYN and FIN together: no TCP sends that, and a listener of Linux "
		       "drops it.");
}

void urgent_say(struct explaining *x)
{
	const struct segment *g = x->r.g;

	if (g->flags & FLAG_URG && g->urgent == 0)
		say(x, "URG, but its urgent pointer is 0, which marks no byte.");
	else if (g->flags & FLAG_URG)
		say(x, "URG: urgent data up to byte %u.", seq_of(x) + g->urgent - 1);
}
