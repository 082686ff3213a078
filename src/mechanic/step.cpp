#include "mechanic/step.hpp"

#include "base/told.hpp"
#include "mechanic/endings.hpp"
#include "mechanic/landing.hpp"
#include "mechanic/limits.hpp"
#include "mechanic/model_waits.hpp"

#include <algorithm>
#include <utility>

namespace persais::mechanic {
namespace {

using std::chrono::seconds;
using outcome = decision;

template <class S>
concept landing_now = one_of<S, deploying, rolling_back>;
template <class S>
concept working = one_of<S, preparing, coding, checking, publishing, answering> || landing_now<S>;

/// One overload for each pair of state and event that has a meaning; all others are refused.
struct decide {
    task& t;
    time_point now;

    int attempt() const { return t.known.attempts_used + 1; }

    // --- claims ---
    outcome begin(const lease& by) {
        if (t.known.attempts_used >= t.what.attempts && !may_look_again(t))
            return park(t, verdict::world_broken, "", stopped_too_often(t.known.attempts_used));
        if (t.known.lands) return begin_landing(t, by, now);
        t.now = preparing{attempt(), by};
        return commands(prepare{.tree = !t.known.decided});
    }
    outcome operator()(const queued& s, const claimed& e) {
        if (now < s.not_before) return std::unexpected(refused{"not before its time"});
        return begin(e.by);
    }
    /// A worker's lease ran out: the worker crashed, and an attempt is used up.
    outcome take_over(const lease& old, const lease& by) {
        if (by.held <= old.held) return std::unexpected(refused{"an older fence"});
        ++t.known.attempts_used;
        return begin(by);
    }
    /// The task can be claimed again at once; the work in the mirror stays.
    outcome operator()(const working auto&, const handed_back&) {
        if (t.known.lands && t.known.lands->beside) return leave_off_beside(t, now);
        t.now = queued{now};
        return commands(clean_up{});
    }
    outcome operator()(const working auto& s, const claimed& e) { return take_over(s.by, e.by); }

    // --- preparing ---
    outcome operator()(const preparing& s, const prepared& e) {
        auto& k = t.known;
        k.seconds.preparing += e.took_seconds;
        if (k.dated == time_point{}) k.dated = now;
        if (k.in_doubt && e.doubt_stands) {
            k.stands = std::move(k.in_doubt);
            k.before = known_before(*k.stands);
            if (k.draft == k.stands->made.commit) k.draft.reset(); // it is on the branch
        }
        k.in_doubt.reset();
        k.branch_moved = false;
        if (auto over = after_look(t, e)) return *std::move(over);
        if (!e.has_work) k.draft.reset();
        if (k.made && !e.has_work) { // it was lost with its disk, and the work is done again
            k.made.reset();
            k.decided.reset();
            k.feedback.clear();
            k.edits_failed.clear();
            k.unmerged.clear();
            k.rounds_used = 0;
        }
        if (!k.made) { // a turn without work starts on the newest base, unless earlier turns have fixed one
            if (e.base != k.base || e.check != k.check || e.setup != k.setup) {
                k.before = check_outcome::not_run;
                k.base_checks = check_outcome::not_run;
            }
            k.base = e.base;
            k.base_branch = e.base_branch;
            k.check = e.check;
            k.setup = e.setup;
            k.check_seconds = e.check_seconds;
        }
        k.branch = e.branch;
        if (t.what.what == order::kind::question) {
            t.now = answering{s.attempt, s.by};
            return commands(answer{});
        }
        if (k.decided) return publish_now(s.attempt, s.by);
        if (k.made && k.feedback.empty()) {
            t.now = checking{s.attempt, k.made->round, s.by};
            return commands(run_checks{k.made->round, k.made->commit});
        }
        t.now = coding{s.attempt, k.rounds_used, s.by};
        return commands(run_coder{k.rounds_used, k.feedback});
    }

    // --- coding ---
    outcome operator()(const coding& s, const coded& e) {
        auto& k = t.known;
        k.seconds.coding += e.took_seconds;
        k.made = e.made;
        k.draft.reset();
        k.said = e.said;
        k.edits_failed = e.edits_failed;
        k.feedback.clear();
        k.told.reset();
        if (e.before != check_outcome::not_run) k.before = e.before;
        if (e.before != check_outcome::not_run && ground_of(k) == k.base) k.base_checks = e.before;
        k.unmerged = e.unmerged;
        if (solves_conflict(k) && !k.unmerged.empty()) {
            k.feedback = unmerged_in_words(k.unmerged);
            return once_more(s.attempt, s.by);
        }
        if (k.check.command.empty()) return decided(s.attempt, s.by, verdict::ready_unchecked);
        t.now = checking{s.attempt, s.round, s.by};
        return commands(run_checks{s.round, e.made.commit});
    }
    outcome operator()(const coding& s, const coded_nothing& e) {
        auto& k = t.known;
        k.seconds.coding += e.took_seconds;
        k.said = e.said;
        if (k.made) // a repair round that changed nothing: the earlier work stays, and its checks are red
            return stays_red(s.attempt, s.by);
        return fail_with(t, verdict::no_change, "", nothing_changed(e));
    }
    outcome operator()(const coding&, const work_refused& e) {
        t.known.seconds.coding += e.took_seconds;
        return fail_with(t, e.how, "", refused_in_words(e));
    }
    outcome operator()(const one_of<coding, answering> auto&, const coder_timed_out& e) {
        return stopped(e, verdict::timed_out);
    }
    outcome operator()(const one_of<coding, answering> auto&, const over_disk& e) {
        return stopped(e, verdict::disk_limit);
    }
    /// The coder was stopped at a limit; what it has made is kept as a diff.
    outcome stopped(const auto& e, verdict how) {
        t.known.seconds.coding += e.took_seconds;
        if (e.made && t.known.stands) t.known.draft = e.made->commit; // `made` stays the result before
        if (e.made) t.known.made = e.made;
        t.known.edits_failed = e.edits_failed;
        return fail_with(t, how, "", e.sentence);
    }
    outcome operator()(const coding& s, const model_failed& e) {
        bool no_answer = e.why == model_trouble::nonsense || e.why == model_trouble::context;
        if (!no_answer || !t.known.made || t.known.feedback.empty()) return model_stopped(e);
        t.known.seconds.coding += e.took_seconds;
        return stays_red(s.attempt, s.by); // a repair round came to nothing: the earlier work stands
    }
    outcome operator()(const answering&, const model_failed& e) { return model_stopped(e); }
    outcome model_stopped(const model_failed& e) {
        t.known.seconds.coding += e.took_seconds;
        switch (e.why) {
        case model_trouble::key:
            return model_waits(wait_reason::key, e);
        case model_trouble::credit:
            return model_waits(wait_reason::credit, e);
        case model_trouble::day_budget:
            return model_waits(wait_reason::day_budget, e);
        case model_trouble::month_budget:
            return model_waits(wait_reason::month_budget, e);
        case model_trouble::task_budget:
            return model_waits(wait_reason::task_budget, e);
        case model_trouble::paused:
            return model_waits(wait_reason::paused, e);
        case model_trouble::rate:
        case model_trouble::network:
            return use_up_attempt(t, wait_reason::model_away, verdict::model_failed, reason_of(e.why), e.sentence, now,
                                  e.retry_after);
        case model_trouble::policy:
        case model_trouble::model:
        case model_trouble::context:
        case model_trouble::nonsense:
            break;
        }
        return fail_with(t, verdict::model_failed, reason_of(e.why), e.sentence);
    }
    outcome model_waits(wait_reason why, const model_failed& e) {
        if (t.what.foreground) return fail_with(t, verdict::model_failed, reason_of(e.why), e.sentence);
        return wait_for_model(t, why, e, now);
    }

    // --- checking ---
    outcome operator()(const checking& s, const checked& e) {
        auto& k = t.known;
        k.seconds.checking += e.took_seconds;
        k.after = e.how;
        k.setup_failed = e.setup_failed;
        k.hosts_denied = e.hosts_denied;
        switch (e.how) {
        case check_outcome::green:
            return decided(s.attempt, s.by, verdict::ready);
        case check_outcome::not_run:
            return decided(s.attempt, s.by, verdict::ready_unchecked);
        case check_outcome::could_not_run:
            if (k.before == check_outcome::not_run || k.before == check_outcome::could_not_run) {
                k.could_not_run = e.could_not_run;
                return decided(s.attempt, s.by, verdict::checks_could_not_run);
            }
            k.after = check_outcome::red; // they ran before the change, so the change prevents it
            break;
        case check_outcome::red:
        case check_outcome::timed_out:
            break;
        }
        k.feedback = e.feedback.empty() ? checks_were_silent() : e.feedback;
        return once_more(s.attempt, s.by);
    }
    /// Another round, if there may be one.
    outcome once_more(int n, const lease& by) {
        auto& k = t.known;
        if (k.rounds_used >= t.what.repair_rounds) return stays_red(n, by);
        ++k.rounds_used;
        t.now = coding{n, k.rounds_used, by};
        return commands(run_coder{k.rounds_used, k.feedback});
    }
    /// What nobody asked for takes no green result's place.
    outcome stays_red(int n, const lease& by) {
        auto& k = t.known;
        if (solves_conflict(k) && !k.unmerged.empty()) return back_to_what_was(t, unmerged_in_words(k.unmerged));
        bool red_before = k.before == check_outcome::red || k.before == check_outcome::timed_out ||
                          (k.stands && k.stands->how == verdict::tests_red);
        if (solves_conflict(k) && !red_before)
            return back_to_what_was(t, told<"The checks are red there.", "Проверки там не проходят.">());
        return decided(n, by, verdict::tests_red);
    }

    /// Another round would fill the disk again, and what the change is worth is not known.
    outcome operator()(const checking&, const over_disk& e) {
        t.known.seconds.checking += e.took_seconds;
        if (t.known.stands) t.known.draft = t.known.made->commit;
        return fail_with(t, verdict::disk_limit, "", e.sentence);
    }

    // --- publishing ---
    outcome decided(int n, const lease& by, verdict how) {
        t.known.decided = how;
        return publish_now(n, by);
    }
    outcome publish_now(int n, const lease& by) {
        t.now = publishing{n, t.known.made->commit, by};
        const auto& commit = t.known.made->commit;
        return commands(publish{.commit = commit, .branch = t.known.branch, .anyway = t.known.anyway == commit});
    }
    outcome operator()(const publishing&, const pushed& e) {
        auto& k = t.known;
        k.seconds.publishing += e.took_seconds;
        return published(t, e.request);
    }
    outcome operator()(const publishing&, const leaks_found& e) {
        if (t.known.made && t.known.anyway == t.known.made->commit)
            return std::unexpected(refused{told<"it may be pushed as it is", "её разрешено отправить как есть">()});
        t.known.seconds.publishing += e.took_seconds;
        return hold(t, e.found);
    }
    outcome operator()(const one_of<failed, review> auto&, const push_allowed& e) { return release(t, e, now); }

    // --- landings (landing.cpp) ---
    outcome operator()(const one_of<review, rolled_back> auto& s, const approved& e) { return approve(t, s, e, now); }
    outcome operator()(const deployed&, const roll_back_wished& e) { return wish_roll_back(t, e, now); }
    outcome operator()(const landing_now auto& s, const lane_answered& e) {
        landing_hold at{s.attempt, s.moves, s.by};
        return e.taken ? begin_replay(t, at, now) : lane_is_taken(t, at, e.ahead, now);
    }
    /// What comes of a step before the push is late when the base branch has it already.
    static outcome has_landed() {
        return std::unexpected(refused{told<"it has landed already", "она уже выложена">()});
    }
    outcome operator()(const landing_now auto& s, const replayed& e) {
        return t.known.lands->there ? has_landed() : after_replay(t, {s.attempt, s.moves, s.by}, e, now);
    }
    outcome operator()(const landing_now auto& s, const checked& e) {
        return t.known.lands->there ? has_landed() : after_landing_checks(t, {s.attempt, s.moves, s.by}, e);
    }
    outcome operator()(const landing_now auto& s, const over_disk& e) {
        if (t.known.lands->there) return has_landed();
        return t.known.lands->beside ? ask_for_lane(t, {s.attempt, s.moves, s.by}) : land_nowhere(t, e.sentence);
    }
    outcome operator()(const landing_now auto& s, const pushed& e) {
        return t.known.lands->there || t.known.lands->beside ? has_landed()
                                                             : after_push(t, {s.attempt, s.moves, s.by}, e, now);
    }
    outcome operator()(const landing_now auto& s, const one_of<request_waits, request_outdated> auto& e) {
        return t.known.lands->there ? has_landed() : after_request(t, {s.attempt, s.moves, s.by}, e, now);
    }
    outcome operator()(const landing_now auto&, const right_lost& e) { return after_right_lost(t, e); }
    outcome operator()(const landing_now auto&, const watched& e) { return after_watch(t, e, now); }
    outcome operator()(const landing_now auto& s, const remote_trouble& e) {
        if (t.known.lands->there) return has_landed();
        if (t.known.lands->beside) return ask_for_lane(t, {s.attempt, s.moves, s.by}); // its turn finds out
        if (e.reason == "moved" && t.known.lands->step == landing_step::push)
            return base_moved(t, {s.attempt, s.moves, s.by}, now);
        if (e.reason == "network") return look_later(t, wait_reason::remote_away, e.sentence, now, e.retry_after);
        if (t.known.lands->step == landing_step::push) t.known.lands->in_doubt = false; // it was refused
        if (t.known.lands->in_doubt) return look_later(t, wait_reason::remote_away, e.sentence, now);
        return land_nowhere(t, e.sentence);
    }

    // --- remote and machine, in any state ---
    outcome remote_stopped(const remote_trouble& e) {
        if (e.reason == "network")
            return use_up_attempt(t, wait_reason::remote_away, verdict::remote_failed, e.reason, e.sentence, now);
        if (e.reason == "moved") { // the branch does not hold the earlier result any more
            t.known.branch_moved = true;
            if (anew_in_doubt(t.known)) t.known.decided.reset(); // nor the new one
            if (!t.known.was.empty()) return back_to_what_was(t, e.sentence);
            if (t.what.foreground) return end(t, failed{verdict::remote_failed, e.reason, e.sentence}, e.sentence);
            return end(t, parked{e.sentence}, e.sentence);
        }
        return fail_with(t, verdict::remote_failed, e.reason, e.sentence);
    }
    /// All spending was stopped before the agent was started.
    outcome operator()(const preparing&, const model_failed& e) {
        if (e.why != model_trouble::paused) return std::unexpected(refused{"no model was asked yet"});
        return model_waits(wait_reason::paused, e);
    }
    outcome operator()(const preparing&, const remote_trouble& e) {
        t.known.seconds.preparing += e.took_seconds;
        if (anew_in_doubt(t.known) && e.reason != "moved") // nobody saw the branch
            return look_later(t, wait_reason::remote_away, e.sentence, now);
        return remote_stopped(e);
    }
    outcome operator()(const publishing&, const remote_trouble& e) {
        t.known.seconds.publishing += e.took_seconds;
        if (anew_in_doubt(t.known) && e.reason != "network" && e.reason != "moved") return refused_anew(t, e, now);
        return remote_stopped(e);
    }
    outcome world_stopped(const world_trouble& e) {
        return use_up_attempt(t, wait_reason::world, verdict::world_broken, "", e.sentence, now, std::nullopt,
                              e.may_pass);
    }
    outcome operator()(const working auto&, const world_trouble& e) { return world_stopped(e); }
    outcome operator()(const landing_now auto& s, const world_trouble& e) {
        // Nobody needed that work yet: its turn finds out whether the trouble has passed.
        return t.known.lands->beside ? ask_for_lane(t, {s.attempt, s.moves, s.by}) : world_stopped(e);
    }

    // --- answering ---
    outcome operator()(const answering&, const answer_given& e) {
        t.known.seconds.coding += e.took_seconds;
        t.known.said = e.text;
        return end(t, answered{}, e.text);
    }
    // --- waiting ---
    outcome operator()(const waiting& s, const wait_over&) {
        if (now >= s.give_up && !t.known.lands && !anew_in_doubt(t.known)) { // these are bounded by their attempts
            auto [how, reason] = given_up(s.why);
            return fail_with(t, how, reason, waited_a_day());
        }
        if (s.why == wait_reason::task_budget) t.known.told.reset(); // raised by a person: told again
        t.now = queued{now};
        return std::vector<command>{};
    }

    // --- review ---
    outcome operator()(const review&, const review_over&) { return close(t, expired{}, nobody_decided()); }
    outcome operator()(const review& s, const discard_wished& e) { return put_away(t, s, e.commit); }
    outcome operator()(const review& s, const abort_wished&) { return put_away(t, s, s.commit); }
    outcome operator()(const discarded& s, const undiscard_wished&) { return take_up_again(t, s); }

    // --- a reply: the next turn, whatever the result of the one before ---
    outcome operator()(const one_of<review, failed, aborted, parked, expired, answered, discarded> auto&,
                       const replied& e) {
        return go_on(t, e, now);
    }
    /// What was landed is the base branch's now: the next turn begins on that, with a branch of its own.
    outcome operator()(const one_of<deployed, rolled_back> auto&, const replied& e) {
        if (e.turn > t.known.turn) t.known = {.turn = t.known.turn};
        return go_on(t, e, now);
    }

    // --- abort, and all pairs without a meaning ---
    template <class S>
    outcome operator()(const S& s, const abort_wished&) {
        if (is_final(state(s))) return std::unexpected(refused{told<"it has already ended", "она уже закончилась">()});
        if (t.known.lands) return withdraw_landing(t, now);
        if (!t.known.was.empty()) return withdraw_anew(t, now);
        if (can_fall_back(t.known)) return fall_back(t, {verdict::aborted, "", told<"Aborted.", "Прервана.">()});
        return close(t, aborted{}, told<"Aborted.", "Прервана.">());
    }
    template <class S, class E>
    outcome operator()(const S& s, const E&) {
        return std::unexpected(refused{"no meaning in state " + std::string(name_of(state(s)))});
    }
};

} // namespace

outcome step(task& t, const event& e, time_point now) {
    auto s = t.now; // a copy, because `decide` writes t.now while it reads the old state
    return std::visit([&](const auto& from, const auto& what) { return decide{t, now}(from, what); }, s, e);
}

} // namespace persais::mechanic
