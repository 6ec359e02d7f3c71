/* run.h - segments that follow one another and reach their host as one packet. */
#ifndef LAB_RUN_H
#define LAB_RUN_H

#include <stdbool.h>
#include <stddef.h>

#include "sys/netns.h"
#include "trace/trace.h"

#define RUN_MAX (TUN_PIECES_MAX - 1)

/* All zero is an empty one. The segments are the trace's. */
struct run {
	struct trace_segment *segment[RUN_MAX];
	size_t n, bytes; /* of data */
};

/* False: it does not go on where the run ends, or there is no more room. */
bool run_add(struct run *r, struct trace_segment *s);

/* Writes it to its host's device, which has offload; 0 or negative errno. */
int run_write(const struct run *r, const struct netns *netns);

#endif
