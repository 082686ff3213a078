"""A fake Gitea, and the real one; see README.md."""

from .fake import Gitea
from .real import RealGitea

__all__ = ["Gitea", "RealGitea"]
