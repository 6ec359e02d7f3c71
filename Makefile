# SPDX-License-Identifier: GPL-3.0-or-later
#
# Makefile - builds, tests and installs tcpstep. `make help` lists the targets and settings.
#
# Objects go to $(B), one directory for each sanitizer setting. The libraries and the flags
# that this compiler knows are looked up once, by scripts/check/config, into $(B)/config.mk.
# A file added under src/, scripts/lib/, scripts/tutorial/, tests/unit/ or tests/fuzz/ is found by itself.

VERSION := 0.1.0

CFLAGS  ?= -O2 -g
PREFIX  ?= /usr/local
BINDIR  ?= $(PREFIX)/bin
MANDIR  ?= $(PREFIX)/share/man
DATADIR ?= $(PREFIX)/share/tcpstep
BASHCOMPDIR ?= $(PREFIX)/share/bash-completion/completions
ZSHCOMPDIR  ?= $(PREFIX)/share/zsh/site-functions
INSTALL ?= install

# SAN=address,undefined builds with these sanitizers, WERROR=1 with warnings as errors.
comma := ,
B     ?= build$(if $(SAN),/$(subst address-undefined,asan,$(subst $(comma),-,$(SAN))))
Q     := $(if $(V),,@)
quiet  = $(V)$(findstring s,$(firstword x$(MAKEFLAGS)))
say    = $(if $(quiet),,@printf '  %-7s %s\n' $(1) $@)

SRCS    := $(sort $(wildcard src/*.c src/*/*.c))
LUALIB  := $(sort $(wildcard scripts/lib/*.lua))
LESSONS := README.md README.zh.md $(sort $(wildcard $(addprefix scripts/tutorial/*/,lesson.lua en.txt zh.txt)))
UNITS   := $(patsubst %.c,$(B)/%,$(sort $(wildcard tests/unit/*.c)))
WALK    := $(B)/tests/walk/walk
FUZZ    := $(patsubst tests/fuzz/%.c,%,$(sort $(filter-out %/replay.c,$(wildcard tests/fuzz/*.c))))
OBJS    := $(SRCS:%.c=$(B)/%.o)
LIBOBJS := $(filter-out $(B)/src/main.o,$(OBJS)) $(B)/embed.o $(B)/lang.o
DOCS    := $(B)/tcpstep.1 $(B)/completion/tcpstep.bash $(B)/completion/_tcpstep \
	   $(B)/tcpstep.meta.lua $(B)/tcpstep.luacheckrc

# libev's macros need -fno-strict-aliasing, as its manual says.
CPP_ALL  = -Iinclude -Isrc -D_GNU_SOURCE -DTCPSTEP_VERSION='"$(VERSION)"' $(LIB_CFLAGS) \
	   $(CPPFLAGS)
CC_ALL   = -std=gnu11 $(CPP_ALL) $(WARN_CFLAGS) $(if $(WERROR),-Werror) $(HARD_CFLAGS) \
	   $(SAN:%=-fsanitize=%) $(if $(SAN),-fno-sanitize-recover=all -fno-omit-frame-pointer) \
	   -fno-strict-aliasing -ffile-prefix-map=$(CURDIR)=. $(CFLAGS)
LD_ALL   = $(CFLAGS) $(SAN:%=-fsanitize=%) $(HARD_LDFLAGS) $(LDFLAGS)

all: $(B)/tcpstep $(DOCS)  ## build the program, its man page and its completions

ifneq ($(filter-out clean fuzz help uninstall,$(or $(MAKECMDGOALS),all)),)
include $(B)/config.mk
endif

$(B)/config.mk: Makefile scripts/check/config $(B)/flags
	@CC='$(CC)' CFLAGS='$(CPPFLAGS) $(CFLAGS)' SAN='$(SAN)' scripts/check/config >$@

# These two are rewritten only when their text changes: what depends on them is then rebuilt.
$(B)/flags: STAMP = $(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) $(SAN) $(WERROR) $(CURDIR)
$(B)/files: STAMP = $(SRCS) $(LUALIB) $(LESSONS)
$(B)/flags $(B)/files: FORCE
	@mkdir -p $(@D) && { echo '$(STAMP)' | cmp -s - $@ || echo '$(STAMP)' >$@; }

$(B)/%.o: %.c $(B)/config.mk
	$(call say,CC)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CC_ALL) -MMD -MP -c -o $@ $<

$(B)/lang.c: scripts/lang/zh.txt scripts/lang/compile $(B)/config.mk
	$(call say,LANG)
	$(Q)scripts/lang/compile $< >$@

$(B)/embed.o $(B)/lang.o: %.o: %.c
	$(Q)$(CC) $(CC_ALL) -MMD -MP -c -o $@ $<

$(B)/embed.c: $(LUALIB) $(LESSONS) scripts/check/embed $(B)/files $(B)/config.mk
	$(call say,EMBED)
	$(Q)scripts/check/embed $(LUALIB) $(LESSONS) >$@

$(B)/libtcpstep.a: $(LIBOBJS) $(B)/files
	$(call say,AR)
	@rm -f $@
	$(Q)$(AR) rcD $@ $(LIBOBJS)

$(B)/tcpstep: $(B)/src/main.o $(B)/libtcpstep.a
	$(call say,LD)
	$(Q)$(CC) $(LD_ALL) -o $@ $^ $(LIB_LIBS)

$(B)/tcpstep.1:                  WHAT = man
$(B)/completion/tcpstep.bash:    WHAT = bash
$(B)/completion/_tcpstep:        WHAT = zsh
$(B)/tcpstep.meta.lua:           WHAT = lua-meta
$(B)/tcpstep.luacheckrc:         WHAT = luacheck
$(DOCS): $(B)/tcpstep
	$(call say,GEN)
	@mkdir -p $(@D)
	$(Q)$(B)/tcpstep --generate $(WHAT) >$@

# Unit tests are linked with everything but main.c.
CMOCKA = $(or $(shell pkg-config --libs cmocka 2>/dev/null),$(error the tests need cmocka: \
	 Debian package libcmocka-dev; scripts/setup installs what is missing))
$(UNITS) $(WALK): %: %.o $(B)/libtcpstep.a
	$(call say,LD)
	$(Q)$(CC) $(LD_ALL) -o $@ $^ $(CMOCKA) $(LIB_LIBS)

# A fuzz target runs over its corpus in the tests, and over what libFuzzer makes of it in fuzz.
REPLAYS := $(FUZZ:%=$(B)/tests/fuzz/%)
$(REPLAYS): %: %.o $(B)/tests/fuzz/replay.o $(B)/libtcpstep.a
	$(call say,LD)
	$(Q)$(CC) $(LD_ALL) -o $@ $^ $(LIB_LIBS)

$(FUZZ:%=$(B)/fuzz/%): $(B)/fuzz/%: $(B)/tests/fuzz/%.o $(B)/libtcpstep.a
	$(call say,LD)
	@mkdir -p $(@D)
	$(Q)$(CC) $(LD_ALL) -fsanitize=fuzzer -o $@ $^ $(LIB_LIBS)

run: all  ## build and start the shell; ARGS="..." are its arguments
	@$(B)/tcpstep $(ARGS)

test: all $(UNITS) $(REPLAYS)  ## build and run all tests; T=PATTERN only those whose name contains it
	@TCPSTEP=$(abspath $(B))/tcpstep tests/run $(T)

units: $(UNITS) $(REPLAYS)  ## build the tests that are in C only

walk: $(WALK)  ## 10,000 random walks, tracker against kernel; ARGS="-s SEED -n 1" repeats one
	@$(WALK) $(ARGS)

check: all  ## everything: lint, -Werror, reproducible build, tests under the sanitizers
	@r=0; MAKE='$(MAKE)' scripts/check/all || r=1; \
	$(MAKE) SAN=address,undefined test || r=1; exit $$r

FUZZ_TIME ?= 60
fuzz:  ## look for crashes, FUZZ_TIME=60 seconds for each target; needs clang
	@$(MAKE) CC=clang SAN=fuzzer-no-link,address,undefined B=build/fuzz fuzzers
	@r=0; for name in $(FUZZ); do \
		mkdir -p build/fuzz/found/$$name && \
		build/fuzz/fuzz/$$name -max_total_time=$(FUZZ_TIME) -print_final_stats=1 \
			-artifact_prefix=build/fuzz/$$name- build/fuzz/found/$$name \
			tests/fuzz/corpus/$$name || r=1; \
	done; exit $$r

fuzzers: $(FUZZ:%=$(B)/fuzz/%)

bench: all  ## measure, beside raw C programs
	@TCPSTEP=$(abspath $(B))/tcpstep tests/bench/run $(ARGS)

install: all  ## install below DESTDIR and PREFIX (also BINDIR, MANDIR, DATADIR)
	$(INSTALL) -D -m 755 $(B)/tcpstep $(DESTDIR)$(BINDIR)/tcpstep
	$(INSTALL) -D -m 644 $(B)/tcpstep.1 $(DESTDIR)$(MANDIR)/man1/tcpstep.1
	$(INSTALL) -D -m 644 $(B)/completion/tcpstep.bash $(DESTDIR)$(BASHCOMPDIR)/tcpstep
	$(INSTALL) -D -m 644 $(B)/completion/_tcpstep $(DESTDIR)$(ZSHCOMPDIR)/_tcpstep
	$(INSTALL) -D -m 644 $(B)/tcpstep.meta.lua $(DESTDIR)$(DATADIR)/tcpstep.meta.lua
	$(INSTALL) -D -m 644 $(B)/tcpstep.luacheckrc $(DESTDIR)$(DATADIR)/tcpstep.luacheckrc

uninstall:  ## remove what install put there
	rm -f $(DESTDIR)$(BINDIR)/tcpstep $(DESTDIR)$(MANDIR)/man1/tcpstep.1 \
		$(DESTDIR)$(BASHCOMPDIR)/tcpstep $(DESTDIR)$(ZSHCOMPDIR)/_tcpstep \
		$(DESTDIR)$(DATADIR)/tcpstep.meta.lua $(DESTDIR)$(DATADIR)/tcpstep.luacheckrc
	-rmdir $(DESTDIR)$(DATADIR) 2>/dev/null

clean:  ## remove everything that was built
	rm -rf build

help:  ## list the targets
	@echo 'make [TARGET] [V=1] [SAN=address,undefined] [WERROR=1] [CC=...] [CFLAGS=...] [PREFIX=...]'
	@sed -n 's/^\([a-z]*\):.*##  *\(.*\)/\1\t\2/p' Makefile | expand -t 12

print-%:
	$(info $($*))@:

.PHONY: all run test units walk check fuzz fuzzers bench install uninstall clean help FORCE
.DELETE_ON_ERROR:
.SECONDARY:

-include $(OBJS:.o=.d) $(UNITS:=.d) $(WALK).d $(REPLAYS:=.d) $(B)/tests/fuzz/replay.d \
	 $(B)/embed.d $(B)/lang.d
