/* cmd_fault.c - wire: faults while the wire runs, and what it has done so far. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cmd/app.h"
#include "cmd/rows.h"
#include "cmd/segments.h"
#include "lab/relay.h"

/* The options are the faults in the order of fault_names, then the seed. */
enum { FAULTS = 8, OPTION_SEED = FAULTS };

/* The direction behind those of the hosts: from addresses without a host. */
#define GHOSTS "ghosts"

/* wire, wire off, wire from HOST [off]: which directions are meant. */
struct scope {
	int first, last;
	bool off;
};

static const char *word(const struct call *call, size_t i)
{
	if (i == 0)
		return call->arg[0].kind == VALUE_STR ? call->arg[0].str.data : "";
	return i <= call->n_rest ? call->rest[i - 1].str.data : "";
}

static int scope_error(struct call *call, size_t at)
{
	err_set(&call->err, "usage", "wire: \"%.40s\" is not understood", word(call, at));
	if (strncmp(word(call, at), "on", 2) == 0)
		err_hint(&call->err,
			 "Write it as Lua: wire:on(function(seg) return \"drop\" end)");
	else
		err_hint(&call->err,
			 "As in: wire loss=10%%, wire from %s delay=50ms, wire off, wire",
			 call->app->lab->host[0].name);
	return -EINVAL;
}

static int scope_read(struct call *call, struct scope *s)
{
	struct lab *lab = call->app->lab;
	bool ghosts;
	size_t at = 0;
	struct host *h;

	*s = (struct scope){ 0, relay_lanes(wire_relay(lab->wire)) - 1, false };
	if (call->host->netns)
		s->first = s->last = call->host->index;
	if (strcmp(word(call, at), "from") == 0) {
		h = lab_find(lab, word(call, ++at));
		ghosts = !h && strcmp(word(call, at), GHOSTS) == 0;
		if (!h && !ghosts) {
			err_set(&call->err, "usage", "wire: there is no host \"%.40s\"",
				word(call, at));
			err_hint(&call->err, "hosts lists them.");
			return -EINVAL;
		}
		s->first = s->last = ghosts ? lab->hosts : h->index;
		at++;
	}
	if (strcmp(word(call, at), "off") == 0) {
		s->off = true;
		at++;
	}
	return *word(call, at) ? scope_error(call, at) : 0;
}

/* The faults that were given, put over the old ones; how many, or negative with call->err. */
static int faults_read(struct call *call, struct fault *f)
{
	int i, n = 0, rc = 0;

	for (i = 0; i < FAULTS && rc == 0; i++) {
		if (call->option[i].kind == VALUE_NIL)
			continue;
		n++;
		rc = fault_set(f, fault_names[i], call->option[i].str.data, &call->err);
	}
	if (rc == 0 && n > 0)
		rc = fault_check(f, &call->err);
	if (rc == 0 && call->app->lab->ipv6 && f->mtu > 0 && f->mtu < LAB_IPV6_MTU_MIN)
		rc = err_set(&call->err, "usage",
			     "wire: IPv6 needs an mtu of at least %d (RFC 8200, 5)",
			     LAB_IPV6_MTU_MIN);
	return rc < 0 ? rc : n;
}

/* All or none: nothing is changed before everything has been understood. */
static int faults_set(struct call *call, struct relay *relay, const struct scope *s)
{
	const struct value *seed = &call->option[OPTION_SEED];
	struct fault new[NETNS_HOSTS_MAX + 1] = { 0 };
	int i, n = 0;

	for (i = s->first; i <= s->last; i++) {
		if (!s->off)
			new[i] = *relay_fault(relay, i);
		n = faults_read(call, &new[i]);
		if (n < 0)
			return n;
	}
	for (i = s->first; i <= s->last; i++)
		*relay_fault(relay, i) = new[i];
	if (seed->kind == VALUE_INT)
		relay_seed(relay, (uint64_t)seed->i);
	else if (n > 0 && relay_seed_now(relay) < 0)
		relay_seed(relay, (uint64_t)(time_now() * 1e6) % 1000000);
	return 0;
}

static unsigned long long drops(struct lab *lab)
{
	unsigned long long n = 0;
	int i;

	for (i = 0; i < lab->hosts; i++)
		n += netns_drops(lab->netns, i);
	return n;
}

static struct value direction_value(struct relay *relay, int host)
{
	const struct relay_counts *c = relay_counts(relay, host);
	struct value v = value_table();
	struct buf faults = BUF_EMPTY;

	fault_format(relay_fault(relay, host), &faults);
	value_add(&v, "faults", value_text(buf_str(&faults)));
	value_add(&v, "segments", value_int((long long)c->segments));
	value_add(&v, "bytes", value_int((long long)c->bytes));
	value_add(&v, "delivered", value_int((long long)c->delivered));
	value_add(&v, "lost", value_int((long long)c->lost));
	value_add(&v, "duplicated", value_int((long long)c->duplicated));
	value_add(&v, "reordered", value_int((long long)c->reordered));
	value_add(&v, "corrupted", value_int((long long)c->corrupted));
	value_add(&v, "too_big", value_int((long long)c->too_big));
	value_add(&v, "delayed", value_int((long long)relay_delayed(relay, host)));
	buf_clear(&faults);
	return v;
}

/* That of the ghosts only when there were some, or when they have faults that a host has not. */
static int directions(const struct lab *lab)
{
	struct relay *relay = wire_relay(lab->wire);
	const struct fault *ghosts = relay_fault(relay, lab->hosts);
	bool listed = relay_counts(relay, lab->hosts)->segments > 0;
	int i;

	for (i = 0; i < lab->hosts && !listed; i++)
		listed = fault_any(ghosts) && !fault_same(ghosts, relay_fault(relay, i));
	return lab->hosts + listed;
}

static const char *direction_name(const struct lab *lab, int i)
{
	return i < lab->hosts ? lab->host[i].name : GHOSTS;
}

static struct value wire_value(struct lab *lab)
{
	struct relay *relay = wire_relay(lab->wire);
	struct value v = value_table(), *from;
	int i;

	value_add(&v, "running", value_bool(!wire_holds(lab->wire)));
	value_add(&v, "held", value_int((long long)wire_held(lab->wire)));
	if (relay_seed_now(relay) >= 0)
		value_add(&v, "seed", value_int(relay_seed_now(relay)));
	value_add(&v, "hook", value_bool(relay_has_hook(relay)));
	value_add(&v, "device_drops", value_int((long long)drops(lab)));
	from = value_add(&v, "from", value_table());
	for (i = 0; i < directions(lab); i++)
		value_add(from, direction_name(lab, i), direction_value(relay, i));
	return v;
}

static int wire_exec(struct call *call)
{
	struct scope scope;
	struct relay *relay;
	int rc = call_need_lab(call);

	if (rc < 0)
		return rc;
	relay = wire_relay(call->app->lab->wire);
	/* What was sent before meets the faults of before. */
	wire_pump(call->app->lab->wire);
	rc = scope_read(call, &scope);
	if (rc == 0)
		rc = faults_set(call, relay, &scope);
	if (rc < 0)
		return rc;
	if (scope.off && scope.last - scope.first == call->app->lab->hosts)
		relay_hook(relay, NULL, NULL);
	call->result = wire_value(call->app->lab);
	return 0;
}

static void count_show(struct buf *out, const char **between, unsigned long long n,
		       const char *what)
{
	char text[32];

	if (n == 0)
		return;
	buf_addf(out, "%s%s %s", *between, text_count(n, text), what);
	*between = ", ";
}

static void counts_show(struct relay *relay, int host, struct buf *out)
{
	const struct relay_counts *c = relay_counts(relay, host);
	const char *between = ": ";
	char segments[32], bytes[32];

	if (c->segments == 0) {
		buf_adds(out, "nothing sent yet\n");
		return;
	}
	buf_addf(out, "%s segment%s, %s byte%s", text_count(c->segments, segments),
		 text_plural(c->segments), text_count(c->bytes, bytes),
		 text_plural(c->bytes));
	count_show(out, &between, c->delivered, "delivered");
	count_show(out, &between, c->lost, "lost");
	count_show(out, &between, c->duplicated, "duplicated");
	count_show(out, &between, c->reordered, "reordered");
	count_show(out, &between, c->corrupted, "corrupted");
	count_show(out, &between, c->too_big, "too big");
	count_show(out, &between, relay_delayed(relay, host), "delayed now");
	buf_addc(out, '\n');
}

static void wire_show(struct call *call, struct buf *out)
{
	struct lab *lab = call->app->lab;
	struct relay *relay = wire_relay(lab->wire);
	unsigned long long lost = drops(lab);
	char text[32];
	int i;

	buf_addf(out, "wire: %s", wire_holds(lab->wire) ? "held" : "running");
	if (wire_held(lab->wire) > 0)
		buf_addf(out, ", %zu held", wire_held(lab->wire));
	if (relay_seed_now(relay) >= 0)
		buf_addf(out, ", seed=%lld", relay_seed_now(relay));
	if (relay_has_hook(relay))
		buf_adds(out, ", a function of yours sees each segment");
	if (lost > 0)
		buf_addf(out, ", %s dropped by a device", text_count(lost, text));
	buf_addc(out, '\n');
	for (i = 0; i < directions(lab); i++) {
		buf_addf(out, "     from %-10s ", direction_name(lab, i));
		fault_format(relay_fault(relay, i), out);
		/* Further in: a narrow terminal is not to take it for more of the faults. */
		buf_adds(out, "\n                       ");
		counts_show(relay, i, out);
	}
}

#define OPTION(name, standard, text)                                     \
	{                                                                \
		name, ARG_TEXT, ARG_OPTIONAL, NULL, 0, 0, standard, text \
	}

const struct cmd rows_fault[] = {
	{
		.name = "wire",
		.group = "lab and wire",
		.on_host = true,
		.usage = "[from HOST] [off]",
		.summary = "faults while the wire runs; alone: faults and counts",
		.detail =
			"Only the faults that are named change; NAME=off takes one away, wire off all of them.\n"
			"wire from client loss=10% is for what client sends, otherwise both ways are meant.\n"
			"Shares are 10% or, in Lua, 0.1. The same seed gives the same segments the same fates.\n"
			"A segment that is reordered goes behind the next one of its direction. What is held, and\n"
			"then delivered by hand, meets no fault.\n"
			"What is injected from an address without a host (a ghost) comes from ghosts, which wire\n"
			"from ghosts sets alone, and wire with all others.\n"
			"wire:on(function(seg) ... end), a Lua call that can be typed as well, asks the function\n"
			"about each segment on the running wire. It returns \"drop\", \"dup\", \"hold\" (the wire stops\n"
			"before it) or nothing; seg has number, from, to, from_address, to_address, flags, seq, ack,\n"
			"window, len, data, options, urgent, ttl, ecn, again, and those from flags to ecn but len may\n"
			"be changed (seg.keep_checksum=true leaves the checksum wrong). seq, ack and the SACK blocks\n"
			"in options count from the connection's beginning, where SYN is 0. wire:on(nil) ends it.",
		.example =
			"lab\nwire loss=10% delay=2ms jitter=1ms seed=7\nwire from client rate=10M\nwire off",
		.returns = "table",
		.arg = { { "direction", ARG_TEXT, ARG_OPTIONAL | ARG_MANY,
			   .standard = "all", .text = "from HOST, from ghosts; off" } },
		.option = { OPTION("loss", "off", "share that is lost: 10%"),
			    OPTION("delay", "off", "time under way: 50ms"),
			    OPTION("jitter", "off", "so much more or less delay: 10ms"),
			    OPTION("reorder", "off",
				   "share that the next one overtakes: 5%"),
			    OPTION("duplicate", "off", "share that arrives twice: 1%"),
			    OPTION("corrupt", "off", "share with one wrong bit: 1%"),
			    OPTION("rate", "off", "bits per second: 64k, 10M"),
			    OPTION("mtu", "off",
				   "larger packets are dropped, and ICMP says so: 1000"),
			    { "seed", ARG_INT, ARG_OPTIONAL, NULL, 0, 999999999,
			      "chosen and shown", "of the dice" } },
		.exec = wire_exec,
		.show = wire_show,
	},
	{ .name = NULL },
};
