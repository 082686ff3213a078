"""Onto main and back by GitLab's merge requests: DEPLOY_STRATEGY=request. More of it is in every_request.py, for the nightly."""

from request_stories import Whole
from requesting import AtGitLab


class GitLab(Whole, AtGitLab):
    pass
