/* twins.h - packets that were captured twice, on one interface and then on another. */
#ifndef SRC_TRACE_TWINS_H
#define SRC_TRACE_TWINS_H

#include <stddef.h>
#include <stdint.h>

struct twin {
	unsigned section, interface; /* of the capture */
	int64_t ns;
	const void *data;
	size_t len;
	size_t packet; /* its number in the file */
};

/*
 * Sorts packets. For each that is the same as one before it, of[its packet] becomes that one's
 * packet. Returns how many there are.
 */
size_t twins_find(struct twin *packets, size_t n, size_t *of);

#endif
