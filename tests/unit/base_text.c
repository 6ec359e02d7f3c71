/* base_text.c - escaping, widths, durations, sizes and near words. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"

/* The escaped text; borrowed until the next call. */
static const char *escaped(const char *data, size_t len, bool utf8)
{
	static struct buf out = BUF_EMPTY;

	buf_reset(&out);
	text_escape(&out, data, len, utf8);
	return buf_str(&out);
}

#define ESCAPED(s) escaped(s, sizeof(s) - 1, true)

static void printable_text_stays_as_it_is(void **unused)
{
	(void)unused;
	assert_string_equal(ESCAPED("thank you !"), "thank you !");
	assert_string_equal(ESCAPED("'$`%/~"), "'$`%/~");
	assert_string_equal(ESCAPED("\xe4\xbd\xa0\xe5\xa5\xbd"),
			    "\xe4\xbd\xa0\xe5\xa5\xbd");
	assert_string_equal(ESCAPED("\xc3\xa9\xf0\x9f\x98\x80"),
			    "\xc3\xa9\xf0\x9f\x98\x80");
	assert_string_equal(ESCAPED("\xef\xbf\xbd"), "\xef\xbf\xbd");
	assert_string_equal(ESCAPED(""), "");
}

static void without_utf8_every_high_byte_is_escaped(void **unused)
{
	(void)unused;
	assert_string_equal(escaped("a\xe4\xbd\xa0z", 5, false), "a\\xe4\\xbd\\xa0z");
	assert_string_equal(escaped("\xff", 1, false), "\\xff");
}

static void controls_are_escaped(void **unused)
{
	(void)unused;
	assert_string_equal(ESCAPED("a\nb\rc\td\\e\"f"), "a\\nb\\rc\\td\\\\e\\\"f");
	assert_string_equal(ESCAPED("\0\a\b\v\f\x1b[31m\x7f"),
			    "\\x00\\x07\\x08\\x0b\\x0c\\x1b[31m\\x7f");
	/* a digit behind an escape is not drawn into it */
	assert_string_equal(ESCAPED("\x01"
				    "23"),
			    "\\x0123");
}

static void c1_controls_are_escaped_raw_and_as_utf8(void **unused)
{
	char raw[2] = { 0, 0 }, utf8[2], want[16];
	int c;

	(void)unused;
	for (c = 0x80; c < 0xa0; c++) {
		raw[0] = (char)c;
		snprintf(want, sizeof(want), "\\x%02x", c);
		assert_string_equal(escaped(raw, 1, true), want);
		utf8[0] = (char)0xc2;
		utf8[1] = (char)c;
		snprintf(want, sizeof(want), "\\xc2\\x%02x", c);
		assert_string_equal(escaped(utf8, 2, true), want);
	}
}

static void invalid_utf8_is_escaped_byte_by_byte(void **unused)
{
	(void)unused;
	assert_string_equal(ESCAPED("\xff\xfe"), "\\xff\\xfe");
	/* overlong '/', NUL and U+FFFF in four bytes */
	assert_string_equal(ESCAPED("\xc0\xaf"), "\\xc0\\xaf");
	assert_string_equal(ESCAPED("\xc1\xbf"), "\\xc1\\xbf");
	assert_string_equal(ESCAPED("\xe0\x80\xaf"), "\\xe0\\x80\\xaf");
	assert_string_equal(ESCAPED("\xe0\x9f\xbf"), "\\xe0\\x9f\\xbf");
	assert_string_equal(ESCAPED("\xf0\x8f\xbf\xbf"), "\\xf0\\x8f\\xbf\\xbf");
	/* surrogates, beyond U+10FFFF, five and six bytes */
	assert_string_equal(ESCAPED("\xed\xa0\x80"), "\\xed\\xa0\\x80");
	assert_string_equal(ESCAPED("\xed\xbf\xbf"), "\\xed\\xbf\\xbf");
	assert_string_equal(ESCAPED("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");
	assert_string_equal(ESCAPED("\xf8\x88\x80\x80\x80"), "\\xf8\\x88\\x80\\x80\\x80");
	/* cut off, and continued by something else */
	assert_string_equal(ESCAPED("\xe4\xbd"), "\\xe4\\xbd");
	assert_string_equal(ESCAPED("\xe4\xbdx"), "\\xe4\\xbdx");
	assert_string_equal(ESCAPED("\xe4\x1b[2J"), "\\xe4\\x1b[2J");
	assert_string_equal(ESCAPED("\xe4\xe4\xbd\xa0"), "\\xe4\xe4\xbd\xa0");
	/* the last ones below the surrogates and at the end stay */
	assert_string_equal(ESCAPED("\xed\x9f\xbf"), "\xed\x9f\xbf");
	assert_string_equal(ESCAPED("\xf4\x8f\xbf\xbd"), "\xf4\x8f\xbf\xbd");
}

static void characters_that_turn_or_hide_the_line_are_escaped(void **unused)
{
	static const unsigned int codes[] = {
		0x061c, 0x200b, 0x200e, 0x200f, 0x2028, 0x2029, 0x202a, 0x202b,
		0x202c, 0x202d, 0x202e, 0x2060, 0x2066, 0x2067, 0x2068, 0x2069,
		0xfeff, 0xfff9, 0xfffb, 0xfffe, 0xffff, 0xfdd0, 0x180e, 0x00ad,
	};
	size_t i;

	(void)unused;
	for (i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		unsigned int c = codes[i];
		char text[4] = { (char)(0xe0 | c >> 12), (char)(0x80 | (c >> 6 & 0x3f)),
				 (char)(0x80 | (c & 0x3f)), '\0' };

		if (c < 0x800) {
			text[0] = (char)(0xc0 | c >> 6);
			text[1] = (char)(0x80 | (c & 0x3f));
			text[2] = '\0';
		}
		if (escaped(text, strlen(text), true)[0] != '\\')
			fail_msg("U+%04X went through", c);
	}
	/* language tags, with which text can be hidden */
	assert_string_equal(ESCAPED("\xf3\xa0\x80\x81"), "\\xf3\\xa0\\x80\\x81");
}

/* Reads a Lua string literal as Lua does, as far as our escapes go; returns its length. */
static size_t unquoted(char *out, const char *text)
{
	size_t n = 0;
	unsigned int byte;

	assert_int_equal(*text++, '"');
	while (*text != '"') {
		assert_true((unsigned char)*text >= 0x20 && *text != 0x7f);
		if (*text != '\\') {
			out[n++] = *text++;
			continue;
		}
		switch (text[1]) {
		case 'n':
			out[n++] = '\n';
			break;
		case 'r':
			out[n++] = '\r';
			break;
		case 't':
			out[n++] = '\t';
			break;
		case '\\':
		case '"':
			out[n++] = text[1];
			break;
		case 'x':
			assert_int_equal(sscanf(text + 2, "%2x", &byte), 1);
			assert_int_equal(strspn(text + 2, "0123456789abcdef") >= 2, 1);
			out[n++] = (char)byte;
			text += 2;
			break;
		default:
			fail_msg("unknown escape \\%c", text[1]);
		}
		text += 2;
	}
	assert_int_equal(text[1], '\0');
	return n;
}

static void check_round_trip(const char *data, size_t len, bool utf8)
{
	struct buf out = BUF_EMPTY;
	char *back;
	size_t n, i;

	text_quote(&out, data, len, utf8);
	back = xmalloc(out.len);
	n = unquoted(back, buf_str(&out));
	assert_int_equal(n, len);
	if (len)
		assert_memory_equal(back, data, len);
	assert_true(utf8_valid(out.data, out.len));
	for (i = 0; i < out.len && !utf8; i++)
		assert_true((unsigned char)out.data[i] < 0x7f);
	free(back);
	buf_clear(&out);
}

static void quoting_is_a_lua_literal_of_the_same_bytes(void **unused)
{
	static const unsigned char likely[] =
		"\"\\\n\r\t\0\x1b\x7f\x80\x9f\xc2\xc3\xe2\x80\xae"
		"\xe4\xbd\xa0\xed\xa0\xf0\x9f\x98\x80\xf4\xff 09afxnu";
	char data[256];
	size_t i, len;
	int round;

	(void)unused;
	for (i = 0; i < 256; i++)
		data[i] = (char)i;
	check_round_trip(data, 256, true);
	check_round_trip(data, 256, false);
	check_round_trip("", 0, true);
	srand(7788);
	for (round = 0; round < 20000; round++) {
		len = (size_t)rand() % 40;
		for (i = 0; i < len; i++)
			data[i] = round % 2 ? (char)rand()
					    : (char)likely[(size_t)rand() %
							   (sizeof(likely) - 1)];
		check_round_trip(data, len, round % 4 < 2);
	}
}

static void every_code_point_is_escaped_or_decodes_alone(void **unused)
{
	unsigned int c, back;
	char text[4];
	size_t n;

	(void)unused;
	for (c = 0x80; c < 0x120000; c++) {
		n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
		text[0] = (char)(n == 2	  ? 0xc0 | c >> 6
				 : n == 3 ? 0xe0 | c >> 12
					  : 0xf0 | c >> 18);
		if (n > 3)
			text[n - 3] = (char)(0x80 | (c >> 12 & 0x3f));
		if (n > 2)
			text[n - 2] = (char)(0x80 | (c >> 6 & 0x3f));
		text[n - 1] = (char)(0x80 | (c & 0x3f));
		if (c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff)) {
			assert_int_equal(utf8_decode(text, n, &back), 0);
			continue;
		}
		assert_int_equal(utf8_decode(text, n, &back), n);
		assert_int_equal(back, c);
		assert_int_equal(utf8_decode(text, n - 1, &back), 0);
	}
	assert_int_equal(utf8_decode("", 0, &back), 0);
	assert_int_equal(utf8_decode("\0", 1, &back), 1);
	assert_int_equal(back, 0);
}

static void cleaning_keeps_lines_tabs_and_quotes(void **unused)
{
	static const char text[] = "a\tb\n\"c\" \\d\r\x1b[0m\0\xc2\x9b";
	struct buf out = BUF_EMPTY;

	(void)unused;
	text_clean(&out, text, sizeof(text) - 1, true);
	assert_string_equal(buf_str(&out), "a\tb\n\"c\" \\d\\r\\x1b[0m\\x00\\xc2\\x9b");
	buf_clear(&out);
}

static void wide_characters_count_two_columns(void **unused)
{
	(void)unused;
	assert_int_equal(text_width(""), 0);
	assert_int_equal(text_width("abc"), 3);
	if (!setlocale(LC_CTYPE, "C.UTF-8"))
		skip();
	assert_int_equal(text_width("\xe4\xbd\xa0\xe5\xa5\xbd!"), 5);
	assert_int_equal(text_width("\xc3\xa9"), 1);
	assert_int_equal(text_width("e\xcc\x81"), 1); /* with a combining accent */
	assert_int_equal(text_width("\xff\xfe"), 2);
	setlocale(LC_CTYPE, "C");
	assert_int_equal(text_width("\xc3\xa9"), 1);
}

static void a_line_ends_beside_or_below(void **unused)
{
	struct buf out = BUF_EMPTY;
	size_t from;

	(void)unused;
	buf_adds(&out, "before\nc1  CLOSED");
	text_end_line(&out, 7, 4, "(why)");
	text_end_line(&out, out.len, 4, "");
	from = out.len;
	buf_pad(&out, from + 75, 'x');
	text_end_line(&out, from, 4, "123");
	from = out.len;
	buf_pad(&out, from + 75, 'x');
	text_end_line(&out, from, 4, "1234");
	assert_non_null(strstr(buf_str(&out), "before\nc1  CLOSED  (why)\n\nx"));
	assert_non_null(strstr(buf_str(&out), "x  123\nx"));
	assert_non_null(strstr(buf_str(&out), "x\n    1234\n"));
	buf_clear(&out);
}

static void columns_are_filled_on_either_side_and_never_cut(void **unused)
{
	struct buf out = BUF_EMPTY;

	(void)unused;
	text_column(&out, "ab", 4);
	text_column(&out, "cd", -4);
	text_column(&out, "toolong", 3);
	text_column(&out, "x", 0);
	assert_string_equal(buf_str(&out), "ab    cdtoolongx");
	buf_clear(&out);
	if (!setlocale(LC_CTYPE, "C.UTF-8"))
		skip();
	text_column(&out, "\xe4\xbd\xa0", 4);
	text_column(&out, "\xe4\xbd\xa0", -3);
	assert_string_equal(buf_str(&out), "\xe4\xbd\xa0   \xe4\xbd\xa0");
	buf_clear(&out);
	setlocale(LC_CTYPE, "C");
}

static void counts_have_commas(void **unused)
{
	char buf[28];

	(void)unused;
	assert_string_equal(text_count(0, buf), "0");
	assert_string_equal(text_count(999, buf), "999");
	assert_string_equal(text_count(1000, buf), "1,000");
	assert_string_equal(text_count(1234567, buf), "1,234,567");
	assert_string_equal(text_count(~0ull, buf), "18,446,744,073,709,551,615");
}

static void distance_counts_changes_and_swaps(void **unused)
{
	(void)unused;
	assert_int_equal(text_distance("connect", "connect", 2), 0);
	assert_int_equal(text_distance("conect", "connect", 2), 1);
	assert_int_equal(text_distance("conenct", "connect", 2), 1);
	assert_int_equal(text_distance("CONENCT", "connect", 2), 1);
	assert_int_equal(text_distance("connectt", "connect", 2), 1);
	assert_int_equal(text_distance("xonnexy", "connect", 2), 3);
	assert_int_equal(text_distance("", "", 2), 0);
	assert_int_equal(text_distance("", "ab", 2), 2);
	assert_int_equal(text_distance("", "abc", 2), 3);
	assert_int_equal(text_distance("abc", "xyz", 0), 1);
}

static void long_words_are_far_from_all(void **unused)
{
	static char text[100000];
	static const char *const names[] = { "listen", "connect", NULL };

	(void)unused;
	memset(text, 'a', sizeof(text) - 1);
	assert_int_equal(text_distance(text, text, 2), 3);
	assert_null(text_nearest(text, names));
}

static void the_nearest_word_is_found_or_none(void **unused)
{
	static const char *const names[] = { "listen", "accept", "connect", "send",
					     "recv",   "close",	 "set",	    NULL };
	static const char *const none[] = { NULL };

	(void)unused;
	assert_string_equal(text_nearest("conect", names), "connect");
	assert_string_equal(text_nearest("lsiten", names), "listen");
	assert_string_equal(text_nearest("Recv", names), "recv");
	assert_string_equal(text_nearest("rceiv", names), "recv");
	assert_string_equal(text_nearest("sned", names), "send");
	assert_string_equal(text_nearest("set", names), "set");
	assert_null(text_nearest("frobnicate", names));
	assert_null(text_nearest("xyz", names));
	assert_null(text_nearest("", names));
	assert_null(text_nearest("connect", none));
}

static void a_word_has_a_place_among_names_or_none(void **unused)
{
	static const char *const names[] = { "drop", "dup", NULL };

	(void)unused;
	assert_int_equal(text_index("drop", names), 0);
	assert_int_equal(text_index("dup", names), 1);
	assert_int_equal(text_index("du", names), -1);
	assert_int_equal(text_index("", names), -1);
}

static void durations_have_units(void **unused)
{
	static const struct {
		const char *text;
		double seconds;
	} good[] = {
		{ "0", 0 },	     { "2", 2 },
		{ "0.5", 0.5 },	     { ".5", 0.5 },
		{ "2s", 2 },	     { "50ms", 0.05 },
		{ "250us", 250e-6 }, { "2m", 120 },
		{ "2min", 120 },     { "1.5h", 5400 },
		{ "off", -1 },	     { "none", -1 },
		{ "007", 7 },	     { "0.1", 0.1 },
		{ "3600", 3600 },    { "1000000000", 1e9 },
		{ "0.000ms", 0.0 },
	};
	double seconds;
	size_t i;

	(void)unused;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		seconds = -77;
		if (!duration_parse(&seconds, good[i].text) ||
		    seconds - good[i].seconds > 1e-12 ||
		    good[i].seconds - seconds > 1e-12)
			fail_msg("\"%s\" gave %g", good[i].text, seconds);
	}
}

static void what_is_no_duration_is_refused_and_changes_nothing(void **unused)
{
	static const char *const bad[] = {
		"",   " ",     " 2",   "2 ",	"2 s",	"-1",	      "+1",
		"-0", "1e3",   "0x10", "nan",	"inf",	"infinity",   ".",
		"5.", "1.2.3", "1,5",  "2x",	"s",	"ms",	      "min",
		"2S", "2MS",   "OFF",  "2mins", "2sec", "1000000001", "99999999h",
	};
	static char digits[2000];
	double seconds = -77;
	size_t i;

	(void)unused;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (duration_parse(&seconds, bad[i]))
			fail_msg("\"%s\" gave %g", bad[i], seconds);
	memset(digits, '9', sizeof(digits) - 1);
	assert_false(duration_parse(&seconds, digits));
	digits[1] = '.';
	assert_false(duration_parse(&seconds, digits));
	assert_true(seconds == -77);
}

static void sizes_are_whole_bytes(void **unused)
{
	unsigned long long n = 77;

	(void)unused;
	assert_true(size_parse(&n, "0") && n == 0);
	assert_true(size_parse(&n, "1024") && n == 1024);
	assert_true(size_parse(&n, "64k") && n == 65536);
	assert_true(size_parse(&n, "64K") && n == 65536);
	assert_true(size_parse(&n, "1M") && n == 1048576);
	assert_true(size_parse(&n, "2G") && n == 2147483648ull);
	assert_true(size_parse(&n, "1.5k") && n == 1536);
	n = 77;
	assert_false(size_parse(&n, "1.3k"));
	assert_false(size_parse(&n, "0.5"));
	assert_false(size_parse(&n, "-1"));
	assert_false(size_parse(&n, "+1"));
	assert_false(size_parse(&n, ""));
	assert_false(size_parse(&n, "k"));
	assert_false(size_parse(&n, "1kb"));
	assert_false(size_parse(&n, "1 k"));
	assert_false(size_parse(&n, "1e3"));
	assert_false(size_parse(&n, "0x10"));
	assert_false(size_parse(&n, "99999999999999999999999"));
	assert_int_equal(n, 77);
}

static void durations_are_shown_with_a_fitting_unit(void **unused)
{
	static const struct {
		double seconds;
		const char *text;
	} shown[] = {
		{ 0, "0.0 ms" },	{ 0.0001, "0.1 ms" },  { 0.0099, "9.9 ms" },
		{ 0.00996, "10 ms" },	{ 0.042, "42 ms" },    { 0.9994, "999 ms" },
		{ 0.9999, "1.0 s" },	{ 1.23, "1.2 s" },     { 9.99, "10 s" },
		{ 60, "60 s" },		{ 119.2, "119 s" },    { 119.9, "2 min 0 s" },
		{ 120, "2 min 0 s" },	{ 200, "3 min 20 s" }, { 3600, "60 min 0 s" },
		{ 179.9, "3 min 0 s" },
	};
	char buf[32];
	size_t i;

	(void)unused;
	for (i = 0; i < sizeof(shown) / sizeof(shown[0]); i++)
		assert_string_equal(duration_format(shown[i].seconds, buf),
				    shown[i].text);
	assert_true(strlen(duration_format(1e300, buf)) < sizeof(buf));
}

static void time_goes_forward(void **unused)
{
	double a = time_now();

	(void)unused;
	assert_true(a > 0);
	assert_true(time_now() >= a);
}

static void full_width(const char *text, const char *wide, char narrow)
{
	char got[5] = "";

	assert_int_equal(text_full_width(text, strlen(text), got), narrow);
	assert_string_equal(got, wide);
}

static void full_width_marks_are_found_outside_of_quotes(void **unused)
{
	(void)unused;
	full_width("connect 127.0.0.1：7788", "：", ':');
	full_width("accept（l1）", "（", '(');
	full_width("close　c1", "　", ' ');
	full_width("send c1 “hello”", "“", '"');
	full_width("send c1 \"你好，\\\"，\" '：' c2。", "。", '.');
	full_width("send c1 你好", "", '\0');
	full_width("\xef\xbc", "", '\0');
	full_width("\"\\", "", '\0');
	full_width("", "", '\0');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_ends_beside_or_below),
		cmocka_unit_test(printable_text_stays_as_it_is),
		cmocka_unit_test(without_utf8_every_high_byte_is_escaped),
		cmocka_unit_test(controls_are_escaped),
		cmocka_unit_test(c1_controls_are_escaped_raw_and_as_utf8),
		cmocka_unit_test(invalid_utf8_is_escaped_byte_by_byte),
		cmocka_unit_test(characters_that_turn_or_hide_the_line_are_escaped),
		cmocka_unit_test(quoting_is_a_lua_literal_of_the_same_bytes),
		cmocka_unit_test(every_code_point_is_escaped_or_decodes_alone),
		cmocka_unit_test(cleaning_keeps_lines_tabs_and_quotes),
		cmocka_unit_test(wide_characters_count_two_columns),
		cmocka_unit_test(columns_are_filled_on_either_side_and_never_cut),
		cmocka_unit_test(counts_have_commas),
		cmocka_unit_test(distance_counts_changes_and_swaps),
		cmocka_unit_test(long_words_are_far_from_all),
		cmocka_unit_test(the_nearest_word_is_found_or_none),
		cmocka_unit_test(a_word_has_a_place_among_names_or_none),
		cmocka_unit_test(durations_have_units),
		cmocka_unit_test(what_is_no_duration_is_refused_and_changes_nothing),
		cmocka_unit_test(sizes_are_whole_bytes),
		cmocka_unit_test(durations_are_shown_with_a_fitting_unit),
		cmocka_unit_test(time_goes_forward),
		cmocka_unit_test(full_width_marks_are_found_outside_of_quotes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
