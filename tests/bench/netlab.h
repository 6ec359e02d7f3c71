/* netlab.h - two network namespaces in C: joined by veth, or by two TUN devices and a relay. */
#ifndef BENCH_NETLAB_H
#define BENCH_NETLAB_H

#include <fcntl.h>
#include <linux/if_tun.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>

#include "bench.h"

enum how { VETH, RELAY, OFFLOAD };

struct netlab {
	enum how how;
	int ns[2];
	int tun[2];
	size_t header; /* of the kernel's before each packet */
};

static char packet[65536 + 64];

static inline void write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	need(fd >= 0 && write(fd, text, strlen(text)) > 0, path);
	close(fd);
}

/* Who is not root makes networks in a user namespace of his own. */
static inline void enter_user_namespace(void)
{
	char map[32];
	uid_t uid = geteuid();

	if (uid == 0)
		return;
	snprintf(map, sizeof(map), "0 %u 1", uid);
	need(unshare(CLONE_NEWUSER) == 0, "unshare the user namespace");
	write_text("/proc/self/uid_map", map);
}

static inline struct sockaddr_in lab_address(int host, int port)
{
	return (struct sockaddr_in){ .sin_family = AF_INET,
				     .sin_port = htons((in_port_t)port),
				     .sin_addr.s_addr =
					     htonl(0x0a4d0001u + (unsigned)host) };
}

static inline struct rtattr *attr(struct nlmsghdr *m, unsigned short type,
				  const void *data, size_t len)
{
	struct rtattr *a = (void *)((char *)m + NLMSG_ALIGN(m->nlmsg_len));

	a->rta_type = type;
	a->rta_len = (unsigned short)RTA_LENGTH(len);
	if (len)
		memcpy(RTA_DATA(a), data, len);
	m->nlmsg_len = NLMSG_ALIGN(m->nlmsg_len) + RTA_ALIGN(a->rta_len);
	return a;
}

static inline void attr_end(struct nlmsghdr *m, struct rtattr *a)
{
	a->rta_len = (unsigned short)((char *)m + m->nlmsg_len - (char *)a);
}

/* "wire" here and "wire" in the other namespace. */
static inline void make_veth(int other)
{
	char buf[1024] __attribute__((aligned(8))) = { 0 };
	struct nlmsghdr *m = (void *)buf;
	struct rtattr *info, *data, *peer;
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

	m->nlmsg_len = NLMSG_LENGTH(sizeof(struct ifinfomsg));
	m->nlmsg_type = RTM_NEWLINK;
	m->nlmsg_flags = NLM_F_REQUEST | NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK;
	attr(m, IFLA_IFNAME, "wire", 5);
	info = attr(m, IFLA_LINKINFO, NULL, 0);
	attr(m, IFLA_INFO_KIND, "veth", 4);
	data = attr(m, IFLA_INFO_DATA, NULL, 0);
	peer = attr(m, VETH_INFO_PEER, NULL, 0);
	m->nlmsg_len += sizeof(struct ifinfomsg);
	attr(m, IFLA_IFNAME, "wire", 5);
	attr(m, IFLA_NET_NS_FD, &other, sizeof(other));
	attr_end(m, peer);
	attr_end(m, data);
	attr_end(m, info);
	need(send(fd, m, m->nlmsg_len, 0) > 0, "netlink");
	need(recv(fd, buf, sizeof(buf), 0) > 0, "netlink");
	errno = -((struct nlmsgerr *)NLMSG_DATA(m))->error;
	need(errno == 0, "make a veth pair");
	close(fd);
}

static inline int make_tun(bool offload)
{
	unsigned int what = TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 | TUN_F_TSO_ECN;
	struct ifreq req = { .ifr_name = "wire", .ifr_flags = IFF_TUN | IFF_NO_PI };
	int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);

	if (offload)
		req.ifr_flags |= IFF_VNET_HDR;
	need(fd >= 0 && ioctl(fd, TUNSETIFF, &req) == 0, "make a TUN device");
	need(ioctl(fd, TUNSETPERSIST, 1) == 0, "TUNSETPERSIST");
	need(!offload || ioctl(fd, TUNSETOFFLOAD, what) == 0, "TUNSETOFFLOAD");
	return fd;
}

static inline void configure(int host)
{
	struct sockaddr_in a = lab_address(host, 0), mask = a;
	struct ifreq req = { .ifr_name = "wire" };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	mask.sin_addr.s_addr = htonl(0xffffff00u);
	memcpy(&req.ifr_addr, &a, sizeof(a));
	need(ioctl(fd, SIOCSIFADDR, &req) == 0, "SIOCSIFADDR");
	memcpy(&req.ifr_netmask, &mask, sizeof(mask));
	need(ioctl(fd, SIOCSIFNETMASK, &req) == 0, "SIOCSIFNETMASK");
	req.ifr_qlen = 10000;
	need(ioctl(fd, SIOCSIFTXQLEN, &req) == 0, "SIOCSIFTXQLEN");
	req.ifr_flags = IFF_UP | IFF_RUNNING;
	need(ioctl(fd, SIOCSIFFLAGS, &req) == 0, "SIOCSIFFLAGS");
	close(fd);
}

static inline void enter(const struct netlab *lab, int host)
{
	need(setns(lab->ns[host], CLONE_NEWNET) == 0, "setns");
}

static inline void make_lab(struct netlab *lab, enum how how)
{
	int i;

	*lab = (struct netlab){ .how = how, .header = how == OFFLOAD ? 10 : 0 };
	for (i = 0; i < 2; i++) {
		need(unshare(CLONE_NEWNET) == 0, "make a network namespace");
		lab->ns[i] = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
		write_text("/proc/sys/net/ipv6/conf/all/disable_ipv6", "1");
		if (how != VETH)
			lab->tun[i] = make_tun(how == OFFLOAD);
	}
	if (how == VETH)
		make_veth(lab->ns[0]);
	for (i = 0; i < 2; i++) {
		enter(lab, i);
		configure(i);
	}
}

/* All that stands in either device goes to the other. */
static inline void pump(const struct netlab *lab)
{
	bool moved = true;
	ssize_t n;
	int i;

	while (lab->how != VETH && moved)
		for (moved = false, i = 0; i < 2; i++)
			while ((n = read(lab->tun[i], packet, sizeof(packet))) > 0) {
				need(write(lab->tun[!i], packet, (size_t)n) == n,
				     "write");
				moved = true;
			}
}

static inline int lab_socket(const struct netlab *lab, int host)
{
	int fd;

	enter(lab, host);
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	need(fd >= 0, "socket");
	pin_congestion(fd);
	return fd;
}

/* A connection from host 0 to host 1: ends[0] and ends[1]. */
static inline void lab_connect(const struct netlab *lab, int *ends)
{
	struct sockaddr_in at = lab_address(1, 80);
	int l = lab_socket(lab, 1), on = 1;

	need(bind(l, (struct sockaddr *)&at, sizeof(at)) == 0, "bind");
	need(listen(l, 1) == 0, "listen");
	ends[0] = lab_socket(lab, 0);
	connect(ends[0], (struct sockaddr *)&at, sizeof(at));
	do {
		pump(lab);
		ends[1] = accept4(l, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	} while (ends[1] < 0 && errno == EAGAIN);
	need(ends[1] >= 0, "accept4");
	need(setsockopt(ends[0], IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) == 0,
	     "nodelay");
}

#endif
