/* vm.h - Lua on the commands: lines, scripts, tasks. The only door for floors above. */
#ifndef LUA_VM_H
#define LUA_VM_H

#include <stdbool.h>
#include <stddef.h>

#include "cmd/app.h"

struct line;
struct vm;

/* How a line or script ended. */
enum vm_end {
	VM_OK,
	VM_FAILED,	/* the error has been told through vm_tell */
	VM_INTERRUPTED, /* Ctrl-C */
};

/* An error that ended a line, script or background task. All borrowed for the call. */
struct vm_error {
	const char *where;   /* "client.lua:3", or "" */
	const char *code;    /* "ECONNREFUSED"; "lua" for an error of Lua's own */
	const char *op;	     /* the command's name, or "" */
	const char *message; /* escaped for no terminal yet */
	const char *hint;    /* may have several lines, or "" */
	const char *task;    /* "t1" when a background task failed, else "" */
};

typedef void vm_done_fn(void *arg, enum vm_end end);

struct vm_hooks {
	void (*error)(struct app *app, const struct vm_error *e);
	/* The values of a Lua expression typed at the prompt, as lines, or one line of JSON. */
	void (*values)(struct app *app, const char *text, size_t len);
	/* The Lua form of what was typed, for `set echo lua`. */
	void (*echo)(struct app *app, const char *lua);
	/* A command in the background has ended well; value is what it gave, as text, or "". */
	void (*task_done)(struct app *app, const char *task, const char *value);
};

/* Makes the commands that live on this floor (spawn, wait, try) known to commands(). */
void vm_commands(void);

/* Returns new; the Lua state with all commands in it. */
struct vm *vm_new(struct app *app, const struct vm_hooks *hooks);

/* Ends all tasks, closes Lua. Before app_free. */
void vm_free(struct vm *vm);

/* Sets the global arg and the names that ... gives a script: argv[0] is the script's name. */
void vm_args(struct vm *vm, int argc, char **argv);

enum vm_begin { VM_BEGUN, VM_INCOMPLETE };

/*
 * Begins to run a typed line, which may be a command or Lua and may hold newlines. more: when it is
 * Lua that goes on, VM_INCOMPLETE is returned and nothing is run. Otherwise done is called,
 * sometimes before this returns. One line at a time.
 */
enum vm_begin vm_line(struct vm *vm, const char *text, size_t len, bool more,
		      vm_done_fn *done, void *arg);

/* Begins to run a file; "-" is stdin. Skips a first line that begins with #. */
void vm_script(struct vm *vm, const char *path, vm_done_fn *done, void *arg);

/*
 * Begins to run a function of a module inside the program (scripts/lib) like a script, with the texts
 * of argv, which NULL ends, as its arguments.
 */
void vm_module(struct vm *vm, const char *module, const char *function, char *const *argv,
	       vm_done_fn *done, void *arg);

/*
 * Enters a sandbox (sys/sandbox.h), and takes from Lua what reaches outside: the script may read files
 * in its folder, and captures are written into out, NULL: there too; of those that are there already
 * only the one named kept is replaced. Before anything of the script's is loaded. Negative with err.
 */
int vm_sandbox(struct vm *vm, const char *file, const char *out, const char *kept,
	       struct err *err);

/* The limits of memory and CPU for a script in a sandbox where no runner has set any; before vm_sandbox. */
void vm_sandbox_limits(struct vm *vm);

/* True while a line or script runs. */
bool vm_busy(const struct vm *vm);

/* From a signal handler: Lua stops at its next instruction; a wait is ended by vm_interrupt. */
void vm_signal(struct vm *vm);

/* From the loop, after vm_signal: ends what the line or script waits for. */
void vm_interrupt(struct vm *vm);

/*
 * Lets a typed line that waits go on in the background: tell(arg, "t1") is called, then the
 * line's done. Nothing happens when the foreground is something else.
 */
void vm_detach(struct vm *vm, void (*tell)(void *arg, const char *task), void *arg);

/* How many background tasks are under way. */
int vm_tasks(const struct vm *vm);

/* Does the line wait in a call that fits, itself or by waiting for a task that does? */
typedef bool vm_call_fn(const struct call *call);
bool vm_waits_in(const struct vm *vm, vm_call_fn *fits);

/* The call that the line or script waits for, for the progress bar; NULL. */
const struct call *vm_waiting(const struct vm *vm);

/* Calls fn with each name that completes prefix: globals, or fields of "a.b.", "c1:". */
void vm_complete(struct vm *vm, const char *prefix,
		 void (*fn)(void *arg, const char *name), void *arg);

/*
 * Calls fn with each word that may stand behind those of the line, as the module says that has the
 * command's body. True when file names may, too.
 */
bool vm_words(struct vm *vm, const struct line *line,
	      void (*fn)(void *arg, const char *name), void *arg);

/* What a module inside the program (the tutor) asks of the prompt; each false, when it asks nothing. */

/* Adds the text that stands for "tcpstep" in the prompt. */
bool vm_prompt(struct vm *vm, struct buf *out);

/* Adds the line that an empty one stands for. */
bool vm_empty_line(struct vm *vm, struct buf *out);

/* Something has come from outside while no line runs: a module that has taken the shell looks soon. */
void vm_happened(struct vm *vm);

enum vm_entered { VM_ENTERED_NOTHING, VM_ENTERED_SHOWN, VM_ENTERED_HIDDEN };

/* Takes the next line that is to run before any that is typed, mostly shown with the prompt. */
enum vm_entered vm_entered(struct vm *vm, struct buf *out);

/* True when the name is a socket, or a global that holds one. */
bool vm_is_object(struct vm *vm, const char *name);

#endif
