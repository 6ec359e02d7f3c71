/* doc.h - what is written for people and programs about the commands, out of the rows. */
#ifndef CMD_DOC_H
#define CMD_DOC_H

#include "base/buf.h"
#include "cmd/cmd.h"

/*
 * Help is in the language lang ("en", "zh"), in lines of at most 78 columns; what has no text in
 * that language is in English.
 */

/* `tcpstep -h`: usage and the options of the command line. */
void doc_usage(const char *lang, struct buf *out);

/* `help`: the commands by group with their summaries. */
void doc_overview(const char *lang, struct buf *out);

/* `help connect`: usage, summary, detail, arguments and options as a table, example, Lua form. */
void doc_command(const char *lang, const struct cmd *cmd, struct buf *out);

/* `help /word`: names and summaries of commands, topics and socket options that contain word in
 * any case, anywhere in their texts. Returns how many it found. */
int doc_search(const char *lang, const char *word, struct buf *out);

/*
 * What --generate prints: "man", "bash", "zsh", "lua-meta", "luacheck",
 * "texts". -EINVAL for others.
 */
int doc_generate(const char *kind, struct buf *out);

#endif
