#!/usr/bin/env bash
# aider-chat 0.86.2: the first line of an edit is dropped when it ends with the name of the edited file.
#
# Models sometimes repeat the path and a fence inside a block, and aider unwraps that. It takes any first line that ends with the file's
# base name for the path, with or without a fence below it, in SEARCH and in REPLACE. So a command or comment that ends with the file's name
# cannot be added as the first line of an edit, and an edit that takes such a line away replaces the rest by itself. Both are
# reported as edits, and the model is told that they were applied.
#
# Output seen:
#   the comment "# deploy.sh" taken away; edited: ['deploy.sh']; first line: # deploy.sh
#   a new file "start" of two lines; edited: ['start']; first line: echo done
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv env
env/bin/pip install --quiet aider-chat==0.86.2
mkdir tree home && cd tree && git init -q
printf '# deploy.sh\nmake\n' >deploy.sh
cat >../apply.py <<'PY'
from aider.coders import Coder
from aider.io import InputOutput
from aider.models import Model

seen = open("../seen", "w")


def apply(what, path, search, replace):
    coder = Coder.create(main_model=Model("gpt-4o"), edit_format="diff", io=InputOutput(yes=True, pretty=False, fancy_input=False),
                         fnames=["deploy.sh"], auto_commits=False, map_tokens=0)
    coder.init_before_message()
    coder.partial_response_content = f"{path}\n```\n<<<<<<< SEARCH\n{search}=======\n{replace}>>>>>>> REPLACE\n```\n"
    edited = coder.apply_updates()
    assert not coder.reflected_message
    print(f"{what}; edited: {sorted(edited)}; first line: {open(path).readline().strip()}", file=seen)


apply('the comment "# deploy.sh" taken away', "deploy.sh", "# deploy.sh\nmake\n", "make\n")
apply('a new file "start" of two lines', "start", "", "npm start\necho done\n")
PY
HOME="$work/home" OPENAI_API_KEY=none LITELLM_LOCAL_MODEL_COST_MAP=True ../env/bin/python ../apply.py </dev/null >../log 2>&1 || { cat ../log && exit 1; }
cat ../seen
diff ../seen - <<'SEEN'
the comment "# deploy.sh" taken away; edited: ['deploy.sh']; first line: # deploy.sh
a new file "start" of two lines; edited: ['start']; first line: echo done
SEEN
