/* tcp_topics.c - the help texts: all there, all found, all fit for a terminal. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "tcp/state.h"
#include "tcp/topics.h"

static void check_lines(const struct topic *t, const char *text)
{
	size_t column = 0;
	const char *p;

	for (p = text; *p; p++) {
		column = *p == '\n' ? 0 : column + 1;
		if (column > 78 || (*p != '\n' && (*p < ' ' || *p > '~')))
			fail_msg("help %s: column %zu of: %.78s", t->name, column,
				 p - column + 1);
		if (*p == '\n' && p > text && p[-1] == ' ')
			fail_msg("help %s: a line ends in a space", t->name);
	}
	assert_true(p > text && p[-1] == '\n');
	assert_true(p < text + 2 || p[-2] != '\n');
}

static size_t lines_of(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += *text == '\n';
	return n;
}

static void every_line_is_ascii_in_78_columns(void **unused)
{
	size_t i;

	(void)unused;
	for (i = 0; i < topic_count; i++)
		check_lines(&topics[i], topics[i].text);
}

static void every_topic_is_whole_and_found_by_its_name(void **unused)
{
	size_t i;

	(void)unused;
	for (i = 0; i < topic_count; i++) {
		const struct topic *t = &topics[i];
		size_t len = strlen(t->summary);

		assert_true(strcmp(t->group, "states") == 0 ||
			    strcmp(t->group, "errors") == 0 ||
			    strcmp(t->group, "guide") == 0);
		assert_true(len > 10 && len <= 61);
		assert_true(t->summary[len - 1] != '.');
		assert_ptr_equal(topic_find(t->name), t);
		assert_ptr_equal(topic_find_in(t->group, t->name), t);
	}
}

static void every_state_has_its_topic_with_its_summary(void **unused)
{
	const struct topic *t;
	int s;

	(void)unused;
	for (s = 1; s < STATE_COUNT; s++) {
		t = topic_find_in("states", state_name(s));
		assert_non_null(t);
		assert_string_equal(t->name, state_name(s));
		assert_string_equal(t->summary, state_summary(s));
		assert_in_range(lines_of(t->text), 5, 12);
		assert_non_null(strstr(t->text, "\nRFC      "));
	}
}

static void every_arrow_between_states_is_in_their_topics(void **unused)
{
	size_t i;

	(void)unused;
	for (i = 0; i < state_arrow_count; i++) {
		const struct state_arrow *a = &state_arrows[i];
		const struct topic *t = topic_find_in("states", state_name(a->from));

		if (a->event == EVENT_CALL_SEND || a->from == STATE_TIME_WAIT ||
		    a->to == STATE_CLOSED || a->to == STATE_LISTEN ||
		    (a->from == STATE_SYN_RCVD && a->event == EVENT_CALL_CLOSE))
			continue;
		if (!strstr(t->text, state_name(a->to)))
			fail_msg("help %s does not speak of %s", t->name,
				 state_name(a->to));
	}
}

static void every_code_that_people_meet_has_a_topic(void **unused)
{
	static const int nums[] = {
		ECONNREFUSED, ECONNRESET,  ECONNABORTED, EPIPE,		  ETIMEDOUT,
		EHOSTUNREACH, ENETUNREACH, EADDRINUSE,	 EADDRNOTAVAIL,	  EACCES,
		EPERM,	      EMFILE,	   ENFILE,	 ENOBUFS,	  ENOMEM,
		EINVAL,	      ENOTCONN,	   EISCONN,	 EALREADY,	  EINPROGRESS,
		EAGAIN,	      EBADF,	   EAFNOSUPPORT, EPROTONOSUPPORT, ENOPROTOOPT,
		EDESTADDRREQ, EMSGSIZE,	   ENETDOWN,	 EHOSTDOWN,	  EINTR,
		ENOSPC,	      ENOENT,
	};
	static const char *const words[] = {
		"timeout", "eof", "interrupted", "closed", "usage", "ENOTFOUND",
	};
	const struct topic *t;
	size_t i;

	(void)unused;
	for (i = 0; i < sizeof(nums) / sizeof(nums[0]); i++)
		if (!topic_find_in("errors", errno_name(nums[i])))
			fail_msg("no help for %s", errno_name(nums[i]));
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!topic_find_in("errors", words[i]))
			fail_msg("no help for %s", words[i]);
	for (t = topics; t < topics + topic_count; t++) {
		if (strcmp(t->group, "errors") != 0)
			continue;
		if (strncmp(t->text, "Wire     ", 9) != 0 ||
		    !strstr(t->text, "\nCauses   ") || !strstr(t->text, "\nTry      "))
			fail_msg("help %s lacks a part", t->name);
	}
}

static void a_name_is_found_in_any_case_and_the_exact_one_first(void **unused)
{
	(void)unused;
	assert_string_equal(topic_find("econnrefused")->name, "ECONNREFUSED");
	assert_string_equal(topic_find("Time_Wait")->name, "TIME_WAIT");
	assert_string_equal(topic_find("LINE")->name, "line");
	assert_string_equal(topic_find("closed")->group, "errors");
	assert_string_equal(topic_find("CLOSED")->group, "states");
	assert_string_equal(topic_find_in("states", "closed")->name, "CLOSED");
	assert_string_equal(topic_find_in("errors", "CLOSED")->name, "closed");
}

static void a_state_is_found_by_its_other_spellings(void **unused)
{
	(void)unused;
	assert_string_equal(topic_find("SYN_RECV")->name, "SYN_RCVD");
	assert_string_equal(topic_find("fin-wait-1")->name, "FIN_WAIT_1");
	assert_string_equal(topic_find("FIN_WAIT2")->name, "FIN_WAIT_2");
	assert_null(topic_find_in("errors", "SYN_RECV"));
}

static void what_is_no_topic_is_not_found(void **unused)
{
	(void)unused;
	assert_null(topic_find(""));
	assert_null(topic_find("EWHATEVER"));
	assert_null(topic_find("ECONN"));
	assert_null(topic_find("guide"));
	assert_null(topic_find_in("nosuchgroup", "line"));
}

static void the_guide_to_the_article_has_its_numbers(void **unused)
{
	const char *text = topic_find("article")->text;

	(void)unused;
	assert_non_null(strstr(text, "listen 7788 backlog=5"));
	assert_non_null(strstr(text, "recv s1 1024"));
	assert_non_null(strstr(text, "send s1 \"thank you !\""));
	assert_non_null(strstr(text, "ack=X+1"));
	assert_non_null(strstr(text, "ack=K+1"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_line_is_ascii_in_78_columns),
		cmocka_unit_test(every_topic_is_whole_and_found_by_its_name),
		cmocka_unit_test(every_state_has_its_topic_with_its_summary),
		cmocka_unit_test(every_arrow_between_states_is_in_their_topics),
		cmocka_unit_test(every_code_that_people_meet_has_a_topic),
		cmocka_unit_test(a_name_is_found_in_any_case_and_the_exact_one_first),
		cmocka_unit_test(a_state_is_found_by_its_other_spellings),
		cmocka_unit_test(what_is_no_topic_is_not_found),
		cmocka_unit_test(the_guide_to_the_article_has_its_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
