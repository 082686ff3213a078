"""aider's InputOutput without a person: answers its questions, keeps its files' bytes, and opens nothing."""

import os
import sys

from aider.io import InputOutput
from aider.utils import is_image_file

from . import textfile
from .journal import Journal
from .lines import Lines
from .tree import Tree

_YES = ("Create new file?", "Allow edits to file that has not been added to the chat?")
_ERRORS_KEPT = 20


class Console(InputOutput):
    def __init__(self, tree: Tree, journal: Journal, lines: Lines):
        self.errors: list[str] = []
        self._tree = tree
        self._journal = journal
        self._lines = lines
        super().__init__(pretty=False, yes=True, fancy_input=False, root=tree.root)

    def confirm_ask(self, question, default="y", subject=None, explicit_yes_required=False, group=None, allow_never=False):
        return question in _YES and not explicit_yes_required

    def prompt_ask(self, question, default="", subject=None):
        return default

    def get_input(self, *args, **kwargs):
        raise EOFError("nobody is there to ask")

    def offer_url(self, url, prompt="", allow_never=True):
        return False

    def tool_error(self, message="", strip=True):
        self.num_error_outputs += 1
        self.errors = (self.errors + [str(message)])[-_ERRORS_KEPT:]
        self._show(message)

    def tool_warning(self, message="", strip=True):
        self._show(message)

    def tool_output(self, *messages, log_only=False, bold=False):
        if not log_only:
            self._show(*messages)

    def assistant_output(self, message, pretty=None):
        self._lines.text(message or "")

    def _show(self, *messages):
        text = " ".join(str(message) for message in messages).strip()
        if text:
            print(text.encode("utf-8", "replace").decode(), file=sys.stderr)

    def read_text(self, filename, silent=False):
        """None for what is not text, is too large, or lies outside the tree."""
        if is_image_file(filename):
            return None
        data = self._tree.read(str(filename))
        text = textfile.decode(data) if data is not None else None
        if text is None:
            if not silent:
                self.tool_error(f"{filename} cannot be read as text")
            return None
        return text.content

    def write_text(self, filename, content, max_retries=5, initial_delay=0.1):
        """Throws ValueError, which aider reports back to the model."""
        path = os.path.realpath(str(filename))
        name = os.path.relpath(path, self._tree.root)
        trouble = self._tree.why_not(name)
        if trouble:
            raise ValueError(f"{name} was not written: {trouble}.")
        self._journal.before(path)
        before = self._tree.read(path)
        if before is None and os.path.exists(path):
            raise ValueError(f"{name} was not written: it is too large.")
        data = textfile.encode(content, before)
        self._lines.progress("editing", name)
        with open(path, "wb") as file:
            file.write(data)
