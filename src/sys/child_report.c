/* child_report.c - what a scenario's process says to the runner. */
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "sys/child.h"

static int report = -1;

bool child_report_open(void)
{
	int type = 0;
	socklen_t len = sizeof(type);

	if (getsockopt(CHILD_REPORT_FD, SOL_SOCKET, SO_TYPE, &type, &len) < 0 ||
	    type != SOCK_SEQPACKET)
		return false;
	report = CHILD_REPORT_FD;
	fcntl(CHILD_REPORT_FD, F_SETFD, FD_CLOEXEC);
	return true;
}

void child_report(enum child_word word, const void *data, size_t len)
{
	unsigned char kind = (unsigned char)word;
	struct iovec iov[2] = { { &kind, 1 }, { (void *)data, len } };
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = 2 };
	ssize_t n;

	if (report < 0)
		return;
	do
		n = sendmsg(report, &msg, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
}
