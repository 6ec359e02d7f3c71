/* loop.c - the event loop: libev behind the few calls that the program needs. */

/*
 * epoll is the only backend asked for: it takes pipes, sockets, terminals and TUN devices, and
 * libev plays "always ready" for what epoll refuses (plain files, /dev/null), so a script on
 * stdin works from anything.
 *
 * What costs a system call: libev collects changes and hands them to epoll once, when the next
 * turn begins. loop_io_stop is always free. A watcher that runs may be started again or given
 * other events; only a real change of events is told to the kernel. After a stop the number
 * may by then belong to another file (closed and opened again between two turns, as when
 * connect goes on to the next address), so loop_io_start asks epoll; loop_io_again is for
 * callers who know that the descriptor stayed open, and costs nothing within one turn.
 */

#include "sys/loop.h"

#include <assert.h>
#include <stdlib.h>

#include "base/buf.h"

struct loop {
	struct ev_loop *ev;
	ev_async wake;
};

static void io_ready(struct ev_loop *ev, ev_io *watcher, int events)
{
	struct loop_io *io = (struct loop_io *)watcher;

	(void)ev;
	/* A descriptor that was closed under its watcher comes as EV_ERROR with both. */
	io->fn(io->arg, events & (LOOP_READ | LOOP_WRITE));
}

static void timer_fired(struct ev_loop *ev, ev_timer *watcher, int events)
{
	struct loop_timer *timer = (struct loop_timer *)watcher;

	(void)ev;
	(void)events;
	timer->fn(timer->arg);
}

static void woken(struct ev_loop *ev, ev_async *watcher, int events)
{
	(void)ev;
	(void)watcher;
	(void)events;
}

struct loop *loop_new(void)
{
	struct loop *loop;
	struct ev_loop *ev;

	/* No LIBEV_FLAGS from the environment: the backend is ours to choose. */
	ev = ev_loop_new(EVBACKEND_EPOLL | EVFLAG_NOENV | EVFLAG_NOINOTIFY);
	if (ev == NULL)
		return NULL;
	loop = xcalloc(1, sizeof(*loop));
	loop->ev = ev;
	/* It also keeps the loop's count above zero, so that a turn blocks with nothing else. */
	ev_async_init(&loop->wake, woken);
	ev_async_start(ev, &loop->wake);
	return loop;
}

void loop_free(struct loop *loop)
{
	if (loop == NULL)
		return;
	ev_async_stop(loop->ev, &loop->wake);
	ev_loop_destroy(loop->ev);
	free(loop);
}

void loop_io_start(struct loop *loop, struct loop_io *io, int fd, int events,
		   loop_io_fn *fn, void *arg)
{
	assert(fd >= 0 && (events & ~(LOOP_READ | LOOP_WRITE)) == 0);
	io->fn = fn;
	io->arg = arg;
	if (ev_is_active(&io->ev) && io->ev.fd == fd) {
		if (io->ev.events == events)
			return;
		ev_io_stop(loop->ev, &io->ev);
		ev_io_modify(&io->ev, events);
	} else {
		ev_io_stop(loop->ev, &io->ev);
		ev_io_init(&io->ev, io_ready, fd, events);
	}
	ev_io_start(loop->ev, &io->ev);
}

void loop_io_again(struct loop *loop, struct loop_io *io)
{
	assert(io->fn != NULL);
	ev_io_start(loop->ev, &io->ev);
}

void loop_io_stop(struct loop *loop, struct loop_io *io)
{
	ev_io_stop(loop->ev, &io->ev);
}

void loop_timer_start(struct loop *loop, struct loop_timer *timer, double seconds,
		      loop_timer_fn *fn, void *arg)
{
	assert(seconds >= 0);
	timer->fn = fn;
	timer->arg = arg;
	ev_timer_stop(loop->ev, &timer->ev);
	ev_timer_init(&timer->ev, timer_fired, seconds, 0.0);
	/* libev counts from when it last looked, which a long computation leaves behind. */
	ev_now_update(loop->ev);
	ev_timer_start(loop->ev, &timer->ev);
}

void loop_timer_stop(struct loop *loop, struct loop_timer *timer)
{
	ev_timer_stop(loop->ev, &timer->ev);
}

void loop_turn(struct loop *loop, bool block)
{
	ev_run(loop->ev, block ? EVRUN_ONCE : EVRUN_NOWAIT);
}

void loop_wake(struct loop *loop)
{
	ev_async_send(loop->ev, &loop->wake);
}
