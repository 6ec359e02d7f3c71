/* doc_text.c - texts about arguments, and texts broken into lines. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/doc_parts.h"
#include "cmd/line.h"
#include "cmd/socks.h"

/* Where a text that is filled into lines stands. */
struct flow {
	struct buf *out;
	size_t column, indent;
	bool open;  /* a word stands on this line */
	bool later; /* not the first line */
};

static void flow_newline(struct flow *f)
{
	buf_addc(f->out, '\n');
	f->column = 0;
	f->open = false;
	f->later = true;
}

static void flow_word(struct flow *f, const char *word, size_t len)
{
	if (f->open && f->column + 1 + len > DOC_WIDTH)
		flow_newline(f);
	if (f->open) {
		buf_addc(f->out, ' ');
		f->column++;
	} else if (f->later) {
		buf_pad(f->out, f->out->len + f->indent, ' ');
		f->column = f->indent;
	}
	buf_add(f->out, word, len);
	f->column += len;
	f->open = true;
}

void doc_flow(struct buf *out, const char *text, size_t at, size_t indent)
{
	struct flow f = { .out = out, .column = at, .indent = indent };
	const char *end;
	size_t len;

	for (; *text; text = *end ? end + 1 : end) {
		end = strchrnul(text, '\n');
		if (*text == ' ' || text == end) {
			if (f.open)
				flow_newline(&f);
			if (text != end)
				flow_word(&f, text, (size_t)(end - text));
			flow_newline(&f);
			continue;
		}
		for (; text < end; text += len, text += strspn(text, " ")) {
			len = strcspn(text, " \n");
			flow_word(&f, text, len);
		}
	}
	if (f.open)
		flow_newline(&f);
}

void doc_words(const char *words, void (*fn)(void *arg, const char *word), void *arg)
{
	char *copy = xstrdup(words), *save = NULL, *word;

	for (word = strtok_r(copy, " ", &save); word; word = strtok_r(NULL, " ", &save))
		fn(arg, word);
	free(copy);
}

/* "send, recv or both". */
static void words_or(const char *words, struct buf *out)
{
	const char *last = strrchr(words, ' '), *p;

	for (p = words; *p; p++)
		if (*p == ' ')
			buf_adds(out, p == last ? " or " : ", ");
		else
			buf_addc(out, *p);
}

static const char *const takes[] = {
	[ARG_SOCK] = "a socket such as c1",
	[ARG_LISTENER] = "a listener such as l1",
	[ARG_STREAM] = "a connection such as c1",
	[ARG_ENDPOINT] = "address and port",
	[ARG_SIZE] = "a count of bytes such as 64k",
	[ARG_DURATION] = "a time",
	[ARG_BOOL] = "yes or no",
	[ARG_DATA] = "any bytes",
	[ARG_TEXT] = "text",
	[ARG_PATH] = "a file's name",
	[ARG_TOPIC] = "a word",
	[ARG_OPTION] = "a socket option's name",
	[ARG_SETTING] = "a setting's name",
	[ARG_TABLE] = "text, in Lua also a table",
	[ARG_LUA] = "a Lua value",
};

void doc_takes(const struct arg *arg, struct buf *out)
{
	switch (arg->type) {
	case ARG_INT:
		buf_addf(out, "%ld to %ld", arg->min, arg->max);
		break;
	case ARG_WORD_OR_SIZE:
		buf_adds(out, "a count of bytes, ");
		words_or(arg->words, out);
		break;
	case ARG_WORD:
		words_or(arg->words, out);
		break;
	default:
		buf_adds(out, takes[arg->type]);
	}
}

void doc_takes_default(const struct arg *arg, struct buf *out)
{
	doc_takes(arg, out);
	if (arg->standard)
		buf_addf(out, "; default: %s", arg->standard);
	else if (arg->flags & ARG_DEFAULTS)
		buf_adds(out, "; default: the only one");
}

void doc_returns(const char *type, struct buf *out)
{
	static const struct {
		const char *type, *words;
	} known[] = {
		{ "any", "a value" },
		{ "nil", "nothing" },
		{ "socket", "a socket" },
		{ "string", "a string" },
		{ "integer", "a number" },
		{ "table", "a table" },
		{ "boolean", "true or false" },
		{ "string[]", "a list of strings" },
		{ "table[]", "a list of tables" },
		{ "task", "a task" },
		{ "error", "an error" },
	};
	const char *sep = "";
	size_t len, i;

	if (!type)
		type = "nil";
	for (; *type; type += strspn(type, "|?, ")) {
		len = strcspn(type, "|?,");
		for (i = 0; i < sizeof(known) / sizeof(*known); i++)
			if (strncmp(known[i].type, type, len) == 0 && !known[i].type[len])
				break;
		buf_adds(out, sep);
		if (i < sizeof(known) / sizeof(*known))
			buf_adds(out, known[i].words);
		else
			buf_add(out, type, len);
		if (type[len] == '?')
			buf_adds(out, " or nil");
		type += len;
		/* "any, error?" are two. */
		sep = type[strspn(type, "?")] == ',' ? ", " : " or ";
	}
}

bool doc_is_sock(const struct arg *arg)
{
	return arg->name && (arg->type == ARG_SOCK || arg->type == ARG_LISTENER ||
			     arg->type == ARG_STREAM);
}

static bool is_sock_name(void *arg, const char *name)
{
	(void)arg;
	return sock_is_name(name);
}

/* Takes the line apart when it is one of this command. */
static bool line_uses(struct line *line, const struct cmd *cmd, const char *text,
		      size_t len)
{
	struct err err;

	if (line_parse(line, text, len, &err) == 0 && line->kind == LINE_COMMAND &&
	    line->cmd == cmd)
		return true;
	line_clear(line);
	return false;
}

/* `recv c1 line` as `c1 recv line`; false where no socket is named first. */
static bool line_object_first(struct line *line)
{
	struct line_word *w = line->word;

	if (*line->object)
		return true;
	if (line->words == 0 || w->option || w->quoted || !doc_is_sock(line->cmd->arg) ||
	    !sock_is_name(w->data))
		return false;
	snprintf(line->object, sizeof(line->object), "%s", w->data);
	free(w->data);
	line->words--;
	memmove(w, w + 1, line->words * sizeof(*w));
	return true;
}

bool doc_lua_form(const struct cmd *cmd, bool method, struct buf *out)
{
	const char *text = cmd->example ? cmd->example : "", *end, *found = NULL;
	struct line line;
	bool done;

	for (; *text; text = *end ? end + 1 : end) {
		end = strchrnul(text, '\n');
		if (line_uses(&line, cmd, text, (size_t)(end - text))) {
			found = text;
			line_clear(&line);
		}
	}
	if (!found || !line_uses(&line, cmd, found, strcspn(found, "\n")))
		return false;
	done = !method || line_object_first(&line);
	if (done)
		line_to_lua(&line, is_sock_name, NULL, out);
	line_clear(&line);
	return done;
}
