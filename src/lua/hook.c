/*
 * hook.c - wire:on, continue("until", f): a Lua function is asked about each segment on the wire.
 *
 * It runs on the main thread in a protected call, so it can neither wait nor raise into the wire. The
 * segment that it gets is alive while it runs only. What it changes is put together and given to
 * the trace when it has returned; when it fails, the segment goes on as it was, the error is told
 * once, and the function is not called again. A condition of continue only looks; when it fails, the
 * wire stops, as a debugger does at a condition that it cannot evaluate.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "lab/relay.h"
#include "lua/state.h"
#include "tcp/notation.h"

#define SEGMENT_META "segment"

/* Where the function stands in the registry. */
static const char hook_key;

/* A segment as the function sees it. Its user value keeps the text of new data alive. */
struct seen {
	unsigned long
		ask; /* the asking that it belongs to: alive while vm->asked is this */
	struct trace_segment *s;
	struct segment now;
	bool looks; /* and changes nothing */
	bool changed, keep_checksum;
};

struct asking {
	struct trace_segment *s;
	int ref; /* the condition in the registry; LUA_NOREF: wire:on's function */
	bool met;
	enum relay_verdict verdict;
	struct buf packet; /* what it was changed to */
};

static struct seen *seen_get(lua_State *L)
{
	struct seen *x = luaL_checkudata(L, 1, SEGMENT_META);

	if (x->ask != vm_of(L)->asked)
		error_usage(
			L, "wire",
			"a segment's fields are there only while the function that was "
			"given it runs");
	return x;
}

static const struct trace *trace_of(lua_State *L)
{
	return vm_of(L)->app->lab->trace;
}

/* The shift of its window: both ends have agreed on scaling, and it is no SYN (RFC 7323, 2.2). */
static int window_shift(lua_State *L, const struct trace_segment *s)
{
	const struct trace_conn *c = trace_conn_of(trace_of(L), s);
	int end;

	if (!c || c->wscale[0] < 0 || c->wscale[1] < 0 || s->segment.flags & FLAG_SYN)
		return 0;
	end = !addr_equal(&c->end[0], &s->segment.from);
	return c->wscale[end] > 14 ? 14 : c->wscale[end];
}

/* --- reading --- */

/* What acknowledgments and SACK blocks count from, whatever ack was changed to. */
static uint32_t ack_base(lua_State *L, const struct seen *x)
{
	return x->s->segment.ack - trace_ack(trace_of(L), x->s);
}

static void push_options(lua_State *L, const struct seen *x)
{
	struct buf text = BUF_EMPTY;
	const char *from, *to;

	notation_format(&x->now, 0, ack_base(L, x), &text);
	from = strchr(buf_str(&text), '<');
	to = from ? strchr(from, '>') : NULL;
	if (to)
		lua_pushlstring(L, from + 1, (size_t)(to - from - 1));
	else
		lua_pushliteral(L, "");
	buf_clear(&text);
}

/* A segment's number, nil for none. */
static void push_number(lua_State *L, unsigned number)
{
	if (number)
		lua_pushinteger(L, number);
	else
		lua_pushnil(L);
}

static void push_host(lua_State *L, int host)
{
	lua_pushstring(L, host < 0 ? "-" : trace_host(trace_of(L), host));
}

static int seen_index(lua_State *L)
{
	struct seen *x = seen_get(L);
	const char *key = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "";
	const struct trace *t = trace_of(L);
	char text[ADDR_TEXT_MAX];

	if (strcmp(key, "flags") == 0)
		lua_pushstring(L, segment_flags_text(x->now.flags, text));
	else if (strcmp(key, "len") == 0)
		lua_pushinteger(L, (lua_Integer)x->now.len);
	else if (strcmp(key, "from") == 0)
		push_host(L, x->s->from);
	else if (strcmp(key, "to") == 0)
		push_host(L, x->s->to);
	else if (strcmp(key, "seq") == 0)
		lua_pushinteger(L, (uint32_t)(x->now.seq - x->s->segment.seq +
					      trace_seq(t, x->s)));
	else if (strcmp(key, "ack") == 0)
		lua_pushinteger(L, (uint32_t)(x->now.ack - ack_base(L, x)));
	else if (strcmp(key, "data") == 0)
		lua_pushlstring(L, (const char *)x->now.payload, x->now.len);
	else if (strcmp(key, "window") == 0)
		lua_pushinteger(L, (lua_Integer)x->now.window << window_shift(L, x->s));
	else if (strcmp(key, "number") == 0)
		lua_pushinteger(L, x->s->number);
	else if (strcmp(key, "again") == 0)
		push_number(L, trace_resent(x->s));
	else if (strcmp(key, "options") == 0)
		push_options(L, x);
	else if (strcmp(key, "urgent") == 0)
		lua_pushinteger(L, x->now.urgent);
	else if (strcmp(key, "ttl") == 0)
		lua_pushinteger(L, x->now.ttl);
	else if (strcmp(key, "ecn") == 0)
		lua_pushinteger(L, x->now.ecn);
	else if (strcmp(key, "from_address") == 0)
		lua_pushstring(L, addr_format(&x->now.from, text));
	else if (strcmp(key, "to_address") == 0)
		lua_pushstring(L, addr_format(&x->now.to, text));
	else
		lua_pushnil(L);
	return 1;
}

/* --- writing --- */

static uint32_t integer(lua_State *L, const char *key, lua_Integer max)
{
	int whole;
	lua_Integer v = lua_tointegerx(L, 3, &whole);

	if (!whole || v < 0 || v > max)
		error_usage(L, "wire",
			    "a segment's %s is a whole number from 0 to %lld, not %.40s",
			    key, (long long)max, luaL_tolstring(L, 3, NULL));
	return (uint32_t)v;
}

static const char *text_of(lua_State *L, const char *key, size_t *len)
{
	if (!lua_isstring(L, 3))
		error_usage(L, "wire", "a segment's %s is text, not %.40s", key,
			    luaL_tolstring(L, 3, NULL));
	return lua_tolstring(L, 3, len);
}

static void set_flags(lua_State *L, struct seen *x)
{
	const char *text = text_of(L, "flags", NULL);

	if (!segment_flags_parse(&x->now.flags, text))
		error_usage(L, "wire", "\"%.40s\" is no flags; as in SYN,ACK or S.",
			    text);
}

static void set_window(lua_State *L, struct seen *x)
{
	int shift = window_shift(L, x->s);

	x->now.window =
		(uint16_t)(integer(L, "window", (lua_Integer)0xffff << shift) >> shift);
}

static void set_data(lua_State *L, struct seen *x)
{
	size_t len;
	const char *data = text_of(L, "data", &len);

	if (len > 65000)
		error_usage(L, "wire", "a segment carries at most 65000 bytes, not %zu",
			    len);
	lua_pushvalue(L, 3);
	lua_setiuservalue(L, 1, 1);
	x->now.payload = (const uint8_t *)data;
	x->now.len = len;
}

static void set_options(lua_State *L, struct seen *x)
{
	struct segment other = x->now;
	struct err err;
	int parts;

	lua_pushfstring(L, "<%s>", text_of(L, "options", NULL));
	parts = notation_parse(&other, lua_tostring(L, -1), 0, ack_base(L, x), NULL,
			       &err);
	if (parts < 0)
		error_raise(L, &err, "wire", -1);
	if (parts != PART_OPTIONS)
		error_usage(L, "wire",
			    "only options are expected, as in \"mss 1460,sackOK\"");
	x->now.options = other.options;
}

static int seen_newindex(lua_State *L)
{
	struct seen *x = seen_get(L);
	const char *key = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "";
	const struct trace *t = trace_of(L);

	if (x->looks)
		error_usage(L, "continue",
			    "a condition cannot change a segment; wire:on can");
	if (strcmp(key, "flags") == 0)
		set_flags(L, x);
	else if (strcmp(key, "seq") == 0)
		x->now.seq = integer(L, key, UINT32_MAX) - trace_seq(t, x->s) +
			     x->s->segment.seq;
	else if (strcmp(key, "ack") == 0)
		x->now.ack = integer(L, key, UINT32_MAX) + ack_base(L, x);
	else if (strcmp(key, "window") == 0)
		set_window(L, x);
	else if (strcmp(key, "data") == 0)
		set_data(L, x);
	else if (strcmp(key, "options") == 0)
		set_options(L, x);
	else if (strcmp(key, "urgent") == 0)
		x->now.urgent = (uint16_t)integer(L, key, UINT16_MAX);
	else if (strcmp(key, "ttl") == 0)
		x->now.ttl = (uint8_t)integer(L, key, UINT8_MAX);
	else if (strcmp(key, "ecn") == 0)
		x->now.ecn = (uint8_t)integer(L, key, 3);
	else if (strcmp(key, "keep_checksum") == 0)
		x->keep_checksum = lua_toboolean(L, 3);
	else
		error_usage(
			L, "wire",
			"a segment's %.40s cannot be changed; flags, seq, ack, window, "
			"urgent, data, options, ttl, ecn and keep_checksum can",
			luaL_tolstring(L, 2, NULL));
	x->changed = true;
	return 0;
}

/* --- asking --- */

static size_t checksum_at(const uint8_t *packet)
{
	return (packet[0] >> 4 == 6 ? 40 : (size_t)(packet[0] & 15) * 4) + 16;
}

static void put_together(lua_State *L, const struct seen *x, struct buf *out)
{
	const struct trace_segment *s = x->s;
	size_t old = checksum_at(s->packet), at;
	struct err err;

	if (segment_encode(&x->now, out, &err) < 0)
		error_raise(L, &err, "wire", -1);
	at = checksum_at((const uint8_t *)out->data);
	if (x->keep_checksum && old + 2 <= s->packet_len)
		memcpy(out->data + at, s->packet + old, 2);
}

static enum relay_verdict verdict_read(lua_State *L)
{
	static const char *const words[] = {
		[RELAY_DELIVER] = "deliver", [RELAY_DROP] = "drop", [RELAY_HOLD] = "hold",
		[RELAY_DUP] = "dup",	     [RELAY_BROKEN] = NULL,
	};
	const char *text = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "";
	int verdict = text_index(text, words);

	if (lua_isnil(L, -1))
		return RELAY_DELIVER;
	if (verdict >= 0)
		return (enum relay_verdict)verdict;
	error_usage(
		L, "wire",
		"the function of wire:on returns drop, dup, hold, deliver or nil, not "
		"%.40s",
		luaL_tolstring(L, -1, NULL));
	return RELAY_DELIVER;
}

static int ask(lua_State *L)
{
	struct asking *a = lua_touserdata(L, 1);
	struct seen *x = lua_newuserdatauv(L, sizeof(*x), 1);

	*x = (struct seen){ vm_of(L)->asked, .s = a->s, .now = a->s->segment };
	x->looks = a->ref != LUA_NOREF;
	luaL_setmetatable(L, SEGMENT_META);
	if (x->looks)
		lua_rawgeti(L, LUA_REGISTRYINDEX, a->ref);
	else
		lua_rawgetp(L, LUA_REGISTRYINDEX, &hook_key);
	lua_pushvalue(L, 2);
	lua_call(L, 1, 1);
	a->met = lua_toboolean(L, -1);
	if (!x->looks)
		a->verdict = verdict_read(L);
	if (x->changed)
		put_together(L, x, &a->packet);
	return 0;
}

/* False: it has failed, which was told, with what comes of it. */
static bool asked(struct vm *vm, struct asking *a, const char *then)
{
	unsigned long was = vm->asked;
	int status;

	vm->asked = ++vm->asks;
	status = vm_call(vm, ask, a, 0);
	vm->asked = was;
	if (status == LUA_OK)
		return true;
	tell_error(vm, vm->L, "", then);
	lua_pop(vm->L, 1);
	return false;
}

static enum relay_verdict hook_run(void *arg, struct trace_segment *s)
{
	struct vm *vm = arg;
	struct asking a = { .s = s, .ref = LUA_NOREF };

	if (!asked(vm, &a, "The wire does not ask this function again.")) {
		a.verdict = RELAY_BROKEN;
	} else if (a.packet.len > 0) {
		trace_altered(vm->app->lab->trace, s->number, a.packet.data, a.packet.len,
			      0);
	}
	buf_clear(&a.packet);
	return a.verdict;
}

/* A condition. The wire may have no more use for it while it runs: when it calls hold. */
struct condition {
	struct app *app;
	int ref;
	bool runs, over;
};

/* Lua may have ended before the lab. */
static void condition_free(void *arg)
{
	struct condition *c = arg;
	struct vm *vm = c->app->lua;

	c->over = true;
	if (c->runs)
		return;
	if (vm)
		luaL_unref(vm->L, LUA_REGISTRYINDEX, c->ref);
	free(c);
}

static bool condition_ask(void *arg, const struct trace_segment *s)
{
	struct condition *c = arg;
	struct asking a = { .s = (struct trace_segment *)s, .ref = c->ref };

	if (c->runs || !c->app->lua)
		return false;
	c->runs = true;
	if (!asked(c->app->lua, &a, "The wire is held before this segment."))
		a.met = true;
	c->runs = false;
	buf_clear(&a.packet);
	if (c->over)
		condition_free(c);
	return a.met;
}

struct value hook_value(lua_State *L, int index)
{
	static const struct value_asker asker = { condition_ask, condition_free };
	struct condition *c;
	int ref;

	lua_pushvalue(L, index);
	ref = luaL_ref(L, LUA_REGISTRYINDEX);
	c = xcalloc(1, sizeof(*c));
	*c = (struct condition){ vm_of(L)->app, .ref = ref };
	return value_function(&asker, c);
}

/* wire:on(function(seg) ... end), wire:on(nil) */
static int hook_on(lua_State *L)
{
	struct vm *vm = vm_of(L);
	bool off = lua_isnoneornil(L, 2);

	vm->typed = false;
	if (!host_get(L, 1) || (!off && !lua_isfunction(L, 2)))
		return error_usage(L, "wire",
				   "a function or nil is expected, as in "
				   "wire:on(function(seg) return \"drop\" end)");
	if (!vm->app->lab)
		return error_usage(L, "wire", "there is no lab");
	lua_settop(L, 2);
	lua_rawsetp(L, LUA_REGISTRYINDEX, &hook_key);
	relay_hook(wire_relay(vm->app->lab->wire), off ? NULL : hook_run, vm);
	return 0;
}

void hook_push(lua_State *L)
{
	lua_pushcfunction(L, hook_on);
}

void hook_register(lua_State *L)
{
	static const luaL_Reg meta[] = { { "__index", seen_index },
					 { "__newindex", seen_newindex },
					 { NULL, NULL } };

	luaL_newmetatable(L, SEGMENT_META);
	luaL_setfuncs(L, meta, 0);
	lua_pushliteral(L, "segment");
	lua_setfield(L, -2, "__metatable");
	lua_pop(L, 1);
}
