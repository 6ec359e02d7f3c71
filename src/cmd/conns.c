/* conns.c - connections of the trace, chosen by a socket or by their ends. */
#include "cmd/conns.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cmd/app.h"
#include "trace/ends.h"

#define NAMED_MAX 4 /* connections that an error names */

static bool is_between(const struct trace_conn *c, const union addr *a,
		       const union addr *b)
{
	return (addr_equal(&c->end[0], a) && addr_equal(&c->end[1], b)) ||
	       (addr_equal(&c->end[1], a) && addr_equal(&c->end[0], b));
}

/*
 * A pair may have had several connections. A connect's begins after its socket was made, an accept's
 * before; a capture does not know when that was.
 */
static int of_socket(const struct call *call, const struct trace *t)
{
	struct sock *s = call->arg[0].sock;
	const struct lab *lab = call->app->lab;
	double made = lab ? wire_now(lab->wire) - (time_now() - s->made) : INFINITY;
	int found = -1;
	size_t i;

	for (i = 0; i < trace_conns(t); i++) {
		const struct trace_conn *c = trace_conn(t, i);
		bool before = trace_find(t, c->first)->sent <= made;

		if (!is_between(c, sock_local(s), sock_peer(s)))
			continue;
		if (s->kind == SOCK_CONNECT || before || found < 0)
			found = (int)i;
		if (!before)
			break;
	}
	return found;
}

static bool meets(const struct trace_conn *c, const struct end_asked *asked, int end)
{
	return end_meets(asked, c->host[end], &c->end[end]);
}

/* The ends asked for may be either way around; a second one that was not given is any. */
static bool has_ends(const struct trace_conn *c, const struct end_asked asked[2])
{
	return (meets(c, &asked[0], 0) && meets(c, &asked[1], 1)) ||
	       (meets(c, &asked[0], 1) && meets(c, &asked[1], 0));
}

/* "10.0.0.1:4000 > 10.0.0.2:80" in any words: one end or two. */
static int ends_read(struct call *call, const struct trace *t, const char *text,
		     struct end_asked asked[2])
{
	struct err why;
	char end[300];
	bool arrow;
	size_t len;
	int n = 0;

	asked[0] = asked[1] = (struct end_asked){ .host = -1, .port = -1 };
	for (text += strspn(text, " <>"); *text;
	     text += len + strspn(text + len, " <>")) {
		len = strcspn(text, " <>");
		arrow = text[len] == '>' && text[len - 1] == '-';
		snprintf(end, sizeof(end), "%.*s", (int)(len - arrow), text);
		if (!*end)
			continue;
		if (n == 2)
			return err_set(
				&call->err, "usage",
				"%s: a connection has two ends, and \"%.60s\" is one more",
				call->cmd->name, end);
		if (end_parse(&asked[n++], t, end, &why) < 0)
			return err_set(&call->err, "usage", "%s: %s", call->cmd->name,
				       why.message);
	}
	if (n == 0)
		return err_set(&call->err, "usage",
			       "%s: an end is expected, such as 10.0.0.1:80",
			       call->cmd->name);
	return 0;
}

/* What could have been asked for. */
static void name_all(struct call *call, const struct trace *t)
{
	char from[ADDR_TEXT_MAX], to[ADDR_TEXT_MAX];
	struct buf text = BUF_EMPTY;
	size_t i, n = trace_conns(t);

	for (i = 0; i < n && i < NAMED_MAX; i++) {
		const struct trace_conn *c = trace_conn(t, i);

		buf_addf(&text, "%s%s > %s", i ? ", " : "", addr_format(&c->end[0], from),
			 addr_format(&c->end[1], to));
	}
	if (n > NAMED_MAX)
		buf_addf(&text, " and %zu more", n - NAMED_MAX);
	if (n > 0)
		err_hint(&call->err, "There %s %s.", n == 1 ? "is" : "are",
			 buf_str(&text));
	buf_clear(&text);
}

static int pick_ends(struct call *call, const struct trace *t, bool *only)
{
	struct buf text = BUF_EMPTY;
	struct end_asked asked[2];
	size_t i, found = 0;
	int rc;

	buf_adds(&text, call->arg[1].str.data);
	for (i = 0; i < call->n_rest; i++)
		buf_addf(&text, " %s", call->rest[i].str.data);
	rc = ends_read(call, t, buf_str(&text), asked);
	for (i = 0; rc == 0 && i < trace_conns(t); i++)
		found += only[i] &= has_ends(trace_conn(t, i), asked);
	if (rc == 0 && found == 0)
		rc = err_set(&call->err, "usage",
			     "%s: no connection with %.120s is in the trace",
			     call->cmd->name, buf_str(&text));
	if (rc < 0)
		name_all(call, t);
	buf_clear(&text);
	return rc;
}

static int pick_socket(struct call *call, const struct trace *t, bool *only)
{
	int found = of_socket(call, t);
	char name[SOCK_NAME_MAX];
	size_t i;

	if (found < 0)
		return err_set(&call->err, "usage",
			       "%s: no segment of %s was on the wire", call->cmd->name,
			       sock_name(call->arg[0].sock, name));
	for (i = 0; i < trace_conns(t); i++)
		only[i] = i == (size_t)found;
	return 0;
}

int conns_pick(struct call *call, const struct trace *t, bool **only)
{
	bool socket = call->arg[0].kind == VALUE_SOCK,
	     ends = call->arg[1].kind == VALUE_STR;
	int rc = 0;

	*only = NULL;
	if (!socket && !ends)
		return 0;
	*only = xmalloc((trace_conns(t) + 1) * sizeof(**only));
	memset(*only, true, (trace_conns(t) + 1) * sizeof(**only));
	if (socket)
		rc = pick_socket(call, t, *only);
	if (ends && rc == 0)
		rc = pick_ends(call, t, *only);
	if (rc == 0)
		return 0;
	free(*only);
	*only = NULL;
	return rc;
}

bool conns_have(const bool *only, const struct trace_segment *s)
{
	int i = trace_conn_index(s);

	return !only || (i >= 0 && only[i]);
}
