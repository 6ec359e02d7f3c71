/* show.c - results, events and errors, as text for people or JSON for programs. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cmd/cmd.h"
#include "cmd/json.h"
#include "cmd/observe.h"
#include "cmd/report.h"
#include "ui/ui.h"

static void json_trail(struct buf *out, const struct change *c)
{
	int i;

	buf_adds(out, ",\"trail\":[");
	for (i = 0; i < c->n; i++)
		buf_addf(out, "%s{\"state\":\"%s\"%s}", i ? "," : "",
			 state_name(c->trail[i]),
			 c->inferred & (1u << i) ? ",\"inferred\":true" : "");
	buf_addc(out, ']');
}

/* Each change as an event of its own: {"event":"state"}, {"event":"data"}, {"event":"queue"}. */
static void json_change(struct buf *out, const struct change *c)
{
	char name[SOCK_NAME_MAX];
	struct buf reason = BUF_EMPTY;

	sock_name(c->sock, name);
	if (c->n > 1) {
		buf_adds(out, "{\"event\":\"state\"");
		json_text(out, "socket", name);
		json_text(out, "state", state_name(c->trail[c->n - 1]));
		json_trail(out, c);
		trail_reason(c, &reason);
		if (reason.len > 2) {
			reason.data[reason.len - 1] = '\0';
			json_text(out, "reason", reason.data + 1);
		}
		buf_adds(out, "}\n");
	}
	if (c->news_recvq) {
		bool queue = c->sock->kind == SOCK_LISTEN;

		buf_addf(out, "{\"event\":\"%s\"", queue ? "queue" : "data");
		json_text(out, "socket", name);
		buf_addf(out, ",\"%s\":%u}\n", queue ? "waiting" : "bytes", c->recvq);
	}
	buf_clear(&reason);
}

static void json_sock(struct buf *out, struct sock *s)
{
	char text[ADDR_TEXT_MAX];

	json_text(out, "socket", sock_name(s, text));
	json_text(out, "state", state_name((enum tcp_state)s->state));
	json_text(out, "local_address", addr_format(sock_local(s), text));
	if (s->kind != SOCK_LISTEN)
		json_text(out, "peer_address", addr_format(sock_peer(s), text));
}

static struct sock *subject(struct call *call)
{
	if (call->result.kind == VALUE_SOCK)
		return call->result.sock;
	return call->arg[0].kind == VALUE_SOCK ? call->arg[0].sock : NULL;
}

static void json_result(struct buf *out, struct call *call)
{
	const struct value *v = &call->result;
	struct sock *s = subject(call);
	char name[SOCK_NAME_MAX];

	buf_adds(out, "{\"event\":\"result\"");
	json_text(out, "command", call->cmd->name);
	if (s && v->kind == VALUE_SOCK)
		json_sock(out, s);
	else if (s)
		json_text(out, "socket", sock_name(s, name));
	if (call->own && call->own->n > 1) {
		json_trail(out, call->own);
		call->own->n = 0;
	}
	if (strcmp(call->cmd->name, "recv") == 0 && v->kind == VALUE_NIL)
		buf_adds(out, ",\"eof\":true");
	else if (strcmp(call->cmd->name, "recv") == 0 && v->kind == VALUE_STR)
		json_bytes(out, v->str.data, v->str.len);
	else if (v->kind == VALUE_INT && call->progress.verb)
		json_field(out, "bytes", v);
	else if (v->kind != VALUE_SOCK && v->kind != VALUE_NIL)
		json_field(out, "result", v);
	buf_addf(out, ",\"ms\":%.3f}\n", call->took * 1000);
}

static void add_wire(struct ui *ui, struct buf *out)
{
	struct lab *lab = ui->app->lab;

	if (!lab)
		return;
	if (!wire_holds(lab->wire))
		lab->told = trace_events(lab->trace);
	else if (ui->app->set.json)
		report_json(lab, out);
	else
		report_wire(ui->app, out);
}

static void add_changes(struct ui *ui, struct changes *changes, struct buf *out,
			const char *indent)
{
	size_t i;

	for (i = 0; i < changes->n; i++) {
		if (changes->item[i].told)
			continue;
		/* On a held wire the segments' lines have the states. */
		if (app_holds(ui->app, changes->item[i].sock))
			changes->item[i].n = 0;
		if (ui->app->set.json)
			json_change(out, &changes->item[i]);
		else
			change_format(&changes->item[i], out, indent);
	}
}

/* A bare listen or close has nothing left to say; what a command caused elsewhere is indented. */
static void shown(struct app *app, struct call *call)
{
	struct ui *ui = ui_of(app);
	struct changes changes;
	struct buf out = BUF_EMPTY;

	observe_collect(app, &changes, true);
	call->changes = &changes;
	call->own = subject(call) ? changes_find(&changes, subject(call)) : NULL;
	if (app->set.json && strcmp(call->cmd->name, "settle") != 0)
		json_result(&out, call);
	else if (call->cmd->show)
		call->cmd->show(call, &out);
	add_wire(ui, &out);
	add_changes(ui, &changes, &out, "    ");
	call->own = NULL;
	call->changes = NULL;
	if (call->cmd->pages || call->pages)
		out_page(ui, buf_str(&out), out.len);
	else
		out_text(ui, buf_str(&out), out.len);
	buf_clear(&out);
	changes_clear(app, &changes);
}

static void changed(struct app *app, struct changes *changes)
{
	struct ui *ui = ui_of(app);
	struct buf out = BUF_EMPTY;

	vm_happened(ui->vm);
	if (!app->set.events)
		return;
	add_changes(ui, changes, &out, "    ");
	out_text(ui, buf_str(&out), out.len);
	buf_clear(&out);
}

/* A script that waits is told why the wire stands still. */
static void wire_notes(struct ui *ui)
{
	struct lab *lab = ui->app->lab;
	struct buf out = BUF_EMPTY;

	for (; lab->told < trace_events(lab->trace); lab->told++) {
		const struct trace_event *e = trace_event(lab->trace, lab->told);

		if (e->kind == TRACE_NOTE)
			buf_addf(&out, "note: %s\n", e->text);
	}
	if (out.len > 0)
		out_note(ui, buf_str(&out));
	buf_clear(&out);
}

/* Told at once only when no command is about to tell it. */
static void wire(struct app *app)
{
	struct ui *ui = ui_of(app);

	vm_happened(ui->vm);
	if (!app->session)
		wire_notes(ui);
	else if (vm_busy(ui->vm))
		held_start(ui);
	else
		show_wire(ui);
}

void show_wire(struct ui *ui)
{
	struct buf out = BUF_EMPTY;

	add_wire(ui, &out);
	out_text(ui, buf_str(&out), out.len);
	buf_clear(&out);
}

static void print(struct app *app, const char *data, size_t len)
{
	out_write(ui_of(app), data, len);
}

static void note(struct app *app, const char *text)
{
	out_note(ui_of(app), text);
}

/* What is not shown, but kept to be compared, is as wide as where there is no terminal. */
static int columns(struct app *app)
{
	return app->quiet ? 80 : out_columns();
}

static bool alone(struct app *app, const struct call *call)
{
	struct vm *vm = ui_of(app)->vm;

	return vm_waiting(vm) == call && vm_tasks(vm) == 0;
}

static void quit(struct app *app, int status)
{
	struct ui *ui = ui_of(app);

	/* A signal that has ended the session has the word. */
	if (!ui->quit)
		ui->status = status;
	ui->quit = true;
}

static void error_json(struct buf *out, const struct vm_error *e)
{
	buf_adds(out, "{\"event\":\"error\"");
	json_text(out, "code", e->code);
	json_text(out, "command", e->op);
	json_text(out, "message", e->message);
	json_text(out, "hint", e->hint);
	json_text(out, "where", e->where);
	if (*e->task)
		json_text(out, "task", e->task);
	buf_adds(out, "}\n");
}

static void message_text(struct ui *ui, struct buf *out, const struct vm_error *e)
{
	buf_adds(out, "error: ");
	if (*e->task)
		buf_addf(out, "%s: ", e->task);
	if (*e->where)
		buf_addf(out, "%s: ", e->where);
	text_clean(out, e->message, strlen(e->message), ui->app->utf8);
	buf_addc(out, '\n');
}

/* In line with the message, which stands above it. */
static void hint_text(struct ui *ui, struct buf *out, const struct vm_error *e)
{
	const char *p, *nl;

	for (p = e->hint ? e->hint : ""; *p; p = *nl ? nl + 1 : nl) {
		nl = p + strcspn(p, "\n");
		buf_adds(out, "       ");
		text_clean(out, p, (size_t)(nl - p), ui->app->utf8);
		buf_addc(out, '\n');
	}
}

/* At the prompt errors are part of the talk; elsewhere stdout carries results only. */
static void error_put(struct ui *ui, struct buf *out)
{
	if (ui->app->at_prompt && ui->out_tty)
		out_text(ui, buf_str(out), out->len);
	else
		out_note(ui, buf_str(out));
	buf_reset(out);
}

static void error(struct app *app, const struct vm_error *e)
{
	struct ui *ui = ui_of(app);
	struct buf out = BUF_EMPTY;

	/* What is stopped because the session ends has no need to say so. */
	if (ui->quit)
		return;
	if (app->set.json) {
		error_json(&out, e);
		out_text(ui, buf_str(&out), out.len);
	} else {
		/* Each is set by itself: the hint does not go on with the message's last line. */
		message_text(ui, &out, e);
		error_put(ui, &out);
		hint_text(ui, &out, e);
		error_put(ui, &out);
	}
	buf_clear(&out);
}

static void values(struct app *app, const char *text, size_t len)
{
	out_write(ui_of(app), text, len);
}

static void echo(struct app *app, const char *lua)
{
	struct buf out = BUF_EMPTY;

	buf_addf(&out, "-- %s\n", lua);
	out_note(ui_of(app), buf_str(&out));
	buf_clear(&out);
}

static void task_done(struct app *app, const char *task, const char *value)
{
	struct buf out = BUF_EMPTY;

	buf_addf(&out, "    %s  done%s%s\n", task, *value ? "  " : "", value);
	if (!app->set.json)
		out_text(ui_of(app), buf_str(&out), out.len);
	buf_clear(&out);
}

void show_doors(struct ui *ui)
{
	ui->app->door = (struct doors){ .shown = shown,
					.changed = changed,
					.wire = wire,
					.print = print,
					.note = note,
					.alone = alone,
					.columns = columns,
					.quit = quit };
}

const struct vm_hooks show_hooks = { error, values, echo, task_done };
