/* expect.c - the segment that a script waits for, and how another one differs from it. */
#include "lab/expect.h"

#include <inttypes.h>
#include <string.h>

#include "base/text.h"

/* A comparison under way. */
struct matching {
	const struct expect *e;
	const struct trace *t;
	const struct trace_segment *s;
	struct buf *why;
};

static bool differs(struct matching *m, const char *field, const char *wanted,
		    const char *got)
{
	buf_addf(m->why, "%s: expected %s, got %s", field, wanted, got);
	return false;
}

static bool number_is(struct matching *m, const char *field, uint32_t wanted,
		      uint32_t got)
{
	if (wanted == got)
		return true;
	buf_addf(m->why, "%s: expected %" PRIu32 ", got %" PRIu32, field, wanted, got);
	return false;
}

static const char *end_text(const union addr *a, char buf[ADDR_TEXT_MAX])
{
	return addr_port(a) ? addr_format(a, buf) : addr_host(a, buf);
}

static bool end_is(struct matching *m, const char *field,
		   const union addr wanted[LAB_ADDRS], const union addr *got)
{
	char text[ADDR_TEXT_MAX];
	union addr seen = *got;
	int i;

	if (wanted->sa.sa_family == 0)
		return true;
	if (addr_port(wanted) == 0)
		addr_set_port(&seen, 0);
	for (i = 0; i < LAB_ADDRS; i++)
		if (addr_equal(&wanted[i], &seen))
			return true;
	buf_addf(m->why, "%s: expected %s", field, end_text(wanted, text));
	for (i = 1; i < LAB_ADDRS && wanted[i].sa.sa_family; i++)
		buf_addf(m->why, " or %s", end_text(&wanted[i], text));
	buf_addf(m->why, ", got %s", end_text(&seen, text));
	return false;
}

static bool from_is(struct matching *m)
{
	return end_is(m, "from", m->e->from, &m->s->segment.from);
}

static bool to_is(struct matching *m)
{
	return end_is(m, "to", m->e->to, &m->s->segment.to);
}

static bool flags_are(struct matching *m)
{
	uint8_t wanted = m->e->want.flags, got = m->s->segment.flags;
	char a[40], b[40];

	if (!(m->e->parts & PART_FLAGS) || wanted == got)
		return true;
	return differs(m, "flags", segment_flags_text(wanted, a),
		       segment_flags_text(got, b));
}

static bool seq_is(struct matching *m)
{
	if (!(m->e->parts & PART_SEQ))
		return true;
	return number_is(m, "seq", m->e->want.seq,
			 m->e->raw ? m->s->segment.seq : trace_seq(m->t, m->s));
}

static bool ack_is(struct matching *m)
{
	if (!(m->e->parts & PART_ACK))
		return true;
	if (!(m->s->segment.flags & FLAG_ACK))
		return differs(m, "ack", "one", "none");
	return number_is(m, "ack", m->e->want.ack,
			 m->e->raw ? m->s->segment.ack : trace_ack(m->t, m->s));
}

static bool len_is(struct matching *m)
{
	if (!(m->e->parts & PART_LEN))
		return true;
	return number_is(m, "len", (uint32_t)m->e->want.len, (uint32_t)m->s->segment.len);
}

static bool data_is(struct matching *m)
{
	const struct segment *want = &m->e->want, *got = &m->s->segment;
	size_t i;

	if (!m->e->data || m->s->cut || got->cut)
		return true;
	for (i = 0; i < want->len; i++)
		if (want->payload[i] != got->payload[i])
			break;
	if (i == want->len)
		return true;
	buf_addf(m->why, "data, byte %zu: expected ", i + 1);
	text_quote(m->why, (const char *)want->payload + i,
		   want->len - i < 16 ? want->len - i : 16, false);
	buf_adds(m->why, ", got ");
	text_quote(m->why, (const char *)got->payload + i,
		   got->len - i < 16 ? got->len - i : 16, false);
	return false;
}

static bool window_is(struct matching *m)
{
	if (!(m->e->parts & PART_WINDOW))
		return true;
	return number_is(m, "window in the header", m->e->want.window,
			 m->s->segment.window);
}

static bool urgent_is(struct matching *m)
{
	if (!(m->e->parts & PART_URGENT))
		return true;
	return number_is(m, "urgent pointer", m->e->want.urgent, m->s->segment.urgent);
}

/* The number that the receiver's sequence numbers count from. */
static uint32_t sack_base(const struct matching *m)
{
	return m->e->raw ? 0 : m->s->segment.ack - trace_ack(m->t, m->s);
}

static bool sacks_are(struct matching *m)
{
	const struct segment_options *want = &m->e->want.options;
	const struct segment_options *got = &m->s->segment.options;
	uint32_t base = sack_base(m);
	int i;

	if (want->sacks == 0)
		return true;
	if (!number_is(m, "SACK blocks", want->sacks, got->sacks))
		return false;
	for (i = 0; i < want->sacks; i++)
		if (!number_is(m, "SACK block's start", want->sack[i].left,
			       got->sack[i].left - base) ||
		    !number_is(m, "SACK block's end", want->sack[i].right,
			       got->sack[i].right - base))
			return false;
	return true;
}

static bool cookie_is(struct matching *m)
{
	const struct segment_options *want = &m->e->want.options;
	const struct segment_options *got = &m->s->segment.options;

	if (want->cookie_len < 0)
		return true;
	if (got->cookie_len < 0)
		return differs(m, "fast open cookie", "one", "none");
	if (!number_is(m, "fast open cookie's length", (uint32_t)want->cookie_len,
		       (uint32_t)got->cookie_len))
		return false;
	return memcmp(want->cookie, got->cookie, (size_t)want->cookie_len) == 0 ||
	       differs(m, "fast open cookie", "these bytes", "others");
}

static bool options_are(struct matching *m)
{
	const struct segment_options *want = &m->e->want.options;
	const struct segment_options *got = &m->s->segment.options;

	if (!(m->e->parts & PART_OPTIONS))
		return true;
	if (want->mss && !number_is(m, "mss", want->mss, got->mss))
		return false;
	if (want->wscale >= 0 && got->wscale < 0)
		return differs(m, "wscale", "one", "none");
	if (want->wscale >= 0 &&
	    !number_is(m, "wscale", (uint32_t)want->wscale, (uint32_t)got->wscale))
		return false;
	if (want->sack_permitted && !got->sack_permitted)
		return differs(m, "sackOK", "it", "none");
	if (want->timestamps && !got->timestamps)
		return differs(m, "timestamp", "one", "none");
	if (want->timestamps && !number_is(m, "timestamp's ecr", want->tsecr, got->tsecr))
		return false;
	return sacks_are(m) && cookie_is(m);
}

/* In the order in which a reader would ask. */
static bool (*const fields[])(struct matching *) = {
	from_is, to_is,	    flags_are, seq_is,	    ack_is,
	len_is,	 window_is, urgent_is, options_are, data_is,
};

int expect_differs(const struct expect *e, const struct trace *t,
		   const struct trace_segment *s, struct buf *why)
{
	struct matching m = { e, t, s, why };
	int i;

	if (s->segment.fault && e->parts) {
		buf_addf(why, "it is malformed: %s", s->segment.fault);
		return 0;
	}
	for (i = 0; i < (int)(sizeof(fields) / sizeof(*fields)); i++)
		if (!fields[i](&m))
			return i;
	return -1;
}

static bool ends_agree(const struct expect *e, const struct trace *t,
		       const struct trace_segment *s)
{
	struct buf why = BUF_EMPTY;
	struct matching m = { e, t, s, &why };
	bool agree = from_is(&m) && to_is(&m);

	buf_clear(&why);
	return agree;
}

/* A SYN comes again as it was. */
static bool syn_fits(const struct expect *e, const struct trace *t,
		     const struct trace_segment *s)
{
	const uint8_t lost = FLAG_ECE | FLAG_CWR;
	struct expect again = *e;
	struct buf why = BUF_EMPTY;
	int at;

	if ((e->parts & PART_FLAGS) && ((e->want.flags ^ s->segment.flags) & ~lost))
		return false;
	again.parts &= ~PART_FLAGS;
	again.want.options.cookie_len = -1;
	at = expect_differs(&again, t, s, &why);
	buf_clear(&why);
	return at < 0;
}

static uint32_t seq_of(const struct expect *e, const struct trace *t,
		       const struct trace_segment *s)
{
	return e->raw ? s->segment.seq : trace_seq(t, s);
}

/* Does what was sent from some number on begin with s, and end with last? */
static bool stretch_fits(const struct expect *e, const struct trace *t,
			 const struct trace_segment *s, const struct trace_segment *last)
{
	const struct segment *want = &e->want;
	uint32_t end = seq_of(e, t, last) + (uint32_t)last->segment.len;
	bool fin = last->segment.flags & FLAG_FIN;

	if ((e->parts & PART_FLAGS) && fin != !!(want->flags & FLAG_FIN))
		return false;
	if ((e->parts & PART_SEQ) && want->seq != seq_of(e, t, s))
		return false;
	if ((e->parts & PART_LEN) && seq_of(e, t, s) + (uint32_t)want->len != end)
		return false;
	return addr_equal(&s->segment.from, &last->segment.from) &&
	       addr_equal(&s->segment.to, &last->segment.to);
}

static bool sent_by_host(const struct trace_segment *s)
{
	return s->from >= 0 && !s->injected && !s->copy_of &&
	       segment_span(&s->segment) > 0;
}

static bool data_fits(const struct expect *e, const struct trace *t,
		      const struct trace_segment *s)
{
	const struct trace_segment *last;
	unsigned n;

	if ((e->parts & PART_FLAGS) && (e->want.flags & (FLAG_SYN | FLAG_RST)))
		return false;
	for (n = s->number; (last = trace_find(t, n)) != NULL; n++)
		if (sent_by_host(last) && stretch_fits(e, t, s, last))
			return true;
	return false;
}

bool expect_fits_again(const struct expect *e, const struct trace *t)
{
	const struct trace_segment *s;
	unsigned n;

	for (n = 1; (s = trace_find(t, n)) != NULL; n++) {
		if (!sent_by_host(s) || !ends_agree(e, t, s))
			continue;
		if (s->segment.flags & FLAG_SYN ? syn_fits(e, t, s) : data_fits(e, t, s))
			return true;
	}
	return false;
}

const struct trace_segment *expect_search(const struct expect *e, const struct trace *t,
					  struct expect_search *found)
{
	struct buf why = BUF_EMPTY;
	const struct trace_segment *s;

	while ((s = trace_find(t, found->next)) != NULL) {
		int agreed;

		found->next++;
		if (s->injected)
			continue;
		buf_reset(&why);
		agreed = expect_differs(e, t, s, &why);
		if (agreed < 0)
			break;
		if (found->nearest && agreed < found->agreed)
			continue;
		found->nearest = s;
		found->agreed = agreed;
		buf_reset(&found->why);
		buf_add(&found->why, why.data, why.len);
	}
	buf_clear(&why);
	return s;
}
