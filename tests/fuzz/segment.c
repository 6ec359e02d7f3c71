/* segment.c - fuzz target: any bytes as a packet. What is decoded whole can be encoded again. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tcp/notation.h"
#include "tcp/segment.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void must(int truth)
{
	if (!truth)
		abort();
}

static void notation_reads_back(const struct segment *s)
{
	struct buf text = BUF_EMPTY;
	struct segment again = *s;
	struct err err;

	notation_format(s, s->seq, s->ack, &text);
	memset(&again.options, 0, sizeof(again.options));
	again.seq = again.ack = 0;
	again.flags = 0;
	must(notation_parse(&again, text.data, s->seq, s->ack, NULL, &err) > 0);
	must(again.seq == s->seq && again.flags == s->flags && again.len == s->len);
	must(!s->ack || again.ack == s->ack);
	buf_clear(&text);
}

static void encoding_decodes_to_the_same(const struct segment *s)
{
	struct buf packet = BUF_EMPTY;
	struct segment again;
	struct err err;

	must(segment_encode(s, &packet, &err) == 0);
	must(segment_decode(&again, packet.data, packet.len) == 0);
	must(!again.fault == !s->fault && again.checksum_ok);
	must(again.seq == s->seq && again.ack == s->ack && again.flags == s->flags);
	must(again.window == s->window && again.urgent == s->urgent);
	must(again.ttl == s->ttl && again.ecn == s->ecn && again.dscp == s->dscp);
	must(addr_equal(&again.from, &s->from) && addr_equal(&again.to, &s->to));
	must(again.len == s->len && memcmp(again.payload, s->payload, s->len) == 0);
	must(again.options.mss == s->options.mss &&
	     again.options.wscale == s->options.wscale &&
	     again.options.sacks == s->options.sacks &&
	     again.options.tsval == s->options.tsval &&
	     again.options.cookie_len == s->options.cookie_len);
	must(again.options.other_len == s->options.other_len &&
	     memcmp(again.options.other, s->options.other, s->options.other_len) == 0);
	buf_clear(&packet);
}

static void checksum_can_be_put_right(const struct segment *s, const uint8_t *data,
				      size_t len)
{
	uint8_t *copy = malloc(len);
	struct segment again;

	must(copy != NULL);
	memcpy(copy, data, len);
	segment_checksum(copy, len);
	if (s->header_len > 0 && !s->fault && segment_decode(&again, copy, len) == 0)
		must(again.checksum_ok || again.fault);
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct segment s;
	int rc = segment_decode(&s, data, len);

	must(rc == 0 || s.fault);
	must(s.len == 0 || (s.payload >= data && s.payload + s.len <= data + len));
	if (len > 0)
		checksum_can_be_put_right(&s, data, len);
	if (rc < 0 || len > 60000)
		return 0;
	notation_reads_back(&s);
	/* a fault in an option's length alone leaves the segment whole */
	if (s.payload && (!s.fault || strstr(s.fault, "of a wrong length")))
		encoding_decodes_to_the_same(&s);
	return 0;
}
