/* line.h - a typed line: a command with words, or Lua. */
#ifndef CMD_LINE_H
#define CMD_LINE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "cmd/cmd.h"

enum line_kind {
	LINE_EMPTY,   /* blanks */
	LINE_COMMAND, /* [NAME =] [OBJECT] COMMAND WORDS [&] */
	LINE_LUA,     /* everything else */
};

#define LINE_NAME_MAX 64

/* Lua takes some 250 arguments in one call; whatever is typed has its form in Lua. */
#define LINE_WORDS_MAX 200

struct line_word {
	char *data; /* owned; any bytes, NUL behind the end */
	size_t len;
	bool quoted;		  /* at least a part was: it is data, never a name */
	bool lua;		  /* a Lua function, to the end of the line */
	const struct arg *option; /* name=value of the row; NULL for a plain word */
};

struct line {
	enum line_kind kind;
	char name[LINE_NAME_MAX];   /* of NAME = ...; "" when there is none */
	char object[LINE_NAME_MAX]; /* "c1" of `c1 send`; "" when there is none */
	const struct cmd *cmd;
	struct line_word *word;
	size_t words;
	bool background; /* & at the end */
};

/*
 * Takes a line apart. 0, or negative with err (code "usage") for an unclosed quote, a bad escape, a
 * NUL byte in a command or too many words. Lua is only told from commands here, not checked.
 * line_clear in both cases.
 */
int line_parse(struct line *line, const char *text, size_t len, struct err *err);
void line_clear(struct line *line);

/* True for Lua's reserved words. */
bool lua_is_keyword(const char *word);

/* True for [A-Za-z_][A-Za-z0-9_]*. */
bool lua_is_name(const char *word);

/* True when the word names a live object: a socket, or what the caller's Lua knows. */
typedef bool line_object_fn(void *arg, const char *name);

/*
 * Where plain word i of the line stands among the row's arguments: the socket may have been left
 * out, or stand before the command. -1 when the row has no argument for it.
 */
int line_arg_index(const struct line *line, size_t i, line_object_fn *is_object,
		   void *arg);

/* The parts of the same call in Lua: what is called, "server:listen", and its word i, "c1" or 80. */
void line_head_to_lua(const struct line *line, struct buf *out);
void line_word_to_lua(const struct line *line, size_t i, line_object_fn *is_object,
		      void *arg, struct buf *out);

/* The same call in Lua: recv(c1, "line", {timeout = 2}). */
void line_to_lua(const struct line *line, line_object_fn *is_object, void *arg,
		 struct buf *out);

#endif
