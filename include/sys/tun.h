/* tun.h - a TUN device: whole IP packets, read and written through a descriptor. */
#ifndef SYS_TUN_H
#define SYS_TUN_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/uio.h>

#include "base/err.h"
#include "tcp/gso.h"

#define TUN_PIECES_MAX 80

/*
 * Makes the device in the caller's network namespace and returns its descriptor (CLOEXEC,
 * NONBLOCK). With offload the host leaves checksums out and gives packets of many segments; what
 * is read and written has to go by tun_read and tun_write then. The device goes with the namespace, not with the descriptor. Negative errno with
 * err: -ENOENT, -EACCES, -EPERM, -ENXIO or -ENODEV where this machine gives no TUN device.
 */
int tun_open(const char *name, bool offload, struct err *err);

/*
 * Of a device with offload. Reads one packet, 0 when there is none now; gso says what TCP segments
 * it is made of, all else has its checksum. Writes one from n pieces. Negative errno.
 */
long tun_read(int fd, void *packet, size_t size, struct gso *gso);
int tun_write(int fd, const struct iovec *piece, int n, const struct gso *gso);

#endif
