/* pcapng.c - the trace as a pcapng file.
 *
 * A packet is written for each transmission, at its time: a segment when it came onto the wire, and
 * once more for each copy that was folded into it. Everything else that happened stands in the
 * comments (remark.h): with the segment that caused it, else with the one before it, else with the
 * section. Blocks and options: draft-ietf-opsawg-pcapng, 3 and 4.
 */
#include "trace/pcapng.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "trace/remark.h"

#ifndef TCPSTEP_VERSION
#define TCPSTEP_VERSION "?"
#endif

enum block {
	BLOCK_SECTION = 0x0a0d0d0a,
	BLOCK_INTERFACE = 1,
	BLOCK_NAMES = 4,
	BLOCK_PACKET = 6,
};

enum option {
	OPTION_END = 0,
	OPTION_COMMENT = 1,
	OPTION_SHB_OS = 3,
	OPTION_SHB_APPLICATION = 4,
	OPTION_IF_NAME = 2,
	OPTION_IF_DESCRIPTION = 3,
	OPTION_IF_TSRESOL = 9,
};

enum record {
	RECORD_END = 0,
	RECORD_IPV4 = 1,
	RECORD_IPV6 = 2,
};

#define LINKTYPE_RAW 101
#define SNAPLEN	     262144
#define SECONDS_MAX  4e9 /* 2096 */
#define NANOSECONDS  9	 /* if_tsresol: 10^-9 */
/* An option holds 65,535 bytes, and libpcap takes 128 KiB of options with a packet. */
#define COMMENT_MAX 60000
#define REMARKS_MAX 100000

/* --- blocks --- */

static void put16(struct buf *out, unsigned n)
{
	uint16_t v = (uint16_t)n;

	buf_add(out, &v, sizeof(v));
}

static void put32(struct buf *out, uint32_t n)
{
	buf_add(out, &n, sizeof(n));
}

/* Numbers are in this machine's order, as the section's magic says; fields end on 32 bits. */
static void put_padded(struct buf *out, const void *data, size_t len)
{
	buf_add(out, data, len);
	buf_add(out, "\0\0\0", -len & 3);
}

/* Returns where the block begins, for block_end. */
static size_t block_begin(struct buf *out, enum block type)
{
	size_t at = out->len;

	put32(out, type);
	put32(out, 0);
	return at;
}

static void block_end(struct buf *out, size_t at)
{
	uint32_t len = (uint32_t)(out->len - at + 4);

	put32(out, len);
	memcpy(out->data + at + 4, &len, sizeof(len));
}

static void put_option(struct buf *out, enum option code, const void *data, size_t len)
{
	put16(out, code);
	put16(out, (unsigned)len);
	put_padded(out, data, len);
}

static void put_text(struct buf *out, enum option code, const char *text)
{
	put_option(out, code, text, strlen(text));
}

/* Lines as comments: as few as hold them, and without the last newline. */
static void put_comments(struct buf *out, const struct buf *lines)
{
	const char *p = buf_str(lines), *end = p + lines->len, *cut;

	for (; p < end; p = cut + 1) {
		cut = end - 1;
		if (end - p > COMMENT_MAX)
			cut = memrchr(p, '\n', COMMENT_MAX);
		put_option(out, OPTION_COMMENT, p, (size_t)(cut - p));
	}
}

/* --- who remarks on what: the list of events that belong to each segment --- */

/* Events as lists, one for each segment; list 0 is the section's. Each number is index + 1. */
struct lists {
	size_t *first, *last; /* by the segment's number */
	size_t *next;	      /* by the event's index */
};

static unsigned event_owner(const struct trace *t, const struct trace_event *e,
			    unsigned before)
{
	return trace_find(t, e->number) ? e->number : before;
}

static void lists_init(struct lists *l, const struct trace *t)
{
	size_t i, n = trace_events(t);
	unsigned owner = 0;

	l->first = xcalloc(trace_segments(t) + 1, sizeof(*l->first));
	l->last = xcalloc(trace_segments(t) + 1, sizeof(*l->last));
	l->next = xcalloc(n, sizeof(*l->next));
	for (i = 0; i < n; i++) {
		const struct trace_event *e = trace_event(t, i);
		unsigned of;

		if (e->kind == TRACE_SENT)
			owner = e->number;
		if (e->kind == TRACE_SENT || e->kind == TRACE_FOLDED)
			continue;
		of = event_owner(t, e, owner);
		if (l->first[of])
			l->next[l->last[of] - 1] = i + 1;
		else
			l->first[of] = i + 1;
		l->last[of] = i + 1;
	}
}

static void lists_clear(struct lists *l)
{
	free(l->first);
	free(l->last);
	free(l->next);
}

/* Limited, so that two can be added: a capture may have been read from any file. */
static int64_t nanoseconds(double seconds)
{
	double limited = fmax(0, fmin(seconds, SECONDS_MAX)), whole = floor(limited);

	/* A date's product with 1e9 would have lost its last digits. */
	return (int64_t)whole * 1000000000LL + llround((limited - whole) * 1e9);
}

static void put_events(const struct trace *t, const struct lists *l, unsigned owner,
		       int64_t since, struct buf *lines)
{
	const struct trace_event *e;
	size_t i;

	for (i = l->first[owner]; i; i = l->next[i - 1]) {
		if (lines->len > REMARKS_MAX) {
			buf_adds(lines, "more was left out here\n");
			return;
		}
		e = trace_event(t, i - 1);
		remark_event(t, e, nanoseconds(e->time) - since,
			     owner && e->number != owner, lines);
	}
}

/* --- the blocks of a trace --- */

static void put_section(const struct trace *t, const struct lists *l, int64_t start,
			struct buf *out)
{
	size_t at = block_begin(out, BLOCK_SECTION);
	struct buf lines = BUF_EMPTY;
	int h;

	put32(out, 0x1a2b3c4d);
	put16(out, 1);
	put16(out, 0);
	put32(out, 0xffffffff); /* the section's length: not said */
	put32(out, 0xffffffff);
	put_text(out, OPTION_SHB_OS, "Linux");
	put_text(out, OPTION_SHB_APPLICATION, "tcpstep " TCPSTEP_VERSION);
	remark_began(start, &lines);
	for (h = 0; h < trace_hosts(t) && lines.len < REMARKS_MAX / 2; h++)
		remark_host(trace_host(t, h), &lines);
	put_events(t, l, 0, 0, &lines);
	put_comments(out, &lines);
	put_option(out, OPTION_END, "", 0);
	block_end(out, at);
	buf_clear(&lines);
}

static void put_interface(struct buf *out)
{
	size_t at = block_begin(out, BLOCK_INTERFACE);
	uint8_t resolution = NANOSECONDS;

	put16(out, LINKTYPE_RAW);
	put16(out, 0);
	put32(out, SNAPLEN);
	put_text(out, OPTION_IF_NAME, "wire");
	put_text(out, OPTION_IF_DESCRIPTION, "the wire of a tcpstep lab");
	put_option(out, OPTION_IF_TSRESOL, &resolution, 1);
	put_option(out, OPTION_END, "", 0);
	block_end(out, at);
}

static void put_name(struct buf *out, const union addr *a, const char *name)
{
	bool v6 = a->sa.sa_family == AF_INET6;
	size_t n = v6 ? 16 : 4, name_len = strlen(name) + 1;
	struct buf record = BUF_EMPTY;

	buf_add(&record, v6 ? (const void *)&a->in6.sin6_addr : &a->in.sin_addr, n);
	buf_add(&record, name, name_len);
	put16(out, v6 ? RECORD_IPV6 : RECORD_IPV4);
	put16(out, (unsigned)record.len);
	put_padded(out, record.data, record.len);
	buf_clear(&record);
}

/* An end that no name is known of yet. A host that is called by its address needs none. */
static void name_end(const struct trace *t, int host, const union addr *a, bool *named,
		     struct buf *out)
{
	char text[ADDR_TEXT_MAX];
	bool *done;

	if (host < 0 || (a->sa.sa_family != AF_INET && a->sa.sa_family != AF_INET6))
		return;
	done = &named[host * 2 + (a->sa.sa_family == AF_INET6)];
	if (*done)
		return;
	*done = true;
	if (strcmp(addr_host(a, text), trace_host(t, host)) != 0 &&
	    strlen(trace_host(t, host)) < 256)
		put_name(out, a, trace_host(t, host));
}

/* The hosts' names, so that others show them beside the addresses. */
static void put_names(const struct trace *t, struct buf *out)
{
	size_t at = block_begin(out, BLOCK_NAMES), empty = out->len;
	bool *named = xcalloc((size_t)trace_hosts(t) * 2, sizeof(*named));
	unsigned n;

	for (n = 1; n <= trace_segments(t) && out->len - at < COMMENT_MAX; n++) {
		const struct trace_segment *s = trace_find(t, n);

		name_end(t, s->from, &s->segment.from, named, out);
		name_end(t, s->to, &s->segment.to, named, out);
	}
	free(named);
	if (out->len == empty) {
		out->len = at;
		return;
	}
	put16(out, RECORD_END);
	put16(out, 0);
	block_end(out, at);
}

static void put_packet(const struct trace_segment *s, int64_t ns, const struct buf *lines,
		       struct buf *out)
{
	size_t at = block_begin(out, BLOCK_PACKET);
	size_t missing = s->segment.cut;

	if (s->cut && missing < s->segment.len)
		missing = s->segment.len;
	put32(out, 0); /* the interface */
	put32(out, (uint32_t)((uint64_t)ns >> 32));
	put32(out, (uint32_t)ns);
	put32(out, (uint32_t)s->packet_len);
	put32(out, (uint32_t)(s->packet_len + missing));
	put_padded(out, s->packet, s->packet_len);
	put_comments(out, lines);
	put_option(out, OPTION_END, "", 0);
	block_end(out, at);
}

static void put_segment(const struct trace *t, const struct trace_segment *s,
			const struct lists *l, int64_t start, struct buf *lines,
			struct buf *out)
{
	int64_t sent = nanoseconds(s->sent);

	remark_segment(t, s, lines);
	if (s->fate == FATE_HELD)
		remark_held(lines);
	put_events(t, l, s->number, sent, lines);
	put_packet(s, start + sent, lines, out);
}

size_t pcapng_write(const struct trace *t, double start,
		    const struct interrupt *interrupt, struct buf *out, size_t *folded)
{
	int64_t begun = nanoseconds(start);
	struct buf lines = BUF_EMPTY;
	struct lists l;
	size_t i, copies = 0;

	lists_init(&l, t);
	put_section(t, &l, begun, out);
	put_interface(out);
	put_names(t, out);
	for (i = 0; i < trace_events(t) && !interrupt_came(interrupt); i++) {
		const struct trace_event *e = trace_event(t, i);
		const struct trace_segment *s = trace_find(t, e->number);

		buf_reset(&lines);
		if (e->kind == TRACE_SENT) {
			put_segment(t, s, &l, begun, &lines, out);
		} else if (e->kind == TRACE_FOLDED) {
			remark_folded(s, &lines);
			put_packet(s, begun + nanoseconds(e->time), &lines, out);
			copies++;
		}
	}
	lists_clear(&l);
	buf_clear(&lines);
	if (folded)
		*folded = copies;
	return trace_segments(t) + copies;
}
