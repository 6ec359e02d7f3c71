/*
 * run.c - a call under way: waits on the loop, goes on, ends.
 *
 * A call ends in one of three ways: exec says so, it is stopped (time, Ctrl-C, its socket closed),
 * or, when a person typed it, after the states that it set in motion have come to rest. While
 * that lasts the result is ready but not yet shown, so that one line can tell the whole trail.
 */
#include "cmd/run.h"

#include <stddef.h>
#include <string.h>

#include "base/text.h"
#include "cmd/app.h"
#include "cmd/observe.h"

/*
 * A FIN or an ACK within one machine takes up to 40 ms (delayed ACK); a far peer, its round trip.
 * What counts is the time that was asked for between looks: on a busy machine the wire has as
 * many turns as on an idle one.
 */
#define SETTLE_LIMIT   0.25
#define SETTLE_FIRST   0.0005
#define SETTLE_LONGEST 0.016

static void run_ready(void *arg, int events);

static void runs_unlink(struct run *run)
{
	struct run **at;

	if (!run->sock)
		return;
	for (at = &run->sock->runs; *at != run; at = &(*at)->next)
		;
	*at = run->next;
	sock_unref(run->sock);
	run->sock = NULL;
}

static void run_quiet(struct run *run)
{
	struct loop *loop = run->call.app->loop;

	loop_io_stop(loop, &run->io);
	loop_timer_stop(loop, &run->timer);
	runs_unlink(run);
	if (run->call.wait.wake)
		run->call.wait.wake->fn = NULL;
	run->call.wait = (struct wait){ .fd = -1, .seconds = -1 };
}

static void run_finish(struct run *run)
{
	struct call *call = &run->call;

	run->over = true;
	if (run->settle_since > 0)
		call->app->settling--;
	if (call->typed && run->rc == 0 && call->app->door.shown &&
	    call->stop != STOP_ABANDONED)
		call->app->door.shown(call->app, call);
	if (run->done)
		run->done(run);
}

/* From here on the call tells what has happened, and no event does. */
static void settle_begin(struct run *run)
{
	struct call *call = &run->call;

	if (run->settle_since > 0)
		return;
	run->settle_since = time_now();
	run->settle_step = SETTLE_FIRST;
	run->settle_waited = 0;
	call->took = run->settle_since - call->started;
	call->app->settling++;
}

static void run_settle(void *arg)
{
	struct run *run = arg;

	/* In a lab the segments are carried by the loop: it has had no turn yet. */
	bool carried = !run->call.app->lab || run->settle_step > SETTLE_FIRST;
	bool settled = carried && observe_settled(run->call.app);

	if (settled)
		run->call.settled = time_now() - run->call.started;
	if (settled || run->settle_waited > SETTLE_LIMIT) {
		run_finish(run);
		return;
	}
	loop_timer_start(run->call.app->loop, &run->timer, run->settle_step, run_settle,
			 run);
	run->settle_waited += run->settle_step;
	if (run->settle_step < SETTLE_LONGEST)
		run->settle_step *= 2;
}

static void run_timer(void *arg)
{
	struct run *run = arg;

	if (run->deadline > 0 && time_now() >= run->deadline - 1e-6) {
		run_stop(run, STOP_TIMEOUT);
		return;
	}
	run->call.timed_out = true;
	run_ready(run, 0);
}

static void run_woken(void *arg)
{
	run_ready(arg, 0);
}

/* Waiting for the same open socket once more costs no system call. */
static void run_watch(struct run *run)
{
	struct wait *w = &run->call.wait;
	struct loop *loop = run->call.app->loop;
	struct sock *s = w->sock && w->sock->fd == w->fd ? w->sock : NULL;

	if (s && s == run->io_sock && w->events == run->io_events) {
		loop_io_again(loop, &run->io);
		return;
	}
	if (run->io_sock)
		sock_unref(run->io_sock);
	run->io_sock = s ? sock_ref(s) : NULL;
	run->io_events = w->events;
	loop_io_start(loop, &run->io, w->fd, w->events, run_ready, run);
}

static void run_wait(struct run *run)
{
	struct wait *w = &run->call.wait;
	struct loop *loop = run->call.app->loop;
	double seconds = w->seconds;

	run->call.timed_out = false;
	if (run->deadline > 0) {
		double left = run->deadline - time_now();

		if (seconds < 0 || left < seconds)
			seconds = left > 0 ? left : 0;
	}
	if (w->sock) {
		run->sock = sock_ref(w->sock);
		run->next = w->sock->runs;
		w->sock->runs = run;
	}
	if (w->wake) {
		if (w->wake->fired)
			seconds = 0;
		w->wake->fn = run_woken;
		w->wake->arg = run;
	}
	if (w->fd >= 0)
		run_watch(run);
	if (seconds >= 0)
		loop_timer_start(loop, &run->timer, seconds, run_timer, run);
}

/* rc is what exec returned. From the loop only. */
static void run_step(struct run *run, int rc)
{
	if (rc == CALL_WAIT && run->call.stop == STOP_NO) {
		run_wait(run);
		return;
	}
	run->rc = rc == CALL_WAIT ? call_stopped(&run->call, run->call.cmd->name, "")
				  : rc;
	if (run->rc == 0 && run->call.typed && run->call.stop == STOP_NO) {
		settle_begin(run);
		run_settle(run);
		return;
	}
	run_finish(run);
}

static void run_ready(void *arg, int events)
{
	struct run *run = arg;

	(void)events;
	run_quiet(run);
	run_step(run, run->call.cmd->exec(&run->call));
}

/* A call that is over before it waits still ends from the loop, as all others do. */
static void run_ended(void *arg)
{
	struct run *run = arg;

	run_step(run, run->rc);
}

/* Its own; else the session's, but no more than who calls has left. */
static double timeout_of(const struct call *call)
{
	int opt = cmd_option_index(call->cmd, "timeout", 7);
	double usual = call->app->set.timeout, left;

	if (opt < 0)
		return -1;
	if (call->option[opt].kind == VALUE_NUM)
		return call->option[opt].n;
	if (call->deadline <= 0)
		return usual;
	left = call->deadline - time_now();
	left = left > 0 ? left : 0;
	return usual >= 0 && usual < left ? usual : left;
}

void run_start(struct run *run, struct call *call, int rc, void (*done)(struct run *),
	       void *arg)
{
	struct app *app = call->app;

	memcpy(&run->call, call, offsetof(struct call, err));
	if (rc < 0)
		run->call.err = call->err;
	memset(&run->timer, 0, sizeof(*run) - offsetof(struct run, timer));
	run->done = done;
	run->arg = arg;
	if (rc != CALL_WAIT) {
		run->rc = rc;
		if (rc == 0 && call->typed)
			settle_begin(run);
		loop_timer_start(app->loop, &run->timer, 0, run_ended, run);
		return;
	}
	run->call.timeout = timeout_of(call);
	if (run->call.timeout >= 0)
		run->deadline = time_now() + run->call.timeout;
	run_wait(run);
}

void run_stop(struct run *run, enum stop why)
{
	if (run->over)
		return;
	if (run->settle_since > 0) {
		/* The call itself is done: only the telling is cut short. */
		run_quiet(run);
		run_finish(run);
		return;
	}
	run_quiet(run);
	run->call.stop = why;
	run_step(run, run->call.cmd->exec(&run->call));
}

void run_clear(struct run *run)
{
	run->done = NULL;
	if (!run->over)
		run_stop(run, STOP_ABANDONED);
	run_quiet(run);
	call_end(&run->call);
	if (run->io_sock)
		sock_unref(run->io_sock);
	run->io_sock = NULL;
}

void runs_stop_sock(struct sock *s, enum stop why)
{
	sock_ref(s);
	while (s->runs)
		run_stop(s->runs, why);
	sock_unref(s);
}
