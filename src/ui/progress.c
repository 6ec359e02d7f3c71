/* progress.c - the bar of a send or recv that takes longer than a second. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "cmd/cmd.h"
#include "ui/ui.h"

#define FIRST 1.0
#define AGAIN 0.1

/* "[" + bar + "] 100 %  " */
#define BAR_MIN	   10
#define BAR_MAX	   30
#define BAR_AROUND 10

/* Marked first: a signal that comes meanwhile knows that there is something to erase. */
static void put(struct ui *ui, const char *text, size_t len)
{
	ui->progress_drawn = true;
	if (write(STDOUT_FILENO, text, len) < 0)
		ui->progress_drawn = false;
}

static void clear_bar(struct ui *ui)
{
	if (ui->progress_drawn)
		put(ui, "\r\033[K", 4);
	ui->progress_drawn = false;
}

static void add_bar(struct buf *out, const struct progress *p, int width)
{
	double part = p->done < p->total ? (double)p->done / (double)p->total : 1;

	buf_addc(out, '[');
	buf_pad(out, out->len + (size_t)(part * width), '#');
	buf_pad(out, out->len + (size_t)(width - (int)(part * width)), '.');
	buf_addf(out, "] %3.0f %%  ", part * 100);
}

/* One row, whatever its width: a bar that wraps could not be taken back. */
static void draw(struct ui *ui, const struct call *call)
{
	const struct progress *p = &call->progress;
	struct buf facts = BUF_EMPTY, out = BUF_EMPTY;
	char count[32];
	int width, cols = out_columns();

	buf_addc(&out, '\r');
	buf_addf(&facts, "%s byte%s %s  %.1f MB/s", text_count(p->done, count),
		 text_plural(p->done), p->verb,
		 (double)p->done / (time_now() - call->started) / 1e6);
	width = cols - 1 - BAR_AROUND - (int)facts.len;
	if (p->total && width >= BAR_MIN)
		add_bar(&out, p, width < BAR_MAX ? width : BAR_MAX);
	buf_adds(&out, buf_str(&facts));
	if (out.len > (size_t)cols)
		out.len = (size_t)cols;
	buf_adds(&out, "\033[K");
	put(ui, out.data, out.len);
	buf_clear(&facts);
	buf_clear(&out);
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
	if (ui->can_erase && !ui->app->set.json)
		loop_timer_start(ui->app->loop, &ui->progress, FIRST, tick, ui);
}

void progress_stop(struct ui *ui)
{
	clear_bar(ui);
	if (!vm_busy(ui->vm))
		loop_timer_stop(ui->app->loop, &ui->progress);
}
