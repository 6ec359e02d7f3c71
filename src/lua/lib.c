/* lib.c - Lua's own library as a shell wants it: no bytes from a peer can act on the terminal. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "lua/state.h"
#include "sys/sandbox.h"

static void put(struct vm *vm, const char *data, size_t len, bool clean)
{
	struct app *app = vm->app;
	struct buf text = BUF_EMPTY;

	if (clean) {
		text_clean(&text, data, len, app->utf8);
		data = buf_str(&text);
		len = text.len;
	}
	if (app->door.print)
		app->door.print(app, data, len);
	else
		fwrite(data, 1, len, stdout);
	buf_clear(&text);
}

/* All in one piece: one system call, and no other output between the values. */
static int lib_print(lua_State *L)
{
	struct vm *vm = vm_of(L);
	int i, n = lua_gettop(L);
	struct err err;
	luaL_Buffer b;
	size_t len;
	const char *s;

	luaL_buffinit(L, &b);
	for (i = 1; i <= n; i++) {
		if (i > 1)
			luaL_addchar(&b, '\t');
		luaL_tolstring(L, i, NULL);
		luaL_addvalue(&b);
	}
	luaL_addchar(&b, '\n');
	luaL_pushresult(&b);
	s = lua_tolstring(L, -1, &len);
	if (sandbox_spend("print", len, &err) < 0)
		return error_raise(L, &err, "print", -1);
	put(vm, s, len, vm->tty);
	return 0;
}

/* The values from the index on, to the terminal. */
static void write_clean(lua_State *L, int index)
{
	struct vm *vm = vm_of(L);
	int n = lua_gettop(L);
	size_t len;
	const char *s;

	for (; index <= n; index++) {
		s = luaL_checklstring(L, index, &len);
		put(vm, s, len, true);
	}
}

static bool is_terminal(lua_State *L, luaL_Stream *file)
{
	return file && file->closef && vm_of(L)->tty && file->f == stdout;
}

/* Lua's own function, under this one, with the same arguments. */
static int own(lua_State *L)
{
	lua_pushvalue(L, lua_upvalueindex(1));
	lua_insert(L, 1);
	lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
	return lua_gettop(L);
}

/* io.write(...) */
static int lib_write(lua_State *L)
{
	luaL_Stream *out;

	lua_getfield(L, LUA_REGISTRYINDEX, "_IO_output");
	out = luaL_testudata(L, -1, LUA_FILEHANDLE);
	lua_pop(L, 1);
	if (!is_terminal(L, out))
		return own(L);
	write_clean(L, 1);
	lua_getfield(L, LUA_REGISTRYINDEX, "_IO_output");
	return 1;
}

/* file:write(...) */
static int file_write(lua_State *L)
{
	luaL_Stream *file = luaL_checkudata(L, 1, LUA_FILEHANDLE);
	struct buf text = BUF_EMPTY;
	int i, n = lua_gettop(L);
	size_t len;
	const char *s;

	if (is_terminal(L, file)) {
		write_clean(L, 2);
	} else if (file->closef && file->f == stderr && isatty(STDERR_FILENO)) {
		for (i = 2; i <= n; i++) {
			s = luaL_checklstring(L, i, &len);
			text_clean(&text, s, len, vm_of(L)->app->utf8);
			fwrite(buf_str(&text), 1, text.len, stderr);
			buf_clear(&text);
		}
	} else {
		return own(L);
	}
	lua_settop(L, 1);
	return 1;
}

/* What went wrong in a finalizer, and what warn() says. */
static void warned(void *arg, const char *text, int goes_on)
{
	struct vm *vm = arg;
	struct buf *out = &vm->warning;

	if (out->len == 0 && !goes_on && *text == '@')
		return;
	if (out->len == 0)
		buf_adds(out, "warning: ");
	text_clean(out, text, strlen(text), vm->app->utf8);
	if (goes_on)
		return;
	buf_addc(out, '\n');
	if (vm->app->door.note)
		vm->app->door.note(vm->app, buf_str(out));
	buf_clear(out);
}

static void wrap(lua_State *L, const char *name, lua_CFunction fn)
{
	lua_getfield(L, -1, name);
	lua_pushcclosure(L, fn, 1);
	lua_setfield(L, -2, name);
}

void lib_register(lua_State *L)
{
	lua_pushcfunction(L, lib_print);
	lua_setglobal(L, "print");
	lua_getglobal(L, "io");
	wrap(L, "write", lib_write);
	lua_pop(L, 1);
	luaL_getmetatable(L, LUA_FILEHANDLE);
	lua_getfield(L, -1, "__index");
	wrap(L, "write", file_write);
	lua_pop(L, 2);
	lua_setwarnf(L, warned, vm_of(L));
}
