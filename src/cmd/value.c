/* value.c - what goes into a command and comes out: plain data, no Lua in it. */
#include "cmd/value.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

struct value value_bool(bool b)
{
	return (struct value){ .kind = VALUE_BOOL, .b = b };
}

struct value value_int(long long i)
{
	return (struct value){ .kind = VALUE_INT, .i = i };
}

struct value value_num(double n)
{
	return (struct value){ .kind = VALUE_NUM, .n = n };
}

struct value value_static(const char *s)
{
	struct value v = { .kind = s ? VALUE_STR : VALUE_NIL };

	v.str.data = s;
	v.str.len = s ? strlen(s) : 0;
	return v;
}

struct value value_copy(const char *data, size_t len)
{
	struct value v = { .kind = VALUE_STR, .owned = true };

	v.str.data = xstrndup(data, len);
	v.str.len = len;
	return v;
}

struct value value_text(const char *s)
{
	return value_copy(s, strlen(s));
}

struct value value_sock(struct sock *sock)
{
	return (struct value){ .kind = VALUE_SOCK, .sock = sock };
}

struct value value_host(struct host *host)
{
	return (struct value){ .kind = VALUE_HOST, .host = host };
}

struct value value_function(const struct value_asker *by, void *arg)
{
	return (struct value){ .kind = VALUE_FUNCTION,
			       .owned = true,
			       .function = { by, arg } };
}

struct value value_table(void)
{
	return (struct value){ .kind = VALUE_TABLE,
			       .t = xcalloc(1, sizeof(struct value_table)) };
}

struct value *value_add(struct value *table, const char *key, struct value v)
{
	struct value_table *t = table->t;

	if (t->n == t->size) {
		t->size = t->size ? t->size * 2 : 8;
		t->field = xrealloc(t->field, t->size * sizeof(*t->field));
	}
	t->field[t->n] = (struct value_field){ key, v };
	return &t->field[t->n++].value;
}

const struct value *value_get(const struct value *table, const char *key)
{
	size_t i;

	if (table->kind != VALUE_TABLE)
		return NULL;
	for (i = 0; i < table->t->n; i++)
		if (table->t->field[i].key && strcmp(table->t->field[i].key, key) == 0)
			return &table->t->field[i].value;
	return NULL;
}

void value_clear(struct value *v)
{
	size_t i;

	if (v->kind == VALUE_STR && v->owned)
		free((char *)v->str.data);
	if (v->kind == VALUE_FUNCTION && v->owned)
		v->function.by->free(v->function.arg);
	if (v->kind == VALUE_TABLE) {
		for (i = 0; i < v->t->n; i++)
			value_clear(&v->t->field[i].value);
		free(v->t->field);
		free(v->t);
	}
	*v = (struct value){ 0 };
}
