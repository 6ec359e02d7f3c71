/* args.c - raw values made into what a row asks for, or a sentence that says why not. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cmd/app.h"
#include "cmd/cmd.h"

static const char *kind_word(const struct value *v)
{
	static const char *const words[] = { "nothing",	 "a boolean", "a number",
					     "a number", "a string",  "a socket",
					     "a host",	 "a table",   "a function" };

	return words[v->kind];
}

/* The value as it was given, short enough for a sentence. */
static const char *given(const struct value *v, struct buf *out)
{
	char name[SOCK_NAME_MAX];

	switch (v->kind) {
	case VALUE_STR:
		text_quote(out, v->str.data, v->str.len < 40 ? v->str.len : 40, true);
		break;
	case VALUE_INT:
		buf_addf(out, "%lld", v->i);
		break;
	case VALUE_NUM:
		buf_addf(out, "%.14g", v->n);
		break;
	case VALUE_SOCK:
		buf_adds(out, sock_name(v->sock, name));
		break;
	case VALUE_OTHER:
		buf_adds(out, v->str.data);
		break;
	default:
		buf_adds(out, kind_word(v));
	}
	return buf_str(out);
}

static int wrong(struct call *call, const struct arg *arg, const struct value *v,
		 const char *wants)
{
	struct buf text = BUF_EMPTY;

	err_set(&call->err, "usage", "%s: %s must be %s, not %s", call->cmd->name,
		arg->name, wants, given(v, &text));
	buf_reset(&text);
	cmd_usage(call->cmd, &text);
	err_hint(&call->err, "usage: %s", buf_str(&text));
	buf_clear(&text);
	return -EINVAL;
}

static bool has_nul(const struct value *v)
{
	return v->kind == VALUE_STR && memchr(v->str.data, 0, v->str.len) != NULL;
}

static int check_int(struct call *call, const struct arg *arg, struct value *v)
{
	char wants[80], *end;
	long long n = 0;
	bool ok = false;

	snprintf(wants, sizeof(wants), "a whole number from %ld to %ld", arg->min,
		 arg->max);
	if (v->kind == VALUE_INT) {
		n = v->i;
		ok = true;
	} else if (v->kind == VALUE_NUM && v->n == floor(v->n) && fabs(v->n) < 1e15) {
		n = (long long)v->n;
		ok = true;
	} else if (v->kind == VALUE_STR && v->str.len > 0 && !has_nul(v) &&
		   strspn(v->str.data + (*v->str.data == '-'), "0123456789") > 0) {
		errno = 0;
		n = strtoll(v->str.data, &end, 10);
		ok = *end == '\0' && errno == 0;
	}
	if (!ok || n < arg->min || n > arg->max)
		return wrong(call, arg, v, wants);
	value_clear(v);
	*v = value_int(n);
	return 0;
}

static int check_size(struct call *call, const struct arg *arg, struct value *v)
{
	static const char wants[] = "a count of bytes such as 1024, 64k or 1M";
	unsigned long long n = 0;

	if (v->kind == VALUE_INT && v->i > 0)
		return 0;
	if (v->kind == VALUE_NUM && v->n == floor(v->n) && v->n > 0 && v->n < 1e15)
		n = (unsigned long long)v->n;
	else if (v->kind != VALUE_STR || has_nul(v) || !size_parse(&n, v->str.data) ||
		 n == 0)
		return wrong(call, arg, v, wants);
	value_clear(v);
	*v = value_int((long long)n);
	return 0;
}

static int check_duration(struct call *call, const struct arg *arg, struct value *v)
{
	double seconds = 0;

	if (v->kind == VALUE_INT)
		seconds = (double)v->i;
	else if (v->kind == VALUE_NUM)
		seconds = v->n;
	else if (v->kind == VALUE_BOOL && !v->b)
		seconds = -1;
	else if (v->kind != VALUE_STR || has_nul(v) ||
		 !duration_parse(&seconds, v->str.data))
		return wrong(call, arg, v, "a time such as 2, 50ms, 2m or off");
	if (v->kind != VALUE_STR && v->kind != VALUE_BOOL &&
	    !(seconds >= 0 && seconds < 1e9))
		return wrong(call, arg, v, "a time such as 2, 50ms, 2m or off");
	value_clear(v);
	*v = value_num(seconds);
	return 0;
}

static int check_bool(struct call *call, const struct arg *arg, struct value *v)
{
	static const char *const words[] = { "no",  "yes", "false", "true",
					     "off", "on",  "0",	    "1" };
	size_t i;

	if (v->kind == VALUE_BOOL)
		return 0;
	for (i = 0;
	     v->kind == VALUE_STR && !has_nul(v) && i < sizeof(words) / sizeof(*words);
	     i++)
		if (strcmp(v->str.data, words[i]) == 0) {
			value_clear(v);
			*v = value_bool(i & 1);
			return 0;
		}
	return wrong(call, arg, v, "yes or no");
}

static int check_word(struct call *call, const struct arg *arg, struct value *v)
{
	struct buf wants = BUF_EMPTY;
	const char *p = arg->words, *end;
	int rc;

	for (; v->kind == VALUE_STR && *p; p = *end ? end + 1 : end) {
		end = p + strcspn(p, " ");
		if ((size_t)(end - p) == v->str.len &&
		    memcmp(p, v->str.data, v->str.len) == 0)
			return 0;
	}
	if (arg->type == ARG_WORD_OR_SIZE && v->kind != VALUE_BOOL) {
		rc = check_size(call, arg, v);
		if (rc == 0)
			return 0;
	}
	buf_addf(&wants, "%sone of: %s",
		 arg->type == ARG_WORD_OR_SIZE ? "a count, or " : "", arg->words);
	rc = wrong(call, arg, v, buf_str(&wants));
	buf_clear(&wants);
	return rc;
}

static int check_endpoint(struct call *call, const struct arg *arg, struct value *v)
{
	struct hostport hp;
	struct err why;
	char port[24];

	if (v->kind == VALUE_INT || (v->kind == VALUE_NUM && v->n == floor(v->n))) {
		if (v->kind == VALUE_INT)
			snprintf(port, sizeof(port), "%lld", v->i);
		else
			snprintf(port, sizeof(port), "%.14g", v->n);
		*v = value_text(port);
	}
	if (v->kind != VALUE_STR || has_nul(v))
		return wrong(call, arg, v, "an address and port such as 127.0.0.1:80");
	if (hostport_parse(&hp, v->str.data, &why) < 0) {
		err_set(&call->err, "usage", "%s: %s", call->cmd->name, why.message);
		if (why.hint[0])
			err_hint(&call->err, "%s", why.hint);
		return -EINVAL;
	}
	return 0;
}

/* As it would be typed: 0.00005, where %g has 5e-05, which no command reads. */
static void number_write(double n, char text[32])
{
	int len;

	snprintf(text, 32, "%.14g", n);
	if (!strstr(text, "e-"))
		return;
	len = snprintf(text, 32, "%.20f", n);
	while (text[len - 1] == '0')
		text[--len] = '\0';
	if (text[len - 1] == '.')
		text[len - 1] = '\0';
}

static int check_text(struct call *call, const struct arg *arg, struct value *v)
{
	char number[32];

	if (v->kind == VALUE_INT || v->kind == VALUE_NUM) {
		if (v->kind == VALUE_INT)
			snprintf(number, sizeof(number), "%lld", v->i);
		else
			number_write(v->n, number);
		*v = value_text(number);
	}
	if (v->kind == VALUE_BOOL)
		*v = value_static(v->b ? "yes" : "no");
	if (v->kind != VALUE_STR)
		return wrong(call, arg, v, "text");
	if (arg->type != ARG_DATA && has_nul(v))
		return wrong(call, arg, v, "text without a NUL byte");
	return 0;
}

/* A socket is its name: there is one reader of ends. */
static int check_end(struct call *call, const struct arg *arg, struct value *v)
{
	char name[SOCK_NAME_MAX];

	if (v->kind == VALUE_SOCK)
		*v = value_text(sock_name(v->sock, name));
	return check_text(call, arg, v);
}

static bool fits(const struct arg *arg, const struct sock *s)
{
	if (arg->type == ARG_LISTENER)
		return s->kind == SOCK_LISTEN;
	return arg->type != ARG_STREAM || s->kind != SOCK_LISTEN;
}

static const char *type_word(const struct arg *arg)
{
	return arg->type == ARG_LISTENER ? "listener"
	       : arg->type == ARG_STREAM ? "connection"
					 : "socket";
}

/* "c1, s1": the open sockets that would fit. */
static int list_fitting(struct call *call, const struct arg *arg, struct buf *names,
			struct sock **last)
{
	char name[SOCK_NAME_MAX];
	size_t n, i;
	int found = 0;
	struct sock **all = socks_sorted(&call->app->socks, &n);

	for (i = 0; i < n; i++) {
		if (all[i]->fd < 0 || !fits(arg, all[i]) ||
		    (call->host->netns && all[i]->host != call->host))
			continue;
		*last = all[i];
		if (found++ < 12)
			buf_addf(names, "%s%s", found > 1 ? ", " : "",
				 sock_name(all[i], name));
	}
	if (found > 12)
		buf_addf(names, " and %d more", found - 12);
	free(all);
	return found;
}

int arg_default_sock(struct call *call, const struct arg *arg, struct value *v)
{
	struct buf names = BUF_EMPTY;
	struct sock *only = NULL;
	int n = list_fitting(call, arg, &names, &only);

	if (n == 1) {
		*v = value_sock(only);
		buf_clear(&names);
		return 0;
	}
	if (n == 0) {
		err_set(&call->err, "usage", "%s: there is no open %s", call->cmd->name,
			type_word(arg));
		err_hint(
			&call->err, "%s",
			arg->type == ARG_LISTENER
				? "Make one: listen 7788"
				: "Make one: connect ADDR:PORT, or accept at a listener.");
	} else {
		err_set(&call->err, "usage", "%s: which %s? There are %s",
			call->cmd->name, type_word(arg), buf_str(&names));
		buf_reset(&names);
		cmd_usage(call->cmd, &names);
		err_hint(&call->err, "usage: %s", buf_str(&names));
	}
	buf_clear(&names);
	return -EINVAL;
}

static int no_such_sock(struct call *call, const struct arg *arg, const struct value *v)
{
	struct buf names = BUF_EMPTY;
	struct sock *last;
	int n;

	if (socks_find(&call->app->socks, v->str.data)) {
		err_set(&call->err, "usage", "%s: \"%s\" is text here, not the socket %s",
			call->cmd->name, v->str.data, v->str.data);
		err_hint(&call->err, "Leave the quotes away. A Lua variable of that name "
				     "hides the socket.");
		return -EINVAL;
	}
	n = list_fitting(call, arg, &names, &last);
	err_set(&call->err, "usage", "%s: there is no socket %.20s", call->cmd->name,
		v->str.data);
	if (n > 0)
		err_hint(&call->err, "There %s %s.", n == 1 ? "is" : "are",
			 buf_str(&names));
	else
		err_hint(&call->err, "No %s is open.", type_word(arg));
	buf_clear(&names);
	return -EINVAL;
}

static int check_sock(struct call *call, const struct arg *arg, struct value *v)
{
	char name[SOCK_NAME_MAX];

	if (v->kind == VALUE_STR && !has_nul(v) && sock_is_name(v->str.data))
		return no_such_sock(call, arg, v);
	if (v->kind != VALUE_SOCK) {
		if (arg->type == ARG_LISTENER)
			return wrong(call, arg, v, "a listener such as l1");
		return wrong(call, arg, v, "a socket such as c1");
	}
	if (v->sock->fd < 0 && !(arg->flags & ARG_CLOSED)) {
		err_set(&call->err, "closed", "%s: %s is closed", call->cmd->name,
			sock_name(v->sock, name));
		return -EBADF;
	}
	if (fits(arg, v->sock))
		return 0;
	err_set(&call->err, "usage", "%s: %s is a %s, not a %s", call->cmd->name,
		sock_name(v->sock, name),
		v->sock->kind == SOCK_LISTEN ? "listener" : "connection", type_word(arg));
	if (v->sock->kind == SOCK_LISTEN)
		err_hint(
			&call->err,
			"A listener carries no data; accept takes a connection from it.");
	return -EINVAL;
}

int arg_no_option(struct call *call, const char *name)
{
	const char *names[CMD_OPTIONS + 1] = { NULL }, *near;
	struct buf usage = BUF_EMPTY;
	int i;

	for (i = 0; call->cmd->option[i].name; i++)
		names[i] = call->cmd->option[i].name;
	near = text_nearest(name, names);
	err_set(&call->err, "usage", "%s: there is no option \"%.40s\"%s%s%s",
		call->cmd->name, name, near ? "; did you mean \"" : "", near ? near : "",
		near ? "\"?" : "");
	if (!near) {
		cmd_usage(call->cmd, &usage);
		err_hint(&call->err, "usage: %s", buf_str(&usage));
		buf_clear(&usage);
	}
	return -EINVAL;
}

int arg_check(struct call *call, const struct arg *arg, struct value *v)
{
	switch (arg->type) {
	case ARG_SOCK:
	case ARG_LISTENER:
	case ARG_STREAM:
		return check_sock(call, arg, v);
	case ARG_ENDPOINT:
		return check_endpoint(call, arg, v);
	case ARG_INT:
		return check_int(call, arg, v);
	case ARG_SIZE:
		return check_size(call, arg, v);
	case ARG_DURATION:
		return check_duration(call, arg, v);
	case ARG_BOOL:
		return check_bool(call, arg, v);
	case ARG_WORD:
	case ARG_WORD_OR_SIZE:
		return check_word(call, arg, v);
	case ARG_DATA:
		if (v->kind == VALUE_STR)
			return 0;
		return check_text(call, arg, v);
	case ARG_TABLE:
		if (v->kind == VALUE_TABLE)
			return 0;
		return check_text(call, arg, v);
	case ARG_WHEN:
		if (v->kind == VALUE_FUNCTION)
			return 0;
		return check_text(call, arg, v);
	case ARG_END:
		return check_end(call, arg, v);
	case ARG_TEXT:
	case ARG_NOTATION:
	case ARG_PATH:
	case ARG_TOPIC:
	case ARG_OPTION:
	case ARG_SETTING:
	case ARG_SYSCTL:
		return check_text(call, arg, v);
	case ARG_LUA:
		return 0;
	}
	return 0;
}
