/*
 * shell_session.c - what history, replay and back need of the shell, beside shell_hooks.c.
 *
 * A script that is replayed is a coroutine with a hook at each new line. The hook suspends it where
 * the main chunk comes to the line that it was told to stop before: its locals stay alive, and
 * statements of several lines, loops and functions run as a whole. Calls that stand in the script
 * itself are typed ones then: they are shown, and come to rest, as at the prompt.
 */
#include "lua/state.h"
#include "sys/outfile.h"

/* --- the script that is stepped through --- */

static void line_hook(lua_State *L, lua_Debug *ar)
{
	struct vm *vm = vm_of(L);
	lua_Debug up;

	/* A coroutine that the script makes has the hook too. */
	if (L != vm->stepped) {
		lua_sethook(L, NULL, 0, 0);
		return;
	}
	if (ar->currentline < vm->stepped_line || lua_getstack(L, 1, &up))
		return;
	vm->stepped_line = ar->currentline;
	lua_yield(L, 0);
}

/* stop_before(coroutine, line): where its next resume is to end; without a line it runs on. */
static int stop_before(lua_State *L)
{
	struct vm *vm = vm_of(L);
	lua_State *co = lua_tothread(L, 1);

	luaL_argexpected(L, co, 1, "coroutine");
	vm->stepped = co;
	vm->stepped_line = (int)luaL_optinteger(L, 2, INT32_MAX);
	lua_sethook(co, line_hook, LUA_MASKLINE, 0);
	return 0;
}

/* stopped_at(): the line before which it was stopped. */
static int stopped_at(lua_State *L)
{
	lua_pushinteger(L, vm_of(L)->stepped_line);
	return 1;
}

/* step_off(): nothing is stepped through any more. */
static int step_off(lua_State *L)
{
	struct vm *vm = vm_of(L);

	vm->stepped = NULL;
	return 0;
}

bool step_is_typed(struct vm *vm, lua_State *L)
{
	lua_Debug caller;

	return L == vm->stepped && !coro_refusal(vm, L) && lua_getstack(L, 1, &caller) &&
	       lua_getinfo(L, "S", &caller) && *caller.source == '@';
}

/* --- the session --- */

/* typed(n): the n-th line of the history from 1, nil past its end. */
static int session_typed(lua_State *L)
{
	struct app *app = vm_of(L)->app;
	int n = (int)luaL_checkinteger(L, 1);

	lua_pushstring(L, app->door.history ? app->door.history(app, n) : NULL);
	return 1;
}

/* write(op, path, text, force): a new file, whole or not at all; raises in op's name. */
static int session_write(lua_State *L)
{
	const char *op = luaL_checkstring(L, 1), *path = luaL_checkstring(L, 2);
	struct outfile f;
	struct err err;
	size_t len;
	const char *text = luaL_checklstring(L, 3, &len);

	if (outfile_open(&f, path, lua_toboolean(L, 4), &err) < 0)
		return error_raise(L, &err, op, -1);
	if (outfile_write(&f, text, len, &err) < 0 || outfile_commit(&f, &err) < 0) {
		outfile_abort(&f);
		return error_raise(L, &err, op, -1);
	}
	return 0;
}

static int session_version(lua_State *L)
{
	lua_pushliteral(L, TCPSTEP_VERSION);
	return 1;
}

const luaL_Reg session_functions[] = {
	{ "stop_before", stop_before }, { "stopped_at", stopped_at },
	{ "step_off", step_off },	{ "steps", record_steps },
	{ "typed", session_typed },	{ "write", session_write },
	{ "version", session_version }, { NULL, NULL }
};
