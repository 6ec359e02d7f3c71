/* known.c - what became of the numbers that a saved trace gave to its segments. */
#include "trace/known.h"

#include <stdlib.h>

#include "trace/inner.h"

static uint64_t key_of(unsigned section, unsigned number)
{
	return (uint64_t)section << 32 | number;
}

void known_add(struct known *k, unsigned section, unsigned number, unsigned now)
{
	uint64_t key = key_of(section, number);

	if (k->n > 0 && k->at[k->n - 1].key >= key)
		return;
	k->at = array_grow(k->at, k->n, &k->size, sizeof(*k->at));
	k->at[k->n++] = (struct known_number){ key, now };
}

static int number_compare(const void *a, const void *b)
{
	const struct known_number *x = a, *y = b;

	return x->key < y->key ? -1 : x->key > y->key;
}

unsigned known_find(const struct known *k, unsigned section, unsigned number)
{
	struct known_number key = { key_of(section, number), 0 }, *found = NULL;

	if (k->n > 0)
		found = bsearch(&key, k->at, k->n, sizeof(key), number_compare);
	return found ? found->now : 0;
}

void known_clear(struct known *k)
{
	free(k->at);
	*k = (struct known){ NULL };
}
