/* track_end.h - one end of a tracked connection; shared by the files of the tracker. */
#ifndef TRACK_END_H
#define TRACK_END_H

#include "tcp/track.h"

#define TRACK_RANGES 32

struct track_range {
	uint32_t left, right;
	bool fin; /* the last number is a FIN's */
};

struct track_end {
	enum tcp_state state; /* CLOSED: no connection, whether someone listens or not */
	unsigned may; /* other states that are right as well: bits 1 << STATE_... */
	bool passive; /* came from a listener, and is not ESTABLISHED yet */
	bool deaf;    /* passive, and that listener is gone */
	bool shut; /* nothing more is read: closed, that side shut down, or the FIN is there */
	bool fin_wanted; /* shutdown before ESTABLISHED */
	bool fin_sent;
	uint32_t fin; /* number of our FIN */
	uint32_t iss;
	uint32_t una, sent; /* SND.UNA, SND.NXT */
	uint64_t acked; /* bytes acknowledged; the SYN is one where we have connected */
	uint32_t max_window; /* the largest that the peer has offered */
	int window;    /* the last, as its header had it; -1: Linux predicts none by it */
	uint32_t next; /* RCV.NXT */
	bool fed;      /* bytes were received: there is room set aside for more */
	uint32_t told; /* the last acknowledgment sent */
	uint32_t edge; /* the right edge of the window offered */
	bool sack, peer_sack;
	int wscale, peer_wscale; /* as sent in the SYNs; -1 */
	bool has_ts;
	uint32_t ts;		    /* TS.Recent */
	bool stamped;		    /* our SYNs had timestamps */
	uint32_t ts_first, ts_last; /* theirs: what is not between is no echo */
	struct track_range early[TRACK_RANGES]; /* what came out of order */
	int n_early;
};

static inline bool seq_after(uint32_t a, uint32_t b)
{
	return seq_before(b, a);
}

/* The number behind its last. */
static inline uint32_t seg_end(const struct segment *s)
{
	return s->seq + segment_span(s);
}

/* One of these flags, or several. */
static inline bool has(const struct segment *s, uint8_t flag)
{
	return (s->flags & flag) != 0;
}

/* --- track.c --- */

/*
 * A connection begins there: nothing of the one before counts. What an end was stays until then: a
 * SYN cookie may bring it back.
 */
void track_begin(struct track_end *e);

/* The one writer of a state: along the arrow of that event; without one to CLOSED. */
void track_move(struct track *t, struct track_end *e, enum state_event event,
		bool listens);

/* --- track_received.c --- */

/*
 * RFC 7323, 5 (PAWS): by more than so many ticks older than the last in order. A socket bears one
 * (TCP_PAWS_WINDOW); what is no socket yet, or no longer, none.
 */
bool track_is_stale(const struct track_end *e, const struct segment *s, int ticks);

/* The segment's timestamp is the last in order, if it is. */
void track_take_ts(struct track_end *e, const struct segment *s);

bool track_in_window(const struct track_end *e, const struct segment *s);

/* Takes the segment's bytes and FIN; true when by now the FIN is there. */
bool track_receive(struct track_end *e, const struct segment *s);

/* The number behind all that has come, early or in order. */
uint32_t track_top(const struct track_end *e);

/* --- track_input.c --- */

/* RFC 9293, 3.10.7: the segment arrives. listens: a listener would take a SYN there. */
void track_input(struct track *t, struct track_end *e, const struct segment *s,
		 bool listens);

#endif
