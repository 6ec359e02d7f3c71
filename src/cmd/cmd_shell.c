/* cmd_shell.c - sleep, help, set, hosts, quit: what is about the shell itself. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cmd/app.h"
#include "cmd/doc.h"
#include "cmd/doc_parts.h"
#include "cmd/rows.h"
#include "cmd/settings.h"

static void text_show(struct call *call, struct buf *out)
{
	buf_add(out, call->result.str.data, call->result.str.len);
}

static int sleep_exec(struct call *call)
{
	if (call->timed_out)
		return 0;
	if (call->stop != STOP_NO)
		return call_stopped(call, "sleep", "");
	if (call->arg[0].n < 0) {
		err_set(&call->err, "usage", "sleep: off is no time to sleep");
		err_hint(&call->err, "usage: sleep TIME, as in: sleep 0.5");
		return -EINVAL;
	}
	call->wait = (struct wait){ .fd = -1, .seconds = call->arg[0].n };
	return CALL_WAIT;
}

static int help_unknown(struct call *call, const char *word)
{
	const char *near = doc_nearest(word);

	err_set(&call->err, "usage", "help: there is nothing about \"%.40s\"%s%s%s", word,
		near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
	err_hint(&call->err, "help lists the commands, help /WORD searches all texts.");
	return -EINVAL;
}

static int help_text(struct call *call, struct buf *out)
{
	const char *topic = call->arg[0].kind == VALUE_STR ? call->arg[0].str.data : NULL;
	const char *word = call->arg[1].kind == VALUE_STR ? call->arg[1].str.data : NULL;
	const char *lang = call->app->set.lang;

	if (!topic) {
		doc_overview(lang, out);
		return 0;
	}
	if (*topic != '/') {
		if (doc_about(lang, word ? topic : NULL, word ? word : topic, out))
			return 0;
		return help_unknown(call, word ? word : topic);
	}
	if (topic[1])
		topic++;
	else
		topic = word ? word : "";
	if (!*topic) {
		err_set(&call->err, "usage", "help: what to search for is missing");
		err_hint(&call->err, "usage: help /WORD, as in: help /backlog");
		return -EINVAL;
	}
	if (doc_search(lang, topic, out) > 0)
		return 0;
	err_set(&call->err, "usage", "help: no text contains \"%.40s\"", topic);
	err_hint(&call->err, "help lists the commands.");
	return -EINVAL;
}

static int help_exec(struct call *call)
{
	struct buf out = BUF_EMPTY;
	int rc = help_text(call, &out);

	if (rc == 0)
		call->result = value_copy(buf_str(&out), out.len);
	buf_clear(&out);
	return rc;
}

static struct value setting_value(const struct app *app, const struct setting *s)
{
	struct buf text = BUF_EMPTY;
	struct value v;

	s->get(app, &text);
	v = value_copy(buf_str(&text), text.len);
	buf_clear(&text);
	return v;
}

static int set_unknown(struct call *call, const char *name)
{
	const char **names = xcalloc(settings_count + 1, sizeof(*names)), *near;
	size_t i;

	for (i = 0; i < settings_count; i++)
		names[i] = settings_table[i].name;
	near = text_nearest(name, names);
	free(names);
	err_set(&call->err, "usage", "set: there is no setting \"%.40s\"%s%s%s", name,
		near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
	err_hint(&call->err, "set lists them all.");
	return -EINVAL;
}

static int set_exec(struct call *call)
{
	const struct value *name = &call->arg[0], *value = &call->arg[1];
	const struct setting *s;
	size_t i;
	int rc;

	if (name->kind == VALUE_NIL) {
		call->result = value_table();
		for (i = 0; i < settings_count; i++)
			value_add(&call->result, settings_table[i].name,
				  setting_value(call->app, &settings_table[i]));
		return 0;
	}
	s = settings_find(name->str.data);
	if (!s)
		return set_unknown(call, name->str.data);
	if (value->kind == VALUE_STR) {
		rc = s->set(call->app, value->str.data, &call->err);
		if (rc < 0)
			return rc;
	}
	call->result = setting_value(call->app, s);
	return 0;
}

static void setting_line(const char *name, const struct value *v, struct buf *out)
{
	text_column(out, name, 10);
	text_column(out, v->str.data, 8);
	buf_addf(out, "  %s\n", settings_find(name)->text);
}

static void set_show(struct call *call, struct buf *out)
{
	const struct value *v = &call->result;
	size_t i;

	if (v->kind == VALUE_STR)
		setting_line(call->arg[0].str.data, v, out);
	for (i = 0; v->kind == VALUE_TABLE && i < v->t->n; i++)
		setting_line(v->t->field[i].key, &v->t->field[i].value, out);
}

static struct value host_record(const struct host *h)
{
	struct value v = value_table();
	struct buf all = BUF_EMPTY;
	char text[ADDR_TEXT_MAX];
	union addr a;

	value_add(&v, "name", value_text(h->name));
	if (!h->netns) {
		value_add(&v, "text", value_static("this machine"));
		return v;
	}
	a = netns_addr(h->netns, h->index, false);
	value_add(&v, "address", value_text(addr_host(&a, text)));
	buf_adds(&all, text);
	a = netns_addr(h->netns, h->index, true);
	if (a.sa.sa_family == AF_INET6) {
		value_add(&v, "address6", value_text(addr_host(&a, text)));
		buf_addf(&all, "  %s", text);
	}
	value_add(&v, "text", value_text(buf_str(&all)));
	buf_clear(&all);
	return v;
}

static int hosts_exec(struct call *call)
{
	struct lab *lab = call->app->lab;
	int i;

	call->result = value_table();
	value_add(&call->result, NULL, host_record(&call->app->here));
	for (i = 0; lab && i < lab->hosts; i++)
		value_add(&call->result, NULL, host_record(&lab->host[i]));
	return 0;
}

static void hosts_show(struct call *call, struct buf *out)
{
	const struct value_table *t = call->result.t;
	size_t i;

	for (i = 0; i < t->n; i++)
		buf_addf(out, "%-12s  %s\n",
			 value_get(&t->field[i].value, "name")->str.data,
			 value_get(&t->field[i].value, "text")->str.data);
}

static int quit_exec(struct call *call)
{
	struct app *app = call->app;
	int status = call->arg[0].kind == VALUE_INT ? (int)call->arg[0].i : app->status;

	if (call->stop != STOP_NO || !app->door.quit)
		return 0;
	app->door.quit(app, status);
	/* What stands behind it in a script is not to run: it waits, and nothing will come. */
	return CALL_WAIT;
}

const struct cmd rows_shell[] = {
	{
		.name = "sleep",
		.group = "scripts",
		.summary = "wait for some time; other tasks go on meanwhile",
		.example = "sleep 50ms",
		.returns = "nil",
		.arg = { { "time", ARG_DURATION, ARG_NEEDED,
			   .text = "how long: 2, 0.5, 50ms, 2m" } },
		.exec = sleep_exec,
	},
	{
		.name = "help",
		.group = "shell",
		.usage = "[TOPIC | /WORD]",
		.summary = "explain a command, a state, an error, an option",
		.detail =
			"TOPIC is a command, a state (TIME_WAIT), an error (ECONNREFUSED), a socket\n"
			"option (nodelay), a setting (echo), or one of states, errors, line, lua.\n"
			"Two words name the kind first: help errors closed, help option linger.\n"
			"/WORD lists all whose texts contain WORD.",
		.example =
			"help connect\nhelp TIME_WAIT\nhelp errors ECONNREFUSED\nhelp /backlog",
		.returns = "string",
		.looks = true,
		.arg = { { "topic", ARG_TOPIC, ARG_OPTIONAL, .standard = "all commands",
			   .text = "what to explain" },
			 { "name", ARG_TOPIC, ARG_OPTIONAL,
			   .text = "which one, when topic is a kind" } },
		.exec = help_exec,
		.show = text_show,
	},
	{
		.name = "set",
		.group = "shell",
		.summary = "show or change a setting of the shell",
		.detail = "Without NAME lists all with their values and meanings.",
		.example = "set\nset timeout 30s\nset echo lua",
		.returns = "string|table",
		.arg = { { "name", ARG_SETTING, ARG_OPTIONAL, .standard = "all",
			   .text = "which setting" },
			 { "value", ARG_TEXT, ARG_OPTIONAL,
			   .text = "what it is set to" } },
		.exec = set_exec,
		.show = set_show,
	},
	{
		.name = "hosts",
		.group = "shell",
		.summary = "list the hosts that sockets can be made on",
		.detail =
			"A host is a TCP/IP stack. This machine's own is called here. In Lua each is a table with name,\n"
			"address and, in a lab with ipv6=yes, address6.",
		.example = "hosts",
		.returns = "table[]",
		.looks = true,
		.exec = hosts_exec,
		.show = hosts_show,
	},
	{
		.name = "quit",
		.group = "shell",
		.usage = "[STATUS]",
		.summary = "end the shell and close its sockets",
		.detail =
			"Ctrl-D on an empty line does the same. Connections close as the kernel does it\n"
			"at the end of a process: FIN, or RST where bytes are unread.",
		.example = "quit",
		.returns = "nil",
		.looks = true,
		.arg = { { "status", ARG_INT, ARG_OPTIONAL, NULL, 0, 255,
			   "1 when a command failed, else 0", "the exit status" } },
		.exec = quit_exec,
	},
	{ .name = NULL },
};
