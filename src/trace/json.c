/* json.c - the trace as JSON (RFC 8259), one event an object, one a line. */
#include "trace/views.h"

#include "base/json.h"
#include "trace/inner.h"
#include "trace/text.h"

static void addr_add(struct buf *out, const char *key, const union addr *a)
{
	char text[ADDR_TEXT_MAX];

	json_text(out, key, addr_format(a, text));
}

static void host_add(struct buf *out, const char *key, const struct trace *t, int host)
{
	json_text(out, key, host >= 0 ? trace_host(t, host) : NULL);
}

static void flag_add(struct buf *out, const char *key, bool on)
{
	if (on)
		buf_addf(out, ",\"%s\":true", key);
}

static void options_add(struct buf *out, const struct trace *t,
			const struct trace_segment *s)
{
	const struct segment_options *o = &s->segment.options;
	uint32_t base = ack_base(t, s, false);
	int i;

	if (o->mss)
		buf_addf(out, ",\"mss\":%u", o->mss);
	if (o->wscale >= 0)
		buf_addf(out, ",\"wscale\":%d", o->wscale);
	flag_add(out, "sack_permitted", o->sack_permitted);
	if (o->timestamps)
		buf_addf(out, ",\"tsval\":%u,\"tsecr\":%u", o->tsval, o->tsecr);
	for (i = 0; i < o->sacks && i < SEGMENT_SACK_MAX; i++)
		buf_addf(out, "%s[%u,%u]", i == 0 ? ",\"sack\":[" : ",",
			 o->sack[i].left - base, o->sack[i].right - base);
	if (i > 0)
		buf_addc(out, ']');
	if (o->cookie_len < 0)
		return;
	buf_adds(out, ",\"cookie\":\"");
	for (i = 0; i < o->cookie_len && i < (int)sizeof(o->cookie); i++)
		buf_addf(out, "%02x", o->cookie[i]);
	buf_addc(out, '"');
}

static void segment_add(struct buf *out, const struct trace *t,
			const struct trace_segment *s)
{
	const struct segment *g = &s->segment;
	char flags[40];

	host_add(out, "from", t, s->from);
	host_add(out, "to", t, s->to);
	addr_add(out, "src", &g->from);
	addr_add(out, "dst", &g->to);
	json_text(out, "flags", segment_flags_text(g->flags, flags));
	buf_addf(out, ",\"seq\":%u,\"raw_seq\":%u", trace_seq(t, s), g->seq);
	if (g->flags & FLAG_ACK)
		buf_addf(out, ",\"ack\":%u,\"raw_ack\":%u", trace_ack(t, s), g->ack);
	buf_addf(out, ",\"window\":%u,\"raw_window\":%u,\"len\":%zu", trace_window(t, s),
		 g->window, g->len);
	if (g->flags & FLAG_URG)
		buf_addf(out, ",\"urgent\":%u", g->urgent);
	if (!g->fault)
		options_add(out, t, s);
	flag_add(out, "data_gone", s->cut);
	if (g->len > 0 && !s->cut)
		json_data(out, (const char *)g->payload, segment_kept(g));
	if (g->len > 0 && g->cut > 0)
		buf_addf(out, ",\"data_cut\":%zu", segment_data_cut(g));
	flag_add(out, "options_cut", segment_options_cut(g));
	if (s->copy_of)
		buf_addf(out, ",\"copy_of\":%u", s->copy_of);
	if (trace_resent(s))
		buf_addf(out, ",\"again\":%u", s->again);
	flag_add(out, "injected", s->injected);
	flag_add(out, "altered", s->altered);
	flag_add(out, "bad_checksum", checksum_bad(s));
	if (g->fault)
		json_text(out, "fault", g->fault);
}

static void state_add(struct buf *out, const struct trace *t, const struct trace_event *e)
{
	host_add(out, "host", t, e->host);
	addr_add(out, "local", &e->local);
	addr_add(out, "peer", &e->peer);
	json_text(out, "before", state_name(e->before));
	json_text(out, "state", state_name(e->now));
	flag_add(out, "inferred", e->inferred);
}

static void event_add(struct buf *out, const struct trace *t, const struct trace_event *e)
{
	static const char *const names[] = { "sent",  "delivered", "dropped", "folded",
					     "state", "command",   "note" };
	const struct trace_segment *s = trace_find(t, e->number);

	buf_addf(out, "{\"event\":\"%s\",\"time\":%.6f", names[e->kind], e->time);
	if (e->number)
		buf_addf(out, ",\"number\":%u", e->number);
	if (e->conn >= 0)
		buf_addf(out, ",\"connection\":%d", e->conn + 1);
	if (e->kind == TRACE_SENT)
		segment_add(out, t, s);
	else if (e->kind == TRACE_DROPPED && s->why)
		json_text(out, "why", s->why);
	else if (e->kind == TRACE_STATE)
		state_add(out, t, e);
	else if (e->kind == TRACE_COMMAND)
		host_add(out, "host", t, e->host);
	if (e->line > 0)
		buf_addf(out, ",\"line\":%d", e->line);
	if (e->text)
		json_text(out, "text", e->text);
	buf_adds(out, "}\n");
}

void view_json(const struct trace *t, const struct interrupt *interrupt, struct buf *out)
{
	size_t i;

	for (i = 0; i < trace_events(t) && !interrupt_came(interrupt); i++)
		event_add(out, t, trace_event(t, i));
}
