/* trace.c - everything that happened, in order: segments, deliveries, drops, states, commands. */
#include "trace/inner.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "trace/lines.h"

void *array_grow(void *array, size_t n, size_t *size, size_t element)
{
	if (n < *size)
		return array;
	*size = *size ? *size * 2 : 16;
	return xrealloc(array, *size * element);
}

struct trace *trace_new(const char *const *hosts, int n_hosts)
{
	struct trace *t = xcalloc(1, sizeof(*t));
	int i;

	for (i = 0; i < n_hosts; i++)
		trace_add_host(t, hosts[i]);
	t->pending = xcalloc(PENDING_MAX, sizeof(*t->pending));
	return t;
}

/* Entries stay where they are, so they come in slabs; the first ones are small. */
struct slab {
	struct slab *next;
	struct entry entry[];
};

#define SLAB_MIN 32
#define SLAB_MAX 8192

static struct entry *entry_new(struct trace *t)
{
	struct slab *slab;
	struct entry *e;

	if (t->slab_left == 0) {
		t->slab_left = t->n_entries < SLAB_MIN	 ? SLAB_MIN
			       : t->n_entries < SLAB_MAX ? t->n_entries
							 : SLAB_MAX;
		slab = xmalloc(sizeof(*slab) + t->slab_left * sizeof(*e));
		slab->next = t->slabs;
		t->slabs = slab;
		t->slab_at = slab->entry;
	}
	t->slab_left--;
	e = t->slab_at++;
	memset(e, 0, sizeof(*e));
	return e;
}

static void slabs_free(struct trace *t)
{
	struct slab *slab;

	while ((slab = t->slabs)) {
		t->slabs = slab->next;
		free(slab);
	}
}

static void entry_clear(struct entry *e)
{
	free((char *)e->s.why);
	free(e->s.packet);
	free(e->s.copies);
	free(e->s.came);
}

void trace_free(struct trace *t)
{
	size_t i;
	int h;

	if (!t)
		return;
	for (i = 0; i < t->n_entries; i++)
		entry_clear(t->entries[i]);
	slabs_free(t);
	for (i = 0; i < t->n_events; i++)
		free(t->events[i].text);
	for (h = 0; h < t->n_hosts; h++)
		free(t->hosts[h]);
	conns_free(t);
	backlog_free(&t->backlog);
	free(t->entries);
	free(t->events);
	free(t->hosts);
	free(t->pending);
	free(t);
}

int trace_hosts(const struct trace *t)
{
	return t->n_hosts;
}

const char *trace_host(const struct trace *t, int host)
{
	return host >= 0 && host < t->n_hosts ? t->hosts[host] : "?";
}

int trace_add_host(struct trace *t, const char *name)
{
	t->hosts = xrealloc(t->hosts, (size_t)(t->n_hosts + 1) * sizeof(*t->hosts));
	t->hosts[t->n_hosts] = xstrdup(name);
	return t->n_hosts++;
}

/* The one door to the list of events. Returns the new one, all zero but what is given. */
static struct trace_event *event_add(struct trace *t, enum trace_kind kind, double time,
				     unsigned number)
{
	const struct trace_segment *s = trace_find(t, number);
	struct trace_event *e;

	t->events =
		array_grow(t->events, t->n_events, &t->events_size, sizeof(*t->events));
	e = &t->events[t->n_events++];
	memset(e, 0, sizeof(*e));
	e->kind = kind;
	e->time = time;
	e->number = number;
	e->conn = s ? entry_of(s)->conn : -1;
	e->host = -1;
	return e;
}

void trace_keep(struct trace *t, size_t bytes)
{
	t->data_max = bytes;
}

static void data_cut(struct trace *t, struct trace_segment *s)
{
	uint8_t *header;

	if (s->fate == FATE_HELD || s->segment.len == 0 || s->segment.fault)
		return;
	/* The headers move: a packet's whole place is of use to the next one, its tail would not be. */
	header = (uint8_t *)xstrndup((char *)s->packet, s->segment.header_len);
	t->data -= s->segment.len;
	free(s->packet);
	s->packet = header;
	s->packet_len = s->segment.header_len;
	s->segment.payload = NULL;
	s->cut = true;
}

/* The newest keeps its own, unless more has passed since. */
void entries_cut(struct trace *t)
{
	size_t end = t->n_entries - (t->backlog.n == 0 && t->n_entries > 0);

	while (t->data_max > 0 && t->data > t->data_max && t->cut < end)
		data_cut(t, &t->entries[t->cut++]->s);
}

/* Takes the copy of a packet and what was decoded from it, at whatever place. */
static void packet_set(struct trace *t, struct trace_segment *s, uint8_t *copy,
		       size_t len, const struct segment *decoded)
{
	t->data -= s->cut ? 0 : s->segment.len;
	s->cut = false;
	free(s->packet);
	s->packet = copy;
	s->packet_len = len;
	s->segment = *decoded;
	if (s->segment.payload)
		s->segment.payload = copy + s->segment.header_len;
	t->data += s->segment.len;
	entries_cut(t);
}

struct trace_segment *entry_add(struct trace *t, double time, int from, int to,
				uint8_t *packet, size_t len,
				const struct segment *decoded,
				const struct trace_origin *origin)
{
	struct entry *e = entry_new(t);

	t->entries = array_grow(t->entries, t->n_entries, &t->entries_size,
				sizeof(*t->entries));
	t->entries[t->n_entries++] = e;
	e->s.number = (unsigned)t->n_entries;
	e->s.from = from;
	e->s.to = to;
	e->s.sent = time;
	e->s.done = -1;
	e->s.copy_of = origin->copy_of;
	e->s.injected = origin->injected;
	e->s.altered = origin->altered;
	e->s.fate = origin->captured ? FATE_SEEN : FATE_HELD;
	packet_set(t, &e->s, packet, len, decoded);
	conns_add(t, e, origin);
	e->sent_at = t->n_events;
	event_add(t, TRACE_SENT, time, e->s.number);
	return &e->s;
}

static struct trace_segment *add(struct trace *t, double time, int from, int to,
				 const void *packet, size_t len,
				 const struct segment *decoded,
				 const struct trace_origin *origin)
{
	trace_settle(t);
	return entry_add(t, time, from, to, (uint8_t *)xstrndup(packet, len), len,
			 decoded, origin);
}

struct trace_segment *trace_decoded(struct trace *t, double time, int from, int to,
				    const void *packet, size_t len,
				    const struct segment *decoded)
{
	return add(t, time, from, to, packet, len, decoded, &(struct trace_origin){ 0 });
}

struct trace_segment *trace_made(struct trace *t, double time, int from, int to,
				 const void *packet, size_t len,
				 const struct trace_origin *origin)
{
	struct segment decoded;

	segment_decode_cut(&decoded, packet, len, origin->missing);
	return add(t, time, from, to, packet, len, &decoded, origin);
}

struct trace_segment *trace_sent(struct trace *t, double time, int from, int to,
				 const void *packet, size_t len)
{
	return trace_made(t, time, from, to, packet, len, &(struct trace_origin){ 0 });
}

struct trace_segment *trace_copied(struct trace *t, double time, unsigned number)
{
	const struct trace_segment *s = trace_find(t, number);
	struct trace_origin origin = { .copy_of = number,
				       .injected = s->injected,
				       .altered = s->altered };

	return add(t, time, s->from, s->to, s->packet, s->packet_len, &s->segment,
		   &origin);
}

/* IPv4 and TCP with all their options, or IPv6 with some extensions. */
#define CAME_MAX 120

static struct trace_came *came_new(const struct trace_segment *s)
{
	size_t len = s->segment.header_len;
	struct trace_came *came = xmalloc(sizeof(*came) + CAME_MAX);

	if (len == 0)
		len = s->packet_len; /* it is no TCP */
	if (len > CAME_MAX)
		len = CAME_MAX;
	came->len = len;
	came->more = s->packet_len - len + s->segment.cut;
	memcpy(came->headers, s->packet, len);
	return came;
}

void trace_altered(struct trace *t, unsigned number, const void *packet, size_t len,
		   size_t missing)
{
	struct trace_segment *s = trace_find(t, number);
	struct segment decoded;

	if (!s)
		return;
	if (!s->came)
		s->came = came_new(s);
	segment_decode_cut(&decoded, packet, len, missing);
	packet_set(t, s, (uint8_t *)xstrndup(packet, len), len, &decoded);
	s->altered = true;
}

static void done(struct trace *t, unsigned number, double time, enum fate fate,
		 const char *why)
{
	struct trace_segment *s = trace_find(t, number);

	if (!s)
		return;
	((struct entry *)s)->done_at = t->n_events;
	s->fate = fate;
	s->done = time;
	free((char *)s->why);
	s->why = why ? xstrdup(why) : NULL;
	event_add(t, fate == FATE_DROPPED ? TRACE_DROPPED : TRACE_DELIVERED, time,
		  number);
	if (fate == FATE_DELIVERED)
		conns_hear(t, (struct entry *)s);
}

void trace_delivered(struct trace *t, unsigned number, double time)
{
	done(t, number, time, FATE_DELIVERED, NULL);
}

void trace_dropped(struct trace *t, unsigned number, double time, const char *why)
{
	done(t, number, time, FATE_DROPPED, why);
}

void trace_folded(struct trace *t, unsigned number, double time)
{
	struct trace_segment *s = trace_find(t, number);

	if (!s)
		return;
	s->copies = xrealloc(s->copies, (s->n_copies + 1) * sizeof(*s->copies));
	s->copies[s->n_copies++] = time;
	event_add(t, TRACE_FOLDED, time, number);
}

void trace_state(struct trace *t, double time, unsigned cause, int host,
		 const union addr *local, const union addr *peer, enum tcp_state before,
		 enum tcp_state now, bool inferred)
{
	struct trace_event *e = event_add(t, TRACE_STATE, time, cause);

	e->host = host;
	e->local = *local;
	if (peer)
		e->peer = *peer;
	e->before = before;
	e->now = now;
	e->inferred = inferred;
	e->conn = conns_of_state(t, e);
}

void command_add(struct trace *t, double time, const struct command *c)
{
	struct trace_event *e = event_add(t, TRACE_COMMAND, time, 0);

	e->host = c->host;
	e->line = c->line;
	e->local = c->local;
	e->peer = c->peer;
	e->text = xstrdup(c->text);
}

void trace_called(struct trace *t, double time, int host, int line,
		  const union addr *local, const union addr *peer, const char *text)
{
	struct command *c = xcalloc(1, sizeof(*c) + strlen(text) + 1);

	c->host = host;
	c->line = line;
	if (local)
		c->local = *local;
	if (peer)
		c->peer = *peer;
	memcpy(c->text, text, strlen(text));
	if (t->backlog.n > 0) {
		backlog_command(t, time, c);
		return;
	}
	command_add(t, time, c);
	free(c);
}

void trace_command(struct trace *t, double time, int host, int line, const char *text)
{
	trace_called(t, time, host, line, NULL, NULL, text);
}

void trace_take_back(struct trace *t)
{
	trace_settle(t);
	if (t->n_events == 0 || t->events[t->n_events - 1].kind != TRACE_COMMAND)
		return;
	t->n_events--;
	lines_take_back(t);
	free(t->events[t->n_events].text);
}

void trace_note(struct trace *t, double time, unsigned number, const char *text)
{
	event_add(t, TRACE_NOTE, time, number)->text = xstrdup(text);
}

struct trace_segment *trace_find(const struct trace *t, unsigned number)
{
	trace_settle(t);
	return number > 0 && number <= t->n_entries ? &t->entries[number - 1]->s : NULL;
}

bool checksum_bad(const struct trace_segment *s)
{
	return !s->segment.checksum_ok && !s->segment.fault && !s->segment.cut &&
	       s->fate != FATE_SEEN;
}

unsigned trace_resent(const struct trace_segment *s)
{
	return s->injected || s->copy_of ? 0 : s->again;
}

size_t trace_segments(const struct trace *t)
{
	trace_settle(t);
	return t->n_entries;
}

size_t trace_events(const struct trace *t)
{
	trace_settle(t);
	return t->n_events;
}

const struct trace_event *trace_event(const struct trace *t, size_t i)
{
	trace_settle(t);
	return i < t->n_events ? &t->events[i] : NULL;
}
