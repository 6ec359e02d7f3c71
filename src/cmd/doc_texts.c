/*
 * doc_texts.c - all keys of scripts/lang/zh.txt, with their English: what a translator begins with,
 * and what the lint holds the file against.
 */
#include "cmd/doc_parts.h"
#include "cmd/settings.h"
#include "sys/sockopt.h"
#include "tcp/topics.h"

static void args(const struct cmd *cmd, const struct arg *a, struct buf *out)
{
	for (; a->name; a++)
		if (a->text)
			buf_addf(out, "@%s.%s  %s\n", cmd->name, a->name, a->text);
}

static void command_texts(const struct cmd *cmd, struct buf *out)
{
	buf_addf(out, "@%s  %s\n", cmd->name, cmd->summary);
	if (cmd->detail)
		buf_addf(out, "@%s.detail\n%s\n", cmd->name, cmd->detail);
	args(cmd, cmd->arg, out);
	args(cmd, cmd->option, out);
}

void doc_texts(struct buf *out)
{
	const struct cmd *const *c;
	const struct doc_flag *f;
	size_t i;

	for (c = commands(); *c; c++)
		command_texts(*c, out);
	for (i = 0; i < topic_count; i++) {
		const struct topic *t = &topics[i];

		buf_addf(out, "@%s.%s  %s\n", t->group, t->name, t->summary);
		buf_addf(out, "@%s.%s.text\n%s", t->group, t->name, t->text);
	}
	for (i = 0; i < sockopt_count; i++)
		buf_addf(out, "@sockopt.%s  %s\n", sockopt_table[i].name,
			 sockopt_table[i].text);
	for (f = doc_flags; f->name; f++)
		buf_addf(out, "@flag.%s  %s\n", f->name, f->text);
	for (i = 0; i < settings_count; i++)
		buf_addf(out, "@setting.%s  %s\n", settings_table[i].name,
			 settings_table[i].text);
}
