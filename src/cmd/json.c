/* json.c - values as JSON (RFC 8259), one line, stable keys. */
#include "cmd/json.h"

#include <math.h>
#include <string.h>

#include "base/text.h"
#include "cmd/socks.h"

void json_string(struct buf *out, const char *data, size_t len)
{
	static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
	const char *found;
	unsigned int cp;
	size_t n;

	buf_addc(out, '"');
	for (; len > 0; data += n, len -= n) {
		n = utf8_decode(data, len, &cp);
		if (n == 0) {
			buf_adds(out, "\xef\xbf\xbd");
			n = 1;
			continue;
		}
		found = cp && cp < 0x80 ? strchr(from, (int)cp) : NULL;
		if (found)
			buf_addf(out, "\\%c", to[found - from]);
		else if (cp < 0x20 || (cp >= 0x7f && cp < 0xa0))
			buf_addf(out, "\\u%04x", cp);
		else
			buf_add(out, data, n);
	}
	buf_addc(out, '"');
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
			json_string(out, t->field[i].key, strlen(t->field[i].key));
			buf_addc(out, ':');
		}
		json_value(out, &t->field[i].value);
	}
	buf_addc(out, record ? '}' : ']');
}

static void name_add(struct buf *out, const char *name)
{
	json_string(out, name, strlen(name));
}

void json_value(struct buf *out, const struct value *v)
{
	char name[SOCK_NAME_MAX];

	switch (v->kind) {
	case VALUE_NIL:
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
		name_add(out, sock_name(v->sock, name));
		break;
	case VALUE_HOST:
		name_add(out, v->host ? v->host->name : "wire");
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
	size_t i;

	buf_addf(out, ",\"bytes\":%zu", len);
	if (utf8_valid(data, len)) {
		buf_adds(out, ",\"data\":");
		json_string(out, data, len);
		return;
	}
	buf_adds(out, ",\"hex\":\"");
	for (i = 0; i < len; i++)
		buf_addf(out, "%02x", (unsigned char)data[i]);
	buf_addc(out, '"');
}
