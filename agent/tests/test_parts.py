"""Small parts by themselves."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from persais_agent import limits
from persais_agent.conversation import bounded, clipped, with_notes, without_notes
from persais_agent.journal import Journal
from persais_agent.lines import Lines
from persais_agent.listing import listing
from persais_agent.mentions import Names
from persais_agent.sse import Body, Stream
from persais_agent.verdict import EXIT_CODES, Outcome, judge

GOOD = (
    b': OPENROUTER PROCESSING\n\ndata: {"choices":[{"delta":{"content":"x"},"finish_reason":null}]}\n\n'
    b'data: {"choices":[{"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":7,"completion_tokens":3}}\r\n\r\ndata: [DONE]\n\n'
)


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
def test_a_stream_is_read_in_any_cut(size):
    stream = Stream()
    for i in range(0, len(GOOD), size):
        stream.feed(GOOD[i : i + size])
    stream.end()
    assert stream.answer.whole and (stream.answer.sent, stream.answer.received) == (7, 3)


@pytest.mark.parametrize("length", range(0, len(GOOD) - len(b"[DONE]\n\n"), 11))
def test_a_stream_that_ends_early_is_not_whole(length):
    stream = Stream()
    stream.feed(GOOD[:length])
    stream.end()
    assert not stream.answer.whole


@pytest.mark.parametrize("event", [b'{"error":{"message":"no"}}', b'{"error":"no"}', b'{"choices":[{"finish_reason":"error"}]}', b"{broken"])
def test_an_error_in_a_stream(event):
    stream = Stream()
    stream.feed(b"data: " + event + b"\n" + GOOD)
    assert stream.answer.error and not stream.answer.whole


def test_a_body_has_a_limit(monkeypatch):
    monkeypatch.setattr(limits, "BODY_BYTES", 10)
    body = Body()
    body.feed(b"x" * 11)
    body.end()
    assert body.answer.error == "the answer is too long"


@pytest.mark.parametrize(
    "outcome, verdict",
    [
        (Outcome("edit", ["a"], "x"), "edited"),
        (Outcome("edit", ["a"], "", failure="no"), "edited"),
        (Outcome("edit", [], "x", failure="no"), "model_failed"),
        (Outcome("edit", [], "x", too_long=True), "too_long"),
        (Outcome("edit", [], " "), "nonsense"),
        (Outcome("edit", [], "x", edits_failed=["a"]), "nonsense"),
        (Outcome("edit", ["b"], "x", edits_failed=["a"]), "edited"),
        (Outcome("edit", [], "x", bad_in_a_row=3), "nonsense"),
        (Outcome("edit", [], "x", malformed=2), "no_change"),
        (Outcome("ask", [], "x"), "answered"),
        (Outcome("ask", [], "", failure="no"), "model_failed"),
    ],
)
def test_verdicts(outcome, verdict):
    found, reason = judge(outcome)
    assert found == verdict and found in EXIT_CODES and reason.endswith((".", "no"))


def test_names_in_a_text():
    names = Names(["src/app/parser.py", "README.md", "a/util.py", "b/util.py", "make", "файл.txt", "with space.md"])
    assert names.mentioned("see `src/app/parser.py:12`, (README.md)!") == ["src/app/parser.py", "README.md"]
    assert names.mentioned("fix parser.py and util.py, then make it") == ["src/app/parser.py", "make"]
    assert names.mentioned("./b/util.py «файл.txt» `with space.md`") == ["with space.md", "b/util.py", "файл.txt"]
    assert names.mentioned("parser.py", {"other/parser.py"}) == []


def test_a_hundred_thousand_names_are_searched_quickly():
    import time

    names = Names([f"dir{i % 100}/file_{i}.py" for i in range(100_000)])
    started = time.monotonic()
    assert names.mentioned("word " * 2000 + "file_99999.py") == ["dir99/file_99999.py"]
    assert time.monotonic() - started < 0.5


def test_the_listing_of_a_large_repository_is_bounded_and_finds_names():
    tracked = sorted(f"module{i % 400}/sub{i % 7}/file_{i}.py" for i in range(100_000))
    text = listing(tracked, "please mend FILE_77777")
    assert len(text.encode()) < limits.LISTING_BYTES * 1.2 and "100000 files" in text and "file_77777.py" in text
    assert listing(["a.py", "b.py"], "x").endswith("a.py\nb.py\n") and listing([], "x") is None


def test_notes_stand_before_the_request_and_in_no_conversation():
    class job:
        instruction, notes = "Mend it.", "Notes:\n> obey\n"

    shown = with_notes(job.instruction, job.notes)
    assert shown == "Notes:\n> obey\n\nThe request:\nMend it."
    assert with_notes("Mend it.", "") == "Mend it."
    turns = [{"role": "user", "content": "before"}, {"role": "user", "content": shown}, {"role": "assistant", "content": "done"}]
    assert [turn["content"] for turn in without_notes(turns, job)] == ["before", "Mend it.", "done"]


def test_a_conversation_is_bounded_by_dropping_the_oldest():
    turns = [{"role": role, "content": f"{i} " + "x" * 1000} for i in range(100) for role in ("user", "assistant")]
    kept = bounded(turns, 10_000)
    assert kept[-1] == turns[-1] and kept[0]["role"] == "user" and sum(len(t["content"]) for t in kept) <= 10_000
    assert bounded([*turns[:2], {"role": "user", "content": "unanswered"}]) == turns[:2]
    assert bounded([{"role": "assistant", "content": "x"}]) == []


def test_clipping_keeps_utf8_whole():
    assert clipped("ю" * 10, 5) == "юю\n[...]" and clipped("abc", 5) == "abc" and clipped("\ud800", 5) == "?"


def test_the_journal_believes_the_files(tmp_path):
    (tmp_path / "a").write_text("1")
    (tmp_path / "b").write_text("1")
    journal = Journal(str(tmp_path))
    for name in ("a", "b", "c", "new/d", "new/e"):
        journal.before(str(tmp_path / name))
    (tmp_path / "a").write_text("2")
    (tmp_path / "b").write_text("1")
    (tmp_path / "new").mkdir()
    for name in ("c", "new/d", "new/e"):
        (tmp_path / name).touch()
    journal.keep(str(tmp_path / "c"))
    journal.tidy()
    assert journal.changed() == ["a", "c"] and not (tmp_path / "new").exists()
    (tmp_path / "b").unlink()
    assert journal.changed() == ["a", "b", "c"]


def test_lines_are_bounded_and_gathered():
    read, write = os.pipe()
    lines = Lines(write)
    lines.text("first")
    for _ in range(1000):
        lines.text("x")
    lines.text("y" * (limits.TEXT_LINE_CHARACTERS + 5))
    lines.result(verdict="edited", answer="\ud800")
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        got = [json.loads(line) for line in pipe.read().decode().splitlines()]
    texts = [line["text"] for line in got if line["event"] == "text"]
    assert "".join(texts) == "first" + "x" * 1000 + "y" * (limits.TEXT_LINE_CHARACTERS + 5)
    assert len(texts) <= 4 and max(map(len, texts)) <= limits.TEXT_LINE_CHARACTERS
    assert got[-1] == {"event": "result", "verdict": "edited", "answer": "?"}


def test_what_anything_prints_goes_to_standard_error():
    root = str(Path(__file__).resolve().parent.parent)
    code = (
        f"import os, sys; sys.path.insert(0, {root!r})\n"
        "from persais_agent.lines import Lines\n"
        "lines = Lines(); print('printed', flush=True); os.system('echo from a child'); lines.started('x')\n"
    )
    done = subprocess.run((sys.executable, "-I", "-B", "-c", code), capture_output=True, check=True)
    assert json.loads(done.stdout) == {"event": "started", "aider": "x"}
    assert b"printed" in done.stderr and b"from a child" in done.stderr


def test_the_sources_keep_to_the_house_rules():
    root = Path(__file__).resolve().parent.parent
    for path in [*root.glob("persais_agent/*.py"), *root.glob("tests/*.py"), root / "run.py"]:
        text = path.read_text()
        assert text.count("\n") <= 300, f"{path} is too long"
        assert "time.sl" + "eep" not in text and "TO" + "DO" not in text, path


def test_the_locks_are_whole():
    root = Path(__file__).resolve().parent.parent
    for name in ("requirements.lock", "requirements-test.lock"):
        text = (root / name).read_text()
        packages = [line for line in text.splitlines() if "==" in line and not line.startswith(" ")]
        assert packages and all(line.endswith(" \\") for line in packages), "a package without hashes"
        assert "://" not in text and "index-url" not in text


def test_started_from_anywhere_without_its_own_folder_writable(tmp_path):
    import shutil

    root = Path(__file__).resolve().parent.parent
    shutil.copytree(root / "persais_agent", tmp_path / "odd place/persais_agent", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(root / "run.py", tmp_path / "odd place/run.py")
    done = subprocess.run((sys.executable, "-I", str(tmp_path / "odd place/run.py")), input=b"{}", capture_output=True, cwd="/")
    assert done.returncode == 2 and json.loads(done.stdout)["verdict"] == "bad_job"
    assert not list(tmp_path.rglob("__pycache__"))
