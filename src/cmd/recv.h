/* recv.h - the parts of recv. */
#ifndef CMD_RECV_H
#define CMD_RECV_H

#include <stdbool.h>
#include <stddef.h>

#include "cmd/cmd.h"
#include "cmd/socks.h"

/* The call fails by this errno, which the socket keeps as how it ended. Returns negative. */
int recv_failed(struct call *call, struct sock *s, int num);

/*
 * recv SOCKET [N] file=PATH: writes to the file up to the end of the stream, or so many bytes. As
 * exec does it: may answer CALL_WAIT.
 */
int recv_file(struct call *call, struct sock *s, const char *path, bool force,
	      size_t most);

#endif
