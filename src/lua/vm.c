/* vm.c - the Lua state: made, asked, interrupted, ended. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/line.h"
#include "lua/task.h"

static void register_all(lua_State *L)
{
	error_register(L);
	coro_register(L);
	bind_register(L);
	object_register(L);
	host_register(L);
	hook_register(L);
	task_register(L);
	lib_register(L);
	embed_register(L);
}

void vm_commands(void)
{
	static bool added;

	if (added)
		return;
	added = true;
	commands();
	commands_add(rows_tasks);
	commands_add(rows_test);
	commands_add(rows_tutor);
}

struct vm *vm_new(struct app *app, const struct vm_hooks *hooks)
{
	struct vm *vm = xcalloc(1, sizeof(*vm));
	lua_State *L = luaL_newstate();

	if (!L)
		abort();
	vm->app = app;
	vm->hooks = *hooks;
	vm->L = L;
	vm->tty = isatty(STDOUT_FILENO);
	app->lua = vm;
	app->interrupt = (struct interrupt){ coro_interrupted, vm };
	*(struct vm **)lua_getextraspace(L) = vm;
	vm_commands();
	/* LUA_PATH, LUA_CPATH and LUA_INIT are not ours to follow. */
	lua_pushboolean(L, 1);
	lua_setfield(L, LUA_REGISTRYINDEX, "LUA_NOENV");
	luaL_openlibs(L);
	register_all(L);
	lua_gc(L, LUA_GCGEN, 0, 0);
	return vm;
}

void vm_free(struct vm *vm)
{
	if (vm->settling)
		run_clear(&vm->settle);
	vm->done = NULL;
	vm->foreground = NULL;
	while (vm->tasks)
		task_drop(vm->tasks);
	while (vm->ended)
		task_drop(vm->ended);
	lua_close(vm->L);
	loop_timer_stop(vm->app->loop, &vm->tick);
	vm->taken = false;
	vm->app->door.observed = NULL;
	buf_clear(&vm->entered);
	buf_clear(&vm->warning);
	vm->app->interrupt = (struct interrupt){ NULL };
	vm->app->lua = NULL;
	free(vm);
}

int vm_call(struct vm *vm, lua_CFunction fn, void *arg, int n)
{
	lua_State *L = vm->L, *was = vm->running;
	int status;

	lua_pushcfunction(L, fn);
	lua_insert(L, -1 - n);
	lua_pushlightuserdata(L, arg);
	lua_insert(L, -1 - n);
	/* What ended the line must not end the telling of it: only the next Ctrl-C does. */
	lua_sethook(L, NULL, 0, 0);
	vm->running = L;
	vm->depth++;
	status = lua_pcall(L, n + 1, 0, 0);
	vm->depth--;
	vm->running = was;
	return status;
}

void vm_global(lua_State *L, const char *name)
{
	lua_pushglobaltable(L);
	lua_pushstring(L, name);
	if (lua_rawget(L, -2) == LUA_TNIL && object_push_name(L, name))
		lua_remove(L, -2);
	lua_remove(L, -2);
}

void vm_args(struct vm *vm, int argc, char **argv)
{
	lua_State *L = vm->L;
	int i;

	lua_createtable(L, argc, 1);
	for (i = 0; i < argc; i++) {
		lua_pushstring(L, argv[i]);
		lua_rawseti(L, -2, i);
	}
	lua_setglobal(L, "arg");
}

bool vm_busy(const struct vm *vm)
{
	return vm->foreground || vm->settling;
}

/* So many more and a turn of a background task is none: some milliseconds. */
#define TURN_INSTRUCTIONS 100000

void vm_signal(struct vm *vm)
{
	lua_State *L = vm->running;

	vm->signalled = 1;
	vm->hit = vm->task;
	vm->left = TURN_INSTRUCTIONS;
	/* lua_sethook may be called from a signal handler (Lua's own shell does). */
	if (L)
		coro_arm(vm, L);
	loop_wake(vm->app->loop);
}

void vm_interrupt(struct vm *vm)
{
	/* A line that a module has entered may have begun since the signal came. */
	vm->signalled = 1;
	if (vm->foreground && vm->foreground->waits)
		run_stop(vm->foreground->run, STOP_INTERRUPTED);
	else if (vm->settling)
		run_stop(&vm->settle, STOP_INTERRUPTED);
}

int vm_tasks(const struct vm *vm)
{
	const struct task *task;
	int n = 0;

	for (task = vm->tasks; task; task = task->next)
		n += task != vm->foreground;
	return n;
}

const struct call *vm_waiting(const struct vm *vm)
{
	return vm->foreground && vm->foreground->waits ? &vm->foreground->run->call
						       : NULL;
}

/* Does it wait for this one, by way of others? */
static bool comes_to(const struct task *task, const struct task *that)
{
	while (task && task != that)
		task = task->waiter ? task->waiter->task : NULL;
	return task != NULL;
}

static bool waits_in(const struct task *task, vm_call_fn *fits)
{
	const struct task *other;

	while (task->waiter && task->waiter->task)
		task = task->waiter->task;
	if (!task->waiter)
		return task->waits && fits(&task->run->call);
	for (other = task->vm->tasks; other; other = other->next)
		if (other->waits && !other->waiter && !comes_to(other, task) &&
		    fits(&other->run->call))
			return true;
	return false;
}

bool vm_waits_in(const struct vm *vm, vm_call_fn *fits)
{
	return vm->foreground && waits_in(vm->foreground, fits);
}

bool vm_is_object(struct vm *vm, const char *name)
{
	return words_is_object(vm, name);
}

static void complete_keys(lua_State *L, const char *stem, size_t stem_len,
			  const char *part, void (*fn)(void *, const char *), void *arg)
{
	char name[160];

	for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
		const char *key = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2)
								 : "";

		if (!lua_is_name(key) || strncmp(key, part, strlen(part)) != 0)
			continue;
		snprintf(name, sizeof(name), "%.*s%s", (int)stem_len, stem, key);
		fn(arg, name);
	}
}

/* Where a value's fields and methods stand, in place of the value: a table, or nil. */
static void fields_of(lua_State *L)
{
	if (lua_istable(L, -1))
		return;
	if (object_get(L, -1)) {
		/* Methods stand in the closure of the socket's __index. */
		lua_rawgetp(L, LUA_REGISTRYINDEX, vm_of(L)->sock_meta);
		lua_getfield(L, -1, "__index");
		lua_getupvalue(L, -1, 1);
		lua_replace(L, -3);
		lua_pop(L, 1);
	} else if (host_get(L, -1)) {
		host_fields_push(L, host_get(L, -1));
	} else if (luaL_getmetafield(L, -1, "__index") == LUA_TNIL) {
		lua_pushnil(L);
	}
	lua_replace(L, -2);
}

/* No metamethod runs: TAB must change nothing. */
void vm_complete(struct vm *vm, const char *prefix, void (*fn)(void *, const char *),
		 void *arg)
{
	lua_State *L = vm->L;
	const char *p = prefix, *dot;
	char name[160];
	int top = lua_gettop(L);

	lua_pushglobaltable(L);
	while ((dot = strpbrk(p, ".:")) && lua_istable(L, -1)) {
		snprintf(name, sizeof(name), "%.*s", (int)(dot - p), p);
		if (p == prefix) {
			vm_global(L, name);
		} else {
			lua_pushstring(L, name);
			lua_rawget(L, -2);
		}
		fields_of(L);
		p = dot + 1;
	}
	if (lua_istable(L, -1) && !dot)
		complete_keys(L, prefix, (size_t)(p - prefix), p, fn, arg);
	lua_settop(L, top);
}
