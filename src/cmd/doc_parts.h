/* doc_parts.h - what the writers of help, man page, completions and Lua files share. */
#ifndef CMD_DOC_PARTS_H
#define CMD_DOC_PARTS_H

#include <stdbool.h>

#include "base/buf.h"
#include "cmd/cmd.h"

#define DOC_WIDTH 78

/* An option of the command line. */
struct doc_flag {
	const char *name;  /* "-e" */
	const char *takes; /* "LINE", words with | between them, or NULL */
	const char *text;  /* one line */
};

/* Ends with a row without a name. */
extern const struct doc_flag doc_flags[];

/*
 * Adds text in lines of at most DOC_WIDTH columns. out stands at column at; what follows that line
 * is indented. Lines of the text that begin with a blank, and empty ones, stay as they are. Chinese
 * breaks between any two characters, but not before a stop or behind an opening bracket.
 */
void doc_flow(struct buf *out, const char *text, size_t at, size_t indent);

/* "a socket such as c1", "0 to 65535", "send, recv or both": what an argument may be. */
void doc_takes(const char *lang, const struct arg *arg, struct buf *out);

/* "0 to 65535; default: 128". */
void doc_takes_default(const char *lang, const struct arg *arg, struct buf *out);

/* "a string or nil" for what a row says it returns, "string?"; NULL is nil. */
void doc_returns(const char *lang, const char *type, struct buf *out);

/* Calls fn with each word of a list such as "send recv both". */
void doc_words(const char *words, void (*fn)(void *arg, const char *word), void *arg);

/* True for arguments that are sockets. */
bool doc_is_sock(const struct arg *arg);

/*
 * The last line of the command's example that uses the command, as Lua: `recv c1 line timeout=2`
 * gives `recv(c1, "line", {timeout = 2})`, with method `c1:recv("line", {timeout = 2})`.
 * False, and nothing is added, where there is no such line, or no socket is named in it.
 */
bool doc_lua_form(const struct cmd *cmd, bool method, struct buf *out);

/*
 * What help knows of a word: a command, a topic, a socket option, a setting. group is a command or
 * group of topics to look in ("errors", "option"), or NULL. False when there is nothing.
 */
bool doc_about(const char *lang, const char *group, const char *word, struct buf *out);

/* The name most like word among all that help knows, NULL. */
const char *doc_nearest(const char *word);

/* One for each kind that doc_generate knows: add the whole file. */
void doc_man(struct buf *out);
void doc_bash(struct buf *out);
void doc_zsh(struct buf *out);
void doc_lua_meta(struct buf *out);
void doc_luacheck(struct buf *out);
void doc_texts(struct buf *out);

/* The definitions of `check` for the Lua language server. */
void doc_lua_check(struct buf *out);

#endif
