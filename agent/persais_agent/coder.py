"""aider's coders with the wrapper's rules laid over them: where edits may go, how often a broken answer is asked
for again, and what the model is shown of a large repository."""

import contextlib
import io as memory
import os
import re

import aider.coders
from aider.coders.base_coder import FinishReasonLength
from aider.exceptions import ExInfo, LiteLLMExceptions

from . import blocks, limits, thoughts
from .gateway import Gateway, ModelFailed
from .listing import listing
from .mentions import Names

# aider refuses to work with a litellm that has an error which it does not list. What a failed request means is told by
# `gateway.explain` anyway; this one (403) came after aider's release.
LiteLLMExceptions.exception_info.setdefault("PermissionDeniedError", ExInfo("PermissionDeniedError", False, None))
_NO_MATCH = re.compile(r"failed to exactly match lines in (.+)")


class Rules:
    """Mixed in front of one of aider's coder classes; see `create`."""

    max_reflections = limits.REFLECTIONS
    named: list[str] = []

    def lay_over(self, tree, journal, lines, gateway: Gateway, opening, names: Names, instruction: str):
        self.tree, self.journal, self.lines, self.gateway, self.opening = tree, journal, lines, gateway, opening
        self.names = names
        self.instruction = instruction
        self.listed = None
        self.failure: ModelFailed | None = None
        self.bad_in_a_row = 0
        self.refused: dict[str, str] = {}
        self.failed_now: set[str] = set()
        self.failed: set[str] = set()  # paths of edits that were meant, could not be applied, and were not repaired
        self.opening_rounds = self.continued = 0
        self.thought_aloud = self.over_the_window = False
        self.sent = self.received = 0

    # What the model is shown.

    def get_user_language(self):
        """aider tells the model to answer in the machine's language; the person's own text says it better."""
        return None

    def get_repo_map(self, force_refresh=False):
        found = super().get_repo_map(force_refresh)
        if self.repo_map and self.repo_map.trouble:
            self.lines.progress("no_repository_map", self.repo_map.trouble)
            self.repo_map = None
        # Asked for twice for each request.
        if not found and self.listed is None:
            self.listed = listing(self.tree.tracked, self.instruction)
        return found or self.listed

    def get_all_abs_files(self):
        """aider follows each path's links, folder by folder; the index names regular files."""
        return [f"{self.tree.root}/{name}" for name in self.tree.tracked]

    def get_ident_filename_matches(self, idents):
        """Files whose names, without the ending, are words of the text, as aider finds them."""
        words = {word.lower() for word in idents if len(word) >= 5}
        names = ((path, path[path.rfind("/") + 1 :].lower()) for path in self.tree.tracked) if words else ()
        return {path for path, name in names if name in words or os.path.splitext(name)[0] in words}

    def get_file_mentions(self, content, ignore_current=False):
        return set(self.names.mentioned(content, set() if ignore_current else set(self.get_inchat_relative_files())))

    def check_for_file_mentions(self, content):
        """aider throws an answer's edits away and asks again if it names one more file: here edits come first."""
        if self.has_edits() or (self.edit_format == "ask" and self.opening_rounds >= limits.ASK_OPENING_ROUNDS):
            return None
        wanted = self.names.mentioned(content, set(self.get_inchat_relative_files()))
        added = self.opening.take([name for name in wanted if name not in self.ignore_mentions])
        self.ignore_mentions.update(wanted)
        if not added:
            return None
        self.opening_rounds += 1
        for name in added:
            self.add_rel_fname(name)
        self.lines.progress("opening", ", ".join(added))
        return f"I added these files to the chat: {', '.join(added)}\nNow answer my request in full, with what they say."

    def has_edits(self) -> bool:
        try:
            return bool(self.get_edits())
        except ValueError:
            return True

    # Where edits may go.

    def get_edits(self, *mode):
        """aider takes a name that is not in its chat for one there that resembles it, and so the edit of one file
        went into another; a name that the repository has means that file."""
        self.named = self.names.on_lines(self.partial_response_content or "")
        try:
            if self.edit_format != "whole" or mode:
                return super().get_edits(*mode)
            with blocks.nested_fences_hidden(self):
                return blocks.with_nested_fences(super().get_edits())
        finally:
            self.named = []

    def get_inchat_relative_files(self):
        return super().get_inchat_relative_files() + self.named

    def allowed_to_edit(self, path):
        trouble = self.tree.why_not(path)
        if not trouble and self.io.read_text(self.abs_root_path(path), silent=True) is None:
            trouble = "it is not a text file" if os.path.exists(self.abs_root_path(path)) else None
        if not trouble:
            self.journal.before(self.abs_root_path(path))
            if super().allowed_to_edit(path):
                return True
            trouble = "git ignores it, or it cannot be created"
        self.refused[path] = trouble
        return False

    def apply_edits(self, edits, **how):
        with blocks.only_where_named(self):
            if how:
                return super().apply_edits(edits, **how)
            self._apply(edits)

    def _apply(self, edits):
        problems = []
        wanted = [edit for edit in edits if not self._is_empty_new_file(edit)]
        try:
            super().apply_edits(wanted)
        except ValueError as err:
            problems.append(str(err.args[0]))
            self.failed_now.update(_NO_MATCH.findall(problems[0]) or [edit[0] for edit in wanted])
        self.failed_now.update(self.refused)
        problems += [f"{path} was not changed: {why}. Do not edit it." for path, why in self.refused.items()]
        if problems:
            raise ValueError("\n\n".join(problems))

    def _is_empty_new_file(self, edit) -> bool:
        """aider counts a block that makes an empty file (`__init__.py`) as one that failed."""
        if len(edit) != 3 or not all(isinstance(part, str) for part in edit) or edit[1].strip() or edit[2].strip():
            return False
        path = self.abs_root_path(edit[0])
        if os.path.isfile(path) and os.path.getsize(path) == 0:
            self.journal.keep(path)
            return True
        return False

    def apply_updates(self):
        self.refused, self.failed_now = {}, set()
        edited = super().apply_updates()
        if not self.reflected_message:
            self.bad_in_a_row = 0
            self.failed -= edited | {""}
            return edited
        # An answer that cannot even be read as edits names none: "".
        self.failed = (self.failed - edited) | (self.failed_now or {""})
        self.bad_in_a_row += 1
        if self.bad_in_a_row >= limits.BAD_ANSWERS_IN_A_ROW:
            self.reflected_message = None
        else:
            self.lines.progress("edit_rejected")
        return edited

    # How the model is asked.

    def send(self, messages, model=None, functions=None):
        self.continued = self.continued + 1 if self.multi_response_content else 0
        for attempt in range(limits.BROKEN_ANSWER_RETRIES + 1):
            before = len(self.gateway.calls)
            self.lines.progress("asking_model")
            try:
                yield from super().send(messages, model, functions)
                # A reader may stop at [DONE] and never come to the end of the bytes, where they are judged.
                if not self.gateway.calls[-1].answer.finished:
                    raise self.gateway.explain(ValueError("no finish_reason"), before)
                return
            except FinishReasonLength:
                self._count_usage(messages, before, estimate=True)
                if not self._may_continue():
                    self._take_as_it_is()
                raise
            except Exception as err:
                self.failure = self.gateway.explain(err, before)
                self._count_usage(messages, before, estimate=False)
                if self.continued and self.failure.status in (400, 422):  # it takes no beginning after all
                    self.failure = None
                    self._take_as_it_is()
                    raise FinishReasonLength() from None
                if not self.failure.broken or attempt == limits.BROKEN_ANSWER_RETRIES:
                    # Not one of litellm's exceptions, so aider neither waits nor asks again.
                    raise self.failure from None
                self.failure = None
                self.lines.progress("answer_broke_off")
            finally:
                self.lines.flush()

    def _may_continue(self) -> bool:
        """aider would hand thoughts back as words of the answer, and would go on for ever with a model that says nothing."""
        said = self.partial_response_content or ""
        thought = self.got_reasoning_content or thoughts.without(said, self.reasoning_tag_name) != said
        return bool(said.strip()) and not thought and self.continued < limits.CONTINUATIONS

    def _take_as_it_is(self):
        """aider asks for the rest of an answer when this says that the model can give it, and gives the answer up else."""
        self.main_model.info["supports_assistant_prefill"] = False

    def remove_reasoning_content(self):
        """aider takes away only what stands in the tag that its table has for the model, and only when it is closed."""
        super().remove_reasoning_content()
        said = self.partial_response_content or ""
        self.partial_response_content = thoughts.without(said, self.reasoning_tag_name)
        self.thought_aloud = self.partial_response_content != said

    def show_send_output_stream(self, completion):
        # aider also writes the text to standard output.
        with contextlib.redirect_stdout(memory.StringIO()):
            try:
                for text in super().show_send_output_stream(completion):
                    self.lines.text(text)
                    yield text
            except FinishReasonLength:
                # The usage is still to come. And a stream that is left in the middle is closed by the garbage collector,
                # at any time: while the client held its lock for the next request, it waited for itself for ever.
                with contextlib.suppress(Exception):
                    for _ in completion:
                        pass
                raise

    def calculate_and_show_tokens_and_cost(self, messages, completion=None):
        self._count_usage(messages, len(self.gateway.calls) - 1, estimate=True)

    def _count_usage(self, messages, first_call, estimate: bool):
        for call in self.gateway.calls[max(first_call, 0) :]:
            answer = call.answer
            if not answer or (answer.sent is None and not estimate):
                continue
            self.sent += self.main_model.token_count(messages) if answer.sent is None else answer.sent
            reported = answer.received
            self.received += self.main_model.token_count(self.partial_response_content) if reported is None else reported
            self.lines.usage(self.sent, self.received)

    def check_tokens(self, messages):
        fits = super().check_tokens(messages)
        if not fits:
            self.over_the_window = True
            self.failure = ModelFailed(self.io.errors[-1] if self.io.errors else "The request is too long for the model.")
        return fits


class NeverSummarize:
    """aider has a model sum up old turns, in a thread that would outlive the run; the wrapper drops them instead."""

    def too_big(self, messages) -> bool:
        return False


def create(edit_format: str, **arguments):
    """One of aider's coders, by its edit format, under the rules."""
    blocks.install()
    base = next(c for c in aider.coders.__all__ if getattr(c, "edit_format", None) == edit_format)
    kind = type(f"Ruled{base.__name__}", (Rules, base), {})
    return kind(
        summarizer=NeverSummarize(),
        auto_commits=False,
        dirty_commits=False,
        auto_lint=False,
        auto_test=False,
        suggest_shell_commands=False,
        detect_urls=False,
        map_tokens=0,
        **arguments,
    )
