#!/usr/bin/env bash
# aider-chat 0.86.2: of two files that define the same name, the repository map prefers the one that comes first in the order of a set.
#
# The map ranks files by who uses whose names. The number of uses in a file is damped by a square root, inside the loop over the files that
# define the name, and the result is kept for the next turn of that loop: 40 uses count 6.3 for the first definer, 2.5 for the second, 1.6 for the
# third. The definers are a set of strings, so that their order changes with Python's hash seed, which is another one in each process. With
# the same tree, chat and settings, a small map shows one file in one run and the other in the next.
#
# Output seen (which of the two a map of 14 tokens shows, hash seeds 0 to 7):
#   card card cash cash cash cash card card
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv env
env/bin/pip install --quiet aider-chat==0.86.2
mkdir tree home && cd tree && git init -q
echo 'def charge(): return 1' >cash.py
echo 'def charge(): return 2' >card.py
{ echo 'import cash, card' && for _ in {1..40}; do echo 'cash.charge()'; done; } >shop.py
cat >../map.py <<'PY'
import os

from aider.io import InputOutput
from aider.repomap import RepoMap


class Words:
    def token_count(self, text):
        return len(text) // 4


root = os.getcwd()
made = RepoMap(map_tokens=14, root=root, main_model=Words(), io=InputOutput(yes=True, pretty=False, fancy_input=False))
shown = made.get_repo_map([], [os.path.join(root, name) for name in ("cash.py", "card.py", "shop.py")])
print(",".join(name for name in ("cash", "card") if f"{name}.py:" in shown))
PY
shown=""
for seed in 0 1 2 3 4 5 6 7; do
    shown+="$(PYTHONHASHSEED=$seed HOME="$work/home" ../env/bin/python -W ignore ../map.py </dev/null 2>../log | tail -1) "
done
echo "$shown"
case $shown in *cash,* | *card,*) exit 1 ;; esac
case $shown in *cash*card* | *card*cash*) ;; *) cat ../log && exit 1 ;; esac
