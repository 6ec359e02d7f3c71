/* line.c - fuzz target: any text as a typed line. What is a command is Lua too, once written so. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <lauxlib.h>

#include "cmd/line.h"
#include "cmd/socks.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void must(int truth)
{
	if (!truth)
		abort();
}

static bool is_object(void *unused, const char *name)
{
	(void)unused;
	return sock_is_name(name) || strcmp(name, "server") == 0;
}

static void lua_compiles(const struct line *line)
{
	lua_State *L = luaL_newstate();
	struct buf text = BUF_EMPTY;

	must(L != NULL);
	line_to_lua(line, is_object, NULL, &text);
	must(luaL_loadbufferx(L, text.data, text.len, "=line", "t") == LUA_OK);
	buf_clear(&text);
	lua_close(L);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const char *text = (const char *)data;
	struct err err = { .num = 0 };
	struct line line;
	bool lua = false;
	size_t i;

	if (line_parse(&line, text, len, &err) < 0) {
		must(line.kind == LINE_COMMAND && err.message[0] != '\0');
	} else if (line.kind == LINE_COMMAND) {
		for (i = 0; i < line.words; i++) {
			must(line_arg_index(&line, i, is_object, NULL) < CMD_ARGS);
			lua = lua || line.word[i].lua;
		}
		/* A function that was typed is as right as it was typed. */
		if (!lua)
			lua_compiles(&line);
	} else {
		must(line.words == 0);
	}
	line_clear(&line);
	return 0;
}
