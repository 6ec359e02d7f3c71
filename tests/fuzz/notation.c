/* notation.c - fuzz target: any text as a segment. What is read, written, and read is the same. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tcp/notation.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void must(int truth)
{
	if (!truth)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct buf payload = BUF_EMPTY, once = BUF_EMPTY, twice = BUF_EMPTY;
	char *text = xstrndup((const char *)data, len);
	struct segment s, again;
	struct err err = { .num = 0 };

	segment_init(&s);
	s.from.in.sin_family = s.to.in.sin_family = AF_INET;
	again = s;
	if (notation_parse(&s, text, 7, 9, &payload, &err) < 0) {
		must(err.message[0] != '\0' && strstr(err.message, ", column "));
	} else {
		notation_format(&s, 7, 9, &once);
		must(notation_parse(&again, once.data, 7, 9, NULL, &err) > 0);
		notation_format(&again, 7, 9, &twice);
		must(strcmp(once.data, twice.data) == 0);
		must(s.len == again.len);
		buf_reset(&once);
		if (segment_encode(&s, &once, &err) == 0)
			must(segment_decode(&again, once.data, once.len) == 0 &&
			     again.checksum_ok && again.len == s.len);
		else
			must(err.message[0] != '\0');
	}
	free(text);
	buf_clear(&payload);
	buf_clear(&once);
	buf_clear(&twice);
	return 0;
}
