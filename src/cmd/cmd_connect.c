/* cmd_connect.c - connect: the active end. */
#include <errno.h>
#include <linux/tcp.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/text.h"
#include "cmd/app.h"
#include "cmd/call_errno.h"
#include "cmd/lookup.h"
#include "cmd/observe.h"
#include "cmd/rows.h"
#include "cmd/run.h"

enum { CONNECT_TO };
enum { CONNECT_FROM, CONNECT_FASTOPEN, CONNECT_TIMEOUT };

/* Which step of connect: the addresses are not known, or a SYN is out. */
enum { CONNECT_NEXT, CONNECT_PENDING };

/* from= as an address; its family is AF_UNSPEC when it is just a port. */
static int from_read(struct call *call, struct hostport *hp, union addr *a)
{
	const char *from = call->option[CONNECT_FROM].str.data;
	int rc = hostport_parse(hp, from, &call->err);

	*a = (union addr){ 0 };
	if (rc < 0 || !*hp->host)
		return rc;
	if (addr_from_number(a, hp->host, hp->port < 0 ? 0 : hp->port))
		return 0;
	return err_set(&call->err, "usage", "connect: from=%s is not a numeric address",
		       from);
}

static int connect_from(struct call *call, int fd, int family)
{
	struct hostport hp;
	union addr a;
	int on = 1, rc = from_read(call, &hp, &a);

	if (rc < 0)
		return rc;
	if (!*hp.host)
		addr_from_number(&a, family == AF_INET6 ? "::" : "0.0.0.0",
				 hp.port < 0 ? 0 : hp.port);
	if (a.sa.sa_family != family)
		return err_set(&call->err, "usage",
			       "connect: from=%s is not of the family of %s",
			       call->option[CONNECT_FROM].str.data,
			       call->arg[CONNECT_TO].str.data);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, &a.sa, addr_len(&a)) == 0)
		return 0;
	return call_bind_errno(call, errno, &a, "connect from");
}

static int connected(struct call *call, struct sock *s)
{
	s->called = true;
	observe_touch(call->app, s);
	observe_add(call->app, s);
	return 0;
}

/* The socket's name is given back: it never connected. Others may wait for it meanwhile. */
static void connect_undo(struct call *call)
{
	runs_stop_sock(call->result.sock, STOP_CLOSED);
	socks_drop(&call->app->socks, call->result.sock);
	call->result = (struct value){ 0 };
}

/*
 * Begins it, and asked again tells how it went. Between sockets of one machine the handshake is
 * over by the second time; what comes from afar is waited for.
 */
static int connect_go(struct call *call, struct sock *s)
{
	char text[ADDR_TEXT_MAX];
	int num, rc;

	do
		num = connect(s->fd, &s->peer.sa, addr_len(&s->peer)) == 0 ? 0 : errno;
	while (num == EINPROGRESS);
	if (num == 0)
		return connected(call, s);
	observe_touch(call->app, s);
	if (num == EALREADY)
		return call_wait_sock(call, s, LOOP_WRITE);
	rc = call_errno(call, num, "connect %s", addr_format(&s->peer, text));
	connect_undo(call);
	return rc;
}

static int connect_try(struct call *call, const union addr *a)
{
	char text[ADDR_TEXT_MAX];
	const struct value *fastopen = &call->option[CONNECT_FASTOPEN];
	int fast = fastopen->kind == VALUE_BOOL && fastopen->b;
	struct sock *s;
	int fd, rc;

	if (addr_port(a) == 0) {
		err_set(&call->err, "usage", "connect %s: port 0 cannot be connected to",
			addr_format(a, text));
		return -EINVAL;
	}
	fd = host_socket(call->host, a->sa.sa_family);
	if (fd < 0)
		return call_errno(call, -fd, "connect %s, with %zu socket%s open",
				  addr_format(a, text), call->app->socks.n_open,
				  text_plural(call->app->socks.n_open));
	if (call->option[CONNECT_FROM].kind == VALUE_STR) {
		rc = connect_from(call, fd, a->sa.sa_family);
		if (rc < 0) {
			close(fd);
			return rc;
		}
	}
	setsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, &fast, sizeof(fast));
	s = socks_add(&call->app->socks, call->host, SOCK_CONNECT, fd);
	s->peer = *a;
	call->result = value_sock(s);
	call->step = CONNECT_PENDING;
	return connect_go(call, s);
}

/* The SYN was answered, or nobody waits for the answer any more. */
static int connect_pending(struct call *call)
{
	struct sock *s = call->result.sock;
	char what[ADDR_TEXT_MAX + 16], text[ADDR_TEXT_MAX];
	int rc;

	if (call->stop == STOP_NO)
		return connect_go(call, s);
	snprintf(what, sizeof(what), "connect %s", addr_format(&s->peer, text));
	rc = call_stopped(call, what, "no answer to the SYN came");
	/* Who closes it also tells what becomes of it. */
	if (call->stop == STOP_CLOSED)
		call->result = (struct value){ 0 };
	else
		connect_undo(call);
	return rc;
}

/* The next address to try; of a name's addresses those of from='s family are left. */
static int connect_next(struct call *call, union addr *a)
{
	union addr from = { 0 };
	struct hostport hp;
	int rc = 0;

	if (call->option[CONNECT_FROM].kind == VALUE_STR)
		rc = from_read(call, &hp, &from);
	return rc < 0 ? rc
		      : lookup_next(call, call->arg[CONNECT_TO].str.data, "127.0.0.1",
				    from.sa.sa_family, a);
}

/* A name may have several addresses: each is tried, the last one's error is told. */
static int connect_exec(struct call *call)
{
	union addr a;
	int rc;

	if (call->step == CONNECT_PENDING) {
		a = call->result.sock->peer;
		rc = connect_pending(call);
		if (rc >= 0 || call->stop != STOP_NO || !lookup_failed(call, &a))
			return rc;
	}
	do {
		rc = connect_next(call, &a);
		if (rc != 0)
			return rc;
		rc = connect_try(call, &a);
	} while (rc < 0 && lookup_failed(call, &a));
	return rc;
}

/* Tells that the kernel shook hands although nobody has called accept. */
static void connect_note(struct call *call, struct sock *s, struct buf *out)
{
	struct host *other = app_host_of(call->app, s->host, sock_peer(s));
	struct sock *l = socks_find_listener(&call->app->socks, other, sock_peer(s));
	struct sock *end =
		socks_find_pair(&call->app->socks, other, sock_peer(s), sock_local(s));
	struct change *c;
	struct diag_sock now;
	char name[SOCK_NAME_MAX];

	if (!l || (end && end->fd >= 0))
		return;
	sock_state(l, &now);
	if (now.recvq == 0)
		return;
	buf_addf(
		out,
		"    note: nobody has called accept. The kernel shook hands on its own;\n"
		"          %u connection%s in the accept queue of %s.\n",
		now.recvq, now.recvq == 1 ? " waits" : "s wait", sock_name(l, name));
	c = changes_find(call->changes, l);
	if (c)
		c->told = true;
}

/* On a held wire the segments' lines tell the states: this end may be connected before the other. */
static void connect_show_held(struct call *call, struct sock *s, struct buf *out)
{
	char name[SOCK_NAME_MAX];
	struct lab *lab = call->app->lab;
	bool known = wire_state(lab->wire, sock_peer(s), sock_local(s)) != STATE_SYN_RCVD;
	const struct host *server = lab_find(lab, "server");

	buf_addf(out, "    %s connected.", sock_name(s, name));
	if (!known)
		buf_addf(out, " The %s does not know it yet.",
			 server && server != s->host ? "server" : "other end");
	buf_addc(out, '\n');
}

static void connect_show(struct call *call, struct buf *out)
{
	struct sock *s = call->result.sock;
	struct buf ends = BUF_EMPTY;
	size_t from = out->len, indent;
	char name[SOCK_NAME_MAX], time[32];

	if (app_holds(call->app, s)) {
		connect_show_held(call, s, out);
		return;
	}
	buf_addf(out, "%s  ", sock_name(s, name));
	indent = out->len - from;
	if (call->own) {
		trail_format(call->own, out);
		call->own->n = 0;
	} else {
		buf_adds(out, state_name((enum tcp_state)s->state));
	}
	sock_ends(s, &ends);
	buf_addf(&ends, "  %s", duration_format(call->took, time));
	text_end_line(out, from, indent, buf_str(&ends));
	buf_clear(&ends);
	lookup_note(call, out);
	if (s->state == STATE_SYN_SENT)
		buf_adds(
			out,
			"    note: Fast Open: no SYN was sent, it goes with the first data.\n");
	else
		connect_note(call, s, out);
}

const struct cmd rows_connect[] = {
	{
		.name = "connect",
		.group = "sockets",
		.on_host = true,
		.summary = "open a connection: the three-way handshake from this side",
		.detail =
			"Sends SYN and waits for the answer. A name is a host of the lab; outside of one it is\n"
			"looked up (/etc/hosts, DNS). Its addresses are tried in turn. A port alone means\n"
			"127.0.0.1. from= binds this end to an address or port of your choice. fastopen=yes is\n"
			"TCP_FASTOPEN_CONNECT: from the second time on the SYN waits for the first send. The\n"
			"listener has to take it: sysctl tcp_fastopen 3 at its host, and option l1 fastopen 5.",
		.example = "listen 7788\nconnect 127.0.0.1:7788",
		.returns = "socket",
		.arg = { { "address", ARG_ENDPOINT, ARG_NEEDED,
			   .text = "where to: 127.0.0.1:7788, [::1]:7788, NAME:7788" } },
		.option = { { "from", ARG_ENDPOINT, ARG_OPTIONAL,
			      .standard = "the kernel chooses",
			      .text = "this end's address, port, or both" },
			    { "fastopen", ARG_BOOL, ARG_OPTIONAL, .standard = "no",
			      .text = "ask for a cookie; with one, data goes in the SYN" },
			    OPTION_TIMEOUT },
		.exec = connect_exec,
		.show = connect_show,
	},
	{ .name = NULL },
};
