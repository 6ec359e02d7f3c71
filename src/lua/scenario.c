/*
 * scenario.c - a script that is a test: its limits, where it is, and what it has come to.
 *
 * The runner (scripts/lib/runner.lua) is in another process and decides. It believes only what this
 * file says through sys/child.c: that the main chunk has ended, and how. Lua code of the script's
 * cannot reach that way. All else, such as the record of a failure, is for people: scenario.lua makes it
 * while everything is still alive.
 *
 * At the limit of time SIGUSR1 comes (SIGXCPU at that of the CPU). The handler arms a hook on the
 * thread that runs; it makes the record where the script is, and ends the process: nothing is
 * raised that a pcall could catch. A script that waits is found by the loop. What no hook
 * reaches, a long C function or a finalizer, gets the signal once more: then the handler itself reads the
 * line. It does so too when the process crashes, as the last thing it does.
 */
#include "lua/scenario.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "lua/task.h"
#include "sys/child.h"

#define MEMORY_BYTES (256 << 20)
#define RECORD_BYTES (64 << 20)
#define STACK_BYTES  65536

/* A process is one scenario. */
static struct scenario {
	struct vm *vm;
	char *const *words;
	unsigned long long memory_max;
	struct loop_io io;
	int event; /* tells the loop of the signal */
	volatile sig_atomic_t warnings, cpu;
	bool stop;   /* a person wants to look at a failure */
	bool failed; /* or skipped: how it came to nothing has been reported */
	bool over;   /* what comes now is its person's, at the prompt */
	vm_done_fn *done;
	void *arg;
} own;

static bool is_here(const struct vm *vm)
{
	return own.vm == vm && vm != NULL;
}

/* The value of a NAME=VALUE that it was started with, or "". */
static const char *word_of(const char *name)
{
	size_t len = strlen(name);
	char *const *w;

	for (w = own.words + 1; *w; w++)
		if (strncmp(*w, name, len) == 0 && (*w)[len] == '=')
			return *w + len + 1;
	return "";
}

/* --- where it is --- */

bool place_read(lua_State *L, char *text, size_t size)
{
	lua_Debug ar;
	int level;

	for (level = 0; lua_getstack(L, level, &ar); level++) {
		lua_getinfo(L, "Sl", &ar);
		/* The modules inside the program are named "=check.lua", a file "@...". */
		if (ar.currentline <= 0 || *ar.source != '@')
			continue;
		snprintf(text, size, "%s:%d", ar.source + 1, ar.currentline);
		return true;
	}
	return false;
}

static void place_tell(lua_State *L)
{
	char text[512];

	if (place_read(L, text, sizeof(text)))
		child_report(CHILD_PLACE, text, strlen(text));
}

/* --- what it has come to --- */

struct record {
	lua_State *thread; /* which failed */
	const char *limit; /* that it has reached, or NULL */
	bool skipped;
	struct buf text;
};

/* scenario.record(err, thread, limit): "failed" or "skipped", and the record packed. */
static int record_make(lua_State *L)
{
	struct record *r = lua_touserdata(L, 1);
	const char *text;
	size_t len;

	embed_require(L, "scenario");
	lua_getfield(L, -1, "record");
	lua_pushvalue(L, 2);
	lua_pushthread(r->thread);
	if (r->thread != L)
		lua_xmove(r->thread, L, 1);
	lua_pushstring(L, r->limit);
	lua_call(L, 3, 2);
	text = luaL_checklstring(L, -1, &len);
	r->skipped = strcmp(luaL_checkstring(L, -2), "skipped") == 0;
	buf_add(&r->text, text, len);
	return 0;
}

static void verdict_tell(const char *word)
{
	struct buf text = BUF_EMPTY;

	buf_addf(&text, "%s %lu", word, own.vm->app->checks);
	child_report(CHILD_VERDICT, buf_str(&text), text.len);
	buf_clear(&text);
}

/* The error value is on top of from, and stays there; there is none at a limit. */
static void fail(struct vm *vm, lua_State *from, const char *limit)
{
	struct record r = { .thread = from, .limit = limit };

	own.failed = true;
	/* The record has to fit even when nothing else does. */
	memory_more(RECORD_BYTES);
	place_tell(from);
	if (lua_checkstack(from, 2) && lua_checkstack(vm->L, 8)) {
		if (limit)
			lua_pushnil(from);
		else
			lua_pushvalue(from, -1);
		if (from != vm->L)
			lua_xmove(from, vm->L, 1);
		if (vm_call(vm, record_make, &r, 1) == LUA_OK)
			child_report(CHILD_FAILURE, buf_str(&r.text), r.text.len);
		else
			lua_pop(vm->L, 1);
	}
	verdict_tell(r.skipped ? "skipped" : "failed");
	buf_clear(&r.text);
}

bool scenario_failed(struct vm *vm, lua_State *from)
{
	if (!is_here(vm) || own.over)
		return false;
	if (own.failed)
		return true;
	fail(vm, from, NULL);
	if (own.stop) {
		/* Its variables are to be looked at. */
		lua_pushthread(from);
		lua_rawsetp(from, LUA_REGISTRYINDEX, &own);
	}
	/* A task in the background may have failed: nobody need wait for the script. */
	if (!own.stop && vm->app->door.quit)
		vm->app->door.quit(vm->app, 1);
	return true;
}

bool scenario_stops(const struct vm *vm)
{
	return is_here(vm) && own.stop;
}

bool scenario_stopped(const struct vm *vm)
{
	return is_here(vm) && own.stop && own.failed;
}

static void ended(void *arg, enum vm_end end)
{
	(void)arg;
	if (end == VM_OK && !own.failed)
		verdict_tell("ok");
	own.over = own.failed && own.stop;
	if (own.over)
		child_report(CHILD_PROMPT, "", 0);
	own.done(own.arg, own.failed && end == VM_OK ? VM_FAILED : end);
}

/* --- the limit of time --- */

/* Ends the process where it is, with a record that says so. */
static void give_up(lua_State *L)
{
	struct buf text = BUF_EMPTY;

	buf_addf(&text,
		 own.cpu ? "it has used %s of the CPU" : "it is not done within %s",
		 word_of(own.cpu ? "cpu" : "timeout"));
	place_tell(L);
	if (!own.failed)
		fail(own.vm, L, buf_str(&text));
	_exit(1);
}

static void limit_hook(lua_State *L, lua_Debug *ar)
{
	(void)ar;
	give_up(L);
}

/* From the loop: nothing runs, so the script waits, or its end does. */
static void limit_waits(void *arg, int events)
{
	struct task *task = own.vm->foreground;

	(void)arg;
	(void)events;
	give_up(task ? task->L : own.vm->L);
}

static void on_limit(int sig)
{
	static const uint64_t one = 1;
	lua_State *L = own.vm->running ? own.vm->running : own.vm->L;

	own.cpu = sig == SIGXCPU;
	own.warnings = own.warnings + 1;
	if (own.warnings > 1) {
		place_tell(L);
		_exit(1);
	}
	own.vm->limit = limit_hook;
	lua_sethook(L, limit_hook, LUA_MASKCALL | LUA_MASKRET | LUA_MASKCOUNT, 1);
	if (write(own.event, &one, sizeof(one)) < 0)
		place_tell(L);
}

static void on_crash(int sig)
{
	place_tell(own.vm->running ? own.vm->running : own.vm->L);
	signal(sig, SIG_DFL);
	raise(sig);
}

static void handle(int sig, void (*fn)(int))
{
	struct sigaction sa = { .sa_handler = fn, .sa_flags = SA_ONSTACK | SA_RESTART };

	sigemptyset(&sa.sa_mask);
	sigaction(sig, &sa, NULL);
}

static void signals_begin(void)
{
	static char stack[STACK_BYTES];
	stack_t st = { .ss_sp = stack, .ss_size = sizeof(stack) };

	sigaltstack(&st, NULL);
	handle(SIGUSR1, on_limit);
	handle(SIGXCPU, on_limit);
	handle(SIGABRT, on_crash);
#ifndef __SANITIZE_ADDRESS__
	/* A sanitizer's own report says more. */
	handle(SIGSEGV, on_crash);
	handle(SIGBUS, on_crash);
#endif
}

/* --- what scenario.lua asks --- */

/* Where the script is, for a call that may end the process. */
static int private_place(lua_State *L)
{
	if (own.vm)
		place_tell(L);
	return 0;
}

/* The record of a failure is made; this much is known already. */
static int private_recording(lua_State *L)
{
	size_t len;
	const char *text = luaL_checklstring(L, 1, &len);

	child_report(CHILD_RECORD, text, len);
	return 0;
}

/* The names of the tests that the file holds. */
static int private_tests(lua_State *L)
{
	size_t len;
	const char *text = luaL_checklstring(L, 1, &len);

	child_report(CHILD_TESTS, text, len);
	return 0;
}

/* One more condition was looked at. */
static int private_checked(lua_State *L)
{
	vm_of(L)->app->checks++;
	return 0;
}

const luaL_Reg private_scenario[] = {
	{ "place", private_place },
	{ "tests", private_tests },
	{ "checked", private_checked },
	{ "recording", private_recording },
	{ NULL, NULL },
};

/* --- beginning --- */

static bool is_word(const char *name)
{
	return strcmp(word_of(name), "yes") == 0;
}

bool scenario_begin(struct vm *vm, char *const *words, struct err *err)
{
	const char *memory;
	char kept[300];

	if (!child_report_open()) {
		err_set(err, "usage", "--scenario is for the runner's own use");
		err_hint(err, "Run scenarios with: tcpstep test FILE");
		return false;
	}
	own.vm = vm;
	own.words = words;
	own.stop = is_word("stop");
	memory = word_of("memory");
	own.memory_max = *memory ? strtoull(memory, NULL, 10) : MEMORY_BYTES;
	own.event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (own.event < 0) {
		err_errno(err, errno, "make an eventfd for the limit of time");
		return false;
	}
	loop_io_start(vm->app->loop, &own.io, own.event, LOOP_READ, limit_waits, NULL);
	signals_begin();
	if (children_adopt(err) < 0)
		return false;
	/* At a prompt SIGCONT is the terminal's. */
	if (!own.stop)
		children_die_with_parent();
	snprintf(kept, sizeof(kept), "%s.pcapng", word_of("name"));
	return !is_word("sandbox") ||
	       vm_sandbox(vm, words[0], word_of("dir"), kept, err) == 0;
}

void scenario_run(struct vm *vm, vm_done_fn *done, void *arg)
{
	own.done = done;
	own.arg = arg;
	memory_limit(vm->L, own.memory_max);
	vm_module(vm, "scenario", "main", own.words, ended, NULL);
}
