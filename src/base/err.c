/* err.c - an error as a value: what failed, why, and what to do next. */
#include "base/err.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void err_clear(struct err *e)
{
	e->num = 0;
	e->code[0] = e->message[0] = e->hint[0] = '\0';
}

int err_set(struct err *e, const char *code, const char *fmt, ...)
{
	struct err made = { .num = 0 };
	va_list ap;

	/* the arguments may lie in *e: who adds to a message says "%s" of the old one */
	snprintf(made.code, sizeof(made.code), "%s", code);
	va_start(ap, fmt);
	vsnprintf(made.message, sizeof(made.message), fmt, ap);
	va_end(ap);
	*e = made;
	return -EINVAL;
}

const char *errno_name(int num)
{
	const char *name = strerrorname_np(num);

	return name ? name : "E?";
}

const char *errno_text(int num, char *buf, unsigned long size)
{
	const char *text = strerrordesc_np(num);

	snprintf(buf, size, "%s", text ? text : "unknown error");
	/* "Connection refused" goes on in lower case; "RFS specific error" keeps its capitals. */
	if (isupper((unsigned char)buf[0]) && !isupper((unsigned char)buf[1]))
		buf[0] = (char)tolower((unsigned char)buf[0]);
	return buf;
}

int err_errno(struct err *e, int num, const char *fmt, ...)
{
	struct err made = { .num = num };
	char text[64];
	va_list ap;
	size_t n;

	snprintf(made.code, sizeof(made.code), "%s", errno_name(num));
	va_start(ap, fmt);
	vsnprintf(made.message, sizeof(made.message) - 96, fmt, ap);
	va_end(ap);
	n = strlen(made.message);
	snprintf(made.message + n, sizeof(made.message) - n, ": %s (%s)",
		 errno_text(num, text, sizeof(text)), made.code);
	*e = made;
	return -num;
}

void err_hint(struct err *e, const char *fmt, ...)
{
	char hint[sizeof(e->hint)];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(hint, sizeof(hint), fmt, ap);
	va_end(ap);
	memcpy(e->hint, hint, strlen(hint) + 1);
}
