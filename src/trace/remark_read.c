/* remark_read.c - the lines that remark.c writes, read back. */
#include "trace/remark.h"

#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* Each take_ takes its part off the front of *p. */

static bool take(char **p, const char *word)
{
	size_t n = strlen(word);

	if (strncmp(*p, word, n) != 0)
		return false;
	*p += n;
	return true;
}

/* The text before mark, which is taken too; NULL when mark is not there. */
static char *take_until(char **p, const char *mark)
{
	char *start = *p, *end = strstr(start, mark);

	if (!end)
		return NULL;
	*end = '\0';
	*p = end + strlen(mark);
	return start;
}

static bool take_number(char **p, unsigned *n)
{
	unsigned long value;
	char *end;

	if (!isdigit((unsigned char)**p))
		return false;
	value = strtoul(*p, &end, 10);
	if (value > INT_MAX)
		return false;
	*n = (unsigned)value;
	*p = end;
	return true;
}

static bool take_time(char **p, int64_t *ns)
{
	unsigned long long seconds;
	int64_t unit = REMARK_SECOND;

	if (!isdigit((unsigned char)**p))
		return false;
	seconds = strtoull(*p, p, 10);
	if (seconds > INT64_MAX / REMARK_SECOND - 1)
		return false;
	*ns = (int64_t)seconds * REMARK_SECOND;
	if (**p == '.')
		for (++*p; isdigit((unsigned char)**p) && unit > 1; ++*p)
			*ns += (**p - '0') * (unit /= 10);
	return true;
}

static int hex(char c)
{
	return isdigit((unsigned char)c)    ? c - '0'
	       : isxdigit((unsigned char)c) ? tolower((unsigned char)c) - 'a' + 10
					    : -1;
}

/* Takes the escapes out of text, in place. Returns text. */
static char *unescape(char *text)
{
	static const char from[] = "nrt\\\"", to[] = "\n\r\t\\\"";
	char *in = text, *out = text;

	while (*in) {
		const char *found = in[0] == '\\' && in[1] ? strchr(from, in[1]) : NULL;

		if (found) {
			*out++ = to[found - from];
			in += 2;
		} else if (in[0] == '\\' && in[1] == 'x' && hex(in[2]) >= 0 &&
			   hex(in[3]) >= 0) {
			*out++ = (char)(hex(in[2]) * 16 + hex(in[3]));
			in += 4;
		} else {
			*out++ = *in++;
		}
	}
	*out = '\0';
	return text;
}

/* Takes the digits of bytes, which are put in their place. */
static const void *take_bytes(char **p, size_t *len)
{
	char *start = *p, *in = start, *out = start;

	for (; hex(in[0]) >= 0 && hex(in[1]) >= 0; in += 2)
		*out++ = (char)(hex(in[0]) * 16 + hex(in[1]));
	*len = (size_t)(out - start);
	*p = in;
	return start;
}

static bool take_came(struct remark *r, char **p)
{
	r->came = take_bytes(p, &r->came_len);
	return take(p, " and ") && take_number(p, &r->came_more) && take(p, " bytes");
}

static const char *end_name(char *text)
{
	return *text == '(' ? NULL : unescape(text);
}

static bool read_segment(struct remark *r, char *p)
{
	char *from, *word;
	unsigned again;

	if (!take_number(&p, &r->number) || r->number == 0 || !take(&p, " "))
		return false;
	from = take_until(&p, " -> ");
	if (!from)
		return false;
	r->from = end_name(from);
	word = take_until(&p, ", ");
	r->to = end_name(word ? word : p);
	if (!word)
		return true;
	do {
		if (take(&p, "copy of #"))
			take_number(&p, &r->copy_of);
		else if (take(&p, "retransmission of #"))
			take_number(&p, &again);
		else if (take(&p, "injected"))
			r->injected = true;
		else if (take(&p, "altered"))
			r->altered = !take(&p, " from ") || take_came(r, &p);
	} while (take(&p, ", "));
	return *p == '\0';
}

static bool read_folded(struct remark *r, char *p)
{
	return take_number(&p, &r->number) && strcmp(p, ", folded by tcpstep") == 0;
}

/* "-" is no address, as of a listener's peer. */
static bool read_address(union addr *a, const char *text)
{
	struct hostport hp;
	struct err err;

	memset(a, 0, sizeof(*a));
	if (strcmp(text, "-") == 0)
		return true;
	return !strchr(text, '%') && hostport_parse(&hp, text, &err) == 0 &&
	       hp.port >= 0 && addr_from_number(a, hp.host, hp.port);
}

static bool read_state(struct remark *r, char *p)
{
	char *host = take_until(&p, ": "), *before = take_until(&p, " -> "),
	     *now = take_until(&p, ", "), *local = take_until(&p, " > "), *peer;

	if (!host || !before || !now || !local)
		return false;
	peer = take_until(&p, ", inferred");
	r->inferred = peer != NULL;
	r->host = unescape(host);
	r->before = state_from_name(before);
	r->now = state_from_name(now);
	return read_address(&r->local, local) && read_address(&r->peer, peer ? peer : p);
}

/* Takes ", 10.0.0.1:4000 > 10.0.0.2:80" off the end, if it is there. */
static bool read_socket(struct remark *r, char *who)
{
	char *peer = strstr(who, " > "), *local = strrchr(who, ',');

	if (!peer || !local)
		return true;
	*local = *peer = '\0';
	return read_address(&r->local, local + 1 + strspn(local + 1, " ")) &&
	       read_address(&r->peer, peer + strlen(" > "));
}

static bool read_call(struct remark *r, char *p)
{
	unsigned line = 0;
	char *who = take_until(&p, ": "), *end;

	if (!who)
		return false;
	end = strstr(who, ", line ");
	if (end) {
		*end = '\0';
		end += strlen(", line ");
		if (!take_number(&end, &line))
			return false;
	}
	if (!read_socket(r, who))
		return false;
	r->line = (int)line;
	r->host = take(&who, " by ") ? unescape(who) : NULL;
	r->text = unescape(p);
	return true;
}

/* Takes " after 1.2 s" off the end. */
static bool read_after(struct remark *r, char *line)
{
	static const char mark[] = " after ";
	char *last = NULL, *p;

	for (p = strstr(line, mark); p; p = strstr(p + 1, mark))
		last = p;
	if (!last)
		return false;
	p = last + strlen(mark);
	if (!take_time(&p, &r->ns) || strcmp(p, " s") != 0)
		return false;
	*last = '\0';
	return true;
}

static enum remark_kind read_fact(struct remark *r, char *p)
{
	if (!read_after(r, p))
		return REMARK_NONE;
	r->meanwhile = take(&p, "meanwhile ");
	if (strcmp(p, "delivered") == 0)
		return REMARK_DELIVERED;
	if (take(&p, "dropped")) {
		r->text = take(&p, " ") ? unescape(p) : NULL;
		return REMARK_DROPPED;
	}
	if (take(&p, "state of "))
		return read_state(r, p) ? REMARK_STATE : REMARK_NONE;
	if (take(&p, "call"))
		return read_call(r, p) ? REMARK_CALL : REMARK_NONE;
	if (take(&p, "note ")) {
		r->text = unescape(p);
		return REMARK_NOTE;
	}
	return REMARK_NONE;
}

void remark_read(struct remark *r, char *line)
{
	char *p = line;

	memset(r, 0, sizeof(*r));
	if (strcmp(p, REMARK_TITLE) == 0)
		r->kind = REMARK_TITLED;
	else if (take(&p, "began "))
		r->kind = take_time(&p, &r->ns) && !*p ? REMARK_BEGAN : REMARK_NONE;
	else if (take(&p, "host ")) {
		r->kind = *p ? REMARK_HOST : REMARK_NONE;
		r->host = unescape(p);
	} else if (take(&p, "#"))
		r->kind = read_segment(r, p) ? REMARK_SEGMENT : REMARK_NONE;
	else if (take(&p, "retransmission of #"))
		r->kind = read_folded(r, p) ? REMARK_FOLDED : REMARK_NONE;
	else if (strcmp(p, "held") == 0)
		r->kind = REMARK_HELD;
	else
		r->kind = read_fact(r, p);
}
