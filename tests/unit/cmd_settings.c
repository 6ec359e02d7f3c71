/* cmd_settings.c - the settings: their texts go both ways, bad ones change nothing; and set. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cmd/settings.h"
#include "app.h"

/* Sets from text and gives back what get says then; new. NULL when it was refused. */
static char *after_set(const char *name, const char *text, struct err *err)
{
	const struct setting *s = settings_find(name);
	struct buf out = BUF_EMPTY;
	char *got;

	assert_non_null(s);
	if (s->set(app, text, err) < 0)
		return NULL;
	s->get(app, &out);
	got = xstrdup(buf_str(&out));
	buf_clear(&out);
	return got;
}

static void becomes(const char *name, const char *text, const char *want)
{
	struct err err;
	char *got = after_set(name, text, &err);

	assert_non_null(got);
	assert_string_equal(got, want);
	free(got);
}

static void refused(const char *name, const char *text)
{
	struct err err;

	assert_null(after_set(name, text, &err));
	assert_string_equal(err.code, "usage");
	assert_non_null(strstr(err.message, name));
}

static void every_setting_has_texts_and_functions(void **unused)
{
	size_t i;

	(void)unused;
	for (i = 0; i < settings_count; i++) {
		const struct setting *s = &settings_table[i];

		assert_ptr_equal(settings_find(s->name), s);
		assert_true(s->text && *s->text && strlen(s->text) <= 56);
		assert_true(s->standard && *s->standard);
		assert_true(s->get && s->set);
		assert_true(s->type == ARG_WORD || s->type == ARG_DURATION);
		assert_true((s->type == ARG_WORD) == (s->words != NULL));
	}
	assert_null(settings_find("nothing"));
	assert_null(settings_find(""));
	assert_null(settings_find("TIMEOUT"));
}

static void every_word_of_a_setting_is_taken_and_given_back(void **unused)
{
	size_t i;

	(void)unused;
	app->utf8 = true;
	for (i = 0; i < settings_count; i++) {
		const struct setting *s = &settings_table[i];
		char *words, *word, *save = NULL;

		if (!s->words)
			continue;
		words = xstrdup(s->words);
		for (word = strtok_r(words, " ", &save); word;
		     word = strtok_r(NULL, " ", &save))
			becomes(s->name, word, word);
		free(words);
	}
}

static void timeout_is_seconds_with_units_or_off(void **unused)
{
	(void)unused;
	becomes("timeout", "2", "2");
	assert_true(app->set.timeout == 2);
	becomes("timeout", "50ms", "0.05");
	becomes("timeout", "0.05", "0.05");
	becomes("timeout", "2m", "120");
	becomes("timeout", "off", "off");
	assert_true(app->set.timeout < 0);
}

static void a_bad_value_changes_nothing(void **unused)
{
	(void)unused;
	becomes("timeout", "3", "3");
	refused("timeout", "-1");
	refused("timeout", "1e3");
	refused("timeout", "soon");
	refused("timeout", "");
	assert_true(app->set.timeout == 3);
	becomes("echo", "lua", "lua");
	refused("echo", "on");
	assert_true(app->set.echo_lua);
	becomes("json", "off", "off");
	refused("json", "maybe");
	refused("json", "");
	assert_false(app->set.json);
}

static void chinese_is_only_set_where_it_can_be_shown(void **unused)
{
	(void)unused;
	app->utf8 = false;
	becomes("lang", "en", "en");
	refused("lang", "zh");
	assert_string_equal(app->set.lang, "en");
	app->utf8 = true;
	becomes("lang", "zh", "zh");
	refused("lang", "fr");
	assert_string_equal(app->set.lang, "zh");
	becomes("lang", "en", "en");
}

static void booleans_of_lua_are_on_and_off(void **unused)
{
	(void)unused;
	becomes("events", "yes", "on");
	becomes("events", "no", "off");
	becomes("echo", "no", "off");
}

/* Runs `set NAME VALUE`; NULL leaves an argument out. */
static int set(const char *name, const char *value, struct call *call)
{
	int rc;

	call_init(call, app, command_find("set"));
	err_clear(&call->err);
	call->arg[0] = value_static(name);
	call->arg[1] = value_static(value);
	rc = call->cmd->exec(call);
	return rc;
}

static void set_alone_lists_all(void **unused)
{
	struct call call;
	struct buf out = BUF_EMPTY;
	size_t i;

	(void)unused;
	assert_int_equal(set(NULL, NULL, &call), 0);
	assert_int_equal(call.result.t->n, settings_count);
	call.cmd->show(&call, &out);
	for (i = 0; i < settings_count; i++) {
		assert_non_null(value_get(&call.result, settings_table[i].name));
		assert_non_null(strstr(buf_str(&out), settings_table[i].text));
	}
	buf_clear(&out);
	call_end(&call);
}

static void set_gives_the_value_that_then_stands(void **unused)
{
	struct call call;

	(void)unused;
	assert_int_equal(set("timeout", "1m", &call), 0);
	assert_string_equal(call.result.str.data, "60");
	call_end(&call);
	assert_int_equal(set("timeout", NULL, &call), 0);
	assert_string_equal(call.result.str.data, "60");
	call_end(&call);
}

static void a_misspelt_setting_is_guessed(void **unused)
{
	struct call call;

	(void)unused;
	assert_true(set("timout", "1", &call) < 0);
	assert_string_equal(call.err.code, "usage");
	assert_string_equal(call.err.message, "set: there is no setting \"timout\"; "
					      "did you mean \"timeout\"?");
	call_end(&call);
	assert_true(set("something", NULL, &call) < 0);
	assert_string_equal(call.err.message, "set: there is no setting \"something\"");
	assert_true(*call.err.hint);
	call_end(&call);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_setting_has_texts_and_functions),
		cmocka_unit_test(every_word_of_a_setting_is_taken_and_given_back),
		cmocka_unit_test(timeout_is_seconds_with_units_or_off),
		cmocka_unit_test(a_bad_value_changes_nothing),
		cmocka_unit_test(chinese_is_only_set_where_it_can_be_shown),
		cmocka_unit_test(booleans_of_lua_are_on_and_off),
		cmocka_unit_test(set_alone_lists_all),
		cmocka_unit_test(set_gives_the_value_that_then_stands),
		cmocka_unit_test(a_misspelt_setting_is_guessed),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
