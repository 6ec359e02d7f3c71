/* store.h - bytes that are kept in the order in which they came, and given up in that order. */
#ifndef BASE_STORE_H
#define BASE_STORE_H

#include <stddef.h>
#include <stdint.h>

/* All zero is an empty store. Running out of memory aborts. */
struct store {
	struct store_block *oldest, *newest;
	struct store_block *spare; /* one that is empty again, for the next; NULL */
};

/*
 * Where the next piece goes: size bytes of room behind what is kept. They stay where they are until the
 * next store_keep, whatever is dropped meanwhile, if size is the same.
 */
uint8_t *store_room(struct store *s, size_t size);

/* Keeps the first len bytes of the room as a piece. Returns it; valid until it is dropped. */
uint8_t *store_keep(struct store *s, size_t len);

/* Gives up the oldest piece; there is one. */
void store_drop(struct store *s);

/* Frees all; the store is empty and usable afterwards. */
void store_clear(struct store *s);

#endif
