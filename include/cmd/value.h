/* value.h - what goes into a command and comes out: plain data, no Lua in it. */
#ifndef CMD_VALUE_H
#define CMD_VALUE_H

#include <stdbool.h>
#include <stddef.h>

struct host;
struct sock;
struct trace_segment;

enum value_kind {
	VALUE_NIL, /* also: not given */
	VALUE_BOOL,
	VALUE_INT,
	VALUE_NUM,
	VALUE_STR,
	VALUE_SOCK,
	VALUE_HOST,
	VALUE_TABLE,
	VALUE_FUNCTION,
	VALUE_OTHER, /* nothing that a command takes: str says what, "a function" */
};

/* How a function of the user's is asked about a segment, and given up. */
struct value_asker {
	bool (*ask)(void *arg, const struct trace_segment *s);
	void (*free)(void *arg);
};

/* Zero is nil. */
struct value {
	enum value_kind kind;
	bool owned; /* VALUE_STR, VALUE_FUNCTION: freed by value_clear; else it is borrowed */
	union {
		bool b;
		long long i;
		double n;
		struct {
			/* any bytes; ends in a NUL that len does not count */
			const char *data;
			size_t len;
		} str;
		struct sock *sock;     /* borrowed */
		struct host *host;     /* borrowed; NULL: the wire */
		struct value_table *t; /* owned */
		struct {
			const struct value_asker *by;
			void *arg;
		} function;
	};
};

struct value_field {
	const char *key;
	struct value value;
};

/* A list (keys NULL) or a record (keys static strings), in order. */
struct value_table {
	size_t n, size;
	struct value_field *field;
};

/* Plain values, which own nothing. */
struct value value_bool(bool b);
struct value value_int(long long i);
struct value value_num(double n);

/* Borrows s, which must outlive the value (a literal, a name table). NULL gives nil. */
struct value value_static(const char *s);

/* A string of its own: of any bytes, of text. */
struct value value_copy(const char *data, size_t len);
struct value value_text(const char *s);

/* Borrows the socket. */
struct value value_sock(struct sock *sock);

/* A host of the lab, or, with NULL, its wire: what Lua calls client:listen(80), wire:hold() on. */
struct value value_host(struct host *host);

/* A function; arg is owned by the value, until somebody takes it and clears owned. */
struct value value_function(const struct value_asker *by, void *arg);

/* An empty table, owned by the value. */
struct value value_table(void);

/* Adds a field (key borrowed) or, with key NULL, a list item; takes the value. Returns it there. */
struct value *value_add(struct value *table, const char *key, struct value v);

/* The field of a record, NULL when it has none. */
const struct value *value_get(const struct value *table, const char *key);

/* Frees what the value owns; it is nil afterwards. */
void value_clear(struct value *v);

#endif
