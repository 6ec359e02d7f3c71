/* facts.h - the numbers of TCP_INFO by name and unit, for `state c1`. */
#ifndef CMD_FACTS_H
#define CMD_FACTS_H

#include <linux/tcp.h>

#include "base/buf.h"
#include "cmd/value.h"

/* Adds to the record what the SYNs agreed on ("negotiated") and the numbers that mean something. */
void facts_add(const struct tcp_info *info, struct value *record);

/* Adds a line for each of them that the record has. */
void facts_show(const struct value *record, struct buf *out);

/* Adds such a line: "    rtt             0.042 ms                round-trip time, smoothed". */
void fact_line(const char *name, const char *value, const char *unit, const char *text,
	       struct buf *out);

#endif
