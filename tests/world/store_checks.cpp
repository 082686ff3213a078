// The CHECKs of the table tasks (sql/schema.golden.sql) that a typed row can still break.
#include "base/text.hpp"
#include "mechanic/limits.hpp"
#include "world/store_model.hpp"

#include <algorithm>

namespace persais::world {

using namespace mechanic;

namespace {

bool is_commit(const std::string& id) {
    return id.size() == 40 &&
           std::ranges::all_of(id, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

std::optional<std::string> broken_order(const order& o) {
    if (o.remote.empty()) return "tasks_remote_check";
    if (o.instruction.empty() || text::characters(o.instruction) > limits::instruction_characters)
        return "tasks_instruction_check";
    if (!(o.budget_usd >= 0)) return "tasks_budget_usd_check";
    if (o.attempts < 1 || o.attempts > 100) return "tasks_attempts_most_check";
    if (o.repair_rounds < 0 || o.repair_rounds > 100) return "tasks_rounds_most_check";
    return std::nullopt;
}

struct broken_state {
    const order& what;
    const facts& known;
    bool question = what.what == order::kind::question;

    std::optional<std::string> operator()(const preparing& s) const { return tried(s.attempt); }
    std::optional<std::string> operator()(const coding& s) const { return round(s.attempt, s.round); }
    std::optional<std::string> operator()(const checking& s) const { return round(s.attempt, s.round); }
    std::optional<std::string> operator()(const publishing& s) const {
        if (!is_commit(s.commit)) return "tasks_commit_id_check";
        if (question) return "questions_push_nothing";
        if (!known.decided || !has_branch(*known.decided)) return "publishing_is_decided";
        return tried(s.attempt);
    }
    std::optional<std::string> operator()(const answering& s) const {
        return question ? tried(s.attempt) : "answers_only_questions";
    }
    std::optional<std::string> operator()(const answered&) const { return only(question, "answers_only_questions"); }
    std::optional<std::string> operator()(const review& s) const {
        if (!is_commit(s.commit)) return "tasks_commit_id_check";
        if (!known.made || known.made->commit != s.commit) return "review_is_of_what_was_made";
        return only(!question && has_branch(s.how), question ? "questions_push_nothing" : "verdict_of_review");
    }
    std::optional<std::string> operator()(const failed& s) const {
        return only(!has_branch(s.how) && s.how != verdict::aborted, "verdict_of_failed");
    }
    std::optional<std::string> operator()(const one_of<deploying, rolling_back> auto& s) const {
        if (!is_commit(s.commit)) return "tasks_commit_id_check";
        if (question) return "questions_push_nothing";
        if (!known.lands || known.lands->commit != s.commit) return "landing_is_asked_for";
        return tried(s.attempt);
    }
    std::optional<std::string> operator()(const deployed& s) const {
        if (!is_commit(s.commit)) return "tasks_commit_id_check";
        if (question) return "questions_push_nothing";
        return only(known.on_base && known.on_base->commit == s.commit, "deployed_is_on_base");
    }
    std::optional<std::string> operator()(const one_of<rolled_back, discarded> auto& s) const {
        if (!is_commit(s.commit)) return "tasks_commit_id_check";
        return only(!question, "questions_push_nothing");
    }
    std::optional<std::string> operator()(const auto&) const { return std::nullopt; }

private:
    static std::optional<std::string> only(bool fine, const char* name) {
        return fine ? std::nullopt : std::optional<std::string>(name);
    }
    std::optional<std::string> tried(int attempt) const {
        if (attempt > what.attempts) return "attempt_within_limit";
        return only(attempt >= 1, "tasks_attempt_check");
    }
    std::optional<std::string> round(int attempt, int n) const {
        if (question) return "questions_push_nothing";
        if (n > what.repair_rounds) return "round_within_limit";
        return n < 0 ? "tasks_round_check" : tried(attempt);
    }
};

} // namespace

std::optional<std::string> broken_check(const store_model::row& r) {
    if (auto broken = broken_order(r.task.what)) return broken;
    if (r.lease_until && r.at.value <= 0) return "leased_has_fence";
    return std::visit(broken_state{r.task.what, r.task.known}, r.task.now);
}

} // namespace persais::world
