/* trace_backlog.c - what passed while nobody looked is in the trace as if it had been added one by one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tcp/gso.h"
#include "trace/trace.h"

#define MSS 1000

static const char *const hosts[] = { "client", "server" };

/* From the client, or back from the server. */
static struct buf packet(bool back, uint32_t seq, uint32_t ack, uint8_t flags, size_t len)
{
	static uint8_t data[30000];
	struct buf out = BUF_EMPTY;
	struct segment s;
	struct err err;
	size_t i;

	for (i = 0; i < len; i++)
		data[i] = (uint8_t)((seq + i) * 31 + (seq + i) / 251);
	segment_init(&s);
	assert_true(addr_from_number(back ? &s.to : &s.from, "10.77.0.1", 40000));
	assert_true(addr_from_number(back ? &s.from : &s.to, "10.77.0.2", 80));
	s.seq = seq;
	s.ack = ack;
	s.flags = flags;
	s.window = 500;
	s.payload = data;
	s.len = len;
	assert_int_equal(segment_encode(&s, &out, &err), 0);
	return out;
}

static void one_by_one(struct trace *t, double now, bool back, const struct buf *p)
{
	static uint8_t into[GSO_PACKET_MAX];
	unsigned number = (unsigned)trace_segments(t);
	struct gso_cut cut;
	struct segment s;
	size_t len;

	if (gso_begin(&cut, p->data, p->len, MSS))
		while ((len = gso_next(&cut, into, &s)) > 0)
			trace_sent(t, now, back, !back, into, len);
	else
		trace_sent(t, now, back, !back, p->data, p->len);
	while (++number <= trace_segments(t))
		trace_delivered(t, number, now);
}

static void passing(struct trace *t, double now, bool back, const struct buf *p)
{
	/* As the wire does it: read into the trace's room, or from elsewhere. */
	uint8_t *packet = p->len > MSS ? trace_room(t) : (uint8_t *)p->data;
	struct gso_cut cut;
	struct segment s;

	if (p->len > MSS)
		memcpy(packet, p->data, p->len);
	segment_decode(&s, packet, p->len);
	trace_passed(t, now, back, !back, packet, &s,
		     gso_begin(&cut, packet, p->len, MSS) ? &cut : NULL);
}

typedef void add_fn(struct trace *t, double now, bool back, const struct buf *p);

static void add(struct trace *t, add_fn *fn, double now, bool back, uint32_t seq,
		uint32_t ack, uint8_t flags, size_t len)
{
	struct buf p = packet(back, seq, ack, flags, len);

	fn(t, now, back, &p);
	buf_clear(&p);
}

/* A handshake as always; then data both ways, acknowledgments, a command, a retransmission, a close. */
static struct trace *filled(add_fn *fn, size_t keep)
{
	struct trace *t = trace_new(hosts, 2);

	if (keep)
		trace_keep(t, keep);
	add(t, one_by_one, 0.1, false, 999, 0, FLAG_SYN, 0);
	add(t, one_by_one, 0.2, true, 4999, 1000, FLAG_SYN | FLAG_ACK, 0);
	add(t, one_by_one, 0.3, false, 1000, 5000, FLAG_ACK, 0);
	trace_command(t, 0.35, 0, 3, "send client.c1");
	add(t, fn, 0.4, false, 1000, 5000, FLAG_ACK | FLAG_PSH, 20500);
	add(t, fn, 0.5, true, 5000, 21500, FLAG_ACK, 0);
	trace_command(t, 0.55, 0, 4, "send client.c1");
	add(t, fn, 0.6, false, 21500, 5000, FLAG_ACK | FLAG_PSH, 10);
	add(t, fn, 0.7, true, 5000, 21510, FLAG_ACK | FLAG_PSH, 17000);
	add(t, fn, 0.8, false, 20500, 22000, FLAG_ACK | FLAG_PSH, 1000);
	add(t, fn, 0.9, true, 22000, 21510, FLAG_ACK, 0);
	add(t, one_by_one, 1.0, false, 21510, 22000, FLAG_ACK | FLAG_FIN, 0);
	return t;
}

static void check_segment(const struct trace *a, const struct trace *b, unsigned number)
{
	const struct trace_segment *x = trace_find(a, number), *y = trace_find(b, number);

	assert_int_equal(x->number, y->number);
	assert_int_equal(x->from, y->from);
	assert_int_equal(x->to, y->to);
	assert_true(x->sent == y->sent && x->done == y->done);
	assert_int_equal(x->fate, y->fate);
	assert_int_equal(x->again, y->again);
	assert_int_equal(x->packet_len, y->packet_len);
	assert_memory_equal(x->packet, y->packet, x->packet_len);
	assert_int_equal(x->segment.seq, y->segment.seq);
	assert_int_equal(x->segment.flags, y->segment.flags);
	assert_int_equal(x->segment.len, y->segment.len);
	assert_int_equal(x->segment.header_len, y->segment.header_len);
	assert_true(x->segment.checksum_ok && y->segment.checksum_ok);
	assert_ptr_equal(y->segment.payload, y->packet + y->segment.header_len);
	assert_int_equal(trace_seq(a, x), trace_seq(b, y));
	assert_int_equal(trace_ack(a, x), trace_ack(b, y));
}

static void it_is_the_same_trace(void **unused)
{
	struct trace *a = filled(one_by_one, 0), *b = filled(passing, 0);
	unsigned number;
	size_t i;

	(void)unused;
	assert_int_equal(trace_events(a), trace_events(b));
	assert_int_equal(trace_segments(b), 3 + 21 + 1 + 1 + 17 + 1 + 1 + 1);
	assert_int_equal(trace_segments(a), trace_segments(b));
	for (number = 1; number <= trace_segments(a); number++)
		check_segment(a, b, number);
	for (i = 0; i < trace_events(a); i++) {
		const struct trace_event *x = trace_event(a, i), *y = trace_event(b, i);

		assert_int_equal(x->kind, y->kind);
		assert_int_equal(x->number, y->number);
		assert_int_equal(x->conn, y->conn);
		assert_int_equal(x->line, y->line);
		assert_true(x->time == y->time);
		assert_string_equal(x->text ? x->text : "", y->text ? y->text : "");
	}
	/* The retransmission is one. */
	assert_int_equal(trace_find(b, 3 + 21 + 1 + 1 + 17 + 1)->again, 3 + 20);
	trace_free(a);
	trace_free(b);
}

static void whoever_looks_first_sees_all_of_it(void **unused)
{
	struct trace *t = filled(passing, 0);
	const struct trace_event *e;

	(void)unused;
	assert_non_null(trace_find(t, 40));
	trace_free(t);
	t = filled(passing, 0);
	e = trace_event(t, 6 + 1);
	assert_non_null(e);
	assert_int_equal(e->number, 4);
	trace_free(t);
	t = filled(passing, 0);
	add(t, passing, 2, false, 21511, 22000, FLAG_ACK, 0);
	trace_command(t, 3, 0, 9, "send client.c1");
	trace_take_back(t);
	assert_int_equal(trace_event(t, trace_events(t) - 1)->kind, TRACE_DELIVERED);
	trace_free(t);
}

static void nobody_has_to_look(void **unused)
{
	(void)unused;
	trace_free(filled(passing, 0));
	trace_free(filled(passing, 100));
}

/* The same headers but for the TCP checksum, which nobody has computed while the data was there. */
static void check_headers(const struct trace_segment *x, const struct trace_segment *y)
{
	uint8_t p[128];

	memcpy(p, x->packet, y->packet_len);
	if (memcmp(p, y->packet, y->packet_len) != 0)
		memset(p + 20 + 16, 0, 2);
	assert_memory_equal(p, y->packet, y->packet_len);
}

/* Data beyond the limit goes, and what is left of each segment is true. */
static void data_that_is_no_longer_kept_leaves_its_headers(void **unused)
{
	struct trace *whole = filled(one_by_one, 0), *t = filled(passing, 18000);
	size_t kept = 0, cut = 0;
	unsigned number;

	(void)unused;
	for (number = 1; number <= trace_segments(t); number++) {
		const struct trace_segment *x = trace_find(whole, number);
		const struct trace_segment *y = trace_find(t, number);

		assert_int_equal(y->segment.len, x->segment.len);
		if (y->cut) {
			check_headers(x, y);
			assert_int_equal(y->packet_len, y->segment.header_len);
			assert_null(y->segment.payload);
			cut++;
		} else {
			assert_memory_equal(y->packet, x->packet, y->packet_len);
			assert_int_equal(y->packet_len, x->packet_len);
			kept += y->segment.len;
		}
	}
	assert_int_equal(cut, 21 + 1);
	assert_true(kept == 18000);
	trace_free(whole);
	trace_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_the_same_trace),
		cmocka_unit_test(whoever_looks_first_sees_all_of_it),
		cmocka_unit_test(nobody_has_to_look),
		cmocka_unit_test(data_that_is_no_longer_kept_leaves_its_headers),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
