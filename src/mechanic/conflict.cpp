// What a landing makes anew by itself: the turn in which the agent solves a conflict, and the result that reads
// otherwise on the base branch. As long as it is not on the task's branch, the task can be what it was before.
#include "base/told.hpp"
#include "mechanic/landing.hpp"
#include "mechanic/limits.hpp"
#include "mechanic/step.hpp"
#include "mechanic/words.hpp"

#include <algorithm>
#include <utility>

namespace persais::mechanic {

namespace {

using kind = landing::kind;

std::string paths_in_words(const std::vector<std::string>& all) {
    std::string named;
    for (std::size_t i = 0; i < std::min(all.size(), limits::paths_named); ++i)
        named += (i > 0 ? ", `" : "`") + all[i] + "`";
    if (all.size() > limits::paths_named)
        return told<"{} and {} more", "{} и ещё {}">(named, all.size() - limits::paths_named);
    return named;
}

constexpr std::string_view deploy_for_the_agent =
    " {0} has moved, and others changed there what this task changes too: {1}. The files are {0} as it is now, with "
    "this "
    "task's whole change merged into them as far as it goes. Finish the merge, and keep the intent of both sides.";
constexpr std::string_view roll_back_for_the_agent =
    " This task's change is to be taken back from {0}, and later commits there changed the same lines: {1}. The files "
    "are {0} as it is now, with the change taken back as far as it goes. Finish that: take this task's change out, and "
    "keep what the later commits mean.";
constexpr std::string_view marks_for_the_agent =
    " Where both changed the same lines, a file has a block between lines of many `<` and of many `>`: first what {0} "
    "has now, after a line of many `|` what both began with, after a line of many `=` what is to be merged into it. "
    "Replace each block, with its four lines of marks, by the one text that is right.";

std::string conflict_in_words(const task& t, const std::vector<std::string>& paths) {
    const auto& base = t.known.base_branch;
    if (t.known.lands->what == kind::roll_back)
        return told<"Later commits of {} changed the same lines: {}.",
                    "Более поздние коммиты в {} изменили те же строки: {}.">(base, paths_in_words(paths));
    return told<"{} changed the same lines meanwhile: {}.", "В {} тем временем изменились те же строки: {}.">(
        base, paths_in_words(paths));
}

/// Of a conflict that is left to a person.
std::string left_to_a_person(kind what) {
    if (what == kind::roll_back) return told<"Nothing was rolled back.", "Ничего не откачено.">();
    return told<"Nothing was deployed; a reply lets the agent do it anew.",
                "Ничего не выложено; ответом можно дать это агенту заново.">();
}

std::string begun_in_words(kind what) {
    if (what == kind::roll_back)
        return told<
            "Nothing was rolled back yet: the agent takes the change back there, and its result is to be looked "
            "at and deployed.",
            "Пока ничего не откачено: агент отменит изменение там, и его результат нужно будет посмотреть и "
            "выложить.">();
    return told<"Nothing was deployed yet: the agent makes the change anew on that, and you will be asked again.",
                "Пока ничего не выложено: агент сделает изменение заново поверх этого, и вас спросят ещё раз.">();
}

/// Of a turn that came to nothing.
std::string in_vain_in_words(const facts& was, const std::string& why) {
    const auto& base = was.base_branch;
    if (was.lands->what == kind::roll_back)
        return told<
            "Later commits of {} changed the same lines, and the agent could not take the change back there: {} "
            "Nothing was rolled back; it is left to you.",
            "Более поздние коммиты в {} изменили те же строки, и отменить там изменение у агента не вышло: {} "
            "Ничего не откачено, дальше решать вам.">(base, why);
    return told<"{} changed the same lines, and the agent could not make the change anew on that: {} What was there "
                "before stands, and nothing was deployed; a reply lets the agent try again.",
                "В {} изменились те же строки, и сделать изменение заново поверх этого у агента не вышло: {} Прежний "
                "результат остаётся, ничего не выложено; ответом можно дать агенту попробовать ещё раз.">(base, why);
}

/// Of what reads otherwise on the base branch, and is not on the task's branch.
std::string not_put_there_in_words(const facts& was, const std::string& why) {
    return told<"{} moved meanwhile, and the change reads otherwise there; that is not on the branch {}: {} What was "
                "there before stands, and nothing was deployed.",
                "Ветка {} тем временем изменилась, и изменение теперь выглядит иначе; в ветку {} оно не попало: {} "
                "Прежний результат остаётся, ничего не выложено.">(was.base_branch, was.branch, why);
}

state state_before(const facts& was, const landing& wish) {
    if (wish.what == kind::roll_back) return deployed{wish.commit};
    if (wish.what == kind::deploy_again) return rolled_back{wish.commit};
    return review{was.stands->made.commit, was.stands->how};
}

} // namespace

std::string order_to_solve(const facts& was, const std::vector<std::string>& conflicts) {
    auto what = was.lands->what;
    auto order = what == kind::roll_back ? roll_back_for_the_agent : deploy_for_the_agent;
    std::string named; // all that the agent has to open, and no more than fits
    for (std::size_t i = 0; i < std::min(conflicts.size(), limits::conflicts_named); ++i)
        named += (i > 0 ? ", `" : "`") + conflicts[i] + "`";
    if (conflicts.size() > limits::conflicts_named) named += " and others";
    return std::string(order_to_solve_begins) + fmt::format(fmt::runtime(order), was.base_branch, named) +
           fmt::format(fmt::runtime(marks_for_the_agent), was.base_branch);
}

bool is_order_to_solve(std::string_view instruction) {
    return instruction.starts_with(order_to_solve_begins);
}

decision after_conflict(task& t, const replayed& e, time_point now) {
    auto& k = t.known;
    const auto what = k.lands->what;
    auto said = conflict_in_words(t, e.conflicts);
    // What was taken back once is no result that stands: a reply begins anew on the base branch in any case.
    bool may = e.solve && what != kind::deploy_again;
    // The forge may have it in a queue, and would merge it under the agent's hands; what waits for a person stands in
    // none.
    if (may_be_merged_yet(*k.lands))
        may = may && (k.lands->waits_on->what == request_need::review || k.lands->waits_on->what == request_need::runs);
    if (!may || k.conflict_tried || e.turn <= k.turn) return land_nowhere(t, said + " " + left_to_a_person(what));
    if (!k.not_landed.empty()) said = k.not_landed + " " + said; // it was to be taken back by itself
    said += " " + begun_in_words(what);
    facts was = std::move(k);
    k = {.turn = e.turn, .asked = order_to_solve(was, e.conflicts)};
    k.base_branch = was.base_branch;
    k.conflict_tried = true;
    if (what == kind::deploy) { // what undoes another change gets a branch of its own, as the reply to a deployed task
        k.stands = was.stands;
        k.branch = was.branch;
        k.branch_moved = was.branch_moved;
        k.request = was.request;
    }
    was.lands->looks = 0;
    k.was = {std::move(was)};
    t.now = queued{now};
    return commands(clean_up{}, telling(t.now, std::move(said)));
}

namespace {

/// Of a result with which the agent solved a conflict.
std::string solved_in_words(const facts& was) {
    if (was.lands->what == kind::roll_back)
        return told<"This takes back what {} has, under the later commits there: look at it, then deploy it.",
                    "Это отмена того, что есть в {}, под более поздними коммитами: посмотрите на неё и тогда "
                    "выкладывайте.">(was.base_branch);
    return told<
        "{} had changed the same lines, and the agent made the change anew on that: look at it again, then "
        "deploy it.",
        "В {} изменились те же строки, и агент сделал изменение заново поверх этого: посмотрите на него ещё раз "
        "и тогда выкладывайте.">(was.base_branch);
}

} // namespace

std::string unmerged_in_words(const std::vector<std::string>& paths) {
    return told<"Marks of conflicts are left in {}.", "Остались метки конфликтов: {}.">(paths_in_words(paths));
}

decision back_to_what_was(task& t, std::string why) {
    auto& k = t.known;
    const bool unknown = anew_in_doubt(k), solving = solves_conflict(k);
    facts was = std::move(k.was.front());
    auto sentence = solving ? in_vain_in_words(was, why) : not_put_there_in_words(was, why);
    if (unknown)
        sentence = told<"It is not known whether {} has it: look at the branch. {}",
                        "Неизвестно, есть ли это в {}: посмотрите на ветку. {}">(k.branch, sentence);
    if (was.turn == 0 && k.turn > 0) was.asked = t.what.instruction; // which the result is about
    was.turn = k.turn;
    was.conflict_tried = k.conflict_tried;
    was.branch_moved = k.branch_moved || unknown;
    was.not_landed = sentence;
    was.attempts_used = k.attempts_used;
    auto wish = *std::exchange(was.lands, std::nullopt);
    k = std::move(was);
    auto s = state_before(k, wish);
    return end(t, std::move(s), std::move(sentence));
}

const landing* wish_to_land(const facts& k) {
    const auto& l = k.was.empty() ? k.lands : k.was.front().lands;
    return l ? &*l : nullptr;
}

decision published(task& t, const std::string& request) {
    auto& k = t.known;
    if (!request.empty()) k.request = request;
    auto how = *k.decided;
    if (solves_conflict(k)) k.not_landed = solved_in_words(k.was.front());
    k.was.clear();
    k.came_to_nothing.reset();
    k.branch_moved = false;
    k.stands = standing_of(k, how);
    return end(t, review{k.made->commit, how}, k.not_landed.empty() ? std::string(words(how)) : k.not_landed);
}

decision refused_anew(task& t, const remote_trouble& e, time_point now) {
    auto& k = t.known;
    k.came_to_nothing = setback{verdict::remote_failed, e.reason, e.sentence};
    k.was.front().lands->withdrawn = true;
    t.now = queued{now};
    return commands(clean_up{});
}

std::optional<decision> after_look(task& t, const prepared& e) {
    auto& k = t.known;
    if (!anew_in_doubt(k)) return std::nullopt;
    if (k.was.front().lands->withdrawn) {
        if (e.is_pushed) return published(t); // too late
        k.decided.reset();
        return back_to_what_was(
            t, k.came_to_nothing
                   ? k.came_to_nothing->sentence
                   : std::string(told<"Stopped; nothing was pushed.", "Остановлено; ничего не отправлено.">()));
    }
    if (solves_conflict(k) || e.has_work) return std::nullopt;
    k.decided.reset(); // no turn could make that commit again
    return back_to_what_was(t, told<"Its commit was lost.", "Его коммит потерян.">());
}

decision withdraw_anew(task& t, time_point now) {
    auto& l = *t.known.was.front().lands;
    if (l.withdrawn) return std::unexpected(refused{told<"it is being stopped already", "она уже останавливается">()});
    if (!anew_in_doubt(t.known)) return back_to_what_was(t, told<"Aborted.", "Прервана.">());
    l.withdrawn = true;
    t.now = queued{now + limits::push_settles};
    return commands(clean_up{});
}

} // namespace persais::mechanic
