/* hosts.c - a lab's hosts: namespaces with their settings, devices, addresses and routes. */

/*
 * The wire's ends are made first in the way that needs a device node (TUN), and where this
 * machine does not give it, as veth pairs, whose near ends lie in one more namespace with a
 * packet socket on each.
 */

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sys/keeper.h"
#include "sys/link.h"
#include "sys/sysctl.h"
#include "sys/tun.h"

#define SLOW_RTO_MIN_MS	  60000
#define WIRE_BUFFER_BYTES (32 << 20)

enum setting_when { ALWAYS, IPV6_OFF, IPV6_ON, SLOW };

/*
 * Written into each new namespace before it has a device. New namespaces take some of these from
 * the machine's own settings, so the usual values are written too. A kernel that has no such file
 * has no such behaviour either.
 */
static const struct setting {
	enum setting_when when;
	const char *path, *value;
} settings[] = {
	{ ALWAYS, "ipv4/tcp_congestion_control", "reno" },
	{ ALWAYS, "ipv4/tcp_syn_linear_timeouts", "0" },
	/* What one connection has measured must not change the next. */
	{ ALWAYS, "ipv4/tcp_no_metrics_save", "1" },
	/* Each stray segment is answered as RFC 9293 says, not only some of them. */
	{ ALWAYS, "ipv4/tcp_invalid_ratelimit", "0" },
	{ ALWAYS, "ipv4/tcp_challenge_ack_limit", "2147483647" },
	{ ALWAYS, "ipv4/icmp_ratelimit", "0" },
	{ ALWAYS, "ipv4/icmp_msgs_per_sec", "1000000" },
	{ ALWAYS, "ipv4/icmp_msgs_burst", "1000000" },
	/* Segments are taken from any address, and none is passed on. */
	{ ALWAYS, "ipv4/ip_forward", "0" },
	{ ALWAYS, "ipv4/conf/all/rp_filter", "0" },
	{ ALWAYS, "ipv4/conf/default/rp_filter", "0" },
	{ IPV6_OFF, "ipv6/conf/all/disable_ipv6", "1" },
	{ IPV6_ON, "ipv6/conf/all/disable_ipv6", "0" },
	{ IPV6_ON, "ipv6/conf/default/accept_ra", "0" },
	{ IPV6_ON, "ipv6/conf/default/router_solicitations", "0" },
	/* 1: no link-local address, and so nobody who would look for routers and neighbours. */
	{ IPV6_ON, "ipv6/conf/default/addr_gen_mode", "1" },
	{ IPV6_ON, "ipv6/icmp/ratelimit", "0" },
	/* Tail loss probes do not obey the least timeout. A SYN's timeout cannot be stretched. */
	{ SLOW, "ipv4/tcp_early_retrans", "0" },
	{ SLOW, "ipv4/tcp_syn_retries", "30" },
	{ SLOW, "ipv4/tcp_synack_retries", "30" },
	{ SLOW, "ipv4/tcp_fin_timeout", "600" },
};

/* 0 or negative errno. */
static int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	int rc = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		rc = -errno;
	close(fd);
	return rc;
}

static int write_map(const char *path, unsigned int id, struct err *err)
{
	char text[64];
	int rc;

	snprintf(text, sizeof(text), "%u %u 1", id, id);
	rc = write_file(path, text);
	return rc < 0 ? err_errno(err, -rc, "write %s of the lab's user namespace", path)
		      : 0;
}

static bool is_admin(void)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2] = { 0 };
	unsigned int need = 1u << CAP_SYS_ADMIN | 1u << CAP_NET_ADMIN | 1u << CAP_NET_RAW;

	return syscall(SYS_capget, &header, data) == 0 &&
	       (data[0].effective & need) == need;
}

/* A kernel without such namespaces says that the argument is wrong. */
static int unshare_errno(void)
{
	return errno == EINVAL ? ENOSYS : errno;
}

/*
 * Inside its own user namespace an ordinary user may make networks. The user keeps his number
 * there, so that the kernel names the owners of sockets as it does outside.
 */
static int make_user_namespace(struct err *err)
{
	unsigned int uid = geteuid(), gid = getegid();
	int rc;

	if (unshare(CLONE_NEWUSER) < 0)
		return err_errno(err, unshare_errno(), "make the lab's user namespace");
	rc = write_file("/proc/self/setgroups", "deny");
	if (rc < 0)
		return err_errno(err, -rc, "write /proc/self/setgroups");
	rc = write_map("/proc/self/uid_map", uid, err);
	return rc < 0 ? rc : write_map("/proc/self/gid_map", gid, err);
}

static int apply_settings(const struct netns_config *config, struct err *err)
{
	const bool wanted[] = { [ALWAYS] = true,
				[IPV6_OFF] = !config->ipv6,
				[IPV6_ON] = config->ipv6,
				[SLOW] = config->slow };
	const struct setting *s;
	int rc;

	for (s = settings; s < settings + sizeof(settings) / sizeof(*settings); s++) {
		if (!wanted[s->when])
			continue;
		rc = sysctl_write(s->path, s->value);
		if (rc == 0 || rc == -ENOENT)
			continue;
		err_errno(err, -rc, "write %s to /proc/sys/net/%s of a lab's host",
			  s->value, s->path);
		if (rc == -EROFS)
			err_hint(
				err,
				"The lab needs a /proc/sys that can be written, which some "
				"containers do not give (docker run --security-opt "
				"systempaths=unconfined).");
		return rc;
	}
	return 0;
}

/* Makes a network namespace and enters it. Returns its descriptor, or negative errno. */
static int make_namespace(const struct netns_config *config, struct err *err)
{
	int fd, rc;

	if (unshare(CLONE_NEWNET) < 0)
		return err_errno(err, unshare_errno(),
				 "make a network namespace for the lab");
	fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_errno(err, errno, "open /proc/self/ns/net");
	rc = apply_settings(config, err);
	if (rc < 0) {
		close(fd);
		return rc;
	}
	return fd;
}

int hosts_enter(const struct hosts *h, int host, struct err *err)
{
	if (setns(h->ns[host], CLONE_NEWNET) < 0)
		return err_errno(err, errno, "enter the network namespace of a host");
	return 0;
}

static bool is_no_tun(int rc)
{
	return rc == -ENOENT || rc == -EACCES || rc == -EPERM || rc == -ENXIO ||
	       rc == -ENODEV;
}

/* Makes the hosts' namespaces, with a TUN device in each where this machine gives one. */
static int make_hosts(struct hosts *h, struct err *no_tun, struct err *err)
{
	int i;

	h->veth = h->config->no_tun;
	for (i = 0; i < h->config->hosts; i++) {
		h->ns[i] = make_namespace(h->config, err);
		if (h->ns[i] < 0)
			return h->ns[i];
		if (h->veth)
			continue;
		h->wire[i] = tun_open(KEEPER_DEVICE, h->config->offload, no_tun);
		if (h->wire[i] < 0 && i == 0 && is_no_tun(h->wire[i])) {
			h->veth = true;
		} else if (h->wire[i] < 0) {
			*err = *no_tun;
			return h->wire[i];
		}
	}
	return 0;
}

/* A packet socket that sees what arrives at the device, and nothing that is sent by it. */
static int open_packet_socket(struct hosts *h, const char *device, struct err *err)
{
	struct sockaddr_ll ll = { .sll_family = AF_PACKET,
				  .sll_protocol = htons(ETH_P_ALL),
				  .sll_ifindex = (int)if_nametoindex(device) };
	int fd, rc, on = 1, size = WIRE_BUFFER_BYTES;

	fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return err_errno(err, errno, "make a packet socket for the wire");
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0) {
		h->short_wire = true;
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	}
	/*
	 * The device came up before its peer, so the kernel gives it a queue only some time later,
	 * and drops what is sent until then. What goes past the queue is not dropped.
	 */
	if (setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof(on)) < 0 ||
	    setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof(on)) < 0 ||
	    bind(fd, (struct sockaddr *)&ll, sizeof(ll)) < 0) {
		rc = err_errno(err, errno, "bind a packet socket to the device %s",
			       device);
		close(fd);
		return rc;
	}
	return fd;
}

static int make_veth(struct hosts *h, struct link *link, int host, struct err *err)
{
	int mtu = h->config->mtu;
	char near[IFNAMSIZ];
	int rc;

	snprintf(near, sizeof(near), KEEPER_DEVICE "%d", host);
	rc = link_add_veth(link, near, KEEPER_DEVICE, h->ns[host],
			   KEEPER_HOST_NUMBER(host), mtu ? mtu : ETH_DATA_LEN, err);
	if (rc < 0)
		return rc;
	/* Bound to a device that is down, a packet socket would begin with ENETDOWN. */
	rc = link_up(link, near, 0, err);
	if (rc < 0)
		return rc;
	h->wire[host] = open_packet_socket(h, near, err);
	return h->wire[host] < 0 ? h->wire[host] : 0;
}

static int make_veths(struct hosts *h, const struct err *no_tun, struct err *err)
{
	struct netns_config quiet = { .ipv6 = false };
	int rc, fd, i;
	struct link *link;

	fd = make_namespace(&quiet, err);
	if (fd < 0)
		return fd;
	close(fd);
	link = link_new(err);
	rc = link ? 0 : -err->num;
	for (i = 0; i < h->config->hosts && rc == 0; i++)
		rc = make_veth(h, link, i, err);
	link_free(link);
	if (rc < 0 && no_tun->num)
		err_hint(
			err,
			"There is no TUN device either: %s. As root, either of these is enough: "
			"modprobe tun && chmod 0666 /dev/net/tun; modprobe veth",
			no_tun->message);
	return rc;
}

union addr hosts_addr(int host, bool ipv6)
{
	union addr a = { 0 };

	if (ipv6) {
		a.in6.sin6_family = AF_INET6;
		a.in6.sin6_addr.s6_addr[0] = 0xfd;
		a.in6.sin6_addr.s6_addr[1] = 0x77;
		a.in6.sin6_addr.s6_addr[15] = (unsigned char)KEEPER_HOST_NUMBER(host);
	} else {
		a.in.sin_family = AF_INET;
		a.in.sin_addr.s_addr =
			htonl(10u << 24 | 77u << 16 | (unsigned)KEEPER_HOST_NUMBER(host));
	}
	return a;
}

static int add_family(struct link *link, int host, bool ipv6, int rto_min_ms,
		      struct err *err)
{
	union addr a = hosts_addr(host, ipv6);
	int rc = link_add_addr(link, KEEPER_DEVICE, &a, ipv6 ? 64 : 24, err);

	return rc < 0 ? rc
		      : link_add_default_route(link, KEEPER_DEVICE, a.sa.sa_family,
					       rto_min_ms, err);
}

/* The host that the keeper is in: its devices, addresses and routes. */
static int configure(const struct hosts *h, struct link *link, int host, struct err *err)
{
	int rto_min_ms = h->config->slow ? SLOW_RTO_MIN_MS : 0;
	int rc = link_up(link, "lo", 0, err);

	if (rc == 0 && h->veth)
		rc = link_offload_off(KEEPER_DEVICE, err);
	if (rc == 0 && h->short_wire)
		/* A connection's whole send buffer fits on the wire: it loses nothing by itself. */
		sysctl_write("ipv4/tcp_wmem", "4096 16384 131072");
	if (rc == 0)
		rc = link_up(link, KEEPER_DEVICE, h->config->mtu, err);
	if (rc == 0)
		rc = add_family(link, host, false, rto_min_ms, err);
	if (rc == 0 && h->config->ipv6)
		rc = add_family(link, host, true, rto_min_ms, err);
	return rc;
}

static int configure_host(const struct hosts *h, int host, struct err *err)
{
	struct link *link;
	int rc = hosts_enter(h, host, err);

	if (rc < 0)
		return rc;
	link = link_new(err);
	rc = link ? configure(h, link, host, err) : -err->num;
	link_free(link);
	return rc;
}

int hosts_make(struct hosts *h, struct err *err)
{
	struct err no_tun;
	int rc = 0, i;

	err_clear(&no_tun);
	if (!is_admin())
		rc = make_user_namespace(err);
	if (rc == 0)
		rc = make_hosts(h, &no_tun, err);
	if (rc == 0 && h->veth)
		rc = make_veths(h, &no_tun, err);
	for (i = 0; i < h->config->hosts && rc == 0; i++)
		rc = configure_host(h, i, err);
	return rc;
}
