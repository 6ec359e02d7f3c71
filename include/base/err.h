/* err.h - an error as a value: what failed, why, and what to do next. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

/*
 * A fixed buffer that the caller owns. Whoever knows the reason writes the sentence:
 * "connect 10.77.0.2:80: connection refused (ECONNREFUSED)". Functions that can fail
 * take a struct err * as their last argument and return 0 or a negative errno.
 */
struct err {
	int num;	   /* errno, or 0 where no system call failed */
	char code[20];	   /* "ECONNREFUSED", "timeout", "eof", "usage" ... */
	char message[480]; /* one sentence, no newline, no full stop */
	char hint[320];	   /* what to do next: may be empty, may have several lines */
};

/* The functions below may be given the old texts of *e as arguments. */

/* Makes *e say "no error". */
void err_clear(struct err *e);

/* An error that no system call made; code is a short word such as "usage". Returns -EINVAL. */
int err_set(struct err *e, const char *code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* An errno: the message becomes "FMT: text (NAME)" and the code NAME. Returns -num. */
int err_errno(struct err *e, int num, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Sets the hint. */
void err_hint(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The symbol of an errno, "ECONNREFUSED"; "E?" when libc does not know it. */
const char *errno_name(int num);

/* The text of an errno as it stands in a sentence: "connection refused". Static or in buf. */
const char *errno_text(int num, char *buf, unsigned long size);

#endif
