"""The pictures of the documents: `python docs/make_images.py` writes docs/images (Chromium must be there)."""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import matplotlib as mpl
from playwright.sync_api import sync_playwright

import plogp as pp

ROOT = Path(__file__).parent.parent
IMAGES = ROOT / "docs" / "images"
SHOTS = {
    "report-light": ("light", 1100, "#ranking", "#matrix"),
    "report-dark": ("dark", 1100, "#diagram", "#diagram"),
    "report-narrow": ("light", 390, "header", "#ranking"),
    "report-print": ("print", 720, "header", "#diagram"),
}
"""Name: the colours or the paper, the width, and the first and the last part that are shown."""


def report_images(page_file: Path) -> None:
    """Parts of a report, as a browser shows them."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for name, (scheme, width, first, last) in SHOTS.items():
            page = browser.new_page(viewport={"width": width, "height": 900})
            page.emulate_media(**({"media": "print"} if scheme == "print" else {"color_scheme": scheme}))
            page.goto(page_file.as_uri())
            top = page.locator(first).bounding_box()["y"]
            end = page.locator(last).bounding_box()
            clip = {"x": 0, "y": top, "width": width, "height": end["y"] + end["height"] - top + 16}
            page.screenshot(path=IMAGES / f"{name}.png", full_page=True, clip=clip)
            page.close()
        browser.close()


def drawings(penguins: duckdb.DuckDBPyRelation) -> None:
    """Drawings by plogp.plot."""
    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "plogp"  # so that the same picture is the same file
    from matplotlib import pyplot

    figure, (left, right) = pyplot.subplots(1, 2, figsize=(9, 4), layout="constrained")
    pp.plot.information_diagram(["species", "island"], penguins, ax=left)
    pp.plot.growth("I(species;island)", penguins, ax=right)
    figure.savefig(IMAGES / "penguins.svg", metadata={"Date": None})


if __name__ == "__main__":
    IMAGES.mkdir(exist_ok=True)
    table = duckdb.read_csv(str(ROOT / "examples" / "penguins.csv"))
    with TemporaryDirectory() as folder:
        report_images(pp.report(table, "species", Path(folder) / "report.html", title="penguins.csv"))
    drawings(table)
