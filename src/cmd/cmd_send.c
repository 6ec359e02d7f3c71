/* cmd_send.c - send: words, bytes in hexadecimal, or a file. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "cmd/app.h"
#include "cmd/call_errno.h"
#include "cmd/observe.h"
#include "cmd/rows.h"
#include "lab/lab.h"
#include "sys/sandbox.h"

enum { SEND_SOCK, SEND_DATA };
enum { SEND_FILE, SEND_HEX, SEND_TIMEOUT };

/* Where the bytes come from when they are not simply the one word. */
struct source {
	int fd;	     /* of the file, or -1 */
	bool copies; /* sendfile cannot take it: a pipe or a terminal */
	bool waits;  /* a FIFO reads as ended until its writer has come */
	bool ended;
	struct buf data; /* words joined, hex decoded, or a piece of the file */
	size_t at;
};

static void source_free(void *state)
{
	struct source *src = state;

	if (src->fd >= 0)
		close(src->fd);
	buf_clear(&src->data);
	free(src);
}

static int stopped(struct call *call, const char *name)
{
	char what[40], tail[80];
	struct progress *p = &call->progress;

	snprintf(what, sizeof(what), "send %s", name);
	if (p->total > 0)
		snprintf(tail, sizeof(tail), "the kernel has taken %llu of %llu byte%s",
			 p->done, p->total, text_plural(p->total));
	else
		snprintf(tail, sizeof(tail), "the kernel has taken %llu byte%s", p->done,
			 text_plural(p->done));
	return call_stopped(call, what, tail);
}

static int failed(struct call *call, struct sock *s, int num)
{
	char name[SOCK_NAME_MAX];

	/* EPIPE is also what a shutdown at this end gives. */
	if (num != EPIPE)
		s->error = (uint8_t)num;
	observe_touch(call->app, s);
	return call_errno(call, num, "send %s, after %llu byte%s", sock_name(s, name),
			  call->progress.done, text_plural(call->progress.done));
}

/* The kernel takes no more for now, or the loop is to have its turn. */
static int go_on_later(struct call *call, struct sock *s, bool full)
{
	char name[SOCK_NAME_MAX];

	if (call->stop != STOP_NO)
		return stopped(call, sock_name(s, name));
	call->at = (size_t)call->progress.done + TURN_BYTES;
	return full ? call_wait_sock(call, s, LOOP_WRITE) : call_wait_turn(call, s);
}

static int send_bytes(struct call *call, struct sock *s, const char *data, size_t len,
		      size_t *at)
{
	ssize_t n;

	while (*at < len) {
		n = send(s->fd, data + *at,
			 len - *at < TURN_BYTES ? len - *at : TURN_BYTES, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return go_on_later(call, s, true);
		if (n < 0)
			return failed(call, s, errno);
		*at += (size_t)n;
		call->progress.done += (unsigned long long)n;
		if (*at < len && call->progress.done >= call->at)
			return go_on_later(call, s, false);
	}
	return 0;
}

static int wait_file(struct call *call, struct sock *s, struct source *src)
{
	if (call->stop != STOP_NO)
		return stopped(call, "the file");
	call->wait = (struct wait){
		.fd = src->fd, .events = LOOP_READ, .seconds = -1, .sock = s
	};
	return CALL_WAIT;
}

/* A file whose bytes the kernel cannot hand over itself: read a piece, send it. */
static int send_copied(struct call *call, struct sock *s, struct source *src)
{
	ssize_t n;
	int rc;

	if (src->waits) {
		src->waits = false;
		return wait_file(call, s, src);
	}
	for (;;) {
		rc = send_bytes(call, s, buf_str(&src->data), src->data.len, &src->at);
		if (rc != 0)
			return rc;
		buf_reset(&src->data);
		src->at = 0;
		if (call->progress.done >= call->at)
			return go_on_later(call, s, false);
		n = read(src->fd, buf_reserve(&src->data, 65536), 65536);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return wait_file(call, s, src);
		if (n < 0)
			return call_file_errno(call, errno, "send: read",
					       call->option[SEND_FILE].str.data);
		if (n == 0)
			return 0;
		src->data.len = (size_t)n;
	}
}

/* An error in the middle of a slice is lost: sendfile gives the count, and next time EPIPE. */
static int sendfile_error(struct call *call, struct sock *s, int num)
{
	if (num == EPIPE && !s->error && call->progress.done > 0 &&
	    sock_state(s, NULL) == STATE_CLOSED)
		return ECONNRESET;
	return num;
}

static int send_file(struct call *call, struct sock *s, struct source *src)
{
	ssize_t n;

	while (!src->copies) {
		n = sendfile(s->fd, src->fd, NULL, TURN_BYTES);
		if (n == 0)
			return 0;
		if (n > 0) {
			call->progress.done += (unsigned long long)n;
			if (call->progress.done >= call->at)
				return go_on_later(call, s, false);
		} else if (errno == EAGAIN) {
			return go_on_later(call, s, true);
		} else if ((errno == EINVAL || errno == ENOSYS || errno == ESPIPE) &&
			   call->progress.done == 0) {
			src->copies = true;
		} else if (errno != EINTR) {
			return failed(call, s, sendfile_error(call, s, errno));
		}
	}
	return send_copied(call, s, src);
}

static int source_open(struct call *call, struct source *src)
{
	const char *path = call->option[SEND_FILE].str.data;
	struct stat st;
	int rc = sandbox_read("send: open", path, &call->err);

	if (rc < 0)
		return rc;
	src->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (src->fd < 0 || fstat(src->fd, &st) < 0)
		return call_file_errno(call, errno, "send: open", path);
	if (S_ISDIR(st.st_mode))
		return call_file_errno(call, EISDIR, "send: open", path);
	if (S_ISREG(st.st_mode))
		call->progress.total = (unsigned long long)st.st_size;
	src->copies = !S_ISREG(st.st_mode);
	src->waits = S_ISFIFO(st.st_mode);
	return 0;
}

static int hex_decode(struct call *call, struct source *src)
{
	const struct value *hex = &call->option[SEND_HEX];
	const char *p = hex->str.data;
	int digits = 0, byte = 0;

	for (; *p; p++) {
		if (isxdigit((unsigned char)*p)) {
			byte = byte * 16 + (isdigit((unsigned char)*p)
						    ? *p - '0'
						    : (*p | 32) - 'a' + 10);
			if (++digits == 2) {
				buf_addc(&src->data, (char)byte);
				digits = byte = 0;
			}
		} else if (!strchr(" \t\n:,-", *p) || digits == 1) {
			break;
		}
	}
	if (*p == '\0' && digits == 0)
		return 0;
	err_set(&call->err, "usage",
		"send: hex=%.60s: each byte is two hexadecimal digits; \"%.8s\" is not",
		hex->str.data, digits == 1 && *p == '\0' ? p - 1 : p);
	err_hint(&call->err, "As in: send c1 hex=\"de ad be ef\"");
	return -EINVAL;
}

static void words_join(struct call *call, struct source *src)
{
	size_t i;

	buf_add(&src->data, call->arg[SEND_DATA].str.data, call->arg[SEND_DATA].str.len);
	for (i = 0; i < call->n_rest; i++) {
		buf_addc(&src->data, ' ');
		buf_add(&src->data, call->rest[i].str.data, call->rest[i].str.len);
	}
}

/* Which of the ways to say what to send was taken: exactly one. */
static int send_begin(struct call *call)
{
	bool words = call->arg[SEND_DATA].kind == VALUE_STR;
	bool file = call->option[SEND_FILE].kind == VALUE_STR;
	bool hex = call->option[SEND_HEX].kind == VALUE_STR;
	struct source *src;
	int rc = 0;

	if (words + file + hex != 1) {
		err_set(&call->err, "usage", "send: %s",
			words + file + hex == 0
				? "nothing to send"
				: "words, file= or hex=, only one of them");
		err_hint(&call->err, "usage: send %s", call->cmd->usage);
		return -EINVAL;
	}
	call->step = 1;
	call->at = TURN_BYTES;
	call->progress.verb = "sent";
	if (words && call->n_rest == 0) {
		call->progress.total = call->arg[SEND_DATA].str.len;
		return 0;
	}
	src = xcalloc(1, sizeof(*src));
	src->fd = -1;
	call->state = src;
	call->state_free = source_free;
	if (file)
		return source_open(call, src);
	if (hex)
		rc = hex_decode(call, src);
	else
		words_join(call, src);
	call->progress.total = src->data.len;
	return rc;
}

/* In a script the other end mostly asks for it next, and finds it there. */
static void push_onto_wire(struct call *call, const struct sock *s)
{
	struct lab *lab = call->app->lab;

	if (s->host->index >= 0 && !call->app->session && wire_is_plain(lab->wire))
		wire_nudge(lab->wire, s->host->index);
}

static int send_exec(struct call *call)
{
	struct sock *s = call->arg[SEND_SOCK].sock;
	struct source *src;
	char name[SOCK_NAME_MAX];
	size_t at = (size_t)call->progress.done;
	int rc = 0;

	if (call->stop == STOP_CLOSED)
		return stopped(call, sock_name(s, name));
	if (call->step == 0)
		rc = send_begin(call);
	if (rc < 0)
		return rc;
	src = call->state;
	if (!src)
		rc = send_bytes(call, s, call->arg[SEND_DATA].str.data,
				call->arg[SEND_DATA].str.len, &at);
	else if (src->fd >= 0)
		rc = send_file(call, s, src);
	else
		rc = send_bytes(call, s, buf_str(&src->data), src->data.len, &src->at);
	if (rc != 0)
		return rc;
	push_onto_wire(call, s);
	call->result = value_int((long long)call->progress.done);
	return 0;
}

static void send_show(struct call *call, struct buf *out)
{
	char name[SOCK_NAME_MAX], count[32], rate[32];
	double done = (double)call->progress.done;

	buf_addf(out, "%s  sent %s byte%s", sock_name(call->arg[SEND_SOCK].sock, name),
		 text_count(call->progress.done, count),
		 text_plural(call->progress.done));
	if (call->took >= 1) {
		buf_addf(out, "  %s", duration_format(call->took, rate));
		buf_addf(out, "  %.1f MB/s", done / call->took / 1e6);
	}
	buf_addc(out, '\n');
}

const struct cmd rows_send[] = {
	{
		.name = "send",
		.group = "sockets",
		.on_host = true,
		.usage = "SOCKET DATA...",
		.summary = "send bytes",
		.detail =
			"Several words are joined by single blanks. \"...\" knows Lua's escapes (\\r\\n, \\x00,\n"
			"\\u{4f60}), '...' none. Goes on until the kernel has taken all of it, and says how much it\n"
			"took when it is stopped earlier. Taken by the kernel does not mean received by the peer.",
		.example =
			"listen 7788\nconnect 127.0.0.1:7788\naccept\nsend c1 \"hello\\n\"\n"
			"send s1 hex=\"de ad be ef\"",
		.returns = "integer",
		.arg = { { "socket", ARG_STREAM, ARG_DEFAULTS,
			   .text = "to which connection" },
			 { "data", ARG_DATA, ARG_OPTIONAL | ARG_MANY,
			   .text = "what to send" } },
		.option = { { "file", ARG_PATH, ARG_OPTIONAL,
			      .text = "send a file's bytes; the kernel copies" },
			    { "hex", ARG_TEXT, ARG_OPTIONAL,
			      .text = "bytes in hexadecimal, blanks allowed" },
			    OPTION_TIMEOUT },
		.exec = send_exec,
		.show = send_show,
	},
	{ .name = NULL },
};
