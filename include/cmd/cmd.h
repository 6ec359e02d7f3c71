/* cmd.h - a command is one row and one function; a call is one use of it. */
#ifndef CMD_CMD_H
#define CMD_CMD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "cmd/value.h"

struct app;
struct call;
struct change;
struct changes;
struct host;
struct run;

enum arg_type {
	ARG_SOCK,     /* any socket of this shell */
	ARG_LISTENER, /* l1 */
	ARG_STREAM,   /* c1, s1 */
	ARG_ENDPOINT, /* ADDR:PORT, PORT; a number in Lua is a port. VALUE_STR */
	ARG_INT,      /* min to max. VALUE_INT */
	ARG_SIZE,     /* bytes: 1024, 64k, 1M. VALUE_INT */
	ARG_DURATION, /* 2, "50ms", "2m", "off". VALUE_NUM in seconds, negative for no limit */
	ARG_BOOL, /* yes, no. VALUE_BOOL */
	ARG_WORD, /* one of words */
	ARG_WORD_OR_SIZE,
	ARG_DATA, /* any bytes */
	ARG_TEXT, /* a word without NUL */
	ARG_END, /* text that says which end: NAME:PORT, ADDR:PORT, a socket. VALUE_STR */
	ARG_NOTATION, /* a segment's words; quotes behind the first are part of it */
	ARG_PATH,     /* a file's name */
	ARG_TOPIC,
	ARG_OPTION,  /* the name of a socket option */
	ARG_SETTING, /* the name of a setting of the shell */
	ARG_SYSCTL,  /* the name of a setting of a host's kernel */
	ARG_TABLE,   /* a text, or names and plain values: VALUE_STR or VALUE_TABLE */
	ARG_WHEN,    /* words, or a function of a segment: VALUE_STR or VALUE_FUNCTION */
	ARG_LUA,     /* a Lua value: only for rows of the Lua floor */
};

enum arg_flags {
	ARG_NEEDED = 0,
	ARG_OPTIONAL = 1,
	ARG_MANY = 2,	  /* the last: takes all that follow */
	ARG_DEFAULTS = 4, /* a socket that may be left out when only one fits */
	ARG_CLOSED = 8,	  /* a closed socket will do */
};

struct arg {
	const char *name; /* NULL ends a row's list */
	enum arg_type type;
	unsigned flags;
	const char *words;    /* for ARG_WORD*: "send recv both" */
	long min, max;	      /* for ARG_INT */
	const char *standard; /* what stands when it is not given, for help */
	const char *text;     /* one line for help */
};

#define CMD_ARGS    4
#define CMD_OPTIONS 14

/* A command. Rows are const and live beside their functions. */
struct cmd {
	const char *name;
	const char *group; /* "sockets", "scripts", "shell" ... */
	/* positional arguments when the generated line would say too little */
	const char *usage;
	const char *summary; /* one line */
	const char *detail;  /* paragraphs, at most 78 columns, or NULL */
	const char *example; /* lines that run in an empty shell; the tests run them */
	/* what Lua gets: "socket", "integer", "string?" ... (LuaLS types) */
	const char *returns;
	struct arg arg[CMD_ARGS + 1];
	struct arg option[CMD_OPTIONS + 1];
	bool looks;   /* changes nothing: a saved session goes without it */
	bool pages;   /* what it shows may be long: a page at a time on a terminal */
	bool on_host; /* a host may stand before it: server listen 80, server:listen(80) */
	const char *lua; /* how Lua calls it where a function of Lua's own has the name */

	/*
	 * Tries. Returns 0 with call->result, CALL_WAIT after filling call->wait, or a negative
	 * errno with call->err. After a wait it is called again, with call->stop set when there
	 * is to be no more waiting: it then ends, as an error or with what it has.
	 */
	int (*exec)(struct call *call);

	/*
	 * Adds what a person should see of a finished call: lines, the first in column 1. own is
	 * what happened to the call's socket, or NULL; changes it tells of are marked told. NULL:
	 * nothing is shown but the changes.
	 */
	void (*show)(struct call *call, struct buf *out);

	/* Another way that Lua may call it, for Lua tools: "fun(claim: string, f: function)" */
	const char *overload;

	/* Rows of the Lua floor: a lua_CFunction, which does all by itself. */
	void (*native)(void);

	/*
	 * Rows of the Lua floor whose body is Lua: the module (scripts/lib/MODULE.lua) whose function of
	 * the row's name gets the checked arguments in one table, by name, with typed = true|false.
	 */
	const char *module;
};

#define CALL_WAIT 1

enum stop {
	STOP_NO,
	STOP_TIMEOUT,
	STOP_INTERRUPTED, /* Ctrl-C */
	STOP_CLOSED,	  /* the socket was closed by another task */
	STOP_ABANDONED,	  /* nobody is there to take the result */
};

/* Something outside a descriptor that a call can wait for. Lives in the call's state. */
struct wake {
	bool fired;
	void (*fn)(void *arg);
	void *arg;
};

/* Fires once; what waits goes on. */
void wake_fire(struct wake *w);

struct wait {
	int fd;	    /* -1: none */
	int events; /* LOOP_READ, LOOP_WRITE */
	double seconds; /* < 0: no limit but the call's timeout; it is no error when they pass */
	struct wake *wake; /* or NULL */
	struct sock *sock; /* whose closing ends the wait, or NULL */
};

struct progress {
	const char *verb; /* "sent", NULL for none */
	unsigned long long done, total;
};

/*
 * One use of a command. Made on the C stack; moved to the heap (struct run) when it must
 * wait: so nothing may keep its address but through state, which stays where it is.
 */
struct call {
	struct app *app;
	const struct cmd *cmd;
	struct host *host; /* where it acts: here, or the host named before the command */
	struct value arg[CMD_ARGS];
	struct value option[CMD_OPTIONS];
	struct value *rest; /* what ARG_MANY took beyond its first; owned */
	size_t n_rest;
	struct value result;
	enum stop stop;
	bool typed;	/* a person typed it: show, settle, tell more */
	bool pages;	/* what it shows may be long, which its row does not say */
	bool timed_out; /* wait.seconds have passed */
	double started; /* time_now() of the start, when typed */
	double settled; /* seconds until the states had come to rest; 0: they have not */
	double took;	/* seconds that it took, when typed and done */
	double timeout; /* seconds for the whole call, negative: none. Set when it first waits */
	double deadline; /* time_now() at which who calls has no time any more; 0: none */
	int step;	 /* exec's own */
	size_t at;	 /* exec's own */
	void *state;	 /* exec's own; freed by state_free */
	void (*state_free)(void *state);
	struct wait wait;
	struct progress progress;
	struct change *own; /* for show: what happened to the call's socket, or NULL */
	struct changes *changes; /* for show: what happened to all; those told get n 0 */
	struct err err;		 /* not cleared at the start */
};

/* Prepares; args are nil. */
void call_init(struct call *call, struct app *app, const struct cmd *cmd);

/* Frees what the call owns. */
void call_end(struct call *call);

/* Waits for a descriptor of a socket. Returns CALL_WAIT. */
int call_wait_sock(struct call *call, struct sock *s, int events);

/* Gives the loop its turn, for Ctrl-C, time limits and other tasks. Returns CALL_WAIT. */
int call_wait_turn(struct call *call, struct sock *s);

/* A call that could go on for ever gives the loop its turn after so many bytes. */
#define TURN_BYTES (1 << 20)

/*
 * The error of a call that was stopped: "recv c1: no answer within 2 s (timeout)". what says on what,
 * tail what became of the bytes. Returns negative.
 */
int call_stopped(struct call *call, const char *what, const char *tail);

/* Has Ctrl-C come while this call worked, without a wait? Then negative with its error; 0. */
int call_interrupted(struct call *call, const char *what);

/* Which positional or option argument of the row bears the name; -1. */
int cmd_option_index(const struct cmd *cmd, const char *name, size_t len);

/* The timeout that the row takes: its option "timeout", or the session's default. */
#define OPTION_TIMEOUT                                             \
	{                                                          \
		"timeout", ARG_DURATION, ARG_OPTIONAL, NULL, 0, 0, \
			"none typed, 10 s in scripts",             \
			"for the whole call: 2, 50ms, 2m, off"     \
	}

/* "listen [ADDR:]PORT [backlog=N] [reuse=yes|no]". */
void cmd_usage(const struct cmd *cmd, struct buf *out);

/*
 * Makes a raw value (text, number, bool, socket) into what the argument wants, in place. typed
 * words are text. Failure: code "usage", the sentence names command and argument.
 */
int arg_check(struct call *call, const struct arg *arg, struct value *v);

/* The error of an option that the row has not, with the one that may be meant. Returns -EINVAL. */
int arg_no_option(struct call *call, const char *name);

/* Puts the only fitting socket into arg[0] when it was left out. */
int arg_default_sock(struct call *call, const struct arg *arg, struct value *v);

/* All rows, in the order of help. NULL at the end. */
const struct cmd *const *commands(void);

/* By name; NULL. */
const struct cmd *command_find(const char *name);

/* Adds the rows of a higher floor (ends with a NULL name). Once, at start-up. */
void commands_add(const struct cmd *rows);

#endif
