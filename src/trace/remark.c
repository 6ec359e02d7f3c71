/* remark.c - what our captures say about a packet, as lines that people read and remark_read.c does. */
#include "trace/remark.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define TEXT_MAX \
	4096 /* libpcap refuses blocks with more than 128 KiB beside the packet */

/* Quotes stay as they are: nothing ends at them, and most commands have some. */
static void put_text(const char *text, struct buf *out)
{
	const char *end = text + strnlen(text, TEXT_MAX), *quote;
	bool cut = *end;

	while ((quote = memchr(text, '"', (size_t)(end - text)))) {
		text_escape(out, text, (size_t)(quote - text), true);
		buf_addc(out, '"');
		text = quote + 1;
	}
	text_escape(out, text, (size_t)(end - text), true);
	if (cut)
		buf_adds(out, "...");
}

/* In seconds, as short as it can be read back: "1.2". */
static void put_time(int64_t ns, struct buf *out)
{
	char text[40];
	int n = snprintf(text, sizeof(text), "%lld.%09lld",
			 (long long)(ns / REMARK_SECOND),
			 (long long)(ns % REMARK_SECOND));

	while (text[n - 1] == '0')
		n--;
	buf_add(out, text, (size_t)(text[n - 1] == '.' ? n - 1 : n));
}

static void put_address(const union addr *a, struct buf *out)
{
	union addr bare = *a;
	char text[ADDR_TEXT_MAX];

	/* A zone is an interface of this machine: it says nothing in a file. */
	if (bare.sa.sa_family == AF_INET6)
		bare.in6.sin6_scope_id = 0;
	buf_adds(out, addr_format(&bare, text));
}

/* The host's name, or the address in parentheses where no host has it. */
static void put_end(const struct trace *t, int host, const union addr *a, struct buf *out)
{
	char text[ADDR_TEXT_MAX];

	if (host >= 0)
		put_text(trace_host(t, host), out);
	else
		buf_addf(out, "(%s)", addr_host(a, text));
}

void remark_began(int64_t ns, struct buf *out)
{
	buf_adds(out, REMARK_TITLE "\nbegan ");
	put_time(ns, out);
	buf_addc(out, '\n');
}

void remark_host(const char *name, struct buf *out)
{
	buf_adds(out, "host ");
	put_text(name, out);
	buf_addc(out, '\n');
}

static void put_came(const struct trace_came *came, struct buf *out)
{
	size_t i;

	buf_adds(out, " from ");
	for (i = 0; i < came->len; i++)
		buf_addf(out, "%02x", came->headers[i]);
	buf_addf(out, " and %zu bytes", came->more);
}

void remark_segment(const struct trace *t, const struct trace_segment *s, struct buf *out)
{
	buf_addf(out, "#%u ", s->number);
	put_end(t, s->from, &s->segment.from, out);
	buf_adds(out, " -> ");
	put_end(t, s->to, &s->segment.to, out);
	if (s->copy_of)
		buf_addf(out, ", copy of #%u", s->copy_of);
	else if (s->again)
		buf_addf(out, ", retransmission of #%u", s->again);
	if (s->injected)
		buf_adds(out, ", injected");
	if (s->altered)
		buf_adds(out, ", altered");
	if (s->came)
		put_came(s->came, out);
	buf_addc(out, '\n');
}

void remark_folded(const struct trace_segment *s, struct buf *out)
{
	buf_addf(out, "retransmission of #%u, folded by tcpstep\n", s->number);
}

void remark_held(struct buf *out)
{
	buf_adds(out, "held\n");
}

static void put_dropped(const struct trace *t, const struct trace_event *e,
			struct buf *out)
{
	const struct trace_segment *s = trace_find(t, e->number);

	buf_adds(out, "dropped");
	if (s && s->why) {
		buf_addc(out, ' ');
		put_text(s->why, out);
	}
}

static void put_state(const struct trace *t, const struct trace_event *e, struct buf *out)
{
	buf_adds(out, "state of ");
	put_text(trace_host(t, e->host), out);
	buf_addf(out, ": %s -> %s, ", state_name(e->before), state_name(e->now));
	put_address(&e->local, out);
	buf_adds(out, " > ");
	put_address(&e->peer, out);
	if (e->inferred)
		buf_adds(out, ", inferred");
}

static void put_call(const struct trace *t, const struct trace_event *e, struct buf *out)
{
	buf_adds(out, "call");
	if (e->host >= 0) {
		buf_adds(out, " by ");
		put_text(trace_host(t, e->host), out);
	}
	if (e->local.sa.sa_family != 0) {
		buf_adds(out, ", ");
		put_address(&e->local, out);
		buf_adds(out, " > ");
		put_address(&e->peer, out);
	}
	if (e->line > 0)
		buf_addf(out, ", line %d", e->line);
	buf_adds(out, ": ");
	put_text(e->text, out);
}

void remark_event(const struct trace *t, const struct trace_event *e, int64_t after,
		  bool meanwhile, struct buf *out)
{
	if (meanwhile)
		buf_adds(out, "meanwhile ");
	switch (e->kind) {
	case TRACE_DELIVERED:
		buf_adds(out, "delivered");
		break;
	case TRACE_DROPPED:
		put_dropped(t, e, out);
		break;
	case TRACE_STATE:
		put_state(t, e, out);
		break;
	case TRACE_COMMAND:
		put_call(t, e, out);
		break;
	default:
		buf_adds(out, "note ");
		put_text(e->text, out);
	}
	buf_adds(out, " after ");
	put_time(after > 0 ? after : 0, out);
	buf_adds(out, " s\n");
}
