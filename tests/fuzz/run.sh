#!/bin/bash
# SPDX-License-Identifier: MIT
# run.sh BUILD LENGTH TARGET...: the committed corpus of each target first, whole, then new inputs,
# which are kept in BUILD/fuzz/TARGET.corpus: for LENGTH seconds ("60s"), or so many ("400"), made
# from one seed. With an error planted (FUZZ_PLANT) the corpus must find it.
# As many targets at a time as there are cores; one line each; 1 when something was found.
set -u
b=$1 length=$2
shift 2
# Addresses are no part of an input: without their randomness, where that is allowed.
alike=(setarch -R)
"${alike[@]}" true 2>/dev/null || alike=(env)

one() { # target
	local t=$1 failed=0
	local new=$b/fuzz/$t.corpus log=$b/fuzz/$t.log seeds=tests/fuzz/corpus/$t
	mkdir -p "$new" "$seeds"
	local plant=leak limit=("-max_total_time=${length%s}")
	[ "${length%s}" != "$length" ] ||
		limit=(-seed=1 "-runs=$(($(find "$new" "$seeds" -type f | wc -l) + length))")
	[ "${t%_model}" = "$t" ] || plant=bounds
	if FUZZ_PLANT=$plant "$b/fuzz/$t" -runs=0 -artifact_prefix="$b/fuzz/$t.planted." "$seeds" \
		>"$log" 2>&1; then
		failed=1
		echo "FAIL  fuzz $t: the error planted ($plant) is not seen"
	fi
	rm -f "$b/fuzz/$t.planted."*
	if "$b/fuzz/$t" -runs=0 -timeout=60 "$seeds" >"$log" 2>&1 &&
		"${alike[@]}" "$b/fuzz/$t" "${limit[@]}" -timeout=60 -rss_limit_mb=3000 -max_len=2048 \
			-artifact_prefix="$b/fuzz/$t." -print_final_stats=1 "$new" "$seeds" >>"$log" 2>&1; then
		printf 'ok    fuzz %-17s %6s inputs, %s edges\n' "$t" \
			"$(awk '/number_of_executed_units/ {n = $2} END {print n + 0}' "$log")" \
			"$(grep -ao 'cov: [0-9]*' "$log" | tail -n 1 | cut -c6-)"
	else
		failed=1
		echo "FAIL  fuzz $t, see $log"
		tail -n 25 "$log" | sed 's/^/      | /'
	fi
	return $failed
}

share() { # first target, step: every step-th
	local failed=0
	for ((i = $1; i < ${#targets[@]}; i += $2)); do
		one "${targets[i]}" || failed=1
	done
	return $failed
}

targets=("$@") pids=() failed=0 cores=$(nproc)
for ((k = 0; k < cores; k++)); do
	share "$k" "$cores" &
	pids+=($!)
done
for p in "${pids[@]}"; do
	wait "$p" || failed=1
done
exit $failed
