#include "mechanic/landing.hpp"

#include "base/told.hpp"
#include "mechanic/limits.hpp"
#include "mechanic/words.hpp"

#include <algorithm>
#include <utility>

namespace persais::mechanic {

namespace {

using kind = landing::kind;

/// The beginning of a commit's id, as people read it.
std::string brief(const std::string& commit) {
    return commit.substr(0, 10);
}

std::string nothing_left_in_words(const task& t) {
    if (t.known.lands->what == kind::roll_back)
        return told<"{} does not have the change any more: there was nothing to roll back.",
                    "В {} этого изменения уже нет: откатывать было нечего.">(t.known.base_branch);
    return told<"{} has the same change already: there was nothing to deploy.",
                "В {} уже есть такое же изменение: выкладывать было нечего.">(t.known.base_branch);
}

std::string not_green_in_words(const task& t, const checked& e) {
    const auto& k = t.known;
    auto why =
        e.how == check_outcome::could_not_run && !e.could_not_run.empty() ? e.could_not_run
        : e.how == check_outcome::not_run
            ? told<"What {} holds now ({}) names no checks.", "В том, что сейчас в {} ({}), не названы проверки.">(
                  k.base_branch, brief(k.lands->onto))
            : told<"On what {} holds now ({}) the checks are not green.",
                   "На том, что сейчас в {} ({}), проверки не проходят.">(k.base_branch, brief(k.lands->onto));
    return why + " " +
           (k.lands->what == kind::roll_back
                ? told<"Nothing was rolled back; an emergency rollback (anyway) skips the checks.",
                       "Ничего не откачено; экстренный откат («всё равно») пропускает проверки.">()
                : told<"Nothing was deployed.", "Ничего не выложено.">());
}

std::string reads_otherwise_in_words(const facts& k) {
    return told<"{} moved meanwhile, and the change reads otherwise there: look at it again, then deploy it.",
                "Ветка {} тем временем изменилась, и изменение теперь выглядит иначе: посмотрите на него ещё раз и "
                "тогда выкладывайте.">(k.base_branch);
}

decision push_it(task& t, const landing_hold& at) {
    step_to(t, landing_step::push, at, at.moves + 1);
    auto& l = *t.known.lands;
    l.in_doubt = true;
    if (l.by_request && l.what != kind::deploy && (l.offered.empty() || l.offered.back() != l.made)) {
        l.offered.push_back(l.made); // also what was offered before: the branch is moved from there only
        if (l.offered.size() > limits::commits_offered) l.offered.erase(l.offered.begin());
    }
    return commands(land{l.made, l.onto, l.by_request});
}

} // namespace

decision ask_again(task& t, const landing_hold& at, std::string sentence) {
    auto& k = t.known;
    k.was = {k};
    k.was.front().lands->looks = 0;
    auto l = *std::exchange(k.lands, std::nullopt);
    k.base = l.onto;
    k.base_checks = check_outcome::not_run;
    k.made = work{l.made, l.size, k.made ? k.made->round : 0, l.size};
    k.before = check_outcome::not_run;
    k.after = l.after;
    k.anyway = l.made; // a person has let what it carries be pushed
    k.decided = k.check.command.empty() ? verdict::ready_unchecked : verdict::ready;
    if (l.after == check_outcome::red || l.after == check_outcome::timed_out) k.decided = verdict::tests_red;
    if (l.after == check_outcome::could_not_run) k.decided = verdict::checks_could_not_run;
    k.not_landed = std::move(sentence);
    t.now = publishing{at.attempt, l.made, at.by};
    return commands(publish{.commit = l.made, .branch = k.branch, .anyway = true});
}

namespace {

decision queue_landing(task& t, landing wish, time_point now) {
    auto& k = t.known;
    if (wish.asked == time_point{}) wish.asked = now;
    k.lands = std::move(wish);
    k.not_landed.clear();
    k.landing_unknown = false;
    k.seen.reset();
    k.came_to_nothing.reset(); // the person has decided on the result that stands
    k.told.reset();
    k.attempts_used = 0;
    t.what.foreground = false; // any worker goes on with it: a lane must not wait for a terminal that died
    t.now = queued{now};
    return std::vector<command>{};
}

std::string health_in_words(const health& seen) {
    if (seen.well) return told<"It is healthy: {}", "Работает: {}">(seen.said);
    return told<"It was not seen healthy: {}", "Работающим его не увидели: {}">(seen.said);
}

/// It is over: the base branch holds it.
decision landed_now(task& t) {
    auto& k = t.known;
    auto l = std::move(*k.lands);
    k.lands.reset();
    k.conflict_tried = false;
    k.came_to_nothing.reset(); // the forge had merged it before it could be taken out of its queue
    if (l.what == kind::roll_back) {
        t.now = rolled_back{l.there->commit};
    } else {
        t.now = deployed{l.there->commit};
        k.on_base = std::move(l.there);
    }
    auto sentence = landed_in_words(t);
    if (!k.not_landed.empty()) sentence += " " + k.not_landed; // why it was taken back by itself
    return end(t, t.now, std::move(sentence));
}

/// What is deployed and not healthy goes the same way back, before anybody else's change: without checks, because what
/// was there before had been deployed.
decision take_back(task& t, time_point now) {
    auto& k = t.known;
    auto l = std::move(*k.lands);
    auto why = told<"What it deployed was not healthy: {}", "Выложенное не работало: {}">(k.seen->said);
    auto seen = std::move(k.seen);
    k.on_base = l.there;
    auto made = queue_landing(t,
                              {.what = kind::roll_back,
                               .commit = l.there->commit,
                               .anyway = true,
                               .by = std::string(by_health),
                               .asked = l.asked,
                               .unwatched = l.joined.has_value()},
                              now);
    k.seen = std::move(seen); // until it is back, and when it never is
    k.not_landed = std::move(why);
    return made;
}

} // namespace

std::string landed_in_words(const task& t) {
    const auto& base = t.known.base_branch;
    const auto on_base = t.known.on_base.value_or(landed{});
    auto* s = std::get_if<rolled_back>(&t.now);
    auto sentence =
        s ? told<"Rolled back: {} is at {}, which takes {} back.",
                 "Откачено: {} теперь на {}, этот коммит отменяет {}.">(base, brief(s->commit), brief(on_base.commit))
          : told<"Deployed: {} is at {}; before it was at {}.", "Выложено: {} теперь на {}, до этого было {}.">(
                base, brief(on_base.commit), brief(on_base.before));
    if (t.known.seen) sentence += " " + health_in_words(*t.known.seen);
    return sentence;
}

bool lands_without_a_word(verdict how) {
    return how == verdict::ready;
}

bool lands_without_a_word(const task& t) {
    if (auto* s = std::get_if<review>(&t.now)) return lands_without_a_word(s->how);
    return t.known.stands && lands_without_a_word(t.known.stands->how);
}

namespace {

/// Why an approval has no effect.
std::optional<refused> refusal_of(const task& t, const std::string& shown, const approved& e) {
    if (e.commit != shown)
        return refused{told<"that commit is not its result any more", "этот коммит уже не её результат">()};
    if (!e.anyway && !lands_without_a_word(t))
        return refused{told<"its checks are not green", "её проверки не прошли">()};
    return std::nullopt;
}

} // namespace

decision approve(task& t, const review& shown, const approved& e, time_point now) {
    if (auto no = refusal_of(t, shown.commit, e)) return std::unexpected(*no);
    auto& k = t.known;
    if (!k.stands) k.stands = standing_of(k, shown.how); // it was pushed by an earlier version
    return queue_landing(
        t, {.what = kind::deploy, .commit = e.commit, .anyway = e.anyway, .by = e.by, .agreed = e.agreed}, now);
}

decision approve(task& t, const rolled_back& shown, const approved& e, time_point now) {
    if (auto no = refusal_of(t, shown.commit, e)) return std::unexpected(*no);
    return queue_landing(
        t, {.what = kind::deploy_again, .commit = e.commit, .anyway = e.anyway, .by = e.by, .agreed = e.agreed}, now);
}

decision wish_roll_back(task& t, const roll_back_wished& e, time_point now) {
    if (!t.known.on_base || e.commit != t.known.on_base->commit)
        return std::unexpected(refused{told<"that commit is not what it deployed", "выложен не этот коммит">()});
    return queue_landing(t, {.what = kind::roll_back, .commit = e.commit, .anyway = e.anyway, .by = e.by}, now);
}

namespace {

/// The landing in front pushed this one too, and what became of that is known: it has the same end.
decision after_front(task& t, time_point now) {
    auto& l = *t.known.lands;
    l.there = landed{l.made, l.onto};
    l.in_doubt = false;
    t.known.seen = l.front->seen;
    return l.front->take_back && t.known.seen ? take_back(t, now) : landed_now(t);
}

} // namespace

decision begin_landing(task& t, const lease& by, time_point now) {
    auto& l = *t.known.lands;
    if (l.front) return after_front(t, now);
    if (std::exchange(l.beside, false)) l.ahead.clear(); // whoever did that died
    return ask_for_lane(t, {t.known.attempts_used + 1, -1, by});
}

decision begin_replay(task& t, const landing_hold& at, time_point now) {
    t.known.lands->beside = false;
    if (t.known.lands->there) return watch_it(t, at, *t.known.lands->there, now); // an earlier worker pushed it
    step_to(t, landing_step::replay, at, at.moves + 1);
    return commands(replay{});
}

decision after_replay(task& t, const landing_hold& at, const replayed& e, time_point now) {
    auto& l = *t.known.lands;
    if (l.beside) return replayed_beside(t, at, e);
    if (!e.there.empty()) { // a worker died after the push, or a person brought it there
        if (!e.tip_there && !l.with.empty()) {
            push_brings_alone(l);
            // Those behind are told of its end by its row as it was before: it names them no more by then.
            if (l.withdrawn || l.unwatched) return begin_replay(t, at, now);
        }
        bool as_shown = e.there == l.commit && e.there != l.made;
        auto what = e.as.value_or(landed{e.there, as_shown ? t.known.base : l.onto});
        // It may be another worker's, with its own signature, or what the forge made of ours.
        if (e.as ? l.in_doubt : !as_shown) l.made = what.commit;
        if (!l.withdrawn) return watch_it(t, at, std::move(what), now);
        l.there = std::move(what);
        return landed_now(t);
    }
    l.in_doubt = false;
    l.joined.reset();
    push_brings_alone(l);
    if (l.withdrawn) {
        auto& why = t.known.came_to_nothing; // it was not a person who stopped it
        return land_nowhere(t, why ? std::string(why->sentence)
                                   : told<"Stopped; nothing was pushed.", "Остановлено; ничего не отправлено.">());
    }
    if (!e.conflicts.empty()) return after_conflict(t, e, now);
    bool known = was_checked(l, e);
    l.onto = e.onto;
    if (e.commit == e.onto) return land_nowhere(t, nothing_left_in_words(t));
    // A request that waited is looked at again and again: what it waits with was checked when it was made.
    bool waited = l.by_request && e.by_request && l.made == e.commit && l.after != check_outcome::not_run;
    l.by_request = e.by_request;
    if (!l.by_request) l.waits_on.reset(); // it was taken out of the forge's hands
    if (waited) return push_it(t, at);
    l.made = e.commit;
    l.size = e.size;
    l.same_text = e.same_text;
    if (!known) l.after = check_outcome::not_run;
    if (l.what == kind::deploy && l.made == l.commit) return push_it(t, at); // exactly what was checked and shown
    if (l.what == kind::roll_back && l.anyway) return push_it(t, at);        // an emergency
    if (known) return after_landing_checks(t, at, checked{l.after});
    step_to(t, landing_step::check, at, at.moves + 1);
    return commands(check_landing{l.made});
}

namespace {

/// What the checks said of the base without the task's change.
check_outcome checks_before(const facts& k) {
    // Stored by an earlier version, which kept it only for the first turn.
    if (k.base_checks == check_outcome::not_run && k.turn == 0 && k.stands) return k.stands->before;
    return k.base_checks;
}

} // namespace

decision after_landing_checks(task& t, const landing_hold& at, const checked& e) {
    auto& l = *t.known.lands;
    l.after = e.how;
    if (l.beside) return ask_for_lane(t, at);
    // Taking a change back that mended the checks makes them red again: that is what was there before it.
    bool as_before = l.what == kind::roll_back && checks_before(t.known) == e.how;
    // There are no checks any more: that is no reason to keep what they passed, and none to land it unseen.
    bool none_to_run = e.how == check_outcome::not_run && (l.what == kind::roll_back || t.known.check.command.empty());
    bool fine = e.how == check_outcome::green || none_to_run || l.anyway || as_before;
    if (!fine) return land_nowhere(t, not_green_in_words(t, e));
    if (l.same_text || l.what == kind::roll_back) return push_it(t, at);
    return ask_again(t, at, reads_otherwise_in_words(t.known));
}

/// It stays in doubt until the look at the branch: an earlier push may have come through meanwhile.
decision base_moved(task& t, const landing_hold& at, time_point now) {
    auto& l = *t.known.lands;
    if (++l.tries < limits::landing_tries) return begin_replay(t, at, now);
    l.in_doubt = false; // so many looks have not found it
    return land_nowhere(t, told<"{} moved {} times while this was being checked; nothing was pushed.",
                                "Ветка {} изменилась {} раз, пока это проверялось; ничего не отправлено.">(
                               t.known.base_branch, l.tries));
}

decision watch_it(task& t, const landing_hold& at, landed what, time_point now) {
    auto& l = *t.known.lands;
    if (!l.there) {
        l.there = std::move(what);
        l.there_since = now;
    }
    l.in_doubt = false;
    if (l.unwatched) return landed_now(t);
    step_to(t, landing_step::watch, at, at.moves + 1);
    return commands(watch{l.tip.empty() ? l.there->commit : l.tip, now - l.there_since});
}

decision after_watch(task& t, const watched& e, time_point now) {
    auto& l = *t.known.lands;
    if (!l.there) return std::unexpected(refused{told<"nothing of it is deployed", "ничего из неё не выложено">()});
    t.known.seen = e.seen;
    bool unwell = e.seen && !e.seen->well;
    bool ours = l.there->commit == l.made; // what others had merged was there before, whatever is wrong now
    return unwell && ours && e.take_back && l.what != kind::roll_back ? take_back(t, now) : landed_now(t);
}

namespace {

/// Counts a look. False: there were enough.
bool look_once_more(task& t) {
    auto& k = t.known;
    auto& l = k.lands ? *k.lands : *k.was.front().lands;
    if (++l.looks > limits::landing_looks) return false;
    t.known.attempts_used = std::min(t.known.attempts_used, t.what.attempts - 1);
    return true;
}

} // namespace

bool may_look_again(task& t) {
    bool in_doubt = anew_in_doubt(t.known) || (t.known.lands && t.known.lands->in_doubt);
    return in_doubt && look_once_more(t);
}

decision look_later(task& t, wait_reason why, std::string sentence, time_point now,
                    std::optional<std::chrono::seconds> retry_after) {
    if (!look_once_more(t))
        return t.known.lands ? land_nowhere(t, std::move(sentence)) : back_to_what_was(t, std::move(sentence));
    const auto& l = t.known.lands ? *t.known.lands : *t.known.was.front().lands;
    auto pause = std::max(backoff(l.looks), retry_after.value_or(std::chrono::seconds(0)));
    return wait_for(t, why, now + pause, now + limits::wait_at_most, std::move(sentence));
}

decision land_nowhere(task& t, std::string sentence) {
    auto& k = t.known;
    if (k.lands->there) { // whatever stops it now, it has landed
        k.seen = health{false, told<"nobody could look any longer.", "дальше никто не мог смотреть.">()};
        return landed_now(t);
    }
    if (may_be_merged_yet(*k.lands)) return leave_forge(t, std::move(sentence));
    if (auto kept = std::exchange(k.came_to_nothing, std::nullopt); kept && kept->sentence != sentence)
        sentence = kept->sentence + " " + sentence;
    auto l = std::move(*k.lands);
    k.lands.reset();
    k.landing_unknown = l.in_doubt;
    if (l.in_doubt)
        sentence = told<"It is not known whether {} has it: look at the branch. {}",
                        "Неизвестно, есть ли это в {}: посмотрите на ветку. {}">(k.base_branch, sentence);
    auto why = std::exchange(k.not_landed, sentence); // it was to be taken back by itself; `seen` keeps that
    if (!why.empty()) sentence = why + " " + sentence;
    if (l.what == kind::roll_back) return end(t, deployed{l.commit}, std::move(sentence));
    if (l.what == kind::deploy_again) return end(t, rolled_back{l.commit}, std::move(sentence));
    return end(t, review{k.stands->made.commit, k.stands->how}, std::move(sentence));
}

decision withdraw_landing(task& t, time_point now) {
    auto& l = *t.known.lands;
    if (l.withdrawn) return std::unexpected(refused{told<"it is being stopped already", "она уже останавливается">()});
    if (l.there) {
        t.known.seen = health{false, told<"nobody waited for it.", "никто этого не дождался.">()};
        return landed_now(t);
    }
    // A person may have merged it since the last look.
    if (l.by_request && l.waits_on) l.in_doubt = true;
    if (!l.in_doubt)
        return land_nowhere(t, told<"Stopped; nothing was pushed.", "Остановлено; ничего не отправлено.">());
    l.withdrawn = true;
    t.now = queued{now + limits::push_settles};
    return commands(clean_up{});
}

} // namespace persais::mechanic
