/* trace_rst.c - why a connection was reset: from what its sender was, heard and was told to do. */
#include "trace_play.h"

static void called(struct play *p, int host, bool listener, const char *text)
{
	union addr local = play_addr(p, host), peer = play_addr(p, !host);

	trace_called(p->t, p->now, host, 3, &local, listener ? NULL : &peer, text);
}

static void an_abort_needs_no_other_reason(void **unused)
{
	struct play p = play_new();

	(void)unused;
	play_handshake(&p);
	pass(&p, CLIENT, "FIN,ACK", 1, 1, NULL);
	pass(&p, SERVER, "ACK", 1, 2, NULL);
	called(&p, CLIENT, false, "abort client.c1");
	pass(&p, CLIENT, "RST,ACK", 2, 1, NULL);
	assert_true(says(&p, 6,
			 "RST=1: client aborts the connection instead of closing it (RFC "
			 "9293, 3.10.5). The command: abort client.c1."));
	assert_null(strstr(explained(&p, 6), "unread"));
	play_free(&p);
}

static void a_close_with_bytes_unread_is_the_reason_where_it_was_one(void **unused)
{
	struct play p = play_new();

	(void)unused;
	play_handshake(&p);
	play_hello(&p);
	called(&p, SERVER, false, "close server.s1 with 5 bytes unread");
	pass(&p, SERVER, "RST,ACK", 1, 6, NULL);
	assert_true(says(&p, 6, "server closes the connection with bytes unread"));
	assert_null(strstr(explained(&p, 6), "abort"));
	play_free(&p);
}

static void the_command_of_another_socket_is_not_the_reason(void **unused)
{
	struct play p = play_new();

	(void)unused;
	play_handshake(&p);
	p.port++;
	called(&p, CLIENT, false, "abort client.c2");
	p.port--;
	pass(&p, CLIENT, "RST,ACK", 1, 1, NULL);
	assert_null(strstr(explained(&p, 4), "abort client.c2"));
	assert_true(says(&p, 4, "Which of them the trace does not tell."));
	play_free(&p);
}

static void a_listener_that_closes_resets_what_nobody_has_accepted(void **unused)
{
	struct play p = play_new();

	(void)unused;
	play_handshake(&p);
	called(&p, SERVER, true, "close server.l1");
	pass(&p, SERVER, "RST,ACK", 1, 1, NULL);
	assert_true(says(&p, 4,
			 "RST=1: server listens no longer, and nobody had accepted this "
			 "connection. The command: close server.l1."));
	play_free(&p);
}

static void a_probe_without_an_answer_is_followed_by_a_reset(void **unused)
{
	struct play p = play_new();

	(void)unused;
	play_handshake(&p);
	lose(&p, put(&p, CLIENT, "ACK", 0, 1, NULL), "by you");
	pass(&p, CLIENT, "RST,ACK", 1, 1, NULL);
	assert_true(says(&p, 5, "nobody has answered the keepalive probe #4, so client"));
	play_free(&p);
}

static void a_full_accept_queue_is_one_of_the_reasons_in_syn_rcvd(void **unused)
{
	struct play p = play_new();

	(void)unused;
	put(&p, CLIENT, "SYN", 0, 0, NULL);
	state(&p, 1, CLIENT, STATE_CLOSED, STATE_SYN_SENT);
	arrive(&p, 1);
	state(&p, 1, SERVER, STATE_LISTEN, STATE_SYN_RCVD);
	pass(&p, SERVER, "SYN,ACK", 0, 1, NULL);
	state(&p, 2, CLIENT, STATE_SYN_SENT, STATE_ESTABLISHED);
	pass(&p, CLIENT, "ACK", 1, 1, NULL);
	state(&p, 3, SERVER, STATE_SYN_RCVD, STATE_CLOSED);
	pass(&p, SERVER, "RST", 1, 0, NULL);
	assert_true(says(&p, 4, "server does not take the connection that #3 completes"));
	assert_true(says(&p, 4, "tcp_abort_on_overflow"));
	/* The table's sentence would have it ESTABLISHED. */
	assert_null(strstr(explained(&p, 3), "will be"));
	play_free(&p);
}

static void in_syn_sent_an_ack_out_of_place_is_refused(void **unused)
{
	struct play p = play_new();
	uint32_t old = p.isn[CLIENT];

	(void)unused;
	pass(&p, CLIENT, "SYN", 0, 0, NULL);
	pass(&p, SERVER, "ACK", 0, 777, NULL);
	pass(&p, CLIENT, "RST", 777, 0, NULL);
	assert_true(says(&p, 3, "RST=1: client is in SYN_SENT and does not accept #2,"));
	play_free(&p);

	/* The answer belongs to the connection that the server still has. */
	p = play_new();
	play_unwatched(&p);
	p.isn[CLIENT] = old + 777;
	pass(&p, CLIENT, "SYN", 0, 0, NULL);
	p.isn[CLIENT] = old;
	pass(&p, SERVER, "ACK", 1, 1, NULL);
	pass(&p, CLIENT, "RST", 1, 0, NULL);
	assert_true(
		says(&p, 6, "client is in SYN_SENT and does not accept #5, whose ack=1"));
	play_free(&p);
}

static void bytes_behind_a_fin_are_answered_by_a_reset(void **unused)
{
	struct play p = play_new();

	(void)unused;
	play_handshake(&p);
	pass(&p, CLIENT, "FIN,ACK", 1, 1, NULL);
	pass(&p, SERVER, "ACK", 1, 2, NULL);
	pass(&p, CLIENT, "ACK", 1, 1, "more");
	pass(&p, SERVER, "RST", 1, 0, NULL);
	assert_true(says(&p, 7, "RST=1: #6 brought bytes behind the FIN #4"));
	play_free(&p);
}

static void what_the_wire_has_made_a_reset_is_not_its_senders_doing(void **unused)
{
	struct play p = play_new();
	struct buf packet = BUF_EMPTY;
	struct segment reset;
	struct err err;

	(void)unused;
	play_handshake(&p);
	reset = trace_find(p.t, put(&p, CLIENT, "PSH,ACK", 1, 1, "x"))->segment;
	reset.flags = FLAG_RST;
	assert_int_equal(segment_encode(&reset, &packet, &err), 0);
	trace_altered(p.t, 4, packet.data, packet.len, 0);
	arrive(&p, 4);
	assert_string_equal(
		explained(&p, 4),
		"#4  client -> server  RST=1: the connection is to end at once. "
		"It was changed\n    on the wire.\n");
	buf_clear(&packet);
	play_free(&p);
}

static void of_what_came_together_the_reset_answers_what_has_its_number(void **unused)
{
	struct play p = play_new();

	(void)unused;
	play_unwatched(&p);
	pass(&p, CLIENT, "ACK", 1, 5, "a");
	pass(&p, CLIENT, "ACK", 2, 9, "b");
	pass(&p, SERVER, "RST", 5, 0, NULL);
	pass(&p, SERVER, "RST", 9, 0, NULL);
	assert_true(says(&p, 6, "it has the number that #4 acknowledged"));
	assert_true(says(&p, 7, "it has the number that #5 acknowledged"));
	play_free(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_abort_needs_no_other_reason),
		cmocka_unit_test(
			a_close_with_bytes_unread_is_the_reason_where_it_was_one),
		cmocka_unit_test(the_command_of_another_socket_is_not_the_reason),
		cmocka_unit_test(a_listener_that_closes_resets_what_nobody_has_accepted),
		cmocka_unit_test(a_probe_without_an_answer_is_followed_by_a_reset),
		cmocka_unit_test(a_full_accept_queue_is_one_of_the_reasons_in_syn_rcvd),
		cmocka_unit_test(in_syn_sent_an_ack_out_of_place_is_refused),
		cmocka_unit_test(bytes_behind_a_fin_are_answered_by_a_reset),
		cmocka_unit_test(what_the_wire_has_made_a_reset_is_not_its_senders_doing),
		cmocka_unit_test(
			of_what_came_together_the_reset_answers_what_has_its_number),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
