#pragma once
#include "mechanic/command.hpp"
#include "mechanic/event.hpp"
#include "mechanic/task.hpp"

namespace persais::mechanic {

// How a task's turn ends, or pauses: what `step` decides in more than one state.

std::vector<command> commands(auto... c) {
    return {command(std::move(c))...};
}

/// The outbox refuses an empty row, and an agent may give no text: then the state's name is told.
tell telling(const state& s, std::string text);
decision end(task& t, state s, std::string text);
/// Nobody has to decide anything about the task any more, so that nothing of it is held back for that.
decision close(task& t, state s, std::string text);
/// A turn without a result loses nothing: the result of the turns before is in review again.
decision fall_back(task& t, setback why);
/// Whether the branch is known to hold the result of the turns before. Once the verdict is decided, the new work may
/// have been pushed, whatever happens next: then the task ends, and the next turn finds out what is on the branch.
bool can_fall_back(const facts& k);
decision fail_with(task& t, verdict how, std::string reason, std::string sentence);
/// A person has to look at it; unless an earlier result stands, which a person reviews anyway.
decision park(task& t, verdict how, std::string reason, std::string sentence);
/// The work looks as if it carried a credential: it is held, and not pushed, until a person says what becomes of it.
decision hold(task& t, std::vector<leak> found);
/// The work that was held is what is pushed next, as it is.
decision release(task& t, const push_allowed& e, time_point now);
/// The result is put away when it is this commit; it is in review again, under the same verdict, once it is taken up
/// again.
decision put_away(task& t, const review& shown, const std::string& commit);
decision take_up_again(task& t, const discarded& away);
/// What was made anew came to nothing, for this reason: the task is again what it was before.
decision back_to_what_was(task& t, std::string why);
/// The person takes it back. What may have been pushed already is looked at first.
decision withdraw_anew(task& t, time_point now);
/// A landing has come to nothing: what was there before stands, and the sentence says why. While it is in doubt it is
/// told as such, and happens only when all looks at the remote were in vain. What the forge may merge yet is taken out
/// of its hands first.
decision land_nowhere(task& t, std::string sentence);
/// What was pushed may be on the base branch, or what was made anew on the task's own: whatever stops it, it ends when
/// that was looked at. Counts a look in vain; false: there may be no more of them.
bool may_look_again(task& t);
/// It waits and looks again, also when only the remote is away; no attempt is used up. When there were enough looks, it
/// ends as not known.
decision look_later(task& t, wait_reason why, std::string sentence, time_point now,
                    std::optional<std::chrono::seconds> retry_after = {});
/// The person is told once: a cause that is still there at the next attempt is no news.
decision wait_for(task& t, wait_reason why, time_point until, time_point give_up, std::string text);
/// The attempt failed for a reason outside the task: the next one starts after a pause, or a person has to look.
decision use_up_attempt(task& t, wait_reason why, verdict how, std::string reason, std::string sentence, time_point now,
                        std::optional<std::chrono::seconds> retry_after = {}, bool may_pass = false);

/// The branch has what was made: it is the result.
decision published(task& t, const std::string& request = {});
/// The remote refused what was made anew. An earlier push may have come through, so the branch is looked at.
decision refused_anew(task& t, const remote_trouble& e, time_point now);
/// What a look at the branch says of what was made anew and may be there already; nullopt: it is still to be pushed.
std::optional<decision> after_look(task& t, const prepared& e);
/// The checks' result before a turn that works on this. A tool that was missing may be installed by now.
check_outcome known_before(const standing& s);
/// The next turn begins, whatever the result of the one before.
decision go_on(task& t, const replied& e, time_point now);

} // namespace persais::mechanic
