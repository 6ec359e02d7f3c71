/*
 * sandbox.c - Lua's own libraries in a sandbox: nothing in them reaches outside the script's folder.
 *
 * A function that could is replaced by one that raises a sentence, or that looks at the
 * path first. The modules inside the program are loaded between the two steps: they live
 * with the same files as the script, but what debug gives they need, and must not be
 * seen through it.
 *
 * What a way around all this would find is the kernel's part of the sandbox
 * (sys/sandbox.c).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lab/filter.h"
#include "lua/state.h"
#include "sys/sandbox.h"

#define MEMORY_BYTES (256 << 20)
/* For what C takes beside Lua. */
#define PROGRAM_BYTES (256 << 20)
#define CPU_SECONDS   60

#define NO_FILES "lets a script read files only; save keeps captures"

static const struct refusal {
	const char *library, *name, *why;
} outside[] = {
	{ "os", "execute", "starts no processes" },
	{ "io", "popen", "starts no processes" },
	{ "os", "getenv", "shows no environment" },
	{ "os", "remove", NO_FILES },
	{ "os", "rename", NO_FILES },
	{ "os", "tmpname", NO_FILES },
	{ "io", "tmpfile", NO_FILES },
	{ "string", "dump", "makes no bytecode" },
	{ "package", "loadlib", "loads no C modules" },
	{ "package", "searchpath", "looks for no files" },
	{ NULL, NULL, NULL },
}, inside[] = {
#define INSIDE "shows nothing of the program's inside"
	{ "debug", "debug", INSIDE },	      { "debug", "gethook", INSIDE },
	{ "debug", "getlocal", INSIDE },      { "debug", "getmetatable", INSIDE },
	{ "debug", "getregistry", INSIDE },   { "debug", "getupvalue", INSIDE },
	{ "debug", "getuservalue", INSIDE },  { "debug", "sethook", INSIDE },
	{ "debug", "setlocal", INSIDE },      { "debug", "setmetatable", INSIDE },
	{ "debug", "setupvalue", INSIDE },    { "debug", "setuservalue", INSIDE },
	{ "debug", "upvalueid", INSIDE },     { "debug", "upvaluejoin", INSIDE },
	{ "debug", "setcstacklimit", INSIDE }, { NULL, NULL, NULL },
};

/* --- what is refused --- */

/* Upvalues: the name, why. */
static int refused(lua_State *L)
{
	const char *name = lua_tostring(L, lua_upvalueindex(1));
	struct err err;

	sandbox_refuse(&err, lua_tostring(L, lua_upvalueindex(2)), "%s", name);
	return error_raise(L, &err, name, -1);
}

static void refuse_all(lua_State *L, const struct refusal *r)
{
	for (; r->name; r++) {
		lua_getglobal(L, r->library);
		lua_pushfstring(L, "%s.%s", r->library, r->name);
		lua_pushstring(L, r->why);
		lua_pushcclosure(L, refused, 2);
		lua_setfield(L, -2, r->name);
		lua_pop(L, 1);
	}
}

/* --- what is looked at first; upvalue 1: Lua's own function, upvalue 2: the name --- */

static int own_ended(lua_State *L, int status, lua_KContext unused)
{
	(void)status;
	(void)unused;
	return lua_gettop(L);
}

static int own(lua_State *L)
{
	lua_pushvalue(L, lua_upvalueindex(1));
	lua_insert(L, 1);
	lua_callk(L, lua_gettop(L) - 1, LUA_MULTRET, 0, own_ended);
	return lua_gettop(L);
}

static void check_read(lua_State *L, const char *path)
{
	struct err err;

	if (sandbox_read("open", path, &err) < 0)
		error_raise(L, &err, "open", -1);
}

static void refuse_writing(lua_State *L, const char *path)
{
	struct err err;

	sandbox_refuse(&err, NO_FILES, "write %.150s", path);
	error_raise(L, &err, "open", -1);
}

static int open_read(lua_State *L)
{
	const char *path = luaL_checkstring(L, 1), *mode = luaL_optstring(L, 2, "r");

	if (strpbrk(mode, "wa+"))
		refuse_writing(L, path);
	check_read(L, path);
	return own(L);
}

/* io.input, io.lines: a name, or something else. */
static int name_read(lua_State *L)
{
	if (lua_type(L, 1) == LUA_TSTRING)
		check_read(L, lua_tostring(L, 1));
	return own(L);
}

static int name_write(lua_State *L)
{
	if (lua_type(L, 1) == LUA_TSTRING)
		refuse_writing(L, lua_tostring(L, 1));
	return own(L);
}

/* load(chunk, name, mode, env), loadfile(path, mode, env): as text, never as bytecode. */
static int load_text(lua_State *L)
{
	int mode = strcmp(lua_tostring(L, lua_upvalueindex(2)), "load") == 0 ? 3 : 2;

	if (mode == 2 && lua_type(L, 1) == LUA_TSTRING)
		check_read(L, lua_tostring(L, 1));
	if (lua_gettop(L) < mode)
		lua_settop(L, mode);
	lua_pushliteral(L, "t");
	lua_replace(L, mode);
	return own(L);
}

static int dofile_text(lua_State *L)
{
	const char *path = luaL_optstring(L, 1, NULL);

	if (path)
		check_read(L, path);
	lua_settop(L, 1);
	if (luaL_loadfilex(L, path, "t") != LUA_OK)
		return lua_error(L);
	lua_replace(L, 1);
	lua_callk(L, 0, LUA_MULTRET, 0, own_ended);
	return lua_gettop(L);
}

/* io.write(...), file:write(...), warn(...) */
static int write_some(lua_State *L)
{
	unsigned long long bytes = 0;
	struct err err;
	int i;

	for (i = 1; i <= lua_gettop(L); i++)
		bytes += lua_type(L, i) == LUA_TSTRING ? lua_rawlen(L, i) : 16;
	if (sandbox_spend("write", bytes, &err) < 0)
		return error_raise(L, &err, "write", -1);
	return own(L);
}

/* debug.getinfo without the functions: those of the program's are among them. */
static int getinfo(lua_State *L)
{
	bool given = lua_isfunction(L, lua_isthread(L, 1) ? 2 : 1);

	own(L);
	if (!given && lua_istable(L, -1)) {
		lua_pushnil(L);
		lua_setfield(L, -2, "func");
	}
	return 1;
}

static void wrap(lua_State *L, const char *library, const char *name, lua_CFunction fn)
{
	lua_getglobal(L, library);
	lua_getfield(L, -1, name);
	lua_pushstring(L, name);
	lua_pushcclosure(L, fn, 2);
	lua_setfield(L, -2, name);
	lua_pop(L, 1);
}

/* --- require --- */

static bool is_readable(const char *path)
{
	struct err err;

	return sandbox_read("require", path, &err) == 0 && access(path, R_OK) == 0;
}

/* A searcher: the name's file by package.path, when it is in the folder. */
static int search_lua(lua_State *L)
{
	const char *name = luaL_gsub(L, luaL_checkstring(L, 1), ".", "/"), *p, *path;
	luaL_Buffer tried;

	lua_getglobal(L, "package");
	lua_getfield(L, -1, "path");
	p = luaL_checkstring(L, -1);
	luaL_buffinit(L, &tried);
	while (*p) {
		size_t len = strcspn(p, ";");

		lua_pushlstring(L, p, len);
		path = luaL_gsub(L, lua_tostring(L, -1), "?", name);
		lua_remove(L, -2);
		if (is_readable(path)) {
			if (luaL_loadfilex(L, path, "t") != LUA_OK)
				return luaL_error(L, "error loading module '%s':\n\t%s",
						  name, lua_tostring(L, -1));
			lua_pushstring(L, path);
			return 2;
		}
		lua_pushfstring(L, "no file '%s' that the sandbox allows\n\t", path);
		lua_remove(L, -2);
		luaL_addvalue(&tried);
		p += len + (p[len] == ';');
	}
	luaL_pushresult(&tried);
	return 1;
}

/* Those of C modules go. */
static void set_searchers(lua_State *L)
{
	const char *folder = sandbox_folder();

	lua_getglobal(L, "package");
	lua_pushfstring(L, "./?.lua;./?/init.lua;%s/?.lua;%s/?/init.lua", folder, folder);
	lua_setfield(L, -2, "path");
	lua_pushliteral(L, "");
	lua_setfield(L, -2, "cpath");
	lua_getfield(L, -1, "searchers");
	lua_pushcfunction(L, search_lua);
	lua_rawseti(L, -2, 2);
	lua_pushnil(L);
	lua_rawseti(L, -2, 4);
	lua_pushnil(L);
	lua_rawseti(L, -2, 3);
	lua_pop(L, 2);
}

/* The program's own modules that are not loaded by now are for the prompt, and for the runner. */
static void drop_modules(lua_State *L)
{
	lua_newtable(L);
	lua_pushvalue(L, -1);
	lua_setfield(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
	lua_getglobal(L, "package");
	lua_insert(L, -2);
	lua_setfield(L, -2, "preload");
	lua_pop(L, 1);
}

/* --- entering --- */

static int close_libraries(lua_State *L)
{
	static const char *const modules[] = { "check", "scenario", NULL };
	const char *const *m;

	refuse_all(L, outside);
	wrap(L, "io", "open", open_read);
	wrap(L, "io", "lines", name_read);
	wrap(L, "io", "input", name_read);
	wrap(L, "io", "output", name_write);
	wrap(L, "io", "write", write_some);
	wrap(L, "_G", "warn", write_some);
	wrap(L, "_G", "load", load_text);
	wrap(L, "_G", "loadfile", load_text);
	wrap(L, "_G", "dofile", dofile_text);
	luaL_getmetatable(L, LUA_FILEHANDLE);
	lua_getfield(L, -1, "__index");
	lua_getfield(L, -1, "write");
	lua_pushcclosure(L, write_some, 1);
	lua_setfield(L, -2, "write");
	lua_pop(L, 2);
	set_searchers(L);
	for (m = modules; *m; m++) {
		embed_require(L, *m);
		lua_pop(L, 1);
	}
	drop_modules(L);
	refuse_all(L, inside);
	wrap(L, "debug", "getinfo", getinfo);
	return 0;
}

int vm_sandbox(struct vm *vm, const char *file, const char *out, const char *kept,
	       struct err *err)
{
	const char *slash = strrchr(file, '/');
	char *folder = slash ? xstrndup(file, slash == file ? 1 : (size_t)(slash - file))
			     : xstrdup(".");
	int rc;

	filter_preload();
	rc = sandbox_enter(folder, out && *out ? out : folder, kept, err);

	free(folder);
	if (rc < 0)
		return rc;
	if (vm_call(vm, close_libraries, NULL, 0) == LUA_OK)
		return 0;
	err_set(err, "sandbox", "enter the sandbox: %s", lua_tostring(vm->L, -1));
	return -EINVAL;
}

/* --- limits --- */

static struct vm *limited;
static unsigned long cpu_seconds;

/* "error: client.lua:3: WHAT". Takes no memory. */
static void say(const char *what, lua_State *L)
{
	char place[300], text[500];
	int len;

	if (!place_read(L, place, sizeof(place)))
		strcpy(place, "the script");
	len = snprintf(text, sizeof(text), "error: %s: %s\n", place, what);
	if (write(STDERR_FILENO, text, (size_t)len) < 0)
		_exit(1);
}

static void say_limit(lua_State *L)
{
	char what[80];

	snprintf(what, sizeof(what), "the sandbox allows %lu s of the CPU", cpu_seconds);
	say(what, L);
}

/* Ends the process: nothing is raised that a pcall could catch. */
static void limit_hook(lua_State *L, lua_Debug *ar)
{
	(void)ar;
	fflush(stdout);
	say_limit(L);
	_exit(1);
}

/* It comes each second until the kernel ends us: what no hook reaches is ended by the second one. */
static void on_limit(int sig)
{
	static volatile sig_atomic_t signals;
	lua_State *L = limited->running ? limited->running : limited->L;

	(void)sig;
	signals = signals + 1;
	if (signals > 1) {
		say_limit(L);
		_exit(1);
	}
	limited->limit = limit_hook;
	lua_sethook(L, limit_hook, LUA_MASKCALL | LUA_MASKRET | LUA_MASKCOUNT, 1);
}

/* C that gets no memory aborts. Nothing goes on after it: to look for the line is worth the risk. */
static void on_abort(int sig)
{
	say("its process was aborted; perhaps the memory that the sandbox allows is used up",
	    limited->running ? limited->running : limited->L);
	raise(sig);
}

void vm_sandbox_limits(struct vm *vm)
{
	struct sigaction limit = { .sa_handler = on_limit, .sa_flags = SA_RESTART };
	struct sigaction abortion = { .sa_handler = on_abort,
				      .sa_flags = (int)SA_RESETHAND };

	limited = vm;
	sigaction(SIGXCPU, &limit, NULL);
	sigaction(SIGABRT, &abortion, NULL);
	memory_limit(vm->L, MEMORY_BYTES);
	cpu_seconds = sandbox_limits(MEMORY_BYTES + PROGRAM_BYTES, CPU_SECONDS);
}
