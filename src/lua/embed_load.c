/* embed_load.c - the Lua files of scripts/lib, for require; `check` is a global too. */
#include <string.h>

#include "lua/embed.h"
#include "lua/state.h"

static const struct embed *find(const char *name)
{
	const struct embed *e;

	for (e = embed_files; e->name; e++)
		if (strcmp(e->name, name) == 0)
			return e;
	return NULL;
}

/* Pushes what only the modules inside the program may do. */
static void private_push(lua_State *L)
{
	lua_newtable(L);
	luaL_setfuncs(L, private_scenario, 0);
	luaL_setfuncs(L, private_runner, 0);
}

/* A loader as require calls it. The file gets the metatable of our errors, the shell, and these. */
static int load(lua_State *L)
{
	const struct embed *e = find(luaL_checkstring(L, 1));

	lua_pushfstring(L, "=%s.lua", e->name);
	if (luaL_loadbufferx(L, e->data, e->len, lua_tostring(L, -1), "t") != LUA_OK)
		return lua_error(L);
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
		lua_pushcfunction(L, load);
		lua_setfield(L, -2, e->name);
	}
	lua_pop(L, 1);
}

void embed_require(lua_State *L, const char *name)
{
	luaL_requiref(L, name, load, 0);
}

bool embed_push_global(lua_State *L, const char *name)
{
	if (strcmp(name, "check") != 0)
		return false;
	embed_require(L, name);
	return true;
}
