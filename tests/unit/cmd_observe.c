/* cmd_observe.c - trails: the states that sockets passed through, and only those. */
#include <poll.h>
#include <sys/ioctl.h>

#include "net.h"

#include "base/text.h"
#include "cmd/app.h"
#include "cmd/observe.h"

static struct app *app;
static struct sock *l, *c, *s;
static struct changes changes;
static struct buf text;
static int told;

static void changed(struct app *a, struct changes *news)
{
	size_t i;

	(void)a;
	for (i = 0; i < news->n; i++)
		change_format(&news->item[i], &text, "");
	told++;
}

/* A session with a listener that is known and told. */
static int setup(void **state)
{
	struct err err;

	*state = (void *)(intptr_t)net_fd_count();
	app = app_new(&err);
	app->session = true;
	app->door.changed = changed;
	l = socks_add(&app->socks, &app->here, SOCK_LISTEN, net_listen("127.0.0.1", 5));
	l->state = STATE_LISTEN;
	c = s = NULL;
	told = 0;
	return 0;
}

static int teardown(void **state)
{
	changes_clear(app, &changes);
	buf_clear(&text);
	app_free(app);
	return net_fds_after(state);
}

/* All news since the last time, one line each, into text. */
static const char *news(void)
{
	size_t i;
	double limit = time_now() + 20;

	while (!observe_settled(app) && time_now() < limit)
		poll(NULL, 0, 1);
	changes_clear(app, &changes);
	observe_collect(app, &changes, true);
	buf_reset(&text);
	for (i = 0; i < changes.n; i++)
		change_format(&changes.item[i], &text, "");
	return buf_str(&text);
}

static void open_pair(void)
{
	int fd = net_socket(AF_INET, SOCK_STREAM);

	net_connect(fd, sock_local(l));
	c = socks_add(&app->socks, &app->here, SOCK_CONNECT, fd);
	c->called = true;
	observe_touch(app, c);
}

static void accept_pair(void)
{
	s = socks_add(&app->socks, &app->here, SOCK_ACCEPT, net_accept(l->fd));
	s->state = STATE_ESTABLISHED;
	observe_touch(app, s);
	observe_touch(app, l);
}

static void made_pair(void)
{
	open_pair();
	accept_pair();
	news();
}

static void test_connect(void **unused)
{
	struct change *change;

	(void)unused;
	open_pair();
	assert_string_equal(news(), "l1  1 connection waits in the accept queue\n"
				    "c1  CLOSED -> SYN_SENT -> ESTABLISHED\n");
	change = changes_find(&changes, c);
	assert_non_null(change);
	assert_int_equal(change->inferred, 2);
	accept_pair();
	assert_string_equal(news(), "");
}

static void test_close(void **unused)
{
	(void)unused;
	made_pair();
	app_close(app, c);
	assert_string_equal(
		news(),
		"c1  ESTABLISHED -> FIN_WAIT_1 -> FIN_WAIT_2\n"
		"s1  ESTABLISHED -> CLOSE_WAIT  (peer sent FIN; it waits for your close)\n");
	app_close(app, s);
	assert_string_equal(news(), "c1  FIN_WAIT_2 -> TIME_WAIT  (60 s)\n"
				    "s1  CLOSE_WAIT -> LAST_ACK -> CLOSED\n");
	/* TIME_WAIT keeps its name, CLOSED does not. */
	changes_clear(app, &changes);
	assert_non_null(socks_find(&app->socks, "c1"));
	assert_null(socks_find(&app->socks, "s1"));
}

static void test_close_after_what_was_not_told(void **unused)
{
	int peer = net_socket(AF_INET, SOCK_STREAM);

	(void)unused;
	net_connect(peer, sock_local(l));
	accept_pair();
	news();
	shutdown(peer, SHUT_WR);
	while (sock_state(s, NULL) != STATE_CLOSE_WAIT)
		poll(NULL, 0, 1);
	app_close(app, s);
	assert_string_equal(news(), "s1  CLOSE_WAIT -> LAST_ACK -> CLOSED\n");
	close(peer);
}

static void test_reset(void **unused)
{
	struct linger now = { .l_onoff = 1 };

	(void)unused;
	made_pair();
	setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	c->aborted = true;
	app_close(app, c);
	assert_string_equal(news(), "c1  ESTABLISHED -> CLOSED\n"
				    "s1  ESTABLISHED -> CLOSED  (peer sent RST)\n");
}

static void test_data(void **unused)
{
	(void)unused;
	made_pair();
	assert_int_equal(send(c->fd, "hello", 5, MSG_NOSIGNAL), 5);
	observe_touch(app, c);
	assert_string_equal(news(), "s1  5 bytes ready to read\n");
	assert_string_equal(news(), "");
	assert_int_equal(send(c->fd, "!", 1, MSG_NOSIGNAL), 1);
	observe_touch(app, c);
	assert_string_equal(news(), "s1  6 bytes ready to read\n");
}

/* The kernel's queue counts the FIN as a byte. */
static void test_fin_is_no_byte(void **unused)
{
	(void)unused;
	made_pair();
	shutdown(c->fd, SHUT_WR);
	c->called = true;
	observe_touch(app, c);
	assert_string_equal(
		news(),
		"c1  ESTABLISHED -> FIN_WAIT_1 -> FIN_WAIT_2\n"
		"s1  ESTABLISHED -> CLOSE_WAIT  (peer sent FIN; it waits for your close)\n");
}

static void test_scripts(void **unused)
{
	(void)unused;
	app->session = false;
	open_pair();
	assert_string_equal(news(), "");
	assert_false(c->touched);
}

static void turn_until_told(int n)
{
	double limit = time_now() + 20;

	while (told < n && time_now() < limit)
		loop_turn(app->loop, true);
	assert_int_equal(told, n);
}

static void test_observer(void **unused)
{
	struct err err;
	union addr at = *sock_local(l);
	int peer = net_socket(AF_INET, SOCK_STREAM);

	(void)unused;
	assert_int_equal(observe_start(app, &err), 0);
	net_connect(peer, &at);
	turn_until_told(1);
	assert_string_equal(buf_str(&text),
			    "l1  1 connection waits in the accept queue\n");
	accept_pair();
	observe_add(app, s);
	news();
	buf_reset(&text);
	assert_int_equal(send(peer, "abc", 3, MSG_NOSIGNAL), 3);
	turn_until_told(2);
	assert_string_equal(buf_str(&text), "s1  3 bytes ready to read\n");
	buf_reset(&text);
	shutdown(peer, SHUT_WR);
	turn_until_told(3);
	assert_non_null(strstr(buf_str(&text), "s1  ESTABLISHED -> CLOSE_WAIT"));
	close(peer);
}

static void test_busy_peer(void **unused)
{
	struct err err;
	int i;

	(void)unused;
	made_pair();
	buf_reset(&text);
	assert_int_equal(observe_start(app, &err), 0);
	for (i = 0; i < 50; i++) {
		assert_int_equal(send(c->fd, "x", 1, MSG_NOSIGNAL), 1);
		loop_turn(app->loop, false);
		poll(NULL, 0, 1);
	}
	turn_until_told(1);
	/* One line: the first bytes of an empty queue. */
	assert_int_equal(strncmp(buf_str(&text), "s1  ", 4), 0);
	assert_ptr_equal(strchr(buf_str(&text), '\n'), text.data + text.len - 1);
}

#define observe_test(name, f)                  \
	{                                      \
		name, f, setup, teardown, NULL \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		observe_test("a connect passes SYN_SENT, inferred, and fills the queue",
			     test_connect),
		observe_test("an orderly close, both ends, until the names are forgotten",
			     test_close),
		observe_test("a close is told from the state that it was called in",
			     test_close_after_what_was_not_told),
		observe_test("a RST skips the states in between", test_reset),
		observe_test("arrived bytes are told once, with the count that waits",
			     test_data),
		observe_test("a FIN is not taken for a byte", test_fin_is_no_byte),
		observe_test("scripts are told nothing and pay nothing", test_scripts),
		observe_test("what peers do is told by itself", test_observer),
		observe_test("a busy peer does not fill the screen", test_busy_peer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
