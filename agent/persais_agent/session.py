"""One job, from the tree to the verdict. This is the wiring: every other module is called from here."""

import os

from . import AIDER_VERSION, environment, limits, loading, stubs
from .conversation import bounded, clipped, with_notes, without_notes
from .job import BadJob, Job
from .journal import Journal
from .lines import Lines
from .tree import NotATree, Tree
from .verdict import Outcome, judge


class Session:
    """`changed` and `tokens` may be asked for at any time, by the SIGTERM handler too."""

    def __init__(self, job: Job, lines: Lines):
        self.job = job
        self.lines = lines
        self.journal: Journal | None = None
        self.coder = None
        self.rows = None  # what the map knows of files

    def changed(self) -> list[str]:
        return self.journal.changed()[: limits.RESULT_FILES] if self.journal else []

    def tokens(self) -> dict:
        return {"sent": self.coder.sent, "received": self.coder.received} if self.coder else {"sent": 0, "received": 0}

    def run(self) -> dict:
        """The fields of the result line. Throws BadJob."""
        job = self.job
        try:
            environment.confine(job.scratch)
        except OSError as err:
            raise BadJob(f"scratch cannot be written: {err.strerror}.") from None
        try:
            tree = Tree(job.tree)
            loading.load()  # meanwhile git lists the tree
            tree.names
        except NotATree as err:
            raise BadJob(str(err)) from None
        self.journal = Journal(tree.root)
        os.chdir(tree.root)
        self.lines.started(AIDER_VERSION)
        self.coder = self._prepare(tree)
        self.coder.run(with_message=with_notes(job.instruction, job.notes), preproc=False)
        self.journal.tidy()
        if self.rows:
            self.lines.tags(self.rows.told())
        return self._result()

    def _prepare(self, tree: Tree):
        # Imported here, because aider's modules may be loaded only now.
        from . import coder, gateway, model
        from .console import Console
        from .mentions import Names
        from .opening import Opening
        from .repository import Repository

        job = self.job
        way = gateway.Gateway(
            job.gateway.socket, job.gateway.url, job.gateway.token, job.request_timeout, self.lines.alive
        )
        main_model = model.build(job, job.model, way.base_url)
        if job.weak_model:
            main_model.weak_model = model.build(job, job.weak_model, way.base_url)
        gateway.install(way, [name for name in (job.model, job.weak_model) if name])
        io = Console(tree, self.journal, self.lines)
        opening = Opening(tree, job.max_input_tokens)
        names = Names(tree.names)
        wanted = list(dict.fromkeys(job.files + names.mentioned(job.instruction)))
        made = coder.create(
            "ask" if job.mode == "ask" else job.edit_format or main_model.edit_format,
            main_model=main_model,
            io=io,
            repo=Repository(tree),
            fnames=opening.take(wanted),
            done_messages=bounded(job.conversation, self._history_bytes()),
            commands=stubs.NoCommands(),
            analytics=stubs.NoAnalytics(),
            stream=job.stream,
        )
        made.lay_over(tree, self.journal, self.lines, way, opening, names, job.instruction)
        made.repo_map = self._map(tree, main_model, io, made.gpt_prompts.repo_content_prefix, way)
        return made

    def _history_bytes(self) -> int:
        """Old turns get at most about a quarter of the window."""
        window = self.job.max_input_tokens
        return min(limits.CONVERSATION_BYTES, window) if window else limits.CONVERSATION_BYTES

    def _map(self, tree: Tree, main_model, io, prefix: str, way):
        policy = self.job.map
        if not policy.tokens or not policy.seconds or not prefix or len(tree.tracked) > policy.max_files:
            return None
        loading.load_map()
        from aider.repomap import RepoMap

        from .meanwhile import Meanwhile
        from .repo_map import BoundedMap
        from .tags import Rows

        # Nothing of ours uses this folder; should aider ever open it, it must not be one from the tree.
        RepoMap.TAGS_CACHE_DIR = os.path.join(self.job.scratch, "tags")
        self.lines.progress("reading_repository")
        self.rows = Rows(policy.tags)
        made = BoundedMap(policy.tokens, policy.seconds, self.rows, tree, main_model, io, prefix)
        way.meanwhile = Meanwhile(made).begin
        return made

    def _result(self) -> dict:
        coder = self.coder
        answer = "" if coder.failure else coder.partial_response_content or ""
        calls = coder.gateway.calls
        last = calls[-1].answer if calls else None
        outcome = Outcome(
            mode=self.job.mode,
            changed=self.changed(),
            answer=answer,
            failure=str(coder.failure) if coder.failure else None,
            too_long=coder.num_exhausted_context_windows > 0 or coder.over_the_window,
            bad_in_a_row=coder.bad_in_a_row,
            malformed=coder.num_malformed_responses,
            edits_failed=sorted(coder.failed),
            called_tool=bool(last and last.called_tool),
            thought=bool(last and last.thought) or bool(coder.thought_aloud),
        )
        verdict, reason = judge(outcome)
        return {
            "verdict": verdict,
            "reason": clipped(" ".join(reason.split()), limits.REASON_CHARACTERS),
            "files": outcome.changed,
            "answer": clipped(answer, limits.ANSWER_BYTES),
            "conversation": bounded(without_notes(coder.done_messages + coder.cur_messages, self.job)),
            "tokens": self.tokens(),
            "malformed": outcome.malformed,
            "edits_failed": outcome.edits_failed[: limits.RESULT_FILES],
            "status": coder.failure.status if coder.failure else None,
        }
