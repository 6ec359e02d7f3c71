/* ladder.c - the diagram of a connection: time goes down, segments go across.
 *
 * A segment is one row, at the height where it was sent. Only when the other end sent or got
 * something before it arrived, or a later one overtook it, it becomes two: its start, and further
 * down its delivery; so what each side saw stands in the order in which it saw it. A state stands at
 * the height where it began: beside the arrow that its end sent, below the one that it received.
 */
#include "trace/views.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "trace/arrow.h"
#include "trace/inner.h"
#include "trace/lines.h"
#include "trace/text.h"

#define STATE_WIDTH   11 /* "ESTABLISHED" */
#define MARGIN	      (STATE_WIDTH + 2)
#define WIDTH_DEFAULT 78
#define WIDTH_LEAST   60

/* The row that is being filled; it is printed when the next one begins. */
struct row {
	bool used;
	bool takes[2]; /* may a state of that end still join it? */
	const char *state[2];
	struct buf body;  /* between the bars; empty: only spaces */
	struct buf after; /* the body of one more row behind it */
	int line;
};

struct ladder {
	const struct trace *t;
	const struct ladder_options *o;
	struct buf *out;
	const struct glyphs *glyphs;
	size_t indent, inner;
	int note_width;

	/* By number of the segment. */
	bool *split;
	/* what the other end had sent and got when this one was sent */
	unsigned *crossed;
	int *line;

	size_t *listeners, n_listeners; /* events */
	const struct conn *conn;
	const char *opening[2]; /* states for the first row */
	bool had_state[2];
	struct row row;
};

static int end_of(const struct conn *c, const struct trace_event *e)
{
	return addr_equal(&c->pub.end[0], &e->local) ? 0 : 1;
}

/* --- rows --- */

static void row_print(struct ladder *l, const char *left, const char *body,
		      const char *right, int line)
{
	struct buf *out = l->out;

	buf_pad(out, out->len + l->indent, ' ');
	text_column(out, left ? left : "", MARGIN);
	buf_adds(out, l->glyphs->bar);
	text_column(out, body, (int)l->inner);
	buf_adds(out, l->glyphs->bar);
	text_column(out, right ? right : "", -MARGIN);
	if (line > 0)
		buf_addf(out, "   line %d", line);
	while (out->len > 0 && out->data[out->len - 1] == ' ')
		out->len--;
	buf_addc(out, '\n');
}

static void row_flush(struct ladder *l)
{
	struct row *r = &l->row;

	if (!r->used)
		return;
	row_print(l, r->state[0], buf_str(&r->body), r->state[1], r->line);
	if (r->after.len > 0)
		row_print(l, NULL, buf_str(&r->after), NULL, 0);
	buf_reset(&r->body);
	buf_reset(&r->after);
	r->used = false;
}

static struct row *row_begin(struct ladder *l)
{
	struct row *r = &l->row;
	int i;

	row_flush(l);
	for (i = 0; i < 2; i++) {
		r->state[i] = l->opening[i];
		r->takes[i] = false;
		l->opening[i] = NULL;
	}
	r->line = 0;
	r->used = true;
	return r;
}

static struct arrow arrow_of(const struct ladder *l, const struct trace_segment *s)
{
	return (struct arrow){
		.t = l->t,
		.s = s,
		.glyphs = l->glyphs,
		.left = entry_of(s)->end == 1,
		.utf8 = l->o->utf8,
		.raw = l->o->raw,
		.width = l->inner,
	};
}

static void draw_sent(struct ladder *l, const struct trace_segment *s)
{
	struct arrow a = arrow_of(l, s);
	struct row *r = row_begin(l);

	if (l->split[s->number])
		arrow_add_start(&r->body, &a);
	else
		arrow_add(&r->body, &a);
	if (s->n_copies > 0)
		arrow_add_copies(&r->after, &a);
	r->line = l->line[s->number];
	r->takes[a.left] = true;
	/* A RST that came through leaves nothing to be shown below it. */
	r->takes[!a.left] = (s->segment.flags & FLAG_RST) && !l->split[s->number];
}

static void draw_done(struct ladder *l, const struct trace_segment *s)
{
	struct arrow a = arrow_of(l, s);
	struct row *r = row_begin(l);

	arrow_add_end(&r->body, &a);
	r->takes[!a.left] = true;
}

static void draw_state(struct ladder *l, const struct trace_event *e)
{
	int end = end_of(l->conn, e);
	struct row *r = &l->row;

	if (e->now == STATE_LISTEN && !l->had_state[end])
		return;
	l->had_state[end] = true;
	if (!r->used || !r->takes[end] || r->state[end]) {
		r = row_begin(l);
		r->takes[0] = r->takes[1] = true;
	}
	r->state[end] = state_name(e->now);
}

/* --- what is known before the first row --- */

/* Finds the segments that were crossed or overtaken on their way. */
static void find_split(struct ladder *l, const size_t *at, size_t n)
{
	unsigned count[2] = { 0, 0 }, last[2] = { 0, 0 };
	size_t i;

	for (i = 0; i < n; i++) {
		const struct trace_event *e = &l->t->events[at[i]];
		int end;

		if (e->kind > TRACE_DROPPED)
			continue;
		end = entry_of(trace_find(l->t, e->number))->end;
		if (e->kind == TRACE_SENT)
			l->crossed[e->number] = count[!end];
		else if (l->crossed[e->number] != count[!end] || last[end] > e->number ||
			 entry_of(trace_find(l->t, e->number))->sent_at <
				 l->o->first_event)
			l->split[e->number] = true;
		if (e->kind == TRACE_DELIVERED && e->number > last[end])
			last[end] = e->number;
		count[end]++;
	}
}

static void find_lines(struct ladder *l)
{
	const struct trace_event *command;
	int widest = 0;
	char text[32];
	unsigned i;

	for (i = 1; l->o->lines && i <= l->t->n_entries; i++) {
		command = lines_command(l->t, &l->t->entries[i - 1]->s);
		l->line[i] = command ? command->line : 0;
		widest = l->line[i] > widest ? l->line[i] : widest;
	}
	if (widest > 0)
		l->note_width = snprintf(text, sizeof(text), "   line %d", widest);
}

static bool listens(const struct trace_event *e, const union addr *end, int host)
{
	return (e->host < 0 || e->host == host) &&
	       addr_port(&e->local) == addr_port(end) &&
	       (addr_is_any(&e->local) || addr_equal(&e->local, end));
}

/* The states of both ends before the first row, NULL where nothing is known of them. */
static void find_opening(struct ladder *l, const size_t *at, size_t n)
{
	const struct trace_conn *c = &l->conn->pub;
	enum tcp_state is[2] = { STATE_NONE, STATE_NONE };
	bool known[2] = { false, false };
	size_t i;
	int end;

	for (i = 0; i < n; i++) {
		const struct trace_event *e = &l->t->events[at[i]];

		if (e->kind != TRACE_STATE)
			continue;
		end = end_of(l->conn, e);
		if (at[i] < l->o->first_event) {
			is[end] = e->now;
			l->had_state[end] = true;
		} else if (!known[end]) {
			is[end] = e->now == STATE_LISTEN ? e->now : e->before;
		}
		known[end] = true;
	}
	for (i = 0; i < l->n_listeners; i++)
		for (end = 0; end < 2; end++)
			if (!known[end] && c->host[end] >= 0 &&
			    listens(&l->t->events[l->listeners[i]], &c->end[end],
				    c->host[end]))
				is[end] = STATE_LISTEN;
	for (end = 0; end < 2; end++)
		l->opening[end] = is[end] == STATE_NONE ? NULL : state_name(is[end]);
}

static bool is_listener(const struct trace_event *e)
{
	return e->kind == TRACE_STATE && e->peer.sa.sa_family == 0 &&
	       e->now == STATE_LISTEN;
}

static void find_listeners(struct ladder *l)
{
	size_t i, n = 0;

	for (i = 0; i < l->t->n_events; i++)
		n += is_listener(&l->t->events[i]);
	l->listeners = xcalloc(n + 1, sizeof(*l->listeners));
	for (i = 0; i < l->t->n_events; i++)
		if (is_listener(&l->t->events[i]))
			l->listeners[l->n_listeners++] = i;
}

/* --- one connection --- */

static void end_name(const struct ladder *l, int end, struct buf *out)
{
	const struct trace_conn *c = &l->conn->pub;
	char text[ADDR_TEXT_MAX], host[ADDR_TEXT_MAX];
	struct buf name = BUF_EMPTY;

	if (c->host[end] < 0) {
		buf_adds(&name, "ghost ");
	} else if (strcmp(trace_host(l->t, c->host[end]),
			  addr_host(&c->end[end], host)) != 0) {
		end_add(&name, l->t, c->host[end], &c->end[end], 30);
		buf_addc(&name, ' ');
	}
	buf_adds(&name, addr_format(&c->end[end], text));
	clip_add(out, buf_str(&name), 2 * MARGIN + 2 + l->inner);
	buf_clear(&name);
}

static void draw_heading(struct ladder *l)
{
	struct buf name[2] = { BUF_EMPTY, BUF_EMPTY };
	size_t width = 2 * MARGIN + 2 + l->inner, have;
	int end;

	for (end = 0; end < 2; end++)
		end_name(l, end, &name[end]);
	buf_pad(l->out, l->out->len + l->indent, ' ');
	buf_adds(l->out, buf_str(&name[0]));
	have = text_width(buf_str(&name[0]));
	if (have + 2 + text_width(buf_str(&name[1])) > width) {
		buf_addc(l->out, '\n');
		buf_pad(l->out, l->out->len + l->indent, ' ');
		have = 0;
	}
	text_column(l->out, buf_str(&name[1]), -(int)(width - have));
	buf_addc(l->out, '\n');
	buf_clear(&name[0]);
	buf_clear(&name[1]);
}

/* From the beginning the first states have a line of their own; from the middle they join the first row. */
static void draw_opening(struct ladder *l)
{
	const char *left = l->opening[0], *right = l->opening[1];

	if (l->o->first_event > 0 || (!left && !right))
		return;
	buf_pad(l->out, l->out->len + l->indent, ' ');
	text_column(l->out, left ? left : "", (int)(MARGIN + 2 + l->inner));
	text_column(l->out, right ? right : "", -MARGIN);
	while (l->out->data[l->out->len - 1] == ' ')
		l->out->len--;
	buf_addc(l->out, '\n');
	l->opening[0] = l->opening[1] = NULL;
}

static void draw_event(struct ladder *l, const struct trace_event *e)
{
	const struct trace_segment *s = trace_find(l->t, e->number);

	switch (e->kind) {
	case TRACE_SENT:
		draw_sent(l, s);
		break;
	case TRACE_DELIVERED:
	case TRACE_DROPPED:
		if (l->split[e->number])
			draw_done(l, s);
		break;
	case TRACE_STATE:
		draw_state(l, e);
		break;
	default:
		break;
	}
}

/* at: the connection's events. Returns false when nothing of it is to be drawn. */
static bool draw_conn(struct ladder *l, const struct conn *c, const size_t *at, size_t n,
		      bool more)
{
	size_t i = 0;

	while (i < n && at[i] < l->o->first_event)
		i++;
	if (i == n)
		return false;
	if (more)
		buf_addc(l->out, '\n');
	l->conn = c;
	l->had_state[0] = l->had_state[1] = false;
	find_split(l, at, n);
	find_opening(l, at, n);
	draw_heading(l);
	draw_opening(l);
	for (; i < n && !interrupt_came(l->o->interrupt); i++)
		draw_event(l, &l->t->events[at[i]]);
	row_flush(l);
	return true;
}

/* The events sorted by connection, in their order; first[i] is where connection i begins. */
static size_t *sort_events(const struct trace *t, size_t *first)
{
	size_t *at = xcalloc(t->n_events + 1, sizeof(*at));
	size_t *next = xcalloc(t->n_conns + 1, sizeof(*next)), i;

	for (i = 0; i < t->n_events; i++)
		if (t->events[i].conn >= 0)
			first[t->events[i].conn + 1]++;
	for (i = 0; i < t->n_conns; i++)
		first[i + 1] += first[i];
	memcpy(next, first, (t->n_conns + 1) * sizeof(*next));
	for (i = 0; i < t->n_events; i++)
		if (t->events[i].conn >= 0)
			at[next[t->events[i].conn]++] = i;
	free(next);
	return at;
}

/* What has no addresses has no place in any ladder. */
static void draw_strays(struct ladder *l)
{
	unsigned i;

	for (i = 1; i <= trace_segments(l->t); i++) {
		const struct trace_segment *s = trace_find(l->t, i);

		if (entry_of(s)->conn >= 0 || entry_of(s)->sent_at < l->o->first_event)
			continue;
		buf_pad(l->out, l->out->len + l->indent, ' ');
		buf_addf(l->out, "#%u belongs to no connection: %s\n", i,
			 s->segment.fault ? s->segment.fault : "no addresses");
	}
}

static void measure(struct ladder *l)
{
	int width = l->o->width > 0 ? l->o->width : WIDTH_DEFAULT;
	int indent = l->o->indent > 0 ? l->o->indent : 0;

	if (width < WIDTH_LEAST)
		width = WIDTH_LEAST;
	if (width - indent < WIDTH_LEAST)
		indent = width - WIDTH_LEAST;
	l->indent = (size_t)indent;
	l->inner = (size_t)(width - indent - 2 * MARGIN - 2 - l->note_width);
}

void view_ladder(const struct trace *t, const struct ladder_options *o, struct buf *out)
{
	struct ladder l = { .t = t, .o = o, .out = out };
	size_t *first = xcalloc(trace_conns(t) + 2, sizeof(*first)), *at, i;
	bool any = false;

	l.glyphs = o->utf8 ? &glyphs_utf8 : &glyphs_ascii;
	l.split = xcalloc(t->n_entries + 1, sizeof(*l.split));
	l.crossed = xcalloc(t->n_entries + 1, sizeof(*l.crossed));
	l.line = xcalloc(t->n_entries + 1, sizeof(*l.line));
	find_lines(&l);
	find_listeners(&l);
	measure(&l);
	at = sort_events(t, first);
	for (i = 0; i < t->n_conns && !interrupt_came(o->interrupt); i++)
		if (!o->only || o->only[i])
			any |= draw_conn(&l, t->conns[i], at + first[i],
					 first[i + 1] - first[i], any);
	if (!o->only)
		draw_strays(&l);
	buf_clear(&l.row.body);
	buf_clear(&l.row.after);
	free(first);
	free(at);
	free(l.split);
	free(l.crossed);
	free(l.line);
	free(l.listeners);
}
