/* doc_search.c - help /WORD, and the name that was probably meant. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cmd/doc.h"
#include "cmd/doc_parts.h"
#include "cmd/lang.h"
#include "cmd/settings.h"
#include "sys/sockopt.h"
#include "tcp/topics.h"

const char *doc_nearest(const char *word)
{
	const struct cmd *const *c;
	const char **names, *near;
	size_t n = 0, i;

	for (c = commands(); *c; c++)
		n++;
	names = xcalloc(n + topic_count + sockopt_count + settings_count + 1,
			sizeof(*names));
	n = 0;
	for (c = commands(); *c; c++)
		names[n++] = (*c)->name;
	for (i = 0; i < topic_count; i++)
		names[n++] = topics[i].name;
	for (i = 0; i < sockopt_count; i++)
		names[n++] = sockopt_table[i].name;
	for (i = 0; i < settings_count; i++)
		names[n++] = settings_table[i].name;
	near = text_nearest(word, names);
	free(names);
	return near;
}

static bool contains(const char *text, const char *word)
{
	return text && strcasestr(text, word);
}

static bool args_contain(const char *lang, const struct cmd *cmd, const struct arg *a,
			 const char *word)
{
	for (; a->name; a++)
		if (contains(a->name, word) || contains(lang_arg(lang, cmd, a), word) ||
		    contains(a->words, word))
			return true;
	return false;
}

static void found(const char *kind, const char *name, const char *summary, int *n,
		  int *of_kind, struct buf *out)
{
	if ((*of_kind)++ == 0)
		buf_addf(out, "%s%s\n", *n ? "\n" : "", kind);
	(*n)++;
	buf_adds(out, "  ");
	text_column(out, name, 16);
	buf_adds(out, "  ");
	doc_flow(out, summary, strlen(name) > 16 ? strlen(name) + 4 : 20, 20);
}

static int search_commands(const char *lang, const char *word, int n, struct buf *out)
{
	const struct cmd *const *c;
	int of_kind = 0;

	for (c = commands(); *c; c++) {
		const char *name = (*c)->name;
		const char *summary = lang_text(lang, (*c)->summary, "%s", name);

		if (contains(name, word) || contains(summary, word) ||
		    contains(lang_text(lang, (*c)->detail, "%s.detail", name), word) ||
		    args_contain(lang, *c, (*c)->arg, word) ||
		    args_contain(lang, *c, (*c)->option, word))
			found(lang_phrase(lang, "commands"), name, summary, &n, &of_kind,
			      out);
	}
	return n;
}

static int search_topics(const char *lang, const char *word, int n, struct buf *out)
{
	const struct topic *t;
	int of_kind = 0;

	for (t = topics; t < topics + topic_count; t++) {
		const char *summary =
			lang_text(lang, t->summary, "%s.%s", t->group, t->name);

		if (contains(t->name, word) || contains(summary, word) ||
		    contains(lang_text(lang, t->text, "%s.%s.text", t->group, t->name),
			     word))
			found(lang_phrase(lang, "topics"), t->name, summary, &n, &of_kind,
			      out);
	}
	return n;
}

static int search_tables(const char *lang, const char *word, int n, struct buf *out)
{
	const struct sockopt *o;
	const struct setting *s;
	const char *text;
	int options = 0, settings = 0;

	for (o = sockopt_table; o < sockopt_table + sockopt_count; o++) {
		text = lang_text(lang, o->text, "sockopt.%s", o->name);
		if (contains(o->name, word) || contains(text, word) ||
		    contains(o->constant, word))
			found(lang_phrase(lang, "socket options"), o->name, text, &n,
			      &options, out);
	}
	for (s = settings_table; s < settings_table + settings_count; s++) {
		text = lang_text(lang, s->text, "setting.%s", s->name);
		if (contains(s->name, word) || contains(text, word))
			found(lang_phrase(lang, "settings"), s->name, text, &n, &settings,
			      out);
	}
	return n;
}

int doc_search(const char *lang, const char *word, struct buf *out)
{
	int n = search_commands(lang, word, 0, out);

	n = search_topics(lang, word, n, out);
	return search_tables(lang, word, n, out);
}
