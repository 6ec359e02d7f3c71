/* explain.h - what the sentences about one segment share; for this floor only. */
#ifndef SRC_TRACE_EXPLAIN_H
#define SRC_TRACE_EXPLAIN_H

#include "trace/reading.h"

struct explaining {
	struct reading r;
	struct buf *out;       /* sentences, one space between them */
	char me[64], peer[64]; /* names of sender and receiver, escaped */
	unsigned how;	       /* VIEW_ flags */
};

/* Adds a sentence, or the next words of one. */
void say(struct explaining *x, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* The segment's numbers as they are printed. */
static inline uint32_t seq_of(const struct explaining *x)
{
	return x->r.g->seq - x->r.my_base;
}

static inline uint32_t ack_of(const struct explaining *x)
{
	return x->r.g->ack - x->r.other_base;
}

/*
 * Did its sender's own TCP say it, as it is? Then it may be said in which state that is. Not what was
 * made or changed by hand, nor a copy.
 */
bool is_own(const struct explaining *x);

/* May it be said that its sender is in that state now? Not where the kernel was seen in another. */
bool sender_in(const struct explaining *x, enum tcp_state state);

/* The same of its receiver, as soon as it arrives. */
bool receiver_in(const struct explaining *x, enum tcp_state state);

/* The handshake's three. */
void syn_say(struct explaining *x);
void syn_ack_say(struct explaining *x);
void third_say(struct explaining *x);

/* The close's four. fin_ack_say is silent when no FIN is acknowledged for the first time. */
void fin_say(struct explaining *x);
void fin_ack_say(struct explaining *x);

/* Bytes, and what acknowledges them. Each is silent where the segment has nothing of that. */
void data_say(struct explaining *x);
void ack_say(struct explaining *x);
void sack_say(struct explaining *x);
void window_say(struct explaining *x);

/* An ACK that repeats one, and why: for loss, or in answer to what its sender cannot take. */
void dup_ack_say(struct explaining *x);
void nothing_new_say(struct explaining *x);

/* A probe of a zero window, or of an end that is silent. */
void probe_say(struct explaining *x);

/* What ended the connection at once, and why. */
void rst_say(struct explaining *x);

/* Why it was sent before; silent when it was not. While the wire held it: how often. */
void resent_say(struct explaining *x);
void copies_say(struct explaining *x);

/* ECN in the handshake, and behind it. */
void ecn_say(struct explaining *x);
void congestion_say(struct explaining *x);

void urgent_say(struct explaining *x);

/* Flags that make no sense together. */
void together_say(struct explaining *x);

#endif
