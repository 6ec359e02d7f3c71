/* cmd_inject.c - inject, expect: a peer played by hand. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cmd/app.h"
#include "cmd/rows.h"
#include "cmd/segment_args.h"
#include "cmd/segments.h"
#include "lab/expect.h"
#include "lab/inject.h"
#include "lab/quiet.h"
#include "tcp/notation.h"
#include "trace/views.h"

enum { INJECT_CHECKSUM = SEGMENT_OWN, INJECT_OFFSET, INJECT_CUT, INJECT_IPLEN };
enum { EXPECT_LEN = SEGMENT_OWN, EXPECT_AFTER, EXPECT_TIMEOUT };

/* "inject: segment, column 3, ...": the notation's reader does not know for whom it reads. */
static int notation_fail(struct call *call)
{
	struct err why = call->err;

	err_set(&call->err, "usage", "%s: %s", call->cmd->name, why.message);
	err_hint(&call->err, "%s", why.hint);
	return -EINVAL;
}

/* --- inject --- */

static int missing(struct call *call, const char *what)
{
	err_set(&call->err, "usage", "%s: %s", call->cmd->name, what);
	err_hint(&call->err,
		 "As in: inject from 10.77.0.9:4000 to %s:80 S 0:0(0) win "
		 "65535 <mss 1460>",
		 call->app->lab->host[call->app->lab->hosts - 1].name);
	return -EINVAL;
}

static int checksum_read(struct call *call, int *sum)
{
	const struct value *v = &call->option[INJECT_CHECKSUM];
	unsigned long n;
	char *end;

	*sum = CHECKSUM_RIGHT;
	if (v->kind != VALUE_STR || strcmp(v->str.data, "right") == 0)
		return 0;
	*sum = CHECKSUM_BAD;
	if (strcmp(v->str.data, "bad") == 0)
		return 0;
	n = strtoul(v->str.data, &end, 0);
	if (end == v->str.data || *end || n > 65535)
		return err_set(&call->err, "usage",
			       "inject: checksum is right, bad or a number up to 65535, "
			       "not \"%.30s\"",
			       v->str.data);
	*sum = (int)n;
	return 0;
}

static int number_or(const struct value *v, int standard)
{
	return v->kind == VALUE_INT ? (int)v->i : standard;
}

/* The first of each end's addresses that are of one family; where none are, inject_put says so. */
static void ends_pick(const struct segment_args *args, struct segment *s)
{
	int i;

	s->from = args->from[0];
	s->to = args->to[0];
	for (i = 1; i < LAB_ADDRS && s->from.sa.sa_family != s->to.sa.sa_family; i++)
		if (args->from[i].sa.sa_family == s->to.sa.sa_family)
			s->from = args->from[i];
		else if (args->to[i].sa.sa_family == s->from.sa.sa_family)
			s->to = args->to[i];
}

/* Reads the notation with the numbers that it counts from. */
static int inject_read(struct call *call, struct segment_args *args, struct inject *in,
		       struct buf *data)
{
	int rc = segment_args_read(call, false, args);

	if (rc < 0)
		return rc;
	if (args->from->sa.sa_family == 0)
		return missing(call, "from whom is not said");
	if (args->to->sa.sa_family == 0)
		return missing(call, "to whom is not said");
	segment_init(&in->segment);
	ends_pick(args, &in->segment);
	in->based = !args->raw;
	in->base[0] = in->base[1] = 0;
	if (in->based)
		inject_bases(call->app->lab->trace, &in->segment.from, &in->segment.to,
			     &in->base[0], &in->base[1]);
	in->segment.seq = in->base[0];
	in->segment.window = 65535;
	rc = notation_parse(&in->segment, buf_str(&args->text), in->base[0], in->base[1],
			    data, &call->err);
	if (rc < 0)
		return notation_fail(call);
	if (!(rc & PART_FLAGS))
		return missing(call, "there are no flags; none is a word for it");
	/* A segment with ACK and without its number acknowledges nothing. */
	if (!(rc & PART_ACK) && (in->segment.flags & FLAG_ACK))
		in->segment.ack = in->base[1];
	in->offset = number_or(&call->option[INJECT_OFFSET], -1);
	in->cut = number_or(&call->option[INJECT_CUT], -1);
	in->ip_len = number_or(&call->option[INJECT_IPLEN], -1);
	return checksum_read(call, &in->checksum);
}

static int inject_exec(struct call *call)
{
	struct segment_args args = { .text = BUF_EMPTY };
	struct buf data = BUF_EMPTY;
	struct inject in;
	int rc = call_need_lab(call);

	if (rc < 0)
		return rc;
	wire_pump(call->app->lab->wire);
	rc = inject_read(call, &args, &in, &data);
	call->at = trace_events(call->app->lab->trace);
	if (rc == 0) {
		rc = inject_put(call->app->lab->wire, &in, &call->err);
		if (rc < 0)
			notation_fail(call);
		else
			call->result = value_int(rc);
	}
	buf_clear(&args.text);
	buf_clear(&data);
	return rc < 0 ? rc : 0;
}

/* On a held wire the segments' own lines tell what happened. */
static void inject_show(struct call *call, struct buf *out)
{
	struct lab *lab = call->app->lab;
	const struct trace *t = lab->trace;
	size_t i;

	for (i = call->at; i < trace_events(t) && !wire_holds(lab->wire); i++) {
		const struct trace_event *e = trace_event(t, i);
		struct trace_segment *s = trace_find(t, e->number);

		if (e->kind == TRACE_SENT) {
			view_line(t, s, segment_view(call->app), NULL, out);
			buf_addc(out, '\n');
		} else if (e->kind == TRACE_STATE && e->host >= 0) {
			buf_addf(out, "    %s  %s -> %s\n", trace_host(t, e->host),
				 state_name(e->before), state_name(e->now));
		}
	}
}

/* --- expect --- */

struct expecting {
	struct lab *lab;
	struct wire_listener listener;
	struct wake wake;
	struct expect expect;
	struct expect_search search;
	struct buf data;    /* expect's payload */
	double began, last; /* when the last segment came, or it began */
	size_t seen;	    /* segments then */
};

static void expecting_free(void *state)
{
	struct expecting *x = state;

	wire_unlisten(&x->listener);
	buf_clear(&x->search.why);
	buf_clear(&x->data);
	free(x);
}

static void came(void *arg)
{
	struct expecting *x = arg;

	wake_fire(&x->wake);
}

static int expect_read(struct call *call, struct expecting *x)
{
	const struct value *len = &call->option[EXPECT_LEN];
	const struct value *after = &call->option[EXPECT_AFTER];
	struct expect *e = &x->expect;
	struct segment_args args;
	int rc = segment_args_read(call, true, &args);

	if (rc == 0 && len->kind == VALUE_INT)
		buf_addf(&args.text, " length %lld", len->i);
	segment_init(&e->want);
	if (rc == 0) {
		rc = notation_parse(&e->want, buf_str(&args.text), 0, 0, &x->data,
				    &call->err);
		if (rc < 0)
			notation_fail(call);
	}
	memcpy(e->from, args.from, sizeof(e->from));
	memcpy(e->to, args.to, sizeof(e->to));
	e->raw = args.raw;
	e->data = args.data;
	e->parts = rc;
	x->search.next = 1 + (after->kind == VALUE_INT ? (unsigned)after->i
						       : call->app->lab->expected);
	buf_clear(&args.text);
	return rc < 0 ? rc : 0;
}

static int expect_begin(struct call *call)
{
	struct expecting *x = xcalloc(1, sizeof(*x));

	call->state = x;
	call->state_free = expecting_free;
	x->lab = call->app->lab;
	x->listener.fn = came;
	x->listener.arg = x;
	x->began = time_now();
	return expect_read(call, x);
}

/* What differs in the segment that came nearest. */
static void nearest_add(const struct expecting *x, struct buf *out)
{
	const struct trace_segment *s = x->search.nearest;
	char from[ADDR_TEXT_MAX], to[ADDR_TEXT_MAX];

	if (s)
		buf_addf(out, "%s; #%u %s -> %s", buf_str(&x->search.why), s->number,
			 addr_format(&s->segment.from, from),
			 addr_format(&s->segment.to, to));
	else
		buf_addf(out, "no host has sent a segment since #%u", x->search.next - 1);
}

/* Why it ended without the segment: "...; flags: expected SYN,ACK, got RST,ACK; #4 a -> b". */
static int expect_stopped(struct call *call, const struct expecting *x)
{
	struct buf why = BUF_EMPTY;
	int rc;

	nearest_add(x, &why);
	rc = call_stopped(call, "expect", buf_str(&why));
	buf_clear(&why);
	return rc;
}

/* Seconds left of the call's time. */
static double left(const struct call *call, const struct expecting *x)
{
	return call->timeout < 0 ? INFINITY : x->began + call->timeout - time_now();
}

/*
 * Whether it is certain that it will not come, although time is left: nobody else can do anything,
 * nothing has come for a while, and what the hosts' timers may send is not it.
 */
static bool in_vain(struct call *call, struct expecting *x)
{
	const struct doors *door = &call->app->door;
	double now = time_now();
	enum quiet quiet;

	if (x->last == 0 || x->seen != trace_segments(x->lab->trace)) {
		x->last = now;
		x->seen = trace_segments(x->lab->trace);
		return false;
	}
	if (now - x->last < QUIET_SECONDS || !door->alone ||
	    !door->alone(call->app, call))
		return false;
	quiet = quiet_look(x->lab, left(call, x));
	return quiet == QUIET_YES ||
	       (quiet == QUIET_REPEATS && !expect_fits_again(&x->expect, x->lab->trace));
}

static int expect_unmet(struct call *call, const struct expecting *x)
{
	struct buf why = BUF_EMPTY;

	nearest_add(x, &why);
	err_set(&call->err, "unmet", "expect: %s", buf_str(&why));
	err_hint(&call->err,
		 "Nothing else can come: nobody does anything, and no timer of "
		 "the hosts will send it.");
	buf_clear(&why);
	return -ENOENT;
}

static int expect_exec(struct call *call)
{
	struct expecting *x = call->state;
	const struct trace_segment *s;
	int rc = 0;

	if (!x) {
		rc = call_need_lab(call);
		if (rc == 0)
			rc = expect_begin(call);
		if (rc < 0)
			return rc;
		x = call->state;
	}
	if (call->app->lab != x->lab)
		return err_set(&call->err, "closed", "expect: the lab is gone");
	wire_unlisten(&x->listener);
	wire_pump(x->lab->wire);
	s = expect_search(&x->expect, x->lab->trace, &x->search);
	if (s) {
		x->lab->expected = s->number;
		call->app->checks++;
		call->step = (int)s->number;
		call->result = segment_value(x->lab->trace, s);
		return 0;
	}
	if (call->stop != STOP_NO)
		return expect_stopped(call, x);
	if (in_vain(call, x))
		return expect_unmet(call, x);
	x->wake.fired = false;
	wire_listen(x->lab->wire, &x->listener);
	call->wait =
		(struct wait){ .fd = -1, .seconds = QUIET_SECONDS, .wake = &x->wake };
	return CALL_WAIT;
}

static void expect_show(struct call *call, struct buf *out)
{
	struct lab *lab = call->app->lab;
	struct trace_segment *s;

	s = lab ? trace_find(lab->trace, (unsigned)call->step) : NULL;
	if (!s)
		return;
	view_line(lab->trace, s, segment_view(call->app), "AS EXPECTED", out);
	buf_addc(out, '\n');
}

#define ARG_WORDS                                                                 \
	{                                                                         \
		"segment", ARG_NOTATION, ARG_OPTIONAL | ARG_MANY,                 \
			.text = "P. 1:4(3) ack 1 win 65535 <nop>: FLAGS, numbers" \
	}

const struct cmd rows_inject[] = {
	{
		.name = "inject",
		.group = "lab and wire",
		.on_host = true,
		.usage = "[from ADDR:PORT to ADDR:PORT SEGMENT]",
		.summary = "put a segment made by hand onto the wire",
		.detail =
			"SEGMENT is as tcpdump and packetdrill write it: S 0:0(0) win 65535 <mss 1460>, with the\n"
			"payload in quotes behind it: P. 1:3(2) ack 1 \"hi\". Or each field is given by its name,\n"
			"as flags=SYN. seq, ack and SACK blocks count from the\n"
			"connection's beginning (its SYN is 0), or, raw=yes, are those of the header. win is what the\n"
			"header has; show multiplies it by the scale that both SYNs agreed on.\n"
			"From a host's own address it is as if that host had sent it. An address without a host is\n"
			"a ghost: what the hosts send to it is numbered, shown and dropped; you are that peer. On a\n"
			"running wire it meets faults (wire, wire from ghosts) and wire:on as what hosts send does.",
		.example =
			"lab\nserver listen 80\ninject from 10.77.0.9:40 to server:80 S 0:0(0) win 65535\n"
			"expect from server S. 0:0(0) ack 1\n"
			"inject from=10.77.0.9:40 to=server:80 flags=RST seq=1",
		.returns = "integer",
		.arg = { ARG_WORDS },
		.option = { OPTIONS_SEGMENT,
			    { "checksum", ARG_TEXT, ARG_OPTIONAL, .standard = "right",
			      .text = "right, bad, or a number" },
			    OPTION_NUMBER("offset", 15,
					  "data offset in words, also a wrong one"),
			    OPTION_NUMBER("cut", 65535,
					  "the TCP segment ends after so many bytes"),
			    OPTION_NUMBER("iplen", 65535,
					  "the IP header's length, also a wrong one") },
		.exec = inject_exec,
		.show = inject_show,
	},
	{
		.name = "expect",
		.group = "lab and wire",
		.on_host = true,
		.usage = "[[from] HOST | ADDR[:PORT]] [to ADDR[:PORT]] [SEGMENT]",
		.summary = "wait for a segment that a host sends",
		.detail =
			"The first that agrees with what is given, after the one that expect has found last;\n"
			"what is not given is not checked. Of options those given are checked, of a timestamp only\n"
			"what it echoes. When none comes in time the error says how the nearest one differs; at once,\n"
			"when it is certain that none can come: nobody else does anything, the kernels have been\n"
			"quiet for 0.5 s, and what their timers will send again is not it (code unmet, not timeout).\n"
			"What was injected is not looked at.",
		.example =
			"lab\nserver listen 80\ninject from 10.77.0.9:4000 to server:80 S 0:0(0)\nexpect server SYN,ACK ack=1",
		.returns = "segment.data",
		.arg = { ARG_WORDS },
		.option = { OPTIONS_SEGMENT,
			    OPTION_NUMBER("len", 65535, "bytes of payload"),
			    OPTION_NUMBER(
				    "after", 2147483647,
				    "look behind this number, not the last expected"),
			    OPTION_TIMEOUT },
		.exec = expect_exec,
		.show = expect_show,
	},
	{ .name = NULL },
};
