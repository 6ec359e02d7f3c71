/*
 * lines.c - which line of a script caused a segment.
 *
 * A script runs on before the wire has read what its last command made the kernel send. So the
 * order in the trace does not tell; it is the first segment that comes later from the command's
 * host and is of the kind that this command makes. A command that had its chance (a segment of its kind
 * came, but an earlier command had it) is taken for coalesced with that one when the next is given.
 */
#include "trace/lines.h"

#include <string.h>

#define PENDING_MAX 64

struct pending {
	const struct trace_event *command;
	bool passed; /* a segment of its kind has come */
};

struct waiting {
	struct pending item[PENDING_MAX];
	size_t n;
};

/* The first word of a command, as in "close server.s1", and what it makes the kernel send. */
static const struct {
	const char *word;
	bool data;
	uint8_t flags; /* one of these */
} kinds[] = {
	{ "connect", false, FLAG_SYN },	 { "send", true, 0 },
	{ "shutdown", false, FLAG_FIN }, { "close", false, FLAG_FIN | FLAG_RST },
	{ "abort", false, FLAG_RST },	 { "inject", false, 0 },
};

#define KINDS  (sizeof(kinds) / sizeof(kinds[0]))
#define INJECT (KINDS - 1)

static size_t kind_of(const struct trace_event *command)
{
	const char *text = command->text ? command->text : "";
	size_t len = strcspn(text, " "), i;

	for (i = 0; i < KINDS; i++)
		if (strlen(kinds[i].word) == len &&
		    strncmp(kinds[i].word, text, len) == 0)
			break;
	return i;
}

static bool may_cause(const struct trace_event *command, const struct trace_segment *s)
{
	size_t kind = kind_of(command);

	if (kind == INJECT || s->injected)
		return kind == INJECT && s->injected;
	if (command->host >= 0 && command->host != s->from)
		return false;
	if (s->copy_of || trace_resent(s))
		return false;
	return kind == KINDS || (kinds[kind].data && s->segment.len > 0) ||
	       (kinds[kind].flags & s->segment.flags);
}

static void forget(struct waiting *w, size_t i)
{
	w->n--;
	memmove(w->item + i, w->item + i + 1, (w->n - i) * sizeof(*w->item));
}

static void add(struct waiting *w, const struct trace_event *command)
{
	size_t i = 0;

	while (i < w->n)
		if (w->item[i].passed && w->item[i].command->host == command->host)
			forget(w, i);
		else
			i++;
	if (w->n == PENDING_MAX)
		forget(w, 0);
	w->item[w->n++] = (struct pending){ .command = command };
}

/* The line of the first that may have caused it; 0. */
static int take(struct waiting *w, const struct trace_segment *s)
{
	int line = 0;
	size_t i = 0;

	while (i < w->n) {
		if (!may_cause(w->item[i].command, s)) {
			i++;
		} else if (line == 0) {
			line = w->item[i].command->line;
			forget(w, i);
		} else {
			w->item[i++].passed = true;
		}
	}
	return line;
}

int lines_find(const struct trace *t, int *line)
{
	struct waiting w = { .n = 0 };
	const struct trace_event *e;
	size_t i, n = trace_events(t);
	int largest = 0;

	for (i = 0; i < n; i++) {
		e = trace_event(t, i);
		if (e->kind == TRACE_COMMAND && e->line > 0) {
			add(&w, e);
		} else if (e->kind == TRACE_SENT) {
			line[e->number] = take(&w, trace_find(t, e->number));
			if (line[e->number] > largest)
				largest = line[e->number];
		}
	}
	return largest;
}
