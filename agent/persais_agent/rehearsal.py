"""What aider and litellm do at their first use, done once with words of our own before any task is known: a request that a pretended
gateway answers, and a map of two files. What they import and build on the way stays for every job that is forked from here."""

import os
import tempfile

import httpx

from . import gateway
from .console import Console
from .job import Gateway, Job, MapPolicy
from .journal import Journal
from .lines import Lines

_ANSWER = (
    b'data: {"id":"1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"role":"assistant",'
    b'"content":"x"},"finish_reason":null}]}\n\ndata: {"id":"1","object":"chat.completion.chunk","created":1,"model":"m","choices":'
    b'[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}\n\n'
    b"data: [DONE]\n\n"
)
_FILES = {"first.py": "import second\n\n\ndef one():\n    return second.two()\n", "second.py": "def two():\n    return 2\n"}


class _Tree:
    """A folder that is no git work tree."""

    def __init__(self, root: str):
        self.root = os.path.realpath(root)
        self.blobs = dict.fromkeys(_FILES, "0" * 40)

    def read(self, path: str) -> bytes:
        with open(path, "rb") as file:
            return file.read()


def rehearse() -> None:
    with tempfile.TemporaryDirectory() as folder, open(os.devnull, "wb") as nowhere:
        for name, text in _FILES.items():
            with open(os.path.join(folder, name), "w") as file:
                file.write(text)
        _rehearse(_Tree(folder), Lines(nowhere.fileno()))


def _rehearse(tree: _Tree, lines: Lines) -> None:
    from . import model
    from .repo_map import BoundedMap
    from .tags import Rows

    job = Job("ask", tree.root, tree.root, "x", "vendor/name", Gateway("t", socket="/nonexistent"), map=MapPolicy())
    way = gateway.Gateway(job.gateway.socket, None, "t", 1.0, lines.alive)
    asked = model.build(job, job.model, way.base_url)
    way.client.close()
    way.client = httpx.Client(transport=gateway.Watched(httpx.MockTransport(_answer), httpx.URL(way.base_url).netloc, way))
    before = gateway.install(way, [job.model])
    _, answer = asked.send_completion([{"role": "user", "content": "x"}], None, True, 0)
    for _ in answer:
        pass
    way.client.close()
    gateway.forget(before)
    io = Console(tree, Journal(tree.root), lines)
    files = [os.path.join(tree.root, name) for name in _FILES]
    BoundedMap(1024, 60.0, Rows(None), tree, asked, io, "").get_repo_map([], files)


def _answer(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, headers={"content-type": "text/event-stream"}, content=_ANSWER)
