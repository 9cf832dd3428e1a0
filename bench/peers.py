#!/usr/bin/env python3
"""Runs gradus, the steps written by hand and other libraries in turn on the same work, and writes down how they compare.

    bench/peers.py [--quick] [--only WORD] [--bench build/release/bin/bench] [--output bench/RESULTS.md]

Every round measures each program on each case for a moment, so that what disturbs the machine disturbs all of them.
The other libraries are installed, in pinned versions, into a virtual environment in the user's cache.
"""

import argparse
import collections
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "peer"))
import environment
import programs
import report

Series = collections.namedtuple("Series", "title label program case")


def mlp_series(hidden, batch):
    title, case = f"784-{hidden}-10, mini-batches of {batch}", f"mlp {hidden}/{batch}"
    sizes = f"hidden:{hidden}/batch:{batch}"
    return [
        Series(title, "gradus", "gradus", f"mlp_step/{sizes}"),
        Series(title, "by hand", "gradus", f"mlp_step_by_hand/{sizes}"),
        Series(title, "PyTorch", "pytorch", case),
        Series(title, "PyTorch, torch.compile", "pytorch", f"{case}, compiled"),
        Series(title, "JAX, a jit a step", "jax", case),
        Series(title, "JAX, an epoch in one scan", "jax", f"{case}, epoch"),
    ]


def cnn_series(batch):
    title = f"convolutional network, mini-batches of {batch}"
    case = f"cnn_step/batch:{batch}/threads"
    return [
        Series(title, "gradus", "gradus", f"{case}:1/real_time"),
        Series(title, "gradus, 2 threads", "gradus", f"{case}:2/real_time"),
        Series(title, "its convolutions in oneDNN", "gradus", f"cnn_convolutions_by_onednn/batch:{batch}"),
        Series(title, "PyTorch", "pytorch", f"cnn {batch}, 1 thread"),
        Series(title, "PyTorch, 2 threads", "pytorch", f"cnn {batch}, 2 threads"),
        Series(title, "PyTorch, torch.compile", "pytorch", f"cnn {batch}, 1 thread, compiled"),
    ]


def inference_series(batch):
    title = f"convolutional network, inference, {batch} image" + "s" * (batch > 1)
    return [
        Series(title, "gradus", "gradus", f"cnn_inference/batch:{batch}"),
        Series(title, "PyTorch", "pytorch", f"cnn inference {batch}"),
    ]


def all_series():
    ensemble, tree, sequence = "ensemble of 8", "random trees", "sequences of varying length"
    elementwise = "12 elementwise operations, 1e7 entries"
    return [
        *mlp_series(30, 10),
        *mlp_series(100, 10),
        *mlp_series(100, 128),
        *cnn_series(10),
        *cnn_series(128),
        *inference_series(1),
        *inference_series(128),
        Series("ensemble of 5 convolutional networks", "gradus, 2 threads", "gradus", "cnn_ensemble/threads:2/real_time"),
        Series("ensemble of 5 convolutional networks", "gradus, 1 thread", "gradus", "cnn_ensemble/threads:1/real_time"),
        Series(ensemble, "gradus, 2 threads", "gradus", "ensemble/members:8/threads:2/real_time"),
        Series(ensemble, "gradus, 1 thread", "gradus", "ensemble/members:8/threads:1/real_time"),
        Series(ensemble, "PyTorch, 2 threads", "pytorch", "ensemble, 2 threads"),
        Series(ensemble, "PyTorch, 1 thread", "pytorch", "ensemble, 1 thread"),
        Series(tree, "gradus", "gradus", "tree/leaves:50/width:50"),
        Series(tree, "by hand", "gradus", "tree_by_hand/leaves:50/width:50"),
        Series(tree, "PyTorch, all leaves looked up at once", "pytorch", "tree"),
        Series(tree, "PyTorch, one look-up a leaf", "pytorch", "tree, one look-up a leaf"),
        Series(sequence, "gradus", "gradus", "sequence/hidden:64"),
        Series(sequence, "by hand", "gradus", "sequence_by_hand/hidden:64"),
        Series(sequence, "PyTorch", "pytorch", "sequence"),
        Series("record and look up, 60 nodes, a node", "gradus", "gradus", "record_and_look_up/nodes:60"),
        Series("plan anew, 1,000 nodes, a node", "gradus", "gradus", "cold_plan/nodes:1000"),
        Series(elementwise, "gradus", "gradus", "elementwise_chain"),
        Series(elementwise, "by hand", "gradus", "elementwise_chain_by_hand"),
    ]


def measure(series, running, rounds, seconds):
    """Microseconds a step, one list a series; those that fail once are left out from then on."""
    times = {one: [] for one in series}
    for _ in range(rounds):
        for one in list(times):
            try:
                times[one].append(running[one.program].microseconds(one.case, seconds))
            except programs.CannotMeasure as error:
                print(f"left out: {one.title}: {one.label}: {error}", file=sys.stderr)
                del times[one]
    return times


def start_programs(bench):
    running = {"gradus": programs.Benchmarks(bench)}
    for name in environment.PEERS:
        try:
            running[name] = programs.Peer(environment.python_with(name), name)
        except (environment.CannotInstall, programs.CannotMeasure) as error:
            print(f"left out: {name}: {error}", file=sys.stderr)
    return running


def main():
    here = pathlib.Path(__file__).parent
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="few rounds, and nothing that takes long to compile")
    parser.add_argument("--bench", type=pathlib.Path, default=here.parent / "build/release/bin/bench")
    parser.add_argument("--output", type=pathlib.Path, default=here / "RESULTS.md")
    parser.add_argument("--only", default="", help="the cases with this word in their title")
    options = parser.parse_args()
    rounds, seconds = (3, 0.05) if options.quick else (15, 0.2)

    load = os.getloadavg()[0]
    running = start_programs(options.bench)
    series = [one for one in all_series() if one.program in running and options.only in one.title]
    if options.quick:
        series = [one for one in series if "torch.compile" not in one.label]
    times = measure(series, running, rounds, seconds)
    versions = {name: program.version for name, program in running.items()}
    text = report.written(times, versions, rounds, seconds, load)
    options.output.write_text(text)
    print(text)


if __name__ == "__main__":
    main()
