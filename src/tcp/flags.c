/* flags.c - TCP's control bits as names and letters. */
#include "tcp/segment.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

/* In the order of their bits; tcpdump's letters. */
static const struct {
	const char *name;
	char letter;
} flag_names[] = {
	{ "FIN", 'F' }, { "SYN", 'S' }, { "RST", 'R' }, { "PSH", 'P' },
	{ "ACK", '.' }, { "URG", 'U' }, { "ECE", 'E' }, { "CWR", 'W' },
};
#define FLAG_COUNT (sizeof(flag_names) / sizeof(*flag_names))

const char *segment_flags_text(uint8_t flags, char *buf)
{
	char *p = buf;
	size_t i;

	for (i = 0; i < FLAG_COUNT; i++)
		if (flags & (1u << i)) {
			if (p != buf)
				*p++ = ',';
			p = stpcpy(p, flag_names[i].name);
		}
	if (p == buf)
		memcpy(buf, "none", sizeof("none"));
	return buf;
}

const char *segment_flags_letters(uint8_t flags, char *buf)
{
	char *p = buf;
	size_t i;

	for (i = 0; i < FLAG_COUNT; i++)
		if (flags & (1u << i))
			*p++ = flag_names[i].letter;
	*p = '\0';
	if (p == buf)
		memcpy(buf, "none", sizeof("none"));
	return buf;
}

/* "SYN,ACK", "syn|ack": the flags, 0 when it is none. */
static uint8_t names_parse(const char *text)
{
	uint8_t flags = 0;
	size_t i;

	for (;; text++) {
		for (i = 0; i < FLAG_COUNT; i++)
			if (strncasecmp(text, flag_names[i].name, 3) == 0)
				break;
		if (i == FLAG_COUNT)
			return 0;
		flags |= (uint8_t)(1u << i);
		text += 3;
		if (*text == '\0')
			return flags;
		if (!strchr(",|+", *text))
			return 0;
	}
}

/* "S.", "FPA", "sa": the flags, 0 when it is none. */
static uint8_t letters_parse(const char *text)
{
	uint8_t flags = 0;
	size_t i;

	for (; *text; text++) {
		char letter = (char)toupper((unsigned char)*text);

		for (i = 0; i < FLAG_COUNT; i++)
			if (flag_names[i].letter == (letter == 'A' ? '.' : letter))
				break;
		if (i == FLAG_COUNT)
			return 0;
		flags |= (uint8_t)(1u << i);
	}
	return flags;
}

bool segment_flags_parse(uint8_t *flags, const char *text)
{
	uint8_t read = names_parse(text);

	if (!read)
		read = letters_parse(text);
	if (!read && strcmp(text, "none") != 0 && strcmp(text, "-") != 0)
		return false;
	*flags = read;
	return true;
}
