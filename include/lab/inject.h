/* inject.h - a segment made by hand, put onto the wire. */
#ifndef LAB_INJECT_H
#define LAB_INJECT_H

#include "lab/lab.h"
#include "tcp/segment.h"

enum { CHECKSUM_RIGHT = -1, CHECKSUM_BAD = -2 };

struct inject {
	struct segment segment; /* raw numbers; payload borrowed */
	bool based; /* they were counted from base: the sequence number, the ack */
	uint32_t base[2];
	int checksum; /* what stands in the header, or one of CHECKSUM_ */
	int offset;   /* data offset in words; -1: the right one */
	int cut;      /* the TCP segment ends after so many bytes; -1: it is whole */
	int ip_len;   /* what the IP header says of its length; -1: the right one */
};

/*
 * The numbers that relative ones count from in what `from` sends to `to`: the initial ones of
 * their connection as the trace knows it. Where it does not, the sender's is one that never
 * changes for this pair of addresses, and the receiver's 0.
 */
void inject_bases(const struct trace *t, const union addr *from, const union addr *to,
		  uint32_t *seq_base, uint32_t *ack_base);

/* Its number; negative with err: no such packet can be made. */
int inject_put(struct wire *w, const struct inject *i, struct err *err);

#endif
