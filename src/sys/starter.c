/* starter.c - the process that starts labs' keepers for a shell that may start nothing itself. */

/*
 * A sandbox is for ever, and for the children too: who is in one can neither fork nor
 * make namespaces. So the shell forks this process before it enters, and asks it for
 * each lab. The keeper is then a child of the starter; the shell has its socketpair as
 * always. All that the script can ask for by this way is a lab.
 */

#include "sys/starter.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sys/handover.h"
#include "sys/keeper.h"

/* A process has one at most. */
static int starter_fd = -1;

/* Its answer: 0 with the keeper's socketpair attached, or negative errno. */
static int start(const struct netns_config *config, int *fd)
{
	pid_t self = getpid(), pid;
	int pair[2], rc;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	pid = fork();
	if (pid == 0)
		keeper_run(pair[1], self, config);
	rc = pid < 0 ? -errno : 0;
	*fd = pair[0];
	close(pair[1]);
	return rc;
}

/* The shell may be a stranger's by now. */
static bool is_possible(const struct netns_config *config)
{
	return config->hosts >= 2 && config->hosts <= NETNS_HOSTS_MAX && config->mtu >= 0;
}

static void __attribute__((noreturn)) serve(int fd, pid_t shell)
{
	struct netns_config config;
	int rc, keeper;

	keeper_detach(fd, "tcpstep-starter");
	/* Nobody waits for the keepers. */
	signal(SIGCHLD, SIG_IGN);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != shell)
		_exit(0);
	while (recv(0, &config, sizeof(config), 0) == sizeof(config)) {
		keeper = -1;
		rc = is_possible(&config) ? start(&config, &keeper) : -EINVAL;
		if (!handover_send(0, &rc, sizeof(rc), &keeper, keeper >= 0))
			break;
		if (keeper >= 0)
			close(keeper);
	}
	_exit(0);
}

int starter_begin(struct err *err)
{
	pid_t self = getpid(), pid;
	sigset_t all, before;
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return err_errno(err, errno, "make a socketpair for the starter of labs");
	/* No handler of the shell's may run in the child. */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	pid = fork();
	if (pid == 0)
		serve(pair[1], self);
	sigprocmask(SIG_SETMASK, &before, NULL);
	close(pair[1]);
	if (pid < 0) {
		close(pair[0]);
		return err_errno(err, errno, "start the starter of labs");
	}
	starter_fd = pair[0];
	return 0;
}

bool starter_is_there(void)
{
	return starter_fd >= 0;
}

int starter_keeper(const struct netns_config *config, struct err *err)
{
	int rc = -EPIPE, got, fd = -1;

	if (handover_send(starter_fd, config, sizeof(*config), NULL, 0)) {
		got = handover_receive(starter_fd, &rc, sizeof(rc), &fd, 1);
		rc = got < 0 ? got : rc;
	}
	if (rc == 0 && fd >= 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return err_errno(err, rc ? -rc : EPIPE, "start the lab's keeper");
}
