/* doc_text.c - texts about arguments, and texts broken into lines. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/doc_parts.h"
#include "cmd/socks.h"

void doc_flow(struct buf *out, const char *text, size_t at, size_t indent)
{
	size_t column = at, len;
	bool first = true; /* no word stands on the line yet */

	while (*text) {
		const char *end = strchrnul(text, '\n');

		if (*text == ' ' || text == end) {
			if (!first)
				buf_addc(out, '\n');
			if (text != end) {
				buf_pad(out, out->len + indent - (first ? column : 0),
					' ');
				buf_add(out, text, (size_t)(end - text));
			}
			buf_addc(out, '\n');
			first = true;
			column = 0;
			text = end;
		}
		while (text < end) {
			len = strcspn(text, " \n");
			if (!first && column + 1 + len > DOC_WIDTH) {
				buf_addc(out, '\n');
				first = true;
				column = 0;
			}
			if (first && column < indent) {
				buf_pad(out, out->len + indent - column, ' ');
				column = indent;
			} else if (!first) {
				buf_addc(out, ' ');
				column++;
			}
			buf_add(out, text, len);
			column += len;
			first = false;
			text += len;
			text += strspn(text, " ");
		}
		text = *end ? end + 1 : end;
	}
	if (!first)
		buf_addc(out, '\n');
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
	[ARG_ENDPOINT] = "ADDR:PORT, NAME:PORT or PORT",
	[ARG_SIZE] = "bytes: 1024, 64k, 1M",
	[ARG_DURATION] = "a time: 2, 50ms, 2m, off",
	[ARG_BOOL] = "yes or no",
	[ARG_DATA] = "any bytes",
	[ARG_TEXT] = "text",
	[ARG_PATH] = "a file's name",
	[ARG_TOPIC] = "a word",
	[ARG_OPTION] = "a socket option's name",
	[ARG_SETTING] = "a setting's name",
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
	if (arg->flags & ARG_MANY)
		buf_adds(out, ", one or more");
}

void doc_takes_default(const struct arg *arg, struct buf *out)
{
	doc_takes(arg, out);
	if (arg->standard)
		buf_addf(out, "; default: %s", arg->standard);
	else if (arg->flags & ARG_DEFAULTS)
		buf_adds(out, "; default: the only one");
}

bool doc_is_sock(const struct arg *arg)
{
	return arg->name && (arg->type == ARG_SOCK || arg->type == ARG_LISTENER ||
			     arg->type == ARG_STREAM);
}

/* One word of a line, as it stands there: blanks inside of quotes belong to it. */
static size_t word_len(const char *p)
{
	size_t n = 0;
	char quote = 0;

	for (; p[n] && (quote || p[n] != ' '); n++) {
		if (quote == '"' && p[n] == '\\' && p[n + 1])
			n++;
		else if (quote && p[n] == quote)
			quote = 0;
		else if (!quote && (p[n] == '"' || p[n] == '\''))
			quote = p[n];
	}
	return n;
}

/* A word as a Lua value of the argument's type. */
static void lua_value(const struct arg *arg, const char *word, size_t len,
		      struct buf *out)
{
	bool digits = strspn(word, "0123456789") == len;
	bool number = digits || (strspn(word, "0123456789.") == len && *word != '.');
	char text[SOCK_NAME_MAX] = "";

	if (len < sizeof(text))
		snprintf(text, sizeof(text), "%.*s", (int)len, word);
	if (arg->type == ARG_BOOL)
		buf_adds(out, strcmp(text, "yes") == 0 ? "true" : "false");
	else if (*word == '"' || *word == '\'' ||
		 (doc_is_sock(arg) && sock_is_name(text)) ||
		 (digits && (arg->type == ARG_INT || arg->type == ARG_ENDPOINT ||
			     arg->type == ARG_SIZE || arg->type == ARG_WORD_OR_SIZE)) ||
		 (number && arg->type == ARG_DURATION))
		buf_add(out, word, len);
	else
		buf_addf(out, "\"%.*s\"", (int)len, word);
}

bool doc_lua_form(const struct cmd *cmd, const char *line, bool method, struct buf *out)
{
	struct buf options = BUF_EMPTY;
	const struct arg *arg = cmd->arg;
	const char *p = line, *sep = "";
	size_t len = strlen(cmd->name), n;
	int i;

	if (strncmp(p, cmd->name, len) != 0 || (p[len] && p[len] != ' '))
		return false;
	p += len;
	p += strspn(p, " ");
	if (method) {
		n = word_len(p);
		if (!doc_is_sock(arg) || n == 0)
			return false;
		buf_addf(out, "%.*s:", (int)n, p);
		p += n;
		arg++;
	}
	buf_addf(out, "%s(", cmd->name);
	for (p += strspn(p, " "); *p; p += n, p += strspn(p, " ")) {
		n = word_len(p);
		i = cmd_option_index(cmd, p, strcspn(p, "= "));
		if (p[strcspn(p, "= ")] == '=' && i >= 0) {
			len = strcspn(p, "=") + 1;
			buf_addf(&options, "%s%s = ", options.len ? ", " : "",
				 cmd->option[i].name);
			lua_value(&cmd->option[i], p + len, n - len, &options);
			continue;
		}
		buf_adds(out, sep);
		if (arg->name)
			lua_value(arg, p, n, out);
		else
			buf_add(out, p, n);
		if (arg->name && !(arg->flags & ARG_MANY))
			arg++;
		sep = ", ";
	}
	if (options.len)
		buf_addf(out, "%s{%s}", sep, buf_str(&options));
	buf_addc(out, ')');
	buf_clear(&options);
	return true;
}

char *doc_last_use(const struct cmd *cmd)
{
	size_t len = strlen(cmd->name);
	const char *line = cmd->example ? cmd->example : "", *found = "", *end;

	for (; *line; line = *end ? end + 1 : end) {
		end = strchrnul(line, '\n');
		if (strncmp(line, cmd->name, len) == 0 &&
		    (line[len] == ' ' || line + len == end))
			found = line;
	}
	return xstrndup(found, strcspn(found, "\n"));
}
