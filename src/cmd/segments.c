/* segments.c - what the commands about the wire's segments share. */
#include "cmd/segments.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "cmd/app.h"
#include "trace/views.h"

struct trace *call_need_trace(struct call *call)
{
	if (call->app->lab) {
		wire_pump(call->app->lab->wire);
		wire_look(call->app->lab->wire);
		return call->app->lab->trace;
	}
	if (call->app->loaded)
		return call->app->loaded;
	err_set(&call->err, "usage", "%s: there is no lab, so nothing was traced",
		call->cmd->name);
	err_hint(&call->err, "lab makes one: lab client server; load reads a capture.");
	return NULL;
}

int call_need_lab(struct call *call)
{
	if (call->app->lab)
		return 0;
	err_set(&call->err, "usage", "%s: there is no lab", call->cmd->name);
	err_hint(&call->err, "lab makes one: lab client server");
	return -EINVAL;
}

int segment_number(struct call *call, const struct value *v, unsigned *number)
{
	const char *p;
	unsigned long n;
	char *end;

	*number = 0;
	if (v->kind == VALUE_NIL)
		return 0;
	p = v->str.data + (*v->str.data == '#');
	n = strtoul(p, &end, 10);
	if (isdigit((unsigned char)*p) && !*end && n > 0 && n <= UINT_MAX) {
		*number = (unsigned)n;
		return 0;
	}
	err_set(&call->err, "usage", "%s: \"%.20s\" is no segment: write #5",
		call->cmd->name, v->str.data);
	return -EINVAL;
}

bool segment_is(const struct value *v)
{
	const char *p = v->str.data;

	return *p == '#' || (*p && p[strspn(p, "0123456789")] == '\0');
}

struct trace_segment *segment_find(struct call *call, struct trace *t, unsigned number)
{
	struct trace_segment *s = trace_find(t, number);

	if (s)
		return s;
	if (trace_segments(t) == 0) {
		err_set(&call->err, "usage", "%s: no segment was on the wire yet",
			call->cmd->name);
	} else {
		err_set(&call->err, "usage", "%s: there is no segment #%u",
			call->cmd->name, number);
		err_hint(&call->err, "The last one is #%zu.", trace_segments(t));
	}
	return NULL;
}

/* A line of a segment has 80 columns, and no fewer than this on a narrower terminal. */
#define COLUMNS_MOST  80
#define COLUMNS_LEAST 40

unsigned segment_view(struct app *app)
{
	unsigned how = (app->utf8 ? VIEW_UTF8 : 0) |
		       (app->set.raw_numbers ? VIEW_RAW : 0);
	int columns = app->door.columns ? app->door.columns(app) : COLUMNS_MOST;

	if (columns >= COLUMNS_MOST)
		return how;
	return how | (unsigned)(columns > COLUMNS_LEAST ? columns : COLUMNS_LEAST) *
			     VIEW_COLUMNS;
}

unsigned segment_view_of(const struct call *call, const struct value *raw)
{
	unsigned how = segment_view(call->app);

	if (raw->kind != VALUE_BOOL)
		return how;
	return raw->b ? how | VIEW_RAW : how & ~(unsigned)VIEW_RAW;
}

/* Blocks of received data beyond a hole, relative as ack is, in the order of the option. */
static struct value sack_value(const struct segment *g, uint32_t ack)
{
	const struct segment_options *o = &g->options;
	struct value list = value_table();
	int i;

	for (i = 0; i < o->sacks; i++) {
		struct value block = value_table();

		value_add(&block, "left",
			  value_int((uint32_t)(o->sack[i].left - g->ack + ack)));
		value_add(&block, "right",
			  value_int((uint32_t)(o->sack[i].right - g->ack + ack)));
		value_add(&list, NULL, block);
	}
	return list;
}

/* The cookie of Fast Open in hexadecimal; "" asks for one. */
static struct value cookie_value(const struct segment_options *o)
{
	char text[2 * sizeof(o->cookie) + 1] = "";
	int i;

	for (i = 0; i < o->cookie_len && i < (int)sizeof(o->cookie); i++)
		snprintf(text + 2 * (size_t)i, 3, "%02x", o->cookie[i]);
	return value_text(text);
}

static struct value options_value(const struct segment *g, uint32_t ack)
{
	const struct segment_options *o = &g->options;
	struct value v = value_table();

	if (o->mss)
		value_add(&v, "mss", value_int(o->mss));
	if (o->wscale >= 0)
		value_add(&v, "wscale", value_int(o->wscale));
	if (o->sack_permitted)
		value_add(&v, "sack_permitted", value_bool(true));
	if (o->timestamps) {
		value_add(&v, "tsval", value_int(o->tsval));
		value_add(&v, "tsecr", value_int(o->tsecr));
	}
	if (o->sacks)
		value_add(&v, "sack", sack_value(g, ack));
	if (o->cookie_len >= 0)
		value_add(&v, "cookie", cookie_value(o));
	return v;
}

/* When the kernel sent it again meanwhile: seconds after the first time. */
static struct value copies_value(const struct trace_segment *s)
{
	struct value list = value_table();
	size_t i;

	for (i = 0; i < s->n_copies; i++)
		value_add(&list, NULL, value_num(s->copies[i] - s->sent));
	return list;
}

struct value segment_value(const struct trace *t, const struct trace_segment *s)
{
	static const char *const fates[] = { "held", "delivered", "dropped", "seen" };
	const struct segment *g = &s->segment;
	struct value v = value_table();
	char flags[40], text[ADDR_TEXT_MAX];

	value_add(&v, "number", value_int(s->number));
	value_add(&v, "from", value_text(s->from < 0 ? "-" : trace_host(t, s->from)));
	value_add(&v, "to", value_text(s->to < 0 ? "-" : trace_host(t, s->to)));
	value_add(&v, "from_address", value_text(addr_format(&g->from, text)));
	value_add(&v, "to_address", value_text(addr_format(&g->to, text)));
	value_add(&v, "flags", value_text(segment_flags_text(g->flags, flags)));
	value_add(&v, "seq", value_int(trace_seq(t, s)));
	value_add(&v, "ack", value_int(trace_ack(t, s)));
	value_add(&v, "raw_seq", value_int(g->seq));
	value_add(&v, "raw_ack", value_int(g->ack));
	value_add(&v, "window", value_int(trace_window(t, s)));
	value_add(&v, "raw_window", value_int(g->window));
	value_add(&v, "options", options_value(g, trace_ack(t, s)));
	value_add(&v, "ecn", value_int(g->ecn));
	value_add(&v, "len", value_int((long long)g->len));
	/* Nil where the trace keeps it no longer. */
	if (!s->cut)
		value_add(&v, "data",
			  value_copy((const char *)g->payload, segment_kept(g)));
	if (g->len > 0 && g->cut > 0)
		value_add(&v, "data_cut", value_int((long long)segment_data_cut(g)));
	if (segment_options_cut(g))
		value_add(&v, "options_cut", value_bool(true));
	value_add(&v, "fate",
		  value_static(s->fate == FATE_HELD && s->delay > 0 ? "delayed"
								    : fates[s->fate]));
	if (s->delay > 0)
		value_add(&v, "delay", value_num(s->delay));
	value_add(&v, "why", s->why ? value_text(s->why) : (struct value){ 0 });
	value_add(&v, "fault", value_static(g->fault));
	/* Nil where it was not captured whole. */
	if (!g->cut)
		value_add(&v, "checksum_ok", value_bool(g->checksum_ok));
	value_add(&v, "injected", value_bool(s->injected));
	value_add(&v, "altered", value_bool(s->altered));
	if (s->copy_of)
		value_add(&v, "copy_of", value_int(s->copy_of));
	if (trace_resent(s))
		value_add(&v, "again", value_int(trace_resent(s)));
	value_add(&v, "copies", copies_value(s));
	return v;
}
