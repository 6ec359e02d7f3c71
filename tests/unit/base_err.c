/* base_err.c - errors as values: codes, sentences, hints, and what is too long for them. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"

static void an_errno_becomes_a_sentence_with_its_name(void **unused)
{
	struct err e;

	(void)unused;
	memset(&e, 'x', sizeof(e));
	assert_int_equal(err_errno(&e, ECONNREFUSED, "connect %s:%d", "10.77.0.2", 80),
			 -ECONNREFUSED);
	assert_int_equal(e.num, ECONNREFUSED);
	assert_string_equal(e.code, "ECONNREFUSED");
	assert_string_equal(e.message,
			    "connect 10.77.0.2:80: connection refused (ECONNREFUSED)");
	assert_string_equal(e.hint, "");
}

static void a_word_becomes_an_error_without_errno(void **unused)
{
	struct err e;

	(void)unused;
	assert_int_equal(err_set(&e, "usage", "\"%s\" is not a port", "x"), -EINVAL);
	assert_int_equal(e.num, 0);
	assert_string_equal(e.code, "usage");
	assert_string_equal(e.message, "\"x\" is not a port");
	assert_string_equal(e.hint, "");
	err_hint(&e, "try %d", 80);
	assert_string_equal(e.hint, "try 80");
	err_clear(&e);
	assert_string_equal(e.code, "");
	assert_string_equal(e.message, "");
	assert_string_equal(e.hint, "");
}

static void a_new_error_forgets_the_old_hint(void **unused)
{
	struct err e;

	(void)unused;
	err_set(&e, "usage", "one");
	err_hint(&e, "old");
	err_set(&e, "eof", "two");
	assert_string_equal(e.hint, "");
	err_hint(&e, "old");
	err_errno(&e, EPIPE, "three");
	assert_string_equal(e.hint, "");
}

static void an_error_may_be_built_from_its_own_texts(void **unused)
{
	struct err e;

	(void)unused;
	err_set(&e, "usage", "not a port");
	err_set(&e, e.code, "listen: %s", e.message);
	assert_string_equal(e.code, "usage");
	assert_string_equal(e.message, "listen: not a port");
	err_hint(&e, "first");
	err_hint(&e, "%s, then", e.hint);
	assert_string_equal(e.hint, "first, then");
	err_errno(&e, EIO, "%s", e.message);
	assert_string_equal(e.message, "listen: not a port: input/output error (EIO)");
}

static void long_texts_are_cut_and_the_errno_stays(void **unused)
{
	static char text[2000];
	struct err e;

	(void)unused;
	memset(text, 'a', sizeof(text) - 1);
	err_set(&e, text, "%s", text);
	assert_int_equal(strlen(e.code), sizeof(e.code) - 1);
	assert_int_equal(strlen(e.message), sizeof(e.message) - 1);
	err_hint(&e, "%s", text);
	assert_int_equal(strlen(e.hint), sizeof(e.hint) - 1);
	err_errno(&e, EADDRNOTAVAIL, "%s", text);
	assert_non_null(strstr(e.message, " (EADDRNOTAVAIL)"));
	/* the longest text that libc has for an errno */
	err_errno(&e, EILSEQ, "%s", text);
	assert_non_null(strstr(e.message, " (EILSEQ)"));
}

static void an_unknown_errno_is_said_to_be_unknown(void **unused)
{
	char buf[64];
	struct err e;

	(void)unused;
	assert_string_equal(errno_name(99999), "E?");
	assert_string_equal(errno_text(99999, buf, sizeof(buf)), "unknown error");
	err_errno(&e, 99999, "op");
	assert_string_equal(e.message, "op: unknown error (E?)");
}

static void
texts_of_errnos_start_small_unless_they_start_with_an_abbreviation(void **unused)
{
	char buf[64], tiny[4];

	(void)unused;
	assert_string_equal(errno_text(EPIPE, buf, sizeof(buf)), "broken pipe");
	assert_string_equal(errno_text(EDOTDOT, buf, sizeof(buf)), "RFS specific error");
	assert_string_equal(errno_text(EPIPE, tiny, sizeof(tiny)), "bro");
}

static void every_name_of_an_errno_fits_the_code(void **unused)
{
	struct err e;
	int num;

	(void)unused;
	for (num = 1; num < 200; num++) {
		err_errno(&e, num, "op");
		assert_string_equal(e.code, errno_name(num));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_errno_becomes_a_sentence_with_its_name),
		cmocka_unit_test(a_word_becomes_an_error_without_errno),
		cmocka_unit_test(a_new_error_forgets_the_old_hint),
		cmocka_unit_test(an_error_may_be_built_from_its_own_texts),
		cmocka_unit_test(long_texts_are_cut_and_the_errno_stays),
		cmocka_unit_test(an_unknown_errno_is_said_to_be_unknown),
		cmocka_unit_test(
			texts_of_errnos_start_small_unless_they_start_with_an_abbreviation),
		cmocka_unit_test(every_name_of_an_errno_fits_the_code),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
