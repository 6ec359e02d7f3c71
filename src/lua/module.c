/*
 * module.c - rows whose body is a Lua function of a module inside the program.
 *
 * The arguments are checked against the row as for every command, and the function gets them in
 * one table, by name, with `typed` beside them. What it returns is what the command returns; at the
 * prompt that is printed, so a function that has shown all itself returns nothing when typed.
 *
 * What TAB offers for a row's words its module may say: words.NAME in the module is a function that
 * gets the list of the words before and returns a list, nil for nothing, or true for file names.
 */
#include "cmd/line.h"
#include "lua/state.h"
#include "sys/sandbox.h"

/* What the user gave for argument i: as it is where the row takes any Lua value. */
static void push_arg(lua_State *L, const struct call *call, int i)
{
	if (call->cmd->arg[i].type == ARG_LUA && call->arg[i].kind != VALUE_NIL)
		lua_pushvalue(L, i + 1);
	else
		lua_push_value(L, &call->arg[i]);
}

/* The list of all that the last argument took. */
static void push_list(lua_State *L, const struct call *call, int i)
{
	size_t k;

	lua_createtable(L, (int)call->n_rest + 1, 0);
	push_arg(L, call, i);
	lua_rawseti(L, -2, 1);
	for (k = 0; k < call->n_rest; k++) {
		if (call->cmd->arg[i].type == ARG_LUA)
			lua_pushvalue(L, i + 2 + (int)k);
		else
			lua_push_value(L, &call->rest[k]);
		lua_rawseti(L, -2, (lua_Integer)k + 2);
	}
}

static void push_args(lua_State *L, const struct call *call)
{
	const struct cmd *cmd = call->cmd;
	int i;

	lua_newtable(L);
	lua_pushboolean(L, call->typed);
	lua_setfield(L, -2, "typed");
	if (call->host) {
		lua_pushstring(L, call->host->name);
		lua_setfield(L, -2, "host");
	}
	for (i = 0; cmd->arg[i].name; i++) {
		if (cmd->arg[i].flags & ARG_MANY && call->arg[i].kind != VALUE_NIL)
			push_list(L, call, i);
		else
			push_arg(L, call, i);
		lua_setfield(L, -2, cmd->arg[i].name);
	}
	for (i = 0; cmd->option[i].name; i++) {
		lua_push_value(L, &call->option[i]);
		lua_setfield(L, -2, cmd->option[i].name);
	}
}

static int ended(lua_State *L, int status, lua_KContext base)
{
	(void)status;
	return lua_gettop(L) - (int)base;
}

/* The body's end is told to a lesson. Below its results, or its error, are the row and the arguments. */
static int told(lua_State *L, int status, lua_KContext base)
{
	bool failed = status != LUA_OK && status != LUA_YIELD;

	shell_module_called(L, lua_touserdata(L, (int)base - 1), (int)base, failed);
	return failed ? lua_error(L) : ended(L, status, base);
}

int module_call(lua_State *L, struct call *call)
{
	bool tells = vm_of(L)->taken;
	struct err err;
	int base;

	if (sandbox_refuse(&err, "has no prompt", "%s", call->cmd->name) < 0) {
		call_end(call);
		return error_raise(L, &err, call->cmd->name, -1);
	}
	luaL_checkstack(L, 8, call->cmd->name);
	lua_pushlightuserdata(L, (void *)call->cmd);
	push_args(L, call);
	base = lua_gettop(L);
	embed_require(L, call->cmd->module);
	lua_getfield(L, -1, call->cmd->name);
	lua_remove(L, -2);
	lua_pushvalue(L, base);
	call_end(call);
	if (tells)
		return told(L, lua_pcallk(L, 1, LUA_MULTRET, 0, base, told), base);
	lua_callk(L, 1, LUA_MULTRET, base, ended);
	return ended(L, LUA_OK, base);
}

/* module, function, arguments: as the body of a task. */
int module_run(lua_State *L)
{
	embed_require(L, luaL_checkstring(L, 1));
	lua_getfield(L, -1, luaL_checkstring(L, 2));
	lua_replace(L, 2);
	lua_settop(L, -2);
	lua_callk(L, lua_gettop(L) - 2, LUA_MULTRET, 1, ended);
	return ended(L, LUA_OK, 1);
}

/* --- what TAB offers --- */

struct asked {
	const struct line *line;
	void (*fn)(void *arg, const char *name);
	void *arg;
	bool path;
};

static void push_before(lua_State *L, const struct line *line)
{
	lua_Integer n = 0;
	size_t i;

	lua_newtable(L);
	for (i = 0; i < line->words; i++) {
		if (line->word[i].option)
			continue;
		lua_pushlstring(L, line->word[i].data, line->word[i].len);
		lua_rawseti(L, -2, ++n);
	}
}

static int ask_words(lua_State *L)
{
	struct asked *a = lua_touserdata(L, 1);
	lua_Integer i;

	embed_require(L, a->line->cmd->module);
	if (lua_getfield(L, -1, "words") != LUA_TTABLE ||
	    lua_getfield(L, -1, a->line->cmd->name) != LUA_TFUNCTION)
		return 0;
	push_before(L, a->line);
	lua_call(L, 1, 1);
	a->path = lua_isboolean(L, -1) && lua_toboolean(L, -1);
	for (i = 1; lua_istable(L, -1) && lua_rawgeti(L, -1, i) == LUA_TSTRING; i++) {
		a->fn(a->arg, lua_tostring(L, -1));
		lua_pop(L, 1);
	}
	return 0;
}

bool vm_words(struct vm *vm, const struct line *line,
	      void (*fn)(void *arg, const char *name), void *arg)
{
	struct asked a = { line, fn, arg, false };

	/* Where there is nothing to offer TAB says nothing, not why. */
	if (line->cmd->module && vm_call(vm, ask_words, &a, 0) != LUA_OK)
		lua_pop(vm->L, 1);
	return a.path;
}
