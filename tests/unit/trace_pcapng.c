/* trace_pcapng.c - a trace becomes a file, and a file the same trace. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "trace/capture.h"
#include "trace/pcapng.h"
#include "trace/views.h"

#define START 1700000000.25

/* From 10.77.0.1:40000 to 10.77.0.2:80, or back; full_trace makes the checksums. */
static uint8_t syn[] = { 0x45, 0, 0,  40, 0,	1, 0x40, 0,    64, 6,  0, 0, 10, 77,
			 0,    1, 10, 77, 0,	2, 0x9c, 0x40, 0,  80, 0, 0, 3,	 0xe8,
			 0,    0, 0,  0,  0x50, 2, 0xff, 0xff, 0,  0,  0, 0 };
static uint8_t syn_ack[] = { 0x45, 0,	 0,    40,   0,	   1,	 0x40, 0,    64, 6,
			     0,	   0,	 10,   77,   0,	   2,	 10,   77,   0,	 1,
			     0,	   80,	 0x9c, 0x40, 0,	   0,	 7,    0xd0, 0,	 0,
			     3,	   0xe9, 0x50, 0x12, 0xff, 0xff, 0,    0,    0,	 0 };
static const uint8_t odd[] = { /* 41 bytes, from 10.77.0.9 */
			       0x45, 0,	   0,	 41, 0, 1,    0x40, 0,	64, 6,	  0,
			       0,    10,   77,	 0,  9, 10,   77,   0,	2,  0x9c, 0x40,
			       0,    80,   0,	 0,  3, 0xe8, 0,    0,	0,  0,	  0x50,
			       0x10, 0xff, 0xff, 0,  0, 0,    0,    'x'
};

static union addr address(const char *text)
{
	struct hostport hp;
	union addr a;
	struct err err;

	assert_int_equal(hostport_parse(&hp, text, &err), 0);
	assert_true(addr_from_number(&a, hp.host, hp.port));
	return a;
}

/* One of everything. */
static struct trace *full_trace(void)
{
	static const char *const hosts[] = { "client", "server", "\xe4\xbd\xa0 x" };
	struct trace *t = trace_new(hosts, 3);
	union addr c = address("10.77.0.1:40000"), s = address("10.77.0.2:80"),
		   none = { .sa = { .sa_family = 0 } };

	segment_checksum(syn, sizeof(syn));
	segment_checksum(syn_ack, sizeof(syn_ack));
	trace_command(t, 0, 1, 0, "listen 80");
	trace_state(t, 0.000001, 0, 1, &s, &none, STATE_CLOSED, STATE_LISTEN, false);
	trace_command(t, 0.5, 0, 12, "send c1 \"a\\n after 3 s\"\n-- \x1b[31m: , line 3");
	trace_sent(t, 1, 0, 1, syn, sizeof(syn));
	trace_state(t, 1, 1, 0, &c, &s, STATE_CLOSED, STATE_SYN_SENT, true);
	trace_folded(t, 1, 2.000000001);
	trace_folded(t, 1, 4.1);
	trace_note(t, 4.2, 0, "held\nmeanwhile");
	trace_delivered(t, 1, 5.123456789);
	trace_state(t, 5.123456789, 1, 1, &s, &c, STATE_LISTEN, STATE_SYN_RCVD, false);
	trace_sent(t, 5.2, 1, 0, syn_ack, sizeof(syn_ack));
	trace_copied(t, 5.3, 2);
	trace_dropped(t, 2, 6, "by you");
	trace_dropped(t, 3, 6, NULL);
	trace_made(t, 7, -1, 1, odd, sizeof(odd),
		   &(struct trace_origin){ .injected = true });
	trace_altered(t, 4, odd, sizeof(odd), 0);
	trace_sent(t, 8, 0, -1, syn, sizeof(syn));
	trace_dropped(t, 4, 9, "loss 10 % after 2 s");
	trace_called(t, 67, 0, 3, &c, &s, "close client.c1");
	trace_called(t, 67.5, 1, 0, &s, &none, "close server.l1");
	trace_state(t, 68, 0, 0, &c, &s, STATE_TIME_WAIT, STATE_CLOSED, false);
	trace_made(t, 70, 0, 1, syn, sizeof(syn),
		   &(struct trace_origin){ .captured = true });
	return t;
}

static void same_text(const char *a, const char *b)
{
	assert_true(!a == !b);
	if (a)
		assert_string_equal(a, b);
}

static void same_host(const struct trace *a, int x, const struct trace *b, int y)
{
	assert_int_equal(x < 0, y < 0);
	if (x >= 0)
		assert_string_equal(trace_host(a, x), trace_host(b, y));
}

static void same_segment(const struct trace *a, const struct trace_segment *x,
			 const struct trace *b, const struct trace_segment *y)
{
	size_t i;

	assert_int_equal(x->number, y->number);
	same_host(a, x->from, b, y->from);
	same_host(a, x->to, b, y->to);
	assert_true(x->sent == y->sent);
	assert_true(x->done == y->done);
	assert_int_equal(x->fate, y->fate);
	same_text(x->why, y->why);
	assert_int_equal(x->copy_of, y->copy_of);
	assert_int_equal(x->injected, y->injected);
	assert_int_equal(x->altered, y->altered);
	assert_int_equal(x->again, y->again);
	assert_int_equal(x->packet_len, y->packet_len);
	assert_memory_equal(x->packet, y->packet, x->packet_len);
	assert_int_equal(x->n_copies, y->n_copies);
	for (i = 0; i < x->n_copies; i++)
		assert_true(x->copies[i] == y->copies[i]);
}

static void same_event(const struct trace *a, const struct trace_event *x,
		       const struct trace *b, const struct trace_event *y)
{
	assert_int_equal(x->kind, y->kind);
	assert_true(x->time == y->time);
	assert_int_equal(x->number, y->number);
	assert_int_equal(x->conn, y->conn);
	same_host(a, x->host, b, y->host);
	assert_memory_equal(&x->local, &y->local, sizeof(x->local));
	assert_memory_equal(&x->peer, &y->peer, sizeof(x->peer));
	assert_int_equal(x->before, y->before);
	assert_int_equal(x->now, y->now);
	assert_int_equal(x->inferred, y->inferred);
	same_text(x->text, y->text);
	assert_int_equal(x->line, y->line);
}

static void same_trace(const struct trace *a, const struct trace *b)
{
	unsigned n;
	size_t i;

	assert_int_equal(trace_hosts(a), trace_hosts(b));
	for (i = 0; i < (size_t)trace_hosts(a); i++)
		assert_string_equal(trace_host(a, (int)i), trace_host(b, (int)i));
	assert_int_equal(trace_segments(a), trace_segments(b));
	for (n = 1; n <= trace_segments(a); n++)
		same_segment(a, trace_find(a, n), b, trace_find(b, n));
	assert_int_equal(trace_events(a), trace_events(b));
	for (i = 0; i < trace_events(a); i++)
		same_event(a, trace_event(a, i), b, trace_event(b, i));
}

/* Reads from memory of exactly that size, so that a sanitizer sees a byte too many. */
static struct trace *read_back(const struct buf *file, size_t len, struct capture *c)
{
	char *copy = malloc(len ? len : 1);
	struct trace *t;
	struct err err;

	memcpy(copy, file->data, len);
	t = capture_read("x.pcapng", copy, len, NULL, c, &err);
	free(copy);
	return t;
}

static void a_trace_that_is_written_is_read_back_whole(void **unused)
{
	struct trace *t = full_trace(), *again;
	struct buf file = BUF_EMPTY, twice = BUF_EMPTY;
	struct capture c;
	size_t folded;

	(void)unused;
	assert_int_equal(pcapng_write(t, START, NULL, &file, &folded), 8);
	assert_int_equal(folded, 2);
	again = read_back(&file, file.len, &c);
	assert_non_null(again);
	assert_string_equal(c.warning, "");
	assert_int_equal(c.packets, 8);
	assert_int_equal(c.skipped, 0);
	assert_int_equal(c.cut, 0);
	assert_true(c.start == START);
	same_trace(t, again);
	pcapng_write(again, c.start, NULL, &twice, NULL);
	assert_int_equal(file.len, twice.len);
	assert_memory_equal(file.data, twice.data, file.len);
	trace_free(again);
	trace_free(t);
	buf_clear(&file);
	buf_clear(&twice);
}

/* The sender knows nothing of it: what follows goes by the segment as it was. */
static void an_altered_segment_is_read_back_with_what_it_was(void **unused)
{
	static const char *const hosts[] = { "client", "server" };
	struct trace *t = trace_new(hosts, 2), *again;
	struct buf file = BUF_EMPTY, told[2] = { BUF_EMPTY, BUF_EMPTY };
	uint8_t changed[sizeof(syn)];
	struct capture c;
	unsigned n;

	(void)unused;
	memcpy(changed, syn, sizeof(syn));
	changed[20 + 4] ^= 0x80; /* its number */
	trace_sent(t, 1, 0, 1, syn, sizeof(syn));
	trace_altered(t, 1, changed, sizeof(changed), 0);
	trace_delivered(t, 1, 1);
	trace_sent(t, 2, 1, 0, syn_ack, sizeof(syn_ack));
	trace_sent(t, 3, 0, 1, syn, sizeof(syn));
	pcapng_write(t, START, NULL, &file, NULL);
	again = read_back(&file, file.len, &c);
	same_trace(t, again);
	for (n = 1; n <= 3; n++) {
		view_explain(t, trace_find(t, n), 0, &told[0]);
		view_explain(again, trace_find(again, n), 0, &told[1]);
	}
	assert_string_equal(buf_str(&told[0]), buf_str(&told[1]));
	assert_int_equal(trace_find(again, 3)->again, 1);
	buf_clear(&told[0]);
	buf_clear(&told[1]);
	buf_clear(&file);
	trace_free(again);
	trace_free(t);
}

static void an_empty_trace_is_a_file_too(void **unused)
{
	struct trace *t = trace_new(NULL, 0), *again;
	struct buf file = BUF_EMPTY;
	struct capture c;

	(void)unused;
	assert_int_equal(pcapng_write(t, START, NULL, &file, NULL), 0);
	again = read_back(&file, file.len, &c);
	same_trace(t, again);
	assert_true(c.start == START);
	trace_free(again);
	trace_free(t);
	buf_clear(&file);
}

static bool has(const struct buf *file, const char *text)
{
	return memmem(file->data, file->len, text, strlen(text)) != NULL;
}

static void comments_say_in_words_what_happened(void **unused)
{
	struct trace *t = full_trace();
	struct buf file = BUF_EMPTY;

	(void)unused;
	pcapng_write(t, START, NULL, &file, NULL);
	assert_true(has(&file, "tcpstep trace 1\nbegan 1700000000.25\nhost client\n"));
	assert_true(has(&file,
			"call by server: listen 80 after 0 s\n"
			"state of server: CLOSED -> LISTEN, 10.77.0.2:80 > - after "
			"0.000001 s\n"));
	assert_true(has(&file,
			"#1 client -> server\nstate of client: CLOSED -> SYN_SENT, "
			"10.77.0.1:40000 > 10.77.0.2:80, inferred after 0 s\n"));
	assert_true(has(&file, "delivered after 4.123456789 s\n"));
	assert_true(has(&file, "retransmission of #1, folded by tcpstep"));
	assert_true(has(&file, "#3 server -> client, copy of #2\ndropped after 0.7 s"));
	assert_true(has(&file, "dropped by you after 0.8 s"));
	assert_true(has(&file, "#4 (10.77.0.9) -> server, injected, altered from 45"));
	assert_true(has(&file, "#5 client -> (10.77.0.2), retransmission of #1\nheld\n"));
	trace_free(t);
	buf_clear(&file);
}

static void blocks_and_options_end_on_32_bits(void **unused)
{
	struct trace *t = full_trace();
	struct buf file = BUF_EMPTY;
	uint32_t type, len, end;
	size_t at, packets = 0;

	(void)unused;
	pcapng_write(t, START, NULL, &file, NULL);
	for (at = 0; at < file.len; at += len) {
		assert_true(file.len - at >= 12);
		memcpy(&type, file.data + at, 4);
		memcpy(&len, file.data + at + 4, 4);
		assert_int_equal(len % 4, 0);
		assert_true(len >= 12 && len <= file.len - at);
		memcpy(&end, file.data + at + len - 4, 4);
		assert_int_equal(len, end);
		packets += type == 6;
	}
	assert_int_equal(packets, 8);
	trace_free(t);
	buf_clear(&file);
}

static void every_truncation_gives_what_came_before(void **unused)
{
	struct trace *t = full_trace(), *part;
	struct buf file = BUF_EMPTY;
	struct capture c;
	size_t len, segments = 0;

	(void)unused;
	pcapng_write(t, START, NULL, &file, NULL);
	for (len = 0; len < file.len; len++) {
		part = read_back(&file, len, &c);
		if (!part)
			continue;
		assert_true(trace_segments(part) >= segments);
		segments = trace_segments(part);
		trace_free(part);
	}
	assert_int_equal(segments, 5);
	trace_free(t);
	buf_clear(&file);
}

static void every_wrong_byte_is_survived(void **unused)
{
	static const uint8_t wrong[] = { 0x00, 0x01, 0x7f, 0xff, '\n', '9', ' ' };
	struct trace *t = full_trace(), *read;
	struct buf file = BUF_EMPTY;
	struct capture c;
	size_t at, i;
	char good;

	(void)unused;
	pcapng_write(t, START, NULL, &file, NULL);
	for (at = 0; at < file.len; at++)
		for (i = 0; i < sizeof(wrong); i++) {
			good = file.data[at];
			file.data[at] = (char)wrong[i];
			read = read_back(&file, file.len, &c);
			assert_true(read || at < 4);
			trace_free(read);
			file.data[at] = good;
		}
	trace_free(t);
	buf_clear(&file);
}

static void a_date_that_no_file_can_hold_becomes_the_last_one(void **unused)
{
	struct trace *t = trace_new(NULL, 0), *again;
	struct buf file = BUF_EMPTY;
	struct capture c;

	(void)unused;
	trace_sent(t, 9e18, -1, -1, syn, sizeof(syn));
	pcapng_write(t, 9223372036.854775807, NULL, &file, NULL);
	again = read_back(&file, file.len, &c);
	assert_true(c.start == 4e9);
	assert_true(trace_find(again, 1)->sent == 4e9);
	trace_free(again);
	trace_free(t);
	buf_clear(&file);
}

/* Takes the packet of that index out of the file. */
static void cut_packet(struct buf *file, int index)
{
	uint32_t type, len;
	size_t at;

	for (at = 0; at < file->len; at += len) {
		memcpy(&type, file->data + at, 4);
		memcpy(&len, file->data + at + 4, 4);
		if (type == 6 && index-- == 0) {
			memmove(file->data + at, file->data + at + len,
				file->len - at - len);
			file->len -= len;
			return;
		}
	}
	fail();
}

static void a_file_from_which_packets_were_taken_says_so_and_is_read(void **unused)
{
	struct trace *t = full_trace(), *rest;
	struct buf file = BUF_EMPTY;
	struct capture c;

	(void)unused;
	pcapng_write(t, START, NULL, &file, NULL);
	cut_packet(&file,
		   0); /* #1, of which two copies stay: the first is a packet now */
	rest = read_back(&file, file.len, &c);
	assert_non_null(strstr(c.warning, "missing"));
	assert_int_equal(trace_segments(rest), 7);
	assert_int_equal(trace_find(rest, 1)->fate, FATE_SEEN);
	assert_string_equal(trace_host(rest, trace_find(rest, 3)->from), "server");
	assert_int_equal(trace_find(rest, 3)->fate, FATE_DROPPED);
	assert_int_equal(trace_find(rest, 4)->copy_of, 3); /* it was "copy of #2" */
	trace_free(rest);
	trace_free(t);
	buf_clear(&file);
}

static void
much_that_happens_between_two_packets_stays_within_what_libpcap_takes(void **unused)
{
	static const char *const hosts[] = { "client" };
	struct trace *t = trace_new(hosts, 1), *again;
	struct buf file = BUF_EMPTY;
	struct capture c;
	char *text = malloc(50001);
	uint32_t len;
	size_t at;
	int i;

	(void)unused;
	memset(text, '\x01', 50000); /* four bytes each when escaped */
	text[50000] = '\0';
	trace_command(t, 0, 0, 0, text);
	for (i = 0; i < 5000; i++)
		trace_command(t, 0.5, 0, 0, "state; -- again and again");
	trace_sent(t, 1, 0, -1, syn, sizeof(syn));
	for (i = 0; i < 1500; i++)
		trace_command(t, 2, 0, 0, "state; -- again and again");
	pcapng_write(t, START, NULL, &file, NULL);
	for (at = 0; at < file.len; at += len) {
		memcpy(&len, file.data + at + 4, 4);
		assert_true(len < 131072);
	}
	again = read_back(&file, file.len, &c);
	assert_string_equal(c.warning, "");
	assert_int_equal(trace_segments(again), 1);
	assert_true(trace_events(again) > 3000);
	assert_string_equal(trace_event(again, trace_events(again) - 1)->text,
			    "state; -- again and again");
	free(text);
	trace_free(again);
	trace_free(t);
	buf_clear(&file);
}

/* For tests/peers: one of everything, as a file. */
static int write_file(const char *name)
{
	struct trace *t = full_trace();
	struct buf file = BUF_EMPTY;
	FILE *f = fopen(name, "wb");

	pcapng_write(t, START, NULL, &file, NULL);
	if (!f || fwrite(file.data, 1, file.len, f) != file.len || fclose(f) != 0)
		return 1;
	trace_free(t);
	buf_clear(&file);
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_trace_that_is_written_is_read_back_whole),
		cmocka_unit_test(an_altered_segment_is_read_back_with_what_it_was),
		cmocka_unit_test(an_empty_trace_is_a_file_too),
		cmocka_unit_test(comments_say_in_words_what_happened),
		cmocka_unit_test(blocks_and_options_end_on_32_bits),
		cmocka_unit_test(every_truncation_gives_what_came_before),
		cmocka_unit_test(every_wrong_byte_is_survived),
		cmocka_unit_test(a_date_that_no_file_can_hold_becomes_the_last_one),
		cmocka_unit_test(
			a_file_from_which_packets_were_taken_says_so_and_is_read),
		cmocka_unit_test(
			much_that_happens_between_two_packets_stays_within_what_libpcap_takes),
	};

	if (argc == 2)
		return write_file(argv[1]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
