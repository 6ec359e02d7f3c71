/* text.h - bytes made fit for a terminal: escaping, display width, quoting, likeness. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/*
 * Adds data so that no byte of it can act on a terminal: printable ASCII and, when utf8 is
 * true, printable UTF-8 stay; \n \r \t \\ and, inside quotes, \" become Lua escapes; every other
 * byte (C0, C1 also as UTF-8, DEL, invalid UTF-8, bidirectional controls) becomes \xHH. The
 * result between double quotes is a Lua string literal of the same bytes.
 */
void text_escape(struct buf *out, const char *data, size_t len, bool utf8);

/* The same between double quotes. */
void text_quote(struct buf *out, const char *data, size_t len, bool utf8);

/* As text_escape, but newlines and tabs stay: for text of several lines that we did not write. */
void text_clean(struct buf *out, const char *data, size_t len, bool utf8);

/* The length in bytes of the valid UTF-8 sequence at data, 0 when it is none. *cp gets the code. */
size_t utf8_decode(const char *data, size_t len, unsigned int *cp);

/* True when all of data is UTF-8; NUL is. */
bool utf8_valid(const char *data, size_t len);

/*
 * The first full-width character outside of quotes that has a narrow one in ASCII, as Chinese input gives for
 * ":" or a blank: in wide (at least 5 bytes); the narrow one is the result, '\0' when there is none.
 */
char text_full_width(const char *text, size_t len, char *wide);

/* Columns that UTF-8 text takes on a terminal, as the locale's LC_CTYPE knows them: wide ones 2. */
size_t text_width(const char *text);

/* Adds text and then spaces up to width columns; a negative width puts the spaces in front. */
void text_column(struct buf *out, const char *text, int width);

/*
 * Ends the line that begins at from with text, two blanks apart; below it, indented, where the line would
 * be wider than 80 columns. Without text it only ends it.
 */
void text_end_line(struct buf *out, size_t from, size_t indent, const char *text);

/* "1,234,567" with commas. Returns buf (at least 28 bytes). */
const char *text_count(unsigned long long n, char *buf);

/* The end of a word that counts n things: "s", and nothing for one. */
static inline const char *text_plural(unsigned long long n)
{
	return n == 1 ? "" : "s";
}

/* The place of word among names (NULL at the end); -1: it is none of them. */
int text_index(const char *word, const char *const *names);

/* How many letters to change, add, drop or swap to get from a to b, at most max + 1. */
int text_distance(const char *a, const char *b, int max);

/* Of names (NULL at the end) the one most like word, or NULL when none is near. */
const char *text_nearest(const char *word, const char *const *names);

/*
 * A duration: "2", "0.5", "50ms", "2s", "2m", "1h"; "off" or "none" gives -1, no limit. False, and
 * *seconds as it was, when it is none, or longer than 30 years.
 */
bool duration_parse(double *seconds, const char *text);

/* "0.1 ms", "42 ms", "1.2 s", "3 min 20 s". Returns buf (at least 32 bytes). */
const char *duration_format(double seconds, char *buf);

/* A count of bytes: "1024", "64k", "1M", "2G" (powers of 1024). False when it is none. */
bool size_parse(unsigned long long *bytes, const char *text);

/* Monotonic time in seconds. */
double time_now(void);

#endif
