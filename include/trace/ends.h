/* ends.h - an end of a connection as people write it: "10.0.0.1:4000", ":80", "server:80", "server". */
#ifndef TRACE_ENDS_H
#define TRACE_ENDS_H

#include "base/err.h"
#include "trace/trace.h"

/* What the text asks for; the rest is any. */
struct end_asked {
	int host;      /* of the trace; -1: any */
	union addr at; /* its address alone; family 0: any */
	int port;      /* -1: any */
};

/*
 * Reads "10.0.0.1:4000", "10.0.0.1", "[::1]:80", ":80", "80", and the same with a host of the trace.
 * Failure: code "usage", a sentence that says what is wrong with the text.
 */
int end_parse(struct end_asked *asked, const struct trace *t, const char *text,
	      struct err *err);

/* Is that end, of a host or of a ghost (-1), one of these? */
bool end_meets(const struct end_asked *asked, int host, const union addr *a);

#endif
