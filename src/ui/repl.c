/*
 * repl.c - readline on the loop.
 *
 * The callback interface: bytes of the terminal are handed to readline as they come, and the line
 * handler only stores the line. It runs after rl_callback_read_char has returned. While a line
 * runs the handler is taken out, which puts the terminal back into its usual mode: what is typed
 * meanwhile stays in the terminal's queue, Ctrl-C is a signal. A paste of several lines
 * arrives as one with newlines in it, and is run line by line.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <signal.h>
#include <unistd.h>

#include <readline/history.h>
#include <readline/readline.h>

#include "base/text.h"
#include "cmd/observe.h"
#include "ui/ui.h"

struct repl {
	struct ui *ui;
	struct loop_io in;
	struct history *history;
	struct buf queue;   /* pasted lines that have not run yet */
	struct buf partial; /* Lua that goes on */
	char *line;	    /* from the handler */
	bool got_line, eof;
	struct buf prompt;
	bool stepped; /* the last line was a step: an empty one repeats it */
	volatile sig_atomic_t installed; /* the prompt is on the screen */
	bool hidden;
	bool draining; /* next_line is on the stack */
	bool pasted;   /* the line to run was not typed at a prompt of its own */
	bool private;  /* the line or chunk began with a blank: not for the history */
};

/* readline's handler takes no argument. */
static struct {
	struct repl *repl;
} readline_own;

static void next_line(struct repl *r);
static void take_input(void *arg, int events);

static const char *prompt_text(struct repl *r)
{
	if (r->partial.len)
		return SHELL_GOES_ON;
	buf_reset(&r->prompt);
	shell_prompt(r->ui, &r->prompt);
	return buf_str(&r->prompt);
}

/* For what belongs to the talk at the terminal even when stdout goes to a file. */
static void say(const char *text)
{
	fputs(text, rl_outstream);
	fflush(rl_outstream);
}

static void on_line(char *line)
{
	struct repl *r = readline_own.repl;

	r->got_line = true;
	r->line = line;
	r->eof = line == NULL;
	/* Before the loop gets another byte: the terminal is the line's now. */
	rl_callback_handler_remove();
	r->installed = false;
}

static void show_prompt(struct repl *r)
{
	if (r->installed || r->ui->quit)
		return;
	r->installed = true;
	rl_callback_handler_install(prompt_text(r), on_line);
	loop_io_start(r->ui->app->loop, &r->in, STDIN_FILENO, LOOP_READ, take_input, r);
}

/* After a failure the rest of a paste would only fail too. */
static void drop_queue(struct repl *r)
{
	struct buf text = BUF_EMPTY;
	size_t i, n = 0;

	for (i = 0; i < r->queue.len; i++)
		n += r->queue.data[i] == '\n' || i + 1 == r->queue.len;
	if (n > 0)
		buf_addf(&text, "note: %zu more pasted line%s not run\n", n,
			 n == 1 ? " was" : "s were");
	buf_reset(&r->queue);
	if (text.len > 0)
		out_note(r->ui, buf_str(&text));
	buf_clear(&text);
}

static void line_done(void *arg, enum vm_end end)
{
	struct repl *r = arg;

	progress_stop(r->ui);
	held_stop(r->ui);
	if (end != VM_OK)
		drop_queue(r);
	next_line(r);
}

static void remember(struct repl *r, const char *line)
{
	if (r->partial.len == 0)
		r->private = *line == ' ';
	if (!r->private && history_add(r->history, line))
		add_history(line);
}

/* A line that was not typed at a prompt of its own is shown where its result will stand. */
static void echo(struct repl *r, const char *line)
{
	struct buf text = BUF_EMPTY;

	buf_addf(&text, "%s%s\n", prompt_text(r), line);
	say(buf_str(&text));
	buf_clear(&text);
}

static void run(struct repl *r, const char *text, size_t len)
{
	struct buf whole = BUF_EMPTY;
	enum vm_begin begun;

	remember(r, text);
	r->stepped = r->partial.len == 0 && strncmp(text, "step", 4) == 0;
	if (r->partial.len > 0)
		buf_addf(&whole, "%s\n", buf_str(&r->partial));
	buf_add(&whole, text, len);
	buf_reset(&r->partial);
	progress_start(r->ui);
	begun = vm_line(r->ui->vm, buf_str(&whole), whole.len, true, line_done, r);
	if (begun == VM_INCOMPLETE)
		buf_add(&r->partial, whole.data, whole.len);
	else if (vm_busy(r->ui->vm))
		held_start(r->ui);
	buf_clear(&whole);
	if (begun == VM_INCOMPLETE)
		next_line(r);
}

/* What a module has entered comes first, then what is left of a paste. */
static bool take_line(struct repl *r, struct buf *line)
{
	bool shown = r->pasted;
	size_t n = strcspn(buf_str(&r->queue), "\n");
	enum vm_entered entered;

	buf_reset(line);
	entered = vm_entered(r->ui->vm, line);
	if (entered) {
		shown = entered == VM_ENTERED_SHOWN;
	} else if (r->queue.len > 0) {
		buf_add(line, r->queue.data, n);
		buf_drop(&r->queue, n < r->queue.len ? n + 1 : n);
		r->pasted = true;
	} else {
		return false;
	}
	if (shown)
		echo(r, buf_str(line));
	return true;
}

/* Runs queued lines until one waits; then, or when there is none, the prompt comes back. */
static void next_line(struct repl *r)
{
	struct buf line = BUF_EMPTY;

	if (r->draining)
		return;
	r->draining = true;
	while (!vm_busy(r->ui->vm) && !r->ui->quit && take_line(r, &line))
		run(r, buf_str(&line), line.len);
	buf_clear(&line);
	r->draining = false;
	if (!vm_busy(r->ui->vm) && r->queue.len == 0)
		show_prompt(r);
}

static bool repeats_step(const struct repl *r)
{
	const struct lab *lab = r->ui->app->lab;

	return r->stepped && lab && wire_holds(lab->wire) && wire_held(lab->wire) > 0;
}

/* An empty line ends a chunk of Lua, stands for what a module says, repeats a step, or nothing. */
static void queue_empty(struct repl *r)
{
	if (r->partial.len > 0 || !vm_empty_line(r->ui->vm, &r->queue))
		buf_adds(&r->queue, repeats_step(r) ? "step" : "");
	buf_addc(&r->queue, '\n');
}

static void got_line(struct repl *r)
{
	char *line = r->line;

	r->got_line = false;
	r->line = NULL;
	loop_io_stop(r->ui->app->loop, &r->in);
	if (r->eof) {
		r->ui->done = true;
		return;
	}
	r->pasted = false;
	buf_add(&r->queue, line, strlen(line));
	if (r->queue.len == 0)
		queue_empty(r);
	free(line);
	next_line(r);
}

static void take_input(void *arg, int events)
{
	struct repl *r = arg;

	(void)events;
	do
		rl_callback_read_char();
	while (keys_kept() && r->installed);
	if (r->got_line)
		got_line(r);
}

void repl_hide(struct ui *ui)
{
	struct repl *r = ui->repl;

	if (!r->installed || r->hidden)
		return;
	if (r->ui->can_erase)
		rl_clear_visible_line();
	else
		fputc('\n', rl_outstream);
	fflush(rl_outstream);
	r->hidden = true;
}

void repl_unhide(struct ui *ui)
{
	struct repl *r = ui->repl;

	if (!r->hidden)
		return;
	r->hidden = false;
	/* What was told may be that the wire holds more by now. A search has a prompt of its own. */
	if (!RL_ISSTATE(RL_STATE_ISEARCH | RL_STATE_NSEARCH))
		rl_set_prompt(prompt_text(r));
	rl_on_new_line();
	rl_redisplay();
}

/* To the end of what is typed, so that what follows stands below it. */
static void leave_line(struct repl *r, const char *mark)
{
	/* readline cleans up only where it believes to be called from itself. */
	RL_SETSTATE(RL_STATE_CALLBACK);
	rl_callback_sigcleanup();
	RL_UNSETSTATE(RL_STATE_CALLBACK);
	rl_clear_message();
	rl_point = rl_end;
	rl_redisplay();
	rl_free_line_state();
	say(mark);
	rl_callback_handler_remove();
	r->installed = false;
}

void repl_cancel_line(struct ui *ui)
{
	struct repl *r = ui->repl;

	buf_reset(&r->partial);
	drop_queue(r);
	if (!r->installed)
		return;
	leave_line(r, "^C\n");
	rl_replace_line("", 1);
	show_prompt(r);
}

void repl_resize(struct ui *ui)
{
	if (!ui->repl)
		return;
	if (ui->repl->installed)
		rl_resize_terminal();
	else
		rl_reset_screen_size();
}

void repl_suspend(struct ui *ui)
{
	if (ui->repl && ui->repl->installed)
		rl_deprep_terminal();
}

void repl_resume(struct ui *ui)
{
	if (!ui->repl || !ui->repl->installed)
		return;
	/* Whoever had the terminal meanwhile may have left it in any mode. */
	rl_deprep_terminal();
	rl_prep_term_function(1);
	rl_reset_screen_size();
	rl_on_new_line();
	rl_redisplay();
}

bool repl_has_terminal(void)
{
	return readline_own.repl && readline_own.repl->installed;
}

void repl_emergency(void)
{
	struct repl *r = readline_own.repl;

	if (r)
		keys_restore(r->installed && r->ui->can_erase);
}

static const char *history_door(struct app *app, int n)
{
	return history_line(ui_of(app)->repl->history, n);
}

static void greet(struct ui *ui)
{
	static const char text[] =
		"tcpstep " TCPSTEP_VERSION
		"   help: commands   tutorial: lessons   Ctrl-D: quit\n";

	if (ui->app->set.json)
		return;
	if (ui->out_tty)
		out_text(ui, text, strlen(text));
	else
		out_note(ui, text);
}

static void readline_begin(struct repl *r)
{
	rl_readline_name = "tcpstep";
	rl_outstream = r->ui->out_tty ? stdout : stderr;
	rl_catch_signals = 0;
	rl_catch_sigwinch = 0;
	rl_change_environment = 0;
	complete_init(r->ui);
	rl_initialize();
	keys_init(r->ui);
	/* readline waits for the answers to these, and would keep the loop from turning. */
	rl_completion_query_items = 0;
	rl_variable_bind("page-completions", "off");
}

void repl_start(struct ui *ui)
{
	struct repl *r = xcalloc(1, sizeof(*r));
	const char *line;
	int i;

	r->ui = ui;
	ui->repl = r;
	readline_own.repl = r;
	readline_begin(r);
	r->history = history_open();
	for (i = 1; (line = history_line(r->history, i)); i++)
		add_history(line);
	ui->app->door.history = history_door;
	greet(ui);
	while (shell_first_line(ui, &r->queue))
		buf_addc(&r->queue, '\n');
	next_line(r);
}

void repl_stop(struct ui *ui)
{
	struct repl *r = ui->repl;
	struct buf text = BUF_EMPTY;

	if (!r)
		return;
	if (r->installed)
		leave_line(r, "\n");
	/* readline itself leaves the line at the end of input, where it uses bracketed paste. */
	if (r->eof && strcmp(rl_variable_value("enable-bracketed-paste"), "on") != 0)
		say("\n");
	if (!ui->app->set.json)
		farewell_add(ui->app, &text);
	say(buf_str(&text));
	buf_clear(&text);
	ui->repl = NULL;
	readline_own.repl = NULL;
	loop_io_stop(ui->app->loop, &r->in);
	history_close(r->history);
	clear_history();
	buf_clear(&r->queue);
	buf_clear(&r->partial);
	buf_clear(&r->prompt);
	free(r);
}
