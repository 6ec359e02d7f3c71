/* lines.h - which command of a script, or of who types, caused a segment. */
#ifndef SRC_TRACE_LINES_H
#define SRC_TRACE_LINES_H

#include "trace/inner.h"

/* The command that made its host send the segment, or put it onto the wire by hand; NULL. */
const struct trace_event *lines_command(const struct trace *t,
					const struct trace_segment *s);

/* The last event, a command, is taken back: it has caused nothing. */
void lines_take_back(struct trace *t);

#endif
