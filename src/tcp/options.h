/* options.h - the options of a TCP header: bytes to fields and back. */
#ifndef TCP_OPTIONS_H
#define TCP_OPTIONS_H

#include "tcp/segment.h"

/* The kinds (IANA, "TCP Parameters") that struct segment_options has a field for. */
enum option_kind {
	OPTION_END = 0,
	OPTION_NOP = 1,
	OPTION_MSS = 2,
	OPTION_WSCALE = 3,
	OPTION_SACK_PERMITTED = 4,
	OPTION_SACK = 5,
	OPTION_TIMESTAMPS = 8,
	OPTION_FAST_OPEN = 34,
};

/* None. */
void options_init(struct segment_options *o);

/*
 * Reads len bytes behind the fixed header, of whose options missing more were not captured. NULL, or
 * what is wrong; what stands before it counts.
 */
const char *options_decode(struct segment_options *o, const uint8_t *p, size_t len,
			   size_t missing);

/*
 * Writes them, a multiple of 4 bytes, and gives the length in *len. -EINVAL with err when there is no
 * room for them all, or a count in *o is out of its range.
 */
int options_encode(const struct segment_options *o, uint8_t out[SEGMENT_OPTIONS_MAX],
		   size_t *len, struct err *err);

#endif
