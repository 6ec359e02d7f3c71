/* tun.c - a TUN device: whole IP packets, read and written through a descriptor. */

/*
 * Without persistence the kernel takes the device down when the descriptor is closed, and the
 * closer waits for that: 16 to 32 ms. A persistent one is cheap to close, and in a namespace
 * that nothing else holds it goes when the namespace goes, in a kernel worker.
 *
 * Without offload the kernel sums and cuts its segments before they get here, so that each
 * packet is as it would be on a cable. With it, a header before each packet (IFF_VNET_HDR, as
 * virtio's network card has it) says what was left undone.
 */

#include "sys/tun.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <linux/virtio_net.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define OFFLOADS (TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 | TUN_F_TSO_ECN)

int tun_open(const char *name, bool offload, struct err *err)
{
	struct ifreq req = { .ifr_flags = IFF_TUN | IFF_NO_PI };
	int fd, rc;

	fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return err_errno(err, errno, "open /dev/net/tun");
	snprintf(req.ifr_name, sizeof(req.ifr_name), "%s", name);
	if (offload)
		req.ifr_flags |= IFF_VNET_HDR;
	if (ioctl(fd, TUNSETIFF, &req) < 0 || ioctl(fd, TUNSETPERSIST, 1) < 0 ||
	    (offload && ioctl(fd, TUNSETOFFLOAD, OFFLOADS) < 0)) {
		rc = err_errno(err, errno, "make the TUN device %s", name);
		close(fd);
		return rc;
	}
	return fd;
}

/* One's complement of the sum from start on, as the header asks for it; UDP's 0 means "none". */
static void fill_checksum(unsigned char *p, size_t len, const struct virtio_net_hdr *h)
{
	size_t at = (size_t)h->csum_start + h->csum_offset, i;
	uint32_t sum = 0;

	if (at + 2 > len)
		return;
	for (i = h->csum_start; i < len; i++)
		sum += (i - h->csum_start) % 2 ? p[i] : (uint32_t)p[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	sum = sum == 0xffff ? sum : ~sum;
	p[at] = (unsigned char)(sum >> 8);
	p[at + 1] = (unsigned char)sum;
}

static bool is_tcp(const unsigned char *p, long len)
{
	return len >= 20 && p[p[0] >> 4 == 6 ? 6 : 9] == IPPROTO_TCP;
}

long tun_read(int fd, void *packet, size_t size, struct gso *gso)
{
	struct virtio_net_hdr h;
	struct iovec piece[2] = { { &h, sizeof(h) }, { packet, size } };
	ssize_t n;

	do
		n = readv(fd, piece, 2);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == EAGAIN ? 0 : -errno;
	if (n < (ssize_t)sizeof(h))
		return -EIO;
	n -= (ssize_t)sizeof(h);
	*gso = (struct gso){ 0 };
	if (is_tcp(packet, n)) {
		gso->partial = h.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM;
		gso->size = h.gso_type == VIRTIO_NET_HDR_GSO_NONE ? 0 : h.gso_size;
	} else if (h.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) {
		fill_checksum(packet, (size_t)n, &h);
	}
	return n;
}

int tun_write(int fd, const struct iovec *piece, int n, const struct gso *gso)
{
	struct iovec all[TUN_PIECES_MAX + 1];
	struct virtio_net_hdr h = { 0 };
	const unsigned char *ip = piece[0].iov_base;
	bool v6 = ip[0] >> 4 == 6;
	ssize_t sent;

	assert(n > 0 && n <= TUN_PIECES_MAX);
	if (gso->partial) {
		h.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
		h.csum_start = v6 ? 40 : (ip[0] & 15) * 4;
		h.csum_offset = 16;
	}
	if (gso->size > 0) {
		h.gso_type = v6 ? VIRTIO_NET_HDR_GSO_TCPV6 : VIRTIO_NET_HDR_GSO_TCPV4;
		h.gso_size = gso->size;
		h.hdr_len = (uint16_t)piece[0].iov_len;
		if (ip[h.csum_start + 13] & FLAG_CWR)
			h.gso_type |= VIRTIO_NET_HDR_GSO_ECN;
	}
	all[0] = (struct iovec){ &h, sizeof(h) };
	memcpy(all + 1, piece, sizeof(*piece) * (size_t)n);
	do
		sent = writev(fd, all, n + 1);
	while (sent < 0 && errno == EINTR);
	return sent < 0 ? -errno : 0;
}
