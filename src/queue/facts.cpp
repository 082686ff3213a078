#include "base/json.hpp"
#include "queue/codec.hpp"

#include <boost/json.hpp>

namespace persais::queue {

namespace json = boost::json;
using namespace mechanic;

namespace {

json::object of(const chosen_command& c) {
    return {{"command", c.command}, {"source", c.source}};
}

int number(const json::object& o, std::string_view key) {
    return static_cast<int>(whole_in(o, key).value_or(0));
}
double real(const json::object& o, std::string_view key) {
    return number_in(o, key).value_or(0);
}
json::object of(const diff_size& s) {
    return {{"files", s.files}, {"insertions", s.insertions}, {"deletions", s.deletions}};
}
json::object of(const work& w) {
    auto o = of(w.size);
    o["commit"] = w.commit;
    o["round"] = w.round;
    o["whole"] = of(w.whole);
    if (!w.noted.empty()) {
        json::array noted;
        for (const auto& each : w.noted)
            noted.push_back({{"kind", each.kind}, {"path", each.path}});
        o["noted"] = std::move(noted);
    }
    return o;
}
diff_size size(const json::object& o) {
    return {number(o, "files"), number(o, "insertions"), number(o, "deletions")};
}
work made(const json::object& o) {
    auto* whole = object_in(o, "whole"); // rows of a version before turns have none: their one turn is the whole task
    work w{text_in(o, "commit"), size(o), number(o, "round"), size(whole ? *whole : o)};
    if (const auto* noted = array_in(o, "noted"))
        for (const auto& each : *noted)
            if (const auto* file = each.if_object())
                w.noted.push_back({text_in(*file, "kind"), text_in(*file, "path")});
    return w;
}
check_outcome checks(const json::object& o, std::string_view key) {
    return check_outcome_from(text_in(o, key)).value_or(check_outcome::not_run);
}
json::object of(const standing& s) {
    json::object o{{"made", of(s.made)},          {"how", to_string(s.how)},          {"before", to_string(s.before)},
                   {"after", to_string(s.after)}, {"could_not_run", s.could_not_run}, {"feedback", s.feedback}};
    if (!s.edits_failed.empty()) o["edits_failed"] = json::value_from(s.edits_failed);
    return o;
}
standing stands(const json::object& o) {
    auto* w = object_in(o, "made");
    return {.made = w ? made(*w) : work{},
            .how = verdict_from(text_in(o, "how")).value_or(verdict::ready),
            .before = checks(o, "before"),
            .after = checks(o, "after"),
            .could_not_run = text_in(o, "could_not_run"),
            .feedback = text_in(o, "feedback"),
            .edits_failed = texts_in(o, "edits_failed")};
}
json::object of(const leak& l) {
    return {{"path", l.path}, {"line", l.line}, {"rule", l.rule}, {"about", l.about}, {"shown", l.shown}};
}
json::object of(const held& h) {
    json::array found;
    for (const auto& each : h.found)
        found.push_back(of(each));
    return {{"what", of(h.what)}, {"found", std::move(found)}};
}
held held_back(const json::object& o) {
    held h;
    if (auto* what = object_in(o, "what")) h.what = stands(*what);
    if (auto* found = o.if_contains("found"))
        for (const auto& each : found->as_array()) {
            const auto& l = each.as_object();
            h.found.push_back(
                {text_in(l, "path"), number(l, "line"), text_in(l, "rule"), text_in(l, "about"), text_in(l, "shown")});
        }
    return h;
}
json::object of(const landed& l) {
    return {{"commit", l.commit}, {"before", l.before}};
}
json::object of(const health& h) {
    return {{"well", h.well}, {"said", h.said}};
}
json::object of(const landing& l) {
    json::object o{{"what", to_string(l.what)},
                   {"commit", l.commit},
                   {"anyway", l.anyway},
                   {"by", l.by},
                   {"asked_us", l.asked.time_since_epoch().count()},
                   {"step", to_string(l.step)},
                   {"tries", l.tries},
                   {"looks", l.looks},
                   {"onto", l.onto},
                   {"made", l.made},
                   {"same_text", l.same_text},
                   {"size", of(l.size)},
                   {"after", to_string(l.after)},
                   {"in_doubt", l.in_doubt},
                   {"withdrawn", l.withdrawn}};
    if (!l.agreed.empty()) o["agreed"] = json::value_from(l.agreed);
    if (l.by_request) o["by_request"] = true;
    if (l.request > 0) o["request"] = l.request;
    if (!l.offered.empty()) o["offered"] = json::value_from(l.offered);
    if (l.waits_on) o["waits_on"] = {{"what", to_string(l.waits_on->what)}, {"said", l.waits_on->said}};
    if (l.waits_since != time_point{}) o["waits_since_us"] = l.waits_since.time_since_epoch().count();
    if (l.there) {
        o["there"] = of(*l.there);
        o["there_since_us"] = l.there_since.time_since_epoch().count();
    }
    if (l.beside) o["beside"] = true;
    if (!l.ahead.empty()) o["ahead"] = l.ahead;
    if (l.joined) o["joined"] = l.joined->value;
    if (!l.with.empty()) {
        json::array with;
        for (auto id : l.with)
            with.emplace_back(id.value);
        o["with"] = std::move(with);
        o["tip"] = l.tip;
    }
    if (l.front) {
        json::object front{{"take_back", l.front->take_back}};
        if (l.front->seen) front["seen"] = of(*l.front->seen);
        o["front"] = std::move(front);
    }
    if (l.unwatched) o["unwatched"] = true;
    return o;
}
bool yes(const json::object& o, std::string_view key) {
    auto* v = o.if_contains(key);
    return v && v->is_bool() && v->get_bool();
}
landed on_base(const json::object& o) {
    return {text_in(o, "commit"), text_in(o, "before")};
}
std::optional<request_wait> waits_on(const json::object& o) {
    auto* w = object_in(o, "waits_on");
    if (!w) return std::nullopt;
    return request_wait{request_need_from(text_in(*w, "what")).value_or(request_need::forge), text_in(*w, "said")};
}
std::optional<health> seen(const json::object& o) {
    auto* s = object_in(o, "seen");
    return s ? std::optional(health{yes(*s, "well"), text_in(*s, "said")}) : std::nullopt;
}
std::optional<task_id> id_in(const json::object& o, std::string_view key) {
    auto id = whole_in(o, key);
    return id ? std::optional(task_id{*id}) : std::nullopt;
}
std::vector<task_id> ids_in(const json::object& o, std::string_view key) {
    std::vector<task_id> all;
    auto* v = o.if_contains(key);
    if (!v || !v->is_array()) return all;
    for (const auto& each : v->get_array())
        if (each.is_int64()) all.push_back({each.get_int64()});
    return all;
}
landing lands(const json::object& o) {
    auto* how_large = object_in(o, "size");
    auto* there = object_in(o, "there");
    auto* front = object_in(o, "front");
    return {.what = landing_kind_from(text_in(o, "what")).value_or(landing::kind::deploy),
            .commit = text_in(o, "commit"),
            .anyway = yes(o, "anyway"),
            .by = text_in(o, "by"),
            .agreed = texts_in(o, "agreed"),
            .asked = time_point(std::chrono::microseconds(whole_in(o, "asked_us").value_or(0))),
            .step = landing_step_from(text_in(o, "step")).value_or(landing_step::lane),
            .tries = number(o, "tries"),
            .looks = number(o, "looks"),
            .onto = text_in(o, "onto"),
            .made = text_in(o, "made"),
            .same_text = yes(o, "same_text"),
            .size = how_large ? size(*how_large) : diff_size{},
            .after = checks(o, "after"),
            .in_doubt = yes(o, "in_doubt"),
            .withdrawn = yes(o, "withdrawn"),
            .there = there ? std::optional(on_base(*there)) : std::nullopt,
            .there_since = time_point(std::chrono::microseconds(whole_in(o, "there_since_us").value_or(0))),
            .by_request = yes(o, "by_request"),
            .request = number(o, "request"),
            .offered = texts_in(o, "offered"),
            .waits_on = waits_on(o),
            .waits_since = time_point(std::chrono::microseconds(whole_in(o, "waits_since_us").value_or(0))),
            .beside = yes(o, "beside"),
            .ahead = text_in(o, "ahead"),
            .joined = id_in(o, "joined"),
            .with = ids_in(o, "with"),
            .tip = text_in(o, "tip"),
            .front = front ? std::optional(front_outcome{seen(*front), yes(*front, "take_back")}) : std::nullopt,
            .unwatched = yes(o, "unwatched")};
}
chosen_command command(const json::object& o, std::string_view key) {
    auto* c = object_in(o, key);
    return c ? chosen_command{text_in(*c, "command"), text_in(*c, "source")} : chosen_command{};
}

json::object of(const facts& k) {
    json::object o{
        {"base", k.base},
        {"base_branch", k.base_branch},
        {"branch", k.branch},
        {"dated_us", k.dated.time_since_epoch().count()},
        {"check", of(k.check)},
        {"setup", of(k.setup)},
        {"check_seconds", k.check_seconds},
        {"base_checks", to_string(k.base_checks)},
        {"before", to_string(k.before)},
        {"after", to_string(k.after)},
        {"could_not_run", k.could_not_run},
        {"setup_failed", k.setup_failed},
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
    if (!k.edits_failed.empty()) o["edits_failed"] = json::value_from(k.edits_failed);
    if (!k.hosts_denied.empty()) o["hosts_denied"] = json::value_from(k.hosts_denied);
    if (k.turn > 0) o["turn"] = k.turn;
    if (!k.asked.empty()) o["asked"] = k.asked;
    if (k.stands) o["stands"] = of(*k.stands);
    if (k.in_doubt) o["in_doubt"] = of(*k.in_doubt);
    if (k.held_back) o["held_back"] = of(*k.held_back);
    if (!k.anyway.empty()) o["anyway"] = k.anyway;
    if (k.lands) o["lands"] = of(*k.lands);
    if (k.on_base) o["on_base"] = of(*k.on_base);
    if (k.seen) o["seen"] = of(*k.seen);
    if (!k.not_landed.empty()) o["not_landed"] = k.not_landed;
    if (!k.budget.empty()) o["budget"] = k.budget;
    if (!k.request.empty()) o["request"] = k.request;
    if (k.landing_unknown) o["landing_unknown"] = true;
    if (k.branch_moved) o["branch_moved"] = true;
    if (k.draft) o["draft"] = *k.draft;
    if (k.came_to_nothing)
        o["came_to_nothing"] = {{"how", to_string(k.came_to_nothing->how)},
                                {"reason", k.came_to_nothing->reason},
                                {"sentence", k.came_to_nothing->sentence}};
    if (k.made) o["made"] = of(*k.made);
    if (k.told) o["told"] = to_string(*k.told);
    if (k.decided) o["decided"] = to_string(*k.decided);
    if (!k.unmerged.empty()) o["unmerged"] = json::value_from(k.unmerged);
    if (k.conflict_tried) o["conflict_tried"] = true;
    if (!k.was.empty()) o["was"] = of(k.was.front());
    return o;
}

facts facts_of(const json::object& o) {
    facts k;
    k.base = text_in(o, "base");
    k.base_branch = text_in(o, "base_branch");
    k.branch = text_in(o, "branch");
    if (auto* v = o.if_contains("dated_us"))
        k.dated = time_point(std::chrono::microseconds(v->to_number<std::int64_t>()));
    k.check = command(o, "check");
    k.setup = command(o, "setup");
    k.turn = number(o, "turn");
    k.asked = text_in(o, "asked");
    if (auto* s = object_in(o, "stands")) k.stands = stands(*s);
    if (auto* s = object_in(o, "in_doubt")) k.in_doubt = stands(*s);
    if (auto* h = object_in(o, "held_back")) k.held_back = held_back(*h);
    k.anyway = text_in(o, "anyway");
    if (auto* l = object_in(o, "lands")) k.lands = lands(*l);
    if (auto* b = object_in(o, "on_base")) k.on_base = on_base(*b);
    k.seen = seen(o);
    k.not_landed = text_in(o, "not_landed");
    k.budget = text_in(o, "budget");
    k.request = text_in(o, "request");
    k.landing_unknown = yes(o, "landing_unknown");
    k.branch_moved = yes(o, "branch_moved");
    if (o.contains("draft")) k.draft = text_in(o, "draft");
    if (auto* c = object_in(o, "came_to_nothing"))
        k.came_to_nothing = setback{verdict_from(text_in(*c, "how")).value_or(verdict::no_change),
                                    text_in(*c, "reason"), text_in(*c, "sentence")};
    k.check_seconds = number(o, "check_seconds");
    k.base_checks = checks(o, "base_checks");
    k.before = checks(o, "before");
    k.after = checks(o, "after");
    k.could_not_run = text_in(o, "could_not_run");
    k.setup_failed = text_in(o, "setup_failed");
    k.feedback = text_in(o, "feedback");
    k.said = text_in(o, "said");
    k.edits_failed = texts_in(o, "edits_failed");
    k.hosts_denied = texts_in(o, "hosts_denied");
    k.attempts_used = number(o, "attempts_used");
    k.rounds_used = number(o, "rounds_used");
    if (auto* s = object_in(o, "seconds"))
        k.seconds = {real(*s, "preparing"), real(*s, "coding"), real(*s, "checking"), real(*s, "publishing")};
    if (auto* m = object_in(o, "made")) k.made = made(*m);
    k.told = wait_reason_from(text_in(o, "told"));
    if (o.contains("decided")) k.decided = verdict_from(text_in(o, "decided"));
    k.unmerged = texts_in(o, "unmerged");
    k.conflict_tried = yes(o, "conflict_tried");
    if (auto* was = object_in(o, "was")) k.was = {facts_of(*was)};
    return k;
}

} // namespace

std::string facts_json(const facts& k) {
    return json::serialize(of(k));
}

facts facts_from(std::string_view from) {
    auto value = json::parse(from);
    return facts_of(value.as_object());
}

} // namespace persais::queue
