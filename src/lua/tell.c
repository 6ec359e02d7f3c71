/*
 * tell.c - errors and values, told through the hooks.
 *
 * A value's text may be made by the user's own __tostring, which may raise or never end: so all of
 * it runs in a protected call, with buffers that belong to the C function outside of it.
 */
#include <string.h>

#include "base/text.h"
#include "cmd/json.h"
#include "lua/task.h"

/* Values beyond these are only counted. */
#define VALUES_MAX 100

struct telling {
	lua_State *from;
	struct buf text;
	struct value list; /* for JSON */
};

static int trace_add(lua_State *L)
{
	struct telling *t = lua_touserdata(L, 1);

	luaL_traceback(L, t->from, NULL, 0);
	buf_adds(&t->text, lua_tostring(L, -1));
	return 0;
}

void tell_trace(struct vm *vm, lua_State *from, struct buf *out)
{
	struct telling t = { .from = from };

	if (!vm->script || error_is(from, lua_gettop(from)))
		return;
	if (vm_call(vm, trace_add, &t, 0) != LUA_OK)
		lua_pop(vm->L, 1);
	buf_adds(out, buf_str(&t.text));
	buf_clear(&t.text);
}

static const char *field(lua_State *L, int index, const char *key)
{
	const char *s;

	lua_pushstring(L, key);
	s = lua_rawget(L, index) == LUA_TSTRING ? lua_tostring(L, -1) : "";
	/* The table keeps the string alive. */
	lua_pop(L, 1);
	return s;
}

static int describe(lua_State *L)
{
	struct telling *t = lua_touserdata(L, 1);
	const char *text;
	size_t len;

	if (lua_isnil(L, -1)) {
		buf_adds(&t->text, "an error without a value (nil) was raised");
	} else if (lua_type(L, -1) == LUA_TTABLE && !lua_has_text(L, -1)) {
		buf_adds(&t->text, "an error was raised with the value ");
		lua_print_value(L, -1, &t->text);
	} else {
		text = luaL_tolstring(L, -1, &len);
		buf_add(&t->text, text, len);
	}
	return 0;
}

static int explain(lua_State *L)
{
	embed_require(L, "failure");
	lua_getfield(L, -1, "explain");
	lua_pushvalue(L, 2);
	lua_call(L, 1, 0);
	return 0;
}

void tell_explain(struct vm *vm, lua_State *from)
{
	int at = lua_gettop(from);

	if (!error_is(from, at) || strcmp(field(from, at, "code"), "check") != 0 ||
	    *field(from, at, "hint") || !lua_checkstack(vm->L, 2))
		return;
	lua_pushvalue(from, at);
	lua_xmove(from, vm->L, 1);
	if (vm_call(vm, explain, NULL, 1) != LUA_OK)
		lua_pop(vm->L, 1);
}

void tell_error(struct vm *vm, lua_State *from, const char *task, const char *more)
{
	struct vm_error e = { "", "lua", "", "", more, task };
	struct telling t = { 0 };
	struct buf hint = BUF_EMPTY;
	int at = lua_gettop(from);

	if (scenario_failed(vm, from))
		return;
	if (error_is(from, at)) {
		e.where = field(from, at, "where");
		e.code = field(from, at, "code");
		e.op = field(from, at, "op");
		e.message = field(from, at, "message");
		buf_adds(&hint, field(from, at, "hint"));
		buf_addf(&hint, "%s%s", hint.len > 0 && *more ? "\n" : "", more);
		e.hint = buf_str(&hint);
	} else {
		lua_pushvalue(from, at);
		if (from != vm->L)
			lua_xmove(from, vm->L, 1);
		if (vm_call(vm, describe, &t, 1) != LUA_OK) {
			lua_pop(vm->L, 1);
			buf_reset(&t.text);
			buf_addf(&t.text,
				 "an error was raised with a %s whose __tostring fails",
				 luaL_typename(from, at));
		}
		e.message = buf_str(&t.text);
	}
	if (vm->hooks.error)
		vm->hooks.error(vm->app, &e);
	buf_clear(&t.text);
	buf_clear(&hint);
}

static int values_text(lua_State *L)
{
	struct telling *t = lua_touserdata(L, 1);
	int i, n = lua_gettop(L);

	for (i = 2; i <= n; i++) {
		lua_print_value(L, i, &t->text);
		buf_addc(&t->text, '\n');
	}
	return 0;
}

static int values_json(lua_State *L)
{
	struct telling *t = lua_touserdata(L, 1);
	int i, n = lua_gettop(L);

	for (i = 2; i <= n; i++)
		lua_to_tree(L, i, value_add(&t->list, NULL, (struct value){ 0 }));
	buf_adds(&t->text, "{\"event\":\"values\",\"values\":");
	json_value(&t->text, &t->list);
	buf_adds(&t->text, "}\n");
	return 0;
}

bool tell_values(struct vm *vm, lua_State *from, int n)
{
	struct telling t = { .list = value_table() };
	int status, some = n < VALUES_MAX ? n : VALUES_MAX;
	bool json = vm->app->set.json, collects = lua_gc(vm->L, LUA_GCISRUNNING);

	if (json && lua_checkstack(vm->L, n))
		some = n;
	lua_settop(from, lua_gettop(from) - (n - some));
	luaL_checkstack(vm->L, some, "values");
	lua_xmove(from, vm->L, some);
	if (json)
		lua_gc(vm->L, LUA_GCSTOP);
	status = vm_call(vm, json ? values_json : values_text, &t, some);
	if (json && collects)
		lua_gc(vm->L, LUA_GCRESTART);
	if (some < n)
		buf_addf(&t.text, "... %d more\n", n - some);
	if (status != LUA_OK) {
		tell_error(vm, vm->L, "", "");
		lua_pop(vm->L, 1);
	} else if (vm->hooks.values) {
		vm->hooks.values(vm->app, buf_str(&t.text), t.text.len);
	}
	buf_clear(&t.text);
	value_clear(&t.list);
	return status == LUA_OK;
}

static int value_text_add(lua_State *L)
{
	struct telling *t = lua_touserdata(L, 1);

	lua_print_value(L, 2, &t->text);
	return 0;
}

void tell_done(struct vm *vm, const char *task, lua_State *from, int n)
{
	struct telling t = { 0 };

	if (n > 0) {
		lua_pushvalue(from, -n);
		lua_xmove(from, vm->L, 1);
		if (vm_call(vm, value_text_add, &t, 1) != LUA_OK)
			lua_pop(vm->L, 1);
	}
	if (vm->hooks.task_done)
		vm->hooks.task_done(vm->app, task, buf_str(&t.text));
	buf_clear(&t.text);
}
