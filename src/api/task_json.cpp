#include "api/task_json.hpp"

#include "mechanic/state_words.hpp"
#include "mechanic/step.hpp"
#include "service/repositories.hpp"

#include <cmath>

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace persais::api {

using namespace mechanic;
namespace json = boost::json;

namespace {

json::object waits_json(const waiting& s) {
    return {{"for", to_string(s.why)}, {"until", stamp(s.until)}, {"give_up", stamp(s.give_up)}};
}

/// What is on its way onto the base branch, or back.
json::value landing_json(const facts& k) {
    if (!k.lands) return {};
    const auto& l = *k.lands;
    return json::object{{"what", to_string(l.what)},
                        {"commit", l.commit},
                        {"by", l.by},
                        {"asked", stamp(l.asked)},
                        {"anyway", l.anyway},
                        {"step", to_string(l.step)},
                        {"tries", l.tries},
                        {"in_doubt", l.in_doubt},
                        {"waits_on", l.waits_on ? json::value(to_string(l.waits_on->what)) : json::value()}};
}

/// What the newest deploy brought onto the base branch.
json::value on_base_json(const facts& k) {
    if (!k.on_base) return {};
    return json::object{{"commit", k.on_base->commit}, {"before", k.on_base->before}};
}

/// Who agreed that it is deployed, while others have to as well.
json::value approvals_json(const std::optional<service::tasks::approvals_so_far>& a) {
    if (!a) return {};
    return json::object{{"by", json::array(a->by.begin(), a->by.end())}, {"needed", a->needed}};
}

json::value number_or_null(const std::optional<task_id>& id) {
    return id ? json::value(id->str()) : json::value();
}

json::array turns_json(const std::vector<queue::reply>& turns) {
    json::array all;
    for (const auto& t : turns)
        all.push_back({{"turn", t.turn}, {"instruction", t.instruction}});
    return all;
}

json::array given_json(const std::vector<memory::item>& all) {
    json::array out;
    for (const auto& one : all)
        out.push_back(json::object{{"item", one.id}, {"task", number_or_null(one.task)}, {"at", stamp(one.at)}});
    return out;
}

double rounded(double value, double steps) {
    return std::round(value * steps) / steps;
}

} // namespace

json::object task_json(const task_view& c) {
    const auto& t = c.task;
    const auto& k = t.known;
    auto how = is_settled(t.now) ? verdict_of(t) : std::nullopt;
    auto size = k.made.value_or(work{}).size, whole = k.made.value_or(work{}).whole;
    auto seconds = [](double s) { return rounded(s, 1000); };
    auto* waits = std::get_if<waiting>(&t.now);
    const auto seen = seen_of_branch(t);
    const auto* pushed = seen == branch_seen::not_ours ? nullptr : pushed_work(t);
    return {
        {"event", "task"},
        {"task", t.id.str()},
        {"state", name_of(t.now)},
        {"attempt", attempt_of(t.now).value_or(0)},
        {"round", round_of(t.now).value_or(0)},
        {"verdict", how ? to_string(*how) : ""},
        {"reason", reason_of(t)},
        {"sentence", sentence_of(t)},
        {"abort_wished", c.around.abort_wished},
        {"waits", waits ? json::value(waits_json(*waits)) : json::value()},
        {"told", c.around.told},
        {"kind", t.what.what == order::kind::question ? "question" : "change"},
        {"instruction", t.what.instruction},
        {"turn", k.turn},
        {"turns", turns_json(c.turns)},
        {"kept_replies", c.around.kept_replies},
        {"repository", t.what.remote},
        {"branch", k.branch},
        {"pushed", pushed != nullptr},
        {"pushed_commit", pushed ? pushed->commit : ""},
        {"branch_seen", to_string(seen)},
        {"landing", landing_json(k)},
        {"request", k.request},
        {"on_base", on_base_json(k)},
        {"commit", k.made ? k.made->commit : ""},
        {"approvals", approvals_json(c.approvals)},
        {"health", health_json(t)},
        {"base", k.base},
        {"base_branch", k.base_branch},
        {"files", size.files},
        {"insertions", size.insertions},
        {"deletions", size.deletions},
        {"noted", noted_json(k.made.value_or(work{}))},
        {"whole", {{"files", whole.files}, {"insertions", whole.insertions}, {"deletions", whole.deletions}}},
        {"checks",
         {{"command", k.check.command},
          {"source", k.check.source},
          {"before", to_string(k.before)},
          {"after", to_string(k.after)},
          {"rounds", k.rounds_used},
          {"said", k.feedback}}},
        {"edits_failed", k.edits_failed.size()},
        {"setup", {{"command", k.setup.command}, {"source", k.setup.source}}},
        {"said", k.said},
        {"recalled", given_json(c.given)},
        {"attempts", {{"used", k.attempts_used}, {"most", t.what.attempts}}},
        {"model", t.what.model},
        {"tokens", tokens_json(c.spent)},
        {"cost_usd", rounded(c.spent.cost_usd, 1e6)},
        {"cost_estimated", c.spent.estimated},
        {"budget_usd", t.what.budget_usd},
        {"seconds",
         {{"preparing", seconds(k.seconds.preparing)},
          {"coding", seconds(k.seconds.coding)},
          {"checking", seconds(k.seconds.checking)},
          {"publishing", seconds(k.seconds.publishing)}}},
        {"created", stamp(c.around.created)},
        {"changed", stamp(c.around.changed)},
        {"retry_of", number_or_null(t.what.retry_of)},
        {"from_answer", number_or_null(t.what.from_answer)},
        {"retried_as", number_or_null(c.around.retried_as)},
    };
}

json::object summary_json(const queue::summary& s) {
    return {{"event", "task"},
            {"task", s.id.str()},
            {"state", s.state},
            {"verdict", s.verdict},
            {"wait_reason", s.wait_reason},
            {"round", s.round},
            {"abort_wished", s.abort_wished},
            {"created", stamp(s.created)},
            {"changed", stamp(s.changed)},
            {"repository", s.remote},
            {"branch", s.branch},
            {"instruction", s.instruction},
            {"cost_usd", s.cost_usd}};
}

json::object happening_json(task_id task, const queue::happening& h) {
    json::object o{{"event", h.kind}, {"task", task.str()}, {"number", h.number}, {"at", stamp(h.at)}};
    if (h.kind == "state") {
        o["state"] = h.state;
        o["attempt"] = h.attempt;
        o["round"] = h.round;
    } else {
        o["text"] = h.text;
    }
    return o;
}

json::object repository_json(const queue::repository& one) {
    json::object settings;
    for (const auto& each : service::settings_of(one))
        settings[each.name] = each.value;
    json::array environment;
    for (const auto& each : one.environment)
        environment.emplace_back(each.name);
    return {{"event", "repository"},
            {"name", one.name},
            {"remote", one.remote},
            {"settings", std::move(settings)},
            {"token", one.sealed_token.has_value()},
            {"environment", std::move(environment)}};
}

json::object person_json(const queue::team_member& who) {
    json::array roles, names;
    for (const auto& each : who.grants)
        roles.push_back(json::object{{"role", each.role}, {"repository", each.repository}});
    for (const auto& each : who.known_as)
        names.push_back(json::object{{"kind", each.kind}, {"id", each.id}});
    return {{"event", "person"},
            {"person", std::to_string(who.id)},
            {"name", who.name},
            {"paired", who.paired},
            {"let_in", who.let_in},
            {"roles", std::move(roles)},
            {"known_as", std::move(names)}};
}

json::object cost_json(const std::string& by, const queue::cost_line& line) {
    return {{"event", "cost"},
            {"by", by},
            {"name", line.name},
            {"usd", line.usd},
            {"calls", line.calls},
            {"tokens_sent", line.tokens_sent},
            {"tokens_received", line.tokens_received},
            {"tokens_cached", line.tokens_cached},
            {"estimated_usd", line.estimated_usd},
            {"reserved_usd", line.reserved_usd}};
}

std::string stamp(time_point at) {
    auto whole = std::chrono::floor<std::chrono::seconds>(at);
    auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(at - whole).count();
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(std::chrono::system_clock::to_time_t(whole)), ms);
}

json::value health_json(const task& t) {
    const auto& seen = t.known.seen;
    if (!seen) return {};
    return json::object{{"well", seen->well}, {"said", seen->said}};
}

json::array noted_json(const mechanic::work& w) {
    json::array all;
    for (const auto& each : w.noted)
        all.push_back({{"kind", each.kind}, {"path", each.path}});
    return all;
}

json::object tokens_json(const llm::spent& s) {
    json::object tokens{{"sent", s.tokens_sent}, {"received", s.tokens_received}};
    if (s.tokens_cached > 0) tokens["cached"] = s.tokens_cached;
    return tokens;
}

} // namespace persais::api
