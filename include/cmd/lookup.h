/* lookup.h - HOST:PORT of a command to socket addresses, waiting for the name when it is one. */
#ifndef CMD_LOOKUP_H
#define CMD_LOOKUP_H

#include "base/addr.h"
#include "cmd/cmd.h"

/*
 * The addresses that text means for this call, in turn. standard is the host where text gives
 * none. First use: 0 with *a for a number; CALL_WAIT for a name, and exec, called again, asks again.
 * 0 with the next address each time after that; -ENOENT when there are no more. Any other
 * negative: call->err says why.
 */
int lookup_next(struct call *call, const char *text, const char *standard, union addr *a);

/* Adds "More: help errors NAME" and what is known of the errno for this command to the hint. */
int call_errno(struct call *call, int num, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
