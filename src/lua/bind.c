/*
 * bind.c - rows become Lua functions.
 *
 * A call tries at once, on the C stack. Only when it must wait is it moved into a userdata, which
 * stands in a to-be-closed slot of the waiting function: whatever becomes of the coroutine,
 * the wait ends with it. Then the task yields to the loop and goes on when the call is over.
 */
#include <string.h>

#include "base/text.h"
#include "cmd/line.h"
#include "cmd/observe.h"
#include "lua/state.h"

/* A call that waits, as Lua holds it. */
struct waiting {
	struct run run; /* first */
	struct task *task;
	bind_push_fn *push;
	bool live;
};

#define WAITING_META "tcpstep.call"

/* "recv: BEFORE WHAT", with the usage as the hint. */
static int usage_error(struct call *call, const char *before, const char *what)
{
	struct buf usage = BUF_EMPTY;

	err_set(&call->err, "usage", "%s: %s %.60s", call->cmd->name, before, what);
	cmd_usage(call->cmd, &usage);
	err_hint(&call->err, "usage: %s", buf_str(&usage));
	buf_clear(&usage);
	return -1;
}

static int option_read(lua_State *L, struct call *call, int key, int value)
{
	const struct cmd *cmd = call->cmd;
	const char *names[CMD_OPTIONS + 1] = { NULL }, *name, *near;
	size_t len;
	int i;

	if (lua_type(L, key) != LUA_TSTRING)
		return usage_error(
			call, "options are given by name, as in {timeout = %s}", "2");
	name = lua_tolstring(L, key, &len);
	i = cmd_option_index(cmd, name, len);
	if (i >= 0) {
		call->option[i] = lua_to_value(L, value, 0);
		return arg_check(call, &cmd->option[i], &call->option[i]);
	}
	for (i = 0; cmd->option[i].name; i++)
		names[i] = cmd->option[i].name;
	near = text_nearest(name, names);
	if (near)
		err_set(&call->err, "usage",
			"%s: there is no option \"%.40s\"; did you mean \"%s\"?",
			cmd->name, name, near);
	else
		usage_error(call, "there is no option", name);
	return -1;
}

static bool is_sock_arg(const struct arg *arg)
{
	return arg->type == ARG_SOCK || arg->type == ARG_LISTENER ||
	       arg->type == ARG_STREAM;
}

/* The socket that was left out: anything else stands in its place, but not a name of one. */
static bool left_out(lua_State *L, const struct arg *args, int at, int n)
{
	if (!is_sock_arg(&args[0]) || !(args[0].flags & (ARG_DEFAULTS | ARG_OPTIONAL)))
		return false;
	if (at > n)
		return true;
	if (object_get(L, at) || !args[1].name)
		return false;
	return lua_type(L, at) != LUA_TSTRING || !sock_is_name(lua_tostring(L, at));
}

static int rest_read(lua_State *L, struct call *call, const struct arg *arg, int at,
		     int n)
{
	int rc = 0;

	if (at > n)
		return 0;
	call->rest = xcalloc((size_t)(n - at + 1), sizeof(*call->rest));
	for (; at <= n && rc >= 0; at++) {
		struct value *v = &call->rest[call->n_rest++];

		*v = lua_to_value(L, at, 0);
		rc = arg_check(call, arg, v);
	}
	return rc;
}

/* The arguments on the stack into the call; negative with call->err. */
static int args_read(lua_State *L, struct call *call)
{
	const struct arg *args = call->cmd->arg, *arg;
	int n = lua_gettop(L), at = 1, i, rc, options = 0;

	if (n > 0 && lua_type(L, n) == LUA_TTABLE)
		options = n--;
	for (i = 0; args[i].name; i++) {
		struct value *v = &call->arg[i];

		arg = &args[i];
		if (i == 0 && left_out(L, args, at, n)) {
			/* A nil holds the place when more follows. */
			at += at <= n && lua_isnil(L, at);
			rc = arg->flags & ARG_OPTIONAL ? 0
						       : arg_default_sock(call, arg, v);
			if (rc == 0 && v->kind == VALUE_NIL)
				continue;
		} else if (at > n || lua_isnil(L, at)) {
			at++;
			rc = arg->flags & ARG_OPTIONAL ? 0
			     : arg->flags & ARG_DEFAULTS
				     ? arg_default_sock(call, arg, v)
				     : usage_error(call, "missing:", arg->name);
			if (rc == 0 && v->kind == VALUE_NIL)
				continue;
		} else {
			*v = lua_to_value(L, at++, 0);
			rc = 0;
		}
		if (rc == 0)
			rc = arg_check(call, arg, v);
		if (rc == 0 && arg->flags & ARG_MANY) {
			rc = rest_read(L, call, arg, at, n);
			at = n + 1;
		}
		if (rc < 0)
			return rc;
	}
	if (at <= n)
		return usage_error(call, "too many arguments, from here on:",
				   luaL_tolstring(L, at, NULL));
	for (lua_pushnil(L); options && lua_next(L, options); lua_pop(L, 1)) {
		rc = option_read(L, call, lua_absindex(L, -2), lua_absindex(L, -1));
		if (rc < 0)
			return rc;
	}
	return 0;
}

static int push_result(lua_State *L, struct call *call)
{
	lua_push_value(L, &call->result);
	return 1;
}

static int raise_end(lua_State *L, struct call *call)
{
	struct err err = call->err;

	call_end(call);
	return error_raise(L, &err, call->cmd->name);
}

static void call_over(struct run *run)
{
	struct waiting *w = (struct waiting *)run;
	struct task *task = w->task;

	task->run = NULL;
	/* A call may be ended by another task's close: Lua is running then. */
	if (task->vm->running)
		task_wake(task);
	else
		task_resume(task, 0);
}

static int waiting_close(lua_State *L)
{
	struct waiting *w = lua_touserdata(L, 1);

	if (!w->live)
		return 0;
	w->live = false;
	if (w->task->run == &w->run)
		w->task->run = NULL;
	run_clear(&w->run);
	return 0;
}

static int after_wait(lua_State *L, int status, lua_KContext index)
{
	struct waiting *w = lua_touserdata(L, (int)index);
	int n;

	(void)status;
	coro_mark(L, false);
	if (w->run.rc < 0)
		return error_raise(L, &w->run.call.err, w->run.call.cmd->name);
	lua_settop(L, (int)index);
	n = w->push(L, &w->run.call);
	return n;
}

static int wait_refused(lua_State *L, struct call *call, const char *why)
{
	err_set(&call->err, "usage",
		"%s would have to wait here, inside %s, where Lua cannot",
		call->cmd->name, why);
	err_hint(&call->err, "Call it outside, or in a task of its own: spawn(%s, ...)",
		 call->cmd->name);
	call->stop = STOP_ABANDONED;
	return raise_end(L, call);
}

static int wait_begin(lua_State *L, struct call *call, int rc, bind_push_fn *push)
{
	struct vm *vm = vm_of(L);
	const char *why = coro_refusal(vm, L);
	struct waiting *w;

	if (why && rc == CALL_WAIT) {
		/* Lets exec give back what it has begun, such as a socket that is connecting. */
		call->stop = STOP_ABANDONED;
		call->cmd->exec(call);
		return wait_refused(L, call, why);
	}
	luaL_checkstack(L, 10, "call");
	w = lua_newuserdatauv(L, sizeof(*w), 0);
	w->live = false;
	w->task = vm->task;
	w->push = push;
	luaL_setmetatable(L, WAITING_META);
	lua_toclose(L, -1);
	run_start(&w->run, call, rc, call_over, NULL);
	w->live = true;
	vm->task->run = &w->run;
	coro_mark(L, true);
	vm->waiting = true;
	return lua_yieldk(L, 0, lua_gettop(L), after_wait);
}

int bind_end(lua_State *L, struct call *call, int rc, bind_push_fn *push)
{
	int n;

	if (rc == CALL_WAIT || (call->typed && rc == 0))
		return wait_begin(L, call, rc, push ? push : push_result);
	if (rc < 0)
		return raise_end(L, call);
	n = push ? push(L, call) : push_result(L, call);
	call_end(call);
	return n;
}

static void touch_args(struct call *call)
{
	size_t i;

	for (i = 0; i < CMD_ARGS; i++)
		if (call->arg[i].kind == VALUE_SOCK)
			observe_touch(call->app, call->arg[i].sock);
	for (i = 0; i < call->n_rest; i++)
		if (call->rest[i].kind == VALUE_SOCK)
			observe_touch(call->app, call->rest[i].sock);
}

static int bound(lua_State *L)
{
	struct vm *vm = vm_of(L);
	struct call call;
	int rc;

	call_init(&call, vm->app, lua_touserdata(L, lua_upvalueindex(1)));
	call.typed = vm->typed;
	vm->typed = false;
	if (call.typed)
		call.started = time_now();
	if (args_read(L, &call) < 0)
		return raise_end(L, &call);
	if (vm->app->session)
		touch_args(&call);
	rc = call.cmd->exec(&call);
	return bind_end(L, &call, rc, NULL);
}

void bind_push(lua_State *L, const struct cmd *cmd)
{
	if (cmd->native) {
		lua_pushcfunction(L, (lua_CFunction)cmd->native);
		return;
	}
	lua_pushlightuserdata(L, (void *)cmd);
	lua_pushcclosure(L, bound, 1);
}

void bind_register(lua_State *L)
{
	const struct cmd *const *c;

	luaL_newmetatable(L, WAITING_META);
	lua_pushcfunction(L, waiting_close);
	lua_setfield(L, -2, "__close");
	lua_pushcfunction(L, waiting_close);
	lua_setfield(L, -2, "__gc");
	lua_pop(L, 1);
	for (c = commands(); *c; c++) {
		bind_push(L, *c);
		lua_setglobal(L, (*c)->name);
	}
}
