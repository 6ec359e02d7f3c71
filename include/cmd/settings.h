/* settings.h - what `set` changes in a session, as one table. */
#ifndef CMD_SETTINGS_H
#define CMD_SETTINGS_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "cmd/cmd.h"

struct app;

/* A setting of the session. Its texts go both ways: what get adds, set takes. */
struct setting {
	const char *name;
	enum arg_type type;   /* ARG_WORD or ARG_DURATION */
	const char *words;    /* for ARG_WORD: "on off" */
	const char *standard; /* what stands at the start, for help */
	const char *text;     /* one line for help */

	/* Adds the value as text. Returns 0. */
	int (*get)(const struct app *app, struct buf *out);

	/* Sets it from text. Bad text: code "usage", with what would be allowed. */
	int (*set)(struct app *app, const char *text, struct err *err);
};

extern const struct setting settings_table[];
extern const size_t settings_count;

/* By name; NULL. */
const struct setting *settings_find(const char *name);

#endif
