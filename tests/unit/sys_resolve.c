/* sys_resolve.c - names, asked of a DNS server of the test's own on 127.0.0.1. */
#include "net.h"

#include <netinet/in.h>

#include "sys/loop.h"
#include "sys/resolve.h"

enum { TYPE_A = 1, TYPE_AAAA = 28, NXDOMAIN = 3, SERVFAIL = 2 };

/* Answers every question for NAME.test by what the name begins with. */
struct server {
	struct loop *loop;
	struct resolve *resolve;
	struct loop_io io;
	int fd;
	int questions;
	bool mute;
	/* the last answer */
	int calls, n;
	union addr addrs[RESOLVE_MAX];
	struct err err;
};

static size_t record(uint8_t *out, int type, const void *data, size_t len)
{
	const uint8_t head[] = { 0xc0, 12, 0, (uint8_t)type, 0, 1, 0, 0,
				 0,    60, 0, (uint8_t)len };

	memcpy(out, head, sizeof(head));
	memcpy(out + sizeof(head), data, len);
	return sizeof(head) + len;
}

static void server_answer(void *arg, int events)
{
	static const uint8_t v4[4] = { 127, 0, 0, 5 }, v6[16] = { [15] = 1 };
	struct server *s = arg;
	uint8_t msg[512], *end;
	union addr from;
	socklen_t len = sizeof(from);
	ssize_t n = recvfrom(s->fd, msg, 256, 0, &from.sa, &len);
	int type, count = 0;

	(void)events;
	assert_true(n > 17);
	s->questions++;
	if (s->mute)
		return;
	/* The question ends with its type and class; what may follow (EDNS) is cut off. */
	end = msg + 12 + strlen((char *)msg + 12) + 5;
	type = end[-3];
	msg[2] = 0x81;
	msg[3] = 0x80;
	if (memcmp(msg + 13, "nosuch", 6) == 0)
		msg[3] |= NXDOMAIN;
	else if (memcmp(msg + 13, "broken", 6) == 0)
		msg[3] |= SERVFAIL;
	else if (type == TYPE_A && memcmp(msg + 13, "four", 4) == 0)
		count = 1, end += record(end, TYPE_A, v4, sizeof(v4));
	else if (type == TYPE_AAAA && memcmp(msg + 13, "six", 3) == 0)
		count = 1, end += record(end, TYPE_AAAA, v6, sizeof(v6));
	msg[7] = (uint8_t)count;
	msg[9] = msg[11] = 0;
	assert_true(sendto(s->fd, msg, (size_t)(end - msg), 0, &from.sa, len) > 0);
}

static void server_begin(struct server *s)
{
	char servers[32];
	union addr a;

	memset(s, 0, sizeof(*s));
	s->loop = loop_new();
	s->fd = net_socket(AF_INET, SOCK_DGRAM);
	net_bind(s->fd, "127.0.0.1");
	a = net_local(s->fd);
	loop_io_start(s->loop, &s->io, s->fd, LOOP_READ, server_answer, s);
	snprintf(servers, sizeof(servers), "127.0.0.1:%d", addr_port(&a));
	s->resolve = resolve_new(s->loop, servers);
}

static void server_end(struct server *s)
{
	resolve_free(s->resolve);
	loop_io_stop(s->loop, &s->io);
	close(s->fd);
	loop_free(s->loop);
}

static void store(void *arg, const union addr *addrs, int n, const struct err *err)
{
	struct server *s = arg;

	s->calls++;
	s->n = n;
	s->err = *err;
	memcpy(s->addrs, addrs, (size_t)n * sizeof(*addrs));
}

static void look_up(struct server *s, const char *name)
{
	int calls = s->calls;

	assert_non_null(resolve_start(s->resolve, name, 7788, store, s, &s->err));
	assert_int_equal(s->calls, calls);
	while (s->calls == calls)
		loop_turn(s->loop, true);
	assert_int_equal(s->calls, calls + 1);
}

static void check_addr(const union addr *a, const char *wanted)
{
	char text[ADDR_TEXT_MAX];

	assert_string_equal(addr_format(a, text), wanted);
}

static void a_name_has_its_addresses_with_the_port_set(void **state)
{
	struct server s;

	(void)state;
	server_begin(&s);
	look_up(&s, "four.test");
	assert_int_equal(s.n, 1);
	check_addr(&s.addrs[0], "127.0.0.5:7788");
	look_up(&s, "six.test");
	assert_int_equal(s.n, 1);
	check_addr(&s.addrs[0], "[::1]:7788");
	server_end(&s);
}

static void localhost_is_found_without_asking_dns(void **state)
{
	struct server s;
	int i, v4 = 0;

	(void)state;
	server_begin(&s);
	look_up(&s, "localhost");
	assert_in_range(s.n, 1, 2);
	for (i = 0; i < s.n; i++)
		v4 += s.addrs[i].sa.sa_family == AF_INET;
	assert_int_equal(v4, 1);
	assert_int_equal(addr_port(&s.addrs[0]), 7788);
	assert_int_equal(s.questions, 0);
	server_end(&s);
}

static void failures_are_sentences(void **state)
{
	struct server s;

	(void)state;
	server_begin(&s);
	look_up(&s, "nosuch.test.");
	assert_int_equal(s.n, 0);
	assert_string_equal(s.err.message,
			    "look up nosuch.test.: no such name (ENOTFOUND)");
	assert_string_equal(s.err.code, "ENOTFOUND");
	assert_true(s.err.hint[0]);
	look_up(&s, "empty.test.");
	assert_string_equal(
		s.err.message,
		"look up empty.test.: the name exists, but has no address (ENODATA)");
	look_up(&s, "broken.test.");
	assert_string_equal(s.err.code, "ECONNREFUSED");
	assert_non_null(
		strstr(s.err.message, "broken.test.: no DNS server gave an answer"));
	server_end(&s);
}

static void a_server_that_is_not_there_is_named_as_the_cause(void **state)
{
	struct server s;

	(void)state;
	server_begin(&s);
	loop_io_stop(s.loop, &s.io);
	close(s.fd);
	look_up(&s, "four.test.");
	assert_string_equal(s.err.code, "ECONNREFUSED");
	assert_non_null(strstr(s.err.message, "no DNS server gave an answer"));
	s.fd = net_socket(AF_INET, SOCK_DGRAM);
	server_end(&s);
}

static void a_cancelled_query_does_not_call_back(void **state)
{
	struct resolve_query *q;
	struct server s;

	(void)state;
	server_begin(&s);
	q = resolve_start(s.resolve, "four.test", 80, store, &s, &s.err);
	assert_non_null(q);
	resolve_cancel(q);
	q = resolve_start(s.resolve, "localhost", 80, store, &s, &s.err);
	assert_non_null(q);
	resolve_cancel(q);
	look_up(&s, "six.test");
	assert_int_equal(s.calls, 1);
	server_end(&s);
}

static void freeing_the_resolver_cancels_what_is_under_way(void **state)
{
	struct resolve_query *q;
	struct server s;

	(void)state;
	server_begin(&s);
	s.mute = true;
	q = resolve_start(s.resolve, "four.test", 80, store, &s, &s.err);
	assert_non_null(q);
	q = resolve_start(s.resolve, "localhost", 80, store, &s, &s.err);
	assert_non_null(q);
	while (s.questions == 0)
		loop_turn(s.loop, true);
	server_end(&s);
	/* localhost may have been given out meanwhile, four.test not. */
	assert_in_range(s.calls, 0, 1);
}

static void free_resolver(void *arg, const union addr *addrs, int n,
			  const struct err *err)
{
	struct server *s = arg;

	store(arg, addrs, n, err);
	resolve_free(s->resolve);
	s->resolve = NULL;
}

static void the_resolver_may_be_freed_from_its_answer(void **state)
{
	struct server s;

	(void)state;
	server_begin(&s);
	assert_non_null(
		resolve_start(s.resolve, "four.test", 80, free_resolver, &s, &s.err));
	while (s.calls == 0)
		loop_turn(s.loop, true);
	assert_int_equal(s.n, 1);
	server_end(&s);
}

static void what_cannot_be_a_name_is_refused_at_once(void **state)
{
	static const char *const bad[] = {
		"",	 ".",	      "a..b",
		".a",	 "two words", "a\nb",
		"a\\.b", "a/b",	      "\xe4\xbd\xa0.test",
		"a\x01",
	};
	char name[300];
	struct server s;
	size_t i;

	(void)state;
	server_begin(&s);
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		assert_null(resolve_start(s.resolve, bad[i], 80, store, &s, &s.err));
		assert_non_null(strstr(s.err.message, "look up"));
		assert_null(strpbrk(s.err.message, "\n\x01"));
	}
	memset(name, 'a', sizeof(name));
	name[64] = '\0';
	assert_null(resolve_start(s.resolve, name, 80, store, &s, &s.err));
	for (i = 0; i < 254; i++)
		name[i] = i % 50 == 49 ? '.' : 'a';
	name[254] = '\0';
	assert_null(resolve_start(s.resolve, name, 80, store, &s, &s.err));
	assert_non_null(strstr(s.err.message, "253"));
	assert_int_equal(s.questions, 0);
	server_end(&s);
}

static void a_bad_list_of_servers_is_an_error(void **state)
{
	struct loop *loop = loop_new();
	struct resolve *r = resolve_new(loop, "not an address");
	struct err err;

	(void)state;
	assert_null(resolve_start(r, "four.test", 80, store, NULL, &err));
	assert_string_equal(err.message,
			    "\"not an address\" is not a list of DNS servers");
	resolve_free(r);
	loop_free(loop);
}

static void a_resolver_that_is_not_used_opens_nothing(void **state)
{
	struct loop *loop = loop_new();
	int before = net_fd_count();
	struct resolve *r = resolve_new(loop, NULL);

	(void)state;
	assert_int_equal(net_fd_count(), before);
	resolve_free(r);
	loop_free(loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		net_test(a_name_has_its_addresses_with_the_port_set),
		net_test(localhost_is_found_without_asking_dns),
		net_test(failures_are_sentences),
		net_test(a_server_that_is_not_there_is_named_as_the_cause),
		net_test(a_cancelled_query_does_not_call_back),
		net_test(freeing_the_resolver_cancels_what_is_under_way),
		net_test(the_resolver_may_be_freed_from_its_answer),
		net_test(what_cannot_be_a_name_is_refused_at_once),
		net_test(a_bad_list_of_servers_is_an_error),
		net_test(a_resolver_that_is_not_used_opens_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
