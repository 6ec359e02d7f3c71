/* sandbox.c - what the script of a stranger may reach: a folder, a lab, so much output. */

/*
 * Three layers, of which each is enough against what it knows. The functions of Lua and
 * the commands that reach outside ask here first (lua/sandbox.c, cmd/); Landlock refuses
 * files, and seccomp system calls, to the whole process. The lab's keepers come from a
 * process that was forked before (starter.c).
 */

#include "sys/sandbox.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "sys/locks.h"
#include "sys/starter.h"

/* A process enters one at most, and stays in it. */
static struct {
	bool on;
	char folder[PATH_MAX], out[PATH_MAX];
	char kept[NAME_MAX + 1];
	unsigned long long spent;
	struct stat *made; /* the files that were written in it */
	size_t n_made;
} own;

#ifdef __SANITIZE_ADDRESS__
/* Its search for leaks at the end takes processes and /proc. */
int __lsan_is_turned_off(void);
int __lsan_is_turned_off(void)
{
	return own.on;
}
#endif

static int real_path(const char *path, char real[PATH_MAX], struct err *err)
{
	if (realpath(path, real) == NULL)
		return err_errno(err, errno, "sandbox: open %.200s", path);
	return 0;
}

int sandbox_enter(const char *folder, const char *out, const char *kept, struct err *err)
{
	int rc;

	snprintf(own.kept, sizeof(own.kept), "%s", kept ? kept : "");
	if (real_path(folder, own.folder, err) < 0 || real_path(out, own.out, err) < 0)
		return -err->num;
	rc = starter_begin(err);
	/* From now on its file is out of reach. */
	tzset();
	if (rc == 0 && landlock_abi() > 0)
		rc = landlock_lock(own.folder, own.out, err);
	if (rc == 0 && seccomp_there())
		rc = seccomp_lock(err);
	own.on = rc == 0;
	return rc;
}

/* Lower ones stay. Returns the soft one that holds. */
static unsigned long long limit(int what, unsigned long long soft,
				unsigned long long hard)
{
	struct rlimit old, now = { soft, hard };

	if (getrlimit(what, &old) < 0)
		return soft;
	now.rlim_cur = now.rlim_cur < old.rlim_cur ? now.rlim_cur : old.rlim_cur;
	now.rlim_max = now.rlim_max < old.rlim_max ? now.rlim_max : old.rlim_max;
	setrlimit(what, &now);
	return now.rlim_cur;
}

unsigned long sandbox_limits(unsigned long long memory_bytes, unsigned long cpu_seconds)
{
	limit(RLIMIT_CORE, 0, 0);
#ifndef __SANITIZE_ADDRESS__
	/* AddressSanitizer's own map alone is larger than any limit. */
	limit(RLIMIT_AS, memory_bytes, memory_bytes);
#else
	(void)memory_bytes;
#endif
	return (unsigned long)limit(RLIMIT_CPU, cpu_seconds, cpu_seconds + 2);
}

bool sandbox_is_on(void)
{
	return own.on;
}

const char *sandbox_folder(void)
{
	return own.folder;
}

int sandbox_refuse(struct err *err, const char *why, const char *what, ...)
{
	char text[300];
	va_list ap;

	if (!own.on)
		return 0;
	va_start(ap, what);
	vsnprintf(text, sizeof(text), what, ap);
	va_end(ap);
	err_set(err, "sandbox", "%s: the sandbox %s", text, why);
	err->num = EPERM;
	return -EPERM;
}

/* The directory that a path's last word stands in, with all links followed. */
static bool real_parent(const char *path, char real[PATH_MAX])
{
	const char *slash = strrchr(path, '/');
	char parent[PATH_MAX];

	if (!slash)
		return realpath(".", real) != NULL;
	if (slash - path >= PATH_MAX)
		return false;
	snprintf(parent, sizeof(parent), "%.*s", slash == path ? 1 : (int)(slash - path),
		 path);
	return realpath(parent, real) != NULL;
}

/* Is the real path that directory, or below it? */
static bool is_below(const char *dir, const char *real)
{
	size_t len = strlen(dir);

	return strcmp(dir, "/") == 0 ||
	       (strncmp(dir, real, len) == 0 && (real[len] == '/' || real[len] == '\0'));
}

bool path_is_within(const char *folder, const char *path)
{
	char real[PATH_MAX], dir[PATH_MAX];

	return realpath(path, real) && realpath(folder, dir) && is_below(dir, real);
}

int sandbox_read(const char *op, const char *path, struct err *err)
{
	char real[PATH_MAX], why[PATH_MAX + 40];

	if (!own.on)
		return 0;
	/* What is not there shall say so, where it may be asked. */
	if ((realpath(path, real) || real_parent(path, real)) &&
	    is_below(own.folder, real))
		return 0;
	snprintf(why, sizeof(why), "allows files in %.150s only", own.folder);
	return sandbox_refuse(err, why, "%s %.150s", op, path);
}

static const char *name_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* Nothing runs a capture, or reads it as settings. */
static bool is_capture(const char *path)
{
	const char *name = name_of(path), *dot = strrchr(name, '.');

	return *name != '.' && dot && strcmp(dot, ".pcapng") == 0;
}

int sandbox_write(const char *path, struct err *err)
{
	char real[PATH_MAX], why[PATH_MAX + 40];

	if (!own.on)
		return 0;
	if (is_capture(path) && real_parent(path, real) && strcmp(own.out, real) == 0)
		return 0;
	snprintf(why, sizeof(why), "allows captures (*.pcapng) in %.150s only", own.out);
	return sandbox_refuse(err, why, "write %.150s", path);
}

int sandbox_replace(const char *path, const struct stat *old, struct err *err)
{
	size_t i;

	if (!own.on || (*own.kept && strcmp(name_of(path), own.kept) == 0))
		return 0;
	for (i = 0; i < own.n_made; i++)
		if (own.made[i].st_dev == old->st_dev &&
		    own.made[i].st_ino == old->st_ino)
			return 0;
	return sandbox_refuse(err, "replaces only what the script itself has saved",
			      "write %.150s", path);
}

void sandbox_made(int fd)
{
	if (!own.on)
		return;
	own.made = xrealloc(own.made, (own.n_made + 1) * sizeof(*own.made));
	if (fstat(fd, &own.made[own.n_made]) == 0)
		own.n_made++;
}

int sandbox_spend(const char *op, unsigned long long bytes, struct err *err)
{
	if (!own.on)
		return 0;
	if (bytes <= SANDBOX_OUTPUT_BYTES - own.spent) {
		own.spent += bytes;
		return 0;
	}
	return sandbox_refuse(err, "allows 16 MiB of output in all", "%s", op);
}

bool sandbox_missing(struct buf *out)
{
	size_t before = out->len;

	if (landlock_abi() == 0)
		buf_adds(out,
			 "This kernel has no Landlock: that files outside are refused is "
			 "tcpstep's own doing only.\n");
	if (!seccomp_there())
		buf_adds(
			out,
			"This kernel has no seccomp filters for this processor: that processes "
			"and networks are refused is tcpstep's own doing only.\n");
	return out->len == before;
}

void sandbox_doctor(struct buf *out)
{
	int abi = landlock_abi();

	if (abi > 0)
		buf_addf(out, "yes  Landlock (version %d), for --sandbox\n", abi);
	else
		buf_adds(
			out,
			"no   Landlock: with --sandbox only tcpstep itself refuses files\n"
			"     A kernel from 5.13 on has it: CONFIG_SECURITY_LANDLOCK, lsm=landlock\n");
	if (seccomp_there())
		buf_adds(out, "yes  seccomp filters, for --sandbox\n");
	else
		buf_adds(
			out,
			"no   seccomp filters: with --sandbox only tcpstep itself refuses processes\n"
			"     and networks. They take CONFIG_SECCOMP_FILTER, on x86-64, arm64 or riscv64\n");
}
