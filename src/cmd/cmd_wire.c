/* cmd_wire.c - hold, step, continue, drop, dup, delay, held, show: the wire by hand. */
#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "cmd/app.h"
#include "cmd/rows.h"
#include "cmd/segments.h"
#include "lab/quiet.h"
#include "lab/when.h"
#include "trace/views.h"

static int need_hold(struct call *call)
{
	int rc = call_need_lab(call);

	if (rc < 0 || wire_holds(call->app->lab->wire))
		return rc;
	err_set(&call->err, "usage", "%s: the wire is running", call->cmd->name);
	err_hint(&call->err, "hold stops it: each segment then waits for a step.");
	return -EINVAL;
}

static int hold_exec(struct call *call)
{
	int rc = call_need_lab(call);
	struct lab *lab = call->app->lab;

	if (rc < 0)
		return rc;
	wire_pump(lab->wire);
	/* What passes a running wire is not told, also when a Lua line ends with the hold. */
	if (!wire_holds(lab->wire))
		lab->told = trace_events(lab->trace);
	wire_hold(lab->wire);
	return 0;
}

static void hold_show(struct call *call, struct buf *out)
{
	buf_addf(
		out,
		"Each segment now stops on the wire; step delivers the oldest.     clock: %s\n",
		call->app->lab->slow ? "slow" : "real");
}

/* There is nothing to deliver: the hint is what will send next by itself. */
static int step_waits(struct call *call)
{
	struct buf next = BUF_EMPTY;

	if (quiet_next(call->app->lab, &next))
		err_hint(&call->err,
			 "Awaited: %s,\nor a connect, send or close of yours.",
			 buf_str(&next));
	buf_clear(&next);
	return -ENOENT;
}

/* step, step N (so many), step #N (that one). */
static int step_exec(struct call *call)
{
	const struct value *v = &call->arg[0];
	struct wire *wire;
	unsigned number = 0;
	long count = 1;
	int rc = need_hold(call);

	if (rc < 0)
		return rc;
	wire = call->app->lab->wire;
	wire_pump(wire);
	if (v->kind == VALUE_STR && *v->str.data == '#') {
		rc = segment_number(call, v, &number);
	} else if (v->kind == VALUE_STR) {
		struct arg n = { .name = "n", .type = ARG_INT, .min = 1, .max = 1000000 };
		struct value copy = *v;

		copy.owned = false;
		rc = arg_check(call, &n, &copy);
		count = rc < 0 ? 0 : (long)copy.i;
	}
	if (rc < 0)
		return rc;
	call->at = (size_t)count;
	for (; count > 0 && rc >= 0; count--) {
		rc = wire_step(wire, number, &call->err);
		if (rc < 0 && call->step > 0)
			return 0; /* fewer were there than asked for */
		if (rc > 0)
			call->result = value_int(rc);
		call->step++;
	}
	if (rc < 0 && number == 0 && wire_held(wire) == 0)
		return step_waits(call);
	return rc < 0 ? rc : 0;
}

static void step_show(struct call *call, struct buf *out)
{
	if ((size_t)call->step < call->at)
		buf_addf(out, "%d of %zu: the wire holds no more\n", call->step,
			 call->at);
}

static int each(struct call *call, int (*act)(struct wire *, unsigned, struct err *))
{
	unsigned number = 0;
	int rc = need_hold(call);

	if (rc == 0)
		rc = segment_number(call, &call->arg[0], &number);
	if (rc < 0)
		return rc;
	wire_pump(call->app->lab->wire);
	rc = act(call->app->lab->wire, number, &call->err);
	if (rc > 0)
		call->result = value_int(rc);
	return rc < 0 ? rc : 0;
}

static int drop_one(struct wire *wire, unsigned number, struct err *err)
{
	return wire_drop(wire, number, "by you", err);
}

static int drop_exec(struct call *call)
{
	return each(call, drop_one);
}

static int dup_exec(struct call *call)
{
	return each(call, wire_dup);
}

static int delay_one(struct wire *wire, unsigned number, struct err *err)
{
	return wire_delay(wire, number, 1, err);
}

static int delay_exec(struct call *call)
{
	return each(call, delay_one);
}

static void delay_show(struct call *call, struct buf *out)
{
	size_t i;

	buf_adds(out, "order now:");
	for (i = 0; i < wire_held(call->app->lab->wire); i++)
		buf_addf(out, " #%u", wire_held_at(call->app->lab->wire, i)->number);
	buf_addc(out, '\n');
}

/* The wire takes the function. */
static int continue_asking(struct call *call, struct value *f, bool more)
{
	if (more)
		return err_set(&call->err, "usage",
			       "continue: a function stands alone, behind until");
	f->owned = false;
	wire_continue(call->app->lab->wire, f->function.by->ask, NULL, f->function.arg,
		      f->function.by->free);
	return 0;
}

static struct when *when_read(struct call *call, bool until)
{
	struct buf text = BUF_EMPTY;
	struct when *when;
	size_t i;

	if (!until)
		buf_adds(&text, call->arg[0].str.data);
	for (i = 0; i < call->n_rest; i++)
		buf_addf(&text, "%s%s", text.len > 0 ? " " : "",
			 call->rest[i].kind == VALUE_STR ? call->rest[i].str.data
							 : "function");
	when = when_parse(call->app->lab, call->app->lab->trace, buf_str(&text),
			  &call->err);
	buf_clear(&text);
	return when;
}

static int continue_exec(struct call *call)
{
	struct value *first = &call->arg[0];
	struct when *when = NULL;
	int rc = call_need_lab(call);
	bool until;

	if (rc < 0)
		return rc;
	if (first->kind == VALUE_FUNCTION)
		return continue_asking(call, first, call->n_rest > 0);
	until = first->kind == VALUE_STR && strcmp(first->str.data, "until") == 0;
	if (until && call->n_rest > 0 && call->rest[0].kind == VALUE_FUNCTION)
		return continue_asking(call, &call->rest[0], call->n_rest > 1);
	if (first->kind == VALUE_STR) {
		when = when_read(call, until);
		if (!when)
			return -EINVAL;
		if (when_can_come(when, &call->err) < 0) {
			when_free(when);
			return -EINVAL;
		}
	}
	wire_continue(call->app->lab->wire, when ? when_met : NULL,
		      when ? when_met_after : NULL, when, when ? when_free : NULL);
	return 0;
}

static void continue_show(struct call *call, struct buf *out)
{
	struct wire *wire = call->app->lab->wire;

	if (wire_stopped_after(wire) > 0)
		buf_addf(out, "stopped after #%u\n", wire_stopped_after(wire));
	else if (wire_held(wire) > 0)
		buf_addf(out, "stopped before #%u\n", wire_held_at(wire, 0)->number);
	else if (wire_holds(wire))
		buf_adds(out, "stopped\n");
	else if (call->arg[0].kind != VALUE_NIL)
		buf_adds(out, "The wire runs until then.\n");
	else
		buf_adds(out, "The wire runs.\n");
}

static int held_exec(struct call *call)
{
	size_t i;
	int rc = call_need_lab(call);

	if (rc < 0)
		return rc;
	wire_pump(call->app->lab->wire);
	call->result = value_table();
	for (i = 0; i < wire_held(call->app->lab->wire); i++)
		value_add(&call->result, NULL,
			  segment_value(call->app->lab->trace,
					wire_held_at(call->app->lab->wire, i)));
	return 0;
}

static void held_show(struct call *call, struct buf *out)
{
	struct lab *lab = call->app->lab;
	size_t i;

	for (i = 0; i < wire_held(lab->wire); i++) {
		view_line(lab->trace, wire_held_at(lab->wire, i),
			  segment_view_of(call, &call->option[0]), NULL, out);
		buf_addc(out, '\n');
	}
	if (i == 0)
		buf_addf(out, "the wire holds nothing%s\n",
			 wire_holds(lab->wire) ? "" : ": it is running");
}

static int show_exec(struct call *call)
{
	struct trace *t = call_need_trace(call);
	struct lab *lab = call->app->lab;
	struct trace_segment *s = NULL;
	unsigned number;
	int rc = t ? segment_number(call, &call->arg[0], &number) : -EINVAL;

	if (rc < 0)
		return rc;
	if (number == 0 && lab)
		s = wire_held_at(lab->wire, 0);
	if (number == 0)
		number = s ? s->number : (unsigned)trace_segments(t);
	s = segment_find(call, t, number);
	if (!s)
		return -EINVAL;
	call->step = (int)number;
	call->result = segment_value(t, s);
	return 0;
}

static void show_show(struct call *call, struct buf *out)
{
	const struct lab *lab = call->app->lab;
	const struct trace *t = lab ? lab->trace : call->app->loaded;

	/* In a capture nothing is held: the time does not matter. */
	view_show(t, trace_find(t, (unsigned)call->step),
		  segment_view_of(call, &call->option[0]), lab ? wire_now(lab->wire) : 0,
		  out);
}

#define ARG_SEGMENT                                                               \
	{                                                                         \
		"segment", ARG_TEXT, ARG_OPTIONAL, .standard = "the oldest held", \
						   .text = "#5, or 5"             \
	}

const struct cmd rows_wire[] = {
	{
		.name = "hold",
		.group = "lab and wire",
		.on_host = true,
		.summary = "stop the wire: each segment waits for a step",
		.detail =
			"While the wire is held nothing moves on it but by step, drop, dup, delay and continue.\n"
			"A command that needs a held segment gives the prompt back and goes on by itself.\n"
			"What the kernel sends again meanwhile is folded into the segment that is held.",
		.example =
			"lab\nhold\nserver listen 80\nclient connect server:80 &\nstep",
		.returns = "nil",
		.exec = hold_exec,
		.show = hold_show,
	},
	{
		.name = "step",
		.group = "lab and wire",
		.on_host = true,
		.usage = "[N | #N]",
		.summary = "deliver the oldest held segment, N of them, or that one",
		.detail =
			"step #5 delivers out of order. An empty line after step repeats it. After each step the\n"
			"states of both ends are read from the kernel and shown.",
		.example =
			"lab\nhold\nserver listen 80\nclient connect server:80 &\nstep\nstep\nstep",
		.returns = "integer",
		.arg = { { "segment", ARG_TEXT, ARG_OPTIONAL, .standard = "1",
			   .text = "how many, or which one (#5)" } },
		.exec = step_exec,
		.show = step_show,
	},
	{
		.name = "continue",
		.group = "lab and wire",
		.on_host = true,
		.usage = "[until WHEN]",
		.summary = "let the wire run, for good or until a segment comes",
		.detail =
			"WHEN is words that all must hold of the segment before which the wire stops: flags (SYN,\n"
			"FIN, SYN,ACK ...), data, from HOST, to HOST, len > 0, seq = 1, ack = 6, win = 0, port = 80,\n"
			"#7, an end as ADDR:PORT, which may stand behind from and to as well, state HOST =\n"
			"CLOSE_WAIT; or filter and an expression of tcpdump's, to the end of the line. With a state it also stops behind the segment that led there. Or a Lua function:\n"
			"continue until function(seg) return seg.len > 100 end, in Lua\n"
			"continue(\"until\", function(seg) ... end). What it gets is as in help wire; when it fails,\n"
			"the wire stops.",
		.example = "lab\nhold\ncontinue until FIN from server",
		.returns = "nil",
		.arg = { { "when", ARG_WHEN, ARG_OPTIONAL | ARG_MANY,
			   .text = "until FIN from server" } },
		.exec = continue_exec,
		.show = continue_show,
	},
	{
		.name = "drop",
		.group = "lab and wire",
		.on_host = true,
		.summary = "take a held segment off the wire: it is lost",
		.example =
			"lab\nhold\nserver listen 80\nclient connect server:80 &\ndrop",
		.returns = "integer",
		.arg = { ARG_SEGMENT },
		.exec = drop_exec,
	},
	{
		.name = "dup",
		.group = "lab and wire",
		.on_host = true,
		.summary = "put a copy of a held segment behind it",
		.example = "lab\nhold\nserver listen 80\nclient connect server:80 &\ndup",
		.returns = "integer",
		.arg = { ARG_SEGMENT },
		.exec = dup_exec,
	},
	{
		.name = "delay",
		.group = "lab and wire",
		.on_host = true,
		.summary = "put a held segment behind the next one",
		.example =
			"lab\nhold\nserver listen 80\nclient connect server:80 &\ndup\ndelay",
		.returns = "integer",
		.arg = { ARG_SEGMENT },
		.exec = delay_exec,
		.show = delay_show,
	},
	{
		.name = "held",
		.group = "lab and wire",
		.on_host = true,
		.summary = "list the segments that the wire holds",
		.example = "lab\nhold\nheld",
		.returns = "segment.data[]",
		.looks = true,
		.option = { OPTION_RAW },
		.exec = held_exec,
		.show = held_show,
	},
	{
		.name = "show",
		.group = "lab and wire",
		.on_host = true,
		.summary = "show one segment in full",
		.example = "lab\nserver listen 80\nclient connect server:80\nshow #1",
		.returns = "segment.data",
		.looks = true,
		.arg = { { "segment", ARG_TEXT, ARG_OPTIONAL,
			   .standard = "the oldest held, or the last",
			   .text = "#5, or 5" } },
		.option = { OPTION_RAW },
		.exec = show_exec,
		.show = show_show,
	},
	{ .name = NULL },
};
