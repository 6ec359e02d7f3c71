/*
 * pager.c - what is longer than the screen, a page at a time.
 *
 * As in git: $PAGER, or less, gets it through a pipe, escaped and coloured as the terminal would
 * have got it. While a person reads, the loop stands still, and the wire with it: so what is read is
 * still true. Where no pager can be started, all is printed as usual.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "base/text.h"
#include "ui/ui.h"

/* For less, where its user has set nothing: stay on the screen, and say how to come back. */
#define LESS "FRXPs?e(end):(more).  q\\: back to the prompt, space\\: next page$"

/* A terminal that does not say its size. */
#define ROWS	24
#define COLUMNS 80

static struct winsize screen(void)
{
	struct winsize size = { 0 };

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_row == 0 ||
	    size.ws_col == 0)
		return (struct winsize){ .ws_row = ROWS, .ws_col = COLUMNS };
	return size;
}

/* The last row is the prompt's. */
static bool fits(const char *text, size_t len)
{
	struct winsize size = screen();
	const char *end = text + len, *nl;
	size_t rows = 0;

	for (; text < end && rows < size.ws_row; text = nl + 1) {
		nl = memchr(text, '\n', (size_t)(end - text));
		nl = nl ? nl : end;
		rows += 1 + (size_t)(nl - text) / (size.ws_col + 1u);
	}
	return rows < size.ws_row;
}

/* The pager's process, its input in *in; negative errno. */
static pid_t start(const char *pager, int *in)
{
	const char *argv[] = { "sh", "-c", pager, NULL };
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t usual;
	int fd[2], rc;
	pid_t pid;

	if (pipe2(fd, O_CLOEXEC) < 0)
		return -errno;
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_adddup2(&files, fd[0], STDIN_FILENO);
	posix_spawnattr_init(&attr);
	sigemptyset(&usual);
	sigaddset(&usual, SIGINT);
	sigaddset(&usual, SIGPIPE);
	sigaddset(&usual, SIGTSTP);
	posix_spawnattr_setsigdefault(&attr, &usual);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGDEF);
	rc = posix_spawn(&pid, "/bin/sh", &files, &attr, (char **)argv, environ);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&files);
	close(fd[0]);
	if (rc == 0)
		*in = fd[1];
	else
		close(fd[1]);
	return rc == 0 ? pid : -rc;
}

/* Until all is read, or nobody reads any more. */
static void feed(int fd, const char *text, size_t len)
{
	ssize_t n;

	while (len > 0 && !signals_pending()) {
		n = write(fd, text, len);
		if (n < 0 && errno != EINTR)
			return;
		text += n > 0 ? n : 0;
		len -= n > 0 ? (size_t)n : 0;
	}
}

/* Its exit status. When we are told to end, it is too. */
static int finish(pid_t pid)
{
	int status = 0;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
		else if (signals_pending())
			kill(pid, SIGTERM);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 0;
}

bool pager_show(struct ui *ui, const char *text, size_t len)
{
	const char *pager = getenv("PAGER");
	struct sigaction ignore = { .sa_handler = SIG_IGN }, was;
	struct termios mode;
	bool has_mode = tcgetattr(STDIN_FILENO, &mode) == 0;
	int in = -1, status;
	pid_t pid;

	if (!ui->app->set.pager || !ui->app->at_prompt || !ui->can_erase ||
	    ui->app->set.json || repl_has_terminal() || fits(text, len))
		return false;
	setenv("LESS", LESS, 0);
	/* Ctrl-C is the pager's. */
	sigemptyset(&ignore.sa_mask);
	sigaction(SIGINT, &ignore, &was);
	pid = start(pager && *pager ? pager : "less", &in);
	if (pid > 0) {
		feed(in, text, len);
		close(in);
	}
	status = pid > 0 ? finish(pid) : -1;
	/* One that was killed has left it as it was for reading keys. */
	if (has_mode)
		tcsetattr(STDIN_FILENO, TCSADRAIN, &mode);
	sigaction(SIGINT, &was, NULL);
	/* The shell's words for what it cannot start. */
	return status >= 0 && status != 126 && status != 127;
}
