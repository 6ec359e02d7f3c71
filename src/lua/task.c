/*
 * task.c - tasks: coroutines that the loop resumes.
 *
 * The line or script that runs is a task itself, the foreground; spawn and `COMMAND &` make more.
 * They take turns whenever a command waits. The list of tasks holds one reference, each Lua object
 * and each wait another. At the prompt some that have ended stay known by name, so that
 * what a command in the background brought is not lost before somebody asks for it.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "lua/task.h"

#define TASK_META "task"

/* So many that have ended are kept at the prompt. */
#define ENDED_MAX 32

struct task *task_ref(struct task *task)
{
	task->refs++;
	return task;
}

void task_unref(struct task *task)
{
	if (--task->refs > 0)
		return;
	luaL_unref(task->vm->L, LUA_REGISTRYINDEX, task->thread_ref);
	free(task);
}

static void list_add(struct task **list, struct task *task)
{
	task->prev = NULL;
	task->next = *list;
	if (*list)
		(*list)->prev = task;
	*list = task;
}

static void list_remove(struct task **list, struct task *task)
{
	if (task->next)
		task->next->prev = task->prev;
	if (task->prev)
		task->prev->next = task->next;
	else
		*list = task->next;
}

struct task *task_new(lua_State *L, int nargs)
{
	struct vm *vm = vm_of(L);
	lua_State *own = lua_newthread(L);
	struct task *task;

	/* The function and its arguments come along with it. */
	if (!lua_checkstack(own, nargs + 1))
		luaL_error(L, "too many arguments for a task");
	lua_insert(L, -2 - nargs);
	lua_xmove(L, own, nargs + 1);
	task = xcalloc(1, sizeof(*task));
	task->vm = vm;
	task->refs = 1;
	task->nargs = nargs;
	task->L = own;
	task->thread_ref = luaL_ref(L, LUA_REGISTRYINDEX);
	list_add(&vm->tasks, task);
	return task;
}

void task_number(struct task *task)
{
	task->number = ++task->vm->last_task;
}

const char *task_name(const struct task *task, char buf[16])
{
	snprintf(buf, 16, "t%d", task->number);
	return buf;
}

void task_close(struct task *task)
{
	struct vm *vm = task->vm;
	lua_State *was = vm->running;

	/* What a Ctrl-C has ended is closed all the same; the next one ends this too. */
	lua_sethook(task->L, NULL, 0, 0);
	vm->running = task->L;
	lua_closethread(task->L, NULL);
	vm->running = was;
}

/* Keeps it by name for a while, or lets the list's reference go. */
static void task_keep(struct task *task)
{
	struct vm *vm = task->vm;
	struct task *old;
	int n = 0;

	if (!vm->app->session || task->number == 0) {
		task_unref(task);
		return;
	}
	list_add(&vm->ended, task);
	for (old = vm->ended; old->next; old = old->next)
		n++;
	if (n >= ENDED_MAX) {
		list_remove(&vm->ended, old);
		task_unref(old);
	}
}

/* It runs no more; objects and waits may still ask for its results. */
static void task_retire(struct task *task)
{
	loop_timer_stop(task->vm->app->loop, &task->start);
	if (task->run) {
		run_clear(task->run);
		free(task->run);
		task->run = NULL;
	}
	list_remove(&task->vm->tasks, task);
}

void task_drop(struct task *task)
{
	struct vm *vm = task->vm;

	if (task->state >= TASK_DONE) {
		list_remove(&vm->ended, task);
		task_unref(task);
		return;
	}
	task_retire(task);
	task_close(task);
	task->state = TASK_FAILED;
	task_unref(task);
}

/* A background task has ended: tell, unless someone waits for it. */
static void task_ended(struct task *task, int status)
{
	struct vm *vm = task->vm;
	struct buf trace = BUF_EMPTY;
	char name[16];
	bool taken;

	task_name(task, name);
	if (status != LUA_OK) {
		if (!task->waiters && !vm->waiters)
			scenario_failed(vm, task->L);
		tell_trace(vm, task->L, &trace);
		task_close(task);
	}
	task->state = status == LUA_OK ? TASK_DONE : TASK_FAILED;
	record_task_ended(vm, task, status == LUA_OK);
	if (status == LUA_OK)
		eval_bind(task);
	task_retire(task);
	taken = waiters_wake(task);
	if (status != LUA_OK && !taken)
		tell_error(vm, task->L, name, buf_str(&trace));
	else if (status == LUA_OK && !taken && task->typed)
		tell_done(vm, name, task->L, task->nresults);
	buf_clear(&trace);
	task_keep(task);
}

static void foreground_ended(struct task *task, int status)
{
	task_retire(task);
	task->state = status == LUA_OK ? TASK_DONE : TASK_FAILED;
	eval_ended(task->vm, task, status);
	task_unref(task);
}

void task_resume(struct task *task, int nargs)
{
	struct vm *vm = task->vm;
	int status, n = 0;

	vm->depth++;
	/* A Ctrl-C while nothing was in the foreground was for the prompt. */
	if (!vm_busy(vm))
		vm->signalled = 0;
	task->state = TASK_RUNNING;
	vm->task = task;
	vm->running = task->L;
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
			foreground_ended(task, status);
		else
			task_ended(task, status);
	}
	vm->depth--;
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

static struct task *list_find(struct task *list, int number)
{
	while (list && list->number != number)
		list = list->next;
	return list;
}

struct task *task_find(struct vm *vm, const char *name)
{
	struct task *task;
	size_t digits;
	int number;

	if (*name != 't' || name[1] == '0')
		return NULL;
	digits = strspn(name + 1, "0123456789");
	if (digits == 0 || digits > 9 || name[1 + digits])
		return NULL;
	number = atoi(name + 1);
	task = list_find(vm->tasks, number);
	return task ? task : list_find(vm->ended, number);
}

void task_push(lua_State *L, struct task *task)
{
	struct task **box;

	if (object_cached(L, task))
		return;
	box = lua_newuserdatauv(L, sizeof(*box), 0);
	*box = NULL;
	luaL_setmetatable(L, TASK_META);
	*box = task_ref(task);
	object_cache(L, task);
}

struct task *task_get(lua_State *L, int index)
{
	struct task **box = luaL_testudata(L, index, TASK_META);

	return box ? *box : NULL;
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
	struct task *task = task_get(L, 1);
	char name[16];

	if (!task)
		return luaL_error(L, "a task is expected");
	if (task->waits)
		lua_pushfstring(L, "%s waiting in %s", task_name(task, name),
				task->run->call.cmd->name);
	else
		lua_pushfstring(L, "%s %s", task_name(task, name), words[task->state]);
	return 1;
}

/* deadline(at): calls without a timeout of their own end then, 0: whenever; gives what was said before. */
static int private_deadline(lua_State *L)
{
	struct task *task = vm_of(L)->task;
	double at = luaL_checknumber(L, 1);

	lua_pushnumber(L, task ? task->deadline : 0);
	if (task)
		task->deadline = at;
	return 1;
}

const luaL_Reg private_task[] = {
	{ "deadline", private_deadline },
	{ NULL, NULL },
};

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
	lua_pushliteral(L, "task");
	lua_setfield(L, -2, "__metatable");
	lua_pop(L, 1);
}
