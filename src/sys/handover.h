/* handover.h - messages with descriptors attached, over a SOCK_SEQPACKET socketpair. */
#ifndef SYS_HANDOVER_H
#define SYS_HANDOVER_H

#include <stdbool.h>
#include <stddef.h>

/* At most this many go with one message. */
#define HANDOVER_MAX 32

/* Sends data with n descriptors, which stay the caller's too. False when the other end has gone. */
bool handover_send(int fd, const void *data, size_t len, const int *fds, int n);

/*
 * Receives one message of len bytes with up to n descriptors, whose number it returns. -EPIPE:
 * the other end has gone; -EMFILE: there were more descriptors than this process may have.
 */
int handover_receive(int fd, void *data, size_t len, int *fds, int n);

#endif
