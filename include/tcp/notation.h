/* notation.h - a segment as a line of text, the way readers of tcpdump and packetdrill know it. */
#ifndef TCP_NOTATION_H
#define TCP_NOTATION_H

#include "base/buf.h"
#include "base/err.h"
#include "tcp/segment.h"

/*
 * Adds "S 0:0(0) win 65535 <mss 1460,sackOK,TS val 1 ecr 0,nop,wscale 7>". Sequence numbers are
 * printed less seq_base, acknowledgments less ack_base (0 for raw ones). Reading it back gives an
 * equal segment.
 */
void notation_format(const struct segment *s, uint32_t seq_base, uint32_t ack_base,
		     struct buf *out);

/* Which parts a text gave; the others are the caller's to fill or to leave unchecked. */
enum notation_part {
	PART_FLAGS = 1,
	PART_SEQ = 2,
	PART_ACK = 4,
	PART_WINDOW = 8,
	PART_OPTIONS = 16,
	PART_LEN = 32,
	PART_URGENT = 64,
};

/*
 * Reads FLAGS SEQ:END(LEN) [ack N] [win N] [urg N] [<OPTIONS>], flags as letters (S F R P . E W U)
 * or names (SYN,ACK). The bases are added to what is read. data, when not NULL, gets the payload's
 * text after the options (in quotes, Lua escapes) or LEN zero bytes; s->payload points into it.
 * Returns the parts, or negative with err, which names the place in the text.
 */
int notation_parse(struct segment *s, const char *text, uint32_t seq_base,
		   uint32_t ack_base, struct buf *data, struct err *err);

#endif
