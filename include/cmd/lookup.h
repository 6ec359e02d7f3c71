/* lookup.h - HOST:PORT of a command to socket addresses, waiting for the name when it is one. */
#ifndef CMD_LOOKUP_H
#define CMD_LOOKUP_H

#include "base/addr.h"
#include "cmd/cmd.h"

/*
 * The addresses that text means for this call, in turn. standard is the host where text gives
 * none; family leaves out a name's addresses of another one, AF_UNSPEC none. 0 with *a for a
 * number and for a host of the lab; CALL_WAIT for another name: exec, called again, asks again. Any
 * other negative: call->err says why.
 */
int lookup_next(struct call *call, const char *text, const char *standard, int family,
		union addr *a);

/*
 * That address was of no use: call->err says why. True when there is another one, for lookup_next;
 * false when there is none: call->err then also says what was tried before.
 */
bool lookup_failed(struct call *call, const union addr *a);

/* For show: which addresses were tried in vain before the one that was taken. May add nothing. */
void lookup_note(const struct call *call, struct buf *out);

#endif
