/*
 * segment.c - one TCP segment: bytes to fields and back.
 *
 * Decoding goes in two steps: find the TCP header (place.c), then read it (RFC 9293, 3.1). Each
 * length is compared with what is there before a byte behind it is read.
 */
#include "tcp/segment.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "tcp/bytes.h"
#include "tcp/options.h"
#include "tcp/place.h"

#define TCP_HEADER    20
#define PACKET_MAX    65535 /* IPv4's total length, IPv6's payload length */
#define DONT_FRAGMENT 0x4000
#define FLOW_LABEL    0xfffff

void segment_init(struct segment *s)
{
	*s = (struct segment){ .ttl = 64 };
	options_init(&s->options);
}

uint32_t segment_span(const struct segment *s)
{
	return (uint32_t)s->len + !!(s->flags & FLAG_SYN) + !!(s->flags & FLAG_FIN);
}

bool seq_before(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) < 0;
}

/*
 * Adds bytes to a one's complement sum of 16-bit words in memory order (RFC 1071, 2). Only the last
 * part that is summed may have an odd length.
 */
static uint64_t sum_add(uint64_t sum, const uint8_t *p, size_t len)
{
	uint64_t two, odd = 0;
	uint32_t word;

	/* Two words of 32 bits at a time, each with a sum of its own. */
	for (; len >= sizeof(two); p += sizeof(two), len -= sizeof(two)) {
		memcpy(&two, p, sizeof(two));
		sum += (uint32_t)two;
		odd += two >> 32;
	}
	sum += odd;
	for (; len >= sizeof(word); p += sizeof(word), len -= sizeof(word)) {
		memcpy(&word, p, sizeof(word));
		sum += word;
	}
	word = 0;
	if (len > 0)
		memcpy(&word, p, len);
	return sum + word;
}

/* The checksum field's value, in memory order. */
static uint16_t sum_fold(uint64_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

/* 0 where the header's checksum field is right. */
static uint16_t tcp_sum(const struct place *at, const uint8_t *p)
{
	uint8_t tail[8] = { 0, 0, 0, 0, 0, 0, 0, PROTO_TCP };
	uint64_t sum;

	put32(tail, (uint32_t)(at->end - at->tcp));
	sum = sum_add(0, at->from, at->addr_len);
	sum = sum_add(sum, at->to, at->addr_len);
	sum = sum_add(sum, tail, sizeof(tail));
	return sum_fold(sum_add(sum, p + at->tcp, at->end - at->tcp));
}

static void address_decode(union addr *a, const uint8_t *p, size_t len, uint16_t port)
{
	memset(a, 0, sizeof(*a));
	if (len == 4) {
		a->sa.sa_family = AF_INET;
		a->in.sin_port = htons(port);
		memcpy(&a->in.sin_addr, p, len);
	} else {
		a->sa.sa_family = AF_INET6;
		a->in6.sin6_port = htons(port);
		memcpy(&a->in6.sin6_addr, p, len);
	}
}

static void ip_decode(struct segment *s, const uint8_t *p)
{
	if (p[0] >> 4 == 4) {
		s->ecn = p[1] & 3;
		s->dscp = p[1] >> 2;
		s->ip_id = get16(p + 4);
		s->dont_fragment = get16(p + 6) & DONT_FRAGMENT;
		s->ttl = p[8];
		address_decode(&s->from, p + 12, 4, 0);
		address_decode(&s->to, p + 16, 4, 0);
	} else {
		s->ecn = p[1] >> 4 & 3;
		s->dscp = (uint8_t)((p[0] & 15) << 2 | p[1] >> 6);
		s->flow_label = get32(p) & FLOW_LABEL;
		s->dont_fragment = true;
		s->ttl = p[7];
		address_decode(&s->from, p + 8, 16, 0);
		address_decode(&s->to, p + 24, 16, 0);
	}
}

/* The n bytes at p that begin with a TCP header; s->cut more are missing. Returns NULL or what is wrong. */
static const char *tcp_decode(struct segment *s, const uint8_t *p, size_t n)
{
	uint8_t h[TCP_HEADER] = { 0 };
	size_t offset, have;

	memcpy(h, p, n < sizeof(h) ? n : sizeof(h));
	addr_set_port(&s->from, get16(h));
	addr_set_port(&s->to, get16(h + 2));
	s->seq = get32(h + 4);
	s->ack = get32(h + 8);
	s->flags = h[13];
	s->window = get16(h + 14);
	s->urgent = get16(h + 18);
	if (n < TCP_HEADER)
		return s->cut ? "TCP header not captured whole" : "TCP header cut short";
	offset = (h[12] >> 4) * 4u;
	if (offset < TCP_HEADER)
		return "TCP data offset below 5 words";
	if (offset > n + s->cut)
		return "TCP data offset beyond the end of the packet";
	have = offset < n ? offset : n;
	s->payload = p + have;
	s->len = n + s->cut - offset;
	return options_decode(&s->options, p + TCP_HEADER, have - TCP_HEADER,
			      offset - have);
}

size_t segment_data_cut(const struct segment *s)
{
	return s->cut < s->len ? s->cut : s->len;
}

bool segment_options_cut(const struct segment *s)
{
	return s->cut > s->len;
}

size_t segment_kept(const struct segment *s)
{
	return s->payload ? s->len - segment_data_cut(s) : 0;
}

int segment_decode(struct segment *s, const void *packet, size_t len)
{
	return segment_decode_cut(s, packet, len, 0);
}

int segment_decode_cut(struct segment *s, const void *packet, size_t len, size_t missing)
{
	const uint8_t *p = packet;
	struct place at;
	size_t n;

	segment_init(s);
	s->fault = place_find(&at, p, len);
	if (at.from)
		ip_decode(s, p);
	if (s->fault)
		return -EPROTONOSUPPORT;
	n = at.end - at.tcp;
	if (at.open)
		at.more = missing;
	s->cut = at.more > missing ? 0 : at.more;
	s->fault = tcp_decode(s, p + at.tcp, n);
	s->header_len = at.end - segment_kept(s);
	if (at.more > missing) {
		s->fault = "packet shorter than its IP header says";
	} else if (at.more == 0) {
		s->checksum_ok =
			n >= TCP_HEADER && tcp_sum(&at, p) == 0 &&
			(at.addr_len == 16 || sum_fold(sum_add(0, p, at.tcp)) == 0);
	}
	return 0;
}

static void ipv4_encode(const struct segment *s, uint8_t *p)
{
	p[0] = 0x45;
	p[1] = (uint8_t)(s->dscp << 2 | (s->ecn & 3));
	put16(p + 4, s->ip_id);
	put16(p + 6, s->dont_fragment ? DONT_FRAGMENT : 0);
	p[8] = s->ttl;
	p[9] = PROTO_TCP;
	memcpy(p + 12, &s->from.in.sin_addr, 4);
	memcpy(p + 16, &s->to.in.sin_addr, 4);
}

static void ipv6_encode(const struct segment *s, uint8_t *p)
{
	put32(p, 6u << 28 | (s->dscp & 63u) << 22 | (s->ecn & 3u) << 20 |
			 (s->flow_label & FLOW_LABEL));
	p[6] = PROTO_TCP;
	p[7] = s->ttl;
	memcpy(p + 8, &s->from.in6.sin6_addr, 16);
	memcpy(p + 24, &s->to.in6.sin6_addr, 16);
}

static void tcp_encode(const struct segment *s, uint8_t *p, size_t header)
{
	put16(p, (uint16_t)addr_port(&s->from));
	put16(p + 2, (uint16_t)addr_port(&s->to));
	put32(p + 4, s->seq);
	put32(p + 8, s->ack);
	p[12] = (uint8_t)(header / 4 << 4);
	p[13] = s->flags;
	put16(p + 14, s->window);
	put16(p + 18, s->urgent);
}

int segment_encode(const struct segment *s, struct buf *out, struct err *err)
{
	uint8_t options[SEGMENT_OPTIONS_MAX], *p;
	sa_family_t family = s->from.sa.sa_family;
	size_t ip = family == AF_INET6 ? IPV6_HEADER : IPV4_HEADER, n, header, total;
	int rc;

	if (family != s->to.sa.sa_family || (family != AF_INET && family != AF_INET6)) {
		char from[ADDR_TEXT_MAX], to[ADDR_TEXT_MAX];

		return err_set(
			err, "usage",
			"segment from %s to %s: both addresses must be IPv4, or both IPv6",
			addr_format(&s->from, from), addr_format(&s->to, to));
	}
	rc = options_encode(&s->options, options, &n, err);
	if (rc < 0)
		return rc;
	header = TCP_HEADER + n;
	total = PACKET_MAX + (family == AF_INET6 ? IPV6_HEADER : 0);
	if (s->len > total - ip - header)
		return err_set(
			err, "usage",
			"segment of %zu bytes: one packet has room for %zu behind its headers",
			s->len, total - ip - header);
	total = ip + header + s->len;
	p = (uint8_t *)buf_reserve(out, total);
	memset(p, 0, ip + header);
	if (family == AF_INET6)
		ipv6_encode(s, p);
	else
		ipv4_encode(s, p);
	tcp_encode(s, p + ip, header);
	memcpy(p + ip + TCP_HEADER, options, n);
	memset(p + ip + header, 0, s->len);
	if (s->payload)
		memcpy(p + ip + header, s->payload, segment_kept(s));
	p[total] = '\0';
	out->len += total;
	segment_checksum(p, total);
	return 0;
}

/* The checksum of an IPv4 header. */
static void ipv4_sum(uint8_t *p, size_t len)
{
	size_t header = (p[0] & 15) * 4u;
	uint16_t sum;

	if (header < IPV4_HEADER || header > len)
		return;
	put16(p + 10, 0);
	sum = sum_fold(sum_add(0, p, header));
	memcpy(p + 10, &sum, sizeof(sum));
}

void segment_checksum_as(void *packet, size_t len, unsigned ip_len)
{
	uint8_t *p = packet;
	struct place at;
	uint16_t sum;

	if (len >= IPV4_HEADER && p[0] >> 4 == 4) {
		put16(p + 2, (uint16_t)ip_len);
		ipv4_sum(p, len);
	} else if (len >= IPV6_HEADER && p[0] >> 4 == 6) {
		put16(p + 4, (uint16_t)ip_len);
	}
	if (place_find(&at, p, len) || at.end < at.tcp + TCP_HEADER)
		return;
	put16(p + at.tcp + 16, 0);
	sum = tcp_sum(&at, p);
	memcpy(p + at.tcp + 16, &sum, sizeof(sum));
}

void segment_checksum_apart(void *header, size_t header_len, const void *data, size_t len)
{
	uint8_t *p = header, tail[8] = { 0, 0, 0, 0, 0, 0, 0, PROTO_TCP };
	bool v6 = p[0] >> 4 == 6;
	size_t tcp = v6 ? IPV6_HEADER : (p[0] & 15) * 4u;
	uint16_t field;
	uint64_t sum;

	if (v6) {
		put16(p + 4, (uint16_t)(header_len - IPV6_HEADER + len));
	} else {
		put16(p + 2, (uint16_t)(header_len + len));
		ipv4_sum(p, header_len);
	}
	put16(p + tcp + 16, 0);
	if (!data)
		return;
	put32(tail, (uint32_t)(header_len - tcp + len));
	sum = v6 ? sum_add(0, p + 8, 32) : sum_add(0, p + 12, 8);
	sum = sum_add(sum, tail, sizeof(tail));
	sum = sum_add(sum, p + tcp, header_len - tcp);
	field = sum_fold(sum_add(sum, data, len));
	memcpy(p + tcp + 16, &field, sizeof(field));
}

void segment_checksum(void *packet, size_t len)
{
	const uint8_t *p = packet;
	size_t n = len > 0 && p[0] >> 4 == 6 && len >= IPV6_HEADER ? len - IPV6_HEADER
								   : len;

	segment_checksum_as(packet, len, n > PACKET_MAX ? 0 : (unsigned)n);
}
