#include "world/invariants.hpp"

#include "mechanic/limits.hpp"
#include "world/world.hpp"

#include <array>

namespace persais::world {

using namespace mechanic;
using namespace std::chrono_literals;

namespace {

constexpr std::array<std::string_view, std::variant_size_v<mechanic::event>> event_names{
    "claimed",        "prepared",         "coded",         "coded_nothing",    "work_refused",
    "model_failed",   "coder_timed_out",  "over_disk",     "answer_given",     "checked",
    "pushed",         "remote_trouble",   "world_trouble", "handed_back",      "abort_wished",
    "wait_over",      "review_over",      "replied",       "leaks_found",      "push_allowed",
    "approved",       "roll_back_wished", "lane_answered", "replayed",         "watched",
    "discard_wished", "undiscard_wished", "request_waits", "request_outdated", "right_lost"};

template <class E>
const std::size_t index_of = mechanic::event(E{}).index();

/// Whether the task, or its newest turn, was aborted.
bool was_aborted(const task& t) {
    return verdict_of(t) == verdict::aborted && !std::holds_alternative<expired>(t.now);
}

/// A person had a result landed, or taken back.
bool begins_landing(const store_model::change& c) {
    return !c.before.task.known.lands && c.after.task.known.lands;
}

/// What was deployed is not healthy, and goes back by itself.
bool turns_round(const store_model::change& c) {
    const auto &before = c.before.task.known.lands, &after = c.after.task.known.lands;
    return before && after && before->what != after->what;
}

/// The landing that is under way, or what is made anew because of it.
const std::optional<landing>& wish_of(const task& t) {
    return t.known.was.empty() ? t.known.lands : t.known.was.front().lands;
}

/// What was in doubt is looked at once more, which is counted apart and is no attempt.
bool looks_again(const store_model::change& c) {
    const auto &before = wish_of(c.before.task), &after = wish_of(c.after.task);
    bool in_doubt = anew_in_doubt(c.before.task.known) || (before && before->in_doubt);
    return before && after && in_doubt && after->looks == before->looks + 1;
}

/// A landing met a conflict, and the turn in which the agent solves it begins.
bool has_it_solved(const store_model::change& c) {
    return c.before.task.known.lands && c.before.task.known.was.empty() && solves_conflict(c.after.task.known);
}

/// The remote refused what was made anew, and it is looked whether it is there all the same.
bool refused_anew(const store_model::change& c) {
    const auto &before = c.before.task.known, &after = c.after.task.known;
    return !before.was.empty() && !before.came_to_nothing && after.came_to_nothing && !after.was.empty();
}

/// A person withdrew what was made anew: at once, or once it is known what was pushed.
bool withdraws_anew(const store_model::change& c) {
    const auto &before = c.before.task.known, &after = c.after.task.known;
    if (before.was.empty()) return false;
    bool withdrawn = before.was.front().lands->withdrawn;
    if (!after.was.empty()) return after.was.front().lands->withdrawn && !withdrawn && !after.came_to_nothing;
    return !withdrawn && after.not_landed.contains(": Aborted. ");
}

/// A person withdrew a landing: at once, or once it is known what was pushed.
bool withdraws_landing(const store_model::change& c) {
    const auto &before = c.before.task.known, &after = c.after.task.known;
    if (!before.lands) return false;
    if (after.lands) return after.lands->withdrawn && !before.lands->withdrawn;
    return !before.lands->withdrawn && !before.lands->front &&
           (after.not_landed.contains("Stopped; ") || (after.seen && after.seen->said.starts_with("nobody waited")));
}

/// A settled task that goes on with the same turn: what it held is pushed.
bool pushes_what_was_held(const store_model::change& c) {
    return !begins_landing(c) && c.before.task.known.held_back && c.before.task.known.turn == c.after.task.known.turn;
}

template <class E>
std::string_view named_of() {
    return event_names.at(index_of<E>);
}

} // namespace

std::string_view name_of_event(std::size_t index) {
    return event_names.at(index);
}

void invariants::logged(std::string_view line) {
    violated("an error that is not the world's: {}", line);
}

/// The event that changed the task, as far as the change shows it.
std::string invariants::event_of(const store_model::change& c) {
    auto named = [](std::size_t i) { return std::string(name_of_event(i)); };
    const auto &from = c.before.task.now, &to = c.after.task.now;
    if (begins_landing(c))
        return named(c.after.task.known.lands->what == landing::kind::roll_back ? index_of<roll_back_wished>
                                                                                : index_of<approved>);
    if (turns_round(c)) return named(c.claim ? index_of<claimed> : index_of<watched>);
    if (auto& last = of_[c.before.task.id].last; last && withdraws_landing(c) && c.after.task.known.came_to_nothing)
        if (last->index() == index_of<request_waits> || last->index() == index_of<request_outdated>)
            return named(last->index()); // it took too long; whatever else takes it back looks like an abort from here
    if (withdraws_landing(c) || withdraws_anew(c)) return named(index_of<abort_wished>);
    if (has_it_solved(c)) return named(index_of<replayed>);
    if (refused_anew(c)) return named(index_of<remote_trouble>);
    if (std::holds_alternative<discarded>(to))
        return named(of_[c.after.task.id].discards ? index_of<discard_wished> : index_of<abort_wished>);
    if (std::holds_alternative<discarded>(from) && std::holds_alternative<review>(to))
        return named(index_of<undiscard_wished>);
    if (is_settled(from) && std::holds_alternative<queued>(to))
        return named(pushes_what_was_held(c) ? index_of<push_allowed> : index_of<replied>);
    if (was_aborted(c.after.task) && !wish_of(c.before.task)) return named(index_of<abort_wished>);
    if (c.claim) return named(index_of<claimed>);
    if (std::holds_alternative<expired>(to)) return named(index_of<review_over>);
    if (std::holds_alternative<waiting>(from)) return named(index_of<wait_over>);
    auto& last = of_[c.before.task.id].last;
    const auto& was = c.before.task.known.lands;
    bool no_lane = last && std::holds_alternative<lane_answered>(*last) && was && was->step == landing_step::lane;
    if (std::holds_alternative<queued>(to) && c.after.task.known.lands && no_lane)
        if (auto* q = std::get_if<queued>(&to); q->not_before > in_.store.now() + 1s)
            return named(index_of<lane_answered>);
    if (std::holds_alternative<queued>(to)) return named(index_of<handed_back>);
    return last ? named(last->index()) : "nothing";
}

void invariants::stored(const store_model::change& c) {
    const auto& t = c.after.task;
    auto event = event_of(c);
    reached.insert({std::string(name_of(c.before.task.now)), event, std::string(name_of(t.now))});
    in_.note("task {}: {} -> {} by {} ({}), fence {}", t.id.value, name_of(c.before.task.now), name_of(t.now), c.owner,
             event, c.after.at.value);
    if (event == named_of<replied>() || has_it_solved(c)) begins(c);
    bool lands = begins_landing(c);
    if (lands) {
        of_[t.id].claims_over_a_dead_worker = 0;
        of_[t.id].wished.reset();
        of_[t.id].wish_passed_a_rest = false;
    }
    if (event == named_of<push_allowed>() || turns_round(c))
        of_[t.id].claims_over_a_dead_worker = 0; // attempts are counted anew
    if (event == named_of<push_allowed>() && t.known.anyway != c.before.task.known.held_back->what.made.commit)
        violated("task {}: other work is let through than was held", t.id.value);
    writer_is_the_holder(c);
    attempts_are_bounded(c);
    person_is_told(c);
    remote_has_it(c);
    abort_is_obeyed(c);
    if (event == named_of<undiscard_wished>()) {
        of_[t.id].wished.reset();
        of_[t.id].wish_passed_a_rest = false;
        of_[t.id].discards = false;
    }
    bool by_a_person = lands || event == named_of<undiscard_wished>() || event == named_of<replied>() ||
                       event == named_of<push_allowed>();
    if (is_final(c.before.task.now) && !by_a_person)
        violated("task {} left {}, which is final", t.id.value, name_of(c.before.task.now));
    if (c.claim)
        for (auto& [key, held] : holders_)
            if (key.first == t.id && key.second < c.after.at && !held.succeeded) held.succeeded = in_.time.now();
}

void invariants::refused(const store_model::change& c, const std::string& check) {
    violated("task {}: {} was to be stored, which breaks {}", c.before.task.id.value, name_of(c.after.task.now), check);
}

/// Each turn is begun once, in the order of the replies; an abort of the turn before is over.
void invariants::begins(const store_model::change& c) {
    const auto& t = c.after.task;
    auto& of = of_[t.id];
    of.claims_over_a_dead_worker = 0;
    of.wished.reset();
    of.wish_passed_a_rest = false;
    const auto& said = in_.store.turns[t.id];
    for (const auto& [number, turn] : said)
        if (turn.state == "kept" && number < t.known.turn)
            violated("task {}: reply {} was passed over for {}", t.id.value, number, t.known.turn);
    auto found = said.find(t.known.turn);
    if (found == said.end() || found->second.state != "begun" || found->second.what.instruction != t.known.asked)
        violated("task {}: turn {} is not what was said", t.id.value, t.known.turn);
    if (t.known.turn <= c.before.task.known.turn)
        violated("task {}: turn {} was begun twice", t.id.value, t.known.turn);
}

/// I2: a task that a worker holds is written by nobody else, and not claimed while the lease is valid.
void invariants::writer_is_the_holder(const store_model::change& c) {
    const auto& before = c.before;
    if (!before.lease_until) return;
    bool live = *before.lease_until > in_.store.now();
    if (c.claim) {
        if (live) violated("task {} was claimed over a live lease", before.task.id.value);
        return;
    }
    if (before.lease_owner != c.owner)
        violated("{} wrote task {}, which {} holds", c.owner, before.task.id.value, before.lease_owner);
}

/// I7: the attempts of a task are bounded.
void invariants::attempts_are_bounded(const store_model::change& c) {
    const auto& t = c.after.task;
    auto& of = of_[t.id];
    bool uncounted = was_aborted(t) || withdraws_landing(c) || withdraws_anew(c) || looks_again(c);
    if (c.claim && c.before.lease_until && !uncounted) ++of.claims_over_a_dead_worker;
    auto was = c.before.task.known.attempts_used, is = t.known.attempts_used;
    int dead = c.claim && c.before.lease_until && !uncounted ? 1 : 0;
    bool anew =
        t.known.turn != c.before.task.known.turn || pushes_what_was_held(c) || begins_landing(c) || turns_round(c);
    if (is < was + dead && !anew && !looks_again(c)) violated("task {}: an attempt was not counted", t.id.value);
    if (is > t.what.attempts) violated("task {} used {} of {} attempts up", t.id.value, is, t.what.attempts);
    if (of.claims_over_a_dead_worker > t.what.attempts)
        violated("task {}: {} workers died on it, {} attempts were allowed", t.id.value, of.claims_over_a_dead_worker,
                 t.what.attempts);
    if (auto& wish = wish_of(t); wish && wish->looks > limits::landing_looks)
        violated("task {} was looked at {} times", t.id.value, wish->looks);
    if (t.known.rounds_used > t.what.repair_rounds)
        violated("task {}: {} repair rounds of {}", t.id.value, t.known.rounds_used, t.what.repair_rounds);
    if (auto* w = std::get_if<waiting>(&t.now); w && w->give_up > in_.store.now() + 48h * 100)
        violated("task {} may wait for ever", t.id.value);
}

/// I4: the person is told in the same commit.
void invariants::person_is_told(const store_model::change& c) {
    const auto& t = c.after.task;
    if (is_settled(t.now) && c.told == 0)
        violated("task {} became {} and nobody was told in the same commit", t.id.value, name_of(t.now));
    if (has_it_solved(c) && c.told == 0) violated("task {} goes on by itself and nobody was told", t.id.value);
    if (!is_settled(t.now) && c.told > 0 && !std::holds_alternative<waiting>(t.now) && !has_it_solved(c))
        violated("task {}: something was told with {}, which is no news", t.id.value, name_of(t.now));
    if (std::holds_alternative<waiting>(t.now) && t.known.told != c.before.task.known.told && c.told == 0)
        violated("task {} waits and nobody was told in the same commit", t.id.value);
}

/// I3: a commit that a person was told of is on the remote.
void invariants::remote_has_it(const store_model::change& c) {
    const auto& t = c.after.task;
    if (auto* d = std::get_if<deployed>(&t.now); d && !in_.remote.on_main(t.what.remote, d->commit))
        violated("task {} is deployed with {}, which the base branch does not have", t.id.value, d->commit);
    if (auto* b = std::get_if<rolled_back>(&t.now); b && !in_.remote.on_main(t.what.remote, b->commit))
        violated("task {} is rolled back by {}, which the base branch does not have", t.id.value, b->commit);
    const auto& was = c.before.task.known.lands;
    bool came_through = was && (was->what == landing::kind::roll_back ? std::holds_alternative<rolled_back>(t.now)
                                                                      : std::holds_alternative<deployed>(t.now));
    bool nowhere = was && !t.known.lands && !t.known.landing_unknown && !came_through;
    if (nowhere && !was->made.empty() && in_.remote.on_main(t.what.remote, was->made))
        violated("task {} came to nothing with {}, which the base branch has", t.id.value, was->made);
    auto* s = std::get_if<review>(&c.after.task.now);
    if (!s) return;
    const auto& branch = c.after.task.known.branch;
    if (!in_.remote.touched.contains(branch) && in_.remote.at(branch) != s->commit)
        violated("task {} is in review with {}, the remote's {} has another", c.after.task.id.value, s->commit, branch);
}

void invariants::discards(task_id id) {
    of_[id].discards = true;
}

void invariants::abort_accepted(task_id id) {
    if (!of_[id].wished) of_[id].wished = in_.time.now();
}

/// An accepted abort is not forgotten: the worker stops, or else the next one aborts the task.
void invariants::abort_is_obeyed(const store_model::change& c) {
    auto& of = of_[c.after.task.id];
    if (!of.wished) return;
    const auto& to = c.after.task.now;
    if (wish_of(c.before.task) && is_settled(to)) {
        of.wished.reset(); // it was withdrawn, or had been pushed
        return;
    }
    if (std::holds_alternative<waiting>(to) || std::holds_alternative<queued>(to)) of.wish_passed_a_rest = true;
    if (of.wish_passed_a_rest && is_settled(to) && !was_aborted(c.after.task) && c.before.lease_until)
        violated("task {} was to be aborted, went on after a rest and became {}", c.after.task.id.value, name_of(to));
}

void invariants::began(const life& by, task_id id, fence held) {
    auto [there, fresh] = holders_.try_emplace({id, held}, holder{&by});
    if (!fresh) violated("task {}: two workers hold fence {}", id.value, held.value);
}

/// A worker that lost its lease ends within the time of the lease and of a statement.
void invariants::rests(const life& by, task_id id, fence held) {
    auto found = holders_.find({id, held});
    if (found == holders_.end() || !by.alive) return;
    auto since = found->second.succeeded;
    if (since && in_.time.now() - *since > in_.what.lease_ttl * 2 + 6s)
        violated("task {}: fence {} was lost, and its worker went on for {} ms", id.value, held.value,
                 std::chrono::duration_cast<std::chrono::milliseconds>(in_.time.now() - *since).count());
}

/// A state is stored before its command is executed.
void invariants::carries_out(const life&, const task& t, fence held, const command& what) {
    auto found = in_.store.rows.find(t.id);
    if (found == in_.store.rows.end()) return violated("task {} is worked on and was never stored", t.id.value);
    const auto& row = found->second;
    if (row.at > held) return;      // it cannot know yet
    auto wished = of_[t.id].wished; // seen at the next renewal; the time of a statement is added
    if (wished && obeys_abort(t) && in_.time.now() - *wished > in_.what.lease_ttl * 2 + 20s)
        violated("task {} was to be aborted {} ms ago, and is still worked on", t.id.value,
                 std::chrono::duration_cast<std::chrono::milliseconds>(in_.time.now() - *wished).count());
    if (row.at < held)
        return violated("task {} is worked on under fence {}, which was not stored", t.id.value, held.value);
    constexpr std::array<std::string_view, 5> names{"preparing", "coding", "checking", "publishing", "answering"};
    bool back = t.known.lands && t.known.lands->what == landing::kind::roll_back;
    auto wanted = what.index() < names.size() ? names.at(what.index()) : back ? "rolling_back" : "deploying";
    // A person may have aborted it since its lease ran out.
    if (row.lease_until && name_of(row.task.now) != wanted)
        violated("task {} is stored as {}, its worker does the work of {}", t.id.value, name_of(row.task.now), wanted);
    if (auto* coder = std::get_if<run_coder>(&what); coder && coder->round > t.what.repair_rounds)
        violated("task {}: repair round {}", t.id.value, coder->round);
}

void invariants::happened(task_id id, fence held, const mechanic::event& e) {
    auto found = in_.store.rows.find(id);
    if (found != in_.store.rows.end() && found->second.at == held) of_[id].last = e;
}

/// I3: what is pushed is what is stored.
void invariants::pushed(const life& by, const task& t, fence held, const std::string& branch,
                        const std::string& commit) {
    auto id = t.id;
    if (!by.alive) return violated("{} is dead and pushed task {}", by.name(), id.value);
    // What reads otherwise on the base branch is pushed once more, for a person to look at.
    auto anew = t.known.not_landed.empty() ? std::string() : "@" + t.known.base;
    auto& all = in_.remote.pushed_by_us[{branch + anew, t.known.turn}];
    all.insert(commit);
    if (all.size() > 1 && !in_.remote.touched.contains(branch))
        violated("task {}: {} was pushed with different bytes", id.value, branch);
    const auto& row = in_.store.rows.at(id);
    auto* s = std::get_if<publishing>(&row.task.now);
    if (row.at == held && row.lease_until && (!s || s->commit != commit))
        violated("task {}: {} was pushed, which is not what is stored", id.value, commit);
}

/// I3, I6: what comes onto the base branch is what was approved, once, by whoever has the lane.
void invariants::landed(const life& by, const task& t, fence held, const land& what, const std::string& as) {
    if (!by.alive) return violated("{} is dead and landed task {}", by.name(), t.id.value);
    auto& all = landed_[{t.id, t.known.lands->what, t.known.lands->asked}];
    all.insert(as.empty() ? what.commit : as);
    if (all.size() > 1) violated("task {} was landed twice, with different bytes", t.id.value);
    const auto& row = in_.store.rows.at(t.id);
    if (row.at != held || !row.lease_until) return; // what it does not know yet; its push moved nobody's work
    const auto& l = row.task.known.lands;
    if (!l || l->made != what.commit || l->step != landing_step::push)
        violated("task {}: {} was landed, which is not what is stored", t.id.value, what.commit);
    bool live = *row.lease_until > in_.store.now();
    if (live && in_.store.landings[t.what.remote] != t.id)
        violated("task {} was landed while task {} has the lane", t.id.value, in_.store.landings[t.what.remote].value);
}

/// I6: what is pushed with another landing was approved, made and green itself, and is in doubt from before the push.
void invariants::landed_with(task_id front, fence held, task_id id, const std::string& commit) {
    const auto& pusher = in_.store.rows.at(front);
    bool live = pusher.lease_until && *pusher.lease_until > in_.store.now();
    if (pusher.at != held || !live) return; // as above
    const auto& l = in_.store.rows.at(id).task.known.lands;
    if (!l) return violated("task {} was landed with task {}, and is not on its way any more", id.value, front.value);
    if (l->made != commit || l->after != check_outcome::green || !l->same_text)
        violated("task {}: {} was landed with task {}, which is not what is stored", id.value, commit, front.value);
    if (!l->in_doubt || l->joined != front)
        violated("task {} was landed with task {}, and does not know it", id.value, front.value);
    auto& all = landed_[{id, l->what, l->asked}];
    all.insert(commit);
    if (all.size() > 1) violated("task {} was landed twice, with different bytes", id.value);
}

void invariants::holds_place(const disk_model& disk, task_id id, fence held) {
    if (!disk.places.contains({id, held})) violated("task {}: fence {} works without a tree", id.value, held.value);
}

void invariants::holds_commit(const disk_model& disk, task_id id, fence held, const std::string& commit) {
    if (in_.store.rows.at(id).at != held) return; // the new holder may have ended it; our write is refused
    if (!disk.has(commit)) violated("task {}: {} is not in the mirror", id.value, commit);
}

void invariants::at_rest() {
    for (const auto& [id, row] : in_.store.rows) {
        if (!is_settled(row.task.now)) violated("task {} is stuck: {}", id.value, name_of(row.task.now));
        for (const auto& [number, turn] : in_.store.turns[id])
            if (turn.state == "kept") violated("task {}: reply {} was forgotten", id.value, number);
        if (row.lease_until) violated("task {} has a lease, and nothing is left to do", id.value);
        if (in_.spent_usd[id] > row.task.what.budget_usd + 1e-9) violated("task {}: over its budget", id.value);
    }
    for (const auto& disk : in_.disks) // I9; the next start removes what a dead process left
        for (const auto& [key, of] : disk.places)
            if (of->alive) violated("task {}: the tree of fence {} is still there", key.first.value, key.second.value);
}

} // namespace persais::world
