/* link.c - network devices, their addresses and routes: rtnetlink(7) in one namespace. */

#include "sys/link.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/ethtool.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <linux/veth.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/buf.h"

#define QUEUE_PACKETS 10000

struct link {
	struct mnl_socket *nl;
	uint32_t seq;
	char buf[8192] __attribute__((aligned(8)));
};

struct link *link_new(struct err *err)
{
	struct mnl_socket *nl = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	struct link *l;

	if (nl == NULL) {
		err_errno(err, errno,
			  "open the kernel's list of devices (netlink route)");
		return NULL;
	}
	l = xcalloc(1, sizeof(*l));
	l->nl = nl;
	return l;
}

void link_free(struct link *l)
{
	if (l == NULL)
		return;
	mnl_socket_close(l->nl);
	free(l);
}

static void *begin(struct link *l, int type, int flags, size_t size)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(l->buf);

	nlh->nlmsg_type = (uint16_t)type;
	nlh->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
	nlh->nlmsg_seq = ++l->seq;
	return mnl_nlmsg_put_extra_header(nlh, size);
}

/* Sends what is in buf and receives the one message that answers it. 0 or negative errno. */
static int ask(struct link *l)
{
	struct nlmsghdr *nlh = (struct nlmsghdr *)l->buf;
	const struct nlmsgerr *error;
	ssize_t n;

	if (mnl_socket_sendto(l->nl, nlh, nlh->nlmsg_len) < 0)
		return -errno;
	do
		n = mnl_socket_recvfrom(l->nl, l->buf, sizeof(l->buf));
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	if (!mnl_nlmsg_ok(nlh, (int)n) || nlh->nlmsg_seq != l->seq)
		return -EBADMSG;
	if (nlh->nlmsg_type != NLMSG_ERROR)
		return 0;
	error = mnl_nlmsg_get_payload(nlh);
	return error->error;
}

int link_add_veth(struct link *l, const char *near, const char *far, int far_ns, int host,
		  int mtu, struct err *err)
{
	const unsigned char mac[6] = { 2, 0, 0, 0, 0, (unsigned char)host };
	struct nlmsghdr *nlh = (struct nlmsghdr *)l->buf;
	struct nlattr *info, *data, *peer;
	int rc;

	begin(l, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK,
	      sizeof(struct ifinfomsg));
	mnl_attr_put_strz(nlh, IFLA_IFNAME, near);
	mnl_attr_put_u32(nlh, IFLA_MTU, (uint32_t)mtu);
	info = mnl_attr_nest_start(nlh, IFLA_LINKINFO);
	mnl_attr_put_str(nlh, IFLA_INFO_KIND, "veth");
	data = mnl_attr_nest_start(nlh, IFLA_INFO_DATA);
	peer = mnl_attr_nest_start(nlh, VETH_INFO_PEER);
	memset(mnl_nlmsg_get_payload_tail(nlh), 0, sizeof(struct ifinfomsg));
	nlh->nlmsg_len += sizeof(struct ifinfomsg);
	mnl_attr_put_strz(nlh, IFLA_IFNAME, far);
	mnl_attr_put_u32(nlh, IFLA_MTU, (uint32_t)mtu);
	mnl_attr_put(nlh, IFLA_ADDRESS, sizeof(mac), mac);
	mnl_attr_put_u32(nlh, IFLA_NET_NS_FD, (uint32_t)far_ns);
	mnl_attr_nest_end(nlh, peer);
	mnl_attr_nest_end(nlh, data);
	mnl_attr_nest_end(nlh, info);
	rc = ask(l);
	return rc < 0 ? err_errno(err, -rc, "make the veth pair %s", near) : 0;
}

int link_up(struct link *l, const char *name, int mtu, struct err *err)
{
	struct nlmsghdr *nlh = (struct nlmsghdr *)l->buf;
	struct ifinfomsg *msg;
	int rc;

	msg = begin(l, RTM_NEWLINK, NLM_F_ACK, sizeof(*msg));
	msg->ifi_flags = IFF_UP | IFF_NOARP;
	msg->ifi_change = IFF_UP | IFF_NOARP | IFF_MULTICAST;
	mnl_attr_put_strz(nlh, IFLA_IFNAME, name);
	mnl_attr_put_u32(nlh, IFLA_TXQLEN, QUEUE_PACKETS);
	if (mtu > 0)
		mnl_attr_put_u32(nlh, IFLA_MTU, (uint32_t)mtu);
	rc = ask(l);
	return rc < 0 ? err_errno(err, -rc, "bring the device %s up", name) : 0;
}

static struct rtmsg *begin_route(struct link *l, const char *name, int family, int type,
				 int table, int scope)
{
	struct rtmsg *msg = begin(l, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK,
				  sizeof(*msg));

	msg->rtm_family = (uint8_t)family;
	msg->rtm_table = (uint8_t)table;
	msg->rtm_protocol = RTPROT_STATIC;
	msg->rtm_scope = (uint8_t)scope;
	msg->rtm_type = (uint8_t)type;
	mnl_attr_put_u32((struct nlmsghdr *)l->buf, RTA_OIF, if_nametoindex(name));
	return msg;
}

/*
 * What is for an IPv6 address reaches TCP only by a route of this kind. The kernel adds it to a new
 * address by itself, but later, from a work queue: a SYN that comes before that is lost.
 */
static int add_local_route(struct link *l, const char *name, const union addr *addr)
{
	struct rtmsg *msg = begin_route(l, name, AF_INET6, RTN_LOCAL, RT_TABLE_LOCAL,
					RT_SCOPE_UNIVERSE);
	int rc;

	msg->rtm_dst_len = 128;
	mnl_attr_put((struct nlmsghdr *)l->buf, RTA_DST, sizeof(addr->in6.sin6_addr),
		     &addr->in6.sin6_addr);
	rc = ask(l);
	return rc == -EEXIST ? 0 : rc;
}

int link_add_addr(struct link *l, const char *name, const union addr *addr,
		  int prefix_bits, struct err *err)
{
	bool v6 = addr->sa.sa_family == AF_INET6;
	const void *bytes = v6 ? (void *)&addr->in6.sin6_addr
			       : (void *)&addr->in.sin_addr;
	size_t len = v6 ? sizeof(addr->in6.sin6_addr) : sizeof(addr->in.sin_addr);
	struct nlmsghdr *nlh = (struct nlmsghdr *)l->buf;
	char text[ADDR_TEXT_MAX];
	struct ifaddrmsg *msg;
	int rc;

	msg = begin(l, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK, sizeof(*msg));
	msg->ifa_family = (uint8_t)addr->sa.sa_family;
	msg->ifa_prefixlen = (uint8_t)prefix_bits;
	msg->ifa_index = if_nametoindex(name);
	mnl_attr_put(nlh, IFA_LOCAL, len, bytes);
	mnl_attr_put(nlh, IFA_ADDRESS, len, bytes);
	mnl_attr_put_u32(nlh, IFA_FLAGS, IFA_F_NOPREFIXROUTE | (v6 ? IFA_F_NODAD : 0));
	rc = ask(l);
	if (rc == 0 && v6)
		rc = add_local_route(l, name, addr);
	return rc < 0 ? err_errno(err, -rc, "give the device %s the address %s", name,
				  addr_host(addr, text))
		      : 0;
}

int link_add_default_route(struct link *l, const char *name, int family, int rto_min_ms,
			   struct err *err)
{
	struct nlmsghdr *nlh = (struct nlmsghdr *)l->buf;
	struct nlattr *metrics;
	int rc;

	begin_route(l, name, family, RTN_UNICAST, RT_TABLE_MAIN,
		    family == AF_INET ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE);
	if (rto_min_ms > 0) {
		metrics = mnl_attr_nest_start(nlh, RTA_METRICS);
		/* The kernel looks at this metric only when it is locked. */
		mnl_attr_put_u32(nlh, RTAX_LOCK, 1u << RTAX_RTO_MIN);
		mnl_attr_put_u32(nlh, RTAX_RTO_MIN, (uint32_t)rto_min_ms);
		mnl_attr_nest_end(nlh, metrics);
	}
	rc = ask(l);
	return rc < 0 ? err_errno(err, -rc, "route IPv%d to the device %s",
				  family == AF_INET ? 4 : 6, name)
		      : 0;
}

int link_drops(struct link *l, const char *name, unsigned long long *drops,
	       struct err *err)
{
	struct nlmsghdr *nlh = (struct nlmsghdr *)l->buf;
	struct rtnl_link_stats64 stats = { 0 };
	struct if_stats_msg *msg;
	struct nlattr *attr;
	int rc;

	msg = begin(l, RTM_GETSTATS, 0, sizeof(*msg));
	msg->ifindex = if_nametoindex(name);
	msg->filter_mask = IFLA_STATS_FILTER_BIT(IFLA_STATS_LINK_64);
	rc = ask(l);
	if (rc < 0)
		return err_errno(err, -rc, "read the counters of the device %s", name);
	mnl_attr_for_each(attr, nlh, sizeof(*msg))
	{
		size_t len = mnl_attr_get_payload_len(attr);

		if (mnl_attr_get_type(attr) == IFLA_STATS_LINK_64)
			memcpy(&stats, mnl_attr_get_payload(attr),
			       len < sizeof(stats) ? len : sizeof(stats));
	}
	*drops = stats.tx_dropped;
	return 0;
}

int link_offload_off(const char *name, struct err *err)
{
	/* Without sums the kernel takes scatter-gather and segmentation away by itself. */
	struct ethtool_value value = { .cmd = ETHTOOL_STXCSUM, .data = 0 };
	struct ifreq req = { .ifr_data = (void *)&value };
	int fd, rc = 0;

	snprintf(req.ifr_name, sizeof(req.ifr_name), "%s", name);
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || ioctl(fd, SIOCETHTOOL, &req) < 0)
		rc = err_errno(err, errno, "switch off checksum offload of %s", name);
	if (fd >= 0)
		close(fd);
	return rc;
}
