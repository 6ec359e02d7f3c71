/* cmd_line.c - a typed line: what is a command, its words, and the same call in Lua. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cmd/line.h"
#include "cmd/socks.h"

/* c1, l1 and x are objects here. */
static bool is_object(void *unused, const char *name)
{
	(void)unused;
	return sock_is_name(name) || strcmp(name, "x") == 0;
}

static void parse_ok(struct line *line, const char *text)
{
	struct err err;

	if (line_parse(line, text, strlen(text), &err) < 0)
		fail_msg("%s: %s", text, err.message);
}

static void is_kind(enum line_kind kind, const char *text)
{
	struct line line;

	parse_ok(&line, text);
	if (line.kind != kind)
		fail_msg("%s: kind %d, not %d", text, line.kind, kind);
	line_clear(&line);
}

/* The words of a line, each in <>; quoted ones end in q, options begin with NAME=. */
static void words_are(const char *text, const char *want)
{
	struct line line;
	struct buf got = BUF_EMPTY;
	size_t i;

	parse_ok(&line, text);
	assert_int_equal(line.kind, LINE_COMMAND);
	for (i = 0; i < line.words; i++)
		buf_addf(&got, "<%s%s%s%s>",
			 line.word[i].option ? line.word[i].option->name : "",
			 line.word[i].option ? "=" : "", line.word[i].data,
			 line.word[i].quoted ? "\"" : "");
	assert_string_equal(buf_str(&got), want);
	buf_clear(&got);
	line_clear(&line);
}

static void lua_is(const char *text, const char *want)
{
	struct line line;
	struct buf got = BUF_EMPTY;

	parse_ok(&line, text);
	assert_int_equal(line.kind, LINE_COMMAND);
	line_to_lua(&line, is_object, NULL, &got);
	assert_string_equal(buf_str(&got), want);
	buf_clear(&got);
	line_clear(&line);
}

static void fails(const char *text, size_t len, const char *part)
{
	struct line line;
	struct err err;

	assert_true(line_parse(&line, text, len, &err) < 0);
	assert_string_equal(err.code, "usage");
	if (!strstr(err.message, part))
		fail_msg("\"%s\" lacks \"%s\"", err.message, part);
	line_clear(&line);
}

static void test_kinds(void **unused)
{
	static const char *const commands[] = {
		"listen 80",  " state ",       "state",		  "c1 send hi",
		"x recv",     "a = connect 1", "a=connect 1",	  "a = c1 recv line",
		"close c1 &", "state\tc1",     "recv c1 until =", "send c1 (",
	};
	static const char *const luas[] = {
		"listen(80)",  "state = 3",    "state == 3",
		"state(c1)",   "recv (c1)",    "state.x",
		"c1:send('')", "a = b",	       "local state",
		"not state",   "return state", "1 + 1",
		"x",	       "x = 1",	       "if state then end",
		"listenn 80",  "state, x = 1", "= state",
		"c1 sendd hi",
	};
	size_t i;

	(void)unused;
	for (i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		is_kind(LINE_COMMAND, commands[i]);
	for (i = 0; i < sizeof(luas) / sizeof(*luas); i++)
		is_kind(LINE_LUA, luas[i]);
	is_kind(LINE_EMPTY, "");
	is_kind(LINE_EMPTY, " \t\r\n ");
}

static void test_name_and_object(void **unused)
{
	struct line line;

	(void)unused;
	parse_ok(&line, "data = c1 recv line timeout=2 &");
	assert_string_equal(line.name, "data");
	assert_string_equal(line.object, "c1");
	assert_string_equal(line.cmd->name, "recv");
	assert_true(line.background);
	assert_int_equal(line.words, 2);
	line_clear(&line);
	parse_ok(&line, "send c1 \"&\"");
	assert_false(line.background);
	line_clear(&line);
	parse_ok(&line, "send c1 a&");
	assert_false(line.background);
	assert_string_equal(line.word[1].data, "a&");
	line_clear(&line);
}

static void test_words(void **unused)
{
	(void)unused;
	words_are("send c1 hello world", "<c1><hello><world>");
	words_are("send c1 \"hello  world\"", "<c1><hello  world\">");
	words_are("send c1 'a \"b\" \\n'", "<c1><a \"b\" \\n\">");
	words_are("send c1 a\"b c\"d", "<c1><ab cd\">");
	words_are("send c1 \"\"", "<c1><\">");
	words_are("send c1 it\\n", "<c1><it\\n>");
	words_are("recv c1 line timeout=50ms", "<c1><line><timeout=50ms>");
	words_are("recv c1 \"timeout=50ms\"", "<c1><timeout=50ms\">");
	words_are("recv c1 'timeout'=2", "<c1><timeout=2\">");
	words_are("send c1 file=\"a b\"", "<c1><file=a b\">");
	words_are("send c1 x=1", "<c1><x=1>");
	words_are("send c1 timeout=", "<c1><timeout=>");
	words_are("send c1 \xe4\xbd\xa0 \xff", "<c1><\xe4\xbd\xa0><\xff>");
}

static void test_notation_quotes(void **unused)
{
	(void)unused;
	words_are("expect server P. \"a \\x41\"", "<server><P.><\"a \\x41\"\">");
	words_are("expect server P. 'a b'", "<server><P.><'a b'\">");
	words_are("expect 'P. 1:3(2) \"hi\"'", "<P. 1:3(2) \"hi\"\">");
	words_are("expect server P. data=\"a b\"", "<server><P.><data=a b\">");
	lua_is("expect server \"hi\"", "expect(\"server\", \"\\\"hi\\\"\")");
	fails("expect server \"hi", 17, "not closed");
}

static void test_escapes(void **unused)
{
	struct line line;

	(void)unused;
	words_are("send c1 \"\\r\\n\\t\\\\\\\"\\'\"", "<c1><\r\n\t\\\"'\">");
	words_are("send c1 \"\\x41\\66\\0667\"", "<c1><ABB7\">");
	words_are("send c1 \"\\u{4f60}\\u{7f}\\u{10FFFF}\"",
		  "<c1><\xe4\xbd\xa0\x7f\xf4\x8f\xbf\xbf\">");
	words_are("send c1 \"a\\z   b\"", "<c1><ab\">");
	parse_ok(&line, "send c1 \"a\\0b\\x00\"");
	assert_int_equal(line.word[1].len, 4);
	assert_memory_equal(line.word[1].data, "a\0b\0", 5);
	line_clear(&line);
}

static void test_bad_words(void **unused)
{
	static const char *const bad[] = { "\"\\q\"",		"\"\\x4\"",
					   "\"\\xg0\"",		"\"\\256\"",
					   "\"\\u{}\"",		"\"\\u{4f60\"",
					   "\"\\u{80000000}\"", "\"\\u4f60\"" };
	char text[64];
	size_t i;

	(void)unused;
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		snprintf(text, sizeof(text), "send c1 %s", bad[i]);
		fails(text, strlen(text), "escape");
	}
	fails("send c1 \"open", 13, "quote \" is not closed");
	fails("send c1 'open", 13, "quote ' is not closed");
	fails("send c1 \"open\\", 14, "not closed");
	fails("send c1 \"open\\\"", 15, "not closed");
	fails("send c1 a\0b", 11, "NUL");
	fails("recv c1 timeout=1 timeout=2", 27, "recv: timeout= is given twice");
}

static void test_lua_may_hold_nul(void **unused)
{
	struct line line;
	struct err err;

	(void)unused;
	assert_int_equal(line_parse(&line, "x = '\0'", 7, &err), 0);
	assert_int_equal(line.kind, LINE_LUA);
	line_clear(&line);
}

static void test_to_lua(void **unused)
{
	(void)unused;
	lua_is("recv c1 line timeout=2", "recv(c1, \"line\", {timeout = 2})");
	lua_is("c1 send \"hi\\n\"", "c1:send(\"hi\\n\")");
	lua_is("a = connect 127.0.0.1:80", "a = connect(\"127.0.0.1:80\")");
	lua_is("listen 7788 backlog=5 reuse=no",
	       "listen(7788, {backlog = 5, reuse = false})");
	lua_is("send c1 12", "send(c1, \"12\")");
	lua_is("send c1 c1", "send(c1, \"c1\")");
	lua_is("send c1 \"\\0\\xff\"", "send(c1, \"\\x00\\xff\")");
	lua_is("recv 1024", "recv(1024)");
	lua_is("close c1 x", "close(c1, x)");
	lua_is("accept", "accept()");
	lua_is("recv timeout=50ms", "recv({timeout = \"50ms\"})");
	lua_is("recv c1 exactly 007", "recv(c1, \"exactly\", \"007\")");
}

static void test_many_words(void **unused)
{
	struct buf text = BUF_EMPTY;
	struct line line;
	int i;

	(void)unused;
	buf_adds(&text, "close");
	for (i = 0; i < LINE_WORDS_MAX; i++)
		buf_adds(&text, " x");
	parse_ok(&line, text.data);
	assert_int_equal(line.words, LINE_WORDS_MAX);
	line_clear(&line);
	buf_adds(&text, " x");
	fails(text.data, text.len, "more than 200 words");
	buf_clear(&text);
}

static int arg_index(const char *text, size_t i)
{
	struct line line;
	int at;

	parse_ok(&line, text);
	at = line_arg_index(&line, i, is_object, NULL);
	line_clear(&line);
	return at;
}

static void test_arg_index(void **unused)
{
	(void)unused;
	assert_int_equal(arg_index("recv c1 line", 0), 0);
	assert_int_equal(arg_index("recv c1 line", 1), 1);
	assert_int_equal(arg_index("recv line", 0), 1);
	assert_int_equal(arg_index("c1 recv line", 0), 1);
	assert_int_equal(arg_index("send hello big world", 2), 1);
	assert_int_equal(arg_index("recv timeout=2 line", 1), 1);
	assert_int_equal(arg_index("accept l1 l1", 1), -1);
}

/* Any bytes: no crash, no read past the end (the sanitizers see it). */
static void test_any_bytes(void **unused)
{
	static const char alphabet[] = "send recv c1=\"'\\x4u{}\n\t z&\xe4\xff\x80"
				       "0";
	unsigned int seed = 1;
	struct line line;
	struct err err;
	char *text;
	size_t i, len, round;

	(void)unused;
	for (round = 0; round < 20000; round++) {
		seed = seed * 1103515245 + 12345;
		len = seed >> 16 & 31;
		text = xmalloc(len + 8);
		memcpy(text, "send c1 ", 8);
		for (i = 0; i < len; i++) {
			seed = seed * 1103515245 + 12345;
			text[8 + i] = alphabet[(seed >> 16) % (sizeof(alphabet) - 1)];
		}
		(void)line_parse(&line, text, len + 8, &err);
		line_clear(&line);
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "a line is a command or Lua by its first words", test_kinds, NULL, NULL,
		  NULL },
		{ "NAME =, OBJECT and & stand around the command", test_name_and_object,
		  NULL, NULL, NULL },
		{ "words, quotes and options", test_words, NULL, NULL, NULL },
		{ "the quotes of a segment's DATA are the notation's",
		  test_notation_quotes, NULL, NULL, NULL },
		{ "double quotes know Lua's escapes", test_escapes, NULL, NULL, NULL },
		{ "bad escapes, open quotes, NUL bytes and an option twice are said",
		  test_bad_words, NULL, NULL, NULL },
		{ "Lua is left alone, whatever is in it", test_lua_may_hold_nul, NULL,
		  NULL, NULL },
		{ "a typed line and its Lua are the same call", test_to_lua, NULL, NULL,
		  NULL },
		{ "a line has no more words than a call in Lua has arguments",
		  test_many_words, NULL, NULL, NULL },
		{ "a word's argument is found with the socket left out", test_arg_index,
		  NULL, NULL, NULL },
		{ "no bytes break the parser", test_any_bytes, NULL, NULL, NULL },
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
