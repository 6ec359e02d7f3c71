/* state.h - the Lua floor's own: what its files share. */
#ifndef LUA_STATE_H
#define LUA_STATE_H

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <signal.h>

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

struct vm {
	lua_State *L; /* main thread: never runs anything itself */
	struct app *app;
	struct vm_hooks hooks;
	const void *sock_meta; /* lua_topointer of the socket metatable */
	lua_State *
		running; /* the thread that runs now, NULL: none. Read by the signal handler */
	struct resumer *resumers; /* innermost first */
	bool waiting;		  /* the yield under way is a wait's */
	bool typed;		  /* the next call is the typed one */
	volatile sig_atomic_t signalled;

	struct task *task;	 /* the one that runs now */
	struct task *foreground; /* the line's or script's */
	struct task *tasks;	 /* all */
	int last_task;

	/* the line under way */
	vm_done_fn *done;
	void *done_arg;
	enum vm_end end;
	struct run settle;
	bool settling;
	char bind[64]; /* NAME = ... */
	bool print;    /* values are to be printed */
	bool script;
};

static inline struct vm *vm_of(lua_State *L)
{
	return *(struct vm **)lua_getextraspace(L);
}

/* --- value.c: plain values <-> Lua --- */

void lua_push_value(lua_State *L, const struct value *v);

/* The Lua value at index as a plain one; strings are borrowed from Lua. Tables: by depth. */
struct value lua_to_value(lua_State *L, int index, int depth);

/* True when the value says itself how it reads: it has __tostring. */
bool lua_has_text(lua_State *L, int index);

/* A value for people (quoted, sorted, nested, bounded) into out. */
void lua_print_value(lua_State *L, int index, struct buf *out);

/* --- object.c: sockets --- */

void object_register(lua_State *L);
void object_push(lua_State *L, struct sock *s);

/* The socket at index, NULL when it is something else. */
struct sock *object_get(lua_State *L, int index);

/* Pushes the socket or task with that name; false and nothing pushed when there is none. */
bool object_push_name(lua_State *L, const char *name);

/* "c1 ESTABLISHED 127.0.0.1:40140 > 127.0.0.1:7788" */
void object_text(struct sock *s, struct buf *out);

/* --- bind.c: rows -> functions --- */

/* All commands as globals and, where the first argument is a socket, as methods. */
void bind_register(lua_State *L);

/* Pushes the function of a row. */
void bind_push(lua_State *L, const struct cmd *cmd);

/* Pushes what Lua gets of a finished call. Returns how many. */
typedef int bind_push_fn(lua_State *L, struct call *call);

/*
 * Ends a call whose exec returned rc: pushes results, raises, or waits by yielding. For C
 * functions: `return bind_end(L, &call, rc, push)`. Takes the call.
 */
int bind_end(lua_State *L, struct call *call, int rc, bind_push_fn *push);

/* --- error.c --- */

void error_register(lua_State *L);

/* Raises an error object made of err; frees nothing. op may be NULL. */
int error_raise(lua_State *L, const struct err *err, const char *op);

/* Fills e from the error value on top of L, whose stack the error left; scratch keeps the texts. */
void error_describe(lua_State *L, struct vm_error *e, struct buf *scratch);

/* --- coro.c: coroutine.* that lets waits pass through --- */

void coro_register(lua_State *L);

/* NULL when L may wait; else why not. */
const char *coro_refusal(struct vm *vm, lua_State *L);

/* Marks L as suspended in a wait, so that nobody else resumes it; unmarks it. */
void coro_mark(lua_State *L, bool waits);

/* Makes L stop at its next instruction, as long as Ctrl-C has not been dealt with. */
void coro_arm(struct vm *vm, lua_State *L);

/* --- task.c --- */

enum task_state { TASK_READY, TASK_RUNNING, TASK_WAITING, TASK_DONE, TASK_FAILED };

/* A coroutine that the loop resumes: a line, a script, or what spawn made. */
struct task {
	struct vm *vm;
	lua_State *L;
	int thread_ref; /* keeps L alive, and after the end its results */
	int refs;
	int number; /* t1; 0 for the foreground */
	enum task_state state;
	struct run *run; /* what it waits for; NULL */
	struct loop_timer start;
	int nargs;
	int nresults;
	bool typed;   /* its failure and end are told */
	bool awaited; /* someone has asked for its result: a failure is theirs to tell */
	struct waiter *waiters;
	struct task *next;
};

void task_register(lua_State *L);

/* A task of the function and nargs arguments on top of L, which are popped. */
struct task *task_new(lua_State *L, int nargs);

/* Resumes it with nargs values on its stack; from the loop or from vm_line. */
void task_resume(struct task *task, int nargs);

/* Resumes it from the loop, at its next turn. */
void task_wake(struct task *task);

/* The foreground's task has ended. Called once. (eval.c) */
void eval_ended(struct vm *vm, struct task *task, int status);

/* Ends it wherever it is and frees it. */
void task_drop(struct task *task);

void task_push(lua_State *L, struct task *task);
struct task *task_find(struct vm *vm, const char *name);

extern const struct cmd rows_tasks[];

/* --- lib.c: print, io.write, package.path and the like, as a shell wants them --- */

void lib_register(lua_State *L);

#endif
