#include "mechanic/task.hpp"

#include <array>
#include <utility>

namespace persais::mechanic {

namespace {

template <class... F>
struct overloaded : F... {
    using F::operator()...;
};

constexpr std::array<std::string_view, std::variant_size_v<state>> names{
    "queued",  "preparing", "coding",  "checking", "publishing", "answering", "review",
    "waiting", "failed",    "aborted", "parked",   "expired",    "answered"};
constexpr std::array<std::string_view, 7> reasons{"key",        "credit",      "day_budget", "task_budget",
                                                  "model_away", "remote_away", "world"};
constexpr std::array<std::string_view, 4> outcomes{"not_run", "green", "red", "could_not_run"};

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
std::string_view to_string(check_outcome how) {
    return outcomes.at(static_cast<std::size_t>(how));
}
std::optional<check_outcome> check_outcome_from(std::string_view text) {
    return find<check_outcome>(outcomes, text);
}

const std::string& instruction_of(const task& t) {
    return t.known.turn == 0 ? t.what.instruction : t.known.asked;
}

const std::string& ground_of(const facts& k) {
    return k.stands ? k.stands->made.commit : k.base;
}

std::string_view name_of(const state& s) {
    return names.at(s.index());
}

const lease* lease_of(const state& s) {
    return std::visit(overloaded{[](const preparing& x) { return &x.by; }, [](const coding& x) { return &x.by; },
                                 [](const checking& x) { return &x.by; }, [](const publishing& x) { return &x.by; },
                                 [](const answering& x) { return &x.by; },
                                 [](const auto&) -> const lease* { return nullptr; }},
                      s);
}

bool is_final(const state& s) {
    return std::holds_alternative<failed>(s) || std::holds_alternative<aborted>(s) ||
           std::holds_alternative<parked>(s) || std::holds_alternative<expired>(s) ||
           std::holds_alternative<answered>(s);
}

bool is_settled(const state& s) {
    return is_final(s) || std::holds_alternative<review>(s);
}

} // namespace persais::mechanic
