/* capture_inner.h - what the readers of pcap and of pcapng share. */
#ifndef SRC_TRACE_CAPTURE_INNER_H
#define SRC_TRACE_CAPTURE_INNER_H

#include <stdbool.h>
#include <stdint.h>

#include "trace/capture.h"
#include "trace/replay.h"

#define SECOND 1000000000LL

struct interface {
	unsigned link;
	uint32_t snaplen;   /* 0: no limit */
	uint8_t resolution; /* 10^-n, or with the highest bit 2^-n seconds */
	int64_t offset;	    /* seconds */
};

struct reader {
	const char *name;
	const uint8_t *data, *end;
	const uint8_t *at; /* the block or packet that is being read */
	const char *unit;  /* "block" or "packet" */
	bool big;	   /* byte order */
	struct interface *interfaces;
	size_t n_interfaces, size;
	int64_t ns; /* of the last packet, for those without a time */
	struct replay *replay;
	const struct interrupt *interrupt;
	struct capture *c;
};

static inline uint32_t get16(const struct reader *r, const uint8_t *p)
{
	return r->big ? (uint32_t)p[0] << 8 | p[1] : (uint32_t)p[1] << 8 | p[0];
}

static inline uint32_t get32(const struct reader *r, const uint8_t *p)
{
	uint32_t a = get16(r, p), b = get16(r, p + 2);

	return r->big ? a << 16 | b : b << 16 | a;
}

static inline uint64_t get64(const struct reader *r, const uint8_t *p)
{
	uint64_t a = get32(r, p), b = get32(r, p + 4);

	return r->big ? a << 32 | b : b << 32 | a;
}

/* What is damaged, as the capture's warning. Returns false: the reading ends here. */
bool reader_complain(struct reader *r, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Complains of a link type that is not known. */
void reader_link(struct reader *r, unsigned link);

/* A packet at r->ns on an interface of the section. */
void reader_packet(struct reader *r, unsigned interface, unsigned link,
		   const uint8_t *frame, size_t captured, size_t original);

/* Reads a pcapng file, from r->at on. */
void reader_blocks(struct reader *r);

#endif
