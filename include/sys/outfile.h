/* outfile.h - a file written beside its target and put in place when it is whole. */
#ifndef SYS_OUTFILE_H
#define SYS_OUTFILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/* Embedded; fd is -1 when not open. O_EXCL, O_NOFOLLOW; mode 0600 for a new file. */
struct outfile {
	int fd;
	bool force;
	unsigned long long written;
	char path[4096];
	char temp[4096 + 32];
};

/* An existing target is only replaced with force. 0 or negative errno with err. */
int outfile_open(struct outfile *f, const char *path, bool force, struct err *err);

/* Writes all; a full disk is an error that names file and bytes. */
int outfile_write(struct outfile *f, const void *data, size_t len, struct err *err);

/*
 * Renames into place and closes. A file that is replaced keeps its mode, and its owner where that is
 * allowed. On failure the target is as it was and the rest is removed.
 */
int outfile_commit(struct outfile *f, struct err *err);

/* Removes what was written; no effect when not open. */
void outfile_abort(struct outfile *f);

#endif
