/*
 * filter.c - filter expressions as tcpdump has them, compiled by libpcap.
 *
 * libpcap is loaded when the first filter is made: with all that it needs it would nearly double the
 * time that the program takes to start. It would ask the DNS about any name that it does not know, and
 * wait for the answer: so names are the lab's hosts, and become numbers before libpcap sees them.
 */
#include "lab/filter.h"

#include <ctype.h>
#include <dlfcn.h>
#include <errno.h>
#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"

#define NAME_MAX_LEN 64

struct pcap_library {
	pcap_t *(*open_dead)(int linktype, int snaplen);
	void (*close)(pcap_t *p);
	int (*compile)(pcap_t *p, struct bpf_program *program, const char *text,
		       int optimize, bpf_u_int32 netmask);
	char *(*geterr)(pcap_t *p);
	void (*freecode)(struct bpf_program *program);
	int (*offline_filter)(const struct bpf_program *program,
			      const struct pcap_pkthdr *head, const u_char *packet);
};

struct filter {
	struct pcap_library pcap;
	void *library;
	struct bpf_program program;
};

/* Of pcap-filter(7), what can be said about an IP packet without a name being looked up. */
static const char *const words[] = {
	"and",	    "or",	"not",	     "host",	"src",	   "dst",      "net",
	"mask",	    "port",	"portrange", "less",	"greater", "proto",    "ip",
	"ip6",	    "tcp",	"len",	     "icmp",	"icmp6",   "tcpflags", "tcp-fin",
	"tcp-syn",  "tcp-rst",	"tcp-push",  "tcp-ack", "tcp-urg", "tcp-ece",  "tcp-cwr",
	"icmptype", "icmpcode", NULL
};

/* Behind ip and ip6 a name means that address alone: "ip src host server". */
static int family_next(int family, const char *word)
{
	if (strcmp(word, "ip") == 0)
		return AF_INET;
	if (strcmp(word, "ip6") == 0)
		return AF_INET6;
	if (strcmp(word, "src") == 0 || strcmp(word, "dst") == 0 ||
	    strcmp(word, "host") == 0)
		return family;
	return AF_UNSPEC;
}

/* The host's addresses of the family: "(10.77.0.2 or fd77::2)". False: there is no such host. */
static bool host_add(struct lab *lab, const char *name, int family, struct buf *out)
{
	union addr a[LAB_ADDRS];
	char text[ADDR_TEXT_MAX];
	int i, n = lab_resolve(lab, name, 0, a);
	const char *before = "(";

	for (i = 0; i < n; i++) {
		if (n > 1 && family && a[i].sa.sa_family != family)
			continue;
		buf_addf(out, "%s%s", before, addr_host(&a[i], text));
		before = " or ";
	}
	buf_adds(out, n > 0 ? ")" : "");
	return n > 0;
}

/* A name into the text for libpcap: a word of its own, an address, or a host of the lab. */
static int name_add(struct lab *lab, const char *name, int family, struct buf *out,
		    struct err *err)
{
	union addr a;

	if (text_index(name, words) >= 0 || addr_from_number(&a, name, 0)) {
		buf_adds(out, name);
		return 0;
	}
	if (lab && host_add(lab, name, family, out))
		return 0;
	err_set(err, "usage", "filter: \"%s\" is no word of filters%s", name,
		lab ? ", and no host of the lab" : "");
	err_hint(err,
		 "As in: filter tcp[tcpflags] & tcp-fin != 0; filter src host %s.\n"
		 "Ports and other addresses are written in numbers. See pcap-filter(7).",
		 lab ? lab->host[0].name : "10.0.0.1");
	return -EINVAL;
}

static bool goes_on(char c)
{
	return isalnum((unsigned char)c) || (c && strchr("_.-:", c));
}

static int names_resolve(struct lab *lab, const char *p, struct buf *out, struct err *err)
{
	char name[NAME_MAX_LEN];
	int family = AF_UNSPEC;
	size_t n;

	while (*p) {
		for (n = 0; goes_on(p[n]); n++)
			;
		if (n == 0) {
			buf_addc(out, *p++);
		} else if (isalpha((unsigned char)*p)) {
			snprintf(name, sizeof(name), "%.*s", (int)n, p);
			if (name_add(lab, name, family, out, err) < 0)
				return -EINVAL;
			family = family_next(family, name);
			p += n;
		} else {
			buf_add(out, p, n);
			p += n;
		}
	}
	return 0;
}

/* The names under which systems have it. */
static void *library_open(void)
{
	static const char *const names[] = { "libpcap.so.1", "libpcap.so.0.8",
					     "libpcap.so" };
	void *library = NULL;
	size_t i;

	for (i = 0; !library && i < sizeof(names) / sizeof(*names); i++)
		library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
	return library;
}

bool filter_preload(void)
{
	/* It stays loaded, for good. */
	static void *library;

	if (!library)
		library = library_open();
	return library != NULL;
}

static bool library_load(struct filter *f, struct err *err)
{
	struct pcap_library *p = &f->pcap;

	f->library = library_open();
	if (!f->library) {
		err_set(err, "ENOENT", "filter: libpcap is not on this machine");
		err_hint(err,
			 "Debian has it as libpcap0.8; the other conditions of until "
			 "do without.");
		return false;
	}
	*(void **)&p->open_dead = dlsym(f->library, "pcap_open_dead");
	*(void **)&p->close = dlsym(f->library, "pcap_close");
	*(void **)&p->compile = dlsym(f->library, "pcap_compile");
	*(void **)&p->geterr = dlsym(f->library, "pcap_geterr");
	*(void **)&p->freecode = dlsym(f->library, "pcap_freecode");
	*(void **)&p->offline_filter = dlsym(f->library, "pcap_offline_filter");
	if (p->open_dead && p->close && p->compile && p->geterr && p->freecode &&
	    p->offline_filter)
		return true;
	err_set(err, "ENOSYS", "filter: the libpcap of this machine lacks functions");
	return false;
}

static bool compile(struct filter *f, const char *text, struct err *err)
{
	pcap_t *dead = f->pcap.open_dead(DLT_RAW, 65535);
	int rc;

	if (!dead) {
		err_errno(err, ENOMEM, "filter: begin with libpcap");
		return false;
	}
	rc = f->pcap.compile(dead, &f->program, text, 1, PCAP_NETMASK_UNKNOWN);
	if (rc < 0) {
		err_set(err, "usage", "filter %s: %s", text + strspn(text, " "),
			f->pcap.geterr(dead));
		err_hint(err, "As in: filter tcp[tcpflags] & tcp-fin != 0. See "
			      "pcap-filter(7).");
	}
	f->pcap.close(dead);
	return rc == 0;
}

struct filter *filter_new(struct lab *lab, const char *text, struct err *err)
{
	struct filter *f;
	struct buf known = BUF_EMPTY;

	/* To libpcap nothing means everything. */
	if (!text[strspn(text, " ")]) {
		err_set(err, "usage", "filter: an expression is expected");
		err_hint(err, "As in: filter tcp[tcpflags] & tcp-fin != 0");
		return NULL;
	}
	f = xcalloc(1, sizeof(*f));
	if (names_resolve(lab, text, &known, err) < 0 || !library_load(f, err) ||
	    !compile(f, buf_str(&known), err)) {
		filter_free(f);
		f = NULL;
	}
	buf_clear(&known);
	return f;
}

void filter_free(struct filter *f)
{
	if (!f)
		return;
	if (f->program.bf_insns)
		f->pcap.freecode(&f->program);
	if (f->library)
		dlclose(f->library);
	free(f);
}

bool filter_met(const struct filter *f, const void *packet, size_t len)
{
	struct pcap_pkthdr head = { .caplen = (bpf_u_int32)len, .len = (bpf_u_int32)len };

	return f->pcap.offline_filter(&f->program, &head, packet) != 0;
}
