/* child.c - this program once more, in a process of its own with limits, and what it says. */

/*
 * Between the two is a SOCK_SEQPACKET socketpair: a message is whole or not there, and unlike a
 * pipe or file a socket cannot be opened again by way of /proc/self/fd. The child's end is closed
 * on exec, so only its own C code (child_report.c) can say anything.
 *
 * A scenario leads a session of its own. When it has ended it is a zombie still, so its process
 * group can be killed by number; what has left the group is an orphan (orphans.c).
 */

#include "sys/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "sys/orphans.h"

#define WORD_MAX       (256 << 10)
#define WARN_SECONDS   0.5
#define RECORD_SECONDS 5
#define END_ROUNDS     4000

/* A process has one family: those we started and have not waited for. */
static struct child *family;

/* The one of them that has the terminal, or 0. */
static volatile sig_atomic_t foreground;

/* True for those that we have started and not waited for. */
static bool is_known(pid_t pid)
{
	const struct child *c;

	for (c = family; c; c = c->next)
		if (c->pid == pid)
			return true;
	return false;
}

/* --- in the child, before it is this program again --- */

static void limit(int what, unsigned long long soft, unsigned long long hard)
{
	struct rlimit old, now = { soft, hard };

	if (getrlimit(what, &old) < 0)
		return;
	now.rlim_cur = now.rlim_cur < old.rlim_max ? now.rlim_cur : old.rlim_max;
	now.rlim_max = now.rlim_max < old.rlim_max ? now.rlim_max : old.rlim_max;
	setrlimit(what, &now);
}

static void set_limits(const struct child_spec *spec)
{
	limit(RLIMIT_CORE, 0, 0);
	if (spec->cpu_seconds > 0)
		limit(RLIMIT_CPU, spec->cpu_seconds, spec->cpu_seconds + 2);
#ifndef __SANITIZE_ADDRESS__
	/* AddressSanitizer's own map alone is larger than any limit. */
	if (spec->memory_bytes > 0)
		limit(RLIMIT_AS, spec->memory_bytes + (256 << 20),
		      spec->memory_bytes + (256 << 20));
#endif
}

static void usual_signals(void)
{
	sigset_t none;
	int sig;

	for (sig = 1; sig < NSIG; sig++)
		signal(sig, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* stdin from nowhere, stdout and stderr to the pipe. out was moved above the standard ones. */
static void redirect(int out)
{
	int null = open("/dev/null", O_RDONLY);

	if (null < 0 || dup2(null, 0) < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0)
		_exit(127);
}

static void become(const struct child_spec *spec, pid_t parent, int out, int words)
{
	bool apart = spec->scenario && !spec->terminal;

	prctl(PR_SET_PDEATHSIG, spec->scenario ? SIGKILL : SIGTERM);
	if (getppid() != parent)
		_exit(127);
	if (apart)
		setsid();
	usual_signals();
	if (spec->scenario) {
		out = out < 0 ? -1 : fcntl(out, F_DUPFD, 10);
		words = fcntl(words, F_DUPFD, 10);
		if (apart)
			redirect(out);
		if (words < 0 || dup2(words, CHILD_REPORT_FD) < 0)
			_exit(127);
		closefrom(CHILD_REPORT_FD + 1);
		set_limits(spec);
	} else {
		closefrom(CHILD_REPORT_FD);
	}
	if (spec->folder && chdir(spec->folder) < 0)
		_exit(127);
	execv("/proc/self/exe", (char *const *)spec->argv);
	_exit(127);
}

/* --- the terminal: Ctrl-C and Ctrl-Z are for the one that has it --- */

static bool has_terminal(const struct child *c)
{
	return !c->scenario || c->terminal;
}

/*
 * It has stopped, and so do we, but not before: who sees us stop takes the terminal back, which the
 * child has to put right first. Where nobody could continue us the kernel does not stop us.
 */
static void stop_too(int sig)
{
	struct sigaction usual = { .sa_handler = SIG_DFL }, ours;
	siginfo_t info = { 0 };
	int before = errno;

	(void)sig;
	if (waitid(P_PID, (id_t)foreground, &info, WSTOPPED | WNOHANG) == 0 &&
	    info.si_pid != 0) {
		sigaction(SIGTSTP, &usual, &ours);
		raise(SIGTSTP);
		sigaction(SIGTSTP, &ours, NULL);
	}
	errno = before;
}

static void give_terminal(struct child *c)
{
	struct sigaction none = { .sa_handler = SIG_IGN },
			 stop = { .sa_handler = stop_too, .sa_flags = SA_RESTART };

	foreground = c->pid;
	sigaction(SIGINT, &none, &c->interrupt);
	sigaction(SIGTSTP, &none, &c->stop);
	sigaction(SIGCHLD, &stop, &c->changed);
}

static void take_terminal(const struct child *c)
{
	foreground = 0;
	sigaction(SIGINT, &c->interrupt, NULL);
	sigaction(SIGTSTP, &c->stop, NULL);
	sigaction(SIGCHLD, &c->changed, NULL);
}

/* --- what it says --- */

static void keep_last(struct child *c)
{
	size_t before =
		c->output.len > CHILD_OUTPUT_MAX ? c->output.len - CHILD_OUTPUT_MAX : 0;

	buf_drop(&c->output, before);
	c->lost += before;
}

static void take_output(void *arg, int events)
{
	struct child *c = arg;
	char data[16384];
	ssize_t n;

	(void)events;
	n = read(c->out, data, sizeof(data));
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		loop_io_stop(c->loop, &c->io_out);
		close(c->out);
		c->out = -1;
		return;
	}
	buf_add(&c->output, data, (size_t)n);
	if (c->output.len > 2 * CHILD_OUTPUT_MAX)
		keep_last(c);
}

static bool take_word(struct child *c)
{
	static char data[WORD_MAX];
	unsigned char kind;
	struct iovec iov[2] = { { &kind, 1 }, { data, sizeof(data) } };
	ssize_t n = readv(c->words, iov, 2);

	if (n < 0)
		return false;
	if (n == 0) {
		loop_io_stop(c->loop, &c->io_words);
		close(c->words);
		c->words = -1;
		return false;
	}
	if (kind >= CHILD_WORDS)
		return true;
	buf_reset(&c->said[kind]);
	buf_add(&c->said[kind], data, (size_t)n - 1);
	c->has_said[kind] = true;
	if (kind == CHILD_PROMPT)
		loop_timer_stop(c->loop, &c->limit);
	return true;
}

static void take_words(void *arg, int events)
{
	(void)events;
	take_word(arg);
}

/* --- its end --- */

static void forget(struct child *c)
{
	struct child **at;

	for (at = &family; *at && *at != c; at = &(*at)->next)
		;
	if (*at)
		*at = c->next;
}

static void stop_watching(struct child *c)
{
	loop_io_stop(c->loop, &c->io_end);
	loop_io_stop(c->loop, &c->io_out);
	loop_io_stop(c->loop, &c->io_words);
	loop_timer_stop(c->loop, &c->limit);
}

static void close_one(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* It is a zombie, whether we have been told or not. */
static bool is_dead(const struct child *c)
{
	siginfo_t info = { 0 };

	return waitid(P_PID, (id_t)c->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
	       info.si_pid != 0;
}

/* It has ended, and is a zombie. Takes the family down, and what was said at last. */
static void bury(struct child *c)
{
	if (c->scenario && !c->terminal)
		kill(-c->pid, SIGKILL);
	while (waitpid(c->pid, &c->status, 0) < 0 && errno == EINTR)
		;
	if (has_terminal(c))
		take_terminal(c);
	c->over = true;
	c->seconds = time_now() - c->started;
	forget(c);
	orphans_end(is_known);
	while (c->words >= 0 && take_word(c))
		;
	/* Whoever could write is dead: what is there is all, or a process that hangs in the kernel. */
	while (c->out >= 0) {
		unsigned long long before = c->output.len + c->lost;

		take_output(c, 0);
		if (c->out >= 0 && c->output.len + c->lost == before)
			break;
	}
	keep_last(c);
	stop_watching(c);
	close_one(&c->out);
	close_one(&c->words);
	close_one(&c->pidfd);
}

static void has_ended(void *arg, int events)
{
	struct child *c = arg;

	(void)events;
	bury(c);
	c->ended(c->arg);
}

static void at_limit(void *arg)
{
	struct child *c = arg;

	/* Who was stopped himself (Ctrl-Z) finds the end and the limit at once. */
	if (is_dead(c))
		return;
	while (c->words >= 0 && take_word(c))
		;
	if (c->has_said[CHILD_RECORD] && !c->records) {
		c->records = true;
		loop_timer_start(c->loop, &c->limit, RECORD_SECONDS, at_limit, c);
		return;
	}
	c->timed_out = true;
	if (c->warnings++ == 2) {
		kill(c->pid, SIGKILL);
		return;
	}
	kill(c->pid, SIGUSR1);
	loop_timer_start(c->loop, &c->limit, WARN_SECONDS, at_limit, c);
}

/* --- from outside --- */

static int open_ends(const struct child_spec *spec, int out[2], int words[2],
		     struct err *err)
{
	if (!spec->scenario)
		return 0;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, words) < 0)
		return err_errno(err, errno, "make a socketpair for a scenario");
	fcntl(words[0], F_SETFL, O_NONBLOCK);
	if (spec->terminal)
		return 0;
	if (pipe2(out, O_CLOEXEC) < 0)
		return err_errno(err, errno, "make a pipe for a scenario");
	fcntl(out[0], F_SETFL, O_NONBLOCK);
	return 0;
}

static int start_process(const struct child_spec *spec, int out, int words,
			 struct err *err)
{
	pid_t self = getpid(), pid;
	sigset_t all, before;

	/* No handler of ours may run in the child. */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	pid = fork();
	if (pid == 0)
		become(spec, self, out, words);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return pid < 0 ? err_errno(err, errno, "start a process") : pid;
}

static void watch(struct child *c)
{
	loop_io_start(c->loop, &c->io_end, c->pidfd, LOOP_READ, has_ended, c);
	if (c->out >= 0)
		loop_io_start(c->loop, &c->io_out, c->out, LOOP_READ, take_output, c);
	if (c->words >= 0)
		loop_io_start(c->loop, &c->io_words, c->words, LOOP_READ, take_words, c);
}

struct child *child_start(struct loop *loop, const struct child_spec *spec,
			  void (*ended)(void *arg), void *arg, struct err *err)
{
	int out[2] = { -1, -1 }, words[2] = { -1, -1 }, pid = -1, pidfd = -1;
	struct child *c = NULL;

	if (open_ends(spec, out, words, err) == 0)
		pid = start_process(spec, out[1], words[1], err);
	if (pid > 0) {
		pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
		if (pidfd < 0) {
			err_errno(err, errno, "watch a process (pidfd_open)");
			kill(pid, SIGKILL);
			waitpid(pid, NULL, 0);
		}
	}
	close_one(&out[1]);
	close_one(&words[1]);
	if (pidfd < 0) {
		close_one(&out[0]);
		close_one(&words[0]);
		return NULL;
	}
	c = xcalloc(1, sizeof(*c));
	*c = (struct child){ .loop = loop,
			     .next = family,
			     .scenario = spec->scenario,
			     .terminal = spec->terminal,
			     .pid = pid,
			     .pidfd = pidfd,
			     .out = out[0],
			     .words = words[0],
			     .started = time_now(),
			     .ended = ended,
			     .arg = arg };
	family = c;
	if (has_terminal(c))
		give_terminal(c);
	watch(c);
	if (spec->seconds >= 0)
		loop_timer_start(loop, &c->limit, spec->seconds, at_limit, c);
	return c;
}

/* Another runner ends its own children when it is asked to; it gets two seconds. */
static void end_now(struct child *c)
{
	int i;

	if (!c->scenario) {
		kill(c->pid, SIGTERM);
		for (i = 0; i < END_ROUNDS && !is_dead(c); i++)
			orphans_pause();
	}
	kill(c->pid, SIGKILL);
	bury(c);
}

void child_free(struct child *c)
{
	int i;

	if (c == NULL)
		return;
	if (!c->over)
		end_now(c);
	buf_clear(&c->output);
	for (i = 0; i < CHILD_WORDS; i++)
		buf_clear(&c->said[i]);
	free(c);
}
