/* pairs.h - numbers that are found by a pair of addresses, whichever of the two comes first. */
#ifndef BASE_PAIRS_H
#define BASE_PAIRS_H

#include <stddef.h>

#include "base/addr.h"

/* All zero is an empty table. Addresses are alike as addr_equal has it. Running out of memory aborts. */
struct pairs {
	struct pairs_slot *slot;
	size_t n, size;
	size_t last; /* where the pair stands that was asked for last */
};

/* The pair's number; -1 when it has none. */
int pairs_get(const struct pairs *p, const union addr *a, const union addr *b);

/* Gives the pair its number, 0 or more, in place of the one that it had. */
void pairs_set(struct pairs *p, const union addr *a, const union addr *b, int number);

/* Frees the memory; the table is empty and usable afterwards. */
void pairs_clear(struct pairs *p);

#endif
