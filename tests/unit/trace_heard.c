/* trace_heard.c - what an end does follows from what it has heard, not from what was sent to it. */
#include "trace_play.h"

static void a_byte_whose_ack_was_dropped_is_no_keepalive_probe(void **unused)
{
	struct play p = play_new();

	(void)unused;
	play_handshake(&p);
	pass(&p, CLIENT, "PSH,ACK", 1, 1, "a");
	lose(&p, put(&p, SERVER, "ACK", 1, 2, NULL), "by you");
	pass(&p, CLIENT, "PSH,ACK", 1, 1, "a");
	pass(&p, SERVER, "ACK", 1, 2, NULL);
	assert_true(says(&p, 6, "Retransmission, 3.0 ms after #4, although #5"));
	assert_null(strstr(explained(&p, 6), "probe"));
	assert_true(says(&p, 7, "It answers #6, which brought what had come before."));
	play_free(&p);
}

static void a_fin_whose_ack_was_dropped_is_no_probe(void **unused)
{
	struct play p = play_new();

	(void)unused;
	play_handshake(&p);
	pass(&p, CLIENT, "FIN,ACK", 1, 1, NULL);
	pass(&p, SERVER, "ACK", 1, 2, NULL);
	pass(&p, SERVER, "FIN,ACK", 1, 2, NULL);
	lose(&p, put(&p, CLIENT, "ACK", 2, 2, NULL), "by you");
	pass(&p, SERVER, "FIN,ACK", 1, 2, NULL);
	pass(&p, CLIENT, "ACK", 2, 2, NULL);
	assert_null(strstr(explained(&p, 8), "probe"));
	assert_true(says(&p, 9, "It answers #8, which brought what had come before."));
	play_free(&p);
}

static void who_has_not_heard_that_the_window_is_open_probes_it(void **unused)
{
	struct play p = play_new();

	(void)unused;
	play_handshake(&p);
	pass(&p, CLIENT, "PSH,ACK", 1, 1, "hello");
	p.g.window = 0;
	pass(&p, SERVER, "ACK", 1, 6, NULL);
	lose(&p, put(&p, SERVER, "ACK", 1, 6, NULL), "by you");
	pass(&p, CLIENT, "ACK", 5, 1, NULL);
	assert_true(says(&p, 7, "Zero-window probe: server said win=0 last (#5)."));
	play_free(&p);
}

static void a_window_that_the_wire_has_changed_is_what_was_heard(void **unused)
{
	struct play p = play_new();
	struct buf packet = BUF_EMPTY;
	struct segment closed;
	struct err err;

	(void)unused;
	play_handshake(&p);
	pass(&p, CLIENT, "PSH,ACK", 1, 1, "x");
	closed = trace_find(p.t, put(&p, SERVER, "ACK", 1, 2, NULL))->segment;
	closed.window = 0;
	assert_int_equal(segment_encode(&closed, &packet, &err), 0);
	trace_altered(p.t, 5, packet.data, packet.len, 0);
	arrive(&p, 5);
	pass(&p, CLIENT, "ACK", 1, 1, NULL);
	assert_true(says(&p, 6, "Zero-window probe: server said win=0 last (#5)."));
	buf_clear(&packet);
	play_free(&p);
}

/* A FIN in the client's name: the server answers it, and the client knows nothing of it. */
static void what_is_forged_was_heard_and_not_said(void **unused)
{
	struct play p = play_new();

	(void)unused;
	play_handshake(&p);
	p.origin.injected = true;
	pass(&p, CLIENT, "FIN,ACK", 1, 1, NULL);
	pass(&p, SERVER, "ACK", 1, 2, NULL);
	pass(&p, CLIENT, "ACK", 1, 1, NULL);
	pass(&p, SERVER, "ACK", 1, 2, NULL);
	assert_true(
		says(&p, 5, "acknowledges up to 1 what client was never seen to send"));
	assert_null(strstr(explained(&p, 5), "FIN_WAIT_2"));
	assert_true(
		says(&p, 6, "answers #5, which acknowledges what client has not sent."));
	assert_true(says(&p, 7, "acknowledges up to 1 what client was never seen"));
	play_free(&p);
}

static void a_copy_of_what_was_made_by_hand_is_made_by_hand(void **unused)
{
	struct play p = play_new();

	(void)unused;
	p.origin.injected = true;
	put(&p, CLIENT, "SYN", 0, 0, NULL);
	trace_copied(p.t, p.now, 1);
	assert_true(trace_find(p.t, 2)->injected);
	assert_int_equal(trace_find(p.t, 2)->copy_of, 1);
	assert_null(strstr(explained(&p, 2), "SYN_SENT"));
	play_free(&p);
}

static void nobody_learns_from_a_damaged_segment(void **unused)
{
	struct play p = play_new();
	struct trace_segment *s;
	uint8_t packet[64];

	(void)unused;
	play_handshake(&p);
	/* A bit of its flags has turned over: it looks like a FIN. */
	s = trace_find(p.t, put(&p, CLIENT, "PSH,ACK", 1, 1, "hello"));
	assert_true(s->packet_len <= sizeof(packet));
	memcpy(packet, s->packet, s->packet_len);
	packet[20 + 13] ^= FLAG_FIN;
	trace_altered(p.t, 4, packet, s->packet_len, 0);
	arrive(&p, 4);
	pass(&p, CLIENT, "PSH,ACK", 1, 1, "hello");
	pass(&p, SERVER, "ACK", 1, 6, NULL);
	assert_string_equal(
		explained(&p, 4),
		"#4  client -> server  It is damaged: its checksum is wrong, and the receiver\n"
		"    throws it away without a word. It was changed on the wire.\n");
	assert_true(says(&p, 5, "Retransmission"));
	assert_string_equal(
		explained(&p, 6),
		"#6  server -> client  Acknowledges bytes up to 5 (ack=6 is the next one it\n"
		"    expects).\n");
	play_free(&p);
}

static void a_reset_that_never_arrived_provokes_nothing(void **unused)
{
	struct play p = play_new();
	uint32_t old = p.isn[CLIENT];

	(void)unused;
	play_handshake(&p);
	lose(&p, put(&p, CLIENT, "RST,ACK", 1, 1, NULL), "by you");
	p.isn[CLIENT] = old + 777;
	pass(&p, CLIENT, "SYN", 0, 0, NULL);
	p.isn[CLIENT] = old;
	pass(&p, SERVER, "ACK", 1, 1, NULL);
	assert_true(says(&p, 6, "After #5 that makes it a challenge ACK"));
	play_free(&p);
}

static void of_two_probes_that_came_together_either_may_be_answered(void **unused)
{
	struct play p = play_new();

	(void)unused;
	play_handshake(&p);
	pass(&p, CLIENT, "ACK", 0, 1, NULL);
	pass(&p, CLIENT, "ACK", 0, 1, NULL);
	pass(&p, SERVER, "ACK", 1, 1, NULL);
	pass(&p, SERVER, "ACK", 1, 1, NULL);
	pass(&p, SERVER, "ACK", 1, 1, NULL);
	assert_true(says(&p, 6, "It answers one of #4 to #5."));
	assert_true(says(&p, 7, "It answers the probe #5."));
	assert_null(strstr(explained(&p, 8), "answers"));
	play_free(&p);
}

/* The data is there although its ACK is not: the number is the next one. */
static void a_rst_right_behind_what_was_delivered_is_in_order(void **unused)
{
	struct play p = play_new();

	(void)unused;
	play_handshake(&p);
	pass(&p, CLIENT, "PSH,ACK", 1, 1, "hello");
	pass(&p, CLIENT, "RST,ACK", 6, 1, NULL);
	assert_null(strstr(explained(&p, 5), "believe"));
	play_free(&p);

	p = play_new();
	play_handshake(&p);
	lose(&p, put(&p, CLIENT, "PSH,ACK", 1, 1, "hello"), "by you");
	pass(&p, CLIENT, "RST,ACK", 6, 1, NULL);
	put(&p, CLIENT, "RST,ACK", 6, 1, NULL);
	assert_true(says(&p, 5, "Its number 6 is not the one that server expected (1),"));
	/* What it will be when that arrives nobody knows. */
	assert_null(strstr(explained(&p, 6), "believe"));
	play_free(&p);

	p = play_new();
	play_handshake(&p);
	pass(&p, CLIENT, "FIN,ACK", 1, 1, NULL);
	pass(&p, CLIENT, "RST", 2, 0, NULL);
	assert_null(strstr(explained(&p, 5), "believe"));
	play_free(&p);
}

static void a_syn_by_hand_belongs_to_the_connection_that_it_is_aimed_at(void **unused)
{
	struct play p = play_new();

	(void)unused;
	play_handshake(&p);
	p.origin.injected = true;
	pass(&p, CLIENT, "RST", 90000, 0, NULL);
	p.origin.injected = true;
	pass(&p, CLIENT, "SYN", 500, 0, NULL);
	pass(&p, SERVER, "ACK", 1, 1, NULL);
	p.origin.injected = true;
	pass(&p, CLIENT, "FIN", 1, 0, NULL);
	p.origin.injected = true;
	pass(&p, CLIENT, "SYN,FIN", 1, 0, NULL);
	pass(&p, SERVER, "ACK", 1, 1, NULL);
	assert_int_equal(trace_conns(p.t), 1);
	assert_int_equal(trace_seq(p.t, trace_find(p.t, 5)), 500);
	assert_true(says(
		&p, 5,
		"SYN=1, seq=500, in a connection that has begun already. server has a "
		"connection with this pair of addresses, in ESTABLISHED, and answers "
		"for that with a challenge ACK (RFC 9293, 3.10.7.4)."));
	assert_true(says(&p, 6, "After #5 that makes it a challenge ACK"));
	assert_true(
		says(&p, 7,
		     "Neither SYN nor ACK nor RST: a connection and a listener drop it"));
	assert_true(says(&p, 9, "After #8 that makes it a challenge ACK"));
	play_free(&p);
}

static void a_syn_that_meets_an_old_connection_does_not_begin_a_new_one(void **unused)
{
	struct play p = play_new();

	(void)unused;
	play_handshake(&p);
	p.isn[CLIENT] += 777;
	pass(&p, CLIENT, "SYN", 0, 0, NULL);
	assert_int_equal(trace_conns(p.t), 2);
	assert_null(strstr(explained(&p, 4), "this is a new one"));
	assert_true(says(&p, 4, "server has a connection with this pair of addresses"));
	play_free(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_byte_whose_ack_was_dropped_is_no_keepalive_probe),
		cmocka_unit_test(a_fin_whose_ack_was_dropped_is_no_probe),
		cmocka_unit_test(who_has_not_heard_that_the_window_is_open_probes_it),
		cmocka_unit_test(a_window_that_the_wire_has_changed_is_what_was_heard),
		cmocka_unit_test(what_is_forged_was_heard_and_not_said),
		cmocka_unit_test(a_copy_of_what_was_made_by_hand_is_made_by_hand),
		cmocka_unit_test(nobody_learns_from_a_damaged_segment),
		cmocka_unit_test(a_reset_that_never_arrived_provokes_nothing),
		cmocka_unit_test(of_two_probes_that_came_together_either_may_be_answered),
		cmocka_unit_test(a_rst_right_behind_what_was_delivered_is_in_order),
		cmocka_unit_test(
			a_syn_by_hand_belongs_to_the_connection_that_it_is_aimed_at),
		cmocka_unit_test(
			a_syn_that_meets_an_old_connection_does_not_begin_a_new_one),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
