/* framing.h - what stands before the IP packet in a captured frame. */
#ifndef SRC_TRACE_FRAMING_H
#define SRC_TRACE_FRAMING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The link types that are understood (the registry of LINKTYPE_ values). */
bool framing_known(unsigned link);

/*
 * The IP packet in a frame, without padding behind it; NULL when there is none. *len is the
 * frame's length before and the packet's after. Points into frame.
 */
const uint8_t *framing_packet(unsigned link, const uint8_t *frame, size_t *len);

#endif
