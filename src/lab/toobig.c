/* toobig.c - what a router says to the sender of a packet that does not fit its next link. */
#include "lab/toobig.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>

#define IP4_HEADER 20
#define IP6_HEADER 40
#define QUOTED	   64 /* bytes of the packet that come back: its headers */

/* RFC 1071; sum carries on what was added before. */
static uint32_t sum_add(uint32_t sum, const uint8_t *p, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		sum += i & 1 ? p[i] : (uint32_t)p[i] << 8;
	return sum;
}

static void sum_put(uint8_t *at, uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	at[0] = (uint8_t)(~sum >> 8);
	at[1] = (uint8_t)~sum;
}

static size_t make4(uint8_t *out, const uint8_t *packet, size_t len, unsigned mtu)
{
	uint8_t *icmp = out + IP4_HEADER;
	size_t quoted = len < QUOTED ? len : QUOTED, all = IP4_HEADER + 8 + quoted;

	if (len < IP4_HEADER || !(packet[6] & 0x40))
		return 0;
	memset(out, 0, IP4_HEADER + 8);
	out[0] = 0x45;
	out[3] = (uint8_t)all;
	out[8] = 64;
	out[9] = IPPROTO_ICMP;
	memcpy(out + 12, packet + 16, 4);
	memcpy(out + 16, packet + 12, 4);
	sum_put(out + 10, sum_add(0, out, IP4_HEADER));
	icmp[0] = 3;
	icmp[1] = 4;
	icmp[6] = (uint8_t)(mtu >> 8);
	icmp[7] = (uint8_t)mtu;
	memcpy(icmp + 8, packet, quoted);
	sum_put(icmp + 2, sum_add(0, icmp, 8 + quoted));
	return all;
}

static size_t make6(uint8_t *out, const uint8_t *packet, size_t len, unsigned mtu)
{
	uint8_t *icmp = out + IP6_HEADER;
	size_t quoted = len < QUOTED ? len : QUOTED;
	uint32_t sum;

	if (len < IP6_HEADER)
		return 0;
	memset(out, 0, IP6_HEADER + 8);
	out[0] = 0x60;
	out[5] = (uint8_t)(8 + quoted);
	out[6] = IPPROTO_ICMPV6;
	out[7] = 64;
	memcpy(out + 8, packet + 24, 16);
	memcpy(out + 24, packet + 8, 16);
	icmp[0] = 2;
	icmp[6] = (uint8_t)(mtu >> 8);
	icmp[7] = (uint8_t)mtu;
	memcpy(icmp + 8, packet, quoted);
	sum = sum_add(0, out + 8, 32) + (uint32_t)(8 + quoted) + IPPROTO_ICMPV6;
	sum_put(icmp + 2, sum_add(sum, icmp, 8 + quoted));
	return IP6_HEADER + 8 + quoted;
}

size_t toobig_make(uint8_t *out, const uint8_t *packet, size_t len, unsigned mtu)
{
	if (len == 0)
		return 0;
	return packet[0] >> 4 == 6 ? make6(out, packet, len, mtu)
				   : make4(out, packet, len, mtu);
}
