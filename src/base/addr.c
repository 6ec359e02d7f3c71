/* addr.c - an IPv4 or IPv6 address with a port, and its text. */
#include "base/addr.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <net/if.h>
#include <stdint.h>
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
		return err_set(
			err, "usage",
			"\"%.40s\" is not a port: a port is a number from 0 to 65535",
			text);
	*port = (int)n;
	return 0;
}

static int host_copy(struct hostport *hp, const char *host, size_t len, const char *text,
		     struct err *err)
{
	size_t i;

	if (len >= sizeof(hp->host))
		return err_set(err, "usage", "\"%.40s...\" is too long for an address",
			       text);
	for (i = 0; i < len; i++) {
		unsigned char c = (unsigned char)host[i];

		if (c <= ' ' || c == 0x7f || c == '[' || c == ']')
			return err_set(err, "usage",
				       "\"%.60s\": an address has no spaces, controls or "
				       "brackets in it",
				       text);
	}
	if (len == 1 && *host == '*')
		len = 0;
	memcpy(hp->host, host, len);
	hp->host[len] = '\0';
	return 0;
}

/* Whether the text, up to its %zone, is an IPv6 address. */
static bool in6_parse(struct in6_addr *in6, const char *text, size_t len)
{
	char bare[INET6_ADDRSTRLEN];
	const char *zone = memchr(text, '%', len);

	if (zone)
		len = (size_t)(zone - text);
	if (len >= sizeof(bare))
		return false;
	memcpy(bare, text, len);
	bare[len] = '\0';
	return inet_pton(AF_INET6, bare, in6) == 1;
}

static int bracketed_parse(struct hostport *hp, const char *text, struct err *err)
{
	const char *end = strchr(text, ']');
	struct in6_addr in6;
	size_t len;
	int rc;

	if (!end)
		return err_set(err, "usage", "\"%.60s\": the bracket [ has no ]", text);
	len = (size_t)(end - text - 1);
	if (!in6_parse(&in6, text + 1, len))
		return err_set(err, "usage",
			       "\"%.60s\": only an IPv6 address stands in brackets",
			       text);
	hp->bracketed = true;
	rc = host_copy(hp, text + 1, len, text, err);
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
	struct in6_addr in6;
	int rc;

	*hp = (struct hostport){ .port = -1 };
	if (*text == '[')
		return bracketed_parse(hp, text, err);
	if (colon && strchr(text, ':') != colon) {
		/* Two colons and no brackets: 2001:db8::1:80 would be a guess. */
		if (!in6_parse(&in6, text, strlen(text))) {
			err_set(err, "usage", "\"%.60s\" has more than one colon", text);
			err_hint(
				err,
				"An IPv6 address with a port is written [ADDRESS]:PORT, as in "
				"[::1]:80.");
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

/* An interface's name, or its number in digits; 0 when it is neither. */
static unsigned int zone_index(const char *zone)
{
	unsigned int index = if_nametoindex(zone);
	unsigned long n;
	char *end;

	if (index != 0 || !isdigit((unsigned char)*zone))
		return index;
	errno = 0;
	n = strtoul(zone, &end, 10);
	return *end || errno || n > UINT32_MAX ? 0 : (unsigned int)n;
}

static bool in6_from_number(union addr *a, const char *host, int port)
{
	const char *zone = strchr(host, '%');
	struct in6_addr in6;
	unsigned int index = 0;

	if (!in6_parse(&in6, host, strlen(host)))
		return false;
	if (zone) {
		index = zone_index(zone + 1);
		if (index == 0)
			return false;
	}
	a->in6 = (struct sockaddr_in6){ .sin6_family = AF_INET6,
					.sin6_port = htons((in_port_t)port),
					.sin6_addr = in6,
					.sin6_scope_id = index };
	return true;
}

bool addr_from_number(union addr *a, const char *host, int port)
{
	memset(a, 0, sizeof(*a));
	a->in = (struct sockaddr_in){ .sin_family = AF_INET,
				      .sin_port = htons((in_port_t)port) };
	if (*host == '\0')
		return true;
	if (inet_pton(AF_INET, host, &a->in.sin_addr) == 1)
		return true;
	return in6_from_number(a, host, port);
}

bool host_looks_numeric(const char *host)
{
	static const char digits[] = "0123456789";
	size_t len = strlen(host), start;

	if (strchr(host, ':') || strchr(host, '%') || *host == '-')
		return true;
	/* "example.com." is a name: the dot stands for the root */
	if (len > 0 && host[len - 1] == '.')
		len--;
	for (start = len; start > 0 && host[start - 1] != '.';)
		start--;
	if (start == len)
		return true;
	/* No top-level domain is a number (RFC 3696, 2), and none begins with a digit. */
	if (start > 0 || !isdigit((unsigned char)*host))
		return isdigit((unsigned char)host[start]);
	/* One word: "7788", "0x7f" and "1e3" are numbers, "3com" and "4f5e6d7c" are hosts. */
	start = strspn(host, digits);
	if (start < len && strchr("xXeE", host[start]))
		start += 1 +
			 strspn(host + start + 1, host[start] == 'x' || host[start] == 'X'
							  ? "0123456789abcdefABCDEF"
							  : digits);
	return start == len;
}

/* Writes digits and returns their end. printf takes ten times as long, and tables are long. */
static char *number_put(char *p, unsigned int n)
{
	if (n >= 10)
		p = number_put(p, n / 10);
	*p = (char)('0' + n % 10);
	return p + 1;
}

/* "127.0.0.1" and no NUL. Returns its end. */
static char *in_put(char *p, const struct in_addr *in)
{
	const unsigned char *byte = (const unsigned char *)in;
	int i;

	for (i = 0; i < 4; i++) {
		if (i > 0)
			*p++ = '.';
		p = number_put(p, byte[i]);
	}
	return p;
}

const char *addr_host(const union addr *a, char buf[ADDR_TEXT_MAX])
{
	char name[IF_NAMESIZE];
	size_t n;

	switch (a->sa.sa_family) {
	case AF_INET:
		*in_put(buf, &a->in.sin_addr) = '\0';
		break;
	case AF_INET6:
		inet_ntop(AF_INET6, &a->in6.sin6_addr, buf, ADDR_TEXT_MAX);
		if (a->in6.sin6_scope_id == 0)
			break;
		n = strlen(buf);
		if (if_indextoname(a->in6.sin6_scope_id, name))
			snprintf(buf + n, ADDR_TEXT_MAX - n, "%%%s", name);
		else
			snprintf(buf + n, ADDR_TEXT_MAX - n, "%%%u",
				 a->in6.sin6_scope_id);
		break;
	default:
		snprintf(buf, ADDR_TEXT_MAX, "-");
	}
	return buf;
}

const char *addr_format(const union addr *a, char buf[ADDR_TEXT_MAX])
{
	char host[ADDR_TEXT_MAX], *end;

	if (a->sa.sa_family == AF_INET) {
		end = in_put(buf, &a->in.sin_addr);
		*end++ = ':';
		*number_put(end, (unsigned int)addr_port(a)) = '\0';
	} else if (a->sa.sa_family == AF_INET6) {
		snprintf(buf, ADDR_TEXT_MAX, "[%.70s]:%d", addr_host(a, host),
			 addr_port(a));
	} else {
		snprintf(buf, ADDR_TEXT_MAX, "-");
	}
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

bool addr_is_loopback(const union addr *a)
{
	if (a->sa.sa_family == AF_INET6)
		return IN6_IS_ADDR_LOOPBACK(&a->in6.sin6_addr);
	return a->sa.sa_family == AF_INET &&
	       (ntohl(a->in.sin_addr.s_addr) >> 24) == IN_LOOPBACKNET;
}

void addr_unmap(union addr *a)
{
	struct sockaddr_in in = { .sin_family = AF_INET };

	if (a->sa.sa_family != AF_INET6 || !IN6_IS_ADDR_V4MAPPED(&a->in6.sin6_addr))
		return;
	in.sin_port = a->in6.sin6_port;
	memcpy(&in.sin_addr, &a->in6.sin6_addr.s6_addr[12], sizeof(in.sin_addr));
	memset(a, 0, sizeof(*a));
	a->in = in;
}

bool addr_equal(const union addr *a, const union addr *b)
{
	union addr x, y;

	/* Asked for each segment on a lab's wire. */
	if (a->sa.sa_family == AF_INET && b->sa.sa_family == AF_INET)
		return a->in.sin_addr.s_addr == b->in.sin_addr.s_addr &&
		       a->in.sin_port == b->in.sin_port;
	x = *a;
	y = *b;
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
