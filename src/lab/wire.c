/*
 * wire.c - the process's own relay between the lab's hosts: running, or held.
 *
 * Here is what a user does to it: hold, step, continue. How it moves is in pump.c.
 */
#include "lab/wire_inner.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"

double wire_now(const struct wire *w)
{
	return time_now() - w->start;
}

static void until_clear(struct wire *w)
{
	if (w->until_free)
		w->until_free(w->until_arg);
	w->until = w->until_after = NULL;
	w->stopped_after = 0;
	w->until_arg = NULL;
	w->until_free = NULL;
}

/* --- who waits for segments --- */

void wire_listen(struct wire *w, struct wire_listener *l)
{
	struct wire_listener **at = &w->listeners;

	while (*at)
		at = &(*at)->next;
	l->wire = w;
	l->next = NULL;
	*at = l;
}

void wire_unlisten(struct wire_listener *l)
{
	struct wire_listener **at;

	if (!l->wire)
		return;
	for (at = &l->wire->listeners; *at != l; at = &(*at)->next)
		;
	*at = l->next;
	l->wire = NULL;
}

/* Who listens again meanwhile is at the end of the list, and is not called twice. */
void wire_announce(struct wire *w)
{
	struct wire_listener *l;
	size_t n = 0;

	for (l = w->listeners; l; l = l->next)
		n++;
	for (; n > 0 && w->listeners; n--) {
		l = w->listeners;
		wire_unlisten(l);
		l->fn(l->arg);
	}
}

void wire_hold(struct wire *w)
{
	unsigned number;

	until_clear(w);
	w->holding = true;
	while ((number = relay_pop(w->relay)) > 0) {
		trace_find(w->trace, number)->delay = 0;
		held_insert(&w->held, w->held.n, number);
	}
}

struct wire *wire_new(struct loop *loop, struct netns *netns, struct host *hosts,
		      int n_hosts, struct trace *trace)
{
	struct wire *w = xcalloc(1, sizeof(*w));
	int i;

	w->loop = loop;
	w->netns = netns;
	w->hosts = hosts;
	w->n_hosts = n_hosts;
	w->trace = trace;
	w->held.trace = trace;
	w->start = time_now();
	w->watch = watch_new(hosts, n_hosts, trace);
	w->relay = relay_new(w, loop, trace, n_hosts);
	for (i = 0; i < n_hosts; i++)
		loop_io_start(loop, &w->in[i], netns_wire_fd(netns, i), LOOP_READ,
			      wire_readable, w);
	return w;
}

void wire_free(struct wire *w)
{
	int i;

	if (!w)
		return;
	for (i = 0; i < w->n_hosts; i++)
		loop_io_stop(w->loop, &w->in[i]);
	wire_announce(w);
	until_clear(w);
	relay_free(w->relay);
	watch_free(w->watch);
	held_clear(&w->held);
	free(w);
}

void wire_tell(struct wire *w, void (*fn)(void *arg), void *arg)
{
	w->tell = fn;
	w->tell_arg = arg;
}

void wire_be_patient(struct wire *w, bool patient)
{
	w->held.patient = patient;
}

bool wire_holds(const struct wire *w)
{
	return w->holding;
}

unsigned wire_stopped_after(const struct wire *w)
{
	return w->stopped_after;
}

void wire_continue(struct wire *w, wire_until_fn *before, wire_until_fn *after, void *arg,
		   void (*arg_free)(void *))
{
	bool was = w->pumping;

	until_clear(w);
	w->until = before;
	w->until_after = after;
	w->until_arg = arg;
	w->until_free = arg_free;
	w->holding = false;
	w->pumping = true;
	while (w->held.n > 0 && !w->holding) {
		struct trace_segment *s = trace_find(w->trace, w->held.number[0]);

		if (w->until && w->until(w->until_arg, s))
			wire_hold(w);
		/* A user's function may have held the wire, or stepped. */
		if (w->holding || w->held.n == 0 || w->held.number[0] != s->number)
			continue;
		held_remove(&w->held, 0);
		wire_deliver(w, s);
	}
	w->pumping = was;
	wire_pump(w);
}

enum tcp_state wire_state(const struct wire *w, const union addr *local,
			  const union addr *peer)
{
	return watch_state(w->watch, local, peer);
}

void wire_called(struct wire *w, int host, const union addr *local,
		 const union addr *peer, enum track_call call)
{
	int v6, families = local->sa.sa_family == AF_INET6 ? 2 : 1;
	union addr own = *local;

	/* On a held wire each segment is looked at: what was sent before the call, before it. */
	if (w->holding)
		wire_pump(w);
	if (!addr_is_any(local)) {
		watch_called(w->watch, local, peer, call);
		return;
	}
	/* [::] takes IPv4 as well. */
	for (v6 = 0; v6 < families; v6++) {
		own = netns_addr(w->netns, host, v6);
		if (own.sa.sa_family == 0)
			continue;
		addr_set_port(&own, addr_port(local));
		watch_called(w->watch, &own, peer, call);
	}
}

void wire_call_done(struct wire *w)
{
	wire_pump(w);
	watch_look_called(w->watch, wire_now(w));
}

unsigned wire_compare(struct wire *w, const union addr *a, const union addr *b)
{
	return watch_compare(w->watch, a, b, wire_now(w));
}

const struct track *wire_track(const struct wire *w)
{
	return watch_track(w->watch);
}

void wire_look(struct wire *w)
{
	watch_look_all(w->watch, wire_now(w));
}

unsigned wire_inject(struct wire *w, const void *packet, size_t len,
		     const uint32_t base[2])
{
	struct trace_origin origin = { .injected = true, .based = base != NULL };
	bool was = w->pumping;
	struct trace_segment *s;
	struct segment seg;

	if (base)
		memcpy(origin.base, base, sizeof(origin.base));
	wire_pump(w);
	segment_decode(&seg, packet, len);
	s = trace_made(w->trace, wire_now(w), netns_host_of(w->netns, &seg.from),
		       netns_host_of(w->netns, &seg.to), packet, len, &origin);
	/* A user's function may be asked: it is called by the wire. */
	w->pumping = true;
	wire_admit(w, s);
	w->pumping = was;
	wire_pump(w);
	return s->number;
}

struct relay *wire_relay(struct wire *w)
{
	return w->relay;
}

bool wire_pumping(const struct wire *w)
{
	return w->pumping;
}

size_t wire_held(const struct wire *w)
{
	return w->held.n;
}

struct trace_segment *wire_held_at(const struct wire *w, size_t i)
{
	return i < w->held.n ? trace_find(w->trace, w->held.number[i]) : NULL;
}

int wire_step(struct wire *w, unsigned number, struct err *err)
{
	struct trace_segment *s;
	long at;

	/* What a timer has sent by now was sent before. */
	wire_pump(w);
	at = held_find(&w->held, number, err);
	if (at < 0)
		return (int)at;
	s = trace_find(w->trace, w->held.number[at]);
	held_remove(&w->held, (size_t)at);
	wire_deliver(w, s);
	wire_pump(w);
	return (int)s->number;
}

int wire_drop(struct wire *w, unsigned number, const char *why, struct err *err)
{
	long at = held_find(&w->held, number, err);

	if (at < 0)
		return (int)at;
	number = w->held.number[at];
	held_remove(&w->held, (size_t)at);
	trace_dropped(w->trace, number, wire_now(w), why);
	return (int)number;
}

int wire_dup(struct wire *w, unsigned number, struct err *err)
{
	long at = held_find(&w->held, number, err);
	struct trace_segment *copy;

	if (at < 0)
		return (int)at;
	copy = trace_copied(w->trace, wire_now(w), w->held.number[at]);
	held_insert(&w->held, (size_t)at + 1, copy->number);
	return (int)copy->number;
}

int wire_delay(struct wire *w, unsigned number, size_t n, struct err *err)
{
	long at = held_find(&w->held, number, err);
	size_t to;

	if (at < 0)
		return (int)at;
	number = w->held.number[at];
	held_remove(&w->held, (size_t)at);
	to = (size_t)at + n;
	to = to < w->held.n ? to : w->held.n;
	if (to > 0 && to > (size_t)at)
		trace_find(w->trace, number)->behind = w->held.number[to - 1];
	held_insert(&w->held, to, number);
	return (int)number;
}
