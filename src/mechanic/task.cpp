#include "mechanic/task.hpp"

#include <array>
#include <utility>

namespace persais::mechanic {

namespace {

/// How far a task is; at `end` no event changes it any more.
enum class stage { under_way, result, end };
struct described {
    std::string_view name;
    stage at;
};

/// Everything that depends only on the kind of a state.
constexpr each_state describe{[](const queued&) { return described{"queued", stage::under_way}; },
                              [](const preparing&) { return described{"preparing", stage::under_way}; },
                              [](const coding&) { return described{"coding", stage::under_way}; },
                              [](const checking&) { return described{"checking", stage::under_way}; },
                              [](const publishing&) { return described{"publishing", stage::under_way}; },
                              [](const answering&) { return described{"answering", stage::under_way}; },
                              [](const review&) { return described{"review", stage::result}; },
                              [](const waiting&) { return described{"waiting", stage::under_way}; },
                              [](const failed&) { return described{"failed", stage::end}; },
                              [](const aborted&) { return described{"aborted", stage::end}; },
                              [](const parked&) { return described{"parked", stage::end}; },
                              [](const expired&) { return described{"expired", stage::end}; },
                              [](const answered&) { return described{"answered", stage::end}; },
                              [](const deploying&) { return described{"deploying", stage::under_way}; },
                              [](const deployed&) { return described{"deployed", stage::end}; },
                              [](const rolling_back&) { return described{"rolling_back", stage::under_way}; },
                              [](const rolled_back&) { return described{"rolled_back", stage::end}; },
                              [](const discarded&) { return described{"discarded", stage::end}; }};

template <std::size_t... I>
std::vector<state> all_states(std::index_sequence<I...>) {
    return {std::variant_alternative_t<I, state>{}...};
}
std::vector<state> all_states() {
    return all_states(std::make_index_sequence<std::variant_size_v<state>>{});
}

constexpr std::array<std::string_view, 10> reasons{"key",         "credit", "day_budget", "task_budget",  "model_away",
                                                   "remote_away", "world",  "request",    "month_budget", "paused"};
constexpr std::array<std::string_view, 5> request_needs{"checks", "review", "runs", "forge", "queue"};
constexpr std::array<std::string_view, 3> landing_kinds{"deploy", "roll_back", "deploy_again"};
constexpr std::array<std::string_view, 5> landing_steps{"lane", "replay", "check", "push", "watch"};
constexpr std::array<std::string_view, 4> branches_seen{"nothing", "ours", "unknown", "not_ours"};
constexpr std::array<std::string_view, 5> outcomes{"not_run", "green", "red", "could_not_run", "timed_out"};

template <class Enum, std::size_t N>
std::optional<Enum> find(const std::array<std::string_view, N>& in, std::string_view text) {
    for (std::size_t i = 0; i < N; ++i)
        if (in[i] == text) return static_cast<Enum>(i);
    return std::nullopt;
}

} // namespace

std::string_view to_string(wait_reason why) {
    return reasons.at(static_cast<std::size_t>(why));
}
std::optional<wait_reason> wait_reason_from(std::string_view text) {
    return find<wait_reason>(reasons, text);
}
std::string_view to_string(landing::kind what) {
    return landing_kinds.at(static_cast<std::size_t>(what));
}
std::optional<landing::kind> landing_kind_from(std::string_view text) {
    return find<landing::kind>(landing_kinds, text);
}
std::string_view to_string(request_need what) {
    return request_needs.at(static_cast<std::size_t>(what));
}
std::optional<request_need> request_need_from(std::string_view text) {
    return find<request_need>(request_needs, text);
}
std::string_view to_string(landing_step at) {
    return landing_steps.at(static_cast<std::size_t>(at));
}
std::optional<landing_step> landing_step_from(std::string_view text) {
    return find<landing_step>(landing_steps, text);
}
std::string_view to_string(check_outcome how) {
    return outcomes.at(static_cast<std::size_t>(how));
}
std::optional<check_outcome> check_outcome_from(std::string_view text) {
    return find<check_outcome>(outcomes, text);
}

bool is_withdrawn(const task& t) {
    return t.what.withdrawn && t.known.turn == 0;
}

const std::string& instruction_of(const task& t) {
    return t.known.turn == 0 ? t.what.instruction : t.known.asked;
}

const std::string& ground_of(const facts& k) {
    return k.stands && !solves_conflict(k) ? k.stands->made.commit : k.base;
}

bool solves_conflict(const facts& k) {
    return !k.was.empty() && k.was.front().turn != k.turn;
}

bool anew_in_doubt(const facts& k) {
    return !k.was.empty() && k.decided;
}

const work* pushed_work(const task& t) {
    const auto& k = t.known;
    if (k.stands) return &k.stands->made;
    return std::holds_alternative<review>(t.now) && k.made ? &*k.made : nullptr; // stored by an earlier version
}

bool push_in_doubt(const task& t) {
    const auto& k = t.known;
    if (k.in_doubt) return true;
    if (auto* f = std::get_if<failed>(&t.now); f && f->how == verdict::remote_failed && f->reason != "network")
        return false; // the remote refused it
    const auto* pushed = pushed_work(t);
    return k.decided && k.made && (!pushed || pushed->commit != k.made->commit);
}

branch_seen seen_of_branch(const task& t) {
    if (t.known.branch_moved) return branch_seen::not_ours;
    if (push_in_doubt(t)) return branch_seen::unknown;
    return pushed_work(t) ? branch_seen::ours : branch_seen::nothing;
}

std::string_view to_string(branch_seen what) {
    return branches_seen.at(static_cast<std::size_t>(what));
}

bool obeys_abort(const task& t) {
    const auto& k = t.known;
    const auto& l = k.was.empty() ? k.lands : k.was.front().lands;
    return !l || !l->withdrawn;
}

standing standing_of(const facts& k, verdict how) {
    return {*k.made, how, k.before, k.after, k.could_not_run, k.feedback, k.edits_failed};
}

std::string_view name_of(const state& s) {
    return std::visit(describe, s).name;
}

std::optional<state> state_from(std::string_view name) {
    for (auto& s : all_states())
        if (name_of(s) == name) return s;
    return std::nullopt;
}

std::vector<std::string> state_names() {
    std::vector<std::string> names;
    for (const auto& s : all_states())
        names.emplace_back(name_of(s));
    return names;
}

const lease* lease_of(const state& s) {
    return std::visit(
        [](const auto& x) -> const lease* {
            if constexpr (requires { x.by; }) return &x.by;
            return nullptr;
        },
        s);
}

std::optional<int> attempt_of(const state& s) {
    return std::visit(
        [](const auto& x) -> std::optional<int> {
            if constexpr (requires { x.attempt; }) return x.attempt;
            return std::nullopt;
        },
        s);
}

std::optional<int> round_of(const state& s) {
    return std::visit(
        [](const auto& x) -> std::optional<int> {
            if constexpr (requires { x.round; }) return x.round;
            return std::nullopt;
        },
        s);
}

std::optional<int> sequence_of(const state& s) {
    return std::visit(
        [](const auto& x) -> std::optional<int> {
            if constexpr (requires { x.round; }) return x.round;
            if constexpr (requires { x.moves; }) return x.moves;
            return std::nullopt;
        },
        s);
}

bool is_final(const state& s) {
    return std::visit(describe, s).at == stage::end;
}

bool is_settled(const state& s) {
    return std::visit(describe, s).at != stage::under_way;
}

} // namespace persais::mechanic
