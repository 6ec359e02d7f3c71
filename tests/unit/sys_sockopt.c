/* sys_sockopt.c - the table of socket options against the kernel. */
#include "net.h"

#include "sys/sockopt.h"

static struct err err;

/* The option's value as text; the test fails when it cannot be read. */
static const char *get(int fd, int family, const char *name)
{
	static char text[64];
	const struct sockopt *opt = sockopt_find(name);
	struct buf value = BUF_EMPTY;

	assert_non_null(opt);
	assert_int_equal(sockopt_get(fd, family, opt, &value, &err), 0);
	snprintf(text, sizeof(text), "%s", buf_str(&value));
	buf_clear(&value);
	return text;
}

static int set(int fd, int family, const char *name, const char *value)
{
	return sockopt_set(fd, family, sockopt_find(name), value, &err);
}

static void names_and_constants_are_unique_and_found(void **state)
{
	const struct sockopt *a, *b;

	(void)state;
	for (a = sockopt_table; a < sockopt_table + sockopt_count; a++) {
		assert_ptr_equal(sockopt_find(a->name), a);
		assert_ptr_equal(sockopt_find(a->constant), a);
		assert_true(strlen(a->text) > 5 && strlen(a->text) < 80);
		assert_true(a->read_only == (a->min == 0 && a->max == 0) ||
			    a->type == OPT_TIME);
		for (b = sockopt_table; b < a; b++)
			assert_string_not_equal(a->name, b->name);
	}
	assert_ptr_equal(sockopt_find("tcp_nodelay"), sockopt_find("NODELAY"));
	assert_string_equal(sockopt_man(sockopt_find("nodelay")), "tcp(7)");
	assert_null(sockopt_find("nodelai"));
}

static void every_option_can_be_read(void **state)
{
	const int families[] = { AF_INET, AF_INET6 };
	const struct sockopt *opt;
	struct buf value = BUF_EMPTY;
	int listener, fd, i, rc;
	union addr a;

	(void)state;
	for (i = 0; i < 2; i++) {
		listener = net_listen(i ? "::1" : "127.0.0.1", 5);
		a = net_local(listener);
		fd = net_socket(families[i], SOCK_STREAM);
		net_connect(fd, &a);
		for (opt = sockopt_table; opt < sockopt_table + sockopt_count; opt++) {
			rc = sockopt_get(fd, families[i], opt, &value, &err);
			if (rc == -ENOPROTOOPT && (i == 0 || opt->level == IPPROTO_TCP))
				continue; /* IPv6's on IPv4, or newer than this kernel */
			if (rc < 0)
				print_error("%s\n", err.message);
			assert_int_equal(rc, 0);
			assert_true(value.len > 0);
			buf_reset(&value);
		}
		close(fd);
		close(listener);
	}
	buf_clear(&value);
}

/* Both ends of a range are accepted by the kernel, one beyond is refused before it. */
static void the_ranges_are_those_of_the_kernel(void **state)
{
	const struct sockopt *opt;
	char text[32];
	int family, fd, i;

	(void)state;
	for (opt = sockopt_table; opt < sockopt_table + sockopt_count; opt++) {
		if (opt->type != OPT_INT || opt->read_only)
			continue;
		family = opt->level == IPPROTO_IPV6 ? AF_INET6 : AF_INET;
		for (i = 0; i < 2; i++) {
			fd = net_socket(family, SOCK_STREAM);
			snprintf(text, sizeof(text), "%ld", i ? opt->max : opt->min);
			if (sockopt_set(fd, family, opt, text, &err) < 0 &&
			    strcmp(err.code, "ENOPROTOOPT") && strcmp(err.code, "EPERM"))
				fail_msg("%s=%s: %s", opt->name, text, err.message);
			snprintf(text, sizeof(text), "%ld",
				 i ? opt->max + 1 : opt->min - 1);
			assert_int_equal(sockopt_set(fd, family, opt, text, &err),
					 -EINVAL);
			assert_string_equal(err.code, "usage");
			assert_non_null(strstr(err.message, "is out of range: give "));
			close(fd);
		}
	}
}

static void what_was_set_is_read_back(void **state)
{
	static const char *const cases[][3] = {
		{ "nodelay", "yes", "yes" },
		{ "nodelay", "off", "no" },
		{ "cork", "1", "yes" },
		{ "keepalive", "TRUE", "yes" },
		{ "keepidle", "77", "77" },
		{ "user_timeout", "1500", "1500" },
		{ "syncnt", "3", "3" },
		{ "linger2", "-1", "-1" },
		{ "linger", "0", "0" },
		{ "linger", "5", "5" },
		{ "linger", "off", "off" },
		{ "rcvtimeo", "1.5", "1.5" },
		{ "rcvtimeo", "off", "off" },
		{ "sndtimeo", "2m", "120" },
		{ "reuseaddr", "on", "yes" },
		{ "ttl", "9", "9" },
		{ "tos", "0x20", "32" },
		{ "rcvlowat", "2k", "2048" },
		{ "congestion", "reno", "reno" },
		{ "priority", "6", "6" },
		{ "max_pacing_rate", "4294967295", "4294967295" },
	};
	const int families[] = { AF_INET, AF_INET6 };
	size_t i, f;
	int fd;

	(void)state;
	for (f = 0; f < 2; f++) {
		fd = net_socket(families[f], SOCK_STREAM);
		for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
			if (set(fd, families[f], cases[i][0], cases[i][1]) < 0)
				fail_msg("%s", err.message);
			assert_string_equal(get(fd, families[f], cases[i][0]),
					    cases[i][2]);
		}
		close(fd);
	}
}

static void the_kernel_doubles_buffers(void **state)
{
	int fd = net_socket(AF_INET, SOCK_STREAM);

	(void)state;
	assert_int_equal(set(fd, AF_INET, "rcvbuf", "16k"), 0);
	assert_string_equal(get(fd, AF_INET, "SO_RCVBUF"), "32768");
	close(fd);
}

static void ttl_is_the_hop_limit_on_ipv6(void **state)
{
	int fd = net_socket(AF_INET6, SOCK_STREAM);

	(void)state;
	assert_int_equal(set(fd, AF_INET6, "ttl", "7"), 0);
	assert_string_equal(get(fd, AF_INET6, "unicast_hops"), "7");
	close(fd);
}

static void an_interface_is_bound_and_let_go(void **state)
{
	int fd = net_socket(AF_INET, SOCK_STREAM);

	(void)state;
	assert_string_equal(get(fd, AF_INET, "bindtodevice"), "none");
	if (set(fd, AF_INET, "bindtodevice", "lo") == 0)
		assert_string_equal(get(fd, AF_INET, "bindtodevice"), "lo");
	else
		assert_string_equal(err.code, "EPERM");
	close(fd);
}

static void bad_text_never_reaches_the_kernel(void **state)
{
	static const char *const cases[][3] = {
		{ "nodelay", "maybe", "option nodelay: \"maybe\" is neither yes nor no" },
		{ "nodelay", "", "option nodelay: \"\" is neither yes nor no" },
		{ "keepidle", "0",
		  "option keepidle: \"0\" is out of range: give 1 to 32767 s" },
		{ "keepidle", "99999999999999999999",
		  "option keepidle: \"99999999999999999999\" is out of range: give 1 to 32767 s" },
		{ "keepidle", "5 ",
		  "option keepidle: \"5 \" is not a number: give 1 to 32767 s" },
		{ "keepidle", "+5",
		  "option keepidle: \"+5\" is not a number: give 1 to 32767 s" },
		{ "keepidle", "5k",
		  "option keepidle: \"5k\" is not a number: give 1 to 32767 s" },
		{ "keepidle", "0x",
		  "option keepidle: \"0x\" is not a number: give 1 to 32767 s" },
		{ "tos", "\x1b[31m",
		  "option tos: \"\\x1b[31m\" is not a number: give 0 to 255" },
		{ "linger", "-1",
		  "option linger: \"-1\" is out of range: give off, or 0 to 2147483647 s" },
		{ "rcvtimeo", "soon",
		  "option rcvtimeo: \"soon\" is not a duration: give 2, 0.5, 50ms, 2m or off" },
		{ "congestion", "",
		  "option congestion: \"\" is not a name of 1 to 15 characters" },
		{ "error", "1", "option error can only be read" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_int_equal(set(-1, AF_INET, cases[i][0], cases[i][1]), -EINVAL);
		assert_string_equal(err.message, cases[i][2]);
		assert_string_equal(err.code, "usage");
	}
}

static void what_the_kernel_refuses_is_a_sentence_with_a_hint(void **state)
{
	int fd = net_socket(AF_INET, SOCK_STREAM);

	(void)state;
	assert_int_equal(set(fd, AF_INET, "v6only", "yes"), -ENOPROTOOPT);
	assert_string_equal(err.code, "ENOPROTOOPT");
	assert_non_null(strstr(err.message, "set option v6only (IPV6_V6ONLY): "));
	assert_non_null(strstr(err.hint, "ipv6(7)"));
	assert_int_equal(set(fd, AF_INET, "congestion", "nosuch"), -ENOENT);
	assert_non_null(strstr(err.hint, "tcp_available_congestion_control"));
	close(fd);
}

static void a_pending_error_is_told_by_name_and_cleared(void **state)
{
	int listener = net_listen("127.0.0.1", 1), fd = net_socket(AF_INET, SOCK_STREAM);
	union addr a = net_local(listener);

	(void)state;
	net_connect(fd, &a);
	/* What nobody has accepted is reset. */
	close(listener);
	assert_string_equal(get(fd, AF_INET, "error"), "ECONNRESET");
	assert_string_equal(get(fd, AF_INET, "error"), "none");
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		net_test(names_and_constants_are_unique_and_found),
		net_test(every_option_can_be_read),
		net_test(the_ranges_are_those_of_the_kernel),
		net_test(what_was_set_is_read_back),
		net_test(the_kernel_doubles_buffers),
		net_test(ttl_is_the_hop_limit_on_ipv6),
		net_test(an_interface_is_bound_and_let_go),
		net_test(bad_text_never_reaches_the_kernel),
		net_test(what_the_kernel_refuses_is_a_sentence_with_a_hint),
		net_test(a_pending_error_is_told_by_name_and_cleared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
