/* replay.c - a trace out of packets and what is remarked on them.
 *
 * What a capture says is collected as records that point into it, put in the order of time, and
 * then told to a new trace as the wire told it to the first one. In a capture of ours the lines of
 * its comments are records too; a packet of it without a heading is as one of any other capture.
 */
#include "trace/replay.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "trace/known.h"
#include "trace/names.h"
#include "trace/remark.h"
#include "trace/twins.h"

#define NOBODY	  ((size_t)-1)
#define SECOND	  1000000000LL
#define BEGINNING (-1) /* a time before all others */

enum record_kind {
	RECORD_PACKET,
	RECORD_FACT, /* a line of ours */
	RECORD_NOTE, /* any other comment */
};

struct record {
	enum record_kind kind;
	unsigned section;
	bool told; /* PACKET: what became of it is said */
	int64_t ns;
	size_t order;	  /* in the file */
	size_t packet;	  /* which packet it is, or is about */
	const char *text; /* FACT, NOTE; PACKET: its heading of ours, or NULL */
	size_t text_len;
	const void *data; /* PACKET */
	size_t data_len;
	size_t missing; /* bytes of it that were not captured */
	unsigned interface;
};

struct replay {
	struct trace *trace;
	struct record *records;
	size_t n_records, size;
	size_t n_packets;
	size_t last; /* record of the last packet, NOBODY when it was no segment */
	unsigned section;
	bool ours;
	int64_t began;	   /* of our first section, BEGINNING: not said */
	int64_t epoch;	   /* of the trace */
	unsigned *numbers; /* by packet */
	size_t *twins;	   /* by packet: the one that it is the same as, NOBODY */
	struct known known;
	struct names names;
	struct replayed *out;
	struct buf line;
};

struct replay *replay_new(void)
{
	struct replay *r = xcalloc(1, sizeof(*r));

	r->trace = trace_new(NULL, 0);
	r->last = NOBODY;
	r->began = BEGINNING;
	return r;
}

/* --- collecting --- */

static struct record *record_add(struct replay *r, enum record_kind kind, int64_t ns)
{
	struct record *record;

	if (r->n_records == r->size) {
		r->size = r->size ? r->size * 2 : 64;
		r->records = xrealloc(r->records, r->size * sizeof(*r->records));
	}
	record = &r->records[r->n_records];
	*record = (struct record){ .kind = kind,
				   .section = r->section,
				   .ns = ns,
				   .order = r->n_records,
				   .packet = NOBODY };
	r->n_records++;
	return record;
}

void replay_section(struct replay *r)
{
	r->section++;
	r->ours = false;
	r->last = NOBODY;
}

const char *replay_packet(struct replay *r, int64_t ns, unsigned interface,
			  const void *packet, size_t len, size_t missing)
{
	struct segment s;
	struct record *record;

	r->last = NOBODY;
	/* In a section of ours there is nothing but segments, malformed ones as well. */
	if (segment_decode(&s, packet, len) < 0 && !r->ours)
		return s.fault;
	r->last = r->n_records;
	record = record_add(r, RECORD_PACKET, ns > 0 ? ns : 0);
	record->packet = r->n_packets++;
	record->data = packet;
	record->data_len = len;
	record->missing = missing;
	record->interface = interface;
	return NULL;
}

static int64_t later(int64_t ns, int64_t by)
{
	int64_t sum;

	return __builtin_add_overflow(ns, by, &sum) ? INT64_MAX : sum;
}

/* Reads a copy of the line: a failed attempt leaves nothing readable. */
static void parse(struct replay *r, struct remark *remark, const char *text, size_t len)
{
	buf_reset(&r->line);
	buf_add(&r->line, text, len);
	buf_reserve(&r->line, 0);
	remark_read(remark, r->line.data);
}

/* Lengthens the last note when the text is the next line of it. */
static bool note_extend(struct replay *r, const char *text, size_t len)
{
	struct record *last;

	if (r->n_records == 0)
		return false;
	last = &r->records[r->n_records - 1];
	if (last->kind != RECORD_NOTE || last->text + last->text_len + 1 != text)
		return false;
	last->text_len += 1 + len;
	return true;
}

/* A comment of somebody else's. */
static void note_add(struct replay *r, int64_t ns, size_t packet, const char *text,
		     size_t len)
{
	struct record *note;

	if (len == 0 || note_extend(r, text, len))
		return;
	note = record_add(r, RECORD_NOTE, ns);
	note->packet = packet;
	note->text = text;
	note->text_len = len;
}

/* A line of a comment in a section of ours, on the packet of a record or on the section. */
static void line_add(struct replay *r, size_t on, const char *text, size_t len)
{
	struct record *packet = on == NOBODY ? NULL : &r->records[on], *fact;
	int64_t ns = packet ? packet->ns : r->began;
	size_t which = packet ? packet->packet : NOBODY;
	struct remark remark;

	parse(r, &remark, text, len);
	if (packet && !packet->text &&
	    (remark.kind == REMARK_SEGMENT || remark.kind == REMARK_FOLDED)) {
		packet->text = text;
		packet->text_len = len;
	} else if (packet && remark.kind == REMARK_HELD) {
		packet->told = true;
	} else if (!packet && remark.kind == REMARK_BEGAN) {
		r->began = r->began == BEGINNING ? remark.ns : r->began;
	} else if (!packet && remark.kind == REMARK_HOST) {
		names_get(&r->names, r->trace, remark.host);
	} else if (remark.kind >= REMARK_DELIVERED) {
		if (packet &&
		    (remark.kind == REMARK_DELIVERED || remark.kind == REMARK_DROPPED))
			packet->told = true;
		fact = record_add(r, RECORD_FACT, later(ns, remark.ns));
		fact->packet = which;
		fact->text = text;
		fact->text_len = len;
	} else if (remark.kind != REMARK_TITLED) {
		note_add(r, ns, which, text, len);
	}
}

static void lines_add(struct replay *r, size_t on, const char *text, size_t len)
{
	const char *end = text + len, *newline;
	size_t n;

	for (; text < end; text = newline + 1) {
		newline = memchr(text, '\n', (size_t)(end - text));
		newline = newline ? newline : end;
		n = (size_t)(newline - text);
		line_add(r, on, text, n > 0 && text[n - 1] == '\r' ? n - 1 : n);
	}
}

void replay_about(struct replay *r, const char *text, size_t len)
{
	static const char title[] = REMARK_TITLE "\n";

	r->ours = r->ours || (len >= sizeof(title) - 1 &&
			      memcmp(text, title, sizeof(title) - 1) == 0);
	if (r->ours)
		lines_add(r, NOBODY, text, len);
	else
		note_add(r, BEGINNING, NOBODY, text, len);
}

void replay_remark(struct replay *r, const char *text, size_t len)
{
	if (r->last == NOBODY)
		return;
	if (r->ours)
		lines_add(r, r->last, text, len);
	else
		note_add(r, r->records[r->last].ns, r->records[r->last].packet, text,
			 len);
}

/* --- playing --- */

static int record_compare(const void *a, const void *b)
{
	const struct record *x = a, *y = b;

	if (x->ns != y->ns)
		return x->ns < y->ns ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

static double seconds(const struct replay *r, int64_t ns)
{
	return ns > r->epoch ? (double)(ns - r->epoch) / 1e9 : 0;
}

static int host_at(struct replay *r, const union addr *a)
{
	char text[ADDR_TEXT_MAX];

	return a->sa.sa_family ? names_get(&r->names, r->trace, addr_host(a, text)) : -1;
}

static void play_seen(struct replay *r, const struct record *record)
{
	struct trace_origin origin = { .captured = true, .missing = record->missing };
	struct segment g;

	segment_decode(&g, record->data, record->data_len);
	r->numbers[record->packet] = trace_made(r->trace, seconds(r, record->ns),
						host_at(r, &g.from), host_at(r, &g.to),
						record->data, record->data_len, &origin)
					     ->number;
}

static void play_segment(struct replay *r, const struct record *record,
			 const struct remark *remark)
{
	int from = names_get(&r->names, r->trace, remark->from);
	int to = names_get(&r->names, r->trace, remark->to);
	double time = seconds(r, record->ns);
	struct trace_origin origin = {
		.copy_of = known_find(&r->known, record->section, remark->copy_of),
		.injected = remark->injected,
		.altered = remark->altered,
		.captured = !record->told,
		.missing = record->missing,
	};
	struct trace_segment *s;

	if (remark->came_len > 0) {
		/* As it was on the wire: the trace has learned from what came. */
		origin.altered = false;
		origin.missing = remark->came_more;
		s = trace_made(r->trace, time, from, to, remark->came, remark->came_len,
			       &origin);
		trace_altered(r->trace, s->number, record->data, record->data_len,
			      record->missing);
	} else {
		s = trace_made(r->trace, time, from, to, record->data, record->data_len,
			       &origin);
	}
	known_add(&r->known, record->section, remark->number, s->number);
	r->out->lost = r->out->lost || remark->number != s->number;
	r->numbers[record->packet] = s->number;
}

static void play_packet(struct replay *r, const struct record *record)
{
	struct remark remark = { .kind = REMARK_NONE };
	unsigned first = 0;

	if (r->twins[record->packet] != NOBODY) {
		r->numbers[record->packet] = r->numbers[r->twins[record->packet]];
		return;
	}
	r->out->cut += record->missing > 0;
	if (record->text)
		parse(r, &remark, record->text, record->text_len);
	if (remark.kind == REMARK_FOLDED)
		first = known_find(&r->known, record->section, remark.number);
	if (remark.kind == REMARK_SEGMENT) {
		play_segment(r, record, &remark);
	} else if (first) {
		trace_folded(r->trace, first, seconds(r, record->ns));
		r->numbers[record->packet] = first;
	} else {
		r->out->lost = r->out->lost || remark.kind == REMARK_FOLDED;
		play_seen(r, record);
	}
}

static void play_fact(struct replay *r, const struct record *record)
{
	unsigned number = record->packet == NOBODY ? 0 : r->numbers[record->packet];
	double time = seconds(r, record->ns);
	struct remark remark;

	parse(r, &remark, record->text, record->text_len);
	switch (remark.kind) {
	case REMARK_DELIVERED:
		trace_delivered(r->trace, number, time);
		break;
	case REMARK_DROPPED:
		trace_dropped(r->trace, number, time, remark.text);
		break;
	case REMARK_STATE:
		trace_state(r->trace, time, remark.meanwhile ? 0 : number,
			    names_find(&r->names, remark.host), &remark.local,
			    &remark.peer, remark.before, remark.now, remark.inferred);
		break;
	case REMARK_CALL:
		trace_called(r->trace, time, names_find(&r->names, remark.host),
			     remark.line, &remark.local, &remark.peer, remark.text);
		break;
	default:
		trace_note(r->trace, time, remark.meanwhile ? 0 : number, remark.text);
	}
}

static void play_note(struct replay *r, const struct record *record)
{
	buf_reset(&r->line);
	buf_add(&r->line, record->text, record->text_len);
	trace_note(r->trace, seconds(r, record->ns),
		   record->packet == NOBODY ? 0 : r->numbers[record->packet],
		   buf_str(&r->line));
}

/* Time 0: where our trace began, or the first packet. */
static int64_t epoch_of(const struct replay *r)
{
	int64_t first = r->began;
	size_t i;

	for (i = 0; i < r->n_records; i++)
		if (r->records[i].kind == RECORD_PACKET &&
		    (first == BEGINNING || r->records[i].ns < first))
			first = r->records[i].ns;
	return first == BEGINNING ? 0 : first;
}

/* Each packet of ours is one of its own. */
static void find_twins(struct replay *r)
{
	struct twin *list = xcalloc(r->n_packets, sizeof(*list));
	size_t i, n = 0;

	r->twins = xcalloc(r->n_packets, sizeof(*r->twins));
	memset(r->twins, 0xff, r->n_packets * sizeof(*r->twins));
	for (i = 0; i < r->n_records; i++) {
		const struct record *record = &r->records[i];

		if (record->kind == RECORD_PACKET && !record->text)
			list[n++] = (struct twin){ record->section,  record->interface,
						   record->ns,	     record->data,
						   record->data_len, record->packet };
	}
	r->out->twice = twins_find(list, n, r->twins);
	free(list);
}

struct trace *replay_finish(struct replay *r, const struct interrupt *interrupt,
			    struct replayed *out)
{
	struct trace *t = r->trace;
	int64_t whole;
	size_t i;

	*out = (struct replayed){ 0 };
	r->out = out;
	r->epoch = epoch_of(r);
	r->numbers = xcalloc(r->n_packets, sizeof(*r->numbers));
	if (r->n_records > 0)
		qsort(r->records, r->n_records, sizeof(*r->records), record_compare);
	find_twins(r);
	for (i = 0; i < r->n_records && !interrupt_came(interrupt); i++) {
		const struct record *record = &r->records[i];

		if (record->kind == RECORD_PACKET)
			play_packet(r, record);
		else if (record->kind == RECORD_FACT)
			play_fact(r, record);
		else
			play_note(r, record);
	}
	whole = r->epoch / SECOND;
	out->start = (double)whole + (double)(r->epoch % SECOND) / 1e9;
	names_clear(&r->names);
	buf_clear(&r->line);
	free(r->records);
	free(r->numbers);
	free(r->twins);
	known_clear(&r->known);
	free(r);
	return t;
}
