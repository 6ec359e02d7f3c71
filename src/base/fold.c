/* fold.c - text that was set for one width, set anew for a narrower terminal. */
#include "base/fold.h"

#include <stdbool.h>
#include <string.h>

#include "base/text.h"

/* A line that the next word would have made wider than this was broken for that alone. */
#define FULL 74

/* What is wider was not set for any width, and has not been broken. */
#define SET_MAX 80

/* Marks that no line begins with, and such that none ends with. */
static const char closing[] = "，。；：？！、）》」』】”’…,.;:?!)]}";
static const char opening[] = "（《「『【“‘([{";

/* Lines that are one to the reader. */
struct paragraph {
	const char *begin, *end; /* as they were written; NULL: there is none yet */
	struct buf
		text;  /* without line ends, and without the indents of the later lines */
	size_t indent; /* of these */
	size_t last;   /* the width of the last line, as it was written */
	bool wide;     /* one is too wide */
	bool alone;    /* what stands below is something else */
};

struct piece {
	char text[8];
	size_t bytes;
	size_t columns;
};

static struct piece piece_at(const char *text, size_t len)
{
	struct piece p = { "", 0, 0 };
	unsigned int cp;

	p.bytes = utf8_decode(text, len, &cp);
	if (p.bytes == 0)
		p.bytes = 1;
	memcpy(p.text, text, p.bytes);
	p.columns = text_width(p.text);
	return p;
}

/* Whether a line may end between the two. */
static bool between(const struct piece *a, const struct piece *b)
{
	if (b->text[0] == ' ')
		return a->text[0] != ' ';
	return (a->columns == 2 || b->columns == 2) && !strstr(closing, b->text) &&
	       !strstr(opening, a->text);
}

static size_t width_of(const char *text, size_t len)
{
	struct buf copy = BUF_EMPTY;
	size_t width;

	buf_add(&copy, text, len);
	width = text_width(buf_str(&copy));
	buf_clear(&copy);
	return width;
}

static size_t blanks_at(const char *text, size_t len)
{
	size_t n = 0;

	while (n < len && text[n] == ' ')
		n++;
	return n;
}

static size_t word_at(const char *text, size_t len)
{
	const char *blank = memchr(text, ' ', len);

	return blank ? (size_t)(blank - text) : len;
}

/* An error and a note are a line each; the hint below is another. */
static bool is_told(const char *line, size_t len)
{
	size_t own = blanks_at(line, len), word = word_at(line + own, len - own);

	return (word == 6 && memcmp(line + own, "error:", word) == 0) ||
	       (word == 5 && memcmp(line + own, "note:", word) == 0);
}

/* Behind a first word such as "error:", or behind the first gap, when that is not far; else its own. */
static size_t indent_of(const char *line, size_t len, size_t columns)
{
	size_t own = blanks_at(line, len), word = word_at(line + own, len - own),
	       at = own;
	const char *gap = memmem(line + own, len - own, "  ", 2);

	if (word > 0 && line[own + word - 1] == ':' && line[own] >= 'a')
		at = own + word + 1;
	else if (gap)
		at = (size_t)(gap - line) + blanks_at(gap, len - (size_t)(gap - line));
	if (at >= len)
		return own;
	at = width_of(line, at);
	return at <= columns / 2 ? at : own;
}

/*
 * Whether the line only goes on: its first word had no room in the line before. Columns are lines of
 * their own, and so are an error, a note and the hint below it.
 */
static bool goes_on(const struct paragraph *p, const char *line, size_t len)
{
	size_t blanks = blanks_at(line, len), word = word_at(line + blanks, len - blanks);

	return p->begin && !p->alone && p->last <= SET_MAX && !is_told(line, len) &&
	       word > 0 && blanks == p->indent &&
	       !memmem(line + blanks, len - blanks, "  ", 2) &&
	       p->last + 1 + width_of(line + blanks, word) > FULL;
}

/* Chinese characters stand without a blank between them, and so do their marks and anything. */
static bool joins(const struct piece *a, const struct piece *b)
{
	return a->columns == 2 && (b->columns == 2 || strstr(closing, a->text));
}

static void go_on(struct buf *text, const char *more, size_t len)
{
	struct piece last, next = piece_at(more, len);
	size_t at = text->len;

	while (at > 0 && ((unsigned char)text->data[--at] & 0xc0) == 0x80)
		;
	last = piece_at(text->data + at, text->len - at);
	if (!joins(&last, &next))
		buf_addc(text, ' ');
	buf_add(text, more, len);
}

/* A line of a ladder or of another picture: there is no other place for what stands in it. */
static bool is_drawn(const char *line, size_t len)
{
	size_t blanks = blanks_at(line, len);

	return memmem(line, len, " |", 2) ||
	       (blanks < len && line[blanks] && strchr("|+'.", line[blanks]));
}

/* How many bytes make a line: up to the last place to break at, or all that there is room for. */
static size_t line_take(const char *text, size_t len, size_t room)
{
	size_t at = blanks_at(text, len), used = at, fit = 0;
	struct piece last = { "", 0, 0 };

	while (at < len) {
		struct piece p = piece_at(text + at, len - at);

		if (last.bytes > 0 && between(&last, &p))
			fit = at;
		if (used + p.columns > room && last.bytes > 0)
			return fit > 0 ? fit : at;
		used += p.columns;
		at += p.bytes;
		last = p;
	}
	return len;
}

static void set_anew(const struct paragraph *p, size_t columns, struct buf *out)
{
	const char *text = buf_str(&p->text), *end = text + p->text.len;
	size_t n = line_take(text, p->text.len, columns);

	buf_add(out, text, n);
	for (text += n; text < end; text += n) {
		text += blanks_at(text, (size_t)(end - text));
		n = line_take(text, (size_t)(end - text), columns - p->indent);
		buf_addc(out, '\n');
		buf_pad(out, out->len + p->indent, ' ');
		buf_add(out, text, n);
	}
	if (p->end[-1] == '\n')
		buf_addc(out, '\n');
}

static void paragraph_end(struct paragraph *p, size_t columns, struct buf *out)
{
	if (p->begin && p->wide)
		set_anew(p, columns, out);
	else if (p->begin)
		buf_add(out, p->begin, (size_t)(p->end - p->begin));
	p->begin = NULL;
	buf_reset(&p->text);
}

static void paragraph_begin(struct paragraph *p, const char *line, size_t len,
			    size_t columns)
{
	p->begin = line;
	p->indent = indent_of(line, len, columns);
	p->wide = false;
	p->alone = is_told(line, len);
	buf_add(&p->text, line, len);
}

static bool fits(const char *text, size_t len, size_t columns)
{
	const char *end = text + len, *nl;

	for (; text < end; text = nl + 1) {
		nl = memchr(text, '\n', (size_t)(end - text));
		nl = nl ? nl : end;
		if ((size_t)(nl - text) > columns)
			return false;
	}
	return true;
}

void fold_add(struct buf *out, const char *text, size_t len, size_t columns)
{
	struct paragraph p = { .text = BUF_EMPTY };
	const char *end = text + len, *nl;

	if (fits(text, len, columns)) {
		buf_add(out, text, len);
		return;
	}
	for (; text < end; text = p.end) {
		nl = memchr(text, '\n', (size_t)(end - text));
		len = (size_t)((nl ? nl : end) - text);
		if (goes_on(&p, text, len)) {
			go_on(&p.text, text + p.indent, len - p.indent);
		} else {
			paragraph_end(&p, columns, out);
			paragraph_begin(&p, text, len, columns);
		}
		p.last = width_of(text, len);
		p.wide = p.wide || (p.last > columns && !is_drawn(text, len));
		p.end = nl ? nl + 1 : end;
	}
	paragraph_end(&p, columns, out);
	buf_clear(&p.text);
}
