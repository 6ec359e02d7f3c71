/* cmd_recv.c - recv: what is there, or exactly so much, a line, up to a mark, all. */
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "base/text.h"
#include "cmd/app.h"
#include "cmd/observe.h"
#include "cmd/recv.h"
#include "cmd/rows.h"

enum { RECV_SOCK, RECV_WHAT, RECV_HOW };
enum { RECV_PEEK, RECV_RAW, RECV_FILE, RECV_FORCE, RECV_DISCARD, RECV_TIMEOUT };

static bool yes(const struct call *call, int option)
{
	return call->option[option].kind == VALUE_BOOL && call->option[option].b;
}

static int misuse(struct call *call, const char *text)
{
	err_set(&call->err, "usage", "recv: %s", text);
	err_hint(&call->err, "usage: recv %s", call->cmd->usage);
	return -EINVAL;
}

static int want_parse(struct call *call, struct recv_want *w)
{
	static const char *const words[] = { "", "exactly", "line", "until", "all" };
	const struct value *what = &call->arg[RECV_WHAT], *how = &call->arg[RECV_HOW];
	struct arg size = { .name = "exactly", .type = ARG_SIZE };
	struct value n = *how;
	int i, rc;

	if (what->kind == VALUE_INT)
		w->n = (size_t)what->i;
	for (i = 1; what->kind == VALUE_STR && i < 5; i++)
		if (strcmp(what->str.data, words[i]) == 0)
			w->mode = (enum recv_mode)i;
	if (how->kind != VALUE_NIL && w->mode != RECV_EXACTLY && w->mode != RECV_UNTIL)
		return misuse(call, "too many arguments");
	if (w->mode == RECV_EXACTLY) {
		if (how->kind == VALUE_NIL)
			return misuse(call, "exactly how many bytes?");
		n.owned = false;
		rc = arg_check(call, &size, &n);
		w->n = rc < 0 ? 0 : (size_t)n.i;
		return rc;
	}
	if (w->mode == RECV_UNTIL) {
		if (how->kind != VALUE_STR || how->str.len == 0)
			return misuse(call, "until what? A delimiter is missing");
		w->mark = how->str.data;
		w->mark_len = how->str.len;
	}
	if (w->mode == RECV_LINE) {
		w->mark = "\n";
		w->mark_len = 1;
	}
	return 0;
}

static int recv_exec(struct call *call)
{
	struct sock *s = call->arg[RECV_SOCK].sock;
	struct recv_want w = {
		.mode = RECV_SOME,
		.n = RECV_BUF_SIZE,
		.peek = yes(call, RECV_PEEK),
		.discard = yes(call, RECV_DISCARD),
	};
	bool file = call->option[RECV_FILE].kind == VALUE_STR, whole;
	int rc;

	if (call->stop > STOP_TIMEOUT && !file)
		return recv_given_up(call, s);
	if (call->arg[RECV_WHAT].kind == VALUE_NIL && !file)
		return recv_bytes(call, s, &w);
	rc = want_parse(call, &w);
	if (rc < 0)
		return rc;
	if (file) {
		if (w.mode == RECV_LINE || w.mode == RECV_UNTIL)
			return misuse(call, "file= takes a count or the whole stream");
		whole = call->arg[RECV_WHAT].kind != VALUE_INT && w.mode != RECV_EXACTLY;
		return recv_file(call, s, call->option[RECV_FILE].str.data,
				 yes(call, RECV_FORCE), whole ? SIZE_MAX : w.n);
	}
	if (w.discard && w.mode != RECV_SOME)
		return misuse(call, "discard=yes goes with a count or nothing");
	return recv_bytes(call, s, &w);
}

/* More than this of one recv is not drawn on the screen: the value is whole all the same. */
#define SHOW_MAX 4096

/* Said here, the rest is no news of its own. */
static void more_to_read(struct call *call, struct sock *s, struct buf *out)
{
	struct change *c = call->changes ? changes_find(call->changes, s) : NULL;
	char count[32];

	buf_addf(out, "  (%s more to read)", text_count(s->shown_recvq, count));
	if (c)
		c->news_recvq = false;
}

static void recv_show(struct call *call, struct buf *out)
{
	struct sock *s = call->arg[RECV_SOCK].sock;
	const struct value *v = &call->result;
	char name[SOCK_NAME_MAX], count[32];
	bool cut = v->kind == VALUE_STR && v->str.len > SHOW_MAX && call->app->at_prompt;

	if (v->kind == VALUE_STR && yes(call, RECV_RAW)) {
		buf_add(out, v->str.data, v->str.len);
		return;
	}
	buf_addf(out, "%s  ", sock_name(s, name));
	if (v->kind == VALUE_NIL) {
		buf_adds(out, "end of stream\n");
		return;
	}
	if (v->kind == VALUE_INT) {
		buf_addf(out, "%s byte%s %s%s\n",
			 text_count((unsigned long long)v->i, count),
			 text_plural((unsigned long long)v->i),
			 yes(call, RECV_DISCARD) ? "discarded" : "written to ",
			 yes(call, RECV_DISCARD) ? "" : call->option[RECV_FILE].str.data);
		return;
	}
	buf_addf(out, "%s byte%s  ", text_count(v->str.len, count),
		 text_plural(v->str.len));
	text_quote(out, v->str.data, cut ? SHOW_MAX : v->str.len, call->app->utf8);
	if (cut)
		buf_addf(out, " ... the first %d are shown", SHOW_MAX);
	if (s->shown_recvq > 0 && !yes(call, RECV_PEEK) && s->fd >= 0)
		more_to_read(call, s, out);
	buf_addc(out, '\n');
}

const struct cmd rows_recv[] = {
	{
		.name = "recv",
		.group = "sockets",
		.on_host = true,
		.usage = "SOCKET [N | exactly N | line | until DELIM | all]",
		.summary = "receive bytes",
		.detail =
			"Without more words: waits for the first byte and gives what is there. N: the same, at\n"
			"most N bytes. exactly N, line (up to and with \\n), until DELIM (with it) and all (up to\n"
			"the end of the stream) wait until they have it whole. The end of the stream is nil in\n"
			"Lua and \"end of stream\" here; a reset is an error (ECONNRESET), a timeout another.\n"
			"A recv that is cancelled or times out has consumed nothing, unless with file or discard:\n"
			"what has come until then is in the file, or gone.\n"
			"Bytes are shown escaped, so that no peer can act on the terminal; raw=yes does not.",
		.example =
			"listen 7788\nconnect 127.0.0.1:7788\naccept\nsend c1 \"hello\\n\"\nrecv s1 line",
		.returns = "string?",
		.arg = { { "socket", ARG_STREAM, ARG_DEFAULTS,
			   .text = "from which connection" },
			 { "what", ARG_WORD_OR_SIZE, ARG_OPTIONAL,
			   "exactly line until all", .standard = "what is there",
			   .text = "how much, see above" },
			 { "how", ARG_DATA, ARG_OPTIONAL,
			   .text = "N for exactly, the delimiter for until" } },
		.option = { { "peek", ARG_BOOL, ARG_OPTIONAL, .standard = "no",
			      .text = "look, and leave the bytes in the queue" },
			    { "raw", ARG_BOOL, ARG_OPTIONAL, .standard = "no",
			      .text = "print the bytes as they are" },
			    { "file", ARG_PATH, ARG_OPTIONAL,
			      .text = "write to a new file, up to the end of "
				      "the stream; gives the count" },
			    { "force", ARG_BOOL, ARG_OPTIONAL, .standard = "no",
			      .text = "replace an existing file" },
			    { "discard", ARG_BOOL, ARG_OPTIONAL, .standard = "no",
			      .text = "throw the bytes away and give their count" },
			    OPTION_TIMEOUT },
		.exec = recv_exec,
		.show = recv_show,
	},
	{ .name = NULL },
};
