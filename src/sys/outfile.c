/* outfile.c - a file written beside its target and put in place when it is whole. */
#include "sys/outfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "sys/sandbox.h"

static int exists(const char *path, struct err *err)
{
	err_errno(err, EEXIST, "write %s", path);
	err_hint(err, "It is left as it is; force=yes replaces it.");
	return -EEXIST;
}

static int not_regular(const char *path, struct err *err)
{
	err_set(err, "usage", "write %s: it is not a regular file", path);
	err_hint(err, "force=yes replaces regular files only.");
	return -EINVAL;
}

int outfile_open(struct outfile *f, const char *path, bool force, struct err *err)
{
	struct stat st;
	int i;

	f->fd = -1;
	f->force = force;
	f->written = 0;
	if (*path == '\0' || strlen(path) >= sizeof(f->path))
		return err_errno(err, *path ? ENAMETOOLONG : ENOENT, "write %.60s", path);
	i = sandbox_write(path, err);
	if (i < 0)
		return i;
	memcpy(f->path, path, strlen(path) + 1);
	if (lstat(path, &st) == 0) {
		if (S_ISDIR(st.st_mode))
			return err_errno(err, EISDIR, "write %s", path);
		if (!force)
			return exists(path, err);
		/* Above all not /dev/null, which root could replace. */
		if (!S_ISREG(st.st_mode))
			return not_regular(path, err);
		i = sandbox_replace(path, &st, err);
		if (i < 0)
			return i;
	}
	for (i = 0; i < 100; i++) {
		snprintf(f->temp, sizeof(f->temp), "%s.%d.%d~", path, (int)getpid(), i);
		f->fd = open(f->temp,
			     O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (f->fd >= 0)
			return 0;
		if (errno != EEXIST)
			break;
	}
	return err_errno(err, errno, "write %s", path);
}

int outfile_write(struct outfile *f, const void *data, size_t len, struct err *err)
{
	const char *p = data;
	ssize_t n;
	int rc = sandbox_spend("write", len, err);

	if (rc < 0)
		return rc;
	while (len > 0) {
		n = write(f->fd, p, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(err, errno, "write %s, after %llu byte%s",
					 f->path, f->written, text_plural(f->written));
		p += n;
		len -= (size_t)n;
		f->written += (unsigned long long)n;
	}
	return 0;
}

/* What is replaced keeps its mode and its owner, as far as we and its file system may set them. */
static void keep_mode(const struct outfile *f)
{
	struct stat st;
	int rc;

	if (!f->force || lstat(f->path, &st) < 0)
		return;
	rc = fchown(f->fd, st.st_uid, st.st_gid);
	(void)rc;
	(void)fchmod(f->fd, st.st_mode & 0777);
}

/* Without force a target that came to be in the meantime is not replaced. */
static int put_in_place(const struct outfile *f)
{
	if (f->force)
		return rename(f->temp, f->path);
	if (renameat2(AT_FDCWD, f->temp, AT_FDCWD, f->path, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -1;
	/* A file system without such renames, as NFS, has links; not all have. */
	return link(f->temp, f->path) < 0 ? -1 : unlink(f->temp);
}

int outfile_commit(struct outfile *f, struct err *err)
{
	int rc;

	keep_mode(f);
	sandbox_made(f->fd);
	rc = close(f->fd);
	f->fd = -1;
	if (rc == 0)
		rc = put_in_place(f);
	if (rc == 0)
		return 0;
	rc = errno == EEXIST ? exists(f->path, err)
			     : err_errno(err, errno, "write %s", f->path);
	unlink(f->temp);
	return rc;
}

void outfile_abort(struct outfile *f)
{
	if (f->fd < 0)
		return;
	close(f->fd);
	f->fd = -1;
	unlink(f->temp);
}
