/* connects.c - the limit of connect, accept, RST and close: connects N. */
#include "bench.h"

int main(int argc, char **argv)
{
	int port, l = listen_any(&port), c, s;
	long i, n = argc > 1 ? atol(argv[1]) : 0;

	for (i = -n / 10; i < n; i++) {
		if (i == 0)
			mark_go();
		c = connect_to(port);
		s = accept_one(l);
		reset_on_close(c);
		close(c);
		close(s);
	}
	mark("done", n);
	return 0;
}
