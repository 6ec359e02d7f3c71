/* recv.h - the parts of recv. */
#ifndef CMD_RECV_H
#define CMD_RECV_H

#include <stdbool.h>
#include <stddef.h>

#include "cmd/cmd.h"
#include "cmd/socks.h"

enum recv_mode { RECV_SOME, RECV_EXACTLY, RECV_LINE, RECV_UNTIL, RECV_ALL };

/* What the arguments ask for. */
struct recv_want {
	enum recv_mode mode;
	size_t n;	  /* SOME: at most; EXACTLY: so many */
	const char *mark; /* LINE and UNTIL: what it ends with */
	size_t mark_len;
	bool peek;
	bool discard; /* SOME */
};

/* The call fails by this errno, which the socket keeps as how it ended. Returns negative. */
int recv_failed(struct call *call, struct sock *s, int num);

/* Without file=. As exec does it: may answer CALL_WAIT. */
int recv_bytes(struct call *call, struct sock *s, const struct recv_want *w);

/* The same when it is cancelled: one more try might take bytes that nobody would get. */
int recv_given_up(struct call *call, struct sock *s);

/*
 * recv SOCKET [N] file=PATH: writes to the file up to the end of the stream, or so many bytes. As
 * exec does it: may answer CALL_WAIT.
 */
int recv_file(struct call *call, struct sock *s, const char *path, bool force,
	      size_t most);

#endif
