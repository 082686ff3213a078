"""Everything of aider that the wrapper leans on. aider promises none of it, so the version is pinned; when it
is raised, this file says what moved."""

import importlib.metadata
import inspect
import random
import re
import subprocess
import sys
from pathlib import Path

import aider
import aider.coders
import pytest
from aider import models, repomap
from aider.coders import base_coder
from aider.io import InputOutput
from persais_agent import AIDER_VERSION
from persais_agent.job import EDIT_FORMATS
from persais_agent.repository import Repository
from persais_agent.stubs import NoAnalytics, NoCache, NoCommands, NoImage

Coder = base_coder.Coder
SOURCE = Path(aider.__file__).parent


def names(function) -> list[str]:
    return list(inspect.signature(function).parameters)


def test_the_version_is_the_pinned_one():
    assert aider.__version__ == AIDER_VERSION == importlib.metadata.version("aider-chat") == "0.86.2"
    root = Path(__file__).resolve().parent.parent
    assert f"aider-chat=={AIDER_VERSION}" in (root / "requirements.in").read_text()
    assert f"aider-chat=={AIDER_VERSION} " in (root / "requirements.lock").read_text()


@pytest.mark.parametrize(
    "owner, name, parameters",
    [
        (Coder, "run", ["self", "with_message", "preproc"]),
        (Coder, "run_one", ["self", "user_message", "preproc"]),
        (Coder, "send_message", ["self", "inp"]),
        (Coder, "send", ["self", "messages", "model", "functions"]),
        (Coder, "show_send_output_stream", ["self", "completion"]),
        (Coder, "calculate_and_show_tokens_and_cost", ["self", "messages", "completion"]),
        (Coder, "check_tokens", ["self", "messages"]),
        (Coder, "check_for_file_mentions", ["self", "content"]),
        (Coder, "get_file_mentions", ["self", "content", "ignore_current"]),
        (Coder, "get_repo_map", ["self", "force_refresh"]),
        (Coder, "get_user_language", ["self"]),
        (Coder, "get_inchat_relative_files", ["self"]),
        (Coder, "allowed_to_edit", ["self", "path"]),
        (Coder, "apply_updates", ["self"]),
        (Coder, "apply_edits", ["self", "edits"]),
        (Coder, "get_edits", ["self", "mode"]),
        (Coder, "abs_root_path", ["self", "path"]),
        (Coder, "add_rel_fname", ["self", "rel_fname"]),
        (InputOutput, "confirm_ask", ["self", "question", "default", "subject", "explicit_yes_required", "group", "allow_never"]),
        (InputOutput, "prompt_ask", ["self", "question", "default", "subject"]),
        (InputOutput, "offer_url", ["self", "url", "prompt", "allow_never"]),
        (InputOutput, "tool_error", ["self", "message", "strip"]),
        (InputOutput, "tool_warning", ["self", "message", "strip"]),
        (InputOutput, "tool_output", ["self", "messages", "log_only", "bold"]),
        (InputOutput, "assistant_output", ["self", "message", "pretty"]),
        (InputOutput, "read_text", ["self", "filename", "silent"]),
        (InputOutput, "write_text", ["self", "filename", "content", "max_retries", "initial_delay"]),
        (repomap.RepoMap, "get_repo_map", ["self", "chat_files", "other_files", "mentioned_fnames", "mentioned_idents", "force_refresh"]),
        (Coder, "get_all_abs_files", ["self"]),
        (Coder, "get_ident_filename_matches", ["self", "idents"]),
        (repomap.RepoMap, "get_rel_fname", ["self", "fname"]),
        (repomap.RepoMap, "get_ranked_tags", ["self", "chat_fnames", "other_fnames", "mentioned_fnames", "mentioned_idents", "progress"]),
        (repomap.RepoMap, "get_tags_raw", ["self", "fname", "rel_fname"]),
        (repomap.RepoMap, "render_tree", ["self", "abs_fname", "rel_fname", "lois"]),
        (repomap.RepoMap, "get_ranked_tags_map_uncached", "self chat_fnames other_fnames max_map_tokens mentioned_fnames mentioned_idents".split()),
        (repomap.RepoMap, "load_tags_cache", ["self"]),
        (repomap.RepoMap, "tags_cache_error", ["self", "original_error"]),
        (models.Model, "__init__", ["self", "model", "weak_model", "editor_model", "editor_edit_format", "verbose"]),
        (models.Model, "token_count", ["self", "messages"]),
    ],
)
def test_a_method_has_its_parameters(owner, name, parameters):
    wanted = parameters
    for kind in [owner] + [c for c in aider.coders.__all__ if owner is Coder and c.edit_format in EDIT_FORMATS + ("ask",)]:
        found = names(getattr(kind, name))
        if name == "apply_edits":
            found = found[:2]
        if name == "get_edits":
            found, wanted = found[:1], ["self"]
        assert found == wanted, (kind, found)


@pytest.mark.parametrize(
    "function, parameters",
    [
        ("match_but_for_leading_whitespace", ["whole_lines", "part_lines"]),
        ("perfect_replace", ["whole_lines", "part_lines", "replace_lines"]),
        ("strip_quoted_wrapping", ["res", "fname", "fence"]),
    ],
)
def test_a_function_that_is_replaced_is_called_with_these(function, parameters):
    source = (SOURCE / "coders" / "editblock_coder.py").read_text()
    assert f"def {function}({', '.join(parameters[:1])}" in source and source.count(f"{function}(") > 1
    called = re.findall(rf"def {function}\(([^)]*)\)", source)[0]
    assert [name.split("=")[0].strip() for name in called.split(",")] == parameters


def test_the_arguments_of_the_constructors_exist():
    used = """main_model io repo fnames done_messages commands analytics stream summarizer auto_commits dirty_commits auto_lint
        auto_test suggest_shell_commands detect_urls map_tokens""".split()
    assert set(used) <= set(names(Coder.__init__))
    assert {"pretty", "yes", "fancy_input", "root"} <= set(names(InputOutput.__init__))
    used = "map_tokens root main_model io repo_content_prefix max_context_window".split()
    assert set(used) <= set(names(repomap.RepoMap.__init__))


@pytest.mark.parametrize(
    "attribute",
    "failure gateway tree journal lines names opening refused opening_rounds bad_in_a_row sent received instruction listed has_edits lay_over".split(),
)
def test_the_wrappers_own_names_are_free_in_aiders_coders(attribute):
    source = "".join(path.read_text() for path in (SOURCE / "coders").glob("*.py"))
    assert not hasattr(Coder, attribute) and not re.search(rf"self\.{attribute}\b", source)


def test_attributes_that_are_read():
    source = inspect.getsource(Coder)
    for name in "num_malformed_responses num_exhausted_context_windows partial_response_content reflected_message done_messages cur_messages ignore_mentions repo_map max_reflections".split():
        assert re.search(rf"self\.{name}\b", source), name
    assert hasattr(base_coder, "FinishReasonLength")
    assert [*repomap.Tag._fields] == ["rel_fname", "fname", "line", "name", "kind"]
    assert hasattr(repomap.RepoMap, "TAGS_CACHE_DIR") and isinstance(models.model_info_manager.local_model_metadata, dict)


@pytest.mark.parametrize("name", EDIT_FORMATS + ("ask",))
def test_each_edit_format_has_a_coder_with_prompts(name):
    kind = next(c for c in aider.coders.__all__ if c.edit_format == name)
    assert kind.gpt_prompts.repo_content_prefix


def test_the_repository_has_all_that_the_coders_ask_of_one():
    source = "".join(path.read_text() for path in (SOURCE / "coders").glob("*.py"))
    asked = set(re.findall(r"self\.repo\.(\w+)", source))
    # Reached only with commits on, or for a file that is not in the repository.
    asked -= {"commit", "repo"}
    assert asked == {n for n in vars(Repository) if not n.startswith("_")} - {"get_rel_repo_dir"} | {"get_rel_repo_dir", "root"}


def test_the_stand_ins_have_what_is_used_of_them():
    source = inspect.getsource(base_coder)
    assert set(re.findall(r"self\.analytics\.(\w+)", source)) == {"event"}
    # All but is_command and coder are reached by a person's commands only, and by tests that are switched off.
    used = set(re.findall(r"self\.commands\.(\w+)", source)) - {"cmd_copy_context", "cmd_web", "cmd_test", "cmd_diff", "run"}
    assert used == {"is_command", "coder"} and hasattr(NoCommands(), "coder") and NoAnalytics().event("x") is None


def test_every_error_of_litellm_is_one_that_aider_lists():
    from aider.exceptions import LiteLLMExceptions

    import persais_agent.coder  # noqa: F401  what it adds

    LiteLLMExceptions()


def test_what_is_not_installed_has_a_stand_in_that_does_nothing():
    unwanted = (Path(__file__).resolve().parent.parent / "unwanted.txt").read_text().splitlines()
    assert {"pillow", "diskcache"} <= set(unwanted) and models.Image is NoImage and repomap.Cache is NoCache
    with pytest.raises(AttributeError):
        models.Model.get_image_size(None, "picture.png")
    with pytest.raises(TypeError):
        repomap.Cache("folder")


def test_litellm_loads_no_table_of_tokens_at_its_start_and_asks_no_server_for_one():
    root = str(Path(__file__).resolve().parent.parent)
    code = (
        f"import sys, tempfile; sys.path.insert(0, {root!r})\n"
        "from persais_agent import environment, stubs; environment.confine(tempfile.mkdtemp()); stubs.install()\n"
        "import socket; socket.socket.connect = None\n"
        "import litellm; from litellm.litellm_core_utils.default_encoding import encoding\n"
        "print('tiktoken_ext.openai_public' in sys.modules, len(encoding.encode('eight ch', disallowed_special=())))\n"
        "print(litellm.token_counter(model='vendor/some', text='eight ch') > 0)\n"
    )
    done = subprocess.run((sys.executable, "-I", "-B", "-c", code), capture_output=True, text=True, check=True)
    assert done.stdout == "False 3\nTrue\n"


def test_the_questions_that_are_answered_yes_are_asked_in_these_words():
    source = inspect.getsource(base_coder)
    from persais_agent.console import _YES

    assert all(f'"{question}"' in source for question in _YES)


def test_model_settings_have_the_fields_that_are_left_out():
    from dataclasses import fields

    from persais_agent.model import _OTHERS

    assert set(_OTHERS) <= {f.name for f in fields(models.ModelSettings)}
    assert any(entry.name == "openrouter/anthropic/claude-sonnet-4.5" for entry in models.MODEL_SETTINGS)


def test_the_map_is_aiders_own(tmp_path):
    """From the same tags, where each name has one definition (with several, its
    figures depend on the order of a set)."""
    from persais_agent.repo_map import BoundedMap
    from persais_agent.tags import Rows, find, language_of

    class Io:
        def read_text(self, name, silent=False):
            return Path(name).read_text()

        def tool_output(self, *args):
            pass

    class Plain(repomap.RepoMap):
        def load_tags_cache(self):
            self.TAGS_CACHE = {}

        def get_tags(self, name, path):
            known = find(path, Path(name).read_bytes())
            uses = [each for each, count in known.uses for _ in range(count)]
            return [repomap.Tag(path, name, line, each, "def") for each, line, _ in known.definitions] + [
                repomap.Tag(path, name, -1, each, "ref") for each in uses]

    class Model:
        info = {"max_input_tokens": 100_000}
        token_count = staticmethod(lambda text: len(text) // 4 + 1)

    class Tree:
        root = str(tmp_path)
        blobs = {}
        read = staticmethod(lambda path: Path(path).read_bytes())

    chance = random.Random(4)
    for i in range(60):
        calls = "".join(f"        {chance.choice(('call', '_call', 'Thing'))}_{chance.randrange(60)}()\n" for _ in range(chance.randint(1, 9)))
        (tmp_path / f"some_{i}.py").write_text(
            f'class Thing_{i}:\n    """It."""\n\n    def of_{i}(self):\n{calls}\n\ndef call_{i}():\n    return 1\n\n\ndef _call_{i}():\n    call_{i}()\n')
    (tmp_path / "README.md").write_text("words\n")
    files = sorted(map(str, tmp_path.iterdir()))
    asked = set(files[3:5]), set(files) - set(files[3:5]), {"some_7.py"}, {"some_9", "call_11"}
    theirs = Plain(1024, str(tmp_path), Model, Io(), "").get_repo_map(*asked)
    ours = BoundedMap(1024, 60.0, Rows(None), Tree, Model, Io(), "")
    assert ours.get_repo_map(*asked) == theirs and ours.trouble is None and theirs.count("│") > 50
    assert [language_of(name) for name in ("a/b.py", "Makefile", "x.unknown")] == ["python", "make", None]
