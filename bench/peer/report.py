"""What was measured, as Markdown."""

import datetime
import os
import pathlib
import platform
import statistics

AT_MOST, AT_LEAST = "at most", "at least"

# (title, over, under, at most or at least, bound): what issues 5 and 7 ask for, as a ratio of medians.
RATIOS = [
    ("784-30-10, mini-batches of 10", "gradus", "by hand", AT_MOST, 1.15),
    ("784-30-10, mini-batches of 10", "PyTorch", "gradus", AT_LEAST, 10),
    ("784-30-10, mini-batches of 10", "JAX, an epoch in one scan", "gradus", AT_LEAST, 2),
    ("784-100-10, mini-batches of 10", "gradus", "by hand", AT_MOST, 1.15),
    ("784-100-10, mini-batches of 10", "PyTorch", "gradus", AT_LEAST, 6),
    ("784-100-10, mini-batches of 128", "gradus", "by hand", AT_MOST, 1.15),
    ("784-100-10, mini-batches of 128", "PyTorch", "gradus", AT_LEAST, 1.8),
    ("convolutional network, mini-batches of 10", "PyTorch", "gradus", AT_LEAST, 2.5),
    ("convolutional network, mini-batches of 10", "PyTorch, 2 threads", "gradus, 2 threads", AT_LEAST, 2.5),
    ("convolutional network, mini-batches of 10", "gradus", "its convolutions in oneDNN", AT_MOST, 1.35),
    ("convolutional network, mini-batches of 128", "PyTorch", "gradus", AT_LEAST, 1.6),
    ("convolutional network, mini-batches of 128", "PyTorch, 2 threads", "gradus, 2 threads", AT_LEAST, 1.6),
    ("convolutional network, mini-batches of 128", "gradus", "its convolutions in oneDNN", AT_MOST, 1.35),
    ("convolutional network, inference, 1 image", "PyTorch", "gradus", AT_LEAST, 3),
    ("convolutional network, inference, 128 images", "PyTorch", "gradus", AT_LEAST, 1.5),
    ("ensemble of 5 convolutional networks", "gradus, 1 thread", "gradus, 2 threads", AT_LEAST, 1.7),
    ("random trees", "PyTorch, one look-up a leaf", "gradus", AT_LEAST, 20),
    ("random trees", "PyTorch, all leaves looked up at once", "gradus", AT_LEAST, 20),
    ("sequences of varying length", "PyTorch", "gradus", AT_LEAST, 8),
    ("ensemble of 8", "gradus, 1 thread", "gradus, 2 threads", AT_LEAST, 1.6),
    ("12 elementwise operations, 1e7 entries", "gradus", "by hand", AT_MOST, 1.3),
]
# (title, at most so many microseconds)
TIMES = [("record and look up, 60 nodes, a node", 0.05), ("plan anew, 1,000 nodes, a node", 5)]


def written(times, versions, rounds, seconds, load):
    medians = {(one.title, one.label): statistics.median(values) for one, values in times.items()}
    return "\n".join(
        [
            "# Results",
            "",
            f"{datetime.date.today()}, {processor()}, {os.cpu_count()} cores, busy with {load:.1f} programs before; "
            + ", ".join(f"{name} {version}" for name, version in versions.items())
            + f", Python {platform.python_version()}. Written by `bench/peers.py`.",
            "",
            f"Time of one training step in microseconds, as the median of {rounds} rounds of at least {seconds} s and the "
            "quartiles around it. All programs take their turns within each round; one thread unless the row says more. "
            "The last column is the median over gradus', or over the table's first row.",
            "",
            *tables(times, medians),
            "## Targets",
            "",
            *targets(medians),
            "",
        ]
    )


def processor():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":")[1].strip()
    return platform.machine()


def tables(times, medians):
    lines = []
    for title in dict.fromkeys(one.title for one in times):
        rows = [one for one in times if one.title == title]
        reference = medians[title, rows[0].label]
        lines += [f"## {title[0].upper()}{title[1:]}", "", "| | median | quartiles | ratio |", "|---|---|---|---|"]
        for one in rows:
            median = medians[title, one.label]
            low, _, high = statistics.quantiles(times[one], n=4, method="inclusive")
            lines.append(
                f"| {one.label} | {digits(median)} | {digits(low)} – {digits(high)} | {median / reference:.3g} |"
            )
        lines.append("")
    return lines


def targets(medians):
    lines = ["| case | target | measured | |", "|---|---|---|---|"]
    for title, over, under, direction, bound in RATIOS:
        if (title, over) in medians and (title, under) in medians:
            ratio = medians[title, over] / medians[title, under]
            met = ratio <= bound if direction == AT_MOST else ratio >= bound
            lines.append(f"| {title} | {over} over {under}: {direction} {bound} | {ratio:.2f} | {verdict(met)} |")
    for title, bound in TIMES:
        if (title, "gradus") in medians:
            measured = medians[title, "gradus"]
            lines.append(f"| {title} | at most {bound} µs | {digits(measured)} µs | {verdict(measured <= bound)} |")
    return lines


def verdict(met):
    return "met" if met else "missed"


def digits(number):
    return f"{number:,.0f}" if number >= 1000 else f"{number:.3g}"
