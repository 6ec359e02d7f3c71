/* capture_blocks.c - pcapng, block by block (draft-ietf-opsawg-pcapng). */
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "trace/capture_inner.h"
#include "trace/inner.h"

enum block {
	BLOCK_SECTION = 0x0a0d0d0a,
	BLOCK_INTERFACE = 1,
	BLOCK_OLD_PACKET = 2,
	BLOCK_SIMPLE_PACKET = 3,
	BLOCK_PACKET = 6,
};

enum option {
	OPTION_END = 0,
	OPTION_COMMENT = 1,
	OPTION_IF_TSRESOL = 9,
	OPTION_IF_TSOFFSET = 14,
};

/* A block's body, or what is left of it. */
struct part {
	const uint8_t *p;
	size_t len;
};

static int64_t later(int64_t seconds, int64_t by, int64_t ns)
{
	if (__builtin_add_overflow(seconds, by, &seconds) ||
	    seconds >= INT64_MAX / SECOND)
		return by < 0 ? 0 : INT64_MAX;
	return seconds < 0 ? 0 : seconds * SECOND + ns;
}

/* A timestamp in nanoseconds since 1970; what is before or far too late is at that end. */
static int64_t time_of(const struct interface *i, uint64_t stamp)
{
	unsigned n = i->resolution & 0x7f, k;
	bool two = i->resolution & 0x80;
	uint64_t unit = two && n < 64 ? (uint64_t)1 << n : 1, seconds = 0, ns;

	for (k = 0; !two && k < n && n < 20; k++)
		unit *= 10;
	if (n < (two ? 64 : 20)) {
		seconds = stamp / unit;
		stamp %= unit;
	}
	ns = (uint64_t)llround((double)stamp *
			       (two ? ldexp(1e9, -(int)n) : pow(10, 9 - (double)n)));
	if (seconds > INT64_MAX)
		return INT64_MAX;
	return later((int64_t)seconds, i->offset,
		     (int64_t)(ns < SECOND ? ns : SECOND - 1));
}

typedef void option_fn(struct reader *r, unsigned code, const uint8_t *value, size_t len);

static bool each_option(struct reader *r, struct part rest, option_fn *fn)
{
	while (rest.len >= 4) {
		unsigned code = get16(r, rest.p);
		size_t len = get16(r, rest.p + 2), padded = (len + 3) & ~(size_t)3;

		if (code == OPTION_END)
			break;
		if (padded > rest.len - 4)
			return reader_complain(r,
					       "option %u has %zu byte%s, the block %zu",
					       code, len, text_plural(len), rest.len - 4);
		fn(r, code, rest.p + 4, len);
		rest.p += 4 + padded;
		rest.len -= 4 + padded;
	}
	return true;
}

static void section_option(struct reader *r, unsigned code, const uint8_t *value,
			   size_t len)
{
	if (code == OPTION_COMMENT)
		replay_about(r->replay, (const char *)value, len);
}

static bool read_section(struct reader *r, struct part body)
{
	if (body.len < 16)
		return reader_complain(r, "a section's header of %zu bytes", body.len);
	if (get16(r, body.p + 4) != 1)
		return reader_complain(r, "version %u.%u of pcapng is not known",
				       get16(r, body.p + 4), get16(r, body.p + 6));
	r->n_interfaces = 0;
	replay_section(r->replay);
	return each_option(r, (struct part){ body.p + 16, body.len - 16 },
			   section_option);
}

static void interface_option(struct reader *r, unsigned code, const uint8_t *value,
			     size_t len)
{
	struct interface *i = &r->interfaces[r->n_interfaces - 1];

	if (code == OPTION_IF_TSRESOL && len >= 1)
		i->resolution = value[0];
	else if (code == OPTION_IF_TSOFFSET && len >= 8)
		i->offset = (int64_t)get64(r, value);
}

static bool read_interface(struct reader *r, struct part body)
{
	struct interface *i;

	if (body.len < 8)
		return reader_complain(r, "an interface's description of %zu bytes",
				       body.len);
	r->interfaces = array_grow(r->interfaces, r->n_interfaces, &r->size,
				   sizeof(*r->interfaces));
	i = &r->interfaces[r->n_interfaces++];
	*i = (struct interface){ .link = get16(r, body.p),
				 .snaplen = get32(r, body.p + 4),
				 .resolution = 6 };
	reader_link(r, i->link);
	return each_option(r, (struct part){ body.p + 8, body.len - 8 },
			   interface_option);
}

static void packet_option(struct reader *r, unsigned code, const uint8_t *value,
			  size_t len)
{
	if (code == OPTION_COMMENT)
		replay_remark(r->replay, (const char *)value, len);
}

static const struct interface *interface_at(struct reader *r, uint32_t n)
{
	if (n < r->n_interfaces)
		return &r->interfaces[n];
	reader_complain(r, "interface %u is not described before it", n);
	return NULL;
}

/* An Enhanced Packet Block, or the obsolete Packet Block, which differs in the interface only. */
static bool read_packet(struct reader *r, struct part body, bool old)
{
	const struct interface *i;
	uint32_t captured;
	size_t padded;

	if (body.len < 20)
		return reader_complain(r, "a packet's block of %zu bytes", body.len);
	i = interface_at(r, old ? get16(r, body.p) : get32(r, body.p));
	captured = get32(r, body.p + 12);
	if (!i)
		return false;
	if (captured > body.len - 20)
		return reader_complain(r, "a packet of %u byte%s in a block for %zu",
				       captured, text_plural(captured), body.len - 20);
	padded = ((size_t)captured + 3) & ~(size_t)3;
	r->ns = time_of(i, (uint64_t)get32(r, body.p + 4) << 32 | get32(r, body.p + 8));
	reader_packet(r, (unsigned)(i - r->interfaces), i->link, body.p + 20, captured,
		      get32(r, body.p + 16));
	return each_option(r,
			   (struct part){ body.p + 20 + padded, body.len - 20 - padded },
			   packet_option);
}

/* A Simple Packet Block says neither its time nor how much of the packet it has. */
static bool read_simple(struct reader *r, struct part body)
{
	const struct interface *i = interface_at(r, 0);
	uint32_t original, captured;

	if (!i)
		return false;
	if (body.len < 4)
		return reader_complain(r, "a packet's block of %zu bytes", body.len);
	captured = original = get32(r, body.p);
	if (i->snaplen && captured > i->snaplen)
		captured = i->snaplen;
	if (captured > body.len - 4)
		return reader_complain(r, "a packet of %u byte%s in a block for %zu",
				       captured, text_plural(captured), body.len - 4);
	reader_packet(r, (unsigned)(i - r->interfaces), i->link, body.p + 4, captured,
		      original);
	return true;
}

static bool read_block(struct reader *r, uint32_t type, struct part body)
{
	switch (type) {
	case BLOCK_SECTION:
		return read_section(r, body);
	case BLOCK_INTERFACE:
		return read_interface(r, body);
	case BLOCK_PACKET:
	case BLOCK_OLD_PACKET:
		return read_packet(r, body, type == BLOCK_OLD_PACKET);
	case BLOCK_SIMPLE_PACKET:
		return read_simple(r, body);
	default:
		return true;
	}
}

/* A section's header says the byte order of what follows, its own length included. */
static bool set_order(struct reader *r)
{
	static const uint8_t big[] = { 0x1a, 0x2b, 0x3c, 0x4d },
			     little[] = { 0x4d, 0x3c, 0x2b, 0x1a };

	r->big = memcmp(r->at + 8, big, 4) == 0;
	if (r->big || memcmp(r->at + 8, little, 4) == 0)
		return true;
	return reader_complain(r, "%02x %02x %02x %02x is no byte order", r->at[8],
			       r->at[9], r->at[10], r->at[11]);
}

/* The block at r->at: checks its frame, reads it, goes on to the next. */
static bool next_block(struct reader *r)
{
	size_t left = (size_t)(r->end - r->at);
	uint32_t type, len;

	if (left < 12)
		return reader_complain(r, "%zu byte%s left, a block has 12 or more", left,
				       text_plural(left));
	type = get32(r, r->at);
	if (type == BLOCK_SECTION && !set_order(r))
		return false;
	len = get32(r, r->at + 4);
	if (len % 4)
		return reader_complain(r, "length %u is not a multiple of 4", len);
	if (len < 12)
		return reader_complain(r, "length %u is less than 12", len);
	if (len > left)
		return reader_complain(r, "length %u, but the file ends after %zu bytes",
				       len, left);
	if (get32(r, r->at + len - 4) != len)
		return reader_complain(r, "length %u at its beginning, %u at its end",
				       len, get32(r, r->at + len - 4));
	if (!read_block(r, type, (struct part){ r->at + 8, len - 12 }))
		return false;
	r->at += len;
	return true;
}

void reader_blocks(struct reader *r)
{
	while (r->at < r->end && !interrupt_came(r->interrupt) && next_block(r))
		;
}
