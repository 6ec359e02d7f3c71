/* socks.c - the sockets of this shell, by name: l1 listens, c1 connected, s1 was accepted. */
#include "cmd/socks.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/text.h"
#include "cmd/line.h"

static uint32_t *last_number(struct host *host, int kind)
{
	return &host->last[kind == SOCK_LISTEN ? 0 : kind == SOCK_CONNECT ? 1 : 2];
}

static struct sock **chain_of(const struct socks *all, int kind, uint32_t number)
{
	return &all->chain[((size_t)number * 3 + (size_t)kind) % all->chains];
}

static void chains_grow(struct socks *all)
{
	size_t chains = all->chains, i;
	struct sock **old = all->chain, *s, *next;

	all->chains = chains ? chains * 2 + 1 : 31;
	all->chain = xcalloc(all->chains, sizeof(*all->chain));
	for (i = 0; i < chains; i++)
		for (s = old[i]; s; s = next) {
			struct sock **to = chain_of(all, s->kind, s->number);

			next = s->next;
			s->next = *to;
			*to = s;
		}
	free(old);
}

struct sock *socks_add(struct socks *all, struct host *host, enum sock_kind kind, int fd)
{
	struct sock *s = xcalloc(1, sizeof(*s)), **chain;

	if (all->n >= all->chains)
		chains_grow(all);
	s->host = host;
	s->made = time_now();
	s->fd = fd;
	s->kind = (uint8_t)kind;
	s->number = ++*last_number(host, kind);
	s->refs = 1;
	s->state = STATE_CLOSED;
	s->listed = true;
	chain = chain_of(all, kind, s->number);
	s->next = *chain;
	*chain = s;
	all->n++;
	all->n_open++;
	return s;
}

/* The part behind the host's name and its dot. */
static const char *bare_name(const char *name)
{
	const char *dot = strchr(name, '.');

	return dot && dot > name ? dot + 1 : name;
}

/* What is written as an object's name has to be one in Lua too. */
static bool host_is_name(const char *text, size_t len)
{
	char host[HOST_NAME_MAX_LEN];

	if (len >= sizeof(host))
		return false;
	memcpy(host, text, len);
	host[len] = '\0';
	return host_name_ok(host) && !lua_is_keyword(host);
}

bool sock_is_name(const char *word)
{
	const char *bare = bare_name(word);
	size_t digits;

	if (!*bare || !strchr("lcs", *bare))
		return false;
	if (bare != word && !host_is_name(word, (size_t)(bare - 1 - word)))
		return false;
	digits = strspn(bare + 1, "0123456789");
	return digits > 0 && digits < 10 && bare[1] != '0' && bare[1 + digits] == '\0';
}

struct sock *socks_find(const struct socks *all, const char *name)
{
	const char *bare = bare_name(name);
	size_t host_len = bare == name ? 0 : (size_t)(bare - name - 1);
	struct sock *s, *found = NULL;
	uint32_t number;

	if (!sock_is_name(name) || all->chains == 0)
		return NULL;
	number = (uint32_t)strtoul(bare + 1, NULL, 10);
	for (s = *chain_of(all, *bare, number); s; s = s->next) {
		if (s->kind != *bare || s->number != number)
			continue;
		if (host_len > 0 && (strlen(s->host->name) != host_len ||
				     memcmp(s->host->name, name, host_len) != 0))
			continue;
		if (host_len > 0 || !s->host->netns)
			return s;
		/* Two hosts of the lab have one of that name: say which. */
		if (found)
			return NULL;
		found = s;
	}
	return found;
}

struct sock *socks_find_pair(const struct socks *all, const struct host *host,
			     const union addr *local, const union addr *peer)
{
	struct sock *s, *closed = NULL;
	size_t i;

	for (i = 0; i < all->chains; i++)
		for (s = all->chain[i]; s; s = s->next) {
			if (s->kind == SOCK_LISTEN || s->host != host ||
			    addr_port(sock_local(s)) != addr_port(local) ||
			    !addr_equal(sock_local(s), local) ||
			    !addr_equal(sock_peer(s), peer))
				continue;
			if (s->fd >= 0)
				return s;
			closed = s;
		}
	return closed;
}

struct sock *socks_find_listener(const struct socks *all, const struct host *host,
				 const union addr *local)
{
	struct sock *s, *wild = NULL;
	size_t i;

	for (i = 0; i < all->chains; i++)
		for (s = all->chain[i]; s; s = s->next) {
			if (s->kind != SOCK_LISTEN || s->fd < 0 || s->host != host)
				continue;
			if (addr_equal(sock_local(s), local))
				return s;
			if (addr_is_any(sock_local(s)) &&
			    (sock_local(s)->sa.sa_family == AF_INET6 ||
			     local->sa.sa_family == AF_INET) &&
			    addr_port(sock_local(s)) == addr_port(local))
				wild = s;
		}
	return wild;
}

static int sock_order(const void *a, const void *b)
{
	const struct sock *x = *(struct sock *const *)a, *y = *(struct sock *const *)b;
	static const char order[] = "lcs";

	if (x->host->index != y->host->index)
		return x->host->index < y->host->index ? -1 : 1;
	if (x->kind != y->kind)
		return strchr(order, x->kind) < strchr(order, y->kind) ? -1 : 1;
	return x->number < y->number ? -1 : x->number > y->number;
}

struct sock **socks_sorted(const struct socks *all, size_t *n)
{
	struct sock **list = xmalloc((all->n + 1) * sizeof(*list)), *s;
	size_t i;

	*n = 0;
	for (i = 0; i < all->chains; i++)
		for (s = all->chain[i]; s; s = s->next)
			list[(*n)++] = s;
	qsort(list, *n, sizeof(*list), sock_order);
	return list;
}

struct sock *sock_ref(struct sock *s)
{
	s->refs++;
	return s;
}

void sock_unref(struct sock *s)
{
	if (--s->refs > 0)
		return;
	if (s->fd >= 0)
		close(s->fd);
	if (s->unread)
		buf_clear(s->unread);
	free(s->unread);
	free(s);
}

void socks_drop(struct socks *all, struct sock *s)
{
	struct sock **at;

	if (!s->listed)
		return;
	for (at = chain_of(all, s->kind, s->number); *at != s; at = &(*at)->next)
		;
	*at = s->next;
	s->listed = false;
	all->n--;
	if (s->fd >= 0) {
		all->n_open--;
		close(s->fd);
		s->fd = -1;
		/* A call that failed at once gives its number back. */
		if (*last_number(s->host, s->kind) == s->number)
			--*last_number(s->host, s->kind);
	} else {
		all->n_closed--;
	}
	sock_unref(s);
}

void sock_close_fd(struct socks *all, struct sock *s)
{
	if (s->fd < 0)
		return;
	sock_local(s);
	sock_peer(s);
	close(s->fd);
	s->fd = -1;
	all->n_open--;
	all->n_closed++;
}

void socks_clear(struct socks *all)
{
	struct sock *s, *next;
	size_t i;

	for (i = 0; i < all->chains; i++)
		for (s = all->chain[i]; s; s = next) {
			next = s->next;
			s->listed = false;
			if (s->fd >= 0)
				close(s->fd);
			s->fd = -1;
			sock_unref(s);
		}
	free(all->chain);
	*all = (struct socks){ 0 };
}

const char *sock_name(const struct sock *s, char buf[SOCK_NAME_MAX])
{
	snprintf(buf, SOCK_NAME_MAX, "%s%s%c%u", s->host->netns ? s->host->name : "",
		 s->host->netns ? "." : "", s->kind, s->number);
	return buf;
}

const union addr *sock_local(struct sock *s)
{
	socklen_t len = sizeof(s->local);

	if (s->local.sa.sa_family == 0 && s->fd >= 0) {
		if (getsockname(s->fd, &s->local.sa, &len) < 0)
			s->local.sa.sa_family = 0;
		addr_unmap(&s->local);
		/* A socket that is neither bound nor connected yet may get its port later. */
		if (addr_port(&s->local) == 0)
			s->local.sa.sa_family = 0;
	}
	return &s->local;
}

const union addr *sock_peer(struct sock *s)
{
	socklen_t len = sizeof(s->peer);

	if (s->peer.sa.sa_family == 0 && s->fd >= 0 && s->kind != SOCK_LISTEN) {
		if (getpeername(s->fd, &s->peer.sa, &len) < 0)
			s->peer.sa.sa_family = 0;
		addr_unmap(&s->peer);
	}
	return &s->peer;
}

void sock_ends(struct sock *s, struct buf *out)
{
	char text[ADDR_TEXT_MAX];

	buf_adds(out, addr_format(sock_local(s), text));
	if (s->kind != SOCK_LISTEN)
		buf_addf(out, " %c %s", s->kind == SOCK_ACCEPT ? '<' : '>',
			 addr_format(sock_peer(s), text));
}

/* Bytes to read. A connection that was reset may have some, and is not in the kernel's table any more. */
static uint32_t readable(const struct sock *s)
{
	int n = 0;

	return ioctl(s->fd, FIONREAD, &n) == 0 && n > 0 ? (uint32_t)n : 0;
}

bool sock_is_of(const struct sock *s, const struct diag_sock *d)
{
	if (s->fd >= 0)
		return true;
	return d->inode == 0 && d->state != STATE_SYN_SENT &&
	       d->state != STATE_SYN_RCVD && d->state != STATE_ESTABLISHED &&
	       d->state != STATE_CLOSE_WAIT;
}

static bool asked_kernel(struct sock *s, struct diag_sock *out)
{
	struct err err;
	struct diag *d = host_diag(s->host, &err);

	if (!d || sock_peer(s)->sa.sa_family == 0)
		return false;
	if (diag_find(d, sock_local(s), sock_peer(s), false, out, &err) < 0)
		return false;
	return sock_is_of(s, out);
}

enum tcp_state sock_state(struct sock *s, struct diag_sock *out)
{
	struct diag_sock scratch;
	struct tcp_info info;
	socklen_t len = sizeof(info);
	enum tcp_state state = STATE_CLOSED;
	struct err err;

	if (s->fd >= 0 && getsockopt(s->fd, IPPROTO_TCP, TCP_INFO, &info, &len) == 0)
		state = (enum tcp_state)info.tcpi_state;
	if (!out && s->fd >= 0 && state != STATE_CLOSED)
		return state;
	out = out ? out : &scratch;
	*out = (struct diag_sock){ .state = STATE_CLOSED };
	if (state == STATE_LISTEN) {
		struct diag *d = host_diag(s->host, &err);

		if (!d || diag_find_listener(d, sock_local(s), out, &err) < 0) {
			out->recvq = info.tcpi_unacked;
			out->sendq = info.tcpi_sacked;
		}
	} else if (asked_kernel(s, out)) {
		state = out->state;
	}
	if (s->fd >= 0 && state != STATE_LISTEN)
		out->recvq = readable(s);
	/* The SYN is no data; while Fast Open holds it back the kernel's count means nothing. */
	if (state == STATE_SYN_SENT)
		out->sendq = 0;
	out->state = state;
	out->local = *sock_local(s);
	out->peer = *sock_peer(s);
	return state;
}
