"""One row of the table, as Markdown."""

from collections import Counter

HEAD = ("repository", "commit", "files", "touched/expressed/left out", "left out", "preparing", "coding", "checking",
        "publishing", "total", "first request", "verdict", "equal", "first difference")


def show(change, answer, told, judged):
    print("| " + " | ".join(HEAD) + " |")
    print("|" + "---|" * len(HEAD))
    print("| " + " | ".join(str(cell).replace("|", "\\|").replace("\n", " ") for cell in cells(change, answer, told, judged)) + " |")


def cells(change, answer, told, judged):
    seconds = told.result.get("seconds", {})
    verdict = told.result.get("verdict", "none")
    if verdict not in judged.wanted.split(" or "):
        verdict += f" (must be {judged.wanted})"
    return (name_of(change.repository), change.commit[:10], change.files,
            f"{len(change.touched)}/{len(answer.expressed)}/{len(answer.left_out)}", reasons(answer) or "-",
            *(f"{seconds[part]:.1f}" if part in seconds else "-"
              for part in ("preparing", "coding", "checking", "publishing", "total")),
            "-" if told.first_request is None else f"{told.first_request:.2f}", verdict,
            "yes" if judged.equal else "NO", judged.difference or "-")


def name_of(repository):
    """The last part of the path that says something."""
    parts = [part for part in repository.resolve().parts if part not in ("repo", ".git")]
    return parts[-1].removesuffix(".git")


def reasons(answer):
    counted = Counter(answer.left_out.values())
    said = [f"{count} {why}" for why, count in counted.most_common()]
    if answer.modes:
        said.append(f"the mode of {', '.join(answer.modes[:3])}")
    return "; ".join(said)
