/* arrow.c - one arrow of a ladder, between its two bars. */
#include "trace/arrow.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "trace/inner.h"
#include "trace/text.h"

const struct glyphs glyphs_ascii = {
	.bar = "|",
	.dash = "-",
	.head = { ">", "<" },
	.hold = { "|", "|" },
	.drop = "X",
	.open = "...",
};

const struct glyphs glyphs_utf8 = {
	.bar = "│",
	.dash = "─",
	.head = { "→", "←" },
	.hold = { "┤", "├" },
	.drop = "╳",
	.open = "┄┄┄",
};

#define LEAD	  3 /* dashes in front of a label that goes to the right */
#define FRAME	  7 /* what an arrow needs besides its label */
#define QUOTE_MIN 6

enum part { PART_S, PART_A, PART_SIZE, PART_WIN, PART_SACK, PARTS };

/* The numbers of a segment, each with a space in front; empty where it has none. */
static void parts_fill(struct buf part[PARTS], const struct arrow *a)
{
	const struct trace_segment *s = a->s;
	const struct segment *g = &s->segment;
	uint32_t seq = a->raw ? g->seq : trace_seq(a->t, s);
	uint32_t ack = a->raw ? g->ack : trace_ack(a->t, s);
	const struct side *me = &entry_of(s)->before[entry_of(s)->end];
	bool with_ack = g->flags & FLAG_ACK, odd = me->seen && g->seq != me->next;

	if (segment_span(g) > 0 || (g->flags & FLAG_RST) || !with_ack || odd)
		buf_addf(&part[PART_S], with_ack ? " s=%u" : " seq=%u", seq);
	if (with_ack && (g->len == 0 || (g->flags & FLAG_SYN)))
		buf_addf(&part[PART_A], " a=%u", ack);
	if (g->len > 0)
		buf_addf(&part[PART_SIZE], " len=%zu", g->len);
	if (g->window == 0 && !(g->flags & (FLAG_SYN | FLAG_RST)))
		buf_adds(&part[PART_WIN], " win=0");
	sacks_add(&part[PART_SACK], a->t, s, a->raw, 2);
}

/* "#4 PSH,ACK" */
static void head_add(struct buf *out, const struct arrow *a, uint8_t flags)
{
	char text[40];

	buf_addf(out, "#%u", a->s->number);
	if (!a->s->segment.fault || flags)
		buf_addf(out, " %s", segment_flags_text(flags, text));
}

/* "#4 PSH,ACK s=1 len=5 "hello" again #2"; what finds no room is left out, least wanted first. */
static void label_add(struct buf *out, const struct arrow *a, size_t room)
{
	static const enum part wanted[] = { PART_SIZE, PART_A, PART_S, PART_WIN,
					    PART_SACK };
	const struct segment *g = &a->s->segment;
	struct buf label = BUF_EMPTY, marks = BUF_EMPTY, part[PARTS] = { BUF_EMPTY };
	size_t used, i;

	marks_add(&marks, a->s);
	head_add(&label, a, g->flags);
	if (label.len + marks.len > room && g->flags & ~FLAG_PSH) {
		buf_reset(&label);
		head_add(&label, a, g->flags & (uint8_t)~FLAG_PSH);
	}
	if (!g->fault)
		parts_fill(part, a);
	used = label.len + marks.len;
	for (i = 0; i < PARTS; i++) {
		if (used + part[wanted[i]].len > room)
			buf_reset(&part[wanted[i]]);
		used += part[wanted[i]].len;
	}
	for (i = 0; i < PARTS; i++) {
		buf_add(&label, part[i].data, part[i].len);
		buf_clear(&part[i]);
	}
	if (g->len > 0 && !g->fault && used + 1 + QUOTE_MIN <= room) {
		buf_addc(&label, ' ');
		quote_fit(&label, g, a->utf8, room - used - 1);
	}
	buf_add(&label, marks.data, marks.len);
	clip_add(out, buf_str(&label), room);
	buf_clear(&label);
	buf_clear(&marks);
}

static void repeat(struct buf *out, const char *glyph, size_t n)
{
	while (n-- > 0)
		buf_adds(out, glyph);
}

/*
 * A label on an arrow of that length that ends in stop, what is behind it, and spaces to the full
 * width; mirrored when it goes to the left.
 */
static void draw(struct buf *out, const struct arrow *a, const char *label, size_t length,
		 const char *stop, const char *behind)
{
	const char *dash = a->glyphs->dash;
	size_t used = LEAD + 2 + text_width(label) + text_width(stop);
	size_t line = length > used ? length - used : 0;
	size_t after = used + line + text_width(behind);
	size_t spaces = a->width > after ? a->width - after : 0;

	if (a->left) {
		repeat(out, " ", spaces);
		buf_adds(out, behind);
		buf_adds(out, stop);
		repeat(out, dash, line + 1);
		buf_addf(out, " %s ", label);
		repeat(out, dash, LEAD - 1);
		return;
	}
	repeat(out, dash, LEAD);
	buf_addf(out, " %s ", label);
	repeat(out, dash, line);
	buf_adds(out, stop);
	buf_adds(out, behind);
	repeat(out, " ", spaces);
}

/* An arrow that does not reach the other side. */
static void draw_short(struct buf *out, const struct arrow *a, const char *stop,
		       const char *word)
{
	struct buf label = BUF_EMPTY, behind = BUF_EMPTY;
	size_t room = a->width - FRAME + 1 - text_width(stop), length = a->width * 2 / 3;

	if (*word) {
		buf_addf(&behind, a->left ? "%s " : " %s", word);
		room -= text_width(word) + 1;
		if (length > a->width - text_width(word) - 1)
			length = a->width - text_width(word) - 1;
	}
	label_add(&label, a, room);
	draw(out, a, buf_str(&label), length, stop, buf_str(&behind));
	buf_clear(&label);
	buf_clear(&behind);
}

/* Why it was dropped, short enough for a narrow ladder: of "ghost: nobody there" the first word. */
static void why_add(struct buf *out, const struct arrow *a)
{
	struct buf clean = BUF_EMPTY;
	const char *why = a->s->why ? a->s->why : "dropped";

	text_escape(&clean, why, strlen(why), false);
	if (text_width(buf_str(&clean)) > a->width / 3 && strchr(clean.data, ':'))
		*strchr(clean.data, ':') = '\0';
	clip_add(out, buf_str(&clean), a->width / 3);
	buf_clear(&clean);
}

void arrow_add(struct buf *out, const struct arrow *a)
{
	struct buf text = BUF_EMPTY;

	switch (a->s->fate) {
	case FATE_HELD:
		held_add(&text, a->s);
		draw_short(out, a, a->glyphs->hold[a->left], buf_str(&text));
		break;
	case FATE_DROPPED:
		why_add(&text, a);
		draw_short(out, a, a->glyphs->drop, buf_str(&text));
		break;
	default:
		label_add(&text, a, a->width - FRAME);
		draw(out, a, buf_str(&text), a->width, a->glyphs->head[a->left], "");
		break;
	}
	buf_clear(&text);
}

void arrow_add_start(struct buf *out, const struct arrow *a)
{
	draw_short(out, a, a->glyphs->open, "");
}

static void centre(struct buf *out, const char *text, size_t width)
{
	size_t have = text_width(text), left = have < width ? (width - have) / 2 : 0;

	repeat(out, " ", left);
	buf_adds(out, text);
	repeat(out, " ", have < width ? width - have - left : 0);
}

void arrow_add_end(struct buf *out, const struct arrow *a)
{
	const struct glyphs *g = a->glyphs;
	struct buf text = BUF_EMPTY;
	size_t have, line;

	if (a->s->fate == FATE_DROPPED) {
		buf_addf(&text, "#%u %s ", a->s->number, g->drop);
		why_add(&text, a);
		centre(out, buf_str(&text), a->width);
		buf_clear(&text);
		return;
	}
	buf_addf(&text, "#%u delivered", a->s->number);
	have = text.len + 3 + text_width(g->open);
	line = a->width / 2 > have ? a->width / 2 - have : 1;
	if (a->left) {
		buf_adds(out, g->head[1]);
		repeat(out, g->dash, line);
		buf_addf(out, " %s %s", buf_str(&text), g->open);
		repeat(out, " ", a->width > have + line ? a->width - have - line : 0);
	} else {
		repeat(out, " ", a->width > have + line ? a->width - have - line : 0);
		buf_addf(out, "%s %s ", g->open, buf_str(&text));
		repeat(out, g->dash, line);
		buf_adds(out, g->head[0]);
	}
	buf_clear(&text);
}

/* "(sent again after 1.0, 3.1 s)", or shorter. */
static void copies_text(struct buf *out, const struct trace_segment *s, const char *word,
			bool each)
{
	buf_addf(out, "(%s", word);
	if (each) {
		buf_adds(out, " after ");
		copies_add(out, s, ", ");
	} else {
		buf_addf(out, " %zu time%s in %.1f", s->n_copies,
			 text_plural(s->n_copies), s->copies[s->n_copies - 1] - s->sent);
	}
	buf_adds(out, " s)");
}

void arrow_add_copies(struct buf *out, const struct arrow *a)
{
	static const char *const words[] = { "sent again", "again" };
	struct buf text = BUF_EMPTY;
	int i;

	for (i = 0; i < 4 && (i == 0 || text.len > a->width); i++) {
		buf_reset(&text);
		copies_text(&text, a->s, words[i % 2], i < 2);
	}
	if (a->left)
		repeat(out, " ", a->width > text.len + 2 ? a->width - text.len - 2 : 0);
	else
		repeat(out, " ", text.len + 2 < a->width ? 2 : 0);
	clip_add(out, buf_str(&text), a->width);
	repeat(out, " ", a->width > text.len + 2 ? 2 : 0);
	buf_clear(&text);
}
