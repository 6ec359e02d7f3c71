/* tun.c - a TUN device: whole IP packets, read and written through a descriptor. */

/*
 * Without persistence the kernel takes the device down when the descriptor is closed, and the
 * closer waits for that: 16 to 32 ms. A persistent one is cheap to close, and in a namespace
 * that nothing else holds it goes when the namespace goes, in a kernel worker.
 *
 * There is no offload: the kernel sums and cuts its segments before they get here, so that each
 * packet is as it would be on a cable.
 */

#include "sys/tun.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

int tun_open(const char *name, struct err *err)
{
	struct ifreq req = { .ifr_flags = IFF_TUN | IFF_NO_PI };
	int fd, rc;

	fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return err_errno(err, errno, "open /dev/net/tun");
	snprintf(req.ifr_name, sizeof(req.ifr_name), "%s", name);
	if (ioctl(fd, TUNSETIFF, &req) < 0 || ioctl(fd, TUNSETPERSIST, 1) < 0) {
		rc = err_errno(err, errno, "make the TUN device %s", name);
		close(fd);
		return rc;
	}
	return fd;
}
