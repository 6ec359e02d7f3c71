/* tcp_gso.c - packets of many segments: cut as a sender would have done it, and joined again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tcp/gso.h"

#define DATA 20000

/* One packet with so many bytes of data, from 10.77.0.1 or fd77::1; the caller frees it. */
static struct buf packet(bool v6, uint8_t flags, size_t len)
{
	static uint8_t data[DATA];
	struct buf out = BUF_EMPTY;
	struct segment s;
	struct err err;
	size_t i;

	for (i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 7 + i / 256);
	segment_init(&s);
	assert_true(addr_from_number(&s.from, v6 ? "fd77::1" : "10.77.0.1", 40000));
	assert_true(addr_from_number(&s.to, v6 ? "fd77::2" : "10.77.0.2", 80));
	s.seq = 0xfffff000; /* it wraps on the way */
	s.ack = 77;
	s.flags = flags;
	s.window = 500;
	s.ip_id = 0xfffe;
	s.dont_fragment = true;
	s.options.timestamps = true;
	s.options.tsval = 1000;
	s.options.tsecr = 999;
	s.payload = data;
	s.len = len;
	assert_int_equal(segment_encode(&s, &out, &err), 0);
	return out;
}

struct pieces {
	struct {
		uint8_t packet[2048];
		size_t len;
		struct segment s;
	} at[DATA];
	size_t n;
};

static struct pieces *cut(const struct buf *whole, size_t size)
{
	static struct pieces all;
	static uint8_t into[GSO_PACKET_MAX];
	struct gso_cut c;
	size_t len;

	all.n = 0;
	assert_true(gso_begin(&c, whole->data, whole->len, size));
	while ((len = gso_next(&c, into, &all.at[all.n].s)) > 0) {
		assert_true(len <= sizeof(all.at[0].packet));
		memcpy(all.at[all.n].packet, into, len);
		all.at[all.n].s.payload += all.at[all.n].packet - into;
		all.at[all.n++].len = len;
	}
	return &all;
}

/* Each size that matters: even, odd, tiny, the mss of Ethernet; and the last segment full or not. */
static const size_t sizes[][2] = { { 1448, 14480 }, { 1448, 14481 }, { 1447, 9999 },
				   { 535, 1071 },   { 1, 50 },	     { 7, 20000 } };

static void each(void (*check)(bool v6, size_t size, size_t len))
{
	size_t i;

	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		check(false, sizes[i][0], sizes[i][1]);
		check(true, sizes[i][0], sizes[i][1]);
	}
}

static void check_cut(bool v6, size_t size, size_t len)
{
	struct buf whole =
		packet(v6, FLAG_ACK | FLAG_PSH | FLAG_FIN | FLAG_ECE | FLAG_CWR, len);
	struct pieces *p = cut(&whole, size);
	struct segment w;
	size_t i, at = 0;

	segment_decode(&w, whole.data, whole.len);
	assert_int_equal(p->n, (len + size - 1) / size);
	for (i = 0; i < p->n; i++) {
		struct segment s, *given = &p->at[i].s;
		uint8_t flags = FLAG_ACK | FLAG_ECE;

		assert_int_equal(segment_decode(&s, p->at[i].packet, p->at[i].len), 0);
		assert_null(s.fault);
		assert_true(s.checksum_ok);
		assert_int_equal(s.seq, w.seq + (uint32_t)at);
		assert_int_equal(s.len, i + 1 < p->n ? size : len - at);
		assert_int_equal(s.ip_id, v6 ? 0 : (uint16_t)(w.ip_id + i));
		flags |= i == 0 ? FLAG_CWR : 0;
		flags |= i + 1 == p->n ? FLAG_FIN | FLAG_PSH : 0;
		assert_int_equal(s.flags, flags);
		assert_memory_equal(s.payload, w.payload + at, s.len);
		assert_memory_equal(&s, given, sizeof(s));
		at += s.len;
	}
	buf_clear(&whole);
}

static void segments_are_what_a_sender_without_offload_sends(void **unused)
{
	(void)unused;
	each(check_cut);
}

static void check_join(bool v6, size_t size, size_t len)
{
	struct buf whole = packet(v6, FLAG_ACK | FLAG_PSH | FLAG_FIN | FLAG_CWR, len);
	struct pieces *p = cut(&whole, size);
	struct segment w;
	uint8_t *joined = malloc(whole.len);
	size_t i;

	for (i = 1; i < p->n; i++)
		assert_true(gso_follows(&p->at[i - 1].s, p->at[i - 1].packet, &p->at[i].s,
					p->at[i].packet));
	segment_decode(&w, whole.data, whole.len);
	gso_join(&p->at[0].s, p->at[0].packet, &p->at[p->n - 1].s, len, joined);
	memcpy(joined + w.header_len, w.payload, len);
	/* IPv4's header is right as it is. */
	if (!v6)
		assert_memory_equal(joined, whole.data, 20);
	segment_checksum(joined, whole.len);
	assert_memory_equal(joined, whole.data, whole.len);
	free(joined);
	buf_clear(&whole);
}

static void cut_and_joined_is_the_same_packet(void **unused)
{
	(void)unused;
	each(check_join);
}

static void what_is_no_packet_of_several_tcp_segments_is_not_cut(void **unused)
{
	struct buf whole = packet(false, FLAG_ACK, 3000),
		   v6 = packet(true, FLAG_ACK, 3000);
	uint8_t *p = (uint8_t *)whole.data;
	struct gso_cut c;

	(void)unused;
	assert_true(gso_begin(&c, p, whole.len, 1448));
	assert_false(gso_begin(&c, p, whole.len, 0));
	assert_false(gso_begin(&c, p, whole.len, 3000));
	assert_false(gso_begin(&c, p, 52, 1448));
	p[9] = 17;
	assert_false(gso_begin(&c, p, whole.len, 1448));
	p[9] = 6;
	p[0] = 0x46;
	assert_false(gso_begin(&c, p, whole.len, 1448));
	p[0] = 0x45;
	p[20 + 12] = 0x40;
	assert_false(gso_begin(&c, p, whole.len, 1448));
	assert_true(gso_begin(&c, v6.data, v6.len, 1448));
	v6.data[6] = 0;
	assert_false(gso_begin(&c, v6.data, v6.len, 1448));
	buf_clear(&whole);
	buf_clear(&v6);
}

static void a_packet_cut_short_anywhere_is_not_read_beyond_its_end(void **unused)
{
	static uint8_t into[GSO_PACKET_MAX];
	struct buf whole = packet(false, FLAG_ACK, 100);
	struct gso_cut c;
	struct segment s;
	uint8_t *part;
	size_t len, n;

	(void)unused;
	for (len = 0; len <= whole.len; len++) {
		part = malloc(len ? len : 1);
		memcpy(part, whole.data, len);
		n = 0;
		if (gso_begin(&c, part, len, 9))
			while (gso_next(&c, into, &s) > 0)
				n += s.len;
		assert_int_equal(n, len > 52 + 9 ? len - 52 : 0);
		free(part);
	}
	buf_clear(&whole);
}

/* Changes the second of two segments and asks again. */
static bool follows_with(bool v6, size_t at, uint8_t bits)
{
	struct buf whole = packet(v6, FLAG_ACK, 2000);
	struct pieces *p = cut(&whole, 1000);
	bool yes;

	p->at[1].packet[at] ^= bits;
	segment_checksum(p->at[1].packet, p->at[1].len);
	segment_decode(&p->at[1].s, p->at[1].packet, p->at[1].len);
	yes = gso_follows(&p->at[0].s, p->at[0].packet, &p->at[1].s, p->at[1].packet);
	buf_clear(&whole);
	return yes;
}

static void what_differs_in_more_than_its_place_does_not_follow(void **unused)
{
	/* tos, id, ttl, addresses; ports, seq, ack, flags, window, urgent, options */
	static const size_t ipv4[] = { 1, 5, 8, 15, 19 }, ipv6[] = { 1, 3, 7, 23, 39 },
			    tcp[] = { 1, 3, 7, 11, 15, 25, 29 };
	static const uint8_t flags[] = { FLAG_SYN, FLAG_RST, FLAG_ACK,
					 FLAG_URG, FLAG_ECE, FLAG_CWR };
	size_t i;

	(void)unused;
	assert_true(follows_with(false, 0, 0));
	assert_true(follows_with(true, 0, 0));
	for (i = 0; i < sizeof(ipv4) / sizeof(ipv4[0]); i++) {
		assert_false(follows_with(false, ipv4[i], 4));
		assert_false(follows_with(true, ipv6[i], 4));
	}
	for (i = 0; i < sizeof(tcp) / sizeof(tcp[0]); i++) {
		assert_false(follows_with(false, 20 + tcp[i], 4));
		assert_false(follows_with(true, 40 + tcp[i], 4));
	}
	for (i = 0; i < sizeof(flags); i++)
		assert_false(follows_with(false, 20 + 13, flags[i]));
	assert_true(follows_with(false, 20 + 13, FLAG_PSH | FLAG_FIN));
}

static void nothing_follows_what_ends_a_packet(void **unused)
{
	struct buf whole = packet(false, FLAG_ACK, 2500);
	struct pieces *p = cut(&whole, 1000);

	(void)unused;
	/* a short one */
	p->at[2].s.seq = p->at[0].s.seq + 500;
	assert_false(
		gso_follows(&p->at[2].s, p->at[2].packet, &p->at[1].s, p->at[1].packet));
	/* one that asks to be read, or is the last */
	p->at[0].s.flags |= FLAG_PSH;
	assert_false(
		gso_follows(&p->at[0].s, p->at[0].packet, &p->at[1].s, p->at[1].packet));
	p->at[0].s.flags ^= FLAG_PSH | FLAG_FIN;
	assert_false(
		gso_follows(&p->at[0].s, p->at[0].packet, &p->at[1].s, p->at[1].packet));
	p->at[0].s.flags ^= FLAG_FIN;
	assert_true(
		gso_follows(&p->at[0].s, p->at[0].packet, &p->at[1].s, p->at[1].packet));
	/* and a damaged one goes alone, so that its receiver finds out */
	p->at[1].s.checksum_ok = false;
	assert_false(
		gso_follows(&p->at[0].s, p->at[0].packet, &p->at[1].s, p->at[1].packet));
	buf_clear(&whole);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(segments_are_what_a_sender_without_offload_sends),
		cmocka_unit_test(cut_and_joined_is_the_same_packet),
		cmocka_unit_test(what_is_no_packet_of_several_tcp_segments_is_not_cut),
		cmocka_unit_test(a_packet_cut_short_anywhere_is_not_read_beyond_its_end),
		cmocka_unit_test(what_differs_in_more_than_its_place_does_not_follow),
		cmocka_unit_test(nothing_follows_what_ends_a_packet),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
