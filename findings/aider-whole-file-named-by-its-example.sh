#!/usr/bin/env bash
# aider-chat 0.86.2, edit format "whole": a file with a fenced example ends there, and its rest becomes a file named by the example's last line.
#
# In this format (aider's default for models that its table does not know) a model lists each file between fences of three backticks. aider widens
# the fence only when a file that is already in the chat holds one, so a new README with a shell example is listed between the same
# fence as the example. The example's opening fence, though it names a language, closes the README; its closing fence opens a new listing,
# whose path is the line before it: a command. Both files are written, and the answer counts as good.
#
# Output seen:
#   edited: ['README.md', 'make install']
#   README.md ends with: Run:
#   "make install" holds: Then restart.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv env
env/bin/pip install --quiet aider-chat==0.86.2
mkdir tree home && cd tree && git init -q
cat >../apply.py <<'PY'
from aider.coders import Coder
from aider.io import InputOutput
from aider.models import Model

coder = Coder.create(main_model=Model("gpt-4o"), edit_format="whole", io=InputOutput(yes=True, pretty=False, fancy_input=False),
                     fnames=[], auto_commits=False, map_tokens=0)
coder.init_before_message()
coder.partial_response_content = "README.md\n```\n# Title\n\nRun:\n\n```bash\nmake install\n```\n\nThen restart.\n```\n"
edited = sorted(coder.apply_updates())
assert not coder.reflected_message
with open("../seen", "w") as seen:
    print(f"edited: {edited}", file=seen)
    print(f"README.md ends with: {open(edited[0]).read().split(chr(10))[-3]}", file=seen)
    print(f'"{edited[1]}" holds: {open(edited[1]).read().strip()}', file=seen)
PY
HOME="$work/home" OPENAI_API_KEY=none LITELLM_LOCAL_MODEL_COST_MAP=True ../env/bin/python ../apply.py </dev/null >../log 2>&1 || { cat ../log && exit 1; }
cat ../seen
diff ../seen - <<'SEEN'
edited: ['README.md', 'make install']
README.md ends with: Run:
"make install" holds: Then restart.
SEEN
