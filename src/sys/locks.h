/* locks.h - what the kernel forbids a process for ever: files by Landlock, system calls by seccomp. */
#ifndef SYS_LOCKS_H
#define SYS_LOCKS_H

#include <stdbool.h>

#include "base/err.h"

/* The version of Landlock's interface that this kernel has, from 1; 0: none. */
int landlock_abi(void);

/*
 * From now on only files below folder can be read, and only in out can files be made, written and
 * removed. Both are directories. 0 or negative errno.
 */
int landlock_lock(const char *folder, const char *out, struct err *err);

/* This kernel has seccomp filters, and we have one for this processor. */
bool seccomp_there(void);

/* From now on only what a script with its lab needs may be asked of the kernel. 0 or negative errno. */
int seccomp_lock(struct err *err);

#endif
