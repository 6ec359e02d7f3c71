/* base_buf.c - the growing buffer: its bytes, its NUL, its memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"

static void an_empty_buffer_is_an_empty_string(void **unused)
{
	struct buf b = BUF_EMPTY;

	(void)unused;
	assert_string_equal(buf_str(&b), "");
	buf_reset(&b);
	buf_drop(&b, 0);
	buf_pad(&b, 0, 'x');
	assert_null(b.data);
	buf_add(&b, "", 0);
	assert_string_equal(buf_str(&b), "");
	buf_clear(&b);
	buf_clear(&b);
}

static void every_addition_ends_in_a_nul(void **unused)
{
	struct buf b = BUF_EMPTY;

	(void)unused;
	buf_adds(&b, "abc");
	buf_addc(&b, 'd');
	buf_add(&b, "e\0f", 3);
	buf_addf(&b, "%d-%s", 42, "x");
	assert_int_equal(b.len, 11);
	assert_memory_equal(b.data, "abcde\0f42-x", 12);
	buf_clear(&b);
}

static void reserved_room_reads_as_a_string_before_it_is_used(void **unused)
{
	struct buf b = BUF_EMPTY;
	char *room = buf_reserve(&b, 10000);

	(void)unused;
	assert_string_equal(buf_str(&b), "");
	memset(room, 'y', 10000);
	b.len += 10000;
	b.data[b.len] = '\0';
	assert_int_equal(strlen(buf_str(&b)), 10000);
	buf_clear(&b);
}

static void bytes_survive_growth_one_by_one(void **unused)
{
	struct buf b = BUF_EMPTY;
	size_t i, grown = 0, size = 0;

	(void)unused;
	for (i = 0; i < 100000; i++) {
		buf_addc(&b, (char)(i * 7));
		grown += b.size != size;
		size = b.size;
	}
	assert_int_equal(b.len, 100000);
	assert_true(grown < 20);
	for (i = 0; i < 100000; i++)
		if (b.data[i] != (char)(i * 7))
			fail_msg("byte %zu is wrong", i);
	buf_clear(&b);
}

static void formatted_text_may_be_long_and_may_meet_a_full_buffer(void **unused)
{
	struct buf b = BUF_EMPTY;
	size_t n;

	(void)unused;
	for (n = 0; n < 300; n++) {
		buf_clear(&b);
		buf_pad(&b, n, '.');
		buf_addf(&b, "%0200d", 7);
		assert_int_equal(b.len, n + 200);
		assert_int_equal(b.data[b.len - 1], '7');
		assert_int_equal(b.data[b.len], '\0');
	}
	buf_clear(&b);
}

static void padding_fills_up_and_never_cuts(void **unused)
{
	struct buf b = BUF_EMPTY;

	(void)unused;
	buf_adds(&b, "ab");
	buf_pad(&b, 5, '-');
	assert_string_equal(buf_str(&b), "ab---");
	buf_pad(&b, 3, '!');
	assert_string_equal(buf_str(&b), "ab---");
	buf_clear(&b);
}

static void dropping_takes_from_the_front(void **unused)
{
	struct buf b = BUF_EMPTY;

	(void)unused;
	buf_adds(&b, "hello world");
	buf_drop(&b, 6);
	assert_string_equal(buf_str(&b), "world");
	buf_drop(&b, 5);
	assert_int_equal(b.len, 0);
	assert_string_equal(buf_str(&b), "");
	buf_clear(&b);
}

static void a_reset_keeps_the_memory(void **unused)
{
	struct buf b = BUF_EMPTY;
	const char *data;

	(void)unused;
	buf_adds(&b, "hello");
	data = b.data;
	buf_reset(&b);
	assert_string_equal(buf_str(&b), "");
	buf_adds(&b, "again");
	assert_ptr_equal(b.data, data);
	assert_string_equal(buf_str(&b), "again");
	buf_clear(&b);
	assert_null(b.data);
	assert_int_equal(b.size, 0);
}

static void memory_of_size_0_is_memory(void **unused)
{
	char *p = xmalloc(0), *q = xcalloc(0, 8), *s = xstrndup("ab\0cd", 5),
	     *t = xstrdup("");

	(void)unused;
	assert_non_null(p);
	assert_non_null(q);
	p = xrealloc(p, 0);
	assert_non_null(p);
	assert_memory_equal(s, "ab\0cd\0", 6);
	assert_string_equal(t, "");
	free(p);
	free(q);
	free(s);
	free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_buffer_is_an_empty_string),
		cmocka_unit_test(every_addition_ends_in_a_nul),
		cmocka_unit_test(reserved_room_reads_as_a_string_before_it_is_used),
		cmocka_unit_test(bytes_survive_growth_one_by_one),
		cmocka_unit_test(formatted_text_may_be_long_and_may_meet_a_full_buffer),
		cmocka_unit_test(padding_fills_up_and_never_cuts),
		cmocka_unit_test(dropping_takes_from_the_front),
		cmocka_unit_test(a_reset_keeps_the_memory),
		cmocka_unit_test(memory_of_size_0_is_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
