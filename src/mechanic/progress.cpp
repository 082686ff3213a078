#include "mechanic/progress.hpp"

#include <algorithm>
#include <array>

namespace persais::mechanic {

namespace {

/// In the order of the kinds.
constexpr std::array<std::string_view, static_cast<std::size_t>(progress::kind::other) + 1> names{"fetching",
                                                                                                  "receiving",
                                                                                                  "check_found",
                                                                                                  "no_check_found",
                                                                                                  "agent_started",
                                                                                                  "reading_repository",
                                                                                                  "no_repository_map",
                                                                                                  "asking_model",
                                                                                                  "waiting_for_model",
                                                                                                  "model_retry",
                                                                                                  "opening",
                                                                                                  "editing",
                                                                                                  "edit_rejected",
                                                                                                  "answer_broke_off",
                                                                                                  "agent_repairs",
                                                                                                  "left_out",
                                                                                                  "lfs_left_out",
                                                                                                  "setting_up",
                                                                                                  "setup_given_up",
                                                                                                  "checking_base",
                                                                                                  "checking",
                                                                                                  "history_cut",
                                                                                                  "large_copies",
                                                                                                  "pushing",
                                                                                                  "other"};

} // namespace

std::string_view name_of(progress::kind what) {
    return names.at(static_cast<std::size_t>(what));
}

std::optional<progress::kind> progress_kind_from(std::string_view name) {
    const auto* found = std::ranges::find(names, name);
    if (found == names.end()) return std::nullopt;
    return static_cast<progress::kind>(found - names.begin());
}

std::string to_string(const progress& p) {
    using enum progress::kind;
    switch (p.what) {
    case fetching:
        return "fetching " + p.subject;
    case receiving:
        return p.subject;
    case check_found:
        return "the checks: " + p.subject;
    case no_check_found:
        return "no check command was given or found";
    case agent_started:
        return "the agent is reading";
    case reading_repository:
        return "reading the repository";
    case no_repository_map:
        return p.subject + "; the model gets file names instead";
    case asking_model:
        return "asking the model";
    case waiting_for_model:
        return "waiting for the model";
    case model_retry:
        return p.subject;
    case opening:
        return "opening " + p.subject;
    case editing:
        return "editing " + p.subject;
    case edit_rejected:
        return "the edit could not be applied; asking again";
    case answer_broke_off:
        return "the answer broke off; asking again";
    case agent_repairs:
        return "the agent repairs, round " + p.subject;
    case left_out:
        return "left out, for it is a repository of its own: " + p.subject;
    case lfs_left_out:
        return "left out, for it is in LFS and nothing uploads it: " + p.subject;
    case setting_up:
        return "setting up: " + p.subject;
    case setup_given_up:
        return "the guessed setup failed, going on without it: " + p.subject;
    case checking_base:
        return "checking the base: " + p.subject;
    case checking:
        return "checking: " + p.subject;
    case history_cut:
        return "the base branch's history is too large to be given whole: setup and checks see its newest " +
               p.subject + " commits; CHECKOUT_DEPTH, or depth in .persais.toml, sets another number";
    case large_copies:
        return "setup left " + p.subject + ", which each run of the checks copies";
    case pushing:
        return "pushing " + p.subject;
    case other:
        break;
    }
    return p.subject;
}

} // namespace persais::mechanic
