#!/usr/bin/env python3
"""Runs what the chapters' programs can do, one experiment after another, and writes down what came out beside the book.

    examples/book.py [--quick] [--seed N] [CHAPTER | CHAPTER/EXPERIMENT]...

A full run writes docs/book/results.md, its pictures and its records; with names, only those are run anew and the rest
stays. Experiments of more than ten minutes are run where they are named themselves (chapter6/double-fc-dropout), and go
on where they were stopped. A quick run looks at everything for a moment and writes into build/book/.
"""

import argparse
import collections
import concurrent.futures
import json
import os
import pathlib
import platform
import shutil
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import book_page

ROOT = pathlib.Path(__file__).resolve().parent.parent
SCRATCH = ROOT / "build/book"

LONGEST = 600  # seconds; what takes longer has to be named

Experiment = collections.namedtuple("Experiment", "chapter name description published seconds")


def read_records(path):
    with open(path, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def experiments_of(program):
    chapter = program.name
    records = SCRATCH / f"{chapter}.jsonl"
    subprocess.run([program, "--list", "--metrics", records], check=True, stdout=subprocess.DEVNULL)
    return [
        Experiment(chapter, record["name"], record["description"], record["published"], record["seconds"])
        for record in read_records(records)
    ]


def chosen(experiments, names, quick):
    """Those that are named, or all, without long ones; SystemExit where a name is none."""
    result = [
        e for e in experiments
        if f"{e.chapter}/{e.name}" in names
        or (not names or e.chapter in names) and (quick or e.seconds <= LONGEST)
    ]
    known = {e.chapter for e in experiments} | {f"{e.chapter}/{e.name}" for e in experiments}
    for name in names:
        if name not in known:
            sys.exit(f"book: there is no '{name}'; say a chapter or one of its experiments, as in chapter3/overfitting")
    return result


def keep_small(pictures):
    """Of the two kinds of files .png, which shows everywhere, in as many colours as it takes."""
    for drawing in pictures.glob("*.svg"):
        drawing.unlink()
    drawn = sorted(pictures.glob("*.png"))
    if drawn:
        subprocess.run(["pngquant", "--force", "--ext", ".png", "64", *drawn], check=True)


def run(experiment, programs, folder, seed, quick):
    """What came out, as a record for the page. What takes long goes on where it was stopped."""
    pictures = folder / "pictures" / experiment.chapter / experiment.name
    metrics = SCRATCH / f"{experiment.chapter}-{experiment.name}.jsonl"
    options = ["--experiment", experiment.name, "--seed", str(seed)] + (["--quick"] if quick else [])
    resume = ["--resume"] if not quick and experiment.seconds > LONGEST and metrics.exists() else []
    if not resume:
        shutil.rmtree(pictures, ignore_errors=True)
    # Quick ones run side by side: one thread each, with the same results.
    environment = {**os.environ, "GRADUS_THREADS": "1"} if quick else None
    start = time.monotonic()
    done = subprocess.run(
        [programs / experiment.chapter, *options, *resume, "--plots", pictures, "--metrics", metrics],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment,
    )
    seconds = time.monotonic() - start
    records = read_records(metrics) if metrics.exists() else []
    metrics.unlink(missing_ok=True)
    if resume:  # epochs of earlier sittings too
        seconds = max(seconds, sum(record["seconds"] for record in records if record["record"] == "epoch"))
    keep_small(pictures)
    return {
        **experiment._asdict(),
        "command": f"./dev chapter {experiment.chapter.removeprefix('chapter')} " + " ".join(options),
        "seed": seed,
        "measured_seconds": round(seconds, 1),
        "output": done.stdout,
        "failure": None if done.returncode == 0 else (done.stderr.strip() or f"exit status {done.returncode}"),
        "figures": [r for r in records if r["record"] in ("finding", "summary")],
        "pictures": sorted(str(picture.relative_to(folder)) for picture in pictures.glob("*.png")),
    }


def report(result, count, total):
    verdict = "failed: " + result["failure"] if result["failure"] else book_page.verdict_of(result)
    name, seconds = f"{result['chapter']}/{result['name']}", result["measured_seconds"]
    print(f"[{count}/{total}] {name}: {verdict}, {seconds:.1f} s", flush=True)


def run_all(experiments, programs, folder, seed, quick):
    """One after another, so that each has the machine; quick ones side by side."""
    results = []
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() if quick else 1) as pool:
        for result in pool.map(lambda experiment: run(experiment, programs, folder, seed, quick), experiments):
            results.append(result)
            report(result, len(results), len(experiments))
    return results


def machine():
    model = platform.processor() or platform.machine()
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines() if os.path.exists("/proc/cpuinfo") else []:
        if line.startswith("model name"):
            model = line.split(":", 1)[1].strip()
            break
    return f"{len(os.sched_getaffinity(0))} cores, {model}"


def in_words(seconds):
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="chapter3, or chapter3/overfitting; none: everything")
    parser.add_argument("--quick", action="store_true", help="a moment each, into build/book/")
    parser.add_argument("--seed", type=int, default=1, help="what all randomness starts from (1)")
    built = ROOT / "build/release/bin"
    parser.add_argument("--programs", type=pathlib.Path, default=built, help="where they are built")
    arguments = parser.parse_args()

    folder = ROOT / ("build/book" if arguments.quick else "docs/book")
    folder.mkdir(parents=True, exist_ok=True)
    SCRATCH.mkdir(parents=True, exist_ok=True)
    programs = sorted(arguments.programs.glob("chapter?"))
    everything = [experiment for program in programs for experiment in experiments_of(program)]
    todo = chosen(everything, arguments.names, arguments.quick)
    cost = sum(experiment.seconds for experiment in todo)
    print(f"{len(todo)} experiments; " + ("a moment each" if arguments.quick else f"about {in_words(cost)} on two cores"))

    long = [e for e in everything if e.seconds > LONGEST and e not in todo]
    if long and not arguments.names:
        print("left as they are, for they take long: " + ", ".join(f"{e.chapter}/{e.name}" for e in long))

    start = time.monotonic()
    records = folder / "results.json"
    known = json.loads(records.read_text()) if records.exists() else {}
    for result in run_all(todo, arguments.programs, folder, arguments.seed, arguments.quick):
        known[f"{result['chapter']}/{result['name']}"] = {**result, "machine": machine()}
    names = [f"{experiment.chapter}/{experiment.name}" for experiment in everything]
    ordered = {name: known[name] for name in names if name in known}
    records.write_text(json.dumps(ordered, ensure_ascii=False, indent=1) + "\n")
    page = folder / "results.md"
    page.write_text(book_page.text(list(ordered.values())))
    print(f"{in_words(time.monotonic() - start)}; see {page.relative_to(ROOT)}")
    return 1 if any(result["failure"] for result in ordered.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
