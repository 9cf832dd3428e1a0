#!/bin/bash
# A hello-world file must compile in under 2 s and 400 MB, and see nothing of the libraries behind gradus:
# compile_budget.sh INCLUDE_FOLDER
set -eu
hello=$(dirname "$0")/hello/hello.cpp
compile=(g++ -std=c++20 -O2 -I "$1" "$hello")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# Processor time, and the best of three: what else the machine does can only add.
best=
for _ in 1 2 3; do
  /usr/bin/time -f '%U %S %M' -o "$scratch/cost" "${compile[@]}" -c -o "$scratch/hello.o"
  read -r user system kilobytes <"$scratch/cost"
  seconds=$(awk "BEGIN { print $user + $system }")
  if [ -z "$best" ] || awk "BEGIN { exit !($seconds < $best) }"; then best=$seconds; fi
done
echo "hello.cpp: $best s, $((kilobytes / 1024)) MB (allowed: 2 s, 400 MB)"
awk "BEGIN { exit !($best < 2 && $kilobytes < 400 * 1024) }"

if "${compile[@]}" -M | tr ' ' '\n' | grep -E '/(boost|tbb|oneapi|eigen3|Eigen|fmt|nlohmann)/|dnnl|omp\.h'; then
  echo "gradus.h must not bring these headers"
  exit 1
fi
