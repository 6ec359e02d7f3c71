/* sys_loop.c - readiness, timers, and waking up. */
#include "net.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/time.h>

#include "base/text.h"
#include "sys/loop.h"

struct count {
	int n, events;
};

static void count_io(void *arg, int events)
{
	struct count *c = arg;

	c->n++;
	c->events = events;
}

static void count_timer(void *arg)
{
	count_io(arg, 0);
}

static void pipe_open(int fds[2])
{
	assert_int_equal(pipe2(fds, O_CLOEXEC | O_NONBLOCK), 0);
}

static void pipe_close(int fds[2])
{
	close(fds[0]);
	close(fds[1]);
}

static void a_ready_descriptor_calls_until_it_is_stopped(void **state)
{
	struct loop *loop = loop_new();
	struct loop_io io = { 0 };
	struct count c = { 0 };
	int fds[2];

	(void)state;
	pipe_open(fds);
	loop_io_start(loop, &io, fds[0], LOOP_READ, count_io, &c);
	loop_turn(loop, false);
	assert_int_equal(c.n, 0);
	assert_int_equal(write(fds[1], "x", 1), 1);
	loop_turn(loop, true);
	loop_turn(loop, true);
	assert_int_equal(c.n, 2);
	assert_int_equal(c.events, LOOP_READ);
	loop_io_stop(loop, &io);
	loop_io_stop(loop, &io);
	loop_turn(loop, false);
	assert_int_equal(c.n, 2);
	pipe_close(fds);
	loop_free(loop);
}

static void a_running_watcher_may_be_given_other_events(void **state)
{
	struct loop *loop = loop_new();
	struct loop_io io = { 0 };
	struct count c = { 0 };
	int fds[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
				    0, fds),
			 0);
	loop_io_start(loop, &io, fds[0], LOOP_READ, count_io, &c);
	loop_turn(loop, false);
	loop_io_start(loop, &io, fds[0], LOOP_WRITE, count_io, &c);
	loop_turn(loop, true);
	assert_int_equal(c.events, LOOP_WRITE);
	loop_io_start(loop, &io, fds[0], LOOP_READ, count_io, &c);
	loop_turn(loop, false);
	assert_int_equal(c.n, 1);
	loop_io_stop(loop, &io);
	pipe_close(fds);
	loop_free(loop);
}

/* As connect does it when the first address of a name refuses. */
static void a_number_that_came_back_as_another_file_is_watched(void **state)
{
	struct loop *loop = loop_new();
	struct loop_io io = { 0 };
	struct count c = { 0 };
	int fds[2], number;

	(void)state;
	pipe_open(fds);
	number = fds[0];
	loop_io_start(loop, &io, number, LOOP_READ, count_io, &c);
	loop_turn(loop, false);
	loop_io_stop(loop, &io);
	pipe_close(fds);
	pipe_open(fds);
	assert_int_equal(fds[0], number);
	loop_io_start(loop, &io, number, LOOP_READ, count_io, &c);
	assert_int_equal(write(fds[1], "x", 1), 1);
	loop_turn(loop, true);
	assert_int_equal(c.n, 1);
	loop_io_stop(loop, &io);
	pipe_close(fds);
	loop_free(loop);
}

static void stop_and_again_is_as_if_it_had_run_on(void **state)
{
	struct loop *loop = loop_new();
	struct loop_io io = { 0 };
	struct count c = { 0 };
	int fds[2];

	(void)state;
	pipe_open(fds);
	assert_int_equal(write(fds[1], "x", 1), 1);
	loop_io_start(loop, &io, fds[0], LOOP_READ, count_io, &c);
	loop_turn(loop, true);
	loop_io_stop(loop, &io);
	loop_io_again(loop, &io);
	loop_turn(loop, true);
	assert_int_equal(c.n, 2);
	loop_io_stop(loop, &io);
	loop_turn(loop, false);
	loop_io_again(loop, &io);
	loop_turn(loop, true);
	assert_int_equal(c.n, 3);
	loop_io_stop(loop, &io);
	pipe_close(fds);
	loop_free(loop);
}

static void a_plain_file_is_always_ready(void **state)
{
	struct loop *loop = loop_new();
	struct loop_io io = { 0 };
	struct count c = { 0 };
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

	(void)state;
	loop_io_start(loop, &io, fd, LOOP_READ, count_io, &c);
	loop_turn(loop, true);
	loop_turn(loop, true);
	assert_int_equal(c.n, 2);
	loop_io_stop(loop, &io);
	close(fd);
	loop_free(loop);
}

static void a_timer_fires_once_and_not_early(void **state)
{
	struct loop *loop = loop_new();
	struct loop_timer timer = { 0 };
	struct count c = { 0 };
	double begin = time_now();

	(void)state;
	loop_timer_start(loop, &timer, 0.02, count_timer, &c);
	while (c.n == 0)
		loop_turn(loop, true);
	assert_true(time_now() - begin >= 0.02);
	loop_turn(loop, false);
	assert_int_equal(c.n, 1);
	loop_timer_start(loop, &timer, 0, count_timer, &c);
	assert_int_equal(c.n, 1);
	loop_turn(loop, true);
	assert_int_equal(c.n, 2);
	loop_free(loop);
}

static void a_timer_counts_from_its_start_after_a_long_computation(void **state)
{
	struct loop *loop = loop_new();
	struct loop_timer timer = { 0 };
	struct count c = { 0 };
	double begin = time_now();

	(void)state;
	while (time_now() - begin < 0.05)
		;
	begin = time_now();
	loop_timer_start(loop, &timer, 0.02, count_timer, &c);
	while (c.n == 0)
		loop_turn(loop, true);
	assert_true(time_now() - begin >= 0.02);
	loop_free(loop);
}

static void a_stopped_or_restarted_timer_forgets_its_old_time(void **state)
{
	struct loop *loop = loop_new();
	struct loop_timer stopped = { 0 }, restarted = { 0 };
	struct count first = { 0 }, second = { 0 };

	(void)state;
	loop_timer_stop(loop, &stopped);
	loop_timer_start(loop, &stopped, 0, count_timer, &first);
	loop_timer_stop(loop, &stopped);
	loop_timer_start(loop, &restarted, 3600, count_timer, &first);
	loop_timer_start(loop, &restarted, 0, count_timer, &second);
	loop_turn(loop, true);
	assert_int_equal(first.n, 0);
	assert_int_equal(second.n, 1);
	loop_free(loop);
}

static void a_wake_before_the_turn_is_not_lost(void **state)
{
	struct loop *loop = loop_new();

	(void)state;
	loop_wake(loop);
	loop_wake(loop);
	loop_turn(loop, true);
	loop_free(loop);
}

static struct loop *waked;
static volatile sig_atomic_t alarms;

static void on_alarm(int number)
{
	(void)number;
	alarms = alarms + 1;
	loop_wake(waked);
}

static void a_signal_handler_ends_a_wait(void **state)
{
	struct itimerval soon = { .it_value = { .tv_usec = 20000 } };
	struct sigaction action = { .sa_handler = on_alarm, .sa_flags = SA_RESTART }, old;

	(void)state;
	waked = loop_new();
	assert_int_equal(sigaction(SIGALRM, &action, &old), 0);
	assert_int_equal(setitimer(ITIMER_REAL, &soon, NULL), 0);
	while (alarms == 0)
		loop_turn(waked, true);
	sigaction(SIGALRM, &old, NULL);
	loop_free(waked);
}

static void two_loops_do_not_meet(void **state)
{
	struct loop *a = loop_new(), *b = loop_new();
	struct loop_io io = { 0 };
	struct count c = { 0 };
	int fds[2];

	(void)state;
	pipe_open(fds);
	loop_io_start(a, &io, fds[1], LOOP_WRITE, count_io, &c);
	loop_turn(b, false);
	assert_int_equal(c.n, 0);
	loop_turn(a, true);
	assert_int_equal(c.n, 1);
	loop_io_stop(a, &io);
	pipe_close(fds);
	loop_free(a);
	loop_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		net_test(a_ready_descriptor_calls_until_it_is_stopped),
		net_test(a_running_watcher_may_be_given_other_events),
		net_test(a_number_that_came_back_as_another_file_is_watched),
		net_test(stop_and_again_is_as_if_it_had_run_on),
		net_test(a_plain_file_is_always_ready),
		net_test(a_timer_fires_once_and_not_early),
		net_test(a_timer_counts_from_its_start_after_a_long_computation),
		net_test(a_stopped_or_restarted_timer_forgets_its_old_time),
		net_test(a_wake_before_the_turn_is_not_lost),
		net_test(a_signal_handler_ends_a_wait),
		net_test(two_loops_do_not_meet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
