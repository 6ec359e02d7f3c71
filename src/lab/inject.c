/*
 * inject.c - a segment made by hand, put onto the wire.
 *
 * A peer that is nobody (a ghost) has no kernel to choose its initial sequence number. It is
 * made from the two addresses: so it need not be kept, and a script sends the same bytes each time.
 */
#include "lab/inject.h"

#include <errno.h>
#include <string.h>

#include "base/buf.h"

#define IPV4_HEADER 20
#define IPV6_HEADER 40
#define OFFSET_AT   12 /* in TCP's header */
#define CHECKSUM_AT 16
#define TCP_HEADER  20

static uint32_t hash_add(uint32_t h, const union addr *a)
{
	char text[ADDR_TEXT_MAX];
	const char *p;

	for (p = addr_format(a, text); *p; p++)
		h = (h ^ (uint8_t)*p) * 16777619u;
	return h;
}

static uint32_t ghost_isn(const union addr *from, const union addr *to)
{
	return hash_add(hash_add(2166136261u, from), to);
}

/* Which end sends from `from` to `to`; -1 for another pair. */
static int sender(const struct trace_conn *c, const union addr *from,
		  const union addr *to)
{
	int end;

	for (end = 0; end < 2; end++)
		if (addr_equal(&c->end[end], from) && addr_equal(&c->end[!end], to))
			return end;
	return -1;
}

void inject_bases(const struct trace *t, const union addr *from, const union addr *to,
		  uint32_t *seq_base, uint32_t *ack_base)
{
	const struct trace_conn *best = NULL;
	int at = 0;
	size_t i;

	/* A SYN that nobody has answered yet does not end the connection before it. */
	for (i = 0; i < trace_conns(t); i++) {
		const struct trace_conn *c = trace_conn(t, i);
		int end = sender(c, from, to);

		if (end < 0)
			continue;
		if (best && best->has_base[0] && best->has_base[1] &&
		    !(c->has_base[0] && c->has_base[1]))
			continue;
		best = c;
		at = end;
	}
	*seq_base = best && best->has_base[at] ? best->base[at] : ghost_isn(from, to);
	if (best && best->has_base[!at])
		*ack_base = best->base[!at];
	else
		*ack_base = addr_equal(from, to) ? *seq_base : 0;
}

static void put16(uint8_t *p, unsigned n)
{
	p[0] = (uint8_t)(n >> 8);
	p[1] = (uint8_t)n;
}

/* What is wrong on purpose, in an order such that the checksum is right unless it is meant to be. */
static void spoil(const struct inject *i, struct buf *packet)
{
	size_t ip = i->segment.from.sa.sa_family == AF_INET6 ? IPV6_HEADER : IPV4_HEADER;
	uint8_t *tcp = (uint8_t *)packet->data + ip;

	if (i->offset >= 0)
		tcp[OFFSET_AT] = (uint8_t)(i->offset << 4);
	if (i->cut >= 0 && (size_t)i->cut < packet->len - ip)
		packet->len = ip + (size_t)i->cut;
	if (i->ip_len >= 0)
		segment_checksum_as(packet->data, packet->len, (unsigned)i->ip_len);
	else
		segment_checksum(packet->data, packet->len);
	if (packet->len < ip + TCP_HEADER)
		return;
	if (i->checksum == CHECKSUM_BAD)
		tcp[CHECKSUM_AT] ^= 0xff;
	else if (i->checksum >= 0)
		put16(tcp + CHECKSUM_AT, (unsigned)i->checksum);
}

int inject_put(struct wire *w, const struct inject *i, struct err *err)
{
	struct buf packet = BUF_EMPTY;
	int rc = segment_encode(&i->segment, &packet, err);

	if (rc == 0) {
		spoil(i, &packet);
		rc = (int)wire_inject(w, packet.data, packet.len,
				      i->based ? i->base : NULL);
	}
	buf_clear(&packet);
	return rc;
}
