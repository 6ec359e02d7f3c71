/* names.c - hosts of a trace by their names: a capture may have as many as packets. */
#include "trace/names.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

struct host {
	const char *name; /* the trace's */
	int number;
};

static int host_compare(const void *a, const void *b)
{
	return strcmp(((const struct host *)a)->name, ((const struct host *)b)->name);
}

int names_find(const struct names *n, const char *name)
{
	struct host key = { .name = name };
	struct host **found = name ? tfind(&key, &n->tree, host_compare) : NULL;

	return found ? (*found)->number : -1;
}

int names_get(struct names *n, struct trace *t, const char *name)
{
	int number = names_find(n, name);
	struct host *host;

	if (number >= 0 || !name)
		return number;
	host = xmalloc(sizeof(*host));
	host->number = trace_add_host(t, name);
	host->name = trace_host(t, host->number);
	if (!tsearch(host, &n->tree, host_compare))
		abort();
	return host->number;
}

void names_clear(struct names *n)
{
	tdestroy(n->tree, free);
	n->tree = NULL;
}
