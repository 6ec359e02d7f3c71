/*
 * cmd_recv.c - recv: what is there, or exactly so much, a line, up to a mark, all.
 *
 * A recv that is given up has consumed nothing. While what it waits for fits, the bytes
 * therefore stay in the kernel and are only looked at (MSG_PEEK; SO_RCVLOWAT wakes us when
 * there is enough), so that the receive queue, the window, and what a close would do (FIN or
 * RST) stay true. Longer ones must make room: their bytes move to the socket's unread
 * buffer, which every later recv empties first.
 */
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "base/text.h"
#include "cmd/app.h"
#include "cmd/lookup.h"
#include "cmd/observe.h"
#include "cmd/recv.h"
#include "cmd/rows.h"

enum { RECV_SOCK, RECV_WHAT, RECV_HOW };
enum { RECV_PEEK, RECV_RAW, RECV_FILE, RECV_FORCE, RECV_DISCARD, RECV_TIMEOUT };

#define PEEK_MAX (64 * 1024)

enum mode { SOME, EXACTLY, LINE, UNTIL, ALL };

/* What the arguments ask for. */
struct want {
	enum mode mode;
	size_t n; /* SOME: at most; EXACTLY: so many */
	const char *mark;
	size_t mark_len;
};

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

static int want_parse(struct call *call, struct want *w)
{
	static const char *const words[] = { "", "exactly", "line", "until", "all" };
	const struct value *what = &call->arg[RECV_WHAT], *how = &call->arg[RECV_HOW];
	struct arg size = { .name = "exactly", .type = ARG_SIZE };
	struct value n = *how;
	int i, rc;

	*w = (struct want){ .mode = SOME, .n = RECV_BUF_SIZE };
	if (what->kind == VALUE_INT)
		w->n = (size_t)what->i;
	for (i = 1; what->kind == VALUE_STR && i < 5; i++)
		if (strcmp(what->str.data, words[i]) == 0)
			w->mode = (enum mode)i;
	if (how->kind != VALUE_NIL && w->mode != EXACTLY && w->mode != UNTIL)
		return misuse(call, "too many arguments");
	if (w->mode == EXACTLY) {
		if (how->kind == VALUE_NIL)
			return misuse(call, "exactly how many bytes?");
		n.owned = false;
		rc = arg_check(call, &size, &n);
		w->n = rc < 0 ? 0 : (size_t)n.i;
		return rc;
	}
	if (w->mode == UNTIL) {
		if (how->kind != VALUE_STR || how->str.len == 0)
			return misuse(call, "until what? A delimiter is missing");
		w->mark = how->str.data;
		w->mark_len = how->str.len;
	}
	if (w->mode == LINE) {
		w->mark = "\n";
		w->mark_len = 1;
	}
	return 0;
}

static struct buf *unread(struct sock *s)
{
	if (!s->unread)
		s->unread = xcalloc(1, sizeof(*s->unread));
	return s->unread;
}

static void give(struct call *call, const char *data, size_t n, bool lasts)
{
	call->result = value_static("");
	if (call->typed || !lasts) {
		call->result = value_copy(data, n);
	} else {
		call->result.str.data = data;
		call->result.str.len = n;
	}
}

int recv_failed(struct call *call, struct sock *s, int num)
{
	char name[SOCK_NAME_MAX];

	s->error = (uint8_t)num;
	observe_touch(call->app, s);
	return call_errno(call, num, "recv %s", sock_name(s, name));
}

/*
 * End of stream: nil. The kernel tells of a reset once and of an end of stream from then on; here a
 * reset stays a reset, however often one asks.
 */
static int ended(struct call *call, struct sock *s)
{
	if (s->error)
		return recv_failed(call, s, s->error);
	call->result = (struct value){ 0 };
	return 0;
}

static int stopped(struct call *call, struct sock *s, size_t have)
{
	char what[40], tail[80] = "nothing was consumed", name[SOCK_NAME_MAX];

	snprintf(what, sizeof(what), "recv %s", sock_name(s, name));
	if (have > 0)
		snprintf(tail, sizeof(tail), "nothing was consumed, %zu byte%s there",
			 have, have == 1 ? " is" : "s are");
	return call_stopped(call, what, tail);
}

/* recv SOCKET [N]: what is there. The fast way. */
static int recv_some(struct call *call, struct sock *s, size_t most)
{
	bool discard = yes(call, RECV_DISCARD);
	int flags = yes(call, RECV_PEEK) ? MSG_PEEK : 0;
	struct buf *kept = s->unread;
	char *to;
	ssize_t n;

	if (kept && kept->len > 0) {
		n = (ssize_t)(kept->len < most ? kept->len : most);
		if (discard)
			call->result = value_int(n);
		else
			give(call, kept->data, (size_t)n, false);
		if (!flags)
			buf_drop(kept, (size_t)n);
		return 0;
	}
	to = app_recv_buf(call->app);
	if (!discard && most > RECV_BUF_SIZE)
		most = RECV_BUF_SIZE;
	do
		n = recv(s->fd, discard ? NULL : to, most,
			 flags | (discard ? MSG_TRUNC : 0));
	while (n < 0 && errno == EINTR);
	if (n < 0 && errno == EAGAIN)
		return call->stop == STOP_NO ? call_wait_sock(call, s, LOOP_READ)
					     : stopped(call, s, 0);
	if (n < 0)
		return recv_failed(call, s, errno);
	if (n == 0)
		return ended(call, s);
	if (discard)
		call->result = value_int(n);
	else
		give(call, to, (size_t)n, true);
	return 0;
}

/* How long the wanted piece is, when data holds it whole; else 0. searched: so many had no mark. */
static size_t piece(const struct want *w, const char *data, size_t len, size_t searched)
{
	const char *found;

	if (w->mode == EXACTLY)
		return len >= w->n ? w->n : 0;
	if (w->mode == ALL || len == 0)
		return 0;
	searched = searched < len ? searched : len;
	searched = searched < w->mark_len ? 0 : searched - w->mark_len + 1;
	found = memmem(data + searched, len - searched, w->mark, w->mark_len);
	return found ? (size_t)(found - data) + w->mark_len : 0;
}

/* The errno by which the connection ended, 0 when it is whole or ended by FIN. */
static int broken(struct sock *s)
{
	int num = 0;
	socklen_t len = sizeof(num);

	getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &num, &len);
	/* To ask is to clear it. */
	if (num)
		s->error = (uint8_t)num;
	return s->error;
}

/* The stream ended before the piece was whole: it is left where it is. */
static int cut_short(struct call *call, struct sock *s, const struct want *w, size_t have)
{
	static const char *const before[] = { "", "the count was reached",
					      "the end of a line", "the delimiter", "" };
	char name[SOCK_NAME_MAX];
	int num = broken(s);

	if (num)
		return recv_failed(call, s, num);
	if (have == 0)
		return ended(call, s);
	err_set(&call->err, "eof", "recv %s: end of stream before %s (eof)",
		sock_name(s, name), before[w->mode]);
	err_hint(&call->err, "%zu byte%s still there: recv %s", have,
		 have == 1 ? " is" : "s are", name);
	return -ENODATA;
}

/* What a waiting call does; call->at is what it has asked for, or how far it has searched. */
enum { STARTING, PEEKING, DRAINING };

static void set_lowat(struct sock *s, size_t n)
{
	int lowat = (int)n;

	setsockopt(s->fd, SOL_SOCKET, SO_RCVLOWAT, &lowat, sizeof(lowat));
}

static int take(struct call *call, struct sock *s, char *to, size_t len)
{
	if (!yes(call, RECV_PEEK) && recv(s->fd, to, len, 0) != (ssize_t)len)
		return recv_failed(call, s, errno);
	give(call, to, len, true);
	return 0;
}

/*
 * The bytes stay in the kernel until the piece is whole. -EAGAIN: it is too long for that. The
 * kernel says so too: it wakes us before there is enough when its buffer is full (or at an urgent
 * byte, which stops every look at the queue).
 */
static int recv_peeked(struct call *call, struct sock *s, const struct want *w)
{
	struct pollfd p = { .fd = s->fd, .events = POLLRDHUP };
	char *to = app_recv_buf(call->app);
	bool over = false;
	size_t len;
	ssize_t n;

	for (;;) {
		n = recv(s->fd, to, PEEK_MAX, MSG_PEEK);
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return recv_failed(call, s, errno);
		n = n > 0 ? n : 0;
		len = piece(w, to, (size_t)n, 0);
		if (len > 0)
			return take(call, s, to, len);
		if (n == PEEK_MAX)
			return -EAGAIN;
		if (over && w->mode == ALL && n > 0 && !broken(s))
			return take(call, s, to, (size_t)n);
		if (over)
			return cut_short(call, s, w, (size_t)n);
		over = poll(&p, 1, 0) > 0;
		if (!over)
			break;
		/* Once more: bytes may have come between the look and the question. */
	}
	if (call->stop != STOP_NO)
		return stopped(call, s, (size_t)n);
	if (call->step == PEEKING && (size_t)n < call->at)
		return -EAGAIN;
	call->step = PEEKING;
	call->at = w->mode == EXACTLY ? w->n : w->mode == ALL ? PEEK_MAX : (size_t)n + 1;
	set_lowat(s, call->at);
	return call_wait_sock(call, s, LOOP_READ);
}

/* The bytes move to the unread buffer as they come. */
static int recv_drained(struct call *call, struct sock *s, const struct want *w)
{
	struct buf *kept = unread(s);
	size_t len, before = kept->len;
	ssize_t n;

	for (;;) {
		len = piece(w, kept->data, kept->len, call->at);
		if (len > 0)
			break;
		call->at = kept->len;
		if (kept->len - before >= TURN_BYTES)
			return call->stop == STOP_NO ? call_wait_turn(call, s)
						     : stopped(call, s, kept->len);
		n = recv(s->fd, buf_reserve(kept, 512 * 1024), 512 * 1024, 0);
		if (n > 0) {
			kept->len += (size_t)n;
			continue;
		}
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN && call->stop == STOP_NO)
			return call_wait_sock(call, s, LOOP_READ);
		if (n < 0 && errno == EAGAIN)
			return stopped(call, s, kept->len);
		if (n < 0)
			return recv_failed(call, s, errno);
		if (w->mode != ALL || kept->len == 0 || broken(s))
			return cut_short(call, s, w, kept->len);
		len = kept->len;
		break;
	}
	give(call, kept->data, len, false);
	if (!yes(call, RECV_PEEK))
		buf_drop(kept, len);
	return 0;
}

static int recv_piece(struct call *call, struct sock *s, const struct want *w)
{
	bool kept = s->unread && s->unread->len > 0;
	int rc = -EAGAIN;

	if (call->step == PEEKING)
		set_lowat(s, 1);
	if (call->step != DRAINING && !kept && (w->mode != EXACTLY || w->n <= PEEK_MAX))
		rc = recv_peeked(call, s, w);
	if (rc != -EAGAIN)
		return rc;
	if (call->step != DRAINING)
		call->at = 0;
	call->step = DRAINING;
	return recv_drained(call, s, w);
}

/* Cancelled: one more try might take bytes that nobody would get. */
static int given_up(struct call *call, struct sock *s)
{
	size_t have = s->unread ? s->unread->len : 0;
	int n = 0;

	if (call->step == PEEKING)
		set_lowat(s, 1);
	if (ioctl(s->fd, FIONREAD, &n) == 0 && n > 0)
		have += (size_t)n;
	return stopped(call, s, have);
}

static int recv_exec(struct call *call)
{
	struct sock *s = call->arg[RECV_SOCK].sock;
	struct want w;
	bool whole;
	int rc;

	if (call->stop > STOP_TIMEOUT && call->option[RECV_FILE].kind == VALUE_NIL)
		return given_up(call, s);
	if (call->arg[RECV_WHAT].kind == VALUE_NIL &&
	    call->option[RECV_FILE].kind == VALUE_NIL)
		return recv_some(call, s, RECV_BUF_SIZE);
	rc = want_parse(call, &w);
	if (rc < 0)
		return rc;
	if (call->option[RECV_FILE].kind == VALUE_STR) {
		if (w.mode == LINE || w.mode == UNTIL)
			return misuse(call, "file= takes a count or the whole stream");
		whole = call->arg[RECV_WHAT].kind != VALUE_INT && w.mode != EXACTLY;
		return recv_file(call, s, call->option[RECV_FILE].str.data,
				 yes(call, RECV_FORCE), whole ? SIZE_MAX : w.n);
	}
	if (yes(call, RECV_DISCARD) && w.mode != SOME)
		return misuse(call, "discard=yes goes with a count or nothing");
	if (w.mode == SOME)
		return recv_some(call, s, w.n);
	return recv_piece(call, s, &w);
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
		buf_addf(out, "%s bytes %s%s\n",
			 text_count((unsigned long long)v->i, count),
			 yes(call, RECV_DISCARD) ? "discarded" : "written to ",
			 yes(call, RECV_DISCARD) ? "" : call->option[RECV_FILE].str.data);
		return;
	}
	buf_addf(out, "%s byte%s  ", text_count(v->str.len, count),
		 v->str.len == 1 ? "" : "s");
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
