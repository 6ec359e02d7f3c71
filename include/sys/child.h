/* child.h - this program once more, in a process of its own with limits, and what it says. */
#ifndef SYS_CHILD_H
#define SYS_CHILD_H

#include <signal.h>
#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "sys/loop.h"

/* What a child says, by kind; of each kind the last message is kept. */
enum child_word {
	CHILD_PLACE, /* "file.lua:3": where it was last */
	CHILD_TESTS, /* what tests a file holds */
	CHILD_RECORD, /* it makes the record of a failure, for some seconds; this much it knows */
	CHILD_FAILURE, /* what is known of a failure */
	CHILD_VERDICT, /* how it ended, in its own view */
	CHILD_PROMPT,  /* a person talks with it: no limit of time holds any more */
	CHILD_WORDS,
};

struct child_spec {
	const char **argv; /* argv[0] too, NULL at the end */
	/*
	 * A scenario: output to a pipe, a session and limits of its own, words are heard. Else it
	 * keeps the standard descriptors, and only its end is told.
	 */
	bool scenario;
	const char *folder; /* where it runs; NULL: here */
	bool terminal; /* a scenario that keeps the standard descriptors and our session */
	double seconds;		   /* the limit of time; negative: none */
	unsigned long cpu_seconds; /* 0: no limit */
	unsigned long long
		memory_bytes; /* of address space beyond the program's; 0: none */
};

struct child {
	/* When ended is called these are complete. */
	int status; /* of wait(2) */
	bool timed_out;
	double seconds;	   /* how long it ran */
	struct buf output; /* the last CHILD_OUTPUT_MAX bytes of stdout and stderr */
	unsigned long long lost; /* bytes of output before them */
	struct buf said[CHILD_WORDS];
	bool has_said[CHILD_WORDS];

	/* child.c's own */
	struct loop *loop;
	struct child *next;
	bool scenario;
	bool terminal;
	bool over;
	int pid, pidfd, out, words;
	struct loop_io io_end, io_out, io_words;
	struct loop_timer limit;
	int warnings;
	bool records; /* it has got the time for its record */
	struct sigaction interrupt, stop, changed; /* what SIGINT, SIGTSTP, SIGCHLD did */
	double started;
	void (*ended)(void *arg);
	void *arg;
};

#define CHILD_OUTPUT_MAX (64 << 10)

/*
 * orphans.c: from now on what a scenario leaves behind, however it was forked, becomes a child of this process
 * and is killed when the scenario has ended. The caller has no other children. 0 or negative.
 */
int children_adopt(struct err *err);

/*
 * Starts this program. Returns new; ended(arg) is called from the loop, once. NULL with err. At the
 * limit of time the child is told (SIGUSR1: say where you are), again half a second later (five, when it
 * says that it makes a record), and killed after another one. It dies with us.
 */
struct child *child_start(struct loop *loop, const struct child_spec *spec,
			  void (*ended)(void *arg), void *arg, struct err *err);

/* Ends it first, and all that it has started, when it runs still. */
void child_free(struct child *c);

/* --- child_report.c: in the child --- */

/* Where its end of the socketpair is when it starts. */
#define CHILD_REPORT_FD 3

/* Takes over the way to the parent; false when there is none: nobody started us as a scenario. */
bool child_report_open(void);

/* Says it. May be called from a signal handler. */
void child_report(enum child_word word, const void *data, size_t len);

/* orphans.c: when the parent dies, however, all that we have started is killed, and so are we. After children_adopt. */
void children_die_with_parent(void);

#endif
