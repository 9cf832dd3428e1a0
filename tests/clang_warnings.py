#!/usr/bin/env python3
"""Compiles the files named on standard input as Clang would in a build folder, for its warnings alone:
clang_warnings.py BUILD. Precompiled headers are used where they are built."""

import concurrent.futures
import json
import os
import shlex
import subprocess
import sys


def read_commands(build):
    """The arguments of Clang for each file; one that two targets compile is compiled once."""
    commands = {}
    with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as database:
        for entry in json.load(database):
            words = shlex.split(entry["command"])
            compiler = next(i for i, word in enumerate(words) if os.path.basename(word).startswith("clang++"))
            commands[os.path.realpath(entry["file"])] = words[compiler:]
    return commands


def passes(build, command):
    result = subprocess.run([*command, "-fsyntax-only"], cwd=build, capture_output=True, text=True)
    sys.stdout.write(result.stdout + result.stderr)
    return result.returncode == 0


def main():
    build = sys.argv[1]
    commands = read_commands(build)
    wanted = [commands[path] for path in map(os.path.realpath, sys.stdin.read().split()) if path in commands]
    with concurrent.futures.ThreadPoolExecutor(len(os.sched_getaffinity(0))) as workers:
        results = list(workers.map(lambda command: passes(build, command), wanted))
    print(f"{sum(results)} of {len(results)} files without a warning of Clang")
    return 0 if results and all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
