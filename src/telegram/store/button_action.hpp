#pragma once
#include <cstddef>
#include <string_view>

namespace persais::telegram {

/// What a button does; the spelling is the database's, which refuses any other (`buttons.action_known`).
enum class action {
    diff,
    log,
    retry,
    abort,
    push,        // what is held back, as it is; argument: its commit
    give_back,   // the same, to the agent
    make_task,   // on an answer
    budget_more, // argument: dollars
    task,        // one of several was chosen; argument: the command that it was chosen for
    repo,        // argument: name
    add_repo,
    model, // argument: name, empty: the service's own
    lang,  // argument: en, ru
    reset,
    status,
    tasks,
    budget, // argument: dollars, empty: asked for
    help,
    show,        // argument: the command that shows it
    dialog,      // argument: the answer to the question that was asked
    let_in,      // argument: the person
    keep_out,    // argument: the person
    put_out,     // argument: the person
    drop_invite, // argument: the digest of its code
    deploy,      // argument: the commit that was shown, as in the next two
    deploy_anyway,
    rollback,
    rollback_anyway,
    discard,    // asks; argument: the commit, as in the next two
    discard_it, // does it
    undiscard
};
inline constexpr std::size_t actions_known = static_cast<std::size_t>(action::undiscard) + 1;
std::string_view to_string(action what);
/// Whether a press uses the button up.
bool works_once(action what);
/// Whether it decides on the result that it stands under, so that it is not shown under one that is another by now. It
/// names the commit: a second press is refused by what the task is then, and it works again when the decision came to
/// nothing.
bool decides_on_result(action what);

} // namespace persais::telegram
