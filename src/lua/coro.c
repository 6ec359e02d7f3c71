/*
 * coro.c - coroutine.* that lets waits pass through.
 *
 * A command that must wait yields its whole task to the loop. Inside a coroutine of the user's own
 * that yield meets the user's resume, which would take it for a value: so resume and wrap
 * here know a wait when they see one, yield on, and go on when they are resumed in turn. To the
 * user's program a command simply takes as long as it takes, and a coroutine that is in one is
 * "normal": others can neither resume nor close it. Where Lua cannot yield at all
 * (inside a C function such as table.sort), the command raises before it has begun to wait.
 */
#include <string.h>

#include "lua/task.h"

static bool is_marked(lua_State *co)
{
	return *(uintptr_t *)lua_getextraspace(co) & 1;
}

/* Ctrl-C may be for the line that runs, and for a background task that it met at work; for no other. */
static bool may_be_hit(const struct vm *vm)
{
	return vm->signalled && (vm->task == vm->foreground || vm->task == vm->hit);
}

bool coro_interrupted(void *arg)
{
	struct vm *vm = arg;

	if (!may_be_hit(vm))
		return false;
	/* Such a task is stuck only when it does not come to the end of its turn. */
	if (vm->task == vm->foreground || vm->left == 0)
		return true;
	vm->left--;
	return false;
}

static void stop_hook(lua_State *L, lua_Debug *ar)
{
	struct vm *vm = vm_of(L);
	struct err err;

	if (!vm->signalled) {
		lua_sethook(L, NULL, 0, 0);
		return;
	}
	if (!coro_interrupted(vm))
		return;
	/* What <close> has promised is kept. */
	if (ar->event == LUA_HOOKCALL && lua_getinfo(L, "f", ar)) {
		lua_CFunction called = lua_tocfunction(L, -1);

		lua_pop(L, 1);
		if (called == object_close)
			return;
	}
	err_set(&err, "interrupted", "interrupted (Ctrl-C)");
	error_raise(L, &err, NULL, -1);
}

void coro_arm(struct vm *vm, lua_State *L)
{
	if (vm->limit) {
		lua_sethook(L, vm->limit, LUA_MASKCALL | LUA_MASKRET | LUA_MASKCOUNT, 1);
		return;
	}
	if (may_be_hit(vm))
		lua_sethook(L, stop_hook, LUA_MASKCALL | LUA_MASKRET | LUA_MASKCOUNT, 1);
}

const char *coro_refusal(struct vm *vm, lua_State *L)
{
	struct resumer *r;

	if (!lua_isyieldable(L) || !vm->task)
		return "a C function or metamethod (table.sort, string.gsub, require, "
		       "__gc, __tostring)";
	for (r = vm->resumers; r; r = r->up)
		if (!lua_isyieldable(r->L))
			return "a coroutine that a C function (table.sort, string.gsub) resumed";
	return NULL;
}

/* Runs what co has left to be closed, on co. */
static int close_co(lua_State *L, lua_State *co)
{
	struct vm *vm = vm_of(L);
	int status;

	vm->running = co;
	coro_arm(vm, co);
	status = lua_closethread(co, L);
	vm->running = L;
	coro_arm(vm, L);
	return status;
}

/* The coroutine is dead: close what it left open, then pass its error on, as Lua's own wrap. */
static int wrap_failed(lua_State *L, lua_State *co, int status)
{
	if (lua_status(co) != LUA_OK && lua_status(co) != LUA_YIELD)
		close_co(L, co);
	lua_xmove(co, L, 1);
	if (status != LUA_ERRMEM && lua_type(L, -1) == LUA_TSTRING) {
		luaL_where(L, 1);
		lua_insert(L, -2);
		lua_concat(L, 2);
	}
	return lua_error(L);
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
		if (wrap)
			return wrap_failed(L, co, status);
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

	if (is_marked(co))
		why = "cannot resume a coroutine that is waiting in a command";
	else if (co == L)
		why = "cannot resume non-suspended coroutine";
	else if (!lua_checkstack(co, narg))
		why = "too many arguments to resume";
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
	lua_State *co = lua_isthread(L, 1) ? lua_tothread(L, 1) : L;

	lua_pushboolean(L, lua_isyieldable(co) && !is_root(co));
	return 1;
}

static int co_running(lua_State *L)
{
	lua_pushthread(L);
	lua_pushboolean(L, is_root(L));
	return 2;
}

enum co_state { CO_RUNNING, CO_NORMAL, CO_SUSPENDED, CO_DEAD };

static enum co_state co_state(lua_State *L, lua_State *co)
{
	lua_Debug ar;

	if (co == L)
		return CO_RUNNING;
	if (is_marked(co))
		return CO_NORMAL;
	if (lua_status(co) == LUA_YIELD)
		return CO_SUSPENDED;
	if (lua_status(co) != LUA_OK)
		return CO_DEAD;
	if (lua_getstack(co, 0, &ar))
		return CO_NORMAL;
	return lua_gettop(co) == 0 ? CO_DEAD : CO_SUSPENDED;
}

static const char *const co_words[] = { "running", "normal", "suspended", "dead" };

static int co_status(lua_State *L)
{
	lua_pushstring(L, co_words[co_state(L, co_arg(L))]);
	return 1;
}

static int co_close(lua_State *L)
{
	lua_State *co = co_arg(L);
	enum co_state state = co_state(L, co);

	if (is_marked(co))
		return luaL_error(
			L, "cannot close a coroutine that is waiting in a command");
	if (state == CO_RUNNING || state == CO_NORMAL)
		return luaL_error(L, "cannot close a %s coroutine", co_words[state]);
	if (close_co(L, co) == LUA_OK) {
		lua_pushboolean(L, 1);
		return 1;
	}
	lua_pushboolean(L, 0);
	lua_xmove(co, L, 1);
	return 2;
}

/* debug.sethook: a hook of the user's may have taken the place of the one that Ctrl-C has just set. */
static int hook_set(lua_State *L)
{
	lua_State *on = lua_isthread(L, 1) ? lua_tothread(L, 1) : L;

	lua_pushvalue(L, lua_upvalueindex(1));
	lua_insert(L, 1);
	lua_call(L, lua_gettop(L) - 1, 0);
	coro_arm(vm_of(L), on);
	return 0;
}

void coro_register(lua_State *L)
{
	static const luaL_Reg functions[] = {
		{ "resume", co_resume },   { "wrap", co_wrap },
		{ "yield", co_yield },	   { "isyieldable", co_isyieldable },
		{ "running", co_running }, { "status", co_status },
		{ "close", co_close },	   { NULL, NULL }
	};

	lua_getglobal(L, "coroutine");
	luaL_setfuncs(L, functions, 0);
	lua_getglobal(L, "debug");
	lua_getfield(L, -1, "sethook");
	lua_pushcclosure(L, hook_set, 1);
	lua_setfield(L, -2, "sethook");
	lua_pop(L, 2);
}
