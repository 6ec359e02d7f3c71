/* interrupt.h - long work looks now and then whether it is still wanted. */
#ifndef BASE_INTERRUPT_H
#define BASE_INTERRUPT_H

#include <stdbool.h>

/* Whoever can be interrupted is lent one; NULL, or without a function: it cannot be. */
struct interrupt {
	bool (*came)(void *arg); /* cheap; once true it stays so for the work under way */
	void *arg;
};

static inline bool interrupt_came(const struct interrupt *i)
{
	return i && i->came && i->came(i->arg);
}

#endif
