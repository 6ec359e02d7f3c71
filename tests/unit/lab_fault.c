/* lab_fault.c - rules of faults as text, the dice, and the order on a lane; no wire needed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <math.h>

#include "lab/fault.h"
#include "lab/lane.h"
#include "lab/toobig.h"
#include "tcp/segment.h"

static struct fault rule(const char *name, const char *text)
{
	struct fault f = { 0 };
	struct err err;

	assert_int_equal(fault_set(&f, name, text, &err), 0);
	return f;
}

static void values_are_read_in_their_units(void **unused)
{
	(void)unused;
	assert_true(rule("loss", "10%").loss == 0.1);
	assert_true(rule("loss", "0.25").loss == 0.25);
	assert_true(rule("loss", "1e-05").loss == 1e-5);
	assert_true(rule("loss", "100%").loss == 1);
	assert_true(rule("loss", "0").loss == 0);
	assert_true(rule("delay", "50ms").delay == 0.05);
	assert_true(rule("delay", "2").delay == 2);
	assert_true(rule("rate", "9600").rate == 9600);
	assert_true(rule("rate", "64k").rate == 64e3);
	assert_true(rule("rate", "10M").rate == 10e6);
	assert_true(rule("rate", "1.5Gbit/s").rate == 1.5e9);
	assert_true(rule("mtu", "576").mtu == 576);
	assert_false(fault_any(&(struct fault){ 0 }));
}

static void each_name_is_that_of_a_rule(void **unused)
{
	struct fault f = { 0 };
	struct err err;
	size_t i;

	(void)unused;
	for (i = 0; fault_names[i]; i++)
		assert_int_equal(fault_set(&f, fault_names[i], "off", &err), 0);
	assert_int_equal(i, sizeof(f) / sizeof(double));
}

static void two_are_the_same_when_every_rule_is(void **unused)
{
	static const char *const some[][2] = {
		{ "loss", "10%" },
		{ "jitter", "5ms" },
		{ "mtu", "1000" },
		{ "rate", "10M" },
	};
	size_t i;

	(void)unused;
	for (i = 0; i < sizeof(some) / sizeof(*some); i++) {
		struct fault f = rule(some[i][0], some[i][1]);
		struct fault g = rule(some[i][0], some[i][1]);

		assert_true(fault_same(&f, &g));
		assert_false(fault_same(&f, &(struct fault){ 0 }));
	}
}

static void what_cannot_be_is_a_usage_error_that_changes_nothing(void **unused)
{
	static const char *const bad[][2] = {
		{ "loss", "150%" }, { "loss", "-1%" },	    { "loss", "nan" },
		{ "loss", "inf" },  { "loss", "0x1p-3" },   { "loss", "1" },
		{ "loss", "" },	    { "loss", "%" },	    { "loss", "." },
		{ "loss", "5 %" },  { "loss", "1e-400%%" }, { "delay", "-1" },
		{ "delay", "2h" },  { "delay", "nan" },	    { "delay", "3601" },
		{ "rate", "0" },    { "rate", "1e300" },    { "rate", "10T" },
		{ "mtu", "575" },   { "mtu", "65536" },	    { "mtu", "1000.5" },
		{ "bogus", "1" },
	};
	size_t i;

	(void)unused;
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct fault f = { 0 };
		struct err err = { 0 };

		assert_int_equal(fault_set(&f, bad[i][0], bad[i][1], &err), -EINVAL);
		assert_string_equal(err.code, "usage");
		assert_false(fault_any(&f));
	}
}

static void a_bare_1_is_no_share_and_the_hint_says_how_all_is_written(void **unused)
{
	struct fault f = { 0 };
	struct err err = { 0 };

	(void)unused;
	assert_int_equal(fault_set(&f, "loss", "1", &err), -EINVAL);
	assert_string_equal(err.hint,
			    "All is 100%, in Lua \"100%\"; loss=off takes it away.");
	assert_int_equal(fault_set(&f, "delay", "x", &err), -EINVAL);
	assert_string_equal(err.hint, "delay=off takes it away.");
}

static void a_jitter_is_at_most_the_delay(void **unused)
{
	struct fault f = { .delay = 0.01, .jitter = 0.01 };
	struct err err;

	(void)unused;
	assert_int_equal(fault_check(&f, &err), 0);
	f.jitter = 3600;
	assert_int_equal(fault_check(&f, &err), -EINVAL);
	assert_string_equal(err.code, "usage");
	assert_string_equal(err.hint, "As in: wire delay=3600s jitter=3600s");
}

static void what_is_shown_can_be_typed(void **unused)
{
	struct fault f = { .loss = 0.125, .delay = 0.05, .rate = 64e3, .mtu = 1000 };
	struct buf out = BUF_EMPTY;

	(void)unused;
	fault_format(&f, &out);
	assert_string_equal(buf_str(&out), "loss=12.5% delay=50ms rate=64k mtu=1000");
	buf_reset(&out);
	fault_format(&(struct fault){ .delay = 3600, .jitter = 1.5 }, &out);
	assert_string_equal(buf_str(&out), "delay=3600s jitter=1.5s");
	buf_reset(&out);
	fault_format(&(struct fault){ 0 }, &out);
	assert_string_equal(buf_str(&out), "no faults");
	buf_clear(&out);
}

static void the_share_that_is_asked_for_is_lost(void **unused)
{
	struct fault f = { .loss = 0.1 };
	struct dice d;
	int i, lost = 0;

	(void)unused;
	dice_seed(&d, 1, 0);
	for (i = 0; i < 100000; i++)
		lost += fault_roll(&f, &d).lost;
	assert_in_range(lost, 9600, 10400);
}

static void the_dice_of_a_seed_are_the_same_everywhere(void **unused)
{
	struct dice d;

	(void)unused;
	/* The first number of splitmix64 from 0, known from its authors' code. */
	d.state = 0;
	assert_true(fault_roll(&(struct fault){ .loss = 0.89 }, &d).lost);
	d.state = 0;
	assert_false(fault_roll(&(struct fault){ .loss = 0.88 }, &d).lost);
}

static void directions_and_rules_do_not_disturb_each_other(void **unused)
{
	struct fault one = { .duplicate = 0.5 }, two = { .duplicate = 0.5, .loss = 0.5 };
	struct dice a, b, c;
	int i, differ = 0;

	(void)unused;
	dice_seed(&a, 7, 0);
	dice_seed(&b, 7, 0);
	dice_seed(&c, 7, 1);
	for (i = 0; i < 1000; i++) {
		bool twice = fault_roll(&one, &a).twice;

		assert_int_equal(twice, fault_roll(&two, &b).twice);
		differ += twice != fault_roll(&one, &c).twice;
	}
	assert_in_range(differ, 400, 600);
}

static void a_delay_stays_within_its_jitter(void **unused)
{
	struct fault f = { .delay = 0.05, .jitter = 0.01 };
	struct dice d;
	int i;

	(void)unused;
	dice_seed(&d, 3, 0);
	for (i = 0; i < 1000; i++) {
		double delay = fault_roll(&f, &d).delay;

		assert_true(delay >= 0.04 && delay <= 0.06);
	}
}

static void a_lane_keeps_the_order_whatever_the_delays(void **unused)
{
	struct lane l = { 0 };
	unsigned i;

	(void)unused;
	assert_true(isinf(lane_next(&l)));
	for (i = 1; i <= 100; i++)
		lane_push(&l, i, i % 2 ? 2.0 : 1.0, false);
	for (i = 1; i <= 100; i++) {
		assert_true(lane_next(&l) == 2.0);
		assert_int_equal(lane_pop(&l), i);
	}
	lane_clear(&l);
}

static void a_late_one_goes_behind_the_next(void **unused)
{
	struct lane l = { 0 };

	(void)unused;
	lane_push(&l, 1, 1.0, false);
	lane_push(&l, 2, 1.0, true);
	lane_push(&l, 3, 1.0, true);
	lane_push(&l, 4, 1.0, false);
	assert_int_equal(l.counts.reordered, 1);
	assert_int_equal(lane_pop(&l), 1);
	assert_int_equal(lane_pop(&l), 3);
	assert_true(lane_next(&l) == 1.0);
	assert_int_equal(lane_pop(&l), 2);
	assert_int_equal(lane_pop(&l), 4);
	lane_clear(&l);
}

static void a_late_one_that_nothing_follows_arrives_a_moment_later(void **unused)
{
	struct lane l = { 0 };

	(void)unused;
	lane_push(&l, 1, 1.0, true);
	assert_true(lane_next(&l) > 1.0 && lane_next(&l) < 1.1);
	assert_int_equal(lane_pop(&l), 1);
	/* The next one is nobody's to overtake. */
	lane_push(&l, 2, 2.0, false);
	assert_int_equal(l.counts.reordered, 0);
	lane_clear(&l);
}

static void a_rate_spreads_what_comes_at_once(void **unused)
{
	struct lane l = { .fault = { .rate = 8000 } };

	(void)unused;
	assert_true(fabs(lane_due(&l, 10, 0, 1000) - 11) < 1e-9);
	lane_push(&l, 1, 11, false);
	assert_true(fabs(lane_due(&l, 10, 0.5, 1000) - 12.5) < 1e-9);
	lane_push(&l, 2, 12.5, false);
	assert_true(fabs(lane_due(&l, 20, 0, 1000) - 21) < 1e-9);
	lane_clear(&l);
}

static void what_was_taken_off_a_slow_lane_keeps_nothing_waiting(void **unused)
{
	struct lane l = { .fault = { .rate = 80 } };

	(void)unused;
	lane_push(&l, 1, lane_due(&l, 10, 0, 1000), false);
	assert_int_equal(lane_pop(&l), 1);
	l.fault.rate = 8000;
	assert_true(fabs(lane_due(&l, 10, 0, 1000) - 11) < 1e-9);
	lane_clear(&l);
}

/* RFC 1071: all words of a right packet add up to ffff. */
static uint32_t sum_of(const uint8_t *p, size_t len)
{
	uint32_t sum = 0;
	size_t i;

	for (i = 0; i < len; i++)
		sum += i & 1 ? p[i] : (uint32_t)p[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

static void too_big_is_told_to_the_sender_with_right_checksums(void **unused)
{
	uint8_t packet[100] = { 0x45, 0, 0, 100, 0, 1, 0x40, 0, 64, 6 }, out[TOOBIG_MAX];
	size_t len;

	(void)unused;
	memcpy(packet + 12, "\x0a\x4d\x00\x01\x0a\x4d\x00\x02", 8);
	len = toobig_make(out, packet, sizeof(packet), 1000);
	assert_int_equal(len, 92);
	assert_memory_equal(out + 12, "\x0a\x4d\x00\x02\x0a\x4d\x00\x01", 8);
	assert_memory_equal(out + 20, "\x03\x04", 2);
	assert_int_equal(out[26] << 8 | out[27], 1000);
	assert_int_equal(sum_of(out, 20), 0xffff);
	assert_int_equal(sum_of(out + 20, len - 20), 0xffff);
	assert_memory_equal(out + 28, packet, 64);
}

static void a_packet_that_may_be_fragmented_is_not_answered(void **unused)
{
	uint8_t packet[100] = { 0x45, 0, 0, 100 }, out[TOOBIG_MAX];

	(void)unused;
	assert_int_equal(toobig_make(out, packet, sizeof(packet), 1000), 0);
	assert_int_equal(toobig_make(out, packet, 0, 1000), 0);
	assert_int_equal(toobig_make(out, packet, 10, 1000), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_read_in_their_units),
		cmocka_unit_test(each_name_is_that_of_a_rule),
		cmocka_unit_test(two_are_the_same_when_every_rule_is),
		cmocka_unit_test(what_cannot_be_is_a_usage_error_that_changes_nothing),
		cmocka_unit_test(
			a_bare_1_is_no_share_and_the_hint_says_how_all_is_written),
		cmocka_unit_test(a_jitter_is_at_most_the_delay),
		cmocka_unit_test(what_is_shown_can_be_typed),
		cmocka_unit_test(the_share_that_is_asked_for_is_lost),
		cmocka_unit_test(the_dice_of_a_seed_are_the_same_everywhere),
		cmocka_unit_test(directions_and_rules_do_not_disturb_each_other),
		cmocka_unit_test(a_delay_stays_within_its_jitter),
		cmocka_unit_test(a_lane_keeps_the_order_whatever_the_delays),
		cmocka_unit_test(a_late_one_goes_behind_the_next),
		cmocka_unit_test(a_late_one_that_nothing_follows_arrives_a_moment_later),
		cmocka_unit_test(a_rate_spreads_what_comes_at_once),
		cmocka_unit_test(what_was_taken_off_a_slow_lane_keeps_nothing_waiting),
		cmocka_unit_test(too_big_is_told_to_the_sender_with_right_checksums),
		cmocka_unit_test(a_packet_that_may_be_fragmented_is_not_answered),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
