/* bulk.c - the limit of bulk transfer: bulk both BYTES | source BYTES | sink PORT. */
#include <fcntl.h>

#include "bench.h"

static char data[CHUNK], into[CHUNK];

/* Sends a chunk and takes it out at the other end, in whatever pieces the kernel likes. */
static void pass_chunk(int from, int to)
{
	size_t sent = 0, got = 0;
	ssize_t n;

	while (got < CHUNK) {
		if (sent < CHUNK) {
			n = send(from, data + sent, CHUNK - sent, MSG_NOSIGNAL);
			need(n > 0 || errno == EAGAIN, "send");
			sent += n > 0 ? (size_t)n : 0;
		}
		n = recv(to, into, CHUNK, 0);
		need(n > 0 || errno == EAGAIN, "recv");
		got += n > 0 ? (size_t)n : 0;
	}
}

static void both(long bytes)
{
	int port, l = listen_any(&port), c = connect_to(port), s = accept_one(l);
	long i, n = bytes / CHUNK, warm = n / 10;

	pin_congestion(c);
	fcntl(c, F_SETFL, O_NONBLOCK);
	fcntl(s, F_SETFL, O_NONBLOCK);
	for (i = -warm; i < n; i++) {
		if (i == 0)
			mark_go();
		pass_chunk(s, c);
	}
	mark("done", n * CHUNK);
}

static void source(long bytes)
{
	int port, l = listen_any(&port), s;
	long left = bytes;
	ssize_t n;

	dprintf(STDOUT_FILENO, "%d\n", port);
	s = accept_one(l);
	for (; left > 0; left -= n) {
		n = send(s, data, left < CHUNK ? (size_t)left : CHUNK, MSG_NOSIGNAL);
		need(n > 0, "send");
	}
}

static void sink(int port)
{
	int c = connect_to(port);
	long total = 0;
	ssize_t n;

	mark_go();
	while ((n = recv(c, into, CHUNK, 0)) > 0)
		total += n;
	need(n == 0, "recv");
	mark("done", total);
}

int main(int argc, char **argv)
{
	memset(data, 'x', sizeof(data));
	if (argc != 3)
		return 2;
	if (strcmp(argv[1], "both") == 0)
		both(atol(argv[2]));
	else if (strcmp(argv[1], "source") == 0)
		source(atol(argv[2]));
	else if (strcmp(argv[1], "sink") == 0)
		sink(atoi(argv[2]));
	else
		return 2;
	return 0;
}
