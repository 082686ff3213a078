"""The fake as a test holds it: projects, tokens, faults, and what was asked."""

import itertools

from forge import Forge

from . import rest
from .project import DEVELOPER, Project
from .shapes import Shapes


class Token:
    """A personal access token: its scopes, and the role that its person has in each project (0: none)."""

    def __init__(self, secret, name, scopes, level):
        self.secret, self.name, self.scopes, self.level = secret, name, set(scopes), level
        self.revoked, self.expires = False, None


class GitLab(Forge):
    web = "https://gitlab.example"

    def __init__(self, looks_to_compute=1, premium=True):
        super().__init__()
        self.looks_to_compute, self.premium = looks_to_compute, premium  # looks at a request until its mergeability is computed
        self.remaining = self.limit = 2000  # requests a minute
        self.passes_trains_by = False  # as GitLab before 19.1: what is accepted for a train is merged at once
        self.ids = itertools.count(7)
        self.api = self.root + "/api/v4"
        self.shapes = Shapes(self.api, self.web)

    def repository(self, full_name, path):
        self.repositories[full_name] = project = Project(full_name, path, self.now)
        project.id = next(self.ids)
        return project

    def token(self, secret, name="mechanic-bot", scopes=("api",), level=DEVELOPER):
        self.tokens[secret] = Token(secret, name, scopes, level)
        return self.tokens[secret]

    def answer(self, asked):
        return rest.answer(self, asked)

    def fault_body(self, status):
        return {"message": f"{status} {rest.REASONS.get(status, 'Error')}"}
