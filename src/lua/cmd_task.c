/*
 * cmd_task.c - spawn, wait, try.
 *
 * A wait for one task ends with that task. A wait for all ends when no other is left, or with the
 * first that fails. Tasks that wait for each other in a circle would wait for ever: wait
 * refuses to close one, and a wait for all leaves out those that wait for the waiting task.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "lua/task.h"

static int native_spawn(lua_State *L)
{
	struct vm *vm = vm_of(L);
	struct task *task;

	vm->typed = false;
	if (!lua_isfunction(L, 1)) {
		if (luaL_getmetafield(L, 1, "__call") == LUA_TNIL)
			return error_usage(
				L, "spawn",
				"a function is expected, not %s; as in spawn(accept, l1)",
				luaL_typename(L, 1));
		lua_pop(L, 1);
	}
	task = task_new(L, lua_gettop(L) - 1);
	task_number(task);
	record_spawned(vm, task);
	task_wake(task);
	task_push(L, task);
	return 1;
}

/* --- wait --- */

static struct waiter **waiters_of(struct waiter *w)
{
	return w->task ? &w->task->waiters : &w->by->vm->waiters;
}

/* Is it, by way of others, waiting for that one? */
static bool waits_for(const struct task *task, const struct task *that)
{
	for (; task; task = task->waiter ? task->waiter->task : NULL)
		if (task == that)
			return true;
	return false;
}

/* Does it, by way of others, wait for all? */
static bool waits_for_all(const struct task *task)
{
	while (task->waiter && task->waiter->task)
		task = task->waiter->task;
	return task->waiter != NULL;
}

/* Is there a task that this one should still wait for? */
static bool others_left(const struct task *self)
{
	const struct task *task;

	for (task = self->vm->tasks; task; task = task->next) {
		if (task->number == 0 || waits_for(task, self))
			continue;
		/* Two that wait for all would wait for each other; the foreground is last. */
		if (self->number == 0 || !waits_for_all(task))
			return true;
	}
	return false;
}

static void waiter_free(void *state)
{
	struct waiter *w = state, **at;

	for (at = waiters_of(w); *at && *at != w; at = &(*at)->next)
		;
	if (*at)
		*at = w->next;
	w->by->waiter = NULL;
	if (w->task)
		task_unref(w->task);
	if (w->failed)
		task_unref(w->failed);
	free(w);
}

/* Looks again whether those that wait for all still have whom to wait for. */
static void waiters_all_wake(struct vm *vm)
{
	struct waiter *w, *next;

	for (w = vm->waiters; w; w = next) {
		next = w->next;
		wake_fire(&w->wake);
	}
}

bool waiters_wake(struct task *task)
{
	struct vm *vm = task->vm;
	struct waiter *w;
	bool taken = task->waiters || vm->waiters;

	if (task->state == TASK_FAILED && !task->waiters)
		for (w = vm->waiters; w; w = w->next)
			if (!w->failed)
				w->failed = task_ref(task);
	while ((w = task->waiters)) {
		task->waiters = w->next;
		wake_fire(&w->wake);
	}
	waiters_all_wake(vm);
	return taken;
}

static int wait_exec(struct call *call)
{
	struct waiter *w = call->state;
	char what[32] = "wait", name[16];

	if (w->task ? w->task->state >= TASK_DONE : w->failed || !others_left(w->by))
		return 0;
	if (w->task)
		snprintf(what, sizeof(what), "wait %s", task_name(w->task, name));
	if (call->stop != STOP_NO)
		return call_stopped(call, what, w->task ? "it goes on" : "they go on");
	w->wake = (struct wake){ 0 };
	call->wait = (struct wait){ .fd = -1, .seconds = -1, .wake = &w->wake };
	return CALL_WAIT;
}

/* The task's results, or its error raised once more. */
static int wait_push(lua_State *L, struct call *call)
{
	struct waiter *w = call->state;
	struct task *task = w->task ? w->task : w->failed;
	int i, n;

	if (!task)
		return 0;
	if (task->state == TASK_FAILED) {
		lua_pushvalue(task->L, -1);
		lua_xmove(task->L, L, 1);
		return -1;
	}
	n = task->nresults;
	if (!lua_checkstack(L, n + 1) || !lua_checkstack(task->L, n)) {
		lua_pushliteral(L, "wait: too many results");
		return -1;
	}
	for (i = 0; i < n; i++)
		lua_pushvalue(task->L, -n);
	lua_xmove(task->L, L, n);
	return n;
}

static int wait_for(lua_State *L, struct task *task, struct call *call)
{
	struct vm *vm = vm_of(L);
	struct waiter *w = xcalloc(1, sizeof(*w)), **list;
	int rc;

	w->by = vm->task;
	w->task = task ? task_ref(task) : NULL;
	list = waiters_of(w);
	w->next = *list;
	*list = w;
	w->by->waiter = w;
	call->state = w;
	call->state_free = waiter_free;
	rc = wait_exec(call);
	if (rc == CALL_WAIT && task)
		waiters_all_wake(vm);
	return bind_end(L, call, rc, wait_push);
}

/* The task that the first argument means; raises when it means none. */
static struct task *task_arg(lua_State *L)
{
	struct vm *vm = vm_of(L);
	struct task *task = task_get(L, 1);
	const char *name;

	if (task)
		return task;
	if (lua_type(L, 1) != LUA_TSTRING) {
		error_usage(L, "wait",
			    "a task such as t1, or nothing for all, is expected, not %s",
			    luaL_typename(L, 1));
		return NULL;
	}
	name = lua_tostring(L, 1);
	task = task_find(vm, name);
	if (!task && *name == 't' && atoi(name + 1) > 0 &&
	    atoi(name + 1) <= vm->last_task)
		error_usage(L, "wait",
			    "%s has ended, and its result is not kept any more", name);
	else if (!task)
		error_usage(L, "wait", "there is no task %s", name);
	return task;
}

int native_wait(lua_State *L)
{
	struct vm *vm = vm_of(L);
	const struct cmd *cmd = command_find("wait");
	int n = lua_gettop(L), options = lua_istable(L, n) ? n-- : 0;
	struct task *task = NULL;
	struct call call;
	char name[16];

	vm->typed = false;
	if (n > 1)
		return error_usage(L, "wait",
				   "one task, or nothing for all, is expected");
	if (n == 1 && !lua_isnil(L, 1))
		task = task_arg(L);
	if (!vm->task)
		return error_usage(L, "wait", "a finalizer cannot wait");
	if (task && task->state < TASK_DONE && waits_for(task, vm->task))
		return error_usage(L, "wait",
				   task == vm->task ? "%s cannot wait for itself"
						    : "%s waits for this task already",
				   task_name(task, name));
	call_init(&call, vm->app, cmd);
	/* Without a limit of its own, wait ends when the task does. */
	call.option[0] = value_num(-1);
	if (options && lua_getfield(L, options, "timeout") != LUA_TNIL) {
		call.option[0] = lua_to_value(L, -1);
		if (arg_check(&call, &cmd->option[0], &call.option[0]) < 0)
			return error_raise(L, &call.err, "wait", -1);
	}
	return wait_for(L, task, &call);
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
		.detail =
			"Gives what the task's function returned, or raises its error. Without a task: waits for\n"
			"all others, and raises the error of the first that fails.",
		.example = "t = spawn(sleep, 0.01)\nwait(t)",
		.returns = "any",
		.arg = { { "task", ARG_LUA, ARG_OPTIONAL, .standard = "all",
			   .text = "t1, or what spawn gave" } },
		.option = { { "timeout", ARG_DURATION, ARG_OPTIONAL, .standard = "off",
			      .text = "how long: 2, 50ms, 2m, off" } },
		/* For the wait itself, once native_wait has set it up. */
		.exec = wait_exec,
		.native = (void (*)(void))native_wait,
	},
	{
		.name = "try",
		.group = "scripts",
		.usage = "FUNCTION [ARGUMENTS...]",
		.summary = "call, and get nil and the error where it would raise",
		.detail =
			"The error is an object: .code (\"ECONNREFUSED\", \"timeout\" ...), .op, .message, .hint,\n"
			".where (\"file.lua:3\") and, when bytes were sent or received, .bytes.",
		.example = "s, err = try(connect, \"127.0.0.1:1\")\nerr.code",
		.returns = "any, error?",
		.arg = { { "function", ARG_LUA, ARG_NEEDED, .text = "what to call" },
			 { "arguments", ARG_LUA, ARG_OPTIONAL | ARG_MANY,
			   .text = "what to call it with" } },
		.native = (void (*)(void))native_try,
	},
	{ .name = NULL },
};
