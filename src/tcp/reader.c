/* reader.c - a place in the text of a segment, and the small things that are read there. */
#include "tcp/reader.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

bool reader_fail(struct reader *r, const char *at, const char *fmt, ...)
{
	struct buf place = BUF_EMPTY;
	char why[200];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	if (*at)
		text_quote(&place, at, strnlen(at, 24), false);
	else
		buf_adds(&place, "the end");
	err_set(r->err, "usage", "segment, column %zu, at %s: %s",
		(size_t)(at - r->text) + 1, buf_str(&place), why);
	err_hint(r->err, "As in: S 0:0(0) win 65535 <mss 1460,sackOK,nop,wscale 7>");
	buf_clear(&place);
	return false;
}

void reader_skip(struct reader *r, const char *set)
{
	r->p += strspn(r->p, set);
}

bool reader_take(struct reader *r, char c)
{
	const char *p = r->p + strspn(r->p, READER_BLANKS);

	if (*p != c)
		return false;
	r->p = p + 1;
	return true;
}

bool reader_number(struct reader *r, uint32_t max, const char *what, uint32_t *n)
{
	const char *start;
	uint64_t value = 0;

	reader_skip(r, READER_BLANKS);
	start = r->p;
	for (; isdigit((unsigned char)*r->p) && value <= max; r->p++)
		value = value * 10 + (uint64_t)(*r->p - '0');
	if (r->p == start)
		return reader_fail(r, start, "%s, a number, is missing", what);
	if (value > max)
		return reader_fail(r, start, "%s is at most %u", what, max);
	if (isalpha((unsigned char)*r->p) || *r->p == '.' || *r->p == '_')
		return reader_fail(r, start, "%s is a number in decimal digits", what);
	*n = (uint32_t)value;
	return true;
}

const char *reader_word(struct reader *r, char word[READER_WORD_MAX])
{
	size_t n = strcspn(r->p, READER_BLANKS ",<>[](){}:\"'");

	if (n >= READER_WORD_MAX)
		n = 0;
	memcpy(word, r->p, n);
	word[n] = '\0';
	return word;
}

bool reader_word_take(struct reader *r, const char *wanted)
{
	char word[READER_WORD_MAX];

	reader_skip(r, READER_BLANKS);
	if (strcasecmp(reader_word(r, word), wanted) != 0)
		return false;
	r->p += strlen(wanted);
	return true;
}
