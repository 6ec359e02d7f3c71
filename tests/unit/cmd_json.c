/* cmd_json.c - values as JSON: every byte survives or is marked, on one line. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cmd/json.h"
#include "cmd/socks.h"

static struct host here = { .name = "here", .index = -1 };

static struct buf out;

static void string_is(const char *data, size_t len, const char *want)
{
	buf_reset(&out);
	json_string(&out, data, len);
	assert_string_equal(buf_str(&out), want);
}

static void value_is(struct value v, const char *want)
{
	buf_reset(&out);
	json_value(&out, &v);
	assert_string_equal(buf_str(&out), want);
	value_clear(&v);
}

static void bytes_are(const char *data, size_t len, const char *want)
{
	buf_reset(&out);
	json_bytes(&out, data, len);
	assert_string_equal(buf_str(&out), want);
}

static void test_strings(void **unused)
{
	(void)unused;
	string_is("", 0, "\"\"");
	string_is("a\"b\\c", 5, "\"a\\\"b\\\\c\"");
	string_is("\b\f\n\r\t", 5, "\"\\b\\f\\n\\r\\t\"");
	string_is("\0\x1f\x7f", 3, "\"\\u0000\\u001f\\u007f\"");
	string_is("\xe4\xbd\xa0\xe5\xa5\xbd", 6, "\"\xe4\xbd\xa0\xe5\xa5\xbd\"");
	/* C1 controls act on some terminals. */
	string_is("\xc2\x9b", 2, "\"\\u009b\"");
}

static void test_invalid(void **unused)
{
	(void)unused;
	string_is("\xff", 1, "\"\xef\xbf\xbd\"");
	string_is("\xe4\xbd", 2, "\"\xef\xbf\xbd\xef\xbf\xbd\"");
	string_is("\xed\xa0\x80", 3, "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
	string_is("a\xc0\x80z", 4, "\"a\xef\xbf\xbd\xef\xbf\xbdz\"");
}

static void test_values(void **unused)
{
	struct value list = value_table(), record = value_table();

	(void)unused;
	value_is((struct value){ 0 }, "null");
	value_is(value_bool(true), "true");
	value_is(value_int(-9223372036854775807LL), "-9223372036854775807");
	value_is(value_num(0.25), "0.25");
	value_is(value_num(INFINITY), "null");
	value_is(value_num(NAN), "null");
	value_is(value_table(), "[]");
	value_add(&record, "name", value_static("c1"));
	value_add(&record, "n", value_int(1));
	value_add(&list, NULL, record);
	value_add(&list, NULL, value_bool(false));
	value_is(list, "[{\"name\":\"c1\",\"n\":1},false]");
}

static void test_socket(void **unused)
{
	struct socks all = { 0 };
	struct sock *s = socks_add(&all, &here, SOCK_CONNECT, -1);

	(void)unused;
	value_is(value_sock(s), "\"c1\"");
	sock_ref(s);
	sock_unref(s);
	socks_clear(&all);
}

static void test_bytes(void **unused)
{
	(void)unused;
	bytes_are("hi\n", 3, ",\"bytes\":3,\"data\":\"hi\\n\"");
	bytes_are("", 0, ",\"bytes\":0,\"data\":\"\"");
	bytes_are("\xde\xff\x00", 3, ",\"bytes\":3,\"hex\":\"deff00\"");
}

static int teardown(void **unused)
{
	(void)unused;
	buf_clear(&out);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "strings are escaped as RFC 8259 has it", test_strings, NULL, NULL,
		  NULL },
		{ "bytes that are no UTF-8 become U+FFFD, one each", test_invalid, NULL,
		  NULL, NULL },
		{ "values of all kinds", test_values, NULL, NULL, NULL },
		{ "a socket is its name", test_socket, NULL, NULL, NULL },
		{ "received bytes are text or hexadecimal, with their count", test_bytes,
		  NULL, NULL, NULL },
	};

	return cmocka_run_group_tests(tests, NULL, teardown);
}
