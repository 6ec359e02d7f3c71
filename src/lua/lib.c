/* lib.c - Lua's own library as a shell wants it: print and io.write that no bytes can abuse. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "lua/state.h"

static void put(struct vm *vm, const char *data, size_t len)
{
	struct app *app = vm->app;

	if (app->door.print)
		app->door.print(app, data, len);
	else
		fwrite(data, 1, len, stdout);
}

/* On a terminal, bytes that may have come from a peer must not act on it. */
static void put_value(struct vm *vm, lua_State *L, int index, bool clean)
{
	struct buf text = BUF_EMPTY;
	size_t len;
	const char *s = luaL_tolstring(L, index, &len);

	if (clean) {
		text_clean(&text, s, len, vm->app->utf8);
		put(vm, buf_str(&text), text.len);
	} else {
		put(vm, s, len);
	}
	buf_clear(&text);
	lua_pop(L, 1);
}

static int lib_print(lua_State *L)
{
	struct vm *vm = vm_of(L);
	bool clean = isatty(STDOUT_FILENO);
	int i, n = lua_gettop(L);

	for (i = 1; i <= n; i++) {
		if (i > 1)
			put(vm, "\t", 1);
		put_value(vm, L, i, clean);
	}
	put(vm, "\n", 1);
	return 0;
}

/* io.write to the standard output of a terminal; everything else is Lua's own. */
static int lib_write(lua_State *L)
{
	struct vm *vm = vm_of(L);
	luaL_Stream *out;
	int i, n = lua_gettop(L);

	lua_getfield(L, LUA_REGISTRYINDEX, "_IO_output");
	out = luaL_testudata(L, -1, LUA_FILEHANDLE);
	if (!out || out->f != stdout || !isatty(STDOUT_FILENO)) {
		lua_settop(L, n);
		lua_pushvalue(L, lua_upvalueindex(1));
		lua_insert(L, 1);
		lua_call(L, n, LUA_MULTRET);
		return lua_gettop(L);
	}
	for (i = 1; i <= n; i++) {
		luaL_checkstring(L, i);
		put_value(vm, L, i, true);
	}
	fflush(stdout);
	return 1;
}

void lib_register(lua_State *L)
{
	lua_pushcfunction(L, lib_print);
	lua_setglobal(L, "print");
	lua_getglobal(L, "io");
	lua_getfield(L, -1, "write");
	lua_pushcclosure(L, lib_write, 1);
	lua_setfield(L, -2, "write");
	lua_pop(L, 1);
}
