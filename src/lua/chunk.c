/* chunk.c - typed Lua: complete or not, and the unknown commands that pass for it. */
#include <string.h>

#include "base/text.h"
#include "cmd/line.h"
#include "lua/task.h"

/* Is the message on top that of a chunk that only wants more text? */
static bool is_incomplete(lua_State *L, int status)
{
	static const char mark[] = "<eof>";
	size_t len;
	const char *msg;

	if (status != LUA_ERRSYNTAX)
		return false;
	msg = lua_tolstring(L, -1, &len);
	return len >= sizeof(mark) - 1 &&
	       strcmp(msg + len - (sizeof(mark) - 1), mark) == 0;
}

/* The command whose name is most like the word; NULL. */
static const char *command_near(const char *word)
{
	const struct cmd *const *c;
	const char *names[100];
	size_t n = 0;

	for (c = commands(); *c && n < 99; c++)
		names[n++] = (*c)->name;
	names[n] = NULL;
	return text_nearest(word, names);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* The word at p, up to what is no part of one; its length. A socket's name may have its host's. */
static size_t word_read(const char *p, const char *end, char word[LINE_NAME_MAX])
{
	static const char ends[] = " \t\n\r=.:,([{\"'+-*/<>~%^#&|;";
	size_t n = 0, whole;

	while (p + n < end && n < LINE_NAME_MAX - 1 && !strchr(ends, p[n]))
		n++;
	for (whole = n; p + whole < end && whole < LINE_NAME_MAX - 1; whole++)
		if (p[whole] != '.' && strchr(ends, p[whole]))
			break;
	memcpy(word, p, whole);
	word[whole] = '\0';
	if (!sock_is_name(word))
		word[whole = n] = '\0';
	return whole;
}

/* Lua has no such words, and no command is called so. */
static bool is_foreign(const char *word)
{
	while (*word && (unsigned char)*word < 0x80)
		word++;
	return *word != '\0';
}

/*
 * A first word that is no command, then blanks and more, or nothing: somebody's typing error.
 * In an assignment the word behind NAME = is meant, unless more lines are to come; behind a host or a
 * socket the next one.
 */
static bool is_unknown_command(struct vm *vm, const char *text, size_t len,
			       enum chunk chunk, struct err *err)
{
	bool compiles = chunk == CHUNK_READY;
	const char *near, *end = text + len, *p = text;
	char word[LINE_NAME_MAX];
	bool known, object;

	while (p < end && is_blank(*p))
		p++;
	for (p += word_read(p, end, word); p < end && is_blank(*p); p++)
		;
	if ((!lua_is_name(word) && !sock_is_name(word) && !is_foreign(word)) ||
	    lua_is_keyword(word))
		return false;
	if (p < end && *p == ',')
		return false;
	if (p < end && *p == '=' && (p + 1 == end || p[1] != '='))
		return chunk == CHUNK_WRONG &&
		       is_unknown_command(vm, p + 1, (size_t)(end - p - 1), chunk, err);
	vm_global(vm->L, word);
	known = !lua_isnil(vm->L, -1);
	object = object_get(vm->L, -1) || task_get(vm->L, -1) || host_get(vm->L, -1);
	lua_pop(vm->L, 1);
	if (object && chunk == CHUNK_WRONG)
		return is_unknown_command(vm, p, (size_t)(end - p), chunk, err);
	/* `foo` alone compiles, as a global that there is not; unless the user's __index knows. */
	if (known || (compiles && (p < end || !object_rules_globals(vm->L))))
		return false;
	near = command_near(word);
	if (near) {
		err_set(err, "usage", "unknown command \"%s\"; did you mean \"%s\"?",
			word, near);
	} else {
		err_set(err, "usage", "unknown command \"%s\"", word);
		err_hint(err,
			 "help lists the commands; a line that is none is taken as Lua.");
	}
	return true;
}

/* Compiles BEFORE TEXT; the function or the message is on top. */
static int load(lua_State *L, const char *before, const char *text, size_t len)
{
	struct buf whole = BUF_EMPTY;
	int status;

	buf_adds(&whole, before);
	buf_add(&whole, text, len);
	status = luaL_loadbufferx(L, whole.data, whole.len, "=line", "t");
	buf_clear(&whole);
	return status;
}

bool chunk_is_unfinished(struct vm *vm, const char *text, size_t len)
{
	bool unfinished = is_incomplete(vm->L, load(vm->L, "return ", text, len));

	lua_pop(vm->L, 1);
	return unfinished;
}

enum chunk chunk_load(struct vm *vm, const char *text, size_t len, struct err *err)
{
	lua_State *L = vm->L;
	int status = load(L, "return ", text, len);
	bool incomplete = is_incomplete(L, status);
	enum chunk chunk;

	if (status != LUA_OK) {
		lua_pop(L, 1);
		status = load(L, "", text, len);
		incomplete = incomplete || is_incomplete(L, status);
	}
	chunk = status == LUA_OK ? CHUNK_READY
		: incomplete	 ? CHUNK_INCOMPLETE
				 : CHUNK_WRONG;
	if (is_unknown_command(vm, text, len, chunk, err)) {
		lua_pop(L, 1);
		return CHUNK_UNKNOWN;
	}
	return chunk;
}
