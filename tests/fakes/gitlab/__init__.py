"""A fake GitLab; see README.md."""

from .fake import GitLab

__all__ = ["GitLab"]
