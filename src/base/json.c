/* json.c - strings as JSON (RFC 8259). */
#include "base/json.h"

#include <string.h>

#include "base/text.h"

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

void json_text(struct buf *out, const char *key, const char *text)
{
	buf_addf(out, ",\"%s\":", key);
	if (text)
		json_string(out, text, strlen(text));
	else
		buf_adds(out, "null");
}

void json_data(struct buf *out, const char *data, size_t len)
{
	size_t i;

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
