/* capture.c - captures, ours and others', as traces.
 *
 * pcapng: draft-ietf-opsawg-pcapng. pcap: draft-ietf-opsawg-pcap. A length is checked against what is
 * left of the file before anything is read or kept, and nothing is kept but pointers, a description
 * of each interface, and a record for each packet and comment: memory is a multiple of the file's.
 */
#include "trace/capture.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "trace/capture_inner.h"
#include "trace/framing.h"

bool reader_complain(struct reader *r, const char *fmt, ...)
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

void reader_link(struct reader *r, unsigned link)
{
	if (!framing_known(link) && !*r->c->warning)
		snprintf(
			r->c->warning, sizeof(r->c->warning),
			"%.200s: link type %u is not understood: its packets are left out",
			r->name, link);
}

/* --- packets --- */

/* One more packet that is no segment. */
static void skip(struct capture *c, const char *why)
{
	size_t i;

	c->skipped++;
	for (i = 0; i < CAPTURE_REASONS - 1 && c->reasons[i].packets > 0; i++)
		if (strcmp(c->reasons[i].why, why) == 0)
			break;
	/* The last place is for all others. */
	c->reasons[i].why = i < CAPTURE_REASONS - 1 ? why : "others";
	c->reasons[i].packets++;
}

void reader_packet(struct reader *r, unsigned interface, unsigned link,
		   const uint8_t *frame, size_t captured, size_t original)
{
	size_t len = captured, missing = original > captured ? original - captured : 0;
	const char *not_ip = framing_packet(link, &frame, &len), *why;

	r->c->packets++;
	why = replay_packet(r->replay, r->ns, interface, frame, not_ip ? 0 : len,
			    missing);
	if (why)
		skip(r->c, not_ip ? not_ip : why);
}

/* --- pcap --- */

/* The first bytes of a file, and how it goes on. */
static const struct magic {
	uint8_t bytes[4];
	bool big;
	size_t header_len;
	size_t record_len; /* of pcap: the header of a packet; 0: it is pcapng */
	int64_t unit_ns;
} magics[] = {
	{ { 0x0a, 0x0d, 0x0d, 0x0a }, false, 12, 0, 0 },
	{ { 0xd4, 0xc3, 0xb2, 0xa1 }, false, 24, 16, 1000 },
	{ { 0xa1, 0xb2, 0xc3, 0xd4 }, true, 24, 16, 1000 },
	{ { 0x4d, 0x3c, 0xb2, 0xa1 }, false, 24, 16, 1 },
	{ { 0xa1, 0xb2, 0x3c, 0x4d }, true, 24, 16, 1 },
	/* modified by Kuznetzov: interface, protocol and direction stand behind the lengths */
	{ { 0x34, 0xcd, 0xb2, 0xa1 }, false, 24, 24, 1000 },
	{ { 0xa1, 0xb2, 0xcd, 0x34 }, true, 24, 24, 1000 },
};

static bool next_record(struct reader *r, unsigned link, const struct magic *magic)
{
	size_t left = (size_t)(r->end - r->at), header = magic->record_len;
	uint32_t len;

	if (left < header)
		return reader_complain(r, "%zu byte%s left, a header has %zu", left,
				       text_plural(left), header);
	len = get32(r, r->at + 8);
	if (len > left - header)
		return reader_complain(r, "length %u, but the file ends after %zu byte%s",
				       len, left - header, text_plural(left - header));
	r->ns = get32(r, r->at) * SECOND + get32(r, r->at + 4) * magic->unit_ns;
	reader_packet(r, 0, link, r->at + header, len, get32(r, r->at + 12));
	r->at += header + len;
	return true;
}

static void read_records(struct reader *r, const struct magic *magic)
{
	/* Above the link type are bits about checksums behind the frame. */
	unsigned link = get32(r, r->data + 20) & 0xffff;

	reader_link(r, link);
	r->at = r->data + 24;
	while (r->at < r->end && !interrupt_came(r->interrupt) &&
	       next_record(r, link, magic))
		;
}

/* --- both --- */

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
	r.unit = magic->record_len ? "packet" : "block";
	r.replay = replay_new();
	if (magic->record_len)
		read_records(&r, magic);
	else
		reader_blocks(&r);
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
