/* socks.h - the sockets of this shell, by name: l1 listens, c1 connected, s1 was accepted. */
#ifndef CMD_SOCKS_H
#define CMD_SOCKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/buf.h"
#include "lab/host.h"
#include "tcp/state.h"

struct host;
struct run;

enum sock_kind { SOCK_LISTEN = 'l', SOCK_CONNECT = 'c', SOCK_ACCEPT = 's' };

/*
 * A socket keeps its name after close until the kernel has forgotten the connection. It is
 * counted: the table holds one reference, each Lua object one. Memory matters: a shell may
 * hold tens of thousands.
 */
struct sock {
	struct host *host; /* that it was made on; borrowed */
	struct sock *next; /* in its hash chain */
	struct run *runs;  /* the calls that wait for this socket */
	/* bytes taken from the kernel that no recv has returned; or NULL */
	struct buf *unread;
	double made;	 /* time_now() then: which connection of its pair it is */
	int fd;		 /* -1 once closed */
	uint32_t number; /* c1 is 1 */
	uint32_t refs;
	uint32_t shown_recvq; /* what the user was last told */
	uint8_t kind;	      /* enum sock_kind */
	uint8_t state;	      /* enum tcp_state that the user was last told */
	uint8_t error; /* the errno by which the connection ended, as a call met it; or 0 */
	bool listed : 1;  /* the table still knows the name */
	bool touched : 1; /* a call acted on it since the last report */
	bool called : 1; /* close or shutdown was called at this end since the last report */
	bool aborted : 1; /* it ends by RST: no FIN, no states on the way */
	bool watched : 1;
	union addr local; /* family 0: not asked yet */
	union addr peer;
};

/* "server.l1", "c1" for this machine's. */
#define SOCK_NAME_MAX (HOST_NAME_MAX_LEN + 16)

/* Table of sockets: struct socks is embedded in struct app. All zero is empty. */
struct socks {
	struct sock **chain; /* hash by kind and number */
	size_t chains;
	size_t n; /* listed, closed ones too */
	size_t n_open;
	size_t n_closed; /* listed, but closed */
};

/* Takes fd and lists it under the next name of its kind. Borrowed: sock_ref to keep it. */
struct sock *socks_add(struct socks *all, struct host *host, enum sock_kind kind, int fd);

/*
 * "c1", "client.c1" -> socket, open or not yet forgotten; NULL when there is none. A name
 * without a host means this machine's, or else the only one so called in the lab.
 */
struct sock *socks_find(const struct socks *all, const char *name);

/* True for words that have the form of a socket's name. */
bool sock_is_name(const char *word);

/*
 * The connection of this shell, on that host, whose ends are these: the open one, or one that was
 * closed and keeps its name; NULL.
 */
struct sock *socks_find_pair(const struct socks *all, const struct host *host,
			     const union addr *local, const union addr *peer);

/* The open listener of this shell, on that host, that takes connections to this address; NULL. */
struct sock *socks_find_listener(const struct socks *all, const struct host *host,
				 const union addr *local);

/* All listed sockets, ordered l, c, s and by number. Returns an array, n long, to be freed. */
struct sock **socks_sorted(const struct socks *all, size_t *n);

/* Takes the name off the list: for a call that failed, or a connection the kernel forgot. */
void socks_drop(struct socks *all, struct sock *s);

/*
 * Closes the descriptor and keeps the name. Remembers both addresses first, since only they
 * find the connection in the kernel afterwards. The caller has ended the waiting calls.
 */
void sock_close_fd(struct socks *all, struct sock *s);

/* Closes and frees everything. */
void socks_clear(struct socks *all);

/* Another owner, and one less: the last one frees it. Returns s. */
struct sock *sock_ref(struct sock *s);
void sock_unref(struct sock *s);

/* "c1". Returns buf. */
const char *sock_name(const struct sock *s, char buf[SOCK_NAME_MAX]);

/*
 * Asks the kernel once and remembers; IPv4 on a dual-stack socket is IPv4 here. Family 0 when the
 * kernel does not know (any more).
 */
const union addr *sock_local(struct sock *s);
const union addr *sock_peer(struct sock *s);

/* "127.0.0.1:40140 > 127.0.0.1:7788", "<" for an accepted one, one address for a listener. */
void sock_ends(struct sock *s, struct buf *out);

/*
 * Whether what the kernel has under this socket's pair of addresses is this socket's connection. The
 * pair of a closed one may have been opened anew: then it is in a state that close has left.
 */
bool sock_is_of(const struct sock *s, const struct diag_sock *d);

/*
 * The state in the kernel now. TCP_INFO where it tells the truth, sock_diag of its host where it does
 * not (closed, or CLOSE while a TIME_WAIT lives on). out, when not NULL, is filled as diag_find does
 * it, without the info.
 */
enum tcp_state sock_state(struct sock *s, struct diag_sock *out);

#endif
