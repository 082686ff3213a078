"""Applies an answer with aider's own EditBlockCoder, as aider does: a dry run of all blocks first, then for real."""

import os
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

import aider_model

ROOT = Path(__file__).resolve().parents[3]


def _coder():
    """aider's module, or None. Only the edit block coder is wanted: aider's start-up (seconds) is stepped around."""
    places = [Path(os.environ["AIDER_SOURCE"])] if os.environ.get("AIDER_SOURCE") else []
    places += (ROOT / "build" / "deps" / "agent-env" / "lib").glob("python3*/site-packages")
    for place in places:
        if (place / "aider" / "coders" / "editblock_coder.py").exists():
            return _load(place / "aider")
    return None


def _load(package):
    import importlib
    import types
    stub = types.ModuleType("aider")
    stub.__path__ = [str(package)]
    coders = types.ModuleType("aider.coders")
    coders.__path__ = [str(package / "coders")]
    base = types.ModuleType("aider.coders.base_coder")
    base.Coder = object
    utils, dump = types.ModuleType("aider.utils"), types.ModuleType("aider.dump")
    dump.dump = print
    stub.utils = utils
    sys.modules.update({"aider": stub, "aider.coders": coders, "aider.coders.base_coder": base,
                        "aider.utils": utils, "aider.dump": dump})
    return importlib.import_module("aider.coders.editblock_coder")


MODULE = _coder()


def apply_with_aider(answer, path, before):
    """The file's text after the answer, once for each fence aider may have chosen; None where aider is not there."""
    if MODULE is None:
        return None
    return [_apply(answer, path, before, fence) for fence in aider_model.FENCES]


def _apply(answer, path, before, fence):
    with tempfile.TemporaryDirectory() as folder:
        full = Path(folder) / path
        full.parent.mkdir(parents=True, exist_ok=True)
        full.write_text(before or "", newline="")  # aider touches a new file before it edits it
        coder = object.__new__(MODULE.EditBlockCoder)
        coder.fence, coder.abs_fnames, coder.shell_commands = fence, {str(full)}, []
        coder.partial_response_content = answer
        coder.abs_root_path = lambda name: str(Path(folder) / name)
        coder.get_rel_fname = lambda name: os.path.relpath(name, folder)
        coder.get_inchat_relative_files = lambda: [path]
        coder.io = SimpleNamespace(
            read_text=lambda name: Path(name).read_text(encoding="utf-8"),
            write_text=lambda name, text: Path(name).write_text(text, encoding="utf-8"))
        found = coder.apply_edits_dry_run(coder.get_edits())
        coder.apply_edits(found)
        return full.read_text(encoding="utf-8")
