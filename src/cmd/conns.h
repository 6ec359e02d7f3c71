/* conns.h - connections of the trace, chosen by a socket or by their ends. */
#ifndef SRC_CMD_CONNS_H
#define SRC_CMD_CONNS_H

#include "cmd/cmd.h"
#include "trace/trace.h"

/* The first argument of such a command; the second is the ends' text, with more words behind it. */
#define ARG_CONN                                                          \
	{                                                                 \
		"socket", ARG_STREAM, ARG_OPTIONAL | ARG_CLOSED,          \
			.standard = "all", .text = "only this connection" \
	}

/*
 * *only becomes a new list, by index, of the connections that the arguments mean; NULL where there are none.
 * Negative with call->err, which names those that there are.
 */
int conns_pick(struct call *call, const struct trace *t, bool **only);

/* Is the segment of one of these? */
bool conns_have(const bool *only, const struct trace_segment *s);

#endif
