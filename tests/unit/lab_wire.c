/* lab_wire.c - the wire of a real lab, held and running: what comes from a ghost, and the answers. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "lab/inject.h"
#include "lab/lab.h"
#include "lab/relay.h"
#include "lab/when.h"

static struct {
	struct loop *loop;
	struct lab *lab;
	int port;
} at;

static int lab_begin(void **state)
{
	static const char *const names[] = { "client", "server" };
	struct lab_config config = { .names = names, .n = 2 };
	struct err err;

	(void)state;
	at.port = 4000;
	at.loop = loop_new();
	at.lab = lab_new(at.loop, &config, &err);
	if (!at.lab)
		print_message("# no lab: %s\n", err.message);
	return 0;
}

static int lab_end(void **state)
{
	(void)state;
	lab_free(at.lab);
	loop_free(at.loop);
	return 0;
}

static struct wire *wire(void)
{
	if (!at.lab)
		skip();
	return at.lab->wire;
}

/* A SYN of a new peer that is nobody, to a port of the server where nobody listens. Its number. */
static unsigned syn(void)
{
	struct inject in = {
		.checksum = CHECKSUM_RIGHT, .offset = -1, .cut = -1, .ip_len = -1
	};
	struct err err;
	int number;

	segment_init(&in.segment);
	in.segment.flags = FLAG_SYN;
	in.segment.seq = 1000;
	assert_true(addr_from_number(&in.segment.from, "10.77.0.9", ++at.port));
	assert_true(addr_from_number(&in.segment.to, "10.77.0.2", 80));
	number = inject_put(at.lab->wire, &in, &err);
	assert_true(number > 0);
	return (unsigned)number;
}

static struct trace_segment *seg(unsigned number)
{
	return trace_find(at.lab->trace, number);
}

static size_t sent(void)
{
	return trace_segments(at.lab->trace);
}

static void a_running_wire_delivers_and_the_kernel_answers_at_once(void **unused)
{
	unsigned n;

	(void)unused;
	wire();
	n = syn();
	assert_int_equal(seg(n)->fate, FATE_DELIVERED);
	assert_true(seg(n)->injected);
	assert_int_equal(sent(), n + 1);
	assert_int_equal(seg(n + 1)->segment.flags, FLAG_RST | FLAG_ACK);
	assert_int_equal(seg(n + 1)->fate, FATE_DROPPED);
	assert_string_equal(seg(n + 1)->why, "ghost: nobody there");
}

static void a_held_wire_moves_by_steps_only_the_oldest_first(void **unused)
{
	struct wire *w = wire();
	unsigned a, b;
	struct err err;

	(void)unused;
	wire_hold(w);
	a = syn();
	b = syn();
	assert_int_equal(sent(), b);
	assert_int_equal(wire_held(w), 2);
	assert_int_equal(wire_step(w, 0, &err), a);
	assert_int_equal(seg(a)->fate, FATE_DELIVERED);
	assert_int_equal(seg(b)->fate, FATE_HELD);
	/* The answer is held behind. */
	assert_int_equal(wire_held(w), 2);
	assert_int_equal(wire_held_at(w, 1)->segment.flags, FLAG_RST | FLAG_ACK);
}

static void a_step_by_number_delivers_out_of_order(void **unused)
{
	struct wire *w = wire();
	unsigned a, b;
	struct err err;

	(void)unused;
	wire_hold(w);
	a = syn();
	b = syn();
	assert_int_equal(wire_step(w, b, &err), b);
	assert_int_equal(wire_held_at(w, 0)->number, a);
	assert_int_equal(wire_step(w, b, &err), -ENOENT);
	assert_string_equal(err.message, "#2 is not held: it was delivered");
	assert_int_equal(wire_step(w, 99, &err), -ENOENT);
	assert_string_equal(err.message, "there was no segment #99 yet");
}

static void drop_dup_and_delay_change_what_is_held(void **unused)
{
	struct wire *w = wire();
	unsigned a, b;
	struct err err;
	int copy;

	(void)unused;
	wire_hold(w);
	a = syn();
	b = syn();
	copy = wire_dup(w, a, &err);
	assert_int_equal(seg((unsigned)copy)->copy_of, a);
	assert_int_equal(wire_held_at(w, 1)->number, copy);
	assert_int_equal(wire_delay(w, a, 2, &err), a);
	assert_int_equal(wire_held_at(w, 2)->number, a);
	assert_int_equal(seg(a)->behind, b);
	assert_int_equal(wire_drop(w, 0, "by you", &err), copy);
	assert_string_equal(seg((unsigned)copy)->why, "by you");
	assert_int_equal(wire_held(w), 2);
	assert_int_equal(wire_drop(w, 0, "by you", &err), b);
	assert_int_equal(wire_drop(w, 0, "by you", &err), a);
	assert_int_equal(wire_step(w, 0, &err), -ENOENT);
	assert_string_equal(err.message, "the wire holds no segment");
}

static void continue_until_stops_before_the_first_that_meets_it(void **unused)
{
	struct wire *w = wire();
	struct when *when;
	unsigned a;
	struct err err;

	(void)unused;
	wire_hold(w);
	a = syn();
	syn();
	when = when_parse(at.lab, at.lab->trace, "RST from server", &err);
	assert_non_null(when);
	wire_continue(w, when_met, when_met_after, when, when_free);
	assert_true(wire_holds(w));
	assert_int_equal(seg(a)->fate, FATE_DELIVERED);
	assert_true(wire_held_at(w, 0)->segment.flags & FLAG_RST);
	wire_continue(w, NULL, NULL, NULL, NULL);
	assert_false(wire_holds(w));
	assert_int_equal(wire_held(w), 0);
}

struct stepping {
	struct wire *wire;
	int asked, freed;
};

/* Holds the wire and delivers the segment that it is asked about. */
static bool steps(void *arg, const struct trace_segment *s)
{
	struct stepping *x = arg;
	struct err err;

	x->asked++;
	wire_hold(x->wire);
	wire_step(x->wire, s->number, &err);
	return false;
}

static void freed(void *arg)
{
	((struct stepping *)arg)->freed++;
}

static void a_condition_may_hold_and_step_and_nothing_is_delivered_twice(void **unused)
{
	struct wire *w = wire();
	struct stepping x = { .wire = w };
	unsigned a, b;

	(void)unused;
	wire_hold(w);
	a = syn();
	b = syn();
	wire_continue(w, steps, NULL, &x, freed);
	assert_int_equal(x.asked, 1);
	assert_int_equal(x.freed, 1);
	assert_true(wire_holds(w));
	assert_int_equal(seg(a)->fate, FATE_DELIVERED);
	assert_int_equal(seg(b)->fate, FATE_HELD);
	assert_int_equal(wire_held_at(w, 0)->number, b);
}

static void to_hold_takes_what_is_delayed(void **unused)
{
	struct wire *w = wire();
	unsigned n;

	(void)unused;
	relay_fault(wire_relay(w), at.lab->hosts)->delay = 10;
	n = syn();
	assert_int_equal(seg(n)->fate, FATE_HELD);
	assert_true(seg(n)->delay >= 10);
	assert_int_equal(wire_held(w), 0);
	assert_int_equal(relay_delayed(wire_relay(w), at.lab->hosts), 1);
	wire_hold(w);
	assert_true(seg(n)->delay == 0);
	assert_int_equal(wire_held_at(w, 0)->number, n);
}

static enum relay_verdict drops_all(void *arg, struct trace_segment *s)
{
	(void)s;
	++*(int *)arg;
	return RELAY_DROP;
}

static void a_hook_is_asked_about_ghosts_too(void **unused)
{
	struct wire *w = wire();
	int asked = 0;
	unsigned n;

	(void)unused;
	relay_hook(wire_relay(w), drops_all, &asked);
	n = syn();
	assert_int_equal(asked, 1);
	assert_int_equal(seg(n)->fate, FATE_DROPPED);
	assert_int_equal(sent(), n);
}

/* As ICMP: it has no number, and is not held. */
static void what_is_no_tcp_goes_where_it_is_addressed(void **unused)
{
	struct wire *w = wire();
	struct netns *netns = at.lab->netns;
	int from = netns_socket(netns, 0, AF_INET, SOCK_DGRAM, 0);
	int to = netns_socket(netns, 1, AF_INET, SOCK_DGRAM, 0);
	union addr a = netns_addr(netns, 1, false);
	char got[8];

	(void)unused;
	addr_set_port(&a, 7);
	assert_int_equal(bind(to, &a.sa, addr_len(&a)), 0);
	wire_hold(w);
	assert_int_equal(sendto(from, "hello", 5, 0, &a.sa, addr_len(&a)), 5);
	wire_pump(w);
	assert_int_equal(sent(), 0);
	assert_int_equal(recv(to, got, sizeof(got), 0), 5);
	close(from);
	close(to);
}

static void a_packet_that_ends_inside_its_ip_header_is_the_hosts_too(void **unused)
{
	struct inject in = {
		.checksum = CHECKSUM_RIGHT, .offset = -1, .cut = -1, .ip_len = 19
	};
	struct trace_segment *s;
	struct err err;

	(void)unused;
	wire();
	segment_init(&in.segment);
	assert_true(addr_from_number(&in.segment.from, "10.77.0.9", 4000));
	assert_true(addr_from_number(&in.segment.to, "10.77.0.2", 80));
	s = seg((unsigned)inject_put(at.lab->wire, &in, &err));
	assert_int_equal(s->to, 1);
	assert_int_equal(s->fate, FATE_DELIVERED);
	assert_non_null(s->segment.fault);
}

static void what_is_still_held_ends_with_the_lab(void **unused)
{
	(void)unused;
	wire_hold(wire());
	syn();
	syn();
}

#define wire_test(f) cmocka_unit_test_setup_teardown(f, lab_begin, lab_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		wire_test(a_running_wire_delivers_and_the_kernel_answers_at_once),
		wire_test(a_held_wire_moves_by_steps_only_the_oldest_first),
		wire_test(a_step_by_number_delivers_out_of_order),
		wire_test(drop_dup_and_delay_change_what_is_held),
		wire_test(continue_until_stops_before_the_first_that_meets_it),
		wire_test(a_condition_may_hold_and_step_and_nothing_is_delivered_twice),
		wire_test(to_hold_takes_what_is_delayed),
		wire_test(a_hook_is_asked_about_ghosts_too),
		wire_test(what_is_no_tcp_goes_where_it_is_addressed),
		wire_test(a_packet_that_ends_inside_its_ip_header_is_the_hosts_too),
		wire_test(what_is_still_held_ends_with_the_lab),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
