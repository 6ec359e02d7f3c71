/* app.h - one session: what hangs together, and the doors to the floors above. */
#ifndef CMD_APP_H
#define CMD_APP_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/interrupt.h"
#include "cmd/socks.h"
#include "lab/lab.h"
#include "sys/loop.h"
#include "sys/resolve.h"

struct app;
struct call;
struct change;
struct changes;
struct observer;

struct settings {
	double timeout; /* seconds; negative: none */
	bool echo_lua;
	bool colour;
	bool json;
	bool pager;	  /* what is long is shown a page at a time */
	bool events;	  /* tell what peers do */
	bool utf8_glyphs; /* ladders with lines and arrows instead of ASCII */
	bool raw_numbers; /* sequence numbers as they are on the wire */
	const char *lang; /* "en", "zh"; Chinese only where utf8 is true */
};

/* Doors upwards: the floors above put functions here. All may be NULL. */
struct doors {
	/* A typed call has ended well: show it. */
	void (*shown)(struct app *app, struct call *call);
	/* Sockets changed without a typed call: tell. */
	void (*changed)(struct app *app, struct changes *changes);
	/* The news of a socket, before they are told. */
	void (*observed)(struct app *app, const struct change *change);
	/* Bytes for stdout, and for stderr. */
	void (*print)(struct app *app, const char *data, size_t len);
	void (*note)(struct app *app, const char *text);
	/* The columns of the terminal; 80 where there is none. */
	int (*columns)(struct app *app);
	/* A held wire has got something. */
	void (*wire)(struct app *app);
	/* Can nobody but this call, which waits, do anything: no user, no other task? */
	bool (*alone)(struct app *app, const struct call *call);
	/* The session is to end after this line. */
	void (*quit)(struct app *app, int status);
	/* The n-th line of the history from 1, NULL past the end. */
	const char *(*history)(struct app *app, int n);
};

struct app {
	struct loop *loop;
	struct resolve *resolve;
	struct host here;
	struct lab *lab;      /* NULL: there is none */
	struct trace *loaded; /* from a capture, while there is no lab; or NULL */
	double loaded_start;  /* its time 0, in seconds since 1970 */
	struct socks socks;
	struct settings set;
	struct doors door;
	struct interrupt interrupt; /* Ctrl-C, for what runs now */
	struct observer *observer;  /* NULL in scripts */
	void *ui, *lua;		    /* the floors' own */
	char *recv_buf;		    /* RECV_BUF_SIZE, made when first used */
	bool utf8;		    /* the terminal takes UTF-8 */
	bool at_prompt;		    /* a person is at the terminal */
	bool session;		    /* lines are typed or piped: results are shown */
	bool quiet;		    /* nothing is shown for now */
	const char *lessons;	    /* a directory of the user's own, or NULL */
	bool keeps_shown;	    /* what is shown, or would be, is added to shown */
	struct buf shown;
	int settling; /* typed calls whose states come to rest: they tell what happened */
	int status;   /* the process's exit status so far */
	unsigned long checks; /* that a scenario has made */
};

#define RECV_BUF_SIZE (1 << 20)

/* Returns new with a loop; NULL with err. */
struct app *app_new(struct err *err);
void app_free(struct app *app);

/* The receive buffer, shared by all calls: valid until the next recv. */
char *app_recv_buf(struct app *app);

/* Makes a lab; -1 with err: there is one already, or the machine does not allow it. */
int app_lab_begin(struct app *app, const struct lab_config *config, struct err *err);

/* Ends it: all sockets on its hosts close, and the kernel forgets them. */
void app_lab_end(struct app *app);

/* An empty session: the lab ends, all sockets are reset, and the next one is number 1 again. */
void app_clear(struct app *app);

/* Takes t as what was loaded last, NULL to have none. */
void app_load(struct app *app, struct trace *t, double start);

/* By name: "here", or one of the lab; NULL. */
struct host *app_host(struct app *app, const char *name);

/* The host that an address belongs to, seen from near: loopback is always near's own. */
struct host *app_host_of(struct app *app, struct host *near, const union addr *a);

/* Whether the socket is on a held wire: what goes on there passes by step, not by itself. */
bool app_holds(const struct app *app, const struct sock *s);

/*
 * A user has done or is doing that to a socket: the tracker of its lab is told. app_call_done ends
 * it: what it has sent is on the wire from then on. That may run a user's function, which may close
 * any socket.
 */
void app_called(struct app *app, struct sock *s, enum track_call call);
void app_call_done(struct app *app);

/* Closes a socket with all that follows: waiting calls end, the name stays until forgotten. */
void app_close(struct app *app, struct sock *s);

/* Drops names of closed connections that the kernel has forgotten; keeps at most a thousand. */
void app_forget(struct app *app);

#endif
