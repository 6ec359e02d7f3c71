/* cmd_socks.c - the table of sockets: names, order, what stays after close. */
#include "net.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/socks.h"

static struct host here = { .name = "here", .index = -1 };

/* Each test's sockets are numbered from 1. */
static int number_anew(void **unused)
{
	(void)unused;
	memset(here.last, 0, sizeof(here.last));
	return 0;
}

static int tcp(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	return fd;
}

static struct sock *add(struct socks *all, enum sock_kind kind)
{
	return socks_add(all, &here, kind, tcp());
}

static void names_are_a_letter_and_a_number_without_leading_zero(void **unused)
{
	static const char *const good[] = { "l1", "c1", "s1", "c10", "s999999999" };
	static const char *const bad[] = { "",	 "c",	   "c0",	  "c01",
					   "x1", "1",	   "cc1",	  "c1x",
					   "C1", "c-1",	   "c1000000000", "c 1",
					   "t1", "a-b.c1", "end.c1",	  "c\x86.c1" };
	size_t i;

	(void)unused;
	for (i = 0; i < sizeof(good) / sizeof(*good); i++)
		assert_true(sock_is_name(good[i]));
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_false(sock_is_name(bad[i]));
}

static void each_kind_counts_for_itself(void **unused)
{
	struct socks all = { 0 };
	char name[SOCK_NAME_MAX];

	(void)unused;
	assert_string_equal(sock_name(add(&all, SOCK_LISTEN), name), "l1");
	assert_string_equal(sock_name(add(&all, SOCK_CONNECT), name), "c1");
	assert_string_equal(sock_name(add(&all, SOCK_CONNECT), name), "c2");
	assert_string_equal(sock_name(add(&all, SOCK_ACCEPT), name), "s1");
	assert_string_equal(sock_name(add(&all, SOCK_LISTEN), name), "l2");
	assert_int_equal(all.n, 5);
	assert_int_equal(all.n_open, 5);
	socks_clear(&all);
	assert_int_equal(all.n, 0);
}

static void a_socket_is_found_by_its_name_alone(void **unused)
{
	struct socks all = { 0 };
	struct sock *c;

	(void)unused;
	assert_null(socks_find(&all, "c1"));
	c = add(&all, SOCK_CONNECT);
	assert_ptr_equal(socks_find(&all, "c1"), c);
	assert_null(socks_find(&all, "s1"));
	assert_null(socks_find(&all, "c2"));
	assert_null(socks_find(&all, "c01"));
	assert_null(socks_find(&all, "nothing"));
	socks_clear(&all);
}

static void many_sockets_are_all_found_and_sorted(void **unused)
{
	struct socks all = { 0 };
	struct sock **list;
	char name[SOCK_NAME_MAX];
	size_t n;
	int i;

	(void)unused;
	for (i = 0; i < 150; i++) {
		add(&all, SOCK_ACCEPT);
		add(&all, SOCK_CONNECT);
		add(&all, SOCK_LISTEN);
	}
	for (i = 1; i <= 150; i++) {
		snprintf(name, sizeof(name), "c%d", i);
		assert_non_null(socks_find(&all, name));
		assert_int_equal(socks_find(&all, name)->number, i);
	}
	list = socks_sorted(&all, &n);
	assert_int_equal(n, 450);
	assert_string_equal(sock_name(list[0], name), "l1");
	assert_string_equal(sock_name(list[149], name), "l150");
	assert_string_equal(sock_name(list[150], name), "c1");
	assert_string_equal(sock_name(list[300], name), "s1");
	assert_string_equal(sock_name(list[449], name), "s150");
	free(list);
	socks_clear(&all);
}

static void a_call_that_failed_at_once_gives_its_number_back(void **unused)
{
	struct socks all = { 0 };
	char name[SOCK_NAME_MAX];

	(void)unused;
	socks_drop(&all, add(&all, SOCK_CONNECT));
	assert_int_equal(all.n, 0);
	assert_int_equal(all.n_open, 0);
	assert_string_equal(sock_name(add(&all, SOCK_CONNECT), name), "c1");
	socks_clear(&all);
}

static void a_number_is_not_given_back_while_a_later_one_lives(void **unused)
{
	struct socks all = { 0 };
	struct sock *first = add(&all, SOCK_CONNECT);
	char name[SOCK_NAME_MAX];

	(void)unused;
	add(&all, SOCK_CONNECT);
	socks_drop(&all, first);
	assert_string_equal(sock_name(add(&all, SOCK_CONNECT), name), "c3");
	socks_clear(&all);
}

static void a_closed_socket_keeps_its_name_until_it_is_dropped(void **unused)
{
	struct socks all = { 0 };
	struct sock *c = add(&all, SOCK_CONNECT);
	char name[SOCK_NAME_MAX];
	int fd = c->fd;

	(void)unused;
	sock_close_fd(&all, c);
	assert_int_equal(c->fd, -1);
	assert_int_equal(fcntl(fd, F_GETFD), -1);
	assert_int_equal(all.n_open, 0);
	assert_int_equal(all.n_closed, 1);
	assert_ptr_equal(socks_find(&all, "c1"), c);
	sock_close_fd(&all, c);
	assert_int_equal(all.n_closed, 1);
	socks_drop(&all, c);
	assert_null(socks_find(&all, "c1"));
	assert_int_equal(all.n_closed, 0);
	/* The number was used: it is not given again. */
	assert_string_equal(sock_name(add(&all, SOCK_CONNECT), name), "c2");
	socks_clear(&all);
}

static void a_reference_outlives_the_table(void **unused)
{
	struct socks all = { 0 };
	struct sock *c = sock_ref(add(&all, SOCK_CONNECT));
	int fd = c->fd;

	(void)unused;
	socks_clear(&all);
	assert_int_equal(c->fd, -1);
	assert_false(c->listed);
	assert_int_equal(fcntl(fd, F_GETFD), -1);
	sock_unref(c);
}

/* One connection over loopback: l1, c1 and s1. */
static void open_pair(struct socks *all, struct sock **l, struct sock **c,
		      struct sock **s)
{
	union addr a = { .in = { .sin_family = AF_INET } };
	socklen_t len = sizeof(a);
	int fd = tcp(), peer;

	a.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, &a.sa, sizeof(a.in)), 0);
	assert_int_equal(listen(fd, 5), 0);
	assert_int_equal(getsockname(fd, &a.sa, &len), 0);
	*l = socks_add(all, &here, SOCK_LISTEN, fd);
	peer = tcp();
	assert_int_equal(connect(peer, &a.sa, sizeof(a.in)), 0);
	*c = socks_add(all, &here, SOCK_CONNECT, peer);
	*s = socks_add(all, &here, SOCK_ACCEPT, accept(fd, NULL, NULL));
}

static void both_ends_and_the_listener_are_found_by_address(void **unused)
{
	struct socks all = { 0 };
	struct sock *l, *c, *s;

	(void)unused;
	open_pair(&all, &l, &c, &s);
	assert_ptr_equal(socks_find_pair(&all, &here, sock_local(c), sock_peer(c)), c);
	assert_ptr_equal(socks_find_pair(&all, &here, sock_peer(c), sock_local(c)), s);
	assert_ptr_equal(socks_find_listener(&all, &here, sock_peer(c)), l);
	assert_null(socks_find_listener(&all, &here, sock_local(c)));
	socks_clear(&all);
}

static void ends_point_from_who_connected_to_who_listened(void **unused)
{
	struct socks all = { 0 };
	struct sock *l, *c, *s;
	struct buf text = BUF_EMPTY;

	(void)unused;
	open_pair(&all, &l, &c, &s);
	sock_ends(c, &text);
	assert_non_null(strstr(buf_str(&text), " > 127.0.0.1:"));
	buf_reset(&text);
	sock_ends(s, &text);
	assert_non_null(strstr(buf_str(&text), " < 127.0.0.1:"));
	buf_reset(&text);
	sock_ends(l, &text);
	assert_null(strpbrk(buf_str(&text), "<> "));
	buf_clear(&text);
	socks_clear(&all);
}

static void addresses_are_remembered_after_close(void **unused)
{
	struct socks all = { 0 };
	struct sock *l, *c, *s;
	int port;

	(void)unused;
	open_pair(&all, &l, &c, &s);
	port = addr_port(sock_local(l));
	sock_close_fd(&all, c);
	assert_int_equal(addr_port(sock_peer(c)), port);
	assert_int_not_equal(addr_port(sock_local(c)), 0);
	socks_clear(&all);
}

static void states_come_from_the_kernel(void **unused)
{
	struct socks all = { 0 };
	struct sock *l, *c, *s;

	(void)unused;
	open_pair(&all, &l, &c, &s);
	assert_int_equal(sock_state(l, NULL), STATE_LISTEN);
	assert_int_equal(sock_state(c, NULL), STATE_ESTABLISHED);
	assert_int_equal(sock_state(s, NULL), STATE_ESTABLISHED);
	socks_clear(&all);
}

static void time_wait_is_seen_after_close(void **unused)
{
	struct socks all = { 0 };
	struct sock *l, *c, *s;
	struct diag_sock now;
	int tries;

	(void)unused;
	open_pair(&all, &l, &c, &s);
	sock_close_fd(&all, c);
	sock_close_fd(&all, s);
	/* The FINs cross the loopback within a moment. */
	for (tries = 0; tries < 1000 && sock_state(c, &now) != STATE_TIME_WAIT; tries++)
		usleep(1000);
	assert_int_equal(sock_state(c, &now), STATE_TIME_WAIT);
	assert_int_equal(sock_state(s, NULL), STATE_CLOSED);
	socks_clear(&all);
	host_clear(&here);
}

static void no_descriptor_is_left(void **before)
{
	assert_int_equal(net_fd_count(), *(int *)*before);
}

static int count_fds(void **state)
{
	static int before;

	before = net_fd_count();
	*state = &before;
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(
			names_are_a_letter_and_a_number_without_leading_zero,
			number_anew),
		cmocka_unit_test_setup(each_kind_counts_for_itself, number_anew),
		cmocka_unit_test_setup(a_socket_is_found_by_its_name_alone, number_anew),
		cmocka_unit_test_setup(many_sockets_are_all_found_and_sorted,
				       number_anew),
		cmocka_unit_test_setup(a_call_that_failed_at_once_gives_its_number_back,
				       number_anew),
		cmocka_unit_test_setup(a_number_is_not_given_back_while_a_later_one_lives,
				       number_anew),
		cmocka_unit_test_setup(a_closed_socket_keeps_its_name_until_it_is_dropped,
				       number_anew),
		cmocka_unit_test_setup(a_reference_outlives_the_table, number_anew),
		cmocka_unit_test_setup(both_ends_and_the_listener_are_found_by_address,
				       number_anew),
		cmocka_unit_test_setup(ends_point_from_who_connected_to_who_listened,
				       number_anew),
		cmocka_unit_test_setup(addresses_are_remembered_after_close, number_anew),
		cmocka_unit_test_setup(states_come_from_the_kernel, number_anew),
		cmocka_unit_test_setup(time_wait_is_seen_after_close, number_anew),
		cmocka_unit_test_setup(no_descriptor_is_left, number_anew),
	};

	return cmocka_run_group_tests(tests, count_fds, NULL);
}
