/* run.c - segments that follow one another and reach their host as one packet. */
#include "lab/run.h"

#define BYTES_MAX  65000 /* with all headers one packet's length */
#define HEADER_MAX 128	 /* IPv6's and TCP's, with all options */

bool run_add(struct run *r, struct trace_segment *s)
{
	const struct trace_segment *last;

	if (r->n > 0) {
		last = r->segment[r->n - 1];
		if (r->n == RUN_MAX || r->bytes + s->segment.len > BYTES_MAX ||
		    last->to != s->to ||
		    last->segment.len != r->segment[0]->segment.len ||
		    !gso_follows(&last->segment, last->packet, &s->segment, s->packet))
			return false;
	}
	r->segment[r->n++] = s;
	r->bytes += s->segment.len;
	return true;
}

int run_write(const struct run *r, const struct netns *netns)
{
	const struct trace_segment *first = r->segment[0], *last = r->segment[r->n - 1];
	struct gso gso = { .size = (uint16_t)first->segment.len, .partial = true };
	struct iovec piece[RUN_MAX + 1];
	uint8_t header[HEADER_MAX];
	size_t i;

	if (r->n == 1)
		return netns_write(netns, first->to, first->packet, first->packet_len);
	gso_join(&first->segment, first->packet, &last->segment, r->bytes, header);
	piece[0] = (struct iovec){ header, first->segment.header_len };
	for (i = 0; i < r->n; i++)
		piece[i + 1] = (struct iovec){ (void *)r->segment[i]->segment.payload,
					       r->segment[i]->segment.len };
	return netns_write_gso(netns, first->to, piece, (int)r->n + 1, &gso);
}
