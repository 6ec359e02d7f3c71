/* value.c - plain values to Lua and back. */
#include "lua/task.h"

void lua_push_value(lua_State *L, const struct value *v)
{
	size_t i;

	switch (v->kind) {
	case VALUE_NIL:
	case VALUE_FUNCTION:
	case VALUE_OTHER:
		lua_pushnil(L);
		break;
	case VALUE_BOOL:
		lua_pushboolean(L, v->b);
		break;
	case VALUE_INT:
		lua_pushinteger(L, v->i);
		break;
	case VALUE_NUM:
		lua_pushnumber(L, v->n);
		break;
	case VALUE_STR:
		lua_pushlstring(L, v->str.data, v->str.len);
		break;
	case VALUE_SOCK:
		object_push(L, v->sock);
		break;
	case VALUE_HOST:
		host_push(L, v->host ? v->host->name : "wire");
		break;
	case VALUE_TABLE:
		luaL_checkstack(L, 4, "value");
		if (v->t->n > 0 && !v->t->field[0].key)
			lua_createtable(L, (int)v->t->n, 0);
		else
			lua_createtable(L, 0, (int)v->t->n);
		for (i = 0; i < v->t->n; i++) {
			lua_push_value(L, &v->t->field[i].value);
			if (v->t->field[i].key)
				lua_setfield(L, -2, v->t->field[i].key);
			else
				lua_rawseti(L, -2, (lua_Integer)i + 1);
		}
		break;
	}
}

static struct value sort_of(const char *what)
{
	struct value v = value_static(what);

	v.kind = VALUE_OTHER;
	return v;
}

struct value lua_to_value(lua_State *L, int index)
{
	struct value v = { 0 };
	struct sock *s;
	size_t len;

	switch (lua_type(L, index)) {
	case LUA_TNIL:
	case LUA_TNONE:
		return v;
	case LUA_TBOOLEAN:
		return value_bool(lua_toboolean(L, index));
	case LUA_TNUMBER:
		if (lua_isinteger(L, index))
			return value_int(lua_tointeger(L, index));
		return value_num(lua_tonumber(L, index));
	case LUA_TSTRING:
		v.kind = VALUE_STR;
		v.str.data = lua_tolstring(L, index, &len);
		v.str.len = len;
		return v;
	case LUA_TUSERDATA:
		s = object_get(L, index);
		if (s)
			return value_sock(s);
		return sort_of(task_get(L, index)   ? "a task"
			       : host_get(L, index) ? "a host"
						    : "a userdata");
	case LUA_TTABLE:
		return sort_of("a table");
	case LUA_TFUNCTION:
		return sort_of("a function");
	default:
		return sort_of("a coroutine");
	}
}

/* Deeper tables, and values beyond so many, are left out: a table may contain itself. */
#define TREE_DEPTH 8
#define TREE_MAX   1000000

static void to_tree(lua_State *L, int index, int depth, long *left, struct value *out);

static void table_to_tree(lua_State *L, int index, int depth, long *left,
			  struct value *out)
{
	lua_Integer i, n = (lua_Integer)lua_rawlen(L, index);
	struct value *item;

	*out = value_table();
	luaL_checkstack(L, 6, "values");
	for (i = 1; i <= n && *left > 0; i++) {
		lua_rawgeti(L, index, i);
		item = value_add(out, NULL, (struct value){ 0 });
		to_tree(L, lua_gettop(L), depth, left, item);
		lua_pop(L, 1);
	}
	if (n > 0)
		return;
	for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1)) {
		if (lua_type(L, -2) != LUA_TSTRING || *left <= 0)
			continue;
		item = value_add(out, lua_tostring(L, -2), (struct value){ 0 });
		to_tree(L, lua_gettop(L), depth, left, item);
	}
}

static void to_tree(lua_State *L, int index, int depth, long *left, struct value *out)
{
	size_t len;

	--*left;
	if (lua_type(L, index) == LUA_TTABLE && depth > 0 && !lua_has_text(L, index)) {
		table_to_tree(L, index, depth - 1, left, out);
		return;
	}
	*out = lua_to_value(L, index);
	if (out->kind != VALUE_OTHER)
		return;
	luaL_tolstring(L, index, &len);
	*out = value_copy(lua_tostring(L, -1), len);
	lua_pop(L, 1);
}

void lua_to_tree(lua_State *L, int index, struct value *out)
{
	long left = TREE_MAX;

	to_tree(L, lua_absindex(L, index), TREE_DEPTH, &left, out);
}
