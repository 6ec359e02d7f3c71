/* replay.h - a trace out of packets and what is remarked on them. */
#ifndef SRC_TRACE_REPLAY_H
#define SRC_TRACE_REPLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/interrupt.h"
#include "trace/trace.h"

/* Collects; nothing is copied before replay_finish, so that what it is given has to live on. */
struct replay;

/* Returns new, empty; replay_finish frees it. */
struct replay *replay_new(void);

/* A new section begins: what was said of hosts and numbers is forgotten. */
void replay_section(struct replay *r);

/* A comment on the section. */
void replay_about(struct replay *r, const char *text, size_t len);

/*
 * An IP packet at a time (nanoseconds since 1970) on an interface of the section, of which up to missing
 * bytes were not captured. NULL, or why it is no segment; in a capture of ours all are.
 */
const char *replay_packet(struct replay *r, int64_t ns, unsigned interface,
			  const void *packet, size_t len, size_t missing);

/* A comment on the last packet. */
void replay_remark(struct replay *r, const char *text, size_t len);

struct replayed {
	double start; /* the trace's beginning, since 1970 */
	bool lost; /* packets of one of our traces are missing, so that it has other numbers */
	size_t twice; /* packets that another interface had shown before, left out */
	size_t cut;   /* segments that were not captured whole */
};

/* Puts all in the order of time. Returns the new trace, only a part of it when interrupted; frees r. */
struct trace *replay_finish(struct replay *r, const struct interrupt *interrupt,
			    struct replayed *out);

#endif
