/* diag.h - what the kernel itself says of its TCP sockets: sock_diag(7) over netlink. */
#ifndef SYS_DIAG_H
#define SYS_DIAG_H

#include <linux/tcp.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/err.h"
#include "tcp/state.h"

enum diag_timer {
	TIMER_NONE,
	TIMER_RETRANSMIT,
	TIMER_KEEPALIVE,
	TIMER_TIME_WAIT,
	TIMER_PROBE,
	TIMER_FIN /* in FIN_WAIT_2 after close: the kernel waits for the peer's FIN so long (tcp(7)) */
};

/* One TCP socket as the kernel describes it (struct inet_diag_msg). */
struct diag_sock {
	enum tcp_state state;
	union addr local;
	union addr peer; /* family 0 for a listener */
	uint32_t recvq;	 /* bytes to read; a listener: connections not yet accepted */
	uint32_t sendq;	 /* bytes not yet acknowledged or sent; a listener: backlog */
	enum diag_timer timer;
	uint32_t timer_ms;    /* milliseconds until it fires */
	uint32_t retransmits; /* times the timer has fired in a row */
	uint32_t uid;
	uint32_t inode;	      /* 0: no descriptor (not accepted, or closed) */
	bool has_info;	      /* the next two are filled */
	struct tcp_info info; /* zero behind what this kernel knows */
	char congestion[16];  /* "reno" */
};

struct diag;

/*
 * Takes fd, a NETLINK_SOCK_DIAG socket of the namespace to ask about; -1 makes one here.
 * Returns new, NULL with err on failure. Kept open for the life of the host: a query is one
 * send and one recv.
 */
struct diag *diag_new(int fd, struct err *err);
void diag_free(struct diag *d);

/*
 * Call it once a socket of this host was bound to an interface (SO_BINDTODEVICE): an exact
 * question does not find such sockets, and from now on what it does not find is searched for,
 * which takes 0.4 ms instead of 2 us. Link-local addresses are found without.
 */
void diag_expect_bound(struct diag *d);

/*
 * The one connection with this pair of addresses, whether it has a descriptor or not
 * (SYN_RCVD, TIME_WAIT, orphans too). want_info fills info and congestion. Returns 0, -ENOENT
 * when the kernel has none (never a listener in its place), or another negative errno with err.
 */
int diag_find(struct diag *d, const union addr *local, const union addr *peer,
	      bool want_info, struct diag_sock *out, struct err *err);

/* The listener that a SYN to this address would reach. As diag_find. */
int diag_find_listener(struct diag *d, const union addr *local, struct diag_sock *out,
		       struct err *err);

/*
 * Aborts a connection as its owner would (RST to the peer), whoever that is, or nobody. Needs
 * CAP_NET_ADMIN, and CONFIG_INET_DIAG_DESTROY. 0 or negative errno.
 */
int diag_destroy(struct diag *d, const struct diag_sock *s);

/*
 * Return non-zero to stop the walk. The socket is borrowed for the call, and the same struct
 * diag may not be asked anything else from inside it.
 */
typedef int diag_each_fn(const struct diag_sock *sock, void *arg);

struct diag_filter {
	uint32_t states; /* bit 1 << state; 0 means all */
	int local_port;	 /* 0: any; filtered in the kernel */
	bool want_info;
};

/*
 * Walks all TCP sockets, IPv4 and IPv6, that pass the filter. Returns 0, what fn returned, or a
 * negative errno with err. Sockets that change while it runs may be missed, as with ss(8).
 */
int diag_each(struct diag *d, const struct diag_filter *filter, diag_each_fn *fn,
	      void *arg, struct err *err);

/*
 * Who holds the listener on this port: "python3 (pid 4242)", by inode from /proc. False when
 * the kernel does not tell (another user's process, or nobody).
 */
bool diag_owner(struct diag *d, int local_port, char *text, unsigned long size);

/* "on", "keepalive", "timewait", "probe", "-": the names that ss(8) uses; and "fin_timeout". */
const char *diag_timer_name(enum diag_timer timer);

#endif
