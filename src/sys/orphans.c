/* orphans.c - processes that became ours because their parent has died. */

/*
 * Whoever was forked twice, or has made a session of his own, has left the process group of
 * the scenario that began it. But he has a parent, and when that dies he gets the nearest ancestor
 * that adopts (PR_SET_CHILD_SUBREAPER): the scenario itself, which adopts too, and after its
 * end the runner. The runner has no other children, so what it does not know is such an orphan.
 *
 * A lab's keeper is one when its scenario was killed. It ends by itself, after it has ended the
 * connections in its namespaces, which would hold these for minutes else.
 */

#include "sys/orphans.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sys/child.h"

#define ROUNDS	 2000
#define PAUSE_NS 500000

static bool adopts;

static bool is_keeper(pid_t pid)
{
	char path[40], name[20] = "";
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/comm", (int)pid);
	f = fopen(path, "re");
	if (f == NULL)
		return false;
	if (fgets(name, sizeof(name), f) == NULL)
		name[0] = '\0';
	fclose(f);
	return strcmp(name, "tcpstep-keeper\n") == 0;
}

/*
 * Kills or waits for each child that is not one of ours by start. How many there were; a kernel without
 * this file (CONFIG_PROC_CHILDREN) tells of none.
 */
static int sweep_once(bool (*known)(pid_t pid), bool keepers_too)
{
	char path[40];
	int n = 0, pid;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
	f = fopen(path, "re");
	if (f == NULL)
		return 0;
	while (fscanf(f, "%d", &pid) == 1) {
		if (known(pid))
			continue;
		n++;
		if (keepers_too || !is_keeper(pid))
			kill(pid, SIGKILL);
		waitpid(pid, NULL, WNOHANG);
	}
	fclose(f);
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
