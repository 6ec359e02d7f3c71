/* pairs.c - numbers that are found by a pair of addresses: a hash table with open addressing. */
#include "base/pairs.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/buf.h"

#define SIZE_MIN 16

/* Free while its number is below 0. */
struct pairs_slot {
	union addr end[2];
	int number;
};

/* FNV-1a over address and port; the zone stays out, as in addr_equal. */
static uint32_t addr_hash(union addr a)
{
	const uint8_t *p;
	uint32_t h = 2166136261u;
	size_t n, i;

	addr_unmap(&a);
	p = a.sa.sa_family == AF_INET6 ? (uint8_t *)&a.in6.sin6_addr
				       : (uint8_t *)&a.in.sin_addr;
	n = a.sa.sa_family == AF_INET6 ? 16 : 4;
	for (i = 0; i < n; i++)
		h = (h ^ p[i]) * 16777619u;
	return (h ^ (uint32_t)addr_port(&a)) * 16777619u;
}

static bool is_of(const struct pairs_slot *s, const union addr *a, const union addr *b)
{
	return (addr_equal(&s->end[0], a) && addr_equal(&s->end[1], b)) ||
	       (addr_equal(&s->end[1], a) && addr_equal(&s->end[0], b));
}

/* Where the pair stands, or the free slot where it belongs. */
static size_t place_of(const struct pairs *p, const union addr *a, const union addr *b)
{
	uint32_t h = addr_hash(*a) + addr_hash(*b);
	size_t i;

	h ^= h >> 15;
	for (i = h & (p->size - 1);; i = (i + 1) & (p->size - 1))
		if (p->slot[i].number < 0 || is_of(&p->slot[i], a, b))
			return i;
}

static void grow(struct pairs *p)
{
	struct pairs old = *p;
	size_t i;

	p->size = old.size ? old.size * 2 : SIZE_MIN;
	p->slot = xcalloc(p->size, sizeof(*p->slot));
	for (i = 0; i < p->size; i++)
		p->slot[i].number = -1;
	for (i = 0; i < old.size; i++)
		if (old.slot[i].number >= 0)
			p->slot[place_of(p, &old.slot[i].end[0], &old.slot[i].end[1])] =
				old.slot[i];
	p->last = 0;
	free(old.slot);
}

int pairs_get(const struct pairs *p, const union addr *a, const union addr *b)
{
	const struct pairs_slot *last = p->size ? &p->slot[p->last] : NULL;
	size_t i;

	if (!last)
		return -1;
	if (last->number >= 0 && is_of(last, a, b))
		return last->number;
	/* To ask is not to change, as far as who asks can see. */
	i = ((struct pairs *)p)->last = place_of(p, a, b);
	return p->slot[i].number;
}

void pairs_set(struct pairs *p, const union addr *a, const union addr *b, int number)
{
	struct pairs_slot *s;

	if ((p->n + 1) * 2 > p->size)
		grow(p);
	s = &p->slot[place_of(p, a, b)];
	p->n += s->number < 0;
	*s = (struct pairs_slot){ { *a, *b }, number };
}

void pairs_clear(struct pairs *p)
{
	free(p->slot);
	*p = (struct pairs){ 0 };
}
