/* app.h - a session of its own for each test of a program. */
#ifndef UNIT_APP_H
#define UNIT_APP_H

#include "cmd/app.h"

static struct app *app;

static int setup(void **unused)
{
	struct err err;

	(void)unused;
	app = app_new(&err);
	return app ? 0 : -1;
}

static int teardown(void **unused)
{
	(void)unused;
	app_free(app);
	return 0;
}

#endif
