/*
 * lines.c - which command of a script, or of who types, caused a segment.
 *
 * A script runs on before the wire has read what its last command made the kernel send. So the
 * order in the trace does not tell; it is the first segment that comes later from the command's
 * socket and is of the kind that this command makes. A command that had its chance (a segment of its kind
 * came, but an earlier command had it) is taken for coalesced with that one when the next is given.
 */
#include "trace/lines.h"

#include <string.h>

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

/* Can what that socket sends be this segment? Of a socket that is not known its host has to do. */
static bool may_send(const struct trace_event *command, const struct trace_segment *s)
{
	const union addr *local = &command->local, *peer = &command->peer;

	if (command->host >= 0 && command->host != s->from)
		return false;
	if (local->sa.sa_family == 0)
		return true;
	if (peer->sa.sa_family != 0)
		return addr_equal(local, &s->segment.from) &&
		       addr_equal(peer, &s->segment.to);
	return addr_port(local) == addr_port(&s->segment.from);
}

/* A listener that is closed resets all connections that nobody has accepted. */
static bool is_listener(const struct trace_event *command)
{
	return command->local.sa.sa_family != 0 && command->peer.sa.sa_family == 0;
}

static bool may_cause(const struct trace_event *command, const struct trace_segment *s)
{
	size_t kind = kind_of(command);

	if (kind == INJECT || s->injected)
		return kind == INJECT && s->injected && !s->copy_of;
	if (!may_send(command, s) || s->copy_of || trace_resent(s))
		return false;
	if (is_listener(command))
		return s->segment.flags & FLAG_RST;
	return kind == KINDS || (kinds[kind].data && s->segment.len > 0) ||
	       (kinds[kind].flags & s->segment.flags);
}

static void forget(struct causes *c, size_t i)
{
	c->n--;
	memmove(c->item + i, c->item + i + 1, (c->n - i) * sizeof(*c->item));
}

static void add(const struct trace *t, struct causes *c, size_t command)
{
	int host = t->events[command].host;
	size_t i = 0;

	while (i < c->n)
		if (c->item[i].passed && t->events[c->item[i].command].host == host)
			forget(c, i);
		else
			i++;
	if (c->n == WAITING_MAX)
		forget(c, 0);
	c->item[c->n++] = (struct waiting){ .command = command };
}

/* The first that may have caused it, plus 1; 0. */
static size_t take(const struct trace *t, struct causes *c, const struct trace_segment *s)
{
	const struct trace_event *command;
	size_t found = 0, i = 0;

	while (i < c->n) {
		command = &t->events[c->item[i].command];
		if (!may_cause(command, s)) {
			i++;
		} else if (found == 0) {
			found = c->item[i].command + 1;
			c->item[i].passed = true;
			if (is_listener(command))
				i++;
			else
				forget(c, i);
		} else {
			c->item[i++].passed = true;
		}
	}
	return found;
}

const struct trace_event *lines_command(const struct trace *t,
					const struct trace_segment *s)
{
	struct causes *c = &((struct trace *)t)->causes;

	trace_settle(t);
	for (; c->seen < t->n_events; c->seen++) {
		const struct trace_event *e = &t->events[c->seen];

		if (e->kind == TRACE_COMMAND)
			add(t, c, c->seen);
		else if (e->kind == TRACE_SENT)
			t->entries[e->number - 1]->command =
				take(t, c, &t->entries[e->number - 1]->s);
	}
	return entry_of(s)->command ? &t->events[entry_of(s)->command - 1] : NULL;
}

void lines_take_back(struct trace *t)
{
	struct causes *c = &t->causes;

	if (c->seen <= t->n_events)
		return;
	c->seen = t->n_events;
	if (c->n > 0 && c->item[c->n - 1].command == t->n_events)
		c->n--;
}
