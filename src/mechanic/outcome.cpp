// The sentences of a settled task.
#include "base/told.hpp"
#include "mechanic/landing.hpp"
#include "mechanic/limits.hpp"
#include "mechanic/step.hpp"
#include "mechanic/task.hpp"

#include <algorithm>

namespace persais::mechanic {

namespace {

std::string in_time(const facts& k) {
    return k.check_seconds > 0 ? told<"within {} s", "за {} с">(k.check_seconds)
                               : told<"in their time", "за отведённое время">();
}

std::string claimed_in_words(const facts& k) {
    switch (claim_of(k)) {
    case checks_claim::green:
        return told<"The checks are green.", "Проверки прошли.">();
    case checks_claim::fixed:
        return told<"The checks were red before the change and are green now.",
                    "До изменения проверки не проходили, теперь проходят.">();
    case checks_claim::still_red:
        return told<"The checks were red before the change, and they still are.",
                    "Проверки не проходили до изменения и не проходят сейчас.">();
    case checks_claim::broke:
        return told<"The checks were green before the change, and it broke them.",
                    "До изменения проверки проходили, а после него перестали.">();
    case checks_claim::made_late:
        return told<"The checks were green before the change; after it they did not end {}.",
                    "До изменения проверки проходили, а после него не закончились {}.">(in_time(k));
    case checks_claim::red:
        return told<"The checks are red.", "Проверки не прошли.">();
    case checks_claim::late:
        return told<"The checks did not end {}.", "Проверки не закончились {}.">(in_time(k));
    }
    std::unreachable();
}

/// Why no claim can be made about the time before the change; empty when one can, or nothing is known.
std::string unclaimed_in_words(const facts& k) {
    if (k.before == check_outcome::timed_out)
        return " " +
               told<"Before the change they did not end {}.", "До изменения они тоже не закончились {}.">(in_time(k));
    if (k.before == check_outcome::could_not_run)
        return " " + told<"Before the change they could not run.", "До изменения их запустить не удалось.">();
    return {};
}

std::string of_setup_in_words(const facts& k) {
    return k.setup_failed.empty()
               ? ""
               : " " + told<"The guessed setup `{}` failed, so they ran without it.",
                            "Подготовка `{}`, подобранная автоматически, не удалась, проверки шли без неё.">(
                           k.setup_failed);
}

/// How the result on the branch was judged.
std::string judged(verdict how, const facts& k) {
    switch (how) {
    case verdict::ready:
    case verdict::tests_red:
        return claimed_in_words(k) + unclaimed_in_words(k) + of_setup_in_words(k);
    case verdict::ready_unchecked:
        return told<"This repository has no check command, so nothing tested the change.",
                    "В этом репозитории нет команды проверки, поэтому изменение ничем не проверено.">();
    case verdict::checks_could_not_run:
        return k.could_not_run;
    case verdict::aborted:
        return told<"Aborted.", "Прервана.">();
    case verdict::no_change:
    case verdict::protected_path:
    case verdict::link_outside:
    case verdict::paths_collide:
    case verdict::secret_found:
    case verdict::model_failed:
    case verdict::timed_out:
    case verdict::disk_limit:
    case verdict::remote_failed:
    case verdict::world_broken:
        break;
    }
    return std::string(words(how));
}

} // namespace

std::string refused_in_words(const work_refused& e) {
    if (e.how == verdict::link_outside)
        return told<"In the change the link `{}` leads out of the repository (its target is `{}`); nothing was pushed.",
                    "В изменении ссылка `{}` ведёт за пределы репозитория (её цель — `{}`); ничего не отправлено.">(
            e.path, e.other);
    if (e.how == verdict::paths_collide)
        return told<
            "The change adds `{}`, which is the same file as `{}` where case, or how a letter is written, makes no "
            "difference (macOS, Windows); nothing was pushed.",
            "Изменение добавляет `{}`, а там, где регистр и способ записи букв не различаются (macOS, Windows), это "
            "тот "
            "же файл, что `{}`; ничего не отправлено.">(e.path, e.other);
    return told<"The change touches `{}`, which this repository protects; nothing was pushed.",
                "Изменение затрагивает `{}`, а этот путь в репозитории защищён; ничего не отправлено.">(e.path);
}

namespace {

/// "`src/a.py` line 3 (github-pat, `ghp_…`)"; for the agent without what it begins with, because its order may become
/// the message of a commit.
std::string place_of(const leak& l, bool shown) {
    if (l.line > 0 && !shown) return fmt::format("`{}` line {} ({})", l.path, l.line, l.rule);
    if (l.line > 0)
        return told<"`{}` line {} ({}, `{}`)", "`{}`, строка {} ({}, `{}`)">(l.path, l.line, l.rule, l.shown);
    return fmt::format("`{}` ({})", l.path, l.rule);
}

std::string places_of(const std::vector<leak>& found, bool shown) {
    std::string all;
    for (std::size_t i = 0; i < std::min(found.size(), limits::leaks_named); ++i)
        all += (i > 0 ? ", " : "") + place_of(found[i], shown);
    if (found.size() > limits::leaks_named)
        return told<"{} and {} more", "{} и ещё {}">(all, found.size() - limits::leaks_named);
    return all;
}

} // namespace

std::string leaks_in_words(const std::vector<leak>& found) {
    return told<"The change has what looks like a credential: {}. Nothing was pushed.",
                "В изменении есть похожее на секрет: {}. Ничего не отправлено.">(places_of(found, true));
}

constexpr auto order_for_the_agent =
    "Your change has what looks like a credential: {}. Take it out: the value must not stand in the repository. Read "
    "it "
    "from the environment or from a file that is not tracked, or, in a test, make it at run time. Keep the rest of the "
    "change.";

std::string order_without(const std::vector<leak>& found) {
    return fmt::format(order_for_the_agent, places_of(found, false));
}

std::string nothing_changed(const coded_nothing& e) {
    if (e.left_out.empty() && !e.lfs_left_out.empty())
        return told<"The agent changed only `{}`, which is in LFS: git has only its pointer, and new contents are not "
                    "uploaded. Put the new file into LFS yourself.",
                    "Агент изменил только `{}`, а этот файл хранится в LFS: в git лежит лишь указатель, и новое "
                    "содержимое никуда не загружается. Загрузите новый файл в LFS сами.">(e.lfs_left_out.front());
    if (e.left_out.empty()) return told<"The agent changed nothing.", "Агент ничего не изменил.">();
    return told<
        "The agent changed only what is in `{}`, which is a repository of its own (a submodule, or a clone inside the "
        "tree): nothing of it belongs to this repository. Give that task to the repository that it is.",
        "Агент изменил только то, что лежит в `{}`, а это отдельный репозиторий (подмодуль или клон внутри дерева): в "
        "этот репозиторий его изменения не попадают. Дайте эту задачу тому репозиторию.">(e.left_out.front());
}

std::vector<std::string> still_failed(std::vector<std::string> before, const std::vector<std::string>& edited,
                                      const std::vector<std::string>& now) {
    std::erase_if(before, [&](const auto& path) { return std::ranges::find(edited, path) != edited.end(); });
    for (const auto& path : now) { // an agent may name a hundred thousand
        if (before.size() >= limits::failed_edits_kept) break;
        if (std::ranges::find(before, path) == before.end()) before.push_back(path);
    }
    return before;
}

std::string failed_edits_in_words(const std::vector<std::string>& failed) {
    if (failed.empty()) return {};
    std::string named;
    for (const auto& path : failed)
        if (!path.empty()) named += (named.empty() ? "`" : ", `") + path + "`";
    number n{static_cast<std::int64_t>(failed.size())};
    if (named.empty() && n.n == 1) return told<"One edit could not be applied.", "Одну правку не удалось применить.">();
    if (n.n == 1) return told<"One edit of {} could not be applied.", "Одну правку в {} не удалось применить.">(named);
    if (named.empty()) return told<"{} edits could not be applied.", "Не удалось применить правок: {}.">(n);
    return told<"{} edits of {} could not be applied.", "Не удалось применить правок: {}, в {}.">(n, named);
}

std::string put_away_in_words() {
    return told<"Its result was put away, and can be taken up again.", "Её результат отложен, его можно вернуть.">();
}

std::string stopped_too_often(int times) {
    return told<"This task stopped {0} {0:time|times} without an end; a person has to look at it.",
                "Задача остановилась {0} {0:раз|раза|раз}, не дойдя до конца; на неё нужно взглянуть человеку.">(
        number{times});
}

std::string nobody_decided() {
    return told<
        "Nobody decided on this result for 14 days; it expired. Retry makes a new task.",
        "За 14 дней никто не решил, что делать с этим результатом; его срок истёк. Повтор создаст новую задачу.">();
}

std::string waited_a_day() {
    return told<"Nothing changed for a day; the task was given up.",
                "За сутки ничего не изменилось, задача прекращена.">();
}

std::string checks_were_silent() {
    return told<"The checks failed and printed nothing.", "Проверки не прошли и ничего не вывели.">();
}

std::chrono::seconds backoff(int attempts_used) {
    return std::chrono::seconds(std::min<long>(300, 1L << std::clamp(attempts_used, 1, 9)));
}

std::string reason_of(model_trouble why) {
    switch (why) {
    case model_trouble::key:
        return "key";
    case model_trouble::credit:
        return "credit";
    case model_trouble::day_budget:
    case model_trouble::month_budget:
    case model_trouble::task_budget:
        return "budget";
    case model_trouble::paused:
        return "paused";
    case model_trouble::policy:
        return "policy";
    case model_trouble::model:
        return "model";
    case model_trouble::context:
        return "context";
    case model_trouble::rate:
        return "rate";
    case model_trouble::network:
        return "network";
    case model_trouble::nonsense:
        return "nonsense";
    }
    std::unreachable();
}

checks_claim claim_of(const facts& k) {
    bool was_red = k.before == check_outcome::red;
    bool was_green = k.before == check_outcome::green;
    if (k.after == check_outcome::green) return was_red ? checks_claim::fixed : checks_claim::green;
    if (k.after == check_outcome::timed_out) return was_green ? checks_claim::made_late : checks_claim::late;
    if (was_red) return checks_claim::still_red;
    return was_green ? checks_claim::broke : checks_claim::red;
}

std::optional<verdict> verdict_of(const task& t) {
    using none = std::optional<verdict>;
    return std::visit(each_state{[](const one_of<queued, preparing, coding, checking, publishing, answering, waiting,
                                                 deploying, rolling_back> auto&) { return none(); },
                                 // What was landed has the verdict under which it was approved.
                                 [&](const one_of<deployed, rolled_back> auto&) {
                                     return none(t.known.stands ? t.known.stands->how : verdict::ready);
                                 },
                                 [&](const review& s) {
                                     return none(t.known.came_to_nothing ? t.known.came_to_nothing->how : s.how);
                                 },
                                 [](const failed& s) { return none(s.how); },
                                 [](const one_of<aborted, expired, discarded> auto&) { return none(verdict::aborted); },
                                 [](const parked&) { return none(verdict::world_broken); },
                                 [](const answered&) { return none(verdict::ready); }},
                      t.now);
}

bool retries_its_turn(const task& t) {
    return std::holds_alternative<review>(t.now) && t.known.came_to_nothing.has_value();
}

std::string reason_of(const task& t) {
    const auto& setback = t.known.came_to_nothing;
    return std::visit(
        each_state{
            [](const failed& s) { return s.reason; },
            [&](const review&) { return setback ? setback->reason : std::string(); },
            [](const one_of<queued, preparing, coding, checking, publishing, answering, waiting, aborted, parked,
                            expired, answered, deploying, deployed, rolling_back, rolled_back, discarded> auto&) {
                return std::string();
            }},
        t.now);
}

std::string denied_hosts_in_words(const facts& k) {
    if (k.hosts_denied.empty()) return {};
    std::string named;
    for (const auto& host : k.hosts_denied)
        named += (named.empty() ? "" : ", ") + host;
    return told<
        "Setup asked for what it may not reach: {}. SETUP_HOSTS, or setup_hosts in .persais.toml on the base branch, "
        "allows hosts.",
        "Подготовка обращалась к тому, что ей недоступно: {}. Хосты разрешает SETUP_HOSTS или setup_hosts в "
        ".persais.toml основной ветки.">(named);
}

/// The sentence of a result, what is missing in it, and what setup was refused.
std::string with_what_lacks(std::string sentence, const facts& k) {
    for (const auto& more : {denied_hosts_in_words(k), failed_edits_in_words(k.edits_failed)}) {
        // The last words of a setup are lines of their own.
        if (!more.empty()) sentence += (sentence.contains('\n') ? "\n" : " ") + more;
    }
    return sentence;
}

std::string sentence_of(const task& t) {
    const auto& k = t.known;
    return std::visit(each_state{[](const one_of<failed, parked> auto& s) { return s.sentence; },
                                 [&](const review& s) {
                                     auto said = k.came_to_nothing ? k.came_to_nothing->sentence
                                                                   : with_what_lacks(judged(s.how, k), k);
                                     return k.not_landed.empty() ? said : k.not_landed + " " + said;
                                 },
                                 [&](const one_of<deployed, rolled_back> auto&) {
                                     return landed_in_words(t) + (k.not_landed.empty() ? "" : " " + k.not_landed);
                                 },
                                 [&](const one_of<aborted, expired> auto&) { return judged(verdict::aborted, k); },
                                 [](const discarded&) { return put_away_in_words(); },
                                 [](const answered&) { return std::string(told<"Answered.", "Есть ответ.">()); },
                                 [](const one_of<queued, preparing, coding, checking, publishing, answering, waiting,
                                                 deploying, rolling_back> auto&) { return std::string(); }},
                      t.now);
}

std::pair<verdict, std::string> given_up(wait_reason why) {
    switch (why) {
    case wait_reason::key:
        return {verdict::model_failed, "key"};
    case wait_reason::credit:
        return {verdict::model_failed, "credit"};
    case wait_reason::day_budget:
    case wait_reason::month_budget:
    case wait_reason::task_budget:
        return {verdict::model_failed, "budget"};
    case wait_reason::paused:
        return {verdict::model_failed, "paused"};
    case wait_reason::model_away:
        return {verdict::model_failed, "network"};
    case wait_reason::remote_away:
    case wait_reason::request:
        return {verdict::remote_failed, "network"};
    case wait_reason::world:
        return {verdict::world_broken, ""};
    }
    std::unreachable();
}

} // namespace persais::mechanic
