# gnt-exportfs: build, check, demo, lint, install.
#
#   make                                 ./gnt-exportfs
#   sudo make demo                       pulls two machines out of a cluster, and says what happens
#   sudo make check                      all tests; T=REGEX some of them
#   sudo make check SANITIZE=address,undefined
#   sudo make check VALGRIND=1           the unit tests under valgrind
#   sudo make check SLOW=500             the daemon dawdles, up to so many ms in one of four slow calls
#   sudo make torture                    each call of an export fails once; POINT=... one, CLASS=... some
#   sudo make check-lvm                  LVM snapshots, in a user-mode-linux guest; T=REGEX some of them
#   sudo make check-trixie               the tests on Debian 13, in a root of it; T=REGEX some of them
#   sudo make check-ganeti               a running Ganeti cluster of four nodes; T=REGEX some of them
#   sudo make bench                      how fast it is, beside other tools; ROW=REGEX some of it, ROUNDS=5
#   sudo make bench-trixie               its read rows on Debian 13, with FUSE passthrough
#   sudo make soak                       mounts killed at a thousand random moments; ROUNDS=N SEED=N
#   make fuzz                            libFuzzer on each target; T=archive|ini|params, SECONDS=600
#   make lint | deps | install | uninstall | clean

CC       ?= gcc
PREFIX   ?= /usr/local
BUILD    ?= build
# The libraries that only a running Ganeti cluster needs: make GANETI=0 does without.
GANETI   ?= 1
PKGS      = fuse3 libarchive libxxhash zlib $(if $(ganeti),libcurl jansson)
CPPFLAGS += -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -I. -DWITH_GANETI=$(if $(ganeti),1,0)
CFLAGS   ?= -O2 -g
WARN      = -Wall -Wextra -Wshadow -Wvla -Wstrict-prototypes -Wmissing-prototypes \
            -Wpointer-arith -Wwrite-strings -Wundef -Wformat=2 -Werror
ALL_CFLAGS = -std=gnu11 -pthread $(WARN) $(CFLAGS)
BINARY    = ./gnt-exportfs

ganeti    = $(filter-out 0,$(GANETI))

# V=1 shows the commands.
say = $(if $(V),,@echo "  $(1) $@";)

comma := ,
ifneq ($(SANITIZE),)
BUILD := build/$(subst $(comma),-,$(SANITIZE))
BINARY = $(BUILD)/gnt-exportfs
ALL_CFLAGS += -fsanitize=$(SANITIZE) -fno-sanitize-recover=all -fno-omit-frame-pointer
endif

# export/xxh3.h tells what for.
ifneq ($(PLAIN_XXH3),)
BUILD := build/plain
BINARY = $(BUILD)/gnt-exportfs
CPPFLAGS += -DPLAIN_XXH3
endif

# libFuzzer's main() for the fuzz targets, else one that replays files: see fuzz.
ifneq ($(FUZZER),)
CC    := clang
BUILD := build/fuzz
CPPFLAGS += -DFUZZER
ALL_CFLAGS += -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
endif

lock_objs   := $(patsubst %.c,$(BUILD)/%.o,$(wildcard lock/*.c))
export_objs := $(patsubst %.c,$(BUILD)/%.o,$(wildcard export/*.c $(if $(ganeti),export/ganeti/*.c)))
fs_objs     := $(patsubst %.c,$(BUILD)/%.o,$(wildcard fs/*.c))
unit_tests  := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/unit/*.c $(if $(ganeti),tests/unit/ganeti/*.c)))
mounted     := $(wildcard tests/mounted/*.sh)
targets     := archive ini params
fuzzers     := $(targets:%=$(BUILD)/tests/fuzz/%)
dep_files   := $(wildcard $(foreach dir,lock export export/ganeti fs tests/unit tests/unit/ganeti tests/fuzz,$(BUILD)/$(dir)/*.d))

all: $(BINARY)

$(BINARY): $(fs_objs) $(BUILD)/libexport.a $(BUILD)/liblock.a
	$(call say,LD)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $$(pkg-config --libs $(PKGS)) -lm

$(BUILD)/liblock.a: $(lock_objs)
$(BUILD)/libexport.a: $(export_objs)
$(BUILD)/%.a:
	@mkdir -p $(@D)
	$(call say,AR)rm -f $@ && ar rcs $@ $^

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC)$(CC) $(CPPFLAGS) $$(pkg-config --cflags $(PKGS)) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/tests/unit/%: tests/unit/%.c $(BUILD)/libexport.a $(BUILD)/liblock.a
	@mkdir -p $(@D)
	$(call say,CC)$(CC) $(CPPFLAGS) $$(pkg-config --cflags $(PKGS) cmocka) $(ALL_CFLAGS) -MMD -MP -o $@ \
	    $< $(BUILD)/libexport.a $(BUILD)/liblock.a $$(pkg-config --libs $(PKGS) cmocka) -lm

unit: $(unit_tests)

# What runs a fuzz target is the compiler's, or our own.
fuzz_main = $(if $(FUZZER),-fsanitize=fuzzer,$(BUILD)/tests/fuzz/replay.o)
$(BUILD)/tests/fuzz/%: $(BUILD)/tests/fuzz/%.o $(if $(FUZZER),,$(BUILD)/tests/fuzz/replay.o) \
    $(BUILD)/libexport.a $(BUILD)/liblock.a
	$(call say,LD)$(CC) $(ALL_CFLAGS) $(LDFLAGS) $(fuzz_main) -o $@ $< $(filter %.a,$^) \
	    $$(pkg-config --libs $(PKGS)) -lm
fuzzers: $(fuzzers)
.PRECIOUS: $(BUILD)/tests/fuzz/%.o

# The daemon, in which any one call can be made to fail.
tortured: $(BUILD)/torture/gnt-exportfs
wraps := $(patsubst %,-Wl$(comma)--wrap=%,$(shell cat tests/torture/calls.wrap))
$(BUILD)/torture/gnt-exportfs: $(fs_objs) $(BUILD)/tests/torture/failing.o $(BUILD)/libexport.a $(BUILD)/liblock.a tests/torture/calls.wrap
	@mkdir -p $(@D)
	$(call say,LD)$(CC) $(ALL_CFLAGS) $(LDFLAGS) $(wraps) -o $@ $(filter %.o %.a,$^) $$(pkg-config --libs $(PKGS)) -lm

# The prerequisites first, for they bring the compiler; then the build; then the tests.
check:
	contrib/deps build $(if $(ganeti),ganeti) test lint fuzz $(if $(VALGRIND),valgrind)
	$(MAKE) -j$$(nproc) all unit tortured fuzzers
	$(if $(VALGRIND),,! command -v clang >/dev/null || $(MAKE) -j$$(nproc) fuzzers FUZZER=1 SANITIZE=)
	@GNT_EXPORTFS=$(abspath $(if $(SLOW),$(BUILD)/torture/gnt-exportfs,$(BINARY))) \
	    GNT_TORTURE=$(abspath $(BUILD)/torture/gnt-exportfs) SLOW=$(SLOW) \
	    GNT_REPLAY=$(abspath $(BUILD)/tests/fuzz) GNT_FUZZ=$(abspath build/fuzz/tests/fuzz) \
	    VALGRIND=$(VALGRIND) SANITIZE=$(SANITIZE) \
	    tests/run $(if $(T),-k '$(T)') $(unit_tests) $(if $(VALGRIND),,$(mounted) $(wildcard tests/fuzz/*.sh) tests/lint)

# All points; then a sample of them, or the one, under the sanitizers, which see leaks.
some_points = $(addprefix --point ,$(POINT))$(addprefix --class ,$(CLASS))
torture:
	contrib/deps build $(if $(ganeti),ganeti) test
	$(MAKE) -j$$(nproc) tortured
	$(MAKE) -j$$(nproc) tortured SANITIZE=address,undefined
	@GNT_TORTURE=$(abspath $(BUILD)/torture/gnt-exportfs) TORTURE='--lives 500 $(some_points)' SOAK=1 \
	    tests/run tests/mounted/torture.sh
	@GNT_TORTURE=$(abspath $(BUILD)/address-undefined/torture/gnt-exportfs) SOAK=1 SANITIZE=1 \
	    TORTURE='--lives 20 $(if $(POINT),$(some_points),--sample 300 $(some_points))' tests/run tests/mounted/torture.sh

# Findings are kept, to be replayed by each check.
fuzz:
	contrib/deps build $(if $(ganeti),ganeti) fuzz
	$(MAKE) -j$$(nproc) fuzzers FUZZER=1
	@for target in $(or $(T),$(targets)); do \
	    GNT_FUZZ=$(abspath build/fuzz/tests/fuzz) tests/fuzz/run $$target $(or $(SECONDS),600) || exit; \
	done

# What needs device mapper, which not every machine has: on a kernel that brings it.
check-lvm:
	contrib/deps build $(if $(ganeti),ganeti) lvm
	$(MAKE) -j$$(nproc) all PLAIN_XXH3=1
	@GNT_EXPORTFS=$(abspath build/plain/gnt-exportfs) tests/lvm/guest $(if $(T),-k '$(T)') $(wildcard tests/lvm/*.sh)

# The compiler, the libraries and the tools of Debian 13; any argument of check is one here, too.
check-trixie:
	contrib/deps trixie
	@TARGET=check tests/trixie/check $(foreach name,T SANITIZE VALGRIND SLOW GANETI,$(if $($(name)),$(name)='$($(name))'))

# A real cluster, in namespaces: brought up, and always taken down again.
check-ganeti:
	contrib/deps build $(if $(ganeti),ganeti) ganeti-test test
	$(MAKE) -j$$(nproc) all
	@GNT_EXPORTFS=$(abspath $(BINARY)) SANITIZE=$(SANITIZE) tests/ganeti/check $(if $(T),-k '$(T)') \
	    $(wildcard tests/ganeti/*.sh)

# The rows that are faster where the kernel reads by itself.
bench-trixie:
	contrib/deps trixie
	@TARGET=bench tests/trixie/check GANETI=0 ROW='$(or $(ROW),^read)' ROUNDS=$(ROUNDS)

# Each row beside another way to do the same; the machine should have nothing else to do.
bench:
	contrib/deps build $(if $(ganeti),ganeti ganeti-test) test bench
	$(MAKE) -j$$(nproc) all
	@GNT_EXPORTFS=$(abspath $(BINARY)) BUILD=$(abspath $(BUILD)) ROUNDS=$(ROUNDS) tests/bench/run '$(ROW)'

# A seed replays what is done, not the moment of each kill.
SOAK = killed_at_random killed_beside_others killed_in_every_state random_walk
soak:
	contrib/deps build $(if $(ganeti),ganeti) test
	$(MAKE) -j$$(nproc) all
	@seed=$(or $(SEED),$$(od -An -N2 -tu2 /dev/urandom | tr -d ' ')); echo "seed $$seed: make soak SEED=$$seed"; \
	    for test in $(SOAK); do \
	        rounds=$(or $(ROUNDS),1000); [ $$test != killed_in_every_state ] || rounds=$$((rounds / 50 + 5)); \
	        GNT_EXPORTFS=$(abspath $(BINARY)) SANITIZE=$(SANITIZE) ROUNDS=$$rounds SEED=$$seed SOAK=1 \
	            tests/run tests/mounted/$$test.sh || exit; \
	    done

demo:
	contrib/deps build $(if $(ganeti),ganeti) demo
	$(MAKE) -j$$(nproc) all
	GNT_EXPORTFS=$(abspath $(BINARY)) IMAGE=$(IMAGE) contrib/demo/demo

deps:
	contrib/deps build $(if $(ganeti),ganeti) test demo lint fuzz

lint:
	contrib/deps lint
	tests/lint

sbindir   = $(DESTDIR)$(PREFIX)/sbin
mandir    = $(DESTDIR)$(PREFIX)/share/man/man8
compdir   = $(DESTDIR)$(PREFIX)/share/bash-completion/completions
unitdir   = $(DESTDIR)$(PREFIX)/lib/systemd/system
helperdir = $(DESTDIR)/sbin# where mount(8) looks
docdir    = $(DESTDIR)$(PREFIX)/share/doc/gnt-exportfs

install: all
	install -D -m 755 $(BINARY) $(sbindir)/gnt-exportfs
	install -D -m 644 contrib/gnt-exportfs.8 $(mandir)/gnt-exportfs.8
	install -D -m 644 contrib/gnt-exportfs.bash-completion $(compdir)/gnt-exportfs
	install -D -m 644 README.md $(docdir)/README.md
	install -D -m 644 contrib/updatedb.prunefs $(docdir)/updatedb.prunefs
	install -D -m 644 contrib/recipes/README.md $(docdir)/recipes/README.md
	install -m 755 $(filter-out %.md,$(wildcard contrib/recipes/*)) $(docdir)/recipes/
	install -d $(unitdir)
	sed 's|@SBINDIR@|$(PREFIX)/sbin|' contrib/gnt-exportfs@.service >$(unitdir)/gnt-exportfs@.service
	install -D -m 755 contrib/mount.fuse.gnt-exportfs $(helperdir)/mount.fuse.gnt-exportfs
	sed -i 's|@SBINDIR@|$(PREFIX)/sbin|' $(helperdir)/mount.fuse.gnt-exportfs

uninstall:
	rm -f $(sbindir)/gnt-exportfs $(mandir)/gnt-exportfs.8 $(compdir)/gnt-exportfs \
	    '$(unitdir)/gnt-exportfs@.service' $(helperdir)/mount.fuse.gnt-exportfs
	rm -rf $(docdir)

clean:
	rm -rf build gnt-exportfs

-include $(dep_files)
.PHONY: all unit fuzzers tortured check fuzz check-lvm check-trixie check-ganeti bench bench-trixie torture soak demo deps lint install uninstall clean
