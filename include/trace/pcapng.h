/* pcapng.h - the trace as a pcapng file. */
#ifndef TRACE_PCAPNG_H
#define TRACE_PCAPNG_H

#include "base/buf.h"
#include "base/interrupt.h"
#include "trace/trace.h"

/*
 * Adds a whole pcapng file (draft-ietf-opsawg-pcapng): a section, one interface of raw IP for the
 * wire (libpcap refuses two), the hosts' names, a packet per transmission with a comment: number,
 * from and to, "dropped by you", "retransmission, folded by tcpstep", state changes, commands.
 * capture_read gives the trace back. start is the wall clock's time of the trace's beginning, in
 * seconds since 1970. *folded, when not NULL, gets how many packets are copies that were folded.
 * Returns how many packets. When interrupted, what was added is of no use.
 */
size_t pcapng_write(const struct trace *t, double start,
		    const struct interrupt *interrupt, struct buf *out, size_t *folded);

#endif
