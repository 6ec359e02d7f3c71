/* value.c - plain values to Lua and back, and Lua values for people. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cmd/line.h"
#include "lua/state.h"

void lua_push_value(lua_State *L, const struct value *v)
{
	size_t i;

	switch (v->kind) {
	case VALUE_NIL:
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
	case VALUE_TABLE:
		luaL_checkstack(L, 4, "value");
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

static void table_to_value(lua_State *L, int index, int depth, struct value *out)
{
	lua_Integer i, n = (lua_Integer)lua_rawlen(L, index);
	size_t len;

	*out = value_table();
	for (i = 1; i <= n; i++) {
		lua_rawgeti(L, index, i);
		value_add(out, NULL, lua_to_value(L, -1, depth - 1));
		lua_pop(L, 1);
	}
	if (n > 0)
		return;
	/* The keys are Lua's own strings, which live as long as the table does. */
	for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1))
		if (lua_type(L, -2) == LUA_TSTRING)
			value_add(out, lua_tolstring(L, -2, &len),
				  lua_to_value(L, -1, depth - 1));
}

struct value lua_to_value(lua_State *L, int index, int depth)
{
	struct value v = { 0 };
	struct sock *s;
	size_t len;

	index = lua_absindex(L, index);
	switch (lua_type(L, index)) {
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
	case LUA_TNIL:
	case LUA_TNONE:
		return v;
	case LUA_TTABLE:
		if (depth > 0 && lua_checkstack(L, 6)) {
			table_to_value(L, index, depth, &v);
			return v;
		}
		break;
	default:
		s = object_get(L, index);
		if (s)
			return value_sock(s);
	}
	luaL_tolstring(L, index, &len);
	v = value_copy(lua_tostring(L, -1), len);
	lua_pop(L, 1);
	return v;
}

#define PRINT_DEPTH  6
#define PRINT_ITEMS  200
#define PRINT_WIDTH  76
#define PRINT_STRING 4096

struct printer {
	lua_State *L;
	struct vm *vm;
	const void
		*path[PRINT_DEPTH + 1]; /* the tables around the value, to find cycles */
	int depth;
};

static void print_any(struct printer *p, int index, struct buf *out, size_t indent);

/* Numbers before strings, each in order; the rest as it comes. */
static int key_order(const void *a, const void *b, void *arg)
{
	lua_State *L = arg;
	int x = *(const int *)a, y = *(const int *)b, tx = lua_type(L, x),
	    ty = lua_type(L, y);

	if (tx != ty)
		return tx == LUA_TNUMBER ? -1 : ty == LUA_TNUMBER ? 1 : tx - ty;
	if (tx != LUA_TNUMBER && tx != LUA_TSTRING)
		return x - y;
	if (lua_rawequal(L, x, y))
		return 0;
	return lua_compare(L, x, y, LUA_OPLT) ? -1 : 1;
}

static void print_key(struct printer *p, int index, struct buf *out)
{
	const char *name =
		lua_type(p->L, index) == LUA_TSTRING ? lua_tostring(p->L, index) : NULL;

	if (name && lua_is_name(name) && !lua_is_keyword(name)) {
		buf_adds(out, name);
	} else {
		buf_addc(out, '[');
		print_any(p, index, out, 0);
		buf_addc(out, ']');
	}
	buf_adds(out, " = ");
}

/* Items one after the other; multi: each on a line of its own. */
static void print_items(struct printer *p, int index, const int *keys, int n,
			lua_Integer list, struct buf *out, size_t indent, bool multi)
{
	lua_State *L = p->L;
	int i, shown = 0;
	lua_Integer k;

	for (k = 1; k <= list && shown < PRINT_ITEMS; k++, shown++) {
		buf_adds(out, multi ? "\n" : shown ? ", " : "");
		buf_pad(out, multi ? out->len + indent + 2 : 0, ' ');
		lua_rawgeti(L, index, k);
		print_any(p, lua_gettop(L), out, indent + 2);
		lua_pop(L, 1);
		buf_adds(out, multi ? "," : "");
	}
	for (i = 0; i < n && shown < PRINT_ITEMS; i++, shown++) {
		buf_adds(out, multi ? "\n" : shown ? ", " : "");
		buf_pad(out, multi ? out->len + indent + 2 : 0, ' ');
		print_key(p, keys[i], out);
		lua_pushvalue(L, keys[i]);
		lua_rawget(L, index);
		print_any(p, lua_gettop(L), out, indent + 2);
		lua_pop(L, 1);
		buf_adds(out, multi ? "," : "");
	}
	if (list + n > shown)
		buf_addf(out, "%s... %lld more", multi ? "\n  " : ", ",
			 (long long)(list + n - shown));
	if (multi) {
		buf_addc(out, '\n');
		buf_pad(out, out->len + indent, ' ');
	}
}

static void print_table(struct printer *p, int index, struct buf *out, size_t indent)
{
	lua_State *L = p->L;
	lua_Integer list = (lua_Integer)lua_rawlen(L, index);
	int *keys = NULL, n = 0, i, top = lua_gettop(L);
	size_t start = out->len;

	for (i = 0; i < p->depth; i++)
		if (p->path[i] == lua_topointer(L, index)) {
			buf_adds(out, "<cycle>");
			return;
		}
	if (p->depth == PRINT_DEPTH || !lua_checkstack(L, PRINT_ITEMS * 2 + 20)) {
		buf_adds(out, "{...}");
		return;
	}
	p->path[p->depth++] = lua_topointer(L, index);
	for (lua_pushnil(L); lua_next(L, index);) {
		lua_pop(L, 1);
		if (lua_isinteger(L, -1) && lua_tointeger(L, -1) >= 1 &&
		    lua_tointeger(L, -1) <= list)
			continue;
		/* Only so many keys are kept on the stack; the others are counted. */
		if (n < PRINT_ITEMS) {
			lua_pushvalue(L, -1);
			lua_insert(L, top + 1 + n);
		}
		n++;
	}
	keys = xmalloc(((size_t)n + 1) * sizeof(*keys));
	for (i = 0; i < n && i < PRINT_ITEMS; i++)
		keys[i] = top + 1 + i;
	qsort_r(keys, (size_t)i, sizeof(*keys), key_order, L);
	buf_addc(out, '{');
	print_items(p, index, keys, n, list, out, indent, false);
	if (indent + out->len - start > PRINT_WIDTH ||
	    memchr(out->data + start, '\n', out->len - start)) {
		out->len = start + 1;
		print_items(p, index, keys, n, list, out, indent, true);
	}
	buf_addc(out, '}');
	free(keys);
	lua_settop(L, top);
	p->depth--;
}

bool lua_has_text(lua_State *L, int index)
{
	if (luaL_getmetafield(L, index, "__tostring") == LUA_TNIL)
		return false;
	lua_pop(L, 1);
	return true;
}

static void print_any(struct printer *p, int index, struct buf *out, size_t indent)
{
	lua_State *L = p->L;
	const char *s;
	size_t len;

	if (lua_type(L, index) == LUA_TSTRING) {
		s = lua_tolstring(L, index, &len);
		text_quote(out, s, len < PRINT_STRING ? len : PRINT_STRING,
			   p->vm->app->utf8);
		if (len > PRINT_STRING)
			buf_addf(out, " ... %zu bytes in all", len);
	} else if (lua_type(L, index) == LUA_TTABLE && !lua_has_text(L, index)) {
		print_table(p, index, out, indent);
	} else {
		s = luaL_tolstring(L, index, &len);
		text_clean(out, s, len, p->vm->app->utf8);
		lua_pop(L, 1);
	}
}

void lua_print_value(lua_State *L, int index, struct buf *out)
{
	struct printer p = { .L = L, .vm = vm_of(L) };

	print_any(&p, lua_absindex(L, index), out, 0);
}
