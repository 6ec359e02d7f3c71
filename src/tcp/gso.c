/*
 * gso.c - one packet of many segments (generic segmentation offload): cut into them, joined again.
 *
 * A kernel hands a device that can cut packets of up to 64 KiB, with one header for all their segments. What
 * differs from segment to segment: the number and IPv4's identification count on; FIN and PSH belong to
 * the last, CWR to the first (RFC 3168, 6.1.2); all else is the same.
 */
#include "tcp/gso.h"

#include <string.h>

#include "tcp/bytes.h"
#include "tcp/place.h"

#define TCP_HEADER 20

/* Offsets in TCP's header. */
enum { SEQ = 4, ACK = 8, FLAGS = 13, WINDOW = 14, OPTIONS = 20 };

/* Where TCP's header begins behind a plain IP header; 0 when something else stands there. */
static size_t tcp_offset(const uint8_t *p, size_t len)
{
	if (len >= IPV4_HEADER && p[0] == 0x45 && p[9] == PROTO_TCP)
		return IPV4_HEADER;
	if (len >= IPV6_HEADER && p[0] >> 4 == 6 && p[6] == PROTO_TCP)
		return IPV6_HEADER;
	return 0;
}

bool gso_begin(struct gso_cut *c, const void *packet, size_t len, size_t size)
{
	const uint8_t *p = packet;
	size_t tcp = tcp_offset(p, len);

	if (tcp == 0 || size == 0 || len > GSO_PACKET_MAX || len - tcp < TCP_HEADER)
		return false;
	*c = (struct gso_cut){ .packet = p, .tcp = tcp, .size = size };
	c->header = tcp + (p[tcp + 12] >> 4) * 4u;
	if (c->header < tcp + TCP_HEADER || c->header >= len)
		return false;
	c->len = len - c->header;
	return c->len > size;
}

/* The header of the segment that begins at c->at. */
static void header_cut(const struct gso_cut *c, size_t len, uint8_t *p)
{
	uint8_t *tcp = p + c->tcp, flags = tcp[FLAGS];

	if (c->at > 0)
		flags &= (uint8_t)~FLAG_CWR;
	if (c->at + len < c->len)
		flags &= (uint8_t) ~(FLAG_FIN | FLAG_PSH);
	tcp[FLAGS] = flags;
	put32(tcp + SEQ, get32(tcp + SEQ) + (uint32_t)c->at);
	if (c->tcp == IPV4_HEADER)
		put16(p + 4, (uint16_t)(get16(p + 4) + c->at / c->size));
}

void gso_whole(const struct gso_cut *c, struct segment *s)
{
	/* The headers are enough: a short packet need not be summed. */
	segment_decode_cut(s, c->packet, c->header, c->len);
	s->payload = c->packet + c->header;
	s->len = c->len;
	s->cut = 0;
	s->checksum_ok = true;
}

size_t gso_header(struct gso_cut *c, uint8_t *header, bool data)
{
	size_t len = c->len - c->at < c->size ? c->len - c->at : c->size;

	if (len == 0)
		return 0;
	memcpy(header, c->packet, c->header);
	header_cut(c, len, header);
	segment_checksum_apart(header, c->header,
			       data ? c->packet + c->header + c->at : NULL, len);
	c->at += len;
	return len;
}

size_t gso_next(struct gso_cut *c, uint8_t *packet, struct segment *s)
{
	const uint8_t *data = c->packet + c->header + c->at;
	size_t len = gso_header(c, packet, true);

	if (len == 0)
		return 0;
	memcpy(packet + c->header, data, len);
	if (c->at == len)
		gso_whole(c, &c->first);
	*s = c->first;
	s->seq = get32(packet + c->tcp + SEQ);
	s->flags = packet[c->tcp + FLAGS];
	s->ip_id = c->tcp == IPV4_HEADER ? get16(packet + 4) : 0;
	s->payload = packet + c->header;
	s->len = len;
	return c->header + len;
}

/* Headers without what counts on from segment to segment. */
static bool same_headers(const uint8_t *a, const uint8_t *b, size_t tcp, size_t header)
{
	const uint8_t *x = a + tcp, *y = b + tcp;
	bool ip = tcp == IPV4_HEADER
			  ? memcmp(a, b, 2) == 0 && memcmp(a + 6, b + 6, 4) == 0 &&
				    memcmp(a + 12, b + 12, 8) == 0
			  : memcmp(a, b, 4) == 0 && memcmp(a + 6, b + 6, 34) == 0;

	return ip && memcmp(x, y, SEQ) == 0 &&
	       memcmp(x + ACK, y + ACK, FLAGS - ACK) == 0 &&
	       memcmp(x + WINDOW, y + WINDOW, 2) == 0 &&
	       memcmp(x + OPTIONS, y + OPTIONS, header - tcp - OPTIONS) == 0;
}

bool gso_follows(const struct segment *last, const uint8_t *last_packet,
		 const struct segment *next, const uint8_t *next_packet)
{
	const uint8_t only_last = FLAG_FIN | FLAG_PSH,
		      never = FLAG_SYN | FLAG_RST | FLAG_URG;
	size_t tcp;

	if (last->fault || next->fault || !last->checksum_ok || !next->checksum_ok)
		return false;
	if (last->flags & (only_last | never) || next->flags & (FLAG_CWR | never))
		return false;
	if ((last->flags ^ next->flags) & ~(only_last | FLAG_CWR))
		return false;
	if (next->len == 0 || next->len > last->len ||
	    next->seq != last->seq + (uint32_t)last->len ||
	    next->header_len != last->header_len)
		return false;
	tcp = tcp_offset(last_packet, last->header_len);
	return tcp > 0 && tcp == tcp_offset(next_packet, next->header_len) &&
	       (tcp == IPV6_HEADER || next->ip_id == (uint16_t)(last->ip_id + 1)) &&
	       same_headers(last_packet, next_packet, tcp, last->header_len);
}

/* Another total length, and the header's checksum with it (RFC 1624, 3). */
static void ipv4_length(uint8_t *p, uint16_t len)
{
	uint32_t sum = (uint16_t)~get16(p + 10) + (uint32_t)(uint16_t)~get16(p + 2) + len;

	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	put16(p + 10, (uint16_t)~sum);
	put16(p + 2, len);
}

void gso_join(const struct segment *first, const uint8_t *first_packet,
	      const struct segment *last, size_t len, uint8_t *header)
{
	size_t all = first->header_len + len,
	       tcp = tcp_offset(first_packet, first->header_len);

	memcpy(header, first_packet, first->header_len);
	header[tcp + FLAGS] |= last->flags & (FLAG_FIN | FLAG_PSH);
	if (tcp == IPV6_HEADER)
		put16(header + 4, (uint16_t)(all - IPV6_HEADER));
	else
		ipv4_length(header, (uint16_t)all);
}
