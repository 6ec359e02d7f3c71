/* segment_args.h - a segment in the arguments of a command: by words, or by fields. */
#ifndef SRC_CMD_SEGMENT_ARGS_H
#define SRC_CMD_SEGMENT_ARGS_H

#include "base/addr.h"
#include "base/buf.h"
#include "cmd/cmd.h"
#include "lab/lab.h"

/* The options that such a row begins with; its own are behind them. */
enum segment_option {
	SEGMENT_FROM,
	SEGMENT_TO,
	SEGMENT_FLAGS,
	SEGMENT_SEQ,
	SEGMENT_ACK,
	SEGMENT_WINDOW,
	SEGMENT_URGENT,
	SEGMENT_TCP_OPTIONS,
	SEGMENT_DATA,
	SEGMENT_RAW,
	SEGMENT_OWN,
};

#define OPTION_NUMBER(n, most, what)                                                \
	{                                                                           \
		.name = (n), .type = ARG_INT, .flags = ARG_OPTIONAL, .max = (most), \
		.text = (what)                                                      \
	}

#define OPTION_TEXT(n, t, what)                                                 \
	{                                                                       \
		.name = (n), .type = (t), .flags = ARG_OPTIONAL, .text = (what) \
	}

#define OPTIONS_SEGMENT                                                                  \
	OPTION_TEXT("from", ARG_END, "sender: server:80, 10.77.0.9:4000, c1"),           \
		OPTION_TEXT("to", ARG_END, "receiver, likewise"),                        \
		OPTION_TEXT("flags", ARG_TEXT, "SYN,ACK, or S."),                        \
		OPTION_NUMBER("seq", 4294967295, "sequence number"),                     \
		OPTION_NUMBER("ack", 4294967295, "acknowledgment"),                      \
		OPTION_NUMBER("window", 65535, "as in the header: not scaled"),          \
		OPTION_NUMBER("urgent", 65535, "urgent pointer"),                        \
		OPTION_TEXT("options", ARG_TABLE, "mss 1460,wscale 7,sackOK"),           \
		OPTION_TEXT("data", ARG_DATA, "payload"),                                \
	{                                                                                \
		"raw", ARG_BOOL, ARG_OPTIONAL,                                           \
			.standard = "no", .text = "numbers as in the header, not from 0" \
	}

struct segment_args {
	/* A host's name means each of its addresses. Family 0: no more, or not given. */
	union addr from[LAB_ADDRS], to[LAB_ADDRS];
	struct buf text; /* the rest, in notation.h's words */
	bool raw;
	bool data; /* the payload's bytes are given */
};

/*
 * Reads what stands in a call whose first argument is ARG_MANY text: [from A] [to B] NOTATION. A
 * port may be missing (0) where any will do. 0, or negative with call->err; the caller clears
 * text in both cases.
 */
int segment_args_read(struct call *call, bool any_port, struct segment_args *args);

#endif
