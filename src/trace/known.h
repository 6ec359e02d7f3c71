/* known.h - what became of the numbers that a saved trace gave to its segments. */
#ifndef SRC_TRACE_KNOWN_H
#define SRC_TRACE_KNOWN_H

#include <stddef.h>
#include <stdint.h>

/* All zero is empty. */
struct known {
	struct known_number {
		uint64_t key;
		unsigned now;
	} * at; /* by key */
	size_t n, size;
};

/* number of a section is now that one. Each number stands for the first that has it; numbers rise. */
void known_add(struct known *k, unsigned section, unsigned number, unsigned now);

/* What the number is now; 0 when there is none. */
unsigned known_find(const struct known *k, unsigned section, unsigned number);

void known_clear(struct known *k);

#endif
