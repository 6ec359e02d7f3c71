/* facts.c - the numbers of TCP_INFO by name and unit, for `state c1`. */
#include "cmd/facts.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* One number, as a row of `state c1`. */
struct fact {
	const char *name;
	size_t at;
	int bytes;    /* of the field */
	double scale; /* multiplied to give the unit */
	const char *unit;
	const char *text;
};

#define FACT(field) \
	offsetof(struct tcp_info, field), sizeof(((struct tcp_info *)0)->field)

static const struct fact facts[] = {
	{ "rtt", FACT(tcpi_rtt), 0.001, "ms", "round-trip time, smoothed" },
	{ "rttvar", FACT(tcpi_rttvar), 0.001, "ms", "its variation" },
	{ "min_rtt", FACT(tcpi_min_rtt), 0.001, "ms", "the least seen" },
	{ "rto", FACT(tcpi_rto), 0.001, "ms", "retransmission timeout" },
	{ "ato", FACT(tcpi_ato), 0.001, "ms", "delayed-ACK timeout" },
	{ "cwnd", FACT(tcpi_snd_cwnd), 1, "segments", "congestion window" },
	{ "ssthresh", FACT(tcpi_snd_ssthresh), 1, "segments", "slow start ends here" },
	{ "snd_mss", FACT(tcpi_snd_mss), 1, "bytes", "largest segment that is sent" },
	{ "rcv_mss", FACT(tcpi_rcv_mss), 1, "bytes",
	  "largest segment that was received" },
	{ "advmss", FACT(tcpi_advmss), 1, "bytes", "MSS that this end announced" },
	{ "pmtu", FACT(tcpi_pmtu), 1, "bytes", "path MTU" },
	{ "snd_wnd", FACT(tcpi_snd_wnd), 1, "bytes", "window that the peer announced" },
	{ "rcv_space", FACT(tcpi_rcv_space), 1, "bytes",
	  "receive buffer's aim (autotuning)" },
	{ "unacked", FACT(tcpi_unacked), 1, "segments", "sent, not yet acknowledged" },
	{ "sacked", FACT(tcpi_sacked), 1, "segments",
	  "acknowledged out of order (SACK)" },
	{ "lost", FACT(tcpi_lost), 1, "segments", "taken for lost" },
	{ "retrans", FACT(tcpi_retrans), 1, "segments", "sent again and still out" },
	{ "total_retrans", FACT(tcpi_total_retrans), 1, "segments", "sent again, ever" },
	{ "retransmits", FACT(tcpi_retransmits), 1, "times", "timeouts in a row" },
	{ "backoff", FACT(tcpi_backoff), 1, "times", "doublings of the timeout" },
	{ "probes", FACT(tcpi_probes), 1, "times", "probes without an answer" },
	{ "segs_out", FACT(tcpi_segs_out), 1, "segments", "sent" },
	{ "segs_in", FACT(tcpi_segs_in), 1, "segments", "received" },
	{ "bytes_sent", FACT(tcpi_bytes_sent), 1, "bytes", "sent, copies counted" },
	{ "bytes_retrans", FACT(tcpi_bytes_retrans), 1, "bytes", "of these sent again" },
	{ "bytes_acked", FACT(tcpi_bytes_acked), 1, "bytes", "acknowledged by the peer" },
	{ "bytes_received", FACT(tcpi_bytes_received), 1, "bytes", "received in order" },
	{ "notsent", FACT(tcpi_notsent_bytes), 1, "bytes",
	  "in the send queue, not yet sent" },
	{ "pacing_rate", FACT(tcpi_pacing_rate), 8e-6, "Mbit/s",
	  "sending is spread to this rate" },
	{ "delivery_rate", FACT(tcpi_delivery_rate), 8e-6, "Mbit/s", "measured lately" },
	{ "reord_seen", FACT(tcpi_reord_seen), 1, "times", "reordering noticed" },
	{ "rcv_ooopack", FACT(tcpi_rcv_ooopack), 1, "segments", "received out of order" },
	{ "last_data_sent", FACT(tcpi_last_data_sent), 1, "ms", "ago" },
	{ "last_data_recv", FACT(tcpi_last_data_recv), 1, "ms", "ago" },
	{ "last_ack_recv", FACT(tcpi_last_ack_recv), 1, "ms", "ago" },
};

#define FACTS (sizeof(facts) / sizeof(*facts))

static double fact_value(const struct fact *f, const struct tcp_info *info)
{
	const char *p = (const char *)info + f->at;
	uint8_t small;
	uint32_t mid;
	uint64_t large;

	switch (f->bytes) {
	case 1:
		memcpy(&small, p, 1);
		return small * f->scale;
	case 4:
		memcpy(&mid, p, 4);
		/* "No limit yet" is the largest number. */
		return mid == 0x7fffffff ? -1 : mid * f->scale;
	default:
		memcpy(&large, p, 8);
		return large == UINT64_MAX ? -1 : (double)large * f->scale;
	}
}

/* "sack timestamps wscale 10 (send) 10 (recv)": what the two SYNs agreed on. */
static void negotiated(const struct tcp_info *info, struct buf *out)
{
	static const struct {
		int bit;
		const char *name;
	} bits[] = { { TCPI_OPT_SACK, "sack" },
		     { TCPI_OPT_TIMESTAMPS, "timestamps" },
		     { TCPI_OPT_ECN, "ecn" },
		     { TCPI_OPT_SYN_DATA, "fastopen" } };
	size_t i;

	for (i = 0; i < sizeof(bits) / sizeof(*bits); i++)
		if (info->tcpi_options & bits[i].bit)
			buf_addf(out, "%s%s", out->len ? " " : "", bits[i].name);
	if (info->tcpi_options & TCPI_OPT_WSCALE)
		buf_addf(out, "%swscale %d (send) %d (recv)", out->len ? " " : "",
			 info->tcpi_snd_wscale, info->tcpi_rcv_wscale);
	if (out->len == 0)
		buf_adds(out, "none");
}

void facts_add(const struct tcp_info *info, struct value *record)
{
	struct buf text = BUF_EMPTY;
	size_t i;

	negotiated(info, &text);
	value_add(record, "negotiated", value_text(buf_str(&text)));
	buf_clear(&text);
	for (i = 0; i < FACTS; i++) {
		double v = fact_value(&facts[i], info);

		if (v < 0)
			continue;
		value_add(record, facts[i].name,
			  facts[i].scale == 1 ? value_int((long long)v) : value_num(v));
	}
}

void fact_line(const char *name, const char *value, const char *unit, const char *text,
	       struct buf *out)
{
	char cell[40];

	buf_adds(out, "    ");
	text_column(out, name, 16);
	snprintf(cell, sizeof(cell), "%s %s", value, unit);
	text_column(out, cell, 22);
	buf_addf(out, " %s\n", text);
}

void facts_show(const struct value *record, struct buf *out)
{
	const struct value *v = value_get(record, "negotiated");
	char number[40];
	size_t i;

	if (v)
		buf_addf(out, "    negotiated      %s\n", v->str.data);
	for (i = 0; i < FACTS; i++) {
		v = value_get(record, facts[i].name);
		if (!v)
			continue;
		if (v->kind == VALUE_INT)
			snprintf(number, sizeof(number), "%lld", v->i);
		else
			snprintf(number, sizeof(number), v->n < 10 ? "%.3f" : "%.1f",
				 v->n);
		fact_line(facts[i].name, number, facts[i].unit, facts[i].text, out);
	}
}
