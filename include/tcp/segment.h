/* segment.h - one TCP segment: bytes to fields and back, without a byte read beyond the end. */
#ifndef TCP_SEGMENT_H
#define TCP_SEGMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/buf.h"
#include "base/err.h"

/* TCP's control bits as they stand in the header (RFC 9293, 3.1; RFC 3168 for ECE and CWR). */
enum segment_flag {
	FLAG_FIN = 0x01,
	FLAG_SYN = 0x02,
	FLAG_RST = 0x04,
	FLAG_PSH = 0x08,
	FLAG_ACK = 0x10,
	FLAG_URG = 0x20,
	FLAG_ECE = 0x40,
	FLAG_CWR = 0x80,
};

#define SEGMENT_SACK_MAX    4
#define SEGMENT_COOKIE_MAX  16
#define SEGMENT_OPTIONS_MAX 40 /* bytes: 60 of the header less the first 20 */

/*
 * The options that a segment carries; what is absent is 0, false or -1 as said. One that comes
 * twice counts as it came last, as in Linux.
 */
struct segment_options {
	uint16_t mss;	     /* 0: absent (RFC 9293, 3.7.1) */
	int16_t wscale;	     /* shift count as sent, 0 to 255; -1: absent (RFC 7323, 2) */
	bool sack_permitted; /* RFC 2018, 2 */
	bool timestamps;     /* RFC 7323, 3 */
	uint32_t tsval, tsecr;
	uint8_t sacks; /* blocks (RFC 2018, 3) */
	struct {
		uint32_t left, right;
	} sack[SEGMENT_SACK_MAX];
	int8_t cookie_len; /* Fast Open (RFC 7413): -1 absent, 0 a request */
	uint8_t cookie[SEGMENT_COOKIE_MAX];
	/*
	 * Those not understood (unknown, of a wrong length, an MSS of 0) one after the other as
	 * they came: kind, length (2 and more, counts both), data.
	 */
	uint8_t other_len;
	uint8_t other[SEGMENT_OPTIONS_MAX];
};

/*
 * A decoded segment. payload points into the bytes that were decoded and lives as long as they.
 * What could not be decoded is told by fault; the fields before it are valid, the others 0.
 */
struct segment {
	union addr from, to; /* addresses with ports */
	uint32_t seq, ack;
	uint8_t flags;
	uint16_t window; /* as it stands in the header: not scaled */
	uint16_t urgent;
	struct segment_options options;
	const uint8_t *payload;
	size_t len; /* of the payload, bytes, captured or not */
	/* so many bytes of the packet, the last, were not captured: of payload, then of options */
	size_t cut;
	uint8_t ttl;
	uint8_t ecn; /* of the IP header: 0 not capable, 1 and 2 capable, 3 congestion met */
	uint8_t dscp; /* the other six bits of that byte (RFC 2474) */
	uint16_t ip_id;
	uint32_t flow_label; /* IPv6 */
	bool dont_fragment;
	bool checksum_ok;  /* TCP's and, for IPv4, the header's */
	size_t header_len; /* IP and TCP together: payload's offset */
	const char *fault; /* NULL, or what is wrong with it: "TCP header cut short" */
};

/* A segment with nothing in it: no addresses, flags, options; ttl 64. */
void segment_init(struct segment *s);

/* Bytes of sequence space that it takes: payload, SYN and FIN (RFC 9293, 3.4). */
uint32_t segment_span(const struct segment *s);

/* seq comparisons modulo 2^32 (RFC 9293, 3.4): is a before b? */
bool seq_before(uint32_t a, uint32_t b);

/*
 * Decodes an IPv4 or IPv6 packet. 0 when it is a TCP segment, also a faulty one (fault says what);
 * -EPROTONOSUPPORT when it is something else (ICMP, a fragment, no IP at all), fault says what.
 */
int segment_decode(struct segment *s, const void *packet, size_t len);

/*
 * The same of a capture's packet that went on for up to missing more bytes: options and payload that
 * are among these are no fault, but counted by cut.
 */
int segment_decode_cut(struct segment *s, const void *packet, size_t len, size_t missing);

/* How many bytes of the payload there are to be read. */
size_t segment_kept(const struct segment *s);

/* How many bytes of the payload were not captured; were options not captured, either? */
size_t segment_data_cut(const struct segment *s);
bool segment_options_cut(const struct segment *s);

/*
 * Adds the packet to out: IP and TCP headers, options, payload (zero bytes where it is NULL), right
 * lengths and checksums. flags, numbers and options are taken as they are, however senseless;
 * options are laid out as Linux does it, and closer where that has no room. -EINVAL with err
 * when the families differ, or packet or options are longer than they can be.
 */
int segment_encode(const struct segment *s, struct buf *out, struct err *err);

/*
 * Puts the IP length and the checksums of a packet right after it was changed: IPv4 or IPv6,
 * options and extension headers too. What is no TCP packet keeps its bytes but for the IP header's.
 */
void segment_checksum(void *packet, size_t len);

/* The same with that IP length (IPv4: total, IPv6: payload), right or not; the sums are those for it. */
void segment_checksum_as(void *packet, size_t len, unsigned ip_len);

/*
 * The same for a header without extension headers, with TCP's and its options, whose data stands
 * elsewhere; NULL: nowhere, and TCP's checksum is 0.
 */
void segment_checksum_apart(void *header, size_t header_len, const void *data,
			    size_t len);

/* "SYN", "SYN,ACK", "PSH,ACK", "none". Returns buf (at least 40 bytes). */
const char *segment_flags_text(uint8_t flags, char *buf);

/* As tcpdump has them: "S", "S.", "P.", "none". Returns buf (at least 10 bytes). */
const char *segment_flags_letters(uint8_t flags, char *buf);

/* Reads "SYN,ACK", "syn|ack", "S.", "FPA", "none" and the like into *flags; false when it is none. */
bool segment_flags_parse(uint8_t *flags, const char *text);

#endif
