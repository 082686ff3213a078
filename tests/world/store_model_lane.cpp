// The lane of a repository, as the migrations about landings, those beside it, and rights that go have it.
#include "queue/limits.hpp"
#include "world/store_model.hpp"

#include <algorithm>

namespace persais::world {

using namespace mechanic;
using namespace std::chrono_literals;

namespace {

template <class S>
bool in(const store_model::row& r) {
    return std::holds_alternative<S>(r.task.now);
}

bool lands_now(const store_model::row& r, time_point now) {
    return r.task.known.lands && r.lease_until && *r.lease_until > now;
}

auto place_of(const task& t) {
    return std::pair(t.known.lands->asked, t.id);
}

/// Nobody is tried on top of it: it comes to nothing, or is asked about again.
bool is_hopeless(const landing& l) {
    bool back = l.what == landing::kind::roll_back;
    bool red = l.after != check_outcome::not_run && l.after != check_outcome::green;
    bool nothing = l.made.empty() && l.step == landing_step::lane && !l.ahead.empty();
    return l.withdrawn || (!l.same_text && !back) || (red && !l.anyway) || nothing;
}

/// Whether the row may join a push whose last commit is `tip`.
bool may_join(const landing& l, const std::string& tip, task_id front) {
    bool its_own = l.same_text && l.what != landing::kind::roll_back;
    bool undecided = !l.withdrawn && !l.there && !l.front && (!l.in_doubt || l.joined == front);
    return l.onto == tip && !l.made.empty() && l.after == check_outcome::green && its_own && undecided;
}

} // namespace

bool store_model::goes_on(const row& r) const {
    if (lands_now(r, now())) return true;
    return in<queued>(r) && (r.changed > now() - 15s || r.task.known.lands->joined);
}

/// As landing_take() in PostgreSQL.
bool store_model::lane_is_free_for(task_id id, fence at) {
    auto found = rows.find(id);
    if (found == rows.end() || found->second.at != at || !lands_now(found->second, now())) return false;
    const auto& mine = found->second.task;
    auto& lane = landings[mine.what.remote];
    auto& taken = lane_taken[mine.what.remote];
    if (lane == id && taken >= mine.known.lands->asked) return true;
    if (auto holder = rows.find(lane); lane != id && holder != rows.end() && lands_now(holder->second, now()))
        return false;
    for (const auto& [other, r] : rows) {
        const auto& t = r.task;
        if (!t.known.lands || t.what.remote != mine.what.remote || other == id) continue;
        bool carried_on = lands_now(r, now()) || (in<queued>(r) && r.changed > now() - 15s);
        if (place_of(t) < place_of(mine) && carried_on) return false;
    }
    lane = id;
    taken = now();
    return true;
}

/// As landing_lane().
queue::leases::lane store_model::take_lane(task_id id, fence at) {
    if (lane_is_free_for(id, at)) return {.taken = true};
    auto found = rows.find(id);
    if (found == rows.end() || found->second.at != at || !found->second.task.known.lands) return {};
    const auto& mine = found->second.task;
    const row* front = nullptr;
    auto holds = [&](const row& r) { return landings[mine.what.remote] == r.task.id && r.lease_until; };
    auto is_nearer = [&](const row& a, const row& b) {
        return holds(a) != holds(b) ? holds(b) : place_of(a.task) > place_of(b.task);
    };
    for (const auto& [other, r] : rows) {
        if (!r.task.known.lands || r.task.what.remote != mine.what.remote || other == id || !goes_on(r)) continue;
        if (r.task.known.base_branch != mine.known.base_branch) continue;
        bool before = holds(r) || place_of(r.task) < place_of(mine);
        if (!before || is_hopeless(*r.task.known.lands)) continue;
        if (!front || is_nearer(r, *front)) front = &r;
    }
    if (!front) return {};
    const auto& l = *front->task.known.lands;
    if (l.step == landing_step::replay || (l.there && l.there->commit != l.made)) return {};
    return {.taken = false, .ahead = l.made};
}

/// As landing_join().
std::vector<queue::leases::joined> store_model::join_landings(task_id id, fence at) {
    std::vector<queue::leases::joined> all;
    auto found = rows.find(id);
    if (found == rows.end() || found->second.at != at || !lands_now(found->second, now())) return all;
    auto& front = found->second.task;
    if (landings[front.what.remote] != id || front.known.lands->step != landing_step::push) return all;
    for (auto tip = front.known.lands->made; all.size() < limits::landings_together;) {
        row* behind = nullptr;
        for (auto& [other, r] : rows) {
            const auto& l = r.task.known.lands;
            if (!l || r.task.what.remote != front.what.remote || other == id || r.abort_wished) continue;
            if (r.task.known.base_branch != front.known.base_branch) continue;
            if (!in<queued>(r) && !(in<deploying>(r) && l->step == landing_step::lane)) continue;
            if (!may_join(*r.task.known.lands, tip, id)) continue;
            if (!behind || place_of(r.task) < place_of(behind->task)) behind = &r;
        }
        if (!behind) break;
        auto& l = *behind->task.known.lands;
        l.in_doubt = true;
        l.joined = id;
        ++behind->at.value;
        behind->changed = now();
        behind->task.now = queued{now() + limits::joined_waits};
        behind->lease_until.reset();
        behind->lease_owner.clear();
        all.push_back({behind->task.id, l.made});
        tip = l.made;
    }
    if (all.empty()) return all;
    front.known.lands->with.clear();
    for (const auto& each : all)
        front.known.lands->with.push_back(each.id);
    front.known.lands->tip = all.back().made;
    return all;
}

/// The landing that asked first need not wait until it asks again.
void store_model::landing_over(const std::string& remote) {
    row* first = nullptr;
    for (auto& [id, r] : rows) {
        auto* q = std::get_if<queued>(&r.task.now);
        const auto& l = r.task.known.lands;
        if (!q || !l || l->joined || l->withdrawn || r.task.what.remote != remote || q->not_before <= now()) continue;
        if (!first || r.task.known.lands->asked < first->task.known.lands->asked) first = &r;
    }
    if (!first) return;
    std::get<queued>(first->task.now).not_before = now();
    notify();
}

/// As the trigger of this name: whoever is right behind it may be able to go on.
void store_model::landing_moved(const change& made) {
    const auto &was = made.before.task.known.lands, &is = made.after.task.known.lands;
    if (!was || !is) return;
    bool made_something = was->step == landing_step::replay && is->step != landing_step::replay;
    if (!made_something && was->after == is->after) return;
    row* next = nullptr;
    for (auto& [id, r] : rows) {
        auto* q = std::get_if<queued>(&r.task.now);
        const auto& l = r.task.known.lands;
        if (!q || !l || r.task.what.remote != made.after.task.what.remote || q->not_before <= now()) continue;
        if (l->joined || l->withdrawn || place_of(r.task) <= place_of(made.after.task)) continue;
        if (!next || place_of(r.task) < place_of(next->task)) next = &r;
    }
    if (!next) return;
    std::get<queued>(next->task.now).not_before = now();
    notify();
}

/// As the trigger of this name: those that joined a push learn what became of it.
void store_model::landing_front(const change& made) {
    const auto &was = made.before.task.known.lands, &is = made.after.task.known.lands;
    const auto& t = made.after.task;
    if (!was) return;
    bool back = is && is->what != was->what;
    if (is && !back && !(was->step == landing_step::push && is->step == landing_step::replay)) return;
    bool landed =
        back ||
        (!is && (was->what == landing::kind::roll_back ? in<rolled_back>(made.after) : in<deployed>(made.after)));
    bool refused = !landed && !was->there && made.before.at == made.after.at && !t.known.landing_unknown;
    bool same = landed && !(was->what == landing::kind::roll_back && t.known.seen && !t.known.seen->well);
    if (is && !back && !refused) return;
    if (back && !was->with.empty()) landings.erase(t.what.remote);
    bool any = false;
    for (auto& [id, r] : rows) {
        auto* q = std::get_if<queued>(&r.task.now);
        auto& l = r.task.known.lands;
        if (!q || !l || l->joined != t.id || l->front || (refused && l->withdrawn)) continue;
        auto place = std::ranges::find(was->with, id);
        if (same && place != was->with.end()) {
            l->front = front_outcome{t.known.seen, back};
            if (back) l->asked = was->asked - std::chrono::microseconds(place - was->with.begin() + 1);
        }
        ++r.at.value;
        r.changed = now();
        q->not_before = now();
        any = true;
    }
    if (any) notify();
}

} // namespace persais::world
