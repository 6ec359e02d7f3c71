/*
 * cmd_load.c - load: a capture, ours or another's, as the trace.
 *
 * A loaded trace stands where a lab's would: ladder, explain, show and save work on it, until the
 * next load or a lab.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "cmd/app.h"
#include "cmd/call_errno.h"
#include "cmd/rows.h"
#include "sys/sandbox.h"
#include "trace/capture.h"

/* A capture is read whole, and its trace takes a few times its size. */
#define CAPTURE_MAX (1ll << 30)

static int open_file(struct call *call, const char *path, size_t *size)
{
	struct stat st;
	int fd, rc = sandbox_read("load: open", path, &call->err);

	if (rc < 0)
		return rc;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return call_file_errno(call, errno, "load: open", path);
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size <= CAPTURE_MAX) {
		*size = (size_t)st.st_size;
		return fd;
	}
	close(fd);
	if (S_ISDIR(st.st_mode))
		return call_file_errno(call, EISDIR, "load: open", path);
	if (S_ISREG(st.st_mode))
		return err_set(&call->err, "EFBIG",
			       "load: %s: more than 1 GiB cannot be loaded", path);
	return err_set(&call->err, "usage", "load: %s is no regular file", path);
}

static int read_file(struct call *call, const char *path, struct buf *data)
{
	size_t size = 0;
	int fd = open_file(call, path, &size), rc = 0;
	ssize_t n = 1;

	if (fd < 0)
		return fd;
	while (rc == 0 && n != 0 && data->len < size) {
		n = read(fd, buf_reserve(data, size - data->len), size - data->len);
		if (n > 0)
			data->len += (size_t)n;
		else if (n < 0 && errno != EINTR)
			rc = call_file_errno(call, errno, "load: read", path);
	}
	close(fd);
	return rc;
}

/* "flight.pcap  12 segments of 2 connections; 3 packets are no TCP segment", and what is damaged. */
static void summary(const char *path, const struct trace *t, const struct capture *c,
		    struct buf *out)
{
	size_t n = trace_segments(t), conns = trace_conns(t), i;

	buf_addf(out, "%s  %zu segment%s of %zu connection%s", path, n, text_plural(n),
		 conns, text_plural(conns));
	if (c->skipped > 0)
		buf_addf(out, "; %zu packet%s no TCP segment", c->skipped,
			 c->skipped == 1 ? " is" : "s are");
	if (c->twice > 0)
		buf_addf(out, "; %zu packet%s captured on two interfaces and taken once",
			 c->twice, c->twice == 1 ? " was" : "s were");
	if (c->cut > 0)
		buf_addf(out, "; %zu segment%s captured in part", c->cut,
			 c->cut == 1 ? " was" : "s were");
	buf_addc(out, '\n');
	for (i = 0; i < CAPTURE_REASONS && c->reasons[i].packets > 0; i++)
		buf_addf(out, "%s%s (%zu)",
			 i ? "; " : "    left out: ", c->reasons[i].why,
			 c->reasons[i].packets);
	if (i > 0)
		buf_addc(out, '\n');
	if (*c->warning)
		buf_addf(out, "    note: %s\n", c->warning);
}

static int load_exec(struct call *call)
{
	const char *path = call->arg[0].str.data;
	struct app *app = call->app;
	struct buf data = BUF_EMPTY, said = BUF_EMPTY;
	struct capture capture;
	struct trace *t = NULL;

	if (app->lab) {
		err_set(&call->err, "usage",
			"load: there is a lab, and the trace is that of its wire");
		err_hint(&call->err, "save keeps it; lab off ends it.");
		return -EINVAL;
	}
	if (read_file(call, path, &data) == 0)
		t = capture_read(path, buf_str(&data), data.len, &app->interrupt,
				 &capture, &call->err);
	buf_clear(&data);
	if (!t)
		return -EINVAL;
	app_load(app, t, capture.start);
	call->result = value_int((long long)trace_segments(t));
	summary(path, t, &capture, &said);
	call->state = xstrdup(buf_str(&said));
	call->state_free = free;
	buf_clear(&said);
	return 0;
}

static void load_show(struct call *call, struct buf *out)
{
	buf_adds(out, call->state);
}

const struct cmd rows_load[] = {
	{
		.name = "load",
		.group = "trace",
		.on_host = true,
		.lua = "here:load",
		.summary = "read a capture: ladder, explain and show then work on it",
		.detail =
			"Reads pcap and pcapng, of tcpdump, Wireshark and others; what save has written comes back\n"
			"with its numbers, names and states. A packet that two interfaces have shown within 0.1 s, to\n"
			"the last bit the same, is taken once. What is no TCP segment is counted with the reason.\n"
			"Comments of others on a packet stand in show. Only while there is no lab. In Lua, whose own\n"
			"load is another thing, it is here:load(FILE).",
		.example =
			"lab\nserver listen 80\nclient connect server:80\nsave handshake.pcapng force=yes\nlab off\n"
			"load handshake.pcapng\nladder",
		.returns = "integer",
		.looks = true,
		.arg = { { "file", ARG_PATH, ARG_NEEDED,
			   .text = "a .pcap or .pcapng file" } },
		.exec = load_exec,
		.show = load_show,
	},
	{ .name = NULL },
};
