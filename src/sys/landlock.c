/* landlock.c - which files this process may open, for ever, said to the kernel. */

/*
 * Raw system calls: there is no library for three of them, and headers are older than
 * kernels, so what they may lack is defined here. What an older Landlock does not know
 * it does not forbid; that is asked by version.
 *
 * Landlock can forbid bind and connect by port (version 4), but not by network
 * namespace: it would forbid them in the lab as well. That no socket of this machine's
 * network can be made is seccomp's part.
 */

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sys/locks.h"

#ifndef LANDLOCK_ACCESS_FS_REFER
#define LANDLOCK_ACCESS_FS_REFER (1ULL << 13)
#endif
#ifndef LANDLOCK_ACCESS_FS_TRUNCATE
#define LANDLOCK_ACCESS_FS_TRUNCATE (1ULL << 14)
#endif
#ifndef LANDLOCK_ACCESS_FS_IOCTL_DEV
#define LANDLOCK_ACCESS_FS_IOCTL_DEV (1ULL << 15)
#endif
#define SCOPE_ABSTRACT_UNIX_SOCKET (1ULL << 0)
#define SCOPE_SIGNAL		   (1ULL << 1)

/* struct landlock_ruleset_attr as of version 6. Zeros at its end are fine with every version. */
struct ruleset {
	uint64_t fs, net, scoped;
};

#define READS (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define WRITES                                                         \
	(LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG | \
	 LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_TRUNCATE)

int landlock_abi(void)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0,
			   LANDLOCK_CREATE_RULESET_VERSION);

	return abi < 0 ? 0 : (int)abi;
}

/* All that this version can forbid. */
static struct ruleset everything(int abi)
{
	struct ruleset r = { .fs = LANDLOCK_ACCESS_FS_REFER - 1 };

	if (abi >= 2)
		r.fs |= LANDLOCK_ACCESS_FS_REFER;
	if (abi >= 3)
		r.fs |= LANDLOCK_ACCESS_FS_TRUNCATE;
	if (abi >= 5)
		r.fs |= LANDLOCK_ACCESS_FS_IOCTL_DEV;
	if (abi >= 6)
		r.scoped = SCOPE_ABSTRACT_UNIX_SOCKET | SCOPE_SIGNAL;
	return r;
}

static int allow(int ruleset, const char *folder, uint64_t access)
{
	int dir = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC), rc;
	struct landlock_path_beneath_attr rule = { access, dir };

	if (dir < 0)
		return -errno;
	rc = syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule,
		     0) < 0
		     ? -errno
		     : 0;
	close(dir);
	return rc;
}

int landlock_lock(const char *folder, const char *out, struct err *err)
{
	struct ruleset r = everything(landlock_abi());
	int fd, rc;

	fd = (int)syscall(SYS_landlock_create_ruleset, &r, sizeof(r), 0);
	if (fd < 0)
		return err_errno(err, errno, "make the sandbox's rules of files");
	rc = allow(fd, folder, READS);
	if (rc == 0)
		rc = allow(fd, out, WRITES & r.fs);
	if (rc == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		rc = -errno;
	if (rc == 0 && syscall(SYS_landlock_restrict_self, fd, 0) < 0)
		rc = -errno;
	close(fd);
	return rc < 0 ? err_errno(err, -rc, "enter the sandbox (Landlock)") : 0;
}
