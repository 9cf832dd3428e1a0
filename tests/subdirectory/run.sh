#!/bin/sh
# Configures a project that adds gradus as a subdirectory, compiles and links its program: run.sh BUILD COMPILER
# Linked with the library that was built already: it comes from the same CMakeLists.txt, and takes minutes.
set -eu
here=$(dirname "$0")
build=$(cd "$1" && pwd)
work=$build/tests/subdirectory_project
rm -rf "$work"
cmake -S "$here" -B "$work" -G Ninja -DCMAKE_CXX_COMPILER="$2" -DCMAKE_BUILD_TYPE=None
cmake --build "$work" --target hello_objects
ln -s "$build"/lib/libgradus.so* "$work/gradus/"
cd "$work"
ninja -t commands hello | tail -n 1 >link.sh
sh -eu link.sh
ldd hello | grep -q "$work/gradus/libgradus"
