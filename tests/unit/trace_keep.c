/* trace_keep.c - of a bulk transfer only the newest bytes are kept, and every view copes. */
#include "trace/capture.h"
#include "trace/pcapng.h"
#include "trace_play.h"

/* A handshake, then three segments of 5 bytes where 10 may be kept. */
static struct play three_of_five(void)
{
	struct play p = play_new();

	trace_keep(p.t, 10);
	play_handshake(&p);
	pass(&p, CLIENT, "PSH,ACK", 1, 1, "first");
	pass(&p, CLIENT, "PSH,ACK", 6, 1, "other");
	pass(&p, CLIENT, "PSH,ACK", 11, 1, "third");
	return p;
}

static void the_oldest_data_goes_first_and_its_numbers_stay(void **unused)
{
	struct play p = three_of_five();
	const struct trace_segment *s = trace_find(p.t, 4);

	(void)unused;
	assert_true(s->cut);
	assert_null(s->segment.payload);
	assert_int_equal(s->segment.len, 5);
	assert_int_equal(s->packet_len, s->segment.header_len);
	assert_int_equal(trace_seq(p.t, s), 1);
	assert_false(trace_find(p.t, 5)->cut);
	assert_memory_equal(trace_find(p.t, 5)->segment.payload, "other", 5);
	play_free(&p);
}

static void without_a_limit_all_is_kept(void **unused)
{
	struct play p = play_new();

	(void)unused;
	play_handshake(&p);
	pass(&p, CLIENT, "PSH,ACK", 1, 1, "first");
	pass(&p, CLIENT, "PSH,ACK", 6, 1, "other");
	assert_false(trace_find(p.t, 4)->cut);
	play_free(&p);
}

static void what_is_still_held_keeps_its_data(void **unused)
{
	struct play p = play_new();
	unsigned held;

	(void)unused;
	trace_keep(p.t, 5);
	play_handshake(&p);
	held = put(&p, CLIENT, "PSH,ACK", 1, 1, "first");
	pass(&p, CLIENT, "PSH,ACK", 6, 1, "other");
	pass(&p, CLIENT, "PSH,ACK", 11, 1, "third");
	assert_false(trace_find(p.t, held)->cut);
	assert_memory_equal(trace_find(p.t, held)->segment.payload, "first", 5);
	play_free(&p);
}

static void what_is_sent_again_is_still_known(void **unused)
{
	struct play p = three_of_five();
	unsigned again = put(&p, CLIENT, "PSH,ACK", 1, 1, "first");

	(void)unused;
	assert_int_equal(trace_find(p.t, again)->again, 4);
	play_free(&p);
}

static void the_views_say_that_it_is_gone(void **unused)
{
	struct play p = three_of_five();
	struct ladder_options o = { 0 };

	(void)unused;
	assert_non_null(strstr(line_of(&p, 4, 0), "len=5 (gone)"));
	assert_non_null(strstr(explained(&p, 4), "1 to 5: (no longer kept)"));
	assert_non_null(strstr(ladder(&p, o), "s=1 len=5 (no longer kept)"));
	buf_reset(&p.text);
	view_show(p.t, trace_find(p.t, 4), 0, 1, &p.text);
	assert_non_null(strstr(buf_str(&p.text), "data: (no longer kept)"));
	buf_reset(&p.text);
	view_json(p.t, NULL, &p.text);
	assert_non_null(strstr(buf_str(&p.text), "\"data_gone\":true"));
	play_free(&p);
}

static void a_saved_file_has_its_headers_and_its_true_length(void **unused)
{
	struct play p = three_of_five();
	struct buf file = BUF_EMPTY;
	struct capture c;
	struct err err;
	struct trace *t;

	(void)unused;
	pcapng_write(p.t, 0, NULL, &file, NULL);
	t = capture_read("test", file.data, file.len, NULL, &c, &err);
	assert_non_null(t);
	assert_string_equal(c.warning, "");
	assert_int_equal(c.cut, 1);
	assert_int_equal(trace_segments(t), trace_segments(p.t));
	trace_free(t);
	buf_clear(&file);
	play_free(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_oldest_data_goes_first_and_its_numbers_stay),
		cmocka_unit_test(without_a_limit_all_is_kept),
		cmocka_unit_test(what_is_still_held_keeps_its_data),
		cmocka_unit_test(what_is_sent_again_is_still_known),
		cmocka_unit_test(the_views_say_that_it_is_gone),
		cmocka_unit_test(a_saved_file_has_its_headers_and_its_true_length),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
