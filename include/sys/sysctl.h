/* sysctl.h - the kernel's settings of a network namespace: the files below /proc/sys/net. */
#ifndef SYS_SYSCTL_H
#define SYS_SYSCTL_H

#include "base/err.h"

#define SYSCTL_PATH_MAX	 128
#define SYSCTL_VALUE_MAX 512

/*
 * A name into a path below /proc/sys/net, and never out of there: "tcp_ecn" and
 * "net.ipv4.tcp_ecn" are ipv4/tcp_ecn, "net.ipv6.icmp.ratelimit" is ipv6/icmp/ratelimit. Whether
 * there is such a file is not asked. Failure: code "usage".
 */
int sysctl_path(const char *name, char path[SYSCTL_PATH_MAX], struct err *err);

/*
 * Of the namespace that the caller is in. The value is text without its newline, columns apart by
 * one space. 0 or negative errno; -EMSGSIZE: longer than value.
 */
int sysctl_read(const char *path, char value[SYSCTL_VALUE_MAX]);
int sysctl_write(const char *path, const char *value);

/*
 * The names, as sysctl_path takes them, that stand beside begun in this machine's own namespace: for
 * "tcp" those of net.ipv4, for "net.ipv6.c" those of net.ipv6. A group's name ends in a dot.
 */
void sysctl_names(const char *begun, void (*fn)(void *arg, const char *name), void *arg);

#endif
