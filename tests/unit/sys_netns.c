/* sys_netns.c - tests: hosts in network namespaces, their wire, and what is left of them. */

/*
 * Each claim is tried with a lab on TUN devices, on veth pairs, and as an ordinary user, each
 * time in a process of its own, because a process cannot get back what it gives up.
 */

#include "net.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "base/text.h"
#include "sys/diag.h"
#include "sys/netns.h"

#define must(condition)                                                                 \
	do {                                                                            \
		if (!(condition)) {                                                     \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
			exit(1);                                                        \
		}                                                                       \
	} while (0)

enum { PATIENCE_S = 10, NOBODY = 65534 };

static struct netns *lab_new(const struct netns_config *config)
{
	struct err err;
	struct netns *n = netns_new(config, &err);

	if (n == NULL)
		fprintf(stderr, "%s\n%s\n", err.message, err.hint);
	must(n != NULL);
	return n;
}

static struct netns *lab(const struct netns_config *kind, int hosts)
{
	struct netns_config config = *kind;

	config.hosts = hosts;
	return lab_new(&config);
}

static uint32_t sum16(const unsigned char *p, size_t len, uint32_t sum)
{
	size_t i;

	for (i = 0; i + 1 < len; i += 2)
		sum += (uint32_t)(p[i] << 8 | p[i + 1]);
	return len % 2 ? sum + (uint32_t)(p[len - 1] << 8) : sum;
}

static uint16_t fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

/* What is missing to the TCP checksum: 0 when it is right. */
static uint16_t tcp_sum(const unsigned char *p, size_t len)
{
	if (p[0] >> 4 == 6)
		return fold(sum16(p + 8, len - 8, (uint32_t)(len - 40 + 6)));
	return fold(sum16(p + 12, len - 12, (uint32_t)(len - 20 + 6)));
}

/* The host that a packet is for, by the last byte of its address. */
static int packet_host(const unsigned char *p)
{
	return (p[0] >> 4 == 6 ? p[39] : p[19]) - 1;
}

/* Carries what is on the wire; how many packets it was. Each must be whole, right and small. */
static int carry(struct netns *n, int hosts, size_t mtu)
{
	unsigned char packet[65536];
	int i, count = 0;
	long len;

	for (i = 0; i < hosts; i++) {
		while ((len = netns_read(n, i, packet, sizeof(packet))) != 0) {
			must(len >= 40);
			must((size_t)len <= mtu);
			must(tcp_sum(packet, (size_t)len) == 0);
			must(packet_host(packet) >= 0 && packet_host(packet) < hosts);
			must(netns_write(n, packet_host(packet), packet,
					 (unsigned long)len) == 0);
			count++;
		}
	}
	return count;
}

/* Waits until something is on the wire of host 0 or 1. */
static void await_wire(struct netns *n, int a, int b)
{
	struct pollfd fds[] = { { netns_wire_fd(n, a), POLLIN, 0 },
				{ netns_wire_fd(n, b), POLLIN, 0 } };

	must(poll(fds, 2, PATIENCE_S * 1000) > 0);
}

static int lab_socket(struct netns *n, int host, int domain)
{
	int fd = netns_socket(n, host, domain, SOCK_STREAM, 0);

	must(fd >= 0);
	must(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	must(fcntl(fd, F_GETFL) & O_NONBLOCK);
	return fd;
}

struct pair {
	struct netns *n;
	int hosts, server_host;
	size_t mtu;
	int listener, client, server;
	int carried; /* packets until it was open */
	union addr addr;
};

static void pair_open(struct pair *p, struct netns *n, int server_host, bool ipv6)
{
	int domain = ipv6 ? AF_INET6 : AF_INET;

	p->n = n;
	p->server_host = server_host;
	p->hosts = p->hosts ? p->hosts : 2;
	p->mtu = p->mtu ? p->mtu : 1500;
	p->addr = netns_addr(n, server_host, ipv6);
	addr_set_port(&p->addr, 80);
	p->listener = lab_socket(n, server_host, domain);
	must(bind(p->listener, &p->addr.sa, addr_len(&p->addr)) == 0);
	must(listen(p->listener, 5) == 0);
	p->client = lab_socket(n, 0, domain);
	must(connect(p->client, &p->addr.sa, addr_len(&p->addr)) < 0);
	must(errno == EINPROGRESS);
	while ((p->server = accept4(p->listener, NULL, NULL,
				    SOCK_CLOEXEC | SOCK_NONBLOCK)) < 0) {
		must(errno == EAGAIN);
		await_wire(n, 0, server_host);
		p->carried += carry(n, p->hosts, p->mtu);
	}
}

static void pair_close(struct pair *p)
{
	close(p->listener);
	close(p->client);
	close(p->server);
}

/* What the byte at this place of a stream is. */
static char stream_byte(size_t at)
{
	return (char)(at * 7 >> 3);
}

/* Sends until the kernel takes no more, or size is reached. */
static void send_all(int fd, size_t *sent, size_t size)
{
	char out[4096];
	ssize_t n = 0;
	size_t i, len;

	while (n >= 0 && *sent < size) {
		len = size - *sent < sizeof(out) ? size - *sent : sizeof(out);
		for (i = 0; i < len; i++)
			out[i] = stream_byte(*sent + i);
		n = send(fd, out, len, MSG_NOSIGNAL);
		must(n >= 0 || errno == EAGAIN);
		*sent += n > 0 ? (size_t)n : 0;
	}
}

/* Sends size bytes from one socket to the other through the test's hands. */
static void transfer(struct pair *p, int from, int to, size_t size)
{
	size_t sent = 0, got = 0;
	char in[65536];
	ssize_t n, i;

	while (got < size) {
		send_all(from, &sent, size);
		if (carry(p->n, p->hosts, p->mtu) == 0)
			await_wire(p->n, 0, p->server_host);
		while ((n = recv(to, in, sizeof(in), 0)) > 0)
			for (i = 0; i < n; i++, got++)
				must(in[i] == stream_byte(got));
		must(n < 0 && errno == EAGAIN);
	}
}

static void await_end(struct pair *p, int fd)
{
	char byte;
	ssize_t n;

	while ((n = recv(fd, &byte, 1, 0)) < 0) {
		must(errno == EAGAIN);
		await_wire(p->n, 0, p->server_host);
		carry(p->n, p->hosts, p->mtu);
	}
	must(n == 0);
}

static void whole_connection(struct pair *p, struct netns *n, int server_host, bool ipv6)
{
	pair_open(p, n, server_host, ipv6);
	transfer(p, p->client, p->server, 3000000);
	transfer(p, p->server, p->client, 3000000);
	must(shutdown(p->client, SHUT_WR) == 0);
	await_end(p, p->server);
	must(shutdown(p->server, SHUT_WR) == 0);
	await_end(p, p->client);
	pair_close(p);
}

static void two_hosts_talk_when_their_packets_are_carried(const struct netns_config *kind)
{
	struct netns *n = lab(kind, 2);
	struct pair p = { 0 };

	whole_connection(&p, n, 1, false);
	must(netns_drops(n, 0) == 0);
	must(netns_drops(n, 1) == 0);
	netns_free(n);
}

static void ipv6_works_when_asked_for(const struct netns_config *kind)
{
	struct netns_config config = *kind;
	union addr none;
	struct pair p = { 0 };
	struct netns *n;

	config.hosts = 2;
	config.ipv6 = true;
	n = lab_new(&config);
	whole_connection(&p, n, 1, true);
	whole_connection(&p, n, 1, false);
	netns_free(n);
	n = lab(kind, 2);
	none = netns_addr(n, 0, true);
	must(none.sa.sa_family == AF_UNSPEC);
	netns_free(n);
}

/* By itself the kernel makes an IPv6 address reachable only some time after it was given. */
static void an_ipv6_host_answers_the_first_syn(const struct netns_config *kind)
{
	struct netns_config config = *kind;
	struct netns *n;
	struct pair p;
	int i;

	config.hosts = 2;
	config.ipv6 = true;
	for (i = 0; i < 60; i++) {
		p = (struct pair){ 0 };
		n = lab_new(&config);
		pair_open(&p, n, 1, true);
		/* SYN, SYN,ACK and ACK; a SYN that was lost would be a fourth. */
		must(p.carried <= 3);
		pair_close(&p);
		netns_free(n);
	}
}

static void an_mtu_bounds_the_segments(const struct netns_config *kind)
{
	struct netns_config config = *kind;
	struct pair p = { .mtu = 576 };
	socklen_t len = sizeof(int);
	struct netns *n;
	int mss = 0;

	config.hosts = 2;
	config.mtu = 576;
	n = lab_new(&config);
	pair_open(&p, n, 1, false);
	must(getsockopt(p.client, IPPROTO_TCP, TCP_MAXSEG, &mss, &len) == 0);
	must(mss == 576 - 40 - 12);
	transfer(&p, p.client, p.server, 20000);
	pair_close(&p);
	netns_free(n);
}

static void thirty_two_hosts_share_a_wire(const struct netns_config *kind)
{
	struct netns *n = lab(kind, NETNS_HOSTS_MAX);
	struct pair p = { .hosts = NETNS_HOSTS_MAX };

	whole_connection(&p, n, NETNS_HOSTS_MAX - 1, false);
	whole_connection(&p, n, 7, false);
	netns_free(n);
}

static void a_host_is_found_by_its_address(const struct netns_config *kind)
{
	struct netns_config config = *kind;
	struct netns *n;
	union addr a;
	int i;

	config.hosts = 3;
	n = lab_new(&config);
	for (i = 0; i < 3; i++) {
		a = netns_addr(n, i, false);
		addr_set_port(&a, 80);
		must(netns_host_of(n, &a) == i);
	}
	must(addr_from_number(&a, "10.77.0.4", 80) && netns_host_of(n, &a) == -1);
	must(addr_from_number(&a, "10.77.0.0", 80) && netns_host_of(n, &a) == -1);
	must(addr_from_number(&a, "10.76.0.1", 80) && netns_host_of(n, &a) == -1);
	must(addr_from_number(&a, "fd77::1", 80) && netns_host_of(n, &a) == -1);
	netns_free(n);
	config.ipv6 = true;
	n = lab_new(&config);
	must(netns_host_of(n, &a) == 0);
	must(addr_from_number(&a, "fd77::1:1", 80) && netns_host_of(n, &a) == -1);
	netns_free(n);
}

static void a_setting_belongs_to_one_host(const struct netns_config *kind)
{
	struct netns *n = lab(kind, 2);
	char value[SYSCTL_VALUE_MAX], long_value[SYSCTL_VALUE_MAX + 1];

	must(netns_sysctl_write(n, 0, "ipv4/tcp_syn_retries", "3") == 0);
	must(netns_sysctl_read(n, 0, "ipv4/tcp_syn_retries", value) == 0);
	must(strcmp(value, "3") == 0);
	must(netns_sysctl_read(n, 1, "ipv4/tcp_syn_retries", value) == 0);
	must(strcmp(value, "6") == 0);
	must(netns_sysctl_write(n, 0, "ipv4/tcp_rmem", "4096 8192 16384") == 0);
	must(netns_sysctl_read(n, 0, "ipv4/tcp_rmem", value) == 0);
	must(strcmp(value, "4096 8192 16384") == 0);
	must(netns_sysctl_read(n, 0, "ipv4/tcp_nix", value) == -ENOENT);
	must(netns_sysctl_read(n, 0, "ipv4", value) == -EISDIR);
	must(netns_sysctl_write(n, 0, "ipv4/tcp_syn_retries", "x") == -EINVAL);
	must(netns_sysctl_write(n, 0, "ipv4/tcp_available_congestion_control", "x") ==
	     -EACCES);
	memset(long_value, '1', sizeof(long_value) - 1);
	long_value[sizeof(long_value) - 1] = '\0';
	must(netns_sysctl_write(n, 0, "ipv4/tcp_syn_retries", long_value) == -EMSGSIZE);
	netns_free(n);
}

static void congestion_control_is_reno(const struct netns_config *kind)
{
	struct netns *n = lab(kind, 2);
	int fd = lab_socket(n, 1, AF_INET);
	char name[16] = "";
	socklen_t len = sizeof(name);

	must(getsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name, &len) == 0);
	must(strcmp(name, "reno") == 0);
	close(fd);
	netns_free(n);
}

static void
a_slow_clock_waits_a_minute_before_it_sends_again(const struct netns_config *kind)
{
	struct netns_config config = *kind;
	struct pair p = { 0 };
	struct tcp_info info;
	socklen_t len = sizeof(info);
	struct netns *n;

	config.hosts = 2;
	config.slow = true;
	config.ipv6 = true;
	n = lab_new(&config);
	pair_open(&p, n, 1, true);
	transfer(&p, p.client, p.server, 1);
	must(getsockopt(p.client, IPPROTO_TCP, TCP_INFO, &info, &len) == 0);
	must(info.tcpi_rto >= 60000000);
	pair_close(&p);
	netns_free(n);
}

static void silent(struct netns *n)
{
	struct pollfd fds[] = { { netns_wire_fd(n, 0), POLLIN, 0 },
				{ netns_wire_fd(n, 1), POLLIN, 0 } };
	unsigned char packet[2000];

	must(poll(fds, 2, 50) == 0);
	must(netns_read(n, 0, packet, sizeof(packet)) == 0);
}

static void nothing_is_on_the_wire_by_itself(const struct netns_config *kind)
{
	struct netns_config config = *kind;
	struct netns *n = lab(kind, 2);

	silent(n);
	netns_free(n);
	config.hosts = 2;
	config.ipv6 = true;
	n = lab_new(&config);
	silent(n);
	netns_free(n);
}

/* A SYN from 192.0.2.1 to host 0's port 80. */
static void make_syn(unsigned char p[40], int port)
{
	static const unsigned char syn[40] = {
		0x45, 0, 0,  40, 0,    0,    0x40, 0, 64, 6,  0, 0, 192, 0,
		2,    1, 10, 77, 0,    1,    0,	   0, 0,  80, 0, 0, 0,	 1,
		0,    0, 0,  0,	 0x50, 0x02, 4,	   0, 0,  0,  0, 0,
	};
	uint16_t sum;

	memcpy(p, syn, 40);
	p[20] = (unsigned char)(port >> 8);
	p[21] = (unsigned char)port;
	sum = fold(sum16(p, 20, 0));
	p[10] = (unsigned char)(sum >> 8);
	p[11] = (unsigned char)sum;
	sum = tcp_sum(p, 40);
	p[36] = (unsigned char)(sum >> 8);
	p[37] = (unsigned char)sum;
}

static void the_first_answer_is_for(struct netns *n, int port)
{
	unsigned char packet[2000];

	await_wire(n, 0, 0);
	must(netns_read(n, 0, packet, sizeof(packet)) >= 40);
	must(packet[33] == 0x12);
	must((packet[22] << 8 | packet[23]) == port);
}

static void
segments_come_from_any_address_and_bad_sums_are_refused(const struct netns_config *kind)
{
	struct netns *n = lab(kind, 2);
	int listener = lab_socket(n, 0, AF_INET);
	union addr a = netns_addr(n, 0, false);
	unsigned char syn[40];

	addr_set_port(&a, 80);
	must(bind(listener, &a.sa, addr_len(&a)) == 0);
	must(listen(listener, 5) == 0);
	make_syn(syn, 1111);
	syn[37] ^= 1;
	must(netns_write(n, 0, syn, sizeof(syn)) == 0);
	make_syn(syn, 2222);
	must(netns_write(n, 0, syn, sizeof(syn)) == 0);
	the_first_answer_is_for(n, 2222);
	make_syn(syn, 3333);
	must(netns_write(n, 0, syn, sizeof(syn)) == 0);
	the_first_answer_is_for(n, 3333);
	must(netns_write(n, 0, syn, 0) == -EINVAL);
	close(listener);
	netns_free(n);
}

static void what_nobody_reads_is_counted(const struct netns_config *kind)
{
	struct netns *n = lab(kind, 2);
	union addr to = netns_addr(n, 1, false);
	int fd = netns_socket(n, 0, AF_INET, SOCK_DGRAM, 0);
	char data[1000] = { 0 };
	unsigned long drops;
	int i;

	must(fd >= 0);
	addr_set_port(&to, 9);
	must(netns_drops(n, 0) == 0);
	for (i = 0; i < 300000 && (i % 1000 || netns_drops(n, 0) == 0); i++)
		if (sendto(fd, data, sizeof(data), 0, &to.sa, addr_len(&to)) < 0)
			must(errno == EAGAIN || errno == ENOBUFS);
	drops = netns_drops(n, 0);
	must(drops > 0);
	/* A packet socket of an ordinary user holds less. */
	must(i >= 9000 || strcmp(netns_device(n), "veth") == 0);
	must(netns_drops(n, 0) >= drops);
	must(netns_drops(n, 1) == 0);
	close(fd);
	netns_free(n);
}

static void
the_kernel_tells_the_states_of_a_hosts_sockets(const struct netns_config *kind)
{
	struct netns *n = lab(kind, 2);
	struct diag_sock sock;
	struct pair p = { 0 };
	struct diag *diag;
	struct err err;

	pair_open(&p, n, 1, false);
	diag = diag_new(netns_socket(n, 1, AF_NETLINK, SOCK_RAW, NETLINK_SOCK_DIAG),
			&err);
	must(diag != NULL);
	must(diag_find_listener(diag, &p.addr, &sock, &err) == 0);
	must(sock.state == STATE_LISTEN);
	must(sock.uid == geteuid());
	diag_free(diag);
	pair_close(&p);
	netns_free(n);
}

static void a_socket_that_cannot_be_made_is_an_error(const struct netns_config *kind)
{
	struct netns *n = lab(kind, 2);

	must(netns_socket(n, 0, AF_INET, 77, 0) == -EINVAL);
	must(netns_socket(n, 0, 12345, SOCK_STREAM, 0) == -EAFNOSUPPORT);
	close(lab_socket(n, 0, AF_INET));
	netns_free(n);
}

/* The only child of a process. */
static pid_t child_of(pid_t pid)
{
	char path[64], text[64] = "";
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)pid, (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	must(fd >= 0);
	must(read(fd, text, sizeof(text) - 1) > 0);
	close(fd);
	must(atoi(text) > 0);
	return atoi(text);
}

static void the_keeper_has_no_other_descriptors(const struct netns_config *kind)
{
	int before = net_fd_count(), n_fds = 0;
	struct netns *n = lab(kind, 3);
	struct dirent *entry;
	char path[64];
	DIR *dir;

	must(net_fd_count() == before + 3 + 1);
	snprintf(path, sizeof(path), "/proc/%d/fd", (int)child_of(getpid()));
	dir = opendir(path);
	must(dir != NULL);
	while ((entry = readdir(dir)) != NULL)
		n_fds += entry->d_name[0] != '.';
	closedir(dir);
	/* It may still be closing the wire's ends, which it has handed over. */
	close(lab_socket(n, 0, AF_INET));
	must(n_fds <= 1 + 3 + 3);
	netns_free(n);
	must(net_fd_count() == before);
}

static void a_keeper_that_was_killed_is_an_error(const struct netns_config *kind)
{
	struct netns *n = lab(kind, 2);

	must(kill(child_of(getpid()), SIGKILL) == 0);
	must(netns_socket(n, 0, AF_INET, SOCK_STREAM, 0) == -EOWNERDEAD);
	must(netns_socket(n, 0, AF_INET, SOCK_STREAM, 0) == -EOWNERDEAD);
	must(netns_drops(n, 0) == 0);
	netns_free(n);
}

static void
interrupt_at_the_terminal_does_not_reach_the_keeper(const struct netns_config *kind)
{
	struct netns *n;

	must(setpgid(0, 0) == 0);
	signal(SIGINT, SIG_IGN);
	n = lab(kind, 2);
	must(kill(0, SIGINT) == 0);
	close(lab_socket(n, 0, AF_INET));
	netns_free(n);
}

static void write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	must(fd >= 0);
	must(write(fd, text, strlen(text)) > 0);
	close(fd);
}

/* Goes where there may be no more than this many network namespaces. */
static void enter_limits(int namespaces)
{
	unsigned int uid = geteuid(), gid = getegid();
	char text[32];

	must(unshare(CLONE_NEWUSER) == 0);
	write_text("/proc/self/setgroups", "deny");
	snprintf(text, sizeof(text), "%u %u 1", uid, uid);
	write_text("/proc/self/uid_map", text);
	snprintf(text, sizeof(text), "%u %u 1", gid, gid);
	write_text("/proc/self/gid_map", text);
	snprintf(text, sizeof(text), "%d", namespaces);
	write_text("/proc/sys/user/max_net_namespaces", text);
}

/* A lab of two hosts can be made when the kernel has taken down the ones before. */
static struct netns *await_room(const struct netns_config *kind)
{
	struct netns_config config = *kind;
	double end = time_now() + PATIENCE_S;
	struct netns *n;
	struct err err;

	config.hosts = 2;
	while ((n = netns_new(&config, &err)) == NULL) {
		must(err.num == ENOSPC);
		must(strstr(err.hint, "max_net_namespaces") != NULL);
		must(time_now() < end);
		/* Each try makes and leaves some, and the kernel takes its time. */
		poll(NULL, 0, 200);
	}
	return n;
}

static void labs_that_are_gone_leave_no_namespace(const struct netns_config *kind)
{
	int i;

	enter_limits(3);
	for (i = 0; i < 6; i++)
		netns_free(await_room(kind));
}

static void
connections_that_never_ended_leave_no_namespace(const struct netns_config *kind)
{
	struct netns_config config = *kind;
	struct pair p = { 0 };
	struct netns *n;
	int i;

	enter_limits(3);
	config.slow = true;
	for (i = 0; i < 2; i++) {
		n = await_room(&config);
		memset(&p, 0, sizeof(p));
		pair_open(&p, n, 1, false);
		must(send(p.client, "x", 1, MSG_NOSIGNAL) == 1);
		pair_close(&p);
		netns_free(n);
	}
}

/* Forks a process that makes a lab and then lives until it is killed. */
static pid_t fork_shell(const struct netns_config *kind, bool with_connection)
{
	struct pair p = { 0 };
	int ready[2];
	pid_t pid;
	char byte;

	must(pipe(ready) == 0);
	pid = fork();
	must(pid >= 0);
	if (pid == 0) {
		struct netns *n = await_room(kind);

		if (with_connection) {
			pair_open(&p, n, 1, false);
			must(send(p.client, "x", 1, MSG_NOSIGNAL) == 1);
		}
		must(write(ready[1], "", 1) == 1);
		for (;;)
			pause();
	}
	close(ready[1]);
	must(read(ready[0], &byte, 1) == 1);
	close(ready[0]);
	return pid;
}

static void check_killed(const struct netns_config *kind, bool with_connection)
{
	pid_t shell, keeper;
	int status;

	shell = fork_shell(kind, with_connection);
	keeper = child_of(shell);
	must(kill(shell, SIGKILL) == 0);
	must(waitpid(shell, &status, 0) == shell);
	alarm(PATIENCE_S);
	must(waitpid(keeper, &status, 0) == keeper);
	must(waitpid(-1, NULL, 0) < 0 && errno == ECHILD);
}

static void a_shell_that_is_killed_leaves_nothing(const struct netns_config *kind)
{
	struct netns_config slow = *kind;

	slow.slow = true;
	must(prctl(PR_SET_CHILD_SUBREAPER, 1) == 0);
	enter_limits(3);
	check_killed(kind, false);
	check_killed(kind, true);
	check_killed(&slow, true);
	netns_free(await_room(kind));
}

static void drop_capabilities(void)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2] = { 0 };

	must(syscall(SYS_capset, &header, data) == 0);
}

static void cannot(const struct netns_config *kind, int hosts, int num,
		   const char *message, const char *hint)
{
	struct netns_config config = *kind;
	int before = net_fd_count();
	struct netns *n;
	struct err err;

	config.hosts = hosts;
	n = netns_new(&config, &err);
	must(n == NULL);
	if (err.num != num || !strstr(err.message, message) || !strstr(err.hint, hint))
		fprintf(stderr, "%s\n%s\n", err.message, err.hint);
	must(err.num == num);
	must(strstr(err.message, message) != NULL);
	must(strstr(err.hint, hint) != NULL);
	must(net_fd_count() == before);
}

static void doctor_finds(const char *reason)
{
	struct buf text = BUF_EMPTY;

	must(netns_doctor(&text) < 0);
	must(strstr(buf_str(&text), reason) != NULL);
	must(strstr(buf_str(&text), "\nNo lab can be made here.\n") != NULL);
	buf_clear(&text);
}

static void no_network_namespaces_is_said(const struct netns_config *kind)
{
	enter_limits(0);
	cannot(kind, 2, ENOSPC, "make a network namespace",
	       "network namespaces are off (user.max_net_namespaces = 0)");
	doctor_finds("no   network namespaces are off (user.max_net_namespaces = 0)");
}

static void no_user_namespaces_is_said(const struct netns_config *kind)
{
	enter_limits(10);
	write_text("/proc/sys/user/max_user_namespaces", "0");
	drop_capabilities();
	cannot(kind, 2, ENOSPC, "make the lab's user namespace",
	       "user namespaces are off (user.max_user_namespaces = 0)");
	doctor_finds("no   user namespaces are off (user.max_user_namespaces = 0)");
}

static void too_few_namespaces_is_said(const struct netns_config *kind)
{
	enter_limits(1);
	cannot(kind, 2, ENOSPC, "make a network namespace", "raise sysctl");
}

static void a_seccomp_filter_is_said(const struct netns_config *kind)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_unshare, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(filter) / sizeof(*filter), filter };

	must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	must(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0);
	cannot(kind, 2, EPERM, "namespace", "a seccomp filter is on this process");
	doctor_finds("no   a seccomp filter is on this process");
}

static void too_many_descriptors_is_said(const struct netns_config *kind)
{
	struct rlimit limit = { 16, 16 };
	int fds[16], n_fds = 0;

	must(setrlimit(RLIMIT_NOFILE, &limit) == 0);
	/* The keeper has too few, then the test itself. */
	cannot(kind, 16, EMFILE, "", "ulimit -n");
	while (n_fds == 0 || fds[n_fds - 1] < 11) {
		fds[n_fds] = dup(0);
		must(fds[n_fds] >= 0);
		n_fds++;
	}
	cannot(kind, 4, EMFILE, "take over the wire", "ulimit -n");
	while (n_fds > 0)
		close(fds[--n_fds]);
}

static void an_impossible_mtu_is_an_error(const struct netns_config *kind)
{
	struct netns_config config = *kind;
	struct err err;

	config.hosts = 2;
	config.mtu = 20;
	must(netns_new(&config, &err) == NULL);
	must(err.num == EINVAL);
	must(waitpid(-1, NULL, 0) < 0 && errno == ECHILD);
}

static void the_doctor_says_that_a_lab_can_be_made(const struct netns_config *kind)
{
	struct buf text = BUF_EMPTY;

	must(netns_doctor(&text) == 0);
	must(strstr(buf_str(&text), "yes  a lab on veth pairs\n") != NULL);
	must(strstr(buf_str(&text), "\nA lab can be made here, on ") != NULL);
	buf_clear(&text);
}

typedef void claim_fn(const struct netns_config *kind);

static const struct claim {
	const char *name;
	claim_fn *fn;
} claims[] = {
#define CLAIM(f)      \
	{             \
#f, f \
	}
	CLAIM(two_hosts_talk_when_their_packets_are_carried),
	CLAIM(ipv6_works_when_asked_for),
	CLAIM(an_ipv6_host_answers_the_first_syn),
	CLAIM(an_mtu_bounds_the_segments),
	CLAIM(thirty_two_hosts_share_a_wire),
	CLAIM(a_host_is_found_by_its_address),
	CLAIM(a_setting_belongs_to_one_host),
	CLAIM(congestion_control_is_reno),
	CLAIM(a_slow_clock_waits_a_minute_before_it_sends_again),
	CLAIM(nothing_is_on_the_wire_by_itself),
	CLAIM(segments_come_from_any_address_and_bad_sums_are_refused),
	CLAIM(what_nobody_reads_is_counted),
	CLAIM(the_kernel_tells_the_states_of_a_hosts_sockets),
	CLAIM(a_socket_that_cannot_be_made_is_an_error),
	CLAIM(the_keeper_has_no_other_descriptors),
	CLAIM(a_keeper_that_was_killed_is_an_error),
	CLAIM(interrupt_at_the_terminal_does_not_reach_the_keeper),
	CLAIM(labs_that_are_gone_leave_no_namespace),
	CLAIM(connections_that_never_ended_leave_no_namespace),
	CLAIM(a_shell_that_is_killed_leaves_nothing),
	CLAIM(no_network_namespaces_is_said),
	CLAIM(no_user_namespaces_is_said),
	CLAIM(too_few_namespaces_is_said),
	CLAIM(a_seccomp_filter_is_said),
	CLAIM(too_many_descriptors_is_said),
	CLAIM(an_impossible_mtu_is_an_error),
	CLAIM(the_doctor_says_that_a_lab_can_be_made),
};

#define CLAIMS (sizeof(claims) / sizeof(*claims))

/* The ways to try a claim. */
static const struct way {
	const char *name;
	bool veth;
	bool ordinary_user;
} ways[] = {
	{ "on TUN", false, false },
	{ "on veth", true, false },
	{ "as an ordinary user", false, true },
};

#define WAYS (sizeof(ways) / sizeof(*ways))

struct trial {
	const struct claim *claim;
	const struct way *way;
};

static void become_ordinary(void)
{
	must(setresgid(NOBODY, NOBODY, NOBODY) == 0);
	must(setresuid(NOBODY, NOBODY, NOBODY) == 0);
	/* As it is after exec: or /proc/self would still be root's. */
	must(prctl(PR_SET_DUMPABLE, 1) == 0);
}

static void run(void **state)
{
	const struct trial *trial = *state;
	struct netns_config kind = { .no_tun = trial->way->veth };
	int before = net_fd_count(), status;
	pid_t pid;

	if (trial->way->ordinary_user && geteuid() != 0)
		skip();
	fflush(NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		if (trial->way->ordinary_user)
			become_ordinary();
		trial->claim->fn(&kind);
		must(net_fd_count() == before);
		exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

int main(void)
{
	struct netns_config config = { .hosts = 2 };
	struct CMUnitTest tests[CLAIMS * WAYS] = { 0 };
	struct trial trials[CLAIMS * WAYS];
	char names[CLAIMS * WAYS][120];
	struct netns *n;
	struct err err;
	size_t i;

	n = netns_new(&config, &err);
	if (n == NULL) {
		printf("1..0 # SKIP no lab can be made here: %s\n", err.message);
		return 77;
	}
	netns_free(n);
	for (i = 0; i < CLAIMS * WAYS; i++) {
		trials[i] = (struct trial){ &claims[i / WAYS], &ways[i % WAYS] };
		snprintf(names[i], sizeof(names[i]), "%s (%s)", trials[i].claim->name,
			 trials[i].way->name);
		tests[i].name = names[i];
		tests[i].test_func = run;
		tests[i].initial_state = &trials[i];
	}
	return cmocka_run_group_tests_name("sys_netns", tests, NULL, NULL);
}
