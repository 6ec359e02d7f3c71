/* quiet.h - what can a lab's hosts still send, while nobody does anything? */
#ifndef LAB_QUIET_H
#define LAB_QUIET_H

#include "lab/lab.h"

enum quiet {
	QUIET_NO,      /* something new may come, or it is not known */
	QUIET_REPEATS, /* only what was sent before, by the retransmission timer */
	QUIET_YES,     /* nothing */
};

/* A delayed ACK is sent by then (TCP_DELACK_MAX is 200 ms); no query of the kernel shows it. */
#define QUIET_SECONDS 0.5

/*
 * Within so many seconds, once nothing has come for QUIET_SECONDS. Asks the kernel for the timers of all
 * connections.
 */
enum quiet quiet_look(struct lab *lab, double seconds);

/*
 * Adds what a timer of the kernels sends next: "client 10.77.0.1:40140 (SYN_SENT) retransmits in
 * 1.1 s"; before it, where a delayed ACK may be due, a line of that. False, and nothing is added:
 * none runs.
 */
bool quiet_next(struct lab *lab, struct buf *out);

#endif
