/* cmd_value.c - plain values: kinds, ownership, tables in order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cmd/value.h"

static void zero_is_nil_and_clearing_it_does_nothing(void **unused)
{
	struct value v = { 0 };

	(void)unused;
	assert_int_equal(v.kind, VALUE_NIL);
	value_clear(&v);
	value_clear(&v);
	assert_int_equal(v.kind, VALUE_NIL);
}

static void plain_values_keep_their_kind(void **unused)
{
	(void)unused;
	assert_int_equal(value_bool(true).kind, VALUE_BOOL);
	assert_true(value_bool(true).b);
	assert_int_equal(value_int(-5).kind, VALUE_INT);
	assert_true(value_int(-5).i == -5);
	assert_int_equal(value_num(0.5).kind, VALUE_NUM);
	assert_true(value_num(0.5).n == 0.5);
	assert_int_equal(value_sock(NULL).kind, VALUE_SOCK);
}

static void a_static_text_is_borrowed_and_null_is_nil(void **unused)
{
	static const char text[] = "ESTABLISHED";
	struct value v = value_static(text);

	(void)unused;
	assert_ptr_equal(v.str.data, text);
	assert_int_equal(v.str.len, 11);
	assert_false(v.owned);
	value_clear(&v);
	assert_string_equal(text, "ESTABLISHED");
	assert_int_equal(value_static(NULL).kind, VALUE_NIL);
}

static void a_copy_outlives_its_source_and_keeps_nul_bytes(void **unused)
{
	char source[] = "a\0b";
	struct value v = value_copy(source, 3);

	(void)unused;
	memset(source, 'x', sizeof(source));
	assert_int_equal(v.str.len, 3);
	assert_memory_equal(v.str.data, "a\0b", 4);
	assert_true(v.owned);
	value_clear(&v);
	assert_int_equal(v.kind, VALUE_NIL);
}

static void an_empty_copy_is_a_string(void **unused)
{
	struct value v = value_text("");

	(void)unused;
	assert_int_equal(v.kind, VALUE_STR);
	assert_int_equal(v.str.len, 0);
	assert_string_equal(v.str.data, "");
	value_clear(&v);
}

static void a_table_keeps_order_beyond_its_first_size(void **unused)
{
	struct value t = value_table();
	int i;

	(void)unused;
	for (i = 0; i < 100; i++)
		value_add(&t, NULL, value_int(i));
	assert_int_equal(t.t->n, 100);
	for (i = 0; i < 100; i++)
		assert_true(t.t->field[i].value.i == i);
	value_clear(&t);
}

static void a_record_is_found_by_key(void **unused)
{
	struct value t = value_table(), list;
	const struct value *found;

	(void)unused;
	value_add(&t, "name", value_text("c1"));
	value_add(&t, "port", value_int(7788));
	found = value_get(&t, "port");
	assert_non_null(found);
	assert_true(found->i == 7788);
	assert_null(value_get(&t, "por"));
	assert_null(value_get(&t, "ports"));
	assert_null(value_get(found, "port"));
	value_clear(&t);

	list = value_table();
	value_add(&list, NULL, value_int(1));
	assert_null(value_get(&list, "1"));
	value_clear(&list);
}

static void nested_tables_are_freed_with_the_outer_one(void **unused)
{
	struct value t = value_table(), *inner;

	(void)unused;
	inner = value_add(&t, NULL, value_table());
	value_add(inner, "text", value_text("owned by the inner table"));
	inner = value_add(inner, "deeper", value_table());
	value_add(inner, NULL, value_text("and deeper"));
	value_clear(&t);
	assert_int_equal(t.kind, VALUE_NIL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(zero_is_nil_and_clearing_it_does_nothing),
		cmocka_unit_test(plain_values_keep_their_kind),
		cmocka_unit_test(a_static_text_is_borrowed_and_null_is_nil),
		cmocka_unit_test(a_copy_outlives_its_source_and_keeps_nul_bytes),
		cmocka_unit_test(an_empty_copy_is_a_string),
		cmocka_unit_test(a_table_keeps_order_beyond_its_first_size),
		cmocka_unit_test(a_record_is_found_by_key),
		cmocka_unit_test(nested_tables_are_freed_with_the_outer_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
