"""The examples of the documents run, and print what they say.

A ```python block with prompts is a doctest, one without is executed; blocks of a page share their names.
In a ```console block each line after "$ " is a command whose output must be the lines that follow it.
"""

import doctest
import importlib.util
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *sorted((ROOT / "docs").rglob("*.md")),
    ROOT / "examples/README.md",
]
BLOCK = re.compile(r"^```(python|console)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_examples_run_and_print_what_they_say(page, monkeypatch):
    monkeypatch.chdir(ROOT)
    names = {"__name__": "__main__"}
    for kind, code in BLOCK.findall(page.read_text()):
        if kind == "console":
            run_console(code)
        elif ">>>" in code:
            run_doctest(code, names, page.name)
        else:
            exec(compile(code, page.name, "exec"), names)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_what_a_page_links_to_is_there(page):
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.M | re.S))
    for link in links:
        assert re.match(r"https?://", link) or (page.parent / link).exists(), link


def run_doctest(code, names, page):
    report = []
    test = doctest.DocTestParser().get_doctest(code, names, page, page, 0)
    runner = doctest.DocTestRunner(optionflags=OPTIONS)
    runner.run(test, out=report.append, clear_globs=False)
    names.update(test.globs)
    assert runner.failures == 0, "".join(report)


def run_console(code):
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    for command, want in re.findall(r"^\$ (.*(?:\\\n.*)*)\n((?:(?!\$ ).*\n?)*)", code, re.MULTILINE):
        if shlex.split(command)[0] not in {"plogp", "python"}:
            continue
        done = subprocess.run(
            command, shell=True, capture_output=True, text=True, env=os.environ | {"PATH": path, "COLUMNS": "110"}
        )
        got = done.stdout + done.stderr
        assert doctest.OutputChecker().check_output(want, got, OPTIONS), f"$ {command}\nwanted:\n{want}\ngot:\n{got}"


def test_the_page_of_the_command_line_is_what_help_prints():
    spec = importlib.util.spec_from_file_location("make_command_line", ROOT / "docs" / "make_command_line.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.PAGE.read_text() == module.page(), "run: make docs"


def test_the_site_is_built_without_a_warning_or_a_dead_link(tmp_path):
    build = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(tmp_path)]
    done = subprocess.run(
        build, cwd=ROOT, capture_output=True, text=True, env=os.environ | {"NO_MKDOCS_2_WARNING": "1"}
    )
    assert done.returncode == 0, done.stderr
    assert "https://fonts." not in (tmp_path / "index.html").read_text()


def test_a_wrong_example_is_found():
    with pytest.raises(AssertionError):
        run_doctest(">>> 1 + 1\n3\n", {}, "wrong")
    with pytest.raises(AssertionError):
        run_console("$ python -c 'print(1)'\n2\n")
