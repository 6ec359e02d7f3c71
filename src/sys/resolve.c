/* resolve.c - names to addresses without blocking: c-ares on the loop. */

/*
 * c-ares tells which of its sockets it waits for (socket_changed) and when it wants to be called
 * next (keep_time). Its answer may come while the question is being asked (/etc/hosts), and while
 * it is still busy with it; so an answer is kept in the query and given out by a timer of no
 * length, from the loop, when c-ares is not on the stack. The receiver may do as it likes then,
 * free the resolver too.
 *
 * c-ares cannot forget one query. A cancelled one stays, without a receiver, until its answer.
 */

#include "sys/resolve.h"

#include <ares.h>
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"

#define NAME_MAX_LEN  253
#define LABEL_MAX_LEN 63

struct resolve {
	struct loop *loop;
	char *servers;
	bool ready; /* channel is there */
	ares_channel channel;
	struct loop_timer timer;
	struct watched *watched;
	struct resolve_query *queries;
};

/* A socket of c-ares. */
struct watched {
	struct loop_io io;
	struct resolve *resolve;
	int fd;
	struct watched *next;
};

struct resolve_query {
	struct resolve *resolve;
	struct resolve_query *next;
	char *name;
	int port;
	resolve_fn *fn; /* NULL: cancelled */
	void *arg;
	bool answered; /* c-ares is done with it; timer will give the answer out */
	struct loop_timer timer;
	union addr addrs[RESOLVE_MAX];
	int n;
	struct err err;
};

/* What goes wrong, in c-ares's numbers. */
static const struct failure {
	int status;
	const char *code;
	const char *text;
	const char *hint;
} failures[] = {
	{ ARES_ENOTFOUND, "ENOTFOUND", "no such name",
	  "Check the spelling. An address in numbers (127.0.0.1, ::1) needs no look-up." },
	{ ARES_ENODATA, "ENODATA", "the name exists, but has no address",
	  "It may be a domain, or a name for mail only." },
	{ ARES_ETIMEOUT, "ETIMEOUT", "no DNS server answered in time",
	  "Is the network up? The servers are named in /etc/resolv.conf." },
	{ ARES_ECONNREFUSED, "ECONNREFUSED", "no DNS server gave an answer",
	  "They cannot be reached, or failed. Is the network up? See /etc/resolv.conf." },
	{ ARES_ESERVFAIL, "ESERVFAIL", "the DNS server failed",
	  "Try again, or ask another server." },
	{ ARES_EREFUSED, "EREFUSED", "the DNS server refused to answer",
	  "The servers are named in /etc/resolv.conf." },
	{ ARES_EFORMERR, "EFORMERR", "the DNS server did not understand the question",
	  "" },
	{ ARES_ENOTIMP, "ENOTIMP", "the DNS server does not answer such questions", "" },
	{ ARES_EBADRESP, "EBADRESP", "the DNS server's answer makes no sense", "" },
	{ ARES_EBADNAME, "EBADNAME", "this cannot be a host's name", "" },
	{ ARES_ENOMEM, "ENOMEM", "out of memory", "" },
};

static void describe(struct err *err, const char *name, int status)
{
	size_t i;

	for (i = 0; i < sizeof(failures) / sizeof(*failures); i++) {
		if (failures[i].status != status)
			continue;
		err_set(err, failures[i].code, "look up %s: %s (%s)", name,
			failures[i].text, failures[i].code);
		err_hint(err, "%s", failures[i].hint);
		return;
	}
	err_set(err, "EDNS", "look up %s: %s", name, ares_strerror(status));
}

/* The timer's function: lets c-ares see what is overdue, and comes back when it wants to. */
static void keep_time(void *arg)
{
	struct resolve *r = arg;
	struct timeval left, *tv;

	ares_process_fd(r->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
	tv = ares_timeout(r->channel, NULL, &left);
	if (tv == NULL)
		loop_timer_stop(r->loop, &r->timer);
	else
		loop_timer_start(r->loop, &r->timer,
				 (double)tv->tv_sec + (double)tv->tv_usec / 1e6,
				 keep_time, r);
}

static void socket_ready(void *arg, int events)
{
	struct watched *w = arg;
	struct resolve *r = w->resolve;

	/* This may close the socket, and free w. */
	ares_process_fd(r->channel, events & LOOP_READ ? w->fd : ARES_SOCKET_BAD,
			events & LOOP_WRITE ? w->fd : ARES_SOCKET_BAD);
	keep_time(r);
}

static void socket_changed(void *arg, ares_socket_t fd, int readable, int writable)
{
	struct resolve *r = arg;
	struct watched **link = &r->watched, *w;

	while (*link != NULL && (*link)->fd != fd)
		link = &(*link)->next;
	w = *link;
	if (!readable && !writable) {
		if (w == NULL)
			return;
		loop_io_stop(r->loop, &w->io);
		*link = w->next;
		free(w);
		return;
	}
	if (w == NULL) {
		w = xcalloc(1, sizeof(*w));
		w->resolve = r;
		w->fd = fd;
		*link = w;
	}
	loop_io_start(r->loop, &w->io, fd,
		      (readable ? LOOP_READ : 0) | (writable ? LOOP_WRITE : 0),
		      socket_ready, w);
}

static void query_free(struct resolve_query *q)
{
	struct resolve_query **link = &q->resolve->queries;

	while (*link != q)
		link = &(*link)->next;
	*link = q->next;
	loop_timer_stop(q->resolve->loop, &q->timer);
	free(q->name);
	free(q);
}

static void give_out(void *arg)
{
	struct resolve_query *q = arg;
	union addr addrs[RESOLVE_MAX];
	struct err err = q->err;
	resolve_fn *fn = q->fn;
	void *fn_arg = q->arg;
	int n = q->n;

	memcpy(addrs, q->addrs, sizeof(addrs));
	query_free(q);
	fn(fn_arg, addrs, n, &err);
}

/* An address that /etc/hosts has twice is tried once. */
static void addr_add(struct resolve_query *q, const struct ares_addrinfo_node *node)
{
	union addr *a = &q->addrs[q->n];
	int i;

	if (q->n == RESOLVE_MAX || node->ai_addrlen > sizeof(*a) ||
	    (node->ai_family != AF_INET && node->ai_family != AF_INET6))
		return;
	memset(a, 0, sizeof(*a));
	memcpy(a, node->ai_addr, node->ai_addrlen);
	addr_set_port(a, q->port);
	for (i = 0; i < q->n; i++)
		if (addr_equal(a, &q->addrs[i]))
			return;
	q->n++;
}

static void answered(void *arg, int status, int timeouts, struct ares_addrinfo *info)
{
	struct resolve_query *q = arg;
	const struct ares_addrinfo_node *node;

	(void)timeouts;
	if (status == ARES_SUCCESS)
		for (node = info->nodes; node != NULL; node = node->ai_next)
			addr_add(q, node);
	if (info != NULL)
		ares_freeaddrinfo(info);
	if (q->fn == NULL || status == ARES_EDESTRUCTION) {
		query_free(q);
		return;
	}
	if (q->n == 0)
		describe(&q->err, q->name,
			 status == ARES_SUCCESS ? ARES_ENODATA : status);
	q->answered = true;
	loop_timer_start(q->resolve->loop, &q->timer, 0, give_out, q);
}

struct resolve *resolve_new(struct loop *loop, const char *servers)
{
	struct resolve *r = xcalloc(1, sizeof(*r));

	r->loop = loop;
	r->servers = servers ? xstrdup(servers) : NULL;
	return r;
}

void resolve_free(struct resolve *r)
{
	if (r == NULL)
		return;
	if (r->ready) {
		ares_destroy(r->channel);
		loop_timer_stop(r->loop, &r->timer);
		ares_library_cleanup();
	}
	while (r->queries != NULL)
		query_free(r->queries);
	free(r->servers);
	free(r);
}

/* The library and the channel, once. */
static int make_ready(struct resolve *r, struct err *err)
{
	struct ares_options options = {
		.sock_state_cb = socket_changed,
		.sock_state_cb_data = r,
		.lookups = (char *)"fb", /* /etc/hosts, then DNS */
	};
	int status;

	if (r->ready)
		return 0;
	status = ares_library_init(ARES_LIB_INIT_ALL);
	if (status != ARES_SUCCESS)
		return err_set(err, "EDNS", "start the resolver: %s",
			       ares_strerror(status));
	status = ares_init_options(&r->channel, &options,
				   ARES_OPT_SOCK_STATE_CB | ARES_OPT_LOOKUPS);
	if (status != ARES_SUCCESS) {
		ares_library_cleanup();
		return err_set(err, "EDNS", "start the resolver: %s",
			       ares_strerror(status));
	}
	if (r->servers != NULL)
		status = ares_set_servers_ports_csv(r->channel, r->servers);
	if (status != ARES_SUCCESS) {
		ares_destroy(r->channel);
		ares_library_cleanup();
		return err_set(err, "usage", "\"%.60s\" is not a list of DNS servers",
			       r->servers);
	}
	r->ready = true;
	return 0;
}

/*
 * Refuses what DNS cannot carry (RFC 1035, 2.3.4), or would be misread on the way: c-ares takes
 * a backslash for an escape.
 */
static int name_check(const char *name, struct err *err)
{
	struct buf shown = BUF_EMPTY;
	const char *p, *label = name, *wrong = NULL;

	if (*name == '\0')
		return err_set(err, "usage", "look up a name: the name is empty");
	for (p = name; wrong == NULL; p++) {
		if (*p == '.' || *p == '\0') {
			if (p == label && (p[0] == '.' || p - name < 2))
				wrong = "it has an empty part between dots";
			else if (p - label > LABEL_MAX_LEN)
				wrong = "a part between dots is longer than 63 characters";
			label = p + 1;
			if (*p == '\0')
				break;
		} else if ((unsigned char)*p >= 0x80) {
			wrong = "it is not ASCII; write its xn-- form";
		} else if (!isalnum((unsigned char)*p) && *p != '-' && *p != '_') {
			wrong = "a name has letters, digits, \"-\" and dots only";
		}
	}
	if (wrong == NULL && p - name > NAME_MAX_LEN + (p[-1] == '.'))
		wrong = "it is longer than 253 characters";
	if (wrong == NULL)
		return 0;
	text_quote(&shown, name, strnlen(name, 60), true);
	err_set(err, "EBADNAME", "look up %s%s: %s (EBADNAME)", shown.data,
		strlen(name) > 60 ? "..." : "", wrong);
	buf_clear(&shown);
	return -EINVAL;
}

struct resolve_query *resolve_start(struct resolve *r, const char *name, int port,
				    resolve_fn *fn, void *arg, struct err *err)
{
	static const struct ares_addrinfo_hints hints = {
		.ai_family = AF_UNSPEC,
		.ai_socktype = SOCK_STREAM,
	};
	struct resolve_query *q;

	if (name_check(name, err) < 0 || make_ready(r, err) < 0)
		return NULL;
	q = xcalloc(1, sizeof(*q));
	q->resolve = r;
	q->next = r->queries;
	r->queries = q;
	q->name = xstrdup(name);
	q->port = port;
	q->fn = fn;
	q->arg = arg;
	ares_getaddrinfo(r->channel, name, NULL, &hints, answered, q);
	keep_time(r);
	return q;
}

void resolve_cancel(struct resolve_query *q)
{
	if (q->answered)
		query_free(q);
	else
		q->fn = NULL;
}
