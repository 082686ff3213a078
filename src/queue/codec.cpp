#include "queue/codec.hpp"

#include "mechanic/task.hpp"

#include <stdexcept>

namespace persais::queue {

using namespace mechanic;
using store::param;
using store::rows;

namespace {

constexpr std::string_view list =
    "id, kind, remote, base_wanted, instruction, check_given, setup_given, model, budget_usd, attempts_most, "
    "rounds_most, "
    "foreground, state, fence, (extract(epoch from lease_until) * 1000000)::bigint, attempt, round, "
    "(extract(epoch from not_before) * 1000000)::bigint, commit_id, verdict, wait_reason, "
    "(extract(epoch from wait_until) * 1000000)::bigint, (extract(epoch from give_up_at) * 1000000)::bigint, reason, "
    "sentence, facts, retry_of, from_answer, withdrawn, co_author";

enum column {
    id_,
    kind_,
    remote_,
    base_wanted_,
    instruction_,
    check_given_,
    setup_given_,
    model_,
    budget_usd_,
    attempts_most_,
    rounds_most_,
    foreground_,
    state_,
    fence_,
    lease_until_,
    attempt_,
    round_,
    not_before_,
    commit_id_,
    verdict_,
    wait_reason_,
    wait_until_,
    give_up_at_,
    reason_,
    sentence_,
    facts_,
    retry_of_,
    from_answer_,
    withdrawn_,
    co_author_
};

std::optional<std::string> maybe(const rows& r, int row, int c) {
    if (r.null(row, c)) return std::nullopt;
    return std::string(r.text(row, c));
}
time_point when(const rows& r, int row, int c) {
    return time_point(std::chrono::microseconds(r.number(row, c)));
}

state read_state(const rows& r, int n) {
    auto now = state_from(r.text(n, state_));
    if (!now)
        throw std::runtime_error("a task in a state that this version does not know: " +
                                 std::string(r.text(n, state_)));
    auto by = [&] { return lease{fence{r.number(n, fence_)}, when(r, n, lease_until_)}; };
    auto tried = [&] { return static_cast<int>(r.number(n, attempt_)); };
    auto round = [&] { return static_cast<int>(r.number(n, round_)); };
    auto text = [&](int c) { return std::string(r.text(n, c)); };
    auto how = [&] { return verdict_from(r.text(n, verdict_)).value(); };
    std::visit(each_state{[&](queued& s) { s = {when(r, n, not_before_)}; }, [&](preparing& s) { s = {tried(), by()}; },
                          [&](coding& s) { s = {tried(), round(), by()}; },
                          [&](checking& s) { s = {tried(), round(), by()}; },
                          [&](publishing& s) { s = {tried(), text(commit_id_), by()}; },
                          [&](answering& s) { s = {tried(), by()}; }, [&](review& s) { s = {text(commit_id_), how()}; },
                          [&](waiting& s) {
                              s = {wait_reason_from(r.text(n, wait_reason_)).value(), when(r, n, wait_until_),
                                   when(r, n, give_up_at_)};
                          },
                          [&](failed& s) { s = {how(), text(reason_), text(sentence_)}; }, [](aborted&) {},
                          [&](parked& s) { s = {text(sentence_)}; }, [](expired&) {}, [](answered&) {},
                          [&](deploying& s) { s = {tried(), round(), text(commit_id_), by()}; },
                          [&](rolling_back& s) { s = {tried(), round(), text(commit_id_), by()}; },
                          [&](deployed& s) { s = {text(commit_id_)}; }, [&](rolled_back& s) { s = {text(commit_id_)}; },
                          [&](discarded& s) { s = {text(commit_id_)}; }},
               *now);
    return *now;
}

/// The columns that a state fills; the others are NULL.
struct filled {
    param attempt, round, not_before, commit, verdict, wait_reason, wait_until, give_up_at, reason, sentence;
};
std::string us(time_point t) {
    return std::to_string(t.time_since_epoch().count());
}

struct fill {
    filled operator()(const queued& s) const { return {.not_before = us(s.not_before)}; }
    filled operator()(const preparing& s) const { return {.attempt = std::to_string(s.attempt)}; }
    filled operator()(const coding& s) const {
        return {.attempt = std::to_string(s.attempt), .round = std::to_string(s.round)};
    }
    filled operator()(const checking& s) const {
        return {.attempt = std::to_string(s.attempt), .round = std::to_string(s.round)};
    }
    filled operator()(const publishing& s) const { return {.attempt = std::to_string(s.attempt), .commit = s.commit}; }
    filled operator()(const answering& s) const { return {.attempt = std::to_string(s.attempt)}; }
    filled operator()(const review& s) const { return {.commit = s.commit, .verdict = std::string(to_string(s.how))}; }
    filled operator()(const waiting& s) const {
        return {.wait_reason = std::string(to_string(s.why)), .wait_until = us(s.until), .give_up_at = us(s.give_up)};
    }
    filled operator()(const failed& s) const {
        return {.verdict = std::string(to_string(s.how)), .reason = s.reason, .sentence = s.sentence};
    }
    filled operator()(const parked& s) const { return {.sentence = s.sentence}; }
    filled operator()(const aborted&) const { return {}; }
    filled operator()(const expired&) const { return {}; }
    filled operator()(const answered&) const { return {}; }
    filled operator()(const one_of<deploying, rolling_back> auto& s) const {
        return {.attempt = std::to_string(s.attempt), .round = std::to_string(s.moves), .commit = s.commit};
    }
    filled operator()(const one_of<deployed, rolled_back, discarded> auto& s) const { return {.commit = s.commit}; }
};

} // namespace

std::string array_of_states(bool (*which)(const state&)) {
    std::string names = "{";
    for (const auto& name : state_names())
        if (which(*state_from(name))) names += (names.size() > 1 ? "," : "") + name;
    return names + "}";
}

std::string_view columns() {
    return list;
}

task read(const rows& r, int n) {
    task t;
    t.id = {r.number(n, id_)};
    t.what.what = r.text(n, kind_) == "question" ? order::kind::question : order::kind::change;
    t.what.remote = r.text(n, remote_);
    t.what.base_branch = maybe(r, n, base_wanted_);
    t.what.instruction = r.text(n, instruction_);
    t.what.check = maybe(r, n, check_given_);
    t.what.setup = maybe(r, n, setup_given_);
    t.what.model = r.text(n, model_);
    t.what.budget_usd = r.real(n, budget_usd_);
    t.what.attempts = static_cast<int>(r.number(n, attempts_most_));
    t.what.repair_rounds = static_cast<int>(r.number(n, rounds_most_));
    t.what.foreground = r.boolean(n, foreground_);
    if (!r.null(n, retry_of_)) t.what.retry_of = task_id{r.number(n, retry_of_)};
    if (!r.null(n, from_answer_)) t.what.from_answer = task_id{r.number(n, from_answer_)};
    // Null in a row that the version before this column kept of an earlier turn.
    t.what.withdrawn = !r.null(n, withdrawn_) && r.boolean(n, withdrawn_);
    if (!r.null(n, co_author_)) t.what.co_author = r.text(n, co_author_);
    t.now = read_state(r, n);
    t.known = facts_from(r.text(n, facts_));
    return t;
}

std::vector<param> state_values(const task& t) {
    auto f = std::visit(fill{}, t.now);
    return {std::string(name_of(t.now)),
            f.attempt,
            f.round,
            f.not_before,
            f.commit,
            f.verdict,
            f.wait_reason,
            f.wait_until,
            f.give_up_at,
            f.reason,
            f.sentence,
            facts_json(t.known)};
}

} // namespace persais::queue
