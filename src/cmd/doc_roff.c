/* doc_roff.c - our plain texts as roff with the man(7) macros. */
#include "cmd/doc_roff.h"

#include <string.h>

void roff_add(struct buf *out, const char *text, size_t len)
{
	static const struct {
		char c;
		const char *roff;
	} escapes[] = {
		{ '\\', "\\e" },  { '-', "\\-" },   { '\'', "\\(aq" },
		{ '`', "\\(ga" }, { '^', "\\(ha" }, { '~', "\\(ti" },
	};
	const size_t n = sizeof(escapes) / sizeof(*escapes);
	size_t i, e;

	/* At the beginning of a line a point is a request; behind an empty escape it is text. */
	if (len > 0 && *text == '.')
		buf_adds(out, "\\&");
	for (i = 0; i < len; i++) {
		for (e = 0; e < n && text[i] != escapes[e].c; e++)
			;
		if (e < n)
			buf_adds(out, escapes[e].roff);
		else
			buf_addc(out, text[i]);
	}
}

void roff_adds(struct buf *out, const char *text)
{
	roff_add(out, text, strlen(text));
}

static size_t blanks(const char *text)
{
	return strspn(text, " ");
}

static const char *next_line(const char *text)
{
	text = strchrnul(text, '\n');
	return *text ? text + 1 : text;
}

static void add_line(struct buf *out, const char *text)
{
	roff_add(out, text, strcspn(text, "\n"));
	buf_addc(out, '\n');
}

/* Where the block of lines ends that begin with a blank, and what it measures. */
struct block {
	const char *end;
	size_t indent; /* what all lines begin with */
	size_t width;  /* of the longest, with that */
};

static struct block block_measure(const char *text)
{
	struct block b = { text, (size_t)-1, 0 };

	for (; *text == ' ' || *text == '\n'; text = next_line(text)) {
		if (*text == '\n')
			continue;
		if (blanks(text) < b.indent)
			b.indent = blanks(text);
		if (strcspn(text, "\n") > b.width)
			b.width = strcspn(text, "\n");
		b.end = next_line(text);
	}
	return b;
}

/* The page leaves 73 columns to a section's text; what is wider begins further left. */
static const char *block(struct buf *out, const char *text)
{
	struct block b = block_measure(text);
	size_t width = b.width - b.indent;

	buf_adds(out, width > 73   ? ".in 3n\n.EX\n"
		      : width > 69 ? ".EX\n"
				   : ".in +4n\n.EX\n");
	for (; text < b.end; text = next_line(text))
		add_line(out, *text == ' ' ? text + b.indent : text);
	buf_adds(out, width > 69 && width <= 73 ? ".EE\n" : ".EE\n.in\n");
	return b.end;
}

/* The column of the text in "Word  text", 0 where the line has another form. */
static size_t item_column(const char *text)
{
	size_t word = strcspn(text, " \n");

	if (word == 0 || word > 12 || strncmp(text + word, "  ", 2) != 0)
		return 0;
	return word + blanks(text + word);
}

static const char *item(struct buf *out, const char *text, size_t column,
			const char *paragraph)
{
	buf_adds(out, ".TP\n");
	roff_add(out, text, strcspn(text, " "));
	buf_addc(out, '\n');
	do {
		add_line(out, text + column);
		text = next_line(text);
	} while (blanks(text) == column);
	/* Prose may follow. */
	if (*text && *text != '\n' && item_column(text) == 0)
		buf_addf(out, "%s\n", paragraph);
	return text;
}

void roff_prose(struct buf *out, const char *text, const char *paragraph)
{
	size_t column;

	while (*text) {
		column = item_column(text);
		if (*text == ' ') {
			text = block(out, text);
		} else if (column > 0) {
			text = item(out, text, column, paragraph);
		} else if (*text == '\n') {
			/* Items bring their own space. */
			if (text[1] && item_column(text + 1) == 0)
				buf_addf(out, "%s\n", paragraph);
			text++;
		} else {
			add_line(out, text);
			text = next_line(text);
		}
	}
}
