/* framing.h - what stands before the IP packet in a captured frame. */
#ifndef SRC_TRACE_FRAMING_H
#define SRC_TRACE_FRAMING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The link types that are understood (the registry of LINKTYPE_ values). */
bool framing_known(unsigned link);

/*
 * Finds the IP packet in a frame of *len bytes: *frame and *len become its own, without padding
 * behind it. NULL, or what the frame has instead: both are then as they were.
 */
const char *framing_packet(unsigned link, const uint8_t **frame, size_t *len);

#endif
