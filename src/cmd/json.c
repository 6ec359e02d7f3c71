/* json.c - values as JSON (RFC 8259), one line, stable keys. */
#include "cmd/json.h"

#include <math.h>
#include <string.h>

#include "base/json.h"
#include "cmd/socks.h"

static void string_add(struct buf *out, const char *text)
{
	json_string(out, text, strlen(text));
}

static void json_table(struct buf *out, const struct value_table *t)
{
	bool record = t->n > 0 && t->field[0].key;
	size_t i;

	buf_addc(out, record ? '{' : '[');
	for (i = 0; i < t->n; i++) {
		if (i > 0)
			buf_addc(out, ',');
		if (record) {
			string_add(out, t->field[i].key);
			buf_addc(out, ':');
		}
		json_value(out, &t->field[i].value);
	}
	buf_addc(out, record ? '}' : ']');
}

void json_value(struct buf *out, const struct value *v)
{
	char name[SOCK_NAME_MAX];

	switch (v->kind) {
	case VALUE_NIL:
	case VALUE_FUNCTION:
	case VALUE_OTHER:
		buf_adds(out, "null");
		break;
	case VALUE_BOOL:
		buf_adds(out, v->b ? "true" : "false");
		break;
	case VALUE_INT:
		buf_addf(out, "%lld", v->i);
		break;
	case VALUE_NUM:
		if (isfinite(v->n))
			buf_addf(out, "%.14g", v->n);
		else
			buf_adds(out, "null");
		break;
	case VALUE_STR:
		json_string(out, v->str.data, v->str.len);
		break;
	case VALUE_SOCK:
		string_add(out, sock_name(v->sock, name));
		break;
	case VALUE_HOST:
		string_add(out, v->host ? v->host->name : "wire");
		break;
	case VALUE_TABLE:
		json_table(out, v->t);
		break;
	}
}

void json_field(struct buf *out, const char *key, const struct value *v)
{
	buf_addf(out, ",\"%s\":", key);
	json_value(out, v);
}

void json_bytes(struct buf *out, const char *data, size_t len)
{
	buf_addf(out, ",\"bytes\":%zu", len);
	json_data(out, data, len);
}
