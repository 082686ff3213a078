// The sentences of a settled task.
#include "mechanic/limits.hpp"
#include "mechanic/step.hpp"
#include "mechanic/task.hpp"

#include <algorithm>

namespace persais::mechanic {

namespace {

std::string in_time(const facts& k) {
    return k.check_seconds > 0 ? "within " + std::to_string(k.check_seconds) + " s" : "in their time";
}

std::string claimed_in_words(const facts& k) {
    switch (claim_of(k)) {
    case checks_claim::green:
        return "The checks are green.";
    case checks_claim::fixed:
        return "The checks were red before the change and are green now.";
    case checks_claim::still_red:
        return "The checks were red before the change, and they still are.";
    case checks_claim::broke:
        return "The checks were green before the change, and it broke them.";
    case checks_claim::made_late:
        return "The checks were green before the change; after it they did not end " + in_time(k) + ".";
    case checks_claim::red:
        return "The checks are red.";
    case checks_claim::late:
        return "The checks did not end " + in_time(k) + ".";
    }
    std::unreachable();
}

/// Why no claim can be made about the time before the change; empty when one can, or nothing is known.
std::string unclaimed_in_words(const facts& k) {
    if (k.before == check_outcome::timed_out) return " Before the change they did not end " + in_time(k) + ".";
    if (k.before == check_outcome::could_not_run) return " Before the change they could not run.";
    return {};
}

std::string of_setup_in_words(const facts& k) {
    return k.setup_failed.empty() ? "" : " The guessed setup `" + k.setup_failed + "` failed, so they ran without it.";
}

/// How the result on the branch was judged.
std::string judged(verdict how, const facts& k) {
    switch (how) {
    case verdict::ready:
    case verdict::tests_red:
        return claimed_in_words(k) + unclaimed_in_words(k) + of_setup_in_words(k);
    case verdict::ready_unchecked:
        return "This repository has no check command, so nothing tested the change.";
    case verdict::checks_could_not_run:
        return k.could_not_run;
    case verdict::aborted:
        return "Aborted.";
    case verdict::no_change:
    case verdict::protected_path:
    case verdict::model_failed:
    case verdict::timed_out:
    case verdict::remote_failed:
    case verdict::world_broken:
        break;
    }
    return std::string(words(how));
}

} // namespace

std::string nothing_changed(const coded_nothing& e) {
    if (e.left_out.empty() && !e.lfs_left_out.empty())
        return "The agent changed only `" + e.lfs_left_out.front() + "`, which " + std::string(kept_in_lfs) +
               ": git has only its pointer, and new contents are not uploaded. Put the new file into LFS yourself.";
    if (e.left_out.empty()) return "The agent changed nothing.";
    return "The agent changed only what is in `" + e.left_out.front() +
           "`, which is a repository of its own (a submodule, or a clone inside the tree): nothing of it belongs to "
           "this "
           "repository. Give that task to the repository that it is.";
}

std::vector<std::string> still_failed(std::vector<std::string> before, const std::vector<std::string>& edited,
                                      const std::vector<std::string>& now) {
    std::erase_if(before, [&](const auto& path) { return std::ranges::find(edited, path) != edited.end(); });
    for (const auto& path : now)
        if (std::ranges::find(before, path) == before.end()) before.push_back(path);
    if (before.size() > limits::failed_edits_kept) before.resize(limits::failed_edits_kept);
    return before;
}

std::string failed_edits_in_words(const std::vector<std::string>& failed) {
    if (failed.empty()) return {};
    std::string named;
    for (const auto& path : failed)
        if (!path.empty()) named += (named.empty() ? " of `" : ", `") + path + "`";
    if (failed.size() == 1) return "One edit" + named + " could not be applied.";
    return std::to_string(failed.size()) + " edits" + named + " could not be applied.";
}

std::chrono::seconds backoff(int attempts_used) {
    return std::chrono::seconds(std::min<long>(300, 1L << std::clamp(attempts_used, 1, 9)));
}

std::string reason_of(model_trouble why) {
    switch (why) {
    case model_trouble::key:
        return "key";
    case model_trouble::credit:
        return "credit";
    case model_trouble::day_budget:
    case model_trouble::task_budget:
        return "budget";
    case model_trouble::policy:
        return "policy";
    case model_trouble::model:
        return "model";
    case model_trouble::context:
        return "context";
    case model_trouble::rate:
        return "rate";
    case model_trouble::network:
        return "network";
    case model_trouble::nonsense:
        return "nonsense";
    }
    std::unreachable();
}

checks_claim claim_of(const facts& k) {
    bool was_red = k.before == check_outcome::red;
    bool was_green = k.before == check_outcome::green;
    if (k.after == check_outcome::green) return was_red ? checks_claim::fixed : checks_claim::green;
    if (k.after == check_outcome::timed_out) return was_green ? checks_claim::made_late : checks_claim::late;
    if (was_red) return checks_claim::still_red;
    return was_green ? checks_claim::broke : checks_claim::red;
}

std::optional<verdict> verdict_of(const task& t) {
    using none = std::optional<verdict>;
    return std::visit(
        each_state{
            [](const one_of<queued, preparing, coding, checking, publishing, answering, waiting> auto&) {
                return none();
            },
            [&](const review& s) { return none(t.known.came_to_nothing ? t.known.came_to_nothing->how : s.how); },
            [](const failed& s) { return none(s.how); },
            [](const one_of<aborted, expired> auto&) { return none(verdict::aborted); },
            [](const parked&) { return none(verdict::world_broken); },
            [](const answered&) { return none(verdict::ready); }},
        t.now);
}

bool retries_its_turn(const task& t) {
    return std::holds_alternative<review>(t.now) && t.known.came_to_nothing.has_value();
}

std::string reason_of(const task& t) {
    const auto& setback = t.known.came_to_nothing;
    return std::visit(each_state{[](const failed& s) { return s.reason; },
                                 [&](const review&) { return setback ? setback->reason : std::string(); },
                                 [](const one_of<queued, preparing, coding, checking, publishing, answering, waiting,
                                                 aborted, parked, expired, answered> auto&) { return std::string(); }},
                      t.now);
}

/// The sentence of a result, and what is missing in it.
std::string with_failed_edits(std::string sentence, const facts& k) {
    auto failed = failed_edits_in_words(k.edits_failed);
    return failed.empty() ? sentence : sentence + " " + failed;
}

std::string sentence_of(const task& t) {
    const auto& k = t.known;
    return std::visit(
        each_state{[](const one_of<failed, parked> auto& s) { return s.sentence; },
                   [&](const review& s) {
                       return k.came_to_nothing ? k.came_to_nothing->sentence : with_failed_edits(judged(s.how, k), k);
                   },
                   [&](const one_of<aborted, expired> auto&) { return judged(verdict::aborted, k); },
                   [](const answered&) { return std::string("Answered."); },
                   [](const one_of<queued, preparing, coding, checking, publishing, answering, waiting> auto&) {
                       return std::string();
                   }},
        t.now);
}

std::pair<verdict, std::string> given_up(wait_reason why) {
    switch (why) {
    case wait_reason::key:
        return {verdict::model_failed, "key"};
    case wait_reason::credit:
        return {verdict::model_failed, "credit"};
    case wait_reason::day_budget:
    case wait_reason::task_budget:
        return {verdict::model_failed, "budget"};
    case wait_reason::model_away:
        return {verdict::model_failed, "network"};
    case wait_reason::remote_away:
        return {verdict::remote_failed, "network"};
    case wait_reason::world:
        return {verdict::world_broken, ""};
    }
    std::unreachable();
}

} // namespace persais::mechanic
