/* shell.c - the session: what is run, in which order, until when. */
#include "ui/shell.h"

#include <ctype.h>
#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "cmd/doc.h"
#include "cmd/observe.h"
#include "cmd/settings.h"
#include "lua/scenario.h"
#include "sys/sandbox.h"
#include "ui/ui.h"

static void script_done(void *arg, enum vm_end end)
{
	struct ui *ui = arg;

	if (end != VM_OK && !ui->quit)
		ui->status = end == VM_INTERRUPTED ? 130 : 1;
	if (end == VM_INTERRUPTED)
		signals_taken();
	ui->done = true;
}

/* Until what runs now has ended, or the session. */
static void turn(struct ui *ui)
{
	while (!ui->done && !ui->quit) {
		loop_turn(ui->app->loop, true);
		signals_dispatch(ui);
	}
}

bool shell_lab_line(struct ui *ui, struct buf *line)
{
	const char *p = ui->options->lab;

	if (!p || ui->lab_made)
		return false;
	ui->lab_made = true;
	/* A blank in front: it is not for the history. */
	buf_adds(line, " lab ");
	for (; *p; p++)
		buf_addc(line, *p == ',' ? ' ' : *p);
	return true;
}

/* NAME=VALUE is an option, where the command has such a one. */
static void add_word(struct buf *line, const struct cmd *cmd, const char *word)
{
	const char *value = strchr(word, '=');
	size_t n = value ? (size_t)(value - word) : 0;

	buf_addc(line, ' ');
	if (value && cmd_option_index(cmd, word, n) >= 0) {
		buf_add(line, word, n + 1);
		word = value + 1;
	}
	text_quote(line, word, strlen(word), true);
}

bool shell_first_line(struct ui *ui, struct buf *line)
{
	char **word = ui->options->command;

	if (shell_lab_line(ui, line))
		return true;
	if (!word || ui->commanded)
		return false;
	ui->commanded = true;
	buf_addf(line, " %s", *word);
	while (*++word)
		add_word(line, command_find(*ui->options->command), *word);
	return true;
}

bool shell_ends_itself(const struct ui *ui)
{
	static const char *const words[] = { "report", "lint",	    "test",
					     "play",   "check=yes", NULL };
	char **word = ui->options->command;

	for (; word && *word; word++)
		if (text_index(*word, words) >= 0)
			return true;
	return false;
}

/* What a module calls itself stands before the lab's part: "handshake 2/6 lab:1> ". */
void shell_prompt(struct ui *ui, struct buf *out)
{
	const struct lab *lab = ui->app->lab;
	size_t held = lab && wire_holds(lab->wire) ? wire_held(lab->wire) : 0;
	bool named = vm_prompt(ui->vm, out);

	if (held > 0)
		buf_addf(out, "%slab:%zu", named ? " " : "", held);
	else if (!named)
		buf_adds(out, lab ? "lab" : "tcpstep");
	buf_adds(out, "> ");
}

/* Before a script, whose output is its own: nothing is shown. */
static void run_lab(struct ui *ui)
{
	void (*shown)(struct app *, struct call *) = ui->app->door.shown;
	struct buf line = BUF_EMPTY;

	if (shell_lab_line(ui, &line)) {
		ui->app->door.shown = NULL;
		ui->done = false;
		vm_line(ui->vm, buf_str(&line), line.len, false, script_done, ui);
		turn(ui);
		ui->app->door.shown = shown;
	}
	buf_clear(&line);
}

/* False: the script must not run, which was told. */
static bool enter_sandbox(struct ui *ui)
{
	struct buf missing = BUF_EMPTY;
	struct err err;

	if (!sandbox_missing(&missing)) {
		out_note(ui, "note: ");
		out_note(ui, buf_str(&missing));
	}
	buf_clear(&missing);
	vm_sandbox_limits(ui->vm);
	if (vm_sandbox(ui->vm, ui->options->script[0], NULL, NULL, &err) == 0)
		return true;
	fprintf(stderr, "error: %s\n", err.message);
	ui->status = 1;
	return false;
}

static void run_script(struct ui *ui)
{
	char **script = ui->options->script;

	vm_args(ui->vm, ui->options->n_script, script);
	ui->done = false;
	vm_script(ui->vm, script[0], script_done, ui);
	turn(ui);
	if (vm_tasks(ui->vm) > 0 && ui->status == 0)
		out_note(
			ui,
			"note: the script has ended; background tasks were stopped (wait() waits "
			"for them)\n");
}

static int session_begin(struct ui *ui)
{
	struct err err;

	ui->app->session = true;
	ui->app->set.events = ui->app->at_prompt || ui->app->set.json;
	if (!ui->app->set.events || observe_start(ui->app, &err) == 0)
		return 0;
	fprintf(stderr, "error: %s\n", err.message);
	return -1;
}

static void run_prompt(struct ui *ui)
{
	ui->app->set.timeout = -1;
	ui->done = false;
	repl_start(ui);
	turn(ui);
	repl_stop(ui);
}

/* The runner of scenarios: what it comes to is the exit status. */
static void run_test(struct ui *ui)
{
	ui->done = false;
	vm_module(ui->vm, "runner", "main", ui->options->test, script_done, ui);
	turn(ui);
}

/* What the sockets have come to so far is no news: the report has shown it. */
static void pass_over_news(struct app *app)
{
	struct changes changes;
	struct sock **all;
	size_t i, n;

	all = socks_sorted(&app->socks, &n);
	for (i = 0; i < n; i++)
		observe_touch(app, all[i]);
	free(all);
	observe_collect(app, &changes, true);
	changes_clear(app, &changes);
}

/* One scenario, in a process that the runner has made. A failure may be looked at, at the prompt. */
static void run_scenario(struct ui *ui)
{
	struct err err;

	if (!scenario_begin(ui->vm, ui->options->scenario, &err)) {
		fprintf(stderr, "error: %s\n       %s\n", err.message, err.hint);
		ui->status = 2;
		return;
	}
	ui->app->at_prompt = scenario_stops(ui->vm);
	signals_init(ui);
	ui->done = false;
	scenario_run(ui->vm, script_done, ui);
	turn(ui);
	if (!scenario_stopped(ui->vm) || ui->quit || session_begin(ui) < 0)
		return;
	pass_over_news(ui->app);
	run_prompt(ui);
}

static void run_feed(struct ui *ui)
{
	ui->done = false;
	feed_start(ui);
	turn(ui);
	feed_stop(ui);
}

static void run_all(struct ui *ui)
{
	const struct shell_options *o = ui->options;
	bool prompt = o->interactive || (o->n_lines == 0 && !o->script &&
					 !shell_ends_itself(ui) && isatty(STDIN_FILENO));

	if (o->scenario) {
		run_scenario(ui);
		return;
	}
	ui->app->at_prompt = prompt && !o->test && isatty(STDIN_FILENO);
	signals_init(ui);
	if (o->test) {
		run_test(ui);
		return;
	}
	if (o->sandbox && !enter_sandbox(ui))
		return;
	if (o->script)
		run_lab(ui);
	if (o->script && ui->status == 0)
		run_script(ui);
	if (ui->quit)
		return;
	if ((!o->script || o->n_lines > 0 || prompt) && session_begin(ui) < 0) {
		ui->status = 3;
		return;
	}
	if (o->n_lines > 0 || (!o->script && !prompt))
		run_feed(ui);
	if (prompt && !ui->quit)
		run_prompt(ui);
}

int shell_generate(const char *kind, struct buf *out)
{
	vm_commands();
	return doc_generate(kind, out);
}

/* Where the locale asked for (zh_CN.UTF-8) is not installed, its character set is there still. */
static void load_character_set(void)
{
	static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };
	const char *name = NULL;
	size_t i;

	/* The other categories would each be a file to open, and for nothing. */
	if (setlocale(LC_CTYPE, ""))
		return;
	for (i = 0; i < sizeof(names) / sizeof(*names) && !(name && *name); i++)
		name = getenv(names[i]);
	if (name && (strcasestr(name, ".utf-8") || strcasestr(name, ".utf8")))
		setlocale(LC_CTYPE, "C.UTF-8");
}

/* The locale's language; one that is not Chinese is English. */
static const char *locale_lang(void)
{
	static const char *const names[] = { "LC_ALL", "LC_MESSAGES", "LANG" };
	const char *value = NULL;
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(*names) && !(value && *value); i++)
		value = getenv(names[i]);
	return value && strncmp(value, "zh", 2) == 0 && !isalpha((unsigned char)value[2])
		       ? "zh"
		       : "en";
}

const char *shell_lang(const struct shell_options *options)
{
	load_character_set();
	if (strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
		return "en";
	return options->lang ? options->lang : locale_lang();
}

/* A language that cannot be shown is told when it was asked for in so many words. */
static void set_lang(struct ui *ui)
{
	const char *asked = ui->options->lang;
	struct buf note = BUF_EMPTY;
	struct err err;

	err_clear(&err);
	if (settings_find("lang")->set(ui->app, asked ? asked : locale_lang(), &err) ==
		    0 ||
	    !asked)
		return;
	buf_addf(&note, "note: %s; English is used\n      %s\n", err.message, err.hint);
	out_note(ui, buf_str(&note));
	buf_clear(&note);
}

int shell_run(const struct shell_options *options)
{
	struct ui ui = { .options = options };
	struct err err;

	load_character_set();
	ui.app = app_new(&err);
	if (!ui.app) {
		fprintf(stderr, "error: %s\n", err.message);
		return 3;
	}
	ui.app->ui = &ui;
	ui.app->utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
	ui.app->set.json = options->json;
	ui.app->lessons = options->lessons;
	out_init(&ui);
	show_doors(&ui);
	ui.vm = vm_new(ui.app, &show_hooks);
	set_lang(&ui);
	run_all(&ui);
	signals_clear(&ui);
	vm_free(ui.vm);
	app_free(ui.app);
	/* io.write of a script is told nothing by Lua when the disk was full. */
	if ((fflush(stdout) != 0 || ferror(stdout)) && ui.status == 0) {
		err_errno(&err, errno ? errno : EIO, "write to stdout");
		fprintf(stderr, "error: %s\n", err.message);
		ui.status = 1;
	}
	return ui.status;
}
