/* pcapng.h - the trace as a pcapng file, and captures as traces. */
#ifndef TRACE_PCAPNG_H
#define TRACE_PCAPNG_H

#include "base/buf.h"
#include "base/err.h"
#include "trace/trace.h"

/*
 * Adds a whole pcapng file (draft-ietf-opsawg-pcapng): a section, one interface of raw IP for the
 * wire (libpcap refuses two), a packet per transmission with a comment: number, from and to,
 * "dropped by you", "retransmission, folded by tcpstep", state changes. start is the wall
 * clock's time of the trace's beginning, in seconds since 1970. Returns how many packets.
 */
size_t pcapng_write(const struct trace *t, double start, struct buf *out);

/*
 * Reads pcap (both byte orders, micro- and nanoseconds) and pcapng: raw IP, Ethernet (with VLAN
 * tags), Linux cooked (SLL, SLL2), loopback (NULL, LOOP). Segments of TCP become a trace whose
 * hosts are the addresses; our own files give back numbers, names, fates. What is damaged is named
 * with its offset and ends the reading; what came before stays. Returns new, or NULL with err;
 * *skipped counts packets that are no TCP.
 */
struct trace *pcapng_read(const void *data, size_t len, size_t *skipped, struct err *err);

#endif
