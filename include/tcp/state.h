/* state.h - the eleven states of RFC 9293 and the arrows between them, as data. */
#ifndef TCP_STATE_H
#define TCP_STATE_H

#include <stdbool.h>
#include <stddef.h>

/* The numbers are the kernel's (net/tcp_states.h); 0 means "not known". */
enum tcp_state {
	STATE_NONE = 0,
	STATE_ESTABLISHED = 1,
	STATE_SYN_SENT,
	STATE_SYN_RCVD,
	STATE_FIN_WAIT_1,
	STATE_FIN_WAIT_2,
	STATE_TIME_WAIT,
	STATE_CLOSED,
	STATE_CLOSE_WAIT,
	STATE_LAST_ACK,
	STATE_LISTEN,
	STATE_CLOSING,
};
#define STATE_COUNT 12

/* What moves a connection along an arrow: a call of the user, a segment, or a timer. */
enum state_event {
	EVENT_CALL_LISTEN,  /* passive OPEN */
	EVENT_CALL_CONNECT, /* active OPEN */
	EVENT_CALL_SEND,  /* SEND on a listener: in the RFC's figure, in no socket API */
	EVENT_CALL_CLOSE, /* CLOSE, or shutdown of the sending side */
	EVENT_CALL_ABORT, /* ABORT; also a CLOSE with unread data (RFC 1122, 4.2.2.13) */
	EVENT_RCV_SYN,
	EVENT_RCV_SYN_ACK,
	EVENT_RCV_ACK,	   /* the ACK of our SYN */
	EVENT_RCV_ACK_FIN, /* the ACK of our FIN */
	EVENT_RCV_FIN,
	EVENT_RCV_FIN_ACK, /* FIN together with the ACK of our FIN */
	EVENT_RCV_RST,
	EVENT_TIMEOUT, /* 2 MSL, or the retransmission limit */
};

/*
 * One arrow of the diagram (RFC 9293, 3.3.2, figure 5), or of the text behind it (3.10): RST,
 * ABORT and timers have no arrows in the figure. Two arrows may join the same two states.
 */
struct state_arrow {
	enum tcp_state from;
	enum tcp_state to;
	enum state_event event;
	const char *sends; /* the segment that goes out with it, "SYN", or "" */
	const char *why;   /* one sentence, present tense: "the peer sent FIN" */
};

extern const struct state_arrow state_arrows[];
extern const size_t state_arrow_count;

/* "FIN_WAIT_1"; "?" for a number that is none. */
const char *state_name(enum tcp_state state);

/* Reads FIN_WAIT_1, fin-wait-1, FIN_WAIT1, SYN_RECV, CLOSE and the like; STATE_NONE when none. */
enum tcp_state state_from_name(const char *name);

/* One line about a state, for learners: what it means and what ends it. */
const char *state_summary(enum tcp_state state);

/* The states in which a connection rests only until the peer's or the kernel's next segment. */
bool state_is_brief(enum tcp_state state);

#define STATE_PATH_MAX 6

/*
 * The states strictly between from and to, when there is exactly one shortest way along the
 * arrows. called says that the user's LISTEN, CONNECT or CLOSE is what began it (so ESTABLISHED
 * goes by way of FIN_WAIT_1, not CLOSE_WAIT); otherwise a segment or a timer did. All that
 * follows the first arrow is orderly segments: no call, no RST, no timer. Do not ask after an
 * ABORT, or after a CLOSE that found unread data: nothing lies between. Writes the states
 * to path and returns how many; 0 when the two are neighbours, equal, or the way is not unique.
 * The states given were passed for certain; others may have been (FIN_WAIT_2, before TIME_WAIT).
 */
size_t state_path(enum tcp_state from, enum tcp_state to, bool called,
		  enum tcp_state path[STATE_PATH_MAX]);

/* The eleven states and their arrows drawn in text, at most 78 columns, ASCII. Static. */
const char *state_diagram(void);

#endif
