/* loop.h - the event loop: descriptors, timers, and a wake-up that a signal handler may send. */
#ifndef SYS_LOOP_H
#define SYS_LOOP_H

#include <ev.h>
#include <stdbool.h>

/*
 * libev (ev.h is known here and in loop.c only). Watchers are embedded in the structs that
 * own them; starting one that runs restarts it, stopping one that does not run is allowed.
 */
struct loop;

#define LOOP_READ  EV_READ
#define LOOP_WRITE EV_WRITE

typedef void loop_io_fn(void *arg, int events);
typedef void loop_timer_fn(void *arg);

struct loop_io {
	ev_io ev; /* first */
	loop_io_fn *fn;
	void *arg;
};

struct loop_timer {
	ev_timer ev; /* first */
	loop_timer_fn *fn;
	void *arg;
};

/* Returns new; NULL when the kernel gives no epoll descriptor. */
struct loop *loop_new(void);
void loop_free(struct loop *loop);

/*
 * Calls fn(arg, events) whenever fd is ready, until stopped. events: LOOP_READ | LOOP_WRITE. The
 * watcher is stopped before its fd is closed. An all-zero watcher is one that does not run.
 */
void loop_io_start(struct loop *loop, struct loop_io *io, int fd, int events,
		   loop_io_fn *fn, void *arg);
void loop_io_stop(struct loop *loop, struct loop_io *io);

/*
 * Starts a stopped watcher again as it was. The caller knows that its fd has been open all the
 * while: a stop and this within one turn cost no system call, where loop_io_start makes one.
 */
void loop_io_again(struct loop *loop, struct loop_io *io);

/* Calls fn(arg) once, after seconds (0 or more). */
void loop_timer_start(struct loop *loop, struct loop_timer *timer, double seconds,
		      loop_timer_fn *fn, void *arg);
void loop_timer_stop(struct loop *loop, struct loop_timer *timer);

/* Runs what is ready; block: waits for something first. It may return with nothing done. */
void loop_turn(struct loop *loop, bool block);

/* Makes a blocked loop_turn return. May be called from a signal handler. */
void loop_wake(struct loop *loop);

#endif
