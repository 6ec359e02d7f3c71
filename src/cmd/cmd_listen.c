/* cmd_listen.c - listen, accept: the passive end. */
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/text.h"
#include "cmd/app.h"
#include "cmd/call_errno.h"
#include "cmd/lookup.h"
#include "cmd/observe.h"
#include "cmd/rows.h"

enum { LISTEN_AT };
enum { LISTEN_BACKLOG, LISTEN_REUSE };

static int listen_at(struct call *call, const union addr *a, int *fd)
{
	const struct value *backlog = &call->option[LISTEN_BACKLOG];
	const struct value *reuse = &call->option[LISTEN_REUSE];
	int on = reuse->kind == VALUE_BOOL ? reuse->b : 1, num;

	*fd = host_socket(call->host, a->sa.sa_family);
	if (*fd < 0)
		return call_bind_errno(call, -*fd, a, "listen");
	if (setsockopt(*fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
	    bind(*fd, &a->sa, addr_len(a)) == 0 &&
	    listen(*fd, backlog->kind == VALUE_INT ? (int)backlog->i : 128) == 0)
		return 0;
	num = errno;
	close(*fd);
	return call_bind_errno(call, num, a, "listen");
}

static int listen_exec(struct call *call)
{
	union addr a;
	struct sock *s;
	int fd, rc;

	do {
		rc = lookup_next(call, call->arg[LISTEN_AT].str.data, "0.0.0.0",
				 AF_UNSPEC, &a);
		if (rc != 0)
			return rc;
		rc = listen_at(call, &a, &fd);
	} while (rc < 0 && lookup_failed(call, &a));
	if (rc < 0)
		return rc;
	s = socks_add(&call->app->socks, call->host, SOCK_LISTEN, fd);
	app_called(call->app, s, TRACK_LISTEN);
	observe_touch(call->app, s);
	observe_add(call->app, s);
	call->result = value_sock(s);
	return 0;
}

static void listen_show(struct call *call, struct buf *out)
{
	struct sock *s = call->result.sock;
	struct diag_sock now;
	char name[SOCK_NAME_MAX];

	sock_state(s, &now);
	buf_addf(out, "%s  LISTEN  ", sock_name(s, name));
	sock_ends(s, out);
	buf_addf(out, "  backlog %u\n", now.sendq);
	lookup_note(call, out);
	if (call->own)
		call->own->told = true;
}

static int accept_exec(struct call *call)
{
	struct sock *l = call->arg[0].sock, *s;
	char name[SOCK_NAME_MAX];
	union addr peer = { 0 };
	socklen_t len = sizeof(peer);
	int fd;

	sock_name(l, name);
	if (call->stop == STOP_CLOSED)
		return call_stopped(call, "accept", "");
	do
		fd = accept4(l->fd, &peer.sa, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
	while (fd < 0 && (errno == EINTR || errno == ECONNABORTED));
	if (fd < 0 && errno == EAGAIN) {
		if (call->stop == STOP_NO)
			return call_wait_sock(call, l, LOOP_READ);
		return call_stopped(call, "accept", "no connection came");
	}
	if (fd < 0)
		return call_errno(call, errno, "accept %s, with %zu socket%s open", name,
				  call->app->socks.n_open,
				  text_plural(call->app->socks.n_open));
	s = socks_add(&call->app->socks, l->host, SOCK_ACCEPT, fd);
	s->peer = peer;
	addr_unmap(&s->peer);
	/* What came before accept was told of the connection in the queue. */
	s->state = STATE_ESTABLISHED;
	observe_touch(call->app, s);
	observe_touch(call->app, l);
	observe_add(call->app, s);
	call->result = value_sock(s);
	return 0;
}

static void accept_show(struct call *call, struct buf *out)
{
	struct sock *s = call->result.sock;
	char name[SOCK_NAME_MAX];

	buf_addf(out, "%s  ", sock_name(s, name));
	if (call->own && call->own->n > 1)
		trail_format(call->own, out);
	else
		buf_adds(out, state_name(sock_state(s, NULL)));
	buf_adds(out, "  ");
	sock_ends(s, out);
	buf_addc(out, '\n');
	if (call->own)
		call->own->n = 0;
}

const struct cmd rows_listen[] = {
	{
		.name = "listen",
		.group = "sockets",
		.on_host = true,
		.usage = "[ADDR:]PORT",
		.summary = "make a socket that waits for connections",
		.detail =
			"Binds to the address and calls listen(2). Without ADDR every IPv4 address of\n"
			"this host is meant; [::]:PORT means IPv6 and IPv4. Port 0 lets the kernel choose:\n"
			"the one it chose is shown. backlog is how many connections may wait for accept.",
		.example = "listen 7788 backlog=5",
		.returns = "socket",
		.arg = { { "address", ARG_ENDPOINT, ARG_NEEDED,
			   .text = "where to listen: 7788, "
				   "127.0.0.1:7788, [::1]:7788, NAME:7788" } },
		.option = { { "backlog", ARG_INT, ARG_OPTIONAL, NULL, 0, 65535, "128",
			      "connections that may wait for accept" },
			    { "reuse", ARG_BOOL, ARG_OPTIONAL, .standard = "yes",
			      .text = "SO_REUSEADDR: take a port whose old connections are in TIME_WAIT" },
			    OPTION_TIMEOUT },
		.exec = listen_exec,
		.show = listen_show,
	},
	{
		.name = "accept",
		.group = "sockets",
		.on_host = true,
		.summary = "take the next connection from a listener's queue",
		.detail =
			"Waits until there is one. The handshake was done by the kernel, before accept:\n"
			"accept only hands out the socket, which is named s1, s2 ...",
		.example = "listen 7788\nconnect 127.0.0.1:7788\naccept",
		.returns = "socket",
		.arg = { { "listener", ARG_LISTENER, ARG_DEFAULTS,
			   .text = "may be left out when there "
				   "is only one" } },
		.option = { OPTION_TIMEOUT },
		.exec = accept_exec,
		.show = accept_show,
	},
	{ .name = NULL },
};
