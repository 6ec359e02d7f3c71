/* lab_walk.c - tests: 200 random walks; tests/walk/walk does as many as it is told. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <time.h>

#include "../walk/walker.h"

#define WALKS 200

static void the_tracker_agrees_with_the_kernel_after_every_step(void **state)
{
	uint64_t seed = (uint64_t)time(NULL) << 16;
	struct walker w;
	struct err err;
	int i, rc;

	(void)state;
	if (walker_begin(&w, &err) < 0) {
		print_message("# no lab: %s\n", err.message);
		walker_end(&w);
		skip();
	}
	for (i = 0; i < WALKS; i++, seed++) {
		rc = walker_walk(&w, seed, &err);
		if (rc != 0)
			print_error("tests/walk/walk -n 1 -s %llu\n%s",
				    (unsigned long long)seed,
				    rc > 0 ? buf_str(&w.log) : err.message);
		assert_int_equal(rc, 0);
	}
	walker_end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_tracker_agrees_with_the_kernel_after_every_step),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
