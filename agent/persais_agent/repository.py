"""Stands where aider has its GitRepo: answers from one `git ls-files`, and writes nothing.

aider's own walks the commit's tree in Python (17-29 s for 100,000 files), stages new files, and makes commits.
"""

from .tree import Tree


class Repository:
    def __init__(self, tree: Tree):
        self._tree = tree
        self.root = tree.root

    def get_tracked_files(self) -> list[str]:
        return self._tree.tracked

    def path_in_repo(self, path) -> bool:
        """aider stages what is not in the repository; the service takes new files from the tree itself."""
        return True

    def git_ignored_file(self, path) -> bool:
        return self._tree.ignored(str(path))

    def ignored_file(self, path) -> bool:
        """A committed .aiderignore is the repository's wish, not the person's."""
        return False

    def is_dirty(self, path=None) -> bool:
        return False

    def get_head_commit_sha(self, short=False):
        return None

    def get_rel_repo_dir(self) -> str:
        return ".git"
