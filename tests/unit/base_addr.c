/* base_addr.c - HOST:PORT, ports and numeric addresses: what is read, what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <net/if.h>

#include <cmocka.h>

#include "base/addr.h"

/* "HOST PORT" as it is read, with [ ] where it was bracketed; the code when it is refused. */
static const char *parsed(const char *text)
{
	static char out[400];
	struct hostport hp;
	struct err err;
	int rc;

	err_clear(&err);
	rc = hostport_parse(&hp, text, &err);
	if (rc < 0) {
		assert_true(err.message[0] != '\0');
		assert_int_equal(err.num, 0);
		return strcpy(out, err.code);
	}
	snprintf(out, sizeof(out), hp.bracketed ? "[%s] %d" : "%s %d", hp.host, hp.port);
	return out;
}

/* The port, or -1 when it is refused; *port must then be untouched. */
static int port_of(const char *text)
{
	struct err err;
	int port = -77;

	err_clear(&err);
	if (port_parse(&port, text, &err) == 0)
		return port;
	assert_int_equal(port, -77);
	assert_string_equal(err.code, "usage");
	assert_non_null(strstr(err.message, "0 to 65535"));
	return -1;
}

static void a_port_is_0_to_65535_in_decimal_digits(void **unused)
{
	(void)unused;
	assert_int_equal(port_of("0"), 0);
	assert_int_equal(port_of("1"), 1);
	assert_int_equal(port_of("7788"), 7788);
	assert_int_equal(port_of("65535"), 65535);
	assert_int_equal(port_of("0080"), 80);
}

static void what_is_no_port_is_refused_with_the_range(void **unused)
{
	static const char *const bad[] = {
		"65536",    "65535 ", "655350", "99999999999999999999999999999",
		"-1",	    "-0",     "+1",	" 1",
		"1 ",	    "",	      " ",	"1e3",
		"0x50",	    "80.0",   "80a",	"http",
		"\xd9\xa1", "1\n",    ":80",	"4294967376", /* 80 in 32 bits */
	};
	size_t i;

	(void)unused;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (port_of(bad[i]) != -1)
			fail_msg("\"%s\" was taken for a port", bad[i]);
}

static void host_and_port_come_apart(void **unused)
{
	(void)unused;
	assert_string_equal(parsed("7788"), " 7788");
	assert_string_equal(parsed(":7788"), " 7788");
	assert_string_equal(parsed("*:7788"), " 7788");
	assert_string_equal(parsed("127.0.0.1:7788"), "127.0.0.1 7788");
	assert_string_equal(parsed("127.0.0.1"), "127.0.0.1 -1");
	assert_string_equal(parsed("localhost:80"), "localhost 80");
	assert_string_equal(parsed("localhost"), "localhost -1");
	assert_string_equal(parsed("server:0"), "server 0");
	assert_string_equal(parsed("example.com.:65535"), "example.com. 65535");
	assert_string_equal(parsed("3com:80"), "3com 80");
	assert_string_equal(parsed("_dns.b\xc3\xbc"
				   "cher:53"),
			    "_dns.b\xc3\xbc"
			    "cher 53");
}

static void an_ipv6_address_with_a_port_needs_brackets(void **unused)
{
	struct hostport hp;
	struct err err;

	(void)unused;
	assert_string_equal(parsed("[::1]:7788"), "[::1] 7788");
	assert_string_equal(parsed("[::1]"), "[::1] -1");
	assert_string_equal(parsed("[::]:0"), "[::] 0");
	assert_string_equal(parsed("[fe80::1%eth0]:7788"), "[fe80::1%eth0] 7788");
	assert_string_equal(parsed("[fe80::1%2]"), "[fe80::1%2] -1");
	assert_string_equal(parsed("[::ffff:1.2.3.4]:80"), "[::ffff:1.2.3.4] 80");
	assert_string_equal(parsed("::1"), "::1 -1");
	/* a guess would say port 80; it is an address, as everywhere else */
	assert_string_equal(parsed("::1:80"), "::1:80 -1");
	assert_string_equal(parsed("fe80::1%nosuchzone"), "fe80::1%nosuchzone -1");
	assert_string_equal(parsed("1:2:3:4:5:6:7:8:80"), "usage");

	assert_true(hostport_parse(&hp, "2001:db8::1::80", &err) < 0);
	assert_non_null(strstr(err.message, "more than one colon"));
	assert_non_null(strstr(err.hint, "[::1]:80"));
}

static void malformed_hostports_are_usage_errors(void **unused)
{
	static const char *const bad[] = {
		":",
		"::::",
		":-1",
		":65536",
		"name:",
		"127.0.0.1:",
		"127.0.0.1:65536",
		"127.0.0.1:99999999999999999999",
		"127.0.0.1:-1",
		"127.0.0.1:+80",
		"127.0.0.1: 80",
		"127.0.0.1:80 ",
		"127.0.0.1:1e3",
		"127.0.0.1:http",
		"-1",
		"+1",
		" 1",
		" ",
		"1e3",
		"65536",
		"99999999999999999999",
		"a:b:c",
		"1:2:3",
		"http://host:80",
		"http://host",
		"[",
		"[]",
		"[]:80",
		"[*]:80",
		"[::1",
		"[::1:80",
		"[::1]80",
		"[::1]:",
		"[::1]:65536",
		"[::1]]:80",
		"[[::1]]:80",
		"[127.0.0.1]:80",
		"[localhost]:80",
		"[ ::1]:80",
		"[%eth0]:80",
		"[::1%a b]:80",
		"::1]:80",
		"name]:80",
		"na me:80",
		"na\tme:80",
		"name\n:80",
		"\x1b[31m:80",
		"na\x7fme",
	};
	size_t i;

	(void)unused;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (strcmp(parsed(bad[i]), "usage") != 0)
			fail_msg("\"%s\" was read as \"%s\"", bad[i], parsed(bad[i]));
}

static void an_empty_text_has_neither_host_nor_port(void **unused)
{
	(void)unused;
	assert_string_equal(parsed(""), " -1");
	assert_string_equal(parsed("*"), " -1");
}

static void the_longest_host_is_255_bytes(void **unused)
{
	char text[1100], zone[400];
	struct hostport hp;
	struct err err;

	(void)unused;
	memset(text, 'a', sizeof(text));
	text[255] = '\0';
	assert_int_equal(hostport_parse(&hp, text, &err), 0);
	assert_int_equal(strlen(hp.host), 255);
	strcpy(text + 255, ":80");
	assert_int_equal(hostport_parse(&hp, text, &err), 0);
	assert_int_equal(hp.port, 80);
	memcpy(text + 255, "a:80", 5);
	assert_string_equal(parsed(text), "usage");
	memset(text, 'a', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	assert_string_equal(parsed(text), "usage");
	memset(text, ':', sizeof(text) - 1);
	assert_string_equal(parsed(text), "usage");
	memset(text, '[', sizeof(text) - 1);
	assert_string_equal(parsed(text), "usage");
	memset(text, '9', sizeof(text) - 1);
	assert_string_equal(parsed(text), "usage");
	memset(zone, 'z', sizeof(zone));
	memcpy(zone, "[fe80::1%", 9);
	memcpy(zone + 390, "]:80", 5);
	assert_string_equal(parsed(zone), "usage");
}

static void numbers_become_addresses(void **unused)
{
	char buf[ADDR_TEXT_MAX];
	union addr a;

	(void)unused;
	assert_true(addr_from_number(&a, "127.0.0.1", 80));
	assert_string_equal(addr_format(&a, buf), "127.0.0.1:80");
	assert_string_equal(addr_host(&a, buf), "127.0.0.1");
	assert_int_equal(addr_len(&a), sizeof(struct sockaddr_in));
	assert_true(addr_from_number(&a, "", 65535));
	assert_string_equal(addr_format(&a, buf), "0.0.0.0:65535");
	assert_true(addr_is_any(&a));
	assert_true(addr_from_number(&a, "::1", 80));
	assert_string_equal(addr_format(&a, buf), "[::1]:80");
	assert_string_equal(addr_host(&a, buf), "::1");
	assert_int_equal(addr_len(&a), sizeof(struct sockaddr_in6));
	assert_false(addr_is_any(&a));
	assert_true(addr_from_number(&a, "::", 0));
	assert_true(addr_is_any(&a));
	assert_true(addr_from_number(&a, "2001:DB8:0:0:0:0:0:1", 1));
	assert_string_equal(addr_format(&a, buf), "[2001:db8::1]:1");
}

static void what_is_no_number_is_not_guessed_at(void **unused)
{
	/* the forms that inet_aton takes (127.1, octal, hex, one number) are all refused */
	static const char *const bad[] = {
		"127.1",
		"0x7f.0.0.1",
		"010.0.0.1",
		"2130706433",
		"1.2.3",
		"1.2.3.4.5",
		"1.2.3.256",
		"1.2.3.-4",
		"1.2.3.4 ",
		" 1.2.3.4",
		"localhost",
		"1e3",
		"::g",
		":::",
		"1:2:3:4:5:6:7",
		"127.0.0.1%lo",
		"fe80::1%",
		"[::1]",
		"::1%nosuchif",
		"fe80::1%-1",
		"fe80::1%+1",
		"fe80::1% 1",
		"fe80::1%0",
		"fe80::1%1x",
		"fe80::1%4294967297",
		"fe80::1%99999999999999999999999",
	};
	union addr a;
	size_t i;

	(void)unused;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (addr_from_number(&a, bad[i], 1))
			fail_msg("\"%s\" was taken for an address", bad[i]);
}

static void a_zone_is_an_interface_by_name_or_number(void **unused)
{
	char buf[ADDR_TEXT_MAX], name[IF_NAMESIZE], text[64];
	union addr a;

	(void)unused;
	if (!if_indextoname(1, name))
		skip();
	snprintf(text, sizeof(text), "fe80::1%%%s", name);
	assert_true(addr_from_number(&a, text, 80));
	assert_int_equal(a.in6.sin6_scope_id, 1);
	snprintf(text, sizeof(text), "[fe80::1%%%s]:80", name);
	assert_string_equal(addr_format(&a, buf), text);
	assert_true(addr_from_number(&a, "fe80::1%1", 80));
	assert_int_equal(a.in6.sin6_scope_id, 1);
	/* an interface that is gone, or in another namespace, shows as its number */
	assert_true(addr_from_number(&a, "fe80::1%4294967294", 80));
	assert_string_equal(addr_format(&a, buf), "[fe80::1%4294967294]:80");
}

static void no_address_prints_as_a_dash(void **unused)
{
	union addr a;
	char buf[ADDR_TEXT_MAX];

	(void)unused;
	memset(&a, 0, sizeof(a));
	assert_string_equal(addr_format(&a, buf), "-");
	assert_string_equal(addr_host(&a, buf), "-");
	assert_int_equal(addr_port(&a), 0);
	assert_false(addr_is_any(&a));
	assert_true(addr_equal(&a, &a));
}

static void texts_that_are_numbers_never_go_to_dns(void **unused)
{
	static const char *const numeric[] = {
		"1.2.3",    "1.2.3.4",	    "127.1", "1.2.3.", "1e3", "0x7f000001",
		"7788",	    "::g",	    "a:b",   "-1",     "",    ".",
		"1.2.3.4a", "127.0.0.1%lo", "1.2..", "::1",
	};
	static const char *const names[] = {
		"localhost",	"example.com",	   "example.com.", "3com",
		"4f5e6d7c8b9a", "163.com",	   "a-1",	   "x",
		"e3",		"10.in-addr.arpa",
	};
	size_t i;

	(void)unused;
	for (i = 0; i < sizeof(numeric) / sizeof(numeric[0]); i++)
		if (!host_looks_numeric(numeric[i]))
			fail_msg("\"%s\" was taken for a name", numeric[i]);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (host_looks_numeric(names[i]))
			fail_msg("\"%s\" was taken for a number", names[i]);
}

static union addr number(const char *host, int port)
{
	union addr a;

	assert_true(addr_from_number(&a, host, port));
	return a;
}

static bool equal(const char *host, int port, const char *host2, int port2)
{
	union addr a = number(host, port), b = number(host2, port2);

	assert_int_equal(addr_equal(&a, &b), addr_equal(&b, &a));
	return addr_equal(&a, &b);
}

static void equality_looks_at_family_address_port_and_zone(void **unused)
{
	(void)unused;
	assert_true(equal("1.2.3.4", 80, "1.2.3.4", 80));
	assert_false(equal("1.2.3.4", 80, "1.2.3.4", 81));
	assert_false(equal("1.2.3.4", 80, "1.2.3.5", 80));
	assert_true(equal("::1", 80, "::1", 80));
	assert_false(equal("::1", 80, "::2", 80));
	assert_false(equal("::", 80, "0.0.0.0", 80));
	assert_true(equal("::ffff:1.2.3.4", 80, "1.2.3.4", 80));
	assert_false(equal("::ffff:1.2.3.4", 80, "1.2.3.4", 81));
	assert_true(equal("fe80::1%1", 80, "fe80::1%1", 80));
	assert_false(equal("fe80::1%1", 80, "fe80::1%2", 80));
	assert_true(equal("fe80::1%1", 80, "fe80::1", 80));
}

static void a_mapped_address_unmaps_with_its_port(void **unused)
{
	union addr a = number("::ffff:10.77.0.1", 7788);
	char buf[ADDR_TEXT_MAX];

	(void)unused;
	addr_unmap(&a);
	assert_string_equal(addr_format(&a, buf), "10.77.0.1:7788");
	addr_set_port(&a, 0);
	assert_int_equal(addr_port(&a), 0);
	a = number("::1", 1);
	addr_unmap(&a);
	assert_string_equal(addr_format(&a, buf), "[::1]:1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_port_is_0_to_65535_in_decimal_digits),
		cmocka_unit_test(what_is_no_port_is_refused_with_the_range),
		cmocka_unit_test(host_and_port_come_apart),
		cmocka_unit_test(an_ipv6_address_with_a_port_needs_brackets),
		cmocka_unit_test(malformed_hostports_are_usage_errors),
		cmocka_unit_test(an_empty_text_has_neither_host_nor_port),
		cmocka_unit_test(the_longest_host_is_255_bytes),
		cmocka_unit_test(numbers_become_addresses),
		cmocka_unit_test(what_is_no_number_is_not_guessed_at),
		cmocka_unit_test(a_zone_is_an_interface_by_name_or_number),
		cmocka_unit_test(no_address_prints_as_a_dash),
		cmocka_unit_test(texts_that_are_numbers_never_go_to_dns),
		cmocka_unit_test(equality_looks_at_family_address_port_and_zone),
		cmocka_unit_test(a_mapped_address_unmaps_with_its_port),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
