/* lookup.c - HOST:PORT of a command to socket addresses, waiting for the name when it is one. */
#include "cmd/lookup.h"

#include <errno.h>
#include <net/if.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/app.h"

/* The call's state while a name is being looked up and its addresses are tried. */
struct lookup {
	struct wake wake;
	struct resolve_query *query;
	union addr addr[RESOLVE_MAX];
	int n, next;
	struct err err;
};

static void lookup_free(void *state)
{
	struct lookup *l = state;

	if (l->query)
		resolve_cancel(l->query);
	free(l);
}

static void lookup_answer(void *arg, const union addr *addrs, int n,
			  const struct err *err)
{
	struct lookup *l = arg;

	l->query = NULL;
	l->n = n < RESOLVE_MAX ? n : RESOLVE_MAX;
	if (n > 0)
		memcpy(l->addr, addrs, (size_t)l->n * sizeof(*addrs));
	else
		l->err = *err;
	wake_fire(&l->wake);
}

static int lookup_begin(struct call *call, const struct hostport *hp)
{
	struct app *app = call->app;
	struct lookup *l = xcalloc(1, sizeof(*l));

	call->state = l;
	call->state_free = lookup_free;
	if (!app->resolve)
		app->resolve = resolve_new(app->loop, NULL);
	l->query = resolve_start(app->resolve, hp->host, hp->port, lookup_answer, l,
				 &call->err);
	if (!l->query)
		return -EINVAL;
	call->wait = (struct wait){ .fd = -1, .seconds = -1, .wake = &l->wake };
	return CALL_WAIT;
}

static int number(struct call *call, const struct hostport *hp, const char *text,
		  union addr *a)
{
	const char *zone = strchr(hp->host, '%');

	if (addr_from_number(a, hp->host, hp->port))
		return 0;
	if (zone && if_nametoindex(zone + 1) == 0) {
		err_set(&call->err, "usage", "%s %s: there is no interface \"%s\"",
			call->cmd->name, text, zone + 1);
		return -EINVAL;
	}
	err_set(&call->err, "usage", "%s %s: \"%s\" is not an IPv4 or IPv6 address",
		call->cmd->name, text, hp->host);
	err_hint(&call->err, "Write it as 127.0.0.1:80, [::1]:80 or NAME:80.");
	return -EINVAL;
}

/* Inside a lab only its own hosts have names: nothing is asked outside. */
static int lab_name(struct call *call, const struct hostport *hp, const char *text,
		    union addr *a)
{
	if (lab_resolve(call->app->lab, hp->host, hp->port, a))
		return 0;
	err_set(&call->err, "ENOTFOUND", "%s %s: the lab has no host \"%s\"",
		call->cmd->name, text, hp->host);
	err_hint(&call->err, "hosts lists them.");
	return -EHOSTUNREACH;
}

/* Nor is a name of the lab's asked for outside when its user forgot to say where to act. */
static int not_in_lab(struct call *call, const struct hostport *hp, const char *text)
{
	err_set(&call->err, "usage",
		"%s %s: %s is a host of the lab, and here is not on its wire",
		call->cmd->name, text, hp->host);
	err_hint(&call->err, "Put a host of the lab in front: %s %s %s",
		 call->app->lab->host[0].name, call->cmd->name, text);
	return -EINVAL;
}

static int no_port(struct call *call, const char *text)
{
	const char *colon = strrchr(text, ':');

	if (*text == '\0') {
		err_set(&call->err, "usage", "%s: the address is empty", call->cmd->name);
		err_hint(&call->err, "Write it as 7788, 127.0.0.1:7788 or [::1]:7788.");
		return -EINVAL;
	}
	err_set(&call->err, "usage", "%s %s: the port is missing", call->cmd->name, text);
	if (!colon || *text == '[')
		err_hint(&call->err, "Write %s:PORT.", text);
	else if (colon == text || colon[-1] == ':' || colon[1] == '\0')
		err_hint(&call->err, "Write [%s]:PORT.", text);
	else
		err_hint(&call->err, "Write [%.*s]:%s, or [%s]:PORT.",
			 (int)(colon - text), text, colon + 1, text);
	return -EINVAL;
}

int lookup_next(struct call *call, const char *text, const char *standard, union addr *a)
{
	struct lookup *l = call->state;
	struct hostport hp;
	int rc;

	if (l && l->n > 0 && l->next < l->n) {
		*a = l->addr[l->next++];
		return 0;
	}
	if (l && l->n > 0)
		return -ENOENT;
	if (l && call->stop == STOP_NO) {
		call->err = l->err;
		return -EHOSTUNREACH;
	}
	if (l)
		return call_stopped(call, "look up the name", "");
	rc = hostport_parse(&hp, text, &call->err);
	if (rc < 0)
		return rc;
	if (hp.port < 0)
		return no_port(call, text);
	if (*hp.host == '\0')
		snprintf(hp.host, sizeof(hp.host), "%s", standard);
	if (hp.bracketed || host_looks_numeric(hp.host))
		return number(call, &hp, text, a);
	if (call->host->netns)
		return lab_name(call, &hp, text, a);
	if (call->app->lab && lab_find(call->app->lab, hp.host))
		return not_in_lab(call, &hp, text);
	return lookup_begin(call, &hp);
}

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
		return "The peer sent RST: it gave the connection up, bytes on the way are lost.\n";
	case EPIPE:
		return "The connection is closed for sending, here or by a RST of the peer.\n";
	case EADDRNOTAVAIL:
		return "That address is not one of this host's, no local port is free, or the same "
		       "pair of\naddresses is in TIME_WAIT.\n";
	case EACCES:
		return "Ports below net.ipv4.ip_unprivileged_port_start (1024) need root or "
		       "CAP_NET_BIND_SERVICE.\n";
	case EMFILE:
		return "This process may have no more descriptors: close some sockets, or raise "
		       "ulimit -n.\n";
	case ENFILE:
		return "The whole machine has no descriptors left.\n";
	default:
		return "";
	}
}

int call_errno(struct call *call, int num, const char *fmt, ...)
{
	char what[200];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	err_errno(&call->err, num, "%s", what);
	err_hint(&call->err, "%sMore: help errors %s", known(num), errno_name(num));
	return -num;
}
