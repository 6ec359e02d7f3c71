/* cmd_events.c - trace: the segments that were on the wire, and all else that happened, as lists. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cmd/app.h"
#include "cmd/rows.h"
#include "cmd/segments.h"
#include "lab/when.h"
#include "trace/views.h"

enum { TRACE_AFTER, TRACE_LAST, TRACE_EVENTS };

static bool wants_events(const struct call *call)
{
	return call->option[TRACE_EVENTS].kind == VALUE_BOOL &&
	       call->option[TRACE_EVENTS].b;
}

/* --- segments --- */

/* Parses WHEN, which may be typed in words or given as one text. */
static struct when *when_read(struct call *call, const struct trace *t)
{
	struct buf text = BUF_EMPTY;
	struct when *when;
	size_t i;

	buf_adds(&text, call->arg[0].str.data);
	for (i = 0; i < call->n_rest; i++)
		buf_addf(&text, " %s", call->rest[i].str.data);
	when = when_parse(call->app->lab, t, buf_str(&text), &call->err);
	buf_clear(&text);
	return when;
}

/* Marks what meets the condition: each segment as it was when it arrived, or was dropped. */
static void find_met(const struct trace *t, struct when *when, bool *met)
{
	const struct trace_event *e;
	size_t i, n = trace_events(t);
	unsigned number;

	for (number = 1; number <= trace_segments(t); number++)
		met[number] = trace_find(t, number)->done < 0 &&
			      when_met_at(when, trace_find(t, number), n);
	for (i = 0; i < n; i++) {
		e = trace_event(t, i);
		if (e->kind == TRACE_DELIVERED || e->kind == TRACE_DROPPED)
			met[e->number] |= when_met_at(when, trace_find(t, e->number), i);
	}
}

/* The number behind which are the last so many that are met. */
static unsigned last_met(const bool *met, size_t n, long long last)
{
	for (; n > 0 && last > 0; n--)
		last -= met[n];
	return (unsigned)n;
}

static int list_segments(struct call *call, const struct trace *t, unsigned after)
{
	size_t n = trace_segments(t);
	bool *met = xcalloc(n + 1, sizeof(*met));
	long long last = call->option[TRACE_LAST].i;
	struct when *when = NULL;
	unsigned number, begin;

	if (call->arg[0].kind == VALUE_STR) {
		when = when_read(call, t);
		if (!when) {
			free(met);
			return -EINVAL;
		}
		find_met(t, when, met);
	} else {
		memset(met, true, n + 1);
	}
	begin = last > 0 ? last_met(met, n, last) : 0;
	call->result = value_table();
	for (number = (begin > after ? begin : after) + 1; number <= n; number++)
		if (met[number])
			value_add(&call->result, NULL,
				  segment_value(t, trace_find(t, number)));
	if (when)
		when_free(when);
	free(met);
	return 0;
}

/* --- events --- */

static void add_addr(struct value *v, const char *key, const union addr *a)
{
	char text[ADDR_TEXT_MAX];

	if (a->sa.sa_family != 0)
		value_add(v, key, value_text(addr_format(a, text)));
}

static struct value event_value(const struct trace *t, const struct trace_event *e)
{
	static const char *const names[] = { "sent",  "delivered", "dropped", "folded",
					     "state", "command",   "note" };
	struct value v = value_table();

	value_add(&v, "event", value_static(names[e->kind]));
	value_add(&v, "time", value_num(e->time));
	if (e->number)
		value_add(&v, "number", value_int(e->number));
	if (e->host >= 0)
		value_add(&v, "host", value_text(trace_host(t, e->host)));
	if (e->kind == TRACE_STATE) {
		add_addr(&v, "local_address", &e->local);
		add_addr(&v, "peer_address", &e->peer);
		value_add(&v, "before", value_static(state_name(e->before)));
		value_add(&v, "state", value_static(state_name(e->now)));
		value_add(&v, "inferred", value_bool(e->inferred));
	}
	if (e->line > 0)
		value_add(&v, "line", value_int(e->line));
	if (e->text)
		value_add(&v, "text", value_text(e->text));
	return v;
}

static void list_events(struct call *call, const struct trace *t, unsigned after)
{
	size_t i = 0, n = trace_events(t);

	for (; after > 0 && i < n; i++)
		if (trace_event(t, i)->kind == TRACE_SENT &&
		    trace_event(t, i)->number > after)
			break;
	call->result = value_table();
	for (; i < n; i++)
		value_add(&call->result, NULL, event_value(t, trace_event(t, i)));
}

/* The number behind which the events begin that are asked for. */
static unsigned events_after(const struct call *call, const struct trace *t)
{
	long long after = call->option[TRACE_AFTER].i, last = call->option[TRACE_LAST].i;
	long long n = (long long)trace_segments(t);

	if (last > 0 && n - last > after)
		after = n - last;
	return (unsigned)after;
}

static int trace_exec(struct call *call)
{
	struct trace *t = call_need_trace(call);

	if (!t)
		return -EINVAL;
	if (call->arg[0].kind == VALUE_STR && wants_events(call))
		return err_set(&call->err, "usage",
			       "trace: WHEN is about segments, not about all events");
	if (!wants_events(call))
		return list_segments(call, t, (unsigned)call->option[TRACE_AFTER].i);
	list_events(call, t, events_after(call, t));
	return 0;
}

/* --- as a person sees it --- */

static const char *text_of(const struct value *v, const char *key)
{
	const struct value *f = value_get(v, key);

	return f ? f->str.data : "";
}

/* "0.000412  state      server 10.77.0.2:80  SYN_RCVD -> ESTABLISHED" */
static void event_show(const struct value *v, struct buf *out)
{
	const struct value *number = value_get(v, "number"), *line = value_get(v, "line");

	buf_addf(out, "%9.6f  ", value_get(v, "time")->n);
	text_column(out, text_of(v, "event"), 9);
	if (value_get(v, "state"))
		buf_addf(out, "  %s %s  %s -> %s", text_of(v, "host"),
			 text_of(v, "local_address"), text_of(v, "before"),
			 text_of(v, "state"));
	else if (value_get(v, "text"))
		buf_addf(out, "  %s", text_of(v, "text"));
	else
		buf_addf(out, "  #%lld", number ? number->i : 0);
	if (line)
		buf_addf(out, "  (line %lld)", line->i);
	buf_addc(out, '\n');
}

static void trace_show(struct call *call, struct buf *out)
{
	struct app *app = call->app;
	const struct trace *t = app->lab ? app->lab->trace : app->loaded;
	const struct value_table *list = call->result.t;
	size_t i;

	for (i = 0; i < list->n; i++) {
		const struct value *v = &list->field[i].value;

		if (wants_events(call)) {
			event_show(v, out);
			continue;
		}
		view_line(t, trace_find(t, (unsigned)value_get(v, "number")->i),
			  segment_view(app), NULL, out);
		buf_addc(out, '\n');
	}
	if (list->n == 0)
		buf_adds(out, "nothing of the kind was on the wire yet\n");
}

const struct cmd rows_events[] = {
	{
		.name = "trace",
		.group = "trace",
		.usage = "[WHEN]",
		.summary = "list the segments that were on the wire, all or some",
		.detail =
			"WHEN is words that all must hold of a segment, as in continue until: trace FIN from server;\n"
			"trace 10.0.0.1:4000 is what has that end, trace :80 > client what goes from one to another.\n"
			"At the end stands what became of it: HELD, DELAYED, DELIVERED, DROPPED, or TO A GHOST, an address\n"
			"without a host; nothing in a capture of others. With events=yes lists all that happened, in order: segments sent, delivered, dropped, states\n"
			"that changed, the lines of a script that caused it. In Lua trace() is a list of tables such\n"
			"as show gives, trace{events=true} one of events.",
		.example =
			"lab\nserver listen 80\nclient connect server:80\ntrace\ntrace SYN",
		.returns = "segment.data[]",
		.looks = true,
		.pages = true,
		.arg = { { "when", ARG_TEXT, ARG_OPTIONAL | ARG_MANY, .standard = "all",
			   .text = "SYN,ACK; data from client; len > 0" } },
		.option = { { "after", ARG_INT, ARG_OPTIONAL, NULL, 0, 1000000000,
			      .standard = "0", .text = "only those after #N" },
			    { "last", ARG_INT, ARG_OPTIONAL, NULL, 1, 1000000000,
			      .standard = "all",
			      .text = "only the last so many of these" },
			    { "events", ARG_BOOL, ARG_OPTIONAL, .standard = "no",
			      .text = "all that happened, not only segments" } },
		.exec = trace_exec,
		.show = trace_show,
	},
	{ .name = NULL },
};
