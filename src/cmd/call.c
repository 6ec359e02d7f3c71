/* call.c - one use of a command: its beginning, its waits, its end. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cmd/app.h"
#include "cmd/cmd.h"

void wake_fire(struct wake *w)
{
	if (w->fired)
		return;
	w->fired = true;
	if (w->fn)
		w->fn(w->arg);
}

void call_init(struct call *call, struct app *app, const struct cmd *cmd)
{
	/* err is large, and nobody reads it before it is written. */
	memset(call, 0, offsetof(struct call, err));
	call->app = app;
	call->cmd = cmd;
	call->host = &app->here;
	call->wait.fd = -1;
	call->wait.seconds = -1;
}

void call_end(struct call *call)
{
	const struct cmd *cmd = call->cmd;
	size_t i;

	for (i = 0; cmd->arg[i].name; i++)
		value_clear(&call->arg[i]);
	for (i = 0; cmd->option[i].name; i++)
		value_clear(&call->option[i]);
	for (i = 0; i < call->n_rest; i++)
		value_clear(&call->rest[i]);
	free(call->rest);
	call->rest = NULL;
	call->n_rest = 0;
	value_clear(&call->result);
	if (call->state_free)
		call->state_free(call->state);
	call->state_free = NULL;
	call->state = NULL;
}

int call_wait_sock(struct call *call, struct sock *s, int events)
{
	call->wait =
		(struct wait){ .fd = s->fd, .events = events, .seconds = -1, .sock = s };
	return CALL_WAIT;
}

int call_wait_turn(struct call *call, struct sock *s)
{
	call->wait = (struct wait){ .fd = -1, .seconds = 0, .sock = s };
	return CALL_WAIT;
}

int call_stopped(struct call *call, const char *what, const char *tail)
{
	char time[32];
	const char *sep = *tail ? "; " : "";

	switch (call->stop) {
	case STOP_TIMEOUT:
		err_set(&call->err, "timeout", "%s: not done within %s (timeout)%s%s",
			what, duration_format(call->timeout, time), sep, tail);
		break;
	case STOP_CLOSED:
		err_set(&call->err, "closed", "%s: the socket was closed meanwhile%s%s",
			what, sep, tail);
		break;
	default:
		err_set(&call->err, "interrupted", "%s: interrupted%s%s", what, sep,
			tail);
	}
	return -ECANCELED;
}

int call_interrupted(struct call *call, const char *what)
{
	if (!interrupt_came(&call->app->interrupt))
		return 0;
	err_set(&call->err, "interrupted", "%s: interrupted", what);
	return -ECANCELED;
}
