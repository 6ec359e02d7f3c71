/* state.c - the limit of asking for states: state info|exact|all N. */

/*
 * info: TCP_INFO of an open socket. exact: one that was closed and is in TIME_WAIT, by its pair of
 * addresses. all: the whole table. Questions/second.
 */
#include "bench.h"
#include "walk.h"

/* A connection in TIME_WAIT, as sock_diag is asked for it. */
static struct inet_diag_sockid time_wait(void)
{
	int port, l = listen_any(&port), c = connect_to(port), s = accept_one(l);
	struct sockaddr_in a;
	socklen_t len = sizeof(a);
	char byte;

	need(getsockname(c, (struct sockaddr *)&a, &len) == 0, "getsockname");
	shutdown(c, SHUT_WR);
	need(recv(s, &byte, 1, 0) == 0, "recv");
	close(s);
	need(recv(c, &byte, 1, 0) == 0, "recv");
	close(c);
	return (struct inet_diag_sockid){ .idiag_sport = a.sin_port,
					  .idiag_dport = htons((in_port_t)port),
					  .idiag_src = { a.sin_addr.s_addr },
					  .idiag_dst = { a.sin_addr.s_addr } };
}

static void run_info(long n)
{
	int port, l = listen_any(&port), c = connect_to(port), s = accept_one(l);
	struct tcp_info info;
	socklen_t len;
	long i;

	mark_go();
	for (i = 0; i < n; i++) {
		len = sizeof(info);
		need(getsockopt(c, IPPROTO_TCP, TCP_INFO, &info, &len) == 0 &&
			     info.tcpi_state == TCP_ESTABLISHED,
		     "TCP_INFO");
	}
	mark("done", n);
	close(s);
}

static void run_exact(long n)
{
	struct inet_diag_sockid id = time_wait();
	int nl = walk_open();
	long i;

	mark_go();
	for (i = 0; i < n; i++)
		need(walk_one(nl, &id) == TCP_TIME_WAIT,
		     "no TIME_WAIT (tcp_max_tw_buckets reached?)");
	mark("done", n);
}

static void run_all(long n)
{
	int nl = walk_open();
	long i;

	mark_go();
	for (i = 0; i < n; i++)
		need(walk_all(nl) > 0, "sock_diag walk");
	mark("done", n);
}

int main(int argc, char **argv)
{
	if (argc != 3)
		return 2;
	if (strcmp(argv[1], "info") == 0)
		run_info(atol(argv[2]));
	else if (strcmp(argv[1], "exact") == 0)
		run_exact(atol(argv[2]));
	else if (strcmp(argv[1], "all") == 0)
		run_all(atol(argv[2]));
	else
		return 2;
	return 0;
}
