/*
 * line.c - a typed line: a command with words, or Lua.
 *
 * A line is a command when its first word is one and the next character is none of ( = . : ,
 * (these make it Lua: `recv(c1)`, `state = 3`). NAME = and an OBJECT may stand before the
 * command. Words are separated by blanks; "..." knows Lua's escapes, '...' none; name=value
 * is an option when the row declares the name and the name is not quoted. A segment's notation has
 * quotes of its own, around DATA: behind its first word they stay; 'P. 1:3(2) "hi"' is all of it.
 */
#include "cmd/line.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/quote.h"
#include "base/text.h"
#include "cmd/socks.h"

bool lua_is_keyword(const char *word)
{
	static const char *const words[] = {
		"and",	    "break",  "do",   "else", "elseif", "end",	 "false", "for",
		"function", "goto",   "if",   "in",   "local",	"nil",	 "not",	  "or",
		"repeat",   "return", "then", "true", "until",	"while", NULL
	};

	return text_index(word, words) >= 0;
}

bool lua_is_name(const char *word)
{
	if (!isalpha((unsigned char)*word) && *word != '_')
		return false;
	while (isalnum((unsigned char)*word) || *word == '_')
		word++;
	return *word == '\0';
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

static const char *skip_blanks(const char *p, const char *end)
{
	while (p < end && is_blank(*p))
		p++;
	return p;
}

/* The identifier at p into name; its length, 0 when there is none or it is too long. */
static size_t identifier(const char *p, const char *end, char name[LINE_NAME_MAX])
{
	size_t n = 0;

	while (p + n < end && (isalnum((unsigned char)p[n]) || p[n] == '_'))
		n++;
	if (n == 0 || n >= LINE_NAME_MAX || isdigit((unsigned char)*p))
		return 0;
	memcpy(name, p, n);
	name[n] = '\0';
	return n;
}

/* The same, or the name of a socket with its host: client.c1. */
static size_t object_name(const char *p, const char *end, char name[LINE_NAME_MAX])
{
	char rest[LINE_NAME_MAX];
	size_t n = identifier(p, end, name), more;

	if (n == 0 || p + n >= end || p[n] != '.')
		return n;
	more = identifier(p + n + 1, end, rest);
	if (!sock_is_name(rest) || n + more + 2 > LINE_NAME_MAX)
		return n;
	name[n] = '.';
	memcpy(name + n + 1, rest, more + 1);
	return n + 1 + more;
}

/* What follows a word decides whether it can be a command's or an object's. */
static bool stands_alone(const char *after, const char *end)
{
	if (after == end)
		return true;
	if (!is_blank(*after))
		return false;
	after = skip_blanks(after, end);
	if (after == end)
		return true;
	/* `state = 3` and `state == x` are Lua, `recv (c1)` too. */
	return *after != '=' && *after != '(';
}

/* [OBJECT] COMMAND at p: fills the line and returns where the words begin, NULL for Lua. */
static const char *head(struct line *line, const char *p, const char *end)
{
	char name[LINE_NAME_MAX], second[LINE_NAME_MAX];
	size_t n = object_name(p, end, name);
	const char *next;

	if (n == 0 || !stands_alone(p + n, end) || lua_is_keyword(name))
		return NULL;
	next = skip_blanks(p + n, end);
	line->cmd = command_find(name);
	if (line->cmd)
		return p + n;
	n = identifier(next, end, second);
	if (n == 0 || !stands_alone(next + n, end))
		return NULL;
	line->cmd = command_find(second);
	if (!line->cmd)
		return NULL;
	memcpy(line->object, name, sizeof(name));
	return next + n;
}

static const struct arg *option_of(const struct cmd *cmd, const char *p, const char *end)
{
	size_t n = 0;
	int i;

	while (p + n < end && (isalnum((unsigned char)p[n]) || p[n] == '_'))
		n++;
	if (n == 0 || p + n == end || p[n] != '=')
		return NULL;
	i = cmd_option_index(cmd, p, n);
	return i < 0 ? NULL : &cmd->option[i];
}

/* continue until function(seg) ... end */
static bool is_function(const struct cmd *cmd, const char *p, const char *end)
{
	static const char word[] = "function";
	size_t n = sizeof(word) - 1;

	return cmd->arg[0].type == ARG_WHEN && (size_t)(end - p) > n &&
	       memcmp(p, word, n) == 0 && (p[n] == '(' || is_blank(p[n]));
}

static bool keeps_quotes(const struct line *line)
{
	size_t i = 0;

	while (i < line->words && line->word[i].option)
		i++;
	return line->cmd->arg[0].type == ARG_NOTATION && i < line->words;
}

static bool has_option(const struct line *line, const struct arg *option)
{
	size_t i = 0;

	while (i < line->words && line->word[i].option != option)
		i++;
	return i < line->words;
}

static const char *word(struct line *line, const char *p, const char *end,
			struct err *err)
{
	struct line_word w = { .option = option_of(line->cmd, p, end) };
	struct buf text = BUF_EMPTY, quote = BUF_EMPTY;
	bool keep = !w.option && keeps_quotes(line);

	if (w.option && has_option(line, w.option)) {
		err_set(err, "usage", "%s= is given twice", w.option->name);
		return NULL;
	}
	if (w.option)
		p += strlen(w.option->name) + 1;
	w.lua = is_function(line->cmd, p, end);
	if (w.lua) {
		buf_add(&text, p, (size_t)(end - p));
		p = end;
	}
	while (p && p < end && !is_blank(*p)) {
		if (*p == '"' || *p == '\'') {
			const char *at = p;

			w.quoted = true;
			p = quote_read(p, end, keep ? &quote : &text, err);
			if (p && keep)
				buf_add(&text, at, (size_t)(p - at));
		} else {
			buf_addc(&text, *p++);
		}
	}
	buf_clear(&quote);
	w.len = text.len;
	w.data = text.data ? text.data : xstrdup("");
	/* Full whenever the count is a power of two, or 0. */
	if ((line->words & (line->words - 1)) == 0)
		line->word = xrealloc(line->word, (line->words * 2 + 1) * sizeof(w));
	line->word[line->words++] = w;
	return p;
}

int line_parse(struct line *line, const char *text, size_t len, struct err *err)
{
	const char *p = text, *end = text + len, *after, *eq;
	size_t n;

	*line = (struct line){ .kind = LINE_LUA };
	p = skip_blanks(p, end);
	if (p == end) {
		line->kind = LINE_EMPTY;
		return 0;
	}
	n = identifier(p, end, line->name);
	eq = skip_blanks(p + n, end);
	after = NULL;
	if (n > 0 && eq + 1 < end && *eq == '=' && eq[1] != '=' &&
	    !lua_is_keyword(line->name))
		after = head(line, skip_blanks(eq + 1, end), end);
	if (!after) {
		line->name[0] = '\0';
		after = head(line, p, end);
	}
	if (!after)
		return 0;
	line->kind = LINE_COMMAND;
	if (memchr(text, 0, len))
		return err_set(err, "usage",
			       "%s: the line has a NUL byte in it; write it as \\x00",
			       line->cmd->name);
	for (p = skip_blanks(after, end); p < end; p = skip_blanks(p, end)) {
		struct err why;

		if (line->words == LINE_WORDS_MAX) {
			err_set(err, "usage", "%s: the line has more than %d words",
				line->cmd->name, LINE_WORDS_MAX);
			err_hint(err, "Text of many words is one word in quotes.");
			return -EINVAL;
		}
		p = word(line, p, end, &why);
		if (p)
			continue;
		err_set(err, "usage", "%s: %s", line->cmd->name, why.message);
		err_hint(err, "%s", why.hint);
		return -EINVAL;
	}
	if (line->words > 0) {
		struct line_word *last = &line->word[line->words - 1];

		if (!last->quoted && !last->option && strcmp(last->data, "&") == 0) {
			line->background = true;
			free(last->data);
			line->words--;
		}
	}
	return 0;
}

void line_clear(struct line *line)
{
	size_t i;

	for (i = 0; i < line->words; i++)
		free(line->word[i].data);
	free(line->word);
	*line = (struct line){ 0 };
}

static bool wants_sock(const struct arg *arg)
{
	return arg->name && (arg->type == ARG_SOCK || arg->type == ARG_LISTENER ||
			     arg->type == ARG_STREAM);
}

/* `send hello`, with one connection: the socket stands neither before the command nor first. */
static bool sock_left_out(const struct line *line, const struct line_word *first,
			  line_object_fn *is_object, void *arg)
{
	const struct arg *args = line->cmd->arg;

	if (!first || !wants_sock(&args[0]) || !args[1].name)
		return false;
	return first->quoted ||
	       (!sock_is_name(first->data) && !is_object(arg, first->data));
}

int line_arg_index(const struct line *line, size_t i, line_object_fn *is_object,
		   void *arg)
{
	const struct arg *args = line->cmd->arg;
	const struct line_word *first = NULL;
	int n = 0, at = 0;
	size_t k;

	for (k = 0; k < line->words; k++) {
		if (line->word[k].option)
			continue;
		first = first ? first : &line->word[k];
		at += k < i;
	}
	/* A host before the command is no argument of it. */
	if (*line->object && is_object(arg, line->object))
		at++;
	else
		at += sock_left_out(line, first, is_object, arg);
	while (n < CMD_ARGS && args[n].name)
		n++;
	if (at < n)
		return at;
	return n > 0 && (args[n - 1].flags & ARG_MANY) ? n - 1 : -1;
}

static bool all_digits(const struct line_word *w)
{
	return !w->quoted && w->len > 0 && w->len < 16 &&
	       strspn(w->data, "0123456789") == w->len &&
	       (w->len == 1 || *w->data != '0');
}

/* Arguments whose text stays a string in Lua, whatever it looks like. */
static bool stays_text(const struct arg *arg)
{
	return arg &&
	       (arg->type == ARG_DATA || arg->type == ARG_TEXT || arg->type == ARG_END ||
		arg->type == ARG_NOTATION || arg->type == ARG_PATH);
}

static void word_to_lua(const struct line_word *w, const struct arg *arg, bool object,
			struct buf *out)
{
	bool yes = strcmp(w->data, "yes") == 0;

	if (object || w->lua || (all_digits(w) && !stays_text(arg)))
		buf_adds(out, w->data);
	else if (arg && arg->type == ARG_BOOL && (yes || strcmp(w->data, "no") == 0))
		buf_adds(out, yes ? "true" : "false");
	else
		text_quote(out, w->data, w->len, true);
}

void line_head_to_lua(const struct line *line, struct buf *out)
{
	if (*line->object)
		buf_addf(out, "%s:", line->object);
	if (line->cmd->lua && !*line->object)
		buf_adds(out, line->cmd->lua);
	else
		buf_adds(out, line->cmd->name);
}

void line_word_to_lua(const struct line *line, size_t i, line_object_fn *is_object,
		      void *arg, struct buf *out)
{
	const struct line_word *w = &line->word[i];
	const struct arg *row = w->option;
	int at;

	if (!row) {
		at = line_arg_index(line, i, is_object, arg);
		row = at < 0 ? NULL : &line->cmd->arg[at];
	}
	word_to_lua(w, row,
		    !w->option && !w->quoted && row &&
			    (wants_sock(row) || row->type == ARG_LUA) &&
			    is_object(arg, w->data),
		    out);
}

void line_to_lua(const struct line *line, line_object_fn *is_object, void *arg,
		 struct buf *out)
{
	size_t i, n = 0, options = 0;

	if (*line->name)
		buf_addf(out, "%s = ", line->name);
	line_head_to_lua(line, out);
	buf_addc(out, '(');
	for (i = 0; i < line->words; i++) {
		if (line->word[i].option)
			continue;
		buf_adds(out, n++ ? ", " : "");
		line_word_to_lua(line, i, is_object, arg, out);
	}
	for (i = 0; i < line->words; i++) {
		const struct line_word *w = &line->word[i];

		if (!w->option)
			continue;
		buf_addf(out, "%s%s = ",
			 options++ ? ", "
			 : n	   ? ", {"
				   : "{",
			 w->option->name);
		line_word_to_lua(line, i, is_object, arg, out);
	}
	buf_adds(out, options ? "})" : ")");
}
