/* error.c - errors as Lua objects: code, op, message, hint, where, bytes. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lua/state.h"

#define ERROR_META "tcpstep.error"

static int error_tostring(lua_State *L)
{
	lua_getfield(L, 1, "where");
	lua_getfield(L, 1, "message");
	if (lua_isstring(L, -2) && lua_rawlen(L, -2) > 0) {
		lua_pushfstring(L, "%s: %s", lua_tostring(L, -2), lua_tostring(L, -1));
		return 1;
	}
	luaL_tolstring(L, -1, NULL);
	return 1;
}

/* The user's line that made the call: "client.lua:3", without the colon and blank. */
static void push_where(lua_State *L)
{
	lua_Debug ar;
	int level;

	for (level = 0; lua_getstack(L, level, &ar); level++) {
		lua_getinfo(L, "Sl", &ar);
		if (ar.currentline > 0 && !embed_is_own(ar.source)) {
			/* The line that is being typed needs no place. */
			if (strcmp(ar.source, "=line") == 0 && ar.currentline == 1)
				break;
			lua_pushfstring(L, "%s:%d", ar.short_src, ar.currentline);
			return;
		}
	}
	lua_pushliteral(L, "");
}

static void set_text(lua_State *L, const char *key, const char *text)
{
	lua_pushstring(L, text);
	lua_setfield(L, -2, key);
}

int error_raise(lua_State *L, const struct err *err, const char *op, long long bytes)
{
	lua_createtable(L, 0, 6);
	set_text(L, "code", err->code);
	set_text(L, "op", op ? op : "");
	set_text(L, "message", err->message);
	set_text(L, "hint", err->hint);
	if (bytes >= 0) {
		lua_pushinteger(L, bytes);
		lua_setfield(L, -2, "bytes");
	}
	push_where(L);
	lua_setfield(L, -2, "where");
	luaL_setmetatable(L, ERROR_META);
	return lua_error(L);
}

int error_usage(lua_State *L, const char *op, const char *fmt, ...)
{
	struct err err;
	char why[200];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	err_set(&err, "usage", "%s: %s", op, why);
	return error_raise(L, &err, op, -1);
}

void error_push_meta(lua_State *L)
{
	luaL_getmetatable(L, ERROR_META);
}

bool error_is(lua_State *L, int index)
{
	bool is;

	if (lua_type(L, index) != LUA_TTABLE || !lua_getmetatable(L, index))
		return false;
	error_push_meta(L);
	is = lua_rawequal(L, -1, -2);
	lua_pop(L, 2);
	return is;
}

/* So that print("it failed: " .. err) says what it should. */
static int error_concat(lua_State *L)
{
	luaL_tolstring(L, 1, NULL);
	luaL_tolstring(L, 2, NULL);
	lua_concat(L, 2);
	return 1;
}

void error_register(lua_State *L)
{
	static const luaL_Reg meta[] = { { "__tostring", error_tostring },
					 { "__concat", error_concat },
					 { NULL, NULL } };

	luaL_newmetatable(L, ERROR_META);
	luaL_setfuncs(L, meta, 0);
	lua_pushliteral(L, "tcpstep error");
	lua_setfield(L, -2, "__name");
	lua_pop(L, 1);
}
