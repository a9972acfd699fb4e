"""Debian's Chromium, driven by Playwright, with all that reaches for the network refused."""

import os
import shutil
from contextlib import contextmanager

import pytest

QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextmanager
def chromium():
    """A browser. Where it must be there, its absence is a failure."""
    path = shutil.which("chromium")
    if path is None:
        absent = "Chromium isn't here (apt-get install chromium)"
        pytest.fail(absent) if os.environ.get("CI") else pytest.skip(absent)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield browser
        browser.close()
