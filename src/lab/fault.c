/* fault.c - what a running wire does to segments: rules of one direction, and the dice. */
#include "lab/fault.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/* The least that IPv4 hosts must take (RFC 1122, 3.3.2); Linux believes no smaller path MTU. */
#define MTU_MIN 576
#define MTU_MAX 65535

enum kind { SHARE, TIME, RATE, SIZE };

static const struct rule {
	const char *name;
	enum kind kind;
	size_t at;
} rules[] = {
	{ "loss", SHARE, offsetof(struct fault, loss) },
	{ "delay", TIME, offsetof(struct fault, delay) },
	{ "jitter", TIME, offsetof(struct fault, jitter) },
	{ "reorder", SHARE, offsetof(struct fault, reorder) },
	{ "duplicate", SHARE, offsetof(struct fault, duplicate) },
	{ "corrupt", SHARE, offsetof(struct fault, corrupt) },
	{ "rate", RATE, offsetof(struct fault, rate) },
	{ "mtu", SIZE, offsetof(struct fault, mtu) },
};

#define RULES (sizeof(rules) / sizeof(*rules))

const char *const fault_names[] = { "loss",    "delay", "jitter", "reorder", "duplicate",
				    "corrupt", "rate",	"mtu",	  NULL };

static const char *const wants[] = {
	"a share from 0% to 100%, such as 10%",
	"a time of at most an hour, such as 50ms",
	"bits per second, such as 9600, 64k, 10M or 1G",
	"a count of bytes from 576 to 65535",
};

static double *value_at(struct fault *f, const struct rule *r)
{
	return (double *)(void *)((char *)f + r->at);
}

static double value_of(const struct fault *f, const struct rule *r)
{
	return *(const double *)(const void *)((const char *)f + r->at);
}

/* A decimal number without sign, nan, inf or hex; what follows it. NULL when there is none. */
static const char *number(double *v, const char *text)
{
	char *end;

	if (strspn(text, "0123456789.") == 0 || strpbrk(text, "xX"))
		return NULL;
	*v = strtod(text, &end);
	return end > text ? end : NULL;
}

/* 10%, or as Lua has it 0.1. A bare 1 may be meant as 1%: refused rather than guessed. */
static bool share_parse(double *v, const char *text)
{
	const char *end = number(v, text);

	if (!end)
		return false;
	if (strcmp(end, "%") == 0)
		*v /= 100;
	else if (*end || *v >= 1)
		return false;
	return *v <= 1;
}

static bool time_parse(double *v, const char *text)
{
	return duration_parse(v, text) && *v >= 0 && *v <= 3600;
}

static bool rate_parse(double *v, const char *text)
{
	static const char prefixes[] = "kMG";
	const char *end = number(v, text), *p;

	if (!end)
		return false;
	p = *end ? strchr(prefixes, *end) : NULL;
	if (p) {
		*v *= pow(1000, (double)(p - prefixes + 1));
		end++;
	}
	if (strcmp(end, "bit") == 0 || strcmp(end, "bit/s") == 0)
		end = "";
	return !*end && *v >= 1 && *v <= 1e12;
}

static bool size_ok(double *v, const char *text)
{
	const char *end = number(v, text);

	return end && !*end && *v == floor(*v) && *v >= MTU_MIN && *v <= MTU_MAX;
}

static bool parse(enum kind kind, double *v, const char *text)
{
	if (strcmp(text, "off") == 0) {
		*v = 0;
		return true;
	}
	switch (kind) {
	case SHARE:
		return share_parse(v, text);
	case TIME:
		return time_parse(v, text);
	case RATE:
		return rate_parse(v, text);
	default:
		return size_ok(v, text);
	}
}

int fault_set(struct fault *f, const char *name, const char *text, struct err *err)
{
	struct buf given = BUF_EMPTY;
	double v;
	size_t i;

	for (i = 0; i < RULES && strcmp(rules[i].name, name) != 0; i++)
		;
	if (i == RULES)
		return err_set(err, "usage", "wire: there is no fault \"%.40s\"", name);
	if (parse(rules[i].kind, &v, text)) {
		*value_at(f, &rules[i]) = v;
		return 0;
	}
	text_quote(&given, text, strnlen(text, 40), true);
	err_set(err, "usage", "wire: %s must be %s, not %s", name, wants[rules[i].kind],
		buf_str(&given));
	err_hint(err, "%s%s=off takes it away.",
		 rules[i].kind == SHARE ? "All is 100%, in Lua \"100%\"; " : "", name);
	buf_clear(&given);
	return -EINVAL;
}

static void value_format(enum kind kind, double v, struct buf *out)
{
	if (kind == SHARE)
		buf_addf(out, "%.6g%%", v * 100);
	else if (kind == TIME)
		buf_addf(out, v < 1 ? "%.6gms" : "%.6gs", v < 1 ? v * 1000 : v);
	else if (kind == SIZE || v < 1e3)
		buf_addf(out, "%.0f", v);
	else
		buf_addf(out, "%.6g%c",
			 v / (v < 1e6	? 1e3
			      : v < 1e9 ? 1e6
					: 1e9),
			 v < 1e6   ? 'k'
			 : v < 1e9 ? 'M'
				   : 'G');
}

int fault_check(const struct fault *f, struct err *err)
{
	struct buf example = BUF_EMPTY;
	char jitter[32], delay[32];

	if (f->jitter <= f->delay)
		return 0;
	err_set(err, "usage",
		"wire: a jitter of %s needs a delay of at least that, not %s",
		duration_format(f->jitter, jitter), duration_format(f->delay, delay));
	value_format(TIME, f->jitter, &example);
	err_hint(err, "As in: wire delay=%s jitter=%s", buf_str(&example),
		 buf_str(&example));
	buf_clear(&example);
	return -EINVAL;
}

bool fault_any(const struct fault *f)
{
	size_t i;

	for (i = 0; i < RULES; i++)
		if (value_of(f, &rules[i]) != 0)
			return true;
	return false;
}

bool fault_same(const struct fault *a, const struct fault *b)
{
	size_t i;

	for (i = 0; i < RULES; i++)
		if (value_of(a, &rules[i]) != value_of(b, &rules[i]))
			return false;
	return true;
}

void fault_format(const struct fault *f, struct buf *out)
{
	const char *between = "";
	size_t i;

	for (i = 0; i < RULES; i++) {
		if (value_of(f, &rules[i]) == 0)
			continue;
		buf_addf(out, "%s%s=", between, rules[i].name);
		value_format(rules[i].kind, value_of(f, &rules[i]), out);
		between = " ";
	}
	if (!*between)
		buf_adds(out, "no faults");
}

/* splitmix64 (Steele, Lea, Flood 2014). */
static uint64_t roll(struct dice *d)
{
	uint64_t z = d->state += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

/* From 0 to less than 1. */
static double share(struct dice *d)
{
	return (double)(roll(d) >> 11) * 0x1p-53;
}

void dice_seed(struct dice *d, uint64_t seed, int direction)
{
	d->state = seed;
	d->state = roll(d) + (uint64_t)direction;
	d->state = roll(d);
}

struct fault_fate fault_roll(const struct fault *f, struct dice *d)
{
	struct fault_fate fate;

	fate.lost = share(d) < f->loss;
	fate.late = share(d) < f->reorder;
	fate.twice = share(d) < f->duplicate;
	fate.damaged = share(d) < f->corrupt;
	fate.delay = f->delay + (share(d) * 2 - 1) * f->jitter;
	fate.where = roll(d);
	return fate;
}
