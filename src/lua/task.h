/* task.h - coroutines that the loop resumes: the line or script that runs, and what spawn made. */
#ifndef LUA_TASK_H
#define LUA_TASK_H

#include "lua/state.h"

enum task_state { TASK_READY, TASK_RUNNING, TASK_WAITING, TASK_DONE, TASK_FAILED };

/* A call of wait that is under way. */
struct waiter {
	struct wake wake;
	struct task *by;     /* who waits */
	struct task *task;   /* for whom; NULL: for all */
	struct task *failed; /* when for all: the one whose error is raised */
	struct waiter *next; /* of those that wait for the same */
};

/* A coroutine that the loop resumes: a line, a script, or what spawn made. */
struct task {
	struct vm *vm;
	lua_State *L;
	int thread_ref; /* keeps L alive, and after the end its results */
	int refs;
	int number; /* t1; 0 for the foreground */
	enum task_state state;
	struct run *run; /* made when it first waits, then used again */
	bool waits;	 /* run is under way */
	double deadline; /* of calls without a timeout of their own; 0: none */
	struct loop_timer start;
	int nargs;
	int nresults;
	bool typed;		/* a command in the background: its end is told */
	char bind[64];		/* NAME = COMMAND: its result is to have this name */
	struct waiter *waiters; /* those that wait for it */
	struct waiter *waiter;	/* what it waits for itself, in wait */
	struct task *prev, *next;
};

void task_register(lua_State *L);

/* What the modules inside the program may do with the task that runs. */
extern const luaL_Reg private_task[];

/* A task of the function and nargs arguments on top of L, which are popped. */
struct task *task_new(lua_State *L, int nargs);

/* Gives it the next name. */
void task_number(struct task *task);

/* Resumes it with nargs values on its stack; from the loop or from vm_line. */
void task_resume(struct task *task, int nargs);

/* Resumes it from the loop, at its next turn. */
void task_wake(struct task *task);

/* Closes what a task that has failed left open. Its error stays on top of its stack. */
void task_close(struct task *task);

/* Ends it wherever it is; it is freed when nobody holds it. */
void task_drop(struct task *task);

struct task *task_ref(struct task *task);
void task_unref(struct task *task);

/* "t1". Returns buf. */
const char *task_name(const struct task *task, char buf[16]);

void task_push(lua_State *L, struct task *task);

/* The task at index, NULL when it is something else. */
struct task *task_get(lua_State *L, int index);

/* Also ended ones that are still kept; NULL. */
struct task *task_find(struct vm *vm, const char *name);

/* --- cmd_task.c: spawn, wait, try --- */

/* Tells those who wait for it, or for all. Returns whether anybody takes its error. */
bool waiters_wake(struct task *task);

/* wait as a Lua function. */
int native_wait(lua_State *L);

extern const struct cmd rows_tasks[];

#endif
