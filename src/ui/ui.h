/* ui.h - the ui floor's own: what its files share. */
#ifndef UI_UI_H
#define UI_UI_H

#include <signal.h>
#include <stdbool.h>

#include "base/buf.h"
#include "cmd/app.h"
#include "lua/vm.h"
#include "ui/shell.h"

struct repl;

struct ui {
	struct app *app;
	struct vm *vm;
	const struct shell_options *options;
	struct repl *repl; /* NULL without a prompt */
	struct loop_timer progress;
	struct loop_timer held;
	/* the call that held.c is sending to the background */
	const struct call *detached;
	volatile sig_atomic_t progress_drawn;
	bool out_tty;
	bool can_erase; /* stdout is a terminal that can take back what it shows */
	bool lab_made;	/* --lab was obeyed */
	bool commanded; /* the command line's command was obeyed */
	bool done;	/* what runs now has ended: the script, the lines */
	volatile sig_atomic_t quit; /* the session is to end; a signal may say so */
	int status;
};

static inline struct ui *ui_of(struct app *app)
{
	return app->ui;
}

/* --- out.c: the one way to the terminal --- */

/* Writes to stdout, above a half-typed line when there is one: somebody's bytes, just as they are. */
void out_write(struct ui *ui, const char *data, size_t len);

/* The same with the shell's own words, to stdout and stderr: folded where a terminal is too narrow for them. */
void out_text(struct ui *ui, const char *data, size_t len);
void out_note(struct ui *ui, const char *text);

/* The columns of the terminal that stdout is, or 80. */
int out_columns(void);

/* The same, where a person may need several screens for it: a page at a time. */
void out_page(struct ui *ui, const char *data, size_t len);

/* Sees what the terminal can do. */
void out_init(struct ui *ui);

/* --- pager.c: what is longer than the screen --- */

/* Shows it in the user's pager; false when it fits the screen, or is not to be paged. */
bool pager_show(struct ui *ui, const char *text, size_t len);

/* --- shell.c --- */

/* The line that obeys --lab, the first time; later, or without --lab, false. It is no line of the user's. */
bool shell_lab_line(struct ui *ui, struct buf *line);

/* The lines that come before those of the user, one at a time: --lab's, and a command's. */
bool shell_first_line(struct ui *ui, struct buf *line);

/* True for what needs no line of the user's: `tcpstep tutorial lint DIR`. */
bool shell_ends_itself(const struct ui *ui);

/* The prompt within a chunk of Lua. */
#define SHELL_GOES_ON "     >> "

/* Adds "tcpstep> ", in a lab "lab> ", and "lab:2> " while the wire holds two segments. */
void shell_prompt(struct ui *ui, struct buf *out);

/* --- show.c: results, events and errors as text or JSON --- */

/* Opens the doors of struct app through which results and events come. */
void show_doors(struct ui *ui);

/* What Lua tells: errors, values, lines in their Lua form, tasks that ended. */
extern const struct vm_hooks show_hooks;

/* What moved on a held wire since it was last told. */
void show_wire(struct ui *ui);

/* --- held.c: the prompt comes back when a held wire keeps a command waiting --- */

/* While a typed line runs: watches for a wire that keeps it waiting. */
void held_start(struct ui *ui);
void held_stop(struct ui *ui);

/* --- progress.c: the bar of a call that takes long --- */

/* While a typed line runs: draws the bar once it has taken a second. */
void progress_start(struct ui *ui);
void progress_stop(struct ui *ui);

/* --- signals.c --- */

/* Ctrl-C, the window's size, and the polite ways to be told to end. */
void signals_init(struct ui *ui);
void signals_clear(struct ui *ui);

/* The Ctrl-C that has come has ended a script: the prompt after it has none. */
void signals_taken(void);

/* True when signals_dispatch has something to end or to stop. */
bool signals_pending(void);

/* From the main loop: deals with what has come. */
void signals_dispatch(struct ui *ui);

/* --- history.c: lines of earlier sessions, in a file nobody else can read --- */

struct history;

/* Loads; keeps going without a file where there is no place for one. Returns new. */
struct history *history_open(void);
void history_close(struct history *h);

/* Adds a line, in memory and on disk at once. False when it is empty or repeats the last. */
bool history_add(struct history *h, const char *line);

/* The n-th, from 1, NULL past the end. */
const char *history_line(const struct history *h, int n);

/* --- repl.c: readline on the loop --- */

/* Shows the prompt; lines run until ui->done or ui->quit. */
void repl_start(struct ui *ui);
void repl_stop(struct ui *ui);

/* Takes the half-typed line off the screen and puts it back. */
void repl_hide(struct ui *ui);
void repl_unhide(struct ui *ui);

/* Ctrl-C at the prompt; a new window size. */
void repl_cancel_line(struct ui *ui);
void repl_resize(struct ui *ui);

/* Around a stop (Ctrl-Z): gives the terminal back, takes it again and redraws. */
void repl_suspend(struct ui *ui);
void repl_resume(struct ui *ui);

/* For signal handlers: is the terminal readline's now? Puts it right for the end. */
bool repl_has_terminal(void);
void repl_emergency(void);

/* --- farewell.c: what the end of the shell ends --- */

/* Adds "closed: l1, s1  (c1 stays in TIME_WAIT in the kernel)"; nothing where there is no socket. */
void farewell_add(struct app *app, struct buf *out);

/* --- keys.c: readline's source of bytes, and the mode of the terminal --- */

/* Stands between readline, which has been initialized, and the terminal. */
void keys_init(struct ui *ui);

/* True when readline can have bytes that the terminal has given before. */
bool keys_kept(void);

/* For signal handlers: the mode is as before keys_init, and pastes are not marked any more. */
void keys_restore(bool pastes_marked);

/* --- complete.c --- */

/* Gives readline its completer. */
void complete_init(struct ui *ui);

/* --- feed.c: lines of -e and of a stdin that is no terminal --- */

/* Runs the lines one by one; ui->done after the last. */
void feed_start(struct ui *ui);
void feed_stop(struct ui *ui);

#endif
