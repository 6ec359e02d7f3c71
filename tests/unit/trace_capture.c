/* trace_capture.c - captures made by hand: formats, byte orders, link types, times, damage. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "trace/capture.h"
#include "trace/pcapng.h"
#include "trace/views.h"

/* 10.77.0.1:40000 > 10.77.0.2:80 S 1000:1000(0) win 65535, 40 bytes */
#define SYN                                               \
	"4500 0028 0001 4000 4006 2633 0a4d0001 0a4d0002" \
	"9c40 0050 000003e8 00000000 5002 ffff facd 0000"
/* the same from fd77::1 to fd77::2, 60 bytes */
#define SYN6                                                   \
	"60000000 0014 06 40 fd770000000000000000000000000001" \
	"fd770000000000000000000000000002"                     \
	"9c40 0050 000003e8 00000000 5002 ffff 1478 0000"
/* 10.77.0.1:40000 > 10.77.0.2:80 P. 1001:1006(5) ack 5001 "hello", 45 bytes */
#define HELLO                                             \
	"4500 002d 0001 4000 4006 262e 0a4d0001 0a4d0002" \
	"9c40 0050 000003e9 00001389 5018 ffff a356 0000 68656c6c6f"
/* 10.77.0.1:53 > 10.77.0.2:53 udp, 28 bytes */
#define UDP "4500 001c 0001 0000 4011 6634 0a4d0001 0a4d0002 0035 0035 0008 0000"
/* the last part of a datagram of TCP, 24 bytes */
#define FRAGMENT "4500 0018 0001 0005 4006 663e 0a4d0001 0a4d0002 61626364"

/* pcap: magic, 2.4, zone, accuracy, longest packet, link type */
#define PCAP_LE(magic, link) magic "0200 0400 00000000 00000000 00000400" link
#define PCAP_BE(magic, link) magic "0002 0004 00000000 00000000 00040000" link
#define RAW_LE		     "65000000"
#define RAW_BE		     "00000065"

/* pcapng: sections, an interface of raw IP, a packet of 40 bytes at 1.5 s */
#define SHB_LE "0a0d0d0a 1c000000 4d3c2b1a 0100 0000 ffffffff ffffffff 1c000000"
#define SHB_BE "0a0d0d0a 0000001c 1a2b3c4d 0001 0000 ffffffff ffffffff 0000001c"
#define IDB_LE "01000000 14000000 6500 0000 00000400 14000000"
#define IDB_BE "00000001 00000014 0065 0000 00040000 00000014"
#define EPB_LE \
	"06000000 48000000 00000000 00000000 60e31600 28000000 28000000" SYN "48000000"
#define EPB_BE \
	"00000006 00000048 00000000 00000000 0016e360 00000028 00000028" SYN "00000048"
#define OPB_LE /* obsolete: interface and drops have 16 bits */ \
	"02000000 48000000 0000 ffff 00000000 60e31600 28000000 28000000" SYN "48000000"
#define SPB_LE	"03000000 38000000 28000000" SYN "38000000"
#define SOME_LE "99990000 10000000 aabbccdd 10000000" /* of an unknown type */

static int digit(char c)
{
	const char *digits = "0123456789abcdef", *found = strchr(digits, c);

	assert_non_null(found);
	return (int)(found - digits);
}

static void add_hex(struct buf *out, const char *text)
{
	for (; *text; text++)
		if (*text != ' ') {
			buf_addc(out, (char)(digit(text[0]) * 16 + digit(text[1])));
			text++;
		}
}

/* Reads from memory of exactly that size, so that a sanitizer sees a byte too many. */
static struct trace *read_bytes(const void *bytes, size_t len, struct capture *c,
				struct err *err)
{
	char *copy = malloc(len ? len : 1);
	struct trace *t;

	memcpy(copy, len ? bytes : "", len);
	t = capture_read("x.cap", copy, len, NULL, c, err);
	free(copy);
	return t;
}

static struct trace *read_hex(const char *text, struct capture *c)
{
	struct buf b = BUF_EMPTY;
	struct trace *t;
	struct err err;

	add_hex(&b, text);
	t = read_bytes(b.data, b.len, c, &err);
	buf_clear(&b);
	assert_non_null(t);
	return t;
}

/* One packet at 1.5 s, the SYN. */
static void is_syn(const char *text, const char *from, const char *to)
{
	struct capture c;
	struct trace *t = read_hex(text, &c);
	const struct trace_segment *s = trace_find(t, 1);

	assert_string_equal(c.warning, "");
	assert_int_equal(trace_segments(t), 1);
	assert_int_equal(c.packets, 1);
	assert_int_equal(c.skipped, 0);
	assert_int_equal(c.cut, 0);
	assert_true(c.start > 1.4999999 && c.start < 1.5000001);
	assert_true(s->sent == 0);
	assert_int_equal(s->fate, FATE_SEEN);
	assert_string_equal(trace_host(t, s->from), from);
	assert_string_equal(trace_host(t, s->to), to);
	assert_null(s->segment.fault);
	assert_int_equal(s->segment.seq, 1000);
	assert_int_equal(s->segment.flags, FLAG_SYN);
	assert_int_equal(s->segment.len, 0);
	trace_free(t);
}

static void pcap_is_read_in_both_orders_and_units(void **unused)
{
	static const char le[] = "01000000 20a10700 28000000 28000000" SYN,
			  be[] = "00000001 0007a120 00000028 00000028" SYN,
			  nano_le[] = "01000000 0065cd1d 28000000 28000000" SYN,
			  nano_be[] = "00000001 1dcd6500 00000028 00000028" SYN,
			  modified_le[] = "01000000 20a10700 28000000 28000000"
					  "01000000 0800 00 00" SYN;
	static const struct {
		const char *header, *packet;
	} files[] = {
		{ PCAP_LE("d4c3b2a1", RAW_LE), le },
		{ PCAP_BE("a1b2c3d4", RAW_BE), be },
		{ PCAP_LE("4d3cb2a1", RAW_LE), nano_le },
		{ PCAP_BE("a1b23c4d", RAW_BE), nano_be },
		{ PCAP_LE("34cdb2a1", RAW_LE), modified_le },
	};
	char text[1000];
	size_t i;

	(void)unused;
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		snprintf(text, sizeof(text), "%s%s", files[i].header, files[i].packet);
		is_syn(text, "10.77.0.1", "10.77.0.2");
	}
}

static void pcapng_is_read_in_both_orders_and_with_all_its_packet_blocks(void **unused)
{
	(void)unused;
	is_syn(SHB_LE IDB_LE EPB_LE, "10.77.0.1", "10.77.0.2");
	is_syn(SHB_BE IDB_BE EPB_BE, "10.77.0.1", "10.77.0.2");
	is_syn(SHB_LE IDB_LE OPB_LE, "10.77.0.1", "10.77.0.2");
	is_syn(SHB_LE SOME_LE IDB_LE SOME_LE EPB_LE SOME_LE, "10.77.0.1", "10.77.0.2");
	/* the first section has no packet, and other link type and order */
	is_syn(SHB_BE
	       "00000001 00000014 0001 0000 00040000 00000014" SHB_LE IDB_LE EPB_LE,
	       "10.77.0.1", "10.77.0.2");
}

static void a_packet_without_a_time_has_that_of_the_one_before(void **unused)
{
	struct capture c;
	struct trace *t = read_hex(SHB_LE IDB_LE EPB_LE SPB_LE, &c);

	(void)unused;
	assert_int_equal(trace_segments(t), 2);
	assert_true(trace_find(t, 2)->sent == 0);
	trace_free(t);
}

static void every_link_type_leads_to_the_packet(void **unused)
{
	static const struct {
		unsigned link;
		const char *header;
		bool v6;
	} frames[] = {
		{ 101, "", false },
		{ 101, "", true },
		{ 12, "", false },
		{ 14, "", true },
		{ 228, "", false },
		{ 229, "", true },
		{ 1, "020000000002 020000000001 0800", false },
		{ 1, "020000000002 020000000001 86dd", true },
		{ 1, "020000000002 020000000001 8100 0007 0800", false },
		{ 1, "020000000002 020000000001 88a8 0007 8100 0008 86dd", true },
		/* 802.3: a length, 802.2's SNAP; a VLAN before it */
		{ 1, "020000000002 020000000001 0030 aaaa03 000000 0800", false },
		{ 1, "020000000002 020000000001 8100 0007 0044 aaaa03 000000 86dd",
		  true },
		/* MPLS, labels 16 and 17; PPPoE, a session of PPP */
		{ 1, "020000000002 020000000001 8847 00010140", false },
		{ 1, "020000000002 020000000001 8847 00010040 00011140", true },
		{ 1, "020000000002 020000000001 8864 1100 0001 002a 0021", false },
		{ 1, "020000000002 020000000001 8100 0007 8864 1100 0001 003e 0057",
		  true },
		{ 9, "ff03 0021", false },
		{ 9, "0057", true },
		{ 50, "21", false },
		/* a packet sent, Ethernet's ARPHRD, 6 bytes of address, IP */
		{ 113, "0004 0001 0006 0200000000010000 0800", false },
		{ 113, "0004 0001 0006 0200000000010000 86dd", true },
		{ 113, "0004 0001 0006 0200000000010000 8100 0007 0800", false },
		/* IP, reserved, interface 1, ARPHRD, type, length, address */
		{ 276, "0800 0000 00000001 0001 04 06 0200000000010000", false },
		{ 276, "86dd 0000 00000001 0001 04 06 0200000000010000", true },
		{ 0, "02000000", false }, /* AF_INET of a little-endian machine */
		{ 0, "00000002", false },
		{ 0, "1e000000", true }, /* AF_INET6 of macOS */
		{ 0, "0000000a", true }, /* of Linux */
		{ 108, "00000002", false },
		{ 108, "0000001c", true }, /* of FreeBSD */
	};
	char text[1000];
	size_t i, len;

	(void)unused;
	for (i = 0; i < sizeof(frames) / sizeof(frames[0]); i++) {
		struct buf header = BUF_EMPTY;

		add_hex(&header, frames[i].header);
		len = header.len + (frames[i].v6 ? 60 : 40);
		buf_clear(&header);
		snprintf(text, sizeof(text),
			 PCAP_BE("a1b2c3d4",
				 "%08x") "00000001 0007a120 %08zx %08zx %s %s",
			 frames[i].link, len, len, frames[i].header,
			 frames[i].v6 ? SYN6 : SYN);
		is_syn(text, frames[i].v6 ? "fd77::1" : "10.77.0.1",
		       frames[i].v6 ? "fd77::2" : "10.77.0.2");
	}
}

static void what_is_no_segment_is_counted(void **unused)
{
	struct capture c;
	struct trace *t = read_hex(
		PCAP_BE("a1b2c3d4", "00000001")
		/* ARP, a frame cut within its header, within a tag; nothing at all */
		"00000001 00000000 00000012 00000012 020000000002 020000000001 0806 00010800"
		"00000002 00000000 0000000d 00000040 020000000002 020000000001 08"
		"00000003 00000000 00000010 00000040 020000000002 020000000001 8100 0007"
		"00000004 00000000 00000000 00000040"
		"00000005 00000000 0000002a 0000002a 020000000002 020000000001 0800" UDP
		"00000006 00000000 00000026 00000026 020000000002 020000000001 0800" FRAGMENT
		"00000007 00000000 00000036 00000036 020000000002 020000000001 0800" SYN,
		&c);

	(void)unused;
	assert_string_equal(c.warning, "");
	assert_int_equal(c.packets, 7);
	assert_int_equal(c.skipped, 6);
	assert_string_equal(c.reasons[0].why, "ARP");
	assert_string_equal(c.reasons[1].why, "a frame that ends in its header");
	assert_int_equal(c.reasons[1].packets, 3);
	assert_string_equal(c.reasons[2].why, "UDP, not TCP");
	assert_string_equal(c.reasons[3].why, "a fragment");
	assert_int_equal(c.reasons[4].packets, 0);
	assert_int_equal(trace_segments(t), 1);
	assert_int_equal(trace_hosts(t), 2);
	trace_free(t);
}

static void padding_of_short_frames_is_no_payload(void **unused)
{
	struct capture c;
	struct trace *t = read_hex(
		PCAP_BE("a1b2c3d4",
			"00000001") "00000001 0007a120 0000003c 0000003c 020000000002 020000000001 0800" SYN
				    "deadbeefdead",
		&c);

	(void)unused;
	assert_int_equal(trace_find(t, 1)->packet_len, 40);
	assert_int_equal(trace_find(t, 1)->segment.len, 0);
	trace_free(t);
}

static void a_packet_of_which_only_a_part_was_captured_stays(void **unused)
{
	struct capture c;
	struct trace *t = read_hex(
		PCAP_BE("a1b2c3d4",
			RAW_BE) "00000001 0007a120 00000028 0000002d"
				"4500 002d 0001 4000 4006 262e 0a4d0001 0a4d0002"
				"9c40 0050 000003e9 00001389 5018 ffff a356 0000",
		&c);

	(void)unused;
	assert_string_equal(c.warning, "");
	assert_int_equal(c.cut, 1);
	assert_int_equal(trace_segments(t), 1);
	assert_int_equal(trace_find(t, 1)->segment.seq, 1001);
	assert_int_equal(trace_find(t, 1)->packet_len, 40);
	trace_free(t);
}

/*
 * A handshake's SYN, then "hello" and its FIN, each with so many bytes captured: as of tcpdump -s.
 * packet: 40 bytes of headers, then "hello".
 */
static struct trace *read_cut(unsigned captured, struct capture *c)
{
	char text[1000], *digits;
	size_t len;

	snprintf(text, sizeof(text),
		 PCAP_BE("a1b2c3d4", RAW_BE) "00000001 00000000 00000028 00000028" SYN
					     "00000002 00000000 %08x 0000002d " HELLO,
		 captured);
	/* HELLO without its last bytes. */
	len = strlen(text);
	digits = text + len - (size_t)(45 - captured) * 2;
	*digits = '\0';
	return read_hex(text, c);
}

static void segments_cut_by_a_short_snaplen_are_of_their_conversation(void **unused)
{
	struct capture c;
	struct trace *t = read_cut(42, &c);
	struct trace_segment *s = trace_find(t, 2);
	struct buf text = BUF_EMPTY;

	(void)unused;
	assert_int_equal(c.cut, 1);
	assert_int_equal(trace_conns(t), 1);
	assert_null(s->segment.fault);
	assert_int_equal(s->segment.len, 5);
	assert_int_equal(s->segment.cut, 3);
	assert_int_equal(segment_kept(&s->segment), 2);
	assert_int_equal(trace_seq(t, s), 1);
	view_line(t, s, 0, NULL, &text);
	assert_non_null(strstr(buf_str(&text), "len=5 \"he\"..."));
	buf_reset(&text);
	view_show(t, s, 0, 0, &text);
	assert_non_null(strstr(buf_str(&text), "Here are my bytes 1 to 5."));
	assert_non_null(
		strstr(buf_str(&text), "the last 3 bytes of it were not captured"));
	assert_null(strstr(buf_str(&text), "checksum"));
	buf_reset(&text);
	view_explain(t, s, 400 * VIEW_COLUMNS, &text);
	assert_non_null(strstr(buf_str(&text), "The last 3 of them were not captured."));
	buf_reset(&text);
	view_json(t, NULL, &text);
	assert_non_null(strstr(buf_str(&text), "\"data_cut\":3"));
	buf_reset(&text);
	view_ladder(t, &(struct ladder_options){ 0 }, &text);
	assert_non_null(strstr(buf_str(&text), "len=5"));
	buf_clear(&text);
	trace_free(t);
}

static void a_cut_capture_saved_and_loaded_again_is_as_cut(void **unused)
{
	struct capture c;
	struct trace *t = read_cut(42, &c), *again;
	struct buf file = BUF_EMPTY;
	struct err err;

	(void)unused;
	pcapng_write(t, 0, NULL, &file, NULL);
	again = read_bytes(file.data, file.len, &c, &err);
	assert_int_equal(c.cut, 1);
	assert_int_equal(trace_find(again, 2)->segment.cut, 3);
	assert_int_equal(trace_find(again, 2)->segment.len, 5);
	buf_clear(&file);
	trace_free(again);
	trace_free(t);
}

/* tcpdump -s cuts options, too: the SYN's MSS here. */
static void a_segment_whose_options_were_cut_is_read_without_them(void **unused)
{
	struct capture c;
	struct trace
		*t = read_hex(
			PCAP_BE("a1b2c3d4",
				RAW_BE) "00000001 00000000 00000028 0000002c"
					"4500 002c 0001 4000 4006 262f 0a4d0001 0a4d0002"
					"9c40 0050 000003e8 00000000 6002 ffff 0000 0000",
			&c),
		*again;
	struct trace_segment *s = trace_find(t, 1);
	struct buf text = BUF_EMPTY;
	struct err err;

	(void)unused;
	assert_int_equal(c.cut, 1);
	assert_null(s->segment.fault);
	view_show(t, s, 0, 0, &text);
	assert_non_null(strstr(buf_str(&text), "len 0   options: not captured\n"));
	assert_null(strstr(buf_str(&text), "checksum"));
	buf_reset(&text);
	view_explain(t, s, 400 * VIEW_COLUMNS, &text);
	assert_non_null(strstr(buf_str(&text), "Its options were not all captured."));
	buf_reset(&text);
	view_json(t, NULL, &text);
	assert_non_null(strstr(buf_str(&text), "\"options_cut\":true"));
	assert_null(strstr(buf_str(&text), "data_cut"));
	buf_reset(&text);
	pcapng_write(t, 0, NULL, &text, NULL);
	again = read_bytes(text.data, text.len, &c, &err);
	assert_int_equal(trace_find(again, 1)->segment.cut, 4);
	assert_null(trace_find(again, 1)->segment.fault);
	buf_clear(&text);
	trace_free(again);
	trace_free(t);
}

static void headers_that_were_cut_are_a_fault(void **unused)
{
	struct capture c;
	struct trace *t = read_cut(30, &c);

	(void)unused;
	assert_string_equal(trace_find(t, 2)->segment.fault,
			    "TCP header not captured whole");
	trace_free(t);
}

/* The SYN at 0 seconds of the interface's clock, then HELLO at that stamp. */
static void time_is(const char *options, const char *stamp, double start, double after)
{
	struct buf o = BUF_EMPTY;
	struct capture c;
	struct trace *t;
	char text[1000];

	add_hex(&o, options);
	snprintf(text, sizeof(text),
		 SHB_BE
		 "00000001 %08zx 0065 0000 00000000 %s %08zx"
		 "00000006 00000048 00000000 0000000000000000 00000028 00000028" SYN
		 "00000048"
		 "00000006 00000050 00000000 %s 0000002d 0000002d" HELLO
		 "000000 00000050",
		 o.len + 20, options, o.len + 20, stamp);
	t = read_hex(text, &c);
	assert_string_equal(c.warning, "");
	assert_int_equal(trace_segments(t), 2);
	if (c.start != start)
		fail_msg("%s: begins at %.12f, not %.12f", options, c.start, start);
	if (trace_find(t, 2)->sent != after)
		fail_msg("%s %s: %.12f, not %.12f", options, stamp,
			 trace_find(t, 2)->sent, after);
	trace_free(t);
	buf_clear(&o);
}

static void times_have_the_resolution_that_the_interface_says(void **unused)
{
	(void)unused;
	time_is("", "00000000 000f4241", 0, 1.000001); /* microseconds by default */
	time_is("0009 0001 09000000", "00000000 3b9aca01", 0, 1.000000001);
	time_is("0009 0001 06000000 0000 0000", "00000000 00000001", 0, 0.000001);
	time_is("0009 0001 00000000", "00000000 00000007", 0, 7);
	time_is("0009 0001 03000000", "00000001 00000000", 0, 4294967.296);
	time_is("0009 0001 0c000000", "00000000 77359400", 0, 0.002); /* picoseconds */
	time_is("0009 0001 80000000", "00000000 00000007", 0, 7);     /* 2^-0 */
	time_is("0009 0001 81000000", "00000000 00000007", 0, 3.5);
	time_is("0009 0001 a0000000", "00000001 40000000", 0, 1.25); /* 2^-32 */
	time_is("0009 0001 bf000000", "c0000000 00000000", 0, 1.5);  /* 2^-63 */
	time_is("0009 0001 ff000000", "ffffffff ffffffff", 0, 0);    /* 2^-127 */
	time_is("0009 0001 7f000000", "ffffffff ffffffff", 0, 0);    /* 10^-127 */
	time_is("0009 0001 14000000", "8ac72304 89e80000", 0, 0.1);  /* 10^-20 */
	time_is("000e 0008 0000000000000064", "00000000 0007a120", 100, 0.5);
	time_is("000e 0008 ffffffffffffffff", "00000000 001e8480", 0,
		1); /* not before 1970 */
	time_is("000e 0008 7fffffffffffffff", "00000000 001e8480", 9223372036.854775807,
		0);
	time_is("0009 0001 00000000", "ffffffff ffffffff", 0, 9223372036.854775807);
}

static void segments_are_in_the_order_of_their_times(void **unused)
{
	struct capture c;
	struct trace *t = read_hex(
		PCAP_BE("a1b2c3d4", RAW_BE) "00000009 00000000 0000002d 0000002d" HELLO
					    "00000007 00000000 00000028 00000028" SYN,
		&c);

	(void)unused;
	assert_true(c.start == 7);
	assert_int_equal(trace_find(t, 1)->segment.seq, 1000);
	assert_int_equal(trace_find(t, 2)->segment.seq, 1001);
	assert_true(trace_find(t, 2)->sent == 2);
	trace_free(t);
}

static void comments_of_others_become_notes(void **unused)
{
	struct capture c;
	struct trace *t = read_hex(
		/* "lab" on the section; on the packet "look", "" and "#7 a -> b" */
		"0a0d0d0a 00000028 1a2b3c4d 0001 0000 ffffffff ffffffff"
		"0001 0003 6c616200 0000 0000 00000028" IDB_BE
		"00000006 00000068 00000000 00000000 0016e360 00000028 00000028" SYN
		"0001 0004 6c6f6f6b 0001 0000 0001 0009 2337 2061202d3e2062 000000"
		"0000 0000 00000068",
		&c);
	const struct trace_event *e;
	struct buf text = BUF_EMPTY;

	(void)unused;
	assert_string_equal(c.warning, "");
	assert_int_equal(trace_events(t), 4);
	e = trace_event(t, 0);
	assert_int_equal(e->kind, TRACE_NOTE);
	assert_string_equal(e->text, "lab");
	assert_int_equal(trace_event(t, 1)->kind, TRACE_SENT);
	e = trace_event(t, 2);
	assert_int_equal(e->kind, TRACE_NOTE);
	assert_string_equal(e->text, "look");
	assert_string_equal(trace_event(t, 3)->text, "#7 a -> b");
	assert_int_equal(e->number, 1);
	view_show(t, trace_find(t, 1), 0, 0, &text);
	assert_non_null(
		strstr(buf_str(&text), "    comment: look\n    comment: #7 a -> b\n"));
	buf_clear(&text);
	trace_free(t);
}

static void damage_is_named_with_its_place_and_what_came_before_stays(void **unused)
{
	static const struct {
		const char *text;
		size_t segments;
		const char *warning;
	} files[] = {
		{ SHB_LE IDB_LE EPB_LE "06000000 07000000 00000000", 1,
		  "block at byte 120: length 7 is not a multiple of 4" },
		{ SHB_LE IDB_LE EPB_LE "06000000 08000000 08000000", 1,
		  "block at byte 120: length 8 is less than 12" },
		{ SHB_LE IDB_LE EPB_LE "06000000 000000f0 00000000", 1,
		  "block at byte 120: length 4026531840, but the file ends after 12 bytes" },
		{ SHB_LE IDB_LE EPB_LE "0600", 1,
		  "block at byte 120: 2 bytes left, a block has 12 or more" },
		{ SHB_LE IDB_LE EPB_LE "99990000 10000000 aabbccdd 14000000", 1,
		  "block at byte 120: length 16 at its beginning, 20 at its end" },
		{ SHB_LE EPB_LE, 0,
		  "block at byte 28: interface 0 is not described before it" },
		{ SHB_LE SPB_LE, 0,
		  "block at byte 28: interface 0 is not described before it" },
		{ SHB_LE IDB_LE SHB_LE EPB_LE, 0,
		  "block at byte 76: interface 0 is not described before it" },
		{ SHB_LE "01000000 0c000000 0c000000", 0,
		  "block at byte 28: an interface's description of 0 bytes" },
		{ SHB_LE IDB_LE "06000000 10000000 00000000 10000000", 0,
		  "block at byte 48: a packet's block of 4 bytes" },
		{ SHB_LE IDB_LE
		  "06000000 20000000 00000000 00000000 00000000 01000000 01000000 20000000",
		  0, "block at byte 48: a packet of 1 byte in a block for 0" },
		{ SHB_LE IDB_LE "03000000 10000000 05000000 10000000", 0,
		  "block at byte 48: a packet of 5 bytes in a block for 0" },
		{ SHB_LE IDB_LE "03000000 0c000000 0c000000", 0,
		  "block at byte 48: a packet's block of 0 bytes" },
		{ SHB_LE "0a0d0d0a 1c000000 11223344 01000000 ffffffff ffffffff 1c000000",
		  0, "block at byte 28: 11 22 33 44 is no byte order" },
		{ SHB_LE "0a0d0d0a 1c000000 4d3c2b1a 02000100 ffffffff ffffffff 1c000000",
		  0, "block at byte 28: version 2.1 of pcapng is not known" },
		{ SHB_LE "0a0d0d0a 10000000 4d3c2b1a 10000000", 0,
		  "block at byte 28: a section's header of 4 bytes" },
		{ SHB_LE "01000000 18000000 6500 0000 00000400 0900 0800 18000000", 0,
		  "block at byte 28: option 9 has 8 bytes, the block 0" },
		{ SHB_LE IDB_LE "06000000 4c000000 00000000 00000000 60e31600 28000000"
				"28000000" SYN "0100 0500 4c000000",
		  1, "block at byte 48: option 1 has 5 bytes, the block 0" },
		{ SHB_LE "01000000 14000000 7f00 0000 00000400 14000000" EPB_LE, 0,
		  "link type 127 is not understood: its packets are left out" },
		{ PCAP_LE("d4c3b2a1", RAW_LE) "01000000 20a10700 28000000 28000000" SYN
					      "01000000 20a10700 28000000 280000",
		  1, "packet at byte 80: 15 bytes left, a header has 16" },
		{ PCAP_LE("d4c3b2a1", RAW_LE) "01000000 20a10700 ffffffff 28000000" SYN,
		  0,
		  "packet at byte 24: length 4294967295, but the file ends after 40 bytes" },
		{ PCAP_LE("d4c3b2a1",
			  "7f000000") "01000000 20a10700 28000000 28000000" SYN,
		  0, "link type 127 is not understood: its packets are left out" },
	};
	struct capture c;
	size_t i;

	(void)unused;
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct trace *t = read_hex(files[i].text, &c);

		assert_memory_equal(c.warning, "x.cap: ", 7);
		assert_string_equal(c.warning + 7, files[i].warning);
		assert_int_equal(trace_segments(t), files[i].segments);
		trace_free(t);
	}
}

static void what_is_no_capture_is_told_apart(void **unused)
{
	static const struct {
		const char *bytes;
		size_t len;
		const char *message;
	} files[] = {
		{ "", 0, "x.cap: the file is empty" },
		{ "\n", 1, "x.cap: neither pcap nor pcapng" },
		{ "{\"a\": 1}", 8, "x.cap: neither pcap nor pcapng" },
		{ "\x1f\x8b\x08\x00", 4, "x.cap: neither pcap nor pcapng" },
		{ "\n\r\r\n", 4, "x.cap: cut off within its header" },
		{ "\xd4\xc3\xb2\xa1\x02\x00\x04", 7, "x.cap: cut off within its header" },
	};
	struct capture c;
	struct err err;
	size_t i;

	(void)unused;
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		assert_null(read_bytes(files[i].bytes, files[i].len, &c, &err));
		assert_string_equal(err.message, files[i].message);
	}
	assert_null(read_bytes("\x1f\x8b", 2, &c, &err));
	assert_non_null(strstr(err.hint, "gunzip"));
}

static void a_file_cut_off_anywhere_gives_what_came_before(void **unused)
{
	static const char *const files[] = {
		SHB_LE IDB_LE EPB_LE SOME_LE OPB_LE SPB_LE,
		SHB_BE IDB_BE EPB_BE SHB_LE IDB_LE EPB_LE EPB_LE,
		PCAP_LE("d4c3b2a1", RAW_LE) "01000000 20a10700 28000000 28000000" SYN
					    "01000000 20a10700 2d000000 2d000000" HELLO
					    "01000000 20a10700 28000000 28000000" SYN,
	};
	struct buf b = BUF_EMPTY;
	struct capture c;
	struct err err;
	size_t i, len, before;

	(void)unused;
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		buf_reset(&b);
		add_hex(&b, files[i]);
		for (len = before = 0; len <= b.len; len++) {
			struct trace *t = read_bytes(b.data, len, &c, &err);

			if (!t)
				continue;
			assert_true(trace_segments(t) >= before);
			before = trace_segments(t);
			trace_free(t);
		}
		assert_int_equal(before, 3);
	}
	buf_clear(&b);
}

/* An interface of Ethernet, a packet on it at so many microseconds. */
#define IDB_ETHERNET "00000001 00000014 0001 0000 00040000 00000014"
#define ON_RAW(us) \
	"00000006 00000048 00000000 00000000" us "00000028 00000028" SYN "00000048"
#define ON_ETHERNET(us)                                              \
	"00000006 00000058 00000001 00000000" us "00000036 00000036" \
	"020000000002 020000000001 0800" SYN "0000"                  \
	"00000058"

static void a_packet_captured_on_two_interfaces_is_taken_once(void **unused)
{
	static const struct {
		const char *packets;
		size_t segments, twice;
	} files[] = {
		{ ON_ETHERNET("00000001") ON_RAW("00000000"), 1, 1 },
		{ ON_RAW("00000000") ON_ETHERNET("00000000"), 1, 1 },
		/* It was sent again, and again both saw it. */
		{ ON_RAW("00000000") ON_ETHERNET("00000001") ON_ETHERNET("000f4241")
			  ON_RAW("000f4240"),
		  2, 2 },
		{ ON_RAW("00000000") ON_RAW("00000001"), 2, 0 },
		/* Much later: it is another one. */
		{ ON_RAW("00000000") ON_ETHERNET("000f4240"), 2, 0 },
	};
	char text[2000];
	struct capture c;
	size_t i;

	(void)unused;
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct trace *t;

		snprintf(text, sizeof(text), "%s%s", SHB_BE IDB_BE IDB_ETHERNET,
			 files[i].packets);
		t = read_hex(text, &c);
		assert_int_equal(trace_segments(t), files[i].segments);
		assert_int_equal(c.twice, files[i].twice);
		assert_int_equal(trace_find(t, 1)->again, 0);
		trace_free(t);
	}
}

static bool comes_after(void *asks)
{
	return (*(int *)asks)-- <= 0;
}

static void reading_ends_where_it_is_interrupted(void **unused)
{
	static const char text[] = SHB_LE IDB_LE EPB_LE OPB_LE;
	struct interrupt interrupt = { comes_after, NULL };
	struct buf b = BUF_EMPTY;
	struct trace *t = NULL;
	struct capture c;
	struct err err;
	int asks, n;

	(void)unused;
	add_hex(&b, text);
	interrupt.arg = &asks;
	for (n = 0; !t; n++) {
		asks = n;
		t = capture_read("x.cap", b.data, b.len, &interrupt, &c, &err);
		if (!t)
			assert_string_equal(err.code, "interrupted");
	}
	assert_string_equal(err.message, "x.cap: interrupted");
	assert_int_equal(trace_segments(t), 2);
	/* It was asked before each block and each packet. */
	assert_true(n > 4 + 2);
	trace_free(t);
	buf_clear(&b);
}

/* For tests/peers: what is read from a file, a segment a line. */
static int print_file(const char *name)
{
	struct buf file = BUF_EMPTY;
	FILE *f = fopen(name, "rb");
	char block[4096], from[ADDR_TEXT_MAX], to[ADDR_TEXT_MAX], flags[40];
	struct capture c;
	struct trace *t;
	struct err err;
	unsigned i;
	size_t n;

	if (!f)
		return 1;
	while ((n = fread(block, 1, sizeof(block), f)) > 0)
		buf_add(&file, block, n);
	fclose(f);
	t = capture_read(name, file.data, file.len, NULL, &c, &err);
	buf_clear(&file);
	printf("%zu packets, %zu skipped, %zu cut: %s\n", c.packets, c.skipped, c.cut,
	       t ? c.warning : err.message);
	for (i = 1; t && i <= trace_segments(t); i++) {
		const struct trace_segment *s = trace_find(t, i);

		printf("%.6f %s %s %s %zu %d\n", c.start + s->sent,
		       addr_format(&s->segment.from, from),
		       addr_format(&s->segment.to, to),
		       segment_flags_text(s->segment.flags, flags), s->segment.len,
		       s->fate);
	}
	trace_free(t);
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pcap_is_read_in_both_orders_and_units),
		cmocka_unit_test(
			pcapng_is_read_in_both_orders_and_with_all_its_packet_blocks),
		cmocka_unit_test(a_packet_without_a_time_has_that_of_the_one_before),
		cmocka_unit_test(every_link_type_leads_to_the_packet),
		cmocka_unit_test(what_is_no_segment_is_counted),
		cmocka_unit_test(a_packet_captured_on_two_interfaces_is_taken_once),
		cmocka_unit_test(reading_ends_where_it_is_interrupted),
		cmocka_unit_test(padding_of_short_frames_is_no_payload),
		cmocka_unit_test(a_packet_of_which_only_a_part_was_captured_stays),
		cmocka_unit_test(
			segments_cut_by_a_short_snaplen_are_of_their_conversation),
		cmocka_unit_test(a_cut_capture_saved_and_loaded_again_is_as_cut),
		cmocka_unit_test(a_segment_whose_options_were_cut_is_read_without_them),
		cmocka_unit_test(headers_that_were_cut_are_a_fault),
		cmocka_unit_test(times_have_the_resolution_that_the_interface_says),
		cmocka_unit_test(segments_are_in_the_order_of_their_times),
		cmocka_unit_test(comments_of_others_become_notes),
		cmocka_unit_test(
			damage_is_named_with_its_place_and_what_came_before_stays),
		cmocka_unit_test(what_is_no_capture_is_told_apart),
		cmocka_unit_test(a_file_cut_off_anywhere_gives_what_came_before),
	};

	if (argc == 2)
		return print_file(argv[1]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
