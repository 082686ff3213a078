#!/usr/bin/env bash
# aider-chat 0.86.2: a SEARCH block that quotes a conflict of git is applied as another edit, without a complaint.
#
# A model that is to solve a conflict has to quote it, with git's own line of seven `=`. aider takes that line for the divider of its block (five
# to nine `=`), so what it searches for ends there; the rest of the conflict becomes the replacing text, the real divider ends that text
# where `>>>>>>> REPLACE` is expected as well, and what the model wanted to put there is dropped. The edit counts as a success,
# and more marks are in the file than before. With marks of another length (`conflict-marker-size`) the same block does what it says.
#
# Output seen (a conflict of `mine` and `theirs`, replaced by `both`, with seven characters):
#   theirs
#   >>>>>>> work
#   =======
#   theirs
#   >>>>>>> work
# and with 24 characters: both
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv env
env/bin/pip install --quiet aider-chat==0.86.2
mkdir tree home && cd tree && git init -q
cat >../apply.py <<'PY'
import sys

from aider.coders import Coder
from aider.io import InputOutput
from aider.models import Model

length = int(sys.argv[1])
mark = {c: c * length for c in "<=>"}
conflict = f"{mark['<']} HEAD\nmine\n{mark['=']}\ntheirs\n{mark['>']} work\n"
open("a.txt", "w").write(conflict)
coder = Coder.create(main_model=Model("gpt-4o"), edit_format="diff", io=InputOutput(yes=True, pretty=False, fancy_input=False),
                     fnames=["a.txt"], auto_commits=False, map_tokens=0)
coder.init_before_message()
coder.partial_response_content = f"a.txt\n```\n<<<<<<< SEARCH\n{conflict}=======\nboth\n>>>>>>> REPLACE\n```\n"
edited = coder.apply_updates()
assert edited == {"a.txt"} and not coder.reflected_message, (edited, coder.reflected_message)
PY
apply() {
    HOME="$work/home" OPENAI_API_KEY=none LITELLM_LOCAL_MODEL_COST_MAP=True ../env/bin/python ../apply.py "$1" </dev/null >../log 2>&1 || { cat ../log && exit 1; }
    cat a.txt
}
apply 7
printf 'theirs\n>>>>>>> work\n=======\ntheirs\n>>>>>>> work\n' | cmp - a.txt
apply 24
printf 'both\n' | cmp - a.txt
