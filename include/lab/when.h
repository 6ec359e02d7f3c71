/* when.h - conditions in words: "FIN from server", "len > 0", "state server = CLOSE_WAIT". */
#ifndef LAB_WHEN_H
#define LAB_WHEN_H

#include "base/err.h"
#include "lab/lab.h"

/*
 * TERM [and TERM ...], each TERM one of:
 *   SYN, FIN, RST, PSH, URG, ACK, SYN,ACK ...  these flags are set (ACK alone: no data, SYN or FIN)
 *   data                                       it carries bytes
 *   from END, to END                           a host, or ADDR:PORT, ADDR, :PORT
 *   ADDR:PORT                                  either end; with "> END" behind it: from there to that
 *   seq|ack|win|len|port OP NUMBER             OP: = != < <= > >=; seq and ack relative
 *   #N                                         that number
 *   state HOST = STATE                         an end on that host is in that state
 *   filter EXPRESSION                          libpcap's, to the end: tcp[tcpflags] & tcp-fin != 0
 * Of a lab's trace, or with lab NULL of a capture's. Returns new; NULL with err, which names the word that was not understood, a number that cannot be, or two
 * terms that nothing meets both.
 */
struct when;
struct when *when_parse(struct lab *lab, const struct trace *trace, const char *text,
			struct err *err);
void when_free(void *when);

/* 0, or -EINVAL with err: it asks for #N, which has passed. */
int when_can_come(const struct when *when, struct err *err);

/* True when the segment, about to be delivered, meets it. For wire_continue. */
bool when_met(void *when, const struct trace_segment *s);

/*
 * True when it has led to a state that the condition names, and meets the rest as well: of one that is
 * delivered, and of no condition without states.
 */
bool when_met_after(void *when, const struct trace_segment *s);

/* The same of a segment of the past: the states are those before that event of the trace. */
bool when_met_at(struct when *when, const struct trace_segment *s, size_t event);

#endif
