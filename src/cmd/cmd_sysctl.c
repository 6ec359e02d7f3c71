/* cmd_sysctl.c - sysctl: the settings of a lab host's own TCP/IP stack. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cmd/app.h"
#include "cmd/call_errno.h"
#include "cmd/rows.h"
#include "sys/sysctl.h"

enum { SYSCTL_NAME, SYSCTL_VALUE };

/* This machine's settings are everybody's: a program that tries TCP out has no business there. */
static int not_here(struct call *call)
{
	const struct lab *lab = call->app->lab;
	const char *name = call->arg[SYSCTL_NAME].str.data;

	err_set(&call->err, "usage", "sysctl: %s",
		lab ? "it is for hosts of the lab, and here is this machine"
		    : "it is for hosts of a lab, and there is none");
	err_hint(&call->err,
		 "As in: %s%s sysctl %.60s\nFor this machine there is sysctl(8).",
		 lab ? "" : "lab client server; ", lab ? lab->host[0].name : "server",
		 name);
	return -EINVAL;
}

struct names {
	const char **list; /* NULL at the end */
	size_t n;
};

static void names_add(void *arg, const char *name)
{
	struct names *all = arg;

	all->list = xrealloc(all->list, (all->n + 2) * sizeof(*all->list));
	all->list[all->n++] = xstrdup(name);
	all->list[all->n] = NULL;
}

static int unknown(struct call *call, const char *name)
{
	const char *near = NULL, *host = call->host->name;
	struct names all = { 0 };

	sysctl_names(name, names_add, &all);
	if (all.n > 0)
		near = text_nearest(name, all.list);
	if (near && strcmp(near, name) == 0) {
		err_set(&call->err, "ENOENT",
			"sysctl %s: it is one of the whole machine, "
			"which %s does not have",
			name, host);
	} else {
		err_set(&call->err, "ENOENT", "sysctl %s: %s has no such setting%s%s%s",
			name, host, near ? "; did you mean \"" : "", near ? near : "",
			near ? "\"?" : "");
		err_hint(
			&call->err,
			"Names are those of net.ipv4, or whole: net.ipv6.icmp.ratelimit. "
			"TAB lists them.");
	}
	while (all.n > 0)
		free((char *)all.list[--all.n]);
	free(all.list);
	return -ENOENT;
}

/* before is what it is, NULL when it could not be read. */
static int refused(struct call *call, int num, const char *name, const char *before)
{
	const struct value *value = &call->arg[SYSCTL_VALUE];

	if (num == EOWNERDEAD || num == EMSGSIZE)
		return call_errno(call, num, "sysctl %s of %s", name, call->host->name);
	if (num == EISDIR) {
		err_set(&call->err, "usage", "sysctl %s: it is a group of settings",
			name);
		err_hint(&call->err, "TAB behind %s. lists them.", name);
		return -EINVAL;
	}
	if (!before || num == EACCES) {
		err_errno(&call->err, num, "sysctl %s: it can only be %s", name,
			  before ? "read" : "written");
	} else {
		err_errno(&call->err, num,
			  "sysctl %s: the kernel does not let %s have \"%.60s\"", name,
			  call->host->name, value->str.data);
	}
	if (before)
		err_hint(
			&call->err,
			"It is %s. tcp(7) and the kernel's ip-sysctl.rst tell what each takes.",
			before);
	return -num;
}

/* One number as a number; else text. */
static struct value typed_value(const char *text)
{
	char *end;
	long long n;

	errno = 0;
	n = strtoll(text, &end, 10);
	return *text && *end == '\0' && errno == 0 ? value_int(n) : value_text(text);
}

static int set(struct call *call, const char *name, const char *path, const char *before)
{
	const struct host *h = call->host;
	const char *value = call->arg[SYSCTL_VALUE].str.data;
	int rc;

	if (!*value)
		return err_set(&call->err, "usage", "sysctl %s: the value is empty",
			       name);
	rc = netns_sysctl_write(h->netns, h->index, path, value);
	if (rc < 0)
		return refused(call, -rc, name, before);
	call->state = xstrdup(before);
	call->state_free = free;
	return 0;
}

static int sysctl_exec(struct call *call)
{
	const char *name = call->arg[SYSCTL_NAME].str.data;
	char path[SYSCTL_PATH_MAX], value[SYSCTL_VALUE_MAX];
	struct host *h = call->host;
	int rc;

	if (!h->netns)
		return not_here(call);
	rc = sysctl_path(name, path, &call->err);
	if (rc < 0)
		return rc;
	rc = netns_sysctl_read(h->netns, h->index, path, value);
	if (rc == -ENOENT)
		return unknown(call, name);
	if (rc < 0)
		return refused(call, -rc, name, NULL);
	if (call->arg[SYSCTL_VALUE].kind == VALUE_STR) {
		rc = set(call, name, path, value);
		if (rc < 0)
			return rc;
		rc = netns_sysctl_read(h->netns, h->index, path, value);
		if (rc < 0)
			return refused(call, -rc, name, NULL);
	}
	call->result = typed_value(value);
	return 0;
}

/* "server  tcp_ecn = 1  (was 2)" */
static void sysctl_show(struct call *call, struct buf *out)
{
	const struct value *v = &call->result;
	const char *before = call->state;

	buf_addf(out, "%s  %s = ", call->host->name, call->arg[SYSCTL_NAME].str.data);
	if (v->kind == VALUE_INT)
		buf_addf(out, "%lld", v->i);
	else
		text_escape(out, v->str.data, v->str.len, false);
	if (before) {
		buf_adds(out, "  (was ");
		text_escape(out, before, strlen(before), false);
		buf_addc(out, ')');
	}
	buf_addc(out, '\n');
}

const struct cmd rows_sysctl[] = {
	{
		.name = "sysctl",
		.group = "sockets",
		.on_host = true,
		.summary = "read or set a setting of a lab host's kernel",
		.detail =
			"Each host of a lab has settings of its own: a copy of what sysctl(8) shows below net.\n"
			"tcp_ecn means net.ipv4.tcp_ecn; others are written whole, as net.ipv6.icmp.ratelimit.\n"
			"After setting, the value is read back. Most count for connections that begin\n"
			"afterwards. This machine's own settings are never touched: it wants a lab's host.\n"
			"Often used: tcp_syncookies, tcp_ecn, tcp_fastopen, tcp_timestamps, tcp_sack,\n"
			"tcp_window_scaling, tcp_syn_retries, tcp_retries2, tcp_fin_timeout, tcp_tw_reuse,\n"
			"tcp_abort_on_overflow, tcp_max_syn_backlog, tcp_congestion_control. See tcp(7).",
		.example =
			"lab client server\nserver sysctl tcp_syncookies 2\nserver sysctl tcp_rmem",
		.returns = "integer|string",
		.arg = { { "name", ARG_SYSCTL, ARG_NEEDED, .text = "which setting" },
			 { "value", ARG_TEXT, ARG_OPTIONAL,
			   .text = "what it is set to; several numbers in quotes" } },
		.exec = sysctl_exec,
		.show = sysctl_show,
	},
	{ .name = NULL },
};
