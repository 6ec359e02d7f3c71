/* trace_explain.c - sentences about segments: what follows from the trace, and nothing else. */
#include <stdlib.h>
#include <time.h>

#include "base/text.h"
#include "trace_play.h"

/* All from the given number on. */
static const char *all_explained(struct play *p, unsigned from)
{
	struct buf text = BUF_EMPTY;

	for (; from <= trace_segments(p->t); from++)
		view_explain(p->t, trace_find(p->t, from), 0, &text);
	buf_clear(&p->text);
	p->text = text;
	return buf_str(&p->text);
}

static void the_handshake_is_told_in_its_three_steps(void **unused)
{
	struct play p = play_new();

	(void)unused;
	play_handshake(&p);
	assert_string_equal(
		all_explained(&p, 1),
		"#1  client -> server  First handshake: SYN=1, seq=X=0 (raw 1186613122). client\n"
		"    asks server for a connection and is in SYN_SENT. It offers segments of at\n"
		"    most 1460 bytes (mss), SACK, timestamps, a window scale of 10 (times\n"
		"    1024). Seen: client CLOSED -> SYN_SENT; server LISTEN -> SYN_RCVD.\n"
		"#2  server -> client  Second handshake: SYN=1, ACK=1, ack=X+1=1, seq=K=0 (raw\n"
		"    4294967290). server has taken the request and is in SYN_RCVD. It offers\n"
		"    segments of at most 1460 bytes (mss), SACK, timestamps, a window scale of\n"
		"    10 (times 1024). Seen: client SYN_SENT -> ESTABLISHED.\n"
		"#3  client -> server  Third handshake: ACK=1, ack=K+1=1. client has accepted\n"
		"    #2 and is ESTABLISHED; with this ACK server will be ESTABLISHED too. Seen:\n"
		"    server SYN_RCVD -> ESTABLISHED.\n");
	play_free(&p);
}

static void bytes_carried_and_acknowledged_are_named(void **unused)
{
	struct play p = play_new();

	(void)unused;
	play_handshake(&p);
	play_hello(&p);
	assert_string_equal(
		all_explained(&p, 4),
		"#4  client -> server  Carries 5 bytes, 1 to 5: \"hello\". PSH: the program is to\n"
		"    get them at once.\n"
		"#5  server -> client  Acknowledges bytes up to 5 (ack=6 is the next one it\n"
		"    expects).\n");
	play_free(&p);
}

static void the_close_is_told_in_its_four_steps(void **unused)
{
	struct play p = play_new();

	(void)unused;
	play_handshake(&p);
	play_hello(&p);
	play_close(&p);
	assert_string_equal(
		all_explained(&p, 6),
		"#6  client -> server  FIN=1, number 6: the first of the four-way close. client\n"
		"    has no more to send. It is in FIN_WAIT_1. Seen: client ESTABLISHED ->\n"
		"    FIN_WAIT_1; server ESTABLISHED -> CLOSE_WAIT.\n"
		"#7  server -> client  Acknowledges the FIN #6 (ack=7): the second of the\n"
		"    four-way close. server can still send (CLOSE_WAIT); client goes to\n"
		"    FIN_WAIT_2. Seen: client FIN_WAIT_1 -> FIN_WAIT_2.\n"
		"#8  server -> client  FIN=1, number 1: the third of the four-way close. server\n"
		"    closes its side too. It is in LAST_ACK and waits for the last ACK. Seen:\n"
		"    server CLOSE_WAIT -> LAST_ACK; client FIN_WAIT_2 -> TIME_WAIT.\n"
		"#9  client -> server  Acknowledges the FIN #8 (ack=2): the last ACK of the\n"
		"    four-way close. client stays in TIME_WAIT for a while; server goes from\n"
		"    LAST_ACK to CLOSED. Seen: server LAST_ACK -> CLOSED.\n");
	play_free(&p);
}

static void a_fin_that_acknowledges_a_fin_is_two_steps_in_one(void **unused)
{
	struct play p = play_new();

	(void)unused;
	play_unwatched(&p);
	pass(&p, CLIENT, "FIN,ACK", 1, 1, NULL);
	pass(&p, SERVER, "FIN,ACK", 1, 2, NULL);
	pass(&p, CLIENT, "ACK", 2, 2, NULL);
	assert_string_equal(
		all_explained(&p, 5),
		"#5  server -> client  FIN=1, ACK=1: second and third of the four-way close in\n"
		"    one. It acknowledges the FIN #4 (ack=2), and server has no more to send\n"
		"    either (number 1). It is in LAST_ACK and waits for the last ACK.\n"
		"#6  client -> server  Acknowledges the FIN #5 (ack=2): the last ACK of the\n"
		"    four-way close. client stays in TIME_WAIT for a while; server goes from\n"
		"    LAST_ACK to CLOSED.\n");
	play_free(&p);
}

static void fins_that_cross_are_a_simultaneous_close(void **unused)
{
	struct play p = play_new();

	(void)unused;
	play_unwatched(&p);
	put(&p, CLIENT, "FIN,ACK", 1, 1, NULL);
	put(&p, SERVER, "FIN,ACK", 1, 1, NULL);
	arrive(&p, 4);
	pass(&p, SERVER, "ACK", 2, 2, NULL);
	arrive(&p, 5);
	pass(&p, CLIENT, "ACK", 2, 2, NULL);
	assert_string_equal(
		all_explained(&p, 5),
		"#5  server -> client  FIN=1, number 1: the FIN #4 of client is under way too,\n"
		"    so both close at the same time (simultaneous close, by way of CLOSING). It\n"
		"    is in FIN_WAIT_1.\n"
		"#6  server -> client  Acknowledges the FIN #4 (ack=2): with this ACK and the\n"
		"    FIN #5 client will be in TIME_WAIT (simultaneous close).\n"
		"#7  client -> server  Acknowledges the FIN #5 (ack=2): with this ACK and the\n"
		"    FIN #4 server will be in TIME_WAIT (simultaneous close).\n");
	play_free(&p);
}

static void syns_that_cross_are_a_simultaneous_open(void **unused)
{
	struct play p = play_new();

	(void)unused;
	put(&p, CLIENT, "SYN", 0, 0, NULL);
	put(&p, SERVER, "SYN", 0, 0, NULL);
	arrive(&p, 1);
	pass(&p, SERVER, "SYN,ACK", 0, 1, NULL);
	assert_string_equal(
		all_explained(&p, 2),
		"#2  server -> client  First handshake from this end too: SYN=1. The SYN #1 of\n"
		"    client is under way or there already, so both open at the same time\n"
		"    (simultaneous open). seq=K=0 (raw 4294967290). server asks client for a\n"
		"    connection and is in SYN_SENT. It offers segments of at most 1460 bytes\n"
		"    (mss), SACK, timestamps, a window scale of 10 (times 1024). It is still on\n"
		"    the wire.\n"
		"#3  server -> client  SYN=1, ACK=1: server had sent a SYN of its own (#2), now\n"
		"    it answers that of client (simultaneous open). ack=X+1=1, seq=K=0 (raw\n"
		"    4294967290). server is in SYN_RCVD now. It offers segments of at most 1460\n"
		"    bytes (mss), SACK, timestamps, a window scale of 10 (times 1024).\n");
	play_free(&p);
}

static void a_retransmission_says_why(void **unused)
{
	struct play p = play_new();

	(void)unused;
	play_handshake(&p);
	lose(&p, put(&p, CLIENT, "PSH,ACK", 1, 1, "hello"), "by you");
	p.now += 0.2;
	pass(&p, CLIENT, "PSH,ACK", 1, 1, "hello");
	lose(&p, put(&p, SERVER, "ACK", 1, 6, NULL), "loss 10 %");
	p.now += 1;
	pass(&p, CLIENT, "PSH,ACK", 1, 1, "hello");
	pass(&p, SERVER, "ACK", 1, 6, NULL);
	assert_string_equal(
		all_explained(&p, 4),
		"#4  client -> server  Carries 5 bytes, 1 to 5: \"hello\". PSH: the program is to\n"
		"    get them at once. It never arrived: dropped (by you).\n"
		"#5  client -> server  Carries 5 bytes, 1 to 5: \"hello\". PSH: the program is to\n"
		"    get them at once. Retransmission, 201 ms after #4, which was dropped:\n"
		"    nobody had acknowledged it. No ACK had asked for it: a timer ran out (RTO,\n"
		"    RFC 6298; or a tail loss probe, RFC 8985).\n"
		"#6  server -> client  Acknowledges bytes up to 5 (ack=6 is the next one it\n"
		"    expects). It never arrived: dropped (loss 10 %).\n"
		"#7  client -> server  Carries 5 bytes, 1 to 5: \"hello\". PSH: the program is to\n"
		"    get them at once. Retransmission, 1.2 s after #4, which was dropped,\n"
		"    although #6 acknowledged it (it was dropped). No ACK had asked for it: a\n"
		"    timer ran out (RTO, RFC 6298).\n"
		"#8  server -> client  ACK without news: ack=6 again. It answers #7, which\n"
		"    brought what had come before.\n");
	play_free(&p);
}

static void three_duplicate_acks_explain_a_fast_retransmission(void **unused)
{
	struct play p = play_new();
	unsigned i;

	(void)unused;
	play_handshake(&p);
	for (i = 0; i < 4; i++)
		put(&p, CLIENT, "ACK", 1 + i * 5, 1, "hello");
	lose(&p, 4, NULL);
	for (i = 0; i < 3; i++) {
		arrive(&p, 5 + i);
		p.g.options.sacks = 1;
		p.g.options.sack[0].left = CLIENT_ISN + 6;
		p.g.options.sack[0].right = CLIENT_ISN + 11 + i * 5;
		pass(&p, SERVER, "ACK", 1, 1, NULL);
	}
	pass(&p, CLIENT, "ACK", 1, 1, "hello");
	p.g.options.sacks = 1;
	p.g.options.sack[0].left = CLIENT_ISN + 1;
	p.g.options.sack[0].right = CLIENT_ISN + 6;
	pass(&p, SERVER, "ACK", 1, 21, NULL);
	assert_string_equal(
		all_explained(&p, 8),
		"#8  server -> client  Duplicate ACK 1: it repeats ack=1, while bytes from\n"
		"    there on were sent. Byte 1 is what server waits for. SACK: it has bytes 6\n"
		"    to 10 already.\n"
		"#9  server -> client  Duplicate ACK 2: it repeats ack=1, while bytes from\n"
		"    there on were sent. Byte 1 is what server waits for. SACK: it has bytes 6\n"
		"    to 15 already.\n"
		"#10 server -> client  Duplicate ACK 3: it repeats ack=1, while bytes from\n"
		"    there on were sent. Byte 1 is what server waits for. After three of them\n"
		"    client may send it again without waiting for its timer (fast retransmit,\n"
		"    RFC 5681). SACK: it has bytes 6 to 20 already.\n"
		"#11 client -> server  Carries 5 bytes, 1 to 5: \"hello\". Retransmission, 13 ms\n"
		"    after #4, which was dropped: nobody had acknowledged it. It follows 3\n"
		"    duplicate ACKs (fast retransmit, RFC 5681).\n"
		"#12 server -> client  Acknowledges bytes up to 20 (ack=21 is the next one it\n"
		"    expects). It got bytes 1 to 5 twice (D-SACK, RFC 2883).\n");
	play_free(&p);
}

static void
a_closed_window_its_probe_and_its_opening_are_told_from_a_keepalive(void **unused)
{
	struct play p = play_new();

	(void)unused;
	play_handshake(&p);
	pass(&p, CLIENT, "PSH,ACK", 1, 1, "hello");
	p.g.window = 0;
	pass(&p, SERVER, "ACK", 1, 6, NULL);
	pass(&p, CLIENT, "ACK", 5, 1, NULL);
	p.g.window = 0;
	pass(&p, SERVER, "ACK", 1, 6, NULL);
	pass(&p, SERVER, "ACK", 1, 6, NULL);
	pass(&p, CLIENT, "ACK", 5, 1, NULL);
	pass(&p, SERVER, "ACK", 1, 6, NULL);
	assert_string_equal(
		all_explained(&p, 5),
		"#5  server -> client  Acknowledges bytes up to 5 (ack=6 is the next one it\n"
		"    expects). win=0: its buffer is full, client must stop sending until the\n"
		"    window opens.\n"
		"#6  client -> server  Zero-window probe: server said win=0 last (#5). Its\n"
		"    number (seq=5) is one before the next, so that server must answer with an\n"
		"    ACK.\n"
		"#7  server -> client  ACK without news: ack=6 again. It answers the probe #6.\n"
		"    win=0: there is still no room.\n"
		"#8  server -> client  Window update: the window opens from 0 to 64512, client\n"
		"    may send again.\n"
		"#9  client -> server  Keepalive probe: all is acknowledged and the line is\n"
		"    quiet. Its number (seq=5) is one before the next, so that server must\n"
		"    answer with an ACK.\n"
		"#10 server -> client  ACK without news: ack=6 again. It answers the probe #9.\n");
	play_free(&p);
}

static void a_rst_that_answers_a_syn_means_that_nobody_listens(void **unused)
{
	struct play p = play_new();

	(void)unused;
	pass(&p, CLIENT, "SYN", 0, 0, NULL);
	p.isn[SERVER] = 0;
	pass(&p, SERVER, "RST,ACK", 0, 1, NULL);
	assert_string_equal(
		all_explained(&p, 2),
		"#2  server -> client  RST=1: the SYN #1 is refused (ack=1 belongs to it):\n"
		"    nothing listens on port 80 of server.\n");
	play_free(&p);
}

static void a_rst_names_both_causes_or_the_command_before_it(void **unused)
{
	struct play p = play_new();

	(void)unused;
	play_handshake(&p);
	play_hello(&p);
	pass(&p, SERVER, "RST,ACK", 1, 6, NULL);
	assert_string_equal(
		all_explained(&p, 6),
		"#6  server -> client  RST=1: server ends the connection without a FIN: an\n"
		"    abort, a close with bytes unread (RFC 1122, 4.2.2.13), or a timer that ran\n"
		"    out. Which of them the trace does not tell.\n");
	play_free(&p);

	p = play_new();
	play_handshake(&p);
	play_hello(&p);
	trace_command(p.t, p.now, SERVER, 7, "s:close()\x1b");
	pass(&p, SERVER, "RST,ACK", 1, 6, NULL);
	assert_string_equal(
		all_explained(&p, 6),
		"#6  server -> client  RST=1: server ends the connection without a FIN: an\n"
		"    abort, or a close with bytes unread (RFC 1122, 4.2.2.13). The command:\n"
		"    s:close()\\x1b.\n");
	play_free(&p);
}

static void a_rst_after_a_fin_answers_data_that_nobody_can_read(void **unused)
{
	struct play p = play_new();

	(void)unused;
	play_handshake(&p);
	pass(&p, SERVER, "FIN,ACK", 1, 1, NULL);
	pass(&p, CLIENT, "PSH,ACK", 1, 2, "hello");
	pass(&p, SERVER, "RST", 2, 0, NULL);
	assert_string_equal(
		all_explained(&p, 6),
		"#6  server -> client  RST=1: #5 brought bytes that nobody can read any more,\n"
		"    server had closed with #4.\n");
	play_free(&p);
}

static void a_rst_without_ack_answers_for_a_connection_that_is_not_there(void **unused)
{
	struct play p = play_new();

	(void)unused;
	play_unwatched(&p);
	pass(&p, CLIENT, "PSH,ACK", 1, 1, "hello");
	pass(&p, SERVER, "RST", 1, 0, NULL);
	assert_string_equal(
		all_explained(&p, 5),
		"#5  server -> client  RST=1: it has the number that #4 acknowledged, and no\n"
		"    ACK: so answers a host that knows of no such connection (RFC 9293,\n"
		"    3.10.7.1).\n");
	play_free(&p);
}

static void a_rst_beside_the_expected_number_is_answered_by_a_challenge(void **unused)
{
	struct play p = play_new();

	(void)unused;
	play_handshake(&p);
	p.origin.injected = true;
	pass(&p, CLIENT, "RST", 1000, 0, NULL);
	pass(&p, SERVER, "ACK", 1, 1, NULL);
	assert_string_equal(
		all_explained(&p, 4),
		"#4  client -> server  RST=1: the connection is to end at once. Its number 1000\n"
		"    is not the one that server expected (1), which therefore need not believe\n"
		"    it (RFC 5961). Made by hand: no socket sent it.\n"
		"#5  server -> client  ACK without news: ack=1 again. After #4 that makes it a\n"
		"    challenge ACK (RFC 5961).\n");
	play_free(&p);
}

static void fast_open_ecn_and_urgent_data_are_named(void **unused)
{
	struct play p = play_new();

	(void)unused;
	p.g.options.cookie_len = 8;
	pass(&p, CLIENT, "SYN,ECE,CWR", 0, 0, "hello");
	pass(&p, SERVER, "SYN,ACK,ECE", 0, 6, NULL);
	p.g.urgent = 1;
	p.g.ecn = 3;
	pass(&p, CLIENT, "ACK,URG,CWR", 6, 1, "!");
	pass(&p, SERVER, "ACK,ECE", 1, 7, NULL);
	assert_string_equal(
		all_explained(&p, 1),
		"#1  client -> server  First handshake: SYN=1, seq=X=0 (raw 1186613122). client\n"
		"    asks server for a connection and is in SYN_SENT. ECE and CWR on a SYN\n"
		"    offer explicit congestion notification (ECN). It offers segments of at\n"
		"    most 1460 bytes (mss), SACK, timestamps, a window scale of 10 (times\n"
		"    1024). It brings a Fast Open cookie of 8 bytes (RFC 7413). It carries\n"
		"    bytes 1 to 5 already (Fast Open).\n"
		"#2  server -> client  Second handshake: SYN=1, ACK=1, ack=6 (X+1 and the bytes\n"
		"    up to 5), seq=K=0 (raw 4294967290). server has taken the request and is in\n"
		"    SYN_RCVD. ECE: it agrees to ECN. It offers segments of at most 1460 bytes\n"
		"    (mss), SACK, timestamps, a window scale of 10 (times 1024).\n"
		"#3  client -> server  Third handshake: ACK=1, ack=K+1=1. client has accepted\n"
		"    #2 and is ESTABLISHED; with this ACK server will be ESTABLISHED too.\n"
		"    Carries one byte, number 6: \"!\". URG: urgent data up to byte 6. CWR:\n"
		"    client has slowed down. The network marked it: congestion was met (CE).\n"
		"#4  server -> client  Acknowledges bytes up to 6 (ack=7 is the next one it\n"
		"    expects). ECE: server saw a mark of congestion and asks client to slow\n"
		"    down.\n");
	play_free(&p);
}

static void raw_numbers_are_those_of_the_header(void **unused)
{
	struct play p = play_new();

	(void)unused;
	play_handshake(&p);
	view_explain(p.t, trace_find(p.t, 2), VIEW_RAW, &p.text);
	assert_string_equal(
		buf_str(&p.text),
		"#2  server -> client  Second handshake: SYN=1, ACK=1, ack=X+1=1186613123,\n"
		"    seq=K=4294967290. server has taken the request and is in SYN_RCVD. It\n"
		"    offers segments of at most 1460 bytes (mss), SACK, timestamps, a window\n"
		"    scale of 10 (times 1024). Seen: client SYN_SENT -> ESTABLISHED.\n");
	play_free(&p);
}

static void a_connection_without_its_beginning_is_not_guessed_at(void **unused)
{
	struct play p = play_new();

	(void)unused;
	pass(&p, SERVER, "ACK", 500, 700, NULL);
	pass(&p, CLIENT, "FIN,ACK", 700, 500, NULL);
	pass(&p, SERVER, "RST,ACK", 500, 701, NULL);
	assert_string_equal(
		all_explained(&p, 1),
		"#1  server -> client  ACK: byte 1 is the next one that server expects.\n"
		"#2  client -> server  FIN=1, number 1: client has no more to send. Whether it\n"
		"    is the first FIN does not follow: the trace has not all of it.\n"
		"#3  server -> client  RST=1: server ends the connection without a FIN: an\n"
		"    abort, a close with bytes unread (RFC 1122, 4.2.2.13), or a timer that ran\n"
		"    out. Which of them the trace does not tell.\n");
	play_free(&p);
}

/* Any packet, however wrong, in any order, is told in lines of printable text. */
static void nothing_on_the_wire_breaks_a_view(void **unused)
{
	struct play p = play_new();
	unsigned seed = 7, i, k;
	const char *c;

	(void)unused;
	play_handshake(&p);
	for (i = 0; i < 3000; i++) {
		const struct trace_segment *s =
			trace_find(p.t, 1 + (unsigned)rand_r(&seed) % 3);
		uint8_t packet[100];
		size_t len = s->packet_len;

		memcpy(packet, s->packet, len);
		for (k = 0; k < 4; k++)
			packet[(unsigned)rand_r(&seed) % len] = (uint8_t)rand_r(&seed);
		if (i % 3)
			segment_checksum(packet, len);
		trace_sent(p.t, p.now, CLIENT, SERVER, packet,
			   len - (i % 5 ? 0 : (unsigned)rand_r(&seed) % len));
		if (i % 2)
			arrive(&p, i + 4);
	}
	ladder(&p, (struct ladder_options){ 0 });
	for (i = 1; i <= trace_segments(p.t); i++) {
		const struct trace_segment *s = trace_find(p.t, i);

		view_line(p.t, s, i % 8 | (i % 50 + 40) * VIEW_COLUMNS, NULL, &p.text);
		view_show(p.t, s, i % 8, p.now, &p.text);
		view_explain(p.t, s, i % 8 | i % 90 * VIEW_COLUMNS, &p.text);
	}
	view_json(p.t, NULL, &p.text);
	assert_int_equal(strlen(buf_str(&p.text)), p.text.len);
	for (c = p.text.data; *c; c++)
		assert_true(*c == '\n' || (*c >= 0x20 && *c != 0x7f));
	play_free(&p);
}

static void no_sentence_is_wider_than_78_columns(void **unused)
{
	struct play p = play_new();
	char *line, *rest;

	(void)unused;
	play_handshake(&p);
	play_hello(&p);
	play_close(&p);
	all_explained(&p, 1);
	for (rest = p.text.data; (line = strsep(&rest, "\n"));)
		assert_true(strlen(line) <= 78);
	play_free(&p);
}

static void a_retransmission_tells_what_of_it_is_new_or_other_than_before(void **unused)
{
	struct play p = play_new();

	(void)unused;
	play_handshake(&p);
	pass(&p, CLIENT, "ACK", 1, 1, "abcdefghij");
	pass(&p, CLIENT, "ACK", 6, 1, "fghijKLMNO");
	pass(&p, CLIENT, "ACK", 1, 1, "abcdefghiX");
	pass(&p, CLIENT, "FIN,ACK", 11, 1, "KLMNO");
	assert_string_equal(
		all_explained(&p, 5),
		"#5  client -> server  Carries 10 bytes, 6 to 15: \"fghijKLMNO\". Retransmission,\n"
		"    2.0 ms after #4: nobody had acknowledged it. 5 of its 10 bytes are new.\n"
		"#6  client -> server  Carries 10 bytes, 1 to 10: \"abcdefghiX\". Retransmission,\n"
		"    4.0 ms after #4: nobody had acknowledged it. #4 had other bytes under the\n"
		"    same numbers.\n"
		"#7  client -> server  FIN=1, number 16: the first of the four-way close.\n"
		"    client has no more to send. Carries 5 bytes, 11 to 15: \"KLMNO\".\n"
		"    Retransmission, 4.0 ms after #5: nobody had acknowledged it. It belongs to\n"
		"    the repair that #5 began. Its FIN is new.\n");
	play_free(&p);
}

/* explain writes one text about all segments. */
static void a_sentence_costs_the_same_behind_a_long_text(void **unused)
{
	struct play p = play_new();
	struct buf text = BUF_EMPTY;
	clock_t began;
	int i;

	(void)unused;
	play_handshake(&p);
	for (i = 0; i < 1000000; i++)
		buf_adds(&text, "    What was said of another segment.\n");
	began = clock();
	for (i = 0; i < 1000; i++)
		view_explain(p.t, trace_find(p.t, 3), 0, &text);
	assert_true(clock() - began < CLOCKS_PER_SEC / 2);
	buf_clear(&text);
	play_free(&p);
}

/* What the kernel was seen in wins over what the textbook expects. */
static void a_state_is_not_said_where_the_kernel_was_seen_in_another(void **unused)
{
	struct play p = play_new();

	(void)unused;
	put(&p, CLIENT, "SYN", 0, 0, NULL);
	state(&p, 1, CLIENT, STATE_CLOSED, STATE_SYN_SENT);
	arrive(&p, 1);
	pass(&p, SERVER, "SYN,ACK", 0, 1, NULL);
	state(&p, 2, CLIENT, STATE_SYN_SENT, STATE_ESTABLISHED);
	assert_true(
		says(&p, 2,
		     "server keeps nothing of the request: what it needs comes back with "
		     "the third handshake (SYN cookie, RFC 4987)."));
	assert_null(strstr(explained(&p, 2), "SYN_RCVD"));
	play_free(&p);

	/* TIME_WAIT that ends at once. */
	p = play_new();
	play_handshake(&p);
	pass(&p, SERVER, "FIN,ACK", 1, 1, NULL);
	pass(&p, CLIENT, "FIN,ACK", 1, 2, NULL);
	state(&p, 5, SERVER, STATE_FIN_WAIT_1, STATE_CLOSED);
	pass(&p, SERVER, "ACK", 2, 2, NULL);
	assert_null(strstr(explained(&p, 6), "TIME_WAIT"));
	play_free(&p);
}

static void what_was_too_short_to_be_seen_is_not_said_to_be_seen(void **unused)
{
	struct play p = play_new();
	union addr local = play_addr(&p, SERVER), peer = play_addr(&p, CLIENT);

	(void)unused;
	play_unwatched(&p);
	trace_state(p.t, p.now, 3, SERVER, &local, &peer, STATE_LISTEN, STATE_SYN_RCVD,
		    true);
	state(&p, 3, SERVER, STATE_SYN_RCVD, STATE_ESTABLISHED);
	assert_true(
		says(&p, 3, "Seen: server LISTEN -> ESTABLISHED (by way of SYN_RCVD)."));
	play_free(&p);
}

/* A capture of one direction: the other end's numbers show in the acknowledgments alone. */
static void what_only_acknowledgments_tell_of_is_counted_too(void **unused)
{
	struct play p = play_new();

	(void)unused;
	pass(&p, SERVER, "SYN,ACK", 0, 1, NULL);
	pass(&p, SERVER, "ACK", 1, 8, NULL);
	assert_true(says(&p, 1, "ack=X+1=1, seq=K=0"));
	assert_string_equal(
		explained(&p, 2),
		"#2  server -> client  Acknowledges numbers up to 7 (ack=8 is the next one it\n"
		"    expects).\n");
	pass(&p, SERVER, "FIN,ACK", 1, 8, NULL);
	assert_true(says(&p, 3, "Whether it is the first FIN does not follow"));
	play_free(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_handshake_is_told_in_its_three_steps),
		cmocka_unit_test(bytes_carried_and_acknowledged_are_named),
		cmocka_unit_test(the_close_is_told_in_its_four_steps),
		cmocka_unit_test(a_fin_that_acknowledges_a_fin_is_two_steps_in_one),
		cmocka_unit_test(fins_that_cross_are_a_simultaneous_close),
		cmocka_unit_test(syns_that_cross_are_a_simultaneous_open),
		cmocka_unit_test(a_retransmission_says_why),
		cmocka_unit_test(three_duplicate_acks_explain_a_fast_retransmission),
		cmocka_unit_test(
			a_closed_window_its_probe_and_its_opening_are_told_from_a_keepalive),
		cmocka_unit_test(a_rst_that_answers_a_syn_means_that_nobody_listens),
		cmocka_unit_test(a_rst_names_both_causes_or_the_command_before_it),
		cmocka_unit_test(a_rst_after_a_fin_answers_data_that_nobody_can_read),
		cmocka_unit_test(
			a_rst_without_ack_answers_for_a_connection_that_is_not_there),
		cmocka_unit_test(
			a_rst_beside_the_expected_number_is_answered_by_a_challenge),
		cmocka_unit_test(fast_open_ecn_and_urgent_data_are_named),
		cmocka_unit_test(raw_numbers_are_those_of_the_header),
		cmocka_unit_test(a_connection_without_its_beginning_is_not_guessed_at),
		cmocka_unit_test(nothing_on_the_wire_breaks_a_view),
		cmocka_unit_test(no_sentence_is_wider_than_78_columns),
		cmocka_unit_test(
			a_retransmission_tells_what_of_it_is_new_or_other_than_before),
		cmocka_unit_test(a_sentence_costs_the_same_behind_a_long_text),
		cmocka_unit_test(
			a_state_is_not_said_where_the_kernel_was_seen_in_another),
		cmocka_unit_test(what_was_too_short_to_be_seen_is_not_said_to_be_seen),
		cmocka_unit_test(what_only_acknowledgments_tell_of_is_counted_too),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
