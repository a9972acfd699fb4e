"""Run every timing benchmark, each in a process of its own, and write `benchmarks/RESULTS.md`.

python -m benchmarks                 all of them
python -m benchmarks pmf counting    some of them; the others keep their place in the file
python -m benchmarks accuracy_continuous    one of those that take an hour, which run only if they are named
"""

import platform
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

JOBS = (
    "pmf",
    "losses",
    "frameworks",
    "counting",
    "frames",
    "pairs",
    "speed",
    "densities",
    "text",
    "senses",
    "report",
    "start",
)
LONG = ("accuracy_continuous",)
RESULTS = Path(__file__).parent / "RESULTS.md"
HEAD = """# Results

Written by `python -m benchmarks`. Absolute times mean nothing on another machine, and this one is shared and noisy:
quote the ratios, which come from interleaved runs in one process. "times plogp" is a peer's least wall time over ours.
Accuracy and coverage of counted estimates are measured by `python -m benchmarks.accuracy`; see docs/uncertainty.md.

"""


def run(job: str) -> str:
    """What one benchmark printed, under a heading with the versions that it ran on."""
    done = subprocess.run([sys.executable, "-m", f"benchmarks.{job}"], stdout=subprocess.PIPE, text=True, check=True)
    packages = ("numpy", "scipy", "numba", "torch", "scikit-learn", "polars", "duckdb")
    versions = ", ".join(f"{name} {version(name)}" for name in packages)
    return (
        f"## {job}\n\nPython {platform.python_version()}, {versions}; {platform.machine()}.\n\n{done.stdout.strip()}\n"
    )


def main() -> None:
    """Run the jobs named, and keep what stood there of the others."""
    text = RESULTS.read_text() if RESULTS.exists() else ""
    sections = {
        m[1]: m[0].rstrip() + "\n" for m in re.finditer(r"^## (\w+)\n.*?(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    }
    for job in sys.argv[1:] or JOBS:
        print(f"running {job} …", file=sys.stderr)
        sections[job] = run(job)
        beside = RESULTS.with_suffix(".new")  # after each, so that a run cut short keeps what it has
        beside.write_text(HEAD + "\n".join(sections[job] for job in (*JOBS, *LONG) if job in sections))
        beside.replace(RESULTS)


if __name__ == "__main__":
    main()
