/* recv_file.c - recv file=PATH: the bytes of a connection go to a file. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "cmd/app.h"
#include "cmd/recv.h"
#include "sys/outfile.h"

static void file_free(void *state)
{
	outfile_abort(state);
	free(state);
}

/* What has come stays in the file, whatever ended it: bytes once taken cannot be put back. */
static int file_end(struct call *call, struct outfile *f, int rc)
{
	unsigned long long n = f->written;
	struct err err;
	int done = f->fd >= 0 ? outfile_commit(f, &err) : 0;

	if (done < 0) {
		call->err = err;
		return done;
	}
	if (rc < 0) {
		size_t len = strlen(call->err.message);

		snprintf(call->err.message + len, sizeof(call->err.message) - len,
			 "; %llu byte%s in %.200s", n, n == 1 ? " is" : "s are", f->path);
		return rc;
	}
	call->result = value_int((long long)n);
	return 0;
}

static struct outfile *file_begin(struct call *call, const char *path, bool force)
{
	struct outfile *f = xcalloc(1, sizeof(*f));

	f->fd = -1;
	call->state = f;
	call->state_free = file_free;
	if (outfile_open(f, path, force, &call->err) < 0)
		return NULL;
	call->progress.verb = "received";
	return f;
}

static int file_stopped(struct call *call, struct sock *s, struct outfile *f)
{
	char name[SOCK_NAME_MAX], what[40];

	snprintf(what, sizeof(what), "recv %s", sock_name(s, name));
	return file_end(call, f, call_stopped(call, what, ""));
}

/* As recv(2), from what an earlier recv has left and then from the kernel. */
static ssize_t bytes_next(struct sock *s, char *to, size_t most)
{
	struct buf *kept = s->unread;
	ssize_t n;

	if (kept && kept->len > 0) {
		n = (ssize_t)(kept->len < most ? kept->len : most);
		memcpy(to, kept->data, (size_t)n);
		buf_drop(kept, (size_t)n);
		return n;
	}
	do
		n = recv(s->fd, to, most, 0);
	while (n < 0 && errno == EINTR);
	return n;
}

int recv_file(struct call *call, struct sock *s, const char *path, bool force,
	      size_t most)
{
	struct outfile *f = call->state;
	char *to = app_recv_buf(call->app);
	unsigned long long before;
	size_t left;
	ssize_t n;
	int rc;

	if (!f)
		f = file_begin(call, path, force);
	if (!f)
		return -EIO;
	before = f->written;
	while (f->written < most) {
		if (f->written - before >= TURN_BYTES)
			return call->stop == STOP_NO ? call_wait_turn(call, s)
						     : file_stopped(call, s, f);
		left = most - f->written;
		n = bytes_next(s, to, left < RECV_BUF_SIZE ? left : RECV_BUF_SIZE);
		if (n < 0 && errno == EAGAIN)
			return call->stop == STOP_NO ? call_wait_sock(call, s, LOOP_READ)
						     : file_stopped(call, s, f);
		if (n < 0)
			return file_end(call, f, recv_failed(call, s, errno));
		if (n == 0 && s->error)
			return file_end(call, f, recv_failed(call, s, s->error));
		if (n == 0)
			break;
		rc = outfile_write(f, to, (size_t)n, &call->err);
		if (rc < 0)
			return rc;
		call->progress.done = f->written;
	}
	return file_end(call, f, 0);
}
