/* sys_child.c - a process of our own: what it says, its limits, and that nothing of it is left. */
#include "sys/child.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static struct loop *loop;
static bool has_ended;

/* --- what the child does: this program, started with a word --- */

static void say(enum child_word word, const char *text)
{
	child_report(word, text, strlen(text));
}

static void fork_and_stay(void)
{
	pid_t pid = fork();

	/* The grandchild's parent ends at once, and it is in another session. */
	if (pid == 0) {
		setsid();
		if (fork() == 0)
			for (;;)
				pause();
		_exit(0);
	}
	waitpid(pid, NULL, 0);
}

static void record_slowly(int sig)
{
	signal(sig, SIG_DFL);
	say(CHILD_RECORD, "");
	usleep(1300000);
	say(CHILD_VERDICT, "failed 1");
	_exit(1);
}

/* A limit by which a child has begun to listen, also on a busy machine. */
#define BEGUN 1.0

static int child_main(const char *what)
{
	bool heard = child_report_open();

	if (strcmp(what, "speak") == 0) {
		say(CHILD_PLACE, "a.lua:1");
		say(CHILD_PLACE, "a.lua:2");
		say(CHILD_VERDICT, "ok 1");
		printf("out\n");
		fprintf(stderr, "err\n");
		return heard ? 7 : 8;
	}
	if (strcmp(what, "closed") == 0) {
		close(3);
		say(CHILD_VERDICT, "ok 1");
		return 0;
	}
	if (strcmp(what, "exec") == 0) {
		/* What it starts has no way to speak. */
		execl("/bin/sh", "sh", "-c", "test -e /proc/self/fd/3 && exit 1; exit 0",
		      NULL);
		return 9;
	}
	if (strcmp(what, "deaf") == 0) {
		signal(SIGUSR1, SIG_IGN);
		for (;;)
			pause();
	}
	if (strcmp(what, "records") == 0) {
		/* What the limit of time interrupts. */
		signal(SIGUSR1, record_slowly);
		for (;;)
			pause();
	}
	if (strcmp(what, "records for ever") == 0) {
		signal(SIGUSR1, SIG_IGN);
		say(CHILD_RECORD, "");
		for (;;)
			pause();
	}
	if (strcmp(what, "chatter") == 0) {
		char data[1000];

		memset(data, 'x', sizeof(data));
		while (write(1, data, sizeof(data)) > 0)
			;
	}
	if (strcmp(what, "forks") == 0)
		fork_and_stay();
	if (strcmp(what, "forks, killed") == 0) {
		fork_and_stay();
		raise(SIGKILL);
	}
	if (strcmp(what, "stdin") == 0)
		return getchar() == EOF ? 0 : 1;
	return 0;
}

/* --- helpers --- */

static void ended(void *arg)
{
	(void)arg;
	has_ended = true;
}

static struct child *start(const char *what, double seconds)
{
	const char *argv[] = { "sys_child", what, NULL };
	struct child_spec spec = { .argv = argv, .scenario = true, .seconds = seconds };
	struct err err;
	struct child *c;

	has_ended = false;
	c = child_start(loop, &spec, ended, NULL, &err);
	assert_non_null(c);
	return c;
}

static struct child *run(const char *what, double seconds)
{
	struct child *c = start(what, seconds);

	while (!has_ended)
		loop_turn(loop, true);
	return c;
}

static int make(void **state)
{
	struct err err;

	(void)state;
	loop = loop_new();
	return loop && children_adopt(&err) == 0 ? 0 : -1;
}

static int unmake(void **state)
{
	(void)state;
	loop_free(loop);
	return 0;
}

static void assert_no_children(void)
{
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

/* --- tests --- */

static void of_each_kind_of_word_the_last_is_kept_with_output_and_status(void **state)
{
	struct child *c = run("speak", -1);

	(void)state;
	assert_true(WIFEXITED(c->status));
	assert_int_equal(WEXITSTATUS(c->status), 7);
	assert_string_equal(buf_str(&c->said[CHILD_PLACE]), "a.lua:2");
	assert_string_equal(buf_str(&c->said[CHILD_VERDICT]), "ok 1");
	assert_false(c->has_said[CHILD_FAILURE]);
	assert_non_null(strstr(buf_str(&c->output), "out\n"));
	assert_non_null(strstr(buf_str(&c->output), "err\n"));
	assert_false(c->timed_out);
	child_free(c);
	assert_no_children();
}

static void a_child_that_has_closed_the_way_has_said_nothing(void **state)
{
	struct child *c = run("closed", -1);

	(void)state;
	assert_int_equal(c->status, 0);
	assert_false(c->has_said[CHILD_VERDICT]);
	child_free(c);
}

static void what_a_child_starts_has_not_got_the_way(void **state)
{
	struct child *c = run("exec", -1);

	(void)state;
	assert_int_equal(c->status, 0);
	child_free(c);
}

static void the_stdin_of_a_child_is_empty(void **state)
{
	struct child *c = run("stdin", -1);

	(void)state;
	assert_int_equal(c->status, 0);
	child_free(c);
}

static void a_child_that_hears_no_signal_is_killed_a_second_after_its_limit(void **state)
{
	struct child *c = run("deaf", BEGUN);

	(void)state;
	assert_true(c->timed_out);
	assert_true(WIFSIGNALED(c->status));
	assert_int_equal(WTERMSIG(c->status), SIGKILL);
	assert_true(c->seconds >= BEGUN + 1);
	child_free(c);
}

static void who_makes_a_record_at_its_limit_gets_time_for_that(void **state)
{
	struct child *c = run("records", BEGUN);

	(void)state;
	assert_true(c->timed_out);
	assert_string_equal(buf_str(&c->said[CHILD_VERDICT]), "failed 1");
	assert_true(WIFEXITED(c->status));
	child_free(c);
}

static void who_makes_a_record_for_ever_is_killed(void **state)
{
	struct child *c = run("records for ever", BEGUN);

	(void)state;
	assert_true(c->timed_out);
	assert_true(WIFSIGNALED(c->status));
	assert_true(c->seconds > BEGUN + 5 && c->seconds < BEGUN + 9);
	child_free(c);
}

static void who_ended_in_time_has_not_reached_its_limit_though_we_look_later(void **state)
{
	struct child *c = start("speak", 0.05);
	siginfo_t info;

	(void)state;
	assert_int_equal(waitid(P_PID, (id_t)c->pid, &info, WEXITED | WNOWAIT), 0);
	usleep(100000);
	while (!has_ended)
		loop_turn(loop, true);
	assert_false(c->timed_out);
	child_free(c);
}

static void of_endless_output_the_beginning_is_kept_and_the_rest_counted(void **state)
{
	struct child *c = run("chatter", BEGUN);

	(void)state;
	assert_int_equal(c->output.len, CHILD_OUTPUT_MAX);
	assert_true(c->lost > 0);
	child_free(c);
}

static void who_was_forked_twice_into_another_session_is_gone_with_the_child(void **state)
{
	struct child *c = run("forks", -1);

	(void)state;
	assert_int_equal(c->status, 0);
	assert_no_children();
	child_free(c);
	c = run("forks, killed", -1);
	assert_int_equal(WTERMSIG(c->status), SIGKILL);
	assert_no_children();
	child_free(c);
}

static void a_child_that_is_freed_while_it_runs_is_killed_and_no_other(void **state)
{
	struct child *other = start("deaf", -1), *c = start("deaf", -1);

	(void)state;
	child_free(other);
	assert_false(has_ended);
	assert_int_equal(kill(c->pid, 0), 0);
	child_free(c);
	assert_no_children();
}

static void without_a_runner_there_is_no_way(void **state)
{
	(void)state;
	assert_false(child_report_open());
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			of_each_kind_of_word_the_last_is_kept_with_output_and_status),
		cmocka_unit_test(a_child_that_has_closed_the_way_has_said_nothing),
		cmocka_unit_test(what_a_child_starts_has_not_got_the_way),
		cmocka_unit_test(the_stdin_of_a_child_is_empty),
		cmocka_unit_test(
			a_child_that_hears_no_signal_is_killed_a_second_after_its_limit),
		cmocka_unit_test(
			who_ended_in_time_has_not_reached_its_limit_though_we_look_later),
		cmocka_unit_test(
			of_endless_output_the_beginning_is_kept_and_the_rest_counted),
		cmocka_unit_test(
			who_was_forked_twice_into_another_session_is_gone_with_the_child),
		cmocka_unit_test(
			a_child_that_is_freed_while_it_runs_is_killed_and_no_other),
		cmocka_unit_test(who_makes_a_record_at_its_limit_gets_time_for_that),
		cmocka_unit_test(who_makes_a_record_for_ever_is_killed),
		cmocka_unit_test(without_a_runner_there_is_no_way),
	};

	if (argc > 1)
		return child_main(argv[1]);
	close(3);
	return cmocka_run_group_tests_name("child", tests, make, unmake);
}
