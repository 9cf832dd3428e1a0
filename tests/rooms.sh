#!/bin/sh
# The rules of the house that no compiler checks: includes point one way, files stay short, names say something.
set -eu
cd "$(dirname "$0")/.."
folders='graph ops optim datasets formats gradus examples tests bench docs cmake'
report=$(mktemp)
trap 'rm -f "$report"' EXIT

# room FOLDER ALLOWED…: files of the folder include no other rooms of gradus.
room() {
  folder=$1
  allowed=$(echo "$@" | tr ' ' '|')
  grep -rnE --include='*.cpp' --include='*.h' '#include [<"]gradus/' "$folder" |
    grep -vE "[<\"]gradus/($allowed)/" |
    while read -r line; do echo "$line: $folder/ may include only $*"; done
}

{
  room graph
  room ops graph
  room optim ops formats graph
  room datasets ops graph
  room formats graph
  find $folders -name '*.cpp' -o -name '*.h' | while read -r file; do
    lines=$(wc -l <"$file")
    if [ "$lines" -gt 500 ]; then echo "$file: $lines lines, more than 500"; fi
  done
  find $folders | grep -E '(/|_)(utils?|common|misc|helpers?)([_.]|$)' |
    while read -r path; do echo "$path: a name that says nothing"; done
} >"$report"

cat "$report"
[ ! -s "$report" ]
