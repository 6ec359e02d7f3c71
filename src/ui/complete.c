/* complete.c - TAB: commands, live objects, options and their values, Lua names, usage. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <readline/readline.h>

#include "base/text.h"
#include "cmd/cmd.h"
#include "cmd/line.h"
#include "cmd/settings.h"
#include "sys/sockopt.h"
#include "sys/sysctl.h"
#include "tcp/topics.h"
#include "ui/ui.h"

/* readline's generators take no argument: what was found waits here to be fetched. */
static struct {
	struct ui *ui;
	char **name;
	size_t n, size, given;
	const char *text;
	bool lua; /* what follows a name need not be a blank */
} found;

static void offer(void *arg, const char *name)
{
	(void)arg;
	if (strncmp(name, found.text, strlen(found.text)) != 0)
		return;
	if (found.n == found.size) {
		found.size = found.size ? found.size * 2 : 64;
		found.name = xrealloc(found.name, found.size * sizeof(*found.name));
	}
	found.name[found.n++] = xstrdup(name);
}

static void offer_words(const char *words, const char *prefix)
{
	char name[80];
	const char *p = words, *end;

	for (; p && *p; p = *end ? end + 1 : end) {
		end = p + strcspn(p, " ");
		snprintf(name, sizeof(name), "%s%.*s", prefix, (int)(end - p), p);
		offer(NULL, name);
	}
}

static void offer_commands(void)
{
	const struct cmd *const *c;

	for (c = commands(); *c; c++)
		offer(NULL, (*c)->name);
}

static void offer_hosts(void)
{
	const struct lab *lab = found.ui->app->lab;
	int i;

	for (i = 0; lab && i < lab->hosts; i++)
		offer(NULL, lab->host[i].name);
}

/* Does a command act on a socket, so that it may stand behind one? */
static bool on_socket(const struct cmd *cmd)
{
	return cmd->arg[0].name &&
	       (cmd->arg[0].type == ARG_SOCK || cmd->arg[0].type == ARG_LISTENER ||
		cmd->arg[0].type == ARG_STREAM);
}

/* What a host or a socket can do, when the line so far is its name. */
static bool offer_object_commands(const char *head, size_t len)
{
	char name[LINE_NAME_MAX];
	const struct cmd *const *c;
	bool host, object;

	while (len > 0 && head[len - 1] == ' ')
		len--;
	while (len > 0 && *head == ' ')
		head++, len--;
	snprintf(name, sizeof(name), "%.*s", (int)len, head);
	host = app_host(found.ui->app, name) != NULL;
	object = !host && lua_is_name(name) && vm_is_object(found.ui->vm, name);
	for (c = commands(); *c; c++)
		if ((host && (*c)->on_host && strcmp((*c)->group, "sockets") == 0) ||
		    (object && on_socket(*c)))
			offer(NULL, (*c)->name);
	return host || object;
}

static void offer_sockets(enum arg_type type, bool closed)
{
	char name[SOCK_NAME_MAX];
	size_t n, i;
	struct sock **all = socks_sorted(&found.ui->app->socks, &n);

	for (i = 0; i < n; i++)
		if ((closed || all[i]->fd >= 0) &&
		    (type == ARG_SOCK ||
		     (type == ARG_LISTENER) == (all[i]->kind == SOCK_LISTEN)))
			offer(NULL, sock_name(all[i], name));
	free(all);
}

static void offer_table(enum arg_type type)
{
	size_t i;

	for (i = 0; type == ARG_OPTION && i < sockopt_count; i++)
		offer(NULL, sockopt_table[i].name);
	for (i = 0; type == ARG_SETTING && i < settings_count; i++)
		offer(NULL, settings_table[i].name);
	for (i = 0; type == ARG_TOPIC && i < topic_count; i++)
		offer(NULL, topics[i].name);
	if (type == ARG_TOPIC)
		offer_commands();
}

/* What can stand as the argument; prefix is "name=" for an option. */
static void offer_arg(const struct arg *arg, const char *prefix)
{
	switch (arg->type) {
	case ARG_SOCK:
	case ARG_LISTENER:
	case ARG_STREAM:
		offer_sockets(arg->type, arg->flags & ARG_CLOSED);
		break;
	case ARG_BOOL:
		offer_words("yes no", prefix);
		break;
	case ARG_WORD:
	case ARG_WORD_OR_SIZE:
		offer_words(arg->words, prefix);
		break;
	case ARG_OPTION:
	case ARG_SETTING:
	case ARG_TOPIC:
		offer_table(arg->type);
		break;
	case ARG_SYSCTL:
		sysctl_names(found.text, offer, NULL);
		break;
	case ARG_LUA:
		vm_complete(found.ui->vm, found.text, offer, NULL);
		break;
	default:
		break;
	}
}

static void offer_options(const struct cmd *cmd, const struct line *line)
{
	char name[80];
	size_t i, k;

	for (i = 0; cmd->option[i].name; i++) {
		for (k = 0; k < line->words && line->word[k].option != &cmd->option[i];
		     k++)
			;
		if (k < line->words)
			continue;
		snprintf(name, sizeof(name), "%s=", cmd->option[i].name);
		offer(NULL, name);
	}
}

static bool is_object(void *arg, const char *name)
{
	return vm_is_object(arg, name);
}

/* The usage line, above what is being typed. */
static void tell_usage(const struct cmd *cmd)
{
	struct buf usage = BUF_EMPTY;

	buf_adds(&usage, "usage: ");
	cmd_usage(cmd, &usage);
	buf_addc(&usage, '\n');
	out_text(found.ui, buf_str(&usage), usage.len);
	buf_clear(&usage);
}

/* Values of `option c1 nodelay` and `set echo`. */
static void offer_values(const struct line *line, int at)
{
	const struct setting *s = NULL;
	const struct sockopt *o = NULL;
	const char *name;

	if (at < 1 || line->cmd->arg[at - 1].name == NULL || line->words == 0)
		return;
	name = line->word[line->words - 1].data;
	if (line->cmd->arg[at - 1].type == ARG_SETTING)
		s = settings_find(name);
	if (line->cmd->arg[at - 1].type == ARG_OPTION)
		o = sockopt_find(name);
	if (s && s->words)
		offer_words(s->words, "");
	if (o && o->type == OPT_BOOL)
		offer_words("yes no", "");
}

/* The value of an option, name=... being what is typed. */
static bool complete_option(const struct line *line, const char *eq)
{
	int i = cmd_option_index(line->cmd, found.text, (size_t)(eq - found.text));
	char prefix[80];

	if (i < 0)
		return false;
	snprintf(prefix, sizeof(prefix), "%s=", line->cmd->option[i].name);
	offer_arg(&line->cmd->option[i], prefix);
	return true;
}

/* Where the word under the cursor stands among the row's arguments, -1 for nowhere. */
static int arg_at(struct line *line)
{
	struct line_word last = { xstrdup(found.text), strlen(found.text), false, NULL };
	int at;

	line->word = xrealloc(line->word, (line->words + 1) * sizeof(last));
	line->word[line->words++] = last;
	at = line_arg_index(line, line->words - 1, is_object, found.ui->vm);
	line->words--;
	free(last.data);
	/* A socket that may be left out is still what is offered first. */
	return at == 1 && line->words == 0 && !*line->object ? 0 : at;
}

/* Inside a command's words: true when file names are what is wanted. */
static bool complete_words(const struct line *line, int at)
{
	const char *eq = strchr(found.text, '=');
	bool path = false;

	if (eq && complete_option(line, eq))
		return false;
	if (at >= 0 && line->cmd->arg[at].name) {
		offer_arg(&line->cmd->arg[at], "");
		offer_values(line, at);
		path = vm_words(found.ui->vm, line, offer, NULL) ||
		       line->cmd->arg[at].type == ARG_PATH;
	}
	offer_options(line->cmd, line);
	if (!*found.text)
		tell_usage(line->cmd);
	return path;
}

/* What the text before the cursor's word makes of it. True: file names are wanted. */
static bool complete_after(const char *head, size_t len)
{
	struct line line;
	struct err err;
	bool path = false;
	int rc = line_parse(&line, head, len, &err);

	if (rc == 0 && line.kind == LINE_COMMAND) {
		path = complete_words(&line, arg_at(&line));
	} else if (rc == 0 && !offer_object_commands(head, len)) {
		found.lua = true;
		offer_commands();
		vm_complete(found.ui->vm, found.text, offer, NULL);
	}
	line_clear(&line);
	return path;
}

static char *give(const char *text, int state)
{
	(void)text;
	if (state == 0)
		found.given = 0;
	/* readline frees what it is given. */
	return found.given < found.n ? found.name[found.given++] : NULL;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void unique(void)
{
	size_t i, n = 0;

	if (found.n == 0)
		return;
	qsort(found.name, found.n, sizeof(*found.name), by_name);
	for (i = 0; i < found.n; i++) {
		if (n > 0 && strcmp(found.name[n - 1], found.name[i]) == 0)
			free(found.name[i]);
		else
			found.name[n++] = found.name[i];
	}
	found.n = n;
}

static void forget(void)
{
	while (found.given < found.n)
		free(found.name[found.given++]);
	found.n = found.given = 0;
	found.lua = false;
}

/* True for "file=..." where some command has an option of that name for a path. */
static bool is_path_option(const char *word)
{
	const struct cmd *const *c;
	size_t len = strcspn(word, "=");
	int i;

	if (!word[len])
		return false;
	for (c = commands(); *c; c++) {
		i = cmd_option_index(*c, word, len);
		if (i >= 0 && (*c)->option[i].type == ARG_PATH)
			return true;
	}
	return false;
}

/* The first byte of the word that the cursor is in. */
static const char *word_begin(int point)
{
	const char *p = rl_line_buffer + point;

	while (p > rl_line_buffer && p[-1] != ' ')
		p--;
	return p;
}

/* Behind a whole word; not behind "backlog=" or "net.", and in Lua only behind a command. */
static bool wants_blank(void)
{
	const char *name = found.n == 1 ? found.name[0] : "";

	if (found.lua)
		return command_find(name) != NULL;
	return !*name || !strchr("=.", name[strlen(name) - 1]);
}

static char **complete(const char *text, int start, int end)
{
	bool path = false;

	(void)end;
	forget();
	found.text = text;
	if (strspn(rl_line_buffer, " \t") >= (size_t)start) {
		found.lua = true;
		offer_commands();
		offer_hosts();
		offer_sockets(ARG_SOCK, true);
		vm_complete(found.ui->vm, text, offer, NULL);
	} else if (rl_line_buffer[start - 1] == '=' &&
		   is_path_option(word_begin(start))) {
		path = true;
	} else {
		path = complete_after(rl_line_buffer, (size_t)start);
	}
	unique();
	rl_attempted_completion_over = !path;
	rl_completion_append_character = wants_blank() ? ' ' : '\0';
	return found.n ? rl_completion_matches(text, give) : NULL;
}

/* file=PATH is one word to us and two to readline: after = it completes files. */
static char *word_breaks(void)
{
	static char with[] = " \t\n\"'=", without[] = " \t\n\"'({[,;+*<>~#%^&|";

	return is_path_option(word_begin(rl_point)) ? with : without;
}

void complete_init(struct ui *ui)
{
	found.ui = ui;
	rl_attempted_completion_function = complete;
	rl_completion_word_break_hook = word_breaks;
	rl_basic_quote_characters = "\"'";
}
