/* notation_options.c - TCP options as tcpdump and packetdrill write them. */
#include "tcp/reader.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "tcp/options.h"

/* Adds an option of the kinds that have no field, or cannot be said with one. */
static void other_format(const struct segment_options *o, struct buf *out)
{
	size_t i, n, k;

	for (i = 0; o->other_len - i >= 2; i += n) {
		n = o->other[i + 1];
		if (n < 2 || n > o->other_len - i)
			break;
		buf_addf(out, ",unknown-%u", o->other[i]);
		for (k = 2; k < n; k++)
			buf_addf(out, k == 2 ? " 0x%02x" : "%02x", o->other[i + k]);
	}
}

/* In the order and with the padding that they are sent with. */
void options_format(const struct segment_options *o, uint32_t base, struct buf *out)
{
	int i;

	if (o->mss)
		buf_addf(out, ",mss %u", o->mss);
	if (o->sack_permitted)
		buf_adds(out, o->timestamps ? ",sackOK" : ",nop,nop,sackOK");
	if (o->timestamps)
		buf_addf(out, "%s,TS val %u ecr %u", o->sack_permitted ? "" : ",nop,nop",
			 o->tsval, o->tsecr);
	if (o->wscale >= 0)
		buf_addf(out, ",nop,wscale %d", o->wscale);
	for (i = 0; i < o->sacks && i < SEGMENT_SACK_MAX; i++)
		buf_addf(out, "%s %u:%u", i == 0 ? ",nop,nop,sack" : "",
			 o->sack[i].left - base, o->sack[i].right - base);
	if (o->cookie_len == 0)
		buf_adds(out, ",tfo cookiereq");
	for (i = 0; i < o->cookie_len && i < SEGMENT_COOKIE_MAX; i++)
		buf_addf(out, i == 0 ? ",tfo cookie %02x" : "%02x", o->cookie[i]);
	other_format(o, out);
}

static bool mss_read(struct reader *r)
{
	struct segment_options *o = &r->s.options;
	static const uint8_t zero[] = { OPTION_MSS, 4, 0, 0 };
	uint32_t n;

	if (!reader_number(r, UINT16_MAX, "the MSS", &n))
		return false;
	o->mss = (uint16_t)n;
	if (n > 0)
		return true;
	if (o->other_len + sizeof(zero) > sizeof(o->other))
		return reader_fail(r, r->p, "there is no room for this option");
	memcpy(o->other + o->other_len, zero, sizeof(zero));
	o->other_len += sizeof(zero);
	return true;
}

static bool wscale_read(struct reader *r)
{
	uint32_t n;

	if (!reader_number(r, UINT8_MAX, "the window scale", &n))
		return false;
	r->s.options.wscale = (int16_t)n;
	return true;
}

static bool sack_permitted_read(struct reader *r)
{
	r->s.options.sack_permitted = true;
	return true;
}

static bool timestamps_read(struct reader *r)
{
	struct segment_options *o = &r->s.options;

	o->timestamps = true;
	if (!reader_word_take(r, "val"))
		return reader_fail(r, r->p, "a timestamp is written TS val N ecr N");
	if (!reader_number(r, UINT32_MAX, "the timestamp", &o->tsval))
		return false;
	if (!reader_word_take(r, "ecr"))
		return reader_fail(r, r->p, "a timestamp is written TS val N ecr N");
	return reader_number(r, UINT32_MAX, "the echoed timestamp", &o->tsecr);
}

/* packetdrill's "1:3 5:7" and tcpdump's "2 {1:3}{5:7}". */
static bool sack_read(struct reader *r)
{
	struct segment_options *o = &r->s.options;
	uint32_t left, right;
	const char *p;
	bool brace;

	reader_skip(r, READER_BLANKS);
	p = r->p + strspn(r->p, "0123456789");
	if (p[strspn(p, READER_BLANKS)] == '{')
		r->p = p;
	for (o->sacks = 0;; o->sacks++) {
		brace = reader_take(r, '{');
		reader_skip(r, READER_BLANKS);
		if (!brace && o->sacks > 0 && !isdigit((unsigned char)*r->p))
			return true;
		if (o->sacks == SEGMENT_SACK_MAX)
			return reader_fail(r, r->p, "at most %d blocks are possible",
					   SEGMENT_SACK_MAX);
		if (!reader_number(r, UINT32_MAX, "the block's start", &left))
			return false;
		if (!reader_take(r, ':'))
			return reader_fail(r, r->p, "a SACK block is written FROM:TO");
		if (!reader_number(r, UINT32_MAX, "the block's end", &right))
			return false;
		if (brace && !reader_take(r, '}'))
			return reader_fail(r, r->p, "the brace } is missing");
		o->sack[o->sacks].left = left + r->ack_base;
		o->sack[o->sacks].right = right + r->ack_base;
	}
}

/* Pairs of hexadecimal digits, at most max bytes; the count of bytes, or -1. */
static int hex_read(struct reader *r, uint8_t *bytes, size_t max)
{
	const char *at = r->p;
	char pair[3] = "";
	size_t n;

	for (n = 0; isxdigit((unsigned char)r->p[0]); n++, r->p += 2) {
		if (!isxdigit((unsigned char)r->p[1])) {
			reader_fail(r, r->p, "hexadecimal digits come in pairs");
			return -1;
		}
		if (n == max) {
			reader_fail(r, at, "at most %zu bytes are possible here", max);
			return -1;
		}
		memcpy(pair, r->p, 2);
		bytes[n] = (uint8_t)strtoul(pair, NULL, 16);
	}
	return (int)n;
}

/* tcpdump's "tfo cookiereq" and "tfo cookie HEX", packetdrill's "FO HEX". */
static bool fast_open_read(struct reader *r)
{
	struct segment_options *o = &r->s.options;
	int n;

	o->cookie_len = 0;
	if (reader_word_take(r, "cookiereq"))
		return true;
	reader_word_take(r, "cookie");
	reader_skip(r, READER_BLANKS);
	n = hex_read(r, o->cookie, sizeof(o->cookie));
	if (n < 0)
		return false;
	o->cookie_len = (int8_t)n;
	return true;
}

/* "unknown-30 0x0081", what follows the "unknown-". */
static bool unknown_read(struct reader *r)
{
	struct segment_options *o = &r->s.options;
	size_t room = sizeof(o->other) - o->other_len;
	const char *at = r->p;
	uint8_t *p = o->other + o->other_len;
	uint32_t kind;
	int n = 0;

	if (!reader_number(r, UINT8_MAX, "the option's kind", &kind))
		return false;
	if (kind <= OPTION_NOP)
		return reader_fail(r, at, "the kinds 0 and 1 are written eol and nop");
	if (room < 2)
		return reader_fail(r, at, "there is no room for this option");
	reader_skip(r, READER_BLANKS);
	if (strncmp(r->p, "0x", 2) == 0) {
		r->p += 2;
		n = hex_read(r, p + 2, room - 2);
		if (n < 0)
			return false;
	}
	p[0] = (uint8_t)kind;
	p[1] = (uint8_t)(2 + n);
	o->other_len = (uint8_t)(o->other_len + 2 + n);
	return true;
}

/* Padding is made anew when the segment is sent. */
static bool padding_read(struct reader *r)
{
	(void)r;
	return true;
}

static const struct word option_words[] = {
	{ "mss", mss_read },	  { "wscale", wscale_read },
	{ "nop", padding_read },  { "sackOK", sack_permitted_read },
	{ "eol", padding_read },  { "TS", timestamps_read },
	{ "sack", sack_read },	  { "tfo", fast_open_read },
	{ "FO", fast_open_read }, { NULL, NULL },
};

static bool option_read(struct reader *r)
{
	const struct word *w;

	for (w = option_words; w->name; w++)
		if (reader_word_take(r, w->name))
			return w->read(r);
	if (strncasecmp(r->p, "unknown-", 8) == 0) {
		r->p += 8;
		return unknown_read(r);
	}
	return reader_fail(
		r, r->p,
		"an option is mss N, sackOK, TS val N ecr N, wscale N, sack FROM:TO, "
		"tfo cookie HEX, unknown-KIND 0xHEX, nop or eol");
}

bool reader_options(struct reader *r)
{
	char end = *r->p == '<' ? '>' : ']';

	r->p++;
	options_init(&r->s.options);
	if (reader_take(r, end))
		return true;
	do {
		if (!option_read(r))
			return false;
	} while (reader_take(r, ','));
	reader_skip(r, READER_BLANKS);
	return reader_take(r, end) ||
	       reader_fail(r, r->p, "after an option comes a comma or the bracket %c",
			   end);
}
