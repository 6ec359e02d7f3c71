/* doc_text.c - texts about arguments, and texts broken into lines. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cmd/doc_parts.h"
#include "cmd/lang.h"
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

static void flow_word(struct flow *f, const char *word, size_t len, bool blank)
{
	struct buf text = BUF_EMPTY;
	size_t width;

	buf_add(&text, word, len);
	width = text_width(buf_str(&text));
	buf_clear(&text);
	if (f->open && f->column + blank + width > DOC_WIDTH)
		flow_newline(f);
	if (f->open && blank) {
		buf_addc(f->out, ' ');
		f->column++;
	} else if (!f->open && f->later) {
		buf_pad(f->out, f->out->len + f->indent, ' ');
		f->column = f->indent;
	}
	buf_add(f->out, word, len);
	f->column += width;
	f->open = true;
}

static unsigned int char_at(const char *p, size_t *len)
{
	unsigned int c = 0;

	*len = utf8_decode(p, strlen(p), &c);
	if (*len == 0)
		*len = 1;
	return c;
}

/* Chinese characters and their punctuation: lines may end between them. */
static bool is_wide(unsigned int c)
{
	return (c >= 0x2e80 && c < 0xa4d0) || (c >= 0xf900 && c < 0xfb00) ||
	       (c >= 0xfe30 && c < 0xfe50) || (c >= 0xff00 && c < 0xff61);
}

static bool among(unsigned int c, const char *list)
{
	size_t len;

	for (; *list; list += len)
		if (char_at(list, &len) == c)
			return true;
	return false;
}

/* The length of what may not be broken: a word, or a Chinese character with its punctuation. */
static size_t flow_unit(const char *text)
{
	size_t at = 0, len;
	unsigned int c = char_at(text, &len);

	while (among(c, "（《“‘")) {
		at += len;
		c = char_at(text + at, &len);
	}
	if (is_wide(c)) {
		at += len;
		c = char_at(text + at, &len);
	} else {
		while (text[at] && text[at] != ' ' && text[at] != '\n' && !is_wide(c)) {
			at += len;
			c = char_at(text + at, &len);
		}
	}
	while (text[at] && among(c, "，。、；：！？）》”’…")) {
		at += len;
		c = char_at(text + at, &len);
	}
	return at;
}

/* The end of a line is a blank, but not beside Chinese punctuation or between two characters. */
static bool line_end_is_blank(const char *before, const char *after)
{
	static const char stops[] = "，。、；：！？）》（《";
	size_t len;
	unsigned int a = char_at(before, &len), b = char_at(after, &len);

	return !among(a, stops) && !among(b, stops) && !(is_wide(a) && is_wide(b));
}

/* The beginning of the character that ends before text. */
static const char *char_before(const char *text)
{
	do
		text--;
	while ((*text & 0xc0) == 0x80);
	return text;
}

void doc_flow(struct buf *out, const char *text, size_t at, size_t indent)
{
	struct flow f = { .out = out, .column = at, .indent = indent };
	const char *end, *last = NULL;
	bool blank;
	size_t len;

	for (; *text; text = *end ? end + 1 : end) {
		end = strchrnul(text, '\n');
		if (*text == ' ' || text == end) {
			if (f.open)
				flow_newline(&f);
			if (text != end)
				flow_word(&f, text, (size_t)(end - text), false);
			flow_newline(&f);
			continue;
		}
		blank = last && line_end_is_blank(last, text);
		while (text < end) {
			len = flow_unit(text);
			flow_word(&f, text, len, blank);
			text += len;
			last = char_before(text);
			blank = *text == ' ';
			text += strspn(text, " ");
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
static void words_or(const char *lang, const char *words, struct buf *out)
{
	const char *last = strrchr(words, ' '), *p;

	for (p = words; *p; p++)
		if (*p == ' ')
			buf_addf(out, p == last ? " %s " : "%s",
				 lang_phrase(lang, p == last ? "or" : ", "));
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
	[ARG_END] = "text, in Lua also a socket",
	[ARG_NOTATION] = "text",
	[ARG_PATH] = "a file's name",
	[ARG_TOPIC] = "a word",
	[ARG_OPTION] = "a socket option's name",
	[ARG_SETTING] = "a setting's name",
	[ARG_SYSCTL] = "a name such as tcp_ecn",
	[ARG_TABLE] = "text, in Lua also a table",
	[ARG_WHEN] = "words, or a function",
	[ARG_LUA] = "a Lua value",
};

void doc_takes(const char *lang, const struct arg *arg, struct buf *out)
{
	switch (arg->type) {
	case ARG_INT:
		buf_addf(out, "%ld %s %ld", arg->min, lang_phrase(lang, "to"), arg->max);
		break;
	case ARG_WORD_OR_SIZE:
		buf_adds(out, lang_phrase(lang, "a count, "));
		words_or(lang, arg->words, out);
		break;
	case ARG_WORD:
		words_or(lang, arg->words, out);
		break;
	default:
		buf_adds(out, lang_phrase(lang, takes[arg->type]));
	}
}

void doc_takes_default(const char *lang, const struct arg *arg, struct buf *out)
{
	const char *standard = arg->standard;

	doc_takes(lang, arg, out);
	if (!standard && arg->flags & ARG_DEFAULTS)
		standard = "the only one";
	if (standard)
		buf_addf(out, "%s%s", lang_phrase(lang, "; default: "),
			 lang_phrase(lang, standard));
}

void doc_returns(const char *lang, const char *type, struct buf *out)
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
			buf_adds(out, lang_phrase(lang, known[i].words));
		else
			buf_add(out, type, len);
		if (type[len] == '?')
			buf_adds(out, lang_phrase(lang, " or nil"));
		type += len;
		/* "any, error?" are two. */
		sep = type[strspn(type, "?")] == ',' ? ", " : " or ";
		sep = lang_phrase(lang, sep);
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
