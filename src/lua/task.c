/*
 * task.c - tasks: coroutines that the loop resumes, and spawn, wait, try.
 *
 * The line or script that runs is a task itself, the foreground. spawn makes more; they take turns
 * whenever a command waits. A task that failed and that nobody has asked about is told about.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "lua/state.h"

#define TASK_META "task"

/* A call of wait that is under way for one task. */
struct waiter {
	struct wake wake;
	struct task *task;
	struct waiter *next;
};

static struct task *task_ref(struct task *task)
{
	task->refs++;
	return task;
}

static void task_unref(struct task *task)
{
	if (--task->refs > 0)
		return;
	luaL_unref(task->vm->L, LUA_REGISTRYINDEX, task->thread_ref);
	free(task);
}

static void waiters_fire(struct task *task)
{
	struct waiter *w;

	while ((w = task->waiters)) {
		task->waiters = w->next;
		w->next = NULL;
		wake_fire(&w->wake);
	}
}

struct task *task_new(lua_State *L, int nargs)
{
	struct vm *vm = vm_of(L);
	struct task *task = xcalloc(1, sizeof(*task));

	task->vm = vm;
	task->refs = 1;
	task->nargs = nargs;
	task->L = lua_newthread(L);
	task->thread_ref = luaL_ref(L, LUA_REGISTRYINDEX);
	luaL_checkstack(task->L, nargs + 1, "task");
	lua_xmove(L, task->L, nargs + 1);
	task->next = vm->tasks;
	vm->tasks = task;
	return task;
}

/* The list's reference goes; objects and waiters may still ask for the results. */
static void task_unlist(struct task *task)
{
	struct task **at;

	loop_timer_stop(task->vm->app->loop, &task->start);
	for (at = &task->vm->tasks; *at != task; at = &(*at)->next)
		;
	*at = task->next;
	waiters_fire(task);
	task_unref(task);
}

void task_drop(struct task *task)
{
	if (task->state < TASK_DONE) {
		/* Closes what it left open: its wait first of all. */
		lua_closethread(task->L, NULL);
		task->state = TASK_FAILED;
	}
	task_unlist(task);
}

static void tell_failure(struct task *task)
{
	struct vm *vm = task->vm;
	struct vm_error e;
	struct buf text = BUF_EMPTY;
	char name[16];

	error_describe(task->L, &e, &text);
	snprintf(name, sizeof(name), "t%d", task->number);
	e.task = name;
	if (vm->hooks.error)
		vm->hooks.error(vm->app, &e);
	buf_clear(&text);
}

/* A background task has ended: tell, unless someone waits for it. */
static void task_ended(struct task *task, int status)
{
	struct vm *vm = task->vm;
	char name[16];
	bool awaited = task->awaited || task->waiters;

	task->state = status == LUA_OK ? TASK_DONE : TASK_FAILED;
	if (status != LUA_OK && !awaited)
		tell_failure(task);
	snprintf(name, sizeof(name), "t%d", task->number);
	if (status == LUA_OK && task->typed && !awaited && vm->hooks.task_done)
		vm->hooks.task_done(vm->app, name);
	task_unlist(task);
}

void task_resume(struct task *task, int nargs)
{
	struct vm *vm = task->vm;
	int status, n = 0;

	task_ref(task);
	task->state = TASK_RUNNING;
	vm->task = task;
	vm->running = task->L;
	if (task == vm->foreground)
		coro_arm(vm, task->L);
	status = lua_resume(task->L, NULL, nargs, &n);
	vm->running = NULL;
	vm->task = NULL;
	if (status == LUA_YIELD) {
		/* Only waits get this far: coroutine.yield refuses outside a coroutine. */
		vm->waiting = false;
		task->state = TASK_WAITING;
	} else {
		task->nresults = n;
		if (task == vm->foreground)
			eval_ended(vm, task, status);
		else
			task_ended(task, status);
	}
	task_unref(task);
}

static void task_begin(void *arg)
{
	struct task *task = arg;
	int nargs = task->nargs;

	task->nargs = 0;
	task_resume(task, nargs);
}

void task_wake(struct task *task)
{
	loop_timer_start(task->vm->app->loop, &task->start, 0, task_begin, task);
}

struct task *task_find(struct vm *vm, const char *name)
{
	struct task *task;
	int number;

	if (*name != 't' || strspn(name + 1, "0123456789") != strlen(name + 1) ||
	    !name[1])
		return NULL;
	number = atoi(name + 1);
	for (task = vm->tasks; task; task = task->next)
		if (task->number == number && number > 0)
			return task;
	return NULL;
}

void task_push(lua_State *L, struct task *task)
{
	struct task **box = lua_newuserdatauv(L, sizeof(*box), 0);

	*box = NULL;
	luaL_setmetatable(L, TASK_META);
	*box = task_ref(task);
}

static struct task *task_self(lua_State *L, int index)
{
	return *(struct task **)luaL_checkudata(L, index, TASK_META);
}

static int task_gc(lua_State *L)
{
	struct task **box = lua_touserdata(L, 1), *task = *box;

	*box = NULL;
	if (task)
		task_unref(task);
	return 0;
}

static int task_tostring(lua_State *L)
{
	static const char *const words[] = { "ready", "running", "waiting", "done",
					     "failed" };
	struct task *task = task_self(L, 1);

	if (task->run && task->run->call.cmd)
		lua_pushfstring(L, "t%d waiting in %s", task->number,
				task->run->call.cmd->name);
	else
		lua_pushfstring(L, "t%d %s", task->number, words[task->state]);
	return 1;
}

static int native_spawn(lua_State *L)
{
	struct vm *vm = vm_of(L);
	struct task *task;

	vm->typed = false;
	if (!lua_isfunction(L, 1) && !luaL_getmetafield(L, 1, "__call"))
		return luaL_error(
			L,
			"spawn: a function is expected, not %s; as in spawn(accept, l1)",
			luaL_typename(L, 1));
	lua_settop(L, lua_isfunction(L, 1) ? lua_gettop(L) : lua_gettop(L) - 1);
	task = task_new(L, lua_gettop(L) - 1);
	task->number = ++vm->last_task;
	task_push(L, task);
	task_wake(task);
	return 1;
}

/* --- wait --- */

static void waiter_free(void *state)
{
	struct waiter *w = state, **at;

	for (at = &w->task->waiters; *at && *at != w; at = &(*at)->next)
		;
	if (*at)
		*at = w->next;
	task_unref(w->task);
	free(w);
}

static int wait_exec(struct call *call)
{
	struct waiter *w = call->state;
	char what[32];

	if (w->task->state >= TASK_DONE)
		return 0;
	snprintf(what, sizeof(what), "wait t%d", w->task->number);
	if (call->stop != STOP_NO)
		return call_stopped(call, what, "it goes on");
	call->wait = (struct wait){ .fd = -1, .seconds = -1, .wake = &w->wake };
	return CALL_WAIT;
}

/* The task's results, or its error raised once more. */
static int wait_push(lua_State *L, struct call *call)
{
	struct task *task = ((struct waiter *)call->state)->task;
	int i, n = task->nresults;

	if (task->state == TASK_FAILED) {
		lua_pushvalue(task->L, -1);
		lua_xmove(task->L, L, 1);
		return lua_error(L);
	}
	luaL_checkstack(L, n + 1, "results");
	luaL_checkstack(task->L, n, "results");
	for (i = 0; i < n; i++)
		lua_pushvalue(task->L, -n);
	lua_xmove(task->L, L, n);
	return n;
}

static int wait_for(lua_State *L, struct task *task, struct call *call)
{
	struct waiter *w = xcalloc(1, sizeof(*w));

	w->task = task_ref(task);
	task->awaited = true;
	if (task->state < TASK_DONE) {
		w->next = task->waiters;
		task->waiters = w;
	}
	call->state = w;
	call->state_free = waiter_free;
	return bind_end(L, call, wait_exec(call), wait_push);
}

static struct task *any_task(struct vm *vm)
{
	struct task *task;

	for (task = vm->tasks; task; task = task->next)
		if (task != vm->task && task->number > 0)
			return task;
	return NULL;
}

static int wait_all(lua_State *L, int status, lua_KContext option);

static int native_wait(lua_State *L)
{
	static const char usage[] =
		"wait: a task such as t1, or nothing for all, is expected";
	struct vm *vm = vm_of(L);
	const struct cmd *cmd = &rows_tasks[1];
	struct call call;
	int n = lua_gettop(L), options = lua_istable(L, n) ? n-- : 0;

	vm->typed = false;
	if (n == 0) {
		lua_settop(L, options);
		return wait_all(L, LUA_OK, 0);
	}
	if (n > 1 || !luaL_testudata(L, 1, TASK_META))
		return luaL_error(L, "%s", usage);
	call_init(&call, vm->app, cmd);
	call.timeout = -1;
	if (options && lua_getfield(L, options, "timeout") != LUA_TNIL) {
		call.option[0] = lua_to_value(L, -1, 0);
		if (arg_check(&call, &cmd->option[0], &call.option[0]) < 0)
			return error_raise(L, &call.err, "wait");
	} else {
		/* Without a limit of its own, wait ends when the task does. */
		call.option[0] = value_num(-1);
	}
	return wait_for(L, task_self(L, 1), &call);
}

/* wait(): one after the other, until none is left. */
static int wait_all(lua_State *L, int status, lua_KContext option)
{
	struct task *task = any_task(vm_of(L));

	(void)status;
	(void)option;
	while (task) {
		lua_settop(L, 1);
		lua_pushcfunction(L, native_wait);
		task_push(L, task);
		if (lua_istable(L, 1))
			lua_pushvalue(L, 1);
		lua_callk(L, lua_istable(L, 1) ? 2 : 1, 0, 0, wait_all);
		task = any_task(vm_of(L));
	}
	return 0;
}

static int try_done(lua_State *L, int status, lua_KContext unused)
{
	(void)unused;
	if (status == LUA_OK || status == LUA_YIELD)
		return lua_gettop(L);
	lua_pushnil(L);
	lua_insert(L, -2);
	return 2;
}

/* try(f, ...): what f returns, or nil and the error. */
static int native_try(lua_State *L)
{
	vm_of(L)->typed = false;
	luaL_checkany(L, 1);
	return try_done(L, lua_pcallk(L, lua_gettop(L) - 1, LUA_MULTRET, 0, 0, try_done),
			0);
}

void task_register(lua_State *L)
{
	static const luaL_Reg meta[] = { { "__gc", task_gc },
					 { "__tostring", task_tostring },
					 { NULL, NULL } };

	luaL_newmetatable(L, TASK_META);
	luaL_setfuncs(L, meta, 0);
	lua_createtable(L, 0, 1);
	lua_pushcfunction(L, native_wait);
	lua_setfield(L, -2, "wait");
	lua_setfield(L, -2, "__index");
	lua_pop(L, 1);
}

const struct cmd rows_tasks[] = {
	{
		.name = "spawn",
		.group = "scripts",
		.usage = "FUNCTION [ARGUMENTS...]",
		.summary = "run a Lua function in the background",
		.detail =
			"Tasks take turns whenever a command waits. The object it gives is for wait; its name\n"
			"(t1, t2 ...) works too. `COMMAND &` does the same for a typed command. What fails in a\n"
			"task that nobody waits for is reported.",
		.example = "listen 7788\nt = spawn(accept, l1)\nconnect 7788\nwait(t)",
		.returns = "task",
		.arg = { { "function", ARG_LUA, ARG_NEEDED, .text = "what to call" },
			 { "arguments", ARG_LUA, ARG_OPTIONAL | ARG_MANY,
			   .text = "what to call it with" } },
		.native = (void (*)(void))native_spawn,
	},
	{
		.name = "wait",
		.group = "scripts",
		.usage = "[TASK]",
		.summary = "wait for a background task, or for all",
		.detail = "Gives what the task's function returned, or raises its error.",
		.example = "t = spawn(sleep, 0.01)\nwait(t)",
		.returns = "any",
		.arg = { { "task", ARG_LUA, ARG_OPTIONAL, .standard = "all",
			   .text = "t1, or what spawn gave" } },
		.option = { { "timeout", ARG_DURATION, ARG_OPTIONAL, .standard = "off",
			      .text = "how long: 2, 50ms, 2m, off" } },
		.exec = wait_exec,
		.native = (void (*)(void))native_wait,
	},
	{
		.name = "try",
		.group = "scripts",
		.usage = "FUNCTION [ARGUMENTS...]",
		.summary = "call, and get nil and the error where it would raise",
		.detail =
			"The error is an object: .code (\"ECONNREFUSED\", \"timeout\" ...), .op, .message, .hint.",
		.example = "s, err = try(connect, \"127.0.0.1:1\")\nerr.code",
		.returns = "any, error?",
		.arg = { { "function", ARG_LUA, ARG_NEEDED, .text = "what to call" },
			 { "arguments", ARG_LUA, ARG_OPTIONAL | ARG_MANY,
			   .text = "what to call it with" } },
		.native = (void (*)(void))native_try,
	},
	{ .name = NULL },
};
