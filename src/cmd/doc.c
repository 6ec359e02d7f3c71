/* doc.c - help: the commands, and all that help knows of a word. */
#include "cmd/doc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cmd/doc_parts.h"
#include "cmd/settings.h"
#include "sys/sockopt.h"
#include "tcp/topics.h"

#define PROMPT "tcpstep> "

void doc_overview(struct buf *out)
{
	const struct cmd *const *c;
	const char *group;
	size_t width = 0;

	for (c = commands(); *c; c++)
		if (strlen((*c)->name) > width)
			width = strlen((*c)->name);
	/* Rows of a group may stand in several tables. */
	for (c = commands(); *c; c++) {
		const struct cmd *const *other = commands();

		group = (*c)->group;
		while (strcmp((*other)->group, group) != 0)
			other++;
		if (other != c)
			continue;
		buf_addf(out, "%s\n", group);
		for (; *other; other++) {
			if (strcmp((*other)->group, group) != 0)
				continue;
			buf_adds(out, "  ");
			text_column(out, (*other)->name, (int)width);
			buf_addf(out, "  %s\n", (*other)->summary);
		}
		buf_addc(out, '\n');
	}
	doc_flow(
		out,
		"More: help COMMAND, help states, help errors, help line (how a line is read), "
		"help lua; help /WORD searches all texts. TAB completes words, and shows what "
		"comes next. What is no command is Lua.",
		0, 0);
}

static void arg_row(const struct arg *arg, bool option, size_t width, struct buf *out)
{
	struct buf text = BUF_EMPTY;
	size_t end = out->len + width + 4;

	buf_addf(out, "  %s%s", arg->name, option ? "=" : "");
	buf_pad(out, end, ' ');
	if (arg->text)
		buf_adds(&text, arg->text);
	buf_adds(&text, " (");
	doc_takes_default(arg, &text);
	buf_addc(&text, ')');
	doc_flow(out, buf_str(&text), width + 4, width + 4);
	buf_clear(&text);
}

static void arg_table(const struct cmd *cmd, struct buf *out)
{
	const struct arg *a;
	size_t width = 0;

	for (a = cmd->arg; a->name; a++)
		if (strlen(a->name) > width)
			width = strlen(a->name);
	for (a = cmd->option; a->name; a++)
		if (strlen(a->name) + 1 > width)
			width = strlen(a->name) + 1;
	if (width > 0)
		buf_addc(out, '\n');
	for (a = cmd->arg; a->name; a++)
		arg_row(a, false, width, out);
	for (a = cmd->option; a->name; a++)
		arg_row(a, true, width, out);
}

static void lua_part(const struct cmd *cmd, struct buf *out)
{
	struct buf form = BUF_EMPTY;

	buf_adds(out, "\nin Lua\n");
	if (doc_lua_form(cmd, false, &form))
		buf_addf(out, "  %s\n", buf_str(&form));
	buf_reset(&form);
	if (doc_lua_form(cmd, true, &form))
		buf_addf(out, "  %s\n", buf_str(&form));
	buf_reset(&form);
	buf_adds(&form, "gives ");
	doc_returns(cmd->returns, &form);
	buf_adds(out, "  ");
	doc_flow(out, buf_str(&form), 2, 2);
	buf_clear(&form);
}

void doc_command(const struct cmd *cmd, struct buf *out)
{
	struct buf text = BUF_EMPTY;
	const char *line, *end;

	cmd_usage(cmd, &text);
	doc_flow(out, buf_str(&text), 0, strlen(cmd->name) + 1);
	buf_clear(&text);
	buf_adds(out, "  ");
	doc_flow(out, cmd->summary, 2, 2);
	if (cmd->detail) {
		buf_addc(out, '\n');
		doc_flow(out, cmd->detail, 0, 0);
	}
	arg_table(cmd, out);
	if (cmd->example) {
		buf_adds(out, "\nexample\n");
		for (line = cmd->example; *line; line = *end ? end + 1 : end) {
			end = strchrnul(line, '\n');
			buf_addf(out, "  " PROMPT "%.*s\n", (int)(end - line), line);
		}
	}
	lua_part(cmd, out);
}

static void about_option(const struct sockopt *o, struct buf *out)
{
	static const char *const values[] = {
		[OPT_BOOL] = "yes or no",
		[OPT_INT] = "a number",
		[OPT_TEXT] = "a word",
		[OPT_LINGER] = "off, or seconds",
		[OPT_TIME] = "off, or a time: 2, 50ms, 2m",
		[OPT_ERRNO] = "an error's name, or none",
	};

	buf_addf(out, "%s  (%s), a socket option\n  ", o->name, o->constant);
	doc_flow(out, o->text, 2, 2);
	buf_adds(out, "\n  value     ");
	if (o->type == OPT_INT && o->max > o->min)
		buf_addf(out, "%ld to %ld", o->min, o->max);
	else
		buf_adds(out, values[o->type]);
	if (o->type == OPT_INT && *o->unit)
		buf_addf(out, " %s", o->unit);
	buf_addf(out, "\n  to read   option SOCKET %s\n", o->name);
	if (o->read_only)
		buf_adds(out, "  to set    it can only be read\n");
	else
		buf_addf(out, "  to set    option SOCKET %s VALUE\n", o->name);
	buf_addf(out, "  more      %s\n", sockopt_man(o));
}

static void about_setting(const struct setting *s, struct buf *out)
{
	struct arg arg = { s->name, s->type, ARG_OPTIONAL, s->words,
			   .standard = s->standard };

	buf_addf(out, "%s, a setting\n  ", s->name);
	doc_flow(out, s->text, 2, 2);
	buf_adds(out, "\n  value     ");
	doc_takes_default(&arg, out);
	buf_addf(out, "\n  to read   set %s\n  to set    set %s VALUE\n", s->name,
		 s->name);
}

static void about_topic(const struct topic *t, struct buf *out)
{
	/* Guides begin with their subject, the others with what happens. */
	if (strcmp(t->group, "guide") != 0) {
		buf_addf(out, "%s  ", t->name);
		doc_flow(out, t->summary, strlen(t->name) + 2, strlen(t->name) + 2);
		buf_addc(out, '\n');
	}
	topic_format(t, out);
}

bool doc_about(const char *group, const char *word, struct buf *out)
{
	const struct cmd *cmd = group ? NULL : command_find(word);
	const struct topic *topic = group ? topic_find_in(group, word) : topic_find(word);
	const struct sockopt *option = NULL;
	const struct setting *setting = NULL;
	const char *sep = "\nmore: ";

	if (!group || strcmp(group, "option") == 0)
		option = sockopt_find(word);
	if (!group || strcmp(group, "set") == 0)
		setting = settings_find(word);
	if (!cmd && !topic && !option && !setting)
		return false;
	if (cmd)
		doc_command(cmd, out);
	else if (topic)
		about_topic(topic, out);
	else if (option)
		about_option(option, out);
	else
		about_setting(setting, out);
	/* The word means other things, too. */
	if (topic && cmd) {
		buf_addf(out, "%shelp %s %s", sep, topic->group, topic->name);
		sep = ", ";
	}
	if (option && (cmd || topic)) {
		buf_addf(out, "%shelp option %s", sep, option->name);
		sep = ", ";
	}
	if (setting && (cmd || topic || option)) {
		buf_addf(out, "%shelp set %s", sep, setting->name);
		sep = ", ";
	}
	if (*sep == ',')
		buf_addc(out, '\n');
	return true;
}

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

static bool args_contain(const struct arg *a, const char *word)
{
	for (; a->name; a++)
		if (contains(a->name, word) || contains(a->text, word) ||
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

int doc_search(const char *word, struct buf *out)
{
	const struct cmd *const *c;
	int n = 0, cmds = 0, texts = 0, options = 0, settings = 0;
	size_t i;

	for (c = commands(); *c; c++)
		if (contains((*c)->name, word) || contains((*c)->summary, word) ||
		    contains((*c)->detail, word) || args_contain((*c)->arg, word) ||
		    args_contain((*c)->option, word))
			found("commands", (*c)->name, (*c)->summary, &n, &cmds, out);
	for (i = 0; i < topic_count; i++)
		if (contains(topics[i].name, word) || contains(topics[i].summary, word) ||
		    contains(topics[i].text, word))
			found("topics", topics[i].name, topics[i].summary, &n, &texts,
			      out);
	for (i = 0; i < sockopt_count; i++)
		if (contains(sockopt_table[i].name, word) ||
		    contains(sockopt_table[i].text, word) ||
		    contains(sockopt_table[i].constant, word))
			found("socket options", sockopt_table[i].name,
			      sockopt_table[i].text, &n, &options, out);
	for (i = 0; i < settings_count; i++)
		if (contains(settings_table[i].name, word) ||
		    contains(settings_table[i].text, word))
			found("settings", settings_table[i].name, settings_table[i].text,
			      &n, &settings, out);
	return n;
}

int doc_generate(const char *kind, struct buf *out)
{
	static const struct {
		const char *kind;
		void (*write)(struct buf *out);
	} kinds[] = {
		{ "man", doc_man },	      { "bash", doc_bash },
		{ "zsh", doc_zsh },	      { "lua-meta", doc_lua_meta },
		{ "luacheck", doc_luacheck },
	};
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (strcmp(kinds[i].kind, kind) == 0) {
			kinds[i].write(out);
			return 0;
		}
	return -EINVAL;
}
