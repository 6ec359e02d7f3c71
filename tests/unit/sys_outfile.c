/* sys_outfile.c - a file is put in place whole or not at all. */
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "net.h"

#include "sys/outfile.h"

static struct outfile f;
static struct err err;

/* Makes the test's directory the current one, empty. */
static int enter(void **state)
{
	char dir[] = "/tmp/tcpstep-outfile-XXXXXX";

	*state = NULL;
	if (!mkdtemp(dir) || chdir(dir) < 0)
		return -1;
	*state = strdup(dir);
	return 0;
}

static int leave(void **state)
{
	const char *dir = *state;
	DIR *d = opendir(".");
	struct dirent *e;

	while (d && (e = readdir(d)))
		if (e->d_name[0] != '.')
			unlink(e->d_name);
	closedir(d);
	rmdir("dir");
	if (chdir("/") < 0 || rmdir(dir) < 0)
		return -1;
	free(*state);
	return 0;
}

static int files(void)
{
	DIR *d = opendir(".");
	int n = 0;

	while (readdir(d))
		n++;
	closedir(d);
	return n - 2;
}

static void put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static void holds(const char *path, const char *want)
{
	char got[100];
	int fd = open(path, O_RDONLY);
	ssize_t n = read(fd, got, sizeof(got) - 1);

	assert_true(n >= 0);
	got[n] = '\0';
	close(fd);
	assert_string_equal(got, want);
}

static void message_has(const char *part)
{
	if (!strstr(err.message, part))
		fail_msg("\"%s\" lacks \"%s\"", err.message, part);
}

static void test_new(void **unused)
{
	struct stat st;

	(void)unused;
	assert_int_equal(outfile_open(&f, "new", false, &err), 0);
	assert_int_equal(outfile_write(&f, "hello ", 6, &err), 0);
	assert_int_equal(outfile_write(&f, "world", 5, &err), 0);
	assert_int_equal(f.written, 11);
	assert_int_not_equal(access("new", F_OK), 0);
	assert_int_equal(outfile_commit(&f, &err), 0);
	holds("new", "hello world");
	assert_int_equal(stat("new", &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(files(), 1);
}

static void test_existing(void **unused)
{
	(void)unused;
	put("old", "old");
	assert_int_equal(outfile_open(&f, "old", false, &err), -EEXIST);
	message_has("write old: file exists (EEXIST)");
	assert_non_null(strstr(err.hint, "force=yes"));
	assert_int_equal(outfile_open(&f, "old", true, &err), 0);
	assert_int_equal(outfile_write(&f, "new", 3, &err), 0);
	holds("old", "old");
	assert_int_equal(outfile_commit(&f, &err), 0);
	holds("old", "new");
	assert_int_equal(files(), 1);
}

/* Tries in a process in which that system call fails so, as on some file systems. */
static void without(int nr, int num, int (*try)(void))
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)nr, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned)num),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(code) / sizeof(*code), code };
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
		    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0)
			_exit(1);
		_exit(-try());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static int put_new(void)
{
	int rc = outfile_open(&f, "new", false, &err);

	if (rc == 0)
		rc = outfile_write(&f, "hello", 5, &err);
	return rc == 0 ? outfile_commit(&f, &err) : rc;
}

static int put_existing(void)
{
	int rc = outfile_open(&f, "late", false, &err);

	put("late", "other");
	rc = rc == 0 ? outfile_commit(&f, &err) : rc;
	return rc == -EEXIST ? 0 : -EINVAL;
}

static void test_no_links(void **unused)
{
	static const int links[] = {
		SYS_linkat,
#ifdef SYS_link
		SYS_link,
#endif
	};
	size_t i;

	(void)unused;
	for (i = 0; i < sizeof(links) / sizeof(*links); i++) {
		without(links[i], EPERM, put_new);
		holds("new", "hello");
		without(links[i], EPERM, put_existing);
		holds("late", "other");
		assert_int_equal(files(), 2);
		unlink("new");
		unlink("late");
	}
}

static void test_no_rename_flags(void **unused)
{
	(void)unused;
	without(SYS_renameat2, EINVAL, put_new);
	holds("new", "hello");
	without(SYS_renameat2, EINVAL, put_existing);
	holds("late", "other");
	assert_int_equal(files(), 2);
}

static void test_mode(void **unused)
{
	struct stat st;

	(void)unused;
	put("old", "old");
	assert_int_equal(chmod("old", 04644), 0);
	/* Only root may give files away. */
	if (geteuid() == 0)
		assert_int_equal(chown("old", 12, 34), 0);
	assert_int_equal(outfile_open(&f, "old", true, &err), 0);
	assert_int_equal(outfile_commit(&f, &err), 0);
	assert_int_equal(stat("old", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
	assert_int_equal(st.st_uid, geteuid() == 0 ? 12 : geteuid());
	assert_int_equal(st.st_gid, geteuid() == 0 ? 34 : getegid());
}

static void test_appeared(void **unused)
{
	(void)unused;
	assert_int_equal(outfile_open(&f, "late", false, &err), 0);
	put("late", "other");
	assert_int_equal(outfile_commit(&f, &err), -EEXIST);
	assert_string_equal(err.code, "EEXIST");
	holds("late", "other");
	assert_int_equal(files(), 1);
}

static void test_abort(void **unused)
{
	(void)unused;
	put("old", "old");
	assert_int_equal(outfile_open(&f, "old", true, &err), 0);
	assert_int_equal(outfile_write(&f, "half", 4, &err), 0);
	outfile_abort(&f);
	outfile_abort(&f);
	holds("old", "old");
	assert_int_equal(files(), 1);
}

static void test_refused(void **unused)
{
	char long_name[5000];

	(void)unused;
	assert_int_equal(mkdir("dir", 0700), 0);
	assert_int_equal(outfile_open(&f, "dir", true, &err), -EISDIR);
	assert_int_equal(outfile_open(&f, "none/x", false, &err), -ENOENT);
	assert_int_equal(outfile_open(&f, "", false, &err), -ENOENT);
	memset(long_name, 'x', sizeof(long_name) - 1);
	long_name[sizeof(long_name) - 1] = '\0';
	assert_int_equal(outfile_open(&f, long_name, false, &err), -ENAMETOOLONG);
	assert_int_equal(f.fd, -1);
}

static void test_devices(void **unused)
{
	struct stat st;

	(void)unused;
	assert_true(outfile_open(&f, "/dev/null", true, &err) < 0);
	message_has("/dev/null: it is not a regular file");
	assert_int_equal(symlink("/etc/passwd", "link"), 0);
	assert_true(outfile_open(&f, "link", true, &err) < 0);
	assert_int_equal(lstat("link", &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_int_equal(mkfifo("fifo", 0600), 0);
	assert_true(outfile_open(&f, "fifo", true, &err) < 0);
	assert_int_equal(files(), 2);
}

/* A limit on the size of files stands in for a full disk. */
static void test_full(void **unused)
{
	struct rlimit small = { 4096, RLIM_INFINITY }, before;
	static char data[8192];

	(void)unused;
	put("old", "old");
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &before);
	small.rlim_max = before.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	assert_int_equal(outfile_open(&f, "old", true, &err), 0);
	assert_int_equal(outfile_write(&f, data, sizeof(data), &err), -EFBIG);
	setrlimit(RLIMIT_FSIZE, &before);
	message_has("write old, after 4096 bytes:");
	outfile_abort(&f);
	holds("old", "old");
	assert_int_equal(files(), 1);
}

#define test_in(name, f)                    \
	{                                   \
		name, f, enter, leave, NULL \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		test_in("a new file appears when it is whole, mode 0600", test_new),
		test_in("an existing file is replaced only with force", test_existing),
		test_in("a file system without hard links takes a file too",
			test_no_links),
		test_in("so does one that renames without flags only",
			test_no_rename_flags),
		test_in("a file that is replaced keeps its mode and, for root, its owner",
			test_mode),
		test_in("a file that came meanwhile is not overwritten", test_appeared),
		test_in("an abort leaves the old file and nothing else", test_abort),
		test_in("directories, missing ones and bad names are refused",
			test_refused),
		test_in("devices, links and FIFOs are never replaced", test_devices),
		test_in("a full disk names file and bytes and leaves the old file",
			test_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
