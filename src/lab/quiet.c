/*
 * quiet.c - what can a lab's hosts still send, while nobody does anything?
 *
 * A host's TCP sends when a program calls it, when a segment arrives, and when a timer fires. So
 * where nobody calls and nothing is under way, the timers tell. They are the kernel's own, of
 * connections without a descriptor too. Only that of a delayed ACK no query shows: there the trace tells
 * what has not been answered.
 */
#include "lab/quiet.h"

#include "base/text.h"
#include "lab/relay.h"

/* TCP_DELACK_MAX: so long an ACK is delayed. */
#define DELACK_SECONDS 0.2

/* What it does when it fires may be to send. */
static bool may_send(const struct diag_sock *s)
{
	return s->timer != TIMER_NONE && s->timer != TIMER_TIME_WAIT &&
	       s->timer != TIMER_FIN;
}

struct looking {
	double seconds;
	enum quiet quiet;
};

static int look_at(const struct diag_sock *s, void *arg)
{
	struct looking *l = arg;
	bool repeats = s->timer == TIMER_RETRANSMIT;

	if (!may_send(s) || s->timer_ms / 1000.0 > l->seconds)
		return 0;
	/* A loss probe is told as a retransmission, and may carry what is new. */
	if (!repeats || (s->has_info && s->info.tcpi_notsent_bytes > 0)) {
		l->quiet = QUIET_NO;
		return 1;
	}
	l->quiet = QUIET_REPEATS;
	return 0;
}

/* What is delayed arrives, and is answered; after ICMP a segment is sent again in smaller ones. */
static bool under_way(struct lab *lab)
{
	struct relay *relay = wire_relay(lab->wire);
	int i;

	for (i = 0; i < relay_lanes(relay); i++)
		if (relay_delayed(relay, i) > 0 || relay_fault(relay, i)->mtu > 0)
			return true;
	return false;
}

struct next {
	const struct host *asked, *host; /* NULL: there was none yet */
	struct diag_sock sock;
};

static int next_of(const struct diag_sock *s, void *arg)
{
	struct next *n = arg;

	if (!may_send(s) || (n->host && s->timer_ms >= n->sock.timer_ms))
		return 0;
	n->host = n->asked;
	n->sock = *s;
	return 0;
}

/* Has the receiver sent anything on that connection since event i, which gave it the segment? */
static bool answered(const struct trace *t, size_t i, const struct trace_segment *s)
{
	int conn = trace_event(t, i)->conn;

	while (++i < trace_events(t)) {
		const struct trace_event *e = trace_event(t, i);

		if (e->conn == conn &&
		    (e->kind == TRACE_SENT || e->kind == TRACE_FOLDED) &&
		    trace_find(t, e->number)->from == s->to)
			return true;
	}
	return false;
}

/* The last segment that a delayed ACK may be due for; NULL. */
static const struct trace_segment *delayed_ack(const struct lab *lab)
{
	const struct trace *t = lab->trace;
	double since = wire_now(lab->wire) - DELACK_SECONDS;
	size_t i;

	for (i = trace_events(t); i-- > 0;) {
		const struct trace_event *e = trace_event(t, i);
		const struct trace_segment *s;

		if (e->time < since)
			break;
		if (e->kind != TRACE_DELIVERED)
			continue;
		s = trace_find(t, e->number);
		if (segment_span(&s->segment) > 0 &&
		    !(s->segment.flags & (FLAG_SYN | FLAG_RST)) && !answered(t, i, s))
			return s;
	}
	return NULL;
}

bool quiet_next(struct lab *lab, struct buf *out)
{
	static const char *const verbs[] = { [TIMER_RETRANSMIT] = "retransmits",
					     [TIMER_KEEPALIVE] = "sends a keepalive",
					     [TIMER_PROBE] = "probes the window" };
	const struct diag_filter all = { 0 };
	const struct trace_segment *delayed = delayed_ack(lab);
	char at[ADDR_TEXT_MAX], when[32];
	struct next n = { 0 };
	struct diag *diag;
	struct err ignored;
	int i;

	for (i = 0; i < lab->hosts; i++) {
		n.asked = &lab->host[i];
		diag = host_diag(&lab->host[i], &ignored);
		if (diag)
			diag_each(diag, &all, next_of, &n, &ignored);
	}
	if (delayed)
		buf_addf(out, "perhaps an ACK of #%u from %s, delayed by up to %s",
			 delayed->number, lab->host[delayed->to].name,
			 duration_format(DELACK_SECONDS, when));
	if (n.host)
		buf_addf(out, "%s%s %s (%s) %s in %s", delayed ? ",\n" : "", n.host->name,
			 addr_format(&n.sock.local, at), state_name(n.sock.state),
			 verbs[n.sock.timer],
			 duration_format(n.sock.timer_ms / 1000.0, when));
	return delayed || n.host;
}

enum quiet quiet_look(struct lab *lab, double seconds)
{
	const struct diag_filter all = { .want_info = true };
	struct looking l = { seconds, QUIET_YES };
	struct diag *diag;
	struct err err;
	int i;

	if (under_way(lab))
		return QUIET_NO;
	for (i = 0; i < lab->hosts && l.quiet != QUIET_NO; i++) {
		diag = host_diag(&lab->host[i], &err);
		if (!diag || diag_each(diag, &all, look_at, &l, &err) < 0)
			return QUIET_NO;
	}
	return l.quiet;
}
