/* capture.c - captures, ours and others', as traces.
 *
 * pcapng: draft-ietf-opsawg-pcapng. pcap: draft-ietf-opsawg-pcap. A length is checked against what is
 * left of the file before anything is read or kept, and nothing is kept but pointers, a description
 * of each interface, and a record for each packet and comment: memory is a multiple of the file's.
 */
#include "trace/capture.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trace/framing.h"
#include "trace/replay.h"
#include "trace/inner.h"

#define SECOND 1000000000LL

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

struct interface {
	unsigned link;
	uint32_t snaplen;   /* 0: no limit */
	uint8_t resolution; /* 10^-n, or with the highest bit 2^-n seconds */
	int64_t offset;	    /* seconds */
};

struct reader {
	const char *name;
	const uint8_t *data, *end;
	const uint8_t *at; /* the block or packet that is being read */
	const char *unit;  /* "block" or "packet" */
	bool big;	   /* byte order */
	struct interface *interfaces;
	size_t n_interfaces, size;
	int64_t ns; /* of the last packet, for those without a time */
	struct replay *replay;
	const struct interrupt *interrupt;
	struct capture *c;
};

/* A block's body, or what is left of it. */
struct part {
	const uint8_t *p;
	size_t len;
};

/* --- numbers, and complaints --- */

static uint32_t get16(const struct reader *r, const uint8_t *p)
{
	return r->big ? (uint32_t)p[0] << 8 | p[1] : (uint32_t)p[1] << 8 | p[0];
}

static uint32_t get32(const struct reader *r, const uint8_t *p)
{
	uint32_t a = get16(r, p), b = get16(r, p + 2);

	return r->big ? a << 16 | b : b << 16 | a;
}

static uint64_t get64(const struct reader *r, const uint8_t *p)
{
	uint64_t a = get32(r, p), b = get32(r, p + 4);

	return r->big ? a << 32 | b : b << 32 | a;
}

/* Returns false: the reading ends here. */
__attribute__((format(printf, 2, 3))) static bool complain(struct reader *r,
							   const char *fmt, ...)
{
	char *out = r->c->warning;
	size_t size = sizeof(r->c->warning);
	va_list ap;
	int n;

	n = snprintf(out, size, "%.200s: %s at byte %zu: ", r->name, r->unit,
		     (size_t)(r->at - r->data));
	va_start(ap, fmt);
	vsnprintf(out + n, size - (size_t)n, fmt, ap);
	va_end(ap);
	return false;
}

static void check_link(struct reader *r, unsigned link)
{
	if (!framing_known(link) && !*r->c->warning)
		complain(r, "link type %u is not understood, its packets are skipped",
			 link);
}

/* --- packets --- */

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

static void take_packet(struct reader *r, unsigned interface, unsigned link,
			const uint8_t *frame, size_t captured, size_t original)
{
	size_t len = captured;
	const uint8_t *packet = framing_packet(link, frame, &len);

	r->c->packets++;
	if (!replay_packet(r->replay, r->ns, interface, packet ? packet : frame,
			   packet ? len : 0,
			   original > captured ? original - captured : 0))
		r->c->skipped++;
}

/* --- pcapng --- */

typedef void option_fn(struct reader *r, unsigned code, const uint8_t *value, size_t len);

static bool each_option(struct reader *r, struct part rest, option_fn *fn)
{
	while (rest.len >= 4) {
		unsigned code = get16(r, rest.p);
		size_t len = get16(r, rest.p + 2), padded = (len + 3) & ~(size_t)3;

		if (code == OPTION_END)
			break;
		if (padded > rest.len - 4)
			return complain(r, "option %u has %zu bytes, the block %zu", code,
					len, rest.len - 4);
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
		return complain(r, "a section's header of %zu bytes", body.len);
	if (get16(r, body.p + 4) != 1)
		return complain(r, "version %u.%u of pcapng is not known",
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
		return complain(r, "an interface's description of %zu bytes", body.len);
	r->interfaces = array_grow(r->interfaces, r->n_interfaces, &r->size,
				   sizeof(*r->interfaces));
	i = &r->interfaces[r->n_interfaces++];
	*i = (struct interface){ .link = get16(r, body.p),
				 .snaplen = get32(r, body.p + 4),
				 .resolution = 6 };
	check_link(r, i->link);
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
	complain(r, "interface %u is not described before it", n);
	return NULL;
}

/* An Enhanced Packet Block, or the obsolete Packet Block, which differs in the interface only. */
static bool read_packet(struct reader *r, struct part body, bool old)
{
	const struct interface *i;
	uint32_t captured;
	size_t padded;

	if (body.len < 20)
		return complain(r, "a packet's block of %zu bytes", body.len);
	i = interface_at(r, old ? get16(r, body.p) : get32(r, body.p));
	captured = get32(r, body.p + 12);
	if (!i)
		return false;
	if (captured > body.len - 20)
		return complain(r, "a packet of %u bytes in a block for %zu", captured,
				body.len - 20);
	padded = ((size_t)captured + 3) & ~(size_t)3;
	r->ns = time_of(i, (uint64_t)get32(r, body.p + 4) << 32 | get32(r, body.p + 8));
	take_packet(r, (unsigned)(i - r->interfaces), i->link, body.p + 20, captured,
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
		return complain(r, "a packet's block of %zu bytes", body.len);
	captured = original = get32(r, body.p);
	if (i->snaplen && captured > i->snaplen)
		captured = i->snaplen;
	if (captured > body.len - 4)
		return complain(r, "a packet of %u bytes in a block for %zu", captured,
				body.len - 4);
	take_packet(r, (unsigned)(i - r->interfaces), i->link, body.p + 4, captured,
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
	return complain(r, "%02x %02x %02x %02x is no byte order", r->at[8], r->at[9],
			r->at[10], r->at[11]);
}

/* The block at r->at: checks its frame, reads it, goes on to the next. */
static bool next_block(struct reader *r)
{
	size_t left = (size_t)(r->end - r->at);
	uint32_t type, len;

	if (left < 12)
		return complain(r, "%zu bytes are left, a block has 12 or more", left);
	type = get32(r, r->at);
	if (type == BLOCK_SECTION && !set_order(r))
		return false;
	len = get32(r, r->at + 4);
	if (len % 4)
		return complain(r, "length %u is not a multiple of 4", len);
	if (len < 12)
		return complain(r, "length %u is less than 12", len);
	if (len > left)
		return complain(r, "length %u, but the file ends after %zu bytes", len,
				left);
	if (get32(r, r->at + len - 4) != len)
		return complain(r, "length %u at its beginning, %u at its end", len,
				get32(r, r->at + len - 4));
	if (!read_block(r, type, (struct part){ r->at + 8, len - 12 }))
		return false;
	r->at += len;
	return true;
}

/* --- pcap --- */

static bool next_record(struct reader *r, unsigned link, bool nano)
{
	size_t left = (size_t)(r->end - r->at);
	uint32_t len;

	if (left < 16)
		return complain(r, "%zu bytes are left, a header has 16", left);
	len = get32(r, r->at + 8);
	if (len > left - 16)
		return complain(r, "length %u, but the file ends after %zu bytes", len,
				left - 16);
	r->ns = get32(r, r->at) * SECOND + get32(r, r->at + 4) * (nano ? 1LL : 1000LL);
	take_packet(r, 0, link, r->at + 16, len, get32(r, r->at + 12));
	r->at += 16 + len;
	return true;
}

static void read_records(struct reader *r, bool nano)
{
	/* Above the link type are bits about checksums behind the frame. */
	unsigned link = get32(r, r->data + 20) & 0xffff;

	check_link(r, link);
	r->at = r->data + 24;
	while (r->at < r->end && !interrupt_came(r->interrupt) &&
	       next_record(r, link, nano))
		;
}

/* --- both --- */

enum format { FORMAT_NONE, FORMAT_PCAPNG, FORMAT_PCAP, FORMAT_PCAP_NANO };

static const struct magic {
	uint8_t bytes[4];
	enum format format;
	bool big;
	size_t header_len;
} magics[] = {
	{ { 0x0a, 0x0d, 0x0d, 0x0a }, FORMAT_PCAPNG, false, 12 },
	{ { 0xd4, 0xc3, 0xb2, 0xa1 }, FORMAT_PCAP, false, 24 },
	{ { 0xa1, 0xb2, 0xc3, 0xd4 }, FORMAT_PCAP, true, 24 },
	{ { 0x4d, 0x3c, 0xb2, 0xa1 }, FORMAT_PCAP_NANO, false, 24 },
	{ { 0xa1, 0xb2, 0x3c, 0x4d }, FORMAT_PCAP_NANO, true, 24 },
};

static const struct magic *magic_find(const uint8_t *data, size_t len)
{
	size_t i;

	for (i = 0; len >= 4 && i < sizeof(magics) / sizeof(magics[0]); i++)
		if (memcmp(data, magics[i].bytes, 4) == 0)
			return &magics[i];
	return NULL;
}

static void not_a_capture(const char *name, const uint8_t *data, size_t len,
			  struct err *err)
{
	if (len == 0) {
		err_set(err, "format", "%.200s: the file is empty", name);
		return;
	}
	err_set(err, "format", "%.200s: neither pcap nor pcapng", name);
	if (len >= 2 && data[0] == 0x1f && data[1] == 0x8b)
		err_hint(err, "It is compressed: gunzip it first.");
	else
		err_hint(err, "tcpdump -w and Wireshark write such files.");
}

struct trace *capture_read(const char *name, const void *data, size_t len,
			   const struct interrupt *interrupt, struct capture *c,
			   struct err *err)
{
	const struct magic *magic = magic_find(data, len);
	struct reader r = {
		.name = name, .data = data, .at = data, .interrupt = interrupt, .c = c
	};
	struct replayed replayed;
	struct trace *t;

	memset(c, 0, sizeof(*c));
	if (!magic) {
		not_a_capture(name, data, len, err);
		return NULL;
	}
	if (len < magic->header_len) {
		err_set(err, "format", "%.200s: cut off within its header", name);
		return NULL;
	}
	r.end = r.data + len;
	r.big = magic->big;
	r.unit = magic->format == FORMAT_PCAPNG ? "block" : "packet";
	r.replay = replay_new();
	if (magic->format == FORMAT_PCAPNG)
		while (r.at < r.end && !interrupt_came(interrupt) && next_block(&r))
			;
	else
		read_records(&r, magic->format == FORMAT_PCAP_NANO);
	t = replay_finish(r.replay, interrupt, &replayed);
	free(r.interfaces);
	if (interrupt_came(interrupt)) {
		trace_free(t);
		err_set(err, "interrupted", "%.200s: interrupted", name);
		return NULL;
	}
	c->start = replayed.start;
	c->twice = replayed.twice;
	c->cut = replayed.cut;
	if (replayed.lost && !*c->warning)
		snprintf(c->warning, sizeof(c->warning),
			 "%.200s: packets of the saved trace are missing, so numbers are "
			 "not those that it had",
			 name);
	return t;
}
