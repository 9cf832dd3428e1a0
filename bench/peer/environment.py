"""A virtual environment with the other libraries."""

import os
import pathlib
import subprocess
import sys

PEERS = {
    "pytorch": ["torch==2.13.0+cpu", "numpy"],
    "jax": ["jax==0.10.2", "jaxlib==0.10.2", "numpy"],
}
# Here are the builds without CUDA, which would be gigabytes.
PYTORCH_INDEX = "https://download.pytorch.org/whl/cpu"


class CannotInstall(Exception):
    pass


def python_with(peer):
    """The environment's interpreter, once the peer can be imported there."""
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
    folder = cache / "gradus" / "peers"
    python = folder / "bin" / "python"
    if not python.exists():
        run([sys.executable, "-m", "venv", str(folder)])
    if not has(python, PEERS[peer]):
        print(f"installing {' '.join(PEERS[peer])} into {folder}", file=sys.stderr)
        index = ["--extra-index-url", PYTORCH_INDEX] if peer == "pytorch" else []
        run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *index, *PEERS[peer]])
    return python


def has(python, requirements):
    wanted = dict(requirement.split("==") for requirement in requirements if "==" in requirement)
    check = f"from importlib.metadata import version\nassert all(version(k) == v for k, v in {wanted}.items())"
    return subprocess.run([python, "-c", check], capture_output=True).returncode == 0


def run(command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines() or [f"{command[0]} failed"]
        raise CannotInstall(lines[-1])
