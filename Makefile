# SPDX-License-Identifier: Apache-2.0
# GNU make, one file, not recursive. Sources of a folder are globbed, programs are listed; all that
# is made goes below build/. Run ./configure first.

# A new filter is one word here and one folder in filters/ (filters/tmo makes `tmo` itself).
PROGRAMS = tmo from-onnx to-onnx from-npz to-npz from-safetensors to-safetensors quant prune cluster decode pack unpack eval info

# Libraries that only some programs need, as LIBS_NAME = -lfoo. BASE_LIBS are libtmo's.
LIBS_from-npz = $(ARCHIVE_LIBS)
LIBS_info = $(ARCHIVE_LIBS)
LIBS_to-npz = $(ARCHIVE_LIBS)
LIBS_tests = $(ARCHIVE_LIBS)

ifneq ($(filter-out clean distclean,$(or $(MAKECMDGOALS),all)),)
include config.mk
endif
ifneq ($(filter clean distclean,$(MAKECMDGOALS)),)
.NOTPARALLEL: # make clean all: one after the other
endif
# As many jobs as there are processors, unless make was told (`make -j1`).
JOBS := $(shell getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
ifeq ($(findstring -j,$(MAKEFLAGS)),)
MAKEFLAGS += -j$(JOBS)
endif

# Not -I: what libcommon has is for "" and not for <>.
INCLUDES = -iquote libcommon -iquote build/gen -iquote . -Ibuild/include
DEFINES = -DTMO_VERSION='"$(VERSION)"' -DTMO_LIBEXECDIR='"$(libexecdir)/tmo"' \
	-DTMO_DATADIR='"$(datadir)/tmo"'
# What is done, in a word; make V=1 shows the whole commands, make -s nothing.
run = $(if $(V)$(findstring s,$(firstword -$(MAKEFLAGS))),,@echo '  $(1) $(2)' && )
# -fPIC: the objects go into libtmo.so too. What tmo.h does not show, no program outside sees.
COMPILE = $(CC) -fPIC -fvisibility=hidden $(INCLUDES) $(DEFINES) $(CPPFLAGS) $(CFLAGS)
LIBS = $(BASE_LIBS) $(LDLIBS)

bin = $(patsubst tmo-tmo,tmo,tmo-$(1))
BINARIES := $(foreach p,$(PROGRAMS),build/bin/$(call bin,$(p)))
objects = $(patsubst %.c,build/%.o,$(wildcard $(1)))
GENERATED := build/gen/onnx.pb-c
LIBRARY := $(patsubst %.c,build/%.o,$(shell find libcommon -name '*.c')) $(GENERATED).o
FILTERS := $(call objects,filters/*/*.c)
HELPERS := $(patsubst tests/helper/%.c,build/tests/%,$(wildcard tests/helper/*.c))
UNITS := $(patsubst tests/unit/%.c,build/tests/unit-%,$(wildcard tests/unit/*.c))
FUZZERS := $(patsubst tests/fuzz/%.c,build/tests/fuzz-%, \
	$(filter-out tests/fuzz/driver.c,$(wildcard tests/fuzz/*.c)))
FUZZ_MAIN = build/tests/fuzz/driver.o # or -fsanitize=fuzzer: see .ci/run

# The number changes when a program that was linked with an older libtmo.so would break.
SHARED = libtmo.so.1

all: $(BINARIES) build/libtmo.a build/$(SHARED)

define program # $(1): folder in filters/
build/bin/$(call bin,$(1)): $(call objects,filters/$(1)/*.c) build/libtmo.a
	@mkdir -p $$(@D)
	$$(call run,LINK,$$@)$$(CC) $$(CFLAGS) $$(LDFLAGS) -o $$@ $$^ $$(LIBS_$(1)) $$(LIBS)
endef
$(foreach p,$(PROGRAMS),$(eval $(call program,$(p))))

build/libtmo.a: $(LIBRARY)
	@rm -f $@
	$(call run,AR,$@)$(AR) qcs $@ $^

# Without what tmo.h never calls and another library is needed for.
SHARED_OBJECTS = $(filter-out %/npz_read.o %/npz_write.o %/npz_import.o %/npz_manifest.o,$(LIBRARY))
build/$(SHARED): $(SHARED_OBJECTS) libcommon/libtmo.map
	$(call run,LINK,$@)$(CC) $(CFLAGS) $(LDFLAGS) -shared -Wl,-soname,$(SHARED) \
		-Wl,--version-script=libcommon/libtmo.map -o $@ $(SHARED_OBJECTS) $(LIBS)

build/%.o: %.c config.mk | $(GENERATED).h build/include/tmo.h
	@mkdir -p $(@D)
	$(call run,CC,$<)$(COMPILE) -MMD -MP -c -o $@ $<

# Only these may have instructions that not every processor has.
build/libcommon/kernel/form_avx2.o: CFLAGS += $(AVX2_CFLAGS)
build/libcommon/kernel/form_avx512.o: CFLAGS += $(AVX512_CFLAGS)

# What is installed, and nothing else, for <tmo.h>.
build/include/tmo.h:
	@mkdir -p $(@D)
	ln -sf ../../libcommon/tmo.h $@

# protoc-c's code is not ours to warn about.
$(GENERATED).c $(GENERATED).h &: $(ONNX_PROTO) config.mk
	@mkdir -p $(@D)
	$(call run,PROTOC,$<)$(PROTOC_C) -I$(dir $(ONNX_PROTO)) --c_out=$(@D) $(notdir $(ONNX_PROTO))
$(GENERATED).o: $(GENERATED).c
	$(call run,CC,$<)$(COMPILE) -w -c -o $@ $<

config.mk: configure VERSION
	./configure $(CONFIGURE_ARGS)

# ---- tests ----

# A unit test may call any filter's kernels: the linker takes from the archive what it needs.
build/tests/filters.a: $(FILTERS)
	@mkdir -p $(@D)
	@rm -f $@
	$(call run,AR,$@)$(AR) qcs $@ $^
TEST_LIBRARIES = build/tests/filters.a build/libtmo.a

$(HELPERS): build/tests/%: build/tests/helper/%.o build/libtmo.a
	$(call run,LINK,$@)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS_tests) $(LIBS)
$(UNITS): build/tests/unit-%: build/tests/unit/%.o $(TEST_LIBRARIES)
	$(call run,LINK,$@)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS_tests) $(LIBS)
$(FUZZERS): build/tests/fuzz-%: build/tests/fuzz/%.o $(filter %.o,$(FUZZ_MAIN)) $(TEST_LIBRARIES)
	$(call run,LINK,$@)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.o %.a,$^) $(filter -%,$(FUZZ_MAIN)) $(LIBS_tests) $(LIBS)

# Goes into programs by LD_PRELOAD: without what the flags may ask for, such as AddressSanitizer.
build/tests/faults.so: tests/faults/shim.c
	@mkdir -p $(@D)
	$(call run,CC,$<)$(CC) -std=c11 -D_FILE_OFFSET_BITS=64 -Wall -Wextra -Wshadow -Wconversion -O1 -fPIC \
		-shared -o $@ $< -ldl

test-programs: $(HELPERS) $(UNITS) $(FUZZERS) build/tests/faults.so

# CHECK="quant prune" runs only these files.
check: all test-programs
	@JOBS=$(JOBS) tests/run $(CHECK)

# ONNX's own cases, of Debian's libonnx-testdata or wherever they are.
ONNX_CASES = $(addprefix /usr/share/libonnx-testdata/data/,node simple pytorch-converted pytorch-operator)
check-onnx: build/bin/tmo-from-onnx build/tests/netrun
	@PATH=$(CURDIR)/build/bin:$(CURDIR)/build/tests:$$PATH \
		python3 tests/net/onnx_cases.py tests/net/unsupported.txt $(ONNX_CASES)

# ---- measurements: bench/README.md ----

build/bench/kernels build/bench/math_errors build/bench/products: %: %.o $(TEST_LIBRARIES)
	$(call run,LINK,$@)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

build/bench-venv: bench/requirements.txt
	python3 -m venv $@
	$@/bin/pip install -q -r bench/requirements.txt
	@touch $@

# BENCH="start cluster" measures only that.
bench: all test-programs build/bench/kernels build/bench/math_errors build/bench-venv
	python3 bench/run.py $(BENCH)

# FOREIGN="WakeWord int8": see bench/foreign.py.
foreign: all build/bench-venv
	build/bench-venv/bin/python3 bench/foreign.py $(FOREIGN)
	python3 bench/figure.py

# ---- the demonstration ----

demo: all
	build/bin/tmo run pipelines/ota-int8.yaml -i examples/digits.onnx -o build/digits.tar.zst
	@examples/sizes.sh examples/digits.onnx build/digits.tar.zst

# ---- installation ----

INSTALL = install
STRIP = strip
pages = $(wildcard man/*.$(1))
# bash-completion loads the file of a program's own name: all but tmo's are links to it.
BASH_NAMES = $(notdir $(BINARIES))
INSTALLED = $(foreach p,$(PROGRAMS),$(bindir)/$(call bin,$(p))) $(includedir)/tmo.h \
	$(libdir)/libtmo.a $(libdir)/$(SHARED) $(libdir)/libtmo.so $(libdir)/pkgconfig/tmo.pc \
	$(BASH_NAMES:%=$(datadir)/bash-completion/completions/%) $(datadir)/zsh/site-functions/_tmo \
	$(foreach s,1 3 5 7,$(patsubst man/%,$(mandir)/man$(s)/%,$(call pages,$(s)))) \
	$(patsubst pipelines/%,$(datadir)/tmo/pipelines/%,$(wildcard pipelines/*.yaml))

# What pkg-config reads, for the folders that this make knows: make prefix=/usr install. What lies under
# prefix says so, for a tree that is moved: pkg-config --define-variable=prefix=DIR.
under = $(patsubst $($(1))/%,$${$(1)}/%,$(2))
define PKG_CONFIG_FILE
prefix=$(prefix)
exec_prefix=$(if $(filter-out $(prefix),$(exec_prefix)),$(call under,prefix,$(exec_prefix)),$${prefix})
libdir=$(call under,exec_prefix,$(libdir))
includedir=$(call under,prefix,$(includedir))
plugindir=$(call under,exec_prefix,$(libexecdir))/tmo

Name: tmo
Description: tensor streams, for filters that make neural networks small
Version: $(VERSION)
Requires.private: $(PKG_REQUIRES)
Libs: -L$${libdir} -ltmo
Libs.private: -ltar -lm -pthread
Cflags: -I$${includedir}
endef
export PKG_CONFIG_FILE

define put # $(1): mode, $(2): files, $(3): folder
$(if $(strip $(2)),$(INSTALL) -d '$(DESTDIR)$(strip $(3))'
	$(INSTALL) -m $(1) $(2) '$(DESTDIR)$(strip $(3))/',@:)
endef

install: all
	$(call put,755, $(BINARIES), $(bindir))
	$(call put,644, libcommon/tmo.h, $(includedir))
	$(call put,644, build/libtmo.a build/$(SHARED), $(libdir))
	ln -sf $(SHARED) '$(DESTDIR)$(libdir)/libtmo.so'
	$(INSTALL) -d '$(DESTDIR)$(libdir)/pkgconfig'
	printf '%s\n' "$$PKG_CONFIG_FILE" >'$(DESTDIR)$(libdir)/pkgconfig/tmo.pc'
	chmod 644 '$(DESTDIR)$(libdir)/pkgconfig/tmo.pc'
	$(call put,644, $(call pages,1), $(mandir)/man1)
	$(call put,644, $(call pages,3), $(mandir)/man3)
	$(call put,644, $(call pages,5), $(mandir)/man5)
	$(call put,644, $(call pages,7), $(mandir)/man7)
	$(call put,644, $(wildcard pipelines/*.yaml), $(datadir)/tmo/pipelines)
	$(call put,644, completions/tmo, $(datadir)/bash-completion/completions)
	for p in $(filter-out tmo,$(BASH_NAMES)); do \
		ln -sf tmo '$(DESTDIR)$(datadir)/bash-completion/completions/'$$p || exit 1; done
	$(call put,644, completions/_tmo, $(datadir)/zsh/site-functions)

install-strip: install
	$(STRIP) $(foreach p,$(PROGRAMS),'$(DESTDIR)$(bindir)/$(call bin,$(p))')
	$(STRIP) --strip-unneeded '$(DESTDIR)$(libdir)/$(SHARED)'
	$(STRIP) --strip-debug '$(DESTDIR)$(libdir)/libtmo.a'

uninstall:
	rm -f $(INSTALLED:%='$(DESTDIR)%')
	for d in '$(DESTDIR)$(datadir)/tmo/pipelines' '$(DESTDIR)$(datadir)/tmo'; do \
		if [ -d "$$d" ]; then rmdir "$$d"; fi; done

# ---- releases ----

# The same bytes each time: from what git has, or, in an unpacked release, from what lies here.
dist:
	packaging/dist $(VERSION)

deb:
	packaging/deb $(VERSION)

clean:
	rm -rf build
distclean: clean
	rm -f config.mk config.h config.log

-include $(patsubst %.o,%.d,$(LIBRARY) $(FILTERS) $(patsubst %.c,build/%.o,$(wildcard tests/*/*.c bench/*.c)))
.PHONY: check-onnx all check test-programs bench foreign demo install install-strip uninstall dist deb clean distclean
.DELETE_ON_ERROR:
.SECONDARY:
