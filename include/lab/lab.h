/* lab.h - hosts in network namespaces of this process, joined by one wire. */
#ifndef LAB_LAB_H
#define LAB_LAB_H

#include "lab/host.h"
#include "lab/wire.h"

/* A link that carries IPv6 takes packets of that size (RFC 8200, 5): kernels believe no smaller one. */
#define LAB_IPV6_MTU_MIN 1280

/* Nothing of a lab outlives lab_free, nor the process, however it ends. */
struct lab {
	struct netns *netns;
	struct host host[NETNS_HOSTS_MAX];
	int hosts;
	struct trace *trace;
	struct wire *wire;
	double started; /* seconds since 1970: the trace's time 0 */
	bool slow;	/* clock=slow: retransmission timers are stretched */
	bool ipv6;
	size_t told;	   /* events of the trace that the user has seen */
	unsigned expected; /* the segment that expect has found last, 0 */
};

struct lab_config {
	const char *const *names; /* host_name_ok, no two alike */
	int n;			  /* 2 to NETNS_HOSTS_MAX */
	bool ipv6;
	bool slow;
	bool veth; /* do without TUN */
	int mtu;   /* 0: 1500; with ipv6 at least LAB_IPV6_MTU_MIN */
};

/* Returns new, its wire running; NULL with err: what is missing on this machine, what to do. */
struct lab *lab_new(struct loop *loop, const struct lab_config *config, struct err *err);

/* The sockets made on its hosts are the caller's to close, before. */
void lab_free(struct lab *lab);

/* By name; NULL. */
struct host *lab_find(struct lab *lab, const char *name);

#define LAB_ADDRS 2

/* The addresses of a host by name, IPv4 before IPv6; how many, 0 when it is no host's name. */
int lab_resolve(struct lab *lab, const char *name, int port, union addr a[LAB_ADDRS]);

#endif
