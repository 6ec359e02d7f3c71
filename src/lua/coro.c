/*
 * coro.c - coroutine.* that lets waits pass through.
 *
 * A command that must wait yields its whole task to the loop. Inside a coroutine of the user's own
 * that yield meets the user's resume, which would take it for a value: so resume and wrap
 * here know a wait when they see one, yield on, and go on when they are resumed in turn. To the
 * user's program a command simply takes as long as it takes. Where Lua cannot yield at all
 * (inside a C function such as table.sort), the command raises before it has begun to wait.
 */
#include <string.h>

#include "lua/state.h"

#define WAITING_THREADS "tcpstep.waiting"

void coro_mark(lua_State *L, bool waits)
{
	lua_getfield(L, LUA_REGISTRYINDEX, WAITING_THREADS);
	lua_pushthread(L);
	if (waits)
		lua_pushboolean(L, 1);
	else
		lua_pushnil(L);
	lua_rawset(L, -3);
	lua_pop(L, 1);
}

static bool is_marked(lua_State *L, lua_State *co)
{
	bool marked;

	lua_getfield(L, LUA_REGISTRYINDEX, WAITING_THREADS);
	lua_pushthread(co);
	lua_xmove(co, L, 1);
	marked = lua_rawget(L, -2) != LUA_TNIL;
	lua_pop(L, 2);
	return marked;
}

static void stop_hook(lua_State *L, lua_Debug *ar)
{
	struct vm *vm = vm_of(L);
	struct err err;

	(void)ar;
	if (!vm->signalled) {
		lua_sethook(L, NULL, 0, 0);
		return;
	}
	err_set(&err, "interrupted", "interrupted (Ctrl-C)");
	error_raise(L, &err, NULL);
}

void coro_arm(struct vm *vm, lua_State *L)
{
	if (vm->signalled && L)
		lua_sethook(L, stop_hook, LUA_MASKCALL | LUA_MASKRET | LUA_MASKCOUNT, 1);
}

const char *coro_refusal(struct vm *vm, lua_State *L)
{
	struct resumer *r;

	if (!lua_isyieldable(L) || !vm->task)
		return "a C function (table.sort, string.gsub, require, a finalizer)";
	for (r = vm->resumers; r; r = r->up)
		if (!lua_isyieldable(r->L))
			return "a coroutine that a C function (table.sort, string.gsub) resumed";
	return NULL;
}

static int resume_after(lua_State *L, int status, lua_KContext wrap);

/* Resumes co, which has its narg values; results or error come to L. */
static int resume_once(lua_State *L, lua_State *co, int narg, bool wrap)
{
	struct vm *vm = vm_of(L);
	struct resumer here = { L, vm->resumers };
	int status, n;

	vm->resumers = &here;
	vm->running = co;
	coro_arm(vm, co);
	status = lua_resume(co, L, narg, &n);
	vm->running = L;
	vm->resumers = here.up;
	coro_arm(vm, L);
	if (status == LUA_YIELD && vm->waiting) {
		coro_mark(L, true);
		return lua_yieldk(L, 0, (lua_KContext)wrap, resume_after);
	}
	if (status != LUA_OK && status != LUA_YIELD) {
		if (wrap) {
			/* The coroutine is dead: close what it left open, then pass the error on. */
			lua_closethread(co, L);
			lua_xmove(co, L, 1);
			if (lua_type(L, -1) == LUA_TSTRING) {
				luaL_where(L, 1);
				lua_insert(L, -2);
				lua_concat(L, 2);
			}
			return lua_error(L);
		}
		lua_pushboolean(L, 0);
		lua_xmove(co, L, 1);
		return 2;
	}
	if (!lua_checkstack(L, n + 1)) {
		lua_pop(co, n);
		return luaL_error(L, "too many results to resume");
	}
	if (!wrap)
		lua_pushboolean(L, 1);
	lua_xmove(co, L, n);
	return n + !wrap;
}

/* The loop has resumed the task: what co waited for is there. co is at index 1. */
static int resume_after(lua_State *L, int status, lua_KContext wrap)
{
	lua_State *co = lua_tothread(L, 1);

	(void)status;
	coro_mark(L, false);
	lua_settop(L, 1);
	return resume_once(L, co, 0, wrap != 0);
}

static int resume_first(lua_State *L, lua_State *co, int narg, bool wrap)
{
	const char *why = NULL;

	if (is_marked(L, co))
		why = "cannot resume a coroutine that is waiting in a command";
	else if (lua_status(co) == LUA_OK && lua_gettop(co) == 0)
		why = "cannot resume dead coroutine";
	else if (lua_status(co) != LUA_OK && lua_status(co) != LUA_YIELD)
		why = "cannot resume dead coroutine";
	else if (!lua_checkstack(co, narg))
		why = "too many arguments to resume";
	else if (co == L)
		why = "cannot resume non-suspended coroutine";
	if (why && wrap)
		return luaL_error(L, "%s", why);
	if (why) {
		lua_pushboolean(L, 0);
		lua_pushstring(L, why);
		return 2;
	}
	lua_xmove(L, co, narg);
	return resume_once(L, co, narg, wrap);
}

static lua_State *co_arg(lua_State *L)
{
	lua_State *co = lua_tothread(L, 1);

	luaL_argexpected(L, co, 1, "coroutine");
	return co;
}

static int co_resume(lua_State *L)
{
	return resume_first(L, co_arg(L), lua_gettop(L) - 1, false);
}

static int wrap_call(lua_State *L)
{
	lua_State *co = lua_tothread(L, lua_upvalueindex(1));

	/* resume_after finds the thread at index 1, under the arguments. */
	lua_pushvalue(L, lua_upvalueindex(1));
	lua_insert(L, 1);
	return resume_first(L, co, lua_gettop(L) - 1, true);
}

static int co_wrap(lua_State *L)
{
	lua_State *co;

	luaL_checktype(L, 1, LUA_TFUNCTION);
	co = lua_newthread(L);
	lua_pushvalue(L, 1);
	lua_xmove(L, co, 1);
	lua_pushcclosure(L, wrap_call, 1);
	return 1;
}

static bool is_root(lua_State *L)
{
	struct vm *vm = vm_of(L);

	return vm->task && vm->task->L == L;
}

static int co_yield (lua_State *L)
{
	if (is_root(L))
		return luaL_error(L, "attempt to yield from outside a coroutine");
	return lua_yield(L, lua_gettop(L));
}

static int co_isyieldable(lua_State *L)
{
	lua_pushboolean(L, lua_isyieldable(L) && !is_root(L));
	return 1;
}

static int co_running(lua_State *L)
{
	lua_pushthread(L);
	lua_pushboolean(L, is_root(L));
	return 2;
}

static int co_close(lua_State *L)
{
	lua_State *co = co_arg(L);
	int status = lua_status(co);

	if (co == L || (status == LUA_OK && lua_gettop(co) == 0 &&
			lua_getstack(co, 0, &(lua_Debug){ 0 })))
		return luaL_error(L, "cannot close a running coroutine");
	if (is_marked(L, co)) {
		/* Its wait ends with it: a wait is a to-be-closed value. */
		lua_getfield(L, LUA_REGISTRYINDEX, WAITING_THREADS);
		lua_pushvalue(L, 1);
		lua_pushnil(L);
		lua_rawset(L, -3);
		lua_pop(L, 1);
	}
	status = lua_closethread(co, L);
	lua_pushboolean(L, status == LUA_OK);
	if (status == LUA_OK)
		return 1;
	lua_xmove(co, L, 1);
	return 2;
}

void coro_register(lua_State *L)
{
	static const luaL_Reg functions[] = { { "resume", co_resume },
					      { "wrap", co_wrap },
					      { "yield", co_yield },
					      { "isyieldable", co_isyieldable },
					      { "running", co_running },
					      { "close", co_close },
					      { NULL, NULL } };

	lua_getglobal(L, "coroutine");
	luaL_setfuncs(L, functions, 0);
	lua_pop(L, 1);
	lua_newtable(L);
	lua_createtable(L, 0, 1);
	lua_pushliteral(L, "k");
	lua_setfield(L, -2, "__mode");
	lua_setmetatable(L, -2);
	lua_setfield(L, LUA_REGISTRYINDEX, WAITING_THREADS);
}
