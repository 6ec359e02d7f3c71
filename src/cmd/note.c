/*
 * note.c - the calls that send stand in the trace of the lab, beside their segments.
 *
 * Only those that send by themselves: a recv moves the window at most. A close says how many bytes are
 * unread, because these decide whether FIN or RST is sent (RFC 1122, 4.2.2.13), and nobody can
 * tell afterwards.
 */
#include "cmd/note.h"

#include <string.h>
#include <sys/ioctl.h>

#include "base/text.h"
#include "cmd/app.h"

static const char *const noted[] = { "connect", "send",	 "shutdown",
				     "close",	"abort", "inject" };

static struct host *host_of(const struct call *call)
{
	return call->arg[0].kind == VALUE_SOCK ? call->arg[0].sock->host : call->host;
}

bool note_wanted(const struct call *call)
{
	size_t i;

	if (!call->app->lab)
		return false;
	for (i = 0; i < sizeof(noted) / sizeof(*noted); i++)
		if (strcmp(call->cmd->name, noted[i]) == 0)
			return i + 1 == sizeof(noted) / sizeof(*noted) ||
			       host_of(call)->netns;
	return false;
}

static int unread(const struct sock *s)
{
	int n = 0;

	if (s->kind != SOCK_LISTEN && s->fd >= 0 && ioctl(s->fd, FIONREAD, &n) < 0)
		n = 0;
	return n;
}

/* "close server.s1 with 5 bytes unread", "connect server:80" */
static void text_add(const struct call *call, struct buf *out)
{
	const struct value *first = &call->arg[0];
	char name[SOCK_NAME_MAX];
	int left = 0;

	buf_adds(out, call->cmd->name);
	if (first->kind == VALUE_SOCK)
		buf_addf(out, " %s", sock_name(first->sock, name));
	else if (first->kind == VALUE_STR)
		buf_addf(out, " %.80s", first->str.data);
	if (first->kind == VALUE_SOCK && strcmp(call->cmd->name, "close") == 0)
		left = unread(first->sock);
	if (left > 0)
		buf_addf(out, " with %d byte%s unread", left,
			 text_plural((unsigned long long)left));
}

void note_add(const struct call *call, int line)
{
	struct lab *lab = call->app->lab;
	const struct host *host = host_of(call);
	struct sock *s = call->arg[0].kind == VALUE_SOCK ? call->arg[0].sock : NULL;
	struct buf text = BUF_EMPTY;

	text_add(call, &text);
	trace_called(lab->trace, wire_now(lab->wire), host->netns ? host->index : -1,
		     line, s ? sock_local(s) : NULL, s ? sock_peer(s) : NULL,
		     buf_str(&text));
	buf_clear(&text);
}

void note_drop(const struct call *call)
{
	trace_take_back(call->app->lab->trace);
}
