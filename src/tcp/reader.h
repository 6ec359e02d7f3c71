/* reader.h - a place in the text of a segment, and the small things that are read there. */
#ifndef TCP_READER_H
#define TCP_READER_H

#include "tcp/segment.h"

#define READER_WORD_MAX 40
#define READER_BLANKS	" \t\r\n"

struct reader {
	const char *text; /* all of it */
	const char *p;	  /* what comes next */
	struct segment s;
	uint32_t seq_base, ack_base;
	struct buf data; /* what stood in quotes */
	int parts;
	bool quoted; /* the payload's text was given */
	struct err *err;
};

/* A word and what reads the rest of what it begins. */
struct word {
	const char *name;
	bool (*read)(struct reader *r);
};

/* An error at a place in the text; always false. */
bool reader_fail(struct reader *r, const char *at, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Goes on behind the characters that are in set. */
void reader_skip(struct reader *r, const char *set);

/* The next blanks and then this character, if it is there. */
bool reader_take(struct reader *r, char c);

/* A decimal number up to max; what is its name in a sentence. */
bool reader_number(struct reader *r, uint32_t max, const char *what, uint32_t *n);

/* Copies the word that comes next, "" when there is none or it is too long for one. */
const char *reader_word(struct reader *r, char word[READER_WORD_MAX]);

/* The word, in any case, if it comes next. */
bool reader_word_take(struct reader *r, const char *wanted);

/* Options into r->s.options up to their closing bracket; the opening one, < or [, is at r->p. */
bool reader_options(struct reader *r);

/* Adds the options, each with a comma in front, SACK blocks less base. */
void options_format(const struct segment_options *o, uint32_t base, struct buf *out);

#endif
