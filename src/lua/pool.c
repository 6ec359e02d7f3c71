/*
 * pool.c - a Lua object that holds processes: those of the runner's scenarios.
 *
 * pool:start{...} makes one (sys/child.c) and gives its number, pool:next(seconds) waits until one has
 * ended and gives the number and what is known of it. Whatever ends the runner, its pool is closed
 * or collected, and no process is left.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "lua/state.h"
#include "sys/child.h"
#include "sys/sandbox.h"

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

/*
 * pool:start{argv = {...}, scenario = true, terminal = false, folder = DIR, seconds = 30, cpu = 31,
 * memory = N}
 */
static int pool_start(lua_State *L)
{
	struct pool *pool = pool_get(L);
	struct child_spec spec = { 0 };
	struct member *m;
	struct err err;

	if (sandbox_refuse(&err, "starts no processes", "test") < 0)
		return error_raise(L, &err, "test", -1);
	luaL_checktype(L, 2, LUA_TTABLE);
	spec.scenario = bool_of(L, "scenario");
	spec.terminal = bool_of(L, "terminal");
	spec.seconds = number_of(L, "seconds", -1);
	spec.cpu_seconds = (unsigned long)number_of(L, "cpu", 0);
	spec.memory_bytes = (unsigned long long)number_of(L, "memory", 0);
	/* The string stays the table's. */
	lua_getfield(L, 2, "folder");
	spec.folder = lua_tostring(L, -1);
	lua_pop(L, 1);
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
	static const char *const words[] = {
		[CHILD_PLACE] = "place",     [CHILD_TESTS] = "tests",
		[CHILD_RECORD] = "record",   [CHILD_FAILURE] = "failure",
		[CHILD_VERDICT] = "verdict", [CHILD_PROMPT] = "prompt"
	};
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

int pool_new(lua_State *L)
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
