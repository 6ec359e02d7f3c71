/* bench.h - what the measured C programs share: sockets on 127.0.0.1, and the clock's marks. */
#ifndef BENCH_H
#define BENCH_H

/*
 * A measured program, in C, Lua or Python, writes "go" when its warm-up is over, "done N" after
 * N operations, and "value X" for a number that is not a rate. watch.c takes the times. The
 * congestion control is set on the listener, whose connections inherit it, and on the other end
 * after connect, which is when a tcpstep script can do it. Bulk data is sent by the accepted end.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CHUNK (256 * 1024) /* where the limit is fastest */

static inline void need(bool ok, const char *what)
{
	if (ok)
		return;
	perror(what);
	exit(1);
}

static inline void mark_go(void)
{
	need(write(STDOUT_FILENO, "go\n", 3) == 3, "write");
}

static inline void mark(const char *word, long n)
{
	dprintf(STDOUT_FILENO, "%s %ld\n", word, n);
}

static inline void pin_congestion(int fd)
{
	need(setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, "reno", 4) == 0,
	     "TCP_CONGESTION reno");
}

static inline struct sockaddr_in loopback(int port)
{
	return (struct sockaddr_in){ .sin_family = AF_INET,
				     .sin_port = htons((in_port_t)port),
				     .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
}

/* A listener on a port that the kernel chose. */
static inline int listen_any(int *port)
{
	struct sockaddr_in a = loopback(0);
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	need(fd >= 0, "socket");
	need(bind(fd, (struct sockaddr *)&a, len) == 0, "bind");
	need(listen(fd, 128) == 0, "listen");
	need(getsockname(fd, (struct sockaddr *)&a, &len) == 0, "getsockname");
	*port = ntohs(a.sin_port);
	pin_congestion(fd);
	return fd;
}

static inline int connect_to(int port)
{
	struct sockaddr_in a = loopback(port);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	need(fd >= 0, "socket");
	need(connect(fd, (struct sockaddr *)&a, sizeof(a)) == 0, "connect");
	return fd;
}

static inline int accept_one(int listener)
{
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

	need(fd >= 0, "accept4");
	return fd;
}

/* Closed with RST: no TIME_WAIT stays behind for the next measurement to walk over. */
static inline void reset_on_close(int fd)
{
	struct linger now = { .l_onoff = 1 };

	need(setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now)) == 0, "SO_LINGER");
}

#endif
