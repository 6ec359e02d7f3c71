/* call_errno.h - the errno by which a call fails, as an error with a hint. */
#ifndef CMD_CALL_ERRNO_H
#define CMD_CALL_ERRNO_H

#include "cmd/cmd.h"

/* The errno of a socket's call: the hint says what is known of it, and "More: help errors NAME". */
int call_errno(struct call *call, int num, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* The errno of a file's: op is "load: open". */
int call_file_errno(struct call *call, int num, const char *op, const char *path);

#endif
