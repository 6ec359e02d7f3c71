/* feed.c - lines of -e and of a stdin that is no terminal: no prompt, stop at the first error. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ui/ui.h"

static struct feed {
	struct ui *ui;
	struct loop_io in;
	int next;	    /* of -e */
	struct buf text;    /* read, not run */
	struct buf partial; /* Lua that goes on */
	bool use_stdin, reading, eof;
	bool draining;
	bool entered; /* the line that runs is a module's, which is told how it ends */
	bool first;
} * feed;

static void pump(void);

static void line_done(void *arg, enum vm_end end)
{
	struct ui *ui = feed->ui;

	(void)arg;
	progress_stop(ui);
	held_stop(ui);
	if (end != VM_OK && !ui->quit && !(feed->entered && end == VM_FAILED)) {
		ui->done = true;
		ui->status = end == VM_INTERRUPTED ? 130 : 1;
	}
	pump();
}

/* The last line may hold Lua that is not finished: then the error says so. */
static void run(const char *line, size_t len, bool last)
{
	struct buf whole = BUF_EMPTY;

	if (feed->partial.len > 0)
		buf_addf(&whole, "%s\n", buf_str(&feed->partial));
	buf_add(&whole, line, len);
	buf_reset(&feed->partial);
	progress_start(feed->ui);
	if (vm_line(feed->ui->vm, buf_str(&whole), whole.len, !last, line_done, NULL) ==
	    VM_INCOMPLETE)
		buf_add(&feed->partial, whole.data, whole.len);
	else if (vm_busy(feed->ui->vm))
		held_start(feed->ui);
	buf_clear(&whole);
}

static void take_input(void *arg, int events)
{
	ssize_t n = read(STDIN_FILENO, buf_reserve(&feed->text, 65536), 65536);

	(void)arg;
	(void)events;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0)
		feed->text.len += (size_t)n;
	else
		feed->eof = true;
	loop_io_stop(feed->ui->app->loop, &feed->in);
	feed->reading = false;
	pump();
}

/* One line of stdin; false when there is none yet. */
static bool stdin_line(void)
{
	struct buf *text = &feed->text;
	char *nl = text->len ? memchr(text->data, '\n', text->len) : NULL;
	struct buf line = BUF_EMPTY;
	size_t len;

	if (!nl && !(feed->eof && text->len > 0))
		return false;
	len = nl ? (size_t)(nl - text->data) : text->len;
	buf_add(&line, text->data, len);
	buf_drop(text, nl ? len + 1 : len);
	if (len > 0 && line.data[len - 1] == '\r')
		line.data[--line.len] = '\0';
	if (line.len == 0 && feed->partial.len == 0)
		vm_empty_line(feed->ui->vm, &line);
	/* A script for an interpreter may come by stdin too. */
	if (!(feed->first && line.len > 1 && line.data[0] == '#' && line.data[1] == '!'))
		run(buf_str(&line), line.len, false);
	feed->first = false;
	buf_clear(&line);
	return true;
}

static void show_line(const struct buf *line)
{
	struct buf text = BUF_EMPTY;

	if (feed->partial.len > 0)
		buf_adds(&text, SHELL_GOES_ON);
	else
		shell_prompt(feed->ui, &text);
	buf_addf(&text, "%s\n", buf_str(line));
	out_write(feed->ui, buf_str(&text), text.len);
	buf_clear(&text);
}

/* What a module has entered is shown, as at a prompt. */
static bool entered_line(void)
{
	struct buf line = BUF_EMPTY;
	enum vm_entered entered = vm_entered(feed->ui->vm, &line);

	feed->entered = entered == VM_ENTERED_SHOWN;
	if (entered == VM_ENTERED_SHOWN && !feed->ui->app->quiet)
		show_line(&line);
	if (entered)
		run(buf_str(&line), line.len, false);
	buf_clear(&line);
	return entered != VM_ENTERED_NOTHING;
}

static bool first_line(void)
{
	struct buf line = BUF_EMPTY;
	bool there = shell_first_line(feed->ui, &line);

	if (there)
		run(buf_str(&line), line.len, true);
	buf_clear(&line);
	return there;
}

/* Runs lines until one waits or there are none; then reads on, shows the prompt, or ends. */
static void pump(void)
{
	struct ui *ui = feed->ui;
	const struct shell_options *o = ui->options;
	bool more = true;

	if (feed->draining)
		return;
	feed->draining = true;
	while (more && !vm_busy(ui->vm) && !ui->quit && !ui->done) {
		if (entered_line() || first_line())
			continue;
		if (feed->next < o->n_lines) {
			const char *line = o->lines[feed->next++];

			run(line, strlen(line),
			    feed->next == o->n_lines && !feed->use_stdin);
		} else {
			more = feed->use_stdin && stdin_line();
		}
	}
	if (!vm_busy(ui->vm) && !ui->quit && !ui->done && feed->next == o->n_lines) {
		if (feed->use_stdin && feed->eof && feed->partial.len > 0) {
			run("", 0, true);
		} else if (feed->use_stdin && !feed->eof && !feed->reading) {
			feed->reading = true;
			loop_io_start(ui->app->loop, &feed->in, STDIN_FILENO, LOOP_READ,
				      take_input, NULL);
		} else if (!feed->use_stdin || feed->eof) {
			ui->done = true;
		}
	}
	feed->draining = false;
}

void feed_start(struct ui *ui)
{
	feed = xcalloc(1, sizeof(*feed));
	feed->ui = ui;
	feed->first = true;
	feed->use_stdin = ui->options->n_lines == 0 && !shell_ends_itself(ui);
	pump();
}

void feed_stop(struct ui *ui)
{
	if (!feed)
		return;
	loop_io_stop(ui->app->loop, &feed->in);
	buf_clear(&feed->text);
	buf_clear(&feed->partial);
	free(feed);
	feed = NULL;
}
