/*
 * signals.c - Ctrl-C, the window's size, and the polite ways to be told to end.
 *
 * The handler only notes the signal, tells Lua to stop at its next instruction and wakes the
 * loop. Lua's long C functions do not look: the second Ctrl-C in a row is answered by a note,
 * the third ends the process, after the terminal has been put right. History is on disk already.
 */
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "ui/ui.h"

static struct {
	struct ui *ui;
	volatile sig_atomic_t interrupts, ends, resized, stops, continued;
} noted;

/* The terminal has echoed ^C: what is said next stands below it, or where the bar was. */
static void leave_echo(struct ui *ui)
{
	if (!ui->app->at_prompt || repl_has_terminal())
		return;
	if (ui->progress_drawn && write(STDOUT_FILENO, "\r\033[K", 4) == 4)
		ui->progress_drawn = false;
	else if (write(STDERR_FILENO, "\n", 1) < 0)
		ui->quit = true;
}

static void on_interrupt(int sig)
{
	static const char wait[] =
		"(waiting for Lua to stop; Ctrl-C once more ends tcpstep)\n";

	(void)sig;
	noted.interrupts = noted.interrupts + 1;
	leave_echo(noted.ui);
	if (noted.interrupts >= 3) {
		repl_emergency();
		_exit(130);
	}
	if (noted.interrupts == 2 && write(STDERR_FILENO, wait, sizeof(wait) - 1) < 0)
		_exit(130);
	vm_signal(noted.ui->vm);
}

static void on_end(int sig)
{
	/* Asked twice: Lua does not look. */
	if (noted.ends) {
		repl_emergency();
		_exit(128 + sig);
	}
	noted.ends = sig;
	noted.ui->quit = true;
	vm_signal(noted.ui->vm);
}

static void on_resize(int sig)
{
	(void)sig;
	noted.resized = 1;
	loop_wake(noted.ui->app->loop);
}

static void on_continue(int sig)
{
	(void)sig;
	noted.continued = 1;
	loop_wake(noted.ui->app->loop);
}

static void handle(int sig, void (*fn)(int), int flags)
{
	struct sigaction sa = { .sa_handler = fn, .sa_flags = flags };

	sigemptyset(&sa.sa_mask);
	sigaction(sig, &sa, NULL);
}

/* Stops as the kernel would have it: not at all where no shell could continue us. */
static void stop_now(void)
{
	struct sigaction usual = { .sa_handler = SIG_DFL }, ours;
	sigset_t stop;

	sigemptyset(&usual.sa_mask);
	sigaction(SIGTSTP, &usual, &ours);
	sigemptyset(&stop);
	sigaddset(&stop, SIGTSTP);
	raise(SIGTSTP);
	sigprocmask(SIG_UNBLOCK, &stop, NULL);
	sigaction(SIGTSTP, &ours, NULL);
}

/* While a line runs the terminal is in its usual mode, and there is nothing to put right. */
static void on_stop(int sig)
{
	(void)sig;
	if (!repl_has_terminal()) {
		stop_now();
		return;
	}
	noted.stops = 1;
	loop_wake(noted.ui->app->loop);
}

void signals_init(struct ui *ui)
{
	noted.ui = ui;
	/* Without SA_RESTART: Lua's io.read is to end too. */
	handle(SIGINT, on_interrupt, 0);
	handle(SIGTERM, on_end, 0);
	handle(SIGHUP, on_end, 0);
	handle(SIGPIPE, SIG_IGN, 0);
	if (ui->app->at_prompt) {
		handle(SIGWINCH, on_resize, SA_RESTART);
		handle(SIGTSTP, on_stop, SA_RESTART);
		handle(SIGCONT, on_continue, SA_RESTART);
	}
}

void signals_clear(struct ui *ui)
{
	(void)ui;
	handle(SIGINT, SIG_DFL, 0);
	handle(SIGTERM, SIG_DFL, 0);
	handle(SIGHUP, SIG_DFL, 0);
	handle(SIGWINCH, SIG_DFL, 0);
	handle(SIGTSTP, SIG_DFL, 0);
	handle(SIGCONT, SIG_DFL, 0);
}

void signals_taken(void)
{
	noted.interrupts = 0;
}

bool signals_pending(void)
{
	return noted.interrupts || noted.ends || noted.stops;
}

void signals_dispatch(struct ui *ui)
{
	/* Before a new prompt is shown: what is typed at it must find the terminal ready. */
	if (noted.continued) {
		noted.continued = 0;
		repl_resume(ui);
	}
	if (noted.interrupts) {
		noted.interrupts = 0;
		if (vm_busy(ui->vm))
			vm_interrupt(ui->vm);
		else if (ui->repl)
			repl_cancel_line(ui);
		else
			ui->quit = true, ui->status = 130;
	}
	if (noted.resized) {
		noted.resized = 0;
		repl_resize(ui);
	}
	if (noted.stops) {
		noted.stops = 0;
		repl_suspend(ui);
		stop_now();
		noted.continued = 0;
		repl_resume(ui);
	}
	if (noted.ends) {
		ui->status = 128 + noted.ends;
		vm_interrupt(ui->vm);
	}
}
