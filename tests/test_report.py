"""The report: its numbers are plogp's, its words are harmless, and a browser finds nothing to complain of."""

import errno
import json
import os
import re
from html.parser import HTMLParser
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from browser import chromium
from click.testing import CliRunner

import plogp as pp
from plogp.cli import main
from plogp.errors import BadTable, EngineFailure, InvalidType, InvalidValue, UnknownName
from plogp.files import open_table
from plogp.result import fixed

PENGUINS = str(Path(__file__).parent.parent / "examples" / "penguins.csv")
HOSTILE = [
    "<script>alert(1)</script>", "</script><img src=x onerror=alert(2)>", "{{ 7 * 7 }}", "quote ' \" `tick`",
    "🐧 émoji", "a" * 10_000, "\u202ebidi\x00nul", "${data}", "-->", "&amp;",
]  # fmt: skip


def table(n=300, seed=0):
    """Three columns that share, one that copies, one that doesn't, and gaps."""
    rng = np.random.default_rng(seed)
    x = rng.integers(0, 3, n)
    y = np.where(rng.random(n) < 0.7, x, rng.integers(0, 3, n))
    z = np.where(rng.random(n) < 0.5, x, rng.integers(0, 4, n))
    gaps = [None if i % 10 == 0 else str(v) for i, v in enumerate(z)]
    return {"x": x, "noise": rng.integers(0, 5, n), "y": y, "gaps": gaps, "copy": [f"<{v}>" for v in y]}


def written(tmp_path, source, target=None, **choices):
    """The page, and the JSON in it."""
    html = pp.report(source, target, tmp_path / "report.html", **choices).read_text(encoding="utf-8")
    [data] = re.findall(r'<script type="application/json" id="data">(.*?)</script>', html, re.DOTALL)
    return html, json.loads(data)


class Elements(HTMLParser):
    """The tags of a page in their order, their attributes, and its texts."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.attributes, self.texts = [], [], []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += attributes

    def handle_data(self, data):
        self.texts.append(data)


# ---- the numbers -----------------------------------------------------------------------------------------------------


def test_columns_and_pairs_are_those_of_measure(tmp_path):
    source = table()
    html, data = written(tmp_path, source)
    assert (data["rows"], data["target"], data["ranking"]) == (300, None, [])
    assert 'Estimated by Chao-Wang-Jost, Independence-Shrinkage: <a href="#how">why</a>' in html
    for column in data["columns"]:
        assert column["entropy"] == pp.measure(f"H({column['name']})", source).to_dict()
        assert sum(n for _, n in column["bars"]) + column["others"] + column["missing"] == 300
    names, matrix = data["matrix"]["quoted"], data["matrix"]
    assert sorted(names) == sorted(source)
    for i, j in combinations(range(5), 2):
        result = pp.measure(f"I({names[i]};{names[j]})", source)
        assert matrix["values"][i][j] == matrix["values"][j][i] == pytest.approx(float(result), rel=1e-5)
        assert matrix["p_values"][i][j] == pytest.approx(result.p_value, rel=1e-5)
    assert abs(names.index("y") - names.index("copy")) == 1
    assert matrix["tree"][0][2] == pytest.approx(0, abs=1e-3)


def test_the_ranking_is_that_of_rank_and_a_copy_adds_nothing(tmp_path):
    source = table()
    html, data = written(tmp_path, source, "x", unit="nats", confidence=0.9)
    assert data["ranking"] == pp.rank(source, "x", unit="nats", confidence=0.9, continuous="bins").to_dicts()
    first, second = data["ranking"][:2]
    assert {first["column"], second["column"]} == {"y", "copy"}
    assert second["adds"] == pytest.approx(0, abs=1e-9)
    best = (
        f"{first['column']} tells most of x: {100 * first['value'] / pp.measure('H(x)', source, unit='nats').value:.0f}"
    )
    assert best in html


def test_continuous_columns_are_compared_in_bins_and_shown_in_ranges_wherever_they_are(tmp_path):
    rng = np.random.default_rng(5)
    x = rng.normal(size=2000)
    x[:7] = np.nan
    source = {"x": x, "sign": np.where(x > 0, "+", "-"), "flat": np.full(2000, 0.5)}
    html, data = written(tmp_path, source, "sign")
    [weight, _, flat] = data["columns"]
    assert weight["entropy"] == pp.measure("H(x)", source).to_dict()
    assert (weight["outcomes"], weight["missing"], len(weight["bars"])) == (None, 7, 16)
    heights, edges = np.histogram(x[7:], 16)
    assert [n for _, n in weight["bars"]] == heights.tolist()
    assert weight["bars"][3][0] == f"{edges[3]:.4g} to {edges[4]:.4g}"
    assert flat["bars"] == [["0.5", 2000]]
    assert data["left_out"]["flat"].startswith("constant")
    assert data["ranking"][0]["share"] > 0.9
    assert "in quantile bins" in html
    assert "continuous columns are cut into quantile bins" in html
    import duckdb
    import polars

    frame = polars.DataFrame(source).with_columns(polars.col("x").fill_nan(None))
    with duckdb.connect() as connection:
        held = frame.to_arrow()
        for lazy_frame in (connection.from_arrow(held), frame.lazy()):
            _, lazy = written(tmp_path, lazy_frame, "sign")
            for column, there in zip(lazy["columns"], data["columns"], strict=True):
                assert (column["bars"], column["missing"]) == (there["bars"], there["missing"])
                assert column["entropy"]["value"] == there["entropy"]["value"]
            assert lazy["ranking"][0]["value"] == pytest.approx(data["ranking"][0]["value"])


def test_every_line_of_python_gives_the_number_beside_it(tmp_path):
    source = {"x y": table()["x"], **table(), "constant": ["k"] * 300}
    html, data = written(tmp_path, source, "x y", unit="nats", kinds={"noise": "discrete"})
    rows = re.findall(r"<tr>(?:(?!<tr>).)*?class=\"line\".*?</tr>|<article>.*?</article>", html, re.DOTALL)
    assert len(rows) == 5 + 7 + 7
    names = {"pp": pp, "table": source}
    for row in rows:
        texts = "".join(Elements(row).texts)
        [line] = re.findall(r"pp\.measure\('.*?'nats'.*?\}\)", texts)
        result = eval(line, names)
        [*_, digits] = re.findall(r"\d\.(\d+) to", texts)
        assert fixed(float(result), len(digits)).replace("-", "−") in texts.replace(line, "")
    assert html.count('<th scope="col" class="n">nats</th>') == 2
    whole = "".join(Elements(html).texts)
    [ranking] = re.findall(r"pp\.rank\(.*?\}\)", whole)
    assert eval(ranking, names).to_dicts() == data["ranking"]
    [matrix] = re.findall(r"pp\.mutual_information_matrix\(.*?\}\)", whole)
    assert np.asarray(eval(matrix, names)) == pytest.approx(np.array(data["matrix"]["values"]), rel=1e-5)


def test_the_line_beside_a_continuous_column_gives_its_place_in_the_ranking(tmp_path):
    x = np.random.default_rng(0).normal(size=500)
    source = {"x `y`": x, "sign": np.where(x > 0, "+", "-")}
    html, data = written(tmp_path, source, "sign", unit="nats")
    [line] = re.findall(r"pp\.rank\(table, 'sign', columns=.*?\.value", "".join(Elements(html).texts))
    assert eval(line, {"pp": pp, "table": source}) == pytest.approx(data["ranking"][0]["value"], rel=1e-12)


def test_a_region_that_is_negative_is_hatched_and_said_to_be(tmp_path):
    rng = np.random.default_rng(1)
    x, y = rng.integers(0, 2, (2, 500))
    html, data = written(tmp_path, {"x": x, "y": y, "z": x ^ y}, "z")
    centre = data["diagram"][-1]
    assert centre["formula"] in {"I(z;x;y)", "I(z;y;x)"}
    assert centre["value"] < -0.9
    assert "Hatched is a region that is negative" in html
    assert html.count("url(#hatch)") == 2 * sum(region["value"] < 0 for region in data["diagram"])
    tame, _ = written(tmp_path, {"x": x, "y": x}, "x")
    assert "url(#hatch)" not in tame
    assert "Areas are to scale." in tame


def test_numbers_of_many_levels_are_shown_in_ranges(tmp_path):
    _, data = written(tmp_path, {"x": np.arange(1000) // 2, "y": np.arange(1000) % 2})
    bars = data["columns"][0]["bars"]
    assert len(bars) == 16
    assert bars[0][0] == "0 to 31.19"
    assert sum(n for _, n in bars) == 1000


# ---- what may come ---------------------------------------------------------------------------------------------------


def test_hostile_names_and_values_are_only_text(tmp_path):
    tame = {f"c{i}": table(seed=i)["x"] for i in range(len(HOSTILE))}
    values = [f"<b onclick=alert(3)>{v}" for v in table()["x"]]
    hostile = dict(zip(HOSTILE, tame.values(), strict=True)) | {HOSTILE[0]: values}
    html, data = written(tmp_path, hostile, HOSTILE[0], title="</title><script>alert(4)</script>")
    plain, _ = written(tmp_path, tame, "c0")
    parsed = Elements(html)
    assert sorted(set(parsed.tags)) == sorted(set(Elements(plain).tags))
    assert parsed.tags.count("script") == 2
    assert not [name for name, _ in parsed.attributes if name.startswith("on") or name == "src"]
    assert [column["name"] for column in data["columns"]] == HOSTILE
    assert "{{ 7 * 7 }}" in html
    assert "\u202e" not in html
    assert "\x00" not in html


def test_the_page_asks_no_address_for_anything(tmp_path):
    html, _ = written(tmp_path, table(), "x")
    assert "http:" not in html
    assert "https:" not in html
    for name, value in Elements(html).attributes:
        if name in {"href", "src", "srcset", "action"}:
            assert value.startswith("#") or value == "data:,"


def test_the_same_table_gives_the_same_bytes_and_a_frame_what_a_dict_gives(tmp_path):
    first, data = written(tmp_path, table(), "x")
    assert written(tmp_path, table(), "x")[0] == first
    import polars

    _, framed = written(tmp_path, polars.DataFrame(table()), "x")
    assert framed["ranking"] == data["ranking"]


def test_one_column_is_a_page_too(tmp_path):
    html, data = written(tmp_path, {"x": list("aab")}, "x")
    assert (data["matrix"], data["ranking"], data["diagram"]) == (None, [], [])
    assert "No two columns can be compared." in html


def test_of_many_columns_the_page_says_what_it_left_out(tmp_path):
    source = {f"c{i}": np.arange(60) % 2 for i in range(80)}
    html, data = written(tmp_path, source, "c79")
    assert len(data["columns"]) == 50
    assert len(data["left_out"]) == 30
    assert "c78" in data["left_out"]
    assert "c79" not in data["left_out"]
    assert "80, of which 50 measured" in html
    assert "not among the 50 columns that a page takes" in html


def test_columns_that_can_be_compared_with_none_are_named(tmp_path):
    source = table(40) | {
        "constant": ["k"] * 40,
        "id": list(range(40)),
        "missing": [None] * 40,
        "nothing": [float("nan")] * 40,
        "endless": [*np.linspace(0, 1, 39), np.inf],
    }
    _, data = written(tmp_path, source, "x")
    left = data["left_out"]
    assert left["constant"].startswith("constant")
    assert left["id"].startswith("different in each row")
    assert "lacks `missing`" in left["missing"]
    assert "`nothing` is missing in each row" in left["nothing"]
    assert "`endless` holds infinite numbers" in left["endless"]
    assert [column["name"] for column in data["columns"]] == ["x", "noise", "y", "gaps", "copy", "constant", "id"]
    assert sorted(data["matrix"]["columns"]) == ["copy", "gaps", "noise", "x", "y"]


def test_a_pair_without_a_row_in_common_is_an_empty_cell(tmp_path):
    odd = [None if i % 2 else str(i % 3) for i in range(60)]
    even = [str(i % 3) if i % 2 else None for i in range(60)]
    html, data = written(tmp_path, {"odd": odd, "even": even, "x": [i % 3 for i in range(60)]}, "odd")
    assert sum(value is None for row in data["matrix"]["values"] for value in row) == 2
    assert [row["column"] for row in data["ranking"]] == ["x"]
    assert len(re.findall(r'style="--part:[^"]*">–</td>', html)) == 2


@pytest.mark.parametrize(
    ("source", "choices", "error", "words"),
    [
        (
            {"x": [None, None]},
            {},
            BadTable,
            "none of 1 columns can be measured: each of 2 rows lacks.*hint: a report needs",
        ),
        (
            {"x": [1, 2], "y": [None, None]},
            {"target": "y"},
            UnknownName,
            "target can't be measured: each of 2 rows lacks",
        ),
        ({"x": [1, 2]}, {"target": "z"}, UnknownName, "the target `z` is not a column here.*hint: there are `x`"),
        ({"x": [1, 2]}, {"unit": "bit"}, UnknownName, "did you mean `bits`"),
        ({"x": [1, 2]}, {"confidence": 1.5}, InvalidValue, "confidence=1.5; needed: a number between 0 and 1"),
        (PENGUINS, {}, InvalidType, "the table is str.*hint: a file"),
        (pp.Counts({"a": 3}, names="x"), {}, InvalidType, "the table is Counts"),
    ],
)
def test_what_cannot_be_reported_is_refused(tmp_path, source, choices, error, words):
    with pytest.raises(error, match=words):
        pp.report(source, output=tmp_path / "report.html", **choices)
    assert list(tmp_path.iterdir()) == []


def test_an_output_that_cannot_be_written_is_known_before_anything_is_measured(tmp_path):
    for output, words in {
        tmp_path: "is a folder",
        "/dev/null": "is a device",
        tmp_path / "no" / "r.html": "there is no folder",
        "https://example.org/r.html": "is not the name of a file",
        "": "is not the name of a file",
    }.items():
        with pytest.raises(InvalidValue, match=words):
            pp.report("not looked at", output=output)


@pytest.mark.parametrize(
    ("fault", "error", "words"),
    [
        (errno.ENOSPC, EngineFailure, "can't be written: No space left.*hint: is the disk full"),
        (errno.EACCES, InvalidValue, "can't be written: Permission denied"),
    ],
)
def test_an_old_page_survives_a_failure_and_nothing_is_left_over(tmp_path, monkeypatch, fault, error, words):
    (tmp_path / "report.html").write_text("old")

    def fail(*_):
        raise OSError(fault, os.strerror(fault))

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(error, match=words):
        pp.report({"x": [1, 2]}, output=tmp_path / "report.html")
    assert [file.name for file in tmp_path.iterdir()] == ["report.html"]
    assert (tmp_path / "report.html").read_text() == "old"


def test_a_link_is_followed_and_the_file_is_readable_as_others_are(tmp_path):
    (tmp_path / "real.html").write_text("old")
    (tmp_path / "link.html").symlink_to("real.html")
    (tmp_path / "other").write_text("")
    pp.report({"x": [1, 2]}, output=tmp_path / "link.html")
    assert (tmp_path / "link.html").is_symlink()
    assert "plogp" in (tmp_path / "real.html").read_text()
    assert (tmp_path / "real.html").stat().st_mode == (tmp_path / "other").stat().st_mode


# ---- the command -----------------------------------------------------------------------------------------------------


def test_the_command_writes_the_same_numbers(tmp_path):
    path = tmp_path / "penguins.html"
    done = CliRunner().invoke(main, ["report", PENGUINS, "--target", "species", "-o", str(path)])
    assert (done.exit_code, done.stdout) == (0, "")
    assert done.stderr == f"wrote {path} ({path.stat().st_size:,} bytes)\n"
    with open_table(PENGUINS) as relation:
        html, data = written(tmp_path, relation, "species", title="penguins.csv")
    assert path.read_text() == html
    assert data["ranking"][0]["column"] == "flipper_length_mm"
    assert path.stat().st_size < 100_000


def test_the_command_refuses_to_write_over_its_table_and_says_what_is_wrong(tmp_path):
    copy = tmp_path / "t.csv"
    copy.write_text("a\nx\ny\n")
    for arguments, words in {
        ("-o", str(copy)): "is the table itself; needed: another file",
        ("-o", f"{tmp_path}/no/r.html"): "there is no folder",
        ("--target", "b", "-o", f"{tmp_path}/r.html"): "the target `b` is not a column here. hint: there are `a`",
    }.items():
        done = CliRunner().invoke(main, ["report", str(copy), *arguments])
        assert (done.exit_code, done.stdout) == (2, "")
        assert words in done.stderr
    assert copy.read_text() == "a\nx\ny\n"
    assert [file.name for file in tmp_path.iterdir()] == ["t.csv"]
    import sqlite3

    with sqlite3.connect(tmp_path / "t.db") as connection:
        connection.execute("CREATE TABLE answers AS SELECT 1 AS a UNION SELECT 2")
    connection.close()
    before = (tmp_path / "t.db").read_bytes()
    done = CliRunner().invoke(main, ["report", f"{tmp_path}/t.db::answers", "-o", f"{tmp_path}/t.db"])
    assert (done.exit_code, (tmp_path / "t.db").read_bytes()) == (2, before)
    assert "is the table itself" in done.stderr


def test_a_table_from_standard_input_is_a_page(tmp_path):
    path = tmp_path / "r.html"
    done = CliRunner().invoke(main, ["report", "-", "-o", str(path)], input="a,b\nx,1\ny,2\nx,1\ny,1\n")
    assert (done.exit_code, done.stdout) == (0, "")
    assert "<h1>standard input</h1>" in path.read_text()


# ---- the browser -----------------------------------------------------------------------------------------------------


CONTRAST = """() => {
  const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
  const rgba = (colour) => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data; return [r, g, b, a / 255]; };
  const over = (top, base) => base.map((v, i) => i < 3 ? top[i] * top[3] + v * (1 - top[3]) : 1);
  const linear = (v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  const light = (c) => c.slice(0, 3).map((v) => linear(v / 255))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const found = [];
  for (const e of document.querySelectorAll("body *")) {
    if (e.closest("svg, script") || ![...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim())) continue;
    const layers = [];
    for (let up = e; up; up = up.parentElement) layers.unshift(rgba(getComputedStyle(up).backgroundColor));
    const ground = layers.reduce((base, layer) => over(layer, base), [255, 255, 255, 1]);
    const [a, b] = [light(over(rgba(getComputedStyle(e).color), ground)), light(ground)].sort((x, y) => y - x);
    found.push([(a + 0.05) / (b + 0.05), `${e.tagName}.${e.className}: ${e.textContent.slice(0, 30)}`]);
  }
  return found;
}"""

UNNAMED = """() => [...document.querySelectorAll("button, a, section, nav, svg, [tabindex], [role]")]
  .filter((e) => !e.closest("[aria-hidden=true]") && !e.hidden && !(e.ariaLabel || e.textContent.trim() ||
    e.getAttribute("aria-labelledby"))).map((e) => e.outerHTML.slice(0, 80))"""


@pytest.fixture(scope="module")
def page_file(tmp_path_factory):
    """A page with every part: a ranking, a tree, a negative region, warnings and hostile names."""
    rng = np.random.default_rng(3)
    x, y = rng.integers(0, 2, (2, 400))
    source = table(400) | {
        "<i>p</i>": x,
        "q": y,
        "r": x ^ y,
        "weight": rng.random(400),
        "many": rng.integers(0, 90, 400),
    }
    return pp.report(source, "r", tmp_path_factory.mktemp("page") / "report.html", title="All parts")


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


@pytest.fixture
def opened(browser, page_file):
    """A function that opens the page, and the list of what went wrong."""
    troubles, contexts = [], []

    def open_page(**choices):
        context = browser.new_context(**choices)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: troubles.append(message.text))
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("dialog", lambda dialog: troubles.append(dialog.message))
        page.on("request", lambda request: None if request.url == page_file.as_uri() else troubles.append(request.url))
        page.goto(page_file.as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert troubles == []


@pytest.mark.parametrize("scheme", ["light", "dark", "print"])
def test_text_has_contrast_and_everything_a_name(opened, scheme):
    page = opened(color_scheme="dark" if scheme == "dark" else "light")
    if scheme == "print":
        page.emulate_media(media="print")
    page.evaluate("document.querySelectorAll('details').forEach((d) => d.open = true)")
    found = page.evaluate(CONTRAST)
    assert len(found) > 300
    assert [what for ratio, what in found if ratio < 4.5] == []
    assert page.evaluate(UNNAMED) == []
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == {"light": "rgb(253, 253, 252)", "dark": "rgb(21, 24, 26)", "print": "rgb(255, 255, 255)"}[scheme]


def test_the_matrix_is_walked_by_keyboard_and_tells_what_a_cell_is(opened):
    page = opened()
    page.locator("#grid tbody td").first.focus()
    tip = page.locator("#tip")
    assert tip.inner_text().startswith("H(")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    cell = page.evaluate("[document.activeElement.parentElement.rowIndex, document.activeElement.cellIndex]")
    assert cell == [3, 2]
    data = page.evaluate("JSON.parse(document.getElementById('data').textContent)")
    a, b = sorted([cell[0] - 1, cell[1] - 1])
    formula = f"I({data['matrix']['quoted'][a]};{data['matrix']['quoted'][b]})"
    value = page.evaluate("document.activeElement.textContent")
    assert float(value) == pytest.approx(data["matrix"]["values"][a][b], abs=5e-4)
    assert tip.inner_text().startswith(f"{formula} = {value} bits, p ")
    binned = "weight" in formula
    how = "in quantile bins" if binned else f"pp.measure({json.dumps(formula, ensure_ascii=False)}, table)"
    assert how in tip.inner_text()
    assert page.evaluate("document.activeElement.getAttribute('aria-describedby')") == "tip"
    assert page.locator("#grid td[tabindex='0']").count() == 1
    page.keyboard.press("Escape")
    assert tip.is_hidden()


def test_a_table_is_sorted_by_keyboard(opened):
    page = opened()
    head = page.locator("#ranking thead th").nth(5)
    head.locator("button").focus()
    cells = page.locator("#ranking tbody td:nth-child(6)")
    page.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "descending"
    down = [float(v) for v in cells.evaluate_all("(all) => all.map((e) => e.dataset.value)")]
    page.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "ascending"
    up = [float(v) for v in cells.evaluate_all("(all) => all.map((e) => e.dataset.value)")]
    assert down == sorted(down, reverse=True)
    assert up == sorted(down)
    assert len(set(down)) > 1


def test_regions_are_sorted_by_what_they_hold_and_not_by_how_it_is_written(opened):
    page = opened()
    page.locator("#diagram thead th").nth(1).locator("button").click()
    shown = page.locator("#diagram tbody td:nth-child(2)").all_inner_texts()
    numbers = [float(text.replace("−", "-")) for text in shown]
    assert numbers == sorted(numbers, reverse=True)
    assert numbers[-1] < 0


def test_the_page_is_complete_without_scripts_and_fits_a_narrow_screen(opened):
    page = opened(java_script_enabled=False, viewport={"width": 360, "height": 700})
    assert page.locator("#ranking tbody tr").count() == 9
    assert page.locator("#grid tbody tr").count() == 10
    assert page.locator("#grid tbody tr").first.locator("td").nth(1).inner_text() != ""
    assert page.locator("#tip").is_hidden()
    narrow = opened(viewport={"width": 360, "height": 700})
    assert narrow.evaluate("document.documentElement.scrollWidth") == 360
