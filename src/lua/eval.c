/* eval.c - typed lines and scripts: what runs in the foreground, from first word to prompt. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cmd/json.h"
#include "cmd/line.h"
#include "cmd/observe.h"
#include "lua/state.h"

static bool is_object(void *arg, const char *name)
{
	return vm_is_object(arg, name);
}

static void finish(struct vm *vm, enum vm_end end)
{
	vm_done_fn *done = vm->done;

	vm->done = NULL;
	vm->bind[0] = '\0';
	vm->signalled = 0;
	if (done)
		done(vm->done_arg, end);
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

static void tell_error(struct vm *vm, lua_State *L)
{
	struct vm_error e;
	struct buf text = BUF_EMPTY;

	error_describe(L, &e, &text);
	if (strcmp(e.code, "lua") == 0 && vm->script) {
		/* Where the script was, for errors of Lua's own. */
		luaL_traceback(L, L, NULL, 0);
		e.hint = lua_tostring(L, -1);
	}
	if (vm->hooks.error)
		vm->hooks.error(vm->app, &e);
	buf_clear(&text);
}

static void tell_values(struct vm *vm, lua_State *L, int n)
{
	struct buf out = BUF_EMPTY;
	int i, first = lua_gettop(L) - n + 1;
	struct value list;

	if (n == 0 || !vm->print || !vm->hooks.values)
		return;
	if (vm->app->set.json) {
		list = value_table();
		for (i = 0; i < n; i++)
			value_add(&list, NULL, lua_to_value(L, first + i, 8));
		buf_adds(&out, "{\"event\":\"values\",\"values\":");
		json_value(&out, &list);
		buf_adds(&out, "}\n");
		value_clear(&list);
	} else {
		for (i = 0; i < n; i++) {
			lua_print_value(L, first + i, &out);
			buf_addc(&out, '\n');
		}
	}
	vm->hooks.values(vm->app, buf_str(&out), out.len);
	buf_clear(&out);
}

void eval_ended(struct vm *vm, struct task *task, int status)
{
	lua_State *L = task->L;
	enum vm_end end = VM_OK;
	bool typed = task->typed;

	task->state = status == LUA_OK ? TASK_DONE : TASK_FAILED;
	if (status != LUA_OK) {
		end = vm->signalled ? VM_INTERRUPTED : VM_FAILED;
		tell_error(vm, L);
	} else {
		if (*vm->bind && task->nresults > 0) {
			lua_pushvalue(L, -task->nresults);
			lua_setglobal(L, vm->bind);
		}
		tell_values(vm, L, task->nresults);
	}
	vm->foreground = NULL;
	task_drop(task);
	/* A command that ended well has waited for the states already. */
	if (typed && end == VM_OK && !vm->print)
		finish(vm, end);
	else
		settle(vm, end);
}

static void fail(struct vm *vm, const struct err *err)
{
	struct vm_error e = { "", err->code, "", err->message, err->hint, "" };

	if (vm->hooks.error)
		vm->hooks.error(vm->app, &e);
	finish(vm, VM_FAILED);
}

static void begin(struct vm *vm, struct task *task)
{
	int nargs = task->nargs;

	task->nargs = 0;
	vm->foreground = task;
	task_resume(task, nargs);
}

/* --- commands --- */

static void push_word(lua_State *L, const struct line_word *w, const struct arg *arg)
{
	bool object = arg && (arg->type == ARG_SOCK || arg->type == ARG_LISTENER ||
			      arg->type == ARG_STREAM || arg->type == ARG_LUA);

	/* A socket's name, or any global for Lua's own commands. */
	if (object && !w->quoted && lua_is_name(w->data)) {
		if (lua_getglobal(L, w->data) != LUA_TNIL &&
		    (arg->type == ARG_LUA || object_get(L, -1)))
			return;
		lua_pop(L, 1);
	}
	lua_pushlstring(L, w->data, w->len);
}

/* The words on the stack as the Lua call has them. Returns how many. */
static int push_words(struct vm *vm, lua_State *L, const struct line *line)
{
	size_t i;
	int n = 0, at, options = 0;

	luaL_checkstack(L, (int)line->words + 10, "words");
	for (i = 0; i < line->words; i++) {
		const struct line_word *w = &line->word[i];

		if (w->option)
			continue;
		at = line_arg_index(line, i, is_object, vm);
		if (n == 0 && at == 1 && !*line->object) {
			lua_pushnil(L);
			n++;
		}
		push_word(L, w, at < 0 ? NULL : &line->cmd->arg[at]);
		n++;
	}
	for (i = 0; i < line->words; i++) {
		const struct line_word *w = &line->word[i];

		if (!w->option)
			continue;
		if (options++ == 0)
			lua_newtable(L);
		lua_pushlstring(L, w->data, w->len);
		lua_setfield(L, -2, w->option->name);
	}
	return n + (options > 0);
}

static bool push_object(struct vm *vm, lua_State *L, const struct line *line,
			struct err *err)
{
	const char *near = NULL;

	lua_getglobal(L, line->object);
	if (object_get(L, -1))
		return true;
	lua_pop(L, 1);
	if (!sock_is_name(line->object)) {
		const char *names[80];
		size_t n = 0;
		const struct cmd *const *c;

		for (c = commands(); *c && n < 79; c++)
			names[n++] = (*c)->name;
		names[n] = NULL;
		near = text_nearest(line->object, names);
	}
	err_set(err, "usage", "there is no socket or host \"%s\"", line->object);
	if (near)
		err_hint(err, "Did you mean the command \"%s\"?", near);
	else
		err_hint(err, "state lists the sockets of this shell.");
	(void)vm;
	return false;
}

static void run_command(struct vm *vm, const struct line *line)
{
	lua_State *L = vm->L;
	struct err err;
	struct task *task;
	int n = 0;

	bind_push(L, line->cmd);
	if (*line->object) {
		if (!push_object(vm, L, line, &err)) {
			lua_settop(L, 0);
			fail(vm, &err);
			return;
		}
		n++;
	}
	n += push_words(vm, L, line);
	snprintf(vm->bind, sizeof(vm->bind), "%s", line->name);
	task = task_new(L, n);
	task->typed = true;
	vm->print = line->cmd->native != NULL;
	if (!line->background) {
		vm->typed = true;
		begin(vm, task);
		vm->typed = false;
		return;
	}
	task->number = ++vm->last_task;
	if (*vm->bind) {
		task_push(L, task);
		lua_setglobal(L, vm->bind);
	}
	task_wake(task);
	if (vm->hooks.values) {
		struct buf text = BUF_EMPTY;

		buf_addf(&text, "t%d  %s in the background\n", task->number,
			 line->cmd->name);
		if (!vm->app->set.json)
			vm->hooks.values(vm->app, buf_str(&text), text.len);
		buf_clear(&text);
	}
	settle(vm, VM_OK);
}

/* --- Lua --- */

/* Is the message that of a chunk that only wants more text? */
static bool is_incomplete(lua_State *L, int status)
{
	static const char mark[] = "<eof>";
	size_t len;
	const char *msg;

	if (status != LUA_ERRSYNTAX)
		return false;
	msg = lua_tolstring(L, -1, &len);
	return len >= sizeof(mark) - 1 &&
	       strcmp(msg + len - (sizeof(mark) - 1), mark) == 0;
}

/* A first word that is no command, then blanks and more, or nothing: somebody's typing error. */
static bool is_unknown_command(struct vm *vm, const char *text, size_t len, bool compiles,
			       struct err *err)
{
	const struct cmd *const *c;
	const char *names[80], *near, *end = text + len, *p = text;
	char word[LINE_NAME_MAX];
	size_t n = 0, k = 0;
	bool known;

	while (p < end && strchr(" \t\n", *p))
		p++;
	while (p + n < end && n < sizeof(word) - 1 &&
	       strchr(" \t\n=.:,([{\"'+-*/<>~%^#&|;", p[n]) == NULL)
		n++;
	memcpy(word, p, n);
	word[n] = '\0';
	for (p += n; p < end && strchr(" \t\n", *p); p++)
		;
	if (!lua_is_name(word) || lua_is_keyword(word))
		return false;
	lua_getglobal(vm->L, word);
	known = !lua_isnil(vm->L, -1);
	lua_pop(vm->L, 1);
	/* `foo` alone compiles, as the value of a global that there is not. */
	if (known || (compiles && p < end))
		return false;
	for (c = commands(); *c && k < 79; c++)
		names[k++] = (*c)->name;
	names[k] = NULL;
	near = text_nearest(word, names);
	if (near)
		err_set(err, "usage", "unknown command \"%s\"; did you mean \"%s\"?",
			word, near);
	else
		err_set(err, "usage", "unknown command \"%s\"", word);
	if (!near)
		err_hint(err,
			 "help lists the commands; a line that is none is taken as Lua.");
	return true;
}

/* Compiles text, as an expression first; on success the chunk is on the stack. */
static int compile(struct vm *vm, const char *text, size_t len, const char *chunk)
{
	lua_State *L = vm->L;
	struct buf expr = BUF_EMPTY;
	int status;

	buf_adds(&expr, "return ");
	buf_add(&expr, text, len);
	status = luaL_loadbufferx(L, expr.data, expr.len, chunk, "t");
	buf_clear(&expr);
	if (status == LUA_OK)
		return status;
	lua_pop(L, 1);
	return luaL_loadbufferx(L, text, len, chunk, "t");
}

static enum vm_begin run_lua(struct vm *vm, const char *text, size_t len, bool more)
{
	lua_State *L = vm->L;
	int status = compile(vm, text, len, "=line");
	struct err err;

	if (is_unknown_command(vm, text, len, status == LUA_OK, &err)) {
		lua_settop(L, 0);
		fail(vm, &err);
		return VM_BEGUN;
	}
	if (status != LUA_OK) {
		bool incomplete = is_incomplete(L, status);

		if (!(more && incomplete)) {
			tell_error(vm, L);
			lua_settop(L, 0);
			finish(vm, VM_FAILED);
			return VM_BEGUN;
		}
		lua_settop(L, 0);
		return VM_INCOMPLETE;
	}
	vm->print = true;
	vm->typed = false;
	begin(vm, task_new(L, 0));
	return VM_BEGUN;
}

/* `= x` and `=x` are what older shells of Lua wanted before an expression. */
enum vm_begin vm_line(struct vm *vm, const char *text, size_t len, bool more,
		      vm_done_fn *done, void *arg)
{
	struct line line;
	struct err err;
	struct buf lua = BUF_EMPTY;
	enum vm_begin begun = VM_BEGUN;
	int rc = line_parse(&line, text, len, &err);

	vm->done = done;
	vm->done_arg = arg;
	vm->script = false;
	vm->signalled = 0;
	vm->bind[0] = '\0';
	if (rc < 0) {
		fail(vm, &err);
	} else if (line.kind == LINE_EMPTY) {
		finish(vm, VM_OK);
	} else if (line.kind == LINE_COMMAND) {
		if (vm->app->set.echo_lua && vm->hooks.echo) {
			line_to_lua(&line, is_object, vm, &lua);
			vm->hooks.echo(vm->app, buf_str(&lua));
		}
		run_command(vm, &line);
	} else {
		begun = run_lua(vm, text, len, more);
	}
	buf_clear(&lua);
	line_clear(&line);
	if (begun == VM_INCOMPLETE)
		vm->done = NULL;
	return begun;
}

void vm_script(struct vm *vm, const char *path, vm_done_fn *done, void *arg)
{
	lua_State *L = vm->L;
	int n, i;

	vm->done = done;
	vm->done_arg = arg;
	vm->script = true;
	vm->print = false;
	vm->signalled = 0;
	if (luaL_loadfilex(L, strcmp(path, "-") == 0 ? NULL : path, "t") != LUA_OK) {
		struct vm_error e = { "", "lua", "", lua_tostring(L, -1), "", "" };

		if (vm->hooks.error)
			vm->hooks.error(vm->app, &e);
		lua_settop(L, 0);
		finish(vm, VM_FAILED);
		return;
	}
	lua_getglobal(L, "arg");
	n = lua_istable(L, -1) ? (int)lua_rawlen(L, -1) : 0;
	luaL_checkstack(L, n + 1, "arguments");
	for (i = 1; i <= n; i++)
		lua_rawgeti(L, 2, i);
	lua_remove(L, 2);
	begin(vm, task_new(L, n));
}
