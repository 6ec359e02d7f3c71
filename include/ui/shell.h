/* shell.h - the session with a person or a program at the other end of stdin and stdout. */
#ifndef UI_SHELL_H
#define UI_SHELL_H

#include <stdbool.h>

#include "base/buf.h"

/* What the command line asked for. Strings are borrowed for the whole run. */
struct shell_options {
	const char *const *lines; /* -e, in order */
	int n_lines;
	char **script; /* FILE ARGS..., script[0] is the file; NULL */
	int n_script;
	char **test;	 /* the words behind `test`; NULL: it was not asked for */
	char **scenario; /* FILE NAME=VALUE...: we are what the runner has started; NULL */
	bool interactive; /* -i: the prompt afterwards, or even without a terminal */
	bool json;
	bool sandbox;	     /* the script is a stranger's */
	const char *lang;    /* "en", "zh"; NULL: that of the locale */
	const char *lessons; /* a directory of the user's own lessons; NULL */
	char **command; /* `tutorial` or `walkthrough` and the words behind it; NULL */
	const char
		*lab; /* "NAME,NAME": begin with this lab, "" with the usual one; NULL */
};

/* Adds what is generated from the rows: man, bash, zsh, lua-meta, luacheck. Negative: unknown. */
int shell_generate(const char *kind, struct buf *out);

/* The language of the help that is printed without a shell, "en" or "zh". */
const char *shell_lang(const struct shell_options *options);

/* Runs it all and returns the exit status. */
int shell_run(const struct shell_options *options);

#endif
