/* sockopt.c - the socket options that people use, as one table. */

/*
 * The ranges are the kernel's own (net/ipv4/tcp.c, net/core/sock.c), so that a number which it
 * would refuse with a bare EINVAL, or quietly cut, is refused here with the range. What depends on
 * the socket's state or on privileges is left to the kernel, and its answer gets a hint.
 */

#include "sys/sockopt.h"

#include <errno.h>
#include <limits.h>
#include <linux/tcp.h>
#include <math.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "base/text.h"

/* Names and numbers of an option, by the place where it lives. */
#define TCP(name)	#name, IPPROTO_TCP, 0, name, 0
#define SOCK(name)	#name, SOL_SOCKET, 0, name, 0
#define IPV4(name)	#name, IPPROTO_IP, 0, name, 0
#define IPV6(name)	#name, IPPROTO_IPV6, 0, name, 0
#define BOTH(name, six) #name, IPPROTO_IP, IPPROTO_IPV6, name, six
/* What it holds. */
#define YES_NO		  OPT_BOOL, "", 0, 1, false
#define NUM(unit, lo, hi) OPT_INT, unit, lo, hi, false
#define WORD		  OPT_TEXT, "", 0, 15, false
#define DURATION	  OPT_TIME, "s", 0, 0, false
#define READ(type, unit)  type, unit, 0, 0, true

const struct sockopt sockopt_table[] = {
	/* tcp(7) */
	{ "nodelay", TCP(TCP_NODELAY), YES_NO, "send small segments at once (no Nagle)" },
	{ "cork", TCP(TCP_CORK), YES_NO, "hold partial segments back, at most 200 ms" },
	{ "maxseg", TCP(TCP_MAXSEG), NUM("bytes", 88, 32767),
	  "largest segment; announced in the SYN when set before it" },
	{ "keepidle", TCP(TCP_KEEPIDLE), NUM("s", 1, 32767),
	  "silence before the first keepalive probe" },
	{ "keepintvl", TCP(TCP_KEEPINTVL), NUM("s", 1, 32767),
	  "time between keepalive probes" },
	{ "keepcnt", TCP(TCP_KEEPCNT), NUM("probes", 1, 127),
	  "unanswered keepalive probes that end the connection" },
	{ "user_timeout", TCP(TCP_USER_TIMEOUT), NUM("ms", 0, INT_MAX),
	  "how long sent data may stay unacknowledged; 0: the system's limits" },
	{ "syncnt", TCP(TCP_SYNCNT), NUM("SYNs", 1, 127),
	  "times that an unanswered SYN is sent again" },
	{ "linger2", TCP(TCP_LINGER2), NUM("s", -1, 120),
	  "time in FIN_WAIT_2 after close; -1: none, 0: the system's" },
	{ "defer_accept", TCP(TCP_DEFER_ACCEPT), NUM("s", 0, INT_MAX),
	  "a listener waits for data before accept; rounded up to SYN-ACK timeouts" },
	{ "quickack", TCP(TCP_QUICKACK), YES_NO,
	  "acknowledge at once; the kernel may turn it off again" },
	{ "congestion", TCP(TCP_CONGESTION), WORD,
	  "congestion control, such as reno or cubic" },
	{ "window_clamp", TCP(TCP_WINDOW_CLAMP), NUM("bytes", 0, INT_MAX),
	  "upper limit of the window that is announced" },
	{ "notsent_lowat", TCP(TCP_NOTSENT_LOWAT), NUM("bytes", 0, UINT_MAX),
	  "writable only while less than this is unsent; 0: the system's" },
	{ "fastopen", TCP(TCP_FASTOPEN), NUM("connections", 0, INT_MAX),
	  "a listener takes data in SYNs; how many may wait for their ACK" },
	{ "fastopen_connect", TCP(TCP_FASTOPEN_CONNECT), YES_NO,
	  "connect waits for the first data and sends it in the SYN" },
	{ "fastopen_no_cookie", TCP(TCP_FASTOPEN_NO_COOKIE), YES_NO,
	  "Fast Open without a cookie" },
	{ "thin_linear_timeouts", TCP(TCP_THIN_LINEAR_TIMEOUTS), YES_NO,
	  "no exponential backoff while little is in flight" },
	{ "save_syn", TCP(TCP_SAVE_SYN), YES_NO,
	  "a listener keeps the headers of each SYN" },
	{ "inq", TCP(TCP_INQ), YES_NO, "recvmsg tells how much is left to read" },
	{ "tx_delay", TCP(TCP_TX_DELAY), NUM("us", 0, (1 << 28) - 1),
	  "delay every outgoing segment" },
	{ "timestamp", TCP(TCP_TIMESTAMP), READ(OPT_INT, ""),
	  "the clock of the timestamp option, as the next segment would carry it" },
	/* ip(7), ipv6(7) */
	{ "ttl", BOTH(IP_TTL, IPV6_UNICAST_HOPS), NUM("hops", 1, 255),
	  "time to live; the hop limit on IPv6" },
	{ "minttl", BOTH(IP_MINTTL, IPV6_MINHOPCOUNT), NUM("hops", 0, 255),
	  "drop what arrives with fewer hops left (GTSM)" },
	{ "tos", BOTH(IP_TOS, IPV6_TCLASS), NUM("", 0, 255),
	  "DSCP and ECN byte; TCP keeps the two ECN bits to itself" },
	{ "mtu_discover", BOTH(IP_MTU_DISCOVER, IPV6_MTU_DISCOVER), NUM("", 0, 5),
	  "path MTU: 0 never, 1 system's, 2 always (DF), 3 probe, 4 interface, 5 omit" },
	{ "mtu", BOTH(IP_MTU, IPV6_MTU), READ(OPT_INT, "bytes"),
	  "path MTU of a connected socket" },
	{ "freebind", BOTH(IP_FREEBIND, IPV6_FREEBIND), YES_NO,
	  "bind to an address that is not there (yet)" },
	{ "transparent", BOTH(IP_TRANSPARENT, IPV6_TRANSPARENT), YES_NO,
	  "bind to a foreign address; needs CAP_NET_ADMIN" },
	{ "bind_address_no_port", IPV4(IP_BIND_ADDRESS_NO_PORT), YES_NO,
	  "bind to port 0 chooses the port only at connect" },
	{ "recverr", BOTH(IP_RECVERR, IPV6_RECVERR), YES_NO,
	  "queue ICMP errors, report them at once" },
	{ "v6only", IPV6(IPV6_V6ONLY), YES_NO, "an IPv6 socket takes no IPv4" },
	{ "unicast_hops", IPV6(IPV6_UNICAST_HOPS), NUM("hops", -1, 255),
	  "hop limit; -1: the system's" },
	{ "tclass", IPV6(IPV6_TCLASS), NUM("", -1, 255),
	  "traffic class; -1: the system's" },
	/* socket(7) */
	{ "keepalive", SOCK(SO_KEEPALIVE), YES_NO, "probe a silent peer" },
	{ "rcvbuf", SOCK(SO_RCVBUF), NUM("bytes", 0, INT_MAX / 2),
	  "receive buffer; the kernel doubles what is set, up to net.core.rmem_max" },
	{ "sndbuf", SOCK(SO_SNDBUF), NUM("bytes", 0, INT_MAX / 2),
	  "send buffer; the kernel doubles what is set, up to net.core.wmem_max" },
	{ "rcvlowat", SOCK(SO_RCVLOWAT), NUM("bytes", 1, INT_MAX),
	  "readable only with this much" },
	{ "rcvtimeo", SOCK(SO_RCVTIMEO), DURATION,
	  "limit of a blocking receive; no use here: ours never block" },
	{ "sndtimeo", SOCK(SO_SNDTIMEO), DURATION,
	  "limit of a blocking send; no use here: ours never block" },
	{ "linger", SOCK(SO_LINGER), OPT_LINGER, "s", 0, INT_MAX, false,
	  "off, or how long close waits for data to leave; 0 makes close send RST" },
	{ "reuseaddr", SOCK(SO_REUSEADDR), YES_NO, "bind over connections in TIME_WAIT" },
	{ "reuseport", SOCK(SO_REUSEPORT), YES_NO, "several listeners share a port" },
	{ "bindtodevice", SOCK(SO_BINDTODEVICE), WORD, "only this interface; none: any" },
	{ "dontroute", SOCK(SO_DONTROUTE), YES_NO, "only hosts on the link, no gateway" },
	{ "oobinline", SOCK(SO_OOBINLINE), YES_NO, "urgent data stays in the stream" },
	{ "priority", SOCK(SO_PRIORITY), NUM("", 0, INT_MAX),
	  "queueing priority; above 6 needs CAP_NET_ADMIN" },
	{ "mark", SOCK(SO_MARK), NUM("", 0, UINT_MAX),
	  "mark for routing and netfilter; needs CAP_NET_ADMIN" },
	{ "max_pacing_rate", SOCK(SO_MAX_PACING_RATE), NUM("bytes/s", 0, UINT_MAX),
	  "upper limit of the sending rate; 4294967295: none" },
	{ "incoming_cpu", SOCK(SO_INCOMING_CPU), NUM("", -1, INT_MAX),
	  "the CPU that handled the last segment; -1: none" },
	{ "busy_poll", SOCK(SO_BUSY_POLL), NUM("us", 0, INT_MAX),
	  "how long a receive polls the device" },
	{ "zerocopy", SOCK(SO_ZEROCOPY), YES_NO, "allow MSG_ZEROCOPY" },
	{ "error", SOCK(SO_ERROR), READ(OPT_ERRNO, ""),
	  "the pending error; reading clears it" },
	{ "acceptconn", SOCK(SO_ACCEPTCONN), READ(OPT_BOOL, ""), "yes on a listener" },
	{ "type", SOCK(SO_TYPE), READ(OPT_INT, ""), "1: SOCK_STREAM" },
	{ "domain", SOCK(SO_DOMAIN), READ(OPT_INT, ""), "2: AF_INET, 10: AF_INET6" },
	{ "protocol", SOCK(SO_PROTOCOL), READ(OPT_INT, ""), "6: TCP" },
};

const size_t sockopt_count = sizeof(sockopt_table) / sizeof(*sockopt_table);

const char *sockopt_man(const struct sockopt *opt)
{
	switch (opt->level) {
	case IPPROTO_TCP:
		return "tcp(7)";
	case IPPROTO_IP:
		return "ip(7)";
	case IPPROTO_IPV6:
		return "ipv6(7)";
	}
	return "socket(7)";
}

const struct sockopt *sockopt_find(const char *name)
{
	size_t i;

	for (i = 0; i < sockopt_count; i++)
		if (strcasecmp(name, sockopt_table[i].name) == 0 ||
		    strcasecmp(name, sockopt_table[i].constant) == 0)
			return &sockopt_table[i];
	return NULL;
}

static int refused(const struct sockopt *opt, const char *verb, int num, struct err *err)
{
	err_errno(err, num, "%s option %s (%s)", verb, opt->name, opt->constant);
	switch (num) {
	case ENOPROTOOPT:
		err_hint(err,
			 "This kernel, or this kind of socket, does not have it: see %s.",
			 sockopt_man(opt));
		break;
	case EPERM:
		err_hint(err, "It needs CAP_NET_ADMIN; in a lab every socket has that.");
		break;
	case EINVAL:
		err_hint(err,
			 "Some options can be set only before connect or listen: see %s.",
			 sockopt_man(opt));
		break;
	case ENOENT:
		err_hint(err, "Those that this kernel has stand in "
			      "/proc/sys/net/ipv4/tcp_available_congestion_control.");
		break;
	}
	return -num;
}

/* Where the option lives on a socket of this family. */
static int place(const struct sockopt *opt, int family, const char *verb, int *level,
		 int *number, struct err *err)
{
	bool six = family == AF_INET6 && opt->level6 != 0;

	*level = six ? opt->level6 : opt->level;
	*number = six ? opt->opt6 : opt->opt;
	/* Kernels disagree about the errno. */
	if (opt->level == IPPROTO_IPV6 && family != AF_INET6)
		return refused(opt, verb, ENOPROTOOPT, err);
	return 0;
}

int sockopt_get(int fd, int family, const struct sockopt *opt, struct buf *value,
		struct err *err)
{
	union {
		int number;
		struct linger linger;
		struct timeval time;
		char text[64];
	} v = { .text = "" };
	socklen_t len;
	int level, number;

	if (place(opt, family, "read", &level, &number, err) < 0)
		return -ENOPROTOOPT;
	len = opt->type == OPT_LINGER ? sizeof(v.linger)
	      : opt->type == OPT_TIME ? sizeof(v.time)
	      : opt->type == OPT_TEXT ? sizeof(v.text) - 1
				      : sizeof(v.number);
	if (getsockopt(fd, level, number, &v, &len) < 0)
		return refused(opt, "read", errno, err);
	switch (opt->type) {
	case OPT_BOOL:
		buf_adds(value, v.number ? "yes" : "no");
		break;
	case OPT_INT:
		if (opt->min < 0)
			buf_addf(value, "%d", v.number);
		else
			buf_addf(value, "%u", (unsigned int)v.number);
		break;
	case OPT_TEXT:
		buf_adds(value, v.text[0] ? v.text : "none");
		break;
	case OPT_LINGER:
		if (v.linger.l_onoff)
			buf_addf(value, "%d", v.linger.l_linger);
		else
			buf_adds(value, "off");
		break;
	case OPT_TIME:
		if (v.time.tv_sec == 0 && v.time.tv_usec == 0)
			buf_adds(value, "off");
		else
			buf_addf(value, "%g",
				 (double)v.time.tv_sec + (double)v.time.tv_usec / 1e6);
		break;
	case OPT_ERRNO:
		buf_adds(value, v.number ? errno_name(v.number) : "none");
		break;
	}
	return 0;
}

/* A usage error that quotes the value: OPTION: "VALUE" WHAT. */
static int bad_value(const struct sockopt *opt, const char *value, const char *what,
		     struct err *err)
{
	struct buf quoted = BUF_EMPTY;
	int rc;

	text_quote(&quoted, value, strnlen(value, 40), true);
	rc = err_set(err, "usage", "option %s: %s %s", opt->name, quoted.data, what);
	buf_clear(&quoted);
	return rc;
}

static int bool_parse(const struct sockopt *opt, const char *value, int *on,
		      struct err *err)
{
	static const char *const words[] = { "no",    "yes",  "off", "on",
					     "false", "true", "0",   "1" };
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (strcasecmp(value, words[i]) == 0) {
			*on = i % 2;
			return 0;
		}
	}
	return bad_value(opt, value, "is neither yes nor no", err);
}

/* Decimal, 0x and hexadecimal, or, where the unit is bytes, 64k, 1M, 2G; nothing around it. */
static int number_parse(const struct sockopt *opt, const char *value, long long *n,
			struct err *err)
{
	const char *digits = *value == '-' ? value + 1 : value;
	bool hex = digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'X');
	struct buf what = BUF_EMPTY;
	unsigned long long bytes;
	bool number;
	size_t len;
	int rc;

	if (hex)
		digits += 2;
	len = strspn(digits, hex ? "0123456789abcdefABCDEF" : "0123456789");
	number = len > 0 && digits[len] == '\0';
	errno = 0;
	if (number) {
		*n = strtoll(value, NULL, hex ? 16 : 10);
	} else if (strcmp(opt->unit, "bytes") == 0 && size_parse(&bytes, value)) {
		number = true;
		*n = bytes > LLONG_MAX ? LLONG_MAX : (long long)bytes;
	}
	if (number && errno == 0 && *n >= opt->min && *n <= opt->max)
		return 0;
	buf_addf(&what, "%s: give %s%ld to %ld%s%s",
		 number ? "is out of range" : "is not a number",
		 opt->type == OPT_LINGER ? "off, or " : "", opt->min, opt->max,
		 *opt->unit ? " " : "", opt->unit);
	rc = bad_value(opt, value, what.data, err);
	buf_clear(&what);
	return rc;
}

static int time_parse(const struct sockopt *opt, const char *value, struct timeval *tv,
		      struct err *err)
{
	double seconds, whole;

	if (!duration_parse(&seconds, value))
		return bad_value(opt, value,
				 "is not a duration: give 2, 0.5, 50ms, 2m or off", err);
	if (seconds < 0) {
		*tv = (struct timeval){ 0 };
		return 0;
	}
	/* All zero would mean no limit. */
	if (seconds < 1e-6 || seconds > INT_MAX)
		return bad_value(opt, value,
				 "is out of range: give 0.000001 to 2147483647 s, or off",
				 err);
	tv->tv_usec = (suseconds_t)(modf(seconds, &whole) * 1e6);
	tv->tv_sec = (time_t)whole;
	return 0;
}

int sockopt_set(int fd, int family, const struct sockopt *opt, const char *value,
		struct err *err)
{
	struct linger linger = { 0 };
	struct timeval tv;
	long long n = 0;
	int level, number, rc = 0, word = 0;
	const void *data = &word;
	socklen_t len = sizeof(word);

	if (opt->read_only)
		return err_set(err, "usage", "option %s can only be read", opt->name);
	switch (opt->type) {
	case OPT_BOOL:
		rc = bool_parse(opt, value, &word, err);
		break;
	case OPT_INT:
		rc = number_parse(opt, value, &n, err);
		word = (int)n;
		break;
	case OPT_TEXT:
		/* "none" takes an interface away; there is always a congestion control. */
		if (opt->opt == SO_BINDTODEVICE && opt->level == SOL_SOCKET &&
		    strcasecmp(value, "none") == 0)
			value = "";
		else if (*value == '\0' || strlen(value) > (size_t)opt->max)
			return bad_value(opt, value,
					 "is not a name of 1 to 15 characters", err);
		data = value;
		len = (socklen_t)strlen(value);
		break;
	case OPT_LINGER:
		linger.l_onoff = strcasecmp(value, "off") != 0;
		if (linger.l_onoff)
			rc = number_parse(opt, value, &n, err);
		linger.l_linger = (int)n;
		data = &linger;
		len = sizeof(linger);
		break;
	case OPT_TIME:
		rc = time_parse(opt, value, &tv, err);
		data = &tv;
		len = sizeof(tv);
		break;
	case OPT_ERRNO:
		break;
	}
	if (rc < 0)
		return rc;
	if (place(opt, family, "set", &level, &number, err) < 0)
		return -ENOPROTOOPT;
	return setsockopt(fd, level, number, data, len) < 0
		       ? refused(opt, "set", errno, err)
		       : 0;
}
