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

#define HEADER_MAX 128 /* IPv6's and TCP's, with all options */

static struct passed *passed_new(struct trace *t)
{
	struct backlog *b = &t->backlog;

	b->at = array_grow(b->at, b->n, &b->size, sizeof(*b->at));
	return &b->at[b->n++];
}

void backlog_command(struct trace *t, double time, struct command *c)
{
	*passed_new(t) = (struct passed){ .time = time, .command = c };
}

/* The oldest lose their data first, the newest never. */
static void data_give_up(struct trace *t)
{
	struct backlog *b = &t->backlog;
	struct passed *p;
	uint8_t *header;

	entries_cut(t);
	while (t->data_max > 0 && t->data > t->data_max && b->cut + 1 < b->n) {
		p = &b->at[b->cut++];
		if (p->command)
			continue;
		header = store_room(&b->headers, p->header);
		memcpy(header, p->packet, p->header);
		p->packet = store_keep(&b->headers, p->header);
		p->kept = false;
		t->data -= p->len;
		store_drop(&b->packets);
	}
}

uint8_t *trace_room(struct trace *t)
{
	return store_room(&t->backlog.packets, GSO_PACKET_MAX);
}

void trace_passed(struct trace *t, double time, int from, int to, const uint8_t *packet,
		  const struct segment *s, const struct gso_cut *cut)
{
	struct passed *p = passed_new(t);
	uint8_t *room = trace_room(t);
	size_t len = s->header_len + s->len;

	if (packet != room)
		memcpy(room, packet, len);
	*p = (struct passed){ .time = time,
			      .from = from,
			      .to = to,
			      .packet = store_keep(&t->backlog.packets, len),
			      .header = s->header_len,
			      .len = s->len,
			      .size = cut ? cut->size : 0,
			      .kept = true };
	t->data += p->len;
	data_give_up(t);
}

/* The one segment that it is, or the next that it is cut into; with data if that is still kept. */
static void entry_settle(struct trace *t, const struct passed *p, struct gso_cut *cut)
{
	const uint8_t *data = p->packet + p->header + (cut ? cut->at : 0);
	uint8_t header[HEADER_MAX], *packet;
	size_t len = p->len, kept;
	struct trace_segment *e;
	struct segment s;

	if (cut)
		len = gso_header(cut, header, p->kept);
	else
		memcpy(header, p->packet, p->header);
	kept = p->kept ? len : 0;
	packet = xmalloc(p->header + kept);
	memcpy(packet, header, p->header);
	if (kept > 0)
		memcpy(packet + p->header, data, kept);
	segment_decode_cut(&s, packet, p->header, len);
	s.payload = p->kept ? packet + p->header : NULL;
	s.cut = 0;
	s.checksum_ok = true;
	t->data -= kept;
	e = entry_add(t, p->time, p->from, p->to, packet, p->header + kept, &s,
		      &(struct trace_origin){ 0 });
	if (p->kept || len == 0)
		return;
	t->data -= len;
	e->cut = true;
}

static void settle(struct trace *t, const struct passed *p)
{
	unsigned number = (unsigned)t->n_entries;
	struct gso_cut cut;

	if (p->size > 0 && gso_begin(&cut, p->packet, p->header + p->len, p->size))
		while (cut.at < cut.len)
			entry_settle(t, p, &cut);
	else
		entry_settle(t, p, NULL);
	while (++number <= t->n_entries)
		trace_delivered(t, number, p->time);
}

void backlog_settle(struct trace *t)
{
	struct backlog *b = &t->backlog;
	struct passed *at = b->at;
	size_t i, n = b->n;

	b->at = NULL;
	b->n = b->size = b->cut = 0;
	for (i = 0; i < n; i++) {
		struct passed *p = &at[i];

		if (p->command)
			command_add(t, p->time, p->command);
		else
			settle(t, p);
		free(p->command);
		if (p->kept)
			store_drop(&b->packets);
	}
	store_clear(&b->headers);
	free(at);
}

void backlog_free(struct backlog *b)
{
	size_t i;

	for (i = 0; i < b->n; i++)
		free(b->at[i].command);
	free(b->at);
	store_clear(&b->packets);
	store_clear(&b->headers);
}
