/* when.c - conditions in words: "FIN from server", "len > 0", "state server = CLOSE_WAIT". */
#include "lab/when.h"

#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "lab/filter.h"
#include "trace/ends.h"

#define TERMS_MAX 12
#define WORD_MAX  64

enum term_kind {
	TERM_FLAGS,
	TERM_DATA,
	TERM_FROM,
	TERM_TO,
	TERM_END,
	TERM_NUMBER,
	TERM_FIELD,
	TERM_STATE,
	TERM_FILTER
};

enum field { FIELD_SEQ, FIELD_ACK, FIELD_WIN, FIELD_LEN, FIELD_PORT };

static const char *const field_names[] = { "seq", "ack", "win", "len", "port", NULL };

/* The largest scale of a window is 14 (RFC 7323, 2.3). */
static const unsigned long field_max[] = { UINT32_MAX, UINT32_MAX, 65535ul << 14, 65535,
					   65535 };

enum op { OP_EQ, OP_NE, OP_LT, OP_LE, OP_GT, OP_GE };

static const char *const op_names[] = { "=", "!=", "<", "<=", ">", ">=", NULL };

struct term {
	enum term_kind kind;
	uint8_t flags;
	struct end_asked end, to; /* to: of TERM_FROM, any other that it stands before */
	enum field field;
	enum op op;
	unsigned long number;
	enum tcp_state state;
	struct filter *filter;
	const char *text; /* while it is parsed: its words */
	int text_len;
};

struct when {
	struct lab *lab; /* NULL: the trace is that of a capture */
	const struct trace *trace;
	struct term term[TERMS_MAX];
	int n;
	bool states;  /* there are terms of them */
	size_t event; /* the states are those before it */
};

/* The text, word by word; operators are words of their own. */
struct words {
	const char *p;
	char word[WORD_MAX];
};

static bool next_word(struct words *w)
{
	size_t n = 0;

	while (isspace((unsigned char)*w->p))
		w->p++;
	if (strchr("=!<>", *w->p))
		n = strspn(w->p, "=!<>");
	else
		n = strcspn(w->p, " \t\n=!<>");
	snprintf(w->word, sizeof(w->word), "%.*s", (int)n, w->p);
	w->p += n;
	return n > 0;
}

static int bad(struct words *w, struct err *err, const char *wants)
{
	err_set(err, "usage", "WHEN: %s is expected, not \"%s\"", wants, w->word);
	err_hint(
		err,
		"As in: continue until FIN from server; until len > 0; until state server = "
		"CLOSE_WAIT");
	return -EINVAL;
}

static int end_read(const struct when *when, struct words *w, struct end_asked *end,
		    struct err *err)
{
	struct err why;

	if (!next_word(w) || end_parse(end, when->trace, w->word, &why) < 0)
		return bad(w, err, "a host, or an address and port");
	return 0;
}

/* "10.0.0.1:4000", and all that goes from there to another with "> 10.0.0.2:80" behind it. */
static int ends_read(const struct when *when, struct words *w, struct term *t,
		     struct err *err)
{
	struct words ahead = *w;

	t->kind = TERM_END;
	end_parse(&t->end, when->trace, w->word, err);
	if (!next_word(&ahead) || strcmp(ahead.word, ">") != 0)
		return 0;
	*w = ahead;
	t->kind = TERM_FROM;
	return end_read(when, w, &t->to, err);
}

/* Only what is no word: a host's name alone would take a mistyped flag for an end. */
static bool is_end(const struct when *when, const char *word)
{
	struct end_asked end;
	struct err err;

	return strpbrk(word, ".:") && end_parse(&end, when->trace, word, &err) == 0;
}

/* All of the word's text, which is the end of it. */
static int number_parse(struct words *w, const char *text, unsigned long min,
			unsigned long max, unsigned long *number, struct err *err)
{
	char *end = w->word, wants[60];

	if (isdigit((unsigned char)*text))
		*number = strtoul(text, &end, 10);
	if (end == w->word || *end || *number < min || *number > max) {
		snprintf(wants, sizeof(wants), "a number from %lu to %lu", min, max);
		return bad(w, err, wants);
	}
	return 0;
}

static int op_parse(struct words *w, enum op *op, struct err *err)
{
	int i = -1;

	if (next_word(w))
		i = strcmp(w->word, "==") == 0 ? OP_EQ : text_index(w->word, op_names);
	if (i < 0)
		return bad(w, err, "one of = != < <= > >=");
	*op = (enum op)i;
	return 0;
}

static int state_parse(struct when *when, struct words *w, struct term *t,
		       struct err *err)
{
	int rc = end_read(when, w, &t->end, err);

	if (rc == 0)
		rc = op_parse(w, &t->op, err);
	if (rc < 0)
		return rc;
	t->state = next_word(w) ? state_from_name(w->word) : STATE_NONE;
	if (t->state == STATE_NONE || t->op > OP_NE)
		return bad(w, err, "= and a state such as CLOSE_WAIT");
	return 0;
}

/* One term, its first word read already. */
static int term_parse(struct when *when, struct words *w, struct term *t, struct err *err)
{
	int field = text_index(w->word, field_names), rc;

	if (strcmp(w->word, "data") == 0) {
		t->kind = TERM_DATA;
	} else if (strcmp(w->word, "filter") == 0) {
		/* All that follows is libpcap's. */
		t->kind = TERM_FILTER;
		t->filter = filter_new(when->lab, w->p, err);
		w->p += strlen(w->p);
		return t->filter ? 0 : -EINVAL;
	} else if (strcmp(w->word, "from") == 0 || strcmp(w->word, "to") == 0) {
		t->kind = *w->word == 'f' ? TERM_FROM : TERM_TO;
		return end_read(when, w, &t->end, err);
	} else if (strcmp(w->word, "state") == 0) {
		t->kind = TERM_STATE;
		return state_parse(when, w, t, err);
	} else if (*w->word == '#' && isdigit((unsigned char)w->word[1])) {
		t->kind = TERM_NUMBER;
		return number_parse(w, w->word + 1, 1, UINT32_MAX, &t->number, err);
	} else if (field >= 0) {
		t->kind = TERM_FIELD;
		t->field = (enum field)field;
		rc = op_parse(w, &t->op, err);
		if (rc < 0)
			return rc;
		next_word(w);
		return number_parse(w, w->word, 0, field_max[t->field], &t->number, err);
	} else if (segment_flags_parse(&t->flags, w->word)) {
		t->kind = TERM_FLAGS;
	} else if (is_end(when, w->word)) {
		return ends_read(when, w, t, err);
	} else {
		return bad(
			w, err,
			"a flag, data, from, to, #N, seq, ack, win, len, port, ADDR:PORT, state or "
			"filter");
	}
	return 0;
}

/* Can nothing meet both? Of ports a segment has two. */
static bool exclude(const struct term *a, const struct term *b)
{
	bool exact = a->op == OP_EQ && b->op == OP_EQ;

	if (a->kind != b->kind)
		return false;
	switch (a->kind) {
	case TERM_FROM:
	case TERM_TO:
		return a->end.host >= 0 && b->end.host >= 0 && a->end.host != b->end.host;
	case TERM_NUMBER:
		return a->number != b->number;
	case TERM_FIELD:
		return exact && a->field == b->field && a->field != FIELD_PORT &&
		       a->number != b->number;
	case TERM_STATE:
		return exact && a->end.host >= 0 && a->end.host == b->end.host &&
		       a->state != b->state;
	default:
		return false;
	}
}

/* The last term beside those before it. */
static int term_check(const struct when *when, struct err *err)
{
	const struct term *last = &when->term[when->n - 1], *t;

	for (t = when->term; t < last; t++)
		if (exclude(t, last))
			return err_set(err, "usage",
				       "WHEN: no segment is both \"%.*s\" and \"%.*s\"",
				       t->text_len, t->text, last->text_len, last->text);
	return 0;
}

struct when *when_parse(struct lab *lab, const struct trace *trace, const char *text,
			struct err *err)
{
	struct when *when = xcalloc(1, sizeof(*when));
	struct words w = { .p = text };
	int rc = 0;

	when->lab = lab;
	when->trace = trace;
	when->event = SIZE_MAX;
	while (rc == 0 && next_word(&w)) {
		struct term *t = &when->term[when->n];

		if (when->n > 0 && strcmp(w.word, "and") == 0 && !next_word(&w)) {
			rc = bad(&w, err, "a condition");
			break;
		}
		if (when->n == TERMS_MAX) {
			rc = err_set(err, "usage", "WHEN: more than %d conditions",
				     TERMS_MAX);
			break;
		}
		t->to = (struct end_asked){ .host = -1, .port = -1 };
		t->text = w.p - strlen(w.word);
		rc = term_parse(when, &w, t, err);
		t->text_len = (int)(w.p - t->text);
		when->states |= t->kind == TERM_STATE;
		when->n++;
		if (rc == 0)
			rc = term_check(when, err);
	}
	if (rc == 0 && when->n == 0)
		rc = bad(&w, err, "a condition");
	if (rc == 0)
		return when;
	when_free(when);
	return NULL;
}

int when_can_come(const struct when *when, struct err *err)
{
	const struct trace_segment *s;
	const struct term *t;

	for (t = when->term; t < when->term + when->n; t++) {
		s = t->kind == TERM_NUMBER ? trace_find(when->trace, (unsigned)t->number)
					   : NULL;
		if (!s || (s->fate == FATE_HELD && s->delay == 0))
			continue;
		err_set(err, "usage", "WHEN: #%u comes no more: it was %s", s->number,
			s->fate == FATE_HELD	  ? "sent, and is under way"
			: s->fate == FATE_DROPPED ? "dropped"
						  : "delivered");
		err_hint(err, "The next one is #%zu.", trace_segments(when->trace) + 1);
		return -EINVAL;
	}
	return 0;
}

void when_free(void *arg)
{
	struct when *when = arg;
	int i;

	for (i = 0; i < when->n; i++)
		filter_free(when->term[i].filter);
	free(when);
}

static bool compare(unsigned long a, enum op op, unsigned long b)
{
	switch (op) {
	case OP_EQ:
		return a == b;
	case OP_NE:
		return a != b;
	case OP_LT:
		return a < b;
	case OP_LE:
		return a <= b;
	case OP_GT:
		return a > b;
	case OP_GE:
		return a >= b;
	}
	return false;
}

static bool flags_met(uint8_t wanted, const struct trace_segment *s)
{
	/* Nearly every segment has ACK: alone it means one that is nothing else. */
	if (wanted == FLAG_ACK)
		return (s->segment.flags & (FLAG_SYN | FLAG_FIN | FLAG_RST | FLAG_ACK)) ==
			       FLAG_ACK &&
		       s->segment.len == 0;
	/* And SYN alone is the first of the handshake, not the second. */
	if (wanted == FLAG_SYN)
		return (s->segment.flags & (FLAG_SYN | FLAG_ACK)) == FLAG_SYN;
	return (s->segment.flags & wanted) == wanted;
}

static unsigned long field_value(const struct when *when, enum field f,
				 const struct trace_segment *s)
{
	switch (f) {
	case FIELD_SEQ:
		return trace_seq(when->trace, s);
	case FIELD_ACK:
		return trace_ack(when->trace, s);
	case FIELD_WIN:
		return trace_window(when->trace, s);
	case FIELD_LEN:
		return s->segment.len;
	case FIELD_PORT:
		return (unsigned long)addr_port(&s->segment.to);
	}
	return 0;
}

/* One of the two ports, but != means neither. */
static bool field_met(const struct when *when, const struct term *t,
		      const struct trace_segment *s)
{
	bool met = compare(field_value(when, t->field, s), t->op, t->number), from;

	if (t->field != FIELD_PORT)
		return met;
	from = compare((unsigned long)addr_port(&s->segment.from), t->op, t->number);
	return t->op == OP_NE ? met && from : met || from;
}

/* The state of that end now, or before the event. */
static enum tcp_state state_then(const struct when *when, const union addr *local,
				 const union addr *peer)
{
	const struct trace_event *e;
	size_t i;

	if (when->event == SIZE_MAX)
		return wire_state(when->lab->wire, local, peer);
	for (i = when->event; i-- > 0;) {
		e = trace_event(when->trace, i);
		if (e && e->kind == TRACE_STATE && addr_equal(&e->local, local) &&
		    addr_equal(&e->peer, peer))
			return e->now;
	}
	return STATE_NONE;
}

static bool state_met(const struct when *when, const struct term *t,
		      const struct trace_segment *s)
{
	bool sender = end_meets(&t->end, s->from, &s->segment.from), is;

	if (!sender && !end_meets(&t->end, s->to, &s->segment.to))
		return false;
	is = state_then(when, sender ? &s->segment.from : &s->segment.to,
			sender ? &s->segment.to : &s->segment.from) == t->state;
	return is == (t->op == OP_EQ);
}

static bool term_met(const struct when *when, const struct term *t,
		     const struct trace_segment *s)
{
	switch (t->kind) {
	case TERM_FLAGS:
		return flags_met(t->flags, s);
	case TERM_DATA:
		return s->segment.len > 0;
	case TERM_FROM:
		return end_meets(&t->end, s->from, &s->segment.from) &&
		       end_meets(&t->to, s->to, &s->segment.to);
	case TERM_TO:
		return end_meets(&t->end, s->to, &s->segment.to);
	case TERM_END:
		return end_meets(&t->end, s->from, &s->segment.from) ||
		       end_meets(&t->end, s->to, &s->segment.to);
	case TERM_NUMBER:
		return s->number == t->number;
	case TERM_FIELD:
		return field_met(when, t, s);
	case TERM_STATE:
		return state_met(when, t, s);
	case TERM_FILTER:
		return filter_met(t->filter, s->packet, s->packet_len);
	}
	return false;
}

bool when_met(void *arg, const struct trace_segment *s)
{
	const struct when *when = arg;
	int i;

	for (i = 0; i < when->n; i++)
		if (!term_met(when, &when->term[i], s))
			return false;
	return true;
}

bool when_met_after(void *arg, const struct trace_segment *s)
{
	const struct when *when = arg;

	return when->states && when_met(arg, s);
}

bool when_met_at(struct when *when, const struct trace_segment *s, size_t event)
{
	bool met;

	when->event = event;
	met = when_met(when, s);
	when->event = SIZE_MAX;
	return met;
}
