/* addr.h - an IPv4 or IPv6 address with a port, and its text. */
#ifndef BASE_ADDR_H
#define BASE_ADDR_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#include "base/err.h"

/* family 0 (AF_UNSPEC) means "no address". */
union addr {
	struct sockaddr sa;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

/* "[" + address + "%" + zone + "]:65535" + NUL fits. */
#define ADDR_TEXT_MAX 80

/* HOST:PORT taken apart but not yet resolved. host is "" when the text gave none. */
struct hostport {
	char host[256]; /* name or number, without brackets; %zone stays in it */
	int port;	/* 0 to 65535, or -1 when the text gave none */
	bool bracketed; /* the host stood in [ ]: it must be IPv6 */
};

/*
 * Takes "7788", ":7788", "127.0.0.1:7788", "[::1]:7788", "[fe80::1%eth0]:7788", "name:7788",
 * "*:7788" (host "") apart. The port is decimal digits, 0 to 65535, nothing else. An IPv6
 * address with a port needs its brackets, and nothing else stands in brackets. A host has no
 * spaces, controls or brackets, and is otherwise not looked at. Failure: code "usage", a
 * sentence that says what is wrong with the text.
 */
int hostport_parse(struct hostport *hp, const char *text, struct err *err);

/* A port in decimal digits only; err names the text. Returns 0 and *port, or negative. */
int port_parse(int *port, const char *text, struct err *err);

/*
 * A numeric host ("127.0.0.1", "::1", "fe80::1%eth0") into *a with that port; false when it
 * is not a number. "" gives the IPv4 wildcard. No name is looked up except the zone's interface.
 */
bool addr_from_number(union addr *a, const char *host, int port);

/* True when it can only be meant as a number ("1.2.3", "1e3", "0x7f", "::g"): never ask DNS. */
bool host_looks_numeric(const char *host);

/* "127.0.0.1:80", "[::1]:80", "-" for no address. Returns buf. */
const char *addr_format(const union addr *a, char buf[ADDR_TEXT_MAX]);

/* The address without port and brackets. Returns buf. */
const char *addr_host(const union addr *a, char buf[ADDR_TEXT_MAX]);

/* The size that bind and connect want for its family. */
socklen_t addr_len(const union addr *a);

/* Its port, in the host's byte order; 0 for no address. */
int addr_port(const union addr *a);
void addr_set_port(union addr *a, int port);

/* True for 0.0.0.0 and ::, whatever the port. */
bool addr_is_any(const union addr *a);

/* 127.0.0.0/8, ::1. */
bool addr_is_loopback(const union addr *a);

/*
 * Family, address, port and zone alike; zone 0 (not known) is like any zone, and an IPv4-mapped
 * IPv6 address equals its IPv4 form.
 */
bool addr_equal(const union addr *a, const union addr *b);

/* Turns ::ffff:1.2.3.4 into 1.2.3.4, leaves the rest. */
void addr_unmap(union addr *a);

#endif
