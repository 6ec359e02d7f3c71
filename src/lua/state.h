/* state.h - the Lua floor's own: what its files share. */
#ifndef LUA_STATE_H
#define LUA_STATE_H

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <signal.h>
#include <stdint.h>

#include "cmd/app.h"
#include "cmd/cmd.h"
#include "cmd/run.h"
#include "lua/vm.h"

#if LUA_VERSION_RELEASE_NUM < 50406
#define lua_closethread(co, from) lua_resetthread(co)
#endif

struct task;

/* A coroutine.resume under way: who resumed whom. On the C stack. */
struct resumer {
	lua_State *L;
	struct resumer *up;
};

/* record.c's own: how far the record of the session has come. */
struct recording {
	bool open;	    /* a step has begun and not ended */
	bool full;	    /* no more is recorded */
	bool hidden;	    /* the next line is a module's, and not shown */
	bool late;	    /* a script has run before the first line */
	double began;	    /* the step */
	size_t bytes;	    /* of lines and values, in all */
	double lab_started; /* the lab of whose trace the next event is */
	size_t event;
};

struct vm {
	lua_State *L; /* main thread: runs only what vm_call gives it */
	struct app *app;
	struct vm_hooks hooks;
	const void *sock_meta; /* lua_topointer of the socket metatable */
	/* The thread that runs now, NULL: none. Read by the signal handler. */
	lua_State *volatile running;
	struct resumer *resumers; /* innermost first */
	bool waiting;		  /* the yield under way is a wait's */
	bool typed;		  /* the next call is the typed one */
	bool tty;		  /* stdout is a terminal */
	struct buf warning;	  /* begun by warn, or by a finalizer that failed */
	int depth; /* Lua runs, or is being looked after: resume nobody else */
	volatile sig_atomic_t signalled;
	volatile lua_Hook
		limit; /* of each thread that runs, once the time is over; or NULL */

	struct task *task;	   /* the one that runs now */
	struct task *volatile hit; /* the one that ran when the signal came */
	volatile int left;	   /* instructions until that one is stuck */
	struct task *foreground;   /* the line's or script's */
	struct task *tasks;	   /* all that have not ended, newest first */
	struct task *ended;	   /* some that have, by name, newest first */
	struct waiter *waiters;	   /* those that wait for all tasks */
	int last_task;
	unsigned long asks, asked; /* of wire:on's function; asked 0: it does not run */
	int spin_vain, spin_skip; /* spin.c's own: waits to go without, and still to go */

	/* shell_hooks.c's own */
	bool taken;	    /* a module has taken the shell */
	struct buf entered; /* lines that it has entered */
	size_t entered_at;  /* where the next one stands among them */
	struct loop_timer tick;
	bool tick_soon; /* something has happened */

	struct recording recording;
	lua_State *stepped; /* the script that is replayed; NULL */
	int stepped_line;   /* that it is to stop before, or has */

	/* the line under way */
	vm_done_fn *done;
	void *done_arg;
	enum vm_end end;
	struct run settle;
	bool settling;
	bool print; /* values are to be printed */
	bool script;
	char wide[5], narrow; /* a full-width character in it, and what was meant; '\0' */
};

/* A thread's extra space holds the vm. Its lowest bit: the thread is suspended in a wait. */
static inline struct vm *vm_of(lua_State *L)
{
	return (struct vm *)(*(uintptr_t *)lua_getextraspace(L) & ~(uintptr_t)1);
}

/* --- vm.c --- */

/*
 * Calls fn on the main thread, protected, so that Ctrl-C works in it, with arg as a light userdata
 * and the n values on top of vm->L, which are popped. LUA_OK, or a status with the error value on
 * top of vm->L. fn returns nothing.
 */
int vm_call(struct vm *vm, lua_CFunction fn, void *arg, int n);

/* Pushes the global, or the socket or task of that name, or nil. Runs no metamethod. */
void vm_global(lua_State *L, const char *name);

/* --- value.c: plain values <-> Lua --- */

void lua_push_value(lua_State *L, const struct value *v);

/*
 * An argument as a plain value; strings are borrowed from Lua. What no command takes becomes
 * VALUE_OTHER. Never raises.
 */
struct value lua_to_value(lua_State *L, int index);

/*
 * Any value into *out, tables to some depth, for JSON: may raise; out then holds what there is.
 * The keys are Lua's, so the collector must not run before out is done with.
 */
void lua_to_tree(lua_State *L, int index, struct value *out);

/* --- print.c: Lua values for people --- */

/* True when the value says itself how it reads: it has __tostring. */
bool lua_has_text(lua_State *L, int index);

/* A value (quoted, sorted, nested, bounded) onto out. May raise: the value's __tostring may. */
void lua_print_value(lua_State *L, int index, struct buf *out);

/* --- object.c: sockets --- */

void object_register(lua_State *L);
void object_push(lua_State *L, struct sock *s);

/* The socket at index, NULL when it is something else. */
struct sock *object_get(lua_State *L, int index);

/* Pushes the object that stands for p, when there is one; else nothing, and false. */
bool object_cached(lua_State *L, const void *p);

/* Makes the userdata on top of the stack the object that stands for p. */
void object_cache(lua_State *L, const void *p);

/* Pushes the socket or task with that name; false and nothing pushed when there is none. */
bool object_push_name(lua_State *L, const char *name);

/* False when the user has put a metatable of his own over ours on the globals. */
bool object_rules_globals(lua_State *L);

/* "c1 ESTABLISHED 127.0.0.1:40140 > 127.0.0.1:7788" */
void object_text(struct sock *s, struct buf *out);

/* Closes the socket at index 1: __close. */
int object_close(lua_State *L);

/* --- hosts.c: hosts and the wire --- */

void host_register(lua_State *L);

/* Pushes the object of a host by name; "wire" is the wire of the lab. */
void host_push(lua_State *L, const char *name);

/* Pushes a table whose keys are the fields and methods of that host, or of the wire, for completion. */
void host_fields_push(lua_State *L, const char *name);

/* The name of the host at index, NULL when it is something else. */
const char *host_get(lua_State *L, int index);

/* --- hook.c: wire:on, and the functions of continue until --- */

void hook_register(lua_State *L);

/* Pushes the method wire:on. */
void hook_push(lua_State *L);

/* The function at index as a value: what is asked whether the wire is to stop. */
struct value hook_value(lua_State *L, int index);

/* --- bind.c: rows -> functions --- */

/* All commands as globals and, where the first argument is a socket, as methods. */
void bind_register(lua_State *L);

/* Pushes the function of a row. */
void bind_push(lua_State *L, const struct cmd *cmd);

/* The same as a method, which needs its object: `server.listen(80)` would act elsewhere. of is for the hint. */
void bind_push_method(lua_State *L, const struct cmd *cmd, const char *of);

/* Pushes what Lua gets of a finished call. Returns how many, or -1: an error value to raise. */
typedef int bind_push_fn(lua_State *L, struct call *call);

/*
 * Ends a call whose exec returned rc: pushes results, raises, or waits by yielding. For C
 * functions: `return bind_end(L, &call, rc, push)`. Takes the call.
 */
int bind_end(lua_State *L, struct call *call, int rc, bind_push_fn *push);

/* --- module.c: rows whose body is a Lua function of a module --- */

/* Calls it with the call's arguments; may yield. Returns how many results. Takes the call. */
int module_call(lua_State *L, struct call *call);

/* A lua_CFunction: calls the function of the module, argument 2 of argument 1, with the others. */
int module_run(lua_State *L);

/* --- scenario.c: a script that is a test --- */

/*
 * The error value on top of from, which stays there, ends a scenario. It is reported while all is
 * still alive. False, and nothing is done, when none runs here, or only its prompt.
 */
bool scenario_failed(struct vm *vm, lua_State *from);

/* What the modules inside the program get of it, and of cmd_test.c. */
extern const luaL_Reg private_scenario[], private_runner[];

extern const struct cmd rows_test[];

/*
 * The innermost line of Lua that L runs and that is not the program's own, "client.lua:3". False when it
 * runs none. Takes no memory.
 */
bool place_read(lua_State *L, char *text, size_t size);

/* --- memory.c: a limit for Lua's memory --- */

/* From now on Lua gets no more; what C takes does not count. */
void memory_limit(lua_State *L, unsigned long long bytes);

/* It may have so much more. */
void memory_more(unsigned long long bytes);

/* --- pool.c: the processes of scenarios --- */

/* A lua_CFunction: gives a new pool, for modules inside the program. */
int pool_new(lua_State *L);

/* --- spin.c --- */

/* Polls for a moment for what a call waits to read; true when exec has something to take. */
bool spin_comes(struct vm *vm, const struct call *call);

/* --- error.c --- */

void error_register(lua_State *L);

/* Pushes the metatable that makes a table an error object of ours. */
void error_push_meta(lua_State *L);

/* Raises an error object made of err; frees nothing. op may be NULL. bytes < 0: none went. */
int error_raise(lua_State *L, const struct err *err, const char *op, long long bytes);

/* Raises one for a call with wrong arguments: code "usage". */
int error_usage(lua_State *L, const char *op, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* True when the value at index is an error object of ours. */
bool error_is(lua_State *L, int index);

/* --- tell.c: errors and values through the hooks --- */

/* Where from (a task that has failed, not yet closed) was; nothing for errors of commands. */
void tell_trace(struct vm *vm, lua_State *from, struct buf *out);

/* Gives a failed check on top of from, which has no hint, the known reason as one: sockets still live. */
void tell_explain(struct vm *vm, lua_State *from);

/*
 * Tells the error value on top of from, which stays there. task is "t1" or ""; more is what stands
 * below the sentence and its hint: a traceback, what comes of it, or "".
 */
void tell_error(struct vm *vm, lua_State *from, const char *task, const char *more);

/* Tells of the n values on top of from, which are popped. False: to do so raised, which was told. */
bool tell_values(struct vm *vm, lua_State *from, int n);

/* Tells that a background command has ended, with its n values on top of from, which stay. */
void tell_done(struct vm *vm, const char *task, lua_State *from, int n);

/* --- coro.c: coroutine.* that lets waits pass through --- */

void coro_register(lua_State *L);

/* NULL when L may wait; else why not. */
const char *coro_refusal(struct vm *vm, lua_State *L);

/* Marks L as suspended in a wait, so that nobody else resumes it; unmarks it. */
static inline void coro_mark(lua_State *L, bool waits)
{
	uintptr_t *space = lua_getextraspace(L);

	*space = (*space & ~(uintptr_t)1) | waits;
}

/* Has Ctrl-C come for what runs now? An interrupt's function; arg is the vm. */
bool coro_interrupted(void *arg);

/* Makes L stop at its next instruction, as long as Ctrl-C has not been dealt with. */
void coro_arm(struct vm *vm, lua_State *L);

/* --- chunk.c: typed Lua --- */

enum chunk { CHUNK_READY, CHUNK_INCOMPLETE, CHUNK_WRONG, CHUNK_UNKNOWN };

/*
 * Compiles a typed text, as an expression first. READY: the function is on top of vm->L. WRONG:
 * the error's message is. UNKNOWN: it looks like a command that there is not, err says so.
 */
enum chunk chunk_load(struct vm *vm, const char *text, size_t len, struct err *err);

/* Is it the beginning of an expression? */
bool chunk_is_unfinished(struct vm *vm, const char *text, size_t len);

/* --- words.c: typed commands --- */

struct line;

/* True when the name is a socket or task, or a global that holds one. For line_arg_index. */
bool words_is_object(void *vm, const char *name);

/*
 * Pushes the function of a typed command and its arguments onto vm->L. Returns how many
 * arguments, negative with err and nothing pushed.
 */
int words_push(struct vm *vm, const struct line *line, struct err *err);

/* --- eval.c --- */

/* Its result gets the name that the line gave it, if it did. */
void eval_bind(struct task *task);

/* The foreground's task has ended. */
void eval_ended(struct vm *vm, struct task *task, int status);

/* --- cmd_tutor.c: tutorial, lesson, hint ... --- */

extern const struct cmd rows_tutor[];

/* --- shell_hooks.c: what a module inside the program asks of the shell --- */

/* Pushes the table of functions that such a module gets. */
void shell_push(lua_State *L);

/* surroundings.c: what it may ask about, the terminal, files and directories. */
extern const luaL_Reg surroundings[];

/* A typed line is about to run: adds the one that a module wants in its place. */
void shell_before(struct vm *vm, const char *text, size_t len, struct buf *instead);

/* A typed line has ended. */
void shell_after(struct vm *vm, enum vm_end end);

/* A command's call has ended; rc is 0, or negative with call->err. */
void shell_called(struct vm *vm, const struct call *call, int rc);

/*
 * The same of a row whose body is Lua: there L has the table of its arguments, and on top what it raised
 * when it has failed.
 */
void shell_module_called(lua_State *L, const struct cmd *cmd, int args, bool failed);

/* --- record.c: what was typed, and what came of it --- */

/* A line is about to run; line is NULL when it could not be taken apart. */
void record_begin(struct vm *vm, const char *text, size_t len, const struct line *line);

/* It did not run: there is more of it to come. */
void record_undo(struct vm *vm);

/* It gave the n values on top of from, which stay. */
void record_values(struct vm *vm, lua_State *from, int n);

/* Its command's call has ended; rc is 0, or negative with call->err. */
void record_called(struct vm *vm, const struct call *call, int rc);

/* It goes on as that task: as was typed, or because it waits. */
void record_background(struct vm *vm, const struct task *task);
void record_detached(struct vm *vm, const struct task *task);

/* The line has spawned this task. */
void record_spawned(struct vm *vm, const struct task *task);

/* It has ended, and the states have come to rest. */
void record_end(struct vm *vm, enum vm_end end);

/* A task in the background has ended: its results, or its error, are on top of its stack. */
void record_task_ended(struct vm *vm, struct task *task, bool ok);

/* Begins anew. */
void record_forget(struct vm *vm);

/* For modules inside the program: steps() gives the record. */
int record_steps(lua_State *L);

/* --- shell_session.c: what history, replay and back need of the shell --- */

/* For modules inside the program. */
extern const luaL_Reg session_functions[];

/* Does the call under way stand in the script that is replayed? It is then shown like a typed one. */
bool step_is_typed(struct vm *vm, lua_State *L);

/* --- embed_load.c: the Lua files inside the program --- */

void embed_register(lua_State *L);

/* Is it one of these that a chunk of this source (lua_Debug) came from? */
bool embed_is_own(const char *source);

/* Pushes the module tcpstep.NAME, loaded when first asked for. */
void embed_require(lua_State *L, const char *name);

/* Pushes the module when it is one that needs no require: check. Loads it when first asked for. */
bool embed_push_global(lua_State *L, const char *name);

/* --- lib.c: print, io.write and the like, as a shell wants them --- */

void lib_register(lua_State *L);

#endif
