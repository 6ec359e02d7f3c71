/* trace_line.c - a segment in one line, and in a few, compared with texts. */
#include <locale.h>

#include "base/text.h"
#include "trace_play.h"

static const char *shown(struct play *p, unsigned number, double now)
{
	buf_reset(&p->text);
	view_show(p->t, trace_find(p->t, number), 0, now, &p->text);
	return buf_str(&p->text);
}

static const char *all_lines(struct play *p, unsigned how)
{
	struct buf text = BUF_EMPTY;
	unsigned i;

	for (i = 1; i <= trace_segments(p->t); i++) {
		view_line(p->t, trace_find(p->t, i), how, NULL, &text);
		buf_addc(&text, '\n');
	}
	buf_clear(&p->text);
	p->text = text;
	return buf_str(&p->text);
}

static void lines_stand_in_columns(void **unused)
{
	struct play p = play_new();

	(void)unused;
	play_handshake(&p);
	play_hello(&p);
	put(&p, CLIENT, "FIN,ACK", 6, 1, NULL);
	lose(&p, put(&p, SERVER, "RST", 1, 0, NULL), NULL);
	assert_string_equal(
		all_lines(&p, 0),
		"#1  client -> server  SYN      seq=0         win=64240 mss=1460 ws=10  DELIVERED\n"
		"#2  server -> client  SYN,ACK  seq=0 ack=1   win=65160 mss=1460 ws=10  DELIVERED\n"
		"#3  client -> server  ACK      seq=1 ack=1   win=64512                 DELIVERED\n"
		"#4  client -> server  PSH,ACK  seq=1 ack=1   win=64512 len=5 \"hello\"   DELIVERED\n"
		"#5  server -> client  ACK      seq=1 ack=6   win=64512                 DELIVERED\n"
		"#6  client -> server  FIN,ACK  seq=6 ack=1   win=64512                 HELD\n"
		"#7  server -> client  RST      seq=1         win=64512                 DROPPED\n");
	play_free(&p);
}

static void a_brief_line_has_neither_window_nor_options(void **unused)
{
	struct play p = play_new();

	(void)unused;
	play_handshake(&p);
	pass(&p, CLIENT, "PSH,ACK", 1, 1, "GET /index.html HTTP/1.1\r\n\r\n");
	assert_string_equal(
		all_lines(&p, VIEW_BRIEF),
		"#1  client -> server  SYN      seq=0                                   DELIVERED\n"
		"#2  server -> client  SYN,ACK  seq=0 ack=1                             DELIVERED\n"
		"#3  client -> server  ACK      seq=1 ack=1                             DELIVERED\n"
		"#4  client -> server  PSH,ACK  seq=1 ack=1   len=28 \"GET /index.\"...   DELIVERED\n");
	play_free(&p);
}

static void the_callers_word_stands_instead_of_the_fate(void **unused)
{
	struct play p = play_new();

	(void)unused;
	put(&p, CLIENT, "SYN", 0, 0, NULL);
	view_line(p.t, trace_find(p.t, 1), VIEW_BRIEF, "LATE", &p.text);
	assert_string_equal(
		buf_str(&p.text),
		"#1  client -> server  SYN      seq=0                                   LATE");
	play_free(&p);
}

static void raw_numbers_are_those_of_the_header(void **unused)
{
	struct play p = play_new();

	(void)unused;
	play_handshake(&p);
	assert_string_equal(
		line_of(&p, 2, VIEW_RAW),
		"#2  server -> client  SYN,ACK  seq=4294967290 ack=1186613123           DELIVERED");
	play_free(&p);
}

static void sack_cookie_and_urgent_pointer_are_named(void **unused)
{
	struct play p = play_new();

	(void)unused;
	p.g.options.cookie_len = 0;
	pass(&p, CLIENT, "SYN", 0, 0, NULL);
	p.g.options.cookie_len = 8;
	pass(&p, SERVER, "SYN,ACK", 0, 1, NULL);
	p.g.options.sacks = 2;
	p.g.options.sack[0].left = SERVER_ISN + 11;
	p.g.options.sack[0].right = SERVER_ISN + 21;
	p.g.options.sack[1].left = SERVER_ISN + 31;
	p.g.options.sack[1].right = SERVER_ISN + 41;
	pass(&p, CLIENT, "ACK", 1, 1, NULL);
	p.g.urgent = 1;
	pass(&p, CLIENT, "URG,ACK", 1, 1, "!");
	assert_string_equal(
		all_lines(&p, 0),
		"#1  client -> server  SYN      seq=0         cookie=request            DELIVERED\n"
		"#2  server -> client  SYN,ACK  seq=0 ack=1   mss=1460 ws=10 cookie=8   DELIVERED\n"
		"#3  client -> server  ACK      seq=1 ack=1   sack=11-21,31-41          DELIVERED\n"
		"#4  client -> server  ACK,URG  seq=1 ack=1   urg=1 len=1 \"!\"           DELIVERED\n");
	play_free(&p);
}

static void marks_tell_what_is_not_as_it_was_sent(void **unused)
{
	struct play p = play_new();
	struct trace_segment *s;
	uint8_t packet[64];

	(void)unused;
	play_handshake(&p);
	lose(&p, put(&p, CLIENT, "PSH,ACK", 1, 1, "hello"), "by you");
	pass(&p, CLIENT, "PSH,ACK", 1, 1, "hello");
	s = trace_find(p.t, 5);
	assert_true(s->packet_len <= sizeof(packet));
	memcpy(packet, s->packet, s->packet_len);
	trace_copied(p.t, p.now, 5);
	packet[s->packet_len - 1] ^= 1;
	trace_made(p.t, p.now, CLIENT, SERVER, packet, s->packet_len,
		   &(struct trace_origin){ .injected = true });
	trace_sent(p.t, p.now, CLIENT, SERVER, packet, 30);
	assert_string_equal(
		all_lines(&p, VIEW_BRIEF),
		"#1  client -> server  SYN      seq=0                                   DELIVERED\n"
		"#2  server -> client  SYN,ACK  seq=0 ack=1                             DELIVERED\n"
		"#3  client -> server  ACK      seq=1 ack=1                             DELIVERED\n"
		"#4  client -> server  PSH,ACK  seq=1 ack=1   len=5 \"hello\"             DROPPED\n"
		"#5  client -> server  PSH,ACK  seq=1 ack=1   len=5 \"hello\" again #4    DELIVERED\n"
		"#6  client -> server  PSH,ACK  seq=1 ack=1   len=5 \"hello\" copy of #5  HELD\n"
		"#7  client -> server  PSH,ACK  seq=1 ack=1   len=5 injected bad checksum  HELD\n"
		"#8  client -> server  ?        malformed: packet shorter than its IP hea..  HELD\n");
	play_free(&p);
}

static void payloads_are_cut_and_escaped(void **unused)
{
	struct play p = play_new();

	(void)unused;
	play_handshake(&p);
	pass(&p, CLIENT, "PSH,ACK", 1, 1, "\x1b[31m \"red\" \\ and more of it");
	pass(&p, CLIENT, "PSH,ACK", 27, 1, "\xe4\xbd\xa0\xe5\xa5\xbd\n");
	assert_string_equal(
		line_of(&p, 4, VIEW_BRIEF),
		"#4  client -> server  PSH,ACK  seq=1 ack=1   len=28 \"\\x1b[31m \\\"\"...   DELIVERED");
	assert_string_equal(
		line_of(&p, 5, VIEW_BRIEF),
		"#5  client -> server  PSH,ACK  seq=27 ack=1  len=7 \"\\xe4\"... again #4  DELIVERED");
	assert_string_equal(
		line_of(&p, 5, VIEW_BRIEF | VIEW_UTF8),
		"#5  client -> server  PSH,ACK  seq=27 ack=1  len=7 \"你好\\n\" again #4   DELIVERED");
	play_free(&p);
}

static void a_short_payload_is_never_cut_to_nothing(void **unused)
{
	struct play p = play_new();

	(void)unused;
	play_handshake(&p);
	put(&p, CLIENT, "PSH,ACK", 1, 1, "\xe4\xbd\xa0\xe5\xa5\xbd");
	assert_string_equal(
		line_of(&p, 4, 0),
		"#4  client -> server  PSH,ACK  seq=1 ack=1   win=64512 len=6 \"\\xe4\"...  HELD");
	assert_string_equal(
		line_of(&p, 4, VIEW_UTF8),
		"#4  client -> server  PSH,ACK  seq=1 ack=1   win=64512 len=6 \"你好\"    HELD");
	play_free(&p);
}

static void no_line_is_wider_than_80_columns(void **unused)
{
	struct play p = play_new();
	struct trace_segment *s;
	unsigned i;

	(void)unused;
	trace_add_host(p.t, "2001:0db8:85a3:0000:0000:8a2e:0370:7334");
	trace_add_host(p.t, "2001:0db8:85a3:0000:0000:8a2e:0370:7335");
	for (i = 0; i < 256; i++) {
		char flags[40];

		p.g.options.sacks = 2;
		put(&p, CLIENT, segment_flags_text((uint8_t)i, flags), 0x70000000 + i,
		    0x60000000,
		    "\xe5\xa5\xbd\xe5\xa5\xbd\xe5\xa5\xbd\xe5\xa5\xbd\xe5\xa5\xbd and so on and so on");
		s = trace_find(p.t, i + 1);
		s->from = 2;
		s->to = 3;
		s->altered = i & 1;
		s->injected = i & 2;
		s->copy_of = i & 4 ? 1000000 : 0;
		s->segment.checksum_ok = i & 8;
		line_of(&p, i + 1, i & 16 ? VIEW_UTF8 | VIEW_RAW : 0);
		assert_true(text_width(buf_str(&p.text)) <= 80);
	}
	play_free(&p);
}

static void show_says_it_in_the_segments_own_words(void **unused)
{
	struct play p = play_new();

	(void)unused;
	put(&p, CLIENT, "SYN", 0, 0, NULL);
	trace_folded(p.t, 1, p.now + 1);
	trace_folded(p.t, 1, p.now + 3.1);
	trace_folded(p.t, 1, p.now + 7.2);
	assert_string_equal(
		shown(&p, 1, p.now + 12),
		"#1  SYN: \"I want to talk; my first sequence number is 0 (raw 1186613122).\"\n"
		"    10.77.0.1:41786 -> 10.77.0.2:80   len 0   options: mss 1460, sack, ts, ws 10\n"
		"    held 12 s; sent again after 1.0, 3.1 and 7.2 s (3 copies folded into #1)\n");
	play_free(&p);
}

static void show_puts_options_that_do_not_fit_into_lines_of_their_own(void **unused)
{
	struct play p = play_new();
	struct trace_segment *s;
	int i;

	(void)unused;
	put(&p, CLIENT, "SYN", 0, 0, NULL);
	s = trace_find(p.t, 1);
	addr_set_port(&s->segment.to, 7788);
	assert_non_null(strstr(shown(&p, 1, p.now),
			       "\n    10.77.0.1:41786 -> 10.77.0.2:7788   len 0\n"
			       "    options: mss 1460, sack, ts, ws 10\n"));
	s->segment.options.sacks = 4;
	for (i = 0; i < 4; i++)
		s->segment.options.sack[i].right = 4000000000u;
	shown(&p, 1, p.now);
	for (i = 0; i < (int)p.text.len; i += (int)strcspn(p.text.data + i, "\n") + 1)
		assert_true(strcspn(p.text.data + i, "\n") <= 80);
	play_free(&p);
}

static void show_tells_what_became_of_data(void **unused)
{
	struct play p = play_new();

	(void)unused;
	play_handshake(&p);
	lose(&p, put(&p, CLIENT, "PSH,ACK", 1, 1, "hello"), "by you");
	p.now += 2;
	pass(&p, CLIENT, "PSH,ACK", 1, 1, "hello");
	assert_string_equal(
		shown(&p, 4, 9),
		"#4  PSH,ACK: \"Here are my bytes 1 to 5.\"\n"
		"    10.77.0.1:41786 -> 10.77.0.2:80   len 5   win 64512 (63 x 1024)\n"
		"    data: \"hello\"\n"
		"    dropped (by you) after 0.0 ms\n");
	assert_string_equal(
		shown(&p, 5, 9),
		"#5  PSH,ACK: \"Here are my bytes 1 to 5.\"\n"
		"    10.77.0.1:41786 -> 10.77.0.2:80   len 5   win 64512 (63 x 1024)\n"
		"    data: \"hello\"\n"
		"    again #4\n"
		"    delivered after 1.0 ms\n");
	play_free(&p);
}

static void show_names_what_cannot_be_read(void **unused)
{
	struct play p = play_new();

	(void)unused;
	trace_sent(p.t, 0, CLIENT, SERVER, "\x45\x00", 2);
	trace_sent(p.t, 0, CLIENT, SERVER, "", 0);
	assert_string_equal(shown(&p, 1, 0), "#1  ?: (it cannot be read)\n"
					     "    - -> -   len 0   win 0\n"
					     "    malformed: IPv4 header cut short\n"
					     "    held 0.0 ms\n");
	assert_string_equal(shown(&p, 2, 0), "#2  ?: (it cannot be read)\n"
					     "    - -> -   len 0   win 0\n"
					     "    malformed: no bytes at all\n"
					     "    held 0.0 ms\n");
	play_free(&p);
}

static void what_goes_on_by_itself_is_delayed_not_held(void **unused)
{
	struct play p = play_new();

	(void)unused;
	put(&p, CLIENT, "SYN", 0, 0, NULL);
	trace_find(p.t, 1)->delay = 0.05;
	assert_string_equal(
		line_of(&p, 1, VIEW_BRIEF),
		"#1  client -> server  SYN      seq=0                               "
		"DELAYED 50 ms");
	assert_non_null(strstr(shown(&p, 1, p.now + 0.01),
			       "under way for 10 ms; it is delayed by 50 ms"));
	assert_non_null(strstr(explained(&p, 1), "delayed by"));
	assert_non_null(
		strstr(ladder(&p, (struct ladder_options){ 0 }), "| DELAYED 50 ms"));
	trace_find(p.t, 1)->delay = 0;
	trace_find(p.t, 1)->behind = 2;
	assert_non_null(strstr(line_of(&p, 1, VIEW_BRIEF), "DELAYED behind #2"));
	arrive(&p, 1);
	assert_null(strstr(line_of(&p, 1, VIEW_BRIEF), "DELAYED"));
	play_free(&p);
}

static void in_fewer_columns_what_finds_no_room_stands_in_a_second_line(void **unused)
{
	struct play p = play_new();

	(void)unused;
	play_handshake(&p);
	play_hello(&p);
	pass(&p, CLIENT, "PSH,ACK", 6, 1, "hello");
	p.origin.copy_of = 6;
	put(&p, CLIENT, "PSH,ACK", 6, 1, "hello");
	assert_string_equal(
		all_lines(&p, 60 * VIEW_COLUMNS),
		"#1  client -> server  SYN      seq=0               DELIVERED\n"
		"#2  server -> client  SYN,ACK  seq=0 ack=1         DELIVERED\n"
		"#3  client -> server  ACK      seq=1 ack=1         DELIVERED\n"
		"#4  client -> server  PSH,ACK  seq=1 ack=1         DELIVERED\n"
		"    len=5 \"hello\"\n"
		"#5  server -> client  ACK      seq=1 ack=6         DELIVERED\n"
		"#6  client -> server  PSH,ACK  seq=6 ack=1         DELIVERED\n"
		"    len=5 \"hello\"\n"
		"#7  client -> server  PSH,ACK  seq=6 ack=1              HELD\n"
		"    len=5 \"hello\" copy of #6\n");
	play_free(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_stand_in_columns),
		cmocka_unit_test(a_brief_line_has_neither_window_nor_options),
		cmocka_unit_test(the_callers_word_stands_instead_of_the_fate),
		cmocka_unit_test(raw_numbers_are_those_of_the_header),
		cmocka_unit_test(sack_cookie_and_urgent_pointer_are_named),
		cmocka_unit_test(marks_tell_what_is_not_as_it_was_sent),
		cmocka_unit_test(payloads_are_cut_and_escaped),
		cmocka_unit_test(a_short_payload_is_never_cut_to_nothing),
		cmocka_unit_test(no_line_is_wider_than_80_columns),
		cmocka_unit_test(show_says_it_in_the_segments_own_words),
		cmocka_unit_test(
			show_puts_options_that_do_not_fit_into_lines_of_their_own),
		cmocka_unit_test(show_tells_what_became_of_data),
		cmocka_unit_test(show_names_what_cannot_be_read),
		cmocka_unit_test(what_goes_on_by_itself_is_delayed_not_held),
		cmocka_unit_test(
			in_fewer_columns_what_finds_no_room_stands_in_a_second_line),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
