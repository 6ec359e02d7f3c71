/* base_pairs.c - numbers found by a pair of addresses, however many there are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/pairs.h"

static union addr address(const char *host, int port)
{
	union addr a;

	assert_true(addr_from_number(&a, host, port));
	return a;
}

static void an_empty_table_knows_no_pair(void **unused)
{
	struct pairs p = { 0 };
	union addr a = address("10.77.0.1", 1), b = address("10.77.0.2", 80);

	(void)unused;
	assert_int_equal(pairs_get(&p, &a, &b), -1);
	pairs_clear(&p);
	pairs_set(&p, &a, &b, 7);
	assert_int_equal(pairs_get(&p, &a, &b), 7);
	pairs_clear(&p);
	assert_int_equal(pairs_get(&p, &a, &b), -1);
}

static void both_orders_are_one_pair_and_a_port_makes_another(void **unused)
{
	struct pairs p = { 0 };
	union addr a = address("10.77.0.1", 1), b = address("10.77.0.2", 80),
		   c = address("10.77.0.1", 2);

	(void)unused;
	pairs_set(&p, &a, &b, 0);
	assert_int_equal(pairs_get(&p, &b, &a), 0);
	assert_int_equal(pairs_get(&p, &c, &b), -1);
	assert_int_equal(pairs_get(&p, &a, &a), -1);
	pairs_set(&p, &c, &b, 1);
	pairs_set(&p, &a, &a, 2);
	pairs_set(&p, &b, &a, 3);
	assert_int_equal(pairs_get(&p, &a, &b), 3);
	assert_int_equal(pairs_get(&p, &b, &c), 1);
	assert_int_equal(pairs_get(&p, &a, &a), 2);
	pairs_clear(&p);
}

static void a_mapped_address_is_its_ipv4_form(void **unused)
{
	struct pairs p = { 0 };
	union addr a = address("10.77.0.1", 1), b = address("10.77.0.2", 80),
		   mapped = address("::ffff:10.77.0.1", 1), six = address("fd77::1", 1);

	(void)unused;
	pairs_set(&p, &a, &b, 5);
	assert_int_equal(pairs_get(&p, &mapped, &b), 5);
	assert_int_equal(pairs_get(&p, &six, &b), -1);
	pairs_set(&p, &six, &b, 6);
	assert_int_equal(pairs_get(&p, &b, &six), 6);
	pairs_clear(&p);
}

static void many_are_found_each(void **unused)
{
	struct pairs p = { 0 };
	union addr server = address("10.77.0.2", 80), a;
	int i;

	(void)unused;
	for (i = 0; i < 20000; i++) {
		a = address(i % 2 ? "10.77.0.1" : "fd77::1", 1 + i);
		assert_int_equal(pairs_get(&p, &a, &server), -1);
		pairs_set(&p, &a, &server, i);
		assert_int_equal(pairs_get(&p, &server, &a), i);
	}
	for (i = 0; i < 20000; i++) {
		a = address(i % 2 ? "10.77.0.1" : "fd77::1", 1 + i);
		assert_int_equal(pairs_get(&p, &a, &server), i);
	}
	pairs_clear(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_table_knows_no_pair),
		cmocka_unit_test(both_orders_are_one_pair_and_a_port_makes_another),
		cmocka_unit_test(a_mapped_address_is_its_ipv4_form),
		cmocka_unit_test(many_are_found_each),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
