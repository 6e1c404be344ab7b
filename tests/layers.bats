# SPDX-License-Identifier: Apache-2.0
# layers.bats: how the sources hang together, read from the sources themselves: who may include
# whom, what must not be called, how large a file may get. HACKING.md says why.
load helper

# Not in a folder of its own: nothing is written here.
setup() {
	cd "$root" || return
}

# Each folder of libcommon and its layer. It includes folders of lower layers, and of its own layer only
# itself: so formats/ knows net/, and net/ knows no format.
layers() {
	cat <<-'E'
	base 0
	tensor 1
	codec 1
	yaml 1
	archive 1
	kernel 1
	stream 2
	net 2
	formats 3
	options 3
	run 4
	E
}

# "FILE HEADER" for every #include "…" in the files named.
includes() {
	grep -noE '^#include "[^"]+"' "$@" /dev/null | sed 's/:[0-9]*:#include "/ /; s/"$//'
}

@test "layers: a folder of libcommon includes folders of lower layers, and of its own layer itself" {
	local file header from to bad=0
	declare -A layer
	while read -r from to; do layer[$from]=$to; done < <(layers)
	while read -r file header; do
		from=${file#libcommon/} from=${from%%/*} to=${header%%/*}
		case $header in tmo.h | config.h | onnx.pb-c.h) continue ;; esac
		if [ -z "${layer[$from]-}" ] || [ -z "${layer[$to]-}" ]; then
			echo "$file: $header: no layer is known for $from or $to; name headers with their folder"
			bad=1
		elif [ "$from" != "$to" ] && [ "${layer[$from]}" -le "${layer[$to]}" ]; then
			echo "$file (layer ${layer[$from]}) includes $header (layer ${layer[$to]})"
			bad=1
		fi
	done < <(find libcommon -mindepth 2 -name '*.[ch]' -print0 | xargs -0 grep -noE '^#include "[^"]+"' |
		sed 's/:[0-9]*:#include "/ /; s/"$//')
	for from in libcommon/*/; do
		from=${from#libcommon/} from=${from%/}
		[ -n "${layer[$from]-}" ] || { echo "libcommon/$from has no layer"; bad=1; }
	done
	[ "$bad" -eq 0 ]
}

@test "layers: tmo.h includes the C library only" {
	run -1 grep -n '#include "' libcommon/tmo.h
}

@test "layers: filters never include each other" {
	local file header folder bad=0
	while read -r file header; do
		folder=$(dirname "$file")
		[ -e "$folder/$header" ] || [ -e "libcommon/$header" ] || [ -e "build/gen/$header" ] || [ "$header" = config.h ] && continue
		echo "$file includes $header"
		bad=1
	done < <(includes filters/*/*.[ch])
	# shellcheck disable=SC2046  # no name has a space
	run -1 grep -nE '#include "(\.\./|filters/)' filters/*/*.[ch] $(find libcommon -name '*.[ch]')
	[ "$bad" -eq 0 ]
}

# What works on arrays: all files of filters but a program's main one, and but these:
#	tmo		starts programs, changes nothing
#	from-, to-	turn files into streams and streams into files
#	pack		what it makes is a form of the stream itself
#	info		describes files and streams
kernels() {
	find filters -name '*.[ch]' | awk -F/ '$3 != $2 ".c"' |
		grep -vE '^filters/(tmo|from-[a-z]+|to-[a-z]+|pack|info)/'
}

@test "layers: kernels know no stream" {
	# shellcheck disable=SC2046  # no name has a space
	run -1 grep -nE '"(archive|yaml|options|run|formats)/|"stream/(stream|reader|packed|manifest)|"tensor/npy\.h"|\bstruct tmo_run\b' $(kernels)
}

# The objects of a folder's sources, not what is left of those that are gone.
objects() {
	local source
	for source in "$1"/*.c; do echo "build/${source%.c}.o"; done
}

# "FILE FILE": the first calls, or reads, what the second defines. Of one folder's objects.
calls() {
	nm -gA "$@" | awk '{
			file = $1; sub(/:.*/, "", file); sub(/.*\//, "", file)
			if ($(NF - 1) == "U") wanted[file, $NF]
			else of[$NF] = file
		}
		END {
			for (pair in wanted) {
				split(pair, part, SUBSEP)
				if (part[2] in of && of[part[2]] != part[1]) print part[1], of[part[2]]
			}
		}'
}

# What calls each other belongs into one file.
@test "layers: within a folder calls go one way" {
	local folder
	for folder in filters/* $(find libcommon -mindepth 1 -type d); do
		[ -n "$(find "$folder" -maxdepth 1 -name '*.c')" ] || continue
		# shellcheck disable=SC2046  # no name has a space
		run tsort < <(calls $(objects "$folder"))
		[ "$status" -eq 0 ] || { echo "$folder: $output"; false; }
	done
}

# The prefix tmo_ is the library's, so that the program tmo has another.
@test "layers: what is global in a program begins with its name" {
	local folder program prefix symbol bad=0
	for folder in filters/*/; do
		program=$(basename "$folder")
		case $program in tmo) prefix=driver ;; *) prefix=${program//-/_} ;; esac
		# shellcheck disable=SC2046  # no name has a space
		while read -r symbol; do
			case $symbol in main | "$prefix"_* | __*) continue ;; esac
			echo "$program: $symbol"
			bad=1
		done < <(nm -g --defined-only $(objects "filters/$program") | awk 'NF == 3 { print $3 }')
	done
	[ "$bad" -eq 0 ]
}

@test "layers: no two files of libcommon and filters have one name, but for .c and .h" {
	run -0 awk -F/ '{
			name = $NF; sub(/\.[ch]$/, "", name)
			folder = $0; sub(/[^\/]*$/, "", folder)
			if (name in of && of[name] != folder) print name ": " of[name] " and " folder
			of[name] = folder
		}' < <(find libcommon filters -name '*.[ch]' | grep -vxF libcommon/tmo.h |
			awk -F/ '$1 != "filters" || $3 != $2 ".c"')
	echo "$output"
	[ -z "$output" ]
}

@test "layers: a unit test has the name of the file that it tests" {
	local source bad=0
	for source in tests/unit/*.c; do
		# the .h where all of it is inline
		[ -n "$(find libcommon filters -name "$(basename "$source" .c).[ch]")" ] && continue
		echo "$source"
		bad=1
	done
	[ "$bad" -eq 0 ]
}

@test "layers: only main and run print, exit, look at the environment or at signals" {
	local sources
	sources=$(find libcommon filters -name '*.[ch]' ! -path 'filters/tmo/*' \
		! -path 'libcommon/run/*')
	# shellcheck disable=SC2086
	run -1 grep -nE '\b(fprintf|vfprintf|printf|puts|putchar|perror|exit|_exit|abort|getenv|signal|sigaction|raise)\(|\b(stderr|stdout|environ)\b *[,);]' $sources
}

@test "layers: functions that may not be used" {
	# shellcheck disable=SC2046
	run -1 grep -nE '\b(strcpy|strcat|strncpy|strncat|sprintf|vsprintf|gets|atoi|atol|atof|strtok|rand|srand|random|system|popen|alloca|mktemp|tmpnam|tempnam|setlocale|asctime|ctime|localtime)\(' \
		$(find libcommon filters -name '*.[ch]')
}

@test "layers: no product inside malloc, no OpenMP reduction, no fast math" {
	# a count that grows by one times a sizeof cannot overflow before memory is out
	run -1 grep -rnE '\b(malloc|realloc)\([^;]*[a-z0-9_)] \* [^s]' --include='*.[ch]' libcommon filters
	run -1 grep -rnE 'reduction\(|ffast-math|Ofast' --include='*.[ch]' libcommon filters Makefile configure
}

# Calls of libm's functions in the files named, without lines of comment.
libm_calls() {
	grep -nE '\b(a?(sin|cos|tan)h?|exp|exp2|expm1|log|log2|log10|log1p|pow|cbrt|erfc?|hypot|fma)f?\(' "$@" |
		grep -vE '^[^:]*:[0-9]*:[[:space:]]*/?\*'
}

@test "layers: libm's log, exp and pow decide no byte of a stream" {
	# but eval's entropy and decibels, which are in its report only
	# shellcheck disable=SC2046  # no name has a space
	run -1 libm_calls $(find libcommon filters -name '*.[ch]' ! -path filters/eval/entropy.c \
		! -path filters/eval/measure.c)
}

# All that people wrote, here.
all_sources() {
	find libcommon filters tests man pipelines completions examples configure Makefile .ci \
		-type f \( -name '*.[ch1-8]' -o -name '*.inc' -o -name '*.sh' -o -name '*.py' -o -name '*.bats' \
		-o -name '*.bash' -o -name '*.yaml' -o -name Makefile -o -name configure \
		-o -path '*completions/*' -o -path .ci/run -o -path tests/run \) \
		! -path 'tests/fuzz/corpus/*' ! -path '*/__pycache__/*'
}

@test "layers: every source names its licence in its first two lines" {
	# shellcheck disable=SC2046  # no name has a space
	run -0 awk 'FNR == 1 { file[FILENAME] }
		FNR <= 2 && /SPDX-License-Identifier: Apache-2.0/ { said[FILENAME] }
		END { for (f in file) if (!(f in said)) print f }' $(all_sources)
	echo "$output"
	[ -z "$output" ]
}

@test "layers: no file has more than 450 lines (600 if a page), no function more than 70" {
	local sources
	sources=$(all_sources)
	# shellcheck disable=SC2086
	run -0 awk 'FNR == 451 && FILENAME !~ /\.[1-8]$/ || FNR == 601 {
			print FILENAME ": more than " FNR - 1 " lines" }' $sources
	echo "$output"
	[ -z "$output" ]
	# shellcheck disable=SC2046
	run -0 awk 'FNR == 1 { start = 0 } /^\{$/ { start = FNR }
		/^\}/ { if (start && FNR - start > 70) print FILENAME ":" start ": " FNR - start " lines"; start = 0 }' \
		$(find libcommon filters tests -name '*.c')
	echo "$output"
	[ -z "$output" ]
}

# needs PROGRAM LIBRARY...: it loads these of ours, and no others of those that only some need.
needs() {
	local program=$1 library
	shift
	run -0 ldd "build/bin/$program"
	for library in protobuf-c jansson archive; do
		case " $* " in
		*" $library "*) [[ $output == *lib$library.* ]] || { echo "$program: no $library"; return 1; } ;;
		*) [[ $output != *lib$library.* ]] || { echo "$program loads $library"; return 1; } ;;
		esac
	done
}

@test "layers: each program links only what it needs" {
	local program
	for program in quant prune cluster decode from-onnx to-onnx; do needs tmo-$program protobuf-c; done
	for program in tmo tmo-pack tmo-unpack; do needs $program; done
	needs tmo-from-npz archive
	needs tmo-from-safetensors jansson
	needs tmo-info archive jansson protobuf-c
}
