/* trace_json.c - the trace as JSON, an event a line. */
#include "trace_play.h"

static const char *json(struct play *p)
{
	buf_reset(&p->text);
	view_json(p->t, NULL, &p->text);
	return buf_str(&p->text);
}

static void every_event_is_an_object_on_a_line_of_its_own(void **unused)
{
	struct play p = play_new();

	(void)unused;
	play_listen(&p);
	trace_command(p.t, 0, CLIENT, 3, "connect(\"server:80\")");
	put(&p, CLIENT, "SYN", 0, 0, NULL);
	state(&p, 1, CLIENT, STATE_CLOSED, STATE_SYN_SENT);
	trace_folded(p.t, 1, 1.5);
	arrive(&p, 1);
	lose(&p, put(&p, SERVER, "SYN,ACK", 0, 1, NULL), "by you");
	trace_note(p.t, 2, 0, "a\tnote");
	assert_string_equal(
		json(&p),
		"{\"event\":\"state\",\"time\":0.000000,\"host\":\"server\",\"local\":\"0.0.0.0:80\",\"peer\":\"-\",\"before\":\"CLOSED\",\"state\":\"LISTEN\"}\n"
		"{\"event\":\"command\",\"time\":0.000000,\"host\":\"client\",\"line\":3,\"text\":\"connect(\\\"server:80\\\")\"}\n"
		"{\"event\":\"sent\",\"time\":0.001000,\"number\":1,\"connection\":1,\"from\":\"client\",\"to\":\"server\",\"src\":\"10.77.0.1:41786\",\"dst\":\"10.77.0.2:80\",\"flags\":\"SYN\",\"seq\":0,\"raw_seq\":1186613122,\"window\":64240,\"raw_window\":64240,\"len\":0,\"mss\":1460,\"wscale\":10,\"sack_permitted\":true,\"tsval\":0,\"tsecr\":0}\n"
		"{\"event\":\"state\",\"time\":0.001000,\"number\":1,\"connection\":1,\"host\":\"client\",\"local\":\"10.77.0.1:41786\",\"peer\":\"10.77.0.2:80\",\"before\":\"CLOSED\",\"state\":\"SYN_SENT\"}\n"
		"{\"event\":\"folded\",\"time\":1.500000,\"number\":1,\"connection\":1}\n"
		"{\"event\":\"delivered\",\"time\":0.002000,\"number\":1,\"connection\":1}\n"
		"{\"event\":\"sent\",\"time\":0.003000,\"number\":2,\"connection\":1,\"from\":\"server\",\"to\":\"client\",\"src\":\"10.77.0.2:80\",\"dst\":\"10.77.0.1:41786\",\"flags\":\"SYN,ACK\",\"seq\":0,\"raw_seq\":4294967290,\"ack\":1,\"raw_ack\":1186613123,\"window\":65160,\"raw_window\":65160,\"len\":0,\"mss\":1460,\"wscale\":10,\"sack_permitted\":true,\"tsval\":0,\"tsecr\":0}\n"
		"{\"event\":\"dropped\",\"time\":0.003000,\"number\":2,\"connection\":1,\"why\":\"by you\"}\n"
		"{\"event\":\"note\",\"time\":2.000000,\"text\":\"a\\tnote\"}\n");
	play_free(&p);
}

static void payloads_are_text_when_they_are_utf8_and_else_hex(void **unused)
{
	struct play p = play_new();

	(void)unused;
	play_handshake(&p);
	put(&p, CLIENT, "PSH,ACK", 1, 1, "\"\\\xe4\xbd\xa0\xf0\x9f\x98\x80\x1b");
	assert_non_null(strstr(
		json(&p), "\"data\":\"\\\"\\\\\xe4\xbd\xa0\xf0\x9f\x98\x80\\u001b\"}"));
	put(&p, CLIENT, "PSH,ACK", 1, 1, "\xff\x01");
	assert_non_null(strstr(json(&p), "\"len\":2,\"hex\":\"ff01\",\"again\":4}"));
	play_free(&p);
}

static void a_packet_that_cannot_be_read_has_a_fault(void **unused)
{
	struct play p = play_new();

	(void)unused;
	trace_sent(p.t, 0, CLIENT, GHOST, "\x45", 1);
	assert_string_equal(
		json(&p),
		"{\"event\":\"sent\",\"time\":0.000000,\"number\":1,\"from\":\"client\",\"to\":null,\"src\":\"-\",\"dst\":\"-\",\"flags\":\"none\",\"seq\":0,\"raw_seq\":0,\"window\":0,\"raw_window\":0,\"len\":0,\"fault\":\"IPv4 header cut short\"}\n");
	play_free(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_event_is_an_object_on_a_line_of_its_own),
		cmocka_unit_test(payloads_are_text_when_they_are_utf8_and_else_hex),
		cmocka_unit_test(a_packet_that_cannot_be_read_has_a_fault),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
