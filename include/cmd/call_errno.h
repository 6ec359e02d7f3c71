/* call_errno.h - the errno by which a call fails, as an error with a hint. */
#ifndef CMD_CALL_ERRNO_H
#define CMD_CALL_ERRNO_H

#include "base/addr.h"
#include "cmd/cmd.h"

/* The errno of a socket's call: the hint says what is known of it, and "More: help errors NAME". */
int call_errno(struct call *call, int num, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* The same while a socket is bound to a: of a taken port the hint says who holds it, where that is known. */
int call_bind_errno(struct call *call, int num, const union addr *a, const char *op);

/* The errno of a file's: op is "load: open". */
int call_file_errno(struct call *call, int num, const char *op, const char *path);

#endif
