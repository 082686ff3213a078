#include "mechanic/endings.hpp"

#include "base/told.hpp"
#include "mechanic/limits.hpp"
#include "mechanic/words.hpp"

#include <algorithm>
#include <utility>

namespace persais::mechanic {

using std::chrono::seconds;

tell telling(const state& s, std::string text) {
    return {text.empty() ? std::string(name_of(s)) : std::move(text)};
}

decision end(task& t, state s, std::string text) {
    t.now = std::move(s);
    return commands(clean_up{}, telling(t.now, std::move(text)));
}

decision close(task& t, state s, std::string text) {
    if (std::exchange(t.known.held_back, std::nullopt))
        text += " " + told<"The change that was held back was not pushed.", "Задержанное изменение не отправлено.">();
    return end(t, std::move(s), std::move(text));
}

namespace {

/// The task's newest work is this again.
void take_up(facts& k, const standing& s) {
    k.made = s.made;
    k.before = s.before;
    k.after = s.after;
    k.could_not_run = s.could_not_run;
    k.feedback = s.feedback;
    k.edits_failed = s.edits_failed;
}

} // namespace

decision fall_back(task& t, setback why) {
    auto& k = t.known;
    const auto& s = *k.stands;
    take_up(k, s);
    k.decided.reset();
    why.sentence += " " + told<"What was there before stands.", "Прежний результат остаётся.">();
    k.came_to_nothing = why;
    return end(t, review{s.made.commit, s.how}, std::move(why.sentence));
}

bool can_fall_back(const facts& k) {
    return k.stands && !k.decided && !k.in_doubt;
}

decision fail_with(task& t, verdict how, std::string reason, std::string sentence) {
    if (t.known.lands) return land_nowhere(t, std::move(sentence));
    if (!t.known.was.empty()) return back_to_what_was(t, std::move(sentence));
    if (can_fall_back(t.known)) return fall_back(t, {how, std::move(reason), std::move(sentence)});
    auto text = sentence;
    return end(t, failed{how, std::move(reason), std::move(sentence)}, std::move(text));
}

decision park(task& t, verdict how, std::string reason, std::string sentence) {
    if (t.known.lands) return land_nowhere(t, std::move(sentence));
    if (!t.known.was.empty()) return back_to_what_was(t, std::move(sentence));
    if (can_fall_back(t.known)) return fall_back(t, {how, std::move(reason), std::move(sentence)});
    auto text = sentence;
    return end(t, parked{std::move(sentence)}, std::move(text));
}

decision hold(task& t, std::vector<leak> found) {
    auto& k = t.known;
    auto said = leaks_in_words(found);
    k.held_back = held{standing_of(k, *k.decided), std::move(found)};
    k.decided.reset(); // nothing of it was pushed
    if (!k.was.empty()) return back_to_what_was(t, std::move(said));
    if (k.stands) k.draft = k.made->commit; // the next turn goes on from it; `made` becomes the result before
    return fail_with(t, verdict::secret_found, "", std::move(said));
}

decision release(task& t, const push_allowed& e, time_point now) {
    auto& k = t.known;
    if (!k.held_back || k.held_back->what.made.commit != e.commit)
        return std::unexpected(refused{told<"that commit is not held", "этот коммит не задержан">()});
    auto was = std::move(k.held_back->what);
    k.held_back.reset();
    k.draft.reset();
    k.came_to_nothing.reset();
    k.told.reset();
    take_up(k, was);
    k.decided = was.how;
    k.anyway = e.commit;
    k.attempts_used = 0;
    t.what.foreground = e.foreground;
    t.now = queued{now};
    return std::vector<command>{};
}

decision put_away(task& t, const review& shown, const std::string& commit) {
    auto& k = t.known;
    if (commit != shown.commit)
        return std::unexpected(
            refused{told<"that commit is not its result any more", "этот коммит уже не её результат">()});
    if (!k.stands && k.made) k.stands = standing_of(k, shown.how); // it was pushed by an earlier version
    return close(t, discarded{shown.commit}, put_away_in_words());
}

decision take_up_again(task& t, const discarded& away) {
    if (!t.known.stands)
        return std::unexpected(refused{told<"its result is not kept", "её результат не сохранился">()});
    return end(t, review{away.commit, t.known.stands->how},
               told<"The result is there again.", "Результат возвращён.">());
}

decision wait_for(task& t, wait_reason why, time_point until, time_point give_up, std::string text) {
    t.now = waiting{why, until, std::max(until, give_up)};
    if (std::exchange(t.known.told, why) == why) return commands(clean_up{});
    return commands(clean_up{}, telling(t.now, std::move(text)));
}

decision use_up_attempt(task& t, wait_reason why, verdict how, std::string reason, std::string sentence, time_point now,
                        std::optional<seconds> retry_after, bool may_pass) {
    if (anew_in_doubt(t.known) || (t.known.lands && t.known.lands->in_doubt))
        return look_later(t, why, std::move(sentence), now);
    ++t.known.attempts_used;
    bool last = t.known.attempts_used >= t.what.attempts;
    if (t.what.foreground && (last || !may_pass)) return fail_with(t, how, std::move(reason), std::move(sentence));
    if (last) return park(t, how, std::move(reason), std::move(sentence));
    auto pause = std::max(backoff(t.known.attempts_used), retry_after.value_or(seconds(0)));
    return wait_for(t, why, now + pause, now + limits::wait_at_most, std::move(sentence));
}

check_outcome known_before(const standing& s) {
    return s.after == check_outcome::could_not_run ? check_outcome::not_run : s.after;
}

decision go_on(task& t, const replied& e, time_point now) {
    auto& k = t.known;
    if (e.turn <= k.turn) return std::unexpected(refused{told<"that turn was begun before", "этот шаг уже начат">()});
    if (auto* r = std::get_if<review>(&t.now); r && k.made && !k.stands) // it was pushed by an earlier version
        k.stands = standing_of(k, r->how);
    facts next{.turn = e.turn, .asked = e.instruction, .draft = std::move(k.draft), .in_doubt = std::move(k.in_doubt)};
    if (k.decided && k.made && (!k.stands || k.stands->made.commit != k.made->commit)) {
        next.in_doubt = standing_of(k, *k.decided);
        next.draft = k.made->commit; // a push that was refused loses no work
    }
    next.branch_moved = k.branch_moved;
    next.stands = std::move(k.stands);
    if (auto* f = std::get_if<failed>(&t.now); f && keeps_work(f->how) && k.made) next.draft = k.made->commit;
    if (next.draft || next.stands) next.edits_failed = next.draft ? k.edits_failed : next.stands->edits_failed;
    if (next.stands) next.before = known_before(*next.stands);
    next.base = std::move(k.base);
    next.base_checks = k.base_checks;
    next.base_branch = std::move(k.base_branch);
    next.branch = std::move(k.branch);
    next.request = std::move(k.request); // it shows what its branch has
    next.check = std::move(k.check);
    next.setup = std::move(k.setup);
    next.check_seconds = k.check_seconds;
    k = std::move(next);
    t.what.foreground = e.foreground;
    t.now = queued{now};
    return std::vector<command>{};
}

} // namespace persais::mechanic
