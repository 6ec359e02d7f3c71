/*
 * bind.c - rows become Lua functions.
 *
 * A call tries at once, on the C stack. Only when it must wait is it moved into the task that
 * runs: a task waits for one thing at a time, and all coroutines between its root and the call are
 * suspended with it. Then the task yields to the loop and goes on when the call is over.
 *
 * Nothing here raises while the call holds memory, short of Lua's being out of it: arguments
 * become plain values without a metamethod, and an error is copied before it is raised.
 */
#include <string.h>

#include "base/text.h"
#include "cmd/line.h"
#include "cmd/note.h"
#include "cmd/observe.h"
#include "lua/task.h"

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

/* A table of plain values by name, one deep; its keys are borrowed from Lua. */
static struct value table_read(lua_State *L, int table)
{
	struct value v = value_table();

	for (lua_pushnil(L); lua_next(L, table); lua_pop(L, 1))
		value_add(&v, lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "",
			  lua_to_value(L, -1));
	return v;
}

static int option_read(lua_State *L, struct call *call, int key, int value)
{
	const struct cmd *cmd = call->cmd;
	const char *name;
	size_t len;
	int i;

	if (lua_type(L, key) != LUA_TSTRING)
		return usage_error(
			call, "options are given by name, as in {timeout = %s}", "2");
	name = lua_tolstring(L, key, &len);
	i = cmd_option_index(cmd, name, len);
	if (i >= 0) {
		if (cmd->option[i].type == ARG_TABLE && lua_type(L, value) == LUA_TTABLE)
			call->option[i] = table_read(L, value);
		else
			call->option[i] = lua_to_value(L, value);
		return arg_check(call, &cmd->option[i], &call->option[i]);
	}
	return arg_no_option(call, name);
}

static int options_read(lua_State *L, struct call *call, int table)
{
	int rc;

	lua_pushnil(L);
	while (lua_next(L, table)) {
		rc = option_read(L, call, lua_absindex(L, -2), lua_absindex(L, -1));
		if (rc < 0)
			return rc;
		/* The call borrows texts, and others may change the table while it waits. */
		if (lua_type(L, -1) == LUA_TSTRING)
			lua_insert(L, -2);
		else
			lua_pop(L, 1);
	}
	return 0;
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
	if (!args[1].name)
		return false;
	switch (lua_type(L, at)) {
	case LUA_TNIL:
	case LUA_TNUMBER:
		return true;
	case LUA_TSTRING:
		return !sock_is_name(lua_tostring(L, at));
	default:
		return false;
	}
}

/* A function becomes a value only where one is wanted. */
static struct value value_read(lua_State *L, const struct arg *arg, int at)
{
	if (arg->type == ARG_WHEN && lua_isfunction(L, at))
		return hook_value(L, at);
	return lua_to_value(L, at);
}

static int rest_read(lua_State *L, struct call *call, const struct arg *arg, int at,
		     int n)
{
	int rc = 0;

	if (at > n)
		return 0;
	call->rest = xcalloc((size_t)(n - at) + 1, sizeof(*call->rest));
	for (; at <= n && rc >= 0; at++) {
		struct value *v = &call->rest[call->n_rest++];

		*v = value_read(L, arg, at);
		rc = arg_check(call, arg, v);
	}
	return rc;
}

/* An argument that is not there. */
static int absent_read(struct call *call, const struct arg *arg, struct value *v)
{
	if (arg->flags & ARG_OPTIONAL)
		return 0;
	if (arg->flags & ARG_DEFAULTS)
		return arg_default_sock(call, arg, v);
	return usage_error(call, "missing:", arg->name);
}

static int too_many(lua_State *L, struct call *call, int at)
{
	const char *what = lua_type(L, at) == LUA_TSTRING ? lua_tostring(L, at)
							  : luaL_typename(L, at);

	if (call->typed && cmd_option_index(call->cmd, what, strlen(what)) >= 0)
		return usage_error(
			call, "an option is written NAME=VALUE, without blanks:", what);
	return usage_error(call, "too many arguments, from here on:", what);
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
			rc = absent_read(call, arg, v);
		} else if (at > n || lua_isnil(L, at)) {
			at++;
			rc = absent_read(call, arg, v);
		} else {
			*v = value_read(L, arg, at++);
			rc = arg_check(call, arg, v);
			if (rc == 0 && arg->flags & ARG_MANY) {
				rc = rest_read(L, call, arg, at, n);
				at = n + 1;
			}
		}
		if (rc < 0)
			return rc;
	}
	if (at <= n)
		return too_many(L, call, at);
	return options ? options_read(L, call, options) : 0;
}

/* `server listen 80`, server:listen(80): the host, or the wire, stands before the arguments. */
static int host_read(lua_State *L, struct call *call)
{
	const char *name = lua_type(L, 1) != LUA_TUSERDATA || object_get(L, 1)
				   ? NULL
				   : host_get(L, 1);

	if (!name)
		return 0;
	if (strcmp(name, "wire") != 0)
		call->host = app_host(call->app, name);
	if (!call->host)
		return err_set(&call->err, "closed", "%s: the lab of host %s is gone",
			       call->cmd->name, name);
	lua_remove(L, 1);
	return 0;
}

/* c1.send("x"), a dot for the colon: the only other connection is not meant. */
static int method_check(lua_State *L, struct call *call)
{
	const char *of = lua_tostring(L, lua_upvalueindex(2));

	if (!of || object_get(L, 1) || host_get(L, 1))
		return 0;
	return err_set(&call->err, "usage",
		       "%s: a dot does not pass what it acts on; write %s:%s(...)",
		       call->cmd->name, of, call->cmd->name);
}

static int push_result(lua_State *L, struct call *call)
{
	/* A command without a result, such as close, is a function without one. */
	if (call->result.kind == VALUE_NIL && strcmp(call->cmd->returns, "nil") == 0)
		return 0;
	lua_push_value(L, &call->result);
	return 1;
}

static int raise_end(lua_State *L, struct call *call)
{
	struct err err = call->err;
	const char *op = call->cmd->name;
	long long bytes = call->progress.verb ? (long long)call->progress.done : -1;

	record_called(vm_of(L), call, -1);
	shell_called(vm_of(L), call, -1);
	call_end(call);
	return error_raise(L, &err, op, bytes);
}

/* The call is over: its results, or its error. */
static int call_leave(lua_State *L, struct call *call, int rc, bind_push_fn *push)
{
	int n;

	if (rc < 0)
		return raise_end(L, call);
	record_called(vm_of(L), call, 0);
	shell_called(vm_of(L), call, 0);
	n = push(L, call);
	call_end(call);
	return n < 0 ? lua_error(L) : n;
}

static void call_over(struct run *run)
{
	struct task *task = run->arg;

	task->waits = false;
	/* A call may be ended by another task's close, or by its end. */
	if (task->vm->depth > 0)
		task_wake(task);
	else
		task_resume(task, 0);
}

static int after_wait(lua_State *L, int status, lua_KContext push)
{
	struct run *run = vm_of(L)->task->run;

	(void)status;
	coro_mark(L, false);
	return call_leave(L, &run->call, run->rc, (bind_push_fn *)push);
}

static int wait_refused(lua_State *L, struct call *call, const char *why)
{
	/* Lets exec give back what it has begun, such as a socket that is connecting. */
	call->stop = STOP_ABANDONED;
	call->cmd->exec(call);
	err_set(&call->err, "usage",
		"%s would have to wait here, inside %s, where Lua cannot",
		call->cmd->name, why);
	err_hint(&call->err, "Call it outside, or in a task of its own: spawn(%s, ...)",
		 call->cmd->name);
	return raise_end(L, call);
}

static int wait_begin(lua_State *L, struct call *call, int rc, bind_push_fn *push)
{
	struct vm *vm = vm_of(L);
	struct task *task = vm->task;
	const char *why = coro_refusal(vm, L);

	if (why && rc == CALL_WAIT)
		return wait_refused(L, call, why);
	if (!task->run)
		task->run = xcalloc(1, sizeof(*task->run));
	call->deadline = task->deadline;
	run_start(task->run, call, rc, call_over, task);
	task->waits = true;
	coro_mark(L, true);
	vm->waiting = true;
	return lua_yieldk(L, 0, (lua_KContext)push, after_wait);
}

int bind_end(lua_State *L, struct call *call, int rc, bind_push_fn *push)
{
	if (rc == CALL_WAIT && spin_comes(vm_of(L), call))
		rc = call->cmd->exec(call);
	if (rc == CALL_WAIT || (call->typed && rc == 0))
		return wait_begin(L, call, rc, push);
	return call_leave(L, call, rc, push);
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

/* The line of the script's file that calls, also through a module inside the program; 0: typed. */
static int script_line(lua_State *L)
{
	lua_Debug ar;
	int level;

	for (level = 1; lua_getstack(L, level, &ar); level++) {
		lua_getinfo(L, "Sl", &ar);
		if (*ar.source == '@')
			return ar.currentline;
	}
	return 0;
}

static int bound(lua_State *L)
{
	struct vm *vm = vm_of(L);
	struct call call;
	bool noted;
	int rc;

	call_init(&call, vm->app, lua_touserdata(L, lua_upvalueindex(1)));
	call.typed = vm->typed || (vm->stepped && step_is_typed(vm, L));
	vm->typed = false;
	if (call.typed)
		call.started = time_now();
	if (method_check(L, &call) < 0 ||
	    (call.cmd->on_host && host_read(L, &call) < 0) || args_read(L, &call) < 0)
		return raise_end(L, &call);
	if (vm->app->session)
		touch_args(&call);
	if (call.cmd->module)
		return module_call(L, &call);
	noted = note_wanted(&call);
	if (noted)
		note_add(&call, script_line(L));
	rc = call.cmd->exec(&call);
	if (noted && rc < 0)
		note_drop(&call);
	return bind_end(L, &call, rc, push_result);
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

void bind_push_method(lua_State *L, const struct cmd *cmd, const char *of)
{
	if (cmd->native) {
		bind_push(L, cmd);
		return;
	}
	lua_pushlightuserdata(L, (void *)cmd);
	lua_pushstring(L, of);
	lua_pushcclosure(L, bound, 2);
}

void bind_register(lua_State *L)
{
	const struct cmd *const *c;

	for (c = commands(); *c; c++) {
		if ((*c)->lua)
			continue;
		bind_push(L, *c);
		lua_setglobal(L, (*c)->name);
	}
}
