/* sys_sysctl.c - tests: names of settings and the files that they are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "sys/sysctl.h"

static void path_is(const char *name, const char *want)
{
	char path[SYSCTL_PATH_MAX];
	struct err err;

	assert_int_equal(sysctl_path(name, path, &err), 0);
	assert_string_equal(path, want);
}

static void short_names_are_those_of_ipv4(void **unused)
{
	(void)unused;
	path_is("tcp_ecn", "ipv4/tcp_ecn");
	path_is("conf.all.rp_filter", "ipv4/conf/all/rp_filter");
	path_is("net.ipv4.tcp_ecn", "ipv4/tcp_ecn");
	path_is("net.core.somaxconn", "core/somaxconn");
	path_is("network", "ipv4/network");
}

static void no_name_leads_out_of_proc_sys_net(void **unused)
{
	static const char *const bad[] = {
		"",	"..",	      "../core",  "net..",   "net.",   ".tcp_ecn",
		"a..b", "/etc/hosts", "net/ipv4", "tcp ecn", "tcp_e=", "tcp_ecn\n",
	};
	char path[SYSCTL_PATH_MAX], name[SYSCTL_PATH_MAX];
	struct err err;
	size_t i;

	(void)unused;
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		assert_true(sysctl_path(bad[i], path, &err) < 0);
		assert_string_equal(err.code, "usage");
	}
	memset(name, 'a', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_true(sysctl_path(name, path, &err) < 0);
	name[sizeof(name) - 1 - strlen("ipv4/")] = '\0';
	assert_int_equal(sysctl_path(name, path, &err), 0);
}

struct wanted {
	const char *name;
	int times;
};

static void look(void *arg, const char *name)
{
	struct wanted *w = arg;

	w->times += strcmp(name, w->name) == 0;
}

static int times(const char *begun, const char *name)
{
	struct wanted w = { name, 0 };

	sysctl_names(begun, look, &w);
	return w.times;
}

static void names_are_listed_as_they_are_typed(void **unused)
{
	(void)unused;
	assert_int_equal(times("", "tcp_syncookies"), 1);
	assert_int_equal(times("tcp_s", "tcp_syncookies"), 1);
	assert_int_equal(times("", "conf."), 1);
	assert_int_equal(times("conf.", "conf.all."), 1);
	assert_int_equal(times("net.", "net.ipv4."), 1);
	assert_int_equal(times("net.ipv4.t", "net.ipv4.tcp_syncookies"), 1);
	assert_int_equal(times("net.ipv4.conf.all.", "net.ipv4.conf.all.rp_filter"), 1);
	assert_int_equal(times("net...", "net....."), 0);
	assert_int_equal(times("nix.", "tcp_syncookies"), 0);
}

static void a_value_is_text_without_its_newline(void **unused)
{
	char value[SYSCTL_VALUE_MAX];
	int low, pressure, high, n = 0;

	(void)unused;
	assert_int_equal(sysctl_read("ipv4/tcp_syncookies", value), 0);
	assert_null(strpbrk(value, "\t\n"));
	assert_int_equal(sysctl_read("ipv4/tcp_rmem", value), 0);
	assert_int_equal(sscanf(value, "%d %d %d%n", &low, &pressure, &high, &n), 3);
	assert_int_equal(value[n], '\0');
	assert_null(strchr(value, '\t'));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(short_names_are_those_of_ipv4),
		cmocka_unit_test(no_name_leads_out_of_proc_sys_net),
		cmocka_unit_test(names_are_listed_as_they_are_typed),
		cmocka_unit_test(a_value_is_text_without_its_newline),
	};

	return cmocka_run_group_tests_name("sys_sysctl", tests, NULL, NULL);
}
