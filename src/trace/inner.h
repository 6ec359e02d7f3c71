/* inner.h - what a trace is made of; for the files of this floor only. */
#ifndef SRC_TRACE_INNER_H
#define SRC_TRACE_INNER_H

#include "base/pairs.h"
#include "base/store.h"
#include "trace/spans.h"
#include "trace/trace.h"

/* Why a segment that brings nothing is to be answered all the same (RFC 9293, 3.10.7.4). */
enum ask {
	ASK_NOTHING,
	ASK_STALE,     /* what it brings has come before */
	ASK_OLD,       /* it brings nothing, and its number is an old one, as a probe's */
	ASK_BEYOND,    /* it lies behind the window */
	ASK_UNSENT,    /* it acknowledges what its receiver has never sent */
	ASK_CHALLENGE, /* a RST beside the next number, or a SYN (RFC 5961, 3 and 4) */
};

/*
 * What one end has heard so far: what was given to it, and what it took of that. What a capture shows
 * counts as heard when it was seen.
 */
struct heard {
	bool known; /* next is valid */
	bool acks;  /* ack and ack_by are */
	bool windowed; /* window and window_by are: not by a SYN, whose window has another unit */
	uint32_t next;	  /* the number after all that came without a gap: RCV.NXT */
	uint32_t ack;	  /* how far it knows its own to be acknowledged: SND.UNA */
	uint32_t window;  /* that it was told last, bytes: SND.WND */
	uint32_t told_at; /* the number of the segment that told it: SND.WL1 */
	unsigned ack_by, window_by;
	unsigned dups;	    /* how many duplicates of that acknowledgment came in a row */
	unsigned syn, fin;  /* that it took */
	unsigned last;	    /* the latest, taken or not */
	uint32_t sacked;    /* how far behind ack some of its bytes have arrived (SACK) */
	unsigned sacked_by; /* the segment that told it; 0: none */
	bool news;	    /* it has heard something since it sent anything again */
	/* that one, and the first of several in a row, while an ACK without news is to answer it; 0 */
	unsigned asks, asks_from;
};

/* One end of a connection: what it has said so far. Numbers of segments are 0 for "not yet". */
struct side {
	bool seen;	 /* it has sent something */
	bool played;	 /* by hand: its segments are all injected */
	bool acks;	 /* ack is valid */
	bool windowed;	 /* window is */
	bool crossed;	 /* its FIN and the other end's were under way at the same time */
	uint32_t next;	 /* the sequence number after all that it sent */
	uint32_t ack;	 /* the last acknowledgment that it sent */
	uint32_t window; /* with it, in bytes */
	uint32_t edge;	 /* the number that all its windows together reach to */
	uint32_t syn_seq, fin_seq; /* the SYN's own sequence number, and the FIN's */
	unsigned ack_by;	   /* the segment that first said it */
	unsigned dups; /* how many duplicates of that acknowledgment it sent in a row */
	unsigned last; /* its last segment */
	unsigned syn, fin, rst; /* its first with that flag */
	/* the first of the retransmissions that all are to close the gaps before that number; 0 */
	unsigned repair;
	uint32_t repair_end;
	enum tcp_state state; /* that the kernel was seen in last; STATE_NONE */
	struct heard heard;
};

struct conn {
	struct trace_conn pub;
	struct side side[2];
	struct spans sent[2];  /* by that end */
	struct spans early[2]; /* what came to that end behind a gap */
	bool given;	  /* the base of end[0], by who made its first segment by hand */
	bool good_syn[2]; /* the base comes from a SYN that fits the other end's */
	enum tcp_state was; /* the kernel's state of its receiver before it came */
	bool has_state[2];
	bool watched;	 /* the kernel has been asked about it */
	unsigned echoes; /* see trace_echoes */
	bool answered;	 /* the other end has taken note of the SYN that began it */
	int previous;	 /* the connection of the same pair before it, -1 */
	int settled; /* the last of these that was answered, else the first; this one when it is the first */
};

/* A segment with what was known before it came. The public part is the first member. */
struct entry {
	struct trace_segment s;
	int conn, end; /* end: who sent it, 0 or 1 */
	unsigned echoes;
	uint32_t fresh;	       /* numbers that its sender had not used before */
	unsigned contradicts;  /* a segment that had other bytes under its numbers; 0 */
	bool connecting;       /* its sender had a SYN out that nobody had answered */
	struct side before[2]; /* of that connection */
	/* The kernel's states of both ends after it was sent; of its receiver, after it came. */
	enum tcp_state state[2];
	/* Of its receiver when it came: what it asks of him, his state, the number he waited for. */
	enum ask ask;
	enum tcp_state was;
	bool awaited_known;
	uint32_t awaited;
	size_t sent_at, done_at; /* its events; done_at 0: none */
	size_t command; /* the event of the one that caused it, plus 1; 0: of lines.c */
};

/* Somebody called something. */
struct command {
	int host, line;
	union addr local, peer; /* of its socket; family 0 */
	char text[];
};

/*
 * Segments that came and went, not yet entries: one, or those that one packet was cut into. Or a command
 * between them.
 */
struct passed {
	double time;
	int from, to;
	struct command *command; /* owned; NULL */
	uint8_t *
		packet; /* in the backlog's stores: header bytes, then the data if it is kept */
	size_t header, len; /* len: of all data */
	size_t size; /* of each segment's data but the last's; 0: it is one segment */
	bool kept;   /* its data */
};

struct backlog {
	struct passed *at;
	size_t n, size;
	size_t cut;	      /* those before this one have lost their data */
	struct store packets; /* whole */
	struct store headers; /* of those that have lost their data */
};

#define WAITING_MAX 64

/* How far lines.c has come, and the commands that may still cause something. */
struct causes {
	size_t seen; /* events */
	struct waiting {
		size_t command; /* index of its event */
		bool passed;	/* a segment of its kind has come */
	} item[WAITING_MAX];
	size_t n;
};

struct trace {
	char **hosts;
	int n_hosts;
	struct entry **entries; /* #1 is entries[0] */
	struct slab *slabs;	/* where they lie */
	struct entry *slab_at;	/* the next one's place */
	size_t slab_left;
	size_t n_entries, entries_size;
	struct trace_event *events;
	size_t n_events, events_size;
	struct conn **conns;
	size_t n_conns, conns_size;
	struct pairs newest; /* the index of a pair's newest connection */
	size_t *pending; /* TRACE_STATE events that came before their connection's first segment */
	size_t n_pending;
	struct backlog backlog; /* what passed after the last entry */
	size_t data, data_max;	/* bytes of data kept, and at most; 0: no limit */
	size_t cut;		/* the entries before this one have lost theirs */
	struct causes causes;
};

#define PENDING_MAX 64

/* Makes room for one more element in an array of elements of that size. */
void *array_grow(void *array, size_t n, size_t *size, size_t element);

/* Adds a segment with its event; takes packet. */
struct trace_segment *entry_add(struct trace *t, double time, int from, int to,
				uint8_t *packet, size_t len,
				const struct segment *decoded,
				const struct trace_origin *origin);

/* Takes the oldest entries' data away while there is too much. */
void entries_cut(struct trace *t);

/* Makes entries of what passed. Whoever reads or adds anything calls trace_settle first. */
void backlog_settle(struct trace *t);
void backlog_free(struct backlog *b);

/* Adds a command's event, at once or when all that passed before it is settled; this takes c. */
void command_add(struct trace *t, double time, const struct command *c);
void backlog_command(struct trace *t, double time, struct command *c);

/* To read a trace is not to change it, as far as a reader can see. */
static inline void trace_settle(const struct trace *t)
{
	if (t->backlog.n > 0)
		backlog_settle((struct trace *)t);
}

/* Finds or makes the segment's connection, remembers what was known, takes note of what it says. */
void conns_add(struct trace *t, struct entry *e, const struct trace_origin *origin);

/* It has come to its receiver, or, in a capture, was seen on its way. */
void conns_hear(struct trace *t, struct entry *e);

/* Does an end in that state have a connection, and answers a SYN for it (RFC 9293, 3.10.7.4)? */
bool conns_alive(enum tcp_state state);

/* Is the wrong checksum a fault? In a capture the network card may have been meant to fill it in. */
bool checksum_bad(const struct trace_segment *s);

/* Which connection a state change belongs to; -1 when there is none yet. */
int conns_of_state(struct trace *t, const struct trace_event *e);

/* Frees the connections; the trace is being freed. */
void conns_free(struct trace *t);

static inline const struct entry *entry_of(const struct trace_segment *s)
{
	return (const struct entry *)s;
}

/* The other end. A connection to itself has one end only. */
int conn_other(const struct conn *c, int end);

#endif
