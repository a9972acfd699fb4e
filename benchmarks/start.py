"""What a door costs: `import plogp` beside NumPy and its peers, `plogp --help`, in fresh processes that take turns."""

import subprocess
import sys
from pathlib import Path
from statistics import median

CHILD = """
import resource
def cpu():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return 1e3 * (used.ru_utime + used.ru_stime)
start = cpu(); {first}; middle = cpu(); {then}; print(middle - start, cpu() - middle)
"""
ROUNDS = 15
CONTESTANTS = {
    "numpy": ("pass", "import numpy"),
    "plogp, after numpy": ("import numpy", "import plogp"),
    "plogp.estimate and its table engines, after plogp": ("import plogp", "import plogp.estimate"),
    "scipy.stats, after numpy": ("import numpy", "import scipy.stats"),
    "sklearn.metrics, after numpy": ("import numpy", "import sklearn.metrics"),
    "plogp.cli (`plogp --help`)": ("pass", "import plogp.cli"),
}


def one(first: str, then: str) -> float:
    """Milliseconds of CPU that the second statement took in a new process."""
    code = CHILD.format(first=first, then=then)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return float(done.stdout.split()[1])


def help_() -> float:
    """Milliseconds of CPU of the whole of `plogp --help`."""
    plogp = Path(sys.executable).parent / "plogp"
    code = (
        f"import resource, subprocess; subprocess.run([{str(plogp)!r}, '--help'], stdout=subprocess.DEVNULL);"
        "u = resource.getrusage(resource.RUSAGE_CHILDREN); print(1e3 * (u.ru_utime + u.ru_stime))"
    )
    return float(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout)


def main() -> None:
    """A Markdown table of CPU milliseconds."""
    taken: dict[str, list[float]] = {name: [] for name in (*CONTESTANTS, "plogp --help, the whole process")}
    for _ in range(ROUNDS):
        for name, statements in CONTESTANTS.items():
            taken[name].append(one(*statements))
        taken["plogp --help, the whole process"].append(help_())
    print("| import | least CPU ms | median CPU ms |\n|---|---|---|")
    for name, ms in taken.items():
        print(f"| {name} | {min(ms):.0f} | {median(ms):.0f} |")


if __name__ == "__main__":
    main()
