/*
 * relay.c - what becomes of segments on a running wire: faults, a function of the user's, delays.
 *
 * A wire without faults does not come by here but for two tests. Delayed segments stand in one queue
 * for each direction, in the order of their arrival; one timer runs for the earliest of all.
 */
#include "lab/relay.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "lab/lane.h"
#include "lab/relay_wire.h"
#include "lab/toobig.h"

struct relay {
	struct wire *wire;
	struct loop *loop;
	struct trace *trace;
	struct loop_timer timer;
	double timer_due; /* INFINITY: it does not run */
	int lanes;
	struct lane lane[NETNS_HOSTS_MAX + 1]; /* the last one is the ghosts' */
	long long seed;
	relay_hook_fn *hook;
	void *hook_arg;
	bool in_hook;
};

/* --- delays --- */

/* The lane whose first segment is due before all others; NULL. */
static struct lane *earliest(struct relay *r)
{
	struct lane *best = NULL;
	int i;

	for (i = 0; i < r->lanes; i++)
		if (r->lane[i].n > 0 &&
		    (!best || lane_next(&r->lane[i]) < lane_next(best)))
			best = &r->lane[i];
	return best;
}

unsigned relay_pop(struct relay *r)
{
	struct lane *l = earliest(r);

	return l ? lane_pop(l) : 0;
}

static void timer_set(struct relay *r, loop_timer_fn *fired)
{
	struct lane *l = earliest(r);
	double due = l ? lane_next(l) : INFINITY;

	if (due >= r->timer_due || isinf(due))
		return;
	r->timer_due = due;
	loop_timer_start(r->loop, &r->timer, fmax(due - wire_now(r->wire), 0), fired, r);
}

static void timer_fired(void *arg)
{
	struct relay *r = arg;
	struct lane *l;

	r->timer_due = INFINITY;
	while ((l = earliest(r)) && lane_next(l) <= wire_now(r->wire))
		wire_deliver(r->wire, trace_find(r->trace, lane_pop(l)));
	timer_set(r, timer_fired);
	wire_pump(r->wire);
}

/* --- faults --- */

static void drop(struct relay *r, const struct trace_segment *s, const char *why)
{
	trace_dropped(r->trace, s->number, wire_now(r->wire), why);
}

/* As a router does (RFC 1191): the sender is told, unless the packet might have been fragmented. */
static void too_big(struct relay *r, struct lane *l, struct trace_segment *s)
{
	unsigned mtu = (unsigned)l->fault.mtu;
	uint8_t icmp[TOOBIG_MAX];
	char why[60];
	size_t len = s->from < 0 ? 0 : toobig_make(icmp, s->packet, s->packet_len, mtu);

	l->counts.too_big++;
	snprintf(why, sizeof(why), "larger than mtu %u%s", mtu,
		 len > 0 ? "; ICMP tells the sender" : "");
	drop(r, s, why);
	if (len > 0)
		wire_write(r->wire, s->from, icmp, len);
}

/* One bit of the TCP segment, but not of its ports: it stays with its connection. */
static void damage(struct relay *r, struct trace_segment *s, uint64_t where)
{
	size_t ip = s->packet[0] >> 4 == 6 ? 40 : (size_t)(s->packet[0] & 15) * 4;
	size_t from = ip + 4;
	uint8_t *copy;

	if (s->packet_len <= from)
		return;
	copy = (uint8_t *)xstrndup((const char *)s->packet, s->packet_len);
	where %= (s->packet_len - from) * 8;
	copy[from + where / 8] ^= (uint8_t)(1 << where % 8);
	trace_altered(r->trace, s->number, copy, s->packet_len, 0);
	free(copy);
}

static enum relay_verdict ask(struct relay *r, struct trace_segment *s)
{
	enum relay_verdict verdict = RELAY_DELIVER;

	if (r->hook && !r->in_hook) {
		r->in_hook = true;
		verdict = r->hook(r->hook_arg, s);
		r->in_hook = false;
	}
	if (verdict == RELAY_BROKEN)
		relay_hook(r, NULL, NULL);
	return wire_holds(r->wire) ? RELAY_HOLD : verdict;
}

/* At once where nothing is before it and nothing delays it. What went before may have stopped the wire. */
static void forward(struct relay *r, struct lane *l, struct trace_segment *s, double due,
		    bool late)
{
	if (wire_holds(r->wire)) {
		wire_keep(r->wire, s);
		return;
	}
	if (l->n == 0 && !late && due <= wire_now(r->wire)) {
		wire_deliver(r->wire, s);
		return;
	}
	s->delay = lane_push(l, s->number, due, late) - s->sent;
	timer_set(r, timer_fired);
}

static void relay_faulty(struct relay *r, struct lane *l, struct trace_segment *s)
{
	struct fault_fate fate = fault_roll(&l->fault, &l->dice);
	enum relay_verdict verdict;
	struct trace_segment *copy;
	char why[40];
	double due;

	if (l->fault.mtu > 0 && (double)s->packet_len > l->fault.mtu) {
		too_big(r, l, s);
		return;
	}
	if (fate.lost) {
		l->counts.lost++;
		snprintf(why, sizeof(why), "loss %.6g %%", l->fault.loss * 100);
		drop(r, s, why);
		return;
	}
	if (fate.damaged) {
		l->counts.corrupted++;
		damage(r, s, fate.where);
	}
	verdict = ask(r, s);
	if (verdict == RELAY_HOLD) {
		wire_keep(r->wire, s);
		return;
	}
	if (verdict == RELAY_DROP) {
		drop(r, s, "by your function");
		return;
	}
	due = lane_due(l, wire_now(r->wire), fate.delay, s->packet_len);
	copy = fate.twice || verdict == RELAY_DUP
		       ? trace_copied(r->trace, wire_now(r->wire), s->number)
		       : NULL;
	forward(r, l, s, due, fate.late && !copy);
	if (!copy)
		return;
	l->counts.duplicated++;
	forward(r, l, copy, due, false);
}

static struct lane *lane_of(struct relay *r, const struct trace_segment *s)
{
	return &r->lane[s->from < 0 ? r->lanes - 1 : s->from];
}

void relay_take(struct relay *r, struct trace_segment *s)
{
	struct lane *l = lane_of(r, s);

	if (l->n > 0 || r->hook || fault_any(&l->fault))
		relay_faulty(r, l, s);
	else
		wire_deliver(r->wire, s);
}

bool relay_is_clear(const struct relay *r, int from)
{
	return r->lane[from].n == 0 && !r->hook && !fault_any(&r->lane[from].fault);
}

void relay_passed(struct relay *r, int from, size_t segments, size_t bytes)
{
	r->lane[from].counts.segments += segments;
	r->lane[from].counts.bytes += bytes;
	r->lane[from].counts.delivered += segments;
}

void relay_sent(struct relay *r, const struct trace_segment *s)
{
	struct lane *l = lane_of(r, s);

	l->counts.segments++;
	l->counts.bytes += s->packet_len;
}

void relay_delivered(struct relay *r, const struct trace_segment *s)
{
	lane_of(r, s)->counts.delivered++;
}

/* --- the public part --- */

struct relay *relay_new(struct wire *w, struct loop *loop, struct trace *trace,
			int n_hosts)
{
	struct relay *r = xcalloc(1, sizeof(*r));

	r->wire = w;
	r->loop = loop;
	r->trace = trace;
	r->lanes = n_hosts + 1;
	r->timer_due = INFINITY;
	r->seed = -1;
	return r;
}

void relay_free(struct relay *r)
{
	int i;

	loop_timer_stop(r->loop, &r->timer);
	for (i = 0; i < r->lanes; i++)
		lane_clear(&r->lane[i]);
	free(r);
}

int relay_lanes(const struct relay *r)
{
	return r->lanes;
}

struct fault *relay_fault(struct relay *r, int host)
{
	return &r->lane[host].fault;
}

const struct relay_counts *relay_counts(const struct relay *r, int host)
{
	return &r->lane[host].counts;
}

size_t relay_delayed(const struct relay *r, int host)
{
	return r->lane[host].n;
}

void relay_seed(struct relay *r, uint64_t seed)
{
	int i;

	r->seed = (long long)seed;
	for (i = 0; i < r->lanes; i++)
		dice_seed(&r->lane[i].dice, seed, i);
}

long long relay_seed_now(const struct relay *r)
{
	return r->seed;
}

void relay_hook(struct relay *r, relay_hook_fn *fn, void *arg)
{
	r->hook = fn;
	r->hook_arg = arg;
}

bool relay_has_hook(const struct relay *r)
{
	return r->hook != NULL;
}
