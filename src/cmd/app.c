/* app.c - one session: what hangs together, from start to end. */
#include "cmd/app.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

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
	host_init(&app->here, "here", NULL, -1);
	app->set.timeout = 10;
	app->set.pager = true;
	app->set.lang = "en";
	return app;
}

void app_free(struct app *app)
{
	observe_stop(app);
	app_lab_end(app);
	app_load(app, NULL, 0);
	socks_clear(&app->socks);
	if (app->resolve)
		resolve_free(app->resolve);
	host_clear(&app->here);
	loop_free(app->loop);
	free(app->recv_buf);
	buf_clear(&app->shown);
	free(app);
}

char *app_recv_buf(struct app *app)
{
	if (!app->recv_buf)
		app->recv_buf = xmalloc(RECV_BUF_SIZE);
	return app->recv_buf;
}

struct host *app_host(struct app *app, const char *name)
{
	if (strcmp(name, app->here.name) == 0)
		return &app->here;
	return app->lab ? lab_find(app->lab, name) : NULL;
}

struct host *app_host_of(struct app *app, struct host *near, const union addr *a)
{
	int i;

	if (!near->netns || addr_is_loopback(a))
		return near;
	i = netns_host_of(app->lab->netns, a);
	return i < 0 ? near : &app->lab->host[i];
}

bool app_holds(const struct app *app, const struct sock *s)
{
	return s->host->netns && app->lab && wire_holds(app->lab->wire);
}

void app_forget(struct app *app)
{
	size_t n, i, over;
	struct sock **all;

	if (app->socks.n_closed == 0)
		return;
	all = socks_sorted(&app->socks, &n);
	over = app->socks.n_closed > CLOSED_MAX ? app->socks.n_closed - CLOSED_MAX / 2
						: 0;
	for (i = 0; i < n; i++) {
		struct sock *s = all[i];

		if (s->fd >= 0 || s->touched)
			continue;
		if (over > 0) {
			over--;
			socks_drop(&app->socks, s);
		} else if (sock_state(s, NULL) == STATE_CLOSED) {
			socks_drop(&app->socks, s);
		}
	}
	free(all);
}

/* The kernel keeps nothing of it behind its descriptor: no FIN goes out, no TIME_WAIT follows. */
static bool leaves_nothing(const struct sock *s)
{
	int num = 0;
	socklen_t len = sizeof(num);

	if (s->kind == SOCK_LISTEN || s->aborted || s->error)
		return true;
	/* A reset that no call has met yet. */
	return getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &num, &len) == 0 && num != 0;
}

void app_called(struct app *app, struct sock *s, enum track_call call)
{
	if (!app->lab || !s->host->netns)
		return;
	/* What is dead has no part in what its pair of addresses does now. */
	if (s->kind == SOCK_LISTEN || sock_state(s, NULL) != STATE_CLOSED)
		wire_called(app->lab->wire, s->host->index, sock_local(s),
			    s->kind == SOCK_LISTEN ? NULL : sock_peer(s), call);
}

void app_call_done(struct app *app)
{
	if (app->lab)
		wire_call_done(app->lab->wire);
}

void app_close(struct app *app, struct sock *s)
{
	bool done;

	runs_stop_sock(s, STOP_CLOSED);
	if (s->fd < 0)
		return;
	/* Where nobody will be told about it the name can go at once. */
	done = !app->session && leaves_nothing(s);
	app_called(app, s, s->aborted ? TRACK_ABORT : TRACK_CLOSE);
	observe_call(app, s);
	sock_close_fd(&app->socks, s);
	if (done) {
		socks_drop(&app->socks, s);
		return;
	}
	if (app->socks.n_closed > CLOSED_MAX && !app->session)
		app_forget(app);
}

static void wire_moved(void *arg)
{
	struct app *app = arg;

	if (app->door.wire)
		app->door.wire(app);
}

void app_load(struct app *app, struct trace *t, double start)
{
	trace_free(app->loaded);
	app->loaded = t;
	app->loaded_start = start;
}

int app_lab_begin(struct app *app, const struct lab_config *config, struct err *err)
{
	app->lab = lab_new(app->loop, config, err);
	if (!app->lab)
		return -1;
	app_load(app, NULL, 0);
	wire_tell(app->lab->wire, wire_moved, app);
	return 0;
}

void app_lab_end(struct app *app)
{
	size_t n, i;
	struct sock **all;
	struct lab *lab;

	if (!app->lab)
		return;
	all = socks_sorted(&app->socks, &n);
	for (i = 0; i < n; i++) {
		if (!all[i]->host->netns)
			continue;
		sock_ref(all[i]);
		runs_stop_sock(all[i], STOP_CLOSED);
		sock_close_fd(&app->socks, all[i]);
		socks_drop(&app->socks, all[i]);
		/* Lua may still hold it: a closed socket of a host that is no more. */
		all[i]->host = &app->here;
		sock_unref(all[i]);
	}
	free(all);
	lab = app->lab;
	app->lab = NULL;
	lab_free(lab);
}

void app_clear(struct app *app)
{
	struct linger now = { .l_onoff = 1, .l_linger = 0 };
	size_t n, i;
	struct sock **all;

	app_lab_end(app);
	all = socks_sorted(&app->socks, &n);
	for (i = 0; i < n; i++) {
		sock_ref(all[i]);
		runs_stop_sock(all[i], STOP_CLOSED);
		if (all[i]->fd >= 0 && all[i]->kind != SOCK_LISTEN)
			setsockopt(all[i]->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
		sock_close_fd(&app->socks, all[i]);
		socks_drop(&app->socks, all[i]);
		sock_unref(all[i]);
	}
	free(all);
	memset(app->here.last, 0, sizeof(app->here.last));
}
