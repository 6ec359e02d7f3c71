/* lang.c - the texts of help in another language than English, by key. */
#include "cmd/lang.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define KEY_MAX 200

static const char *find(const char *lang, const char *key, const char *english)
{
	const struct lang_text *t;

	for (t = strcmp(lang, "zh") == 0 ? lang_zh : NULL; t && t->key; t++)
		if (strcmp(t->key, key) == 0)
			return t->text;
	return english;
}

const char *lang_text(const char *lang, const char *english, const char *key, ...)
{
	char name[KEY_MAX];
	va_list ap;

	va_start(ap, key);
	vsnprintf(name, sizeof(name), key, ap);
	va_end(ap);
	return english ? find(lang, name, english) : NULL;
}

const char *lang_phrase(const char *lang, const char *english)
{
	return lang_text(lang, english, "\"%s\"", english);
}

const char *lang_arg(const char *lang, const struct cmd *cmd, const struct arg *arg)
{
	const char *common = lang_text(lang, arg->text, "*.%s", arg->name);

	return lang_text(lang, common, "%s.%s", cmd->name, arg->name);
}
