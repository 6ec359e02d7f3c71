/*
 * held.c - the prompt comes back when a held wire keeps a command waiting.
 *
 * Nothing moves on a held wire but by step, and step needs the prompt: so a line that waits for
 * a host of the lab while the wire is held goes on in the background, whether the wire was held before it
 * or while it ran.
 */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cmd/cmd.h"
#include "cmd/observe.h"
#include "ui/ui.h"

/* What a command does on its own is done within a turn or two of the loop. */
#define HELD_SECONDS 0.015

static bool is_on_lab(const struct call *call)
{
	size_t i;

	if (call->host->netns || strcmp(call->cmd->group, "lab and wire") == 0)
		return true;
	for (i = 0; i < CMD_ARGS; i++)
		if (call->arg[i].kind == VALUE_SOCK && call->arg[i].sock->host->netns)
			return true;
	return false;
}

/* What the call has done so far is news as when it had ended: its end then tells the rest. */
static void tell_changes(struct app *app)
{
	struct changes changes;

	observe_collect(app, &changes, true);
	if (app->door.changed)
		app->door.changed(app, &changes);
	changes_clear(app, &changes);
}

/* "client.c1 is still connecting; the wire holds 1 segment." */
static void tell(void *arg, const char *task)
{
	struct ui *ui = arg;
	const struct call *call = ui->detached;
	size_t held = wire_held(ui->app->lab->wire);
	struct buf out = BUF_EMPTY;
	char name[SOCK_NAME_MAX];

	show_wire(ui);
	tell_changes(ui->app);
	if (call->result.kind == VALUE_SOCK)
		buf_addf(&out, "    %s is still connecting",
			 sock_name(call->result.sock, name));
	else
		buf_addf(&out, "    %s goes on in the background", call->cmd->name);
	buf_addf(&out, " (%s); the wire holds %zu segment%s.\n", task, held,
		 text_plural(held));
	if (!ui->app->set.json)
		out_text(ui, buf_str(&out), out.len);
	buf_clear(&out);
}

static void look(void *arg)
{
	struct ui *ui = arg;
	const struct call *call = vm_waiting(ui->vm);

	if (!vm_busy(ui->vm))
		return;
	if (call && vm_waits_in(ui->vm, is_on_lab)) {
		ui->detached = call;
		vm_detach(ui->vm, tell, ui);
	} else {
		held_start(ui);
	}
}

void held_start(struct ui *ui)
{
	if (ui->app->lab && wire_holds(ui->app->lab->wire))
		loop_timer_start(ui->app->loop, &ui->held, HELD_SECONDS, look, ui);
}

void held_stop(struct ui *ui)
{
	loop_timer_stop(ui->app->loop, &ui->held);
}
