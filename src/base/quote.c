/* quote.c - a string in quotes, read as Lua reads it. */
#include "base/quote.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/text.h"

static int bad_escape(const char *p, const char *end, struct err *err)
{
	struct buf text = BUF_EMPTY;

	text_escape(&text, p, p + 6 < end ? 6 : (size_t)(end - p), false);
	err_set(err, "usage", "\"\\%s\": this escape is not known", buf_str(&text));
	err_hint(
		err,
		"Known: \\n \\r \\t \\\\ \\\" \\' \\a \\b \\f \\v \\z \\xHH \\ddd \\u{HEX}. In '...' a \\ is only a \\.");
	buf_clear(&text);
	return -EINVAL;
}

static void utf8_add(struct buf *out, unsigned long cp)
{
	char rest[8];
	int n = 0;
	unsigned long lead = 0x3f;

	if (cp < 0x80) {
		buf_addc(out, (char)cp);
		return;
	}
	/* As Lua does it, up to 2^31. */
	do {
		rest[n++] = (char)(0x80 | (cp & 0x3f));
		cp >>= 6;
		lead >>= 1;
	} while (cp > lead);
	buf_addc(out, (char)((~lead << 1) | cp));
	while (n > 0)
		buf_addc(out, rest[--n]);
}

static int hex_value(char c)
{
	return isdigit((unsigned char)c) ? c - '0' : (c | 32) - 'a' + 10;
}

/* The escape behind a backslash at p; returns what follows it, NULL with err. */
static const char *escape(const char *p, const char *end, struct buf *out,
			  struct err *err)
{
	static const char from[] = "nrtabfv\\\"'\n", to[] = "\n\r\t\a\b\f\v\\\"'\n";
	const char *start = p, *found;
	unsigned long n = 0;
	int i;

	if (p == end)
		return p;
	found = *p ? strchr(from, *p) : NULL;
	if (found) {
		buf_addc(out, to[found - from]);
		return p + 1;
	}
	if (*p == 'z') {
		for (p++; p < end && *p && strchr(" \t\n\r\f\v", *p);)
			p++;
		return p;
	}
	if (*p == 'x' && end - p > 2 && isxdigit((unsigned char)p[1]) &&
	    isxdigit((unsigned char)p[2])) {
		buf_addc(out, (char)(hex_value(p[1]) * 16 + hex_value(p[2])));
		return p + 3;
	}
	if (isdigit((unsigned char)*p)) {
		for (i = 0; i < 3 && p < end && isdigit((unsigned char)*p); i++, p++)
			n = n * 10 + (unsigned long)(*p - '0');
		if (n <= 255) {
			buf_addc(out, (char)n);
			return p;
		}
	} else if (*p == 'u' && end - p > 3 && p[1] == '{') {
		for (p += 2; p < end && isxdigit((unsigned char)*p) && n < 0x80000000ul;
		     p++)
			n = n * 16 + (unsigned long)hex_value(*p);
		if (p < end && *p == '}' && p[-1] != '{' && n < 0x80000000ul) {
			utf8_add(out, n);
			return p + 1;
		}
	}
	bad_escape(start, end, err);
	return NULL;
}

const char *quote_read(const char *p, const char *end, struct buf *out, struct err *err)
{
	char quote = *p++;

	while (p < end && *p != quote) {
		if (*p == '\\' && quote == '"') {
			p = escape(p + 1, end, out, err);
			if (!p)
				return NULL;
		} else {
			buf_addc(out, *p++);
		}
	}
	if (p < end)
		return p + 1;
	err_set(err, "usage", "the quote %c is not closed", quote);
	err_hint(err, "%s",
		 quote == '"' ? "A quote inside is written \\\"."
			      : "'...' has no escapes; \"...\" has.");
	return NULL;
}
