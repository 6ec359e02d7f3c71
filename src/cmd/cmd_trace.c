/* cmd_trace.c - ladder, explain, save: what the trace tells. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cmd/app.h"
#include "cmd/conns.h"
#include "cmd/rows.h"
#include "cmd/segments.h"
#include "sys/outfile.h"
#include "trace/pcapng.h"
#include "trace/views.h"

/* --- ladder --- */

enum { LADDER_RAW, LADDER_AFTER, LADDER_COLUMNS, LADDER_LAST };
enum { EXPLAIN_RAW, EXPLAIN_AFTER, EXPLAIN_COLUMNS, EXPLAIN_LAST };

#define LADDER_WIDTH 70
#define LADDER_LEAST 60

#define EXPLAIN_WIDTH 78
#define EXPLAIN_LEAST 40

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

/* The number behind which are the last n of these connections. */
static long long last_after(const struct trace *t, const bool *only, long long n)
{
	unsigned number = (unsigned)trace_segments(t);

	for (; number > 0 && n > 0; number--)
		n -= conns_have(only, trace_find(t, number));
	return number;
}

/* The number behind which the part begins that after=N and last=N leave. */
static long long part_after(const struct trace *t, const bool *only,
			    const struct value *after, const struct value *last)
{
	long long n = after->kind == VALUE_INT ? after->i : 0, m = 0;

	if (last->kind == VALUE_INT)
		m = last_after(t, only, last->i);
	return n > m ? n : m;
}

/* As asked for; at the prompt no wider than the terminal. */
static int width_of(const struct call *call, const struct value *asked, int least,
		    int most)
{
	const struct app *app = call->app;
	int columns = most;

	if (asked->kind == VALUE_INT)
		return (int)asked->i;
	if (call->typed && app->door.columns)
		columns = app->door.columns(call->app);
	if (columns > most)
		columns = most;
	return columns > least ? columns : least;
}

static int ladder_exec(struct call *call)
{
	struct trace *t = call_need_trace(call);
	struct ladder_options o = { .utf8 = call->app->set.utf8_glyphs,
				    .width = width_of(call, &call->option[LADDER_COLUMNS],
						      LADDER_LEAST, LADDER_WIDTH),
				    .indent = 6,
				    .lines = true,
				    .interrupt = &call->app->interrupt };
	struct buf out = BUF_EMPTY;
	bool *only = NULL;

	if (!t || conns_pick(call, t, &only) < 0)
		return -EINVAL;
	o.only = only;
	o.raw = segment_view_of(call, &call->option[LADDER_RAW]) & VIEW_RAW;
	o.first_event = event_after(t, part_after(t, only, &call->option[LADDER_AFTER],
						  &call->option[LADDER_LAST]));
	view_ladder(t, &o, &out);
	free(only);
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

/* The segment that the words mean, when they are one; 0. Negative with call->err. */
static int explain_one(struct call *call, struct trace *t, unsigned *number)
{
	const struct value *word = &call->arg[1];

	*number = 0;
	if (word->kind != VALUE_STR || call->n_rest > 0 || !segment_is(word))
		return 0;
	if (segment_number(call, word, number) == 0 && segment_find(call, t, *number))
		return 0;
	if (*word->str.data != '#' && word->str.len <= strlen("65535"))
		err_hint(&call->err, "%s%sA port is written :%.10s.", call->err.hint,
			 *call->err.hint ? " " : "", word->str.data);
	return -EINVAL;
}

static int explain_exec(struct call *call)
{
	struct trace *t = call_need_trace(call);
	const struct value *after = &call->option[EXPLAIN_AFTER];
	unsigned how = segment_view_of(call, &call->option[EXPLAIN_RAW]) % VIEW_COLUMNS;
	unsigned n, last;
	struct buf out = BUF_EMPTY;
	bool *only = NULL;
	int rc = 0;

	how += (unsigned)width_of(call, &call->option[EXPLAIN_COLUMNS], EXPLAIN_LEAST,
				  EXPLAIN_WIDTH) *
	       VIEW_COLUMNS;
	if (!t || explain_one(call, t, &last) < 0 ||
	    (last == 0 && conns_pick(call, t, &only) < 0))
		return -EINVAL;
	n = last ? last
		 : 1 + (unsigned)part_after(t, only, after, &call->option[EXPLAIN_LAST]);
	last = last ? last : (unsigned)trace_segments(t);
	for (; n <= last && rc == 0; n++) {
		if (conns_have(only, trace_find(t, n)))
			view_explain(t, trace_find(t, n), how, &out);
		rc = call_interrupted(call, "explain");
	}
	free(only);
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
	buf_addf(out, "%s  %lld %s%s", call->arg[0].str.data, call->result.i,
		 ends_in(call->arg[0].str.data, ".pcapng") ? "packet" : "segment",
		 text_plural((unsigned long long)call->result.i));
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
			"Without SOCKET or ENDS all connections, one after the other. ENDS is an end or both, as in\n"
			"ladder 10.0.0.1:4000, ladder :80, ladder client > server:80.\n\n"
			"An arrow that does not reach the other side ends at what stops it: HELD and DELAYED by the\n"
			"wire, X dropped, beside it why; one that goes on with ... arrives further down. again #4: sent\n"
			"as #4 before; copy of #4: made on the wire; injected: made by hand, also in the name of a\n"
			"ghost, an address without a host; altered: changed on the wire.\n\n"
			"set glyphs utf8 draws with lines and\n"
			"arrows instead of ASCII. Beside a segment stands the line of the script that sent it.\n"
			"What is longer than the screen is shown a page at a time (set pager); the wire stands still\n"
			"until you leave it.",
		.example = "lab\nserver listen 80\nclient connect server:80\nladder",
		.returns = "string",
		.looks = true,
		.pages = true,
		.arg = { ARG_CONN,
			 { "ends", ARG_TEXT, ARG_OPTIONAL | ARG_MANY, .standard = "all",
			   .text = "only connections with this end, or both: ADDR:PORT" } },
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
		.usage = "[#N | SOCKET | ENDS]",
		.summary = "say in words what each segment was for",
		.detail =
			"Without #N all segments; with SOCKET or ENDS those of these connections. ENDS is an end or both,\n"
			"as in explain 10.0.0.1:4000, explain :80, explain client > server:80. Where there are\n"
			"several connections, the ports stand with the names.",
		.example = "lab\nserver listen 80\nclient connect server:80\nexplain #1",
		.returns = "string",
		.looks = true,
		.pages = true,
		.arg = { ARG_CONN,
			 { "segment", ARG_TEXT, ARG_OPTIONAL | ARG_MANY,
			   .standard = "all",
			   .text = "#5, or 5; or the end of a connection: ADDR:PORT" } },
		.option = { OPTION_RAW,
			    { "after", ARG_INT, ARG_OPTIONAL, NULL, 0, 1000000000,
			      .standard = "0", .text = "only what came after #N" },
			    { "columns", ARG_INT, ARG_OPTIONAL, NULL, EXPLAIN_LEAST, 400,
			      .standard = "78, less on a narrow terminal",
			      .text = "its width" },
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
