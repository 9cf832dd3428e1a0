#!/bin/sh
# Builds a project that adds gradus as a subdirectory: run.sh BUILD COMPILER
# Without precompiled headers, so that it also shows that every source includes what it uses; without optimisation, for time.
set -eu
work=$1/tests/subdirectory_project
cmake -S "$(dirname "$0")" -B "$work" -G Ninja -DCMAKE_CXX_COMPILER="$2" -DCMAKE_BUILD_TYPE=None \
  -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON -DGRADUS_NATIVE=OFF \
  -DCMAKE_CXX_COMPILER_LAUNCHER="$(command -v ccache || true)"
cmake --build "$work"
