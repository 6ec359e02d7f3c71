/* place.h - where the TCP header of a packet is; for this floor only. */
#ifndef TCP_PLACE_H
#define TCP_PLACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define IPV4_HEADER 20
#define IPV6_HEADER 40
#define PROTO_TCP   6

/* Where it is, and what else its checksum covers. */
struct place {
	size_t tcp;  /* offset of the TCP header */
	size_t end;  /* of the packet as its IP header has it; at most what came */
	size_t more; /* bytes that did not come, although the IP header counts them */
	bool open;   /* the IP header does not say where the packet ends */
	const uint8_t *from, *to; /* of the pseudo header, addr_len bytes each */
	size_t addr_len;
};

/*
 * Finds it among len bytes that begin with an IP header. NULL, or why they are no TCP packet; from and to
 * are there all the same where the header has them, else NULL.
 */
const char *place_find(struct place *at, const uint8_t *p, size_t len);

#endif
