"""What is measured: gradus' benchmarks and the peers' workers, behind one question."""

import json
import pathlib
import re
import subprocess


class CannotMeasure(Exception):
    pass


class Benchmarks:
    """The C++ program, which holds gradus' cases and those by hand."""

    TO_MICROSECONDS = {"ns": 1e-3, "us": 1, "ms": 1e3, "s": 1e6}

    def __init__(self, program):
        self.program = program
        self.version = commit()

    def microseconds(self, case, seconds):
        command = [self.program, f"--benchmark_filter=^{re.escape(case)}$", f"--benchmark_min_time={seconds}"]
        command += ["--benchmark_min_warmup_time=0.1", "--benchmark_format=json"]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0 or not done.stdout.startswith("{"):
            raise CannotMeasure("no such case" if "match" in done.stdout + done.stderr else f"status {done.returncode}")
        result = json.loads(done.stdout)["benchmarks"][0]
        if result.get("error_occurred"):
            raise CannotMeasure(result["error_message"])
        # The counter says nanoseconds and is in seconds, as Google Benchmark counts rates.
        if "ns_per_node" in result:
            return result["ns_per_node"] * 1e6
        return result["real_time"] * self.TO_MICROSECONDS[result["time_unit"]]


def commit():
    here = pathlib.Path(__file__).parent
    done = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=here, capture_output=True, text=True)
    return done.stdout.strip() or "unknown"


class Peer:
    """A library's worker, which lives from the first question to the end."""

    def __init__(self, python, name):
        script = pathlib.Path(__file__).parent / f"{name}_cases.py"
        self.process = subprocess.Popen(
            [python, "-B", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        self.version = self.read()["version"]

    def microseconds(self, case, seconds):
        try:
            print(json.dumps({"case": case, "seconds": seconds}), file=self.process.stdin, flush=True)
        except BrokenPipeError:
            raise CannotMeasure("its process ended") from None
        return self.read()["microseconds"]

    def read(self):
        line = self.process.stdout.readline()
        if not line:
            raise CannotMeasure("its process ended")
        reply = json.loads(line)
        if "error" in reply:
            raise CannotMeasure(reply["error"])
        return reply
