/* net.h - real sockets on loopback for the unit tests; every failure ends the test. */
#ifndef UNIT_NET_H
#define UNIT_NET_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <unistd.h>

#include "base/addr.h"

static inline int net_fd_count(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int n = 0;

	assert_non_null(dir);
	while (readdir(dir) != NULL)
		n++;
	closedir(dir);
	return n;
}

/* As setup and teardown of a test: it must leave no descriptor open. */
static inline int net_fds_before(void **state)
{
	*state = (void *)(intptr_t)net_fd_count();
	return 0;
}

static inline int net_fds_after(void **state)
{
	int now = net_fd_count();

	if ((intptr_t)*state == now)
		return 0;
	print_error("%d descriptors open before the test, %d after\n",
		    (int)(intptr_t)*state, now);
	return -1;
}

#define net_test(f) cmocka_unit_test_setup_teardown(f, net_fds_before, net_fds_after)

static inline union addr net_addr(const char *host, int port)
{
	union addr a;

	assert_true(addr_from_number(&a, host, port));
	return a;
}

static inline union addr net_local(int fd)
{
	union addr a = { 0 };
	socklen_t len = sizeof(a);

	assert_int_equal(getsockname(fd, &a.sa, &len), 0);
	return a;
}

static inline int net_socket(int family, int type)
{
	int fd = socket(family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	assert_true(fd >= 0);
	return fd;
}

static inline void net_bind(int fd, const char *host)
{
	union addr a = net_addr(host, 0);

	assert_int_equal(bind(fd, &a.sa, addr_len(&a)), 0);
}

/* A listener on a port that the kernel chooses. */
static inline int net_listen(const char *host, int backlog)
{
	union addr a = net_addr(host, 0);
	int fd = net_socket(a.sa.sa_family, SOCK_STREAM);

	net_bind(fd, host);
	assert_int_equal(listen(fd, backlog), 0);
	return fd;
}

/* Begins to connect; on loopback the handshake is over when this returns, if it can be. */
static inline void net_connect(int fd, const union addr *to)
{
	if (connect(fd, &to->sa, addr_len(to)) < 0)
		assert_int_equal(errno, EINPROGRESS);
}

static inline int net_accept(int listener)
{
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	assert_true(fd >= 0);
	return fd;
}

#endif
