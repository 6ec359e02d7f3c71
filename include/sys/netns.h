/* netns.h - network namespaces in a keeper process that hands out sockets made inside them. */
#ifndef SYS_NETNS_H
#define SYS_NETNS_H

#include <stdbool.h>

#include "base/addr.h"
#include "base/buf.h"
#include "base/err.h"
#include "sys/tun.h"
#include "sys/sysctl.h"

#define NETNS_HOSTS_MAX 32

/*
 * A process that has entered a user namespace cannot come back to the network that it left, so
 * the shell never enters one: a small keeper, forked for it, owns the namespaces. A socket belongs for
 * ever to the namespace that it was made in; bind, listen and connect on it work from
 * anywhere. The keeper ends when its socketpair closes and by PDEATHSIG, and all its namespaces
 * and devices with it: also after kill -9. Connections inside are aborted then (ECONNABORTED);
 * a socket that is still open holds its namespace, but no wire.
 */
struct netns;

struct netns_config {
	int hosts; /* 2 to NETNS_HOSTS_MAX */
	bool ipv6; /* fd77::1 ... beside 10.77.0.1 ... */
	int mtu;   /* of each host's device, 0: 1500 */
	bool slow; /* stretch the kernel's retransmission timers (clock=slow) */
	bool offload; /* TUN devices hand over packets of many segments, see netns_read_gso */
	bool no_tun; /* use veth and AF_PACKET even where TUN can be had (tests) */
};

/*
 * Forks the keeper (the caller has no threads) and makes the hosts. Returns new; NULL with err:
 * what is missing, what to do.
 */
struct netns *netns_new(const struct netns_config *config, struct err *err);
void netns_free(struct netns *n);

/* The wire's end of host i (0 ...): reads and writes whole IP packets, NONBLOCK. Borrowed. */
int netns_wire_fd(const struct netns *n, int host);

/* Reads one IP packet; its length, 0 when there is none now, negative errno. */
long netns_read(const struct netns *n, int host, void *packet, unsigned long size);

/* Writes one IP packet, so that the host receives it; 0 or negative errno. */
int netns_write(const struct netns *n, int host, const void *packet, unsigned long len);

/* Whether that is so: there is no offload with veth. */
bool netns_offload(const struct netns *n);

/* As netns_read, which with offload must not be used: gso says what the packet is made of. */
long netns_read_gso(const struct netns *n, int host, void *packet, unsigned long size,
		    struct gso *gso);

/*
 * Writes one packet from pieces, at most TUN_PIECES_MAX, the first with all its headers. Only with
 * offload.
 */
int netns_write_gso(const struct netns *n, int host, const struct iovec *piece,
		    int pieces, const struct gso *gso);

/* Packets that the device has dropped because nobody read them in time. */
unsigned long netns_drops(struct netns *n, int host);

/*
 * A socket(2) made in that host: descriptor, CLOEXEC and NONBLOCK, or negative errno; -EOWNERDEAD:
 * the keeper has been killed.
 */
int netns_socket(struct netns *n, int host, int domain, int type, int protocol);

/* A setting of that host, by its path and as sysctl.h says; -EOWNERDEAD as above. */
int netns_sysctl_read(struct netns *n, int host, const char *path,
		      char value[SYSCTL_VALUE_MAX]);
int netns_sysctl_write(struct netns *n, int host, const char *path, const char *value);

/* The address of host i: IPv4, or IPv6 when asked for and there. */
union addr netns_addr(const struct netns *n, int host, bool ipv6);

/* The host that has this address, whatever its port; -1: none. */
int netns_host_of(const struct netns *n, const union addr *a);

/* "tun" or "veth". */
const char *netns_device(const struct netns *n);

/* Says of each thing that a lab needs whether it is there, a line each. 0 when one can be made. */
int netns_doctor(struct buf *out);

#endif
