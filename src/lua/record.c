/*
 * record.c - what was typed in this session, and what came of it: for history save and back.
 *
 * A step is a typed line, taken apart as it was understood then, with what it gave, the states that
 * it changed, and the segments that came onto a held wire or were moved on it by hand. What happens
 * between two lines belongs to the one before. The record is a Lua table in the registry, which
 * scripts/lib/history.lua makes a script of; it is kept only where lines are typed, and ends when it
 * has become too large to be of use.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cmd/line.h"
#include "lua/task.h"

#define STEPS_MAX 10000
#define BYTES_MAX (16 << 20)

/* Of one value; of a longer one only the length is kept. */
#define VALUE_MAX (64 << 10)

/* With more sockets their states are not followed: each look would cost too much. */
#define SOCKS_MAX 200

/* Where the record stands in the registry: {steps..., tasks = {}, now = {}}. */
static const char record_key;

static void set_text(lua_State *L, const char *key, const char *text)
{
	lua_pushstring(L, text);
	lua_setfield(L, -2, key);
}

static void set_number(lua_State *L, const char *key, lua_Integer n)
{
	lua_pushinteger(L, n);
	lua_setfield(L, -2, key);
}

static void set_true(lua_State *L, const char *key)
{
	lua_pushboolean(L, 1);
	lua_setfield(L, -2, key);
}

static void record_push(lua_State *L)
{
	luaL_checkstack(L, 12, "record");
	if (lua_rawgetp(L, LUA_REGISTRYINDEX, &record_key) == LUA_TTABLE)
		return;
	lua_pop(L, 1);
	lua_newtable(L);
	lua_newtable(L);
	lua_setfield(L, -2, "tasks");
	lua_newtable(L);
	lua_setfield(L, -2, "now");
	lua_pushvalue(L, -1);
	lua_rawsetp(L, LUA_REGISTRYINDEX, &record_key);
}

/* Pushes the last step; nothing, and false, when there is none. */
static bool last_push(lua_State *L)
{
	record_push(L);
	if (lua_rawgeti(L, -1, (lua_Integer)lua_rawlen(L, -1)) == LUA_TTABLE) {
		lua_remove(L, -2);
		return true;
	}
	lua_pop(L, 2);
	return false;
}

/* Adds the value on top to the list of that name in the table under it. */
static void list_add(lua_State *L, const char *name)
{
	luaL_getsubtable(L, -2, name);
	lua_insert(L, -2);
	lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
	lua_pop(L, 1);
}

/* --- states --- */

static void sock_push(lua_State *L, struct sock *s, const char *state, bool made)
{
	const char kind[] = { (char)s->kind, '\0' };
	char text[SOCK_NAME_MAX];

	lua_newtable(L);
	set_text(L, "name", sock_name(s, text));
	set_text(L, "host", s->host->name);
	set_text(L, "state", state);
	set_number(L, "port", addr_port(sock_local(s)));
	set_text(L, "kind", kind);
	if (s->kind == SOCK_ACCEPT)
		set_number(L, "peer", addr_port(sock_peer(s)));
	if (s->fd >= 0)
		set_true(L, "open");
	if (made)
		set_true(L, "made");
}

/* The sockets whose states are others than at the last look, onto the step's list. The step is on top. */
static void states_look(struct vm *vm, const char *list)
{
	lua_State *L = vm->L;
	size_t n, i;
	struct sock **all = socks_sorted(&vm->app->socks, &n);
	int step = lua_gettop(L);
	char name[SOCK_NAME_MAX];

	record_push(L);
	lua_getfield(L, -1, "now");
	lua_newtable(L);
	for (i = 0; i < n && n <= SOCKS_MAX; i++) {
		const char *state = state_name(sock_state(all[i], NULL));
		const char *was;

		sock_name(all[i], name);
		lua_getfield(L, step + 2, name);
		was = lua_tostring(L, -1);
		lua_pushstring(L, state);
		lua_setfield(L, step + 3, name);
		if (!was || strcmp(was, state) != 0) {
			lua_pushvalue(L, step);
			sock_push(L, all[i], state, !was);
			list_add(L, list);
			lua_pop(L, 1);
		}
		lua_pop(L, 1);
	}
	lua_setfield(L, step + 1, "now");
	lua_settop(L, step);
	free(all);
}

/* --- segments --- */

static void segment_push(lua_State *L, const struct trace *t,
			 const struct trace_segment *s)
{
	char flags[40], text[ADDR_TEXT_MAX];

	lua_newtable(L);
	set_number(L, "number", s->number);
	set_text(L, "from", s->from < 0 ? "-" : trace_host(t, s->from));
	set_text(L, "from_address", addr_format(&s->segment.from, text));
	set_text(L, "to_address", addr_format(&s->segment.to, text));
	set_text(L, "flags", segment_flags_text(s->segment.flags, flags));
	set_number(L, "seq", trace_seq(t, s));
	set_number(L, "ack", trace_ack(t, s));
	set_number(L, "len", (lua_Integer)s->segment.len);
	if (trace_resent(s))
		set_true(L, "again");
	if (s->copy_of)
		set_true(L, "copy");
}

/* What the wire did since the last look, onto the step on top. */
static void wire_look_at(struct vm *vm)
{
	const struct lab *lab = vm->app->lab;
	const struct trace *t = lab ? lab->trace : NULL;
	struct recording *r = &vm->recording;

	/* Another lab may have its trace at the same address. */
	if (lab && lab->started != r->lab_started) {
		r->event = 0;
		r->lab_started = lab->started;
	}
	for (; t && r->event < trace_events(t); r->event++) {
		const struct trace_event *e = trace_event(t, r->event);
		const struct trace_segment *s = e->number ? trace_find(t, e->number)
							  : NULL;
		const char *list = e->kind == TRACE_DELIVERED ? "delivered"
				   : e->kind == TRACE_DROPPED ? "dropped"
				   : e->kind == TRACE_SENT    ? "held"
							      : NULL;

		if (!s || !list || !wire_holds(lab->wire))
			continue;
		if (e->kind == TRACE_SENT && s->fate != FATE_HELD)
			continue;
		segment_push(vm->L, t, s);
		list_add(vm->L, list);
	}
}

/* --- values --- */

/* What the n values on top of from are, into the table on top of vm->L. */
static void value_set(struct vm *vm, lua_State *from, int n)
{
	lua_State *L = vm->L;
	struct sock *s = n > 0 ? object_get(from, -n) : NULL;
	char name[SOCK_NAME_MAX];
	size_t len;

	set_text(L, "gave", n == 0 ? "nothing" : luaL_typename(from, -n));
	if (n == 0)
		return;
	if (s) {
		set_text(L, "gave", "socket");
		set_text(L, "value", sock_name(s, name));
		return;
	}
	switch (lua_type(from, -n)) {
	case LUA_TSTRING:
		lua_tolstring(from, -n, &len);
		set_number(L, "bytes", (lua_Integer)len);
		vm->recording.bytes += len;
		if (len > VALUE_MAX)
			return;
		break;
	case LUA_TNUMBER:
	case LUA_TBOOLEAN:
		break;
	case LUA_TTABLE:
		/* state c1: all about it, of which the state can be seen again. */
		lua_pushliteral(from, "state");
		if (lua_rawget(from, -n - 1) == LUA_TSTRING)
			set_text(L, "value", lua_tostring(from, -1));
		lua_pop(from, 1);
		return;
	default:
		return;
	}
	lua_pushvalue(from, -n);
	if (from != L)
		lua_xmove(from, L, 1);
	lua_setfield(L, -2, "value");
}

/* --- the shell tells --- */

static void words_set(struct vm *vm, const struct line *line)
{
	lua_State *L = vm->L;
	struct buf text = BUF_EMPTY;
	size_t i;

	set_text(L, "command", line->cmd->name);
	if (line->cmd->looks)
		set_true(L, "looks");
	line_head_to_lua(line, &text);
	set_text(L, "head", buf_str(&text));
	if (*line->object)
		set_text(L, "object", line->object);
	if (*line->name)
		set_text(L, "name", line->name);
	lua_createtable(L, (int)line->words, 0);
	for (i = 0; i < line->words; i++) {
		buf_reset(&text);
		line_word_to_lua(line, i, words_is_object, vm, &text);
		lua_newtable(L);
		lua_pushlstring(L, buf_str(&text), text.len);
		lua_setfield(L, -2, "lua");
		if (line->word[i].option)
			set_text(L, "option", line->word[i].option->name);
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
	lua_setfield(L, -2, "words");
	buf_clear(&text);
}

void record_begin(struct vm *vm, const char *text, size_t len, const struct line *line)
{
	lua_State *L = vm->L;
	struct recording *r = &vm->recording;

	r->open = false;
	if (!vm->app->session || r->full)
		return;
	/* What a module tells itself. */
	if (r->hidden && line && line->kind == LINE_LUA)
		return;
	if (last_push(L)) {
		states_look(vm, "later");
		wire_look_at(vm);
		lua_pop(L, 1);
	}
	record_push(L);
	r->bytes += len;
	r->full = lua_rawlen(L, -1) >= STEPS_MAX || r->bytes > BYTES_MAX;
	if (r->full) {
		set_true(L, "full");
		lua_pop(L, 1);
		return;
	}
	lua_newtable(L);
	lua_pushlstring(L, text, len);
	lua_setfield(L, -2, "text");
	if (line && line->kind == LINE_COMMAND)
		words_set(vm, line);
	lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
	lua_pop(L, 1);
	r->open = true;
	r->began = time_now();
}

void record_undo(struct vm *vm)
{
	lua_State *L = vm->L;

	if (!vm->recording.open)
		return;
	vm->recording.open = false;
	record_push(L);
	lua_pushnil(L);
	lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2));
	lua_pop(L, 1);
}

void record_values(struct vm *vm, lua_State *from, int n)
{
	if (!vm->recording.open || !last_push(vm->L))
		return;
	value_set(vm, from, n);
	lua_pop(vm->L, 1);
}

/* The segment that a command of the wire gives: its number, or, as expect does, all of it. */
static const struct trace_segment *segment_given(const struct call *call)
{
	const struct value *v = &call->result;

	if (v->kind == VALUE_TABLE)
		v = value_get(v, "number");
	if (!v || v->kind != VALUE_INT || !call->app->lab)
		return NULL;
	return trace_find(call->app->lab->trace, (unsigned)v->i);
}

void record_called(struct vm *vm, const struct call *call, int rc)
{
	lua_State *L = vm->L;
	const struct trace_segment *segment;
	char name[SOCK_NAME_MAX];

	/* A call in the background ends as a task. */
	if (!call->typed || !vm->recording.open || vm->task != vm->foreground ||
	    !last_push(L))
		return;
	if (call->arg[0].kind == VALUE_SOCK)
		set_text(L, "socket", sock_name(call->arg[0].sock, name));
	if (rc < 0)
		set_text(L, "code", call->err.code);
	if (call->result.kind == VALUE_TABLE && value_get(&call->result, "seed")) {
		lua_push_value(L, value_get(&call->result, "seed"));
		lua_setfield(L, -2, "seed");
	}
	segment = rc < 0 ? NULL : segment_given(call);
	if (segment) {
		segment_push(L, call->app->lab->trace, segment);
		lua_setfield(L, -2, "segment");
	}
	lua_pop(L, 1);
}

void record_background(struct vm *vm, const struct task *task)
{
	char name[16];

	if (!vm->recording.open || !last_push(vm->L))
		return;
	set_text(vm->L, "task", task_name(task, name));
	lua_pop(vm->L, 1);
}

void record_detached(struct vm *vm, const struct task *task)
{
	record_background(vm, task);
	if (!vm->recording.open || !last_push(vm->L))
		return;
	set_true(vm->L, "detached");
	lua_pop(vm->L, 1);
}

void record_spawned(struct vm *vm, const struct task *task)
{
	char name[16];

	if (!vm->recording.open || !last_push(vm->L))
		return;
	lua_pushstring(vm->L, task_name(task, name));
	list_add(vm->L, "spawned");
	lua_pop(vm->L, 1);
}

void record_task_ended(struct vm *vm, struct task *task, bool ok)
{
	lua_State *L = vm->L;
	char name[16];

	if (!vm->app->session || vm->recording.full)
		return;
	record_push(L);
	lua_getfield(L, -1, "tasks");
	lua_newtable(L);
	set_number(L, "at", (lua_Integer)lua_rawlen(L, -3));
	if (ok) {
		value_set(vm, task->L, task->nresults);
	} else {
		set_text(L, "gave", "error");
		lua_pushvalue(task->L, -1);
		lua_xmove(task->L, L, 1);
		if (error_is(L, lua_gettop(L)))
			lua_getfield(L, -1, "code");
		else
			lua_pushliteral(L, "lua");
		lua_remove(L, -2);
		lua_setfield(L, -2, "code");
	}
	lua_setfield(L, -2, task_name(task, name));
	lua_pop(L, 2);
}

void record_end(struct vm *vm, enum vm_end end)
{
	static const char *const how[] = { "ok", "failed", "interrupted" };
	lua_State *L = vm->L;

	if (!vm->recording.open || !last_push(L))
		return;
	vm->recording.open = false;
	set_text(L, "ended", how[end]);
	lua_pushnumber(L, time_now() - vm->recording.began);
	lua_setfield(L, -2, "seconds");
	if (vm->app->lab && vm->app->lab->slow)
		set_true(L, "slow");
	states_look(vm, "changed");
	wire_look_at(vm);
	lua_pop(L, 1);
}

void record_forget(struct vm *vm)
{
	lua_pushnil(vm->L);
	lua_rawsetp(vm->L, LUA_REGISTRYINDEX, &record_key);
	vm->recording = (struct recording){ 0 };
}

int record_steps(lua_State *L)
{
	record_push(L);
	if (vm_of(L)->recording.late)
		set_true(L, "late");
	return 1;
}
