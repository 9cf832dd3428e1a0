#!/usr/bin/env python3
"""Holds what gradus computes against PyTorch: values, gradients and gradients of gradients.

    tests/pytorch/compare.py PROGRAM    PROGRAM is build/release/bin/pytorch_cases

Runs itself again in a virtual environment with PyTorch, which it makes where there is none. Exits with 1 where anything
differs by more than rounding.
"""

import collections
import json
import pathlib
import struct
import subprocess
import sys
import tempfile
import warnings

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
TOLERANCE = 1e-11  # relative to the greatest entry, or to 1


def read(path):
    """Tensors by case, then by name; what each case is in PyTorch."""
    import torch

    data = path.read_bytes()
    (length,) = struct.unpack_from("<Q", data)
    header = json.loads(data[8:8 + length])
    expressions = header.pop("__metadata__")
    cases = collections.defaultdict(dict)
    for name, entry in header.items():
        begin, end = (8 + length + offset for offset in entry["data_offsets"])
        assert entry["dtype"] == "F64", name
        tensor = torch.frombuffer(bytearray(data[begin:end]), dtype=torch.float64).reshape(entry["shape"])
        case, what = name.split("/")
        cases[case][what] = tensor
    return cases, expressions


def by_pytorch(expression, tensors):
    """The same names, computed by PyTorch."""
    import torch

    def numbered(what):
        return [tensors[f"{what}{i}"] for i in range(sum(name.startswith(what) for name in tensors))]

    x = [t.clone().requires_grad_() for t in numbered("input")]
    # Statistics are none of what batch_norm differentiates.
    fixed = {1, 2} if "batch_norm(x[0], x[1]" in expression else set()
    given = [t.detach() if i in fixed else t for i, t in enumerate(x)]
    with warnings.catch_warnings():
        # Of speed: windows of even sizes with padding='same'.
        warnings.simplefilter("ignore")
        y = eval(expression, {"torch": torch, "F": torch.nn.functional, "x": given})
    result = {"value0": y}

    def gradients(scalar, of):
        if not scalar.requires_grad:
            return [torch.zeros_like(t) for t in of]
        found = torch.autograd.grad(scalar, of, create_graph=True, allow_unused=True)
        return [torch.zeros_like(t) if g is None else g for g, t in zip(found, of)]

    first = gradients((y * tensors["cotangent0"]).sum(), x)
    second = gradients(sum((g * w).sum() for g, w in zip(first, numbered("weights"))), x)
    for i in range(len(x)):
        result[f"gradient{i}"], result[f"second{i}"] = first[i], second[i]
    return result


def compare(path):
    cases, expressions = read(path)
    failures = count = 0
    worst = 0.0
    for case in sorted(cases):
        ours = cases[case]
        for what, theirs in by_pytorch(expressions[case], ours).items():
            theirs = theirs.detach()
            count += theirs.numel()
            if ours[what].shape != theirs.shape:
                print(f"{expressions[case]}: {what} has shape {list(ours[what].shape)}, PyTorch's {list(theirs.shape)}")
                failures += 1
                continue
            difference = float((ours[what] - theirs).abs().max() / max(1, float(theirs.abs().max())))
            worst = max(worst, difference)
            if not difference <= TOLERANCE:
                print(f"{expressions[case]}: {what} differs by {difference:.2g}")
                failures += 1
    print(f"{len(cases)} functions, {count} entries compared with PyTorch: {failures} differ; at most {worst:.1g}")
    return failures != 0 or not cases


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    try:
        import torch  # noqa: F401
    except ImportError:
        sys.path.insert(0, str(ROOT / "bench"))
        from peer import environment

        try:
            python = environment.python_with("pytorch")
        except environment.CannotInstall as reason:
            sys.exit(f"compare: PyTorch cannot be installed: {reason}")
        sys.exit(subprocess.run([python, __file__, sys.argv[1]]).returncode)
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "cases.safetensors"
        subprocess.run([sys.argv[1], path], check=True)
        sys.exit(compare(path))


if __name__ == "__main__":
    main()
