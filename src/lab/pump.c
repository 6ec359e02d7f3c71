/*
 * pump.c - what hosts have sent is read, numbered and given to its receivers.
 *
 * Writing a packet to a host's device runs that host's TCP before write returns, answers included: so
 * after each delivery the devices are read again until they are empty, and a step is over
 * when its whole effect is on the wire.
 *
 * Devices with offload give packets of up to 64 KiB. Those that only pass go on as they came
 * (pass_quickly); all others are cut into the segments that a cable would carry, and what of them is delivered in
 * turn is joined again (run.c).
 */
#include "lab/wire_inner.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/*
 * A receiver answers every second segment, but a packet of many only once. Up to so many segments,
 * what one sees is therefore what a cable would carry; beyond that it is too much to look at.
 */
#define JOIN_MIN 16

/* Two ends that data was forged between answer each other's ACK for ever: the loop has its turn, too. */
#define PUMP_MAX 1000

/* So many ACKs that only repeat, to and fro, are no accident: the trace is not to be filled with them. */
#define ECHOES_MAX 100

/* A function of the user's may change each of them; but so many ACKs in a row that answer no data are none either. */
#define BARE_MAX 10000

int wire_write(struct wire *w, int host, const void *packet, size_t len)
{
	w->stirred[host] = true;
	return netns_write(w->netns, host, packet, len);
}

/* It was written, with that result. */
static void arrived(struct wire *w, struct trace_segment *s, int rc, double now)
{
	if (rc < 0)
		trace_dropped(w->trace, s->number, now,
			      s->to < 0 ? "ghost: nobody there"
					: "the host did not take it");
	else
		trace_delivered(w->trace, s->number, now);
	if (rc >= 0)
		relay_delivered(w->relay, s);
	/* Running, only what can change a state is worth the questions. */
	if (w->holding || w->until || watch_in_motion(w->watch, s))
		watch_look(w->watch, s, now);
	if (rc >= 0)
		watch_delivered(w->watch, &s->segment, s->number, w->holding, now);
	if (w->until_after && w->until_after(w->until_arg, s)) {
		wire_hold(w);
		w->stopped_after = s->number;
	}
}

/* Delivers what waits for more of its kind. */
static void run_end(struct wire *w)
{
	struct run *r = &w->run;
	double now;
	size_t i;
	int rc;

	if (r->n == 0)
		return;
	now = wire_now(w);
	w->stirred[r->segment[0]->to] = true;
	rc = run_write(r, w->netns);
	for (i = 0; i < r->n; i++)
		arrived(w, r->segment[i], rc, now);
	*r = (struct run){ 0 };
}

/* Nobody looks before the run has ended, and nothing happens but that bytes arrive. */
static bool may_join(const struct wire *w, const struct trace_segment *s)
{
	return w->joining && s->to >= 0 && !s->altered && !w->holding && !w->until &&
	       !relay_has_hook(w->relay) && !watch_in_motion(w->watch, s);
}

void wire_deliver(struct wire *w, struct trace_segment *s)
{
	double now;
	int rc;

	if (may_join(w, s)) {
		if (run_add(&w->run, s))
			return;
		run_end(w);
		run_add(&w->run, s);
		return;
	}
	run_end(w);
	now = wire_now(w);
	if (w->holding)
		watch_settle(w->watch, s);
	rc = s->to < 0 ? -EHOSTUNREACH : wire_write(w, s->to, s->packet, s->packet_len);
	arrived(w, s, rc, now);
}

/* A packet that is no TCP (ICMP) has no number and is never held: it goes where it is addressed. */
static void pass(struct wire *w, const struct segment *s, const uint8_t *packet,
		 size_t len)
{
	int to = netns_host_of(w->netns, &s->to);

	if (to >= 0)
		wire_write(w, to, packet, len);
}

/* Each end takes the other's ACK for one that needs an answer, which would never end. */
static void storm(struct wire *w, const struct trace_segment *s, unsigned so_far,
		  int more)
{
	char text[240];

	snprintf(
		text, sizeof(text),
		"the wire is held before #%u: both ends answer each other's ACK for ever "
		"(%u so far), as after data in the name of one that did not send it. drop "
		"ends it, continue lets %d more pass",
		s->number, so_far, more);
	trace_note(w->trace, wire_now(w), 0, text);
	wire_hold(w);
}

static void look_for_storm(struct wire *w, const struct trace_segment *s)
{
	unsigned echoes = trace_echoes(s);

	w->bare = s->segment.flags == FLAG_ACK && s->segment.len == 0 ? w->bare + 1 : 0;
	if (echoes > 0 && echoes % ECHOES_MAX == 0)
		storm(w, s, echoes, ECHOES_MAX);
	else if (w->bare > 0 && w->bare % BARE_MAX == 0)
		storm(w, s, w->bare, BARE_MAX);
}

void wire_keep(struct wire *w, const struct trace_segment *s)
{
	if (!w->holding)
		wire_hold(w);
	held_insert(&w->held, w->held.n, s->number);
}

void wire_admit(struct wire *w, struct trace_segment *s)
{
	relay_sent(w->relay, s);
	if (w->holding || w->until || watch_in_motion(w->watch, s))
		watch_look(w->watch, s, wire_now(w));
	if (!w->holding && w->until && w->until(w->until_arg, s))
		wire_hold(w);
	if (!w->holding)
		look_for_storm(w, s);
	if (w->holding)
		wire_keep(w, s);
	else
		relay_take(w->relay, s);
}

/*
 * What only passes: nobody has asked about segments, and nothing is to happen to this one, or, with
 * cut, to these. False: they have to go the long way.
 */
static bool pass_quickly(struct wire *w, int from, const struct segment *seg,
			 const uint8_t *packet, const struct gso_cut *cut)
{
	size_t header = seg->header_len, len = header + seg->len;
	size_t n = cut ? (cut->len + cut->size - 1) / cut->size : 1;
	struct iovec piece[2] = { { (void *)packet, header },
				  { (void *)(packet + header), seg->len } };
	struct gso gso = { .size = cut ? (uint16_t)cut->size : 0, .partial = true };
	int to = netns_host_of(w->netns, &seg->to), rc;

	if (w->holding || w->until || w->run.n > 0 || to < 0 ||
	    !relay_is_clear(w->relay, from) || !watch_passes(w->watch, seg))
		return false;
	w->stirred[to] = true;
	rc = cut ? netns_write_gso(w->netns, to, piece, 2, &gso)
		 : netns_write(w->netns, to, packet, len);
	if (rc < 0)
		return false;
	watch_sent(w->watch, seg);
	watch_delivered(w->watch, seg, 0, false, 0);
	relay_passed(w->relay, from, n, seg->len + n * header);
	trace_passed(w->trace, wire_now(w), from, to, packet, seg, cut);
	return true;
}

static void take_segment(struct wire *w, int from, const struct segment *seg,
			 const uint8_t *packet, size_t len)
{
	struct trace_segment *held;
	double now;

	if (pass_quickly(w, from, seg, packet, NULL))
		return;
	now = wire_now(w);
	watch_sent(w->watch, seg);
	held = w->holding ? held_copy(&w->held, seg) : NULL;
	if (held) {
		trace_folded(w->trace, held->number, now);
		return;
	}
	wire_admit(w, trace_decoded(w->trace, now, from,
				    netns_host_of(w->netns, &seg->to), packet, len, seg));
}

/* A packet of many segments; how many it was. */
static int take_many(struct wire *w, int from, struct gso_cut *cut)
{
	struct segment seg;
	int n = (int)((cut->len + cut->size - 1) / cut->size);
	size_t len;

	w->joining = n > JOIN_MIN;
	gso_whole(cut, &seg);
	if (w->joining && pass_quickly(w, from, &seg, cut->packet, cut))
		return n;
	/* Its place is the trace's, and may be needed for the first of them. */
	memcpy(w->whole, cut->packet, cut->header + cut->len);
	cut->packet = w->whole;
	while ((len = gso_next(cut, w->segment, &seg)) > 0)
		take_segment(w, from, &seg, w->segment, len);
	run_end(w);
	w->joining = false;
	return n;
}

/* A packet of a host, of that length; how many segments it was. */
static int take(struct wire *w, int from, uint8_t *packet, size_t len,
		const struct gso *gso)
{
	struct gso_cut cut;
	struct segment seg;

	if (gso->size > 0 && gso_begin(&cut, packet, len, gso->size))
		return take_many(w, from, &cut);
	if (gso->partial)
		segment_checksum(packet, len);
	if (segment_decode(&seg, packet, len) < 0)
		pass(w, &seg, packet, len);
	else
		take_segment(w, from, &seg, packet, len);
	return 1;
}

/* Takes what a host has sent, until it is max segments or more; how many it was. */
static int drain(struct wire *w, int host, int max)
{
	uint8_t *packet;
	struct gso gso;
	int got = 0;
	long n;

	w->stirred[host] = false;
	while (got < max) {
		packet = trace_room(w->trace);
		n = netns_read_gso(w->netns, host, packet, GSO_PACKET_MAX, &gso);
		if (n <= 0)
			break;
		got += take(w, host, packet, (size_t)n, &gso);
	}
	return got;
}

/* There is news. */
static void spread(struct wire *w)
{
	if (w->holding && w->tell)
		w->tell(w->tell_arg);
	wire_announce(w);
}

bool wire_pump(struct wire *w)
{
	int i, n, left = PUMP_MAX;
	bool moved;

	if (w->pumping)
		return false;
	w->pumping = true;
	for (i = 0; i < w->n_hosts; i++)
		w->stirred[i] = true;
	do {
		moved = false;
		for (i = 0; i < w->n_hosts; i++) {
			n = w->stirred[i] ? drain(w, i, left) : 0;
			left -= n;
			moved |= n > 0;
		}
	} while (moved && left > 0);
	w->pumping = false;
	if (left < PUMP_MAX)
		spread(w);
	return left < PUMP_MAX;
}

void wire_nudge(struct wire *w, int host)
{
	int n;

	w->pumping = true;
	n = drain(w, host, 1);
	w->pumping = false;
	if (n > 0)
		spread(w);
}

bool wire_is_plain(const struct wire *w)
{
	int i;

	for (i = 0; i < w->n_hosts; i++)
		if (relay_delayed(w->relay, i) > 0)
			return false;
	return !w->holding && !w->pumping && !w->until && !relay_has_hook(w->relay);
}

void wire_readable(void *arg, int events)
{
	(void)events;
	wire_pump(arg);
}
