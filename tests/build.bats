# SPDX-License-Identifier: Apache-2.0
# configure, make install, and a stranger's plugin built against what was installed.
load helper

# A copy of the sources alone: tests must not write into the tree.
tree() {
	mkdir tree
	tar -C "$root" --exclude=./build --exclude=./.git --exclude='./config.*' -cf - . | tar -C tree -xf -
	cd tree || return
}

# Commands that configure may use, without those named.
bin_without() {
	local name path
	mkdir bin
	for name in sh cat sed awk grep rm mkdir mv tr sort printf id env gcc as ld collect2 ar make \
		pkg-config protoc-c zstd bats mandoc groff bsdtar xmllint python3 tar cmp; do
		path=$(command -v "$name") || continue
		case " $* " in *" $name "*) ;; *) ln -sf "$path" bin/ ;; esac
	done
}

@test "configure: dash runs it, and config.mk and config.h come out" {
	tree
	dash ./configure >log
	grep -q '^CC = gcc$' config.mk
	grep -q '^CFLAGS = .* -DNDEBUG' config.mk
	grep -q '^prefix = /usr/local$' config.mk
	grep -q '^#define HAVE_LIBTAR 1$' config.h
	grep -q "$(cat VERSION)" config.h
	! ls configure.*.tmp 2>/dev/null
}

@test "configure: folders, compiler and flags, from options, variables and the environment" {
	tree
	CFLAGS=-O1 ./configure --prefix=/opt/t --libdir /opt/t/lib64 --build=x --sysconfdir=/etc \
		--disable-dependency-tracking LDLIBS=-lm --enable-debug >log
	grep -q '^prefix = /opt/t$' config.mk
	[ "$(make -s -f config.mk -f <(echo 'show:; @echo $(bindir)') show)" = /opt/t/bin ]
	grep -q '^libdir = /opt/t/lib64$' config.mk
	grep -q '^CFLAGS = .* -O1 .*-ffp-contract=off' config.mk
	grep -q "^CONFIGURE_ARGS = .*'CFLAGS=-O1'" config.mk
	grep -q '^LDLIBS = -lm$' config.mk
	./configure --enable-debug >log
	grep -q '^CFLAGS = .* -g' config.mk
	run -1 grep -q -- -DNDEBUG config.mk
	./configure --enable-sanitize --enable-native >log
	grep -q '^CFLAGS = .*-march=native.*-fsanitize=address,undefined' config.mk
	run -1 grep -q -- -DNDEBUG config.mk
}

@test "configure: an option that it does not know is wrong usage" {
	tree
	fails 2 'unknown option --frobnicate; see' ./configure --frobnicate
	fails 2 'unknown option --enable-sanitise; see' ./configure --enable-sanitise
	fails 2 'no absolute path' ./configure --prefix=here
	./configure --help | grep -q -- --install-deps
}

@test "configure: all that is missing is said at once, with the line that installs it" {
	bin_without protoc-c mandoc
	tree
	mkdir none
	echo '#error "as if it were not there"' >none/zstd.h
	run -1 --separate-stderr env PATH="$BATS_TEST_TMPDIR/bin" ./configure CPPFLAGS=-Inone
	[ ! -e config.mk ]
	# shellcheck disable=SC2154  # run sets it
	[[ $stderr == *'missing:'*libzstd*protoc-c* ]]
	[[ $stderr == *'apt-get install'*libzstd-dev*mandoc*protobuf-c-compiler* ]]
	run -1 env PATH="$BATS_TEST_TMPDIR/bin" ./configure CC=no-such-compiler
	[[ $output == *'missing: a C11 compiler (no-such-compiler)'* ]]
}

@test "configure: a big-endian machine is refused, and so it is said" {
	tree
	# __BYTE_ORDER__ as the compiler of such a machine has it
	run -1 --separate-stderr ./configure CPPFLAGS='-U__BYTE_ORDER__ -D__BYTE_ORDER__=__ORDER_BIG_ENDIAN__'
	[ ! -e config.mk ]
	# shellcheck disable=SC2154  # run sets it
	[ "$stderr" = 'configure: big-endian machines are not supported; build tmo on or for a little-endian one' ]
}

# A compiler for a system that has POSIX and nothing more: no -D_GNU_SOURCE shows it what Linux adds.
@test "configure: what only Linux has is asked for, and done without" {
	tree
	cat >../posix-cc <<-'E'
	#!/bin/sh
	for word; do
		case $word in
		*.c) if grep -qE '^[^/]*(pipe2\(|tee\(0|F_SETPIPE_SZ, f|sys/prctl|sysconf\(_SC_PHYS)' "$word" &&
			grep -q 'int main' "$word"; then exit 1; fi ;;
		esac
	done
	exec gcc "$@"
	E
	chmod +x ../posix-cc
	unset MAKEFLAGS MAKELEVEL
	./configure CC="$PWD/../posix-cc" CFLAGS=-O0 >../log
	for name in PIPE2 PIPE_SIZE TEE CHILD_SUBREAPER PHYS_PAGES; do
		grep -qx "/\* no HAVE_$name \*/" config.h
	done
	make -s CPPFLAGS=-Werror build/libcommon/{base/{read_write,pipe_peek},run/{main,process}}.o \
		build/filters/tmo/jobs.o
	run -1 grep -lE 'pipe2|prctl' build/libcommon/run/process.o build/filters/tmo/jobs.o
	for name in PIPE2 PIPE_SIZE TEE CHILD_SUBREAPER PHYS_PAGES; do # this build's own configure found them
		grep -qx "#define HAVE_$name 1" "$root/config.h"
	done
}

@test "configure: what only make check needs does not stop it" {
	bin_without bats mandoc
	tree
	PATH=$BATS_TEST_TMPDIR/bin ./configure >log 2>err
	[ -e config.mk ]
	grep -q 'make check will need: bats mandoc' err
	grep -q 'apt-get install bats mandoc' err
}

# Everything that make install puts somewhere, from the build that is there.
install_here() {
	env -u MAKEFLAGS -u MAKELEVEL make -s -C "$root" DESTDIR="$BATS_TEST_TMPDIR/root" prefix=/usr "$@"
}

@test "install: below DESTDIR and nowhere else, twice is harmless, uninstall leaves no file" {
	install_here install
	install_here install
	for file in bin/tmo bin/tmo-quant include/tmo.h lib/libtmo.a lib/pkgconfig/tmo.pc \
		share/tmo/pipelines/ota-int8.yaml share/man/man1/tmo.1 share/man/man5/tmo-stream.5 \
		share/bash-completion/completions/tmo; do
		[ -f "root/usr/$file" ] || { echo "no $file"; return 1; }
	done
	[ "$(ls)" = root ]
	# bash-completion looks for the file of the command's name, and loads it then
	for file in root/usr/bin/*; do
		file=root/usr/share/bash-completion/completions/${file##*/}
		[ -f "$file" ] || { echo "no $file"; return 1; }
	done
	mkstream w:f4:4x4:normal | root/usr/bin/tmo-quant >out
	[ "$(find root/usr/bin -perm 755 -type f | wc -l)" -eq "$(find root/usr/bin -type f | wc -l)" ]
	install_here uninstall
	[ -z "$(find root ! -type d)" ]
	[ ! -e root/usr/share/tmo ]
}

# compile WORD...: as the tree was compiled.
compile() {
	# shellcheck disable=SC2046  # flags are words
	$(sed -n 's/^CC = //p' "$root/config.mk") -std=c11 -Wall -Wextra -Werror -L root/usr/lib \
		$(sed -n 's/^LDFLAGS = //p' "$root/config.mk") \
		$(sed -n 's/^CFLAGS = //p' "$root/config.mk" | grep -o -- '-fsanitize[^ ]*') "$@"
}

twice_works() {
	./tmo-twice --version | grep -q '^tmo-twice '
	./tmo-twice --describe | grep -q '^name: twice$'
	./tmo-twice ramp >doubled
	[ "$(values doubled tensors/w.npy | tr '\n' ' ')" = '0 2 4 6 8 10 ' ]
	TMO_PATH=$PWD tmo list --names | grep -qx twice
}

# shellcheck disable=SC2046  # flags are words
@test "install: tmo.pc follows a tree that is moved" {
	install_here install
	export PKG_CONFIG_PATH=$PWD/root/usr/lib/pkgconfig PKG_CONFIG_ALLOW_SYSTEM_CFLAGS=1 PKG_CONFIG_ALLOW_SYSTEM_LIBS=1
	unset PKG_CONFIG_SYSROOT_DIR
	local name
	run -0 pkg-config --define-variable=prefix=/moved --cflags --libs tmo
	[ "${output% }" = '-I/moved/include -L/moved/lib -ltmo' ]
	[ "$(pkg-config --define-variable=prefix=/moved --variable=plugindir tmo)" = /moved/libexec/tmo ]
	[ "$(pkg-config --variable=libdir tmo) $(pkg-config --variable=includedir tmo)" = '/usr/lib /usr/include' ]
	# what lies elsewhere stays there, and what is under exec_prefix follows that
	install_here install exec_prefix=/usr/machine includedir=/opt/include libexecdir=/opt/usr/libexec
	export PKG_CONFIG_PATH=$PWD/root/usr/machine/lib/pkgconfig
	for name in libdir:/moved/machine/lib includedir:/opt/include plugindir:/opt/usr/libexec/tmo; do
		[ "$(pkg-config --define-variable=prefix=/moved --variable="${name%%:*}" tmo)" = "${name#*:}" ]
	done
}

@test "install: a plugin needs tmo.h, libtmo and pkg-config, and gets all conventions" {
	install_here install
	cat >tmo-twice.c <<-'EOF'
	#include <tmo.h>
	static const struct tmo_option options[] = {TMO_OPTIONS_END};
	struct none { char unused; };
	static int twice(struct tmo_run *run, struct tmo_tensor *t, struct tmo_error *err)
	{
		for (size_t i = 0; i < t->count; i++)
			t->data[i] *= 2;
		return tmo_put(run, t, err);
	}
	int main(int argc, char **argv)
	{
		static const struct tmo_filter filter = {
			.name = "twice", .summary = "double every weight", .kind = TMO_FILTER,
			.options = options, .options_size = sizeof(struct none), .tensor = twice,
		};
		return tmo_main(&filter, argc, argv);
	}
	EOF
	export PKG_CONFIG_PATH=$PWD/root/usr/lib/pkgconfig PKG_CONFIG_SYSROOT_DIR=$PWD/root
	export PKG_CONFIG_ALLOW_SYSTEM_CFLAGS=1 PKG_CONFIG_ALLOW_SYSTEM_LIBS=1
	[ "$(pkg-config --variable=plugindir tmo)" = "$PWD/root/usr/libexec/tmo" ]
	mkstream w:f4:2x3:ramp >ramp
	# shellcheck disable=SC2046  # flags are words
	compile tmo-twice.c -Wl,-rpath,"$PWD/root/usr/lib" $(pkg-config --cflags --libs tmo) -o tmo-twice
	# AddressSanitizer wants to be the first library of all: such a build is not asked for this.
	twice_works
	[[ $(ldd tmo-twice) == *libtmo.so.1* ]]
	# shellcheck disable=SC2046  # flags are words
	compile tmo-twice.c $(pkg-config --cflags tmo) -Wl,-Bstatic -ltmo -Wl,-Bdynamic \
		-L root/usr/lib $(pkg-config --static --libs tmo | sed 's/-ltmo//') -o tmo-twice
	twice_works
	[[ $(ldd tmo-twice) != *libtmo* ]]
	# what a sink hands on has nowhere to go: said, no crash
	sed -i 's/TMO_FILTER/TMO_SINK/' tmo-twice.c
	# shellcheck disable=SC2046  # flags are words
	compile tmo-twice.c -Wl,-rpath,"$PWD/root/usr/lib" $(pkg-config --cflags --libs tmo) -o tmo-twice
	fails 1 'tmo-twice: tensors/w: tmo_put in a sink, which writes no stream; ' ./tmo-twice ramp
}

# old_main WORD...: a program that was compiled with the tmo.h of libtmo.so.0, linked with these.
old_main() {
	[ -e old/tmo.h ] || cp "$root/tests/helper/tmo-0.1.0.h" old/tmo.h
	cat >tmo-old.c <<-'EOF'
	#include <tmo.h>
	static const struct tmo_option options[] = {TMO_OPTIONS_END};
	static int pass(struct tmo_run *run, struct tmo_tensor *t, struct tmo_error *err)
	{
		return tmo_pass(run, t, err);
	}
	int main(int argc, char **argv)
	{
		static const struct tmo_filter filter = {
			.name = "old", .summary = "pass", .kind = TMO_FILTER, .options = options,
			.state_size = 1, .tensor = pass,
		};
		return tmo_main(&filter, argc, argv);
	}
	EOF
	# lazy: what the program would call later need not be there
	compile tmo-old.c -I old -Wl,-z,lazy -o tmo-old "$@"
}

told_to_build_again() {
	fails 1 '^tmo-old: built for another libtmo; build it again$' "$@" ./tmo-old ramp
	[ ! -s out ]
	fails 1 'built for another libtmo' "$@" ./tmo-old --describe
}

# shellcheck disable=SC2046  # flags are words
@test "install: what was built for libtmo.so.0 is told to be built again, and reads no wrong field" {
	local here=$PWD/root/usr/lib
	install_here install
	mkdir old
	mkstream w:f4:2x3:ramp >ramp
	# its object file, linked with this library
	old_main -Wl,-rpath,"$here" -ltmo
	told_to_build_again env
	old_main "$here/libtmo.a" $(sed -n 's/^BASE_LIBS = //p' "$root/config.mk")
	told_to_build_again env
	# as it was linked then: with that library's name it finds this one no more, unless by a link
	echo 'int tmo_main(void) { return 0; } int tmo_pass(void) { return 0; }' >stub.c
	echo 'TMO_0 { global: *; };' >stub.map
	compile -shared -fPIC stub.c -Wl,-soname,libtmo.so.0 -Wl,--version-script=stub.map -o old/libtmo.so.0
	old_main -Wl,-rpath,"$here" old/libtmo.so.0
	run -127 ./tmo-old ramp
	[[ $output == *libtmo.so.0* ]]
	ln -s libtmo.so.1 "$here/libtmo.so.0"
	told_to_build_again env
	# and what a later tmo.h made
	sed 's/^#define TMO_ABI .*/#define TMO_ABI 9999/' "$root/libcommon/tmo.h" >old/tmo.h
	old_main -Wl,-rpath,"$here" -ltmo
	told_to_build_again env
}

@test "install: the filter at the head of tmo.h is built as libtmo(3) says" {
	sanitized && skip 'the page links no sanitizer'
	install_here install
	awk '/^ \*\t#include <math.h>$/ { on = 1 } /^ \* Conventions/ { on = 0 } on' \
		root/usr/include/tmo.h | sed 's/^ \*\t\?//' >tmo-clip.c
	awk '/^\.Bd/ { on = 1; next } /^\.Ed/ { on = 0 } on' root/usr/share/man/man3/libtmo.3 >script
	grep -q '^tmo clip ' script
	export PKG_CONFIG_PATH=$PWD/root/usr/lib/pkgconfig PKG_CONFIG_SYSROOT_DIR=$PWD/root
	export PKG_CONFIG_ALLOW_SYSTEM_CFLAGS=1 PKG_CONFIG_ALLOW_SYSTEM_LIBS=1
	mkstream w:f4:40x30:normal >model.tar
	LD_LIBRARY_PATH=$PWD/root/usr/lib bash -e script
	values clipped.tar tensors/w.npy | sort -g | sed -n '1p;$p' | tr '\n' ' ' | grep -qx -- '-0.5 0.5 '
}

@test "install: libtmo.so exports what tmo.h declares, and nothing else" {
	sed -nE 's/^\t(tmo_[a-z0-9_]+);$/\1/p' "$root/libcommon/libtmo.map" | sort >listed
	grep -oE '\btmo_[a-z0-9_]+\(' "$root/libcommon/tmo.h" | tr -d '(' | sort -u >declared
	# tmo_is_encoded is inline; the example at the head has functions of its own.
	grep -vxE 'tmo_is_encoded' declared | diff listed - || return 1
	nm -D --defined-only "$root/build/libtmo.so.1" | awk '$2 == "T" { print $3 }' |
		sed 's/@.*//' | sort >exported
	diff listed exported
}

@test "install: stripped, moved, in a folder with spaces: all works" {
	install_here install-strip
	[ -z "$(nm root/usr/bin/tmo-quant 2>/dev/null)" ]
	mv root 'moved to here'
	cp "$root/examples/digits.onnx" 'the model.onnx'
	hash -r
	PATH=$PWD/moved\ to\ here/usr/bin:/usr/bin:/bin TMO_PATH='' \
		tmo run 'moved to here/usr/share/tmo/pipelines/ota-int8.yaml' -q -i 'the model.onnx' \
		-o 'the payload.tar.zst'
	tmo run "$root/pipelines/ota-int8.yaml" -q -i 'the model.onnx' -o here.tar.zst
	cmp 'the payload.tar.zst' here.tar.zst
	# those that came with it are found by name, wherever the tree is; a file of that name comes first
	PATH=$PWD/moved\ to\ here/usr/bin:/usr/bin:/bin TMO_PATH='' \
		tmo run ota-int8 -q -i 'the model.onnx' -o by-name.tar.zst
	cmp by-name.tar.zst here.tar.zst
	fails 2 'tmo: ota-int9: no such file, nor a pipeline that came with tmo; there are: .*int8' \
		'moved to here/usr/bin/tmo' run ota-int9
	echo 'stages: [nothing: {}]' >ota-int8
	fails 2 'tmo: ota-int8: line 1, column 10: ' 'moved to here/usr/bin/tmo' run ota-int8
	# and a plugin in the folder that pkg-config tells for them
	mkdir -p 'moved to here/usr/libexec/tmo'
	cp "$root/examples/plugins/tmo-names" 'moved to here/usr/libexec/tmo/'
	tmo-from-onnx 'the model.onnx' | 'moved to here/usr/bin/tmo' names >names
	grep -qx graph.onnx names
	'moved to here/usr/bin/tmo' list -v >list
	grep -q 'moved to here/usr/libexec/tmo/tmo-names' list
}

@test "dist: the same bytes twice, and again from what was unpacked, which builds without git" {
	local name
	tree
	name=tmo-$(cat VERSION)
	./configure >../log
	unset MAKEFLAGS MAKELEVEL
	make -s dist
	mv "build/$name.tar.gz" ../first.tar.gz
	sleep 1.1
	make -s dist
	cmp "build/$name.tar.gz" ../first.tar.gz
	mkdir ../unpacked
	tar -C ../unpacked -xzf ../first.tar.gz
	cd "../unpacked/$name"
	[ ! -e .git ] && [ ! -e config.mk ] && [ -x configure ]
	# as this build was configured, so that its objects fit
	eval "./configure $(sed -n 's/^CONFIGURE_ARGS = //p' "$root/config.mk")" >../log
	mkdir tests/helper/__pycache__ # as Python leaves them
	touch tests/helper/__pycache__/x.pyc
	make -s dist
	cmp "build/$name.tar.gz" ../../first.tar.gz
	# The library's sources are those of the tree, of which it was compiled once; the program is compiled here.
	diff -r libcommon ../../tree/libcommon
	mkdir -p build
	cp "$root/build/libtmo.a" build/
	make -s -o build/libtmo.a build/bin/tmo-decode >../log
	build/bin/tmo-decode --version
}
