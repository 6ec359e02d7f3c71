/* doc.c - help: the commands, and all that help knows of a word. */
#include "cmd/doc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cmd/doc_parts.h"
#include "cmd/lang.h"
#include "cmd/settings.h"
#include "sys/sockopt.h"
#include "tcp/topics.h"

#define PROMPT "tcpstep> "

static const char overview_more[] =
	"More: help COMMAND, help states, help errors, help line (how a line is read), "
	"help lua; help /WORD searches all texts. TAB completes words, and shows what "
	"comes next. What is no command is Lua.";

void doc_overview(const char *lang, struct buf *out)
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
		buf_addf(out, "%s\n", lang_phrase(lang, group));
		for (; *other; other++) {
			if (strcmp((*other)->group, group) != 0)
				continue;
			buf_adds(out, "  ");
			text_column(out, (*other)->name, (int)width);
			buf_addf(out, "  %s\n",
				 lang_text(lang, (*other)->summary, "%s",
					   (*other)->name));
		}
		buf_addc(out, '\n');
	}
	doc_flow(out, lang_text(lang, overview_more, "more"), 0, 0);
}

static void arg_row(const char *lang, const struct cmd *cmd, const struct arg *arg,
		    bool option, size_t width, struct buf *out)
{
	struct buf text = BUF_EMPTY;
	size_t end = out->len + width + 4;
	const char *about = lang_arg(lang, cmd, arg);

	buf_addf(out, "  %s%s", arg->name, option ? "=" : "");
	buf_pad(out, end, ' ');
	if (about)
		buf_adds(&text, about);
	buf_adds(&text, lang_phrase(lang, " ("));
	doc_takes_default(lang, arg, &text);
	buf_adds(&text, lang_phrase(lang, ")"));
	doc_flow(out, buf_str(&text), width + 4, width + 4);
	buf_clear(&text);
}

static void arg_table(const char *lang, const struct cmd *cmd, struct buf *out)
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
		arg_row(lang, cmd, a, false, width, out);
	for (a = cmd->option; a->name; a++)
		arg_row(lang, cmd, a, true, width, out);
}

static void lua_part(const char *lang, const struct cmd *cmd, struct buf *out)
{
	struct buf form = BUF_EMPTY;
	int method;

	buf_addf(out, "\n%s\n", lang_phrase(lang, "in Lua"));
	for (method = 0; method < 2; method++) {
		buf_reset(&form);
		if (!doc_lua_form(cmd, method, &form))
			continue;
		buf_adds(out, "  ");
		doc_flow(out, buf_str(&form), 2, 4);
	}
	buf_reset(&form);
	buf_adds(&form, lang_phrase(lang, "gives "));
	doc_returns(lang, cmd->returns, &form);
	buf_adds(out, "  ");
	doc_flow(out, buf_str(&form), 2, 2);
	buf_clear(&form);
}

void doc_command(const char *lang, const struct cmd *cmd, struct buf *out)
{
	const char *detail = lang_text(lang, cmd->detail, "%s.detail", cmd->name);
	struct buf text = BUF_EMPTY;
	const char *line, *end;

	cmd_usage(cmd, &text);
	doc_flow(out, buf_str(&text), 0, strlen(cmd->name) + 1);
	buf_clear(&text);
	buf_adds(out, "  ");
	doc_flow(out, lang_text(lang, cmd->summary, "%s", cmd->name), 2, 2);
	if (detail) {
		buf_addc(out, '\n');
		doc_flow(out, detail, 0, 0);
	}
	arg_table(lang, cmd, out);
	if (cmd->example) {
		buf_addf(out, "\n%s\n", lang_phrase(lang, "example"));
		for (line = cmd->example; *line; line = *end ? end + 1 : end) {
			end = strchrnul(line, '\n');
			buf_addf(out, "  " PROMPT "%.*s\n", (int)(end - line), line);
		}
	}
	lua_part(lang, cmd, out);
}

/* "  value     yes or no" */
static void about_row(const char *lang, const char *label, const char *text,
		      struct buf *out)
{
	buf_adds(out, "  ");
	text_column(out, lang_phrase(lang, label), 10);
	buf_addf(out, "%s\n", text);
}

static void option_value(const char *lang, const struct sockopt *o, struct buf *out)
{
	static const char *const values[] = {
		[OPT_BOOL] = "yes or no",
		[OPT_INT] = "a number",
		[OPT_TEXT] = "a word",
		[OPT_LINGER] = "off, or seconds",
		[OPT_TIME] = "off, or a time: 2, 50ms, 2m",
		[OPT_ERRNO] = "an error's name, or none",
	};

	if (o->type == OPT_INT && o->max > o->min)
		buf_addf(out, "%ld %s %ld", o->min, lang_phrase(lang, "to"), o->max);
	else
		buf_adds(out, lang_phrase(lang, values[o->type]));
	if (o->type == OPT_INT && *o->unit)
		buf_addf(out, " %s", lang_phrase(lang, o->unit));
}

static void about_option(const char *lang, const struct sockopt *o, struct buf *out)
{
	struct buf text = BUF_EMPTY;

	buf_addf(out, "%s  (%s)%s\n  ", o->name, o->constant,
		 lang_phrase(lang, ", a socket option"));
	doc_flow(out, lang_text(lang, o->text, "sockopt.%s", o->name), 2, 2);
	buf_addc(out, '\n');
	option_value(lang, o, &text);
	about_row(lang, "value", buf_str(&text), out);
	buf_reset(&text);
	buf_addf(&text, "option SOCKET %s", o->name);
	about_row(lang, "to read", buf_str(&text), out);
	buf_adds(&text, " VALUE");
	about_row(lang, "to set",
		  o->read_only ? lang_phrase(lang, "it can only be read")
			       : buf_str(&text),
		  out);
	about_row(lang, "more", sockopt_man(o), out);
	buf_clear(&text);
}

static void about_setting(const char *lang, const struct setting *s, struct buf *out)
{
	struct arg arg = { s->name, s->type, ARG_OPTIONAL, s->words,
			   .standard = s->standard };
	struct buf text = BUF_EMPTY;

	buf_addf(out, "%s%s\n  ", s->name, lang_phrase(lang, ", a setting"));
	doc_flow(out, lang_text(lang, s->text, "setting.%s", s->name), 2, 2);
	buf_addc(out, '\n');
	doc_takes_default(lang, &arg, &text);
	about_row(lang, "value", buf_str(&text), out);
	buf_reset(&text);
	buf_addf(&text, "set %s", s->name);
	about_row(lang, "to read", buf_str(&text), out);
	buf_adds(&text, " VALUE");
	about_row(lang, "to set", buf_str(&text), out);
	buf_clear(&text);
}

static const char *topic_summary(const char *lang, const struct topic *t)
{
	return lang_text(lang, t->summary, "%s.%s", t->group, t->name);
}

/* The topics that bear the name of a group ("states") end in a list of that group. */
static void topic_list(const char *lang, const char *group, struct buf *out)
{
	const struct topic *t;
	bool any = false;

	for (t = topics; t < topics + topic_count; t++) {
		if (strcmp(t->group, group) != 0)
			continue;
		if (!any)
			buf_addc(out, '\n');
		any = true;
		text_column(out, t->name, 16);
		buf_addf(out, " %s\n", topic_summary(lang, t));
	}
}

static void about_topic(const char *lang, const struct topic *t, struct buf *out)
{
	/* Guides begin with their subject, the others with what happens. */
	if (strcmp(t->group, "guide") != 0) {
		buf_addf(out, "%s  ", t->name);
		doc_flow(out, topic_summary(lang, t), strlen(t->name) + 2,
			 strlen(t->name) + 2);
		buf_addc(out, '\n');
	}
	buf_adds(out, lang_text(lang, t->text, "%s.%s.text", t->group, t->name));
	if (out->data[out->len - 1] != '\n')
		buf_addc(out, '\n');
	topic_list(lang, t->name, out);
}

bool doc_about(const char *lang, const char *group, const char *word, struct buf *out)
{
	const struct cmd *cmd = group ? NULL : command_find(word);
	const struct topic *topic = group ? topic_find_in(group, word) : topic_find(word);
	const struct sockopt *option = NULL;
	const struct setting *setting = NULL;
	const char *more = lang_phrase(lang, "more: "), *sep = "\n";

	if (!group || strcmp(group, "option") == 0)
		option = sockopt_find(word);
	if (!group || strcmp(group, "set") == 0)
		setting = settings_find(word);
	if (!cmd && !topic && !option && !setting)
		return false;
	if (cmd)
		doc_command(lang, cmd, out);
	else if (topic)
		about_topic(lang, topic, out);
	else if (option)
		about_option(lang, option, out);
	else
		about_setting(lang, setting, out);
	/* The word means other things, too. */
	if (topic && cmd) {
		buf_addf(out, "%s%shelp %s %s", sep, more, topic->group, topic->name);
		sep = ", ", more = "";
	}
	if (option && (cmd || topic)) {
		buf_addf(out, "%s%shelp option %s", sep, more, option->name);
		sep = ", ", more = "";
	}
	if (setting && (cmd || topic || option)) {
		buf_addf(out, "%s%shelp set %s", sep, more, setting->name);
		sep = ", ";
	}
	if (*sep == ',')
		buf_addc(out, '\n');
	return true;
}

int doc_generate(const char *kind, struct buf *out)
{
	static const struct {
		const char *kind;
		void (*write)(struct buf *out);
	} kinds[] = {
		{ "man", doc_man },	      { "bash", doc_bash },
		{ "zsh", doc_zsh },	      { "lua-meta", doc_lua_meta },
		{ "luacheck", doc_luacheck }, { "texts", doc_texts },
	};
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (strcmp(kinds[i].kind, kind) == 0) {
			kinds[i].write(out);
			return 0;
		}
	return -EINVAL;
}
