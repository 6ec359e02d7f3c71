/* lab_expect.c - how a segment differs from the expected, and whether it may come again as that. */
#include "lab/expect.h"
#include "tcp/notation.h"
#include "trace_play.h"

/* An expectation in the notation, from the server, numbers relative; the payload is in data. */
static struct expect wants(const char *text, struct buf *data)
{
	struct expect e = { 0 };
	struct err err;

	segment_init(&e.want);
	e.parts = notation_parse(&e.want, text, 0, 0, data, &err);
	assert_true(e.parts >= 0);
	e.data = strchr(text, '"') != NULL;
	assert_true(addr_from_number(e.from, "10.77.0.2", 80));
	return e;
}

static const char *differs(struct play *p, const char *text, unsigned number)
{
	struct buf data = BUF_EMPTY;
	struct expect e = wants(text, &data);
	int at;

	buf_reset(&p->text);
	at = expect_differs(&e, p->t, trace_find(p->t, number), &p->text);
	buf_clear(&data);
	return at < 0 ? "" : buf_str(&p->text);
}

static bool again(struct play *p, const char *text)
{
	struct buf data = BUF_EMPTY;
	struct expect e = wants(text, &data);
	bool fits = expect_fits_again(&e, p->t);

	buf_clear(&data);
	return fits;
}

static void the_first_difference_is_told_with_both_values(void **unused)
{
	struct play p = play_new();

	(void)unused;
	play_handshake(&p);
	pass(&p, SERVER, "PSH,ACK", 1, 1, "hello");
	assert_string_equal(differs(&p, "S. 0:0(0) ack 1 <mss 1460,sackOK,wscale 10>", 2),
			    "");
	assert_string_equal(differs(&p, "", 2), "");
	assert_string_equal(differs(&p, "S. ack 5", 2), "ack: expected 5, got 1");
	assert_string_equal(differs(&p, "R. ack 5", 2),
			    "flags: expected RST,ACK, got SYN,ACK");
	assert_string_equal(differs(&p, "S. <mss 1000>", 2),
			    "mss: expected 1000, got 1460");
	assert_string_equal(differs(&p, "S. <wscale 7>", 2),
			    "wscale: expected 7, got 10");
	assert_string_equal(differs(&p, "S. win 1", 2),
			    "window in the header: expected 1, got 65160");
	assert_string_equal(differs(&p, "P. 1:6(5)", 4), "");
	assert_string_equal(differs(&p, "P. 1:4(3)", 4), "len: expected 3, got 5");
	assert_string_equal(differs(&p, "P. 2:7(5)", 4), "seq: expected 2, got 1");
	assert_string_equal(differs(&p, "P. 1:6(5) \"hello\"", 4), "");
	assert_string_equal(differs(&p, "P. 1:6(5) \"help!\"", 4),
			    "data, byte 4: expected \"p!\", got \"lo\"");
	assert_string_equal(differs(&p, "S", 1),
			    "from: expected 10.77.0.2:80, got 10.77.0.1:41786");
	play_free(&p);
}

static void data_that_is_not_there_is_not_compared(void **unused)
{
	struct play p = play_new();
	struct trace_segment *s;

	(void)unused;
	play_handshake(&p);
	pass(&p, SERVER, "PSH,ACK", 1, 1, "hello");
	s = trace_find(p.t, 4);
	s->segment.payload = NULL;
	s->cut = true;
	assert_string_equal(differs(&p, "P. 1:6(5) \"world\"", 4), "");
	play_free(&p);
}

static void a_malformed_segment_is_only_what_nothing_is_said_of(void **unused)
{
	struct play p = play_new();
	struct trace_segment *s;

	(void)unused;
	play_handshake(&p);
	s = trace_find(p.t, 2);
	s->segment.fault = "TCP header cut short";
	assert_string_equal(differs(&p, "S.", 2),
			    "it is malformed: TCP header cut short");
	assert_string_equal(differs(&p, "", 2), "");
	play_free(&p);
}

static void the_search_keeps_the_nearest_and_goes_on_behind_what_it_found(void **unused)
{
	struct play p = play_new();
	struct buf data = BUF_EMPTY;
	struct expect e = wants("P. 1:6(5)", &data);
	struct expect_search found = { .next = 1 };
	const struct trace_segment *s;

	(void)unused;
	play_handshake(&p);
	assert_null(expect_search(&e, p.t, &found));
	assert_int_equal(found.nearest->number, 2);
	pass(&p, SERVER, "PSH,ACK", 1, 1, "help");
	assert_null(expect_search(&e, p.t, &found));
	assert_int_equal(found.nearest->number, 4);
	assert_string_equal(buf_str(&found.why), "len: expected 5, got 4");
	p.origin.injected = true;
	pass(&p, SERVER, "PSH,ACK", 1, 1, "hello");
	pass(&p, SERVER, "PSH,ACK", 1, 1, "hello");
	s = expect_search(&e, p.t, &found);
	assert_non_null(s);
	assert_int_equal(s->number, 6);
	assert_int_equal(found.next, 7);
	buf_clear(&found.why);
	buf_clear(&data);
	play_free(&p);
}

static void a_syn_comes_again_as_it_was_but_for_ecn(void **unused)
{
	struct play p = play_new();

	(void)unused;
	put(&p, CLIENT, "SYN", 0, 0, NULL);
	put(&p, SERVER, "SYN,ACK,ECE", 0, 1, NULL);
	assert_true(again(&p, "S. 0:0(0) ack 1"));
	assert_true(again(&p, "SE. 0:0(0) ack 1"));
	assert_true(again(&p, "<mss 1460>"));
	assert_true(again(&p, ""));
	assert_false(again(&p, "S. ack 2"));
	assert_false(again(&p, "S. <mss 1000>"));
	assert_false(again(&p, "R."));
	assert_false(again(&p, "F."));
	play_free(&p);
}

static void data_comes_again_in_the_same_stretches_or_joined(void **unused)
{
	struct play p = play_new();

	(void)unused;
	play_handshake(&p);
	pass(&p, SERVER, "PSH,ACK", 1, 1, "ab");
	pass(&p, SERVER, "PSH,ACK", 3, 1, "cd");
	assert_true(again(&p, "P. 1:3(2) ack 9"));
	assert_true(again(&p, ". 3:5(2)"));
	assert_true(again(&p, "P. 1:5(4)"));
	assert_true(again(&p, "P."));
	assert_false(again(&p, "P. 1:2(1)"));
	assert_false(again(&p, "P. 1:4(3)"));
	assert_false(again(&p, "P. 2:3(1)"));
	assert_false(again(&p, "P. 5:7(2)"));
	assert_false(again(&p, "F."));
	assert_false(again(&p, "R. ack 1"));
	pass(&p, SERVER, "FIN,ACK", 5, 1, NULL);
	assert_true(again(&p, "F."));
	assert_true(again(&p, "F. 5:5(0)"));
	assert_true(again(&p, "FP. 1:5(4)"));
	play_free(&p);
}

static void what_was_injected_or_carried_nothing_comes_not_again(void **unused)
{
	struct play p = play_new();

	(void)unused;
	play_handshake(&p);
	pass(&p, SERVER, "ACK", 1, 1, NULL);
	p.origin.injected = true;
	pass(&p, SERVER, "PSH,ACK", 1, 1, "forged");
	assert_false(again(&p, "P. 1:7(6)"));
	assert_false(again(&p, ". 1:1(0) ack 1"));
	play_free(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_difference_is_told_with_both_values),
		cmocka_unit_test(data_that_is_not_there_is_not_compared),
		cmocka_unit_test(a_malformed_segment_is_only_what_nothing_is_said_of),
		cmocka_unit_test(
			the_search_keeps_the_nearest_and_goes_on_behind_what_it_found),
		cmocka_unit_test(a_syn_comes_again_as_it_was_but_for_ecn),
		cmocka_unit_test(data_comes_again_in_the_same_stretches_or_joined),
		cmocka_unit_test(what_was_injected_or_carried_nothing_comes_not_again),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
