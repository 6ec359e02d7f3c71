/* tcp_state.c - the state table: its arrows, names, trails and drawing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tcp/state.h"

/* The trail between two states as text, "SYN_SENT ESTABLISHED"; "" when there is none. */
static const char *trail(enum tcp_state from, enum tcp_state to, bool called)
{
	static char text[128];
	enum tcp_state path[STATE_PATH_MAX];
	size_t n = state_path(from, to, called, path), i;

	text[0] = '\0';
	for (i = 0; i < n; i++) {
		if (i > 0)
			strcat(text, " ");
		strcat(text, state_name(path[i]));
	}
	return text;
}

static bool arrow_exists(enum tcp_state from, enum tcp_state to, enum state_event event)
{
	size_t i;

	for (i = 0; i < state_arrow_count; i++)
		if (state_arrows[i].from == from && state_arrows[i].to == to &&
		    state_arrows[i].event == event)
			return true;
	return false;
}

static void the_numbers_are_those_of_the_kernel(void **unused)
{
	(void)unused;
	assert_int_equal(STATE_ESTABLISHED, 1);
	assert_int_equal(STATE_SYN_SENT, 2);
	assert_int_equal(STATE_SYN_RCVD, 3);
	assert_int_equal(STATE_FIN_WAIT_1, 4);
	assert_int_equal(STATE_FIN_WAIT_2, 5);
	assert_int_equal(STATE_TIME_WAIT, 6);
	assert_int_equal(STATE_CLOSED, 7);
	assert_int_equal(STATE_CLOSE_WAIT, 8);
	assert_int_equal(STATE_LAST_ACK, 9);
	assert_int_equal(STATE_LISTEN, 10);
	assert_int_equal(STATE_CLOSING, 11);
}

static void every_state_has_a_name_that_reads_back(void **unused)
{
	int i;

	(void)unused;
	for (i = 1; i < STATE_COUNT; i++) {
		assert_string_not_equal(state_name(i), "?");
		assert_int_equal(state_from_name(state_name(i)), i);
		assert_true(strlen(state_summary(i)) > 10);
		assert_true(strlen(state_summary(i)) <= 60);
	}
}

static void numbers_out_of_range_are_no_states(void **unused)
{
	enum tcp_state path[STATE_PATH_MAX];

	(void)unused;
	assert_string_equal(state_name(STATE_NONE), "?");
	assert_string_equal(state_name(12), "?");
	assert_string_equal(state_name(-1), "?");
	assert_string_equal(state_summary(99), "not known");
	assert_false(state_is_brief(STATE_NONE));
	assert_false(state_is_brief(200));
	assert_int_equal(state_path(99, STATE_CLOSED, false, path), 0);
	assert_int_equal(state_path(STATE_CLOSED, -1, true, path), 0);
}

static void names_of_other_programs_are_understood(void **unused)
{
	(void)unused;
	assert_int_equal(state_from_name("FIN_WAIT_1"), STATE_FIN_WAIT_1);
	assert_int_equal(state_from_name("fin-wait-1"), STATE_FIN_WAIT_1);
	assert_int_equal(state_from_name("FIN_WAIT1"), STATE_FIN_WAIT_1);
	assert_int_equal(state_from_name("FinWait2"), STATE_FIN_WAIT_2);
	assert_int_equal(state_from_name("SYN_RECV"), STATE_SYN_RCVD);
	assert_int_equal(state_from_name("syn-received"), STATE_SYN_RCVD);
	assert_int_equal(state_from_name("TCP_NEW_SYN_RECV"), STATE_SYN_RCVD);
	assert_int_equal(state_from_name("ESTAB"), STATE_ESTABLISHED);
	assert_int_equal(state_from_name("TCP_ESTABLISHED"), STATE_ESTABLISHED);
	assert_int_equal(state_from_name("CLOSE"), STATE_CLOSED);
	assert_int_equal(state_from_name("listening"), STATE_LISTEN);
	assert_int_equal(state_from_name("time wait"), STATE_TIME_WAIT);
}

static void words_that_are_no_state_give_none(void **unused)
{
	(void)unused;
	assert_int_equal(state_from_name(""), STATE_NONE);
	assert_int_equal(state_from_name("_"), STATE_NONE);
	assert_int_equal(state_from_name("?"), STATE_NONE);
	assert_int_equal(state_from_name("tcp"), STATE_NONE);
	assert_int_equal(state_from_name("FIN_WAIT"), STATE_NONE);
	assert_int_equal(state_from_name("FIN_WAIT_3"), STATE_NONE);
	assert_int_equal(state_from_name("CLOSED!"), STATE_NONE);
	assert_int_equal(state_from_name("LISTEN\xc3\xa9"), STATE_NONE);
	assert_int_equal(state_from_name("ESTABLISHEDESTABLISHEDESTABLISHED"),
			 STATE_NONE);
}

static void the_arrows_of_figure_5_are_there(void **unused)
{
	static const struct {
		enum tcp_state from, to;
		enum state_event event;
	} figure[] = {
		{ STATE_CLOSED, STATE_LISTEN, EVENT_CALL_LISTEN },
		{ STATE_CLOSED, STATE_SYN_SENT, EVENT_CALL_CONNECT },
		{ STATE_LISTEN, STATE_CLOSED, EVENT_CALL_CLOSE },
		{ STATE_LISTEN, STATE_SYN_RCVD, EVENT_RCV_SYN },
		{ STATE_LISTEN, STATE_SYN_SENT, EVENT_CALL_SEND },
		{ STATE_SYN_RCVD, STATE_LISTEN, EVENT_RCV_RST },
		{ STATE_SYN_RCVD, STATE_ESTABLISHED, EVENT_RCV_ACK },
		{ STATE_SYN_RCVD, STATE_FIN_WAIT_1, EVENT_CALL_CLOSE },
		{ STATE_SYN_SENT, STATE_SYN_RCVD, EVENT_RCV_SYN },
		{ STATE_SYN_SENT, STATE_ESTABLISHED, EVENT_RCV_SYN_ACK },
		{ STATE_SYN_SENT, STATE_CLOSED, EVENT_CALL_CLOSE },
		{ STATE_ESTABLISHED, STATE_FIN_WAIT_1, EVENT_CALL_CLOSE },
		{ STATE_ESTABLISHED, STATE_CLOSE_WAIT, EVENT_RCV_FIN },
		{ STATE_FIN_WAIT_1, STATE_FIN_WAIT_2, EVENT_RCV_ACK_FIN },
		{ STATE_FIN_WAIT_1, STATE_CLOSING, EVENT_RCV_FIN },
		{ STATE_FIN_WAIT_1, STATE_TIME_WAIT, EVENT_RCV_FIN_ACK },
		{ STATE_FIN_WAIT_2, STATE_TIME_WAIT, EVENT_RCV_FIN },
		{ STATE_CLOSING, STATE_TIME_WAIT, EVENT_RCV_ACK_FIN },
		{ STATE_CLOSE_WAIT, STATE_LAST_ACK, EVENT_CALL_CLOSE },
		{ STATE_LAST_ACK, STATE_CLOSED, EVENT_RCV_ACK_FIN },
		{ STATE_TIME_WAIT, STATE_CLOSED, EVENT_TIMEOUT },
	};
	size_t i;

	(void)unused;
	for (i = 0; i < sizeof(figure) / sizeof(figure[0]); i++)
		if (!arrow_exists(figure[i].from, figure[i].to, figure[i].event))
			fail_msg("no arrow %s -> %s", state_name(figure[i].from),
				 state_name(figure[i].to));
}

static void a_reset_or_an_abort_ends_every_connection(void **unused)
{
	int s;

	(void)unused;
	for (s = 1; s < STATE_COUNT; s++) {
		if (s == STATE_CLOSED)
			continue;
		assert_true(arrow_exists(s, STATE_CLOSED, EVENT_CALL_ABORT));
		/* RFC 9293, 3.10.7.2: a RST for a listener is ignored */
		assert_int_equal(arrow_exists(s, STATE_CLOSED, EVENT_RCV_RST),
				 s != STATE_LISTEN);
		assert_int_equal(arrow_exists(s, STATE_CLOSED, EVENT_TIMEOUT),
				 s != STATE_LISTEN);
	}
}

static void an_event_leads_to_one_state_except_a_reset_in_syn_rcvd(void **unused)
{
	size_t i, j;

	(void)unused;
	for (i = 0; i < state_arrow_count; i++)
		for (j = 0; j < i; j++) {
			const struct state_arrow *a = &state_arrows[i],
						 *b = &state_arrows[j];

			if (a->from == b->from && a->event == b->event)
				assert_true(a->from == STATE_SYN_RCVD &&
					    a->event == EVENT_RCV_RST && a->to != b->to);
		}
}

static void every_arrow_is_whole(void **unused)
{
	size_t i;

	(void)unused;
	for (i = 0; i < state_arrow_count; i++) {
		const struct state_arrow *a = &state_arrows[i];

		assert_in_range(a->from, 1, STATE_COUNT - 1);
		assert_in_range(a->to, 1, STATE_COUNT - 1);
		assert_int_not_equal(a->from, a->to);
		assert_non_null(a->sends);
		assert_true(strlen(a->why) > 8);
		assert_null(strchr(a->why, '\n'));
		assert_true(a->why[strlen(a->why) - 1] != '.');
	}
}

static void trails_of_a_connection_are_the_usual_ones(void **unused)
{
	(void)unused;
	assert_string_equal(trail(STATE_CLOSED, STATE_ESTABLISHED, true), "SYN_SENT");
	/* close here; close there */
	assert_string_equal(trail(STATE_ESTABLISHED, STATE_FIN_WAIT_2, true),
			    "FIN_WAIT_1");
	assert_string_equal(trail(STATE_ESTABLISHED, STATE_TIME_WAIT, true),
			    "FIN_WAIT_1");
	assert_string_equal(trail(STATE_ESTABLISHED, STATE_CLOSING, true), "FIN_WAIT_1");
	assert_string_equal(trail(STATE_CLOSE_WAIT, STATE_CLOSED, true), "LAST_ACK");
	/* the peer was quick */
	assert_string_equal(trail(STATE_CLOSED, STATE_CLOSE_WAIT, true),
			    "SYN_SENT ESTABLISHED");
	assert_string_equal(trail(STATE_SYN_SENT, STATE_CLOSE_WAIT, false),
			    "ESTABLISHED");
	assert_string_equal(trail(STATE_SYN_RCVD, STATE_CLOSE_WAIT, false),
			    "ESTABLISHED");
	assert_string_equal(trail(STATE_TIME_WAIT, STATE_ESTABLISHED, false), "SYN_RCVD");
}

static void a_trail_that_is_not_sure_is_not_told(void **unused)
{
	(void)unused;
	/* by way of FIN_WAIT_2, of CLOSING, or straight */
	assert_string_equal(trail(STATE_FIN_WAIT_1, STATE_TIME_WAIT, false), "");
	/* by way of SYN_RCVD, or with a SYN cookie */
	assert_string_equal(trail(STATE_LISTEN, STATE_ESTABLISHED, false), "");
	assert_string_equal(trail(STATE_LISTEN, STATE_CLOSE_WAIT, false), "");
	/* neighbours: an abort, a reset, a refusal */
	assert_string_equal(trail(STATE_ESTABLISHED, STATE_CLOSED, false), "");
	assert_string_equal(trail(STATE_ESTABLISHED, STATE_CLOSED, true), "");
	assert_string_equal(trail(STATE_CLOSE_WAIT, STATE_CLOSED, false), "");
	assert_string_equal(trail(STATE_SYN_SENT, STATE_CLOSED, false), "");
	assert_string_equal(trail(STATE_CLOSED, STATE_LISTEN, true), "");
	assert_string_equal(trail(STATE_LISTEN, STATE_CLOSED, true), "");
	/* nothing comes of nothing */
	assert_string_equal(trail(STATE_CLOSED, STATE_ESTABLISHED, false), "");
	assert_string_equal(trail(STATE_ESTABLISHED, STATE_LAST_ACK, false), "");
	assert_string_equal(trail(STATE_NONE, STATE_ESTABLISHED, true), "");
}

static void equal_states_have_nothing_between(void **unused)
{
	int s;

	(void)unused;
	for (s = 0; s < STATE_COUNT; s++) {
		assert_string_equal(trail(s, s, true), "");
		assert_string_equal(trail(s, s, false), "");
	}
}

static bool neighbours(enum tcp_state from, enum tcp_state to)
{
	size_t i;

	for (i = 0; i < state_arrow_count; i++)
		if (state_arrows[i].from == from && state_arrows[i].to == to)
			return true;
	return false;
}

static void every_trail_goes_along_arrows(void **unused)
{
	enum tcp_state path[STATE_PATH_MAX], at;
	int from, to, called;
	size_t n, i;

	(void)unused;
	for (from = 0; from < STATE_COUNT; from++)
		for (to = 0; to < STATE_COUNT; to++)
			for (called = 0; called < 2; called++) {
				n = state_path(from, to, called, path);
				assert_true(n <= STATE_PATH_MAX);
				at = from;
				for (i = 0; i < n; at = path[i++])
					assert_true(neighbours(at, path[i]));
				if (n > 0)
					assert_true(neighbours(at, to));
			}
}

static void states_that_wait_for_a_segment_only_are_brief(void **unused)
{
	int s, n = 0;

	(void)unused;
	assert_true(state_is_brief(STATE_SYN_SENT));
	assert_true(state_is_brief(STATE_SYN_RCVD));
	assert_true(state_is_brief(STATE_FIN_WAIT_1));
	assert_true(state_is_brief(STATE_CLOSING));
	assert_true(state_is_brief(STATE_LAST_ACK));
	for (s = 0; s < STATE_COUNT; s++)
		n += state_is_brief(s);
	assert_int_equal(n, 5);
}

static void the_diagram_shows_all_states_in_78_columns_of_ascii(void **unused)
{
	const char *text = state_diagram(), *p;
	size_t column = 0;
	int s;

	(void)unused;
	for (s = 1; s < STATE_COUNT; s++)
		assert_non_null(strstr(text, state_name(s)));
	for (p = text; *p; p++) {
		column = *p == '\n' ? 0 : column + 1;
		assert_true(column <= 78);
		assert_true(*p == '\n' || (*p >= ' ' && *p < 0x7f));
		assert_false(*p == '\n' && p > text && p[-1] == ' ');
	}
	assert_int_equal(p[-1], '\n');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_numbers_are_those_of_the_kernel),
		cmocka_unit_test(every_state_has_a_name_that_reads_back),
		cmocka_unit_test(numbers_out_of_range_are_no_states),
		cmocka_unit_test(names_of_other_programs_are_understood),
		cmocka_unit_test(words_that_are_no_state_give_none),
		cmocka_unit_test(the_arrows_of_figure_5_are_there),
		cmocka_unit_test(a_reset_or_an_abort_ends_every_connection),
		cmocka_unit_test(an_event_leads_to_one_state_except_a_reset_in_syn_rcvd),
		cmocka_unit_test(every_arrow_is_whole),
		cmocka_unit_test(trails_of_a_connection_are_the_usual_ones),
		cmocka_unit_test(a_trail_that_is_not_sure_is_not_told),
		cmocka_unit_test(equal_states_have_nothing_between),
		cmocka_unit_test(every_trail_goes_along_arrows),
		cmocka_unit_test(states_that_wait_for_a_segment_only_are_brief),
		cmocka_unit_test(the_diagram_shows_all_states_in_78_columns_of_ascii),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
