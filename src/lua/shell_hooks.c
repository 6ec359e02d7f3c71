/*
 * shell_hooks.c - what a module inside the program may ask of the shell.
 *
 * The tutor and the walkthrough are Lua, and no mode of the shell: lines go on to run as ever, and a
 * module that has taken the shell is asked before each and told after. It gives a table of what it
 * wants (shell.take), whose fields are read when they are needed, so that it may change them:
 *
 *   prompt   text that stands for "tcpstep" in the prompt
 *   empty    the line that an empty one stands for
 *   before   function(text): the line that is to run in its place, or nil
 *   after    function(how): a line has ended "ok", "failed" or "interrupted", and states have settled
 *   called   function(call): a command has ended, typed or from Lua
 *   observed function(news): the states that a socket has passed through
 *   tick     function(): five times a second while no line runs, and when something happens
 *   lost     function(): the shell is no longer the module's: another has taken it, or one of these has failed
 *
 * All run on the main thread: they can neither wait nor raise.
 */
#include <string.h>

#include "cmd/observe.h"
#include "lua/task.h"

#define TICK_SECONDS 0.2

/* What comes together is looked at together. */
#define SOON_SECONDS 0.01

/* What stands before each entered line. */
enum { SHOWN = '+', HIDDEN = '-' };

/* Where the module's table, and the table of these functions, stand in the registry. */
static const char hooks_key, shell_key;

/* Pushes the field of the module's table; false and nothing pushed when it is not of that type. */
static bool field_push(struct vm *vm, const char *name, int type)
{
	lua_State *L = vm->L;

	if (!vm->taken)
		return false;
	lua_rawgetp(L, LUA_REGISTRYINDEX, &hooks_key);
	lua_pushstring(L, name);
	lua_rawget(L, -2);
	lua_remove(L, -2);
	if (lua_type(L, -1) == type)
		return true;
	lua_pop(L, 1);
	return false;
}

/* The function and its argument are on the stack above the buffer for the text that it returns. */
static int ask(lua_State *L)
{
	struct buf *answer = lua_touserdata(L, 1);

	lua_call(L, lua_gettop(L) - 2, 1);
	if (answer && lua_type(L, -1) == LUA_TSTRING)
		buf_adds(answer, lua_tostring(L, -1));
	return 0;
}

/* Calls the function under the n values on top of vm->L. */
static void call(struct vm *vm, int n, struct buf *answer)
{
	bool tells;

	if (vm_call(vm, ask, answer, n + 1) == LUA_OK)
		return;
	tell_error(vm, vm->L, "", "");
	lua_pop(vm->L, 1);
	tells = field_push(vm, "lost", LUA_TFUNCTION);
	vm->taken = false;
	if (tells)
		call(vm, 0, NULL);
}

/* --- the shell asks --- */

static bool field_copy(struct vm *vm, const char *name, struct buf *out)
{
	if (!field_push(vm, name, LUA_TSTRING))
		return false;
	buf_adds(out, lua_tostring(vm->L, -1));
	lua_pop(vm->L, 1);
	return true;
}

bool vm_prompt(struct vm *vm, struct buf *out)
{
	return field_copy(vm, "prompt", out);
}

bool vm_empty_line(struct vm *vm, struct buf *out)
{
	return field_copy(vm, "empty", out);
}

enum vm_entered vm_entered(struct vm *vm, struct buf *out)
{
	size_t n = strcspn(buf_str(&vm->entered), "\n");
	enum vm_entered kind;

	vm->recording.hidden = false;
	if (vm->entered.len == 0)
		return VM_ENTERED_NOTHING;
	kind = *vm->entered.data == HIDDEN ? VM_ENTERED_HIDDEN : VM_ENTERED_SHOWN;
	buf_add(out, vm->entered.data + 1, n - 1);
	buf_drop(&vm->entered, n + 1);
	vm->entered_at = 0;
	vm->recording.hidden = kind == VM_ENTERED_HIDDEN;
	return kind;
}

static void entered_forget(struct vm *vm)
{
	buf_reset(&vm->entered);
	vm->entered_at = 0;
}

/* --- the Lua floor tells --- */

void shell_before(struct vm *vm, const char *text, size_t len, struct buf *instead)
{
	if (!field_push(vm, "before", LUA_TFUNCTION))
		return;
	lua_pushlstring(vm->L, text, len);
	call(vm, 1, instead);
}

void shell_after(struct vm *vm, enum vm_end end)
{
	static const char *const how[] = { "ok", "failed", "interrupted" };

	if (end == VM_INTERRUPTED)
		entered_forget(vm);
	if (!field_push(vm, "after", LUA_TFUNCTION))
		return;
	lua_pushstring(vm->L, how[end]);
	call(vm, 1, NULL);
}

static void set_text(lua_State *L, const char *key, const char *text)
{
	lua_pushstring(L, text);
	lua_setfield(L, -2, key);
}

static void set_sock(lua_State *L, struct sock *s)
{
	char kind = (char)s->kind;
	char text[SOCK_NAME_MAX];

	set_text(L, "socket", sock_name(s, text));
	set_text(L, "host", s->host->name);
	lua_pushlstring(L, &kind, 1);
	lua_setfield(L, -2, "kind");
}

void shell_called(struct vm *vm, const struct call *c, int rc)
{
	lua_State *L = vm->L;
	struct sock *s = c->result.kind == VALUE_SOCK	? c->result.sock
			 : c->arg[0].kind == VALUE_SOCK ? c->arg[0].sock
							: NULL;

	if (!field_push(vm, "called", LUA_TFUNCTION))
		return;
	lua_newtable(L);
	set_text(L, "command", c->cmd->name);
	set_text(L, "host", c->host ? c->host->name : "here");
	if (s)
		set_sock(L, s);
	if (rc < 0) {
		set_text(L, "code", c->err.code);
		set_text(L, "message", c->err.message);
	} else if (c->result.kind != VALUE_SOCK) {
		lua_push_value(L, &c->result);
		lua_setfield(L, -2, "value");
	}
	call(vm, 1, NULL);
}

/* A field of the error on top of L, when it has that, into the table on top of `to`. */
static void copy_text(lua_State *L, const char *key, lua_State *to)
{
	if (lua_type(L, -1) != LUA_TTABLE)
		return;
	lua_pushstring(L, key);
	lua_rawget(L, -2);
	if (lua_type(L, -1) == LUA_TSTRING)
		set_text(to, key, lua_tostring(L, -1));
	lua_pop(L, 1);
}

/* The first argument when it is a text, also of many, else nil; into the table on top of `to`. */
static void copy_argument(lua_State *L, const struct cmd *cmd, int args, lua_State *to)
{
	if (!cmd->arg[0].name)
		return;
	lua_getfield(L, args, cmd->arg[0].name);
	if (lua_type(L, -1) == LUA_TTABLE) {
		lua_rawgeti(L, -1, 1);
		lua_remove(L, -2);
	}
	if (lua_type(L, -1) == LUA_TSTRING)
		set_text(to, "argument", lua_tostring(L, -1));
	lua_pop(L, 1);
}

void shell_module_called(lua_State *L, const struct cmd *cmd, int args, bool failed)
{
	struct vm *vm = vm_of(L);

	/* What a hook calls itself, on the main thread, is not told. */
	if (L == vm->L || !field_push(vm, "called", LUA_TFUNCTION))
		return;
	lua_newtable(vm->L);
	set_text(vm->L, "command", cmd->name);
	set_text(vm->L, "host", "here");
	copy_argument(L, cmd, args, vm->L);
	lua_pushvalue(L, args);
	lua_xmove(L, vm->L, 1);
	lua_setfield(vm->L, -2, "args");
	if (failed) {
		set_text(vm->L, "code", "error");
		copy_text(L, "code", vm->L);
		copy_text(L, "message", vm->L);
	}
	call(vm, 1, NULL);
}

/* {socket = "c1", host = "here", kind = "c", trail = {"CLOSED", "SYN_SENT", "ESTABLISHED"}} */
static void observed(struct app *app, const struct change *change)
{
	struct vm *vm = app->lua;
	lua_State *L = vm->L;
	int i;

	if (!field_push(vm, "observed", LUA_TFUNCTION))
		return;
	lua_newtable(L);
	set_sock(L, change->sock);
	lua_createtable(L, change->n, 0);
	for (i = 0; i < change->n; i++) {
		lua_pushstring(L, state_name(change->trail[i]));
		lua_rawseti(L, -2, i + 1);
	}
	lua_setfield(L, -2, "trail");
	call(vm, 1, NULL);
}

static void tick(void *arg)
{
	struct vm *vm = arg;

	vm->tick_soon = false;
	if (!vm_busy(vm) && field_push(vm, "tick", LUA_TFUNCTION))
		call(vm, 0, NULL);
	if (vm->taken)
		loop_timer_start(vm->app->loop, &vm->tick, TICK_SECONDS, tick, vm);
}

void vm_happened(struct vm *vm)
{
	/* Events without end must not put it off without end. */
	if (!vm->taken || vm->tick_soon)
		return;
	vm->tick_soon = true;
	loop_timer_start(vm->app->loop, &vm->tick, SOON_SECONDS, tick, vm);
}

/* --- the module asks --- */

static int shell_take(lua_State *L)
{
	struct vm *vm = vm_of(L);
	bool same;

	lua_settop(L, 1);
	lua_rawgetp(L, LUA_REGISTRYINDEX, &hooks_key);
	same = lua_rawequal(L, 1, 2);
	if (!same && field_push(vm, "lost", LUA_TFUNCTION))
		call(vm, 0, NULL);
	lua_pushvalue(L, 1);
	lua_rawsetp(L, LUA_REGISTRYINDEX, &hooks_key);
	vm->taken = lua_istable(L, 1);
	vm->tick_soon = false;
	vm->app->door.observed = vm->taken ? observed : NULL;
	if (vm->taken)
		loop_timer_start(vm->app->loop, &vm->tick, TICK_SECONDS, tick, vm);
	else
		loop_timer_stop(vm->app->loop, &vm->tick);
	return 0;
}

/* enter(text, hidden): lines to run as if typed, right after the one that runs now. */
static int shell_enter(lua_State *L)
{
	const char *text = luaL_checkstring(L, 1);
	struct vm *vm = vm_of(L);
	struct buf all = BUF_EMPTY;
	size_t n;

	buf_add(&all, buf_str(&vm->entered), vm->entered_at);
	do {
		n = strcspn(text, "\n");
		buf_addc(&all, lua_toboolean(L, 2) ? HIDDEN : SHOWN);
		buf_add(&all, text, n);
		buf_addc(&all, '\n');
		text += n + (text[n] != '\0');
	} while (*text);
	n = vm->entered_at;
	vm->entered_at = all.len;
	buf_add(&all, buf_str(&vm->entered) + n, vm->entered.len - n);
	buf_clear(&vm->entered);
	vm->entered = all;
	return 0;
}

/* forget(): what was entered and has not run yet is not to. */
static int shell_forget(lua_State *L)
{
	entered_forget(vm_of(L));
	return 0;
}

/* clear(): an empty stage. No lab, socket or background task; the next connection is c1, and nothing was typed. */
static int shell_clear(lua_State *L)
{
	struct vm *vm = vm_of(L);
	struct task *task, *next;

	for (task = vm->tasks; task; task = next) {
		next = task->next;
		if (task != vm->task && task != vm->foreground)
			task_drop(task);
	}
	while (vm->ended)
		task_drop(vm->ended);
	vm->last_task = 0;
	app_clear(vm->app);
	record_forget(vm);
	return 0;
}

/* quiet(true): nothing is shown until quiet(false). quiet(): is it so? */
static int shell_quiet(lua_State *L)
{
	struct app *app = vm_of(L)->app;

	if (!lua_isnone(L, 1))
		app->quiet = lua_toboolean(L, 1);
	lua_pushboolean(L, app->quiet);
	return 1;
}

/* shown(true): what is shown since it was last asked. shown(false): no more is kept. */
static int shell_shown(lua_State *L)
{
	struct app *app = vm_of(L)->app;

	app->keeps_shown = lua_toboolean(L, 1);
	lua_pushlstring(L, buf_str(&app->shown), app->shown.len);
	buf_reset(&app->shown);
	return 1;
}

/* attend(true): it is as if a person were there. Events are told, and a lab's clock is slow. */
static int shell_attend(lua_State *L)
{
	struct app *app = vm_of(L)->app;
	bool on = lua_toboolean(L, 1);
	struct err err;

	if (on && !app->observer && observe_start(app, &err) < 0)
		return luaL_error(L, "%s", err.message);
	app->at_prompt = on;
	app->set.events = on;
	return 0;
}

/* untold(): what has happened to sockets until now is told no more. */
static int shell_untold(lua_State *L)
{
	struct app *app = vm_of(L)->app;
	struct changes changes;

	observe_collect(app, &changes, false);
	changes_clear(app, &changes);
	return 0;
}

static const luaL_Reg functions[] = { { "take", shell_take },
				      { "enter", shell_enter },
				      { "forget", shell_forget },
				      { "clear", shell_clear },
				      { "quiet", shell_quiet },
				      { "shown", shell_shown },
				      { "attend", shell_attend },
				      { "untold", shell_untold },
				      { NULL, NULL } };

void shell_push(lua_State *L)
{
	if (lua_rawgetp(L, LUA_REGISTRYINDEX, &shell_key) == LUA_TTABLE)
		return;
	lua_pop(L, 1);
	luaL_newlib(L, functions);
	luaL_setfuncs(L, surroundings, 0);
	luaL_setfuncs(L, session_functions, 0);
	lua_pushvalue(L, -1);
	lua_rawsetp(L, LUA_REGISTRYINDEX, &shell_key);
}
