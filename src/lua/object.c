/*
 * object.c - sockets as Lua objects.
 *
 * The table of sockets owns them; an object is a counted pointer. A socket that Lua has dropped
 * stays open, since its name still finds it: only close, abort, <close> or the end of the
 * shell close it. So no run depends on when the collector comes by.
 */
#include <string.h>

#include "lua/task.h"

#define OBJECT_CACHE "tcpstep.objects"

struct sock *object_get(lua_State *L, int index)
{
	struct sock **box = lua_touserdata(L, index);
	bool ours;

	if (!box || !lua_getmetatable(L, index))
		return NULL;
	ours = lua_topointer(L, -1) == vm_of(L)->sock_meta;
	lua_pop(L, 1);
	return ours ? *box : NULL;
}

bool object_cached(lua_State *L, const void *p)
{
	bool found;

	lua_getfield(L, LUA_REGISTRYINDEX, OBJECT_CACHE);
	found = lua_rawgetp(L, -1, p) == LUA_TUSERDATA;
	lua_remove(L, -2);
	if (!found)
		lua_pop(L, 1);
	return found;
}

void object_cache(lua_State *L, const void *p)
{
	lua_getfield(L, LUA_REGISTRYINDEX, OBJECT_CACHE);
	lua_pushvalue(L, -2);
	lua_rawsetp(L, -2, p);
	lua_pop(L, 1);
}

void object_push(lua_State *L, struct sock *s)
{
	struct sock **box;

	if (object_cached(L, s))
		return;
	box = lua_newuserdatauv(L, sizeof(*box), 0);
	*box = NULL;
	lua_rawgetp(L, LUA_REGISTRYINDEX, vm_of(L)->sock_meta);
	lua_setmetatable(L, -2);
	*box = sock_ref(s);
	object_cache(L, s);
}

bool object_push_name(lua_State *L, const char *name)
{
	struct vm *vm = vm_of(L);
	struct sock *s = socks_find(&vm->app->socks, name);
	struct task *task;

	if (s) {
		object_push(L, s);
		return true;
	}
	task = task_find(vm, name);
	if (task)
		task_push(L, task);
	if (task)
		return true;
	/* `here`, and in a lab its hosts and its wire. */
	if (app_host(vm->app, name) || (vm->app->lab && strcmp(name, "wire") == 0)) {
		host_push(L, name);
		return true;
	}
	return embed_push_global(L, name);
}

void object_text(struct sock *s, struct buf *out)
{
	char name[SOCK_NAME_MAX];
	enum tcp_state state = sock_state(s, NULL);

	buf_addf(out, "%s %s ", sock_name(s, name), state_name(state));
	sock_ends(s, out);
}

static struct sock *self(lua_State *L)
{
	struct sock *s = object_get(L, 1);

	if (!s)
		luaL_argerror(L, 1, "a socket is expected");
	return s;
}

static int object_tostring(lua_State *L)
{
	struct buf text = BUF_EMPTY;
	struct sock *s = self(L);
	object_text(s, &text);
	lua_pushlstring(L, buf_str(&text), text.len);
	buf_clear(&text);
	return 1;
}

static int object_gc(lua_State *L)
{
	struct sock **box = lua_touserdata(L, 1);

	if (*box)
		sock_unref(*box);
	*box = NULL;
	return 0;
}

int object_close(lua_State *L)
{
	app_close(vm_of(L)->app, self(L));
	return 0;
}

static int push_addr(lua_State *L, const union addr *a)
{
	char text[ADDR_TEXT_MAX];

	if (a->sa.sa_family == 0)
		lua_pushnil(L);
	else
		lua_pushstring(L, addr_format(a, text));
	return 1;
}

/* Methods first, they are what hot loops ask for; then the fields. */
static int object_index(lua_State *L)
{
	struct sock *s;
	char name[SOCK_NAME_MAX];
	const char *key;

	lua_pushvalue(L, 2);
	if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL)
		return 1;
	s = self(L);
	key = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "";
	if (strcmp(key, "name") == 0) {
		lua_pushstring(L, sock_name(s, name));
	} else if (strcmp(key, "kind") == 0) {
		lua_pushstring(L, s->kind == SOCK_LISTEN    ? "listener"
				  : s->kind == SOCK_CONNECT ? "connected"
							    : "accepted");
	} else if (strcmp(key, "host") == 0) {
		lua_pushstring(L, self(L)->host->name);
	} else if (strcmp(key, "fd") == 0) {
		lua_pushinteger(L, s->fd);
	} else if (strcmp(key, "closed") == 0) {
		lua_pushboolean(L, s->fd < 0);
	} else if (strcmp(key, "local_address") == 0) {
		return push_addr(L, sock_local(s));
	} else if (strcmp(key, "peer_address") == 0) {
		return push_addr(L, sock_peer(s));
	} else if (strcmp(key, "port") == 0) {
		lua_pushinteger(L, addr_port(sock_local(s)));
	} else {
		lua_pushnil(L);
	}
	return 1;
}

static int object_newindex(lua_State *L)
{
	return luaL_error(L, "a socket's fields are read-only; "
			     "options are set with option(SOCKET, NAME, VALUE)");
}

/* c1, s1 and t1 are found without having been assigned: the name is the global. */
static int global_index(lua_State *L)
{
	if (lua_type(L, 2) == LUA_TSTRING && object_push_name(L, lua_tostring(L, 2)))
		return 1;
	lua_pushnil(L);
	return 1;
}

bool object_rules_globals(lua_State *L)
{
	int top = lua_gettop(L);
	bool ours;

	lua_pushglobaltable(L);
	ours = luaL_getmetafield(L, -1, "__index") != LUA_TNIL &&
	       lua_tocfunction(L, -1) == global_index;
	lua_settop(L, top);
	return ours;
}

static void methods_push(lua_State *L)
{
	const struct cmd *const *c;

	lua_newtable(L);
	for (c = commands(); *c; c++) {
		enum arg_type type = (*c)->arg[0].type;

		if (!(*c)->arg[0].name ||
		    (type != ARG_SOCK && type != ARG_LISTENER && type != ARG_STREAM))
			continue;
		bind_push_method(L, *c, type == ARG_LISTENER ? "l1" : "c1");
		lua_setfield(L, -2, (*c)->name);
	}
}

void object_register(lua_State *L)
{
	static const luaL_Reg meta[] = { { "__tostring", object_tostring },
					 { "__gc", object_gc },
					 { "__close", object_close },
					 { "__newindex", object_newindex },
					 { NULL, NULL } };

	luaL_newmetatable(L, "socket");
	luaL_setfuncs(L, meta, 0);
	methods_push(L);
	lua_pushcclosure(L, object_index, 1);
	lua_setfield(L, -2, "__index");
	lua_pushliteral(L, "socket");
	lua_setfield(L, -2, "__metatable");
	vm_of(L)->sock_meta = lua_topointer(L, -1);
	lua_rawsetp(L, LUA_REGISTRYINDEX, vm_of(L)->sock_meta);

	lua_newtable(L);
	lua_createtable(L, 0, 1);
	lua_pushliteral(L, "v");
	lua_setfield(L, -2, "__mode");
	lua_setmetatable(L, -2);
	lua_setfield(L, LUA_REGISTRYINDEX, OBJECT_CACHE);

	lua_pushglobaltable(L);
	lua_createtable(L, 0, 1);
	lua_pushcfunction(L, global_index);
	lua_setfield(L, -2, "__index");
	lua_setmetatable(L, -2);
	lua_pop(L, 1);
}
