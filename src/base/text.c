/* text.c - bytes made fit for a terminal: escaping, display width, quoting, likeness. */
#include "base/text.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <wchar.h>

size_t utf8_decode(const char *data, size_t len, unsigned int *cp)
{
	static const unsigned int least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *p = (const unsigned char *)data;
	size_t n, i;

	if (len == 0)
		return 0;
	if (p[0] < 0x80) {
		*cp = p[0];
		return 1;
	}
	n = p[0] >= 0xf0 && p[0] < 0xf8 ? 4 : p[0] >= 0xe0 ? 3 : p[0] >= 0xc2 ? 2 : 0;
	if (n == 0 || p[0] >= 0xf8 || n > len)
		return 0;
	*cp = p[0] & (0x7fu >> n);
	for (i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		*cp = *cp << 6 | (p[i] & 0x3f);
	}
	if (*cp < least[n] || *cp > 0x10ffff || (*cp >= 0xd800 && *cp <= 0xdfff))
		return 0;
	return n;
}

bool utf8_valid(const char *data, size_t len)
{
	unsigned int cp;
	size_t n;

	for (; len > 0; data += n, len -= n) {
		n = utf8_decode(data, len, &cp);
		if (n == 0)
			return false;
	}
	return true;
}

static char narrow_of(unsigned int cp)
{
	static const struct {
		unsigned int wide;
		char narrow;
	} others[] = {
		{ 0x3000, ' ' },  { 0x201c, '"' }, { 0x201d, '"' }, { 0x2018, '\'' },
		{ 0x2019, '\'' }, { 0x3002, '.' }, { 0x3001, ',' },
	};
	size_t i;

	/* The full-width forms stand as ASCII does. */
	if (cp >= 0xff01 && cp <= 0xff5e)
		return (char)(cp - 0xff01 + '!');
	for (i = 0; i < sizeof(others) / sizeof(*others); i++)
		if (others[i].wide == cp)
			return others[i].narrow;
	return '\0';
}

char text_full_width(const char *text, size_t len, char *wide)
{
	char quote = '\0', narrow = '\0';
	unsigned int cp = 0;
	size_t i = 0, n;

	for (; i < len && !narrow; i += n > 0 ? n : 1) {
		n = utf8_decode(text + i, len - i, &cp);
		if (n == 1 && quote && text[i] == '\\')
			n = 2;
		else if (n == 1 &&
			 (text[i] == quote || (!quote && strchr("\"'", text[i]))))
			quote = quote ? '\0' : text[i];
		else if (n > 1 && !quote)
			narrow = narrow_of(cp);
		if (narrow)
			snprintf(wide, 5, "%.*s", (int)n, text + i);
	}
	return narrow;
}

/*
 * Controls, invisible characters, bidirectional controls and noncharacters: what is not seen, or
 * changes how the rest of the line is drawn.
 */
static bool acts_on_terminal(unsigned int cp)
{
	return cp < 0x20 || (cp >= 0x7f && cp < 0xa0) || cp == 0xad || cp == 0x61c ||
	       cp == 0x180e || (cp >= 0x200b && cp <= 0x200f) ||
	       (cp >= 0x2028 && cp <= 0x202e) || (cp >= 0x2060 && cp <= 0x206f) ||
	       cp == 0xfeff || (cp >= 0xfdd0 && cp <= 0xfdef) ||
	       (cp >= 0xfff0 && cp <= 0xfffb) || (cp >= 0xe0000 && cp <= 0xe0fff) ||
	       (cp & 0xfffe) == 0xfffe;
}

static void escape(struct buf *out, const char *data, size_t len, bool utf8,
		   const char *keep)
{
	static const char from[] = "\n\r\t\\\"", to[] = "nrt\\\"";
	size_t i = 0, start, n;
	unsigned int cp = 0;

	while (i < len) {
		const char *found;

		for (start = i; i < len; i += n) {
			n = utf8_decode(data + i, len - i, &cp);
			if (n == 0 || (n > 1 && !utf8) || acts_on_terminal(cp) ||
			    cp == '\\' || cp == '"')
				break;
		}
		buf_add(out, data + start, i - start);
		if (i == len)
			break;
		found = data[i] ? strchr(from, data[i]) : NULL;
		if (data[i] && strchr(keep, data[i]))
			buf_addc(out, data[i]);
		else if (found)
			buf_addf(out, "\\%c", to[found - from]);
		else
			buf_addf(out, "\\x%02x", (unsigned char)data[i]);
		i++;
	}
}

void text_escape(struct buf *out, const char *data, size_t len, bool utf8)
{
	escape(out, data, len, utf8, "");
}

void text_quote(struct buf *out, const char *data, size_t len, bool utf8)
{
	buf_addc(out, '"');
	escape(out, data, len, utf8, "");
	buf_addc(out, '"');
}

void text_clean(struct buf *out, const char *data, size_t len, bool utf8)
{
	escape(out, data, len, utf8, "\n\t\\\"");
}

size_t text_width(const char *text)
{
	size_t width = 0, len = strlen(text), n;
	unsigned int cp;
	int w;

	for (; len > 0; text += n, len -= n) {
		n = utf8_decode(text, len, &cp);
		w = n > 1 ? wcwidth((wchar_t)cp) : 1;
		width += w > 0 ? (size_t)w : (n > 1 && w == 0 ? 0 : 1);
		n = n ? n : 1;
	}
	return width;
}

/* What the shell itself says is for a terminal of this width. */
#define SCREEN_COLUMNS 80

static void blanks(struct buf *out, size_t n)
{
	memset(buf_reserve(out, n), ' ', n);
	out->len += n;
	out->data[out->len] = '\0';
}

void text_column(struct buf *out, const char *text, int width)
{
	size_t have = text_width(text), want = (size_t)abs(width);
	size_t missing = have < want ? want - have : 0;

	if (width < 0)
		blanks(out, missing);
	buf_adds(out, text);
	if (width > 0)
		blanks(out, missing);
}

void text_end_line(struct buf *out, size_t from, size_t indent, const char *text)
{
	size_t width = text_width(buf_str(out) + from) + 2 + text_width(text);

	if (*text && width > SCREEN_COLUMNS) {
		buf_addc(out, '\n');
		blanks(out, indent);
	} else if (*text) {
		blanks(out, 2);
	}
	buf_addf(out, "%s\n", text);
}

const char *text_count(unsigned long long n, char *buf)
{
	char digits[24];
	int len = snprintf(digits, sizeof(digits), "%llu", n), i, o = 0;

	for (i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			buf[o++] = ',';
		buf[o++] = digits[i];
	}
	buf[o] = '\0';
	return buf;
}

#define DISTANCE_MAX 32

static bool same(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

int text_distance(const char *a, const char *b, int max)
{
	int rows[3][DISTANCE_MAX + 1], la = (int)strlen(a), lb = (int)strlen(b), i, j;
	int *before = rows[0], *last = rows[1], *now = rows[2];

	if (la > DISTANCE_MAX || lb > DISTANCE_MAX || abs(la - lb) > max)
		return max + 1;
	for (j = 0; j <= lb; j++)
		last[j] = j;
	memset(before, 0, sizeof(rows[0]));
	for (i = 1; i <= la; i++) {
		int *t = before;

		now[0] = i;
		for (j = 1; j <= lb; j++) {
			int d = last[j - 1] + !same(a[i - 1], b[j - 1]);

			if (d > last[j] + 1)
				d = last[j] + 1;
			if (d > now[j - 1] + 1)
				d = now[j - 1] + 1;
			if (i > 1 && j > 1 && same(a[i - 1], b[j - 2]) &&
			    same(a[i - 2], b[j - 1]) && d > before[j - 2] + 1)
				d = before[j - 2] + 1;
			now[j] = d;
		}
		before = last;
		last = now;
		now = t;
	}
	return last[lb] > max ? max + 1 : last[lb];
}

int text_index(const char *word, const char *const *names)
{
	int i;

	for (i = 0; names[i]; i++)
		if (strcmp(names[i], word) == 0)
			return i;
	return -1;
}

const char *text_nearest(const char *word, const char *const *names)
{
	const char *best = NULL;
	int limit = strlen(word) <= 3 ? 1 : 2, least = limit + 1, d;

	if (*word == '\0')
		return NULL;
	for (; *names; names++) {
		d = text_distance(word, *names, limit);
		if (d < least) {
			least = d;
			best = *names;
		}
	}
	return best;
}

struct unit {
	const char *name;
	double scale;
};

/*
 * Digits, perhaps a point and digits, and a unit; nothing that strtod knows besides (signs, 1e3,
 * 0x10, nan, the locale's comma).
 */
static bool scaled_parse(double *value, const char *text, const struct unit *units)
{
	double n = 0, divide = 1;
	const char *p = text;

	for (; isdigit((unsigned char)*p); p++)
		n = n * 10 + (*p - '0');
	if (*p == '.') {
		for (p++; isdigit((unsigned char)*p); p++) {
			n = n * 10 + (*p - '0');
			divide *= 10;
		}
		/* neither "." nor "5." */
		if (p[-1] == '.')
			return false;
	}
	if (p == text || !isfinite(n) || !isfinite(divide))
		return false;
	for (; units->name; units++)
		if (strcmp(p, units->name) == 0) {
			*value = n / divide * units->scale;
			return true;
		}
	return false;
}

/* Some thirty years: longer is a slip of the finger, and would overflow a timer. */
#define DURATION_MAX 1e9

bool duration_parse(double *seconds, const char *text)
{
	static const struct unit units[] = {
		{ "", 1 },   { "s", 1 },    { "ms", 1e-3 }, { "us", 1e-6 },
		{ "m", 60 }, { "min", 60 }, { "h", 3600 },  { NULL, 0 },
	};
	double value;

	if (strcmp(text, "off") == 0 || strcmp(text, "none") == 0)
		value = -1;
	else if (!scaled_parse(&value, text, units) || value > DURATION_MAX)
		return false;
	*seconds = value;
	return true;
}

bool size_parse(unsigned long long *bytes, const char *text)
{
	static const struct unit units[] = {
		{ "", 1 },
		{ "k", 1024 },
		{ "K", 1024 },
		{ "M", 1024 * 1024 },
		{ "G", 1024 * 1024 * 1024 },
		{ NULL, 0 },
	};
	double value;

	if (!scaled_parse(&value, text, units) || value != floor(value) || value > 1e15)
		return false;
	*bytes = (unsigned long long)value;
	return true;
}

const char *duration_format(double seconds, char *buf)
{
	if (seconds < 0.00995)
		snprintf(buf, 32, "%.1f ms", seconds * 1e3);
	else if (seconds < 0.9995)
		snprintf(buf, 32, "%.0f ms", seconds * 1e3);
	else if (seconds < 9.95)
		snprintf(buf, 32, "%.1f s", seconds);
	else if (seconds < 119.5)
		snprintf(buf, 32, "%.0f s", seconds);
	else
		snprintf(buf, 32, "%.0f min %.0f s", floor(round(seconds) / 60),
			 fmod(round(seconds), 60));
	return buf;
}

double time_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec * 1e-9;
}
