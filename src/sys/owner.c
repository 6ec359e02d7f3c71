/* owner.c - which process holds a listener: from its inode to a name, by way of /proc. */

/*
 * Only asked after a bind has failed, so it may be slow: every descriptor of every process that
 * we may look at is read. Another user's processes do not show theirs; then nothing is said.
 * glibc's readdir is safe with a DIR of one's own; readdir_r is deprecated.
 */

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "sys/diag.h"

static int take_inode(const struct diag_sock *sock, void *arg)
{
	uint32_t *inode = arg;

	*inode = sock->inode;
	return *inode != 0;
}

static DIR *dir_open(int dirfd, const char *path)
{
	int fd = openat(dirfd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK);
	DIR *dir;

	if (fd < 0)
		return NULL;
	dir = fdopendir(fd);
	if (dir == NULL)
		close(fd);
	return dir;
}

/* True when the process (a name in /proc) has a descriptor whose link reads as wanted. */
static bool process_has(int proc, const char *pid, const char *wanted)
{
	char path[300], link[64];
	struct dirent *entry;
	bool found = false;
	ssize_t n;
	DIR *fds;

	snprintf(path, sizeof(path), "%s/fd", pid);
	fds = dir_open(proc, path);
	if (fds == NULL)
		return false;
	/* cppcheck-suppress readdirCalled */
	while (!found && (entry = readdir(fds)) != NULL) {
		n = readlinkat(dirfd(fds), entry->d_name, link, sizeof(link) - 1);
		if (n <= 0)
			continue;
		link[n] = '\0';
		found = strcmp(link, wanted) == 0;
	}
	closedir(fds);
	return found;
}

/* A process chooses its own name: it is escaped. */
static void process_describe(int proc, const char *pid, char *text, unsigned long size)
{
	struct buf name = BUF_EMPTY;
	char path[300], comm[64];
	ssize_t n = -1;
	int fd;

	snprintf(path, sizeof(path), "%s/comm", pid);
	fd = openat(proc, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd >= 0) {
		n = read(fd, comm, sizeof(comm));
		close(fd);
	}
	if (n > 0)
		text_escape(&name, comm, (size_t)n - (comm[n - 1] == '\n'), false);
	snprintf(text, size, "%s (pid %s)", name.len ? name.data : "a process", pid);
	buf_clear(&name);
}

bool diag_owner(struct diag *d, int local_port, char *text, unsigned long size)
{
	struct diag_filter filter = { .states = 1u << STATE_LISTEN,
				      .local_port = local_port };
	struct dirent *entry;
	bool found = false;
	char wanted[64];
	uint32_t inode = 0;
	struct err err;
	DIR *proc;

	if (diag_each(d, &filter, take_inode, &inode, &err) <= 0)
		return false;
	snprintf(wanted, sizeof(wanted), "socket:[%u]", inode);
	proc = dir_open(AT_FDCWD, "/proc");
	if (proc == NULL)
		return false;
	/* cppcheck-suppress readdirCalled */
	while (!found && (entry = readdir(proc)) != NULL) {
		if (strspn(entry->d_name, "0123456789") != strlen(entry->d_name))
			continue;
		found = process_has(dirfd(proc), entry->d_name, wanted);
		if (found)
			process_describe(dirfd(proc), entry->d_name, text, size);
	}
	closedir(proc);
	return found;
}
