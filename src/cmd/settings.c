/* settings.c - what `set` changes in a session, as one table. */
#include "cmd/settings.h"

#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "cmd/app.h"

static int onoff_get(bool on, struct buf *out)
{
	buf_adds(out, on ? "on" : "off");
	return 0;
}

/* Lua's booleans arrive as yes and no. */
static int onoff_set(bool *on, const char *name, const char *text, struct err *err)
{
	if (strcmp(text, "on") == 0 || strcmp(text, "yes") == 0)
		*on = true;
	else if (strcmp(text, "off") == 0 || strcmp(text, "no") == 0)
		*on = false;
	else
		return err_set(err, "usage", "set %s: \"%.40s\" is neither on nor off",
			       name, text);
	return 0;
}

static int timeout_get(const struct app *app, struct buf *out)
{
	if (app->set.timeout < 0)
		buf_adds(out, "off");
	else
		buf_addf(out, "%.9g", app->set.timeout);
	return 0;
}

static int timeout_set(struct app *app, const char *text, struct err *err)
{
	if (duration_parse(&app->set.timeout, text))
		return 0;
	return err_set(err, "usage",
		       "set timeout: \"%.40s\" is not a time such as 2, 50ms, 2m or off",
		       text);
}

/* A setting of two words. Where one is off Lua's false, which arrives as no, means it too. */
static int either_set(bool *setting, const char *name, const char *on, const char *off,
		      const char *text, struct err *err)
{
	bool is_off = strcmp(text, off) == 0 ||
		      (strcmp(off, "off") == 0 && strcmp(text, "no") == 0);

	if (!is_off && strcmp(text, on) != 0)
		return err_set(err, "usage", "set %s: \"%.40s\" is neither %s nor %s",
			       name, text, on, off);
	*setting = !is_off;
	return 0;
}

static int echo_get(const struct app *app, struct buf *out)
{
	buf_adds(out, app->set.echo_lua ? "lua" : "off");
	return 0;
}

static int echo_set(struct app *app, const char *text, struct err *err)
{
	return either_set(&app->set.echo_lua, "echo", "lua", "off", text, err);
}

static int glyphs_get(const struct app *app, struct buf *out)
{
	buf_adds(out, app->set.utf8_glyphs ? "utf8" : "ascii");
	return 0;
}

static int glyphs_set(struct app *app, const char *text, struct err *err)
{
	return either_set(&app->set.utf8_glyphs, "glyphs", "utf8", "ascii", text, err);
}

static int numbers_get(const struct app *app, struct buf *out)
{
	buf_adds(out, app->set.raw_numbers ? "raw" : "relative");
	return 0;
}

static int numbers_set(struct app *app, const char *text, struct err *err)
{
	return either_set(&app->set.raw_numbers, "numbers", "raw", "relative", text, err);
}

static int lang_get(const struct app *app, struct buf *out)
{
	buf_adds(out, app->set.lang);
	return 0;
}

static int lang_set(struct app *app, const char *text, struct err *err)
{
	bool zh = strcmp(text, "zh") == 0;

	if (!zh && strcmp(text, "en") != 0)
		return err_set(err, "usage", "set lang: \"%.40s\" is neither en nor zh",
			       text);
	if (zh && !app->utf8) {
		err_set(err, "usage", "set lang: Chinese needs a UTF-8 locale");
		err_hint(err,
			 "If the terminal shows UTF-8: LC_ALL=C.UTF-8 tcpstep --lang zh");
		return -EINVAL;
	}
	app->set.lang = zh ? "zh" : "en";
	return 0;
}

static int colour_get(const struct app *app, struct buf *out)
{
	return onoff_get(app->set.colour, out);
}

static int colour_set(struct app *app, const char *text, struct err *err)
{
	return onoff_set(&app->set.colour, "colour", text, err);
}

static int pager_get(const struct app *app, struct buf *out)
{
	buf_adds(out, app->set.pager ? "auto" : "off");
	return 0;
}

static int pager_set(struct app *app, const char *text, struct err *err)
{
	return either_set(&app->set.pager, "pager", "auto", "off", text, err);
}

static int events_get(const struct app *app, struct buf *out)
{
	return onoff_get(app->set.events, out);
}

static int events_set(struct app *app, const char *text, struct err *err)
{
	return onoff_set(&app->set.events, "events", text, err);
}

static int json_get(const struct app *app, struct buf *out)
{
	return onoff_get(app->set.json, out);
}

static int json_set(struct app *app, const char *text, struct err *err)
{
	return onoff_set(&app->set.json, "json", text, err);
}

const struct setting settings_table[] = {
	{
		.name = "timeout",
		.type = ARG_DURATION,
		.standard = "off typed, 10 in scripts",
		.text = "how long a command may wait: 2, 50ms, 2m, off",
		.get = timeout_get,
		.set = timeout_set,
	},
	{
		.name = "echo",
		.type = ARG_WORD,
		.words = "off lua",
		.standard = "off",
		.text = "lua: print the Lua form of each command typed",
		.get = echo_get,
		.set = echo_set,
	},
	{
		.name = "glyphs",
		.type = ARG_WORD,
		.words = "ascii utf8",
		.standard = "ascii",
		.text = "what ladder draws with",
		.get = glyphs_get,
		.set = glyphs_set,
	},
	{
		.name = "numbers",
		.type = ARG_WORD,
		.words = "relative raw",
		.standard = "relative",
		.text = "sequence numbers as shown: from 0, or as on the wire",
		.get = numbers_get,
		.set = numbers_set,
	},
	{
		.name = "lang",
		.type = ARG_WORD,
		.words = "en zh",
		.standard = "--lang, else LC_ALL, LC_MESSAGES, LANG",
		.text = "the language of help and lessons",
		.get = lang_get,
		.set = lang_set,
	},
	{
		.name = "colour",
		.type = ARG_WORD,
		.words = "on off",
		.standard = "on where the terminal has it",
		.text = "colours; NO_COLOR and TERM=dumb turn them off",
		.get = colour_get,
		.set = colour_set,
	},
	{
		.name = "pager",
		.type = ARG_WORD,
		.words = "auto off",
		.standard = "auto",
		.text = "auto: what exceeds the screen goes to $PAGER, or less",
		.get = pager_get,
		.set = pager_set,
	},
	{
		.name = "events",
		.type = ARG_WORD,
		.words = "on off",
		.standard = "on at the prompt",
		.text = "tell what peers do, above the line being typed",
		.get = events_get,
		.set = events_set,
	},
	{
		.name = "json",
		.type = ARG_WORD,
		.words = "on off",
		.standard = "off, on with --json",
		.text = "results and events as JSON, one object a line",
		.get = json_get,
		.set = json_set,
	},
};
const size_t settings_count = sizeof(settings_table) / sizeof(*settings_table);

const struct setting *settings_find(const char *name)
{
	size_t i;

	for (i = 0; i < settings_count; i++)
		if (strcmp(settings_table[i].name, name) == 0)
			return &settings_table[i];
	return NULL;
}
