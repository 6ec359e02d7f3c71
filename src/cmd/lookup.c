/* lookup.c - HOST:PORT of a command to socket addresses, waiting for the name when it is one. */
#include "cmd/lookup.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cmd/app.h"
#include "sys/sandbox.h"

/* The call's state while a name is being looked up and its addresses are tried. */
struct lookup {
	struct wake wake;
	struct resolve_query *query;
	int family; /* the only one that is of use, or AF_UNSPEC */
	union addr addr[RESOLVE_MAX];
	int n, next;
	struct buf tried; /* "10.77.0.2:80 (ECONNREFUSED)", what failed so far */
	struct err err;
};

static void lookup_free(void *state)
{
	struct lookup *l = state;

	if (l->query)
		resolve_cancel(l->query);
	buf_clear(&l->tried);
	free(l);
}

static struct lookup *lookup_new(struct call *call, int family)
{
	struct lookup *l = xcalloc(1, sizeof(*l));

	l->family = family;
	call->state = l;
	call->state_free = lookup_free;
	return l;
}

static void take(struct lookup *l, const union addr *addrs, int n)
{
	int i;

	for (i = 0; i < n && l->n < RESOLVE_MAX; i++)
		if (l->family == AF_UNSPEC || addrs[i].sa.sa_family == l->family)
			l->addr[l->n++] = addrs[i];
	if (n > 0 && l->n == 0)
		err_set(&l->err, "usage", "the name has no IPv%d address",
			l->family == AF_INET6 ? 6 : 4);
}

static void lookup_answer(void *arg, const union addr *addrs, int n,
			  const struct err *err)
{
	struct lookup *l = arg;

	l->query = NULL;
	if (n > 0)
		take(l, addrs, n);
	else
		l->err = *err;
	wake_fire(&l->wake);
}

static int lookup_begin(struct call *call, const struct hostport *hp, int family)
{
	struct app *app = call->app;
	struct lookup *l = lookup_new(call, family);

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
		    int family)
{
	union addr own[LAB_ADDRS];
	int n = lab_resolve(call->app->lab, hp->host, hp->port, own);

	if (n > 0) {
		take(lookup_new(call, family), own, n);
		return 0;
	}
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
	const char *colon = strrchr(text, ':'), *at;
	char wide[5];

	if (*text == '\0') {
		err_set(&call->err, "usage", "%s: the address is empty", call->cmd->name);
		err_hint(&call->err, "Write it as 7788, 127.0.0.1:7788 or [::1]:7788.");
		return -EINVAL;
	}
	err_set(&call->err, "usage", "%s %s: the port is missing", call->cmd->name, text);
	if (text_full_width(text, strlen(text), wide) == ':' &&
	    (at = strstr(text, wide)) != NULL)
		err_hint(&call->err, "Write %.*s:%s.", (int)(at - text), text,
			 at + strlen(wide));
	else if (!colon || *text == '[')
		err_hint(&call->err, "Write %s:PORT.", text);
	else if (colon == text || colon[-1] == ':' || colon[1] == '\0')
		err_hint(&call->err, "Write [%s]:PORT.", text);
	else
		err_hint(&call->err, "Write [%.*s]:%s, or [%s]:PORT.",
			 (int)(colon - text), text, colon + 1, text);
	return -EINVAL;
}

/* The next address of a name that was looked up. */
static int next_address(struct call *call, const char *text, union addr *a)
{
	struct lookup *l = call->state;

	if (l->next < l->n) {
		*a = l->addr[l->next++];
		return 0;
	}
	if (call->stop != STOP_NO)
		return call_stopped(call, "look up the name", "");
	call->err = l->err;
	if (strcmp(l->err.code, "usage") == 0)
		err_set(&call->err, "usage", "%s %s: %s", call->cmd->name, text,
			l->err.message);
	return -EHOSTUNREACH;
}

int lookup_next(struct call *call, const char *text, const char *standard, int family,
		union addr *a)
{
	struct hostport hp;
	int rc;

	if (call->state)
		return next_address(call, text, a);
	rc = call->host->netns
		     ? 0
		     : sandbox_refuse(&call->err, "has no network but the lab's",
				      "%s %.100s", call->cmd->name, text);
	if (rc < 0)
		return rc;
	rc = hostport_parse(&hp, text, &call->err);
	if (rc < 0)
		return rc;
	if (hp.port < 0)
		return no_port(call, text);
	if (*hp.host == '\0')
		snprintf(hp.host, sizeof(hp.host), "%s", standard);
	if (hp.bracketed || host_looks_numeric(hp.host))
		return number(call, &hp, text, a);
	if (call->host->netns) {
		rc = lab_name(call, &hp, text, family);
		return rc < 0 ? rc : next_address(call, text, a);
	}
	if (call->app->lab && lab_find(call->app->lab, hp.host))
		return not_in_lab(call, &hp, text);
	return lookup_begin(call, &hp, family);
}

bool lookup_failed(struct call *call, const union addr *a)
{
	struct lookup *l = call->state;
	char text[ADDR_TEXT_MAX];

	if (!l)
		return false;
	if (l->next < l->n) {
		buf_addf(&l->tried, "%s%s (%s)", l->tried.len > 0 ? ", " : "",
			 addr_format(a, text), call->err.code);
		return true;
	}
	if (l->tried.len > 0)
		err_hint(&call->err, "Tried before: %s.\n%s", buf_str(&l->tried),
			 call->err.hint);
	return false;
}

void lookup_note(const struct call *call, struct buf *out)
{
	const struct lookup *l = call->state;

	if (l && l->tried.len > 0)
		buf_addf(out, "    tried before: %.*s\n", (int)l->tried.len,
			 l->tried.data);
}
