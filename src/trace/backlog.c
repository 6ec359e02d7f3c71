/*
 * backlog.c - segments that have passed while nobody looked.
 *
 * Most of what goes over a running wire is data that is sent, delivered at once, and never asked about. It is
 * kept as it came, a packet of many segments in one piece; only when somebody asks the trace anything is it
 * gone through in its order, and the trace is then the same as if each segment had been added when it passed.
 */
#include "trace/inner.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

static struct passed *passed_new(struct trace *t)
{
	struct backlog *b = &t->backlog;

	b->at = array_grow(b->at, b->n, &b->size, sizeof(*b->at));
	return &b->at[b->n++];
}

void backlog_command(struct trace *t, double time, int host, int line, char *text)
{
	*passed_new(t) = (struct passed){
		.time = time, .from = host, .to = line, .command = text
	};
}

/* The oldest lose their data first, the newest never. */
static void data_give_up(struct trace *t)
{
	struct backlog *b = &t->backlog;
	struct passed *p;

	entries_cut(t);
	while (t->data_max > 0 && t->data > t->data_max && b->cut + 1 < b->n) {
		p = &b->at[b->cut++];
		if (!p->packet)
			continue;
		t->data -= p->len;
		free(p->packet);
		p->packet = NULL;
	}
}

void trace_passed(struct trace *t, double time, int from, int to, uint8_t *packet,
		  const struct segment *s, const struct gso_cut *cut)
{
	struct passed *p = passed_new(t);
	uint8_t *at;

	*p = (struct passed){ .time = time,
			      .from = from,
			      .to = to,
			      .packet = packet,
			      .header = s->header_len,
			      .len = s->len,
			      .size = s->len,
			      .n = 1 };
	if (cut) {
		struct gso_cut c = *cut;

		p->size = c.size;
		p->n = (c.len + c.size - 1) / c.size;
		at = p->headers = xmalloc(p->n * p->header);
		while (gso_header(&c, at) > 0)
			at += p->header;
	} else {
		p->headers = (uint8_t *)xstrndup((char *)packet, p->header);
	}
	t->data += p->len;
	data_give_up(t);
}

/* One segment of it, with data if that is still kept. */
static void entry_settle(struct trace *t, const struct passed *p, size_t i)
{
	size_t at = i * p->size, len = p->len - at < p->size ? p->len - at : p->size;
	const uint8_t *header = p->headers + i * p->header;
	size_t kept = p->packet ? len : 0;
	uint8_t *packet = xmalloc(p->header + kept);
	struct trace_segment *e;
	struct segment s;

	memcpy(packet, header, p->header);
	if (kept > 0)
		memcpy(packet + p->header, p->packet + p->header + at, len);
	segment_decode_cut(&s, packet, p->header, len);
	s.payload = p->packet ? packet + p->header : NULL;
	s.cut = 0;
	s.checksum_ok = true;
	t->data -= kept;
	e = entry_add(t, p->time, p->from, p->to, packet, p->header + kept, &s);
	if (p->packet || len == 0)
		return;
	t->data -= len;
	e->cut = true;
}

static void settle(struct trace *t, const struct passed *p)
{
	unsigned number = (unsigned)t->n_entries;
	size_t i;

	for (i = 0; i < p->n; i++)
		entry_settle(t, p, i);
	while (++number <= t->n_entries)
		trace_delivered(t, number, p->time);
}

void backlog_settle(struct trace *t)
{
	struct backlog b = t->backlog;
	size_t i;

	t->backlog = (struct backlog){ 0 };
	for (i = 0; i < b.n; i++) {
		struct passed *p = &b.at[i];

		if (p->command)
			command_add(t, p->time, p->from, p->to, p->command);
		else
			settle(t, p);
		free(p->headers);
		free(p->packet);
	}
	free(b.at);
}

void backlog_free(struct backlog *b)
{
	size_t i;

	for (i = 0; i < b->n; i++) {
		free(b->at[i].headers);
		free(b->at[i].packet);
		free(b->at[i].command);
	}
	free(b->at);
}
