/* rtt.c - the limit of round trips of one byte: rtt both N | echo | ping N PORT. */
#include "bench.h"

static void both(long n)
{
	int port, l = listen_any(&port), c = connect_to(port), s = accept_one(l);
	char byte = 'x';
	long i, warm = n / 10;

	pin_congestion(c);
	for (i = -warm; i < n; i++) {
		if (i == 0)
			mark_go();
		need(send(c, &byte, 1, MSG_NOSIGNAL) == 1, "send");
		need(recv(s, &byte, 1, 0) == 1, "recv");
		need(send(s, &byte, 1, MSG_NOSIGNAL) == 1, "send");
		need(recv(c, &byte, 1, 0) == 1, "recv");
	}
	mark("done", n);
}

static void echo(void)
{
	int port, l = listen_any(&port), s;
	char byte;

	dprintf(STDOUT_FILENO, "%d\n", port);
	s = accept_one(l);
	while (recv(s, &byte, 1, 0) == 1)
		need(send(s, &byte, 1, MSG_NOSIGNAL) == 1, "send");
}

static void ping(long n, int port)
{
	int c = connect_to(port);
	char byte = 'x';
	long i, warm = n / 10;

	pin_congestion(c);
	for (i = -warm; i < n; i++) {
		if (i == 0)
			mark_go();
		need(send(c, &byte, 1, MSG_NOSIGNAL) == 1, "send");
		need(recv(c, &byte, 1, 0) == 1, "recv");
	}
	mark("done", n);
}

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "both") == 0)
		both(atol(argv[2]));
	else if (argc == 2 && strcmp(argv[1], "echo") == 0)
		echo();
	else if (argc == 4 && strcmp(argv[1], "ping") == 0)
		ping(atol(argv[2]), atoi(argv[3]));
	else
		return 2;
	return 0;
}
