#!/usr/bin/env bash
# aider-chat 0.86.2: when a SEARCH block is indented deeper than the file, the beginning of the file's line is put before each new line.
#
# aider forgives a block whose lines lack the file's indentation: it cuts the file's line by how much longer that is than the block's line, and
# puts what it has cut before each replacing line. A block may also be indented deeper than the file, and stays so when one of its
# replacing lines is not indented at all. The difference of the lengths is then negative, and the cut is the file's line without its last
# characters: code, not spaces. It is written before every line, also into blocks' unindented ones, and counts as a success.
#
# Output seen (return total, searched with four spaces too many, replaced by itself and an import):
#   def f(total):
#       return to        return total
#       return toimport os
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv env
env/bin/pip install --quiet aider-chat==0.86.2
mkdir tree home && cd tree && git init -q
printf 'def f(total):\n    return total\n' >a.py
cat >../apply.py <<'PY'
from aider.coders import Coder
from aider.io import InputOutput
from aider.models import Model

coder = Coder.create(main_model=Model("gpt-4o"), edit_format="diff", io=InputOutput(yes=True, pretty=False, fancy_input=False),
                     fnames=["a.py"], auto_commits=False, map_tokens=0)
line = "        return total\n"
coder.init_before_message()
coder.partial_response_content = f"a.py\n```\n<<<<<<< SEARCH\n{line}=======\n{line}import os\n>>>>>>> REPLACE\n```\n"
edited = coder.apply_updates()
assert edited == {"a.py"} and not coder.reflected_message, (edited, coder.reflected_message)
PY
HOME="$work/home" OPENAI_API_KEY=none LITELLM_LOCAL_MODEL_COST_MAP=True ../env/bin/python ../apply.py </dev/null >../log 2>&1 || { cat ../log && exit 1; }
cat a.py
printf 'def f(total):\n    return to        return total\n    return toimport os\n' | cmp - a.py
