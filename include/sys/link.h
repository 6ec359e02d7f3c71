/* link.h - network devices, their addresses and routes: rtnetlink(7) in one namespace. */
#ifndef SYS_LINK_H
#define SYS_LINK_H

#include "base/addr.h"
#include "base/err.h"

struct link;

/* Speaks to the namespace that the caller is in now, for ever. New; NULL with err. */
struct link *link_new(struct err *err);
void link_free(struct link *l);

/*
 * Makes a veth pair: near here, far in the namespace far_ns (a descriptor), where its Ethernet
 * address is 02:00:00:00:00:NN with NN the lowest byte of host. Both take packets of up to
 * mtu bytes.
 */
int link_add_veth(struct link *l, const char *near, const char *far, int far_ns, int host,
		  int mtu, struct err *err);

/*
 * Brings a device up: no ARP, no multicast, a queue of 10,000 packets; mtu 0 leaves the MTU. All
 * in one request, because a TUN device takes its queue's length only while it comes up.
 */
int link_up(struct link *l, const char *name, int mtu, struct err *err);

/* Gives the device this address. It can be reached and used at once (no DAD); no other way comes with it. */
int link_add_addr(struct link *l, const char *name, const union addr *addr,
		  int prefix_bits, struct err *err);

/*
 * Sends everything of this family out on the device. rto_min_ms: the least retransmission
 * timeout of TCP on this route, 0 for the kernel's own (200 ms).
 */
int link_add_default_route(struct link *l, const char *name, int family, int rto_min_ms,
			   struct err *err);

/* Packets to send that the device has dropped so far. */
int link_drops(struct link *l, const char *name, unsigned long long *drops,
	       struct err *err);

/* Makes the kernel sum and cut what it sends on the device, as for a card that can neither. */
int link_offload_off(const char *name, struct err *err);

#endif
