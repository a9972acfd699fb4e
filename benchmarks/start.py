"""What a door costs: `import plogp` beside NumPy and its peers, `plogp --help`, in fresh processes that take turns.

Modules are compiled to bytecode before the first round that counts, as they are where pip has installed them; a
machine that forbids bytecode (PYTHONDONTWRITEBYTECODE) would time the compiler instead. Only the importing thread
counts: the BLAS that NumPy loads has threads of its own, which spin.
"""

import os
import subprocess
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

CHILD = """
import resource
def cpu():
    used = resource.getrusage(resource.RUSAGE_THREAD)
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


def one(first: str, then: str, environment: dict[str, str]) -> float:
    """Milliseconds of CPU that the second statement took in a new process."""
    code = CHILD.format(first=first, then=then)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    return float(done.stdout.split()[1])


def help_(environment: dict[str, str]) -> float:
    """Milliseconds of CPU of the whole of `plogp --help`."""
    plogp = Path(sys.executable).parent / "plogp"
    code = (
        f"import resource, subprocess; subprocess.run([{str(plogp)!r}, '--help'], stdout=subprocess.DEVNULL);"
        "u = resource.getrusage(resource.RUSAGE_CHILDREN); print(1e3 * (u.ru_utime + u.ru_stime))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    return float(done.stdout)


def main() -> None:
    """A Markdown table of CPU milliseconds; the first round, which compiles, doesn't count."""
    taken: dict[str, list[float]] = {name: [] for name in (*CONTESTANTS, "plogp --help, the whole process")}
    with TemporaryDirectory() as compiled:
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        environment |= {"PYTHONPYCACHEPREFIX": compiled, "OPENBLAS_NUM_THREADS": "1"}
        for _ in range(1 + ROUNDS):
            for name, statements in CONTESTANTS.items():
                taken[name].append(one(*statements, environment))
            taken["plogp --help, the whole process"].append(help_(environment))
    print("| import | least CPU ms | median CPU ms |\n|---|---|---|")
    for name, ms in taken.items():
        print(f"| {name} | {min(ms[1:]):.0f} | {median(ms[1:]):.0f} |")


if __name__ == "__main__":
    main()
