/*
 * recv_bytes.c - how bytes are taken: what is there, or a piece that must be whole.
 *
 * A recv that is given up has consumed nothing. While what it waits for fits, the bytes
 * therefore stay in the kernel and are only looked at (MSG_PEEK; SO_RCVLOWAT wakes us when
 * there is enough), so that the receive queue, the window, and what a close would do (FIN or
 * RST) stay true. Longer ones must make room: their bytes move to the socket's unread
 * buffer, which every later recv empties first.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "cmd/app.h"
#include "cmd/call_errno.h"
#include "cmd/observe.h"
#include "cmd/recv.h"

#define PEEK_MAX (64 * 1024)

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
static int recv_some(struct call *call, struct sock *s, const struct recv_want *w)
{
	int flags = w->peek ? MSG_PEEK : 0;
	size_t most = w->n;
	struct buf *kept = s->unread;
	char *to;
	ssize_t n;

	if (kept && kept->len > 0) {
		n = (ssize_t)(kept->len < most ? kept->len : most);
		if (w->discard)
			call->result = value_int(n);
		else
			give(call, kept->data, (size_t)n, false);
		if (!flags)
			buf_drop(kept, (size_t)n);
		return 0;
	}
	to = app_recv_buf(call->app);
	if (!w->discard && most > RECV_BUF_SIZE)
		most = RECV_BUF_SIZE;
	do
		n = recv(s->fd, w->discard ? NULL : to, most,
			 flags | (w->discard ? MSG_TRUNC : 0));
	while (n < 0 && errno == EINTR);
	if (n < 0 && errno == EAGAIN)
		return call->stop == STOP_NO ? call_wait_sock(call, s, LOOP_READ)
					     : stopped(call, s, 0);
	if (n < 0)
		return recv_failed(call, s, errno);
	if (n == 0)
		return ended(call, s);
	if (w->discard)
		call->result = value_int(n);
	else
		give(call, to, (size_t)n, true);
	return 0;
}

/* How long the wanted piece is, when data holds it whole; else 0. searched: so many had no mark. */
static size_t piece(const struct recv_want *w, const char *data, size_t len,
		    size_t searched)
{
	const char *found;

	if (w->mode == RECV_EXACTLY)
		return len >= w->n ? w->n : 0;
	if (w->mode == RECV_ALL || len == 0)
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
static int cut_short(struct call *call, struct sock *s, const struct recv_want *w,
		     size_t have)
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

static int take(struct call *call, struct sock *s, const struct recv_want *w, char *to,
		size_t len)
{
	if (!w->peek && recv(s->fd, to, len, 0) != (ssize_t)len)
		return recv_failed(call, s, errno);
	give(call, to, len, true);
	return 0;
}

/*
 * The bytes stay in the kernel until the piece is whole. -EAGAIN: it is too long for that. The
 * kernel says so too: it wakes us before there is enough when its buffer is full (or at an urgent
 * byte, which stops every look at the queue).
 */
static int recv_peeked(struct call *call, struct sock *s, const struct recv_want *w)
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
			return take(call, s, w, to, len);
		if (n == PEEK_MAX)
			return -EAGAIN;
		if (over && w->mode == RECV_ALL && n > 0 && !broken(s))
			return take(call, s, w, to, (size_t)n);
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
	call->at = w->mode == RECV_EXACTLY ? w->n
		   : w->mode == RECV_ALL   ? PEEK_MAX
					   : (size_t)n + 1;
	set_lowat(s, call->at);
	return call_wait_sock(call, s, LOOP_READ);
}

/* The bytes move to the unread buffer as they come. */
static int recv_drained(struct call *call, struct sock *s, const struct recv_want *w)
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
		if (w->mode != RECV_ALL || kept->len == 0 || broken(s))
			return cut_short(call, s, w, kept->len);
		len = kept->len;
		break;
	}
	give(call, kept->data, len, false);
	if (!w->peek)
		buf_drop(kept, len);
	return 0;
}

static int recv_piece(struct call *call, struct sock *s, const struct recv_want *w)
{
	bool kept = s->unread && s->unread->len > 0;
	int rc = -EAGAIN;

	if (call->step == PEEKING)
		set_lowat(s, 1);
	if (call->step != DRAINING && !kept &&
	    (w->mode != RECV_EXACTLY || w->n <= PEEK_MAX))
		rc = recv_peeked(call, s, w);
	if (rc != -EAGAIN)
		return rc;
	if (call->step != DRAINING)
		call->at = 0;
	call->step = DRAINING;
	return recv_drained(call, s, w);
}

int recv_given_up(struct call *call, struct sock *s)
{
	size_t have = s->unread ? s->unread->len : 0;
	int n = 0;

	if (call->step == PEEKING)
		set_lowat(s, 1);
	if (ioctl(s->fd, FIONREAD, &n) == 0 && n > 0)
		have += (size_t)n;
	return stopped(call, s, have);
}

int recv_bytes(struct call *call, struct sock *s, const struct recv_want *w)
{
	return w->mode == RECV_SOME ? recv_some(call, s, w) : recv_piece(call, s, w);
}
