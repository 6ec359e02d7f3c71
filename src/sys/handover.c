/* handover.c - messages with descriptors attached, over a SOCK_SEQPACKET socketpair. */
#include "sys/handover.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

bool handover_send(int fd, const void *data, size_t len, const int *fds, int n)
{
	char control[CMSG_SPACE(sizeof(int) * HANDOVER_MAX)] = { 0 };
	struct iovec iov = { (void *)data, len };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct cmsghdr *cmsg;

	if (n > 0) {
		msg.msg_control = control;
		msg.msg_controllen = CMSG_SPACE(sizeof(int) * (size_t)n);
		cmsg = CMSG_FIRSTHDR(&msg);
		cmsg->cmsg_level = SOL_SOCKET;
		cmsg->cmsg_type = SCM_RIGHTS;
		cmsg->cmsg_len = CMSG_LEN(sizeof(int) * (size_t)n);
		memcpy(CMSG_DATA(cmsg), fds, sizeof(int) * (size_t)n);
	}
	return sendmsg(fd, &msg, MSG_NOSIGNAL) >= 0;
}

int handover_receive(int fd, void *data, size_t len, int *fds, int n)
{
	char control[CMSG_SPACE(sizeof(int) * HANDOVER_MAX)];
	struct iovec iov = { data, len };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control };
	struct cmsghdr *cmsg;
	ssize_t got;
	int count = 0;

	msg.msg_controllen = CMSG_SPACE(sizeof(int) * (size_t)n);
	do
		got = recvmsg(fd, &msg, MSG_CMSG_CLOEXEC);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return errno == ECONNRESET ? -EPIPE : -errno;
	if ((size_t)got != len)
		return -EPIPE;
	cmsg = CMSG_FIRSTHDR(&msg);
	if (n > 0 && cmsg != NULL && cmsg->cmsg_type == SCM_RIGHTS) {
		count = (int)((cmsg->cmsg_len - CMSG_LEN(0)) / sizeof(int));
		memcpy(fds, CMSG_DATA(cmsg), sizeof(int) * (size_t)count);
	}
	if (!(msg.msg_flags & MSG_CTRUNC))
		return count;
	while (count > 0)
		close(fds[--count]);
	return -EMFILE;
}
