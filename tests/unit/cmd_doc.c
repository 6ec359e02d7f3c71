/* cmd_doc.c - every row is documented, and all that is written from the rows has all of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <locale.h>

#include "cmd/app.h"
#include "cmd/doc.h"
#include "cmd/doc_parts.h"
#include "cmd/doc_roff.h"
#include "cmd/lang.h"
#include "cmd/settings.h"
#include "sys/sockopt.h"
#include "tcp/state.h"
#include "tcp/topics.h"

static bool contains(const struct buf *b, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static bool contains(const struct buf *b, const char *fmt, ...)
{
	struct buf want = BUF_EMPTY;
	va_list ap;
	bool found;

	va_start(ap, fmt);
	buf_addv(&want, fmt, ap);
	va_end(ap);
	found = strstr(buf_str(b), buf_str(&want)) != NULL;
	if (!found)
		print_error("missing: %s\n", buf_str(&want));
	buf_clear(&want);
	return found;
}

/* Help is read on a terminal of 80 columns, and in C too. */
static void fits_the_terminal(const struct buf *b)
{
	const char *p, *end;

	assert_true(b->len > 0);
	assert_int_equal(b->data[b->len - 1], '\n');
	for (p = b->data; *p; p = end + 1) {
		end = strchr(p, '\n');
		if (end - p > DOC_WIDTH)
			print_error("too long: %.*s\n", (int)(end - p), p);
		assert_true(end - p <= DOC_WIDTH);
		assert_true(end == p || end[-1] != ' ');
		for (; p < end; p++)
			assert_true(*p >= ' ' && *p < 0x7f);
	}
}

static void every_row_has_summary_example_and_returns(void **unused)
{
	const struct cmd *const *c;

	(void)unused;
	for (c = commands(); *c; c++) {
		const struct cmd *cmd = *c;

		assert_true(cmd->group && *cmd->group);
		assert_true(cmd->summary && *cmd->summary && strlen(cmd->summary) <= 60);
		assert_null(strchr(cmd->summary, '\n'));
		assert_int_not_equal(cmd->summary[strlen(cmd->summary) - 1], '.');
		assert_true(cmd->example && *cmd->example);
		assert_int_not_equal(cmd->example[strlen(cmd->example) - 1], '\n');
		assert_true(cmd->returns && *cmd->returns);
		assert_true(cmd->exec || cmd->native || cmd->module);
		assert_ptr_equal(command_find(cmd->name), cmd);
	}
}

static void args_are_described(const struct arg *a, bool option)
{
	for (; a->name; a++) {
		assert_true(a->text && *a->text);
		assert_null(strchr(a->text, '\n'));
		if (a->type == ARG_WORD || a->type == ARG_WORD_OR_SIZE)
			assert_true(a->words && *a->words);
		if (a->type == ARG_INT)
			assert_true(a->min < a->max);
		if (option)
			assert_true(a->flags & ARG_OPTIONAL);
		/* Only the last one can take all that follow. */
		if (a->flags & ARG_MANY)
			assert_null(a[1].name);
	}
}

static void every_argument_has_a_text(void **unused)
{
	const struct cmd *const *c;

	(void)unused;
	for (c = commands(); *c; c++) {
		args_are_described((*c)->arg, false);
		args_are_described((*c)->option, true);
	}
}

static void no_name_means_two_commands(void **unused)
{
	const struct cmd *const *c, *const *other;

	(void)unused;
	for (c = commands(); *c; c++)
		for (other = c + 1; *other; other++)
			assert_string_not_equal((*c)->name, (*other)->name);
}

static void the_overview_lists_every_command_once(void **unused)
{
	const struct cmd *const *c;
	struct buf out = BUF_EMPTY, line = BUF_EMPTY;
	const char *at;

	(void)unused;
	doc_overview("en", &out);
	fits_the_terminal(&out);
	for (c = commands(); *c; c++) {
		buf_reset(&line);
		buf_addf(&line, "  %s\n", (*c)->summary);
		at = strstr(buf_str(&out), buf_str(&line));
		assert_non_null(at);
		assert_null(strstr(at + 1, buf_str(&line)));
		assert_true(contains(&out, "\n  %s ", (*c)->name));
	}
	assert_true(contains(&out, "help states"));
	assert_true(contains(&out, "help /WORD"));
	buf_clear(&line);
	buf_clear(&out);
}

static void help_of_a_command_tells_all_of_its_row(void **unused)
{
	const struct cmd *const *c;
	const struct arg *a;
	struct buf out = BUF_EMPTY;

	(void)unused;
	for (c = commands(); *c; c++) {
		buf_reset(&out);
		doc_command("en", *c, &out);
		fits_the_terminal(&out);
		assert_int_equal(strncmp(out.data, (*c)->name, strlen((*c)->name)), 0);
		assert_true(contains(&out, "%s", (*c)->summary));
		assert_true(contains(&out, "\n  tcpstep> %.*s\n",
				     (int)strcspn((*c)->example, "\n"), (*c)->example));
		assert_true(contains(&out, "\nin Lua\n"));
		assert_true(contains(&out, "\n  gives "));
		for (a = (*c)->arg; a->name; a++)
			assert_true(contains(&out, "\n  %s ", a->name));
		for (a = (*c)->option; a->name; a++)
			assert_true(contains(&out, "\n  %s= ", a->name));
	}
	buf_clear(&out);
}

static void lua_form_is(const char *name, bool method, const char *want)
{
	struct buf out = BUF_EMPTY;

	assert_true(doc_lua_form(command_find(name), method, &out));
	assert_string_equal(buf_str(&out), want);
	buf_clear(&out);
}

static void the_last_use_is_shown_as_lua(void **unused)
{
	struct buf out = BUF_EMPTY;

	(void)unused;
	lua_form_is("listen", false, "listen(7788, {backlog = 5})");
	lua_form_is("connect", false, "connect(\"127.0.0.1:7788\")");
	lua_form_is("recv", false, "recv(s1, \"line\")");
	lua_form_is("recv", true, "s1:recv(\"line\")");
	lua_form_is("shutdown", true, "c1:shutdown(\"send\")");
	assert_false(doc_lua_form(command_find("listen"), true, &out));
	assert_int_equal(out.len, 0);
	buf_clear(&out);
}

static void returns_is(const char *type, const char *want)
{
	struct buf out = BUF_EMPTY;

	doc_returns("en", type, &out);
	assert_string_equal(buf_str(&out), want);
	buf_clear(&out);
}

static void types_are_said_in_words(void **unused)
{
	(void)unused;
	returns_is(NULL, "nothing");
	returns_is("string?", "a string or nil");
	returns_is("string|table", "a string or a table");
	returns_is("any, error?", "a value, an error or nil");
	returns_is("table[]", "a list of tables");
	returns_is("strange", "strange");
}

static void flow_is(const char *text, size_t at, size_t indent, const char *want)
{
	struct buf out = BUF_EMPTY;

	doc_flow(&out, text, at, indent);
	assert_string_equal(buf_str(&out), want);
	buf_clear(&out);
}

static void text_is_filled_into_lines(void **unused)
{
	static const char long_word[] =
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";

	(void)unused;
	flow_is("", 0, 0, "");
	flow_is("one\ntwo", 0, 0, "one two\n");
	flow_is("one\n\ntwo\n", 0, 0, "one\n\ntwo\n");
	flow_is("one\n  as it  stands\ntwo", 0, 0, "one\n  as it  stands\ntwo\n");
	flow_is("one\n\ntwo", 2, 2, "one\n\n  two\n");
	flow_is(long_word, 20, 20,
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n");
	flow_is("four five six "
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
		0, 3,
		"four five six\n   "
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n");
}

static void help_knows(const char *group, const char *word, const char *text)
{
	struct buf out = BUF_EMPTY;

	assert_true(doc_about("en", group, word, &out));
	assert_true(contains(&out, "%s", text));
	buf_clear(&out);
}

static void help_knows_commands_states_errors_options_and_settings(void **unused)
{
	struct buf out = BUF_EMPTY;

	(void)unused;
	help_knows(NULL, "connect", "connect ADDR:PORT");
	help_knows(NULL, "TIME_WAIT", "RFC");
	help_knows(NULL, "ECONNREFUSED", "RST");
	help_knows(NULL, "states", "ESTABLISHED");
	help_knows("errors", "ECONNREFUSED", "RST");
	help_knows("option", "nodelay", "TCP_NODELAY");
	help_knows(NULL, "TCP_NODELAY", "option SOCKET nodelay VALUE");
	help_knows("set", "echo", "set echo VALUE");
	help_knows(NULL, "line", "command");
	help_knows(NULL, "lua", "spawn");
	assert_false(doc_about("en", NULL, "nothing like it", &out));
	assert_false(doc_about("en", "errors", "TIME_WAIT", &out));
	assert_false(doc_about("en", "nothing", "connect", &out));
	assert_int_equal(out.len, 0);
	buf_clear(&out);
}

static void a_word_with_two_meanings_names_the_other(void **unused)
{
	(void)unused;
	help_knows(NULL, "listen", "\nmore: help states LISTEN\n");
	help_knows(NULL, "timeout", "\nmore: help set timeout\n");
}

static void about(const char *lang, const char *word, struct buf *out)
{
	buf_reset(out);
	assert_true(doc_about(lang, NULL, word, out));
}

static void the_lists_name_all_of_their_group(void **unused)
{
	struct buf out = BUF_EMPTY, errors = BUF_EMPTY;
	size_t i, n;

	(void)unused;
	about("en", "states", &out);
	assert_int_equal(strncmp(buf_str(&out), state_diagram(), strlen(state_diagram())),
			 0);
	about("en", "errors", &errors);
	for (i = n = 0; i < topic_count; i++) {
		bool state = strcmp(topics[i].group, "states") == 0;

		if (strcmp(topics[i].group, "guide") == 0)
			continue;
		n++;
		assert_true(contains(state ? &out : &errors, "%s", topics[i].summary));
	}
	assert_true(n > 11 + 38);
	about("en", "line", &out);
	assert_string_equal(buf_str(&out), topic_find("line")->text);
	buf_clear(&errors);
	buf_clear(&out);
}

static void help_in_chinese_falls_back_to_english(void **unused)
{
	struct buf out = BUF_EMPTY;

	(void)unused;
	about("zh", "connect", &out);
	assert_true(contains(&out, "connect ADDR:PORT [from=ADDR:PORT]"));
	assert_true(contains(&out, "三次握手"));
	assert_true(contains(&out, "\n示例\n  tcpstep> listen 7788\n"));
	assert_true(contains(&out, "（地址和端口；默认：由内核选择）"));
	assert_false(contains(&out, "default"));
	assert_string_equal(lang_text("zh", "as it is", "no.such.key"), "as it is");
	assert_null(lang_text("zh", NULL, "connect.detail"));
	assert_true(doc_search("zh", "三次握手", &out) > 1);
	buf_clear(&out);
}

static void the_states_are_drawn_alike_in_chinese(void **unused)
{
	struct buf out = BUF_EMPTY;
	const char *line, *end;

	(void)unused;
	about("zh", "states", &out);
	for (line = state_diagram(); *line; line = end + 1) {
		end = strchr(line, '\n');
		if (*line == ' ')
			assert_true(contains(&out, "\n%.*s\n", (int)(end - line), line));
	}
	buf_clear(&out);
}

static void chinese_is_broken_between_characters(void **unused)
{
	static const char ten[] = "一二三四五六七八九十";
	struct buf text = BUF_EMPTY, out = BUF_EMPTY;
	int i;

	(void)unused;
	for (i = 0; i < 4; i++)
		buf_adds(&text, ten);
	/* 78 columns are 39 characters. */
	doc_flow(&out, buf_str(&text), 0, 2);
	assert_string_equal(buf_str(&out) + 39 * 3, "\n  十\n");
	/* A stop does not begin a line: it takes its character along. */
	buf_reset(&out);
	buf_reset(&text);
	buf_addf(&text, "%s%s%s一二三四五六七八九，末", ten, ten, ten);
	doc_flow(&out, buf_str(&text), 0, 0);
	assert_string_equal(buf_str(&out) + 38 * 3, "\n九，末\n");
	buf_clear(&text);
	buf_clear(&out);
	flow_is("两行\n相接", 0, 0, "两行相接\n");
	flow_is("从 SYN\n到 FIN", 0, 0, "从 SYN 到 FIN\n");
}

static void all_that_can_be_asked_for_fits_the_terminal(void **unused)
{
	struct buf out = BUF_EMPTY;
	size_t i;

	(void)unused;
	for (i = 0; i < topic_count; i++) {
		buf_reset(&out);
		assert_true(doc_about("en", topics[i].group, topics[i].name, &out));
		fits_the_terminal(&out);
	}
	for (i = 0; i < sockopt_count; i++) {
		buf_reset(&out);
		assert_true(doc_about("en", "option", sockopt_table[i].name, &out));
		fits_the_terminal(&out);
	}
	for (i = 0; i < settings_count; i++) {
		buf_reset(&out);
		assert_true(doc_about("en", "set", settings_table[i].name, &out));
		fits_the_terminal(&out);
	}
	buf_reset(&out);
	doc_usage("en", &out);
	fits_the_terminal(&out);
	buf_clear(&out);
}

static void a_search_finds_any_case_and_says_how_many(void **unused)
{
	struct buf out = BUF_EMPTY, upper = BUF_EMPTY;
	int n = doc_search("en", "backlog", &out);

	(void)unused;
	assert_true(n > 1);
	fits_the_terminal(&out);
	assert_true(contains(&out, "\n  listen "));
	assert_int_equal(doc_search("en", "BackLog", &upper), n);
	assert_string_equal(buf_str(&out), buf_str(&upper));
	buf_reset(&out);
	assert_int_equal(doc_search("en", "no such word anywhere", &out), 0);
	assert_int_equal(out.len, 0);
	assert_true(doc_search("en", "TCP_NODELAY", &out) > 0);
	assert_true(contains(&out, "  nodelay "));
	buf_clear(&out);
	buf_clear(&upper);
}

static void misspelt_words_are_guessed_from_all_kinds(void **unused)
{
	(void)unused;
	assert_string_equal(doc_nearest("conect"), "connect");
	assert_string_equal(doc_nearest("TIME_WIAT"), "TIME_WAIT");
	assert_string_equal(doc_nearest("nodelya"), "nodelay");
	assert_string_equal(doc_nearest("colours"), "colour");
	assert_null(doc_nearest("xyzzyxyzzy"));
	assert_null(doc_nearest(""));
}

static void generate(const char *kind, struct buf *out)
{
	buf_reset(out);
	assert_int_equal(doc_generate(kind, out), 0);
	assert_true(out->len > 0);
	assert_int_equal(out->data[out->len - 1], '\n');
}

static void a_kind_is_written(void *arg, const char *kind)
{
	generate(kind, arg);
}

static void every_kind_that_the_option_names_is_written(void **unused)
{
	const struct doc_flag *f;
	struct buf out = BUF_EMPTY;
	char *kinds, *bar;
	int found = 0;

	(void)unused;
	for (f = doc_flags; f->name; f++) {
		if (strcmp(f->name, "--generate") != 0)
			continue;
		found++;
		kinds = xstrdup(f->takes);
		while ((bar = strchr(kinds, '|')))
			*bar = ' ';
		doc_words(kinds, a_kind_is_written, &out);
		free(kinds);
	}
	assert_int_equal(found, 1);
	buf_clear(&out);
}

static void unknown_kinds_are_refused(void **unused)
{
	struct buf out = BUF_EMPTY;

	(void)unused;
	assert_int_equal(doc_generate("html", &out), -EINVAL);
	assert_int_equal(doc_generate("", &out), -EINVAL);
	assert_int_equal(out.len, 0);
	buf_clear(&out);
}

static void the_man_page_has_every_command_option_state_and_error(void **unused)
{
	static const char *const sections[] = {
		"NAME",	       "SYNOPSIS", "DESCRIPTION", "OPTIONS", "COMMANDS",
		"THE LINE",    "LUA",	   "STATES",	  "FILES",   "ENVIRONMENT",
		"EXIT STATUS", "EXAMPLES", "SEE ALSO",
	};
	struct buf out = BUF_EMPTY;
	const struct cmd *const *c;
	size_t i;

	(void)unused;
	generate("man", &out);
	for (i = 0; i < sizeof(sections) / sizeof(*sections); i++)
		assert_true(contains(&out, "\n.SH \"%s\"\n", sections[i]));
	for (c = commands(); *c; c++)
		assert_true(contains(&out, "\n.TP\n\\fB%s\\fR", (*c)->name));
	for (i = 1; i < STATE_COUNT; i++)
		assert_true(contains(&out, "\\fB%s\\fR", state_name((enum tcp_state)i)));
	for (i = 0; i < topic_count; i++)
		if (strcmp(topics[i].group, "errors") == 0)
			assert_true(contains(&out, "\\fB%s\\fR", topics[i].name));
	assert_true(contains(&out, "tcpstep " TCPSTEP_VERSION));
	buf_clear(&out);
}

static void roff_is(const char *text, const char *want)
{
	struct buf out = BUF_EMPTY;

	roff_prose(&out, text, ".PP");
	assert_string_equal(buf_str(&out), want);
	buf_clear(&out);
}

static void text_becomes_roff_that_says_the_same(void **unused)
{
	(void)unused;
	roff_is("plain\n", "plain\n");
	roff_is(".not a request\n", "\\&.not a request\n");
	roff_is("'not either'\n", "\\(aqnot either\\(aq\n");
	roff_is("a-b \\r\\n ~ ^\n", "a\\-b \\er\\en \\(ti \\(ha\n");
	roff_is("one\n\ntwo\n", "one\n.PP\ntwo\n");
	roff_is("one\n    code\n      more\n\nend\n",
		"one\n.in +4n\n.EX\ncode\n  more\n.EE\n.in\n.PP\nend\n");
	roff_is("In   this\n     and that\nOut  there\n",
		".TP\nIn\nthis\nand that\n.TP\nOut\nthere\n");
}

static void the_completions_know_every_command_and_option(void **unused)
{
	static const char *const kinds[] = { "bash", "zsh" };
	const struct cmd *const *c;
	const struct doc_flag *f;
	struct buf out = BUF_EMPTY;
	int i;

	(void)unused;
	for (i = 0; i < 2; i++) {
		generate(kinds[i], &out);
		for (c = commands(); *c; c++)
			assert_true(contains(&out, "%s", (*c)->name));
		for (f = doc_flags; f->name; f++)
			assert_true(contains(&out, "%s", f->name));
		assert_true(contains(&out, "*.lua"));
	}
	buf_clear(&out);
}

static void the_lua_files_declare_every_command(void **unused)
{
	const struct cmd *const *c;
	const struct arg *a;
	struct buf out = BUF_EMPTY;
	size_t i;

	(void)unused;
	generate("lua-meta", &out);
	assert_int_equal(strncmp(out.data, "---@meta", 8), 0);
	for (c = commands(); *c; c++) {
		bool wire = strcmp((*c)->name, "wire") == 0;

		/* A name that Lua has a function for stays Lua's; wire is an object as well. */
		assert_true(contains(&out, "\nfunction %s(", (*c)->name) ==
			    (!(*c)->lua && !wire));
		if (wire)
			assert_true(contains(&out, "\n%s = {}\n", (*c)->name));
		else if (strcmp((*c)->group, "lab and wire") == 0 && (*c)->on_host)
			assert_true(contains(&out, "\nfunction wire:%s(", (*c)->name));
		if (doc_is_sock((*c)->arg))
			assert_true(contains(&out, "\nfunction socket:%s(", (*c)->name));
		for (a = (*c)->option; a->name; a++)
			assert_true(contains(&out, "\n---@field %s? ", a->name));
	}
	for (i = 0; i < sockopt_count; i++)
		assert_true(contains(&out, "\n---| \"%s\" # ", sockopt_table[i].name));
	generate("luacheck", &out);
	for (c = commands(); *c; c++)
		assert_true(contains(&out, "\t\"%s\",\n", (*c)->name));
	buf_clear(&out);
}

static void what_is_generated_is_the_same_each_time(void **unused)
{
	static const char *const kinds[] = { "man", "bash", "zsh", "lua-meta",
					     "luacheck" };
	struct buf one = BUF_EMPTY, two = BUF_EMPTY;
	size_t i;

	(void)unused;
	for (i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		generate(kinds[i], &one);
		generate(kinds[i], &two);
		assert_string_equal(buf_str(&one), buf_str(&two));
	}
	buf_clear(&one);
	buf_clear(&two);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_has_summary_example_and_returns),
		cmocka_unit_test(every_argument_has_a_text),
		cmocka_unit_test(no_name_means_two_commands),
		cmocka_unit_test(the_overview_lists_every_command_once),
		cmocka_unit_test(help_of_a_command_tells_all_of_its_row),
		cmocka_unit_test(the_last_use_is_shown_as_lua),
		cmocka_unit_test(types_are_said_in_words),
		cmocka_unit_test(text_is_filled_into_lines),
		cmocka_unit_test(help_knows_commands_states_errors_options_and_settings),
		cmocka_unit_test(a_word_with_two_meanings_names_the_other),
		cmocka_unit_test(the_lists_name_all_of_their_group),
		cmocka_unit_test(help_in_chinese_falls_back_to_english),
		cmocka_unit_test(the_states_are_drawn_alike_in_chinese),
		cmocka_unit_test(chinese_is_broken_between_characters),
		cmocka_unit_test(all_that_can_be_asked_for_fits_the_terminal),
		cmocka_unit_test(a_search_finds_any_case_and_says_how_many),
		cmocka_unit_test(misspelt_words_are_guessed_from_all_kinds),
		cmocka_unit_test(every_kind_that_the_option_names_is_written),
		cmocka_unit_test(unknown_kinds_are_refused),
		cmocka_unit_test(the_man_page_has_every_command_option_state_and_error),
		cmocka_unit_test(text_becomes_roff_that_says_the_same),
		cmocka_unit_test(the_completions_know_every_command_and_option),
		cmocka_unit_test(the_lua_files_declare_every_command),
		cmocka_unit_test(what_is_generated_is_the_same_each_time),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
