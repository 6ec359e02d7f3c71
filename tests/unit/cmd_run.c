/* cmd_run.c - a call that waits: it goes on, runs out of time, is stopped, and ends once. */
#include "net.h"

#include "base/text.h"
#include "cmd/app.h"
#include "cmd/call_errno.h"
#include "cmd/run.h"

static struct app *app;
static struct run run;
static int execs, dones;

/* What the command under test is to do; set by each test. */
static struct wait next;
static int waits;     /* so often; then it is done */
static bool stubborn; /* waits although it was stopped */

static int probe_exec(struct call *call)
{
	execs++;
	if (call->stop != STOP_NO && !stubborn)
		return call_stopped(call, "probe", "all is well");
	if (waits-- > 0 || stubborn) {
		call->wait = next;
		return CALL_WAIT;
	}
	call->result = value_int(42);
	return 0;
}

static const struct cmd probe = {
	.name = "probe",
	.group = "test",
	.exec = probe_exec,
	.option = { OPTION_TIMEOUT },
};

static void done(struct run *r)
{
	(void)r;
	dones++;
}

static int setup(void **state)
{
	struct err err;

	*state = (void *)(intptr_t)net_fd_count();
	app = app_new(&err);
	app->set.timeout = -1;
	execs = dones = waits = 0;
	stubborn = false;
	next = (struct wait){ .fd = -1, .seconds = -1 };
	memset(&run, 0, sizeof(run));
	return 0;
}

static int teardown(void **state)
{
	app_free(app);
	return net_fds_after(state);
}

static void begin(double timeout)
{
	struct call call;
	int rc;

	call_init(&call, app, &probe);
	if (timeout >= 0)
		call.option[0] = value_num(timeout);
	rc = probe_exec(&call);
	run_start(&run, &call, rc, done, NULL);
	assert_int_equal(dones, 0);
}

static void turn_until_done(void)
{
	double limit = time_now() + 20;

	while (dones == 0 && time_now() < limit)
		loop_turn(app->loop, true);
	assert_int_equal(dones, 1);
}

static void stopped_with(const char *code)
{
	assert_true(run.rc < 0);
	assert_string_equal(run.call.err.code, code);
	assert_non_null(strstr(run.call.err.message, "probe"));
}

static void ended_well(void)
{
	assert_int_equal(run.rc, 0);
	assert_int_equal(run.call.result.i, 42);
}

static void test_from_loop(void **unused)
{
	(void)unused;
	begin(-1);
	turn_until_done();
	ended_well();
	assert_int_equal(execs, 1);
	run_clear(&run);
}

static void test_fd(void **unused)
{
	int pipe_fd[2];

	(void)unused;
	assert_int_equal(pipe(pipe_fd), 0);
	waits = 1;
	next.fd = pipe_fd[0];
	next.events = LOOP_READ;
	begin(-1);
	loop_turn(app->loop, false);
	loop_turn(app->loop, false);
	assert_int_equal(execs, 1);
	assert_int_equal(write(pipe_fd[1], "x", 1), 1);
	turn_until_done();
	ended_well();
	assert_int_equal(execs, 2);
	run_clear(&run);
	close(pipe_fd[0]);
	close(pipe_fd[1]);
}

static void test_seconds(void **unused)
{
	double began = time_now();

	(void)unused;
	waits = 2;
	next.seconds = 0.01;
	begin(-1);
	turn_until_done();
	ended_well();
	assert_true(time_now() - began >= 0.02 - 0.001);
	run_clear(&run);
}

static void test_timeout(void **unused)
{
	double began = time_now();

	(void)unused;
	waits = 1;
	begin(0.02);
	turn_until_done();
	stopped_with("timeout");
	assert_true(time_now() - began >= 0.02 - 0.001);
	assert_non_null(strstr(run.call.err.message, "20 ms (timeout); all is well"));
	run_clear(&run);
}

/* Were each wait to have the limit anew, this would never end. */
static void test_whole_timeout(void **unused)
{
	(void)unused;
	waits = 1000000;
	next.seconds = 0.005;
	begin(0.03);
	turn_until_done();
	stopped_with("timeout");
	assert_true(execs < 20);
	run_clear(&run);
}

static void test_zero_timeout(void **unused)
{
	(void)unused;
	waits = 1;
	begin(0);
	turn_until_done();
	stopped_with("timeout");
	run_clear(&run);
}

static void test_stop(void **unused)
{
	(void)unused;
	waits = 1;
	begin(-1);
	run_stop(&run, STOP_INTERRUPTED);
	assert_int_equal(dones, 1);
	stopped_with("interrupted");
	run_stop(&run, STOP_INTERRUPTED);
	assert_int_equal(dones, 1);
	assert_int_equal(execs, 2);
	run_clear(&run);
}

static void test_stubborn(void **unused)
{
	(void)unused;
	stubborn = true;
	begin(-1);
	run_stop(&run, STOP_INTERRUPTED);
	assert_int_equal(dones, 1);
	stopped_with("interrupted");
	run_clear(&run);
}

static void test_clear(void **unused)
{
	(void)unused;
	waits = 1;
	next.seconds = 0.001;
	begin(-1);
	run_clear(&run);
	assert_int_equal(execs, 2);
	assert_int_equal(dones, 0);
	usleep(2000);
	loop_turn(app->loop, false);
	assert_int_equal(execs, 2);
}

static void test_wake(void **unused)
{
	struct wake wake = { 0 };

	(void)unused;
	waits = 1;
	next.wake = &wake;
	begin(-1);
	loop_turn(app->loop, false);
	assert_int_equal(execs, 1);
	wake_fire(&wake);
	turn_until_done();
	ended_well();
	run_clear(&run);
}

static void test_early_wake(void **unused)
{
	struct wake wake = { .fired = true };

	(void)unused;
	waits = 1;
	next.wake = &wake;
	begin(-1);
	turn_until_done();
	ended_well();
	run_clear(&run);
}

static void test_closed(void **unused)
{
	int fd = net_listen("127.0.0.1", 1);
	struct sock *s = socks_add(&app->socks, &app->here, SOCK_LISTEN, fd);

	(void)unused;
	waits = 1;
	next.sock = s;
	next.fd = fd;
	next.events = LOOP_READ;
	begin(-1);
	app_close(app, s);
	assert_int_equal(dones, 1);
	stopped_with("closed");
	run_clear(&run);
}

#define test_of(name, f)                       \
	{                                      \
		name, f, setup, teardown, NULL \
	}

/* Shown behind seven blanks. */
static void test_hints_fit(void **unused)
{
	struct call call;
	const char *p;
	int num;

	(void)unused;
	call_init(&call, app, &probe);
	for (num = 1; num < 134; num++) {
		call_errno(&call, num, "probe");
		for (p = call.err.hint; *p; p += strcspn(p, "\n"), p += *p == '\n')
			if (strcspn(p, "\n") > 73)
				fail_msg("%s: %s", call.err.code, p);
	}
	call_end(&call);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		test_of("what is over at once still ends from the loop", test_from_loop),
		test_of("a wait for a descriptor goes on when it is ready", test_fd),
		test_of("a wait for a time goes on, without an error", test_seconds),
		test_of("the timeout ends the call and says so", test_timeout),
		test_of("the timeout is for the whole call, not for each wait",
			test_whole_timeout),
		test_of("no hint of an errno is wider than a terminal of 80 columns",
			test_hints_fit),
		test_of("a timeout of 0 tries once", test_zero_timeout),
		test_of("a stop ends the call before it returns, and once", test_stop),
		test_of("a command that would wait on after a stop is ended",
			test_stubborn),
		test_of("a cleared call is told, and nobody else", test_clear),
		test_of("a wake-up lets the call go on", test_wake),
		test_of("a wake-up that came first is not missed", test_early_wake),
		test_of("closing a socket ends the calls that wait for it", test_closed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
