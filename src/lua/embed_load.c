/*
 * embed_load.c - the Lua files of scripts/lib, for require; `check` is a global too.
 *
 * They are named tcpstep.check and so on: a user's own module may be called check or words. Their
 * globals are those that the program began with: a user's variable may be called state or next.
 */
#include <stdio.h>
#include <string.h>

#include "lua/embed.h"
#include "lua/task.h"

#define PREFIX "tcpstep."

/* Where the table of their globals stands in the registry. */
static const char globals_key;

/* By its full name; NULL. */
static const struct embed *find(const char *name)
{
	const struct embed *e;

	if (strncmp(name, PREFIX, strlen(PREFIX)) != 0)
		return NULL;
	for (e = embed_files; e->name; e++)
		if (strcmp(e->name, name + strlen(PREFIX)) == 0)
			return e;
	return NULL;
}

bool embed_is_own(const char *source)
{
	size_t n = strlen(source), end = strlen(".lua");
	const struct embed *e;

	if (*source != '=' || n < 1 + end || strcmp(source + n - end, ".lua") != 0)
		return false;
	for (e = embed_files; e->name; e++)
		if (strlen(e->name) == n - 1 - end &&
		    strncmp(e->name, source + 1, n - 1 - end) == 0)
			return true;
	return false;
}

/* Pushes what only the modules inside the program may do. */
static void private_push(lua_State *L)
{
	lua_newtable(L);
	luaL_setfuncs(L, private_scenario, 0);
	luaL_setfuncs(L, private_runner, 0);
	luaL_setfuncs(L, private_task, 0);
}

/* What is no global of theirs is looked up, and made, among the user's. */
static void keep_globals(lua_State *L)
{
	lua_newtable(L);
	lua_pushglobaltable(L);
	for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
		lua_pushvalue(L, -2);
		lua_pushvalue(L, -2);
		lua_rawset(L, -6);
	}
	lua_newtable(L);
	lua_insert(L, -2);
	lua_pushvalue(L, -1);
	lua_setfield(L, -3, "__index");
	lua_setfield(L, -2, "__newindex");
	lua_setmetatable(L, -2);
	lua_rawsetp(L, LUA_REGISTRYINDEX, &globals_key);
}

/*
 * A loader as require calls it, with the name. The file gets the metatable of our errors, the shell,
 * and what only modules may do.
 */
static int load(lua_State *L)
{
	const struct embed *e = find(luaL_checkstring(L, 1));

	if (!e)
		return luaL_error(L, "the program has no module %s", lua_tostring(L, 1));
	lua_pushfstring(L, "=%s.lua", e->name);
	if (luaL_loadbufferx(L, e->data, e->len, lua_tostring(L, -1), "t") != LUA_OK)
		return lua_error(L);
	lua_rawgetp(L, LUA_REGISTRYINDEX, &globals_key);
	lua_setupvalue(L, -2, 1);
	error_push_meta(L);
	shell_push(L);
	private_push(L);
	lua_call(L, 3, 1);
	return 1;
}

void embed_register(lua_State *L)
{
	const struct embed *e;

	luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
	for (e = embed_files; e->name; e++) {
		if (strchr(e->name, '/'))
			continue;
		lua_pushfstring(L, PREFIX "%s", e->name);
		lua_pushcfunction(L, load);
		lua_rawset(L, -3);
	}
	lua_pop(L, 1);
	keep_globals(L);
}

void embed_require(lua_State *L, const char *name)
{
	char full[64];

	snprintf(full, sizeof(full), PREFIX "%s", name);
	luaL_requiref(L, full, load, 0);
}

bool embed_push_global(lua_State *L, const char *name)
{
	if (strcmp(name, "check") != 0)
		return false;
	embed_require(L, name);
	return true;
}
