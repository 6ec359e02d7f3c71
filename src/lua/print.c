/* print.c - Lua values for people: quoted, sorted, nested, bounded. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cmd/line.h"
#include "lua/state.h"

#define PRINT_DEPTH  6
#define PRINT_ITEMS  200
#define PRINT_WIDTH  76
#define PRINT_STRING 4096
#define PRINT_BYTES  20000 /* a table that has grown so long shows no more items */

struct printer {
	lua_State *L;
	struct vm *vm;
	const void *path[PRINT_DEPTH]; /* the tables around the value, to find cycles */
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

/* Before an item: a line of its own, or a comma. */
static void print_sep(struct buf *out, size_t indent, bool multi, int shown)
{
	if (!multi) {
		buf_adds(out, shown ? ", " : "");
		return;
	}
	buf_adds(out, shown ? ",\n" : "\n");
	buf_pad(out, out->len + indent + 2, ' ');
}

/* The first items of the list, then those of the n keys, which stand on the stack. */
static void print_items(struct printer *p, int index, const int *keys, int n,
			lua_Integer list, struct buf *out, size_t indent, bool multi)
{
	lua_State *L = p->L;
	int i, shown = 0;
	lua_Integer k;

	for (k = 1; k <= list && shown < PRINT_ITEMS && out->len < PRINT_BYTES; k++) {
		print_sep(out, indent, multi, shown++);
		lua_rawgeti(L, index, k);
		print_any(p, lua_gettop(L), out, indent + 2);
		lua_pop(L, 1);
	}
	for (i = 0; i < n && shown < PRINT_ITEMS && out->len < PRINT_BYTES; i++) {
		print_sep(out, indent, multi, shown++);
		print_key(p, keys[i], out);
		lua_pushvalue(L, keys[i]);
		lua_rawget(L, index);
		print_any(p, lua_gettop(L), out, indent + 2);
		lua_pop(L, 1);
	}
	if (list + n > shown) {
		print_sep(out, indent, multi, shown);
		buf_addf(out, "... %lld more", (long long)(list + n - shown));
	}
	if (multi) {
		buf_addc(out, '\n');
		buf_pad(out, out->len + indent, ' ');
	}
}

/* Puts the first keys behind the list onto the stack, sorted. Returns how many there are in all. */
static int sorted_keys(lua_State *L, int index, lua_Integer list, int keys[PRINT_ITEMS])
{
	int n = 0, i, kept, top = lua_gettop(L);

	for (lua_pushnil(L); lua_next(L, index);) {
		lua_pop(L, 1);
		if (lua_isinteger(L, -1) && lua_tointeger(L, -1) >= 1 &&
		    lua_tointeger(L, -1) <= list)
			continue;
		if (n < PRINT_ITEMS) {
			lua_pushvalue(L, -1);
			lua_insert(L, top + 1 + n);
		}
		n++;
	}
	kept = n < PRINT_ITEMS ? n : PRINT_ITEMS;
	for (i = 0; i < kept; i++)
		keys[i] = top + 1 + i;
	qsort_r(keys, (size_t)kept, sizeof(*keys), key_order, L);
	return n;
}

static void print_table(struct printer *p, int index, struct buf *out, size_t indent)
{
	lua_State *L = p->L;
	lua_Integer list = (lua_Integer)lua_rawlen(L, index);
	int keys[PRINT_ITEMS], n, i, top = lua_gettop(L);
	size_t start = out->len;

	for (i = 0; i < p->depth; i++)
		if (p->path[i] == lua_topointer(L, index)) {
			buf_adds(out, "<cycle>");
			return;
		}
	if (p->depth == PRINT_DEPTH || !lua_checkstack(L, PRINT_ITEMS + 20)) {
		buf_adds(out, "{...}");
		return;
	}
	p->path[p->depth++] = lua_topointer(L, index);
	n = sorted_keys(L, index, list, keys);
	buf_addc(out, '{');
	print_items(p, index, keys, n, list, out, indent, false);
	if (indent + out->len - start > PRINT_WIDTH ||
	    memchr(out->data + start, '\n', out->len - start)) {
		out->len = start + 1;
		print_items(p, index, keys, n, list, out, indent, true);
	}
	buf_addc(out, '}');
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
