/*
 * notation.c - a segment as a line of text, written and read.
 *
 * What is written is packetdrill's notation. What is read is that, and what tcpdump prints behind the
 * addresses: "Flags [P.], seq 1:4, ack 1, win 501, options [nop,nop,TS val 1 ecr 2], length 3".
 * Commas between the parts are blanks. A part given twice, or two that do not agree (a range and
 * a length), is an error: a guess would be sent.
 */
#include "tcp/notation.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/quote.h"
#include "base/text.h"
#include "tcp/reader.h"

void notation_format(const struct segment *s, uint32_t seq_base, uint32_t ack_base,
		     struct buf *out)
{
	struct buf options = BUF_EMPTY;
	uint32_t seq = s->seq - seq_base;
	char flags[10];

	buf_addf(out, "%s %u:%u(%zu)", segment_flags_letters(s->flags, flags), seq,
		 (uint32_t)(seq + s->len), s->len);
	if (s->ack || (s->flags & FLAG_ACK))
		buf_addf(out, " ack %u", s->ack - ack_base);
	buf_addf(out, " win %u", s->window);
	if (s->urgent || (s->flags & FLAG_URG))
		buf_addf(out, " urg %u", s->urgent);
	options_format(&s->options, ack_base, &options);
	if (options.len > 0)
		buf_addf(out, " <%s>", options.data + 1);
	buf_clear(&options);
}

/* Notes that the text gives a part; what is its name in a sentence. */
static bool part_once(struct reader *r, const char *at, int part, const char *what)
{
	if (r->parts & part)
		return reader_fail(r, at, "%s are given for the second time", what);
	r->parts |= part;
	return true;
}

/* One more statement of the payload's length, which has to agree with those before. */
static bool length_agree(struct reader *r, const char *at, uint32_t len)
{
	if ((r->parts & PART_LEN) && r->s.len != len)
		return reader_fail(r, at, "the length is %u here and %zu before", len,
				   r->s.len);
	r->parts |= PART_LEN;
	r->s.len = len;
	return true;
}

/* SEQ, SEQ:END, SEQ:END(LEN). */
static bool range_read(struct reader *r)
{
	const char *at;
	uint32_t from, to, len;

	reader_skip(r, READER_BLANKS);
	at = r->p;
	if (!part_once(r, at, PART_SEQ, "sequence numbers") ||
	    !reader_number(r, UINT32_MAX, "the sequence number", &from))
		return false;
	r->s.seq = from + r->seq_base;
	if (reader_take(r, ':')) {
		if (!reader_number(r, UINT32_MAX, "the end of the range", &to))
			return false;
		if (to - from > UINT16_MAX)
			return reader_fail(r, at, "the range is longer than a packet");
		if (!length_agree(r, at, to - from))
			return false;
	}
	if (!reader_take(r, '('))
		return true;
	reader_skip(r, READER_BLANKS);
	at = r->p;
	if (!reader_number(r, UINT16_MAX, "the length", &len) ||
	    !length_agree(r, at, len))
		return false;
	return reader_take(r, ')') || reader_fail(r, r->p, "the bracket ) is missing");
}

static bool length_read(struct reader *r)
{
	const char *at = r->p;
	uint32_t len;

	return reader_number(r, UINT16_MAX, "the length", &len) &&
	       length_agree(r, at, len);
}

static bool ack_read(struct reader *r)
{
	uint32_t n;

	if (!part_once(r, r->p, PART_ACK, "acknowledgments") ||
	    !reader_number(r, UINT32_MAX, "the acknowledgment", &n))
		return false;
	r->s.ack = n + r->ack_base;
	return true;
}

static bool window_read(struct reader *r)
{
	uint32_t n;

	if (!part_once(r, r->p, PART_WINDOW, "windows") ||
	    !reader_number(r, UINT16_MAX, "the window (as in the header, not scaled)",
			   &n))
		return false;
	r->s.window = (uint16_t)n;
	return true;
}

static bool urgent_read(struct reader *r)
{
	uint32_t n;

	if (!part_once(r, r->p, PART_URGENT, "urgent pointers") ||
	    !reader_number(r, UINT16_MAX, "the urgent pointer", &n))
		return false;
	r->s.urgent = (uint16_t)n;
	return true;
}

/* FLAGS, or tcpdump's [FLAGS] behind the word "Flags". */
static bool flags_read(struct reader *r)
{
	bool bracket = reader_take(r, '[');
	char text[READER_WORD_MAX];
	const char *at;
	size_t n;

	reader_skip(r, READER_BLANKS);
	at = r->p;
	/* here the comma of SYN,ACK belongs to the word */
	n = strcspn(at, READER_BLANKS "<>[](){}:\"'");
	if (!bracket && n > 0 && at[n - 1] == ',')
		n--;
	if (n >= sizeof(text))
		n = 0;
	memcpy(text, at, n);
	text[n] = '\0';
	if (!segment_flags_parse(&r->s.flags, text))
		return reader_fail(
			r, at, "%s",
			bracket ? "flags are letters of S F R P . U E W, or none"
				: "this is none of flags (S. or SYN,ACK), SEQ:END(LEN), ack N, "
				  "win N, urg N, <OPTIONS>, \"DATA\"");
	if (!part_once(r, at, PART_FLAGS, "flags"))
		return false;
	r->p += n;
	return !bracket || reader_take(r, ']') ||
	       reader_fail(r, r->p, "the bracket ] is missing");
}

/* Behind tcpdump's word "options", or by themselves. */
static bool options_read(struct reader *r)
{
	reader_skip(r, READER_BLANKS);
	if (!part_once(r, r->p, PART_OPTIONS, "options"))
		return false;
	if (*r->p != '[' && *r->p != '<')
		return reader_fail(r, r->p, "the bracket [ is missing");
	return reader_options(r);
}

/* The payload's text, the quote at r->p. */
static bool data_read(struct reader *r)
{
	const char *at = r->p, *after;
	struct err why;

	if (r->quoted)
		return reader_fail(r, at, "the payload is given for the second time");
	after = quote_read(at, at + strlen(at), &r->data, &why);
	if (!after)
		return reader_fail(r, at, "%s", why.message);
	if (r->data.len > UINT16_MAX)
		return reader_fail(r, at, "the payload is longer than a packet");
	if (!length_agree(r, at, (uint32_t)r->data.len))
		return false;
	r->quoted = true;
	r->p = after;
	return true;
}

/* Is this packetdrill's direction, which stands before the flags? */
static bool is_direction(const struct reader *r)
{
	struct reader ahead = *r;
	char word[READER_WORD_MAX];
	uint8_t flags;

	if (!reader_take(&ahead, '<') && !reader_take(&ahead, '>'))
		return false;
	reader_skip(&ahead, READER_BLANKS);
	return segment_flags_parse(&flags, reader_word(&ahead, word));
}

/* Small letters only: ACK in capitals is a flag. */
static const struct word part_words[] = {
	{ "Flags", flags_read },   { "seq", range_read },  { "ack", ack_read },
	{ "win", window_read },	   { "urg", urgent_read }, { "options", options_read },
	{ "length", length_read }, { NULL, NULL },
};

static bool part_read(struct reader *r)
{
	const struct word *w;
	char word[READER_WORD_MAX];

	if (is_direction(r))
		return reader_fail(r, r->p,
				   "here from and to say the direction, not < and >");
	if (isdigit((unsigned char)*r->p))
		return range_read(r);
	if (*r->p == '<')
		return options_read(r);
	if (*r->p == '"' || *r->p == '\'')
		return data_read(r);
	reader_word(r, word);
	for (w = part_words; w->name; w++)
		if (strcmp(word, w->name) == 0) {
			r->p += strlen(word);
			return w->read(r);
		}
	return flags_read(r);
}

/* Gives the caller what was read. */
static void hand_over(struct reader *r, struct segment *s, struct buf *data)
{
	*s = r->s;
	if (!(r->parts & PART_LEN))
		return;
	s->payload = NULL;
	if (!data)
		return;
	buf_reset(data);
	if (r->quoted)
		buf_add(data, r->data.data, r->data.len);
	else
		buf_pad(data, s->len, '\0');
	s->payload = (const uint8_t *)buf_str(data);
}

int notation_parse(struct segment *s, const char *text, uint32_t seq_base,
		   uint32_t ack_base, struct buf *data, struct err *err)
{
	struct reader r = {
		.text = text,
		.p = text,
		.s = *s,
		.seq_base = seq_base,
		.ack_base = ack_base,
		.err = err,
	};
	bool good = true;

	for (reader_skip(&r, READER_BLANKS ","); good && *r.p;
	     reader_skip(&r, READER_BLANKS ","))
		good = part_read(&r);
	if (good)
		hand_over(&r, s, data);
	buf_clear(&r.data);
	return good ? r.parts : -EINVAL;
}
