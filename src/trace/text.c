/* text.c - the pieces of text that several views share. */
#include "trace/text.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "trace/inner.h"
#include "trace/views.h"

/* Adds characters, escaped, as long as they fit. Returns how many bytes it has used. */
static size_t chars_fit(struct buf *out, const char *data, size_t len, bool utf8,
			size_t room)
{
	struct buf one = BUF_EMPTY;
	unsigned int cp;
	size_t i, n, width;

	for (i = 0; i < len; i += n) {
		n = utf8 ? utf8_decode(data + i, len - i, &cp) : 1;
		n = n ? n : 1;
		buf_reset(&one);
		text_escape(&one, data + i, n, utf8);
		width = text_width(buf_str(&one));
		if (width > room)
			break;
		room -= width;
		buf_add(out, one.data, one.len);
	}
	buf_clear(&one);
	return i;
}

size_t view_columns(unsigned how, size_t usual)
{
	return how >= VIEW_COLUMNS ? how / VIEW_COLUMNS : usual;
}

void quote_fit(struct buf *out, const struct segment *g, bool utf8, size_t room)
{
	const char *text = (const char *)g->payload;
	size_t mark = out->len, len = segment_kept(g);

	if (!text) {
		buf_adds(out, room < 16 ? "(gone)" : "(no longer kept)");
		return;
	}
	if (len == 0) {
		buf_adds(out, room < 14 ? "(cut)" : "(not captured)");
		return;
	}
	room = room < 5 ? 5 : room;
	buf_addc(out, '"');
	if (g->cut == 0 && chars_fit(out, text, len, utf8, room - 2) == len) {
		buf_addc(out, '"');
		return;
	}
	out->len = mark + 1;
	chars_fit(out, text, len, utf8, room - 5);
	buf_adds(out, "\"...");
}

void clip_add(struct buf *out, const char *text, size_t room)
{
	size_t len = strlen(text), dots = text_width(text) > room ? 2 : 0, i, n;
	unsigned int cp;

	for (i = 0; i < len; i += n) {
		struct buf one = BUF_EMPTY;
		size_t width;

		n = utf8_decode(text + i, len - i, &cp);
		n = n ? n : 1;
		buf_add(&one, text + i, n);
		width = text_width(buf_str(&one));
		buf_clear(&one);
		if (width + dots > room)
			break;
		room -= width;
		buf_add(out, text + i, n);
	}
	if (dots > 0 && room >= dots)
		buf_adds(out, "..");
}

void end_add(struct buf *out, const struct trace *t, int host, const union addr *a,
	     size_t max)
{
	char text[ADDR_TEXT_MAX];
	const char *name = host >= 0 ? trace_host(t, host) : addr_host(a, text);
	struct buf clean = BUF_EMPTY;

	text_escape(&clean, name, strlen(name), false);
	/* What tells IPv6 addresses of one network apart stands at their ends. */
	if (clean.len > max && max > 2 && a->sa.sa_family == AF_INET6 &&
	    strcmp(name, addr_host(a, text)) == 0)
		buf_addf(out, "..%s", clean.data + clean.len - max + 2);
	else
		clip_add(out, buf_str(&clean), max);
	buf_clear(&clean);
}

static bool one_host(const struct trace_segment *s)
{
	union addr from = s->segment.from, to = s->segment.to;

	if (s->from >= 0 || s->to >= 0)
		return s->from == s->to;
	addr_set_port(&from, 0);
	addr_set_port(&to, 0);
	return addr_equal(&from, &to);
}

void side_add(struct buf *out, const struct trace *t, const struct trace_segment *s,
	      bool receiver, bool ports, size_t max)
{
	const union addr *a = receiver ? &s->segment.to : &s->segment.from;
	int host = receiver ? s->to : s->from;
	char text[ADDR_TEXT_MAX];
	bool bare;

	if (addr_port(a) == 0 || (!ports && !one_host(s))) {
		end_add(out, t, host, a, max);
		return;
	}
	addr_host(a, text);
	bare = a->sa.sa_family == AF_INET6 &&
	       (host < 0 || strcmp(trace_host(t, host), text) == 0);
	buf_adds(out, bare ? "[" : "");
	end_add(out, t, host, a, max);
	buf_addf(out, "%s:%d", bare ? "]" : "", addr_port(a));
}

void bytes_add(struct buf *out, uint32_t first, uint32_t last)
{
	if (first == last)
		buf_addf(out, "byte %u", first);
	else
		buf_addf(out, "bytes %u to %u", first, last);
}

void held_add(struct buf *out, const struct trace_segment *s)
{
	char took[32];

	if (s->delay > 0)
		buf_addf(out, "DELAYED %s", duration_format(s->delay, took));
	else if (s->behind)
		buf_addf(out, "DELAYED behind #%u", s->behind);
	else
		buf_adds(out, "HELD");
}

void marks_add(struct buf *out, const struct trace_segment *s)
{
	if (s->copy_of)
		buf_addf(out, " copy of #%u", s->copy_of);
	else if (trace_resent(s))
		buf_addf(out, " again #%u", s->again);
	if (s->injected)
		buf_adds(out, " injected");
	if (s->altered)
		buf_adds(out, " altered");
	if (s->segment.fault)
		buf_adds(out, " malformed");
	else if (checksum_bad(s))
		buf_adds(out, " bad checksum");
}

void copies_add(struct buf *out, const struct trace_segment *s, const char *and)
{
	size_t i;

	for (i = 0; i < s->n_copies; i++)
		buf_addf(out, "%s%.1f",
			 i == 0		       ? ""
			 : i + 1 < s->n_copies ? ", "
					       : and,
			 s->copies[i] - s->sent);
}

uint32_t ack_base(const struct trace *t, const struct trace_segment *s, bool raw)
{
	return raw ? 0 : s->segment.ack - trace_ack(t, s);
}

void sacks_add(struct buf *out, const struct trace *t, const struct trace_segment *s,
	       bool raw, int max)
{
	const struct segment_options *o = &s->segment.options;
	uint32_t base = ack_base(t, s, raw);
	int i;

	for (i = 0; i < o->sacks && i < SEGMENT_SACK_MAX && i < max; i++)
		buf_addf(out, "%s%u-%u", i == 0 ? " sack=" : ",", o->sack[i].left - base,
			 o->sack[i].right - base);
}

void wrap_words(struct buf *out, const char *text, size_t indent, size_t width)
{
	const char *line = buf_str(out), *end = memrchr(line, '\n', out->len);
	size_t column = text_width(end ? end + 1 : line);

	for (; *text; text = end + strspn(end, " ")) {
		struct buf word = BUF_EMPTY;
		size_t w;

		end = text + strcspn(text, " ");
		buf_add(&word, text, (size_t)(end - text));
		w = text_width(buf_str(&word));
		if (column > indent && column + 1 + w > width) {
			while (out->data[out->len - 1] == ' ')
				out->len--;
			buf_addc(out, '\n');
			buf_pad(out, out->len + indent, ' ');
			column = indent;
		} else if (column > indent) {
			buf_addc(out, ' ');
			column++;
		}
		buf_add(out, word.data, word.len);
		column += w;
		buf_clear(&word);
	}
}

void wrap_add(struct buf *out, const char *text, size_t indent, size_t width)
{
	wrap_words(out, text, indent, width);
	buf_addc(out, '\n');
}
