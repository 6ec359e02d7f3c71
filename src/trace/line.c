/* line.c - a segment in one line, and in a few. */
#include "trace/views.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "trace/inner.h"
#include "trace/reading.h"
#include "trace/text.h"

#define NAME_MAX_COLUMNS 18
#define NUMBERS_WIDTH	 14 /* "seq=0 ack=1   " */
#define MIDDLE_WIDTH	 26 /* "win=64240 mss=1460 ws=10  " */
#define LINE_MAX_COLUMNS 80
#define QUOTE_MIN	 12
#define SECOND_LINE	 4 /* columns in front of it */

static size_t columns(const struct buf *b, size_t from)
{
	return b->len > from ? text_width(b->data + from) : 0;
}

/* Adds spaces until what begins at from is width columns wide, and at least one. */
static void pad(struct buf *out, size_t from, size_t width)
{
	size_t have = columns(out, from);

	buf_addc(out, ' ');
	for (have++; have < width; have++)
		buf_addc(out, ' ');
}

static size_t name_width(const char *name)
{
	size_t w = text_width(name);

	return w < NAME_MAX_COLUMNS ? w : NAME_MAX_COLUMNS;
}

/* "client -> server", wide enough for the two longest names of the trace. */
static void ends_add(struct buf *out, const struct trace *t,
		     const struct trace_segment *s)
{
	size_t longest[2] = { 0, 0 }, from = out->len;
	int h;

	for (h = 0; h < trace_hosts(t) && h < 64; h++) {
		size_t w = name_width(trace_host(t, h));

		if (w > longest[0]) {
			longest[1] = longest[0];
			longest[0] = w;
		} else if (w > longest[1]) {
			longest[1] = w;
		}
	}
	side_add(out, t, s, false, false, NAME_MAX_COLUMNS);
	buf_adds(out, " -> ");
	side_add(out, t, s, true, false, NAME_MAX_COLUMNS);
	pad(out, from, longest[0] + longest[1] + 5);
	buf_addc(out, ' ');
}

static void numbers_add(struct buf *out, const struct trace *t,
			const struct trace_segment *s, bool raw)
{
	const struct segment *g = &s->segment;
	size_t from = out->len;

	buf_addf(out, "seq=%u", raw ? g->seq : trace_seq(t, s));
	if (g->flags & FLAG_ACK)
		buf_addf(out, " ack=%u", raw ? g->ack : trace_ack(t, s));
	pad(out, from, NUMBERS_WIDTH);
}

/* What is left out of a line that would be too long, in this order. */
enum spare { SPARE_NOTHING, SPARE_WINDOW, SPARE_HANDSHAKE, SPARE_ALL };

/* Each with a space in front. */
static void fields_add(struct buf *out, const struct trace *t,
		       const struct trace_segment *s, bool raw, enum spare spare)
{
	const struct segment_options *o = &s->segment.options;

	if (spare < SPARE_WINDOW)
		buf_addf(out, " win=%u", trace_window(t, s));
	if (o->mss && spare < SPARE_HANDSHAKE)
		buf_addf(out, " mss=%u", o->mss);
	if (o->wscale >= 0 && spare < SPARE_HANDSHAKE)
		buf_addf(out, " ws=%d", o->wscale);
	if (spare == SPARE_ALL)
		return;
	if (o->cookie_len >= 0)
		buf_addf(out, o->cookie_len ? " cookie=%d" : " cookie=request",
			 o->cookie_len);
	if (s->segment.flags & FLAG_URG)
		buf_addf(out, " urg=%u", s->segment.urgent);
	sacks_add(out, t, s, raw, 2);
}

/* The columns that a payload's beginning should have, its marks included. */
static size_t quote_width(const struct segment *g, bool utf8)
{
	struct buf text = BUF_EMPTY;
	size_t width;

	if (g->len == 0)
		return 0;
	quote_fit(&text, g, utf8, QUOTE_MIN);
	width = text_width(buf_str(&text));
	buf_clear(&text);
	return width;
}

/* What stands between the numbers and the last word, at most room columns. */
static void middle_add(struct buf *out, const struct trace *t,
		       const struct trace_segment *s, unsigned how, size_t room)
{
	const struct segment *g = &s->segment;
	struct buf text = BUF_EMPTY, marks = BUF_EMPTY;
	size_t used, wanted = MIDDLE_WIDTH - 2, quote = quote_width(g, how & VIEW_UTF8);
	int spare = how & VIEW_BRIEF || g->fault ? SPARE_ALL
		    : how >= VIEW_COLUMNS	 ? SPARE_HANDSHAKE
						 : SPARE_NOTHING;

	marks_add(&marks, s);
	if (g->fault)
		buf_addf(&marks, ": %s", g->fault);
	for (;; spare++) {
		buf_reset(&text);
		fields_add(&text, t, s, how & VIEW_RAW, (enum spare)spare);
		if (g->len > 0)
			buf_addf(&text, " len=%zu", g->len);
		used = text.len + marks.len;
		if (spare == SPARE_ALL || used + (quote ? quote + 1 : 0) <= room + 1)
			break;
	}
	if (quote > 0 && used + quote <= room) {
		if (used + 1 + quote < wanted)
			quote = wanted - used - 1;
		buf_addc(&text, ' ');
		quote_fit(&text, g, how & VIEW_UTF8, quote);
	}
	buf_add(&text, marks.data, marks.len);
	if (text.len > 0)
		clip_add(out, text.data + 1, room);
	buf_clear(&text);
	buf_clear(&marks);
}

/* The flags' names; "?" where they could not be read. */
static const char *flags_word(const struct segment *g, char buf[40])
{
	return g->fault && !g->flags ? "?" : segment_flags_text(g->flags, buf);
}

static void fate_word(struct buf *out, const struct trace_segment *s)
{
	static const char *const words[] = { NULL, "DELIVERED", "DROPPED", "" };

	if (s->fate == FATE_DROPPED && s->to < 0)
		buf_adds(out, "TO A GHOST");
	else if (words[s->fate])
		buf_adds(out, words[s->fate]);
	else
		held_add(out, s);
}

void view_line(const struct trace *t, const struct trace_segment *s, unsigned how,
	       const char *word, struct buf *out)
{
	struct buf line = BUF_EMPTY, fate = BUF_EMPTY, middle = BUF_EMPTY;
	size_t start = out->len, most = view_columns(how, LINE_MAX_COLUMNS);
	size_t from, room, before, left;
	char flags[40];

	fate_word(&fate, s);
	word = word ? word : buf_str(&fate);
	room = most - 2 - text_width(word);
	buf_addf(&line, "#%u", s->number);
	pad(&line, 0, 4);
	ends_add(&line, t, s);
	from = line.len;
	buf_adds(&line, flags_word(&s->segment, flags));
	pad(&line, from, 8);
	buf_addc(&line, ' ');
	before = columns(&line, 0);
	/* What is malformed has no numbers to rely on, and a reason that wants room. */
	if (!s->segment.fault)
		numbers_add(&line, t, s, how & VIEW_RAW);
	left = columns(&line, 0) < room ? room - columns(&line, 0) : 0;
	if (most < LINE_MAX_COLUMNS || left > 0)
		middle_add(&middle, t, s, how,
			   most < LINE_MAX_COLUMNS ? most - SECOND_LINE : left);
	if (columns(&middle, 0) <= left) {
		buf_add(&line, middle.data, middle.len);
		buf_clear(&middle);
	}
	while (line.data[line.len - 1] == ' ')
		line.data[--line.len] = '\0';
	clip_add(out, buf_str(&line), room);
	buf_clear(&line);
	before += NUMBERS_WIDTH + MIDDLE_WIDTH - 1;
	if (*word)
		pad(out, start, before < room ? before : room + 1);
	if (*word)
		buf_addf(out, " %s", word);
	if (middle.len > 0)
		buf_addf(out, "\n%*s%s", SECOND_LINE, "", buf_str(&middle));
	buf_clear(&middle);
	buf_clear(&fate);
}

/* --- show --- */

/* ", mss 1460, sack"; nothing for a segment without any. */
static void options_add(struct buf *out, const struct trace *t,
			const struct trace_segment *s, bool raw)
{
	const struct segment_options *o = &s->segment.options;

	if (o->mss)
		buf_addf(out, ", mss %u", o->mss);
	if (o->sack_permitted)
		buf_adds(out, ", sack");
	if (o->timestamps)
		buf_adds(out, ", ts");
	if (o->wscale >= 0)
		buf_addf(out, ", ws %d", o->wscale);
	if (o->cookie_len == 0)
		buf_adds(out, ", asks for a fast open cookie");
	if (o->cookie_len > 0)
		buf_addf(out, ", fast open cookie of %d byte%s", o->cookie_len,
			 text_plural((unsigned)o->cookie_len));
	if (o->sacks > 0) {
		buf_addc(out, ',');
		sacks_add(out, t, s, raw, SEGMENT_SACK_MAX);
	}
	if (segment_options_cut(&s->segment))
		buf_adds(out, out->len ? ", others not captured" : ", not captured");
}

/* A scaled one with what stands in the header: "win 64512 (63 x 1024)"; "(scale not known)". */
static void window_add(struct buf *out, const struct reading *r)
{
	uint32_t window = trace_window(r->t, r->s);

	buf_addf(out, "   win %u", window);
	if (window != r->g->window)
		buf_addf(out, " (%u x %u)", r->g->window, window / r->g->window);
	else if (window > 0 && r->conn && !reading_scale_known(r))
		buf_adds(out, " (scale not known)");
}

/* The addresses and the header; options that do not fit behind stand in lines of their own. */
static void head_add(struct buf *out, const struct reading *r, unsigned how)
{
	size_t most = view_columns(how, LINE_MAX_COLUMNS);
	char from[ADDR_TEXT_MAX], to[ADDR_TEXT_MAX];
	const struct segment *g = r->g;
	struct buf options = BUF_EMPTY;
	size_t start = out->len;

	buf_addf(out, "    %s -> %s   len %zu", addr_format(&g->from, from),
		 addr_format(&g->to, to), g->len);
	if (!(g->flags & FLAG_SYN))
		window_add(out, r);
	if (!g->fault)
		options_add(&options, r->t, r->s, how & VIEW_RAW);
	if (options.len == 0) {
		buf_addc(out, '\n');
	} else {
		bool fits = columns(out, start) + strlen("   options") + options.len <=
			    most;

		buf_adds(out, fits ? "   options:" : "\n    options:");
		wrap_add(out, options.data + strlen(", "), 4, most);
	}
	buf_clear(&options);
}

static void data_add(struct buf *out, const struct trace_segment *s, unsigned how)
{
	size_t cut = segment_data_cut(&s->segment);

	if (s->segment.len == 0)
		return;
	buf_adds(out, "    data: ");
	quote_fit(out, &s->segment, how & VIEW_UTF8, view_columns(how, 78) - 10);
	if (s->segment.cut > 0)
		buf_addf(out, "\n    the last %zu byte%s of it %s not captured", cut,
			 text_plural(cut), cut == 1 ? "was" : "were");
	buf_addc(out, '\n');
}

static void fate_add(struct buf *out, const struct trace_segment *s, double now)
{
	char took[32];

	duration_format(s->fate == FATE_HELD ? now - s->sent : s->done - s->sent, took);
	switch (s->fate) {
	case FATE_HELD:
		buf_addf(out, s->delay > 0 ? "under way for %s" : "held %s", took);
		if (s->delay > 0)
			buf_addf(out, "; it is delayed by %s",
				 duration_format(s->delay, took));
		break;
	case FATE_DELIVERED:
		buf_addf(out, "delivered after %s", took);
		break;
	case FATE_DROPPED:
		buf_adds(out, "dropped");
		if (s->why) {
			buf_adds(out, " (");
			text_escape(out, s->why, strlen(s->why), false);
			buf_addc(out, ')');
		}
		buf_addf(out, " after %s", took);
		break;
	case FATE_SEEN:
		buf_addf(out, "seen at %.6f s", s->sent);
		break;
	}
	if (s->n_copies == 0)
		return;
	buf_adds(out, "; sent again after ");
	copies_add(out, s, " and ");
	buf_addf(out, " s (%zu cop%s folded into #%u)", s->n_copies,
		 s->n_copies == 1 ? "y" : "ies", s->number);
}

/* What was remarked on it in a capture. */
static void notes_add(struct buf *out, const struct trace *t,
		      const struct trace_segment *s, unsigned how)
{
	struct buf text = BUF_EMPTY;
	size_t i;

	for (i = entry_of(s)->sent_at; i < t->n_events; i++) {
		const struct trace_event *e = &t->events[i];

		if (e->kind != TRACE_NOTE || e->number != s->number)
			continue;
		buf_reset(&text);
		buf_adds(&text, "comment: ");
		text_escape(&text, e->text, strlen(e->text), how & VIEW_UTF8);
		buf_adds(out, "    ");
		wrap_add(out, buf_str(&text), 4, view_columns(how, 78));
	}
	buf_clear(&text);
}

void view_show(const struct trace *t, const struct trace_segment *s, unsigned how,
	       double now, struct buf *out)
{
	struct reading r = reading_of(t, s, how & VIEW_RAW);
	struct buf text = BUF_EMPTY;
	size_t start = out->len;
	char flags[40];

	buf_addf(&text, "%s: ", flags_word(&s->segment, flags));
	says_add(&text, &r);
	buf_addf(out, "#%u", s->number);
	pad(out, start, 4);
	wrap_add(out, buf_str(&text), 4, view_columns(how, 78));
	head_add(out, &r, how);
	data_add(out, s, how);
	buf_reset(&text);
	marks_add(&text, s);
	if (s->segment.fault)
		buf_addf(&text, ": %s", s->segment.fault);
	else if (!s->segment.checksum_ok && !s->segment.cut && s->fate == FATE_SEEN)
		buf_adds(&text, " wrong checksum (or left to the sender's network card)");
	if (text.len > 0)
		buf_addf(out, "    %s\n", text.data + 1);
	buf_reset(&text);
	fate_add(&text, s, now);
	buf_adds(out, "    ");
	wrap_add(out, buf_str(&text), 4, view_columns(how, 78));
	notes_add(out, t, s, how);
	buf_clear(&text);
}
