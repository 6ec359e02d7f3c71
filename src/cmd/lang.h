/* lang.h - the texts of help in another language than English, by key. */
#ifndef CMD_LANG_H
#define CMD_LANG_H

#include "cmd/cmd.h"

struct lang_text {
	const char *key, *text;
};

/* Made by the build from scripts/lang/zh.txt, which says what the keys are. Ends with a NULL key. */
extern const struct lang_text lang_zh[];

/*
 * The text of a key, which is made as printf makes it: lang_text(lang, cmd->detail, "%s.detail",
 * cmd->name). english where lang is "en", where the text is missing, and where english is NULL.
 */
const char *lang_text(const char *lang, const char *english, const char *key, ...)
	__attribute__((format(printf, 3, 4)));

/* A phrase that many texts share: its key is the English between quotes. */
const char *lang_phrase(const char *lang, const char *english);

/* The text of an argument: of this command, else of all that have one of the name. */
const char *lang_arg(const char *lang, const struct cmd *cmd, const struct arg *arg);

#endif
