/* orphans.c - processes that became ours because their parent has died. */

/*
 * Whoever was forked twice, or has made a session of his own, has left the process group of
 * the scenario that began it. But he has a parent, and when that dies he gets the nearest ancestor
 * that adopts (PR_SET_CHILD_SUBREAPER): the scenario itself, which adopts too, and after its
 * end the runner. The runner has no other children, so what it does not know is such an orphan.
 *
 * A lab's keeper is one when its scenario was killed. It ends by itself, after it has ended the
 * connections in its namespaces, which would hold these for minutes else.
 *
 * When the runner itself is killed nobody adopts but the scenario. So it is not killed by the death of its
 * parent, but told of it, and ends its children before itself. It is told by SIGCONT, which
 * reaches a process that was stopped too. What runs then is a signal's handler: no stdio here.
 */

#include "sys/orphans.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sys/child.h"

#define ROUNDS	 2000
#define PAUSE_NS 500000

static bool adopts;
static pid_t parent;

static bool is_keeper(pid_t pid)
{
	static const char keeper[] = "tcpstep-keeper\n";
	char path[] = "/proc/0000000000/comm", name[sizeof(keeper)] = "";
	char *digit = path + sizeof("/proc/0000000000") - 1;
	ssize_t n = -1;
	int fd;

	for (; pid > 0; pid /= 10)
		*--digit = (char)('0' + pid % 10);
	memmove(path + sizeof("/proc/") - 1, digit, strlen(digit) + 1);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		n = read(fd, name, sizeof(name));
		close(fd);
	}
	return n == sizeof(keeper) - 1 && memcmp(name, keeper, (size_t)n) == 0;
}

static int end_one(pid_t pid, bool (*known)(pid_t pid), bool keepers_too)
{
	if (known(pid))
		return 0;
	if (keepers_too || !is_keeper(pid))
		kill(pid, SIGKILL);
	waitpid(pid, NULL, WNOHANG);
	return 1;
}

/*
 * Kills or waits for each child that is not one of ours by start. How many there were; a kernel without
 * this file (CONFIG_PROC_CHILDREN) tells of none.
 */
static int sweep_once(bool (*known)(pid_t pid), bool keepers_too)
{
	char text[512];
	int n = 0, fd;
	pid_t pid = 0;
	ssize_t got, i;

	fd = open("/proc/thread-self/children", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	while ((got = read(fd, text, sizeof(text))) > 0) {
		for (i = 0; i < got; i++) {
			if (text[i] != ' ') {
				pid = pid * 10 + (text[i] - '0');
				continue;
			}
			n += end_one(pid, known, keepers_too);
			pid = 0;
		}
	}
	close(fd);
	return n;
}

void orphans_pause(void)
{
	struct timespec pause = { .tv_nsec = PAUSE_NS };

	nanosleep(&pause, NULL);
}

int children_adopt(struct err *err)
{
	if (prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
		return err_errno(err, errno, "adopt what scenarios leave behind");
	adopts = true;
	return 0;
}

void orphans_end(bool (*known)(pid_t pid))
{
	int i;

	for (i = 0; adopts && i < ROUNDS && sweep_once(known, i > ROUNDS / 2) > 0; i++)
		orphans_pause();
}

/* Keepers learn of our end by themselves. */
static void on_continue(int sig)
{
	(void)sig;
	if (getppid() == parent)
		return;
	orphans_end(is_keeper);
	_exit(1);
}

void children_die_with_parent(void)
{
	struct sigaction sa = { .sa_handler = on_continue,
				.sa_flags = SA_ONSTACK | SA_RESTART };

	/* Until now its death would have killed us. */
	parent = getppid();
	sigaction(SIGCONT, &sa, NULL);
	prctl(PR_SET_PDEATHSIG, SIGCONT);
}
