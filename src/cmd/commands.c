/* commands.c - the table of all commands, and what can be read off a row. */
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/rows.h"

#define COMMANDS_MAX 64

/* Written once at start-up, before anything runs. */
static const struct cmd *table[COMMANDS_MAX + 1];
static size_t count;

void commands_add(const struct cmd *rows)
{
	for (; rows->name; rows++) {
		if (count == COMMANDS_MAX)
			abort();
		table[count++] = rows;
	}
}

const struct cmd *const *commands(void)
{
	if (count == 0) {
		commands_add(rows_listen);
		commands_add(rows_connect);
		commands_add(rows_send);
		commands_add(rows_recv);
		commands_add(rows_end);
		commands_add(rows_option);
		commands_add(rows_sysctl);
		commands_add(rows_state);
		commands_add(rows_lab);
		commands_add(rows_wire);
		commands_add(rows_fault);
		commands_add(rows_inject);
		commands_add(rows_trace);
		commands_add(rows_events);
		commands_add(rows_load);
		commands_add(rows_history);
		commands_add(rows_walkthrough);
		commands_add(rows_shell);
	}
	return table;
}

const struct cmd *command_find(const char *name)
{
	const struct cmd *const *c;

	for (c = commands(); *c; c++)
		if (strcmp((*c)->name, name) == 0)
			return *c;
	return NULL;
}

int cmd_option_index(const struct cmd *cmd, const char *name, size_t len)
{
	int i;

	for (i = 0; cmd->option[i].name; i++)
		if (strlen(cmd->option[i].name) == len &&
		    memcmp(cmd->option[i].name, name, len) == 0)
			return i;
	return -1;
}

/* "send|recv|both", "yes|no", "N", "PATH": what a person types for the argument. */
static void value_usage(const struct arg *arg, struct buf *out)
{
	const char *p;

	switch (arg->type) {
	case ARG_BOOL:
		buf_adds(out, "yes|no");
		break;
	case ARG_WORD:
		for (p = arg->words; *p; p++)
			buf_addc(out, *p == ' ' ? '|' : *p);
		break;
	case ARG_INT:
	case ARG_SIZE:
		buf_addc(out, 'N');
		break;
	case ARG_DURATION:
		buf_adds(out, "TIME");
		break;
	case ARG_ENDPOINT:
		buf_adds(out, "ADDR:PORT");
		break;
	default:
		for (p = arg->name; *p; p++)
			buf_addc(out, (char)(*p >= 'a' && *p <= 'z' ? *p - 32 : *p));
	}
}

void cmd_usage(const struct cmd *cmd, struct buf *out)
{
	const struct arg *a;

	buf_adds(out, cmd->name);
	if (cmd->usage)
		buf_addf(out, "%s%s", *cmd->usage ? " " : "", cmd->usage);
	for (a = cmd->arg; a->name && !cmd->usage; a++) {
		bool may_miss = a->flags & (ARG_OPTIONAL | ARG_DEFAULTS);

		buf_adds(out, may_miss ? " [" : " ");
		value_usage(a, out);
		buf_addf(out, "%s%s", a->flags & ARG_MANY ? "..." : "",
			 may_miss ? "]" : "");
	}
	for (a = cmd->option; a->name; a++) {
		buf_addf(out, " [%s=", a->name);
		value_usage(a, out);
		buf_addc(out, ']');
	}
}
