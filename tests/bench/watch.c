/* watch.c - runs a program and takes the times between the marks that it writes. */

/*
 * watch [-a CPU,CPU] PROGRAM... [-- CLIENT...]
 *	Each "go" to "done N" of the program becomes N/seconds, each "value X" is X; all of them
 *	on one line. With a client, the first program is a server: the port that it writes first
 *	is added to the client's arguments, and the client is timed. -a pins the two to CPUs.
 * watch -n TIMES PROGRAM...
 *	Starts the program so often, from fork to exit, with nothing on its stdin: starts/second.
 * watch -b BYTES -p PORT SERVER... -- CLIENT...
 *	For programs that know no marks: bytes/second, from the client's start to the end of both.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

struct options {
	long times;
	double bytes;
	int port;
	int cpu[2]; /* of the server, or the only program; of the client; -1: any */
};

static void die(const char *what)
{
	fprintf(stderr, "watch: %s: %s\n", what, strerror(errno));
	exit(1);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void check_exit(pid_t pid, const char *name)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			die("waitpid");
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return;
	fprintf(stderr, "watch: %s ended with status 0x%x\n", name, status);
	exit(1);
}

/* Starts argv; *out is what it writes, NULL where nobody wants it. */
static pid_t start(char **argv, int cpu, FILE **out)
{
	int fds[2];
	cpu_set_t set;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) < 0)
		die("pipe");
	pid = fork();
	if (pid < 0)
		die("fork");
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		CPU_ZERO(&set);
		if (cpu >= 0) {
			CPU_SET((size_t)cpu, &set);
			if (sched_setaffinity(0, sizeof(set), &set) < 0)
				die("sched_setaffinity");
		}
		dup2(open("/dev/null", O_RDWR), STDIN_FILENO);
		dup2(out ? fds[1] : STDIN_FILENO, STDOUT_FILENO);
		execvp(argv[0], argv);
		die(argv[0]);
	}
	close(fds[1]);
	if (out)
		*out = fdopen(fds[0], "r");
	else
		close(fds[0]);
	return pid;
}

/* Reads marks up to the end and prints what they say. */
static void take_marks(FILE *from)
{
	char line[200];
	double begin = 0, n, at;
	const char *space = "";

	while (fgets(line, sizeof(line), from)) {
		at = now();
		if (strcmp(line, "go\n") == 0) {
			begin = at;
		} else if (sscanf(line, "done %lf", &n) == 1 && begin > 0) {
			printf("%s%.9g", space, n / (at - begin));
			space = " ";
		} else if (sscanf(line, "value %lf", &n) == 1) {
			printf("%s%.9g", space, n);
			space = " ";
		}
	}
	putchar('\n');
}

static void watch_starts(char **argv, long times)
{
	posix_spawn_file_actions_t to_null;
	double begin = now();
	long i;
	pid_t pid;

	posix_spawn_file_actions_init(&to_null);
	posix_spawn_file_actions_addopen(&to_null, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&to_null, 1, "/dev/null", O_WRONLY, 0);
	for (i = 0; i < times; i++) {
		errno = posix_spawnp(&pid, argv[0], &to_null, NULL, argv, environ);
		if (errno)
			die(argv[0]);
		check_exit(pid, argv[0]);
	}
	printf("%.9g\n", (double)times / (now() - begin));
}

static void watch_one(char **argv, const struct options *o)
{
	FILE *out;
	pid_t pid = start(argv, o->cpu[0], &out);

	take_marks(out);
	check_exit(pid, argv[0]);
}

static void watch_two(char **server, char **client, const struct options *o)
{
	FILE *out, *client_out;
	char port[16], **with_port;
	pid_t server_pid = start(server, o->cpu[0], &out), pid;
	int n;

	if (!fgets(port, sizeof(port), out))
		die("the server names no port");
	port[strcspn(port, "\n")] = '\0';
	for (n = 0; client[n]; n++)
		;
	with_port = calloc((size_t)n + 2, sizeof(*with_port));
	memcpy(with_port, client, (size_t)n * sizeof(*client));
	with_port[n] = port;
	pid = start(with_port, o->cpu[1], &client_out);
	take_marks(client_out);
	check_exit(pid, client[0]);
	check_exit(server_pid, server[0]);
}

static bool is_listening(int port)
{
	FILE *f = fopen("/proc/net/tcp", "r");
	char line[200];
	unsigned int p, state;
	bool found = false;

	while (f && !found && fgets(line, sizeof(line), f))
		found = sscanf(line, " %*u: %*x:%x %*x:%*x %x", &p, &state) == 2 &&
			(int)p == port && state == 10;
	if (f)
		fclose(f);
	return found;
}

static void watch_bytes(char **server, char **client, const struct options *o)
{
	pid_t server_pid = start(server, o->cpu[0], NULL), pid;
	double begin = now();

	while (!is_listening(o->port)) {
		if (now() - begin > 5) {
			kill(server_pid, SIGTERM);
			errno = ETIMEDOUT;
			die(server[0]);
		}
		usleep(2000);
	}
	begin = now();
	pid = start(client, o->cpu[1], NULL);
	check_exit(pid, client[0]);
	check_exit(server_pid, server[0]);
	printf("%.9g\n", o->bytes / (now() - begin));
}

int main(int argc, char **argv)
{
	struct options o = { .cpu = { -1, -1 } };
	char **client = NULL;
	int c, i;

	while ((c = getopt(argc, argv, "+n:b:p:a:")) != -1) {
		if (c == 'n')
			o.times = atol(optarg);
		else if (c == 'b')
			o.bytes = atof(optarg);
		else if (c == 'p')
			o.port = atoi(optarg);
		else if (c != 'a' || sscanf(optarg, "%d,%d", &o.cpu[0], &o.cpu[1]) != 2)
			return 2;
	}
	for (i = optind; i < argc && !client; i++)
		if (strcmp(argv[i], "--") == 0) {
			argv[i] = NULL;
			client = argv + i + 1;
		}
	if (optind >= argc || (client && !*client) || (o.bytes > 0 && !client))
		return 2;
	if (o.times > 0)
		watch_starts(argv + optind, o.times);
	else if (o.bytes > 0)
		watch_bytes(argv + optind, client, &o);
	else if (client)
		watch_two(argv + optind, client, &o);
	else
		watch_one(argv + optind, &o);
	return 0;
}
