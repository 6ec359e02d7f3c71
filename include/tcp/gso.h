/* gso.h - one packet of many segments (generic segmentation offload): cut into them, joined again. */
#ifndef TCP_GSO_H
#define TCP_GSO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tcp/segment.h"

/* What an IP packet does not say of itself. All zero: it is as on a cable. */
struct gso {
	uint16_t
		size; /* bytes of data in each of its segments but the last; 0: it is one segment */
	bool partial; /* its TCP checksum is left out */
};

#define GSO_PACKET_MAX 65600

/* A packet that is being cut. */
struct gso_cut {
	const uint8_t *packet;
	size_t tcp, header; /* where TCP's header begins, and where the data begins */
	size_t len, size;   /* of all data, of each segment's */
	size_t at;	    /* so much of it is cut off */
	struct segment first;
};

/* The packet is borrowed. False: it is not made of several TCP segments that could be cut. */
bool gso_begin(struct gso_cut *c, const void *packet, size_t len, size_t size);

/*
 * Makes the next segment as a sender without offload would have made it: numbers, flags, lengths and
 * checksums. packet has room for GSO_PACKET_MAX bytes; s is decoded from it. Its length; 0 at the end.
 */
size_t gso_next(struct gso_cut *c, uint8_t *packet, struct segment *s);

/*
 * Only the next segment's headers, c->header bytes. Without data it is not at hand, but only the packet's
 * headers are: TCP's checksum is then 0. Its bytes of data, which stay where they are; 0.
 */
size_t gso_header(struct gso_cut *c, uint8_t *header, bool data);

/* The packet as it is, decoded as if it were one segment; its checksum is taken for right. */
void gso_whole(const struct gso_cut *c, struct segment *s);

/*
 * Whether next may follow last in one packet of segments of last's length: it goes on where last ends,
 * and their headers differ in nothing else. The segments are decoded from the packets.
 */
bool gso_follows(const struct segment *last, const uint8_t *last_packet,
		 const struct segment *next, const uint8_t *next_packet);

/*
 * The headers of the packet that joins segments from first to last, with len bytes of data in all: first's
 * header_len bytes are written to header. The TCP checksum is left out.
 */
void gso_join(const struct segment *first, const uint8_t *first_packet,
	      const struct segment *last, size_t len, uint8_t *header);

#endif
