/* walker.h - random walks over calls, wire actions and forged segments, tracker against kernel. */
#ifndef WALKER_H
#define WALKER_H

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "forge.h"
#include "lab/lab.h"
#include "tcp/notation.h"

/* So many walks share a lab: its trace grows with each. */
#define WALKS_PER_LAB 200

struct walker_side {
	union addr at;
	int listener, conn, child; /* descriptors; -1 */
};

struct walker {
	struct loop *loop;
	struct lab *lab;
	unsigned walks; /* in this lab */
	unsigned differences;
	int port;
	uint64_t random;
	unsigned since; /* the number of its first segment */
	bool forges;	/* segments that nobody has sent are among them */
	struct walker_side side[2];
	unsigned *taken; /* one for each of state_arrows, all labs */
	unsigned seen[STATE_COUNT];
	unsigned off_table;
	unsigned long actions;
	struct buf log;
};

static inline uint32_t walker_below(struct walker *w, uint32_t n)
{
	return dice_below(&w->random, n);
}

__attribute__((format(printf, 3, 4))) static inline void
walker_say(struct walker *w, int side, const char *fmt, ...)
{
	va_list ap;

	if (side >= 0)
		buf_addf(&w->log, "%s ", w->lab->host[side].name);
	va_start(ap, fmt);
	buf_addv(&w->log, fmt, ap);
	va_end(ap);
}

/* --- calls --- */

static inline bool walker_alive(int fd)
{
	struct tcp_info info;
	socklen_t len = sizeof(info);

	return fd >= 0 && getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) == 0 &&
	       info.tcpi_state != STATE_CLOSED;
}

static inline void walker_tell(struct walker *w, int side, enum track_call call)
{
	wire_called(w->lab->wire, side, &w->side[side].at, &w->side[!side].at, call);
}

static inline int walker_socket(struct walker *w, int side)
{
	int fd = host_socket(&w->lab->host[side], AF_INET), on = 1;

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, &w->side[side].at.sa, addr_len(&w->side[side].at)) == 0)
		return fd;
	close(fd);
	return -1;
}

static inline void walker_listen(struct walker *w, int side)
{
	struct walker_side *s = &w->side[side];
	int fd;

	if (s->listener >= 0)
		return;
	walker_say(w, side, "listen");
	fd = walker_socket(w, side);
	if (fd >= 0 && listen(fd, 4) == 0) {
		s->listener = fd;
		wire_called(w->lab->wire, side, &s->at, NULL, TRACK_LISTEN);
	} else if (fd >= 0) {
		close(fd);
	}
}

static inline void walker_connect(struct walker *w, int side)
{
	struct walker_side *s = &w->side[side];
	const union addr *peer = &w->side[!side].at;

	if (walker_alive(s->conn))
		return;
	if (s->conn >= 0)
		close(s->conn);
	walker_say(w, side, "connect");
	s->conn = walker_socket(w, side);
	if (s->conn < 0 || connect(s->conn, &peer->sa, addr_len(peer)) == 0 ||
	    errno == EINPROGRESS)
		return;
	walker_say(w, -1, ": %s", strerror(errno));
	close(s->conn);
	s->conn = -1;
}

static inline void walker_accept(struct walker *w, int side)
{
	struct walker_side *s = &w->side[side];
	int fd;

	if (s->listener < 0 || walker_alive(s->child))
		return;
	walker_say(w, side, "accept");
	fd = accept4(s->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd < 0)
		return;
	if (s->child >= 0)
		close(s->child);
	s->child = fd;
}

static inline void walker_close(struct walker *w, int side, int *fd, enum track_call call)
{
	struct linger now = { .l_onoff = 1, .l_linger = 0 };

	walker_say(w, side, call == TRACK_ABORT ? "abort" : "close");
	if (call == TRACK_ABORT)
		setsockopt(*fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	if (walker_alive(*fd))
		walker_tell(w, side, call);
	close(*fd);
	*fd = -1;
}

static inline void walker_unlisten(struct walker *w, int side, enum track_call call)
{
	struct linger now = { .l_onoff = 1, .l_linger = 0 };
	struct walker_side *s = &w->side[side];

	if (s->listener < 0)
		return;
	walker_say(w, side,
		   call == TRACK_ABORT ? "abort its listener" : "close its listener");
	wire_called(w->lab->wire, side, &s->at, NULL, call);
	if (call == TRACK_ABORT)
		setsockopt(s->listener, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	close(s->listener);
	s->listener = -1;
}

static inline void walker_send(struct walker *w, int side, int fd)
{
	static const char data[5000];
	size_t n = 1 + walker_below(w, walker_below(w, 8) ? 100 : sizeof(data));

	walker_say(w, side, "send %zu", n);
	if (send(fd, data, n, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		walker_say(w, -1, ": %s", strerror(errno));
}

static inline void walker_shutdown(struct walker *w, int side, int fd)
{
	static const char *const names[] = { "recv", "send", "both" };
	/* SHUT_RD, SHUT_WR, SHUT_RDWR are 0, 1, 2. */
	int how = walker_below(w, 4) ? SHUT_WR : (int)walker_below(w, 3);
	bool alive = walker_alive(fd);

	walker_say(w, side, "shutdown %s", names[how]);
	if (alive && how != SHUT_RD)
		walker_tell(w, side, TRACK_SHUTDOWN);
	if (alive && how != SHUT_WR)
		walker_tell(w, side, TRACK_SHUTDOWN_RECV);
	shutdown(fd, how);
}

static inline void walker_call_on(struct walker *w, int side, int *fd)
{
	char data[8192];

	switch (walker_below(w, 10)) {
	case 0:
	case 1:
	case 2:
		walker_send(w, side, *fd);
		return;
	case 3:
	case 4:
		walker_say(w, side, "recv");
		if (recv(*fd, data, sizeof(data), MSG_DONTWAIT) < 0)
			walker_say(w, -1, ": %s", strerror(errno));
		return;
	case 5:
	case 6:
		walker_shutdown(w, side, *fd);
		return;
	case 7:
		walker_close(w, side, fd, TRACK_ABORT);
		return;
	default:
		walker_close(w, side, fd, TRACK_CLOSE);
	}
}

static inline void walker_call(struct walker *w)
{
	int side = (int)walker_below(w, 2);
	struct walker_side *s = &w->side[side];
	int *fd = walker_below(w, 2) ? &s->conn : &s->child;

	if (*fd < 0)
		fd = fd == &s->conn ? &s->child : &s->conn;
	switch (walker_below(w, 12)) {
	case 0:
		walker_listen(w, side);
		return;
	case 1:
		walker_connect(w, side);
		return;
	case 2:
	case 3:
		walker_accept(w, side);
		return;
	case 4:
		if (walker_below(w, 3) == 0)
			walker_unlisten(w, side,
					walker_below(w, 3) ? TRACK_CLOSE : TRACK_ABORT);
		return;
	default:
		if (*fd >= 0)
			walker_call_on(w, side, fd);
	}
}

/* --- the wire --- */

static inline void walker_wire(struct walker *w)
{
	struct wire *wire = w->lab->wire;
	size_t n = wire_held(wire);
	struct err err;
	unsigned number;

	if (n == 0)
		return;
	number = wire_held_at(wire, walker_below(w, (uint32_t)n))->number;
	switch (walker_below(w, 16)) {
	case 0:
		walker_say(w, -1, "drop #%u", number);
		wire_drop(wire, number, NULL, &err);
		return;
	case 1:
		walker_say(w, -1, "dup #%u", number);
		wire_dup(wire, number, &err);
		return;
	case 2:
		walker_say(w, -1, "delay #%u", number);
		wire_delay(wire, number, 1 + walker_below(w, 3), &err);
		return;
	case 3:
	case 4:
		break;
	default:
		number = wire_held_at(wire, 0)->number;
	}
	walker_say(w, -1, "step #%u", number);
	wire_step(wire, number, &err);
}

/* --- a walk --- */

/* Somebody puts a segment of his own onto the wire. Mostly it arrives at once. */
static inline void walker_forge(struct walker *w)
{
	struct buf packet = { 0 };
	int side = (int)walker_below(w, 2);
	unsigned number;
	struct err err;

	forge(w->lab->trace, w->since, &w->random, &w->side[side].at, &w->side[!side].at,
	      &packet);
	number = wire_inject(w->lab->wire, packet.data, packet.len, NULL);
	buf_clear(&packet);
	walker_say(w, side, "forges #%u", number);
	if (walker_below(w, 4) > 0)
		wire_step(w->lab->wire, number, &err);
}

/* The coverage is whole from here on. */
static inline void walker_lab_end(struct walker *w)
{
	const struct track *t;
	size_t i;

	if (!w->lab)
		return;
	t = wire_track(w->lab->wire);
	for (i = 0; i < state_arrow_count; i++)
		w->taken[i] += track_taken(t, i);
	w->off_table += track_off_table(t);
	lab_free(w->lab);
	w->lab = NULL;
}

static inline int walker_lab(struct walker *w, struct err *err)
{
	static const char *const names[] = { "client", "server" };
	struct lab_config config = { .names = names, .n = 2, .slow = true };

	if (w->lab && w->walks < WALKS_PER_LAB)
		return 0;
	walker_lab_end(w);
	w->walks = 0;
	w->differences = 0;
	w->port = 1024;
	w->lab = lab_new(w->loop, &config, err);
	if (!w->lab)
		return -1;
	wire_hold(w->lab->wire);
	return 0;
}

static inline int walker_begin(struct walker *w, struct err *err)
{
	memset(w, 0, sizeof(*w));
	w->taken = xcalloc(state_arrow_count, sizeof(*w->taken));
	w->loop = loop_new();
	return walker_lab(w, err);
}

static inline void walker_end(struct walker *w)
{
	walker_lab_end(w);
	loop_free(w->loop);
	free(w->taken);
	buf_clear(&w->log);
}

/* The states of both ends now, into the log and the coverage. */
static inline bool walker_agrees(struct walker *w)
{
	unsigned before = w->differences;
	int i;

	wire_pump(w->lab->wire);
	w->differences = wire_compare(w->lab->wire, &w->side[0].at, &w->side[1].at);
	if (w->log.len > 0 && w->log.data[w->log.len - 1] == '\n')
		return w->differences == before;
	for (i = 0; i < 2; i++) {
		enum tcp_state is = track_state(wire_track(w->lab->wire), &w->side[i].at,
						&w->side[!i].at);

		w->seen[is]++;
		walker_say(w, -1, "%s%s", i ? ", " : "  -> ", state_name(is));
	}
	walker_say(w, -1, "\n");
	return w->differences == before;
}

static inline void walker_clean(struct walker *w)
{
	struct err err;
	int i;

	for (i = 0; i < 2; i++) {
		struct walker_side *s = &w->side[i];

		if (s->conn >= 0)
			walker_close(w, i, &s->conn, TRACK_ABORT);
		if (s->child >= 0)
			walker_close(w, i, &s->child, TRACK_ABORT);
		walker_unlisten(w, i, TRACK_CLOSE);
	}
	wire_pump(w->lab->wire);
	while (wire_held(w->lab->wire) > 0)
		wire_drop(w->lab->wire, 0, NULL, &err);
}

static inline void walker_open(struct walker *w)
{
	int side = (int)walker_below(w, 2);

	switch (walker_below(w, 8)) {
	case 0:
		return;
	case 1:
	case 2:
		walker_connect(w, 0);
		walker_connect(w, 1);
		return;
	default:
		walker_listen(w, side);
		walker_connect(w, !side);
	}
}

/* What the segments of this walk were, and what the trace noted. */
static inline void walker_story(struct walker *w, size_t event)
{
	const struct trace *t = w->lab->trace;

	for (; event < trace_events(t); event++) {
		const struct trace_event *e = trace_event(t, event);
		const struct trace_segment *s = trace_find(t, e->number);

		if (e->kind == TRACE_NOTE)
			buf_addf(&w->log, "note: %s\n", e->text);
		if (e->kind != TRACE_SENT || !s)
			continue;
		buf_addf(&w->log, "#%u %s%s ", s->number, trace_host(t, s->from),
			 s->copy_of    ? " (copy)"
			 : s->injected ? " (forged)"
				       : "");
		notation_format(&s->segment, s->segment.seq - trace_seq(t, s),
				s->segment.ack - trace_ack(t, s), &w->log);
		buf_adds(&w->log, "\n");
	}
}

/* 0: agreed all along; 1: they differed, the log tells; -1 with err: no lab. */
static inline int walker_walk(struct walker *w, uint64_t seed, struct err *err)
{
	bool good = true;
	size_t first;
	uint32_t n;
	int i;

	if (walker_lab(w, err) < 0)
		return -1;
	w->walks++;
	w->random = seed;
	buf_reset(&w->log);
	first = trace_events(w->lab->trace);
	w->since = (unsigned)trace_segments(w->lab->trace) + 1;
	w->forges = walker_below(w, 4) == 0;
	for (i = 0; i < 2; i++) {
		union addr at = netns_addr(w->lab->netns, i, false);

		addr_set_port(&at, w->port++);
		w->side[i] = (struct walker_side){ at, -1, -1, -1 };
	}
	walker_open(w);
	good = walker_agrees(w);
	for (n = 20 + walker_below(w, 60); n > 0 && good; n--) {
		if (w->forges && walker_below(w, 6) == 0)
			walker_forge(w);
		else if (walker_below(w, 3) > 0)
			walker_wire(w);
		else
			walker_call(w);
		good = walker_agrees(w);
		w->actions++;
	}
	if (!good)
		walker_story(w, first);
	walker_clean(w);
	return !good;
}

#endif
