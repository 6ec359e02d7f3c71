/* trace_ladder.c - the diagram, compared with drawings. */
#include <locale.h>
#include <time.h>

#include "base/text.h"
#include "trace/pcapng.h"
#include "trace_play.h"

/* The width of session 2 in the handbook. */
static const struct ladder_options usual = { .width = 70, .indent = 6 };

static void the_handshake_is_drawn_as_in_the_textbooks(void **unused)
{
	struct play p = play_new();

	(void)unused;
	play_handshake(&p);
	assert_string_equal(
		ladder(&p, usual),
		"      client 10.77.0.1:41786                       server 10.77.0.2:80\n"
		"      CLOSED                                                    LISTEN\n"
		"      SYN_SENT     |--- #1 SYN seq=0 ------------------>|\n"
		"                   |                                    |     SYN_RCVD\n"
		"                   |<------------- #2 SYN,ACK s=0 a=1 --|\n"
		"      ESTABLISHED  |                                    |\n"
		"                   |--- #3 ACK a=1 -------------------->|\n"
		"                   |                                    |  ESTABLISHED\n");
	play_free(&p);
}

static void data_and_the_four_way_close_show_every_state_where_it_begins(void **unused)
{
	struct play p = play_new();

	(void)unused;
	play_handshake(&p);
	play_hello(&p);
	play_close(&p);
	assert_string_equal(
		ladder(&p, usual),
		"      client 10.77.0.1:41786                       server 10.77.0.2:80\n"
		"      CLOSED                                                    LISTEN\n"
		"      SYN_SENT     |--- #1 SYN seq=0 ------------------>|\n"
		"                   |                                    |     SYN_RCVD\n"
		"                   |<------------- #2 SYN,ACK s=0 a=1 --|\n"
		"      ESTABLISHED  |                                    |\n"
		"                   |--- #3 ACK a=1 -------------------->|\n"
		"                   |                                    |  ESTABLISHED\n"
		"                   |--- #4 PSH,ACK s=1 len=5 \"hello\" -->|\n"
		"                   |<--------------------- #5 ACK a=6 --|\n"
		"      FIN_WAIT_1   |--- #6 FIN,ACK s=6 a=1 ------------>|\n"
		"                   |                                    |   CLOSE_WAIT\n"
		"                   |<--------------------- #7 ACK a=7 --|\n"
		"      FIN_WAIT_2   |                                    |\n"
		"                   |<------------- #8 FIN,ACK s=1 a=7 --|     LAST_ACK\n"
		"      TIME_WAIT    |                                    |\n"
		"                   |--- #9 ACK a=2 -------------------->|\n"
		"                   |                                    |       CLOSED\n");
	play_free(&p);
}

static void a_dropped_segment_ends_in_an_x_and_comes_again(void **unused)
{
	struct play p = play_new();

	(void)unused;
	put(&p, CLIENT, "SYN", 0, 0, NULL);
	lose(&p, 1, "by you");
	put(&p, CLIENT, "SYN", 0, 0, NULL);
	arrive(&p, 2);
	put(&p, SERVER, "SYN,ACK", 0, 1, NULL);
	lose(&p, 3, "loss 10 %");
	assert_string_equal(
		ladder(&p, usual),
		"      client 10.77.0.1:41786                       server 10.77.0.2:80\n"
		"                   |--- #1 SYN seq=0 ------X by you     |\n"
		"                   |--- #2 SYN seq=0 again #1 --------->|\n"
		"                   |  loss 10 % X- #3 SYN,ACK s=0 a=1 --|\n");
	play_free(&p);
}

static void a_segment_that_was_overtaken_is_delivered_further_down(void **unused)
{
	struct play p = play_new();

	(void)unused;
	put(&p, CLIENT, "PSH,ACK", 1, 1, "hello");
	put(&p, CLIENT, "PSH,ACK", 6, 1, "world");
	arrive(&p, 2);
	p.g.options.sacks = 1;
	p.g.options.sack[0].left = CLIENT_ISN + 6;
	p.g.options.sack[0].right = CLIENT_ISN + 11;
	pass(&p, SERVER, "ACK", 1, 1, NULL);
	arrive(&p, 1);
	pass(&p, SERVER, "ACK", 1, 11, NULL);
	assert_string_equal(
		ladder(&p, usual),
		"      client 10.77.0.1:41786                       server 10.77.0.2:80\n"
		"                   |--- #1 PSH,ACK s=1 len=5 \"h\"... ... |\n"
		"                   |--- #2 PSH,ACK s=6 len=5 \"world\" -->|\n"
		"                   |<----------- #3 ACK a=1 sack=6-11 --|\n"
		"                   |                 ... #1 delivered ->|\n"
		"                   |<-------------------- #4 ACK a=11 --|\n");
	play_free(&p);
}

static void segments_that_only_queue_up_are_drawn_whole(void **unused)
{
	struct play p = play_new();

	(void)unused;
	put(&p, CLIENT, "ACK", 1, 1, "hello");
	put(&p, CLIENT, "ACK", 6, 1, "world");
	arrive(&p, 1);
	arrive(&p, 2);
	assert_string_equal(
		ladder(&p, usual),
		"      client 10.77.0.1:41786                       server 10.77.0.2:80\n"
		"                   |--- #1 ACK s=1 len=5 \"hello\" ------>|\n"
		"                   |--- #2 ACK s=6 len=5 \"world\" ------>|\n");
	play_free(&p);
}

static void the_syns_of_a_simultaneous_open_cross(void **unused)
{
	struct play p = play_new();

	(void)unused;
	put(&p, CLIENT, "SYN", 0, 0, NULL);
	state(&p, 1, CLIENT, STATE_CLOSED, STATE_SYN_SENT);
	put(&p, SERVER, "SYN", 0, 0, NULL);
	state(&p, 2, SERVER, STATE_CLOSED, STATE_SYN_SENT);
	arrive(&p, 1);
	state(&p, 1, SERVER, STATE_SYN_SENT, STATE_SYN_RCVD);
	put(&p, SERVER, "SYN,ACK", 0, 1, NULL);
	arrive(&p, 2);
	state(&p, 2, CLIENT, STATE_SYN_SENT, STATE_SYN_RCVD);
	put(&p, CLIENT, "SYN,ACK", 0, 1, NULL);
	arrive(&p, 3);
	state(&p, 3, CLIENT, STATE_SYN_RCVD, STATE_ESTABLISHED);
	arrive(&p, 4);
	state(&p, 4, SERVER, STATE_SYN_RCVD, STATE_ESTABLISHED);
	assert_string_equal(
		ladder(&p, usual),
		"      client 10.77.0.1:41786                       server 10.77.0.2:80\n"
		"      CLOSED                                                    CLOSED\n"
		"      SYN_SENT     |--- #1 SYN seq=0 ----...            |\n"
		"                   |            ...----- #2 SYN seq=0 --|     SYN_SENT\n"
		"                   |                 ... #1 delivered ->|     SYN_RCVD\n"
		"                   |          ...- #3 SYN,ACK s=0 a=1 --|\n"
		"      SYN_RCVD     |<- #2 delivered ...                 |\n"
		"                   |--- #4 SYN,ACK s=0 a=1 ...          |\n"
		"      ESTABLISHED  |<- #3 delivered ...                 |\n"
		"                   |                 ... #4 delivered ->|  ESTABLISHED\n");
	play_free(&p);
}

static void the_fins_of_a_simultaneous_close_cross(void **unused)
{
	struct play p = play_new();

	(void)unused;
	put(&p, CLIENT, "FIN,ACK", 1, 1, NULL);
	state(&p, 1, CLIENT, STATE_ESTABLISHED, STATE_FIN_WAIT_1);
	put(&p, SERVER, "FIN,ACK", 1, 1, NULL);
	state(&p, 2, SERVER, STATE_ESTABLISHED, STATE_FIN_WAIT_1);
	arrive(&p, 1);
	state(&p, 1, SERVER, STATE_FIN_WAIT_1, STATE_CLOSING);
	arrive(&p, 2);
	state(&p, 2, CLIENT, STATE_FIN_WAIT_1, STATE_CLOSING);
	assert_string_equal(
		ladder(&p, usual),
		"      client 10.77.0.1:41786                       server 10.77.0.2:80\n"
		"      ESTABLISHED                                          ESTABLISHED\n"
		"      FIN_WAIT_1   |--- #1 FIN,ACK s=1 a=1 ...          |\n"
		"                   |          ...- #2 FIN,ACK s=1 a=1 --|   FIN_WAIT_1\n"
		"                   |                 ... #1 delivered ->|      CLOSING\n"
		"      CLOSING      |<- #2 delivered ...                 |\n");
	play_free(&p);
}

/* Session 3: from the middle on, with the lines of the script. */
static void a_report_begins_in_the_middle_and_names_the_lines_of_the_script(void **unused)
{
	struct play p = play_new();
	size_t from;

	(void)unused;
	play_handshake(&p);
	from = trace_events(p.t);
	trace_command(p.t, p.now, CLIENT, 5, "c:send(\"hello\")");
	play_hello(&p);
	trace_command(p.t, p.now, SERVER, 7, "s:close()");
	put(&p, SERVER, "RST,ACK", 1, 6, NULL);
	state(&p, 6, SERVER, STATE_ESTABLISHED, STATE_CLOSED);
	arrive(&p, 6);
	state(&p, 6, CLIENT, STATE_ESTABLISHED, STATE_CLOSED);
	assert_string_equal(
		ladder(&p, (struct ladder_options){ .width = 75,
						    .indent = 3,
						    .first_event = from,
						    .lines = true }),
		"   client 10.77.0.1:41786                      server 10.77.0.2:80\n"
		"   ESTABLISHED  |--- #4 PSH,ACK s=1 len=5 \"hello\" ->|  ESTABLISHED   line 5\n"
		"                |<-------------------- #5 ACK a=6 --|\n"
		"   CLOSED       |<------------ #6 RST,ACK s=1 a=6 --|       CLOSED   line 7\n");
	play_free(&p);
}

static void a_refused_connection_has_no_listener_and_ends_at_the_rst(void **unused)
{
	struct play p = play_new();

	(void)unused;
	put(&p, CLIENT, "SYN", 0, 0, NULL);
	state(&p, 1, CLIENT, STATE_CLOSED, STATE_SYN_SENT);
	arrive(&p, 1);
	p.isn[SERVER] = 0;
	put(&p, SERVER, "RST,ACK", 0, 1, NULL);
	arrive(&p, 2);
	state(&p, 2, CLIENT, STATE_SYN_SENT, STATE_CLOSED);
	assert_string_equal(
		ladder(&p, usual),
		"      client 10.77.0.1:41786                       server 10.77.0.2:80\n"
		"      CLOSED\n"
		"      SYN_SENT     |--- #1 SYN seq=0 ------------------>|\n"
		"      CLOSED       |<------------- #2 RST,ACK s=0 a=1 --|\n");
	play_free(&p);
}

static void a_closed_window_and_its_probe_are_marked(void **unused)
{
	struct play p = play_new();

	(void)unused;
	play_handshake(&p);
	pass(&p, CLIENT, "PSH,ACK", 1, 1, "hello");
	p.g.window = 0;
	pass(&p, SERVER, "ACK", 1, 6, NULL);
	pass(&p, CLIENT, "ACK", 5, 1, NULL);
	pass(&p, SERVER, "ACK", 1, 6, NULL);
	assert_string_equal(
		ladder(&p, usual),
		"      client 10.77.0.1:41786                       server 10.77.0.2:80\n"
		"      CLOSED                                                    LISTEN\n"
		"      SYN_SENT     |--- #1 SYN seq=0 ------------------>|\n"
		"                   |                                    |     SYN_RCVD\n"
		"                   |<------------- #2 SYN,ACK s=0 a=1 --|\n"
		"      ESTABLISHED  |                                    |\n"
		"                   |--- #3 ACK a=1 -------------------->|\n"
		"                   |                                    |  ESTABLISHED\n"
		"                   |--- #4 PSH,ACK s=1 len=5 \"hello\" -->|\n"
		"                   |<--------------- #5 ACK a=6 win=0 --|\n"
		"                   |--- #6 ACK s=5 a=1 ---------------->|\n"
		"                   |<--------------------- #7 ACK a=6 --|\n");
	play_free(&p);
}

static void held_segments_stop_in_the_middle_and_name_their_copies(void **unused)
{
	struct play p = play_new();

	(void)unused;
	put(&p, CLIENT, "ACK", 1, 1, NULL);
	put(&p, CLIENT, "PSH,ACK", 1, 1, "hello");
	trace_folded(p.t, 2, p.now + 1);
	trace_folded(p.t, 2, p.now + 3.1);
	put(&p, SERVER, "FIN,ACK", 1, 1, NULL);
	trace_folded(p.t, 3, p.now + 0.5);
	assert_string_equal(
		ladder(&p, usual),
		"      client 10.77.0.1:41786                       server 10.77.0.2:80\n"
		"                   |--- #1 ACK a=1 --------| HELD       |\n"
		"                   |--- #2 PSH,ACK s=1 len=5 | HELD     |\n"
		"                   |  (sent again after 1.0, 3.1 s)     |\n"
		"                   |       HELD |- #3 FIN,ACK s=1 a=1 --|\n"
		"                   |          (sent again after 0.5 s)  |\n");
	play_free(&p);
}

static void utf8_draws_lines_and_lets_payloads_be_read(void **unused)
{
	struct play p = play_new();

	(void)unused;
	play_handshake(&p);
	pass(&p, CLIENT, "PSH,ACK", 1, 1, "\xe4\xbd\xa0\xe5\xa5\xbd\n");
	lose(&p, put(&p, SERVER, "ACK", 1, 8, NULL), NULL);
	put(&p, CLIENT, "FIN,ACK", 8, 1, NULL);
	put(&p, SERVER, "FIN,ACK", 1, 8, NULL);
	assert_string_equal(
		ladder(&p, (struct ladder_options){ .utf8 = true }),
		"client 10.77.0.1:41786                                     server 10.77.0.2:80\n"
		"CLOSED                                                                  LISTEN\n"
		"SYN_SENT     │─── #1 SYN seq=0 ────────────────────────────────→│\n"
		"             │                                                  │     SYN_RCVD\n"
		"             │←─────────────────────────── #2 SYN,ACK s=0 a=1 ──│\n"
		"ESTABLISHED  │                                                  │\n"
		"             │─── #3 ACK a=1 ──────────────────────────────────→│\n"
		"             │                                                  │  ESTABLISHED\n"
		"             │─── #4 PSH,ACK s=1 len=7 \"你好\\n\" ───────────────→│\n"
		"             │         dropped ╳────────────────── #5 ACK a=8 ──│\n"
		"             │─── #6 FIN,ACK s=8 a=1 ─────────┤ HELD            │\n"
		"             │            HELD ├────────── #7 FIN,ACK s=1 a=8 ──│\n");
	play_free(&p);
}

static void the_narrowest_ladder_leaves_out_what_finds_no_room(void **unused)
{
	struct play p = play_new();

	(void)unused;
	play_handshake(&p);
	pass(&p, CLIENT, "PSH,ACK", 1, 1, "GET /index.html HTTP/1.1\r\n\r\n");
	pass(&p, CLIENT, "PSH,ACK", 1, 1, "GET /index.html HTTP/1.1\r\n\r\n");
	lose(&p, put(&p, SERVER, "PSH,ACK", 1, 29, "no"), "no host has that address");
	put(&p, SERVER, "PSH,ACK", 1, 29, "yes");
	assert_string_equal(
		ladder(&p, (struct ladder_options){ .width = 20, .indent = 9 }),
		"client 10.77.0.1:41786                   server 10.77.0.2:80\n"
		"CLOSED                                                LISTEN\n"
		"SYN_SENT     |--- #1 SYN seq=0 -------------->|\n"
		"             |                                |     SYN_RCVD\n"
		"             |<--------- #2 SYN,ACK s=0 a=1 --|\n"
		"ESTABLISHED  |                                |\n"
		"             |--- #3 ACK a=1 ---------------->|\n"
		"             |                                |  ESTABLISHED\n"
		"             |--- #4 PSH,ACK s=1 len=28 ----->|\n"
		"             |--- #5 PSH,ACK s=1 again #4 --->|\n"
		"             |no host .. X-- #6 PSH,ACK s=1 --|\n"
		"             |  HELD |- #7 PSH,ACK again #6 --|\n");
	play_free(&p);
}

static void where_room_is_short_a_mark_is_worth_more_than_psh(void **unused)
{
	struct play p = play_new();
	const char *drawn;

	(void)unused;
	play_unwatched(&p);
	put(&p, CLIENT, "PSH,ACK", 1, 1, "hello");
	trace_folded(p.t, 4, p.now + 1);
	trace_folded(p.t, 4, p.now + 3.125);
	trace_folded(p.t, 4, p.now + 7.25);
	p.origin.copy_of = 4;
	put(&p, CLIENT, "PSH,ACK", 1, 1, "hello");
	lose(&p, put(&p, SERVER, "ACK", 1, 1, NULL), "ghost: nobody there");
	drawn = ladder(&p, (struct ladder_options){ .width = 60 });
	assert_non_null(strstr(drawn, "#5 ACK copy of #4 | HELD "));
	assert_non_null(strstr(drawn, "(again after 1.0, 3.1, 7.2 s)"));
	assert_non_null(strstr(drawn, "ghost X-"));
	play_free(&p);
}

static void copies_injected_altered_and_malformed_segments_are_told_apart(void **unused)
{
	struct play p = play_new();
	struct trace_segment *s;
	uint8_t packet[64];

	(void)unused;
	play_handshake(&p);
	s = trace_find(p.t, put(&p, SERVER, "RST", 1000, 0, NULL));
	s->injected = true;
	s->from = GHOST;
	arrive(&p, 4);
	pass(&p, CLIENT, "PSH,ACK", 1, 1, "hello");
	s = trace_find(p.t, 5);
	assert_true(s->packet_len <= sizeof(packet));
	memcpy(packet, s->packet, s->packet_len);
	s = trace_sent(p.t, p.now, CLIENT, SERVER, packet, s->packet_len);
	s->copy_of = 5;
	arrive(&p, 6);
	s = trace_sent(p.t, p.now, CLIENT, SERVER, packet, s->packet_len);
	packet[s->packet_len - 1] ^= 1;
	trace_altered(p.t, 7, packet, s->packet_len, 0);
	arrive(&p, 7);
	trace_sent(p.t, p.now, CLIENT, SERVER, packet, 30);
	arrive(&p, 8);
	trace_sent(p.t, p.now, CLIENT, SERVER, packet, 3);
	assert_string_equal(
		ladder(&p, (struct ladder_options){ 0 }),
		"client 10.77.0.1:41786                                     server 10.77.0.2:80\n"
		"CLOSED                                                                  LISTEN\n"
		"SYN_SENT     |--- #1 SYN seq=0 -------------------------------->|\n"
		"             |                                                  |     SYN_RCVD\n"
		"             |<--------------------------- #2 SYN,ACK s=0 a=1 --|\n"
		"ESTABLISHED  |                                                  |\n"
		"             |--- #3 ACK a=1 ---------------------------------->|\n"
		"             |                                                  |  ESTABLISHED\n"
		"             |<--------------------- #4 RST seq=1000 injected --|\n"
		"             |--- #5 PSH,ACK s=1 len=5 \"hello\" ---------------->|\n"
		"             |--- #6 PSH,ACK s=1 len=5 \"hello\" copy of #5 ----->|\n"
		"             |--- #7 PSH,ACK again #5 altered bad checksum ---->|\n"
		"             |--- #8 malformed -------------------------------->|\n"
		"#9 belongs to no connection: IPv4 header cut short\n");
	play_free(&p);
}

static void a_ghost_is_named_as_one(void **unused)
{
	struct play p = play_new();
	struct buf packet = BUF_EMPTY;
	struct err err;

	(void)unused;
	p.g.from = play_addr(&p, CLIENT);
	p.g.to = play_addr(&p, SERVER);
	p.g.flags = FLAG_SYN;
	assert_int_equal(segment_encode(&p.g, &packet, &err), 0);
	trace_sent(p.t, 0, GHOST, SERVER, packet.data, packet.len)->injected = true;
	assert_string_equal(
		ladder(&p, usual),
		"      ghost 10.77.0.1:41786                        server 10.77.0.2:80\n"
		"                   |--- #1 SYN seq=0 injected | HELD    |\n");
	buf_clear(&packet);
	play_free(&p);
}

static void each_connection_has_a_ladder_of_its_own(void **unused)
{
	struct play p = play_new();
	struct ladder_options only;

	(void)unused;
	play_listen(&p);
	pass(&p, CLIENT, "SYN", 0, 0, NULL);
	p.port = 41788;
	pass(&p, CLIENT, "SYN", 0, 0, NULL);
	p.port = 41786;
	p.isn[CLIENT] += 99;
	pass(&p, CLIENT, "SYN", 0, 0, NULL);
	assert_string_equal(
		ladder(&p, usual),
		"      client 10.77.0.1:41786                       server 10.77.0.2:80\n"
		"                                                                LISTEN\n"
		"                   |--- #1 SYN seq=0 ------------------>|\n"
		"\n"
		"      client 10.77.0.1:41788                       server 10.77.0.2:80\n"
		"                                                                LISTEN\n"
		"                   |--- #2 SYN seq=0 ------------------>|\n"
		"\n"
		"      client 10.77.0.1:41786                       server 10.77.0.2:80\n"
		"                                                                LISTEN\n"
		"                   |--- #3 SYN seq=0 ------------------>|\n");
	only = usual;
	only.only = (const bool[]){ false, true, false };
	assert_string_equal(
		ladder(&p, only),
		"      client 10.77.0.1:41788                       server 10.77.0.2:80\n"
		"                                                                LISTEN\n"
		"                   |--- #2 SYN seq=0 ------------------>|\n");
	play_free(&p);
}

static void raw_numbers_are_those_of_the_header(void **unused)
{
	struct play p = play_new();
	struct ladder_options raw = usual;

	(void)unused;
	raw.raw = true;
	play_handshake(&p);
	assert_string_equal(
		ladder(&p, raw),
		"      client 10.77.0.1:41786                       server 10.77.0.2:80\n"
		"      CLOSED                                                    LISTEN\n"
		"      SYN_SENT     |--- #1 SYN seq=1186613122 --------->|\n"
		"                   |                                    |     SYN_RCVD\n"
		"                   |<-------- #2 SYN,ACK a=1186613123 --|\n"
		"      ESTABLISHED  |                                    |\n"
		"                   |--- #3 ACK a=4294967291 ----------->|\n"
		"                   |                                    |  ESTABLISHED\n");
	play_free(&p);
}

static void an_empty_trace_has_no_ladder(void **unused)
{
	struct play p = play_new();

	(void)unused;
	play_listen(&p);
	assert_string_equal(ladder(&p, usual), "");
	play_free(&p);
}

static void no_byte_of_a_payload_acts_on_the_terminal(void **unused)
{
	struct play p = play_new();
	const char *c;

	(void)unused;
	pass(&p, CLIENT, "PSH,ACK", 1, 1, "\x1b[2J\x07\xc2\x9b\xe2\x80\xae");
	for (c = ladder(&p, (struct ladder_options){ .width = 120, .utf8 = true }); *c;
	     c++)
		assert_true(*c == '\n' || (unsigned char)*c >= 0x20);
	assert_null(strstr(buf_str(&p.text), "\xc2\x9b"));
	assert_null(strstr(buf_str(&p.text), "\xe2\x80\xae"));
	play_free(&p);
}

/* Every line of every width, of all that was ever held, dropped, split, repeated. */
static void no_line_is_wider_than_asked(void **unused)
{
	struct play p = play_new();
	int width, i;

	(void)unused;
	play_handshake(&p);
	for (i = 0; i < 200; i++) {
		unsigned n = put(&p, i % 3 == 0, i % 5 ? "PSH,ACK" : "FIN,ACK",
				 (uint32_t)(i * 40 % 97), 1,
				 "\x01\x02 to and fro \xe5\xa5\xbd");

		if (i % 4 == 1)
			lose(&p, n,
			     i % 8 == 1 ? "loss 10 %" : "by \x1b you, for a long reason");
		if (i % 4 == 2)
			arrive(&p, n - (unsigned)(i % 3));
		if (i % 7 == 0)
			trace_folded(p.t, n, p.now + i);
		if (i % 9 == 0)
			trace_command(p.t, p.now, CLIENT, i, "x");
	}
	for (width = 60; width < 130; width++) {
		char *line, *rest;
		struct ladder_options o = { .width = width,
					    .indent = width % 8,
					    .utf8 = width % 2,
					    .lines = width % 3 == 0 };

		ladder(&p, o);
		for (rest = p.text.data; (line = strsep(&rest, "\n"));)
			assert_true(text_width(line) <= (size_t)width);
	}
	play_free(&p);
}

static bool comes_after(void *asks)
{
	return (*(int *)asks)-- <= 0;
}

static void what_is_written_of_a_trace_ends_where_it_is_interrupted(void **unused)
{
	struct play p = play_new();
	int asks = 4;
	struct interrupt interrupt = { comes_after, &asks };
	struct buf out = BUF_EMPTY;

	(void)unused;
	play_handshake(&p);
	play_hello(&p);
	play_close(&p);
	ladder(&p, (struct ladder_options){ .interrupt = &interrupt });
	assert_non_null(strstr(buf_str(&p.text), "#1 SYN"));
	assert_null(strstr(buf_str(&p.text), "#4 "));
	asks = 4;
	view_json(p.t, &interrupt, &out);
	assert_non_null(strstr(buf_str(&out), "\"number\":1,"));
	assert_null(strstr(buf_str(&out), "\"number\":4,"));
	buf_reset(&out);
	pcapng_write(p.t, 0, NULL, &out, NULL);
	asks = 4;
	buf_reset(&p.text);
	pcapng_write(p.t, 0, &interrupt, &p.text, NULL);
	assert_true(p.text.len < out.len / 2);
	buf_clear(&out);
	play_free(&p);
}

static double drawing_time(int segments)
{
	struct play p = play_new();
	struct timespec before, after;
	int i;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
	for (i = 0; i < segments; i += 2) {
		pass(&p, CLIENT, "PSH,ACK", 1 + (uint32_t)i * 5, 1, "hello world");
		pass(&p, SERVER, "ACK", 1, 12 + (uint32_t)i * 5, NULL);
	}
	ladder(&p, usual);
	for (i = 1; i <= segments; i++) {
		line_of(&p, (unsigned)i, 0);
		explained(&p, (unsigned)i);
	}
	buf_reset(&p.text);
	view_json(p.t, NULL, &p.text);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
	play_free(&p);
	return (double)(after.tv_sec - before.tv_sec) +
	       (double)(after.tv_nsec - before.tv_nsec) * 1e-9;
}

/* Ten times the segments may cost ten times the time, with room for noise; a square would cost 100. */
static void ten_thousand_segments_cost_ten_times_one_thousand(void **unused)
{
	(void)unused;
	assert_true(drawing_time(10000) < 40 * drawing_time(1000) + 0.05);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_of_a_trace_ends_where_it_is_interrupted),
		cmocka_unit_test(the_handshake_is_drawn_as_in_the_textbooks),
		cmocka_unit_test(
			data_and_the_four_way_close_show_every_state_where_it_begins),
		cmocka_unit_test(a_dropped_segment_ends_in_an_x_and_comes_again),
		cmocka_unit_test(a_segment_that_was_overtaken_is_delivered_further_down),
		cmocka_unit_test(segments_that_only_queue_up_are_drawn_whole),
		cmocka_unit_test(the_syns_of_a_simultaneous_open_cross),
		cmocka_unit_test(the_fins_of_a_simultaneous_close_cross),
		cmocka_unit_test(
			a_report_begins_in_the_middle_and_names_the_lines_of_the_script),
		cmocka_unit_test(
			a_refused_connection_has_no_listener_and_ends_at_the_rst),
		cmocka_unit_test(a_closed_window_and_its_probe_are_marked),
		cmocka_unit_test(held_segments_stop_in_the_middle_and_name_their_copies),
		cmocka_unit_test(utf8_draws_lines_and_lets_payloads_be_read),
		cmocka_unit_test(the_narrowest_ladder_leaves_out_what_finds_no_room),
		cmocka_unit_test(where_room_is_short_a_mark_is_worth_more_than_psh),
		cmocka_unit_test(
			copies_injected_altered_and_malformed_segments_are_told_apart),
		cmocka_unit_test(a_ghost_is_named_as_one),
		cmocka_unit_test(each_connection_has_a_ladder_of_its_own),
		cmocka_unit_test(raw_numbers_are_those_of_the_header),
		cmocka_unit_test(an_empty_trace_has_no_ladder),
		cmocka_unit_test(no_byte_of_a_payload_acts_on_the_terminal),
		cmocka_unit_test(no_line_is_wider_than_asked),
		cmocka_unit_test(ten_thousand_segments_cost_ten_times_one_thousand),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
