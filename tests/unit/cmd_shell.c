/* cmd_shell.c - sleep, help, hosts and quit, without a shell around them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "cmd/run.h"
#include "app.h"

static void prepare(struct call *call, const char *name, struct value a, struct value b)
{
	call_init(call, app, command_find(name));
	err_clear(&call->err);
	call->arg[0] = a;
	call->arg[1] = b;
}

static int exec(struct call *call, const char *name, struct value a, struct value b)
{
	prepare(call, name, a, b);
	return call->cmd->exec(call);
}

static const struct value nil;

static void over(struct run *run)
{
	*(bool *)run->arg = true;
}

static void sleep_waits_as_long_as_asked(void **unused)
{
	struct call call;
	struct run run = { 0 };
	bool done = false;
	double start = time_now();

	(void)unused;
	prepare(&call, "sleep", value_num(0.02), nil);
	run_start(&run, &call, call.cmd->exec(&call), over, &done);
	assert_false(done);
	while (!done)
		loop_turn(app->loop, true);
	assert_true(done);
	assert_int_equal(run.rc, 0);
	assert_true(time_now() - start >= 0.019);
	run_clear(&run);
}

static void sleep_of_no_time_ends_at_once(void **unused)
{
	struct call call;
	struct run run = { 0 };
	bool done = false;

	(void)unused;
	prepare(&call, "sleep", value_num(0), nil);
	run_start(&run, &call, call.cmd->exec(&call), over, &done);
	while (!done)
		loop_turn(app->loop, true);
	assert_true(done);
	assert_int_equal(run.rc, 0);
	run_clear(&run);
}

static void a_stopped_sleep_says_so(void **unused)
{
	struct call call;
	struct run run = { 0 };
	bool done = false;

	(void)unused;
	prepare(&call, "sleep", value_num(1000), nil);
	run_start(&run, &call, call.cmd->exec(&call), over, &done);
	run_stop(&run, STOP_INTERRUPTED);
	assert_true(done);
	assert_true(run.rc < 0);
	assert_string_equal(run.call.err.code, "interrupted");
	run_clear(&run);
}

static void sleep_off_is_refused(void **unused)
{
	struct call call;

	(void)unused;
	assert_true(exec(&call, "sleep", value_num(-1), nil) < 0);
	assert_string_equal(call.err.code, "usage");
	call_end(&call);
}

static void help_gives_its_text_and_shows_it(void **unused)
{
	struct call call;
	struct buf out = BUF_EMPTY;

	(void)unused;
	assert_int_equal(exec(&call, "help", nil, nil), 0);
	call.cmd->show(&call, &out);
	assert_string_equal(buf_str(&out), call.result.str.data);
	assert_non_null(strstr(buf_str(&out), "connect"));
	call_end(&call);
	assert_int_equal(
		exec(&call, "help", value_static("errors"), value_static("closed")), 0);
	assert_non_null(strstr(call.result.str.data, "closed"));
	call_end(&call);
	assert_int_equal(exec(&call, "help", value_static("/backlog"), nil), 0);
	assert_non_null(strstr(call.result.str.data, "listen"));
	call_end(&call);
	assert_int_equal(exec(&call, "help", value_static("/"), value_static("backlog")),
			 0);
	call_end(&call);
	buf_clear(&out);
}

static void help_fails(const char *topic, const char *word, const char *message)
{
	struct call call;

	assert_true(exec(&call, "help", value_static(topic), value_static(word)) < 0);
	assert_string_equal(call.err.code, "usage");
	assert_string_equal(call.err.message, message);
	assert_true(*call.err.hint);
	call_end(&call);
}

static void help_of_an_unknown_word_guesses(void **unused)
{
	(void)unused;
	help_fails("conect", NULL,
		   "help: there is nothing about \"conect\"; did you mean \"connect\"?");
	help_fails("errors", "ECONNREFUSD",
		   "help: there is nothing about \"ECONNREFUSD\"; "
		   "did you mean \"ECONNREFUSED\"?");
	help_fails("xyzzyxyzzy", NULL, "help: there is nothing about \"xyzzyxyzzy\"");
	help_fails("/xyzzyxyzzy", NULL, "help: no text contains \"xyzzyxyzzy\"");
	help_fails("/", NULL, "help: what to search for is missing");
	help_fails("", NULL, "help: there is nothing about \"\"");
}

static void this_machine_is_the_host_here(void **unused)
{
	struct call call;
	struct buf out = BUF_EMPTY;

	(void)unused;
	assert_int_equal(exec(&call, "hosts", nil, nil), 0);
	assert_int_equal(call.result.t->n, 1);
	assert_string_equal(value_get(&call.result.t->field[0].value, "name")->str.data,
			    "here");
	call.cmd->show(&call, &out);
	assert_string_equal(buf_str(&out), "here          this machine\n");
	call_end(&call);
	buf_clear(&out);
}

static int quit_with;

static void quit_door(struct app *unused, int status)
{
	(void)unused;
	quit_with = status;
}

static void quit_takes_its_status_or_that_of_the_session(void **unused)
{
	struct call call;

	(void)unused;
	app->door.quit = quit_door;
	assert_int_equal(exec(&call, "quit", value_int(7), nil), CALL_WAIT);
	assert_int_equal(quit_with, 7);
	call_end(&call);
	app->status = 1;
	assert_int_equal(exec(&call, "quit", nil, nil), CALL_WAIT);
	assert_int_equal(quit_with, 1);
	call_end(&call);
	assert_int_equal(exec(&call, "quit", value_int(0), nil), CALL_WAIT);
	assert_int_equal(quit_with, 0);
	call_end(&call);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sleep_waits_as_long_as_asked),
		cmocka_unit_test(sleep_of_no_time_ends_at_once),
		cmocka_unit_test(a_stopped_sleep_says_so),
		cmocka_unit_test(sleep_off_is_refused),
		cmocka_unit_test(help_gives_its_text_and_shows_it),
		cmocka_unit_test(help_of_an_unknown_word_guesses),
		cmocka_unit_test(this_machine_is_the_host_here),
		cmocka_unit_test(quit_takes_its_status_or_that_of_the_session),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
