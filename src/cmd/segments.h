/* segments.h - what the commands about the wire's segments share. */
#ifndef SRC_CMD_SEGMENTS_H
#define SRC_CMD_SEGMENTS_H

#include "cmd/cmd.h"
#include "trace/trace.h"

/* 0; or negative with call->err: there is no lab. */
int call_need_lab(struct call *call);

/* The trace of the lab's wire as it is now, or what load has read; NULL with call->err. */
struct trace *call_need_trace(struct call *call);

/*
 * The number of "#5" or, in Lua, 5; 0 when v is nil. Negative with call->err when it is none that a
 * segment could have.
 */
int segment_number(struct call *call, const struct value *v, unsigned *number);

/* Does it look like the number of a segment: "#5", "5", and not like an address? */
bool segment_is(const struct value *v);

/* The segment of that number; NULL with call->err, which names the last one. */
struct trace_segment *segment_find(struct call *call, struct trace *t, unsigned number);

/* The VIEW_ flags that this session's terminal and its settings ask for. */
unsigned segment_view(struct app *app);

/* The same with the call's OPTION_RAW, when it was given. */
unsigned segment_view_of(const struct call *call, const struct value *raw);

#define OPTION_RAW                                                           \
	{                                                                    \
		"raw", ARG_BOOL, ARG_OPTIONAL, NULL, 0, 0, "as set numbers", \
			"sequence numbers as they are on the wire"           \
	}

/* What Lua and JSON get of a segment; the keys do not change. */
struct value segment_value(const struct trace *t, const struct trace_segment *s);

#endif
