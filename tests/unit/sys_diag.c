/* sys_diag.c - states as the kernel tells them, on real sockets. */
#include "net.h"

#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/tcp.h>
#include <sys/socket.h>

#include "sys/diag.h"

/* A listener, and a connection to it that is not accepted yet. */
struct pair {
	struct diag *diag;
	struct err err;
	struct diag_sock sock;
	int listener, client;
	union addr server, near; /* where the listener listens; the client's own end */
};

static void pair_listen(struct pair *p, const char *host, int backlog)
{
	p->diag = diag_new(-1, &p->err);
	assert_non_null(p->diag);
	p->listener = net_listen(host, backlog);
	p->server = net_local(p->listener);
	p->client = net_socket(p->server.sa.sa_family, SOCK_STREAM);
}

static void pair_connect(struct pair *p)
{
	net_connect(p->client, &p->server);
	p->near = net_local(p->client);
}

static void pair_end(struct pair *p)
{
	if (p->client >= 0)
		close(p->client);
	close(p->listener);
	diag_free(p->diag);
}

/* The state of the end at a, whose peer is b; STATE_NONE when the kernel has none. */
static enum tcp_state state_of(struct pair *p, const union addr *a, const union addr *b)
{
	int rc = diag_find(p->diag, a, b, false, &p->sock, &p->err);

	if (rc == -ENOENT)
		return STATE_NONE;
	assert_int_equal(rc, 0);
	assert_true(addr_equal(&p->sock.local, a));
	assert_true(addr_equal(&p->sock.peer, b));
	return p->sock.state;
}

static void both_ends_of_a_connection_are_found(void **state)
{
	struct pair p;
	int server;

	(void)state;
	pair_listen(&p, "127.0.0.1", 5);
	pair_connect(&p);
	assert_int_equal(state_of(&p, &p.server, &p.near), STATE_ESTABLISHED);
	assert_int_equal(p.sock.inode, 0);
	server = net_accept(p.listener);
	assert_int_equal(state_of(&p, &p.server, &p.near), STATE_ESTABLISHED);
	assert_true(p.sock.inode != 0);
	assert_int_equal(p.sock.uid, getuid());
	assert_int_equal(state_of(&p, &p.near, &p.server), STATE_ESTABLISHED);
	assert_false(p.sock.has_info);
	close(server);
	pair_end(&p);
}

static void bytes_wait_in_the_queues(void **state)
{
	struct pair p;

	(void)state;
	pair_listen(&p, "127.0.0.1", 5);
	pair_connect(&p);
	assert_int_equal(send(p.client, "hello", 5, MSG_NOSIGNAL), 5);
	assert_int_equal(state_of(&p, &p.server, &p.near), STATE_ESTABLISHED);
	assert_int_equal(p.sock.recvq, 5);
	pair_end(&p);
}

static void a_fin_is_no_byte_to_read(void **state)
{
	struct pair p;

	(void)state;
	pair_listen(&p, "127.0.0.1", 5);
	pair_connect(&p);
	assert_int_equal(shutdown(p.client, SHUT_WR), 0);
	assert_int_equal(state_of(&p, &p.server, &p.near), STATE_CLOSE_WAIT);
	assert_int_equal(p.sock.recvq, 0);
	pair_end(&p);

	pair_listen(&p, "127.0.0.1", 5);
	pair_connect(&p);
	assert_int_equal(send(p.client, "hello", 5, MSG_NOSIGNAL), 5);
	assert_int_equal(shutdown(p.client, SHUT_WR), 0);
	assert_int_equal(state_of(&p, &p.server, &p.near), STATE_CLOSE_WAIT);
	assert_int_equal(p.sock.recvq, 5);
	pair_end(&p);
}

static void info_and_congestion_control_come_when_asked_for(void **state)
{
	struct tcp_info info;
	socklen_t len = sizeof(info);
	char name[16] = "";
	struct pair p;

	(void)state;
	pair_listen(&p, "127.0.0.1", 5);
	pair_connect(&p);
	assert_int_equal(diag_find(p.diag, &p.near, &p.server, true, &p.sock, &p.err), 0);
	assert_true(p.sock.has_info);
	assert_int_equal(getsockopt(p.client, IPPROTO_TCP, TCP_INFO, &info, &len), 0);
	assert_int_equal(p.sock.info.tcpi_snd_mss, info.tcpi_snd_mss);
	assert_int_equal(p.sock.info.tcpi_state, STATE_ESTABLISHED);
	len = sizeof(name);
	assert_int_equal(getsockopt(p.client, IPPROTO_TCP, TCP_CONGESTION, name, &len),
			 0);
	assert_string_equal(p.sock.congestion, name);
	pair_end(&p);
}

static void a_listener_never_stands_in_for_a_connection(void **state)
{
	struct pair p;

	(void)state;
	pair_listen(&p, "127.0.0.1", 5);
	pair_connect(&p);
	addr_set_port(&p.near, addr_port(&p.near) ^ 1);
	assert_int_equal(state_of(&p, &p.server, &p.near), STATE_NONE);
	p.near = net_addr("::1", 1);
	assert_int_equal(state_of(&p, &p.server, &p.near), STATE_NONE);
	pair_end(&p);
}

static void a_listener_tells_its_queue_and_backlog(void **state)
{
	struct pair p;

	(void)state;
	pair_listen(&p, "127.0.0.1", 7);
	pair_connect(&p);
	assert_int_equal(diag_find_listener(p.diag, &p.server, &p.sock, &p.err), 0);
	assert_int_equal(p.sock.state, STATE_LISTEN);
	assert_true(addr_equal(&p.sock.local, &p.server));
	assert_int_equal(p.sock.peer.sa.sa_family, AF_UNSPEC);
	assert_int_equal(p.sock.recvq, 1);
	assert_int_equal(p.sock.sendq, 7);
	pair_end(&p);
}

static void a_wildcard_listener_is_reached_by_every_address(void **state)
{
	struct pair p;
	union addr a;

	(void)state;
	pair_listen(&p, "0.0.0.0", 5);
	a = net_addr("127.0.0.1", addr_port(&p.server));
	assert_int_equal(diag_find_listener(p.diag, &a, &p.sock, &p.err), 0);
	assert_true(addr_equal(&p.sock.local, &p.server));
	assert_int_equal(diag_find_listener(p.diag, &p.server, &p.sock, &p.err), 0);
	a = net_addr("::1", addr_port(&p.server));
	assert_int_equal(diag_find_listener(p.diag, &a, &p.sock, &p.err), -ENOENT);
	pair_end(&p);
}

static void a_listener_for_ipv6_only_is_not_reached_by_ipv4(void **state)
{
	const int on = 1;
	struct pair p;
	union addr any = net_addr("::", 0), a;

	(void)state;
	pair_listen(&p, "127.0.0.1", 5);
	close(p.listener);
	p.listener = net_socket(AF_INET6, SOCK_STREAM);
	assert_int_equal(
		setsockopt(p.listener, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)), 0);
	assert_int_equal(bind(p.listener, &any.sa, addr_len(&any)), 0);
	assert_int_equal(listen(p.listener, 5), 0);
	p.server = net_local(p.listener);
	a = net_addr("127.0.0.1", addr_port(&p.server));
	assert_int_equal(diag_find_listener(p.diag, &a, &p.sock, &p.err), -ENOENT);
	a = net_addr("::1", addr_port(&p.server));
	assert_int_equal(diag_find_listener(p.diag, &a, &p.sock, &p.err), 0);
	pair_end(&p);
}

static void a_full_backlog_leaves_the_client_in_syn_sent(void **state)
{
	struct pair p;
	int first;

	(void)state;
	pair_listen(&p, "127.0.0.1", 0);
	first = net_socket(AF_INET, SOCK_STREAM);
	net_connect(first, &p.server);
	pair_connect(&p);
	assert_int_equal(state_of(&p, &p.near, &p.server), STATE_SYN_SENT);
	assert_int_equal(p.sock.timer, TIMER_RETRANSMIT);
	assert_string_equal(diag_timer_name(p.sock.timer), "on");
	assert_in_range(p.sock.timer_ms, 1, 1100);
	assert_int_equal(state_of(&p, &p.server, &p.near), STATE_NONE);
	close(first);
	pair_end(&p);
}

static void a_half_open_connection_is_in_syn_rcvd(void **state)
{
	const int seconds = 30;
	struct pair p;

	(void)state;
	pair_listen(&p, "127.0.0.1", 5);
	/* The server ignores the bare ACK, and so waits as if it had not come. */
	assert_int_equal(setsockopt(p.listener, IPPROTO_TCP, TCP_DEFER_ACCEPT, &seconds,
				    sizeof(seconds)),
			 0);
	pair_connect(&p);
	assert_int_equal(state_of(&p, &p.near, &p.server), STATE_ESTABLISHED);
	assert_int_equal(state_of(&p, &p.server, &p.near), STATE_SYN_RCVD);
	assert_int_equal(p.sock.inode, 0);
	assert_int_equal(p.sock.timer, TIMER_RETRANSMIT);
	assert_int_equal(send(p.client, "x", 1, MSG_NOSIGNAL), 1);
	assert_int_equal(state_of(&p, &p.server, &p.near), STATE_ESTABLISHED);
	pair_end(&p);
}

/* The ACK of a FIN waits for data to travel with; reading the FIN and this sends it. */
static void ack_now(int fd)
{
	const int on = 1;
	char byte;

	assert_int_equal(recv(fd, &byte, 1, 0), 0);
	assert_int_equal(setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof(on)), 0);
}

static void check_closing(const char *host)
{
	enum tcp_state first;
	struct pair p;
	int server;

	pair_listen(&p, host, 5);
	pair_connect(&p);
	server = net_accept(p.listener);
	close(p.client);
	p.client = -1;
	/* A busy machine may have come to the end of the ACK's delay, 40 ms. */
	first = state_of(&p, &p.near, &p.server);
	assert_in_range(first, STATE_FIN_WAIT_1, STATE_FIN_WAIT_2);
	ack_now(server);
	assert_int_equal(state_of(&p, &p.near, &p.server), STATE_FIN_WAIT_2);
	assert_int_equal(p.sock.inode, 0);
	assert_int_equal(state_of(&p, &p.server, &p.near), STATE_CLOSE_WAIT);
	close(server);
	assert_int_equal(state_of(&p, &p.near, &p.server), STATE_TIME_WAIT);
	assert_int_equal(p.sock.timer, TIMER_TIME_WAIT);
	assert_in_range(p.sock.timer_ms, 1, 60000);
	assert_int_equal(p.sock.inode, 0);
	assert_int_equal(state_of(&p, &p.server, &p.near), STATE_NONE);
	pair_end(&p);
}

static void a_closed_connection_is_found_until_time_wait_ends(void **state)
{
	(void)state;
	check_closing("127.0.0.1");
	check_closing("::1");
}

static void ipv4_on_a_dual_stack_socket_is_ipv4(void **state)
{
	struct pair p;
	union addr mapped;
	int server;

	(void)state;
	pair_listen(&p, "::", 5);
	close(p.client);
	p.client = net_socket(AF_INET, SOCK_STREAM);
	p.server = net_addr("127.0.0.1", addr_port(&p.server));
	assert_int_equal(diag_find_listener(p.diag, &p.server, &p.sock, &p.err), 0);
	pair_connect(&p);
	server = net_accept(p.listener);
	mapped = net_local(server);
	assert_int_equal(mapped.sa.sa_family, AF_INET6);
	assert_int_equal(state_of(&p, &mapped, &p.near), STATE_ESTABLISHED);
	assert_int_equal(p.sock.local.sa.sa_family, AF_INET);
	assert_int_equal(p.sock.peer.sa.sa_family, AF_INET);
	assert_int_equal(state_of(&p, &p.server, &p.near), STATE_ESTABLISHED);
	assert_int_equal(state_of(&p, &p.near, &p.server), STATE_ESTABLISHED);
	close(server);
	ack_now(p.client);
	assert_int_equal(state_of(&p, &p.server, &p.near), STATE_FIN_WAIT_2);
	close(p.client);
	p.client = -1;
	assert_int_equal(state_of(&p, &p.server, &p.near), STATE_TIME_WAIT);
	pair_end(&p);
}

static void a_socket_bound_to_an_interface_is_found_when_expected(void **state)
{
	struct pair p;

	(void)state;
	pair_listen(&p, "127.0.0.1", 5);
	if (setsockopt(p.client, SOL_SOCKET, SO_BINDTODEVICE, "lo", 2) < 0) {
		pair_end(&p);
		skip();
	}
	pair_connect(&p);
	assert_int_equal(state_of(&p, &p.near, &p.server), STATE_NONE);
	diag_expect_bound(p.diag);
	assert_int_equal(state_of(&p, &p.near, &p.server), STATE_ESTABLISHED);
	assert_int_equal(state_of(&p, &p.server, &p.near), STATE_ESTABLISHED);
	pair_end(&p);
}

struct seen {
	int n, stop_after;
	uint32_t states;
	int port;
};

static int see(const struct diag_sock *s, void *arg)
{
	struct seen *seen = arg;

	seen->n++;
	seen->states |= 1u << s->state;
	assert_int_equal(addr_port(&s->local), seen->port);
	return seen->n == seen->stop_after ? -ENOENT : 0;
}

static void a_walk_sees_what_its_filter_says(void **state)
{
	struct diag_filter filter = { 0 };
	struct seen seen = { 0 };
	struct pair p;

	(void)state;
	pair_listen(&p, "::", 5);
	filter.local_port = seen.port = addr_port(&p.server);
	addr_from_number(&p.server, "::1", seen.port);
	pair_connect(&p);
	assert_int_equal(diag_each(p.diag, &filter, see, &seen, &p.err), 0);
	assert_int_equal(seen.n, 2);
	assert_int_equal(seen.states, 1u << STATE_LISTEN | 1u << STATE_ESTABLISHED);
	filter.states = 1u << STATE_ESTABLISHED;
	seen = (struct seen){ .port = seen.port };
	assert_int_equal(diag_each(p.diag, &filter, see, &seen, &p.err), 0);
	assert_int_equal(seen.states, filter.states);
	assert_int_equal(seen.n, 1);
	pair_end(&p);
}

static void a_stopped_walk_leaves_nothing_behind(void **state)
{
	enum { CLIENTS = 400 };
	struct seen seen = { .stop_after = 3 };
	struct diag_filter filter = { .want_info = true };
	int fds[CLIENTS], i;
	struct pair p;

	(void)state;
	pair_listen(&p, "127.0.0.1", CLIENTS);
	filter.local_port = seen.port = addr_port(&p.server);
	for (i = 0; i < CLIENTS; i++) {
		fds[i] = net_socket(AF_INET, SOCK_STREAM);
		net_connect(fds[i], &p.server);
	}
	pair_connect(&p);
	assert_int_equal(diag_each(p.diag, &filter, see, &seen, &p.err), -ENOENT);
	assert_int_equal(seen.n, 3);
	assert_int_equal(state_of(&p, &p.near, &p.server), STATE_ESTABLISHED);
	seen.n = seen.stop_after = 0;
	assert_int_equal(diag_each(p.diag, &filter, see, &seen, &p.err), 0);
	assert_int_equal(seen.n, CLIENTS + 2);
	for (i = 0; i < CLIENTS; i++)
		close(fds[i]);
	pair_end(&p);
}

static void the_owner_of_a_port_is_named(void **state)
{
	char text[80], wanted[32];
	struct pair p;

	(void)state;
	pair_listen(&p, "127.0.0.1", 5);
	assert_true(diag_owner(p.diag, addr_port(&p.server), text, sizeof(text)));
	snprintf(wanted, sizeof(wanted), "(pid %d)", (int)getpid());
	assert_non_null(strstr(text, wanted));
	pair_connect(&p);
	assert_false(diag_owner(p.diag, addr_port(&p.near), text, sizeof(text)));
	pair_end(&p);
}

static void a_given_netlink_socket_is_used_and_closed(void **state)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	struct diag_sock sock;
	union addr a;
	struct err err;
	struct diag *d;
	int listener = net_listen("127.0.0.1", 5);

	(void)state;
	a = net_local(listener);
	d = diag_new(fd, &err);
	assert_non_null(d);
	assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
	assert_int_equal(diag_find_listener(d, &a, &sock, &err), 0);
	diag_free(d);
	assert_int_equal(fcntl(fd, F_GETFL), -1);
	close(listener);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		net_test(both_ends_of_a_connection_are_found),
		net_test(bytes_wait_in_the_queues),
		net_test(a_fin_is_no_byte_to_read),
		net_test(info_and_congestion_control_come_when_asked_for),
		net_test(a_listener_never_stands_in_for_a_connection),
		net_test(a_listener_tells_its_queue_and_backlog),
		net_test(a_wildcard_listener_is_reached_by_every_address),
		net_test(a_listener_for_ipv6_only_is_not_reached_by_ipv4),
		net_test(a_full_backlog_leaves_the_client_in_syn_sent),
		net_test(a_half_open_connection_is_in_syn_rcvd),
		net_test(a_closed_connection_is_found_until_time_wait_ends),
		net_test(ipv4_on_a_dual_stack_socket_is_ipv4),
		net_test(a_socket_bound_to_an_interface_is_found_when_expected),
		net_test(a_walk_sees_what_its_filter_says),
		net_test(a_stopped_walk_leaves_nothing_behind),
		net_test(the_owner_of_a_port_is_named),
		net_test(a_given_netlink_socket_is_used_and_closed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
