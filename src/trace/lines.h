/* lines.h - which line of a script caused a segment. */
#ifndef SRC_TRACE_LINES_H
#define SRC_TRACE_LINES_H

#include "trace/trace.h"

/*
 * Fills line, which has room for each segment by its number, with the line that sent it; 0 for those that
 * no command of a script sent. Returns the largest.
 */
int lines_find(const struct trace *t, int *line);

#endif
