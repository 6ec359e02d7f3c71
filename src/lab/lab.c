/* lab.c - hosts in network namespaces of this process, joined by one wire. */
#include "lab/lab.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"

/* Of what went over the wire; a bulk transfer is not to take all memory. */
#define KEPT_BYTES ((size_t)64 << 20)

static double wall_clock(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec * 1e-9;
}

struct lab *lab_new(struct loop *loop, const struct lab_config *config, struct err *err)
{
	struct netns_config keeper = { .hosts = config->n,
				       .ipv6 = config->ipv6,
				       .mtu = config->mtu,
				       .slow = config->slow,
				       .offload = true,
				       .no_tun = config->veth };
	struct netns *netns = netns_new(&keeper, err);
	struct lab *lab;
	int i;

	if (!netns)
		return NULL;
	lab = xcalloc(1, sizeof(*lab));
	lab->netns = netns;
	lab->hosts = config->n;
	lab->slow = config->slow;
	lab->ipv6 = config->ipv6;
	for (i = 0; i < config->n; i++)
		host_init(&lab->host[i], config->names[i], netns, i);
	lab->trace = trace_new(config->names, config->n);
	trace_keep(lab->trace, KEPT_BYTES);
	lab->wire = wire_new(loop, netns, lab->host, config->n, lab->trace);
	wire_be_patient(lab->wire, config->slow);
	lab->started = wall_clock();
	return lab;
}

void lab_free(struct lab *lab)
{
	int i;

	if (!lab)
		return;
	wire_free(lab->wire);
	trace_free(lab->trace);
	for (i = 0; i < lab->hosts; i++)
		host_clear(&lab->host[i]);
	netns_free(lab->netns);
	free(lab);
}

struct host *lab_find(struct lab *lab, const char *name)
{
	int i;

	for (i = 0; i < lab->hosts; i++)
		if (strcmp(lab->host[i].name, name) == 0)
			return &lab->host[i];
	return NULL;
}

int lab_resolve(struct lab *lab, const char *name, int port, union addr a[LAB_ADDRS])
{
	const struct host *h = lab_find(lab, name);
	int n, v6;

	if (!h)
		return 0;
	n = lab->ipv6 ? 2 : 1;
	for (v6 = 0; v6 < n; v6++) {
		a[v6] = netns_addr(lab->netns, h->index, v6);
		addr_set_port(&a[v6], port);
	}
	return n;
}
