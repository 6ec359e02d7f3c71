/* capture.c - fuzz target: a file is read as a capture; what came of it is written and read again. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "trace/capture.h"
#include "trace/pcapng.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void check(bool right)
{
	if (!right)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct capture c, of_ours;
	struct buf file = BUF_EMPTY;
	struct trace *t, *again;
	struct err err;

	t = capture_read("capture", data, len, NULL, &c, &err);
	if (!t)
		return 0;
	check(c.packets >= c.skipped + trace_segments(t));
	pcapng_write(t, c.start, NULL, &file, NULL);
	again = capture_read("ours", file.data, file.len, NULL, &of_ours, &err);
	check(again && of_ours.skipped == 0 && !*of_ours.warning);
	check(trace_segments(again) == trace_segments(t));
	buf_clear(&file);
	trace_free(again);
	trace_free(t);
	return 0;
}
