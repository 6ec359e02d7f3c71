/* trace_conns.c - which connection a segment belongs to, and its numbers in it. */
#include <time.h>

#include "trace_play.h"

static const struct trace_conn *conn_of(struct play *p, unsigned number)
{
	return trace_conn_of(p->t, trace_find(p->t, number));
}

static void numbers_are_relative_to_both_syns_also_past_2_to_the_32(void **unused)
{
	struct play p = play_new();
	const struct trace_segment *s;

	(void)unused;
	play_handshake(&p);
	pass(&p, SERVER, "ACK", 1000, 1, "x");
	s = trace_find(p.t, 4);
	assert_true(s->segment.seq < 1000);
	assert_int_equal(trace_seq(p.t, s), 1000);
	assert_int_equal(trace_ack(p.t, s), 1);
	assert_int_equal(trace_conns(p.t), 1);
	assert_int_equal(trace_conn(p.t, 0)->first, 1);
	play_free(&p);
}

static void a_segment_without_ack_acknowledges_nothing(void **unused)
{
	struct play p = play_new();

	(void)unused;
	play_handshake(&p);
	assert_int_equal(trace_ack(p.t, trace_find(p.t, 1)), 0);
	play_free(&p);
}

static void windows_are_scaled_when_both_syns_agreed_and_never_on_a_syn(void **unused)
{
	struct play p = play_new();

	(void)unused;
	play_handshake(&p);
	assert_int_equal(trace_window(p.t, trace_find(p.t, 1)), 64240);
	assert_int_equal(trace_window(p.t, trace_find(p.t, 2)), 65160);
	assert_int_equal(trace_window(p.t, trace_find(p.t, 3)), 63 << 10);
	play_free(&p);
}

static void
a_capture_that_begins_in_the_middle_counts_from_what_it_saw_first(void **unused)
{
	struct play p = play_new();

	(void)unused;
	pass(&p, CLIENT, "PSH,ACK", 70000, 90000, "hello");
	pass(&p, SERVER, "ACK", 90000, 70005, NULL);
	assert_int_equal(trace_seq(p.t, trace_find(p.t, 1)), 1);
	assert_int_equal(trace_ack(p.t, trace_find(p.t, 1)), 1);
	assert_int_equal(trace_seq(p.t, trace_find(p.t, 2)), 1);
	assert_int_equal(trace_ack(p.t, trace_find(p.t, 2)), 6);
	assert_int_equal(trace_window(p.t, trace_find(p.t, 2)), 63);
	play_free(&p);
}

static void a_new_syn_on_the_same_pair_begins_a_new_connection(void **unused)
{
	struct play p = play_new();

	(void)unused;
	play_handshake(&p);
	play_close(&p);
	p.isn[CLIENT] += 100000;
	p.isn[SERVER] += 500000;
	pass(&p, CLIENT, "SYN", 0, 0, NULL);
	pass(&p, SERVER, "SYN,ACK", 0, 1, NULL);
	pass(&p, CLIENT, "ACK", 1, 1, NULL);
	assert_int_equal(trace_conns(p.t), 2);
	assert_ptr_equal(conn_of(&p, 7), trace_conn(p.t, 0));
	assert_ptr_equal(conn_of(&p, 10), trace_conn(p.t, 1));
	assert_int_equal(trace_seq(p.t, trace_find(p.t, 10)), 1);
	play_free(&p);
}

static void a_syn_sent_again_is_no_new_connection(void **unused)
{
	struct play p = play_new();

	(void)unused;
	put(&p, CLIENT, "SYN", 0, 0, NULL);
	put(&p, CLIENT, "SYN", 0, 0, NULL);
	assert_int_equal(trace_conns(p.t), 1);
	assert_int_equal(trace_find(p.t, 2)->again, 1);
	play_free(&p);
}

static void
a_half_open_end_answers_for_the_old_connection_not_for_the_new_syn(void **unused)
{
	struct play p = play_new();
	uint32_t old = p.isn[CLIENT];

	(void)unused;
	play_handshake(&p);
	p.isn[CLIENT] = old + 777;
	pass(&p, CLIENT, "SYN", 0, 0, NULL); /* #4: the client has forgotten all */
	p.isn[CLIENT] = old;
	pass(&p, SERVER, "ACK", 1, 1, NULL); /* #5: challenge ACK */
	pass(&p, CLIENT, "RST", 1, 0, NULL); /* #6 */
	p.isn[CLIENT] = old + 777;
	p.isn[SERVER] += 4242;
	pass(&p, CLIENT, "SYN", 0, 0, NULL); /* #7: again */
	pass(&p, SERVER, "SYN,ACK", 0, 1, NULL);
	pass(&p, CLIENT, "ACK", 1, 1, NULL);
	assert_int_equal(trace_conns(p.t), 2);
	assert_ptr_equal(conn_of(&p, 4), trace_conn(p.t, 1));
	assert_ptr_equal(conn_of(&p, 5), trace_conn(p.t, 0));
	assert_ptr_equal(conn_of(&p, 6), trace_conn(p.t, 0));
	assert_ptr_equal(conn_of(&p, 7), trace_conn(p.t, 1));
	assert_ptr_equal(conn_of(&p, 9), trace_conn(p.t, 1));
	assert_int_equal(trace_ack(p.t, trace_find(p.t, 9)), 1);
	play_free(&p);
}

static void a_forged_syn_ack_does_not_set_the_servers_beginning(void **unused)
{
	struct play p = play_new();

	(void)unused;
	pass(&p, CLIENT, "SYN", 0, 0, NULL);
	p.isn[SERVER] += 123456;
	pass(&p, SERVER, "SYN,ACK", 0, 9, NULL);
	p.isn[SERVER] -= 123456;
	pass(&p, SERVER, "SYN,ACK", 0, 1, NULL);
	assert_int_equal(trace_seq(p.t, trace_find(p.t, 3)), 0);
	play_free(&p);
}

static void both_syns_of_a_simultaneous_open_are_one_connection(void **unused)
{
	struct play p = play_new();

	(void)unused;
	put(&p, CLIENT, "SYN", 0, 0, NULL);
	put(&p, SERVER, "SYN", 0, 0, NULL);
	put(&p, SERVER, "SYN,ACK", 0, 1, NULL);
	assert_int_equal(trace_conns(p.t), 1);
	assert_int_equal(trace_seq(p.t, trace_find(p.t, 3)), 0);
	assert_int_equal(trace_find(p.t, 3)->again, 0);
	play_free(&p);
}

static void what_is_sent_twice_names_the_first(void **unused)
{
	struct play p = play_new();

	(void)unused;
	play_handshake(&p);
	put(&p, CLIENT, "ACK", 1, 1, "hello");
	put(&p, CLIENT, "ACK", 6, 1, "world");
	put(&p, CLIENT, "ACK", 6, 1, "world");
	put(&p, CLIENT, "ACK", 3, 1, "llowor");
	put(&p, CLIENT, "ACK", 11, 1, "news");
	put(&p, CLIENT, "ACK", 11, 1, NULL);
	assert_int_equal(trace_find(p.t, 5)->again, 0);
	assert_int_equal(trace_find(p.t, 6)->again, 5);
	assert_int_equal(trace_find(p.t, 7)->again, 4);
	assert_int_equal(trace_find(p.t, 8)->again, 0);
	assert_int_equal(trace_find(p.t, 9)->again, 0);
	play_free(&p);
}

static void bytes_that_fill_a_gap_were_not_sent_before(void **unused)
{
	struct play p = play_new();

	(void)unused;
	play_handshake(&p);
	put(&p, CLIENT, "ACK", 6, 1, "world");
	put(&p, CLIENT, "ACK", 1, 1, "hello");
	put(&p, CLIENT, "ACK", 6, 1, "world");
	assert_int_equal(trace_find(p.t, 5)->again, 0);
	assert_int_equal(trace_find(p.t, 6)->again, 4);
	play_free(&p);
}

static void what_was_forged_the_sender_does_not_send_again(void **unused)
{
	struct play p = play_new();

	(void)unused;
	play_handshake(&p);
	p.origin.injected = true;
	put(&p, CLIENT, "ACK", 1, 1, "evil!");
	put(&p, CLIENT, "ACK", 1, 1, "hello");
	put(&p, CLIENT, "ACK", 1, 1, "hello");
	assert_int_equal(trace_find(p.t, 5)->again, 0);
	assert_int_equal(trace_find(p.t, 6)->again, 5);
	play_free(&p);
}

static void a_state_reported_before_its_first_segment_finds_its_connection(void **unused)
{
	struct play p = play_new();

	(void)unused;
	state(&p, 0, CLIENT, STATE_CLOSED, STATE_SYN_SENT);
	assert_int_equal(trace_event(p.t, 0)->conn, -1);
	put(&p, CLIENT, "SYN", 0, 0, NULL);
	assert_int_equal(trace_event(p.t, 0)->conn, 0);
	play_free(&p);
}

static void packets_cut_anywhere_are_kept_and_belong_to_nobody_wrong(void **unused)
{
	struct play p = play_new();
	const struct trace_segment *whole;
	size_t len;

	(void)unused;
	play_handshake(&p);
	put(&p, CLIENT, "PSH,ACK", 1, 1, "hello");
	whole = trace_find(p.t, 4);
	for (len = 0; len < whole->packet_len; len++)
		trace_sent(p.t, 1, CLIENT, SERVER, whole->packet, len);
	for (len = 0; len < whole->packet_len; len++) {
		const struct trace_segment *s = trace_find(p.t, (unsigned)len + 5);

		assert_non_null(s->segment.fault);
		assert_int_equal(s->packet_len, len);
	}
	put(&p, CLIENT, "PSH,ACK", 6, 1, "hello");
	assert_int_equal(trace_conns(p.t), 1);
	assert_int_equal(trace_find(p.t, (unsigned)len + 5)->again, 0);
	play_free(&p);
}

static void many_pairs_are_told_apart(void **unused)
{
	struct play p = play_new();
	int i;

	(void)unused;
	for (i = 0; i < 3000; i++) {
		p.port = 1024 + i;
		put(&p, CLIENT, "SYN", 0, 0, NULL);
	}
	for (i = 0; i < 3000; i++) {
		p.port = 1024 + i;
		put(&p, SERVER, "SYN,ACK", 0, 1, NULL);
	}
	assert_int_equal(trace_conns(p.t), 3000);
	assert_ptr_equal(conn_of(&p, 3000 + 17), trace_conn(p.t, 16));
	play_free(&p);
}

static void
acks_to_and_fro_that_only_repeat_are_counted_and_news_ends_the_count(void **unused)
{
	struct play p = play_new();
	unsigned n, i;

	(void)unused;
	play_handshake(&p);
	pass(&p, SERVER, "ACK", 1, 1, NULL);
	/* The server hears data that the client does not know of. */
	p.origin.injected = true;
	pass(&p, CLIENT, "PSH,ACK", 1, 1, "forged");
	pass(&p, SERVER, "ACK", 1, 7, NULL);
	n = pass(&p, CLIENT, "ACK", 1, 1, NULL);
	assert_int_equal(trace_echoes(trace_find(p.t, n)), 1);
	for (i = 2; i <= 7; i += 2) {
		n = pass(&p, SERVER, "ACK", 1, 7, NULL);
		assert_int_equal(trace_echoes(trace_find(p.t, n)), i);
		n = pass(&p, CLIENT, "ACK", 1, 1, NULL);
		assert_int_equal(trace_echoes(trace_find(p.t, n)), i + 1);
	}
	/* Two of them may be under way at the same time. */
	pass(&p, SERVER, "ACK", 1, 7, NULL);
	n = pass(&p, SERVER, "ACK", 1, 7, NULL);
	assert_int_equal(trace_echoes(trace_find(p.t, n)), 8);
	pass(&p, CLIENT, "ACK", 1, 1, NULL);
	n = pass(&p, CLIENT, "ACK", 1, 1, NULL);
	assert_int_equal(trace_echoes(trace_find(p.t, n)), 9);
	n = pass(&p, SERVER, "PSH,ACK", 1, 7, "news");
	assert_int_equal(trace_echoes(trace_find(p.t, n)), 0);
	play_free(&p);
}

static void duplicate_acks_in_one_direction_are_no_echoes(void **unused)
{
	struct play p = play_new();
	unsigned n, i;

	(void)unused;
	play_handshake(&p);
	for (i = 0; i < 5; i++) {
		n = pass(&p, SERVER, "ACK", 1, 1, NULL);
		if (i > 0)
			assert_int_equal(trace_echoes(trace_find(p.t, n)), 0);
	}
	play_free(&p);
}

static void bytes_sent_again_in_other_pieces_are_known(void **unused)
{
	struct play p = play_new();

	(void)unused;
	play_handshake(&p);
	put(&p, CLIENT, "ACK", 1, 1, "0123456789");
	put(&p, CLIENT, "ACK", 11, 1, "0123456789");
	put(&p, CLIENT, "ACK", 6, 1, "5678901234");
	put(&p, CLIENT, "ACK", 16, 1, "56789");
	put(&p, CLIENT, "ACK", 18, 1, "789abc");
	put(&p, CLIENT, "ACK", 21, 1, "abc");
	assert_int_equal(trace_find(p.t, 5)->again, 0);
	assert_int_equal(trace_find(p.t, 6)->again, 4);
	assert_int_equal(trace_find(p.t, 7)->again, 5);
	assert_int_equal(trace_find(p.t, 8)->again, 5);
	assert_int_equal(trace_find(p.t, 9)->again, 8);
	play_free(&p);
}

/* 2^32 numbers are used up after 4 GiB, and come again with other bytes. */
static void numbers_that_have_come_around_are_not_sent_again(void **unused)
{
	struct play p = play_new();
	uint32_t gib = 1u << 30;
	unsigned i;

	(void)unused;
	play_handshake(&p);
	for (i = 0; i < 12; i++) {
		put(&p, CLIENT, "ACK", 1 + i * (gib / 2), 1, "hello");
		assert_int_equal(trace_find(p.t, 4 + 2 * i)->again, 0);
		put(&p, CLIENT, "ACK", 1 + i * (gib / 2), 1, "hello");
		assert_int_equal(trace_find(p.t, 5 + 2 * i)->again, 4 + 2 * i);
	}
	play_free(&p);
}

/* One pair of addresses, and each SYN is met by an ACK that belongs to none of them. */
static double flood_time(unsigned syns)
{
	struct play p = play_new();
	struct timespec before, after;
	unsigned i;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
	for (i = 0; i < syns; i++) {
		p.isn[CLIENT] = i * 7919;
		put(&p, CLIENT, "SYN", 0, 0, NULL);
		put(&p, SERVER, "ACK", 3, 77, NULL);
	}
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
	assert_int_equal(trace_conns(p.t), syns);
	assert_ptr_equal(conn_of(&p, 2 * syns), trace_conn(p.t, 0));
	play_free(&p);
	return (double)(after.tv_sec - before.tv_sec) +
	       (double)(after.tv_nsec - before.tv_nsec) * 1e-9;
}

static void ten_times_the_syns_of_one_pair_cost_ten_times_as_much(void **unused)
{
	(void)unused;
	assert_true(flood_time(30000) < 40 * flood_time(3000) + 0.5);
}

static void the_syn_that_is_answered_need_not_be_the_latest(void **unused)
{
	struct play p = play_new();
	uint32_t isn = p.isn[CLIENT];
	unsigned i;

	(void)unused;
	for (i = 0; i < 4; i++) {
		p.isn[CLIENT] = isn + i * 1000;
		put(&p, CLIENT, "SYN", 0, 0, NULL);
	}
	p.isn[CLIENT] = isn + 1000;
	put(&p, SERVER, "SYN,ACK", 0, 1, NULL);
	put(&p, CLIENT, "ACK", 1, 1, "hello");
	assert_int_equal(trace_conns(p.t), 4);
	assert_ptr_equal(conn_of(&p, 5), trace_conn(p.t, 1));
	assert_ptr_equal(conn_of(&p, 6), trace_conn(p.t, 1));
	p.isn[CLIENT] = isn + 9000;
	put(&p, CLIENT, "SYN", 0, 0, NULL);
	put(&p, SERVER, "ACK", 1, 500000, NULL);
	assert_ptr_equal(conn_of(&p, 8), trace_conn(p.t, 1));
	play_free(&p);
}

static void what_was_made_by_hand_has_the_numbers_that_were_typed(void **unused)
{
	struct play p = play_new();

	(void)unused;
	/* . 5:5(0) ack 7, and the RST that answers it. */
	p.origin = (struct trace_origin){ .injected = true,
					  .based = true,
					  .base = { CLIENT_ISN, SERVER_ISN } };
	pass(&p, CLIENT, "ACK", 5, 7, NULL);
	assert_int_equal(trace_seq(p.t, trace_find(p.t, 1)), 5);
	assert_int_equal(trace_ack(p.t, trace_find(p.t, 1)), 7);
	pass(&p, SERVER, "RST", 7, 0, NULL);
	assert_int_equal(trace_seq(p.t, trace_find(p.t, 2)), 7);
	play_free(&p);

	/* S 4294967295:0(1); the server's numbers count from its own SYN. */
	p = play_new();
	p.origin = (struct trace_origin){ .injected = true,
					  .based = true,
					  .base = { CLIENT_ISN, 0 } };
	pass(&p, CLIENT, "SYN", 4294967295u, 0, NULL);
	pass(&p, SERVER, "SYN,ACK", 0, 0, NULL);
	assert_int_equal(trace_seq(p.t, trace_find(p.t, 1)), 4294967295u);
	assert_int_equal(trace_ack(p.t, trace_find(p.t, 2)), 0);
	assert_int_equal(trace_seq(p.t, trace_find(p.t, 2)), 0);
	assert_true(says(&p, 2, "ack=X+1=0, seq=K=0"));
	play_free(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_relative_to_both_syns_also_past_2_to_the_32),
		cmocka_unit_test(a_segment_without_ack_acknowledges_nothing),
		cmocka_unit_test(
			windows_are_scaled_when_both_syns_agreed_and_never_on_a_syn),
		cmocka_unit_test(
			a_capture_that_begins_in_the_middle_counts_from_what_it_saw_first),
		cmocka_unit_test(a_new_syn_on_the_same_pair_begins_a_new_connection),
		cmocka_unit_test(a_syn_sent_again_is_no_new_connection),
		cmocka_unit_test(
			a_half_open_end_answers_for_the_old_connection_not_for_the_new_syn),
		cmocka_unit_test(a_forged_syn_ack_does_not_set_the_servers_beginning),
		cmocka_unit_test(both_syns_of_a_simultaneous_open_are_one_connection),
		cmocka_unit_test(what_is_sent_twice_names_the_first),
		cmocka_unit_test(bytes_that_fill_a_gap_were_not_sent_before),
		cmocka_unit_test(what_was_forged_the_sender_does_not_send_again),
		cmocka_unit_test(
			a_state_reported_before_its_first_segment_finds_its_connection),
		cmocka_unit_test(
			packets_cut_anywhere_are_kept_and_belong_to_nobody_wrong),
		cmocka_unit_test(many_pairs_are_told_apart),
		cmocka_unit_test(
			acks_to_and_fro_that_only_repeat_are_counted_and_news_ends_the_count),
		cmocka_unit_test(duplicate_acks_in_one_direction_are_no_echoes),
		cmocka_unit_test(bytes_sent_again_in_other_pieces_are_known),
		cmocka_unit_test(numbers_that_have_come_around_are_not_sent_again),
		cmocka_unit_test(ten_times_the_syns_of_one_pair_cost_ten_times_as_much),
		cmocka_unit_test(the_syn_that_is_answered_need_not_be_the_latest),
		cmocka_unit_test(what_was_made_by_hand_has_the_numbers_that_were_typed),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
