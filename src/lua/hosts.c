/*
 * hosts.c - hosts and the wire as Lua objects.
 *
 * An object is a name: the lab may be gone when it is used, and then it says so. A host's methods
 * are the commands that act on a host, its fields its sockets: client:connect("server:80"),
 * client.c1. The wire's are those of the wire.
 */
#include <string.h>

#include "lua/state.h"

#define HOST_META "host"

const char *host_get(lua_State *L, int index)
{
	return luaL_testudata(L, index, HOST_META);
}

void host_push(lua_State *L, const char *name)
{
	size_t len = strlen(name);
	char *box = lua_newuserdatauv(L, len + 1, 0);

	memcpy(box, name, len + 1);
	luaL_setmetatable(L, HOST_META);
}

static int host_tostring(lua_State *L)
{
	struct app *app = vm_of(L)->app;
	const char *name = luaL_checkudata(L, 1, HOST_META);
	struct host *h = app_host(app, name);
	char text[ADDR_TEXT_MAX];
	union addr a;

	if (!h || !h->netns) {
		lua_pushstring(L, name);
		return 1;
	}
	a = netns_addr(h->netns, h->index, false);
	lua_pushfstring(L, "%s %s", name, addr_host(&a, text));
	return 1;
}

static bool push_field(lua_State *L, const char *name, const char *key)
{
	struct app *app = vm_of(L)->app;
	struct host *h = app_host(app, name);
	char text[ADDR_TEXT_MAX + HOST_NAME_MAX_LEN];
	union addr a;

	if (strcmp(key, "name") == 0) {
		lua_pushstring(L, name);
		return true;
	}
	if (!h || !h->netns)
		return false;
	if (strcmp(key, "address") == 0) {
		a = netns_addr(h->netns, h->index, false);
		lua_pushstring(L, addr_host(&a, text));
		return true;
	}
	snprintf(text, sizeof(text), "%s.%.16s", name, key);
	return sock_is_name(text) && object_push_name(L, text);
}

static int host_index(lua_State *L)
{
	const char *name = luaL_checkudata(L, 1, HOST_META);
	const char *key = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "";
	const struct cmd *cmd = command_find(key);

	if (strcmp(name, "wire") == 0 && strcmp(key, "on") == 0)
		hook_push(L);
	else if (cmd && cmd->on_host && strcmp(name, "wire") != 0)
		bind_push_method(L, cmd, name);
	else if (cmd && cmd->on_host)
		bind_push(L, cmd);
	else if (!push_field(L, name, key))
		lua_pushnil(L);
	return 1;
}

void host_fields_push(lua_State *L, const char *name)
{
	bool wire = strcmp(name, "wire") == 0;
	const char *group = wire ? "lab and wire" : "sockets";
	const struct cmd *const *c;

	lua_newtable(L);
	lua_pushboolean(L, 1);
	lua_setfield(L, -2, "name");
	if (!wire) {
		lua_pushboolean(L, 1);
		lua_setfield(L, -2, "address");
	} else {
		lua_pushboolean(L, 1);
		lua_setfield(L, -2, "on");
	}
	for (c = commands(); *c; c++) {
		if (!(*c)->on_host || strcmp((*c)->group, group) != 0)
			continue;
		lua_pushboolean(L, 1);
		lua_setfield(L, -2, (*c)->name);
	}
}

static int host_eq(lua_State *L)
{
	const char *a = host_get(L, 1), *b = host_get(L, 2);

	lua_pushboolean(L, a && b && strcmp(a, b) == 0);
	return 1;
}

/* wire("off"), wire{loss = 0.1}: the object is the command as well. */
static int host_call(lua_State *L)
{
	const char *name = luaL_checkudata(L, 1, HOST_META);

	if (strcmp(name, "wire") != 0)
		return luaL_error(L, "%s is a host and cannot be called", name);
	bind_push(L, command_find("wire"));
	lua_replace(L, 1);
	lua_call(L, lua_gettop(L) - 1, 1);
	return 1;
}

void host_register(lua_State *L)
{
	static const luaL_Reg meta[] = { { "__tostring", host_tostring },
					 { "__index", host_index },
					 { "__eq", host_eq },
					 { "__call", host_call },
					 { NULL, NULL } };

	luaL_newmetatable(L, HOST_META);
	luaL_setfuncs(L, meta, 0);
	lua_pushliteral(L, "host");
	lua_setfield(L, -2, "__metatable");
	lua_pop(L, 1);
	host_push(L, "wire");
	lua_setglobal(L, "wire");
}
