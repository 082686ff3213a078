#include "queue/codec.hpp"

#include <boost/json.hpp>

namespace persais::queue {

namespace json = boost::json;
using namespace mechanic;

namespace {

json::object of(const chosen_command& c) {
    return {{"command", c.command}, {"source", c.source}};
}

std::string text(const json::object& o, std::string_view key) {
    auto* v = o.if_contains(key);
    return v && v->is_string() ? std::string(v->get_string()) : std::string();
}
int number(const json::object& o, std::string_view key) {
    auto* v = o.if_contains(key);
    return v && v->is_number() ? v->to_number<int>() : 0;
}
double real(const json::object& o, std::string_view key) {
    auto* v = o.if_contains(key);
    return v && v->is_number() ? v->to_number<double>() : 0;
}
const json::object* object(const json::object& o, std::string_view key) {
    auto* v = o.if_contains(key);
    return v ? v->if_object() : nullptr;
}
chosen_command command(const json::object& o, std::string_view key) {
    auto* c = object(o, key);
    return c ? chosen_command{text(*c, "command"), text(*c, "source")} : chosen_command{};
}

} // namespace

std::string facts_json(const facts& k) {
    json::object o{
        {"base", k.base},
        {"base_branch", k.base_branch},
        {"branch", k.branch},
        {"dated_us", k.dated.time_since_epoch().count()},
        {"check", of(k.check)},
        {"setup", of(k.setup)},
        {"before", spelling(k.before)},
        {"after", spelling(k.after)},
        {"could_not_run", k.could_not_run},
        {"feedback", k.feedback},
        {"said", k.said},
        {"attempts_used", k.attempts_used},
        {"rounds_used", k.rounds_used},
        {"seconds",
         {{"preparing", k.seconds.preparing},
          {"coding", k.seconds.coding},
          {"checking", k.seconds.checking},
          {"publishing", k.seconds.publishing}}},
    };
    if (k.made)
        o["made"] = {{"commit", k.made->commit},
                     {"files", k.made->size.files},
                     {"insertions", k.made->size.insertions},
                     {"deletions", k.made->size.deletions},
                     {"round", k.made->round}};
    if (k.told) o["told"] = spelling(*k.told);
    if (k.decided) o["decided"] = spelling(*k.decided);
    return json::serialize(o);
}

facts facts_from(std::string_view from) {
    auto value = json::parse(from);
    const auto& o = value.as_object();
    facts k;
    k.base = text(o, "base");
    k.base_branch = text(o, "base_branch");
    k.branch = text(o, "branch");
    if (auto* v = o.if_contains("dated_us"))
        k.dated = time_point(std::chrono::microseconds(v->to_number<std::int64_t>()));
    k.check = command(o, "check");
    k.setup = command(o, "setup");
    k.before = check_outcome_from(text(o, "before")).value_or(check_outcome::not_run);
    k.after = check_outcome_from(text(o, "after")).value_or(check_outcome::not_run);
    k.could_not_run = text(o, "could_not_run");
    k.feedback = text(o, "feedback");
    k.said = text(o, "said");
    k.attempts_used = number(o, "attempts_used");
    k.rounds_used = number(o, "rounds_used");
    if (auto* s = object(o, "seconds"))
        k.seconds = {real(*s, "preparing"), real(*s, "coding"), real(*s, "checking"), real(*s, "publishing")};
    if (auto* m = object(o, "made"))
        k.made = work{text(*m, "commit"),
                      {number(*m, "files"), number(*m, "insertions"), number(*m, "deletions")},
                      number(*m, "round")};
    k.told = wait_reason_from(text(o, "told"));
    if (o.contains("decided")) k.decided = verdict_from(text(o, "decided"));
    return k;
}

} // namespace persais::queue
