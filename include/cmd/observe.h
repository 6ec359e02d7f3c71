/* observe.h - what happened to sockets since the user was last told. */
#ifndef CMD_OBSERVE_H
#define CMD_OBSERVE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "cmd/app.h"

#define TRAIL_MAX 8

/* One socket's news. */
struct change {
	struct sock *sock;		 /* referenced by the list */
	enum tcp_state trail[TRAIL_MAX]; /* from the state last told to the one now */
	int n;				 /* 0 or 1: the state did not change */
	unsigned inferred;		 /* bit i: trail[i] was too short to be seen */
	bool news_recvq; /* the count of bytes, or connections, is worth a line */
	uint32_t recvq;
	bool called;	  /* close or shutdown was called at this end */
	bool gave_up;	  /* CLOSED after retransmissions went unanswered */
	double time_wait; /* seconds left, when it is in TIME_WAIT */
	bool told;	  /* someone has shown it */
};

struct changes {
	struct change *item;
	size_t n;
};

/* "CLOSED -> SYN_SENT -> ESTABLISHED"; one state when nothing changed. */
void trail_format(const struct change *c, struct buf *out);

/* Why the last arrow was taken, or what comes of it: "peer sent FIN; ..."; "" when plain. */
void trail_reason(const struct change *c, struct buf *out);

/* The lines for a change that no command has told: "s1  7 bytes ready to read". May add none. */
void change_format(const struct change *c, struct buf *out, const char *indent);

/* Marks a socket as worth a look when the command is done. */
void observe_touch(struct app *app, struct sock *s);

/* The same, before close or shutdown: its trail begins with the state that it is called in. */
void observe_call(struct app *app, struct sock *s);

/* True when no touched socket is in a state that passes by itself in a moment. */
bool observe_settled(struct app *app);

/*
 * Collects the news of all touched sockets and takes them as told. asked: a command caused them,
 * so every arrival counts; otherwise only the first since the queue was last seen empty, or
 * a busy peer would fill the screen. Caller: changes_clear.
 */
void observe_collect(struct app *app, struct changes *out, bool asked);
void changes_clear(struct app *app, struct changes *c);

/* The news of one socket, NULL. */
struct change *changes_find(struct changes *c, const struct sock *s);

/*
 * Watches all sockets from now on (one epoll descriptor, edge-triggered, for all of them) and
 * tells door.changed of what peers do. Only sessions with someone to tell call this.
 */
int observe_start(struct app *app, struct err *err);
void observe_stop(struct app *app);

/* A new socket: watched when there is an observer. */
void observe_add(struct app *app, struct sock *s);

#endif
