/* forge.h - a segment that nobody has sent, and whose numbers are nearly right. */
#ifndef FORGE_H
#define FORGE_H

#include "base/buf.h"
#include "dice.h"
#include "trace/trace.h"

/* What a host has sent last to another, under number since or later; NULL. */
static inline const struct segment *forge_last(const struct trace *t, unsigned since,
					       const union addr *from,
					       const union addr *to)
{
	unsigned n;

	for (n = (unsigned)trace_segments(t); n >= since && n > 0; n--) {
		const struct trace_segment *s = trace_find(t, n);

		if (!s->injected && addr_equal(&s->segment.from, from) &&
		    addr_equal(&s->segment.to, to))
			return &s->segment;
	}
	return NULL;
}

static inline uint32_t forge_near(uint64_t *dice, uint32_t n)
{
	switch (dice_below(dice, 16)) {
	case 0:
		return n - 1;
	case 1:
		return n + 1;
	case 2:
		return n + dice_below(dice, 20);
	case 3:
		return n - dice_below(dice, 20);
	case 4:
		return n + 1000 * dice_below(dice, 70);
	case 5:
		return n - 1000 * dice_below(dice, 70);
	case 6:
		return dice_below(dice, UINT32_MAX);
	default:
		return n;
	}
}

static inline uint8_t forge_flags(uint64_t *dice)
{
	static const uint8_t often[] = {
		FLAG_ACK,
		FLAG_ACK,
		FLAG_ACK,
		FLAG_ACK | FLAG_PSH,
		FLAG_ACK | FLAG_URG,
		FLAG_ACK | FLAG_FIN,
		FLAG_ACK | FLAG_FIN,
		FLAG_ACK | FLAG_FIN,
		FLAG_ACK | FLAG_RST,
		FLAG_RST,
		FLAG_SYN,
		FLAG_SYN | FLAG_ACK,
	};
	uint32_t n = dice_below(dice, sizeof(often) + 1);

	return n < sizeof(often) ? often[n] : (uint8_t)dice_below(dice, 64);
}

/* The packet, in the name of the one to the other; both have their addresses' ports. */
static inline void forge(const struct trace *t, unsigned since, uint64_t *dice,
			 const union addr *from, const union addr *to, struct buf *packet)
{
	static const uint16_t windows[] = { 0, 1, 1000, 65535 };
	static const size_t lens[] = { 0, 0, 0, 0, 1, 3, 20, 1000 };
	const struct segment *mine = forge_last(t, since, from, to);
	const struct segment *theirs = forge_last(t, since, to, from);
	struct segment s;
	struct err err;

	segment_init(&s);
	s.from = *from;
	s.to = *to;
	s.flags = forge_flags(dice);
	s.window = windows[dice_below(dice, 4)];
	s.len = lens[dice_below(dice, 8)];
	if (theirs && (theirs->flags & FLAG_ACK))
		s.seq = theirs->ack;
	else if (mine)
		s.seq = mine->seq + segment_span(mine);
	s.seq = forge_near(dice, s.seq);
	s.ack = forge_near(dice, theirs ? theirs->seq + segment_span(theirs) : 0);
	if (mine && mine->options.timestamps && dice_below(dice, 4) > 0) {
		s.options.timestamps = true;
		s.options.tsval = forge_near(dice, mine->options.tsval);
		if (theirs && dice_below(dice, 4) > 0)
			s.options.tsecr = forge_near(dice, theirs->options.tsval);
	}
	segment_encode(&s, packet, &err);
}

#endif
