/* names.h - hosts of a trace by their names. */
#ifndef SRC_TRACE_NAMES_H
#define SRC_TRACE_NAMES_H

#include "trace/trace.h"

/* All zero is empty. */
struct names {
	void *tree;
};

/* The host's number in the trace, -1 when there is none of that name; NULL is none. */
int names_find(const struct names *n, const char *name);

/* The same; a host that is new is added to the trace. -1 for NULL only. */
int names_get(struct names *n, struct trace *t, const char *name);

void names_clear(struct names *n);

#endif
