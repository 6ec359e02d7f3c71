/* filter.h - filter expressions as tcpdump has them, compiled by libpcap. */
#ifndef LAB_FILTER_H
#define LAB_FILTER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "lab/lab.h"

/*
 * "tcp[tcpflags] & tcp-fin != 0", "src host server and len > 100". Hosts are numbers or those of
 * the lab, which may be NULL. Returns new; NULL with err: not understood, or libpcap is not on this machine.
 */
struct filter;
struct filter *filter_new(struct lab *lab, const char *text, struct err *err);
void filter_free(struct filter *f);

/* Loads libpcap already: a process in a sandbox could not. False when it is not on this machine. */
bool filter_preload(void);

/* packet is a whole IP packet. */
bool filter_met(const struct filter *f, const void *packet, size_t len);

#endif
