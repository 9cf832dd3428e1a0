#!/bin/sh
# Installs the build tree, then builds and runs a separate project against it: run.sh BUILD COMPILER
set -eu
here=$(dirname "$0")
work=$(cd "$1" && pwd)/tests/install_project
rm -rf "$work"
cmake --install "$1" --prefix "$work/installed" >/dev/null
cmake -S "$here" -B "$work/build" -G Ninja -DCMAKE_CXX_COMPILER="$2" -DCMAKE_BUILD_TYPE=Release \
  -DCMAKE_PREFIX_PATH="$work/installed"
cmake --build "$work/build"
cd "$work/build"
./custom_model --quick
