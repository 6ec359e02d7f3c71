/* app.c - one session: what hangs together, from start to end. */
#include "cmd/app.h"

#include <errno.h>
#include <stdlib.h>

#include "cmd/observe.h"
#include "cmd/run.h"

/* Closed sockets whose names are kept; beyond that the oldest are forgotten early. */
#define CLOSED_MAX 1000

struct app *app_new(struct err *err)
{
	struct app *app = xcalloc(1, sizeof(*app));

	app->loop = loop_new();
	if (!app->loop) {
		err_errno(err, errno, "start: make an event loop");
		free(app);
		return NULL;
	}
	app->here.name = "here";
	app->set.timeout = 10;
	return app;
}

void app_free(struct app *app)
{
	observe_stop(app);
	socks_clear(&app->socks);
	if (app->resolve)
		resolve_free(app->resolve);
	if (app->here.diag)
		diag_free(app->here.diag);
	loop_free(app->loop);
	free(app->recv_buf);
	free(app);
}

char *app_recv_buf(struct app *app)
{
	if (!app->recv_buf)
		app->recv_buf = xmalloc(RECV_BUF_SIZE);
	return app->recv_buf;
}

struct diag *app_diag(struct app *app, struct err *err)
{
	if (!app->here.diag)
		app->here.diag = diag_new(-1, err);
	return app->here.diag;
}

static void forget(struct app *app, struct sock *s)
{
	sock_ref(s);
	socks_drop(&app->socks, s);
	if (app->door.closed)
		app->door.closed(app, s);
	sock_unref(s);
}

void app_forget(struct app *app)
{
	size_t n, i, over;
	struct sock **all;
	struct err err;
	struct diag *d;

	if (app->socks.n_closed == 0)
		return;
	d = app_diag(app, &err);
	all = socks_sorted(&app->socks, &n);
	over = app->socks.n_closed > CLOSED_MAX ? app->socks.n_closed - CLOSED_MAX / 2
						: 0;
	for (i = 0; i < n; i++) {
		struct sock *s = all[i];

		if (s->fd >= 0 || s->touched)
			continue;
		if (over > 0) {
			over--;
			forget(app, s);
		} else if (sock_state(s, d, NULL) == STATE_CLOSED) {
			forget(app, s);
		}
	}
	free(all);
}

void app_close(struct app *app, struct sock *s)
{
	runs_stop_sock(s, STOP_CLOSED);
	if (s->fd < 0)
		return;
	s->called = true;
	observe_touch(app, s);
	sock_close_fd(&app->socks, s);
	/* Nothing of it is left, and nobody will be told about it: the name can go now. */
	if (s->kind == SOCK_LISTEN && !app->session) {
		forget(app, s);
		return;
	}
	if (app->socks.n_closed > CLOSED_MAX && !app->session)
		app_forget(app);
}
