/* pairs.c - the limit of open connections: pairs open N | hold N. */

/*
 * open: N pairs in this process: pairs/second, bytes of memory a pair, and walks/second over the
 * kernel's table, which has them all. hold: N pairs in as many processes as the limit on
 * descriptors asks for, until stdin ends; writes "ready" when they are open.
 */
#include <sys/resource.h>
#include <sys/wait.h>

#include "bench.h"
#include "walk.h"

static long rss_bytes(void)
{
	FILE *f = fopen("/proc/self/status", "r");
	char line[200];
	long kb = 0;

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "VmRSS: %ld", &kb) == 1)
			break;
	if (f)
		fclose(f);
	return kb * 1024;
}

static int *open_pairs(long n)
{
	int port, l = listen_any(&port), *fd = malloc((size_t)n * 2 * sizeof(*fd));
	long i;

	need(fd != NULL, "malloc");
	for (i = 0; i < n; i++) {
		fd[i * 2] = connect_to(port);
		fd[i * 2 + 1] = accept_one(l);
	}
	return fd;
}

static void reset_pairs(const int *fd, long n)
{
	long i;

	for (i = 0; i < n; i++)
		reset_on_close(fd[i * 2]);
	for (i = 0; i < n * 2; i++)
		close(fd[i]);
}

static void run_open(long n)
{
	long before = rss_bytes(), i, walks = 5;
	int nl = walk_open(), *fd;

	mark_go();
	fd = open_pairs(n);
	mark("done", n);
	mark("value", (rss_bytes() - before) / n);
	mark_go();
	for (i = 0; i < walks; i++)
		need(walk_all(nl) >= n * 2, "sock_diag walk");
	mark("done", walks);
	reset_pairs(fd, n);
}

static void run_hold(long n)
{
	struct rlimit limit;
	int ready[2], *fd;
	long most, left, children = 0;
	char byte;

	getrlimit(RLIMIT_NOFILE, &limit);
	most = ((long)limit.rlim_cur - 20) / 2;
	need(pipe(ready) == 0, "pipe");
	for (left = n; left > 0; left -= most, children++)
		if (fork() == 0) {
			n = left < most ? left : most;
			fd = open_pairs(n);
			need(write(ready[1], "", 1) == 1, "write");
			need(read(STDIN_FILENO, &byte, 1) == 0, "read");
			reset_pairs(fd, n);
			_exit(0);
		}
	while (children-- > 0)
		need(read(ready[0], &byte, 1) == 1, "a child");
	dprintf(STDOUT_FILENO, "ready\n");
	while (wait(NULL) > 0)
		;
}

int main(int argc, char **argv)
{
	struct rlimit limit;

	if (argc != 3)
		return 2;
	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	if (strcmp(argv[1], "open") == 0)
		run_open(atol(argv[2]));
	else if (strcmp(argv[1], "hold") == 0)
		run_hold(atol(argv[2]));
	else
		return 2;
	return 0;
}
