/* sys_sandbox.c - what the kernel refuses a process in a sandbox, without Lua's help, and what it gives. */
#include "sys/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "sys/locks.h"
#include "sys/netns.h"
#include "sys/starter.h"

/* A folder with inside.txt, a link to outside.txt beside it, and a folder for captures. */
static char top[64];

static void put(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT, 0600);

	assert_true(fd >= 0 && write(fd, "text\n", 5) == 5);
	close(fd);
}

static int enter(void **state)
{
	*state = NULL;
	strcpy(top, "/tmp/tcpstep-sandbox-XXXXXX");
	if (!mkdtemp(top) || chdir(top) < 0 || mkdir("folder", 0700) < 0 ||
	    mkdir("out", 0700) < 0)
		return -1;
	put("folder/inside.txt");
	put("outside.txt");
	return symlink("../outside.txt", "folder/link");
}

static int leave(void **state)
{
	static const char *const names[] = { "folder/inside.txt", "folder/link",
					     "outside.txt", "out/new.pcapng", "out/x" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(*names); i++)
		unlink(names[i]);
	return rmdir("folder") < 0 || rmdir("out") < 0 || chdir("/") < 0 || rmdir(top) < 0
		       ? -1
		       : 0;
}

/* In a child: each thing that is not as it should be is named. */
static int wrong;

static void expect(bool is, const char *what)
{
	if (is)
		return;
	wrong++;
	print_message("not so: %s (%s)\n", what, strerror(errno));
}

/* Runs f in a process of its own, in the sandbox when asked; true when nothing was wrong there. */
static void in_child(void (*before)(void), void (*f)(void))
{
	int status = 0;
	pid_t pid = fork();
	struct err err;

	if (pid == 0) {
		if (before)
			before();
		if (sandbox_enter("folder", "out", NULL, &err) < 0) {
			print_message("%s\n", err.message);
			_exit(100);
		}
		f();
		fflush(stdout);
		_exit(wrong);
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static bool opens(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0600);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static void need_kernel(bool there)
{
	if (!there)
		skip();
}

/* --- files --- */

static void files(void)
{
	expect(opens("folder/inside.txt", O_RDONLY), "a file inside opens");
	expect(opens("folder", O_RDONLY | O_DIRECTORY), "the folder is listed");
	expect(!opens("outside.txt", O_RDONLY) && errno == EACCES, "a file outside");
	expect(!opens("folder/link", O_RDONLY) && errno == EACCES, "a link to outside");
	expect(!opens("/etc/passwd", O_RDONLY) && errno == EACCES, "/etc/passwd");
	expect(!opens("/proc/self/root/etc/passwd", O_RDONLY) && errno == EACCES,
	       "by /proc/self/root");
	expect(!opens("/proc/self/environ", O_RDONLY), "the environment");
	expect(!opens("folder/inside.txt", O_WRONLY) && errno == EACCES,
	       "to write inside");
	expect(!opens("folder/new", O_WRONLY | O_CREAT) && errno == EACCES,
	       "a new file inside");
	expect(truncate("folder/inside.txt", 0) < 0, "to truncate");
	expect(unlink("folder/inside.txt") < 0 && errno == EACCES, "to remove inside");
	expect(rename("outside.txt", "out/x") < 0, "to move a file in");
	expect(link("outside.txt", "out/x") < 0, "to link a file in");
	expect(symlink("/etc", "out/x") < 0, "a link");
	expect(mkdir("out/x", 0700) < 0, "a directory");
	expect(opens("out/new.pcapng", O_WRONLY | O_CREAT | O_EXCL), "a new file in out");
	expect(unlink("out/new.pcapng") == 0, "which can be removed");
}

static void test_files(void **state)
{
	(void)state;
	need_kernel(landlock_abi() >= 3);
	in_child(NULL, files);
}

/* --- processes and networks --- */

static void processes(void)
{
	char *argv[] = { (char *)"true", NULL };

	expect(syscall(SYS_execve, "/bin/true", argv, NULL) < 0 && errno == EPERM,
	       "exec");
	expect(syscall(SYS_execveat, AT_FDCWD, "/bin/true", argv, NULL, 0) < 0 &&
		       errno == EPERM,
	       "execveat");
	expect(fork() < 0 && errno == EPERM, "fork");
	expect(syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0) < 0 && errno == EPERM, "clone");
	expect(syscall(SYS_clone3, NULL, 0) < 0, "clone3");
	expect(popen("true", "r") == NULL, "popen");
	expect(kill(getppid(), 0) < 0 && errno == EPERM, "to signal the parent");
	expect(kill(-1, 0) < 0 && errno == EPERM, "to signal all");
	expect(kill(getpid(), 0) == 0, "it may signal itself");
	expect(ptrace(PTRACE_ATTACH, getppid(), 0, 0) < 0, "ptrace");
	expect(mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		    0) == MAP_FAILED,
	       "new machine code");
	expect(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) !=
		       MAP_FAILED,
	       "memory is given");
	expect(syscall(SYS_unshare, 0x10000000) < 0, "a namespace of its own");
	expect(syscall(SYS_bpf, 0, NULL, 0) < 0, "bpf");
	expect(syscall(SYS_io_uring_setup, 1, NULL) < 0 && errno == ENOSYS, "io_uring");
}

static void test_processes(void **state)
{
	(void)state;
	need_kernel(seccomp_there());
	in_child(NULL, processes);
}

static void networks(void)
{
	static const int families[] = { AF_INET, AF_INET6, AF_UNIX, AF_NETLINK,
					AF_PACKET };
	int pair[2];
	size_t i;

	for (i = 0; i < sizeof(families) / sizeof(*families); i++) {
		expect(socket(families[i], SOCK_STREAM, 0) < 0 && errno == EPERM,
		       "a stream");
		expect(socket(families[i], SOCK_DGRAM, 0) < 0 && errno == EPERM,
		       "datagrams");
		expect(socket(families[i], SOCK_RAW, 0) < 0 && errno == EPERM, "raw");
	}
	expect(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0 && errno == EPERM, "a pair");
}

static void test_networks(void **state)
{
	(void)state;
	need_kernel(seccomp_there());
	in_child(NULL, networks);
}

/* --- the lab --- */

static void need_lab(void)
{
	struct netns_config config = { .hosts = 2 };
	struct err err;
	struct netns *n = netns_new(&config, &err);

	if (!n)
		skip();
	netns_free(n);
}

static void make_labs(void)
{
	struct netns_config config = { .hosts = 2 };
	union addr a;
	struct netns *n;
	struct err err;
	int i, l, c;

	for (i = 0; i < 2; i++) {
		n = netns_new(&config, &err);
		if (!n)
			print_message("%s\n", err.message);
		expect(n != NULL, "a lab is made");
		if (!n)
			return;
		l = netns_socket(n, 1, AF_INET, SOCK_STREAM, 0);
		c = netns_socket(n, 1, AF_INET, SOCK_STREAM, 0);
		a = netns_addr(n, 1, false);
		addr_set_port(&a, 80);
		expect(l >= 0 && bind(l, &a.sa, addr_len(&a)) == 0 && listen(l, 1) == 0,
		       "a host's socket listens");
		connect(c, &a.sa, addr_len(&a));
		expect(accept4(l, NULL, NULL, 0) >= 0, "and is connected to");
		netns_free(n);
		/* It has waited for the keeper. */
		expect(send(c, "x", 1, MSG_NOSIGNAL) < 0, "its connections have ended");
		close(l);
		close(c);
	}
}

static void test_labs(void **state)
{
	(void)state;
	need_lab();
	in_child(NULL, make_labs);
}

/* What a shell that a stranger has taken over may send. */
static void ask_for_wrong_labs(void)
{
	static const int hosts[] = { INT_MIN, -1, 0, 1, NETNS_HOSTS_MAX + 1, INT_MAX };
	struct netns_config config = { .hosts = 0 };
	struct err err;
	size_t i;
	int fd;

	for (i = 0; i < sizeof(hosts) / sizeof(*hosts); i++) {
		config.hosts = hosts[i];
		expect(starter_keeper(&config, &err) < 0 && err.num == EINVAL,
		       "so many hosts");
	}
	config.hosts = 2;
	config.mtu = -1;
	expect(starter_keeper(&config, &err) < 0 && err.num == EINVAL, "an MTU below 0");
	config = (struct netns_config){ .hosts = 2 };
	fd = starter_keeper(&config, &err);
	expect(fd >= 0, "and one that is right");
	close(fd);
}

static void test_wrong_labs(void **state)
{
	(void)state;
	need_lab();
	in_child(NULL, ask_for_wrong_labs);
}

/* --- what is asked first --- */

static void questions(void)
{
	char want[200];
	struct err err;
	int i;

	expect(sandbox_read("open", "folder/inside.txt", &err) == 0, "a file inside");
	expect(sandbox_read("open", "folder/none.txt", &err) == 0,
	       "one that is not there");
	expect(sandbox_read("open", "folder/../folder/inside.txt", &err) == 0,
	       "with dots");
	expect(sandbox_read("open", "folder/link", &err) < 0, "a link to outside");
	expect(sandbox_read("open", "folder/../outside.txt", &err) < 0,
	       "dots to outside");
	expect(sandbox_read("open", "folderx", &err) < 0, "a name that begins alike");
	snprintf(want, sizeof(want),
		 "open /etc/passwd: the sandbox allows files in %s/folder only", top);
	expect(sandbox_read("open", "/etc/passwd", &err) < 0 &&
		       strcmp(err.message, want) == 0 && strcmp(err.code, "sandbox") == 0,
	       err.message);
	expect(sandbox_write("out/a.pcapng", &err) == 0, "a capture");
	expect(sandbox_write("out/a.lua", &err) < 0, "a script");
	expect(sandbox_write("out/.a.pcapng", &err) < 0, "a hidden one");
	expect(sandbox_write("out/../a.pcapng", &err) < 0, "a capture outside");
	expect(sandbox_write("folder/link/a.pcapng", &err) < 0, "below a link");
	for (i = 0; i < 16; i++)
		expect(sandbox_spend("print", 1 << 20, &err) == 0, "a MiB");
	expect(sandbox_spend("print", 1, &err) < 0, "a byte more");
}

static void test_questions(void **state)
{
	struct err err;

	(void)state;
	in_child(NULL, questions);
	assert_false(sandbox_is_on());
	assert_int_equal(sandbox_read("open", "/etc/passwd", &err), 0);
}

/* --- a kernel without the layers: these system calls give ENOSYS --- */

static void old_kernel(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_landlock_create_ruleset, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_seccomp, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = { sizeof(code) / sizeof(*code), code };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog) < 0)
		_exit(101);
}

static void unlocked(void)
{
	struct buf text = BUF_EMPTY;

	expect(!sandbox_missing(&text), "something is missing");
	expect(strstr(buf_str(&text), "no Landlock") != NULL, "Landlock is");
	expect(strstr(buf_str(&text), "no seccomp") != NULL, "seccomp is");
	expect(opens("outside.txt", O_RDONLY), "the kernel lets it open a file outside");
	questions();
	buf_reset(&text);
	sandbox_doctor(&text);
	expect(strncmp(buf_str(&text), "no   Landlock", 13) == 0, "the doctor says so");
	buf_clear(&text);
}

static void test_unlocked(void **state)
{
	(void)state;
	need_kernel(seccomp_there());
	in_child(old_kernel, unlocked);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "Landlock: files are read in the folder and written in out, and nowhere else",
		  test_files, enter, leave, NULL },
		{ "seccomp: no process is started, signalled or looked into, no code made",
		  test_processes, enter, leave, NULL },
		{ "seccomp: no socket of any family is made", test_networks, enter, leave,
		  NULL },
		{ "labs are made and ended as before, one after the other", test_labs,
		  enter, leave, NULL },
		{ "a lab that cannot be is refused, and the next one is made",
		  test_wrong_labs, enter, leave, NULL },
		{ "who asks before opening gets a sentence; without a sandbox all is allowed",
		  test_questions, enter, leave, NULL },
		{ "on a kernel without Landlock and seccomp the questions hold, and it is told",
		  test_unlocked, enter, leave, NULL },
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
