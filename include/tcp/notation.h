/* notation.h - a segment as a line of text, the way readers of tcpdump and packetdrill know it. */
#ifndef TCP_NOTATION_H
#define TCP_NOTATION_H

#include "base/buf.h"
#include "base/err.h"
#include "tcp/segment.h"

/*
 * Adds "S 0:0(0) win 65535 <mss 1460,sackOK,TS val 1 ecr 0,nop,wscale 7>". Sequence numbers are
 * printed less seq_base, acknowledgments and SACK blocks less ack_base (0 for raw ones). Reading
 * it back gives an equal segment, but for the payload's bytes: for these a space and text_quote
 * (base/text.h) may follow.
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
 * Reads FLAGS SEQ:END(LEN) [ack N] [win N] [urg N] [<OPTIONS>] ["DATA"], flags as letters
 * (S F R P . E W U) or names (SYN,ACK); also tcpdump's own lines from "Flags" on. The parts may stand in
 * any order, and none must be there. The bases are added to what is read. Only the parts
 * that the text gave are written to *s, none on failure. The payload is DATA (in quotes, Lua
 * escapes) or, where the text gives only a length, zero bytes: data, when not NULL, gets them in
 * place of what it had and s->payload points into it; without data s->payload is NULL.
 * Returns the parts, or negative with err, which names the place in the text.
 */
int notation_parse(struct segment *s, const char *text, uint32_t seq_base,
		   uint32_t ack_base, struct buf *data, struct err *err);

#endif
