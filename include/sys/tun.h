/* tun.h - a TUN device: whole IP packets, read and written through a descriptor. */
#ifndef SYS_TUN_H
#define SYS_TUN_H

#include "base/err.h"

/*
 * Makes the device in the caller's network namespace and returns its descriptor (CLOEXEC,
 * NONBLOCK). The device goes with the namespace, not with the descriptor. Negative errno with
 * err: -ENOENT, -EACCES, -EPERM, -ENXIO or -ENODEV where this machine gives no TUN device.
 */
int tun_open(const char *name, struct err *err);

#endif
