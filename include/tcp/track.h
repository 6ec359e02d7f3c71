/* track.h - the states of both ends of each connection, derived from segments and calls alone. */
#ifndef TCP_TRACK_H
#define TCP_TRACK_H

#include <stdbool.h>
#include <stddef.h>

#include "tcp/segment.h"
#include "tcp/state.h"

/*
 * RFC 9293, 3.10, as Linux does it (RFC 5961's challenge ACKs, the second life of a closed socket as
 * a TIME_WAIT one) over what goes onto the wire and what comes off it. It asks nobody anything: the
 * kernel decides, this explains, and where the two differ one of them is wrong.
 *
 * Not derived, because no segment and no call shows it: timers, memory, and how full a
 * listener's queues are. There track_agrees takes the kernel's word.
 */
struct track;

/* What a user does to an end. Connecting and sending show by their segments. */
enum track_call {
	TRACK_LISTEN,
	TRACK_SHUTDOWN, /* of the sending side; the socket stays */
	TRACK_SHUTDOWN_RECV,
	TRACK_CLOSE, /* of the last descriptor */
	TRACK_ABORT,
};

/* Returns new, empty. */
struct track *track_new(void);
void track_free(struct track *t);

/* local has an address of one host, never the wildcard; peer is NULL for a listener. */
void track_called(struct track *t, const union addr *local, const union addr *peer,
		  enum track_call call);

/* A host sent it, also again; what the wire or a person made was not sent by a host. */
void track_sent(struct track *t, const struct segment *s);

/* A host was given it, whoever made it. What the host sends in answer comes by track_sent. */
void track_delivered(struct track *t, const struct segment *s);

/* LISTEN or CLOSED where there is no connection. */
enum tcp_state track_state(const struct track *t, const union addr *local,
			   const union addr *peer);

/*
 * Whether the kernel may be in that state by now: it is the one expected, or another that the
 * segments allow. From here on the tracker follows the kernel, so that a difference is told once.
 */
bool track_agrees(struct track *t, const union addr *local, const union addr *peer,
		  enum tcp_state kernel);

/*
 * Before a segment: takes over what timers, and calls that nobody told of, have done since the
 * last one: whatever lies one arrow of theirs away.
 */
void track_settle(struct track *t, const union addr *local, const union addr *peer,
		  enum tcp_state kernel);

/* How often state_arrows[arrow] was taken. */
unsigned track_taken(const struct track *t, size_t arrow);

/* Moves that no row of state_arrows describes: the table or the tracker is wrong. */
unsigned track_off_table(const struct track *t);

#endif
