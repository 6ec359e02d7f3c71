/* call_errno.c - the errno by which a call fails: its sentence, what is known of it, where help has more. */
#include "cmd/call_errno.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "cmd/app.h"
#include "tcp/topics.h"

static const char *known(int num)
{
	switch (num) {
	case ECONNREFUSED:
		return "The SYN was answered with RST: nothing listens on that port.\n";
	case ETIMEDOUT:
		return "Segments were sent and nobody answered.\n";
	case EHOSTUNREACH:
		return "No host with that address answers on the last link of the way.\n";
	case ENETUNREACH:
		return "This host has no route to that network.\n";
	case ECONNRESET:
		return "The peer sent RST: it gave the connection up, bytes on the way are\n"
		       "lost.\n";
	case EPIPE:
		return "The connection is closed for sending, here or by a RST of the peer.\n";
	case EOWNERDEAD:
		return "The lab's keeper, the process that its hosts belong to, was killed:\n"
		       "lab off, and lab makes a new one.\n";
	case EADDRNOTAVAIL:
		return "That address is not one of this host's, no local port is free, or the\n"
		       "same pair of addresses is in TIME_WAIT.\n";
	case EACCES:
		return "Ports below net.ipv4.ip_unprivileged_port_start (1024) need root or\n"
		       "CAP_NET_BIND_SERVICE.\n";
	case EMFILE:
		return "This process may have no more descriptors: close some sockets, or\n"
		       "raise ulimit -n.\n";
	case ENFILE:
		return "The whole machine has no descriptors left.\n";
	default:
		return "";
	}
}

/* The hint: what is known, and where help has more. */
static int hint(struct call *call, int num, const char *what)
{
	const char *name = errno_name(num);
	bool more = topic_find_in("errors", name) != NULL;

	err_hint(&call->err, "%s%s%s", what, more ? "More: help errors " : "",
		 more ? name : "");
	return -num;
}

int call_errno(struct call *call, int num, const char *fmt, ...)
{
	char what[200];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	err_errno(&call->err, num, "%s", what);
	return hint(call, num, known(num));
}

static int port_taken(struct call *call, const union addr *a, const char *op)
{
	char text[ADDR_TEXT_MAX], who[128];
	struct err err;
	struct diag *d = host_diag(call->host, &err);

	call_errno(call, EADDRINUSE, "%s %s", op, addr_format(a, text));
	if (d && !call->host->netns && diag_owner(d, addr_port(a), who, sizeof(who)))
		err_hint(&call->err, "It is held by %s.\nMore: help errors EADDRINUSE",
			 who);
	else
		err_hint(
			&call->err,
			"A socket is bound to it, or a connection from it is in TIME_WAIT:\n"
			"state all=yes shows them.\nMore: help errors EADDRINUSE");
	return -EADDRINUSE;
}

int call_bind_errno(struct call *call, int num, const union addr *a, const char *op)
{
	char text[ADDR_TEXT_MAX];

	if (num == EADDRINUSE)
		return port_taken(call, a, op);
	return call_errno(call, num, "%s %s", op, addr_format(a, text));
}

int call_file_errno(struct call *call, int num, const char *op, const char *path)
{
	err_errno(&call->err, num, "%s %.200s", op, path);
	return hint(call, num, "");
}
