/* cmd_lab.c - lab: hosts made and gone. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cmd/app.h"
#include "cmd/line.h"
#include "cmd/rows.h"

enum { LAB_NAMES };
enum { LAB_IPV6, LAB_CLOCK, LAB_MTU, LAB_DEVICE };

static int name_error(struct call *call, const char *name, const char *why)
{
	err_set(&call->err, "usage", "lab: \"%.40s\" cannot be a host's name: %s", name,
		why);
	err_hint(
		&call->err,
		"A name is letters, digits and _, begins with a letter, and is no command "
		"and no word of Lua's.");
	return -EINVAL;
}

/* names: those before it. */
static int name_check(struct call *call, const char *const *names, const char *name)
{
	static const char *const taken[] = { "here", "wire", "ghosts", "off", NULL };
	char option[40];

	if (strchr(name, '=')) {
		snprintf(option, sizeof(option), "%.*s", (int)strcspn(name, "="), name);
		return arg_no_option(call, option);
	}
	if (!host_name_ok(name))
		return name_error(call, name, "it has other characters, or too many");
	if (command_find(name) || lua_is_keyword(name) || sock_is_name(name) ||
	    text_index(name, taken) >= 0)
		return name_error(call, name, "the word has another meaning");
	if (text_index(name, names) >= 0)
		return name_error(call, name, "it was given twice");
	return 0;
}

/* The hosts' names into names, which is all NULL; how many, or negative. */
static int names_read(struct call *call, const char *names[NETNS_HOSTS_MAX + 1])
{
	size_t i;
	int n = 0, rc;

	if (call->arg[LAB_NAMES].kind == VALUE_NIL) {
		names[0] = "client";
		names[1] = "server";
		return 2;
	}
	for (i = 0; i <= call->n_rest; i++) {
		const char *name = i == 0 ? call->arg[LAB_NAMES].str.data
					  : call->rest[i - 1].str.data;

		if (n == NETNS_HOSTS_MAX)
			return err_set(&call->err, "usage", "lab: more than %d hosts",
				       NETNS_HOSTS_MAX);
		rc = name_check(call, names, name);
		if (rc < 0)
			return rc;
		names[n++] = name;
	}
	if (n >= 2)
		return n;
	err_set(&call->err, "usage", "lab: one host alone has nobody to talk to");
	err_hint(&call->err, "As in: lab client server");
	return -EINVAL;
}

static void lab_names(const struct lab *lab, struct buf *out)
{
	int i;

	for (i = 0; i < lab->hosts; i++)
		buf_addf(out, "%s%s", i ? ", " : "", lab->host[i].name);
}

static int lab_there(struct call *call)
{
	struct buf names = BUF_EMPTY;

	lab_names(call->app->lab, &names);
	err_set(&call->err, "usage", "lab: there is a lab already: %s", buf_str(&names));
	err_hint(&call->err, "lab off ends it, with all sockets on its hosts.");
	buf_clear(&names);
	return -EINVAL;
}

static struct value lab_value(struct lab *lab)
{
	struct value v = value_table();
	int i;

	for (i = 0; i < lab->hosts; i++)
		value_add(&v, lab->host[i].name, value_host(&lab->host[i]));
	value_add(&v, "wire", value_host(NULL));
	return v;
}

static int lab_exec(struct call *call)
{
	const char *names[NETNS_HOSTS_MAX + 1] = { NULL };
	const struct value *clock = &call->option[LAB_CLOCK],
			   *mtu = &call->option[LAB_MTU];
	const struct value *ipv6 = &call->option[LAB_IPV6],
			   *device = &call->option[LAB_DEVICE];
	struct lab_config config = { .names = names };
	const char *first = call->arg[LAB_NAMES].kind == VALUE_STR
				    ? call->arg[LAB_NAMES].str.data
				    : "";

	if (strcmp(first, "off") == 0 && call->n_rest == 0) {
		if (!call->app->lab)
			return err_set(&call->err, "usage", "lab off: there is no lab");
		if (wire_pumping(call->app->lab->wire))
			return err_set(
				&call->err, "usage",
				"lab off: the lab cannot end inside a function that "
				"its wire has called");
		app_lab_end(call->app);
		return 0;
	}
	if (call->app->lab)
		return lab_there(call);
	config.n = names_read(call, names);
	if (config.n < 0)
		return config.n;
	config.ipv6 = ipv6->kind == VALUE_BOOL && ipv6->b;
	config.slow = clock->kind == VALUE_STR ? strcmp(clock->str.data, "slow") == 0
					       : call->app->at_prompt;
	config.mtu = mtu->kind == VALUE_INT ? (int)mtu->i : 0;
	if (config.ipv6 && config.mtu > 0 && config.mtu < LAB_IPV6_MTU_MIN)
		return err_set(&call->err, "usage",
			       "lab: IPv6 needs an mtu of at least %d (RFC 8200, 5)",
			       LAB_IPV6_MTU_MIN);
	config.veth = device->kind == VALUE_STR && strcmp(device->str.data, "veth") == 0;
	if (app_lab_begin(call->app, &config, &call->err) < 0)
		return -EPERM;
	call->result = lab_value(call->app->lab);
	return 0;
}

static void host_show(struct lab *lab, int i, struct buf *out)
{
	union addr a[LAB_ADDRS];
	char text[ADDR_TEXT_MAX];
	int n = lab_resolve(lab, lab->host[i].name, 0, a), k;

	buf_addf(out, "     %-12s", lab->host[i].name);
	for (k = 0; k < n; k++)
		buf_addf(out, "%s%s", k ? "  " : " ", addr_host(&a[k], text));
	buf_addc(out, '\n');
}

/* "lab: client 10.77.0.1 ---------- wire ---------- server 10.77.0.2     running" */
static void lab_show(struct call *call, struct buf *out)
{
	struct lab *lab = call->app->lab;
	char a[ADDR_TEXT_MAX], b[ADDR_TEXT_MAX];
	union addr left, right;
	int i;

	if (!lab) {
		buf_adds(out, "lab: gone\n");
	} else if (lab->hosts == 2 && !lab->ipv6) {
		left = netns_addr(lab->netns, 0, false);
		right = netns_addr(lab->netns, 1, false);
		buf_addf(out, "lab: %s %s ---------- wire ---------- %s %s     running\n",
			 lab->host[0].name, addr_host(&left, a), lab->host[1].name,
			 addr_host(&right, b));
	} else {
		buf_adds(out, "lab: one wire, running, and on it\n");
		for (i = 0; i < lab->hosts; i++)
			host_show(lab, i, out);
	}
}

const struct cmd rows_lab[] = {
	{
		.name = "lab",
		.group = "lab and wire",
		.usage = "[NAME NAME... | off]",
		.summary = "make hosts, real TCP stacks of this kernel, joined by a wire",
		.detail =
			"Each host is a network namespace of this process (no root needed where user namespaces\n"
			"are allowed): client is 10.77.0.1, server 10.77.0.2, and so on. A host's name before a\n"
			"command makes it act there: server listen 80; client connect server:80. Names are known\n"
			"inside the lab only. All is gone with `lab off` or the shell, however it ends.\n"
			"clock=slow stretches the kernel's retransmission timers, so that there is time to read.\n"
			"The wire shows each segment as a cable carries it. Where more than 16 go on in one piece\n"
			"(never with device=veth), the receiver gets them as from a network card with offload: in\n"
			"one piece, which it acknowledges once.",
		.example =
			"lab client server\nserver listen 80\nclient connect server:80",
		.returns = "table",
		.arg = { { "names", ARG_TEXT, ARG_OPTIONAL | ARG_MANY,
			   .standard = "client server",
			   .text = "the hosts, 2 to 32; or off" } },
		.option = { { "ipv6", ARG_BOOL, ARG_OPTIONAL, .standard = "no",
			      .text = "IPv6 addresses too: fd77::1 ..." },
			    { "clock", ARG_WORD, ARG_OPTIONAL, "slow real",
			      .standard = "slow at the prompt, real in scripts",
			      .text = "the kernel's retransmission timers" },
			    { "mtu", ARG_INT, ARG_OPTIONAL, NULL, 576, 65535, "1500",
			      "largest packet, bytes; with IPv6 at least 1280" },
			    { "device", ARG_WORD, ARG_OPTIONAL, "tun veth",
			      .standard = "tun, veth where it is closed",
			      .text = "what the hosts are wired with" } },
		.exec = lab_exec,
		.show = lab_show,
	},
	{ .name = NULL },
};
