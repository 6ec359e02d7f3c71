/* cmd_test.c - test, and what scripts/lib/runner.lua asks of the machine and the terminal for it. */
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/json.h"
#include "base/text.h"
#include "lua/state.h"
#include "sys/child.h"
#include "sys/sandbox.h"

/* What scenarios leave behind is to become ours. */
static int private_adopt(lua_State *L)
{
	struct err err;

	if (children_adopt(&err) < 0)
		return error_raise(L, &err, "test", -1);
	return 0;
}

/*
 * {cores = 2, name = "pc", system = "Linux 6.18.44", version = "0.1.0", person = true, erase = true}:
 * somebody sits at the terminal, and it can take back what it shows.
 */
static int private_machine(lua_State *L)
{
	const char *term = getenv("TERM");
	bool out = isatty(STDOUT_FILENO);
	struct utsname name;
	cpu_set_t cpus;

	lua_newtable(L);
	lua_pushinteger(
		L, sched_getaffinity(0, sizeof(cpus), &cpus) == 0 ? CPU_COUNT(&cpus) : 1);
	lua_setfield(L, -2, "cores");
	uname(&name);
	lua_pushfstring(L, "%s %s", name.sysname, name.release);
	lua_setfield(L, -2, "system");
	lua_pushstring(L, name.nodename);
	lua_setfield(L, -2, "name");
	lua_pushliteral(L, TCPSTEP_VERSION);
	lua_setfield(L, -2, "version");
	lua_pushboolean(L, out && isatty(STDIN_FILENO));
	lua_setfield(L, -2, "person");
	lua_pushboolean(L, out && term && *term && strcmp(term, "dumb") != 0);
	lua_setfield(L, -2, "erase");
	return 1;
}

/* What of a sandbox this kernel lacks, or nil. */
static int private_unlocked(lua_State *L)
{
	struct buf out = BUF_EMPTY;

	if (!sandbox_missing(&out))
		lua_pushlstring(L, buf_str(&out), out.len);
	else
		lua_pushnil(L);
	buf_clear(&out);
	return 1;
}

/* A text of anybody's, without anything that acts on a terminal; newlines and tabs stay. */
static int private_clean(lua_State *L)
{
	struct buf out = BUF_EMPTY;
	const char *text;
	size_t len;

	text = luaL_checklstring(L, 1, &len);
	text_clean(&out, text, len, vm_of(L)->app->utf8);
	lua_pushlstring(L, buf_str(&out), out.len);
	buf_clear(&out);
	return 1;
}

/* As a JSON string. */
static int private_json(lua_State *L)
{
	struct buf out = BUF_EMPTY;
	const char *text;
	size_t len;

	text = luaL_checklstring(L, 1, &len);
	json_string(&out, text, len);
	lua_pushlstring(L, buf_str(&out), out.len);
	buf_clear(&out);
	return 1;
}

/* As valid UTF-8: every other byte becomes U+FFFD. */
static int private_utf8(lua_State *L)
{
	static const char replacement[] = "\xef\xbf\xbd";
	luaL_Buffer out;
	unsigned int cp;
	const char *text;
	size_t len, n;

	text = luaL_checklstring(L, 1, &len);
	luaL_buffinit(L, &out);
	for (; len > 0; text += n, len -= n) {
		n = utf8_decode(text, len, &cp);
		if (n > 0)
			luaL_addlstring(&out, text, n);
		else
			luaL_addstring(&out, replacement), n = 1;
	}
	luaL_pushresult(&out);
	return 1;
}

/* To stdout, as it is: what came from elsewhere has been cleaned. */
static int private_put(lua_State *L)
{
	struct app *app = vm_of(L)->app;
	const char *text;
	size_t len;

	text = luaL_checklstring(L, 1, &len);
	if (app->door.print)
		app->door.print(app, text, len);
	return 0;
}

/* The line of progress in place of the last one; "" takes it away. */
static int private_draw(lua_State *L)
{
	lua_pushfstring(L, "\r\033[K%s", luaL_checkstring(L, 1));
	lua_replace(L, 1);
	return private_put(L);
}

static int private_time(lua_State *L)
{
	lua_pushnumber(L, time_now());
	return 1;
}

const luaL_Reg private_runner[] = {
	{ "pool", pool_new },
	{ "adopt", private_adopt },
	{ "machine", private_machine },
	{ "clean", private_clean },
	{ "json", private_json },
	{ "time", private_time },
	{ "utf8", private_utf8 },
	{ "put", private_put },
	{ "draw", private_draw },
	{ "unlocked", private_unlocked },
	{ NULL, NULL },
};

static int test_ended(lua_State *L, int status, lua_KContext unused)
{
	(void)status;
	(void)unused;
	return lua_gettop(L);
}

/* A file with tests in it that is run as a plain script is told how to run; all else is for the row. */
static int native_test(lua_State *L)
{
	static struct cmd checked;
	struct err err;

	if (lua_type(L, 2) == LUA_TFUNCTION)
		return error_usage(
			L, "test",
			"this is a test of a scenario: run it with tcpstep test FILE");
	if (sandbox_refuse(&err, "starts no processes", "test") < 0)
		return error_raise(L, &err, "test", -1);
	checked = rows_test[0];
	checked.native = NULL;
	bind_push(L, &checked);
	lua_insert(L, 1);
	lua_callk(L, lua_gettop(L) - 1, LUA_MULTRET, 0, test_ended);
	return lua_gettop(L);
}

const struct cmd rows_test[] = {
	{
		.name = "test",
		.group = "scripts",
		.usage = "[DIR | FILE...]",
		.summary = "run scenarios, each in a process and lab of its own",
		.detail =
			"A scenario is a Lua file that fails when a check fails; a folder gives all *.lua files\n"
			"in it and below, but those whose names begin with _ or a dot. A file may hold several:\n"
			"test(\"claim\", function() ... end). Then the file is run once to list them, and once for\n"
			"each, with only that one. skip(\"why\") ends a scenario that cannot be run here; a lab that\n"
			"this machine does not allow skips it too. What a scenario prints is shown when it fails.\n"
			"\n"
			"Labs know nothing of each other. On this machine itself (here) scenarios share its ports: one\n"
			"that finds an address in use is run once more, when no other runs.\n"
			"\n"
			"A file that does not load has failed, and so has a scenario that checked nothing: one that\n"
			"only shows something says check(true). At a limit the report names the line.\n"
			"\n"
			"In a sandbox a scenario may read files in its own folder, save captures (*.pcapng) in the\n"
			"output folder, not over others, and make labs; nothing else: no other file, no process, no\n"
			"network of this machine, no environment, no bytecode, no C module, 16 MiB of output.\n"
			"Without a sandbox it has your rights, as any program: it could forge even its verdict.\n"
			"\n"
			"The same from a shell, with -- before the names: tcpstep test --jobs 4 scenarios. Short\n"
			"forms are -j, -k (match) and -v. Exit status: 0 all ok, 1 one has failed, 2 usage,\n"
			"77 all were skipped, 130 Ctrl-C and 143 SIGTERM: then too the results so far are written,\n"
			"and which scenarios have not run.",
		.example =
			"io.open(\"first.lua\", \"w\"):write(\"check.equal(1 + 1, 2)\"):close()\n"
			"test first.lua",
		.returns = "nil",
		.looks = true,
		.arg = { { "path", ARG_PATH, ARG_OPTIONAL | ARG_MANY,
			   .standard = "scenarios", .text = "folders and files" } },
		.option = { { "jobs", ARG_INT, ARG_OPTIONAL, NULL, 1, 256, "the cores",
			      "how many run at a time" },
			    { "match", ARG_TEXT, ARG_OPTIONAL, .standard = "all",
			      .text = "those whose name contains this; in full: only that one" },
			    { "shuffle", ARG_INT, ARG_OPTIONAL, NULL, 0, 2147483647, "no",
			      "in another order, the same for the same number" },
			    { "repeat", ARG_INT, ARG_OPTIONAL, NULL, 1, 1000000, "1",
			      "how many times each" },
			    { "until_fail", ARG_BOOL, ARG_OPTIONAL, .standard = "no",
			      .text = "repeat until one fails" },
			    { "stop", ARG_BOOL, ARG_OPTIONAL, .standard = "no",
			      .text = "at a failure give a prompt, with all still alive" },
			    { "verbose", ARG_BOOL, ARG_OPTIONAL, .standard = "no",
			      .text = "also what ok ones print, and how much they check" },
			    { "format", ARG_WORD, ARG_OPTIONAL, "human tap junit json",
			      .standard = "human",
			      .text = "how the results are written" },
			    { "output", ARG_PATH, ARG_OPTIONAL, .standard = ".",
			      .text = "the folder for captures of failures" },
			    { "timeout", ARG_DURATION, ARG_OPTIONAL, .standard = "30 s",
			      .text = "for each" },
			    { "memory", ARG_SIZE, ARG_OPTIONAL, .standard = "256M",
			      .text = "for each" },
			    { "cpu", ARG_DURATION, ARG_OPTIONAL, .standard = "as timeout",
			      .text = "time of the processor, for each" },
			    { "sandbox", ARG_BOOL, ARG_OPTIONAL, .standard = "no",
			      .text = "strangers' scripts: they reach their folder and a lab only" } },
		.overload = "fun(claim: string, f: function)",
		.native = (void (*)(void))native_test,
		.module = "runner",
	},
	{ .name = NULL },
};
