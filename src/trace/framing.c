/*
 * framing.c - what stands before the IP packet in a captured frame.
 *
 * Headers are taken off the front one by one; each says what the next one is: an Ethernet type
 * (IEEE 802.3; with SNAP, VLAN tags, MPLS, PPPoE), a protocol of PPP, or an address family.
 */
#include "trace/framing.h"

enum link {
	LINK_NULL = 0,
	LINK_ETHERNET = 1,
	LINK_PPP = 9,
	LINK_RAW_BSD = 12,
	LINK_RAW_OPENBSD = 14,
	LINK_PPP_HDLC = 50,
	LINK_RAW = 101,
	LINK_LOOP = 108,
	LINK_SLL = 113,
	LINK_IPV4 = 228,
	LINK_IPV6 = 229,
	LINK_SLL2 = 276,
};

enum next { NEXT_IP, NEXT_FAMILY, NEXT_PPP, NEXT_TYPE };

/* What follows a link's own header, and where in this an Ethernet type stands. */
static const struct framing {
	unsigned link;
	enum next next;
	size_t header_len, type_at;
} framings[] = {
	{ LINK_NULL, NEXT_FAMILY, 4, 0 },     { LINK_LOOP, NEXT_FAMILY, 4, 0 },
	{ LINK_ETHERNET, NEXT_TYPE, 14, 12 }, { LINK_SLL, NEXT_TYPE, 16, 14 },
	{ LINK_SLL2, NEXT_TYPE, 20, 0 },      { LINK_PPP, NEXT_PPP, 0, 0 },
	{ LINK_PPP_HDLC, NEXT_PPP, 0, 0 },    { LINK_RAW, NEXT_IP, 0, 0 },
	{ LINK_RAW_BSD, NEXT_IP, 0, 0 },      { LINK_RAW_OPENBSD, NEXT_IP, 0, 0 },
	{ LINK_IPV4, NEXT_IP, 0, 0 },	      { LINK_IPV6, NEXT_IP, 0, 0 },
};

/* What is left of a frame. */
struct rest {
	const uint8_t *p;
	size_t len;
};

static const char cut_short[] = "a frame that ends in its header";

static const struct framing *framing_find(unsigned link)
{
	size_t i;

	for (i = 0; i < sizeof(framings) / sizeof(framings[0]); i++)
		if (framings[i].link == link)
			return &framings[i];
	return NULL;
}

bool framing_known(unsigned link)
{
	return framing_find(link) != NULL;
}

static unsigned be16(const uint8_t *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

/* The next n bytes, which are taken off; NULL when there are fewer. */
static const uint8_t *take(struct rest *r, size_t n)
{
	const uint8_t *p = r->p;

	if (r->len < n)
		return NULL;
	r->p += n;
	r->len -= n;
	return p;
}

/* NULL has it in the byte order of the machine that captured, LOOP big-endian: both are small. */
static const char *after_family(const uint8_t *p)
{
	unsigned family = p[0] ? p[0] : p[3];

	if ((p[0] && p[3]) || p[1] || p[2])
		return "not IP";
	/* AF_INET, and AF_INET6 of Linux, Windows, NetBSD and OpenBSD, FreeBSD, macOS */
	return family == 2 || family == 10 || family == 23 || family == 24 ||
			       family == 28 || family == 30
		       ? NULL
		       : "not IP";
}

/* RFC 1662: address and control may stand in front; RFC 1661: a protocol of one byte is odd. */
static const char *after_ppp(struct rest *r)
{
	const uint8_t *p;
	unsigned protocol;

	if (r->len >= 2 && r->p[0] == 0xff && r->p[1] == 0x03)
		take(r, 2);
	p = take(r, r->len > 0 && r->p[0] & 1 ? 1 : 2);
	if (!p)
		return cut_short;
	protocol = p[0] & 1 ? p[0] : be16(p);
	return protocol == 0x21 || protocol == 0x57 ? NULL : "PPP's own";
}

static bool is_vlan(unsigned type)
{
	return type == 0x8100 || type == 0x88a8 || type == 0x9100 || type == 0x9200;
}

/* Goes on to the IP packet; otherwise says why there is none. */
static const char *after_type(struct rest *r, unsigned type)
{
	const uint8_t *p;

	for (;;) {
		if (is_vlan(type)) {
			p = take(r, 4);
			type = p ? be16(p + 2) : 0;
		} else if (type <= 1500) {
			/* A length: 802.2 follows, here with SNAP (RFC 1042). */
			p = take(r, 8);
			if (p && (p[0] != 0xaa || p[1] != 0xaa))
				return "802.2, not IP";
			type = p ? be16(p + 6) : 0;
		} else if (type == 0x8847 || type == 0x8848) {
			/* The last label has its bit; what follows tells itself (RFC 3032). */
			do
				p = take(r, 4);
			while (p && !(p[2] & 1));
			return p ? NULL : cut_short;
		} else if (type == 0x8864) {
			return take(r, 6) ? after_ppp(r) : cut_short;
		} else {
			return type == 0x0800 || type == 0x86dd ? NULL
			       : type == 0x0806			? "ARP"
								: "not IP";
		}
		if (!p)
			return cut_short;
	}
}

/* Short Ethernet frames are padded: the packet says itself how long it is. */
static size_t without_padding(const uint8_t *p, size_t len)
{
	size_t own = 0;

	if (len >= 20 && p[0] >> 4 == 4)
		own = be16(p + 2);
	else if (len >= 40 && p[0] >> 4 == 6 && be16(p + 4) > 0)
		own = 40 + be16(p + 4);
	return own >= 20 && own < len ? own : len;
}

static const char *find_packet(const struct framing *f, struct rest *r)
{
	const uint8_t *header = take(r, f->header_len);

	if (!header)
		return cut_short;
	switch (f->next) {
	case NEXT_FAMILY:
		return after_family(header);
	case NEXT_PPP:
		return after_ppp(r);
	case NEXT_TYPE:
		return after_type(r, be16(header + f->type_at));
	default:
		return NULL;
	}
}

const char *framing_packet(unsigned link, const uint8_t **frame, size_t *len)
{
	const struct framing *f = framing_find(link);
	struct rest r = { *frame, *len };
	const char *why = f ? find_packet(f, &r)
			    : "of a link type that is not understood";

	if (why)
		return why;
	*frame = r.p;
	*len = without_padding(r.p, r.len);
	return NULL;
}
