/* run.h - a call under way: waits on the loop, goes on, ends. */
#ifndef CMD_RUN_H
#define CMD_RUN_H

#include "cmd/cmd.h"
#include "sys/loop.h"

/* Made all zero by whoever waits for results, one after the other (a task). */
struct run {
	struct call call;
	/* What stays from one call to the next: the descriptor that was waited for last. */
	struct loop_io io;
	/* whose; referenced, so that it can be known again; or NULL */
	struct sock *io_sock;
	int io_events;
	struct loop_timer timer;
	struct run *next;    /* among the runs of the same socket */
	struct sock *sock;   /* on whose list it is; referenced */
	double deadline;     /* 0: none */
	double settle_since; /* 0: not settling yet */
	double settle_step;
	double settle_waited; /* the steps that were waited */
	int rc;		      /* of the call, once it is over */
	bool over;
	void (*done)(
		struct
		run *run); /* call.err and call.result are ready; rc is 0 or negative */
	void *arg;	   /* done's */
};

/*
 * Moves *call into run and waits for what it waits for; rc is what exec returned. For
 * a typed call it goes on until the states have settled. done is called from the loop, never from here.
 */
void run_start(struct run *run, struct call *call, int rc, void (*done)(struct run *),
	       void *arg);

/* Ends the wait: exec is told, then done is called before this returns. No effect when over. */
void run_stop(struct run *run, enum stop why);

/* Stops without done and frees what it holds; all zero afterwards. */
void run_clear(struct run *run);

/* Stops all calls that wait for this socket. */
void runs_stop_sock(struct sock *s, enum stop why);

#endif
