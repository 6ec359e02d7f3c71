/* host.c - a TCP/IP stack that sockets are made on: this machine, or one of a lab. */
#include "lab/host.h"

#include <ctype.h>
#include <errno.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "sys/netns.h"
#include "sys/sandbox.h"

void host_init(struct host *h, const char *name, struct netns *netns, int index)
{
	*h = (struct host){ .netns = netns, .index = index };
	snprintf(h->name, sizeof(h->name), "%s", name);
}

void host_clear(struct host *h)
{
	if (h->diag)
		diag_free(h->diag);
	h->diag = NULL;
}

int host_socket(struct host *h, int family)
{
	int fd;

	if (h->netns)
		return netns_socket(h->netns, h->index, family, SOCK_STREAM, IPPROTO_TCP);
	fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
	if (fd < 0)
		return -errno;
	return fd;
}

struct diag *host_diag(struct host *h, struct err *err)
{
	int fd = -1;

	if (h->diag)
		return h->diag;
	if (!h->netns && sandbox_refuse(err, "has no network but the lab's",
					"ask %s about its sockets", h->name) < 0)
		return NULL;
	if (h->netns) {
		fd = netns_socket(h->netns, h->index, AF_NETLINK, SOCK_RAW,
				  NETLINK_SOCK_DIAG);
		if (fd < 0) {
			err_errno(err, -fd, "ask %s about its sockets", h->name);
			return NULL;
		}
	}
	h->diag = diag_new(fd, err);
	return h->diag;
}

bool host_name_ok(const char *name)
{
	const char *p;

	if (!isalpha((unsigned char)*name) || strlen(name) >= HOST_NAME_MAX_LEN)
		return false;
	for (p = name; *p; p++)
		if (!isalnum((unsigned char)*p) && *p != '_')
			return false;
	return true;
}
