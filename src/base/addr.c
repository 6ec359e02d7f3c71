/* addr.c - an IPv4 or IPv6 address with a port, and its text. */
#include "base/addr.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int port_parse(int *port, const char *text, struct err *err)
{
	long n = 0;
	const char *p;

	for (p = text; isdigit((unsigned char)*p) && n <= 65535; p++)
		n = n * 10 + (*p - '0');
	if (p == text || *p || n > 65535)
		return err_set(err, "usage", "\"%.40s\" is not a port: a port is a number from 0 to 65535",
			       text);
	*port = (int)n;
	return 0;
}

static int too_long(const char *text, struct err *err)
{
	return err_set(err, "usage", "\"%.40s...\" is too long for an address", text);
}

static int host_copy(struct hostport *hp, const char *host, size_t len, const char *text,
		     struct err *err)
{
	if (len >= sizeof(hp->host))
		return too_long(text, err);
	if (len == 1 && *host == '*')
		len = 0;
	memcpy(hp->host, host, len);
	hp->host[len] = '\0';
	return 0;
}

static int bracketed_parse(struct hostport *hp, const char *text, struct err *err)
{
	const char *end = strchr(text, ']');
	int rc;

	if (!end)
		return err_set(err, "usage", "\"%.60s\": the bracket [ has no ]", text);
	hp->bracketed = true;
	rc = host_copy(hp, text + 1, (size_t)(end - text - 1), text, err);
	if (rc < 0)
		return rc;
	if (end[1] == '\0')
		return 0;
	if (end[1] != ':')
		return err_set(err, "usage", "\"%.60s\": after ] comes :PORT", text);
	return port_parse(&hp->port, end + 2, err);
}

int hostport_parse(struct hostport *hp, const char *text, struct err *err)
{
	const char *colon = strrchr(text, ':');
	int rc;

	*hp = (struct hostport){.port = -1};
	if (*text == '[')
		return bracketed_parse(hp, text, err);
	if (colon && strchr(text, ':') != colon) {
		/* Two colons and no brackets: 2001:db8::1:80 would be a guess. */
		if (!addr_from_number(&(union addr){0}, text, 0)) {
			err_set(err, "usage", "\"%.60s\" has more than one colon", text);
			err_hint(err, "An IPv6 address with a port is written [ADDRESS]:PORT, as in [::1]:80.");
			return -EINVAL;
		}
		return host_copy(hp, text, strlen(text), text, err);
	}
	if (!colon) {
		if (isdigit((unsigned char)*text) && !strchr(text, '.'))
			return port_parse(&hp->port, text, err);
		if (*text == '-' || *text == '+')
			return port_parse(&hp->port, text, err);
		return host_copy(hp, text, strlen(text), text, err);
	}
	rc = port_parse(&hp->port, colon + 1, err);
	if (rc < 0)
		return rc;
	return host_copy(hp, text, (size_t)(colon - text), text, err);
}

static bool in6_from_number(union addr *a, const char *host, int port)
{
	char bare[INET6_ADDRSTRLEN];
	const char *zone = strchr(host, '%');
	size_t len = zone ? (size_t)(zone - host) : strlen(host);
	unsigned int index = 0;

	if (len >= sizeof(bare))
		return false;
	memcpy(bare, host, len);
	bare[len] = '\0';
	if (zone) {
		index = if_nametoindex(zone + 1);
		if (index == 0)
			index = (unsigned int)strtoul(zone + 1, NULL, 10);
		if (index == 0)
			return false;
	}
	a->in6 = (struct sockaddr_in6){.sin6_family = AF_INET6,
				       .sin6_port = htons((in_port_t)port),
				       .sin6_scope_id = index};
	return inet_pton(AF_INET6, bare, &a->in6.sin6_addr) == 1;
}

bool addr_from_number(union addr *a, const char *host, int port)
{
	memset(a, 0, sizeof(*a));
	a->in = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((in_port_t)port)};
	if (*host == '\0')
		return true;
	if (inet_pton(AF_INET, host, &a->in.sin_addr) == 1)
		return true;
	return in6_from_number(a, host, port);
}

bool host_looks_numeric(const char *host)
{
	/* A top-level domain is never all digits (RFC 3696, 2), so this cannot be a name. */
	const char *last = strrchr(host, '.');

	last = last ? last + 1 : host;
	return strchr(host, ':') || isdigit((unsigned char)*last) || *host == '-' || *last == '\0';
}

const char *addr_host(const union addr *a, char buf[ADDR_TEXT_MAX])
{
	char name[IF_NAMESIZE];
	size_t n;

	switch (a->sa.sa_family) {
	case AF_INET:
		inet_ntop(AF_INET, &a->in.sin_addr, buf, ADDR_TEXT_MAX);
		break;
	case AF_INET6:
		inet_ntop(AF_INET6, &a->in6.sin6_addr, buf, ADDR_TEXT_MAX);
		if (a->in6.sin6_scope_id == 0)
			break;
		n = strlen(buf);
		if (if_indextoname(a->in6.sin6_scope_id, name))
			snprintf(buf + n, ADDR_TEXT_MAX - n, "%%%s", name);
		else
			snprintf(buf + n, ADDR_TEXT_MAX - n, "%%%u", a->in6.sin6_scope_id);
		break;
	default:
		snprintf(buf, ADDR_TEXT_MAX, "-");
	}
	return buf;
}

const char *addr_format(const union addr *a, char buf[ADDR_TEXT_MAX])
{
	char host[ADDR_TEXT_MAX];

	addr_host(a, host);
	if (a->sa.sa_family == AF_INET6)
		snprintf(buf, ADDR_TEXT_MAX, "[%.70s]:%d", host, addr_port(a));
	else if (a->sa.sa_family == AF_INET)
		snprintf(buf, ADDR_TEXT_MAX, "%.70s:%d", host, addr_port(a));
	else
		snprintf(buf, ADDR_TEXT_MAX, "-");
	return buf;
}

socklen_t addr_len(const union addr *a)
{
	return a->sa.sa_family == AF_INET6 ? sizeof(a->in6) : sizeof(a->in);
}

int addr_port(const union addr *a)
{
	/* sin_port and sin6_port lie at the same place. */
	return a->sa.sa_family == AF_UNSPEC ? 0 : ntohs(a->in.sin_port);
}

void addr_set_port(union addr *a, int port)
{
	a->in.sin_port = htons((in_port_t)port);
}

bool addr_is_any(const union addr *a)
{
	if (a->sa.sa_family == AF_INET6)
		return IN6_IS_ADDR_UNSPECIFIED(&a->in6.sin6_addr);
	return a->sa.sa_family == AF_INET && a->in.sin_addr.s_addr == htonl(INADDR_ANY);
}

void addr_unmap(union addr *a)
{
	struct sockaddr_in in = {.sin_family = AF_INET};

	if (a->sa.sa_family != AF_INET6 || !IN6_IS_ADDR_V4MAPPED(&a->in6.sin6_addr))
		return;
	in.sin_port = a->in6.sin6_port;
	memcpy(&in.sin_addr, &a->in6.sin6_addr.s6_addr[12], sizeof(in.sin_addr));
	memset(a, 0, sizeof(*a));
	a->in = in;
}

bool addr_equal(const union addr *a, const union addr *b)
{
	union addr x = *a, y = *b;

	addr_unmap(&x);
	addr_unmap(&y);
	if (x.sa.sa_family != y.sa.sa_family || addr_port(&x) != addr_port(&y))
		return false;
	if (x.sa.sa_family == AF_INET)
		return x.in.sin_addr.s_addr == y.in.sin_addr.s_addr;
	return x.sa.sa_family == AF_UNSPEC ||
	       (IN6_ARE_ADDR_EQUAL(&x.in6.sin6_addr, &y.in6.sin6_addr) &&
		(x.in6.sin6_scope_id == y.in6.sin6_scope_id || !x.in6.sin6_scope_id ||
		 !y.in6.sin6_scope_id));
}
