/* trace_again.c - why a segment was sent again: what its sender had heard tells, or that it heard nothing. */
#include "trace_play.h"

/* Client sends n times 5 bytes; the first is lost. #4 ... */
static void play_lost(struct play *p, unsigned n)
{
	unsigned i;

	play_unwatched(p);
	for (i = 0; i < n; i++)
		put(p, CLIENT, "ACK", 1 + i * 5, 1, "hello");
	lose(p, 4, NULL);
	for (i = 1; i < n; i++)
		arrive(p, 4 + i);
}

static void dup_ack(struct play *p, unsigned sacked)
{
	if (sacked) {
		p->g.options.sacks = 1;
		p->g.options.sack[0].left = CLIENT_ISN + 6;
		p->g.options.sack[0].right = CLIENT_ISN + sacked;
	}
	pass(p, SERVER, "ACK", 1, 1, NULL);
}

static void silence_is_followed_by_the_timer(void **unused)
{
	struct play p = play_new();

	(void)unused;
	play_unwatched(&p);
	lose(&p, put(&p, CLIENT, "PSH,ACK", 1, 1, "hello"), NULL);
	p.now += 0.2;
	pass(&p, CLIENT, "PSH,ACK", 1, 1, "hello");
	p.now += 0.4;
	pass(&p, CLIENT, "PSH,ACK", 1, 1, "hello");
	assert_true(
		says(&p, 5,
		     "No ACK had asked for it: a timer ran out (RTO, RFC 6298; or a tail "
		     "loss probe, RFC 8985)."));
	assert_true(
		says(&p, 6, "No ACK had asked for it: a timer ran out (RTO, RFC 6298)."));
	play_free(&p);
}

static void what_is_not_the_last_is_no_tail_loss_probe(void **unused)
{
	struct play p = play_new();

	(void)unused;
	play_lost(&p, 2);
	p.now += 0.2;
	pass(&p, CLIENT, "ACK", 1, 1, "hello");
	assert_true(says(&p, 6, "a timer ran out (RTO, RFC 6298)."));
	play_free(&p);
}

static void what_comes_again_at_once_is_no_timers_doing(void **unused)
{
	struct play p = play_new();

	(void)unused;
	play_unwatched(&p);
	pass(&p, CLIENT, "PSH,ACK", 1, 1, "hello");
	pass(&p, CLIENT, "PSH,ACK", 1, 1, "hello");
	assert_null(strstr(explained(&p, 5), "timer"));
	play_free(&p);
}

/* #11 comes after three duplicate ACKs. */
static void play_fast(struct play *p)
{
	int i;

	play_lost(p, 4);
	for (i = 0; i < 3; i++)
		dup_ack(p, 0);
	pass(p, CLIENT, "ACK", 1, 1, "hello");
}

static void three_duplicate_acks_are_not_the_timer(void **unused)
{
	struct play p = play_new();

	(void)unused;
	play_fast(&p);
	assert_true(
		says(&p, 11, "It follows 3 duplicate ACKs (fast retransmit, RFC 5681)."));
	play_free(&p);
}

static void duplicate_acks_that_were_not_heard_ask_for_nothing(void **unused)
{
	struct play p = play_new();
	int i;

	(void)unused;
	play_lost(&p, 4);
	for (i = 0; i < 3; i++)
		put(&p, SERVER, "ACK", 1, 1, NULL); /* held */
	p.now += 0.2;
	pass(&p, CLIENT, "ACK", 1, 1, "hello");
	assert_true(says(&p, 11, "No ACK had asked for it"));
	assert_null(strstr(explained(&p, 11), "fast retransmit"));
	play_free(&p);
}

static void a_sack_of_later_bytes_is_a_reason(void **unused)
{
	struct play p = play_new();

	(void)unused;
	play_lost(&p, 3);
	dup_ack(&p, 16);
	pass(&p, CLIENT, "ACK", 1, 1, "hello");
	assert_true(says(
		&p, 8,
		"It follows #7, which says that bytes behind it have arrived (SACK, RFC "
		"6675)."));
	play_free(&p);
}

static void two_duplicate_acks_without_sack_tell_nothing(void **unused)
{
	struct play p = play_new();

	(void)unused;
	play_lost(&p, 3);
	dup_ack(&p, 0);
	dup_ack(&p, 0);
	pass(&p, CLIENT, "ACK", 1, 1, "hello");
	assert_null(strstr(explained(&p, 9), "timer"));
	assert_null(strstr(explained(&p, 9), "fast"));
	play_free(&p);
}

static void what_follows_the_first_belongs_to_its_repair(void **unused)
{
	struct play p = play_new();

	(void)unused;
	play_fast(&p);
	pass(&p, SERVER, "ACK", 1, 11, NULL); /* a partial one */
	pass(&p, CLIENT, "ACK", 11, 1, "hello");
	assert_true(says(&p, 13, "It belongs to the repair that #11 began."));
	p.now += 0.2;
	pass(&p, CLIENT, "ACK", 11, 1, "hello");
	assert_true(says(&p, 14,
			 "No ACK had asked for it: a timer ran out (RTO, RFC 6298)."));
	pass(&p, SERVER, "ACK", 1, 21, NULL);
	/* A new one, when all of that is acknowledged. */
	lose(&p, put(&p, CLIENT, "ACK", 21, 1, "hello"), NULL);
	p.now += 0.2;
	pass(&p, CLIENT, "ACK", 21, 1, "hello");
	assert_true(says(&p, 17, "a timer ran out"));
	play_free(&p);
}

static void a_syn_is_sent_again_by_its_timer(void **unused)
{
	struct play p = play_new();

	(void)unused;
	lose(&p, put(&p, CLIENT, "SYN", 0, 0, NULL), NULL);
	p.now += 1;
	pass(&p, CLIENT, "SYN", 0, 0, NULL);
	p.now += 2;
	pass(&p, CLIENT, "SYN", 0, 0, NULL);
	assert_true(says(&p, 2, "A timer ran out (RTO, RFC 6298)."));
	assert_true(says(&p, 3, "A timer ran out (RTO, RFC 6298)."));
	play_free(&p);
}

static void copies_folded_into_a_held_segment_are_told(void **unused)
{
	struct play p = play_new();

	(void)unused;
	play_unwatched(&p);
	put(&p, CLIENT, "PSH,ACK", 1, 1, "hello");
	trace_folded(p.t, 4, p.now + 0.2);
	assert_true(says(
		&p, 4,
		"client heard nothing of it and sent it again after 0.2 s, while the "
		"wire held it: this copy is folded into #4. It is still on the wire."));
	trace_folded(p.t, 4, p.now + 0.6);
	arrive(&p, 4);
	assert_true(says(&p, 4,
			 "after 0.2 and 0.6 s, while the wire held it: these copies are "
			 "folded into #4."));
	play_free(&p);
}

static void a_copy_of_what_was_made_by_hand_was_sent_by_no_socket(void **unused)
{
	struct play p = play_new();

	(void)unused;
	play_unwatched(&p);
	p.origin.injected = true;
	pass(&p, CLIENT, "RST", 1, 0, NULL);
	trace_copied(p.t, p.now, 4);
	assert_true(says(&p, 5, "A copy of #4, made on the wire. RST"));
	assert_true(says(&p, 5, "Made by hand: no socket sent it."));
	assert_null(strstr(explained(&p, 5), "only once"));
	play_free(&p);
}

static void a_copy_of_an_ack_is_told_as_one_first(void **unused)
{
	struct play p = play_new();

	(void)unused;
	play_unwatched(&p);
	pass(&p, CLIENT, "ACK", 1, 1, "hello");
	pass(&p, CLIENT, "ACK", 6, 1, "hello");
	pass(&p, SERVER, "ACK", 1, 6, NULL);
	trace_copied(p.t, p.now, 6);
	arrive(&p, 7);
	pass(&p, SERVER, "ACK", 1, 6, NULL);
	assert_true(says(
		&p, 7,
		"#7  server -> client  A copy of #6, made on the wire: it was sent only "
		"once. To client it is a duplicate ACK: it repeats ack=6."));
	assert_true(says(&p, 8, "Duplicate ACK 1"));
	play_free(&p);
}

static void an_ack_that_was_dropped_leaves_its_sender_to_the_timer(void **unused)
{
	struct play p = play_new();

	(void)unused;
	play_unwatched(&p);
	pass(&p, CLIENT, "PSH,ACK", 1, 1, "hello");
	lose(&p, put(&p, SERVER, "ACK", 1, 6, NULL), NULL);
	p.now += 0.2;
	pass(&p, CLIENT, "PSH,ACK", 1, 1, "hello");
	assert_true(says(
		&p, 6,
		"although #5 acknowledged it (it was dropped). No ACK had asked for it: "
		"a timer ran out"));
	play_free(&p);
}

static void a_packet_seen_twice_is_no_retransmission(void **unused)
{
	struct play p = play_new();
	int i;

	(void)unused;
	for (i = 0; i < 3; i++) {
		p.origin.captured = true;
		p.g.ip_id = (uint16_t)(i < 2 ? 7 : 8);
		put(&p, CLIENT, "ACK", 1, 1, "hello");
	}
	assert_true(
		says(&p, 2,
		     "It is the packet of #1, 1.0 ms later: a copy made on the way, or "
		     "captured twice."));
	assert_true(says(&p, 3, "Retransmission, 2.0 ms after #1"));
	play_free(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(silence_is_followed_by_the_timer),
		cmocka_unit_test(what_is_not_the_last_is_no_tail_loss_probe),
		cmocka_unit_test(what_comes_again_at_once_is_no_timers_doing),
		cmocka_unit_test(three_duplicate_acks_are_not_the_timer),
		cmocka_unit_test(duplicate_acks_that_were_not_heard_ask_for_nothing),
		cmocka_unit_test(a_sack_of_later_bytes_is_a_reason),
		cmocka_unit_test(two_duplicate_acks_without_sack_tell_nothing),
		cmocka_unit_test(what_follows_the_first_belongs_to_its_repair),
		cmocka_unit_test(a_syn_is_sent_again_by_its_timer),
		cmocka_unit_test(copies_folded_into_a_held_segment_are_told),
		cmocka_unit_test(a_copy_of_what_was_made_by_hand_was_sent_by_no_socket),
		cmocka_unit_test(a_copy_of_an_ack_is_told_as_one_first),
		cmocka_unit_test(an_ack_that_was_dropped_leaves_its_sender_to_the_timer),
		cmocka_unit_test(a_packet_seen_twice_is_no_retransmission),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
