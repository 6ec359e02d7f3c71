/*
 * cmd_test.c - test, and the processes that scripts/lib/runner.lua has its scenarios in.
 *
 * A pool is a Lua object: pool:start{...} makes a process (sys/child.c) and gives its number,
 * pool:next(seconds) waits until one has ended and gives the number and what is known of it.
 * Whatever ends the runner, its pool is collected, and no process is left.
 */
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/json.h"
#include "base/text.h"
#include "lua/state.h"
#include "sys/child.h"

#define POOL_META "tcpstep.pool"

struct member {
	struct pool *pool;
	struct child *child;
	int number;
	bool ended;
	struct member *next;
};

struct pool {
	struct wake wake;
	struct member *members;
	int last;
	double seconds; /* of the wait under way */
	bool interrupted;
};

static struct pool *pool_get(lua_State *L)
{
	return luaL_checkudata(L, 1, POOL_META);
}

static void member_ended(void *arg)
{
	struct member *m = arg;

	m->ended = true;
	wake_fire(&m->pool->wake);
}

/* --- pool:start --- */

static double number_of(lua_State *L, const char *name, double standard)
{
	double n;

	lua_getfield(L, 2, name);
	n = luaL_optnumber(L, -1, standard);
	lua_pop(L, 1);
	return n;
}

static bool bool_of(lua_State *L, const char *name)
{
	bool is;

	lua_getfield(L, 2, name);
	is = lua_toboolean(L, -1);
	lua_pop(L, 1);
	return is;
}

/* The words after the program's name; the strings stay Lua's. */
static const char **argv_of(lua_State *L)
{
	lua_Integer i, n;
	const char **argv;

	lua_getfield(L, 2, "argv");
	luaL_checktype(L, -1, LUA_TTABLE);
	n = luaL_len(L, -1);
	argv = xcalloc((size_t)n + 2, sizeof(*argv));
	argv[0] = "tcpstep";
	for (i = 1; i <= n; i++) {
		lua_geti(L, -1, i);
		argv[i] = lua_tostring(L, -1);
		lua_pop(L, 1);
	}
	lua_pop(L, 1);
	return argv;
}

/* pool:start{argv = {...}, scenario = true, terminal = false, seconds = 30, cpu = 31, memory = N} */
static int pool_start(lua_State *L)
{
	struct pool *pool = pool_get(L);
	struct child_spec spec = { 0 };
	struct member *m;
	struct err err;

	luaL_checktype(L, 2, LUA_TTABLE);
	spec.scenario = bool_of(L, "scenario");
	spec.terminal = bool_of(L, "terminal");
	spec.seconds = number_of(L, "seconds", -1);
	spec.cpu_seconds = (unsigned long)number_of(L, "cpu", 0);
	spec.memory_bytes = (unsigned long long)number_of(L, "memory", 0);
	spec.argv = argv_of(L);
	m = xcalloc(1, sizeof(*m));
	m->pool = pool;
	m->child = child_start(vm_of(L)->app->loop, &spec, member_ended, m, &err);
	free(spec.argv);
	if (!m->child) {
		free(m);
		return error_raise(L, &err, "test", -1);
	}
	m->number = ++pool->last;
	m->next = pool->members;
	pool->members = m;
	lua_pushinteger(L, m->number);
	return 1;
}

/* --- pool:next --- */

static struct member *ended_one(const struct pool *pool)
{
	struct member *m, *first = NULL;

	for (m = pool->members; m; m = m->next)
		if (m->ended)
			first = m;
	return first;
}

static int next_exec(struct call *call)
{
	struct pool *pool = call->state;

	if (ended_one(pool) || call->timed_out)
		return 0;
	/* Ctrl-C ends the wait, and the runner says what there is so far. */
	pool->interrupted = call->stop == STOP_INTERRUPTED;
	if (pool->interrupted)
		((struct vm *)call->app->lua)->signalled = 0;
	if (call->stop != STOP_NO)
		return 0;
	pool->wake = (struct wake){ 0 };
	call->wait =
		(struct wait){ .fd = -1, .seconds = pool->seconds, .wake = &pool->wake };
	return CALL_WAIT;
}

static const struct cmd next_cmd = { .name = "test", .exec = next_exec };

static void set_text(lua_State *L, const char *name, const struct buf *text)
{
	lua_pushlstring(L, buf_str(text), text->len);
	lua_setfield(L, -2, name);
}

static void set_integer(lua_State *L, const char *name, lua_Integer n)
{
	lua_pushinteger(L, n);
	lua_setfield(L, -2, name);
}

static void push_child(lua_State *L, const struct child *c)
{
	static const char *const words[] = { [CHILD_PLACE] = "place",
					     [CHILD_TESTS] = "tests",
					     [CHILD_FAILURE] = "failure",
					     [CHILD_VERDICT] = "verdict",
					     [CHILD_PROMPT] = "prompt" };
	int i;

	lua_newtable(L);
	if (WIFEXITED(c->status)) {
		set_integer(L, "status", WEXITSTATUS(c->status));
	} else {
		lua_pushfstring(L, "SIG%s", sigabbrev_np(WTERMSIG(c->status)));
		lua_setfield(L, -2, "signal");
	}
	lua_pushboolean(L, c->timed_out);
	lua_setfield(L, -2, "timed_out");
	lua_pushnumber(L, c->seconds);
	lua_setfield(L, -2, "seconds");
	set_text(L, "output", &c->output);
	set_integer(L, "lost", (lua_Integer)c->lost);
	for (i = 0; i < CHILD_WORDS; i++)
		if (c->has_said[i])
			set_text(L, words[i], &c->said[i]);
}

static void member_free(struct member *m)
{
	child_free(m->child);
	free(m);
}

static int next_push(lua_State *L, struct call *call)
{
	struct pool *pool = call->state;
	struct member *m = ended_one(pool), **at;

	if (!m) {
		lua_pushnil(L);
		lua_pushboolean(L, pool->interrupted);
		return 2;
	}
	lua_pushinteger(L, m->number);
	push_child(L, m->child);
	for (at = &pool->members; *at != m; at = &(*at)->next)
		;
	*at = m->next;
	member_free(m);
	return 2;
}

/* pool:next(seconds): a number and a table; nil when the time is over; nil, true after Ctrl-C. */
static int pool_next(lua_State *L)
{
	struct pool *pool = pool_get(L);
	struct call call;

	pool->seconds = luaL_optnumber(L, 2, -1);
	if (!pool->members && pool->seconds < 0)
		return 0;
	call_init(&call, vm_of(L)->app, &next_cmd);
	call.state = pool;
	return bind_end(L, &call, next_exec(&call), next_push);
}

static int pool_close(lua_State *L)
{
	struct pool *pool = pool_get(L);
	struct member *m;

	while ((m = pool->members)) {
		pool->members = m->next;
		member_free(m);
	}
	return 0;
}

static int private_pool(lua_State *L)
{
	static const luaL_Reg methods[] = { { "start", pool_start },
					    { "next", pool_next },
					    { "close", pool_close },
					    { NULL, NULL } };
	struct pool *pool = lua_newuserdatauv(L, sizeof(*pool), 0);

	*pool = (struct pool){ 0 };
	if (luaL_newmetatable(L, POOL_META)) {
		luaL_newlib(L, methods);
		lua_setfield(L, -2, "__index");
		lua_pushcfunction(L, pool_close);
		lua_setfield(L, -2, "__gc");
		lua_pushcfunction(L, pool_close);
		lua_setfield(L, -2, "__close");
	}
	lua_setmetatable(L, -2);
	return 1;
}

/* --- what else the runner asks --- */

/* What scenarios leave behind is to become ours. */
static int private_adopt(lua_State *L)
{
	struct err err;

	if (children_adopt(&err) < 0)
		return error_raise(L, &err, "test", -1);
	return 0;
}

/* {cores = 2, system = "Linux 6.18.44", version = "0.1.0", out = true, erase = true}: of stdout */
static int private_machine(lua_State *L)
{
	const char *term = getenv("TERM");
	bool out = isatty(STDOUT_FILENO);
	struct utsname name;
	cpu_set_t cpus;

	lua_newtable(L);
	set_integer(L, "cores",
		    sched_getaffinity(0, sizeof(cpus), &cpus) == 0 ? CPU_COUNT(&cpus)
								   : 1);
	uname(&name);
	lua_pushfstring(L, "%s %s", name.sysname, name.release);
	lua_setfield(L, -2, "system");
	lua_pushliteral(L, TCPSTEP_VERSION);
	lua_setfield(L, -2, "version");
	lua_pushboolean(L, out && isatty(STDIN_FILENO));
	lua_setfield(L, -2, "person");
	lua_pushboolean(L, out && term && *term && strcmp(term, "dumb") != 0);
	lua_setfield(L, -2, "erase");
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
	{ "pool", private_pool },	{ "adopt", private_adopt },
	{ "machine", private_machine }, { "clean", private_clean },
	{ "json", private_json },	{ "time", private_time },
	{ "utf8", private_utf8 },	{ "put", private_put },
	{ "draw", private_draw },	{ NULL, NULL },
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

	if (lua_type(L, 2) == LUA_TFUNCTION)
		return error_usage(
			L, "test",
			"this is a test of a scenario: run it with tcpstep test FILE");
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
			"A file that does not load has failed, and so has a scenario that checked nothing: one that\n"
			"only shows something says check(true). At a limit the report names the line.\n"
			"\n"
			"The same from a shell, with -- before the names: tcpstep test --jobs 4 scenarios. Short\n"
			"forms are -j, -k (match) and -v. Exit status: 0 all ok, 1 one has failed, 2 usage,\n"
			"77 all were skipped.",
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
			      .text = "only those whose name contains this" },
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
			      .text = "time of the processor, for each" } },
		.overload = "fun(claim: string, f: function)",
		.native = (void (*)(void))native_test,
		.module = "runner",
	},
	{ .name = NULL },
};
