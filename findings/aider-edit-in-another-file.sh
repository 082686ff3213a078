#!/usr/bin/env bash
# aider-chat 0.86.2: an edit that does not fit the file that it names is written into another file of the chat.
#
# A SEARCH/REPLACE block begins with the file's path. When its SEARCH lines are not in that file, aider tries every other file that is in
# the chat, and changes the first in which they are. The path is taken as a hint. Nothing is reported to the model, no error is shown, and
# the list of edited files names the other file, as if the model had asked for it. Here the model wants the limit of test.ini changed, has
# its text wrong, and production.ini is changed.
#
# Output seen:
#   the block names test.ini; edited: ['production.ini']; asked to repair: False
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv env
env/bin/pip install --quiet aider-chat==0.86.2
mkdir tree home && cd tree && git init -q
printf '[server]\nlimit = 100\n' >production.ini
printf '[server]\nlimit = 5\n' >test.ini
cat >../apply.py <<'PY'
from aider.coders import Coder
from aider.io import InputOutput
from aider.models import Model

coder = Coder.create(main_model=Model("gpt-4o"), edit_format="diff", io=InputOutput(yes=True, pretty=False, fancy_input=False),
                     fnames=["production.ini", "test.ini"], auto_commits=False, map_tokens=0)
coder.init_before_message()
coder.partial_response_content = "test.ini\n```\n<<<<<<< SEARCH\nlimit = 100\n=======\nlimit = 1\n>>>>>>> REPLACE\n```\n"
edited = coder.apply_updates()
print(f"the block names test.ini; edited: {sorted(edited)}; asked to repair: {bool(coder.reflected_message)}", file=open("../seen", "w"))
PY
HOME="$work/home" OPENAI_API_KEY=none LITELLM_LOCAL_MODEL_COST_MAP=True ../env/bin/python ../apply.py </dev/null >../log 2>&1 || { cat ../log && exit 1; }
cat ../seen
grep -qx "the block names test.ini; edited: \['production.ini'\]; asked to repair: False" ../seen
grep -qx "limit = 1" production.ini && grep -qx "limit = 5" test.ini
