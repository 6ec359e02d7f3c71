/* cmd_option.c - option: socket options by name, with unit and meaning. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cmd/app.h"
#include "cmd/rows.h"
#include "sys/sockopt.h"

enum { OPTION_SOCK, OPTION_NAME, OPTION_VALUE };

static int unknown(struct call *call, const char *name)
{
	const char *names[128] = { NULL }, *near;
	size_t i;

	for (i = 0; i < sockopt_count && i < 127; i++)
		names[i] = sockopt_table[i].name;
	near = text_nearest(name, names);
	err_set(&call->err, "usage", "option: there is no option \"%.40s\"%s%s%s", name,
		near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
	err_hint(&call->err, "option SOCKET lists them all.");
	return -EINVAL;
}

/* The kernel's text as the value it is: yes and no, numbers, words. */
static struct value typed_value(const struct sockopt *o, const struct buf *text)
{
	char *end;
	long long n;

	if (o->type == OPT_BOOL)
		return value_bool(strcmp(buf_str(text), "yes") == 0);
	n = strtoll(buf_str(text), &end, 10);
	if (o->type == OPT_INT && text->len > 0 && *end == '\0')
		return value_int(n);
	return value_text(buf_str(text));
}

static int family_of(struct sock *s)
{
	int domain = AF_INET;
	socklen_t len = sizeof(domain);

	getsockopt(s->fd, SOL_SOCKET, SO_DOMAIN, &domain, &len);
	return domain;
}

static int list_all(struct call *call, struct sock *s)
{
	size_t i;
	struct buf text = BUF_EMPTY;
	struct err err;
	int family = family_of(s);

	call->result = value_table();
	for (i = 0; i < sockopt_count; i++) {
		const struct sockopt *o = &sockopt_table[i];

		buf_reset(&text);
		if (sockopt_get(s->fd, family, o, &text, &err) == 0)
			value_add(&call->result, o->name, typed_value(o, &text));
	}
	buf_clear(&text);
	return 0;
}

static int option_exec(struct call *call)
{
	struct sock *s = call->arg[OPTION_SOCK].sock;
	const char *name = call->arg[OPTION_NAME].str.data;
	const struct value *value = &call->arg[OPTION_VALUE];
	const struct sockopt *o;
	struct buf text = BUF_EMPTY;
	int rc = 0, family;

	if (call->arg[OPTION_NAME].kind == VALUE_NIL)
		return list_all(call, s);
	o = sockopt_find(name);
	if (!o)
		return unknown(call, name);
	family = family_of(s);
	if (value->kind == VALUE_STR)
		rc = sockopt_set(s->fd, family, o, value->str.data, &call->err);
	if (rc == 0 && value->kind == VALUE_STR && strcmp(o->name, "bindtodevice") == 0 &&
	    host_diag(s->host, &call->err))
		diag_expect_bound(s->host->diag);
	if (rc == 0)
		rc = sockopt_get(s->fd, family, o, &text, &call->err);
	if (rc == 0)
		call->result = typed_value(o, &text);
	buf_clear(&text);
	return rc;
}

static void value_words(const struct value *v, struct buf *out)
{
	if (v->kind == VALUE_BOOL)
		buf_adds(out, v->b ? "yes" : "no");
	else if (v->kind == VALUE_INT)
		buf_addf(out, "%lld", v->i);
	else
		text_escape(out, v->str.data, v->str.len, false);
}

static void option_line(const struct sockopt *o, const struct value *v, struct buf *out)
{
	struct buf text = BUF_EMPTY;

	text_column(out, o->name, 21);
	value_words(v, &text);
	if (*o->unit && v->kind == VALUE_INT)
		buf_addf(&text, " %s", o->unit);
	text_column(out, buf_str(&text), 18);
	buf_addf(out, " %s\n", o->text);
	buf_clear(&text);
}

static void option_show(struct call *call, struct buf *out)
{
	size_t i;
	char name[SOCK_NAME_MAX];

	if (call->arg[OPTION_NAME].kind == VALUE_STR) {
		buf_addf(out, "%s  ", sock_name(call->arg[OPTION_SOCK].sock, name));
		option_line(sockopt_find(call->arg[OPTION_NAME].str.data), &call->result,
			    out);
		return;
	}
	for (i = 0; i < call->result.t->n; i++)
		option_line(sockopt_find(call->result.t->field[i].key),
			    &call->result.t->field[i].value, out);
}

const struct cmd rows_option[] = {
	{
		.name = "option",
		.group = "sockets",
		.on_host = true,
		.summary = "read or set a socket option",
		.detail =
			"Without NAME lists all with their values and meanings. NAME is the kernel's, in lower\n"
			"case without its prefix (nodelay), or whole (TCP_NODELAY). After setting, the value that\n"
			"the kernel made of it is read back: it doubles rcvbuf and sndbuf, for instance.",
		.example =
			"listen 7788\nconnect 127.0.0.1:7788\noption c1 nodelay yes\noption c1 keepidle",
		.returns = "any",
		.arg = { { "socket", ARG_SOCK, ARG_DEFAULTS, .text = "of which socket" },
			 { "name", ARG_OPTION, ARG_OPTIONAL, .text = "which option" },
			 { "value", ARG_TEXT, ARG_OPTIONAL,
			   .text = "what it is set to" } },
		.exec = option_exec,
		.show = option_show,
	},
	{ .name = NULL },
};
