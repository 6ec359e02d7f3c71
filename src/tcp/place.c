/*
 * place.c - where the TCP header of a packet is.
 *
 * It is behind IPv4 (RFC 791), or IPv6 with its extension headers (RFC 8200). Bytes behind the end
 * that the IP header gives are not the packet's (Ethernet pads). An IP length of 0 stands for "all
 * that came": so captures show packets that were to be cut by the network card, and packets beyond
 * 64 KiB.
 */
#include "tcp/place.h"

#include "tcp/bytes.h"

/* Protocol numbers and IPv6 extension headers (IANA). */
enum protocol {
	PROTO_HOP_BY_HOP = 0,
	PROTO_ROUTING = 43,
	PROTO_FRAGMENT = 44,
	PROTO_DESTINATION = 60,
};

/* Sets where the packet ends, total bytes from its start (0: where the bytes end). */
static void place_end(struct place *at, uint64_t total, size_t len)
{
	at->open = total == 0;
	at->more = total > len ? (size_t)(total - len) : 0;
	at->end = at->open || at->more ? len : (size_t)total;
}

static const char *not_tcp(uint8_t protocol)
{
	switch (protocol) {
	case 1:
	case 58:
		return "ICMP, not TCP";
	case 2:
		return "IGMP, not TCP";
	case 17:
		return "UDP, not TCP";
	case PROTO_FRAGMENT:
		return "a fragment";
	default:
		return "not TCP";
	}
}

static const char *place_in_ipv4(struct place *at, const uint8_t *p, size_t len)
{
	size_t total;

	if (len < IPV4_HEADER)
		return "IPv4 header cut short";
	at->from = p + 12;
	at->to = p + 16;
	at->addr_len = 4;
	at->tcp = (p[0] & 15) * 4u;
	if (at->tcp < IPV4_HEADER)
		return "IPv4 header with a length below 5 words";
	if (at->tcp > len)
		return "IPv4 header cut short";
	total = get16(p + 2);
	if (total > 0 && total < at->tcp)
		return "IPv4 packet that ends inside its header";
	place_end(at, total, len);
	if (get16(p + 6) & 0x3fff)
		return "a fragment";
	return p[9] == PROTO_TCP ? NULL : not_tcp(p[9]);
}

/* The length in a jumbo payload option (RFC 2675, 2) of a hop-by-hop header; 0 without one. */
static uint32_t jumbo_length(const uint8_t *p, size_t len)
{
	size_t i, n;

	for (i = 2; i < len; i += n) {
		n = 1;
		if (p[i] == 0)
			continue;
		if (len - i < 2 || p[i + 1] + 2u > len - i)
			break;
		n = p[i + 1] + 2u;
		if (p[i] == 0xc2 && n == 6)
			return get32(p + i + 2);
	}
	return 0;
}

/* On its way the packet bears the next hop's address; the sum is made with the last one's. */
static void routing_target(struct place *at, const uint8_t *p, size_t len)
{
	bool waypoints = p[2] == 0 || p[2] == 2, srv6 = p[2] == 4;

	if (p[3] == 0 || len < 8 + 16)
		return;
	if (waypoints)
		at->to = p + len - 16; /* RFC 8200, 4.4; RFC 6275, 6.4 */
	else if (srv6)
		at->to = p + 8; /* RFC 8754, 2 */
}

static const char *place_in_ipv6(struct place *at, const uint8_t *p, size_t len)
{
	uint8_t next;
	uint32_t jumbo;
	size_t n;

	if (len < IPV6_HEADER)
		return "IPv6 header cut short";
	n = get16(p + 4);
	place_end(at, n ? IPV6_HEADER + n : 0, len);
	at->tcp = IPV6_HEADER;
	at->from = p + 8;
	at->to = p + 24;
	at->addr_len = 16;
	next = p[6];
	while (next == PROTO_HOP_BY_HOP || next == PROTO_ROUTING ||
	       next == PROTO_DESTINATION) {
		const uint8_t *h = p + at->tcp;

		n = at->end - at->tcp;
		if (n < 8 || (h[1] + 1u) * 8 > n)
			return "IPv6 extension header cut short";
		n = (h[1] + 1u) * 8;
		if (next == PROTO_ROUTING)
			routing_target(at, h, n);
		jumbo = next == PROTO_HOP_BY_HOP ? jumbo_length(h, n) : 0;
		if (jumbo > 0 && get16(p + 4) == 0)
			place_end(at, (uint64_t)IPV6_HEADER + jumbo, len);
		at->tcp += n;
		if (at->tcp > at->end)
			return "IPv6 packet that ends inside its headers";
		next = h[0];
	}
	return next == PROTO_TCP ? NULL : not_tcp(next);
}

const char *place_find(struct place *at, const uint8_t *p, size_t len)
{
	*at = (struct place){ 0 };
	if (len == 0)
		return "no bytes at all";
	if (p[0] >> 4 == 4)
		return place_in_ipv4(at, p, len);
	if (p[0] >> 4 == 6)
		return place_in_ipv6(at, p, len);
	return "neither IPv4 nor IPv6";
}
