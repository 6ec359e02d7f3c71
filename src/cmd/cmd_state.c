/* cmd_state.c - state: what the kernel knows of the sockets. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/app.h"
#include "cmd/facts.h"
#include "cmd/observe.h"
#include "cmd/picture.h"
#include "cmd/rows.h"
#include "cmd/state_text.h"
#include "sys/sockopt.h"

enum { STATE_OF };
enum { STATE_ALL, STATE_FULL, STATE_DRAWN };

static struct value addr_value(const union addr *a)
{
	char text[ADDR_TEXT_MAX];

	if (a->sa.sa_family == 0)
		return value_static("-");
	return value_text(addr_format(a, text));
}

/* A record with the stable keys of `state`, in Lua and in JSON. */
static struct value record(const char *name, const struct diag_sock *d)
{
	struct value r = value_table();

	if (name)
		value_add(&r, "name", value_text(name));
	value_add(&r, "state", value_static(state_name(d->state)));
	value_add(&r, "local_address", addr_value(&d->local));
	value_add(&r, "peer_address", addr_value(&d->peer));
	if (d->state == STATE_LISTEN) {
		value_add(&r, "queue", value_int(d->recvq));
		value_add(&r, "backlog", value_int(d->sendq));
	} else {
		value_add(&r, "recvq", value_int(d->recvq));
		value_add(&r, "sendq", value_int(d->sendq));
	}
	if (d->timer != TIMER_NONE) {
		value_add(&r, "timer", value_static(diag_timer_name(d->timer)));
		value_add(&r, "timer_ms", value_int(d->timer_ms));
		if (d->retransmits > 0)
			value_add(&r, "retransmits", value_int(d->retransmits));
	}
	return r;
}

/* The error by which the connection ended, as a call met it. */
static void error_add(struct value *r, const struct sock *s)
{
	if (s->error)
		value_add(r, "error", value_static(errno_name(s->error)));
}

struct listing {
	struct call *call;
	const struct host *host;
	struct value *list;
	struct sock *listener;
	char name[SOCK_NAME_MAX + 4];
};

/* A connection to one of our listeners that no socket has: not accepted yet. */
static int add_waiting(const struct diag_sock *d, void *arg)
{
	struct listing *l = arg;

	if (d->inode != 0 || d->peer.sa.sa_family == 0)
		return 0;
	/* The same port may have several listeners, each with an address of its own. */
	if (socks_find_listener(&l->call->app->socks, l->host, &d->local) != l->listener)
		return 0;
	value_add(l->list, NULL, record(l->name, d));
	return 0;
}

/* Before accept a connection can be in these states; afterwards others come too. */
#define WAITING_STATES \
	(1u << STATE_SYN_RCVD | 1u << STATE_ESTABLISHED | 1u << STATE_CLOSE_WAIT)

/* `server state` is about that host; without a host before it, about all. */
static bool left_out(const struct call *call, const struct sock *s)
{
	if (s->kind == SOCK_LISTEN && s->fd < 0)
		return true;
	return call->host->netns && s->host != call->host;
}

static int list_own(struct call *call)
{
	size_t n, i, k;
	struct sock **all;
	struct diag_sock now;
	struct diag *d;
	char name[SOCK_NAME_MAX];
	int rc = 0;

	app_forget(call->app);
	all = socks_sorted(&call->app->socks, &n);
	for (i = 0; i < n; i++) {
		if (left_out(call, all[i]))
			continue;
		sock_state(all[i], &now);
		error_add(value_add(&call->result, NULL,
				    record(sock_name(all[i], name), &now)),
			  all[i]);
	}
	for (k = 0; k < n && rc == 0; k++) {
		struct listing l = { .call = call,
				     .host = all[k]->host,
				     .list = &call->result,
				     .listener = all[k] };
		struct diag_filter filter = { .states = WAITING_STATES };

		if (all[k]->kind != SOCK_LISTEN || left_out(call, all[k]))
			continue;
		d = host_diag(all[k]->host, &call->err);
		if (!d) {
			rc = -EIO;
			break;
		}
		filter.local_port = addr_port(sock_local(all[k]));
		snprintf(l.name, sizeof(l.name), "(%s)", sock_name(all[k], name));
		rc = diag_each(d, &filter, add_waiting, &l, &call->err);
	}
	free(all);
	return rc;
}

static int add_any(const struct diag_sock *d, void *arg)
{
	struct listing *l = arg;
	const struct socks *all = &l->call->app->socks;
	struct sock *own = NULL;
	char name[SOCK_NAME_MAX];

	if (all->n > 0 && all->n < 1000)
		own = d->state == STATE_LISTEN
			      ? socks_find_listener(all, l->host, &d->local)
			      : socks_find_pair(all, l->host, &d->local, &d->peer);
	if (own && !sock_is_of(own, d))
		own = NULL;
	value_add(l->list, NULL, record(own ? sock_name(own, name) : NULL, d));
	return 0;
}

/* Everything about one socket: what state says of it, its options agreed, TCP_INFO. */
static int describe(struct call *call, struct sock *s)
{
	struct diag *d = host_diag(s->host, &call->err);
	struct diag_sock now;
	struct err err;
	char name[SOCK_NAME_MAX];
	struct value *r = &call->result;

	if (!d)
		return -EIO;
	sock_state(s, &now);
	*r = record(sock_name(s, name), &now);
	error_add(r, s);
	value_add(r, "fd", value_int(s->fd));
	if (s->unread && s->unread->len > 0)
		value_add(r, "unread", value_int((long long)s->unread->len));
	if (now.state == STATE_LISTEN || sock_peer(s)->sa.sa_family == 0)
		return 0;
	if (diag_find(d, sock_local(s), sock_peer(s), true, &now, &err) < 0 ||
	    !now.has_info)
		return 0;
	value_add(r, "congestion", value_text(now.congestion));
	facts_add(&now.info, r);
	return 0;
}

static int list_all(struct call *call)
{
	struct listing l = { .call = call, .host = call->host, .list = &call->result };
	struct diag *d = host_diag(call->host, &call->err);

	if (!d)
		return -EIO;
	return diag_each(d, &(struct diag_filter){ 0 }, add_any, &l, &call->err);
}

static bool same_text(const struct value *r, const char *key, const struct value *o,
		      const char *other)
{
	const struct value *a = value_get(r, key), *b = value_get(o, other);

	return a && b && strcmp(a->str.data, b->str.data) == 0;
}

/* Is it this socket, or the other end of its connection? */
static bool is_end_of(const struct value *r, const struct value *own)
{
	return same_text(r, "name", own, "name") ||
	       (same_text(r, "local_address", own, "peer_address") &&
		same_text(r, "peer_address", own, "local_address"));
}

/* Only the socket's own row and its other end's are left. */
static void keep_ends(struct value *list, struct sock *s)
{
	struct value ends = value_table(), own = { 0 };
	char name[SOCK_NAME_MAX];
	size_t i;

	sock_name(s, name);
	for (i = 0; i < list->t->n; i++)
		if (strcmp(value_get(&list->t->field[i].value, "name")->str.data, name) ==
		    0)
			own = list->t->field[i].value;
	for (i = 0; i < list->t->n; i++) {
		struct value *r = &list->t->field[i].value;

		if (own.kind != VALUE_TABLE || !is_end_of(r, &own))
			continue;
		value_add(&ends, NULL, *r);
		*r = (struct value){ 0 };
	}
	value_clear(list);
	*list = ends;
}

/* The drawing instead of the list. */
static void draw(struct call *call)
{
	struct buf out = BUF_EMPTY;

	if (call->arg[STATE_OF].kind == VALUE_SOCK)
		keep_ends(&call->result, call->arg[STATE_OF].sock);
	picture_draw(&call->result, &out);
	call->pages = true;
	value_clear(&call->result);
	call->result = value_copy(buf_str(&out), out.len);
	buf_clear(&out);
}

static bool is_yes(const struct value *v)
{
	return v->kind == VALUE_BOOL && v->b;
}

static int state_exec(struct call *call)
{
	bool diagram = is_yes(&call->option[STATE_DRAWN]);
	int rc;

	if (call->arg[STATE_OF].kind == VALUE_SOCK && !diagram) {
		struct sock *s = call->arg[STATE_OF].sock;

		if (call->typed || is_yes(&call->option[STATE_FULL]))
			return describe(call, s);
		call->result = value_static(state_name(sock_state(s, NULL)));
		return 0;
	}
	call->result = value_table();
	rc = is_yes(&call->option[STATE_ALL]) ? list_all(call) : list_own(call);
	if (rc == 0 && diagram)
		draw(call);
	return rc;
}

static void state_show(struct call *call, struct buf *out)
{
	if (call->result.kind == VALUE_STR)
		buf_add(out, call->result.str.data, call->result.str.len);
	else if (call->arg[STATE_OF].kind == VALUE_SOCK)
		state_record(&call->result, call->arg[STATE_OF].sock, out);
	else if (call->result.t->n == 0)
		buf_adds(out, "no sockets; listen and connect make some\n");
	else
		state_table(&call->result, out);
}

const struct cmd rows_state[] = {
	{
		.name = "state",
		.group = "sockets",
		.on_host = true,
		.summary = "show the states of sockets, from the kernel's own table",
		.detail =
			"Without SOCKET lists all of this shell: a listener's recvq is the connections that wait\n"
			"for accept, out of its backlog; a name in parentheses is such a connection; closed ones\n"
			"stay until the kernel has forgotten them. With SOCKET shows one in full (TCP_INFO).\n"
			"The timer that runs: on (it sends again), probe (of a zero window), keepalive,\n"
			"fin_timeout (in FIN_WAIT_2, for the peer's FIN), or what is left of TIME_WAIT.\n"
			"In Lua state(c1) is the state's name, state(c1, {full=true}) a table of everything,\n"
			"state() a list of tables.",
		.example = "listen 7788\nconnect 127.0.0.1:7788\nstate\nstate c1",
		.returns = "string|table",
		.looks = true,
		.arg = { { "socket", ARG_SOCK, ARG_OPTIONAL | ARG_CLOSED,
			   .standard = "all", .text = "one in full" } },
		.option = { { "all", ARG_BOOL, ARG_OPTIONAL, .standard = "no",
			      .text = "every TCP socket of the machine" },
			    { "full", ARG_BOOL, ARG_OPTIONAL, .standard = "no",
			      .text = "in Lua: a table of everything" },
			    { "diagram", ARG_BOOL, ARG_OPTIONAL, .standard = "no",
			      .text = "the state machine drawn, the sockets at their states" } },
		.exec = state_exec,
		.show = state_show,
	},
	{ .name = NULL },
};
