/* dice.h - a row of random numbers from a seed. */
#ifndef DICE_H
#define DICE_H

#include <stdint.h>

/* One of 0 to n - 1. splitmix64: a seed of any kind gives a good row. */
static inline uint32_t dice_below(uint64_t *dice, uint32_t n)
{
	uint64_t z = *dice += 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return (uint32_t)((z ^ (z >> 31)) >> 11) % n;
}

#endif
