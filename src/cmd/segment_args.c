/*
 * segment_args.c - a segment in the arguments of a command: by words, or by fields.
 *
 * Fields are put behind the words as more of the same notation. So there is one reader, and what is given
 * twice, or in a way that cannot be, is told in one way.
 */
#include "cmd/segment_args.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cmd/app.h"

#define BLANKS " \t\r\n"

/* --- addresses --- */

static int end_fail(struct call *call, const char *which, const char *text,
		    const char *why)
{
	err_set(&call->err, "usage", "%s: %s \"%.60s\": %s", call->cmd->name, which, text,
		why);
	err_hint(&call->err, "As in %s=%s:80, or %s=10.77.0.9:4000 (where no host is).",
		 which, call->app->lab->host[call->app->lab->hosts - 1].name, which);
	return -EINVAL;
}

static int no_host(struct call *call, const char *which, const char *text,
		   const char *host)
{
	const char *names[NETNS_HOSTS_MAX + 1] = { NULL }, *near;
	char why[120];
	int i;

	for (i = 0; i < call->app->lab->hosts; i++)
		names[i] = call->app->lab->host[i].name;
	near = text_nearest(host, names);
	snprintf(why, sizeof(why), "the lab has no host \"%.30s\"%s%s%s", host,
		 near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
	return end_fail(call, which, text, why);
}

/* "c1", "client.c1": where the socket is. */
static bool sock_end(struct call *call, const char *text, union addr a[LAB_ADDRS])
{
	struct sock *s = socks_find(&call->app->socks, text);
	const union addr *local;

	if (!s || !s->host->netns)
		return false;
	local = sock_local(s);
	if (!addr_is_any(local))
		a[0] = *local;
	else if (lab_resolve(call->app->lab, s->host->name, addr_port(local), a) > 1 &&
		 local->sa.sa_family == AF_INET)
		a[1] = (union addr){ 0 };
	return true;
}

static int end_read(struct call *call, const char *which, const char *text, bool any_port,
		    union addr a[LAB_ADDRS])
{
	struct hostport hp;
	struct err why;

	if (sock_end(call, text, a))
		return 0;
	if (hostport_parse(&hp, text, &why) < 0)
		return end_fail(call, which, text, why.message);
	if (!*hp.host)
		return end_fail(call, which, text, "the address is missing");
	if (hp.port == 0)
		return end_fail(call, which, text, "a segment's port is 1 to 65535");
	if (hp.port < 0 && !any_port)
		return end_fail(call, which, text, "the port is missing");
	hp.port = hp.port < 0 ? 0 : hp.port;
	if (lab_resolve(call->app->lab, hp.host, hp.port, a) == 0 &&
	    !addr_from_number(a, hp.host, hp.port))
		return no_host(call, which, text, hp.host);
	return 0;
}

/* Takes the text's first word off. */
static void word_take(struct buf *text, struct buf *word)
{
	const char *p = buf_str(text) + strspn(buf_str(text), BLANKS);
	size_t n = strcspn(p, BLANKS);

	buf_reset(word);
	buf_add(word, p, n);
	buf_drop(text, (size_t)(p + n - buf_str(text)));
}

/* Takes "from A" or "to B" off the front of the text, if it is there; A into word. */
static bool end_take(struct buf *text, const char *which, struct buf *word)
{
	const char *p = buf_str(text) + strspn(buf_str(text), BLANKS);
	size_t n = strlen(which);

	if (strncmp(p, which, n) != 0 || !p[n] || !strchr(BLANKS, p[n]))
		return false;
	word_take(text, word);
	word_take(text, word);
	return true;
}

/*
 * A host's name, an address, or NAME:PORT: none of them can begin a segment's notation. Nor can what stands
 * before the flags and is none: a socket, or a host that there is not.
 */
static bool is_end(struct lab *lab, const char *word, const char *next)
{
	struct hostport hp;
	struct err ignored;
	union addr a;
	uint8_t flags;

	if (lab_find(lab, word) || (isalpha((unsigned char)*word) && strchr(word, ':')))
		return true;
	/* "ack 1" is no flag. */
	if (isalpha((unsigned char)*word) && !segment_flags_parse(&flags, word) &&
	    !islower((unsigned char)*next) && segment_flags_parse(&flags, next))
		return true;
	return hostport_parse(&hp, word, &ignored) == 0 && strpbrk(hp.host, ".:") &&
	       addr_from_number(&a, hp.host, 0);
}

/* expect server S.: the sender alone, without from. */
static bool sender_take(struct call *call, struct buf *text, struct buf *word)
{
	const char *p = buf_str(text) + strspn(buf_str(text), BLANKS);
	const char *next = p + strcspn(p, BLANKS);
	char first[ADDR_TEXT_MAX], second[ADDR_TEXT_MAX];

	snprintf(first, sizeof(first), "%.*s", (int)(next - p), p);
	next += strspn(next, BLANKS);
	snprintf(second, sizeof(second), "%.*s", (int)strcspn(next, BLANKS), next);
	if (!is_end(call->app->lab, first, second))
		return false;
	word_take(text, word);
	return true;
}

static int ends_read(struct call *call, bool any_port, struct segment_args *args)
{
	static const char *const which[] = { "from", "to" };
	union addr *const end[] = { args->from, args->to };
	struct buf word = BUF_EMPTY;
	int i, rc = 0;

	for (i = 0; i < 2 && rc == 0; i++) {
		const struct value *v = &call->option[SEGMENT_FROM + i];
		bool said = end_take(&args->text, which[i], &word) ||
			    (i == 0 && any_port && sender_take(call, &args->text, &word));

		if (said && v->kind != VALUE_NIL)
			rc = end_fail(call, which[i], v->str.data,
				      "it is given for the second time");
		else if (said || v->kind != VALUE_NIL)
			rc = end_read(call, which[i], said ? buf_str(&word) : v->str.data,
				      any_port, end[i]);
	}
	buf_clear(&word);
	return rc;
}

/* --- options from a table --- */

struct option_name {
	const char *name, *text;
	enum value_kind kind;
};

static const struct option_name option_names[] = {
	{ "mss", "mss ", VALUE_INT },
	{ "wscale", "wscale ", VALUE_INT },
	{ "sack_permitted", "sackOK", VALUE_BOOL },
	{ "sackOK", "sackOK", VALUE_BOOL },
	{ "sack", "sack ", VALUE_STR },
	{ "cookie", "tfo cookie ", VALUE_STR },
	{ "tsval", NULL, VALUE_INT },
	{ "tsecr", NULL, VALUE_INT },
};

#define OPTION_NAMES (sizeof(option_names) / sizeof(*option_names))

static int option_add(struct call *call, const char *key, const struct value *v,
		      struct buf *out)
{
	const struct option_name *o = NULL;
	size_t i;

	for (i = 0; i < OPTION_NAMES && !o; i++)
		if (strcmp(option_names[i].name, key) == 0)
			o = &option_names[i];
	if (!o || v->kind != o->kind) {
		err_set(&call->err, "usage", "%s: options: %.30s%s", call->cmd->name,
			o      ? o->name
			: *key ? key
			       : "a number",
			!o			? " is the name of none"
			: o->kind == VALUE_INT	? " must be a whole number"
			: o->kind == VALUE_BOOL ? " must be true or false"
						: " must be text");
		err_hint(&call->err,
			 "A table has mss, wscale, sackOK, tsval, tsecr, sack "
			 "(\"1:5 9:12\"), cookie; a text is as in the notation.");
		return -EINVAL;
	}
	if (!o->text || (v->kind == VALUE_BOOL && !v->b))
		return 0;
	buf_addf(out, "%s%s", out->data[out->len - 1] == '<' ? "" : ",", o->text);
	if (v->kind == VALUE_INT)
		buf_addf(out, "%lld", v->i);
	if (v->kind == VALUE_STR)
		buf_add(out, v->str.data, v->str.len);
	return 0;
}

static int table_add(struct call *call, const struct value *table, struct buf *out)
{
	const struct value *val = value_get(table, "tsval");
	const struct value *ecr = value_get(table, "tsecr");
	size_t i;
	int rc = 0;

	for (i = 0; i < table->t->n && rc == 0; i++)
		rc = option_add(call, table->t->field[i].key, &table->t->field[i].value,
				out);
	if (rc == 0 && (val || ecr))
		buf_addf(out, "%sTS val %lld ecr %lld",
			 out->data[out->len - 1] == '<' ? "" : ",", val ? val->i : 0,
			 ecr ? ecr->i : 0);
	return rc;
}

static int options_add(struct call *call, const struct value *v, struct buf *out)
{
	int rc = 0;

	if (v->kind == VALUE_NIL)
		return 0;
	buf_adds(out, " <");
	if (v->kind == VALUE_TABLE)
		rc = table_add(call, v, out);
	else
		buf_add(out, v->str.data + (*v->str.data == '<'),
			strcspn(v->str.data + (*v->str.data == '<'), ">"));
	buf_addc(out, '>');
	return rc;
}

/* --- all of it --- */

static void words_add(const struct call *call, struct buf *out)
{
	size_t i;

	if (call->arg[0].kind == VALUE_STR)
		buf_add(out, call->arg[0].str.data, call->arg[0].str.len);
	for (i = 0; i < call->n_rest; i++)
		buf_addf(out, " %s", call->rest[i].str.data);
}

static void number_add(const struct value *v, const char *word, struct buf *out)
{
	if (v->kind == VALUE_INT)
		buf_addf(out, " %s %lld", word, v->i);
}

int segment_args_read(struct call *call, bool any_port, struct segment_args *args)
{
	const struct value *o = call->option;
	int rc;

	*args = (struct segment_args){ .text = BUF_EMPTY };
	words_add(call, &args->text);
	rc = ends_read(call, any_port, args);
	if (rc < 0)
		return rc;
	if (o[SEGMENT_FLAGS].kind == VALUE_STR)
		buf_addf(&args->text, " Flags [%s]", o[SEGMENT_FLAGS].str.data);
	number_add(&o[SEGMENT_SEQ], "seq", &args->text);
	number_add(&o[SEGMENT_ACK], "ack", &args->text);
	number_add(&o[SEGMENT_WINDOW], "win", &args->text);
	number_add(&o[SEGMENT_URGENT], "urg", &args->text);
	rc = options_add(call, &o[SEGMENT_TCP_OPTIONS], &args->text);
	if (rc < 0)
		return rc;
	args->data = o[SEGMENT_DATA].kind == VALUE_STR ||
		     strpbrk(buf_str(&args->text), "\"'");
	if (o[SEGMENT_DATA].kind == VALUE_STR) {
		buf_addc(&args->text, ' ');
		text_quote(&args->text, o[SEGMENT_DATA].str.data, o[SEGMENT_DATA].str.len,
			   false);
	}
	args->raw = o[SEGMENT_RAW].kind == VALUE_BOOL && o[SEGMENT_RAW].b;
	return 0;
}
