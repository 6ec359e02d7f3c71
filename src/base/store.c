/*
 * store.c - bytes that are kept in the order in which they came, and given up in that order.
 *
 * They stand in blocks. The first is small, for most stores stay so; the others are huge pages where the kernel
 * gives them, since each small page that is touched for the first time is a fault, and a fault takes longer than to
 * fill the page. A block whose pieces are all dropped is used again: a store of a limited size goes round.
 */
#include "base/store.h"

#include <assert.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "base/buf.h"

#define FIRST_BYTES ((size_t)256 << 10)
#define HUGE_BYTES  ((size_t)2 << 20)
#define ALIGN	    ((size_t)16)

struct store_block {
	struct store_block *next;
	size_t size, used; /* of bytes */
	size_t pieces;	   /* kept */
	_Alignas(16) uint8_t bytes[];
};

static struct store_block *block_new(size_t size)
{
	struct store_block *b;

	if (size < HUGE_BYTES) {
		b = xmalloc(size);
	} else {
		b = aligned_alloc(HUGE_BYTES, size);
		if (!b)
			abort();
		madvise(b, size, MADV_HUGEPAGE);
	}
	*b = (struct store_block){ .size = size - sizeof(*b) };
	return b;
}

/* The newest block from now on. */
static void block_add(struct store *s, size_t room)
{
	size_t size = s->newest ? HUGE_BYTES : FIRST_BYTES;
	struct store_block *b = s->spare;

	s->spare = NULL;
	if (b && b->size < room) {
		free(b);
		b = NULL;
	}
	if (!b) {
		if (size < room + sizeof(*b))
			size = (room + sizeof(*b) + HUGE_BYTES - 1) / HUGE_BYTES *
			       HUGE_BYTES;
		b = block_new(size);
	}
	b->next = NULL;
	b->used = 0;
	if (s->newest)
		s->newest->next = b;
	else
		s->oldest = b;
	s->newest = b;
}

uint8_t *store_room(struct store *s, size_t size)
{
	if (!s->newest || s->newest->size - s->newest->used < size)
		block_add(s, size);
	return s->newest->bytes + s->newest->used;
}

uint8_t *store_keep(struct store *s, size_t len)
{
	struct store_block *b = s->newest;
	uint8_t *piece;
	size_t step = (len + ALIGN - 1) / ALIGN * ALIGN;

	assert(b && len <= b->size - b->used);
	piece = b->bytes + b->used;
	b->used += step < b->size - b->used ? step : b->size - b->used;
	b->pieces++;
	return piece;
}

/* The room is in the newest one, which stays as it is. */
static void blocks_release(struct store *s)
{
	struct store_block *b;

	while (s->oldest != s->newest && s->oldest->pieces == 0) {
		b = s->oldest;
		s->oldest = b->next;
		if (s->spare && s->spare->size >= b->size) {
			free(b);
			continue;
		}
		free(s->spare);
		s->spare = b;
	}
}

void store_drop(struct store *s)
{
	blocks_release(s);
	assert(s->oldest && s->oldest->pieces > 0);
	s->oldest->pieces--;
	blocks_release(s);
}

void store_clear(struct store *s)
{
	struct store_block *b;

	while ((b = s->oldest)) {
		s->oldest = b->next;
		free(b);
	}
	free(s->spare);
	*s = (struct store){ 0 };
}
