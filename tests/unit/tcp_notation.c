/* tcp_notation.c - segments as text: what is read, and what is said about what is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tcp/notation.h"

static struct segment seg;
static struct buf data;

/* The parts that the text gives; the segment is seg. */
static int read_text(const char *text)
{
	struct err err;
	int parts;

	segment_init(&seg);
	parts = notation_parse(&seg, text, 0, 0, &data, &err);
	if (parts < 0)
		print_error("%s\n", err.message);
	assert_true(parts >= 0);
	return parts;
}

/* The sentence about a text that is wrong. */
static const char *refused(const char *text)
{
	static struct err err;

	segment_init(&seg);
	assert_int_equal(notation_parse(&seg, text, 0, 0, NULL, &err), -22);
	return err.message;
}

static const char *written(void)
{
	static struct buf text;

	buf_reset(&text);
	notation_format(&seg, 0, 0, &text);
	return text.data;
}

static void a_segment_reads_back_as_it_was_written(void **unused)
{
	static const char *const texts[] = {
		"S 0:0(0) win 65535 <mss 1460,sackOK,TS val 1 ecr 0,nop,wscale 7>",
		"S. 0:0(0) ack 1 win 5792 <mss 1460,nop,nop,sackOK,nop,wscale 0>",
		". 1:1(0) ack 1 win 257 <nop,nop,TS val 4294967295 ecr 3>",
		"P. 1:6(5) ack 1 win 257",
		"F. 6:6(0) ack 1 win 257 <nop,nop,sack 1:3 5:7>",
		"R 7:7(0) win 0",
		"none 0:0(0) win 0",
		"FSRP.UEW 4294967295:1(2) ack 0 win 1 urg 9",
		"S 0:0(0) win 1 <tfo cookiereq>",
		"S 0:0(0) win 1 <tfo cookie 0123456789abcdef>",
		"S 0:0(0) win 1 <unknown-30 0x0081,unknown-253>",
	};
	size_t i;

	(void)unused;
	for (i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		read_text(texts[i]);
		assert_string_equal(written(), texts[i]);
	}
}

static void lines_of_tcpdump_are_read(void **unused)
{
	(void)unused;
	read_text("Flags [S], seq 893249874, win 64240, options [mss 1460,sackOK,"
		  "TS val 1624784495 ecr 0,nop,wscale 10], length 0");
	assert_string_equal(written(), "S 893249874:893249874(0) win 64240 <mss 1460,"
				       "sackOK,TS val 1624784495 ecr 0,nop,wscale 10>");
	read_text("Flags [P.U], seq 8:9, ack 12, win 63, urg 1, options [nop,nop,"
		  "TS val 1 ecr 2], length 1");
	assert_string_equal(written(),
			    "P.U 8:9(1) ack 12 win 63 urg 1 <nop,nop,TS val 1 ecr 2>");
	read_text(
		"Flags [.], ack 1, win 5, options [nop,nop,sack 2 {1:3}{5:7}], length 0");
	assert_int_equal(seg.options.sacks, 2);
	assert_int_equal(seg.options.sack[1].right, 7);
	read_text("Flags [none], seq 1, win 5, length 0");
	assert_int_equal(seg.flags, 0);
}

static void flags_may_be_names(void **unused)
{
	(void)unused;
	read_text("SYN,ACK 0:0(0) ack 1 win 5");
	assert_int_equal(seg.flags, FLAG_SYN | FLAG_ACK);
	read_text("PSH,ACK, seq 1:2, ack 1");
	assert_int_equal(seg.flags, FLAG_PSH | FLAG_ACK);
	read_text("ACK ack 5");
	assert_int_equal(seg.flags, FLAG_ACK);
	assert_int_equal(seg.ack, 5);
}

static void only_the_parts_given_are_written(void **unused)
{
	struct err err;

	(void)unused;
	segment_init(&seg);
	seg.window = 77;
	seg.len = 5;
	seg.payload = (const uint8_t *)"hello";
	assert_int_equal(notation_parse(&seg, "S. ack 7", 0, 0, &data, &err),
			 PART_FLAGS | PART_ACK);
	assert_int_equal(seg.window, 77);
	assert_int_equal(seg.len, 5);
	assert_string_equal(seg.payload, "hello");
	assert_int_equal(notation_parse(&seg, "", 0, 0, &data, &err), 0);
	assert_int_equal(notation_parse(&seg, "R win 5 <mss", 0, 0, &data, &err), -22);
	assert_int_equal(seg.flags, FLAG_SYN | FLAG_ACK);
	assert_int_equal(seg.window, 77);
	assert_int_equal(read_text("S 0:0(0) win 1 urg 2 ack 3 <>"), 127);
}

static void bases_are_taken_off_and_added(void **unused)
{
	struct buf text = BUF_EMPTY;
	struct err err;

	(void)unused;
	segment_init(&seg);
	assert_true(notation_parse(&seg, ". 1:1(0) ack 2 win 1 <sack 5:7>", 0xffffffff,
				   100, NULL, &err) > 0);
	assert_int_equal(seg.seq, 0);
	assert_int_equal(seg.ack, 102);
	assert_int_equal(seg.options.sack[0].left, 105);
	notation_format(&seg, 0xffffffff, 100, &text);
	assert_string_equal(text.data, ". 1:1(0) ack 2 win 1 <nop,nop,sack 5:7>");
	buf_clear(&text);
}

static void a_payload_is_text_or_zero_bytes(void **unused)
{
	(void)unused;
	assert_true(read_text("P. 1:4(3) ack 1 win 1 \"a\\n\\x00\"") & PART_LEN);
	assert_int_equal(seg.len, 3);
	assert_memory_equal(seg.payload, "a\n\0", 3);
	read_text("P. 1 'a\\n'");
	assert_int_equal(seg.len, 3);
	assert_memory_equal(seg.payload, "a\\n", 3);
	read_text("P. 1:11(10)");
	assert_int_equal(seg.len, 10);
	assert_memory_equal(seg.payload, "\0\0\0\0\0\0\0\0\0\0", 10);
}

static void an_mss_of_0_can_be_sent(void **unused)
{
	(void)unused;
	read_text("S 0:0(0) <mss 0>");
	assert_int_equal(seg.options.other_len, 4);
	assert_string_equal(written(), "S 0:0(0) win 0 <unknown-2 0x0000>");
}

static void what_cannot_be_read_is_told_with_its_place(void **unused)
{
	static const struct {
		const char *text, *message;
	} rows[] = {
		{ "S 0:0(0) wim 5",
		  "segment, column 10, at \"wim 5\": this is none of flags (S. or SYN,ACK), "
		  "SEQ:END(LEN), ack N, win N, urg N, <OPTIONS>, \"DATA\"" },
		{ "S 0:5(4)",
		  "segment, column 7, at \"4)\": the length is 4 here and 5 before" },
		{ "S 0:5(5", "segment, column 8, at the end: the bracket ) is missing" },
		{ "S 0:0(0) win 65536",
		  "segment, column 14, at \"65536\": the window (as in the header, not "
		  "scaled) is at most 65535" },
		{ "S 0:0(0) ack", "segment, column 13, at the end: the acknowledgment, a "
				  "number, is missing" },
		{ "S 4294967296",
		  "segment, column 3, at \"4294967296\": the sequence number "
		  "is at most 4294967295" },
		{ "S 0x10",
		  "segment, column 3, at \"0x10\": the sequence number is a number "
		  "in decimal digits" },
		{ "S S",
		  "segment, column 3, at \"S\": flags are given for the second time" },
		{ "S <mss 1460",
		  "segment, column 12, at the end: after an option comes a "
		  "comma or the bracket >" },
		{ "S <mms 1460>",
		  "segment, column 4, at \"mms 1460>\": an option is mss N, sackOK, "
		  "TS val N ecr N, wscale N, sack FROM:TO, tfo cookie HEX, "
		  "unknown-KIND 0xHEX, nop or eol" },
		{ "S <TS 1 2>",
		  "segment, column 7, at \"1 2>\": a timestamp is written TS "
		  "val N ecr N" },
		{ "S <sack 1>", "segment, column 10, at \">\": a SACK block is written "
				"FROM:TO" },
		{ "S <sack 1:2 3:4 5:6 7:8 9:10>",
		  "segment, column 25, at \"9:10>\": at most 4 blocks are possible" },
		{ "S <wscale 256>",
		  "segment, column 11, at \"256>\": the window scale is at most 255" },
		{ "S <tfo cookie 012>",
		  "segment, column 17, at \"2>\": hexadecimal digits "
		  "come in pairs" },
		{ "S <unknown-1>", "segment, column 12, at \"1>\": the kinds 0 and 1 are "
				   "written eol and nop" },
		{ "S 1 \"abc", "segment, column 5, at \"\\\"abc\": the quote \" is not "
			       "closed" },
		{ "S 1:3(2) \"abc\"",
		  "segment, column 10, at \"\\\"abc\\\"\": the length is 3 "
		  "here and 2 before" },
		{ "S 5:4(4294967295)",
		  "segment, column 3, at \"5:4(4294967295)\": the range is longer than a "
		  "packet" },
		{ "Flags [S", "segment, column 9, at the end: the bracket ] is missing" },
		{ "Flags [X]",
		  "segment, column 8, at \"X]\": flags are letters of S F R P . "
		  "U E W, or none" },
		{ "S options 5",
		  "segment, column 11, at \"5\": the bracket [ is missing" },
		{ "< S 0:0(0)",
		  "segment, column 1, at \"< S 0:0(0)\": here from and to say the "
		  "direction, not < and >" },
		{ ">F. 1:1(0)",
		  "segment, column 1, at \">F. 1:1(0)\": here from and to say the "
		  "direction, not < and >" },
		{ "\x1b[2J",
		  "segment, column 1, at \"\\x1b[2J\": this is none of flags (S. "
		  "or SYN,ACK), SEQ:END(LEN), ack N, win N, urg N, <OPTIONS>, "
		  "\"DATA\"" },
	};
	size_t i;

	(void)unused;
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_string_equal(refused(rows[i].text), rows[i].message);
}

static void more_options_than_a_header_has_room_for_are_refused(void **unused)
{
	static const char forty[] =
		"S <unknown-9 0x"
		"0000000000000000000000000000000000000000000000000000000000000000000000000000";
	char text[200];

	(void)unused;
	snprintf(text, sizeof(text), "%s>", forty);
	read_text(text);
	assert_int_equal(seg.options.other_len, 40);
	snprintf(text, sizeof(text), "%s00>", forty);
	assert_non_null(strstr(refused(text), "at most 38 bytes are possible here"));
	snprintf(text, sizeof(text), "%s,unknown-9>", forty);
	assert_non_null(strstr(refused(text), "there is no room for this option"));
	snprintf(text, sizeof(text), "%s,mss 0>", forty);
	assert_non_null(strstr(refused(text), "there is no room for this option"));
}

static int data_free(void **unused)
{
	(void)unused;
	buf_clear(&data);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_segment_reads_back_as_it_was_written),
		cmocka_unit_test(lines_of_tcpdump_are_read),
		cmocka_unit_test(flags_may_be_names),
		cmocka_unit_test(only_the_parts_given_are_written),
		cmocka_unit_test(bases_are_taken_off_and_added),
		cmocka_unit_test(a_payload_is_text_or_zero_bytes),
		cmocka_unit_test(an_mss_of_0_can_be_sent),
		cmocka_unit_test(what_cannot_be_read_is_told_with_its_place),
		cmocka_unit_test(more_options_than_a_header_has_room_for_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, data_free);
}
