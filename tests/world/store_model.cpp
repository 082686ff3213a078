#include "world/store_model.hpp"

#include "base/text.hpp"
#include "mechanic/limits.hpp"
#include "queue/limits.hpp"

#include <algorithm>
#include <tuple>

namespace persais::world {

using namespace mechanic;
using queue::snapshot;
using std::chrono::milliseconds;

namespace {

template <class S>
bool in(const store_model::row& r) {
    return std::holds_alternative<S>(r.task.now);
}

std::optional<time_point> wait_until(const store_model::row& r) {
    auto* s = std::get_if<waiting>(&r.task.now);
    return s ? std::optional(s->until) : std::nullopt;
}

/// What an approval would be of.
std::optional<std::string> commit_shown(const state& s) {
    if (auto* shown = std::get_if<review>(&s)) return shown->commit;
    if (auto* shown = std::get_if<rolled_back>(&s)) return shown->commit;
    return std::nullopt;
}

/// Rounded up, as next_due() in PostgreSQL.
milliseconds from_now(time_point then, time_point now) {
    return std::max(milliseconds(0), std::chrono::ceil<milliseconds>(then - now));
}

} // namespace

task_id store_model::add(order what, std::string conversation) {
    row r{.task = {.id = {last_id_ + 1}, .what = std::move(what), .now = queued{now()}},
          .changed = now(),
          .conversation = std::move(conversation)};
    if (auto broken = broken_check(r)) throw store::db_error("23514", *broken);
    auto id = r.task.id;
    bool foreground = r.task.what.foreground;
    ++last_id_;
    rows.emplace(id, std::move(r));
    if (!foreground) notify();
    return id;
}

snapshot store_model::read(const row& r) const {
    if (r.unusable) throw queue::unusable_row(r.task.id, "a state that this version does not know");
    snapshot seen{r.task, r.at, now(), r.conversation, r.abort_wished, r.lease_owner};
    if (r.lease_until)
        std::visit(
            [&](auto& s) {
                if constexpr (requires { s.by; }) s.by = {r.at, *r.lease_until};
            },
            seen.task.now);
    seen.last_turn = r.task.known.turn;
    if (auto said = turns.find(r.task.id); said != turns.end())
        for (const auto& [number, t] : said->second) {
            seen.last_turn = std::max(seen.last_turn, number);
            if (t.state == "kept" && !seen.kept) seen.kept = t.what;
        }
    return seen;
}

std::optional<snapshot> store_model::load(task_id id) const {
    auto found = rows.find(id);
    if (found == rows.end()) return std::nullopt;
    return read(found->second);
}

std::optional<snapshot> store_model::claimable(std::optional<task_id> only) const {
    if (!only)
        only = next_claimable();
    else {
        auto found = rows.find(*only);
        if (found == rows.end()) return std::nullopt;
        const auto& r = found->second;
        auto* q = std::get_if<queued>(&r.task.now);
        bool due = (q && q->not_before <= now()) || (r.lease_until && *r.lease_until <= now()) ||
                   (wait_until(r) && *wait_until(r) <= now());
        if (!due) return std::nullopt;
    }
    if (!only) return std::nullopt;
    return read(rows.at(*only));
}

std::vector<task_id> store_model::claimable_in_turn(int most) const {
    std::vector<task_id> found;
    if (most <= 0 || !next_claimable()) return found;
    auto at = now();
    store_model then([&at] { return at; });
    then.rows = rows;
    then.lanes_ = lanes_;
    while (static_cast<int>(found.size()) < most) {
        auto next = then.next_claimable();
        if (!next) break;
        found.push_back(*next);
        auto& r = then.rows.at(*next);
        if (wait_until(r)) { // it is queued then
            r.task.now = aborted{};
            continue;
        }
        if (in<queued>(r)) {
            then.lanes_[r.task.what.remote] = at + std::chrono::microseconds(found.size());
            r.task.now = preparing{};
        }
        r.lease_until = time_point::max();
    }
    return found;
}

std::optional<task_id> store_model::next_claimable() const {
    std::optional<std::pair<time_point, task_id>> lost, over;
    for (const auto& [id, r] : rows) {
        if (r.task.what.foreground) continue;
        if (r.lease_until && *r.lease_until <= now() && (!lost || *r.lease_until < lost->first))
            lost = {*r.lease_until, id};
        if (auto until = wait_until(r); until && *until <= now() && (!over || *until < over->first))
            over = {*until, id};
    }
    if (lost) return lost->second;
    if (over) return over->second;
    return head_of_queue();
}

std::optional<task_id> store_model::head_of_queue() const {
    std::map<std::string, int> busy;
    std::map<std::string, std::pair<time_point, task_id>> heads; // the oldest task of each repository
    for (const auto& [id, r] : rows) {
        if (r.lease_until) ++busy[r.task.what.remote];
        auto* q = std::get_if<queued>(&r.task.now);
        if (!q || r.task.what.foreground || q->not_before > now()) continue;
        auto [head, fresh] = heads.try_emplace(r.task.what.remote, q->not_before, id);
        if (!fresh) head->second = std::min(head->second, {q->not_before, id});
    }
    using rank = std::tuple<int, time_point, time_point, task_id>;
    std::optional<rank> best;
    for (const auto& [remote, head] : heads) {
        auto lane = lanes_.find(remote);
        rank r{busy[remote], lane == lanes_.end() ? time_point::min() : lane->second, head.first, head.second};
        if (!best || r < *best) best = r;
    }
    if (!best) return std::nullopt;
    return std::get<task_id>(*best);
}

void store_model::set_aside(task_id id, std::chrono::seconds for_this_long) {
    auto found = rows.find(id);
    if (found == rows.end()) return;
    auto& r = found->second;
    auto later = now() + for_this_long;
    if (auto* q = std::get_if<queued>(&r.task.now)) q->not_before = later;
    if (auto* w = std::get_if<waiting>(&r.task.now)) w->until = later;
    if (r.lease_until) r.lease_until = later;
}

queue::tasks::outlook store_model::next_due(bool count) const {
    queue::tasks::outlook seen;
    std::optional<time_point> first;
    auto sooner = [&](time_point t) { first = first ? std::min(*first, t) : t; };
    for (const auto& [id, r] : rows) {
        if (r.task.what.foreground) continue;
        if (auto* q = std::get_if<queued>(&r.task.now)) {
            sooner(q->not_before);
            if (count && seen.queued < limits::queue_counted) ++seen.queued;
        }
        if (r.lease_until) sooner(*r.lease_until);
        if (auto until = wait_until(r)) sooner(*until);
    }
    if (first) seen.due = from_now(*first, now());
    return seen;
}

bool store_model::write(const written& what, const std::string& owner, milliseconds ttl) {
    auto found = rows.find(what.was.task.id);
    if (found == rows.end()) return false;
    auto& r = found->second;
    if (r.at != what.was.at || name_of(r.task.now) != name_of(what.was.task.now)) return false;
    if (sequence_of(r.task.now) != sequence_of(what.was.task.now)) return false;
    if (r.task.known.turn != what.was.task.known.turn) return false;
    if (r.lease_until && (what.claim ? *r.lease_until > now() : r.lease_owner != owner)) return false;

    change made{.owner = owner, .claim = what.claim, .before = r, .after = r};
    auto& next = made.after;
    bool working = lease_of(what.next.now) != nullptr;
    next.task.now = what.next.now;
    next.task.known = what.next.known;
    next.task.what.foreground = what.next.what.foreground;
    next.at.value += what.claim ? 1 : 0;
    next.changed = now();
    next.lease_until = working ? std::optional(now() + ttl) : std::nullopt;
    next.lease_owner = working ? owner : "";
    if (what.claim) next.lease_claim = 0;
    if (auto* w = std::get_if<waiting>(&next.task.now); w && next.abort_wished) w->until = now();
    next.abort_wished = next.abort_wished && !is_settled(what.next.now);
    if (what.also.conversation) next.conversation = *what.also.conversation;
    if (auto broken = broken_check(next)) {
        on_refused(made, *broken);
        throw store::db_error("23514", *broken);
    }
    if (const auto& b = what.also.begins)
        if (auto kept = turns[r.task.id].find(b->turn);
            kept != turns[r.task.id].end() && kept->second.what.instruction != b->instruction)
            throw store::db_error(std::string(queue::reply_has_grown), "another part of the reply came");

    made.number = ++changes_;
    made.told = static_cast<int>(what.also.outbox.size());
    if (commit_shown(next.task.now) != commit_shown(r.task.now)) next.approved_by.clear();
    r = next;
    if (what.claim) lanes_[r.task.what.remote] = now();
    if (const auto& b = what.also.begins)
        turns[r.task.id].try_emplace(b->turn, turn{.what = *b, .at = now()}).first->second.state = "begun";
    for (const auto& body : what.also.outbox)
        outbox.push_back({r.task.id, body, made.number});
    note(r.task.id, r.at, what.said);
    events.push_back({r.task.id, r.at, "state", std::string(name_of(r.task.now))});
    on_change(made);
    landing_front(made);
    landing_moved(made);
    if (made.before.task.known.lands && !r.task.known.lands) landing_over(r.task.what.remote);
    if (is_settled(r.task.now) && read(r).kept) notify();
    bool was_settled = is_settled(made.before.task.now);
    if (was_settled && std::holds_alternative<queued>(r.task.now) && !r.task.what.foreground) notify();
    return true;
}

/// As the function claim_new_tasks().
std::vector<snapshot> store_model::claim_new(int most, preparing to, std::int64_t number,
                                             const std::vector<std::int64_t>& lost, const std::string& owner,
                                             milliseconds ttl) {
    std::vector<snapshot> all;
    for (const auto& [id, r] : rows)
        if (r.lease_until && *r.lease_until > now() && r.lease_owner == owner &&
            std::ranges::find(lost, r.lease_claim) != lost.end())
            all.push_back(read(r));
    for (auto id : claimable_in_turn(most)) {
        auto& r = rows.at(id);
        if (!in<queued>(r) || r.task.known != facts{} || r.abort_wished || r.unusable) continue;
        written what{.was = read(r), .next = r.task, .claim = true};
        what.next.now = to;
        if (!write(what, owner, ttl)) continue;
        r.lease_claim = number;
        all.push_back(read(r));
    }
    return all;
}

queue::tasks::renewed store_model::renew(task_id id, fence at, const std::string& owner, milliseconds ttl) {
    auto found = rows.find(id);
    if (found == rows.end() || found->second.at != at || !found->second.lease_until) return {};
    if (found->second.lease_owner != owner) return {};
    found->second.lease_until = now() + ttl;
    return {.held = true, .abort_wished = found->second.abort_wished};
}

bool store_model::wish_abort(task_id id) {
    auto found = rows.find(id);
    if (found == rows.end() || !found->second.lease_until || *found->second.lease_until <= now()) return false;
    found->second.abort_wished = true;
    notify();
    return true;
}

std::vector<task_id> store_model::abort_wished_of(const std::vector<task_id>& ids) const {
    std::vector<task_id> wished;
    for (const auto& [id, r] : rows)
        if (r.abort_wished && std::ranges::find(ids, id) != ids.end()) wished.push_back(id);
    return wished;
}

int store_model::wake(const std::vector<wait_reason>& causes) {
    int woken = 0;
    for (auto& [id, r] : rows) {
        auto* s = std::get_if<waiting>(&r.task.now);
        if (!s || std::ranges::find(causes, s->why) == causes.end()) continue;
        s->until = now();
        ++woken;
    }
    if (woken > 0) notify();
    return woken;
}

queue::landing_record store_model::landing_record_of(task_id id) const {
    queue::landing_record known;
    auto found = rows.find(id);
    if (found == rows.end()) return known;
    known.asked_by.emplace_back(queue::terminal);
    for (const auto& turn : turns_of(id))
        known.asked_by.push_back(turn.person ? std::to_string(*turn.person) : std::string(queue::terminal));
    std::ranges::sort(known.asked_by);
    known.asked_by.erase(std::ranges::unique(known.asked_by).begin(), known.asked_by.end());
    known.approved_by = found->second.approved_by;
    known.plainly_by = found->second.plainly_by;
    std::ranges::sort(known.plainly_by);
    return known;
}

bool store_model::approve(task_id id, const std::string& commit, const std::string& by, bool anyway) {
    auto found = rows.find(id);
    if (found == rows.end() || commit_shown(found->second.task.now) != commit) return false;
    auto& all = found->second.approved_by;
    if (std::ranges::find(all, by) != all.end()) return true;
    all.push_back(by);
    if (!anyway) found->second.plainly_by.push_back(by);
    return true;
}

bool store_model::keep_reply(task_id id, const queue::reply& what) {
    if (!rows.contains(id)) throw store::db_error("23503", "task_turns_task_id_fkey");
    if (what.instruction.empty() || text::characters(what.instruction) > limits::instruction_characters)
        throw store::db_error("23514", "task_turns_instruction_check");
    if (!turns[id].try_emplace(what.turn, turn{.what = what, .at = now()}).second) return false;
    notify();
    return true;
}

void store_model::drop_replies(task_id id) {
    for (auto& [number, t] : turns[id])
        if (t.state == "kept") t.state = "dropped";
}

std::vector<queue::reply> store_model::turns_of(task_id id) const {
    std::vector<queue::reply> all;
    if (auto said = turns.find(id); said != turns.end())
        for (const auto& [number, t] : said->second)
            if (t.state == "begun") all.push_back(t.what);
    return all;
}

std::vector<task_id> store_model::turns_to_begin() const {
    std::vector<std::pair<time_point, task_id>> found;
    for (const auto& [id, said] : turns) {
        std::optional<time_point> first;
        for (const auto& [number, t] : said)
            if (t.state == "kept") first = first ? std::min(*first, t.at) : t.at;
        if (first && is_settled(rows.at(id).task.now)) found.emplace_back(*first, id);
    }
    std::ranges::sort(found);
    std::vector<task_id> ids;
    for (const auto& each : found)
        if (ids.size() < limits::turns_begun) ids.push_back(each.second);
    return ids;
}

bool store_model::raise_budget(task_id id, double usd) {
    auto found = rows.find(id);
    if (found == rows.end() || found->second.task.what.budget_usd >= usd) return false;
    auto& t = found->second.task;
    t.what.budget_usd = usd;
    if (auto* w = std::get_if<waiting>(&t.now); w && w->why == wait_reason::task_budget) w->until = now();
    notify();
    return true;
}

std::vector<task_id> store_model::reviews_before(time_point then) const {
    std::vector<std::pair<time_point, task_id>> found;
    for (const auto& [id, r] : rows)
        if (in<review>(r) && r.changed < then) found.emplace_back(r.changed, id);
    std::ranges::sort(found);
    std::vector<task_id> ids;
    for (const auto& each : found)
        if (ids.size() < limits::expire_batch) ids.push_back(each.second);
    return ids;
}

void store_model::note(task_id id, fence at, const std::vector<queue::tasks::line>& lines) {
    auto found = rows.find(id);
    if (found == rows.end() || found->second.at != at) return;
    for (const auto& l : lines)
        events.push_back({id, at, l.what == queue::tasks::line::kind::log ? "log" : "progress", l.text});
}

} // namespace persais::world
