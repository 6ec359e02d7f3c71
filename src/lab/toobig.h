/* toobig.h - what a router says to the sender of a packet that does not fit its next link. */
#ifndef SRC_LAB_TOOBIG_H
#define SRC_LAB_TOOBIG_H

#include <stddef.h>
#include <stdint.h>

#define TOOBIG_MAX 128

/*
 * Into out (TOOBIG_MAX bytes): "fragmentation needed" (RFC 792, 1191), or for IPv6 "packet too big"
 * (RFC 4443, 3.2), from the packet's receiver to its sender. Returns its length; 0 when the
 * packet is none that is answered so: it may be fragmented.
 */
size_t toobig_make(uint8_t *out, const uint8_t *packet, size_t len, unsigned mtu);

#endif
