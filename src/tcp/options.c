/*
 * options.c - the options of a TCP header: bytes to fields and back.
 *
 * RFC 9293, 3.2: a kind, for all but END and NOP a length that counts both bytes, then data.
 * An option that is whole but not understood goes to "other" and the next one is read; a
 * length that leads nowhere ends the reading.
 */
#include "tcp/options.h"

#include <string.h>

#include "tcp/bytes.h"

void options_init(struct segment_options *o)
{
	*o = (struct segment_options){ .wscale = -1, .cookie_len = -1 };
}

static void sack_decode(struct segment_options *o, const uint8_t *p, size_t len)
{
	for (o->sacks = 0; len >= 8; o->sacks++, p += 8, len -= 8) {
		o->sack[o->sacks].left = get32(p);
		o->sack[o->sacks].right = get32(p + 4);
	}
}

/* What is wrong with len bytes of data in an option of this kind; NULL for nothing. */
static const char *misfit(uint8_t kind, size_t len)
{
	switch (kind) {
	case OPTION_MSS:
		return len == 2 ? NULL : "MSS option of a wrong length";
	case OPTION_WSCALE:
		return len == 1 ? NULL : "window scale option of a wrong length";
	case OPTION_SACK_PERMITTED:
		return len == 0 ? NULL : "SACK permitted option of a wrong length";
	case OPTION_SACK:
		return len > 0 && len % 8 == 0 ? NULL : "SACK option of a wrong length";
	case OPTION_TIMESTAMPS:
		return len == 8 ? NULL : "timestamps option of a wrong length";
	case OPTION_FAST_OPEN:
		return len <= SEGMENT_COOKIE_MAX ? NULL
						 : "Fast Open option of a wrong length";
	default:
		return NULL;
	}
}

/* One option of a right length into its field; false when there is none for it. */
static bool known_decode(struct segment_options *o, uint8_t kind, const uint8_t *p,
			 size_t len)
{
	switch (kind) {
	case OPTION_MSS:
		if (get16(p) == 0)
			return false;
		o->mss = get16(p);
		return true;
	case OPTION_WSCALE:
		o->wscale = p[0];
		return true;
	case OPTION_SACK_PERMITTED:
		o->sack_permitted = true;
		return true;
	case OPTION_SACK:
		sack_decode(o, p, len);
		return true;
	case OPTION_TIMESTAMPS:
		o->timestamps = true;
		o->tsval = get32(p);
		o->tsecr = get32(p + 4);
		return true;
	case OPTION_FAST_OPEN:
		o->cookie_len = (int8_t)len;
		memcpy(o->cookie, p, len);
		return true;
	default:
		return false;
	}
}

const char *options_decode(struct segment_options *o, const uint8_t *p, size_t len,
			   size_t missing)
{
	const char *fault = NULL, *wrong;
	size_t n;

	options_init(o);
	if (len > SEGMENT_OPTIONS_MAX)
		len = SEGMENT_OPTIONS_MAX;
	for (; len > 0 && p[0] != OPTION_END; p += n, len -= n) {
		n = 1;
		if (p[0] == OPTION_NOP)
			continue;
		if (len < 2)
			return missing ? fault : "TCP option without its length";
		n = p[1];
		if (n < 2)
			return "TCP option with a length below 2";
		if (n > len + missing)
			return "TCP option beyond the end of the header";
		if (n > len)
			return fault;
		wrong = misfit(p[0], n - 2);
		if (wrong && !fault)
			fault = wrong;
		if (!wrong && known_decode(o, p[0], p + 2, n - 2))
			continue;
		memcpy(o->other + o->other_len, p, n);
		o->other_len = (uint8_t)(o->other_len + n);
	}
	return fault;
}

/* Where options are written; bigger than all of them together with their padding. */
struct layout {
	uint8_t bytes[160];
	size_t len;
	bool aligned;
};

static uint8_t *lay(struct layout *l, size_t nops, uint8_t kind, size_t data_len)
{
	uint8_t *p;

	if (l->aligned) {
		memset(l->bytes + l->len, OPTION_NOP, nops);
		l->len += nops;
	}
	p = l->bytes + l->len;
	p[0] = kind;
	p[1] = (uint8_t)(2 + data_len);
	l->len += 2 + data_len;
	return p + 2;
}

static void align(struct layout *l)
{
	while (l->len % 4 != 0)
		l->bytes[l->len++] = OPTION_NOP;
}

/* Order and padding are those of tcp_options_write in Linux: each option ends on 4 bytes. */
static void layout_fill(struct layout *l, const struct segment_options *o)
{
	uint8_t *p;
	int i;

	l->len = 0;
	if (o->mss)
		put16(lay(l, 0, OPTION_MSS, 2), o->mss);
	if (o->sack_permitted)
		lay(l, o->timestamps ? 0 : 2, OPTION_SACK_PERMITTED, 0);
	if (o->timestamps) {
		p = lay(l, o->sack_permitted ? 0 : 2, OPTION_TIMESTAMPS, 8);
		put32(p, o->tsval);
		put32(p + 4, o->tsecr);
	}
	if (o->wscale >= 0)
		*lay(l, 1, OPTION_WSCALE, 1) = (uint8_t)o->wscale;
	if (o->sacks) {
		p = lay(l, 2, OPTION_SACK, o->sacks * 8u);
		for (i = 0; i < o->sacks; i++) {
			put32(p + i * 8, o->sack[i].left);
			put32(p + i * 8 + 4, o->sack[i].right);
		}
	}
	if (o->cookie_len >= 0) {
		p = lay(l, 0, OPTION_FAST_OPEN, (size_t)o->cookie_len);
		memcpy(p, o->cookie, (size_t)o->cookie_len);
		if (l->aligned)
			align(l);
	}
	memcpy(l->bytes + l->len, o->other, o->other_len);
	l->len += o->other_len;
	align(l);
}

int options_encode(const struct segment_options *o, uint8_t out[SEGMENT_OPTIONS_MAX],
		   size_t *len, struct err *err)
{
	struct layout l = { .aligned = true };

	if (o->sacks > SEGMENT_SACK_MAX || o->cookie_len > SEGMENT_COOKIE_MAX ||
	    o->other_len > SEGMENT_OPTIONS_MAX || o->wscale > UINT8_MAX)
		return err_set(
			err, "usage",
			"TCP options: at most %d SACK blocks, %d bytes of cookie, %d "
			"bytes of others and a window scale of %d are possible",
			SEGMENT_SACK_MAX, SEGMENT_COOKIE_MAX, SEGMENT_OPTIONS_MAX,
			UINT8_MAX);
	layout_fill(&l, o);
	if (l.len > SEGMENT_OPTIONS_MAX) {
		l.aligned = false;
		layout_fill(&l, o);
	}
	if (l.len > SEGMENT_OPTIONS_MAX)
		return err_set(
			err, "usage",
			"TCP options: these take %zu bytes, and a header has room for %d",
			l.len, SEGMENT_OPTIONS_MAX);
	memcpy(out, l.bytes, l.len);
	*len = l.len;
	return 0;
}
