/*
 * eval.c - the foreground: a typed line or a script, from its text to its end.
 *
 * A line becomes a task of its own. When that has ended, its values or its error are told, and, for
 * Lua lines, what became of the sockets, once their states have come to rest.
 */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cmd/line.h"
#include "lua/task.h"

/* What looks right to the eye may be another character: Chinese input gives full-width marks. */
static void tell_full_width(struct vm *vm)
{
	struct buf text = BUF_EMPTY;

	buf_addf(&text, "note: the line has a full-width \"%s\" in it; write \"%c\"\n",
		 vm->wide, vm->narrow);
	if (vm->app->utf8 && vm->app->door.note)
		vm->app->door.note(vm->app, buf_str(&text));
	buf_clear(&text);
}

static void finish(struct vm *vm, enum vm_end end)
{
	vm_done_fn *done = vm->done;

	vm->done = NULL;
	vm->signalled = 0;
	if (!vm->script) {
		if (end == VM_FAILED && vm->narrow)
			tell_full_width(vm);
		record_end(vm, end);
		shell_after(vm, end);
	}
	if (done)
		done(vm->done_arg, end);
}

static void fail(struct vm *vm, const struct err *err)
{
	struct vm_error e = { "", err->code, "", err->message, err->hint, "" };

	if (vm->hooks.error)
		vm->hooks.error(vm->app, &e);
	finish(vm, VM_FAILED);
}

/* --- what a Lua line did to sockets is told like a command's doing --- */

static int settle_exec(struct call *call)
{
	(void)call;
	return 0;
}

static const struct cmd settle_cmd = { .name = "settle", .exec = settle_exec };

static void settled(struct run *run)
{
	struct vm *vm = run->arg;

	vm->settling = false;
	run_clear(run);
	finish(vm, vm->end);
}

static void settle(struct vm *vm, enum vm_end end)
{
	struct call call;

	vm->end = end;
	if (!vm->app->session || vm->script) {
		finish(vm, end);
		return;
	}
	call_init(&call, vm->app, &settle_cmd);
	call.typed = true;
	vm->settling = true;
	run_start(&vm->settle, &call, 0, settled, vm);
}

/* --- the end of the foreground's task --- */

static void ended_badly(struct vm *vm, struct task *task)
{
	struct buf trace = BUF_EMPTY;

	if (scenario_failed(vm, task->L))
		return;
	tell_explain(vm, task->L);
	tell_trace(vm, task->L, &trace);
	task_close(task);
	tell_error(vm, task->L, "", buf_str(&trace));
	buf_clear(&trace);
}

void eval_bind(struct task *task)
{
	lua_State *L = task->L;

	if (!*task->bind || task->nresults == 0)
		return;
	lua_pushglobaltable(L);
	lua_pushstring(L, task->bind);
	lua_pushvalue(L, -2 - task->nresults);
	lua_rawset(L, -3);
	lua_pop(L, 1);
}

void eval_ended(struct vm *vm, struct task *task, int status)
{
	enum vm_end end = VM_OK;
	bool typed = task->typed;

	if (status != LUA_OK) {
		end = vm->signalled ? VM_INTERRUPTED : VM_FAILED;
		ended_badly(vm, task);
	} else {
		record_values(vm, task->L, task->nresults);
		eval_bind(task);
	}
	if (status == LUA_OK && task->nresults > 0 && vm->print &&
	    !tell_values(vm, task->L, task->nresults))
		end = vm->signalled ? VM_INTERRUPTED : VM_FAILED;
	vm->foreground = NULL;
	/* A command that ended well has waited for the states already. */
	if (typed && end == VM_OK && !vm->print)
		finish(vm, end);
	else
		settle(vm, end);
}

static void begin(struct vm *vm, struct task *task)
{
	int nargs = task->nargs;

	task->nargs = 0;
	vm->foreground = task;
	task_resume(task, nargs);
}

/* --- typed lines --- */

static void begin_background(struct vm *vm, struct task *task, const struct line *line)
{
	struct buf text = BUF_EMPTY;

	task_number(task);
	record_background(vm, task);
	task_wake(task);
	/* NAME = COMMAND & names the task. */
	if (*line->name) {
		lua_pushglobaltable(vm->L);
		lua_pushstring(vm->L, line->name);
		task_push(vm->L, task);
		lua_rawset(vm->L, -3);
		lua_pop(vm->L, 1);
	}
	buf_addf(&text, "t%d  %s in the background\n", task->number, line->cmd->name);
	if (vm->hooks.values && !vm->app->set.json)
		vm->hooks.values(vm->app, buf_str(&text), text.len);
	buf_clear(&text);
	settle(vm, VM_OK);
}

static void run_command(struct vm *vm, const struct line *line)
{
	struct task *task;
	struct err err;
	int n = words_push(vm, line, &err);

	if (n < 0) {
		fail(vm, &err);
		return;
	}
	task = task_new(vm->L, n);
	task->typed = true;
	vm->print = line->cmd->native || line->cmd->module;
	if (line->background) {
		begin_background(vm, task, line);
		return;
	}
	snprintf(task->bind, sizeof(task->bind), "%s", line->name);
	vm->typed = true;
	begin(vm, task);
	vm->typed = false;
}

/* The message is on the stack. */
static void chunk_wrong(struct vm *vm)
{
	tell_error(vm, vm->L, "", "");
	lua_pop(vm->L, 1);
	finish(vm, VM_FAILED);
}

static enum vm_begin run_lua(struct vm *vm, const char *text, size_t len, bool more)
{
	lua_State *L = vm->L;
	struct err err;

	switch (chunk_load(vm, text, len, &err)) {
	case CHUNK_READY:
		vm->print = true;
		begin(vm, task_new(L, 0));
		break;
	case CHUNK_UNKNOWN:
		fail(vm, &err);
		break;
	case CHUNK_INCOMPLETE:
		if (more) {
			lua_pop(L, 1);
			return VM_INCOMPLETE;
		}
		chunk_wrong(vm);
		break;
	case CHUNK_WRONG:
		chunk_wrong(vm);
		break;
	}
	return VM_BEGUN;
}

/* continue until function(seg) goes on to its end. */
static bool wants_more(struct vm *vm, const struct line *line)
{
	size_t i;

	for (i = 0; i < line->words; i++)
		if (line->word[i].lua &&
		    chunk_is_unfinished(vm, line->word[i].data, line->word[i].len))
			return true;
	return false;
}

static void echo(struct vm *vm, const struct line *line)
{
	struct buf lua = BUF_EMPTY;

	if (vm->app->set.echo_lua && vm->hooks.echo) {
		line_to_lua(line, words_is_object, vm, &lua);
		vm->hooks.echo(vm->app, buf_str(&lua));
	}
	buf_clear(&lua);
}

static void prepare(struct vm *vm, bool script, vm_done_fn *done, void *arg)
{
	vm->done = done;
	vm->done_arg = arg;
	vm->script = script;
	vm->recording.late |= script;
	vm->print = false;
	vm->signalled = 0;
}

enum vm_begin vm_line(struct vm *vm, const char *text, size_t len, bool more,
		      vm_done_fn *done, void *arg)
{
	struct line line;
	struct buf instead = BUF_EMPTY;
	struct err err;
	enum vm_begin begun = VM_BEGUN;
	int rc;

	prepare(vm, false, done, arg);
	vm->narrow = text_full_width(text, len, vm->wide);
	shell_before(vm, text, len, &instead);
	if (instead.len > 0) {
		text = buf_str(&instead);
		len = instead.len;
	}
	rc = line_parse(&line, text, len, &err);
	if (line.kind != LINE_EMPTY)
		record_begin(vm, text, len, rc < 0 ? NULL : &line);
	if (rc < 0) {
		fail(vm, &err);
	} else if (line.kind == LINE_EMPTY) {
		finish(vm, VM_OK);
	} else if (line.kind == LINE_COMMAND && more && wants_more(vm, &line)) {
		begun = VM_INCOMPLETE;
	} else if (line.kind == LINE_COMMAND) {
		echo(vm, &line);
		run_command(vm, &line);
	} else {
		begun = run_lua(vm, text, len, more);
	}
	line_clear(&line);
	buf_clear(&instead);
	if (begun == VM_INCOMPLETE) {
		record_undo(vm);
		vm->done = NULL;
	}
	return begun;
}

void vm_detach(struct vm *vm, void (*tell)(void *arg, const char *task), void *arg)
{
	struct task *task = vm->foreground;
	char name[16];

	if (!task || vm->script || !task->waits)
		return;
	task_number(task);
	record_detached(vm, task);
	/* What would have been printed is told as a task's; else the call tells it by itself. */
	task->typed = vm->print;
	vm->foreground = NULL;
	tell(arg, task_name(task, name));
	finish(vm, VM_OK);
}

/* --- scripts --- */

/* Pushes what ... gives the script. Returns how many. */
static int push_args(lua_State *L)
{
	int n, i, args;

	lua_getglobal(L, "arg");
	args = lua_gettop(L);
	n = lua_istable(L, args) ? (int)lua_rawlen(L, args) : 0;
	luaL_checkstack(L, n + 1, "arguments");
	for (i = 1; i <= n; i++)
		lua_rawgeti(L, args, i);
	lua_remove(L, args);
	return n;
}

void vm_script(struct vm *vm, const char *path, vm_done_fn *done, void *arg)
{
	lua_State *L = vm->L;

	prepare(vm, true, done, arg);
	if (luaL_loadfilex(L, strcmp(path, "-") == 0 ? NULL : path, "t") != LUA_OK) {
		tell_error(vm, L, "", "");
		lua_pop(L, 1);
		finish(vm, VM_FAILED);
		return;
	}
	begin(vm, task_new(L, push_args(L)));
}

void vm_module(struct vm *vm, const char *module, const char *function, char *const *argv,
	       vm_done_fn *done, void *arg)
{
	lua_State *L = vm->L;
	int n = 2;

	prepare(vm, true, done, arg);
	lua_pushcfunction(L, module_run);
	lua_pushstring(L, module);
	lua_pushstring(L, function);
	for (; *argv && lua_checkstack(L, 2); argv++, n++)
		lua_pushstring(L, *argv);
	begin(vm, task_new(L, n));
}
