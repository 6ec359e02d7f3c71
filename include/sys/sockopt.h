/* sockopt.h - the socket options that people use, as one table. */
#ifndef SYS_SOCKOPT_H
#define SYS_SOCKOPT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

enum sockopt_type {
	OPT_BOOL,   /* yes, no */
	OPT_INT,    /* a number with the unit of the row */
	OPT_TEXT,   /* a word, such as the congestion control's name */
	OPT_LINGER, /* off, or seconds */
	OPT_TIME,   /* off, or a duration; struct timeval in the kernel */
	OPT_ERRNO,  /* the name of an errno, or none; only read */
};

/* One option. Names are the kernel's without prefix in lower case: "nodelay", "rcvbuf". */
struct sockopt {
	const char *name;
	const char *constant; /* "TCP_NODELAY" */
	int level;
	int level6; /* the level on an IPv6 socket, where it differs (IP_TTL), else 0 */
	int opt;
	int opt6;
	enum sockopt_type type;
	const char *unit; /* "bytes", "s", "ms", "segments", "" */
	long min;	  /* what may be set; both 0 when read-only */
	long max;	  /* OPT_TEXT: characters */
	bool read_only;
	const char *text; /* one line: what it does */
};

extern const struct sockopt sockopt_table[];
extern const size_t sockopt_count;

/* By name ("nodelay"), or by constant in any case ("TCP_NODELAY"); NULL when there is none. */
const struct sockopt *sockopt_find(const char *name);

/* The manual page that tells the rest: "tcp(7)". */
const char *sockopt_man(const struct sockopt *opt);

/* Adds the value as text, without the unit ("yes", "87380", "cubic", "off"). family: of the
 * socket. 0 or negative errno; ENOPROTOOPT where this kernel lacks the option. */
int sockopt_get(int fd, int family, const struct sockopt *opt, struct buf *value,
		struct err *err);

/* Sets it from text. Bad text: code "usage", with what would be allowed. */
int sockopt_set(int fd, int family, const struct sockopt *opt, const char *value,
		struct err *err);

#endif
