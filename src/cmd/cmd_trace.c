/* cmd_trace.c - ladder, explain, save: what the trace tells. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cmd/app.h"
#include "cmd/rows.h"
#include "cmd/segments.h"
#include "sys/outfile.h"
#include "trace/pcapng.h"
#include "trace/views.h"

/* --- ladder --- */

enum { LADDER_RAW, LADDER_AFTER, LADDER_COLUMNS, LADDER_LAST };
enum { EXPLAIN_RAW, EXPLAIN_AFTER, EXPLAIN_LAST };

#define LADDER_WIDTH 70
#define LADDER_LEAST 60

static bool is_between(const struct trace_conn *c, const union addr *a,
		       const union addr *b)
{
	return (addr_equal(&c->end[0], a) && addr_equal(&c->end[1], b)) ||
	       (addr_equal(&c->end[1], a) && addr_equal(&c->end[0], b));
}

/*
 * A pair may have had several connections. A connect's begins after its socket was made, an accept's
 * before; a capture does not know when that was.
 */
static const struct trace_conn *conn_of(struct call *call, const struct trace *t)
{
	struct sock *s = call->arg[0].sock;
	const struct lab *lab = call->app->lab;
	double made = lab ? wire_now(lab->wire) - (time_now() - s->made) : INFINITY;
	const struct trace_conn *found = NULL;
	size_t i;

	for (i = 0; i < trace_conns(t); i++) {
		const struct trace_conn *c = trace_conn(t, i);
		bool before = trace_find(t, c->first)->sent <= made;

		if (!is_between(c, sock_local(s), sock_peer(s)))
			continue;
		if (s->kind == SOCK_CONNECT || before || !found)
			found = c;
		if (!before)
			break;
	}
	return found;
}

/* The first event that segments after that number had a part in. */
static size_t event_after(const struct trace *t, long long number)
{
	const struct trace_event *e;
	size_t i;

	for (i = 0; number > 0 && i < trace_events(t); i++) {
		e = trace_event(t, i);
		if (e->kind == TRACE_SENT && e->number > number)
			break;
	}
	return i;
}

/* The number behind which are the last n of a connection; NULL: of all. */
static long long last_after(const struct trace *t, const struct trace_conn *conn,
			    long long n)
{
	unsigned number = (unsigned)trace_segments(t);

	for (; number > 0 && n > 0; number--)
		n -= !conn || trace_conn_of(t, trace_find(t, number)) == conn;
	return number;
}

/* The number behind which the part begins that after=N and last=N leave. */
static long long part_after(const struct trace *t, const struct trace_conn *conn,
			    const struct value *after, const struct value *last)
{
	long long n = after->kind == VALUE_INT ? after->i : 0, m = 0;

	if (last->kind == VALUE_INT)
		m = last_after(t, conn, last->i);
	return n > m ? n : m;
}

/* As asked for; at the prompt no wider than the terminal. */
static int ladder_width(const struct call *call)
{
	const struct app *app = call->app;
	int columns = LADDER_WIDTH;

	if (call->option[LADDER_COLUMNS].kind == VALUE_INT)
		return (int)call->option[LADDER_COLUMNS].i;
	if (call->typed && app->door.columns)
		columns = app->door.columns(call->app);
	if (columns > LADDER_WIDTH)
		columns = LADDER_WIDTH;
	return columns > LADDER_LEAST ? columns : LADDER_LEAST;
}

static int ladder_exec(struct call *call)
{
	struct trace *t = call_need_trace(call);
	struct ladder_options o = { .utf8 = call->app->set.utf8_glyphs,
				    .width = ladder_width(call),
				    .indent = 6,
				    .lines = true,
				    .interrupt = &call->app->interrupt };
	struct buf out = BUF_EMPTY;
	char name[SOCK_NAME_MAX];

	if (!t)
		return -EINVAL;
	o.raw = segment_view_of(call, &call->option[LADDER_RAW]) & VIEW_RAW;
	if (call->arg[0].kind == VALUE_SOCK) {
		o.conn = conn_of(call, t);
		if (!o.conn)
			return err_set(&call->err, "usage",
				       "ladder: no segment of %s was on the wire",
				       sock_name(call->arg[0].sock, name));
	}
	o.first_event = event_after(t, part_after(t, o.conn, &call->option[LADDER_AFTER],
						  &call->option[LADDER_LAST]));
	view_ladder(t, &o, &out);
	call->result = value_copy(buf_str(&out), out.len);
	buf_clear(&out);
	return call_interrupted(call, "ladder");
}

static void text_show(struct call *call, struct buf *out)
{
	if (call->result.str.len == 0)
		buf_adds(out, "nothing was on the wire yet\n");
	buf_add(out, call->result.str.data, call->result.str.len);
}

/* --- explain --- */

static int explain_exec(struct call *call)
{
	struct trace *t = call_need_trace(call);
	struct buf out = BUF_EMPTY;
	unsigned n, only;
	int rc = t ? segment_number(call, &call->arg[0], &only) : -EINVAL;

	if (rc < 0)
		return rc;
	if (only && !segment_find(call, t, only))
		return -EINVAL;
	n = (unsigned)part_after(t, NULL, &call->option[EXPLAIN_AFTER],
				 &call->option[EXPLAIN_LAST]);
	for (n = only ? only : n + 1; n <= (only ? only : trace_segments(t)) && rc == 0;
	     n++) {
		if (trace_find(t, n))
			view_explain(t, trace_find(t, n),
				     segment_view_of(call, &call->option[EXPLAIN_RAW]), 0,
				     &out);
		rc = call_interrupted(call, "explain");
	}
	call->result = value_copy(buf_str(&out), out.len);
	buf_clear(&out);
	return rc;
}

/* --- save --- */

static bool ends_in(const char *path, const char *tail)
{
	size_t n = strlen(path), m = strlen(tail);

	return n > m && strcmp(path + n - m, tail) == 0;
}

/* The trace as the end of the file's name says. */
static int save_format(struct call *call, const struct trace *t, struct buf *out)
{
	const struct app *app = call->app;
	const struct interrupt *interrupt = &app->interrupt;
	const char *path = call->arg[0].str.data;
	size_t n = trace_segments(t);
	char what[120];

	if (ends_in(path, ".pcapng"))
		n = pcapng_write(t, app->lab ? app->lab->started : app->loaded_start,
				 interrupt, out, &call->at);
	else if (ends_in(path, ".txt"))
		view_ladder(t, &(struct ladder_options){ .interrupt = interrupt }, out);
	else if (ends_in(path, ".json"))
		view_json(t, interrupt, out);
	else
		return err_set(&call->err, "usage",
			       "save: %.80s: the name must end in .pcapng, .txt or .json",
			       path);
	call->result = value_int((long long)n);
	snprintf(what, sizeof(what), "save %.80s", path);
	return call_interrupted(call, what);
}

static int save_write(struct call *call, const struct buf *text)
{
	bool force = call->option[0].kind == VALUE_BOOL && call->option[0].b;
	struct outfile *f = xcalloc(1, sizeof(*f));
	int rc = outfile_open(f, call->arg[0].str.data, force, &call->err);

	if (rc == 0)
		rc = outfile_write(f, buf_str(text), text->len, &call->err);
	if (rc == 0)
		rc = outfile_commit(f, &call->err);
	outfile_abort(f);
	free(f);
	return rc;
}

static int save_exec(struct call *call)
{
	struct trace *t = call_need_trace(call);
	struct buf out = BUF_EMPTY;
	int rc = t ? save_format(call, t, &out) : -EINVAL;

	if (rc == 0)
		rc = save_write(call, &out);
	buf_clear(&out);
	return rc;
}

static void save_show(struct call *call, struct buf *out)
{
	buf_addf(out, "%s  %lld %s", call->arg[0].str.data, call->result.i,
		 ends_in(call->arg[0].str.data, ".pcapng") ? "packets" : "segments");
	if (call->at > 0)
		buf_addf(out, " (%zu marked \"retransmission, folded by tcpstep\")",
			 call->at);
	buf_addc(out, '\n');
}

const struct cmd rows_trace[] = {
	{
		.name = "ladder",
		.group = "trace",
		.summary = "draw what went over the wire, states at both sides",
		.detail =
			"Without SOCKET all connections, one after the other. set glyphs utf8 draws with lines and\n"
			"arrows instead of ASCII. Beside a segment stands the line of the script that sent it.\n"
			"What is longer than the screen is shown a page at a time (set pager); the wire stands still\n"
			"until you leave it.",
		.example = "lab\nserver listen 80\nclient connect server:80\nladder",
		.returns = "string",
		.looks = true,
		.pages = true,
		.arg = { { "socket", ARG_STREAM, ARG_OPTIONAL | ARG_CLOSED,
			   .standard = "all", .text = "only this connection" } },
		.option = { OPTION_RAW,
			    { "after", ARG_INT, ARG_OPTIONAL, NULL, 0, 1000000000,
			      .standard = "0", .text = "only what came after #N" },
			    { "columns", ARG_INT, ARG_OPTIONAL, NULL, LADDER_LEAST, 400,
			      .standard = "70, less on a narrow terminal",
			      .text = "its width" },
			    { "last", ARG_INT, ARG_OPTIONAL, NULL, 1, 1000000000,
			      .standard = "all", .text = "only the last N segments" } },
		.exec = ladder_exec,
		.show = text_show,
	},
	{
		.name = "explain",
		.group = "trace",
		.summary = "say in words what each segment was for",
		.example = "lab\nserver listen 80\nclient connect server:80\nexplain #1",
		.returns = "string",
		.looks = true,
		.pages = true,
		.arg = { { "segment", ARG_TEXT, ARG_OPTIONAL, .standard = "all",
			   .text = "#5, or 5" } },
		.option = { OPTION_RAW,
			    { "after", ARG_INT, ARG_OPTIONAL, NULL, 0, 1000000000,
			      .standard = "0", .text = "only what came after #N" },
			    { "last", ARG_INT, ARG_OPTIONAL, NULL, 1, 1000000000,
			      .standard = "all", .text = "only the last N segments" } },
		.exec = explain_exec,
		.show = text_show,
	},
	{
		.name = "save",
		.group = "trace",
		.summary = "save the trace: .pcapng for Wireshark, .txt, .json",
		.detail =
			"A .pcapng has a comment at each packet: its number here, from and to, what became of it.\n"
			"An existing file is left alone; force=yes replaces it, and it keeps its mode.",
		.example =
			"lab\nserver listen 80\nclient connect server:80\nsave handshake.pcapng force=yes",
		.returns = "integer",
		.arg = { { "file", ARG_PATH, ARG_NEEDED,
			   .text = "its name's end says what is written" } },
		.option = { { "force", ARG_BOOL, ARG_OPTIONAL, .standard = "no",
			      .text = "replace an existing file" } },
		.exec = save_exec,
		.show = save_show,
	},
	{ .name = NULL },
};
