/* expect.h - the segment that a script waits for, and how another one differs from it. */
#ifndef LAB_EXPECT_H
#define LAB_EXPECT_H

#include "base/buf.h"
#include "lab/lab.h"
#include "tcp/notation.h"
#include "trace/trace.h"

/*
 * What is not given is not checked. Of the options those given are checked, of a timestamp only
 * what it echoes. Numbers are relative to the connection's beginning unless raw.
 */
struct expect {
	/* Any of these. Family 0: no more, or not given; port 0: any. */
	union addr from[LAB_ADDRS], to[LAB_ADDRS];
	int parts; /* of notation_part */
	bool raw;
	bool data; /* the payload's bytes are given, not only their count */
	struct segment want;
};

/*
 * How many fields agree before the first that differs, which is added to why ("flags: expected
 * SYN,ACK, got RST,ACK"); -1 when none differs.
 */
int expect_differs(const struct expect *e, const struct trace *t,
		   const struct trace_segment *s, struct buf *why);

/*
 * Could something that a host has sent be the expected when its timer sends it again? It may then be
 * joined with what follows it, acknowledge more, and go without ECN and a cookie.
 */
bool expect_fits_again(const struct expect *e, const struct trace *t);

/* How far a search has come; all zero but next, and cleared by the caller. */
struct expect_search {
	unsigned next; /* number of the first segment that was not looked at yet */
	const struct trace_segment
		*nearest; /* agrees in the most fields; NULL: none came */
	int agreed;
	struct buf why; /* how it differs */
};

/*
 * Looks on among what the hosts sent (not at what was injected). The first segment that agrees, next
 * is then behind it; NULL when there is none yet: of several that are equally near the latest is
 * the nearest.
 */
const struct trace_segment *expect_search(const struct expect *e, const struct trace *t,
					  struct expect_search *found);

#endif
