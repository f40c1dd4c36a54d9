# gnt-exportfs: build, check, demo, lint, install.

CC       ?= gcc
BUILD    ?= build
PKGS      = fuse3 libarchive libxxhash
CPPFLAGS += -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -I.
CFLAGS   ?= -O2 -g
WARN      = -Wall -Wextra -Wshadow -Wvla -Wstrict-prototypes -Wmissing-prototypes \
            -Wpointer-arith -Wwrite-strings -Wundef -Wformat=2 -Werror
ALL_CFLAGS = -std=gnu11 -pthread $(WARN) $(CFLAGS)

ifneq ($(SANITIZE),)
BUILD := build/$(subst $(comma),-,$(SANITIZE))
ALL_CFLAGS += -fsanitize=$(SANITIZE) -fno-sanitize-recover=all -fno-omit-frame-pointer
endif

lock_objs   := $(patsubst %.c,$(BUILD)/%.o,$(wildcard lock/*.c))
export_objs := $(patsubst %.c,$(BUILD)/%.o,$(wildcard export/*.c))
fs_objs     := $(patsubst %.c,$(BUILD)/%.o,$(wildcard fs/*.c))
unit_tests  := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/unit/*.c))

all: gnt-exportfs

gnt-exportfs: $(fs_objs) $(BUILD)/libexport.a $(BUILD)/liblock.a
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $$(pkg-config --libs $(PKGS))

$(BUILD)/liblock.a: $(lock_objs)
$(BUILD)/libexport.a: $(export_objs)
$(BUILD)/%.a:
	rm -f $@ && ar rcs $@ $^

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $$(pkg-config --cflags $(PKGS)) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

unit: $(unit_tests)
	@for t in $(unit_tests); do echo "== $$t"; $$t || exit 1; done

$(BUILD)/tests/unit/%: tests/unit/%.c $(BUILD)/libexport.a $(BUILD)/liblock.a
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $$(pkg-config --cflags $(PKGS) cmocka) $(ALL_CFLAGS) -MMD -MP -o $@ \
	    $< $(BUILD)/libexport.a $(BUILD)/liblock.a $$(pkg-config --libs $(PKGS) cmocka) -lm

clean:
	rm -rf build gnt-exportfs

-include $(wildcard $(BUILD)/*/*.d $(BUILD)/tests/unit/*.d)
.PHONY: all unit clean
