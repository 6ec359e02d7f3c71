/* trace_flags.c - the rarer flags: ECN agreed on or not, urgent data, and what makes no sense. */
#include "trace_play.h"

static void a_syn_with_half_of_ecn_offers_nothing(void **unused)
{
	struct play p = play_new();

	(void)unused;
	pass(&p, CLIENT, "SYN,ECE", 0, 0, NULL);
	pass(&p, SERVER, "SYN,ACK,ECE", 0, 1, NULL);
	assert_true(
		says(&p, 1,
		     "ECE alone: that does not offer ECN, which needs both ECE and CWR"));
	assert_true(says(
		&p, 2,
		"ECE alone: that does not agree to ECN, which needs both on the SYN"));
	play_free(&p);
}

static void an_answer_that_only_mirrors_the_syn_does_not_agree_to_ecn(void **unused)
{
	struct play p = play_new();

	(void)unused;
	pass(&p, CLIENT, "SYN,ECE,CWR", 0, 0, NULL);
	pass(&p, SERVER, "SYN,ACK,ECE,CWR", 0, 1, NULL);
	assert_true(says(&p, 2, "ECE and CWR: that does not agree to ECN"));
	play_free(&p);
}

static void ece_and_cwr_mean_nothing_where_ecn_was_not_agreed_on(void **unused)
{
	struct play p = play_new();

	(void)unused;
	play_unwatched(&p);
	pass(&p, CLIENT, "PSH,ACK,CWR", 1, 1, "hello");
	pass(&p, SERVER, "ACK,ECE", 1, 6, NULL);
	assert_true(says(&p, 4, "CWR means nothing here: ECN was not agreed on."));
	assert_true(says(&p, 5, "ECE means nothing here: ECN was not agreed on."));
	play_free(&p);
}

static void what_the_syns_said_of_ecn_is_not_guessed_at(void **unused)
{
	struct play p = play_new();

	(void)unused;
	pass(&p, SERVER, "ACK,ECE", 500, 700, NULL);
	assert_true(says(
		&p, 1,
		"ECE: server saw a mark of congestion and asks client to slow down."));
	play_free(&p);
}

static void a_segment_without_any_of_three_flags_may_be_answered_by_a_reset(void **unused)
{
	static const char *const flags[] = { "none", "FIN", "PSH,URG", "FIN,PSH,URG" };
	struct play p = play_new();
	unsigned i;

	(void)unused;
	for (i = 0; i < sizeof(flags) / sizeof(*flags); i++) {
		pass(&p, CLIENT, flags[i], 0, 0, NULL);
		assert_true(says(
			&p, i + 1,
			"Neither SYN nor ACK nor RST: a connection and a listener drop it, "
			"and where there is neither a RST answers it (RFC 9293, 3.10.7)."));
	}
	play_free(&p);
}

static void flags_that_make_no_sense_together_are_named(void **unused)
{
	struct play p = play_new();

	(void)unused;
	pass(&p, CLIENT, "SYN,FIN", 0, 0, NULL);
	pass(&p, CLIENT, "SYN,FIN,RST", 0, 0, NULL);
	pass(&p, CLIENT, "FIN,RST", 0, 0, NULL);
	assert_true(says(&p, 1, "SYN and FIN together: no TCP sends that"));
	assert_true(says(&p, 2, "Beside RST SYN and FIN count for nothing."));
	assert_true(says(&p, 3, "Beside RST its FIN counts for nothing."));
	play_free(&p);
}

static void an_urgent_pointer_of_zero_marks_no_byte(void **unused)
{
	struct play p = play_new();

	(void)unused;
	play_unwatched(&p);
	pass(&p, CLIENT, "ACK,URG", 1, 1, "hello");
	assert_true(
		says(&p, 4, "URG, but its urgent pointer is 0, which marks no byte."));
	play_free(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_syn_with_half_of_ecn_offers_nothing),
		cmocka_unit_test(
			an_answer_that_only_mirrors_the_syn_does_not_agree_to_ecn),
		cmocka_unit_test(ece_and_cwr_mean_nothing_where_ecn_was_not_agreed_on),
		cmocka_unit_test(what_the_syns_said_of_ecn_is_not_guessed_at),
		cmocka_unit_test(
			a_segment_without_any_of_three_flags_may_be_answered_by_a_reset),
		cmocka_unit_test(flags_that_make_no_sense_together_are_named),
		cmocka_unit_test(an_urgent_pointer_of_zero_marks_no_byte),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
