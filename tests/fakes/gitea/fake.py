"""The fake as a test holds it: repositories, tokens, faults, and what was asked."""

import itertools

from forge import Forge

from . import rest
from .repository import Repository
from .shapes import Shapes


class Token:
    """An access token: its scopes. What its account may do, the repository knows."""

    def __init__(self, secret, login, scopes):
        self.secret, self.login, self.scopes, self.revoked = secret, login, set(scopes), False


class Gitea(Forge):
    web = "https://gitea.example"

    pause = 0  # between two looks

    def __init__(self, looks_to_compute=1):
        super().__init__()
        self.looks_to_compute = looks_to_compute  # at a request, until its mergeability is computed
        self.ids = itertools.count(1)
        self.api = self.root + "/api/v1"
        self.shapes = Shapes(self.api, self.web)

    def repository(self, full_name, path):
        self.repositories[full_name] = repository = Repository(full_name, path, self.now)
        repository.id = next(self.ids)
        return repository

    def token(self, secret, login="mechanic-bot", scopes=("write:repository", "write:issue")):
        self.tokens[secret] = Token(secret, login, scopes)
        return self.tokens[secret]

    def answer(self, asked):
        return rest.answer(self, asked)
