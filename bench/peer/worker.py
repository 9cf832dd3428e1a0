"""A peer as a process of its own: it is told a case on standard input and answers how long one step takes."""

import json
import sys
import time


def seconds_of(step, count):
    start = time.perf_counter()
    for _ in range(count):
        step()
    return time.perf_counter() - start


def microseconds(step, seconds):
    """Mean time of one step over at least so many seconds, in runs long enough not to measure the clock."""
    step()
    count = max(1, int(0.02 / max(seconds_of(step, 3) / 3, 1e-7)))
    spent = steps = 0
    while spent < seconds:
        spent += seconds_of(step, count)
        steps += count
    return spent / steps * 1e6


def serve(version, cases):
    """cases: name → function that makes (step, how many training steps one call takes)."""
    made = {}
    answer({"version": version, "cases": list(cases)})
    for line in sys.stdin:
        request = json.loads(line)
        name = request["case"]
        try:
            if name not in made:
                made[name] = cases[name]()
            step, steps = made[name]
            answer({"microseconds": microseconds(step, request["seconds"]) / steps})
        except Exception as error:  # whatever a peer fails of, the others go on
            answer({"error": f"{type(error).__name__}: {error}".splitlines()[0]})


def answer(reply):
    print(json.dumps(reply), flush=True)
