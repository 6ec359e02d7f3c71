/* cmd_args.c - what a row asks for: good values become it, bad ones a sentence. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "cmd/cmd.h"
#include "app.h"

static const struct cmd row = {
	.name = "probe",
	.group = "test",
	.arg = { { "thing", ARG_TEXT } },
};

/* Checks v as this argument; it is what the check made of it afterwards. */
static int check_arg(const struct arg *arg, struct value *v, struct err *err)
{
	struct call call;
	int rc;

	call_init(&call, app, &row);
	err_clear(&call.err);
	rc = arg_check(&call, arg, v);
	*err = call.err;
	call_end(&call);
	return rc;
}

static int check(enum arg_type type, struct value *v, struct err *err)
{
	struct arg arg = { "thing", type, .words = "send recv both", .min = 0,
			   .max = 65535 };

	return check_arg(&arg, v, err);
}

static void refused(enum arg_type type, struct value v)
{
	struct err err;

	assert_true(check(type, &v, &err) < 0);
	assert_string_equal(err.code, "usage");
	assert_non_null(strstr(err.message, "probe: "));
	assert_null(strchr(err.message, '\n'));
	value_clear(&v);
}

static void refused_text(enum arg_type type, const char *text)
{
	refused(type, value_text(text));
}

static void int_is(const char *text, long long want)
{
	struct value v = value_text(text);
	struct err err;

	assert_int_equal(check(ARG_INT, &v, &err), 0);
	assert_int_equal(v.kind, VALUE_INT);
	assert_true(v.i == want);
	value_clear(&v);
}

static void a_whole_number_is_decimal_digits_within_its_range(void **unused)
{
	static const char *const bad[] = { "",	    "-",      "65536",
					   "-1",    "1e3",    "0x",
					   "0x10",  "1.0",    " 1",
					   "1 ",    "+1",     "five",
					   "1,000", "--1",    "99999999999999999999",
					   "５",    "-65536", "65535abc" };
	size_t i;

	(void)unused;
	int_is("0", 0);
	int_is("65535", 65535);
	int_is("007", 7);
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		refused_text(ARG_INT, bad[i]);
	refused(ARG_INT, value_copy("80\0", 3));
	refused(ARG_INT, value_copy("8\0000", 3));
}

static void a_whole_number_from_lua_may_be_a_float_without_fraction(void **unused)
{
	struct value v = value_num(80.0);
	struct err err;

	(void)unused;
	assert_int_equal(check(ARG_INT, &v, &err), 0);
	assert_true(v.i == 80);
	refused(ARG_INT, value_num(80.5));
	refused(ARG_INT, value_num(1e300));
	refused(ARG_INT, value_num(NAN));
	refused(ARG_INT, value_num(INFINITY));
	refused(ARG_INT, value_int(65536));
	refused(ARG_INT, value_int(-1));
	refused(ARG_INT, value_bool(true));
	refused(ARG_INT, value_table());
	refused(ARG_INT, (struct value){ 0 });
}

static void the_sentence_names_command_argument_range_and_value(void **unused)
{
	struct value v = value_text("1e3");
	struct err err;

	(void)unused;
	assert_true(check(ARG_INT, &v, &err) < 0);
	assert_string_equal(
		err.message,
		"probe: thing must be a whole number from 0 to 65535, not \"1e3\"");
	assert_string_equal(err.hint, "usage: probe THING");
	value_clear(&v);
}

static void a_long_or_binary_value_is_cut_and_escaped_in_the_sentence(void **unused)
{
	char text[2000];
	struct value v;
	struct err err;

	(void)unused;
	memset(text, '9', sizeof(text));
	v = value_copy(text, sizeof(text));
	assert_true(check(ARG_INT, &v, &err) < 0);
	assert_true(strlen(err.message) < 120);
	value_clear(&v);
	v = value_copy("\033]0;x\a", 6);
	assert_true(check(ARG_INT, &v, &err) < 0);
	assert_null(strchr(err.message, '\033'));
	assert_null(strchr(err.message, '\a'));
	value_clear(&v);
}

static void size_is(const char *text, long long want)
{
	struct value v = value_text(text);
	struct err err;

	assert_int_equal(check(ARG_SIZE, &v, &err), 0);
	assert_int_equal(v.kind, VALUE_INT);
	assert_true(v.i == want);
	value_clear(&v);
}

static void a_size_is_a_count_with_a_unit(void **unused)
{
	(void)unused;
	size_is("1", 1);
	size_is("1024", 1024);
	size_is("64k", 65536);
	size_is("1M", 1 << 20);
	refused_text(ARG_SIZE, "0");
	refused_text(ARG_SIZE, "-1");
	refused_text(ARG_SIZE, "1e3");
	refused_text(ARG_SIZE, "64kk");
	refused_text(ARG_SIZE, "0.3k");
	refused_text(ARG_SIZE, "99999999999999999999999");
	refused_text(ARG_SIZE, "");
	refused(ARG_SIZE, value_copy("64k\0", 4));
	refused(ARG_SIZE, value_int(0));
	refused(ARG_SIZE, value_int(-5));
	refused(ARG_SIZE, value_num(1.5));
	refused(ARG_SIZE, value_num(1e300));
	refused(ARG_SIZE, value_bool(true));
}

static void duration_is(struct value v, double want)
{
	struct err err;

	assert_int_equal(check(ARG_DURATION, &v, &err), 0);
	assert_int_equal(v.kind, VALUE_NUM);
	assert_true(v.n > want - 1e-9 && v.n < want + 1e-9);
	value_clear(&v);
}

static void a_duration_is_seconds_or_has_a_unit(void **unused)
{
	(void)unused;
	duration_is(value_text("2"), 2);
	duration_is(value_text("0.5"), 0.5);
	duration_is(value_text("50ms"), 0.05);
	duration_is(value_text("2m"), 120);
	duration_is(value_text("off"), -1);
	duration_is(value_int(0), 0);
	duration_is(value_num(0.25), 0.25);
	duration_is(value_bool(false), -1);
	refused_text(ARG_DURATION, "-1");
	refused_text(ARG_DURATION, "1e3");
	refused_text(ARG_DURATION, "2 s");
	refused_text(ARG_DURATION, "nan");
	refused_text(ARG_DURATION, "soon");
	refused(ARG_DURATION, value_int(-1));
	refused(ARG_DURATION, value_num(NAN));
	refused(ARG_DURATION, value_num(1e12));
	refused(ARG_DURATION, value_bool(true));
	refused(ARG_DURATION, value_copy("2\0s", 3));
}

static void yes_and_no_are_booleans(void **unused)
{
	static const char *const yes[] = { "yes", "true", "on", "1" };
	static const char *const no[] = { "no", "false", "off", "0" };
	struct value v;
	struct err err;
	size_t i;

	(void)unused;
	for (i = 0; i < 4; i++) {
		v = value_text(yes[i]);
		assert_int_equal(check(ARG_BOOL, &v, &err), 0);
		assert_true(v.kind == VALUE_BOOL && v.b);
		v = value_text(no[i]);
		assert_int_equal(check(ARG_BOOL, &v, &err), 0);
		assert_true(v.kind == VALUE_BOOL && !v.b);
	}
	v = value_bool(true);
	assert_int_equal(check(ARG_BOOL, &v, &err), 0);
	refused_text(ARG_BOOL, "maybe");
	refused_text(ARG_BOOL, "Yes");
	refused_text(ARG_BOOL, "");
	refused(ARG_BOOL, value_int(1));
}

static void a_word_is_one_of_the_list_and_whole(void **unused)
{
	struct value v = value_text("recv");
	struct err err;

	(void)unused;
	assert_int_equal(check(ARG_WORD, &v, &err), 0);
	value_clear(&v);
	refused_text(ARG_WORD, "sen");
	refused_text(ARG_WORD, "sends");
	refused_text(ARG_WORD, "send recv");
	refused_text(ARG_WORD, "");
	refused_text(ARG_WORD, "1024");
	refused(ARG_WORD, value_copy("send\0", 5));
	refused(ARG_WORD, value_int(1));
}

static void a_word_or_size_may_be_a_count(void **unused)
{
	struct value v = value_text("64k");
	struct err err;

	(void)unused;
	assert_int_equal(check(ARG_WORD_OR_SIZE, &v, &err), 0);
	assert_true(v.kind == VALUE_INT && v.i == 65536);
	v = value_text("both");
	assert_int_equal(check(ARG_WORD_OR_SIZE, &v, &err), 0);
	assert_int_equal(v.kind, VALUE_STR);
	value_clear(&v);
	refused_text(ARG_WORD_OR_SIZE, "-1");
	refused_text(ARG_WORD_OR_SIZE, "neither");
	refused(ARG_WORD_OR_SIZE, value_bool(true));
}

static void an_endpoint_has_a_port_from_0_to_65535(void **unused)
{
	static const char *const good[] = { "0",	 "7788",	 "65535",
					    ":80",	 "127.0.0.1:80", "[::1]:80",
					    "name:7788", "*:80" };
	static const char *const bad[] = {
		"65536",       "-1",   "1:65536", "1:-1",	"1:1e3",
		"[::1]:65536", "[::1", "a b:80",  "127.0.0.1:", "1:99999999999999999999",
		"x:0x50",
	};
	struct value v;
	struct err err;
	size_t i;

	(void)unused;
	for (i = 0; i < sizeof(good) / sizeof(*good); i++) {
		v = value_text(good[i]);
		assert_int_equal(check(ARG_ENDPOINT, &v, &err), 0);
		assert_string_equal(v.str.data, good[i]);
		value_clear(&v);
	}
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		refused_text(ARG_ENDPOINT, bad[i]);
	refused(ARG_ENDPOINT, value_copy("1:80\0", 5));
	refused(ARG_ENDPOINT, value_bool(true));
	refused(ARG_ENDPOINT, (struct value){ 0 });
}

static void a_number_from_lua_is_a_port(void **unused)
{
	struct value v = value_int(7788);
	struct err err;

	(void)unused;
	assert_int_equal(check(ARG_ENDPOINT, &v, &err), 0);
	assert_string_equal(v.str.data, "7788");
	value_clear(&v);
	v = value_num(80.0);
	assert_int_equal(check(ARG_ENDPOINT, &v, &err), 0);
	assert_string_equal(v.str.data, "80");
	value_clear(&v);
	refused(ARG_ENDPOINT, value_int(65536));
	refused(ARG_ENDPOINT, value_int(-1));
	refused(ARG_ENDPOINT, value_num(1e300));
}

static void data_takes_any_bytes_and_text_takes_no_nul(void **unused)
{
	struct value v = value_copy("a\0\xff", 3);
	struct err err;

	(void)unused;
	assert_int_equal(check(ARG_DATA, &v, &err), 0);
	assert_int_equal(v.str.len, 3);
	value_clear(&v);
	refused(ARG_TEXT, value_copy("a\0b", 3));
	refused(ARG_PATH, value_copy("a\0b", 3));
	refused(ARG_TOPIC, value_copy("a\0b", 3));
	refused(ARG_OPTION, value_copy("a\0b", 3));
	refused(ARG_SETTING, value_copy("a\0b", 3));
	refused(ARG_TEXT, value_table());
	refused(ARG_DATA, value_table());
}

static void numbers_and_booleans_become_text(void **unused)
{
	struct value v = value_int(9000000000LL);
	struct err err;

	(void)unused;
	assert_int_equal(check(ARG_TEXT, &v, &err), 0);
	assert_string_equal(v.str.data, "9000000000");
	value_clear(&v);
	v = value_num(0.5);
	assert_int_equal(check(ARG_TEXT, &v, &err), 0);
	assert_string_equal(v.str.data, "0.5");
	value_clear(&v);
	v = value_bool(true);
	assert_int_equal(check(ARG_TEXT, &v, &err), 0);
	assert_string_equal(v.str.data, "yes");
	value_clear(&v);
}

static void a_socket_argument_takes_only_sockets_of_its_kind(void **unused)
{
	struct sock *l = socks_add(&app->socks, &app->here, SOCK_LISTEN,
				   socket(AF_INET, SOCK_STREAM, 0));
	struct sock *c = socks_add(&app->socks, &app->here, SOCK_CONNECT,
				   socket(AF_INET, SOCK_STREAM, 0));
	struct value v;
	struct err err;

	(void)unused;
	v = value_sock(l);
	assert_int_equal(check(ARG_SOCK, &v, &err), 0);
	assert_int_equal(check(ARG_LISTENER, &v, &err), 0);
	assert_true(check(ARG_STREAM, &v, &err) < 0);
	assert_string_equal(err.code, "usage");
	assert_string_equal(err.message, "probe: l1 is a listener, not a connection");
	v = value_sock(c);
	assert_int_equal(check(ARG_SOCK, &v, &err), 0);
	assert_int_equal(check(ARG_STREAM, &v, &err), 0);
	assert_true(check(ARG_LISTENER, &v, &err) < 0);
	refused_text(ARG_SOCK, "c9");
	refused_text(ARG_SOCK, "hello");
	refused(ARG_SOCK, value_copy("c1\0", 3));
	refused(ARG_SOCK, value_int(1));
	refused(ARG_SOCK, (struct value){ 0 });
	socks_drop(&app->socks, l);
	socks_drop(&app->socks, c);
}

static void a_closed_socket_is_refused_unless_the_row_takes_it(void **unused)
{
	struct sock *c = socks_add(&app->socks, &app->here, SOCK_CONNECT,
				   socket(AF_INET, SOCK_STREAM, 0));
	struct arg arg = { "thing", ARG_SOCK };
	struct value v = value_sock(c);
	struct err err;

	(void)unused;
	sock_close_fd(&app->socks, c);
	assert_true(check_arg(&arg, &v, &err) < 0);
	assert_string_equal(err.code, "closed");
	assert_non_null(strstr(err.message, " is closed"));
	arg.flags = ARG_CLOSED;
	assert_int_equal(check_arg(&arg, &v, &err), 0);
	socks_drop(&app->socks, c);
}

static int default_sock(enum arg_type type, struct value *v, struct err *err)
{
	struct arg arg = { "thing", type, ARG_DEFAULTS };
	struct call call;
	int rc;

	*v = (struct value){ 0 };
	call_init(&call, app, &row);
	rc = arg_default_sock(&call, &arg, v);
	*err = call.err;
	call_end(&call);
	return rc;
}

static void a_socket_may_be_left_out_when_only_one_fits(void **unused)
{
	struct sock *l, *c, *s;
	struct value v;
	struct err err;

	(void)unused;
	assert_true(default_sock(ARG_STREAM, &v, &err) < 0);
	assert_string_equal(err.message, "probe: there is no open connection");
	l = socks_add(&app->socks, &app->here, SOCK_LISTEN,
		      socket(AF_INET, SOCK_STREAM, 0));
	c = socks_add(&app->socks, &app->here, SOCK_CONNECT,
		      socket(AF_INET, SOCK_STREAM, 0));
	assert_int_equal(default_sock(ARG_STREAM, &v, &err), 0);
	assert_ptr_equal(v.sock, c);
	assert_int_equal(default_sock(ARG_LISTENER, &v, &err), 0);
	assert_ptr_equal(v.sock, l);
	assert_true(default_sock(ARG_SOCK, &v, &err) < 0);
	assert_non_null(strstr(err.message, "which socket?"));
	s = socks_add(&app->socks, &app->here, SOCK_ACCEPT,
		      socket(AF_INET, SOCK_STREAM, 0));
	assert_true(default_sock(ARG_STREAM, &v, &err) < 0);
	assert_string_equal(err.code, "usage");
	sock_close_fd(&app->socks, c);
	assert_int_equal(default_sock(ARG_STREAM, &v, &err), 0);
	assert_ptr_equal(v.sock, s);
	socks_drop(&app->socks, l);
	socks_drop(&app->socks, c);
	socks_drop(&app->socks, s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whole_number_is_decimal_digits_within_its_range),
		cmocka_unit_test(a_whole_number_from_lua_may_be_a_float_without_fraction),
		cmocka_unit_test(the_sentence_names_command_argument_range_and_value),
		cmocka_unit_test(
			a_long_or_binary_value_is_cut_and_escaped_in_the_sentence),
		cmocka_unit_test(a_size_is_a_count_with_a_unit),
		cmocka_unit_test(a_duration_is_seconds_or_has_a_unit),
		cmocka_unit_test(yes_and_no_are_booleans),
		cmocka_unit_test(a_word_is_one_of_the_list_and_whole),
		cmocka_unit_test(a_word_or_size_may_be_a_count),
		cmocka_unit_test(an_endpoint_has_a_port_from_0_to_65535),
		cmocka_unit_test(a_number_from_lua_is_a_port),
		cmocka_unit_test(data_takes_any_bytes_and_text_takes_no_nul),
		cmocka_unit_test(numbers_and_booleans_become_text),
		cmocka_unit_test(a_socket_argument_takes_only_sockets_of_its_kind),
		cmocka_unit_test(a_closed_socket_is_refused_unless_the_row_takes_it),
		cmocka_unit_test(a_socket_may_be_left_out_when_only_one_fits),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
