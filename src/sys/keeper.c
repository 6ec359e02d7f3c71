/* keeper.c - the process that owns a lab's network namespaces and makes sockets in them. */

/*
 * It is forked from the shell, keeps one descriptor for each namespace and nothing else, and
 * enters the namespace that a request names (setns, 2 us). When the shell ends, in whatever way,
 * the socketpair closes and the parent's death signal comes; when the keeper has ended, nothing
 * holds the namespaces any more and the kernel takes them down, with the devices in them.
 *
 * Almost nothing: a connection that was closed but not yet ended (FIN_WAIT_1 ...) belongs to
 * nobody, and holds its namespace until its retransmissions are used up, which takes minutes, with
 * clock=slow a quarter of an hour. So the keeper's last work is to end all connections. For that it
 * must outlive the shell by a moment: its death signal is one that it can catch.
 */

#include "sys/keeper.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/buf.h"
#include "sys/diag.h"
#include "sys/handover.h"
#include "sys/link.h"

struct keeper {
	struct hosts hosts;
	int fd;
	/* A TCP socket was made there: to find its connections the kernel walks a table of the machine's. */
	bool used[NETNS_HOSTS_MAX];
};

static int count_drops(unsigned long long *drops)
{
	struct err err;
	struct link *link = link_new(&err);
	int rc;

	if (link == NULL)
		return -err.num;
	rc = link_drops(link, KEEPER_DEVICE, drops, &err);
	link_free(link);
	return rc;
}

/* In the host that the request names. *fd gets the socket that was asked for. */
static int answer_to(const struct keeper_request *req, struct keeper_reply *answer,
		     int *fd)
{
	switch (req->op) {
	case KEEPER_SOCKET:
		*fd = socket(req->domain, req->type | SOCK_CLOEXEC | SOCK_NONBLOCK,
			     req->protocol);
		return *fd < 0 ? -errno : 0;
	case KEEPER_DROPS:
		return count_drops(&answer->drops);
	case KEEPER_SYSCTL_READ:
		return sysctl_read(req->path, answer->value);
	case KEEPER_SYSCTL_WRITE:
		return sysctl_write(req->path, req->value);
	}
	return -ENOSYS;
}

/*
 * The shell may be a stranger's by now (sandbox.c): it gets what a lab is for, and nothing of the
 * machine's, such as a UNIX socket. 0 or negative errno.
 */
static int check_request(const struct keeper *k, const struct keeper_request *req)
{
	if (req->host < 0 || req->host >= k->hosts.config->hosts)
		return -EINVAL;
	if (req->op == KEEPER_SOCKET && req->domain != AF_INET &&
	    req->domain != AF_INET6 && req->domain != AF_NETLINK)
		return -EAFNOSUPPORT;
	if (!memchr(req->path, '\0', sizeof(req->path)) ||
	    !memchr(req->value, '\0', sizeof(req->value)) || strstr(req->path, ".."))
		return -EINVAL;
	return 0;
}

static bool serve(struct keeper *k, const struct keeper_request *req)
{
	struct keeper_reply answer = { 0 };
	struct err err;
	int fd = -1;
	bool sent;

	answer.rc = check_request(k, req);
	if (answer.rc == 0)
		answer.rc = hosts_enter(&k->hosts, req->host, &err);
	if (answer.rc == 0)
		answer.rc = answer_to(req, &answer, &fd);
	sent = handover_send(k->fd, &answer, sizeof(answer), &fd, fd >= 0);
	if (fd < 0)
		return sent;
	k->used[req->host] |= req->domain != AF_NETLINK;
	/* A socket is closed only when no copy is left: the shell waits until this one has gone. */
	close(fd);
	return sent && handover_send(k->fd, &answer, sizeof(answer), NULL, 0);
}

struct connections {
	struct diag_sock *all;
	size_t n;
};

static int collect(const struct diag_sock *sock, void *arg)
{
	struct connections *c = arg;

	c->all = xrealloc(c->all, (c->n + 1) * sizeof(*c->all));
	c->all[c->n++] = *sock;
	return 0;
}

/* Ends the connections of the host that the keeper is in, whoever has them open. */
static void destroy_connections(void)
{
	struct diag_filter filter = { .states = ~(1u << STATE_LISTEN) };
	struct connections c = { 0 };
	struct err err;
	struct diag *diag = diag_new(-1, &err);

	if (diag == NULL)
		return;
	diag_each(diag, &filter, collect, &c, &err);
	while (c.n > 0)
		diag_destroy(diag, &c.all[--c.n]);
	free(c.all);
	diag_free(diag);
}

static void wake(int sig)
{
	(void)sig;
}

void keeper_detach(int fd, const char *name)
{
	int sig;

	setsid();
	for (sig = 1; sig < NSIG; sig++)
		signal(sig, sig == SIGTERM ? wake : SIG_DFL);
	dup2(fd, 0);
	closefrom(1);
	prctl(PR_SET_NAME, name);
}

/* Until the shell has gone: the socketpair has closed, or its death signal has come. */
static void serve_all(struct keeper *k)
{
	struct pollfd shell = { .fd = k->fd, .events = POLLIN };
	struct keeper_request req;
	sigset_t none;

	sigemptyset(&none);
	while (ppoll(&shell, 1, NULL, &none) > 0 &&
	       recv(k->fd, &req, sizeof(req), 0) == sizeof(req))
		if (!serve(k, &req))
			break;
}

void keeper_run(int fd, pid_t shell, const struct netns_config *config)
{
	struct keeper k = { .hosts.config = config };
	struct keeper_hello hello = { 0 };
	struct err ignored;
	int i, rc;

	keeper_detach(fd, "tcpstep-keeper");
	rc = hosts_make(&k.hosts, &hello.err);
	/* Entering a user namespace may have cleared it. The shell may have died before. */
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != shell)
		_exit(0);
	hello.veth = k.hosts.veth;
	if (!handover_send(k.fd, &hello, sizeof(hello), k.hosts.wire,
			   rc == 0 ? config->hosts : 0) ||
	    rc < 0)
		_exit(0);
	for (i = 0; i < config->hosts; i++)
		close(k.hosts.wire[i]);
	serve_all(&k);
	for (i = 0; i < config->hosts; i++)
		if (k.used[i] && hosts_enter(&k.hosts, i, &ignored) == 0)
			destroy_connections();
	_exit(0);
}
