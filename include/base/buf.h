/* buf.h - a byte buffer that grows; always ends in a NUL that len does not count. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>
#include <stddef.h>

/* All zero is an empty buffer. Running out of memory aborts. */
struct buf {
	char *data; /* NULL while nothing was ever added */
	size_t len;
	size_t size;
};

#define BUF_EMPTY          \
	{                  \
		NULL, 0, 0 \
	}

/* Frees the memory; the buffer is empty and usable afterwards. */
void buf_clear(struct buf *b);

/* Forgets the bytes and keeps the memory. */
void buf_reset(struct buf *b);

/*
 * Makes room for more bytes and a NUL behind len and returns where they go; the caller writes
 * them, adds to len, and sets the NUL where buf_str is to be used.
 */
char *buf_reserve(struct buf *b, size_t more);

void buf_add(struct buf *b, const void *data, size_t len);
void buf_addc(struct buf *b, char c);
void buf_adds(struct buf *b, const char *s);
void buf_addf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_addv(struct buf *b, const char *fmt, va_list ap)
	__attribute__((format(printf, 2, 0)));

/* Adds c until the buffer is len long; nothing when it already is. */
void buf_pad(struct buf *b, size_t len, char c);

/* Takes n bytes off the front, at most len. */
void buf_drop(struct buf *b, size_t n);

/* The bytes as a C string, "" when empty; borrowed. */
const char *buf_str(const struct buf *b);

/* Memory that aborts when there is none. xstrndup copies exactly len bytes, NULs too. */
void *xmalloc(size_t size);
void *xcalloc(size_t n, size_t size);
void *xrealloc(void *p, size_t size);
char *xstrdup(const char *s);
char *xstrndup(const char *s, size_t len);

#endif
