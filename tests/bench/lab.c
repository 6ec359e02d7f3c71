/* lab.c - the limit of the lab's rows: lab veth|relay|offload rtt N | one-way N | stream BYTES | made N. */
#include <poll.h>
#include <sys/wait.h>

#include "netlab.h"

static char data[CHUNK], into[CHUNK];

/* Waits for the other namespace only when it has not answered within the send. */
static size_t take(const struct netlab *lab, int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	ssize_t n;

	while ((n = recv(fd, into, sizeof(into), 0)) < 0 && errno == EAGAIN)
		if (lab->how == VETH)
			poll(&p, 1, 1000);
		else
			pump(lab);
	need(n > 0, "recv");
	return (size_t)n;
}

static void put(int fd)
{
	need(send(fd, "x", 1, MSG_NOSIGNAL) == 1, "send");
}

static void bytes(const struct netlab *lab, long n, bool back)
{
	int end[2];
	long i;

	lab_connect(lab, end);
	for (i = -n / 10; i < n; i++) {
		if (i == 0)
			mark_go();
		put(end[0]);
		take(lab, end[1]);
		if (!back)
			continue;
		put(end[1]);
		take(lab, end[0]);
	}
	mark("done", n);
}

/* The kernel's struct tcp_info goes on where glibc's ends. */
#define DATA_SEGS_OUT (156 / sizeof(uint32_t))

static unsigned segments_sent(int fd)
{
	uint32_t info[64] = { 0 };
	socklen_t len = sizeof(info);

	need(getsockopt(fd, IPPROTO_TCP, TCP_INFO, info, &len) == 0, "TCP_INFO");
	return info[DATA_SEGS_OUT];
}

static void pass_chunk(const struct netlab *lab, int from, int to)
{
	size_t sent = 0, got = 0;
	ssize_t n;

	while (got < CHUNK) {
		n = sent < CHUNK ? send(from, data + sent, CHUNK - sent, MSG_NOSIGNAL)
				 : 0;
		need(n >= 0 || errno == EAGAIN, "send");
		sent += n > 0 ? (size_t)n : 0;
		got += take(lab, to);
	}
}

static void stream(const struct netlab *lab, long count)
{
	long i, n = count / CHUNK;
	unsigned before = 0;
	int end[2];

	lab_connect(lab, end);
	for (i = -n / 10; i < n; i++) {
		if (i == 0) {
			before = segments_sent(end[0]);
			mark_go();
		}
		pass_chunk(lab, end[0], end[1]);
	}
	mark("done", n * CHUNK);
	mark("done", segments_sent(end[0]) - before);
}

static void made(enum how how, long n)
{
	struct netlab lab;
	pid_t pid;
	long i;

	for (i = -n / 10; i < n; i++) {
		if (i == 0)
			mark_go();
		pid = fork();
		need(pid >= 0, "fork");
		if (pid == 0) {
			make_lab(&lab, how);
			_exit(0);
		}
		need(waitpid(pid, NULL, 0) == pid, "waitpid");
	}
	mark("done", n);
}

int main(int argc, char **argv)
{
	static const char *const names[] = { "veth", "relay", "offload" };
	struct netlab lab;
	int how = 0;

	if (argc != 4)
		return 2;
	while (how < 3 && strcmp(argv[1], names[how]) != 0)
		how++;
	if (how == 3)
		return 2;
	memset(data, 'x', sizeof(data));
	enter_user_namespace();
	if (strcmp(argv[2], "made") == 0) {
		made((enum how)how, atol(argv[3]));
		return 0;
	}
	make_lab(&lab, (enum how)how);
	if (strcmp(argv[2], "rtt") == 0)
		bytes(&lab, atol(argv[3]), true);
	else if (strcmp(argv[2], "one-way") == 0)
		bytes(&lab, atol(argv[3]), false);
	else if (strcmp(argv[2], "stream") == 0)
		stream(&lab, atol(argv[3]));
	else
		return 2;
	return 0;
}
