/* diag.c - what the kernel itself says of its TCP sockets: sock_diag(7) over netlink. */

/*
 * An exact question ("the connection from A to B") is one hash lookup and takes microseconds,
 * however many sockets there are. Three things about the kernel's answer are not obvious:
 *
 * - It looks up as for an arriving segment, so where no connection matches, a listener answers,
 *   or on a dual-stack host another socket. The pair in the answer is therefore compared.
 * - It looks up as for a segment from any interface, and so misses sockets that are bound to
 *   one (SO_BINDTODEVICE). Finding those takes a walk over the kernel's table, 0.4 ms even when
 *   it is empty, so it is only done once such a socket is to be expected.
 * - IPv4 on a dual-stack socket is an IPv4 question with an IPv4-mapped answer. Addresses are
 *   unmapped on the way in and on the way out.
 *
 * SYN_RCVD is a "request" and TIME_WAIT a "minisocket" in the kernel, both without a descriptor,
 * also FIN_WAIT_2 soon after close; all of them are found here and nowhere else.
 */

#include "sys/diag.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"

/* The kernel's own numbers, which its headers for programs do not give. */
#define KERNEL_NEW_SYN_RECV 12
#define ALL_STATES	    ((1u << STATE_COUNT) - 2)
#define CONNECTED_STATES \
	((ALL_STATES | 1u << KERNEL_NEW_SYN_RECV) & ~(1u << STATE_LISTEN))

struct diag {
	struct mnl_socket *nl;
	uint32_t seq;
	bool walking;	   /* the answer of a walk is still in buf */
	bool expect_bound; /* what is not found is searched for */
	bool known;	   /* the kernel has the interface */
	char buf[65536] __attribute__((aligned(8)));
};

/* A question, and who gets the answer. In a walk id holds ports only, 0 for any. */
struct request {
	int family;
	uint32_t states; /* in a walk: bits of the kernel's numbers */
	uint16_t type;	 /* 0: SOCK_DIAG_BY_FAMILY */
	uint16_t flags;
	bool want_info;
	struct inet_diag_sockid id;
	diag_each_fn *fn;
	void *arg;
	int stopped; /* what fn returned, when it ended the walk */
};

const char *diag_timer_name(enum diag_timer timer)
{
	static const char *const names[] = {
		[TIMER_NONE] = "-",
		[TIMER_RETRANSMIT] = "on",
		[TIMER_KEEPALIVE] = "keepalive",
		[TIMER_TIME_WAIT] = "timewait",
		[TIMER_PROBE] = "probe",
		[TIMER_FIN] = "fin_timeout",
	};

	return timer < sizeof(names) / sizeof(*names) ? names[timer] : "?";
}

struct diag *diag_new(int fd, struct err *err)
{
	struct mnl_socket *nl;
	struct diag *d;
	int num;

	if (fd < 0)
		nl = mnl_socket_open2(NETLINK_SOCK_DIAG, SOCK_CLOEXEC | SOCK_NONBLOCK);
	else
		nl = mnl_socket_fdopen(fd);
	if (nl == NULL) {
		num = errno;
		if (fd >= 0)
			close(fd);
		err_errno(err, num,
			  "open the kernel's list of sockets (netlink sock_diag)");
		err_hint(
			err,
			"A kernel without CONFIG_INET_DIAG, or a container that forbids netlink, "
			"cannot show states.");
		return NULL;
	}
	fd = mnl_socket_get_fd(nl);
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	d = xmalloc(sizeof(*d));
	d->nl = nl;
	d->seq = 0;
	d->walking = d->expect_bound = d->known = false;
	return d;
}

void diag_free(struct diag *d)
{
	if (d == NULL)
		return;
	mnl_socket_close(d->nl);
	free(d);
}

void diag_expect_bound(struct diag *d)
{
	d->expect_bound = true;
}

static void addr_fill(union addr *a, int family, const __be32 words[4], __be16 port,
		      uint32_t interface)
{
	memset(a, 0, sizeof(*a));
	if (family == AF_INET) {
		a->in.sin_family = AF_INET;
		a->in.sin_port = port;
		a->in.sin_addr.s_addr = words[0];
		return;
	}
	a->in6.sin6_family = AF_INET6;
	a->in6.sin6_port = port;
	memcpy(&a->in6.sin6_addr, words, sizeof(a->in6.sin6_addr));
	if (IN6_IS_ADDR_LINKLOCAL(&a->in6.sin6_addr))
		a->in6.sin6_scope_id = interface;
	addr_unmap(a);
}

static void sockid_fill(const union addr *a, __be32 words[4], struct inet_diag_sockid *id)
{
	if (a->sa.sa_family == AF_INET6) {
		memcpy(words, &a->in6.sin6_addr, sizeof(a->in6.sin6_addr));
		if (a->in6.sin6_scope_id)
			id->idiag_if = a->in6.sin6_scope_id;
	} else {
		words[0] = a->in.sin_addr.s_addr;
	}
}

static enum tcp_state state_from_kernel(unsigned int number)
{
	if (number == KERNEL_NEW_SYN_RECV)
		return STATE_SYN_RCVD;
	return number < STATE_COUNT ? (enum tcp_state)number : STATE_NONE;
}

/* The kernel's timer for keepalive probes also ends FIN_WAIT_2, once nobody has a descriptor. */
static enum diag_timer timer_of(const struct inet_diag_msg *msg, enum tcp_state state)
{
	if (msg->idiag_timer > TIMER_PROBE)
		return TIMER_NONE;
	if (msg->idiag_timer == TIMER_KEEPALIVE && state == STATE_FIN_WAIT_2 &&
	    msg->idiag_inode == 0)
		return TIMER_FIN;
	return msg->idiag_timer;
}

/*
 * The kernel counts a FIN among the bytes. It is the last of its queue: it is there as long as anything is
 * to be read, or to be acknowledged.
 */
static void queues_fill(struct diag_sock *s, uint32_t recvq, uint32_t sendq)
{
	bool both = s->state == STATE_CLOSING || s->state == STATE_LAST_ACK;
	bool came = both || s->state == STATE_CLOSE_WAIT;
	bool sent = both || s->state == STATE_FIN_WAIT_1;

	s->recvq = recvq - (came && recvq > 0);
	s->sendq = sendq - (sent && sendq > 0);
}

static void sock_fill(struct diag_sock *s, const struct nlmsghdr *nlh)
{
	const struct inet_diag_msg *msg = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *attr;
	uint32_t interface = msg->id.idiag_if;
	size_t len;

	s->state = state_from_kernel(msg->idiag_state);
	addr_fill(&s->local, msg->idiag_family, msg->id.idiag_src, msg->id.idiag_sport,
		  interface);
	addr_fill(&s->peer, msg->idiag_family, msg->id.idiag_dst, msg->id.idiag_dport,
		  interface);
	if (s->state == STATE_LISTEN)
		memset(&s->peer, 0, sizeof(s->peer));
	queues_fill(s, msg->idiag_rqueue, msg->idiag_wqueue);
	s->timer = timer_of(msg, s->state);
	/* A timer that is due right now may read as a little less than nothing. */
	s->timer_ms = (int32_t)msg->idiag_expires < 0 ? 0 : msg->idiag_expires;
	s->retransmits = msg->idiag_retrans;
	s->uid = msg->idiag_uid;
	s->inode = msg->idiag_inode;
	s->has_info = false;
	memset(&s->info, 0, sizeof(s->info));
	s->congestion[0] = '\0';
	mnl_attr_for_each(attr, nlh, sizeof(*msg))
	{
		len = mnl_attr_get_payload_len(attr);
		switch (mnl_attr_get_type(attr)) {
		case INET_DIAG_INFO:
			s->has_info = true;
			memcpy(&s->info, mnl_attr_get_payload(attr),
			       len < sizeof(s->info) ? len : sizeof(s->info));
			break;
		case INET_DIAG_CONG:
			snprintf(s->congestion, sizeof(s->congestion), "%.*s", (int)len,
				 (const char *)mnl_attr_get_payload(attr));
			break;
		}
	}
}

/* Reads away what is left of an answer, so that the next question meets an empty socket. */
static void drain(struct diag *d)
{
	ssize_t n;

	do
		n = mnl_socket_recvfrom(d->nl, d->buf, sizeof(d->buf));
	while (n > 0 || (n < 0 && (errno == EINTR || errno == ENOBUFS)));
}

static int send_request(struct diag *d, const struct request *req)
{
	char buf[MNL_NLMSG_HDRLEN + MNL_ALIGN(sizeof(struct inet_diag_req_v2))]
		__attribute__((aligned(8)));
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct inet_diag_req_v2 *msg = mnl_nlmsg_put_extra_header(nlh, sizeof(*msg));

	nlh->nlmsg_type = req->type ? req->type : SOCK_DIAG_BY_FAMILY;
	nlh->nlmsg_flags = NLM_F_REQUEST | req->flags;
	nlh->nlmsg_seq = ++d->seq;
	msg->sdiag_family = (uint8_t)req->family;
	msg->sdiag_protocol = IPPROTO_TCP;
	msg->idiag_states = req->states;
	if (req->want_info)
		msg->idiag_ext = 1 << (INET_DIAG_INFO - 1) | 1 << (INET_DIAG_CONG - 1);
	msg->id = req->id;
	msg->id.idiag_cookie[0] = msg->id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
	return mnl_socket_sendto(d->nl, nlh, nlh->nlmsg_len) < 0 ? -errno : 0;
}

/* Takes the n bytes in d->buf. Returns 1 while more must come, 0 at the end, or negative errno. */
static int take_answer(struct diag *d, struct request *req, int n)
{
	const struct nlmsghdr *nlh;
	const struct nlmsgerr *error;
	struct diag_sock sock;

	for (nlh = (void *)d->buf; mnl_nlmsg_ok(nlh, n); nlh = mnl_nlmsg_next(nlh, &n)) {
		if (nlh->nlmsg_seq != d->seq)
			continue;
		if (nlh->nlmsg_type == NLMSG_DONE)
			return 0;
		if (nlh->nlmsg_type == NLMSG_ERROR) {
			error = mnl_nlmsg_get_payload(nlh);
			return error->error;
		}
		sock_fill(&sock, nlh);
		req->stopped = req->fn(&sock, req->arg);
		if (!(nlh->nlmsg_flags & NLM_F_MULTI))
			return 0;
		if (req->stopped) {
			drain(d);
			return 0;
		}
	}
	return 1;
}

/*
 * The kernel works while we send, and goes on with a long answer while we receive, so there is
 * never anything to wait for. -ENOENT: no such socket, or a kernel without this interface.
 */
static int ask(struct diag *d, struct request *req)
{
	ssize_t n;
	int rc;

	rc = send_request(d, req);
	if (rc < 0)
		return rc;
	do {
		n = mnl_socket_recvfrom(d->nl, d->buf, sizeof(d->buf));
		if (n >= 0)
			rc = take_answer(d, req, (int)n);
		else
			rc = errno == EINTR ? 1 : -errno;
	} while (rc > 0);
	if (rc < 0 && rc != -ENOENT)
		drain(d);
	return rc;
}

static int unsupported(struct err *err)
{
	int rc = err_errno(err, EOPNOTSUPP,
			   "ask the kernel about TCP sockets (sock_diag)");

	err_hint(err, "This kernel has no tcp_diag. As root: modprobe tcp_diag");
	return rc;
}

/*
 * "No such socket" and "no such interface" are the same errno. A walk over no states tells them
 * apart; it is made once, at the first answer that needs it.
 */
static int check_interface(struct diag *d, struct err *err)
{
	struct request req = { .family = AF_INET, .flags = NLM_F_DUMP };

	if (!d->known && ask(d, &req) == -ENOENT)
		return unsupported(err);
	d->known = true;
	return 0;
}

/* As diag_each. */
static int walk(struct diag *d, struct request *req, struct err *err)
{
	static const int families[] = { AF_INET, AF_INET6 };
	size_t i;
	int rc = 0;

	/* The buffer holds the answer while fn runs: a question from fn would overwrite it. */
	assert(!d->walking);
	d->walking = true;
	req->flags = NLM_F_DUMP;
	for (i = 0; i < 2 && rc == 0 && !req->stopped; i++) {
		req->family = families[i];
		rc = ask(d, req);
	}
	d->walking = false;
	if (rc == -ENOENT)
		return unsupported(err);
	if (rc < 0)
		return err_errno(err, -rc, "list the kernel's TCP sockets (sock_diag)");
	return req->stopped;
}

struct wanted {
	union addr local;
	union addr peer; /* family 0: a listener */
	bool wildcard;	 /* a listener on all addresses will do: the kernel chose it */
	bool found;
	struct diag_sock *out;
};

/* Takes the socket when it is the wanted one, and ends the walk. */
static int match(const struct diag_sock *s, void *arg)
{
	struct wanted *w = arg;

	if (w->peer.sa.sa_family == AF_UNSPEC) {
		if (s->state != STATE_LISTEN)
			return 0;
		w->found = addr_equal(&s->local, &w->local) ||
			   (w->wildcard && addr_is_any(&s->local) &&
			    addr_port(&s->local) == addr_port(&w->local));
	} else {
		w->found = s->state != STATE_LISTEN && addr_equal(&s->local, &w->local) &&
			   addr_equal(&s->peer, &w->peer);
	}
	if (w->found)
		*w->out = *s;
	return w->found;
}

static int find(struct diag *d, struct wanted *w, bool want_info, struct err *err)
{
	bool listener = w->peer.sa.sa_family == AF_UNSPEC;
	struct request req = { .want_info = want_info, .fn = match, .arg = w };
	char local[ADDR_TEXT_MAX], peer[ADDR_TEXT_MAX];
	int rc;

	assert(!d->walking);
	req.family = w->local.sa.sa_family;
	sockid_fill(&w->local, req.id.idiag_src, &req.id);
	req.id.idiag_sport = w->local.in.sin_port;
	if (!listener) {
		sockid_fill(&w->peer, req.id.idiag_dst, &req.id);
		req.id.idiag_dport = w->peer.in.sin_port;
	}
	w->wildcard = listener;
	rc = ask(d, &req);
	if (rc < 0 && rc != -ENOENT)
		return err_errno(err, -rc, "ask the kernel for the TCP socket %s to %s",
				 addr_format(&w->local, local),
				 addr_format(&w->peer, peer));
	if (w->found)
		return 0;
	rc = check_interface(d, err);
	if (rc < 0 || !d->expect_bound)
		return rc < 0 ? rc : -ENOENT;
	/* Here the kernel compares the ports, and match() the rest. */
	req.id = (struct inet_diag_sockid){ .idiag_sport = req.id.idiag_sport,
					    .idiag_dport = req.id.idiag_dport };
	req.states = listener ? 1u << STATE_LISTEN : CONNECTED_STATES;
	w->wildcard = false;
	rc = walk(d, &req, err);
	if (rc < 0)
		return rc;
	return w->found ? 0 : -ENOENT;
}

int diag_find(struct diag *d, const union addr *local, const union addr *peer,
	      bool want_info, struct diag_sock *out, struct err *err)
{
	struct wanted w = { .local = *local, .peer = *peer, .out = out };

	addr_unmap(&w.local);
	addr_unmap(&w.peer);
	if (w.local.sa.sa_family != w.peer.sa.sa_family ||
	    w.local.sa.sa_family == AF_UNSPEC)
		return -ENOENT;
	return find(d, &w, want_info, err);
}

int diag_find_listener(struct diag *d, const union addr *local, struct diag_sock *out,
		       struct err *err)
{
	struct wanted w = { .local = *local, .out = out };

	addr_unmap(&w.local);
	return w.local.sa.sa_family == AF_UNSPEC ? -ENOENT : find(d, &w, false, err);
}

int diag_destroy(struct diag *d, const struct diag_sock *s)
{
	struct request req = { .type = SOCK_DESTROY, .flags = NLM_F_ACK };

	assert(!d->walking);
	req.family = s->local.sa.sa_family;
	sockid_fill(&s->local, req.id.idiag_src, &req.id);
	sockid_fill(&s->peer, req.id.idiag_dst, &req.id);
	req.id.idiag_sport = s->local.in.sin_port;
	req.id.idiag_dport = s->peer.in.sin_port;
	return ask(d, &req);
}

int diag_each(struct diag *d, const struct diag_filter *filter, diag_each_fn *fn,
	      void *arg, struct err *err)
{
	struct request req = { .want_info = filter->want_info, .fn = fn, .arg = arg };

	req.states = filter->states ? filter->states & ALL_STATES : ALL_STATES;
	if (req.states & 1u << STATE_SYN_RCVD)
		req.states |= 1u << KERNEL_NEW_SYN_RECV;
	req.id.idiag_sport = htons((in_port_t)filter->local_port);
	return walk(d, &req, err);
}
