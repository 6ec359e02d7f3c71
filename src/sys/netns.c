/* netns.c - network namespaces in a keeper process that hands out sockets made inside them. */

#include "sys/netns.h"

#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys/handover.h"
#include "sys/keeper.h"
#include "sys/starter.h"

struct netns {
	struct netns_config config;
	pid_t pid;
	int fd; /* to the keeper; blocking, because it answers at once */
	bool veth;
	int wire[NETNS_HOSTS_MAX];
	unsigned long drops[NETNS_HOSTS_MAX];
};

static int start_keeper(struct netns *n, struct err *err)
{
	pid_t shell = getpid();
	sigset_t all, before;
	int pair[2], rc = 0;

	if (starter_is_there()) {
		n->fd = starter_keeper(&n->config, err);
		return n->fd < 0 ? n->fd : 0;
	}
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return err_errno(err, errno, "make a socketpair for the lab's keeper");
	/* No handler of the shell's may run in the child. */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	n->pid = fork();
	if (n->pid == 0)
		keeper_run(pair[1], shell, &n->config);
	if (n->pid < 0)
		rc = err_errno(err, errno, "start the lab's keeper");
	sigprocmask(SIG_SETMASK, &before, NULL);
	close(pair[1]);
	n->fd = pair[0];
	return rc;
}

static int receive_hello(struct netns *n, struct err *err)
{
	struct keeper_hello hello = { 0 };
	int rc;

	rc = handover_receive(n->fd, &hello, sizeof(hello), n->wire, n->config.hosts);
	if (rc == -EMFILE) {
		err_errno(err, EMFILE, "take over the wire of a lab with %d hosts",
			  n->config.hosts);
		err_hint(err, "The lab needs a descriptor for each host: ulimit -n");
		return rc;
	}
	if (rc < 0)
		return err_errno(err, -rc, "make the lab: its keeper has ended");
	n->veth = hello.veth;
	if (rc == n->config.hosts)
		return 0;
	*err = hello.err;
	if (n->pid <= 0)
		err_hint(err, "tcpstep doctor says what is missing.");
	return -EIO;
}

struct netns *netns_new(const struct netns_config *config, struct err *err)
{
	struct netns *n = xcalloc(1, sizeof(*n));
	int i;

	n->config = *config;
	n->fd = -1;
	for (i = 0; i < NETNS_HOSTS_MAX; i++)
		n->wire[i] = -1;
	if (start_keeper(n, err) < 0 || receive_hello(n, err) < 0) {
		doctor_explain(err);
		netns_free(n);
		return NULL;
	}
	return n;
}

void netns_free(struct netns *n)
{
	int i;

	if (n == NULL)
		return;
	for (i = 0; i < n->config.hosts; i++)
		if (n->wire[i] >= 0)
			close(n->wire[i]);
	/* A starter's keeper is no child of ours: its end of the socketpair closes when it has ended. */
	if (n->fd >= 0 && n->pid <= 0 && shutdown(n->fd, SHUT_WR) == 0)
		while (recv(n->fd, &(char){ 0 }, 1, 0) > 0)
			;
	if (n->fd >= 0)
		close(n->fd);
	if (n->pid > 0)
		while (waitpid(n->pid, NULL, 0) < 0 && errno == EINTR)
			;
	free(n);
}

int netns_wire_fd(const struct netns *n, int host)
{
	return n->wire[host];
}

long netns_read(const struct netns *n, int host, void *packet, unsigned long size)
{
	struct ethhdr eth;
	struct iovec iov[2] = { { &eth, sizeof(eth) }, { packet, size } };
	ssize_t got;

	for (;;) {
		if (n->veth)
			got = readv(n->wire[host], iov, 2) - (ssize_t)sizeof(eth);
		else
			got = read(n->wire[host], packet, size);
		if (got > 0 && (!n->veth || eth.h_proto == htons(ETH_P_IP) ||
				eth.h_proto == htons(ETH_P_IPV6)))
			return got;
		if (got < 0 && errno != EINTR)
			return errno == EAGAIN ? 0 : -errno;
	}
}

int netns_write(const struct netns *n, int host, const void *packet, unsigned long len)
{
	const unsigned char *bytes = packet;
	struct ethhdr eth = { .h_dest = { 2, 0, 0, 0, 0,
					  (unsigned char)KEEPER_HOST_NUMBER(host) } };
	struct iovec iov[2] = { { &eth, sizeof(eth) }, { (void *)bytes, len } };
	ssize_t sent;

	if (len == 0)
		return -EINVAL;
	if (netns_offload(n))
		return tun_write(n->wire[host], &iov[1], 1, &(struct gso){ 0 });
	eth.h_proto = htons(bytes[0] >> 4 == 6 ? ETH_P_IPV6 : ETH_P_IP);
	do
		sent = n->veth ? writev(n->wire[host], iov, 2)
			       : write(n->wire[host], packet, len);
	while (sent < 0 && errno == EINTR);
	return sent < 0 ? -errno : 0;
}

bool netns_offload(const struct netns *n)
{
	return n->config.offload && !n->veth;
}

long netns_read_gso(const struct netns *n, int host, void *packet, unsigned long size,
		    struct gso *gso)
{
	if (netns_offload(n))
		return tun_read(n->wire[host], packet, size, gso);
	*gso = (struct gso){ 0 };
	return netns_read(n, host, packet, size);
}

int netns_write_gso(const struct netns *n, int host, const struct iovec *piece,
		    int pieces, const struct gso *gso)
{
	return tun_write(n->wire[host], piece, pieces, gso);
}

/* EPIPE would be taken for a connection's. */
static int keeper_gone(int rc)
{
	return rc == -EPIPE || rc == -ECONNRESET ? -EOWNERDEAD : rc;
}

/* Asks the keeper. Returns the reply's rc or why there is none; *fd gets what is attached. */
static int ask(struct netns *n, const struct keeper_request *req,
	       struct keeper_reply *answer, int *fd)
{
	int rc;

	if (send(n->fd, req, sizeof(*req), MSG_NOSIGNAL) < 0)
		return keeper_gone(-errno);
	rc = handover_receive(n->fd, answer, sizeof(*answer), fd, 1);
	return rc < 0 ? keeper_gone(rc) : answer->rc;
}

unsigned long netns_drops(struct netns *n, int host)
{
	struct keeper_request req = { .op = KEEPER_DROPS, .host = host };
	struct tpacket_stats stats;
	socklen_t len = sizeof(stats);
	struct keeper_reply answer = { 0 };
	int fd;

	if (n->veth) {
		/* Reading these sets them to zero. */
		if (getsockopt(n->wire[host], SOL_PACKET, PACKET_STATISTICS, &stats,
			       &len) == 0)
			n->drops[host] += stats.tp_drops;
	} else if (ask(n, &req, &answer, &fd) == 0) {
		n->drops[host] = (unsigned long)answer.drops;
	}
	return n->drops[host];
}

int netns_socket(struct netns *n, int host, int domain, int type, int protocol)
{
	struct keeper_request req = { .op = KEEPER_SOCKET,
				      .host = host,
				      .domain = domain,
				      .type = type,
				      .protocol = protocol };
	struct keeper_reply answer = { 0 };
	int rc, fd = -1;

	rc = ask(n, &req, &answer, &fd);
	if (rc < 0)
		return rc;
	rc = handover_receive(n->fd, &answer, sizeof(answer), NULL, 0);
	if (rc >= 0)
		return fd;
	close(fd);
	return keeper_gone(rc);
}

int netns_sysctl_read(struct netns *n, int host, const char *path,
		      char value[SYSCTL_VALUE_MAX])
{
	struct keeper_request req = { .op = KEEPER_SYSCTL_READ, .host = host };
	struct keeper_reply answer = { 0 };
	int rc, fd;

	snprintf(req.path, sizeof(req.path), "%s", path);
	rc = ask(n, &req, &answer, &fd);
	memcpy(value, answer.value, SYSCTL_VALUE_MAX);
	return rc;
}

int netns_sysctl_write(struct netns *n, int host, const char *path, const char *value)
{
	struct keeper_request req = { .op = KEEPER_SYSCTL_WRITE, .host = host };
	struct keeper_reply answer = { 0 };
	int fd;

	if (strlen(value) >= sizeof(req.value))
		return -EMSGSIZE;
	snprintf(req.path, sizeof(req.path), "%s", path);
	snprintf(req.value, sizeof(req.value), "%s", value);
	return ask(n, &req, &answer, &fd);
}

union addr netns_addr(const struct netns *n, int host, bool ipv6)
{
	union addr none = { 0 };

	return ipv6 && !n->config.ipv6 ? none : hosts_addr(host, ipv6);
}

/* Asked for every segment: the number is read off the address. */
int netns_host_of(const struct netns *n, const union addr *a)
{
	bool ipv6 = a->sa.sa_family == AF_INET6;
	const uint8_t *last = ipv6 ? &a->in6.sin6_addr.s6_addr[15]
				   : (const uint8_t *)&a->in.sin_addr + 3;
	int host = KEEPER_HOST(*last);
	union addr own;

	if (host < 0 || host >= n->config.hosts)
		return -1;
	own = netns_addr(n, host, ipv6);
	addr_set_port(&own, addr_port(a));
	return addr_equal(&own, a) ? host : -1;
}

const char *netns_device(const struct netns *n)
{
	return n->veth ? "veth" : "tun";
}
