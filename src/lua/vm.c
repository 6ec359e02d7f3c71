/* vm.c - the Lua state: made, fed, interrupted, ended. */
#include <stdlib.h>
#include <string.h>

#include "cmd/line.h"
#include "lua/state.h"

static void register_all(lua_State *L)
{
	error_register(L);
	coro_register(L);
	bind_register(L);
	object_register(L);
	task_register(L);
	lib_register(L);
}

void vm_commands(void)
{
	static bool added;

	if (added)
		return;
	added = true;
	commands();
	commands_add(rows_tasks);
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
	app->lua = vm;
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
	lua_close(vm->L);
	vm->app->lua = NULL;
	free(vm);
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

void vm_signal(struct vm *vm)
{
	lua_State *L = vm->running;

	vm->signalled = 1;
	/* lua_sethook may be called from a signal handler (Lua's own shell does). */
	if (L)
		coro_arm(vm, L);
	loop_wake(vm->app->loop);
}

void vm_interrupt(struct vm *vm)
{
	if (vm->foreground && vm->foreground->run)
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
	return vm->foreground && vm->foreground->run ? &vm->foreground->run->call : NULL;
}

bool vm_is_object(struct vm *vm, const char *name)
{
	lua_State *L = vm->L;
	bool is;

	if (!lua_is_name(name))
		return false;
	lua_getglobal(L, name);
	is = object_get(L, -1) != NULL || luaL_testudata(L, -1, "task") != NULL;
	lua_pop(L, 1);
	return is;
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

void vm_complete(struct vm *vm, const char *prefix, void (*fn)(void *, const char *),
		 void *arg)
{
	lua_State *L = vm->L;
	const char *p = prefix, *dot;
	int top = lua_gettop(L);

	lua_pushglobaltable(L);
	while ((dot = strpbrk(p, ".:"))) {
		if (!lua_istable(L, -1))
			break;
		lua_pushlstring(L, p, (size_t)(dot - p));
		lua_gettable(L, -2);
		p = dot + 1;
		if (object_get(L, -1)) {
			/* Methods stand in the closure of the socket's __index. */
			lua_rawgetp(L, LUA_REGISTRYINDEX, vm->sock_meta);
			lua_getfield(L, -1, "__index");
			lua_getupvalue(L, -1, 1);
		} else if (lua_type(L, -1) == LUA_TSTRING) {
			lua_getglobal(L, "string");
		}
	}
	if (lua_istable(L, -1))
		complete_keys(L, prefix, (size_t)(p - prefix), p, fn, arg);
	lua_settop(L, top);
}
