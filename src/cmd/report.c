/*
 * report.c - what moved on a held wire since the user was last told.
 *
 * A line for each segment that came onto the wire or left it, and under it the states of both ends where
 * one changed: the sender of the connection's first segment stands on the left.
 */
#include "cmd/report.h"

#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "cmd/segments.h"
#include "lab/lab.h"
#include "trace/views.h"

/* More lines of segments at once are not read by anybody. */
#define LINES_MAX 40

static bool is_of_end(const struct trace_event *e, const struct trace_conn *c, int side)
{
	return e->kind == TRACE_STATE && e->host == c->host[side] &&
	       addr_equal(&e->local, &c->end[side]) &&
	       addr_equal(&e->peer, &c->end[!side]);
}

/* The state of one end when event i had not happened yet. */
static enum tcp_state state_before(const struct lab *lab, const struct trace_conn *c,
				   int side, size_t i)
{
	const struct trace *t = lab->trace;
	size_t k;

	for (k = i; k-- > 0;)
		if (is_of_end(trace_event(t, k), c, side))
			return trace_event(t, k)->now;
	for (k = i; k < trace_events(t); k++)
		if (is_of_end(trace_event(t, k), c, side))
			return trace_event(t, k)->before;
	return wire_state(lab->wire, &c->end[side], &c->end[!side]);
}

/* The trail of one end in the events from i on that the segment caused. */
static void trail_of(const struct lab *lab, const struct trace_conn *c, int side,
		     size_t i, unsigned cause, struct buf *out)
{
	const struct trace *t = lab->trace;
	enum tcp_state before = state_before(lab, c, side, i);
	const struct trace_event *e;

	buf_adds(out, state_name(before == STATE_NONE ? STATE_CLOSED : before));
	/* Until the next segment's own line. */
	for (i++; i < trace_events(t); i++) {
		e = trace_event(t, i);
		if (e->kind != TRACE_STATE)
			break;
		if (e->number == cause && is_of_end(e, c, side))
			buf_addf(out, " -> %s", state_name(e->now));
	}
}

/* True when the event is followed by states that its segment caused. */
static bool changed(const struct trace *t, size_t i, unsigned cause)
{
	const struct trace_event *e = i + 1 < trace_events(t) ? trace_event(t, i + 1)
							      : NULL;

	return e && e->kind == TRACE_STATE && e->number == cause;
}

/* "    client  SYN_SENT -> ESTABLISHED     server  SYN_RCVD" */
static void states_line(const struct lab *lab, const struct trace_segment *s,
			size_t event, struct buf *out)
{
	const struct trace_conn *c = trace_conn_of(lab->trace, s);
	struct buf cell = BUF_EMPTY;
	int side;

	if (!c)
		return;
	buf_adds(out, "    ");
	for (side = 0; side < 2; side++) {
		if (c->host[side] < 0)
			continue;
		buf_reset(&cell);
		buf_addf(&cell, "%s  ", trace_host(lab->trace, c->host[side]));
		trail_of(lab, c, side, event, s->number, &cell);
		text_column(out, buf_str(&cell), side == 0 ? 34 : 0);
		buf_adds(out, "  ");
	}
	while (out->len > 0 && out->data[out->len - 1] == ' ')
		out->data[--out->len] = '\0';
	buf_addc(out, '\n');
	buf_clear(&cell);
}

/* What a call changed without a segment is not the doing of the next one. */
static size_t caught_up(struct lab *lab)
{
	wire_pump(lab->wire);
	wire_look(lab->wire);
	return trace_events(lab->trace);
}

static bool is_line(const struct trace_event *e)
{
	return e->kind == TRACE_SENT || e->kind == TRACE_DELIVERED ||
	       e->kind == TRACE_DROPPED;
}

/* Where the report begins: what a running wire did before it stopped may be long. */
static size_t report_begin(const struct lab *lab, size_t end, struct buf *out)
{
	size_t i, lines = 0, left = 0;

	for (i = end; i > lab->told && lines < LINES_MAX; i--)
		lines += is_line(trace_event(lab->trace, i - 1));
	for (end = i; end > lab->told; end--)
		left += is_line(trace_event(lab->trace, end - 1));
	if (left > 0)
		buf_addf(out, "(%zu line%s before these %s left out; ladder has all)\n",
			 left, text_plural(left), left == 1 ? "is" : "are");
	return i;
}

void report_wire(struct app *app, struct buf *out)
{
	struct lab *lab = app->lab;
	unsigned how = segment_view(app);
	size_t i, end = caught_up(lab);
	const struct trace *t = lab->trace;

	for (i = report_begin(lab, end, out); i < end; i++) {
		const struct trace_event *e = trace_event(t, i);
		const struct trace_segment *s = e->number ? trace_find(t, e->number)
							  : NULL;

		if (e->kind == TRACE_NOTE)
			buf_addf(out, "note: %s\n", e->text);
		if (!s || !is_line(e))
			continue;
		view_line(t, s, how | (e->kind != TRACE_SENT ? VIEW_BRIEF : 0),
			  e->kind == TRACE_SENT ? s->fate == FATE_HELD ? NULL : "SENT"
			  : e->kind == TRACE_DROPPED ? NULL
						     : "DELIVERED",
			  out);
		buf_addc(out, '\n');
		if (e->kind == TRACE_DELIVERED ||
		    (e->kind == TRACE_SENT && changed(t, i, s->number)))
			states_line(lab, s, i, out);
	}
	lab->told = end;
}

static const char *event_word(enum trace_kind kind)
{
	switch (kind) {
	case TRACE_SENT:
		return "sent";
	case TRACE_DELIVERED:
		return "delivered";
	case TRACE_DROPPED:
		return "dropped";
	default:
		return NULL;
	}
}

void report_json(struct lab *lab, struct buf *out)
{
	size_t i, end = caught_up(lab);
	const struct trace *t = lab->trace;
	char flags[40];

	for (i = lab->told; i < end; i++) {
		const struct trace_event *e = trace_event(t, i);
		const struct trace_segment *s = e->number ? trace_find(t, e->number)
							  : NULL;
		const char *word = event_word(e->kind);

		if (e->kind == TRACE_STATE)
			buf_addf(
				out,
				"{\"event\":\"wire_state\",\"segment\":%u,\"host\":\"%s\","
				"\"before\":\"%s\",\"state\":\"%s\"%s}\n",
				e->number, trace_host(t, e->host), state_name(e->before),
				state_name(e->now),
				e->inferred ? ",\"inferred\":true" : "");
		if (e->kind == TRACE_NOTE) {
			buf_adds(out, "{\"event\":\"note\",\"text\":");
			json_string(out, e->text, strlen(e->text));
			buf_adds(out, "}\n");
		}
		if (!s || !word)
			continue;
		buf_addf(out,
			 "{\"event\":\"%s\",\"segment\":%u,\"from\":\"%s\",\"to\":\"%s\","
			 "\"flags\":\"%s\",\"seq\":%u,\"ack\":%u,\"len\":%zu}\n",
			 word, s->number, s->from < 0 ? "-" : trace_host(t, s->from),
			 s->to < 0 ? "-" : trace_host(t, s->to),
			 segment_flags_text(s->segment.flags, flags), trace_seq(t, s),
			 trace_ack(t, s), s->segment.len);
	}
	lab->told = end;
}
