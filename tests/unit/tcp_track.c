/* tcp_track.c - tests: the states of both ends, derived from segments and calls alone. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tcp/notation.h"
#include "tcp/track.h"

/* Two ends, A with ISN 100 and B with ISN 500, and what was sent from one to the other. */
struct play {
	struct track *t;
	union addr a, b;
};

static int begin(void **state)
{
	static struct play p;

	p = (struct play){ .t = track_new() };
	assert_true(addr_from_number(&p.a, "10.77.0.1", 4000));
	assert_true(addr_from_number(&p.b, "10.77.0.2", 80));
	*state = &p;
	return 0;
}

static int end(void **state)
{
	struct play *p = *state;

	track_free(p->t);
	return 0;
}

static struct segment segment_of(struct play *p, bool from_a, const char *text)
{
	struct segment s;
	struct err err;

	segment_init(&s);
	s.from = from_a ? p->a : p->b;
	s.to = from_a ? p->b : p->a;
	s.window = 1000;
	s.checksum_ok = true;
	s.fault = NULL;
	if (notation_parse(&s, text, from_a ? 100 : 500, from_a ? 500 : 100, NULL, &err) <
	    0)
		fail_msg("%s: %s", text, err.message);
	return s;
}

static void sent(struct play *p, bool from_a, const char *text)
{
	struct segment s = segment_of(p, from_a, text);

	track_sent(p->t, &s);
}

static void arrives(struct play *p, bool from_a, const char *text)
{
	struct segment s = segment_of(p, from_a, text);

	track_delivered(p->t, &s);
}

static void moves(struct play *p, bool from_a, const char *text)
{
	sent(p, from_a, text);
	arrives(p, from_a, text);
}

#define a_is(p, s)                                                             \
	assert_string_equal(state_name(track_state((p)->t, &(p)->a, &(p)->b)), \
			    state_name(STATE_##s))
#define b_is(p, s)                                                             \
	assert_string_equal(state_name(track_state((p)->t, &(p)->b, &(p)->a)), \
			    state_name(STATE_##s))

static void open_both(struct play *p)
{
	track_called(p->t, &p->b, NULL, TRACK_LISTEN);
	moves(p, true, "S 0:0(0)");
	moves(p, false, "S. 0:0(0) ack 1");
	moves(p, true, ". 1:1(0) ack 1");
}

static void the_handshake_goes_through_its_states(void **state)
{
	struct play *p = *state;

	b_is(p, CLOSED);
	track_called(p->t, &p->b, NULL, TRACK_LISTEN);
	b_is(p, LISTEN);
	sent(p, true, "S 0:0(0)");
	a_is(p, SYN_SENT);
	b_is(p, LISTEN);
	arrives(p, true, "S 0:0(0)");
	b_is(p, SYN_RCVD);
	moves(p, false, "S. 0:0(0) ack 1");
	a_is(p, ESTABLISHED);
	b_is(p, SYN_RCVD);
	moves(p, true, ". 1:1(0) ack 1");
	b_is(p, ESTABLISHED);
}

static void an_orderly_close_ends_in_time_wait(void **state)
{
	struct play *p = *state;

	open_both(p);
	track_called(p->t, &p->a, &p->b, TRACK_CLOSE);
	a_is(p, FIN_WAIT_1);
	moves(p, true, "F. 1:1(0) ack 1");
	b_is(p, CLOSE_WAIT);
	moves(p, false, ". 1:1(0) ack 2");
	a_is(p, FIN_WAIT_2);
	track_called(p->t, &p->b, &p->a, TRACK_CLOSE);
	b_is(p, LAST_ACK);
	moves(p, false, "F. 1:1(0) ack 2");
	a_is(p, TIME_WAIT);
	moves(p, true, ". 2:2(0) ack 2");
	b_is(p, LISTEN);
}

static void crossing_syns_open_and_crossing_fins_close(void **state)
{
	struct play *p = *state;

	sent(p, true, "S 0:0(0)");
	sent(p, false, "S 0:0(0)");
	arrives(p, true, "S 0:0(0)");
	arrives(p, false, "S 0:0(0)");
	a_is(p, SYN_RCVD);
	b_is(p, SYN_RCVD);
	moves(p, true, "S. 0:0(0) ack 1");
	moves(p, false, "S. 0:0(0) ack 1");
	a_is(p, ESTABLISHED);
	b_is(p, ESTABLISHED);
	sent(p, true, "F. 1:1(0) ack 1");
	sent(p, false, "F. 1:1(0) ack 1");
	arrives(p, true, "F. 1:1(0) ack 1");
	arrives(p, false, "F. 1:1(0) ack 1");
	a_is(p, CLOSING);
	b_is(p, CLOSING);
	moves(p, true, ". 2:2(0) ack 2");
	b_is(p, TIME_WAIT);
}

static void where_both_have_sent_syn_an_ack_of_nothing_opens(void **state)
{
	struct play *p = *state;

	sent(p, true, "S 0:0(0)");
	arrives(p, false, "S 0:0(0)");
	a_is(p, SYN_RCVD);
	sent(p, true, "S. 0:0(0) ack 1");
	arrives(p, false, ". 1:1(0) ack 0");
	a_is(p, ESTABLISHED);
}

static void a_fin_behind_a_gap_counts_when_the_gap_is_filled(void **state)
{
	struct play *p = *state;

	open_both(p);
	sent(p, true, "P. 1:11(10) ack 1");
	sent(p, true, "F. 11:11(0) ack 1");
	arrives(p, true, "F. 11:11(0) ack 1");
	b_is(p, ESTABLISHED);
	arrives(p, true, "P. 1:11(10) ack 1");
	b_is(p, CLOSE_WAIT);
}

static void a_rst_counts_with_the_exact_number_only(void **state)
{
	struct play *p = *state;

	open_both(p);
	arrives(p, true, "R 2:2(0)");
	b_is(p, ESTABLISHED);
	arrives(p, true, "R 1:1(0)");
	b_is(p, LISTEN);
}

static void a_syn_for_an_open_end_changes_nothing(void **state)
{
	struct play *p = *state;

	open_both(p);
	arrives(p, true, "S 5:5(0)");
	b_is(p, ESTABLISHED);
}

static void a_full_accept_queue_is_no_difference(void **state)
{
	struct play *p = *state;

	track_called(p->t, &p->b, NULL, TRACK_LISTEN);
	moves(p, true, "S 0:0(0)");
	moves(p, false, "S. 0:0(0) ack 1");
	moves(p, true, ". 1:1(0) ack 1");
	assert_true(track_agrees(p->t, &p->b, &p->a, STATE_SYN_RCVD));
	b_is(p, SYN_RCVD);
	arrives(p, true, ". 1:1(0) ack 1");
	b_is(p, ESTABLISHED);
}

static void a_full_accept_queue_that_resets_is_no_difference(void **state)
{
	struct play *p = *state;

	track_called(p->t, &p->b, NULL, TRACK_LISTEN);
	moves(p, true, "S 0:0(0)");
	moves(p, false, "S. 0:0(0) ack 1");
	moves(p, true, ". 1:1(0) ack 1");
	assert_true(track_agrees(p->t, &p->b, &p->a, STATE_LISTEN));
	b_is(p, LISTEN);
}

/* The listener answers the SYN with a cookie, and keeps nothing. */
static void answer_with_a_cookie(struct play *p)
{
	track_called(p->t, &p->b, NULL, TRACK_LISTEN);
	moves(p, true, "S 0:0(0) <mss 1460,wscale 7>");
	assert_true(track_agrees(p->t, &p->b, &p->a, STATE_LISTEN));
	moves(p, false, "S. 0:0(0) ack 1 <mss 1460,wscale 7>");
	track_settle(p->t, &p->b, &p->a, STATE_LISTEN);
	b_is(p, LISTEN);
}

static void a_fin_brings_a_syn_cookie_back_as_an_ack_does(void **state)
{
	struct play *p = *state;

	answer_with_a_cookie(p);
	moves(p, true, "FP. 1:11(10) ack 1");
	assert_true(track_agrees(p->t, &p->b, &p->a, STATE_CLOSE_WAIT));
	b_is(p, CLOSE_WAIT);
	moves(p, false, "F. 1:1(0) ack 12");
	b_is(p, LAST_ACK);
	moves(p, true, ". 12:12(0) ack 2");
	b_is(p, LISTEN);
}

static void behind_a_syn_cookie_the_windows_are_scaled(void **state)
{
	struct play *p = *state;

	answer_with_a_cookie(p);
	moves(p, true, ". 1:1(0) ack 1");
	assert_true(track_agrees(p->t, &p->b, &p->a, STATE_ESTABLISHED));
	moves(p, false, ". 1:1(0) ack 1");
	arrives(p, true, "F. 5001:5001(0) ack 1");
	arrives(p, true, ". 1:5001(5000) ack 1");
	b_is(p, CLOSE_WAIT);
}

static void knock_with_timestamps(struct play *p)
{
	track_called(p->t, &p->b, NULL, TRACK_LISTEN);
	moves(p, true, "S 0:0(0) <mss 1460,sackOK,TS val 100 ecr 0>");
	moves(p, false, "S. 0:0(0) ack 1 <mss 1460,sackOK,TS val 700 ecr 100>");
	b_is(p, SYN_RCVD);
}

static void in_the_syn_queue_a_timestamp_must_echo_the_syn_acks(void **state)
{
	struct play *p = *state;

	knock_with_timestamps(p);
	arrives(p, true, "R. 1:1(0) ack 1 <nop,nop,TS val 102 ecr 1>");
	b_is(p, SYN_RCVD);
	arrives(p, true, ". 1:1(0) ack 1 <nop,nop,TS val 102 ecr 701>");
	b_is(p, SYN_RCVD);
	moves(p, false, "S. 0:0(0) ack 1 <mss 1460,sackOK,TS val 1700 ecr 100>");
	arrives(p, true, ". 1:1(0) ack 1 <nop,nop,TS val 102 ecr 701>");
	b_is(p, ESTABLISHED);
}

static void in_the_syn_queue_no_echo_and_no_timestamp_are_right_as_well(void **state)
{
	struct play *p = *state;

	knock_with_timestamps(p);
	arrives(p, true, "R. 1:1(0) ack 1 <nop,nop,TS val 102 ecr 0>");
	b_is(p, LISTEN);
	knock_with_timestamps(p);
	arrives(p, true, ". 1:1(0) ack 1");
	b_is(p, ESTABLISHED);
}

static void a_syn_in_the_window_ends_what_waits_in_the_syn_queue(void **state)
{
	struct play *p = *state;

	knock_with_timestamps(p);
	arrives(p, true, "S 0:0(0) <mss 1460>");
	b_is(p, SYN_RCVD);
	arrives(p, true, "S 5:5(0)");
	b_is(p, LISTEN);
}

static void a_syn_ack_with_data_makes_a_socket_in_syn_rcvd(void **state)
{
	struct play *p = *state;

	knock_with_timestamps(p);
	arrives(p, true, "S. 0:10(10) ack 1");
	b_is(p, SYN_RCVD);
	arrives(p, true, "S 5:5(0)");
	b_is(p, SYN_RCVD);
	arrives(p, true, ". 1:1(0) ack 1");
	b_is(p, ESTABLISHED);
}

static void an_ack_of_nothing_is_too_old_where_the_end_has_listened(void **state)
{
	struct play *p = *state;

	open_both(p);
	arrives(p, true, "F. 1:1(0) ack 0");
	b_is(p, ESTABLISHED);
	arrives(p, false, "F. 1:1(0) ack 0");
	a_is(p, CLOSE_WAIT);
}

static void an_ack_older_than_a_window_does_not_count(void **state)
{
	struct play *p = *state;

	open_both(p);
	moves(p, true, "P. 1:2001(2000) ack 1");
	moves(p, false, ". 1:1(0) ack 2001");
	arrives(p, false, "F. 1:1(0) ack 1000");
	a_is(p, ESTABLISHED);
	arrives(p, false, "F. 1:1(0) ack 1001");
	a_is(p, CLOSE_WAIT);
}

static void bytes_across_the_fin_reset(void **state)
{
	struct play *p = *state;

	open_both(p);
	moves(p, true, "F. 1:1(0) ack 1");
	arrives(p, true, "P. 2:5(3) ack 1");
	b_is(p, CLOSE_WAIT);
	arrives(p, true, "P. 1:2(1) ack 1");
	b_is(p, CLOSE_WAIT);
	arrives(p, true, "P. 1:4(3) ack 1");
	b_is(p, LISTEN);
}

static void a_second_fin_across_the_first_changes_nothing(void **state)
{
	struct play *p = *state;

	open_both(p);
	moves(p, true, "F. 1:1(0) ack 1");
	moves(p, false, "F. 1:1(0) ack 2");
	b_is(p, LAST_ACK);
	arrives(p, true, "F. 2:4(2) ack 1");
	b_is(p, LAST_ACK);
	arrives(p, true, "F. 1:2(1) ack 1");
	b_is(p, LAST_ACK);
	arrives(p, true, "F. 1:4(3) ack 1");
	b_is(p, LISTEN);
}

static void a_timestamp_of_one_before_the_last_is_not_stale_in_a_socket(void **state)
{
	struct play *p = *state;

	knock_with_timestamps(p);
	arrives(p, true, ". 1:1(0) ack 1 <nop,nop,TS val 99 ecr 700>");
	b_is(p, SYN_RCVD);
	arrives(p, true, ". 1:1(0) ack 1 <nop,nop,TS val 100 ecr 700>");
	b_is(p, ESTABLISHED);
	arrives(p, true, "F. 1:1(0) ack 1 <nop,nop,TS val 98 ecr 700>");
	b_is(p, ESTABLISHED);
	arrives(p, true, "F. 1:1(0) ack 1 <nop,nop,TS val 99 ecr 700>");
	b_is(p, CLOSE_WAIT);
}

static void an_old_ack_brings_its_timestamp_where_nothing_but_that_is_new(void **state)
{
	struct play *p = *state;

	knock_with_timestamps(p);
	arrives(p, true, ". 1:1(0) ack 1 win 1 <nop,nop,TS val 100 ecr 700>");
	b_is(p, ESTABLISHED);
	arrives(p, true, ". 1:1(0) ack 0 win 2 <nop,nop,TS val 150 ecr 700>");
	arrives(p, true, "P. 1:2(1) ack 1 win 1 <nop,nop,TS val 101 ecr 700>");
	moves(p, false, ". 1:1(0) ack 2 <nop,nop,TS val 701 ecr 101>");
	arrives(p, true, ". 2:2(0) ack 0 win 1 <nop,nop,TS val 150 ecr 700>");
	arrives(p, true, "F. 2:2(0) ack 1 win 1 <nop,nop,TS val 140 ecr 701>");
	b_is(p, ESTABLISHED);
	arrives(p, true, "P. 2:3(1) ack 0 win 1 <nop,nop,TS val 160 ecr 700>");
	moves(p, false, ". 1:1(0) ack 3 <nop,nop,TS val 702 ecr 160>");
	arrives(p, true, "F. 3:3(0) ack 1 win 1 <nop,nop,TS val 150 ecr 701>");
	b_is(p, ESTABLISHED);
	arrives(p, true, "F. 3:3(0) ack 1 win 1 <nop,nop,TS val 160 ecr 701>");
	b_is(p, CLOSE_WAIT);
}

static void
an_old_ack_with_the_first_bytes_or_after_urgent_data_brings_no_timestamp(void **state)
{
	struct play *p = *state;

	knock_with_timestamps(p);
	arrives(p, true, ". 1:1(0) ack 1 win 1 <nop,nop,TS val 100 ecr 700>");
	arrives(p, true, ". 1:4(3) ack 0 win 1 <nop,nop,TS val 150 ecr 700>");
	moves(p, false, ". 1:1(0) ack 4 <nop,nop,TS val 701 ecr 100>");
	arrives(p, true, ".U 4:4(0) ack 1 win 2 urg 0");
	arrives(p, true, ". 4:4(0) ack 0 win 2 <nop,nop,TS val 150 ecr 700>");
	arrives(p, true, "F. 4:4(0) ack 1 win 2 <nop,nop,TS val 110 ecr 701>");
	b_is(p, CLOSE_WAIT);
}

static void a_syn_with_the_timestamp_0_has_none_to_compare_with(void **state)
{
	struct play *p = *state;

	track_called(p->t, &p->b, NULL, TRACK_LISTEN);
	moves(p, true, "S 0:0(0) <mss 1460,sackOK,TS val 0 ecr 0>");
	moves(p, false, "S. 0:0(0) ack 1 <mss 1460,sackOK,TS val 700 ecr 0>");
	arrives(p, true, "F. 1:1(0) ack 1 <nop,nop,TS val 4000000000 ecr 700>");
	b_is(p, CLOSE_WAIT);
}

static void a_rst_in_time_wait_counts_unless_tcp_rfc1337_is_set(void **state)
{
	struct play *p = *state;

	open_both(p);
	moves(p, false, "F. 1:1(0) ack 1");
	moves(p, true, "F. 1:1(0) ack 2");
	b_is(p, TIME_WAIT);
	arrives(p, true, "R 2:2(0)");
	assert_true(track_agrees(p->t, &p->b, &p->a, STATE_TIME_WAIT));
	b_is(p, TIME_WAIT);
	arrives(p, true, "R 2:2(0)");
	b_is(p, LISTEN);
}

static void an_ack_in_time_wait_brings_a_newer_timestamp(void **state)
{
	struct play *p = *state;

	knock_with_timestamps(p);
	moves(p, true, ". 1:1(0) ack 1 <nop,nop,TS val 100 ecr 700>");
	moves(p, false, "F. 1:1(0) ack 1 <nop,nop,TS val 700 ecr 100>");
	moves(p, true, "F. 1:1(0) ack 2 <nop,nop,TS val 100 ecr 700>");
	b_is(p, TIME_WAIT);
	arrives(p, true, ". 2:2(0) ack 2 <nop,nop,TS val 200 ecr 700>");
	arrives(p, true, "S 5000:5000(0) <mss 1460,sackOK,TS val 150 ecr 0>");
	b_is(p, TIME_WAIT);
	arrives(p, true, "S 5000:5000(0) <mss 1460,sackOK,TS val 201 ecr 0>");
	b_is(p, SYN_RCVD);
}

static void without_timestamps_in_the_syns_later_ones_are_not_looked_at(void **state)
{
	struct play *p = *state;

	open_both(p);
	arrives(p, true, ". 1:1(0) ack 1 <nop,nop,TS val 100 ecr 0>");
	arrives(p, true, "F. 1:1(0) ack 1 <nop,nop,TS val 50 ecr 0>");
	b_is(p, CLOSE_WAIT);
}

static void in_syn_sent_a_timestamp_must_echo_the_syns(void **state)
{
	struct play *p = *state;

	sent(p, true, "S 0:0(0) <mss 1460,sackOK,TS val 700 ecr 0>");
	arrives(p, false, "R. 0:0(0) ack 1 <nop,nop,TS val 1 ecr 699>");
	arrives(p, false, "S. 0:0(0) ack 1 <mss 1460,TS val 1 ecr 699>");
	a_is(p, SYN_SENT);
	arrives(p, false, "S. 0:0(0) ack 1 <mss 1460,TS val 1 ecr 700>");
	a_is(p, ESTABLISHED);
}

static void a_fin_that_bytes_have_overtaken_is_none(void **state)
{
	struct play *p = *state;

	open_both(p);
	arrives(p, true, "F. 5:8(3) ack 1");
	arrives(p, true, ". 1:101(100) ack 1");
	b_is(p, ESTABLISHED);
	arrives(p, true, "F. 101:101(0) ack 1");
	b_is(p, CLOSE_WAIT);
}

static void a_fin_among_early_bytes_is_none(void **state)
{
	struct play *p = *state;

	open_both(p);
	arrives(p, true, ". 5:100(95) ack 1");
	arrives(p, true, "F. 50:60(10) ack 1");
	arrives(p, true, "F. 200:200(0) ack 1");
	arrives(p, true, ". 150:250(100) ack 1");
	arrives(p, true, ". 1:150(149) ack 1");
	b_is(p, ESTABLISHED);
}

static void with_a_closed_window_only_a_bare_fin_is_received(void **state)
{
	struct play *p = *state;

	open_both(p);
	moves(p, true, "P. 1:11(10) ack 1");
	moves(p, false, ". 1:1(0) ack 11 win 0");
	arrives(p, true, "FP. 11:12(1) ack 1");
	b_is(p, ESTABLISHED);
	arrives(p, true, "FP. 5:12(7) ack 1");
	b_is(p, ESTABLISHED);
	arrives(p, true, "F. 11:11(0) ack 1");
	b_is(p, CLOSE_WAIT);
}

static void a_crossing_syn_without_a_scale_does_not_take_ours_back(void **state)
{
	struct play *p = *state;

	sent(p, true, "S 0:0(0) <mss 1460,wscale 10>");
	arrives(p, false, "S 0:0(0) <mss 1460>");
	sent(p, true, "S. 0:0(0) ack 1 <mss 1460,wscale 10>");
	sent(p, true, ". 1:1(0) ack 1 win 63");
	arrives(p, false, ". 5001:5001(0) ack 1");
	a_is(p, ESTABLISHED);
}

static void a_syn_ack_sent_again_takes_nothing_back(void **state)
{
	struct play *p = *state;

	sent(p, true, "S 0:0(0)");
	arrives(p, false, "S 0:0(0)");
	sent(p, true, "S. 0:0(0) ack 1");
	track_called(p->t, &p->a, &p->b, TRACK_CLOSE);
	sent(p, true, "F. 1:1(0) ack 1");
	sent(p, true, "S. 0:0(0) ack 1");
	a_is(p, FIN_WAIT_1);
	arrives(p, false, ". 1:1(0) ack 2");
	a_is(p, FIN_WAIT_2);
}

static void beyond_tcp_max_tw_buckets_there_is_no_time_wait(void **state)
{
	struct play *p = *state;

	open_both(p);
	moves(p, true, "F. 1:1(0) ack 1");
	moves(p, false, ". 1:1(0) ack 2");
	moves(p, false, "F. 1:1(0) ack 2");
	assert_true(track_agrees(p->t, &p->a, &p->b, STATE_CLOSED));
	a_is(p, CLOSED);
}

static void beyond_tcp_max_tw_buckets_a_closed_end_has_no_fin_wait_2_either(void **state)
{
	struct play *p = *state;

	open_both(p);
	track_called(p->t, &p->a, &p->b, TRACK_CLOSE);
	moves(p, true, "F. 1:1(0) ack 1");
	moves(p, false, ". 1:1(0) ack 2");
	assert_true(track_agrees(p->t, &p->a, &p->b, STATE_CLOSED));
	a_is(p, CLOSED);
}

static void what_makes_the_socket_brings_its_timestamp_in_any_case(void **state)
{
	struct play *p = *state;

	knock_with_timestamps(p);
	arrives(p, true, "S. 0:10(10) ack 1 <mss 1460,TS val 120 ecr 700>");
	arrives(p, true, ". 1:1(0) ack 1 <nop,nop,TS val 110 ecr 700>");
	b_is(p, SYN_RCVD);
	arrives(p, true, ". 1:1(0) ack 1 <nop,nop,TS val 120 ecr 700>");
	b_is(p, ESTABLISHED);
}

static void an_ack_from_the_syn_queue_offers_no_other_window(void **state)
{
	struct play *p = *state;

	track_called(p->t, &p->b, NULL, TRACK_LISTEN);
	moves(p, true, "S 0:0(0) <mss 1460,wscale 7>");
	sent(p, false, "S. 0:0(0) ack 1 win 65160 <mss 1460,wscale 10>");
	arrives(p, true, "S 0:0(0) <mss 1460,wscale 7>");
	sent(p, false, ". 1:1(0) ack 1 win 63");
	arrives(p, true, "S 65001:65001(0)");
	b_is(p, LISTEN);
}

static void a_syn_that_takes_time_wait_over_remembers_its_timestamp(void **state)
{
	struct play *p = *state;

	sent(p, true, "S 0:0(0) <mss 1460,sackOK,TS val 700 ecr 200>");
	arrives(p, false, "S 0:0(0) <mss 1460,sackOK,TS val 199 ecr 0>");
	a_is(p, SYN_SENT);
	arrives(p, false, "S 0:0(0) <mss 1460,sackOK,TS val 200 ecr 0>");
	a_is(p, SYN_RCVD);
}

static void a_difference_is_found_once(void **state)
{
	struct play *p = *state;

	open_both(p);
	assert_false(track_agrees(p->t, &p->a, &p->b, STATE_CLOSE_WAIT));
	assert_true(track_agrees(p->t, &p->a, &p->b, STATE_CLOSE_WAIT));
}

static void a_syn_in_time_wait_with_a_higher_sequence_reopens(void **state)
{
	struct play *p = *state;

	open_both(p);
	moves(p, false, "F. 1:1(0) ack 1");
	moves(p, true, "F. 1:1(0) ack 2");
	b_is(p, TIME_WAIT);
	arrives(p, true, "S 1:1(0)");
	b_is(p, TIME_WAIT);
	arrives(p, true, "S 5000:5000(0)");
	b_is(p, SYN_RCVD);
}

static void what_a_timer_did_is_taken_over_and_what_it_cannot_do_is_not(void **state)
{
	struct play *p = *state;

	sent(p, true, "S 0:0(0)");
	track_settle(p->t, &p->a, &p->b, STATE_ESTABLISHED);
	a_is(p, SYN_SENT);
	track_settle(p->t, &p->a, &p->b, STATE_CLOSED);
	a_is(p, CLOSED);
}

static void a_damaged_segment_is_not_received(void **state)
{
	struct play *p = *state;
	struct segment s;

	open_both(p);
	s = segment_of(p, true, "F. 1:1(0) ack 1");
	s.checksum_ok = false;
	track_delivered(p->t, &s);
	b_is(p, ESTABLISHED);
}

#define test(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(the_handshake_goes_through_its_states),
		test(an_orderly_close_ends_in_time_wait),
		test(crossing_syns_open_and_crossing_fins_close),
		test(where_both_have_sent_syn_an_ack_of_nothing_opens),
		test(a_fin_behind_a_gap_counts_when_the_gap_is_filled),
		test(a_rst_counts_with_the_exact_number_only),
		test(a_syn_for_an_open_end_changes_nothing),
		test(a_full_accept_queue_is_no_difference),
		test(a_full_accept_queue_that_resets_is_no_difference),
		test(a_fin_brings_a_syn_cookie_back_as_an_ack_does),
		test(behind_a_syn_cookie_the_windows_are_scaled),
		test(in_the_syn_queue_a_timestamp_must_echo_the_syn_acks),
		test(in_the_syn_queue_no_echo_and_no_timestamp_are_right_as_well),
		test(a_syn_in_the_window_ends_what_waits_in_the_syn_queue),
		test(a_syn_ack_with_data_makes_a_socket_in_syn_rcvd),
		test(an_ack_of_nothing_is_too_old_where_the_end_has_listened),
		test(an_ack_older_than_a_window_does_not_count),
		test(bytes_across_the_fin_reset),
		test(a_second_fin_across_the_first_changes_nothing),
		test(a_timestamp_of_one_before_the_last_is_not_stale_in_a_socket),
		test(an_old_ack_brings_its_timestamp_where_nothing_but_that_is_new),
		test(an_old_ack_with_the_first_bytes_or_after_urgent_data_brings_no_timestamp),
		test(a_syn_with_the_timestamp_0_has_none_to_compare_with),
		test(a_rst_in_time_wait_counts_unless_tcp_rfc1337_is_set),
		test(an_ack_in_time_wait_brings_a_newer_timestamp),
		test(without_timestamps_in_the_syns_later_ones_are_not_looked_at),
		test(in_syn_sent_a_timestamp_must_echo_the_syns),
		test(a_fin_that_bytes_have_overtaken_is_none),
		test(a_fin_among_early_bytes_is_none),
		test(with_a_closed_window_only_a_bare_fin_is_received),
		test(a_crossing_syn_without_a_scale_does_not_take_ours_back),
		test(a_syn_ack_sent_again_takes_nothing_back),
		test(beyond_tcp_max_tw_buckets_there_is_no_time_wait),
		test(beyond_tcp_max_tw_buckets_a_closed_end_has_no_fin_wait_2_either),
		test(what_makes_the_socket_brings_its_timestamp_in_any_case),
		test(an_ack_from_the_syn_queue_offers_no_other_window),
		test(a_syn_that_takes_time_wait_over_remembers_its_timestamp),
		test(a_difference_is_found_once),
		test(a_syn_in_time_wait_with_a_higher_sequence_reopens),
		test(what_a_timer_did_is_taken_over_and_what_it_cannot_do_is_not),
		test(a_damaged_segment_is_not_received),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
