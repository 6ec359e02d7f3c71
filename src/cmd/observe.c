/*
 * observe.c - what happened to sockets since the user was last told.
 *
 * Each socket remembers the state and the queue that were last told. A command marks the sockets
 * that it acted on; their other ends, when they are in this shell too, are found by
 * address. What peers elsewhere do is seen by one edge-triggered epoll descriptor that all
 * sockets are in: an idle socket costs nothing. Closed connections have no descriptor, so the
 * few of them are asked about once a second.
 */
#include "cmd/observe.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/text.h"

/* Events of a moment are told together. */
#define GATHER_SECONDS 0.01
#define GATHER_LONGEST 0.1
#define CLOSED_SECONDS 1.0

/* More touched sockets than this, and all are looked at: cheaper than to look for pairs. */
#define PAIRS_MAX 64

struct observer {
	int epoll;
	struct loop_io io;
	struct loop_timer gather;
	struct loop_timer closed;
	double since; /* when gathering began, 0 when it has not */
};

void observe_touch(struct app *app, struct sock *s)
{
	if (app->session)
		s->touched = true;
}

void observe_call(struct app *app, struct sock *s)
{
	if (app->session && !s->called)
		s->state = (uint8_t)sock_state(s, NULL);
	s->called = true;
	observe_touch(app, s);
}

static struct sock *other_end(struct app *app, struct sock *s)
{
	if (s->kind == SOCK_LISTEN || sock_peer(s)->sa.sa_family == 0)
		return NULL;
	return socks_find_pair(&app->socks, app_host_of(app, s->host, sock_peer(s)),
			       sock_peer(s), sock_local(s));
}

/* The connections of this shell that waited in the queue of a listener, which a close resets. */
static void touch_queue(struct sock *l, struct sock **all, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (all[i]->kind == SOCK_CONNECT && all[i]->fd >= 0 &&
		    addr_port(sock_peer(all[i])) == addr_port(sock_local(l)))
			all[i]->touched = true;
}

/* The touched sockets, their other ends, and the listeners in whose queue these may be. */
static struct sock **touched(struct app *app, size_t *n)
{
	size_t all_n, i, marked = 0;
	struct sock **all = socks_sorted(&app->socks, &all_n), *other;

	for (i = 0; i < all_n; i++)
		marked += all[i]->touched;
	for (i = 0; i < all_n && marked > 0; i++) {
		if (marked > PAIRS_MAX) {
			all[i]->touched = true;
			continue;
		}
		if (all[i]->touched && all[i]->kind == SOCK_LISTEN && all[i]->fd < 0)
			touch_queue(all[i], all, all_n);
		if (!all[i]->touched || all[i]->kind == SOCK_LISTEN)
			continue;
		other = other_end(app, all[i]);
		if (other)
			other->touched = true;
		/* The pair of a closed one may have been opened anew, at a listener. */
		if (!other || other->fd < 0)
			other = socks_find_listener(&app->socks,
						    app_host_of(app, all[i]->host,
								sock_peer(all[i])),
						    sock_peer(all[i]));
		if (other)
			other->touched = true;
	}
	*n = 0;
	for (i = 0; i < all_n; i++)
		if (all[i]->touched)
			all[(*n)++] = all[i];
	return all;
}

bool observe_settled(struct app *app)
{
	size_t n, i;
	struct sock **list = touched(app, &n);
	bool settled = true;

	for (i = 0; i < n && settled; i++)
		settled = !state_is_brief(sock_state(list[i], NULL)) ||
			  app_holds(app, list[i]);
	free(list);
	return settled;
}

static void trail_fill(struct change *c, enum tcp_state from, enum tcp_state to)
{
	enum tcp_state path[STATE_PATH_MAX];
	size_t i, n = c->sock->aborted ? 0 : state_path(from, to, c->called, path);

	c->trail[c->n++] = from;
	for (i = 0; i < n; i++) {
		c->inferred |= 1u << c->n;
		c->trail[c->n++] = path[i];
	}
	c->trail[c->n++] = to;
}

/* The news of one socket into *c; false when there are none. */
static bool news(struct app *app, struct sock *s, bool asked, struct change *c)
{
	struct diag_sock now;
	enum tcp_state was = (enum tcp_state)s->state;
	enum tcp_state is = sock_state(s, &now);

	*c = (struct change){ .sock = s, .recvq = now.recvq, .called = s->called };
	if (is == STATE_TIME_WAIT)
		c->time_wait = now.timer_ms / 1000.0;
	if (is != was)
		trail_fill(c, was, is);
	/* The end of stream counts as a readable byte in some kernels' queue: never tell of it. */
	if (s->fd >= 0 && now.recvq > s->shown_recvq && (asked || s->shown_recvq == 0))
		c->news_recvq = true;
	c->gave_up = is == STATE_CLOSED && now.retransmits > 0;
	s->state = (uint8_t)is;
	s->shown_recvq = now.recvq;
	s->touched = false;
	s->called = false;
	return c->n > 1 || c->news_recvq;
}

void observe_collect(struct app *app, struct changes *out, bool asked)
{
	size_t n, i;
	struct sock **list = touched(app, &n);

	*out = (struct changes){ .item = xcalloc(n + 1, sizeof(*out->item)) };
	for (i = 0; i < n; i++)
		if (news(app, list[i], asked, &out->item[out->n]))
			sock_ref(out->item[out->n++].sock);
	free(list);
	for (i = 0; i < out->n && app->door.observed; i++)
		app->door.observed(app, &out->item[i]);
}

void changes_clear(struct app *app, struct changes *c)
{
	size_t i;

	app_forget(app);
	for (i = 0; i < c->n; i++)
		sock_unref(c->item[i].sock);
	free(c->item);
	*c = (struct changes){ 0 };
}

struct change *changes_find(struct changes *c, const struct sock *s)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		if (c->item[i].sock == s)
			return &c->item[i];
	return NULL;
}

static void tell(struct app *app)
{
	struct changes changes;

	observe_collect(app, &changes, false);
	if (changes.n > 0 && app->door.changed)
		app->door.changed(app, &changes);
	changes_clear(app, &changes);
}

static void closed_look(void *arg)
{
	struct app *app = arg;
	size_t n, i;
	struct sock **all = socks_sorted(&app->socks, &n);

	for (i = 0; i < n; i++)
		if (all[i]->fd < 0)
			all[i]->touched = true;
	free(all);
	if (app->settling == 0)
		tell(app);
	loop_timer_start(app->loop, &app->observer->closed, CLOSED_SECONDS, closed_look,
			 app);
}

static void gathered(void *arg)
{
	struct app *app = arg;
	struct observer *o = app->observer;

	if (app->settling > 0 ||
	    (!observe_settled(app) && time_now() - o->since < GATHER_LONGEST)) {
		loop_timer_start(app->loop, &o->gather, GATHER_SECONDS, gathered, app);
		return;
	}
	o->since = 0;
	tell(app);
}

static void edges(void *arg, int events)
{
	struct app *app = arg;
	struct observer *o = app->observer;
	struct epoll_event ev[64];
	int n, i;

	(void)events;
	n = epoll_wait(o->epoll, ev, 64, 0);
	for (i = 0; i < n; i++)
		((struct sock *)ev[i].data.ptr)->touched = true;
	if (n > 0 && o->since == 0) {
		o->since = time_now();
		loop_timer_start(app->loop, &o->gather, GATHER_SECONDS, gathered, app);
	}
}

void observe_add(struct app *app, struct sock *s)
{
	struct epoll_event ev = { .events = EPOLLIN | EPOLLRDHUP | EPOLLET,
				  .data.ptr = s };

	if (!app->observer || s->fd < 0)
		return;
	/* Without the watch only the telling is late, so a full table is no error. */
	(void)epoll_ctl(app->observer->epoll, EPOLL_CTL_ADD, s->fd, &ev);
}

int observe_start(struct app *app, struct err *err)
{
	struct observer *o;
	int fd = epoll_create1(EPOLL_CLOEXEC);
	size_t n, i;
	struct sock **all;

	if (fd < 0)
		return err_errno(err, errno, "start: watch the sockets");
	o = xcalloc(1, sizeof(*o));
	o->epoll = fd;
	app->observer = o;
	loop_io_start(app->loop, &o->io, fd, LOOP_READ, edges, app);
	loop_timer_start(app->loop, &o->closed, CLOSED_SECONDS, closed_look, app);
	all = socks_sorted(&app->socks, &n);
	for (i = 0; i < n; i++)
		observe_add(app, all[i]);
	free(all);
	return 0;
}

void observe_stop(struct app *app)
{
	struct observer *o = app->observer;

	if (!o)
		return;
	loop_io_stop(app->loop, &o->io);
	loop_timer_stop(app->loop, &o->gather);
	loop_timer_stop(app->loop, &o->closed);
	close(o->epoll);
	free(o);
	app->observer = NULL;
}
