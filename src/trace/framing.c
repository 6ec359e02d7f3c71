/* framing.c - what stands before the IP packet in a captured frame. */
#include "trace/framing.h"

enum link {
	LINK_NULL = 0,
	LINK_ETHERNET = 1,
	LINK_RAW_BSD = 12,
	LINK_RAW_OPENBSD = 14,
	LINK_RAW = 101,
	LINK_LOOP = 108,
	LINK_SLL = 113,
	LINK_IPV4 = 228,
	LINK_IPV6 = 229,
	LINK_SLL2 = 276,
};

/* How a link type says what follows: an Ethernet type at an offset, or an address family. */
static const struct framing {
	unsigned link;
	size_t header_len;
	int type_at; /* of the Ethernet type, -1: none */
	bool family; /* the header is an address family */
} framings[] = {
	{ LINK_NULL, 4, -1, true },	    { LINK_LOOP, 4, -1, true },
	{ LINK_ETHERNET, 14, 12, false },   { LINK_SLL, 16, 14, false },
	{ LINK_SLL2, 20, 0, false },	    { LINK_RAW, 0, -1, false },
	{ LINK_RAW_BSD, 0, -1, false },	    { LINK_IPV4, 0, -1, false },
	{ LINK_RAW_OPENBSD, 0, -1, false }, { LINK_IPV6, 0, -1, false },
};

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

/* NULL has it in the byte order of the machine that captured, LOOP big-endian: both are small. */
static bool family_is_ip(const uint8_t *p)
{
	unsigned family = p[0] ? p[0] : p[3];

	if ((p[0] && p[3]) || p[1] || p[2])
		return false;
	/* AF_INET, and AF_INET6 of Linux, Windows, NetBSD and OpenBSD, FreeBSD, macOS */
	return family == 2 || family == 10 || family == 23 || family == 24 ||
	       family == 28 || family == 30;
}

static bool is_vlan(unsigned type)
{
	return type == 0x8100 || type == 0x88a8 || type == 0x9100 || type == 0x9200;
}

/* Behind the tags of VLANs; false when it is no IP. */
static bool skip_tags(unsigned type, const uint8_t **p, size_t *len)
{
	for (; is_vlan(type) && *len >= 4; *p += 4, *len -= 4)
		type = be16(*p + 2);
	return type == 0x0800 || type == 0x86dd;
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

const uint8_t *framing_packet(unsigned link, const uint8_t *frame, size_t *len)
{
	const struct framing *f = framing_find(link);
	const uint8_t *p = frame;

	if (!f || *len < f->header_len)
		return NULL;
	p += f->header_len;
	*len -= f->header_len;
	if (f->family && !family_is_ip(frame))
		return NULL;
	if (f->type_at >= 0 && !skip_tags(be16(frame + f->type_at), &p, len))
		return NULL;
	*len = without_padding(p, *len);
	return p;
}
