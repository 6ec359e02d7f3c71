/* words.c - a typed command's words as the arguments of its function. */
#include <string.h>

#include "base/text.h"
#include "cmd/line.h"
#include "lua/task.h"

bool words_is_object(void *arg, const char *name)
{
	struct vm *vm = arg;
	bool is;

	if (!lua_is_name(name) && !sock_is_name(name))
		return false;
	vm_global(vm->L, name);
	is = object_get(vm->L, -1) || task_get(vm->L, -1);
	lua_pop(vm->L, 1);
	return is;
}

static void push_word(lua_State *L, const struct line_word *w, const struct arg *arg)
{
	bool object = arg && (arg->type == ARG_SOCK || arg->type == ARG_LISTENER ||
			      arg->type == ARG_STREAM || arg->type == ARG_LUA);

	/* A socket's name, or any global for Lua's own commands. */
	if (object && !w->quoted && (lua_is_name(w->data) || sock_is_name(w->data))) {
		vm_global(L, w->data);
		if (object_get(L, -1) || (arg->type == ARG_LUA && !lua_isnil(L, -1)))
			return;
		lua_pop(L, 1);
	}
	lua_pushlstring(L, w->data, w->len);
}

/* The value of a function's text; negative with err. */
static int push_function(lua_State *L, const struct line_word *w, struct err *err)
{
	lua_pushfstring(L, "return %s", w->data);
	if (luaL_loadbufferx(L, lua_tostring(L, -1), w->len + 7, "=line", "t") !=
	    LUA_OK) {
		err_set(err, "usage", "the function: %s", lua_tostring(L, -1));
		return -1;
	}
	lua_remove(L, -2);
	if (lua_pcall(L, 0, 1, 0) == LUA_OK && lua_isfunction(L, -1))
		return 0;
	return err_set(err, "usage", "\"%.60s\" is no function", w->data);
}

/* The words that are no options. A nil stands for a socket that was left out. */
static int push_plain(struct vm *vm, const struct line *line, bool host, struct err *err)
{
	lua_State *L = vm->L;
	const struct arg *arg;
	int n = 0, at;
	size_t i;

	for (i = 0; i < line->words; i++) {
		const struct line_word *w = &line->word[i];

		if (w->option)
			continue;
		if (w->lua) {
			if (push_function(L, w, err) < 0)
				return -1;
			n++;
			continue;
		}
		at = line_arg_index(line, i, words_is_object, vm);
		arg = at < 0 ? NULL : &line->cmd->arg[at];
		if (n == 0 && at == 1 && (!*line->object || host)) {
			lua_pushnil(L);
			n++;
		}
		push_word(L, w, arg);
		n++;
	}
	return n;
}

static int push_options(lua_State *L, const struct line *line)
{
	int n = 0;
	size_t i;

	for (i = 0; i < line->words; i++) {
		const struct line_word *w = &line->word[i];

		if (!w->option)
			continue;
		if (n++ == 0)
			lua_newtable(L);
		lua_pushlstring(L, w->data, w->len);
		lua_setfield(L, -2, w->option->name);
	}
	return n > 0;
}

/* What stands before the command, on top, is none that can. */
static int no_object(lua_State *L, const struct line *line, struct err *err)
{
	const char *name = line->object;

	if (host_get(L, -1)) {
		err_set(err, "usage", "%s acts on no host: write it without \"%s\"",
			line->cmd->name, name);
	} else if (!lua_isnil(L, -1) && object_push_name(L, name) &&
		   !lua_rawequal(L, -1, -2)) {
		err_set(err, "usage", "\"%s\" is a %s in Lua, which hides the %s", name,
			luaL_typename(L, -2),
			host_get(L, -1)	  ? "host"
			: task_get(L, -1) ? "task"
					  : "socket");
		err_hint(err, "%s = nil shows it again.", name);
	} else {
		err_set(err, "usage", "there is no socket or host \"%s\"", name);
		err_hint(err, "state lists the sockets of this shell.");
	}
	return -1;
}

int words_push(struct vm *vm, const struct line *line, struct err *err)
{
	lua_State *L = vm->L;
	bool host = false;
	int n = 0, plain, top = lua_gettop(L);

	if (!lua_checkstack(L, LINE_WORDS_MAX + 10))
		return err_set(err, "usage", "%s: Lua's stack is full", line->cmd->name);
	bind_push(L, line->cmd);
	if (*line->object) {
		vm_global(L, line->object);
		if (!object_get(L, -1) && !task_get(L, -1) &&
		    !(line->cmd->on_host && host_get(L, -1))) {
			no_object(L, line, err);
			lua_settop(L, top);
			return -1;
		}
		host = host_get(L, -1) != NULL;
		n++;
	}
	plain = push_plain(vm, line, host, err);
	if (plain < 0) {
		lua_settop(L, top);
		return -1;
	}
	return n + plain + push_options(L, line);
}
