/* walk.h - sock_diag(7) by hand: one socket, or all of them. */
#ifndef WALK_H
#define WALK_H

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>

#include "bench.h"

struct walk_request {
	struct nlmsghdr head;
	struct inet_diag_req_v2 body;
};

static inline int walk_open(void)
{
	int nl = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);

	need(nl >= 0, "socket NETLINK_SOCK_DIAG");
	return nl;
}

static inline void walk_ask(int nl, int family, int flags,
			    const struct inet_diag_sockid *id)
{
	struct walk_request r = {
		.head = { .nlmsg_len = sizeof(r),
			  .nlmsg_type = SOCK_DIAG_BY_FAMILY,
			  .nlmsg_flags = (__u16)(NLM_F_REQUEST | flags) },
		.body = { .sdiag_family = (__u8)family,
			  .sdiag_protocol = IPPROTO_TCP,
			  .idiag_states = ~0U },
	};

	if (id)
		r.body.id = *id;
	r.body.id.idiag_cookie[0] = r.body.id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
	need(send(nl, &r, sizeof(r), 0) == sizeof(r), "send to sock_diag");
}

static char walk_buf[65536] __attribute__((aligned(8)));

/* The state of one connection, 0 when the kernel has none. */
static inline int walk_one(int nl, const struct inet_diag_sockid *id)
{
	const struct nlmsghdr *h = (void *)walk_buf;
	const struct inet_diag_msg *m = NLMSG_DATA(h);

	walk_ask(nl, AF_INET, 0, id);
	need(recv(nl, walk_buf, sizeof(walk_buf), 0) > 0, "recv from sock_diag");
	return h->nlmsg_type == SOCK_DIAG_BY_FAMILY ? m->idiag_state : 0;
}

/* All TCP sockets: how many there are. */
static inline long walk_all(int nl)
{
	static const int families[] = { AF_INET, AF_INET6 };
	const struct nlmsghdr *h;
	long count = 0;
	ssize_t n;

	for (int i = 0; i < 2; i++) {
		bool more = true;

		walk_ask(nl, families[i], NLM_F_DUMP, NULL);
		while (more) {
			n = recv(nl, walk_buf, sizeof(walk_buf), 0);
			need(n > 0, "recv from sock_diag");
			for (h = (void *)walk_buf; NLMSG_OK(h, n); h = NLMSG_NEXT(h, n)) {
				need(h->nlmsg_type != NLMSG_ERROR, "sock_diag");
				more = more && h->nlmsg_type != NLMSG_DONE;
				count += more;
			}
		}
	}
	return count;
}

#endif
