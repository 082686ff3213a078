#pragma once
#include "mechanic/command.hpp"
#include "mechanic/event.hpp"
#include "mechanic/task.hpp"
#include "mechanic/words.hpp"

#include <vector>

namespace persais::mechanic {

/// Decides what follows an event. Pure: no clock, no I/O. On success `t` is in its next state and the commands are to
/// be executed in order, after `t` was stored; on refusal `t` is unchanged.
decision step(task& t, const event& e, time_point now);

/// The verdict of a settled task's newest turn; nullopt while it is running. In review, `review::how` is the verdict of
/// the result on the branch: it is another one when the newest turn came to nothing.
std::optional<verdict> verdict_of(const task& t);
/// The sentence, and contract.md's reason, for that verdict.
std::string sentence_of(const task& t);
std::string reason_of(const task& t);
/// contract.md's reason of model_failed.
std::string reason_of(model_trouble why);

/// The sentence of a turn whose change its repository does not allow.
std::string refused_in_words(const work_refused& e);
/// How each order begins that nobody wrote, so that it can be told from what people write.
inline constexpr std::string_view order_to_solve_begins = "Solve a conflict with the base branch.";
/// What the agent is asked to do about conflicts of a landing: the instruction of a turn that no person wrote.
std::string order_to_solve(const facts& was, const std::vector<std::string>& conflicts);
bool is_order_to_solve(std::string_view instruction);
/// The sentence of a turn without a change.
std::string nothing_changed(const coded_nothing& e);
/// The sentences of a task that crashes stopped so often, of a
/// result without a decision, of a task that waited too long; what red checks say that print nothing.
std::string stopped_too_often(int times);
std::string nobody_decided();
std::string waited_a_day();
std::string checks_were_silent();
/// In the sentence of nothing_changed() when it is about a file in LFS.
inline constexpr std::string_view kept_in_lfs = "is in LFS";

/// The edits that failed and are not repaired after a round: those of the rounds before, unless it edited their files,
/// and its own.
std::vector<std::string> still_failed(std::vector<std::string> before, const std::vector<std::string>& edited,
                                      const std::vector<std::string>& now);
/// "One edit of `a.py` could not be applied."; empty when none failed.
std::string failed_edits_in_words(const std::vector<std::string>& failed);

/// What may be said of the checks of a result that is ready or red. A run that did not end in its time, or could not
/// run, is no ground to claim what the change did; `facts::before` says so beside it.
enum class checks_claim {
    green,
    fixed, // red before
    still_red,
    broke,     // green before, red now
    made_late, // green before; now they time out
    red,       // nothing is claimed about the time before, as in the next
    late
};
checks_claim claim_of(const facts& k);
/// The newest turn came to nothing and an earlier result stands: a retry repeats that turn (`facts::asked`) instead of
/// making a new task.
bool retries_its_turn(const task& t);

/// The verdict, and contract.md's reason, of a task that waited in vain.
std::pair<verdict, std::string> given_up(wait_reason why);

} // namespace persais::mechanic
