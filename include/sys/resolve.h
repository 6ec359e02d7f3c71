/* resolve.h - names to addresses without blocking: c-ares on the loop. */
#ifndef SYS_RESOLVE_H
#define SYS_RESOLVE_H

#include "base/addr.h"
#include "base/err.h"
#include "sys/loop.h"

struct resolve;
struct resolve_query;

#define RESOLVE_MAX 16

/*
 * The answer: n addresses with the port set, in the order to try them (RFC 6724 as c-ares sorts),
 * borrowed for the call; or n 0 and err. Called once, never after resolve_cancel, and
 * never from inside resolve_start.
 */
typedef void resolve_fn(void *arg, const union addr *addrs, int n, const struct err *err);

/*
 * servers: "127.0.0.1:5353,..." instead of those of /etc/resolv.conf, or NULL. c-ares itself is
 * only touched by the first resolve_start: a session without names pays nothing. Returns new.
 */
struct resolve *resolve_new(struct loop *loop, const char *servers);

/* Cancels what is under way. */
void resolve_free(struct resolve *r);

/*
 * Looks a name up (/etc/hosts, then DNS), IPv4 and IPv6. Numbers are not for here: addr.h. The
 * caller owns fn's arg until fn ran or resolve_cancel returned. No time limit of its own beyond
 * c-ares's: the caller has one. NULL with err when it cannot be started at all.
 */
struct resolve_query *resolve_start(struct resolve *r, const char *name, int port,
				    resolve_fn *fn, void *arg, struct err *err);

/* Gives the query up: fn will not be called. */
void resolve_cancel(struct resolve_query *q);

#endif
