/* capture.h - captures, ours and others', as traces. */
#ifndef TRACE_CAPTURE_H
#define TRACE_CAPTURE_H

#include <stddef.h>

#include "base/err.h"
#include "base/interrupt.h"
#include "trace/trace.h"

#define CAPTURE_REASONS 8

/* What a capture held besides the trace. */
struct capture {
	double start;	/* the wall clock's time of the trace's beginning, since 1970 */
	size_t packets; /* all of them */
	size_t skipped; /* those that are no segment */
	struct {
		const char *why; /* "UDP, not TCP", "a fragment", "ARP"; static */
		size_t packets;	 /* 0: here the list ends */
	} reasons[CAPTURE_REASONS];
	size_t twice;	   /* packets that another interface had shown before: left out */
	size_t cut;	   /* segments of which only the first bytes were captured */
	char warning[400]; /* what is damaged or could not be read: a sentence, or "" */
};

/*
 * Reads pcap (both byte orders, micro- and nanoseconds, Kuznetzov's) and pcapng: raw IP, Ethernet
 * (with SNAP, VLAN tags, MPLS, PPPoE), PPP, Linux cooked (SLL, SLL2), loopback (NULL, LOOP). Segments of TCP become a trace, in the
 * order of their times; hosts are the addresses. Files of pcapng_write give back numbers, names,
 * fates, states and commands; comments of others become notes. What is damaged ends the reading
 * and is named with its offset by c->warning; what came before stays. name is the file's, for
 * messages. Returns new; NULL with err when it is no capture at all, or was interrupted.
 */
struct trace *capture_read(const char *name, const void *data, size_t len,
			   const struct interrupt *interrupt, struct capture *c,
			   struct err *err);

#endif
