/* cmd_end.c - shutdown, close, abort: how connections end. */
#include <errno.h>
#include <linux/sockios.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "base/text.h"
#include "cmd/app.h"
#include "cmd/call_errno.h"
#include "cmd/observe.h"
#include "cmd/rows.h"

enum { SHUTDOWN_SOCK, SHUTDOWN_SIDE };

/* What happened to one socket, as the command's own line. */
static void end_line(struct call *call, struct sock *s, struct buf *out, const char *tail)
{
	char name[SOCK_NAME_MAX], time[32];
	struct change *c = call->changes ? changes_find(call->changes, s) : NULL;

	buf_addf(out, "%s  ", sock_name(s, name));
	if (c) {
		trail_format(c, out);
		if (*tail) {
			buf_addf(out, "  (%s)", tail);
		} else if (c->n > 0 && c->trail[c->n - 1] == STATE_TIME_WAIT) {
			buf_adds(out, "  ");
			trail_reason(c, out);
		}
		/* Within one call there is nothing to be timed, nor where a held wire decides. */
		if (call->settled > 0.001 && !state_is_brief((enum tcp_state)s->state))
			buf_addf(out, "  %s", duration_format(call->settled, time));
		c->n = 0;
	} else {
		buf_addf(out, "%s%s%s", state_name((enum tcp_state)s->state),
			 *tail ? "  " : "", tail);
	}
	buf_addc(out, '\n');
}

static int shutdown_exec(struct call *call)
{
	static const char *const sides[] = { "recv", "send", "both" };
	struct sock *s = call->arg[SHUTDOWN_SOCK].sock;
	const struct value *side = &call->arg[SHUTDOWN_SIDE];
	char name[SOCK_NAME_MAX];
	int how = SHUT_WR;

	/* SHUT_RD, SHUT_WR and SHUT_RDWR are 0, 1 and 2. */
	for (int i = 0; side->kind == VALUE_STR && i < 3; i++)
		if (strcmp(side->str.data, sides[i]) == 0)
			how = i;
	if (how != SHUT_RD) {
		observe_call(call->app, s);
		app_called(call->app, s, TRACK_SHUTDOWN);
	}
	if (how != SHUT_WR)
		app_called(call->app, s, TRACK_SHUTDOWN_RECV);
	if (shutdown(s->fd, how) < 0)
		return call_errno(call, errno, "shutdown %s", sock_name(s, name));
	app_call_done(call->app);
	return 0;
}

static void shutdown_show(struct call *call, struct buf *out)
{
	end_line(call, call->arg[SHUTDOWN_SOCK].sock, out, "");
}

/* Bytes that nobody has read make the kernel send RST in place of FIN (RFC 1122, 4.2.2.13). */
static int unread_bytes(struct sock *s)
{
	int n = 0;

	if (s->kind == SOCK_LISTEN || sock_state(s, NULL) == STATE_CLOSED ||
	    ioctl(s->fd, SIOCINQ, &n) < 0)
		return 0;
	return n;
}

/* ABORT sends RST where the peer has a connection to lose (RFC 9293, 3.10.5). */
static bool aborts_by_rst(enum tcp_state state)
{
	return state == STATE_SYN_RCVD || state == STATE_ESTABLISHED ||
	       state == STATE_FIN_WAIT_1 || state == STATE_FIN_WAIT_2 ||
	       state == STATE_CLOSE_WAIT;
}

static int close_exec(struct call *call)
{
	size_t i;
	struct sock *s;

	s = call->arg[0].sock;
	call->step = call->app->session ? unread_bytes(s) : 0;
	s->aborted = call->step > 0;
	app_close(call->app, s);
	for (i = 0; i < call->n_rest; i++) {
		s = call->rest[i].sock;
		/* One that is named twice ends once. */
		if (s->fd >= 0)
			app_close(call->app, s);
		else
			value_clear(&call->rest[i]);
	}
	app_call_done(call->app);
	return 0;
}

static void close_show(struct call *call, struct buf *out)
{
	char count[32];
	size_t i;

	end_line(call, call->arg[0].sock, out, "");
	if (call->step > 0)
		buf_addf(
			out,
			"    note: %s unread byte%s lost, so the kernel sent RST, not FIN\n"
			"          (RFC 1122, 4.2.2.13).\n",
			text_count((unsigned long long)call->step, count),
			call->step == 1 ? " was" : "s were");
	for (i = 0; i < call->n_rest; i++)
		if (call->rest[i].kind == VALUE_SOCK)
			end_line(call, call->rest[i].sock, out, "");
}

static int abort_exec(struct call *call)
{
	struct sock *s = call->arg[0].sock;
	struct linger now = { .l_onoff = 1, .l_linger = 0 };
	char name[SOCK_NAME_MAX];

	if (setsockopt(s->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now)) < 0)
		return call_errno(call, errno, "abort %s", sock_name(s, name));
	call->step = call->typed && aborts_by_rst(sock_state(s, NULL));
	s->aborted = true;
	app_close(call->app, s);
	app_call_done(call->app);
	return 0;
}

static void abort_show(struct call *call, struct buf *out)
{
	end_line(call, call->arg[0].sock, out, call->step ? "RST sent" : "");
}

const struct cmd rows_end[] = {
	{
		.name = "shutdown",
		.group = "sockets",
		.on_host = true,
		.summary = "end one direction: the half-close",
		.detail =
			"send: FIN goes out, receiving goes on (FIN_WAIT_1). recv: later recvs give end of stream;\n"
			"nothing goes out. both: the two together. The descriptor stays until close.",
		.example =
			"listen 7788\nconnect 127.0.0.1:7788\naccept\nshutdown c1 send\nrecv s1",
		.returns = "nil",
		.arg = { { "socket", ARG_STREAM, ARG_DEFAULTS,
			   .text = "which connection" },
			 { "side", ARG_WORD, ARG_OPTIONAL, "send recv both",
			   .standard = "send", .text = "which direction ends" } },
		.exec = shutdown_exec,
		.show = shutdown_show,
	},
	{
		.name = "close",
		.group = "sockets",
		.on_host = true,
		.summary = "close sockets: FIN, or what the state asks for",
		.detail =
			"The name stays until the kernel has forgotten the connection, so that state can show\n"
			"FIN_WAIT_2 and TIME_WAIT. Unread bytes make the kernel send RST in place of FIN. Closing\n"
			"a listener resets the connections that wait in its queue.",
		.example =
			"listen 7788\nconnect 127.0.0.1:7788\naccept\nclose c1\nclose s1\nclose l1",
		.returns = "nil",
		.arg = { { "socket", ARG_SOCK, ARG_DEFAULTS | ARG_MANY,
			   .text = "one or more" } },
		.exec = close_exec,
		.show = close_show,
	},
	{
		.name = "abort",
		.group = "sockets",
		.on_host = true,
		.summary = "end a connection at once: RST",
		.detail =
			"ABORT of RFC 9293, 3.10.5: bytes in both queues are dropped, the peer gets RST, and there\n"
			"is no TIME_WAIT. (close with SO_LINGER 0.)",
		.example = "listen 7788\nconnect 127.0.0.1:7788\naccept\nabort c1",
		.returns = "nil",
		.arg = { { "socket", ARG_STREAM, ARG_DEFAULTS,
			   .text = "which connection" } },
		.exec = abort_exec,
		.show = abort_show,
	},
	{ .name = NULL },
};
