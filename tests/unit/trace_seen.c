/* trace_seen.c - captures: what one of two directions, or a beginning in the middle, tells and what not. */
#include "trace_play.h"

/* A segment that a capture shows. */
static unsigned seen(struct play *p, int from, const char *flags, uint32_t seq,
		     uint32_t ack, const char *data)
{
	p->origin.captured = true;
	return put(p, from, flags, seq, ack, data);
}

static void of_one_direction_no_loss_is_concluded(void **unused)
{
	struct play p = play_new();

	(void)unused;
	seen(&p, CLIENT, "SYN", 0, 0, NULL);
	seen(&p, CLIENT, "ACK", 1, 1, NULL);
	seen(&p, CLIENT, "PSH,ACK", 1, 1, "hello");
	seen(&p, CLIENT, "PSH,ACK", 1, 1, "hello");
	assert_true(says(
		&p, 4,
		"Retransmission, 1.0 ms after #3: no acknowledgment of it was captured."));
	assert_null(strstr(explained(&p, 4), "nobody"));
	assert_null(strstr(explained(&p, 4), "timer"));
	play_free(&p);
}

static void a_reset_alone_has_nothing_before_it(void **unused)
{
	struct play p = play_new();

	(void)unused;
	seen(&p, SERVER, "RST,ACK", 500, 700, NULL);
	assert_true(says(
		&p, 1,
		"RST=1: the connection is over, at once. The trace has nothing before that."));
	play_free(&p);

	p = play_new();
	seen(&p, SERVER, "ACK", 500, 700, "hello");
	seen(&p, SERVER, "RST", 505, 0, NULL);
	assert_true(says(
		&p, 2,
		"RST=1: it has no ACK: so server answers what it cannot take (RFC 9293, "
		"3.10.7.1). What that was the trace does not tell."));
	play_free(&p);
}

static void a_window_of_which_no_syn_told_the_scale_is_no_count_of_bytes(void **unused)
{
	struct play p = play_new();

	(void)unused;
	seen(&p, SERVER, "ACK", 500, 700, "hello");
	seen(&p, CLIENT, "ACK", 700, 505, NULL);
	p.g.window = 70;
	seen(&p, CLIENT, "ACK", 700, 505, NULL);
	assert_true(says(
		&p, 3,
		"Window update: win=70 now. Its unit stands in the two SYNs, which the trace "
		"does not both have."));
	buf_reset(&p.text);
	view_show(p.t, trace_find(p.t, 3), 0, 0, &p.text);
	assert_non_null(strstr(buf_str(&p.text), "   win 70 (scale not known)\n"));
	play_free(&p);
}

static void ends_on_one_host_are_told_apart_by_their_ports(void **unused)
{
	struct play p = play_new();
	union addr a;

	(void)unused;
	p.origin.captured = true;
	p.g.options.cookie_len = -1;
	put(&p, CLIENT, "SYN", 0, 0, NULL);
	assert_true(addr_from_number(&a, "127.0.0.1", 4000));
	trace_find(p.t, 1)->segment.from = a;
	addr_set_port(&a, 80);
	trace_find(p.t, 1)->segment.to = a;
	trace_find(p.t, 1)->to = CLIENT;
	assert_true(says(&p, 1, "#1  client:4000 -> client:80  First handshake"));
	assert_true(says(&p, 1, "client:4000 asks client:80 for a connection"));
	assert_non_null(strstr(line_of(&p, 1, 0), "client:4000 -> client:80"));
	play_free(&p);
}

static void addresses_of_one_ipv6_network_are_told_apart(void **unused)
{
	struct play p = play_new();
	const char *line;

	(void)unused;
	seen(&p, CLIENT, "SYN", 0, 0, NULL);
	trace_find(p.t, 1)->from = trace_find(p.t, 1)->to = GHOST;
	assert_true(addr_from_number(&trace_find(p.t, 1)->segment.from,
				     "2001:db8:1234:5678:9abc:def0:1234:5678", 4000));
	assert_true(addr_from_number(&trace_find(p.t, 1)->segment.to,
				     "2001:db8:1234:5678:9abc:def0:1234:8765", 80));
	assert_non_null(
		strstr(line_of(&p, 1, 0), "..c:def0:1234:5678 -> ..c:def0:1234:8765 "));
	for (line = explained(&p, 1); *line; line = strchr(line, '\n') + 1)
		assert_true(strcspn(line, "\n") <= 78);
	assert_non_null(
		strstr(buf_str(&p.text),
		       "#1  2001:db8:1234:5678:9abc:def0:1234:5678 ->\n"
		       "    2001:db8:1234:5678:9abc:def0:1234:8765  First handshake"));
	play_free(&p);
}

static void with_several_connections_the_ports_stand_with_the_names(void **unused)
{
	struct play p = play_new();

	(void)unused;
	seen(&p, CLIENT, "SYN", 0, 0, NULL);
	assert_true(says(&p, 1, "#1  client -> server  First"));
	p.port++;
	seen(&p, CLIENT, "SYN", 0, 0, NULL);
	assert_true(says(&p, 1, "#1  client:41786 -> server:80  First"));
	assert_true(says(&p, 2, "#2  client:41787 -> server:80  First"));
	play_free(&p);
}

static void a_window_that_opens_is_no_answer_to_a_probe(void **unused)
{
	struct play p = play_new();

	(void)unused;
	play_unwatched(&p);
	seen(&p, CLIENT, "ACK", 1, 1, "hello");
	p.g.window = 0;
	p.origin.captured = true;
	put(&p, SERVER, "ACK", 1, 6, NULL);
	seen(&p, CLIENT, "ACK", 5, 1, NULL);
	seen(&p, SERVER, "ACK", 1, 6, NULL);
	assert_true(says(&p, 6, "Zero-window probe"));
	assert_true(says(
		&p, 7,
		"#7  server -> client  Window update: the window opens from 0 to 64512"));
	play_free(&p);
}

static void a_port_stands_once_in_a_refusal(void **unused)
{
	struct play p = play_new();

	(void)unused;
	seen(&p, CLIENT, "SYN", 0, 0, NULL);
	p.isn[SERVER] = 0;
	seen(&p, SERVER, "RST,ACK", 0, 1, NULL);
	trace_find(p.t, 2)->from = CLIENT; /* which has both ends */
	assert_true(says(&p, 2, "client:80 -> client:41786"));
	assert_true(says(&p, 2, "nothing listens on port 80 of client."));
	play_free(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_one_direction_no_loss_is_concluded),
		cmocka_unit_test(a_reset_alone_has_nothing_before_it),
		cmocka_unit_test(
			a_window_of_which_no_syn_told_the_scale_is_no_count_of_bytes),
		cmocka_unit_test(a_window_that_opens_is_no_answer_to_a_probe),
		cmocka_unit_test(a_port_stands_once_in_a_refusal),
		cmocka_unit_test(ends_on_one_host_are_told_apart_by_their_ports),
		cmocka_unit_test(addresses_of_one_ipv6_network_are_told_apart),
		cmocka_unit_test(with_several_connections_the_ports_stand_with_the_names),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
