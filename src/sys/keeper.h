/* keeper.h - what the shell and its keeper of network namespaces say to each other. */
#ifndef SYS_KEEPER_H
#define SYS_KEEPER_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"
#include "sys/netns.h"
#include "sys/sysctl.h"

/* The hosts' device in each of their namespaces. */
#define KEEPER_DEVICE "wire"

/* The last byte of host i's addresses, also of its Ethernet address where it has one. */
#define KEEPER_HOST_NUMBER(i) ((i) + 1)
#define KEEPER_HOST(number)   ((number)-1)

/*
 * A SOCK_SEQPACKET socketpair. The keeper begins with a hello, to which it attaches the wire's
 * ends in order of hosts. After that it answers each request with one reply.
 */
struct keeper_hello {
	bool veth;
	struct err err; /* code "" when all went well */
};

enum keeper_op { KEEPER_SOCKET, KEEPER_DROPS, KEEPER_SYSCTL_READ, KEEPER_SYSCTL_WRITE };

struct keeper_request {
	enum keeper_op op;
	int host;
	int domain, type, protocol;
	char path[SYSCTL_PATH_MAX], value[SYSCTL_VALUE_MAX];
};

struct keeper_reply {
	int rc; /* 0 or negative errno; a socket is attached */
	unsigned long long drops;
	char value[SYSCTL_VALUE_MAX];
};

/* The child's life: takes fd, makes the hosts, serves until the shell is gone. */
void keeper_run(int fd, pid_t shell, const struct netns_config *config)
	__attribute__((noreturn));

/*
 * In a child just forked: leaves the shell's terminal, signals and descriptors; fd becomes descriptor
 * 0. Signals stay blocked as they are.
 */
void keeper_detach(int fd, const char *name);

/* What the keeper owns. */
struct hosts {
	const struct netns_config *config;
	bool veth;
	bool short_wire; /* it holds some hundred packets: only root may ask for more */
	int ns[NETNS_HOSTS_MAX];
	int wire[NETNS_HOSTS_MAX];
};

/* Fills the rest of *h from its config. Failing, it leaves descriptors open: the keeper ends. */
int hosts_make(struct hosts *h, struct err *err);

/* Makes the caller's new sockets belong to host i. */
int hosts_enter(const struct hosts *h, int host, struct err *err);

/* Its address, port 0. */
union addr hosts_addr(int host, bool ipv6);

/*
 * Adds to err, which says what could not be made, why this machine forbids it and what to do.
 * Called in the shell: the keeper sees the limits of its own user namespace.
 */
void doctor_explain(struct err *err);

#endif
