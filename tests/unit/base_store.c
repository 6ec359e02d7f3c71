/* base_store.c - pieces in the order in which they came, and memory that goes round. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/store.h"

#define ROOM  65600
#define PIECE 60000

static uint8_t *add(struct store *s, size_t len, int value)
{
	uint8_t *room = store_room(s, ROOM);

	memset(room, value, len);
	assert_ptr_equal(store_keep(s, len), room);
	return room;
}

static void check(const uint8_t *piece, size_t len, int value)
{
	size_t i;

	for (i = 0; i < len; i++)
		assert_int_equal(piece[i], (uint8_t)value);
}

static void pieces_stay_what_and_where_they_are(void **unused)
{
	struct store s = { 0 };
	uint8_t *piece[200];
	int i;

	(void)unused;
	for (i = 0; i < 200; i++)
		piece[i] = add(&s, (size_t)(i * 331 % PIECE), i);
	for (i = 0; i < 200; i++) {
		check(piece[i], (size_t)(i * 331 % PIECE), i);
		store_drop(&s);
	}
	store_clear(&s);
}

static void the_room_stays_while_pieces_are_dropped(void **unused)
{
	struct store s = { 0 };
	uint8_t *room;
	int i;

	(void)unused;
	for (i = 0; i < 50; i++)
		add(&s, PIECE, i);
	room = store_room(&s, ROOM);
	memset(room, 7, ROOM);
	for (i = 0; i < 50; i++)
		store_drop(&s);
	assert_ptr_equal(store_room(&s, ROOM), room);
	check(room, ROOM, 7);
	store_clear(&s);
}

/* A store of limited size: its newest 40 pieces. */
static void memory_of_what_was_dropped_is_used_again(void **unused)
{
	struct store s = { 0 };
	const uint8_t *places[4000];
	int i, j, known = 0, n = 0;

	(void)unused;
	for (i = 0; i < 4000; i++) {
		places[i] = add(&s, PIECE, i);
		if (i >= 40) {
			check(places[i - 40], 100, i - 40);
			store_drop(&s);
		}
	}
	for (i = 3000; i < 4000; i++) {
		n++;
		for (j = 2000; j < 3000; j++)
			if (places[i] == places[j]) {
				known++;
				break;
			}
	}
	assert_int_equal(known, n);
	store_clear(&s);
}

static void a_store_may_be_cleared_and_used_again(void **unused)
{
	struct store s = { 0 };

	(void)unused;
	store_clear(&s);
	add(&s, 0, 0);
	add(&s, 1, 1);
	store_clear(&s);
	check(add(&s, ROOM, 3), ROOM, 3);
	store_clear(&s);
}

static void room_may_be_larger_than_a_block(void **unused)
{
	struct store s = { 0 };
	size_t size = (size_t)5 << 20;
	uint8_t *room = store_room(&s, size);

	(void)unused;
	memset(room, 1, size);
	store_keep(&s, size);
	add(&s, 10, 2);
	store_drop(&s);
	store_drop(&s);
	room = store_room(&s, size);
	memset(room, 1, size);
	store_clear(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_stay_what_and_where_they_are),
		cmocka_unit_test(the_room_stays_while_pieces_are_dropped),
		cmocka_unit_test(memory_of_what_was_dropped_is_used_again),
		cmocka_unit_test(a_store_may_be_cleared_and_used_again),
		cmocka_unit_test(room_may_be_larger_than_a_block),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
