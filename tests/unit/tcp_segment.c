/* tcp_segment.c - segments to fields and back: real packets, broken ones, random ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <errno.h>
#include <time.h>

#include <cmocka.h>

#include "tcp/notation.h"
#include "tcp/segment.h"

static uint8_t packet[2048];

/* Hex digits (blanks between them are nothing) into packet; the count of bytes. */
static size_t bytes(const char *hex)
{
	size_t n = 0;
	unsigned b;

	for (; *hex; hex += 2) {
		hex += strspn(hex, " ");
		if (*hex == '\0')
			break;
		assert_int_equal(sscanf(hex, "%2x", &b), 1);
		packet[n++] = (uint8_t)b;
	}
	return n;
}

static struct segment decoded(const char *hex)
{
	/* no byte behind the end, so that a sanitizer sees a read of it */
	static uint8_t *exact;
	size_t n = bytes(hex);
	struct segment s;

	free(exact);
	exact = malloc(n ? n : 1);
	assert_non_null(exact);
	memcpy(exact, packet, n);
	assert_int_equal(segment_decode(&s, exact, n), 0);
	return s;
}

/* The reason why it is no TCP packet. */
static const char *refused(const char *hex)
{
	struct segment s;

	assert_int_equal(segment_decode(&s, packet, bytes(hex)), -EPROTONOSUPPORT);
	return s.fault;
}

/* Captured between two namespaces of Linux 6.18 with checksum offload off. */
static const struct {
	const char *hex, *notation;
} real[] = {
	{ "4500003c03d340004006224d0a4d00010a4d0002bc601e6c353de95200000000a002faf09fcb0000"
	  "020405b40402080a60d83e6f000000000103030a",
	  "S 893249874:893249874(0) win 64240 <mss 1460,sackOK,TS val 1624784495 ecr 0,nop,wscale 10>" },
	{ "4500003c00004000400626200a4d00020a4d00011e6cbc607e12ec00353de953a012fe881bc20000"
	  "020405b40402080a03f6125760d83e6f0103030a",
	  "S. 2115169280:2115169280(0) ack 893249875 win 65160 <mss 1460,sackOK,TS val 66458199 ecr 1624784495,nop,wscale 10>" },
	{ "4500003b03d540004006224c0a4d00010a4d0002bc601e6c353de9537e12ec018018003f136b0000"
	  "0101080a60d83e6f03f61257e4bda0e5a5bd0a",
	  "P. 893249875:893249882(7) ack 2115169281 win 63 <nop,nop,TS val 1624784495 ecr 66458199>" },
	{ "4500003503d74000400622500a4d00010a4d0002bc601e6c353de95a7e12ec0c8038003f279f0001"
	  "0101080a60d83e6f03f6125721",
	  "P.U 893249882:893249883(1) ack 2115169292 win 63 urg 1 <nop,nop,TS val 1624784495 ecr 66458199>" },
	{ "4500003451c440004006d4630a4d00020a4d00011e6cbc607e12ec0c353de95c8011004048c50000"
	  "0101080a03f6125760d83e6f",
	  "F. 2115169292:2115169292(0) ack 893249884 win 64 <nop,nop,TS val 66458199 ecr 1624784495>" },
	{ "4500002800004000400626340a4d00020a4d00010009e0d0000000002a902b045014000064c60000",
	  "R. 0:0(0) ack 714091268 win 0" },
	{ "60014a9500280640fd770000000000000000000000000001fd770000000000000000000000000002"
	  "8e861e6c49a01afa00000000a002fd201af90000020405a00402080a264afd2d000000000103030a",
	  "S 1235229434:1235229434(0) win 64800 <mss 1440,sackOK,TS val 642448685 ecr 0,nop,wscale 10>" },
	{ "60014a9500270640fd770000000000000000000000000001fd770000000000000000000000000002"
	  "8e861e6c49a01afba67ab8ec80180040ddc900000101080a264afd2d0e0cc5d7e4bda0e5a5bd0a",
	  "P. 1235229435:1235229442(7) ack 2793060588 win 64 <nop,nop,TS val 642448685 ecr 235718103>" },
};
#define REAL_COUNT (sizeof(real) / sizeof(*real))

static void captured_packets_read_as_tcpdump_reads_them(void **unused)
{
	struct buf text = BUF_EMPTY;
	size_t i;

	(void)unused;
	for (i = 0; i < REAL_COUNT; i++) {
		struct segment s = decoded(real[i].hex);

		assert_null(s.fault);
		assert_true(s.checksum_ok);
		buf_reset(&text);
		notation_format(&s, 0, 0, &text);
		assert_string_equal(buf_str(&text), real[i].notation);
	}
	buf_clear(&text);
}

static void their_notation_encodes_to_the_kernels_bytes(void **unused)
{
	struct buf out = BUF_EMPTY;
	struct err err;
	size_t i;

	(void)unused;
	for (i = 0; i < REAL_COUNT; i++) {
		struct segment s = decoded(real[i].hex), made;

		segment_init(&made);
		assert_true(notation_parse(&made, real[i].notation, 0, 0, NULL, &err) >
			    0);
		made.from = s.from;
		made.to = s.to;
		made.ip_id = s.ip_id;
		made.flow_label = s.flow_label;
		made.dont_fragment = s.dont_fragment;
		made.payload = s.payload;
		buf_reset(&out);
		assert_int_equal(segment_encode(&made, &out, &err), 0);
		assert_int_equal(out.len, bytes(real[i].hex));
		assert_memory_equal(out.data, packet, out.len);
	}
	buf_clear(&out);
}

#define TCP "9c40 0050 00000001 00000002 "
/* An IPv4 header without a length, and a TCP header up to where its data offset comes. */
#define SHORT "4500 0000 0000 4000 4006 0000 0a4d0001 0a4d0002 " TCP

static void addresses_and_header_fields_are_read(void **unused)
{
	struct segment s = decoded(real[3].hex);
	char text[ADDR_TEXT_MAX];

	(void)unused;
	assert_string_equal(addr_format(&s.from, text), "10.77.0.1:48224");
	assert_string_equal(addr_format(&s.to, text), "10.77.0.2:7788");
	assert_int_equal(s.ttl, 64);
	assert_int_equal(s.ip_id, 0x03d7);
	assert_true(s.dont_fragment);
	assert_int_equal(s.header_len, 52);
	assert_int_equal(s.len, 1);
	assert_int_equal(s.payload[0], '!');
	s = decoded(real[7].hex);
	assert_string_equal(addr_format(&s.from, text), "[fd77::1]:36486");
	assert_int_equal(s.flow_label, 0x14a95);
	assert_int_equal(s.header_len, 72);
}

static void each_flipped_bit_breaks_the_checksum(void **unused)
{
	size_t i, bit, n;

	(void)unused;
	for (i = 0; i < REAL_COUNT; i++)
		for (n = bytes(real[i].hex), bit = 0; bit < n * 8; bit++) {
			struct segment s;

			bytes(real[i].hex);
			packet[bit / 8] ^= (uint8_t)(1 << bit % 8);
			/* IPv6 leaves class, flow label and hop limit out */
			if ((packet[0] >> 4 == 6 && bit < 64 && bit / 8 != 6) ||
			    bit / 8 < 1)
				continue;
			if (segment_decode(&s, packet, n) == 0)
				assert_true(!s.checksum_ok || s.fault);
		}
}

static void segment_checksum_puts_a_changed_packet_right(void **unused)
{
	size_t i, n;

	(void)unused;
	for (i = 0; i < REAL_COUNT; i++) {
		struct segment s;

		n = bytes(real[i].hex);
		packet[n - 1] ^= 0x55;
		segment_checksum(packet, n);
		assert_int_equal(segment_decode(&s, packet, n), 0);
		assert_true(s.checksum_ok);
		/* and with a shorter payload: the lengths follow */
		segment_checksum(packet, n - (s.len > 0));
		assert_int_equal(segment_decode(&s, packet, n), 0);
		assert_true(s.checksum_ok);
		assert_null(s.fault);
	}
}

static void a_cut_packet_is_named_wherever_it_is_cut(void **unused)
{
	size_t i, n, len;

	(void)unused;
	for (i = 0; i < REAL_COUNT; i++)
		for (n = bytes(real[i].hex), len = 0; len < n; len++) {
			uint8_t *exact = malloc(len ? len : 1);
			struct segment s;
			int rc;

			assert_non_null(exact);
			memcpy(exact, packet, len);
			rc = segment_decode(&s, exact, len);
			assert_non_null(s.fault);
			assert_false(s.checksum_ok);
			assert_int_equal(rc, len < (packet[0] >> 4 == 4 ? 20u : 40u)
						     ? -EPROTONOSUPPORT
						     : 0);
			assert_true(s.len == 0 || s.payload + s.len <= exact + len);
			segment_checksum(exact, len);
			free(exact);
		}
}

static void ports_and_sequence_of_a_cut_header_are_valid(void **unused)
{
	struct segment s = decoded("4500 0030 0000 4000 4006 0000 0a4d0001 0a4d0002"
				   "9c40 0050 00000001");

	(void)unused;
	assert_string_equal(s.fault, "packet shorter than its IP header says");
	assert_int_equal(addr_port(&s.from), 40000);
	assert_int_equal(addr_port(&s.to), 80);
	assert_int_equal(s.seq, 1);
	assert_int_equal(s.ack, 0);
	assert_int_equal(s.len, 0);
}

/* Of a capture that has only the first len bytes. */
static struct segment decoded_cut(const char *hex, size_t len)
{
	size_t n = bytes(hex);
	uint8_t *exact = malloc(len);
	struct segment s;

	assert_non_null(exact);
	memcpy(exact, packet, len);
	segment_decode_cut(&s, exact, len, n - len);
	/* Its payload is not looked at. */
	free(exact);
	return s;
}

static void options_that_were_not_captured_are_no_fault(void **unused)
{
	/* mss, sackOK, timestamps, nop, window scale behind 40 bytes */
	const char *syn = real[0].hex;
	struct segment s;
	size_t n;

	(void)unused;
	for (n = 40; n <= 60; n++) {
		s = decoded_cut(syn, n);
		assert_null(s.fault);
		assert_int_equal(s.seq, 893249874);
		assert_int_equal(s.flags, FLAG_SYN);
		assert_int_equal(s.window, 64240);
		assert_int_equal(s.len, 0);
		assert_int_equal(s.cut, 60 - n);
		assert_int_equal(segment_options_cut(&s), n < 60);
		assert_int_equal(s.options.mss, n < 44 ? 0 : 1460);
		assert_int_equal(s.options.timestamps, n >= 56);
		assert_int_equal(s.options.wscale, n < 60 ? -1 : 10);
	}
	/* "hello" and more behind its timestamps */
	s = decoded_cut(real[2].hex, 48);
	assert_null(s.fault);
	assert_int_equal(s.len, 7);
	assert_int_equal(segment_kept(&s), 0);
	assert_int_equal(segment_data_cut(&s), 7);
	assert_true(segment_options_cut(&s));
	s = decoded_cut(real[2].hex, 54);
	assert_int_equal(segment_kept(&s), 2);
	assert_int_equal(segment_data_cut(&s), 5);
	assert_false(segment_options_cut(&s));
	assert_string_equal(decoded_cut(syn, 39).fault, "TCP header not captured whole");
	assert_int_equal(decoded_cut(syn, 39).seq, 893249874);
	/* What is wrong in the part that is there, or with its length, is wrong. */
	assert_string_equal(decoded_cut(SHORT "6010 0064 0000 0000 02010000", 42).fault,
			    "TCP option with a length below 2");
	assert_string_equal(decoded_cut(SHORT "6010 0064 0000 0000 02050000", 42).fault,
			    "TCP option beyond the end of the header");
}

static void faults_of_the_tcp_header_are_told(void **unused)
{
	static const struct {
		const char *hex, *fault;
	} rows[] = {
		{ SHORT "0010 0064 0000 0000", "TCP data offset below 5 words" },
		{ SHORT "4010 0064 0000 0000", "TCP data offset below 5 words" },
		{ SHORT "6010 0064 0000 0000",
		  "TCP data offset beyond the end of the packet" },
		{ SHORT "f010 0064 0000 0000",
		  "TCP data offset beyond the end of the packet" },
		{ "4500 0021 0000 4000 4006 0000 0a4d0001 0a4d0002" TCP,
		  "packet shorter than its IP header says" },
		{ "4500 0020 0000 4000 4006 0000 0a4d0001 0a4d0002" TCP "ffff",
		  "TCP header cut short" },
		{ SHORT "6010 0064 0000 0000 02000000",
		  "TCP option with a length below 2" },
		{ SHORT "6010 0064 0000 0000 02010000",
		  "TCP option with a length below 2" },
		{ SHORT "6010 0064 0000 0000 02050000",
		  "TCP option beyond the end of the header" },
		{ SHORT "6010 0064 0000 0000 0101010a", "TCP option without its length" },
		{ SHORT "6010 0064 0000 0000 02030000", "MSS option of a wrong length" },
		{ SHORT "6010 0064 0000 0000 03020000",
		  "window scale option of a wrong length" },
		{ SHORT "6010 0064 0000 0000 04030000",
		  "SACK permitted option of a wrong length" },
		{ SHORT "6010 0064 0000 0000 05020000", "SACK option of a wrong length" },
		{ SHORT "6010 0064 0000 0000 08040000",
		  "timestamps option of a wrong length" },
	};
	size_t i;

	(void)unused;
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct segment s = decoded(rows[i].hex);

		assert_non_null(s.fault);
		assert_string_equal(s.fault, rows[i].fault);
	}
}

static void what_is_not_tcp_is_refused_with_its_name(void **unused)
{
	(void)unused;
	assert_string_equal(refused(""), "no bytes at all");
	assert_string_equal(refused("55"), "neither IPv4 nor IPv6");
	assert_string_equal(refused("45"), "IPv4 header cut short");
	assert_string_equal(refused("60"), "IPv6 header cut short");
	assert_string_equal(refused("4400 003c 0000 4000 4006 0000 0a4d0001 0a4d0002"),
			    "IPv4 header with a length below 5 words");
	assert_string_equal(refused("4f00 003c 0000 4000 4006 0000 0a4d0001 0a4d0002"),
			    "IPv4 header cut short");
	assert_string_equal(refused("4500 0013 0000 4000 4006 0000 0a4d0001 0a4d0002"),
			    "IPv4 packet that ends inside its header");
	assert_string_equal(refused("4500 0014 0000 4000 4001 0000 0a4d0001 0a4d0002"),
			    "ICMP, not TCP");
	assert_string_equal(refused("4500 0014 0000 4000 4011 0000 0a4d0001 0a4d0002"),
			    "UDP, not TCP");
	assert_string_equal(refused("4500 0014 0000 2000 4006 0000 0a4d0001 0a4d0002"),
			    "a fragment");
	assert_string_equal(refused("4500 0014 0000 0001 4006 0000 0a4d0001 0a4d0002"),
			    "a fragment");
}

#define IP6_ADDRS                          \
	"fd770000000000000000000000000001" \
	"fd770000000000000000000000000002"
#define TCP_PLAIN TCP "5010 0064 0000 0000"

static void ipv6_extension_headers_are_walked(void **unused)
{
	struct segment s = decoded("60000000 0024 00 40" IP6_ADDRS "3c 00 01 04 00000000"
				   "06 00 01 04 00000000" TCP_PLAIN);

	(void)unused;
	assert_null(s.fault);
	assert_int_equal(s.header_len, 76);
	assert_int_equal(addr_port(&s.to), 80);
	assert_string_equal(refused("60000000 001c 2c 40" IP6_ADDRS
				    "06000001 00000001" TCP_PLAIN),
			    "a fragment");
	assert_string_equal(refused("60000000 0008 3a 40" IP6_ADDRS "8000000000000000"),
			    "ICMP, not TCP");
	assert_string_equal(refused("60000000 0008 00 40" IP6_ADDRS "06010104 00000000"),
			    "IPv6 extension header cut short");
	assert_string_equal(refused("60000000 0004 00 40" IP6_ADDRS "06000104"),
			    "IPv6 extension header cut short");
	assert_string_equal(refused("60000000 0008 3c 40" IP6_ADDRS "3c000104 00000000"),
			    "IPv6 extension header cut short");
}

static void
a_packet_on_its_way_through_waypoints_is_summed_with_its_last_address(void **unused)
{
	static const char direct[] =
		"60000000 0014 06 40 fd770000000000000000000000000001"
		"fd770000000000000000000000000009" TCP_PLAIN;
	static const char via[] = "60000000 002c 2b 40" IP6_ADDRS "06 02 00 01 00000000"
				  "fd770000000000000000000000000009" TCP_PLAIN;
	struct segment s;
	uint8_t sum[2];
	size_t n;

	(void)unused;
	n = bytes(direct);
	segment_checksum(packet, n);
	memcpy(sum, packet + 56, 2);
	n = bytes(via);
	memcpy(packet + 80, sum, 2);
	assert_int_equal(segment_decode(&s, packet, n), 0);
	assert_null(s.fault);
	assert_true(s.checksum_ok);
}

static void ipv4_options_are_stepped_over(void **unused)
{
	size_t n = bytes(
		"4700 0000 0000 4000 4006 0000 0a4d0001 0a4d0002 94040000 01010101" TCP_PLAIN
		"616263");
	struct segment s;

	(void)unused;
	segment_checksum(packet, n);
	assert_int_equal(segment_decode(&s, packet, n), 0);
	assert_null(s.fault);
	assert_true(s.checksum_ok);
	assert_int_equal(s.len, 3);
	assert_memory_equal(s.payload, "abc", 3);
}

static void bytes_behind_the_ip_length_are_not_the_packets(void **unused)
{
	size_t n = bytes(real[5].hex);
	struct segment s;

	(void)unused;
	memset(packet + n, 0xff, 6);
	assert_int_equal(segment_decode(&s, packet, n + 6), 0);
	assert_null(s.fault);
	assert_true(s.checksum_ok);
	assert_int_equal(s.len, 0);
}

static void an_ip_length_of_0_means_all_that_came(void **unused)
{
	struct segment s = decoded(SHORT "5010 0064 0000 0000 616263");

	(void)unused;
	assert_null(s.fault);
	assert_int_equal(s.len, 3);
}

static void a_jumbo_length_is_obeyed(void **unused)
{
	struct segment s = decoded("60000000 0000 00 40" IP6_ADDRS
				   "06 00 c2 04 0000001f" TCP_PLAIN "616263 ffffff");

	(void)unused;
	assert_null(s.fault);
	assert_int_equal(s.len, 3);
	s = decoded("60000000 0000 00 40" IP6_ADDRS "06 00 c2 04 ffffffff" TCP_PLAIN);
	assert_non_null(s.fault);
	assert_string_equal(refused("60000000 0000 00 40" IP6_ADDRS
				    "06 00 c2 04 00000001" TCP_PLAIN),
			    "IPv6 packet that ends inside its headers");
}

static void unknown_options_are_kept_with_kind_and_length(void **unused)
{
	static const uint8_t kept[] = { 76, 4, 1, 2, 253, 2 };
	struct segment s = decoded(SHORT "7010 0064 0000 0000 4c040102 fd020100");
	struct buf text = BUF_EMPTY;

	(void)unused;
	assert_null(s.fault);
	assert_int_equal(s.options.other_len, sizeof(kept));
	assert_memory_equal(s.options.other, kept, sizeof(kept));
	notation_format(&s, 0, 0, &text);
	assert_string_equal(buf_str(&text),
			    ". 1:1(0) ack 2 win 100 <unknown-76 0x0102,unknown-253>");
	buf_clear(&text);
}

static void options_behind_one_of_a_wrong_length_are_read(void **unused)
{
	struct segment s = decoded(SHORT "7010 0064 0000 0000 0203ff 0303 07 0100");

	(void)unused;
	assert_string_equal(s.fault, "MSS option of a wrong length");
	assert_int_equal(s.options.mss, 0);
	assert_int_equal(s.options.wscale, 7);
	assert_int_equal(s.options.other_len, 3);
}

static void an_mss_of_0_is_seen(void **unused)
{
	struct segment s = decoded(SHORT "6002 0064 0000 0000 02040000");

	(void)unused;
	assert_null(s.fault);
	assert_int_equal(s.options.other_len, 4);
}

static void nothing_behind_the_end_of_options_is_read(void **unused)
{
	struct segment s = decoded(SHORT "7010 0064 0000 0000 0002ffff 00000000");

	(void)unused;
	assert_null(s.fault);
	assert_int_equal(s.options.other_len, 0);
}

static unsigned long random_seed;

static uint32_t random_next(uint32_t below)
{
	random_seed = random_seed * 6364136223846793005ul + 1442695040888963407ul;
	return (uint32_t)(random_seed >> 33) % below;
}

static uint32_t random_any(void)
{
	return random_next(65536) << 16 | random_next(65536);
}

static void random_address(union addr *a, bool v6)
{
	uint8_t *p;
	int i;

	memset(a, 0, sizeof(*a));
	a->sa.sa_family = v6 ? AF_INET6 : AF_INET;
	p = v6 ? a->in6.sin6_addr.s6_addr : (uint8_t *)&a->in.sin_addr;
	for (i = 0; i < (v6 ? 16 : 4); i++)
		p[i] = (uint8_t)random_next(256);
	addr_set_port(a, (int)random_next(65536));
}

static void random_options(struct segment_options *o)
{
	size_t i, n;

	if (random_next(2))
		o->mss = (uint16_t)(1 + random_next(65535));
	if (random_next(2))
		o->wscale = (int16_t)random_next(256);
	o->sack_permitted = random_next(2);
	if (random_next(2)) {
		o->timestamps = true;
		o->tsval = random_any();
		o->tsecr = random_any();
	}
	if (random_next(3) == 0) {
		o->sacks = (uint8_t)(1 + random_next(4));
		for (i = 0; i < o->sacks; i++) {
			o->sack[i].left = random_any();
			o->sack[i].right = random_any();
		}
	}
	if (random_next(4) == 0) {
		o->cookie_len = (int8_t)random_next(17);
		for (i = 0; i < (size_t)o->cookie_len; i++)
			o->cookie[i] = (uint8_t)random_next(256);
	}
	if (random_next(4) == 0) {
		n = 2 + random_next(10);
		o->other[0] = (uint8_t)(100 + random_next(100));
		o->other[1] = (uint8_t)n;
		for (i = 2; i < n; i++)
			o->other[i] = (uint8_t)random_next(256);
		o->other_len = (uint8_t)n;
	}
}

static void random_segment(struct segment *s, const uint8_t *payload, size_t size)
{
	bool v6 = random_next(2);

	segment_init(s);
	random_address(&s->from, v6);
	random_address(&s->to, v6);
	s->seq = random_any();
	s->ack = random_any();
	s->flags = (uint8_t)random_next(256);
	s->window = (uint16_t)random_next(65536);
	s->urgent = (uint16_t)random_next(65536);
	s->ttl = (uint8_t)random_next(256);
	s->ecn = (uint8_t)random_next(4);
	s->dscp = (uint8_t)random_next(64);
	s->ip_id = v6 ? 0 : (uint16_t)random_next(65536);
	s->flow_label = v6 ? random_next(0x100000) : 0;
	s->dont_fragment = v6 || random_next(2);
	s->payload = payload;
	s->len = random_next(8) == 0 ? random_next((uint32_t)size) : random_next(100);
	random_options(&s->options);
}

static void options_equal(const struct segment_options *a,
			  const struct segment_options *b)
{
	assert_int_equal(a->mss, b->mss);
	assert_int_equal(a->wscale, b->wscale);
	assert_int_equal(a->sack_permitted, b->sack_permitted);
	assert_int_equal(a->timestamps, b->timestamps);
	assert_int_equal(a->tsval, b->tsval);
	assert_int_equal(a->tsecr, b->tsecr);
	assert_int_equal(a->sacks, b->sacks);
	assert_memory_equal(a->sack, b->sack, a->sacks * sizeof(a->sack[0]));
	assert_int_equal(a->cookie_len, b->cookie_len);
	if (a->cookie_len > 0)
		assert_memory_equal(a->cookie, b->cookie, (size_t)a->cookie_len);
	assert_int_equal(a->other_len, b->other_len);
	assert_memory_equal(a->other, b->other, a->other_len);
}

static void segments_equal(const struct segment *a, const struct segment *b)
{
	assert_true(addr_equal(&a->from, &b->from) && addr_equal(&a->to, &b->to));
	assert_int_equal(a->seq, b->seq);
	assert_int_equal(a->ack, b->ack);
	assert_int_equal(a->flags, b->flags);
	assert_int_equal(a->window, b->window);
	assert_int_equal(a->urgent, b->urgent);
	assert_int_equal(a->len, b->len);
	options_equal(&a->options, &b->options);
}

/* SEED in the environment repeats a run. */
static void random_start(void)
{
	const char *given = getenv("SEED");

	random_seed = given ? strtoul(given, NULL, 0) : (unsigned long)time(NULL);
	print_message("# SEED=%lu\n", random_seed);
}

static void random_segments_decode_as_they_were_encoded(void **unused)
{
	static uint8_t payload[65000];
	struct buf out = BUF_EMPTY;
	struct segment s, again;
	int i, encoded = 0;
	struct err err;
	size_t k;

	(void)unused;
	random_start();
	for (k = 0; k < sizeof(payload); k++)
		payload[k] = (uint8_t)random_next(256);
	for (i = 0; i < 20000; i++) {
		random_segment(&s, payload, sizeof(payload));
		buf_reset(&out);
		if (segment_encode(&s, &out, &err) < 0) {
			assert_non_null(strstr(err.message, "TCP options: these take"));
			continue;
		}
		encoded++;
		assert_int_equal(segment_decode(&again, out.data, out.len), 0);
		assert_null(again.fault);
		assert_true(again.checksum_ok);
		segments_equal(&again, &s);
		assert_memory_equal(again.payload, s.payload, s.len);
		assert_int_equal(again.ttl, s.ttl);
		assert_int_equal(again.ecn, s.ecn);
		assert_int_equal(again.dscp, s.dscp);
		assert_int_equal(again.ip_id, s.ip_id);
		assert_int_equal(again.flow_label, s.flow_label);
		assert_int_equal(again.dont_fragment, s.dont_fragment);
	}
	assert_true(encoded > 10000);
	buf_clear(&out);
}

static void random_segments_survive_their_notation(void **unused)
{
	struct buf text = BUF_EMPTY;
	struct segment s, again;
	struct err err;
	int i;

	(void)unused;
	random_start();
	for (i = 0; i < 5000; i++) {
		uint32_t seq_base = random_any(), ack_base = random_any();

		random_segment(&s, NULL, 60000);
		buf_reset(&text);
		notation_format(&s, seq_base, ack_base, &text);
		segment_init(&again);
		again.from = s.from;
		again.to = s.to;
		assert_true(notation_parse(&again, text.data, seq_base, ack_base, NULL,
					   &err) > 0);
		segments_equal(&again, &s);
	}
	buf_clear(&text);
}

static void the_largest_packets_can_be_encoded_and_no_larger_ones(void **unused)
{
	struct buf out = BUF_EMPTY;
	struct segment s, again;
	struct err err;

	(void)unused;
	segment_init(&s);
	s.from.sa.sa_family = s.to.sa.sa_family = AF_INET;
	s.len = 65535 - 40;
	assert_int_equal(segment_encode(&s, &out, &err), 0);
	assert_int_equal(out.len, 65535);
	assert_int_equal(segment_decode(&again, out.data, out.len), 0);
	assert_true(again.checksum_ok && again.len == s.len);
	s.len++;
	buf_reset(&out);
	assert_int_equal(segment_encode(&s, &out, &err), -EINVAL);
	assert_string_equal(err.message,
			    "segment of 65496 bytes: one packet has room for "
			    "65495 behind its headers");
	assert_int_equal(out.len, 0);
	s.from.sa.sa_family = s.to.sa.sa_family = AF_INET6;
	s.len = 65535 - 20;
	assert_int_equal(segment_encode(&s, &out, &err), 0);
	assert_int_equal(out.len, 65575);
	s.len++;
	assert_int_equal(segment_encode(&s, &out, &err), -EINVAL);
	buf_clear(&out);
}

static void impossible_segments_are_refused(void **unused)
{
	struct buf out = BUF_EMPTY;
	struct segment s;
	struct err err;

	(void)unused;
	segment_init(&s);
	addr_from_number(&s.from, "10.0.0.1", 1);
	addr_from_number(&s.to, "::1", 2);
	assert_int_equal(segment_encode(&s, &out, &err), -EINVAL);
	assert_string_equal(err.message, "segment from 10.0.0.1:1 to [::1]:2: both "
					 "addresses must be IPv4, or both IPv6");
	s.to = s.from;
	s.options.sacks = 5;
	assert_int_equal(segment_encode(&s, &out, &err), -EINVAL);
	s.options.sacks = 4;
	s.options.cookie_len = 16;
	assert_int_equal(segment_encode(&s, &out, &err), -EINVAL);
	assert_non_null(strstr(err.message, "room for 40"));
	assert_int_equal(out.len, 0);
	buf_clear(&out);
}

static void options_give_up_padding_where_room_is_short(void **unused)
{
	struct segment s = decoded(SHORT "f002 0064 0000 0000 020405b4 0402"
					 "080a0000000100000002 030307 4c15"
					 "78787878787878787878787878787878787878"),
		       again;
	struct buf out = BUF_EMPTY;
	struct err err;

	(void)unused;
	assert_null(s.fault);
	assert_int_equal(segment_encode(&s, &out, &err), 0);
	assert_int_equal(segment_decode(&again, out.data, out.len), 0);
	segments_equal(&again, &s);
	buf_clear(&out);
}

static void syn_and_fin_take_sequence_space(void **unused)
{
	struct segment s;

	(void)unused;
	segment_init(&s);
	assert_int_equal(segment_span(&s), 0);
	s.len = 3;
	s.flags = FLAG_SYN | FLAG_FIN | FLAG_ACK;
	assert_int_equal(segment_span(&s), 5);
}

static void sequence_numbers_are_compared_across_the_wrap(void **unused)
{
	(void)unused;
	assert_true(seq_before(1, 2));
	assert_false(seq_before(2, 2));
	assert_false(seq_before(2, 1));
	assert_true(seq_before(0xffffffff, 0));
	assert_true(seq_before(0xfffffff0, 0x10));
	assert_false(seq_before(0x10, 0xfffffff0));
}

static void all_flags_read_back_as_names_and_letters(void **unused)
{
	char text[40];
	uint8_t read;
	int flags;

	(void)unused;
	for (flags = 0; flags < 256; flags++) {
		read = (uint8_t)~flags;
		assert_true(segment_flags_parse(&read, segment_flags_text((uint8_t)flags,
									  text)));
		assert_int_equal(read, flags);
		read = (uint8_t)~flags;
		assert_true(segment_flags_parse(
			&read, segment_flags_letters((uint8_t)flags, text)));
		assert_int_equal(read, flags);
	}
	assert_string_equal(segment_flags_text(0x12, text), "SYN,ACK");
	assert_string_equal(segment_flags_letters(0x12, text), "S.");
}

static void flags_are_read_in_many_spellings(void **unused)
{
	uint8_t flags;

	(void)unused;
	assert_true(segment_flags_parse(&flags, "syn|ack") && flags == 0x12);
	assert_true(segment_flags_parse(&flags, "FPA") && flags == 0x19);
	assert_true(segment_flags_parse(&flags, "SEW") && flags == 0xc2);
	assert_true(segment_flags_parse(&flags, "-") && flags == 0);
	assert_false(segment_flags_parse(&flags, ""));
	assert_false(segment_flags_parse(&flags, "SYN,"));
	assert_false(segment_flags_parse(&flags, "SYNC"));
	assert_false(segment_flags_parse(&flags, "server"));
	assert_false(segment_flags_parse(&flags, "SYN ACK"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(captured_packets_read_as_tcpdump_reads_them),
		cmocka_unit_test(their_notation_encodes_to_the_kernels_bytes),
		cmocka_unit_test(addresses_and_header_fields_are_read),
		cmocka_unit_test(each_flipped_bit_breaks_the_checksum),
		cmocka_unit_test(segment_checksum_puts_a_changed_packet_right),
		cmocka_unit_test(a_cut_packet_is_named_wherever_it_is_cut),
		cmocka_unit_test(ports_and_sequence_of_a_cut_header_are_valid),
		cmocka_unit_test(options_that_were_not_captured_are_no_fault),
		cmocka_unit_test(faults_of_the_tcp_header_are_told),
		cmocka_unit_test(what_is_not_tcp_is_refused_with_its_name),
		cmocka_unit_test(ipv6_extension_headers_are_walked),
		cmocka_unit_test(
			a_packet_on_its_way_through_waypoints_is_summed_with_its_last_address),
		cmocka_unit_test(ipv4_options_are_stepped_over),
		cmocka_unit_test(bytes_behind_the_ip_length_are_not_the_packets),
		cmocka_unit_test(an_ip_length_of_0_means_all_that_came),
		cmocka_unit_test(a_jumbo_length_is_obeyed),
		cmocka_unit_test(unknown_options_are_kept_with_kind_and_length),
		cmocka_unit_test(options_behind_one_of_a_wrong_length_are_read),
		cmocka_unit_test(an_mss_of_0_is_seen),
		cmocka_unit_test(nothing_behind_the_end_of_options_is_read),
		cmocka_unit_test(random_segments_decode_as_they_were_encoded),
		cmocka_unit_test(random_segments_survive_their_notation),
		cmocka_unit_test(the_largest_packets_can_be_encoded_and_no_larger_ones),
		cmocka_unit_test(impossible_segments_are_refused),
		cmocka_unit_test(options_give_up_padding_where_room_is_short),
		cmocka_unit_test(syn_and_fin_take_sequence_space),
		cmocka_unit_test(sequence_numbers_are_compared_across_the_wrap),
		cmocka_unit_test(all_flags_read_back_as_names_and_letters),
		cmocka_unit_test(flags_are_read_in_many_spellings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
