/* progress.c - the bar of a send or recv that takes longer than a second. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "cmd/cmd.h"
#include "ui.h"

#define FIRST 1.0
#define AGAIN 0.1
#define BAR   30

static void clear_bar(struct ui *ui)
{
	if (ui->progress_drawn && write(STDOUT_FILENO, "\r\033[K", 4) < 0)
		ui->progress_drawn = false;
	ui->progress_drawn = false;
}

static void draw(struct ui *ui, const struct call *call)
{
	const struct progress *p = &call->progress;
	double seconds = time_now() - call->started;
	char bar[BAR + 1], text[160], count[32];
	int full = p->total ? (int)((double)p->done * BAR / (double)p->total) : 0;

	memset(bar, '.', BAR);
	memset(bar, '#', (size_t)(full > BAR ? BAR : full));
	bar[BAR] = '\0';
	if (p->total)
		snprintf(text, sizeof(text),
			 "\r[%s] %3.0f %%  %s bytes %s  %.1f MB/s\033[K", bar,
			 (double)p->done * 100 / (double)p->total,
			 text_count(p->done, count), p->verb,
			 (double)p->done / seconds / 1e6);
	else
		snprintf(text, sizeof(text), "\r%s bytes %s  %.1f MB/s\033[K",
			 text_count(p->done, count), p->verb,
			 (double)p->done / seconds / 1e6);
	ui->progress_drawn = write(STDOUT_FILENO, text, strlen(text)) > 0;
}

static void tick(void *arg)
{
	struct ui *ui = arg;
	const struct call *call = vm_waiting(ui->vm);

	if (call && call->progress.verb && call->typed &&
	    time_now() - call->started >= FIRST)
		draw(ui, call);
	loop_timer_start(ui->app->loop, &ui->progress, AGAIN, tick, ui);
}

void progress_start(struct ui *ui)
{
	if (ui->out_tty && !ui->app->set.json)
		loop_timer_start(ui->app->loop, &ui->progress, FIRST, tick, ui);
}

void progress_stop(struct ui *ui)
{
	clear_bar(ui);
	if (!vm_busy(ui->vm))
		loop_timer_stop(ui->app->loop, &ui->progress);
}
