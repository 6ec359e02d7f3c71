/* error.c - errors as Lua objects: code, op, message, hint, where. */
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

/* The place in Lua that made the call: "client.lua:3", without the colon and blank. */
static void push_where(lua_State *L)
{
	lua_Debug ar;
	int level;

	for (level = 1; lua_getstack(L, level, &ar); level++) {
		lua_getinfo(L, "Sl", &ar);
		if (ar.currentline > 0) {
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

int error_raise(lua_State *L, const struct err *err, const char *op)
{
	lua_createtable(L, 0, 6);
	set_text(L, "code", err->code);
	set_text(L, "op", op ? op : "");
	set_text(L, "message", err->message);
	set_text(L, "hint", err->hint);
	push_where(L);
	lua_setfield(L, -2, "where");
	luaL_setmetatable(L, ERROR_META);
	return lua_error(L);
}

static const char *text_field(lua_State *L, int index, const char *key)
{
	const char *s;

	lua_getfield(L, index, key);
	s = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "";
	/* The table keeps the string alive. */
	lua_pop(L, 1);
	return s;
}

static bool is_error(lua_State *L, int index)
{
	bool is = false;

	if (lua_type(L, index) != LUA_TTABLE || !lua_getmetatable(L, index))
		return false;
	luaL_getmetatable(L, ERROR_META);
	is = lua_rawequal(L, -1, -2);
	lua_pop(L, 2);
	return is;
}

void error_describe(lua_State *L, struct vm_error *e, struct buf *scratch)
{
	const char *text;
	size_t len;

	*e = (struct vm_error){ "", "lua", "", "", "", "" };
	if (is_error(L, lua_gettop(L))) {
		e->where = text_field(L, -1, "where");
		e->code = text_field(L, -1, "code");
		e->op = text_field(L, -1, "op");
		e->message = text_field(L, -1, "message");
		e->hint = text_field(L, -1, "hint");
		return;
	}
	if (lua_isnil(L, -1)) {
		buf_adds(scratch, "an error without a value (nil) was raised");
	} else if (lua_type(L, -1) == LUA_TTABLE && !lua_has_text(L, -1)) {
		buf_adds(scratch, "an error was raised with the value ");
		lua_print_value(L, -1, scratch);
	} else {
		text = luaL_tolstring(L, -1, &len);
		buf_add(scratch, text, len);
		lua_pop(L, 1);
	}
	e->message = buf_str(scratch);
}

void error_register(lua_State *L)
{
	luaL_newmetatable(L, ERROR_META);
	lua_pushcfunction(L, error_tostring);
	lua_setfield(L, -2, "__tostring");
	lua_pushliteral(L, "tcpstep error");
	lua_setfield(L, -2, "__name");
	lua_pop(L, 1);
}
