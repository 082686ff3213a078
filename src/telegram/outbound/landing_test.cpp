// What a chat shows of a result that may be deployed, is on its way, is there, or was taken back.
#include "mechanic/landing.hpp"
#include "mechanic/step.hpp"
#include "telegram/api/testing.hpp"
#include "telegram/outbound/render.hpp"

#include <gtest/gtest.h>

using namespace persais;
using namespace persais::mechanic;
using telegram::action;
using telegram::language;

namespace {

const std::string commit(40, 'c'), base(40, 'b');

task in(state s, verdict how = verdict::ready) {
    task t{.id = {17}, .what = {.instruction = "mend it"}, .now = std::move(s)};
    auto& k = t.known;
    k.base = base;
    k.base_branch = "main";
    k.branch = "mechanic/17-mend-it";
    k.check = {"pytest -q", "flag"};
    k.after = how == verdict::ready ? check_outcome::green : check_outcome::red;
    k.made = work{commit, {1, 2, 3}, 0};
    k.stands = standing{.made = *k.made, .how = how};
    k.on_base = landed{commit, base};
    return t;
}

bool lands(action what) {
    return what == action::deploy || what == action::deploy_anyway || what == action::rollback ||
           what == action::rollback_anyway;
}

/// The buttons that land something, with what they are about.
std::string landing_buttons(const task& t) {
    std::string all;
    for (const auto& row : telegram::result_message(language::en, t, {}).rows)
        for (const auto& b : row)
            if (lands(b.what)) all += b.argument == commit ? b.label + ". " : b.label + " of " + b.argument;
    return all;
}

std::string text_of(const task& t, language l = language::en) {
    auto m = telegram::result_message(l, t, {});
    EXPECT_EQ(telegram::world::flaw(m.text, 4096), "") << m.text.text;
    return m.text.text;
}

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != text.npos;
}

} // namespace

TEST(landing, is_offered_under_a_result_with_the_commit_that_it_shows) {
    EXPECT_EQ(landing_buttons(in(review{commit, verdict::ready})), "Deploy. ");
    for (auto how : {verdict::ready_unchecked, verdict::tests_red, verdict::checks_could_not_run})
        EXPECT_EQ(landing_buttons(in(review{commit, how}, how)), "Deploy anyway. ") << to_string(how);
    EXPECT_EQ(landing_buttons(in(rolled_back{commit})), "Deploy again. ");
    EXPECT_EQ(landing_buttons(in(rolled_back{commit}, verdict::tests_red)), "Deploy anyway. ");
    EXPECT_EQ(landing_buttons(in(aborted{})), "");
}

TEST(discard, stands_under_a_result_and_its_undo_under_what_was_put_away) {
    auto of = [](const task& t, bool overtaken = false) {
        auto shown = overtaken ? telegram::overtaken_message(language::en, t, {})
                               : telegram::result_message(language::en, t, {});
        std::string all;
        for (const auto& row : shown.rows)
            for (const auto& b : row)
                if (b.what == action::discard || b.what == action::undiscard || b.what == action::abort)
                    all += b.label + " " + b.argument.substr(0, 3) + ". ";
        return all;
    };
    auto shown = in(review{commit, verdict::tests_red}, verdict::tests_red);
    EXPECT_EQ(of(shown), "Discard ccc. ");
    EXPECT_EQ(of(shown, true), "") << "it is another result by now";
    auto away = in(discarded{commit});
    EXPECT_EQ(of(away), "Undo ccc. ");
    EXPECT_EQ(landing_buttons(away), "");
    EXPECT_EQ(of(in(deployed{commit})), "");
    EXPECT_TRUE(has(text_of(away), "Task 17: discarded")) << text_of(away);
    EXPECT_TRUE(has(text_of(away), "Its branch mechanic/17-mend-it stays in the repository.")) << text_of(away);
    EXPECT_TRUE(has(text_of(away, language::ru), "Задача 17: отклонена")) << text_of(away, language::ru);
}

TEST(branch, of_an_aborted_task_is_told_as_it_was_last_seen) {
    auto t = in(aborted{});
    EXPECT_TRUE(has(text_of(t), "Its branch mechanic/17-mend-it stays in the repository.")) << text_of(t);
    t.known.stands.reset();
    EXPECT_FALSE(has(text_of(t), "mechanic/17-mend-it")) << text_of(t);
    t.known.decided = verdict::ready; // the abort came while it was pushed
    EXPECT_TRUE(has(text_of(t), "Whether its branch mechanic/17-mend-it is in the repository is not known."))
        << text_of(t);
    t.known.branch_moved = true;
    EXPECT_FALSE(has(text_of(t), "mechanic/17-mend-it")) << text_of(t);
}

TEST(landing, that_came_through_is_told_with_the_way_back) {
    auto t = in(deployed{commit});
    EXPECT_TRUE(has(text_of(t), "Task 17: deployed")) << text_of(t);
    EXPECT_TRUE(has(text_of(t), "Deployed: main is at cccccccccc; before it was at bbbbbbbbbb.")) << text_of(t);
    EXPECT_TRUE(has(text_of(t, language::ru), "Выложено: main теперь на cccccccccc")) << text_of(t, language::ru);
    EXPECT_EQ(landing_buttons(t), "Roll back. ");
    t.known.not_landed = "Later commits changed it.";
    EXPECT_TRUE(has(text_of(t), "Later commits changed it.")) << text_of(t);
    EXPECT_EQ(landing_buttons(t), "Roll back. Roll back without checks. ");
    EXPECT_TRUE(
        has(text_of(in(rolled_back{base})), "Rolled back: main is at bbbbbbbbbb, which takes cccccccccc back."));
}

TEST(landing, that_came_to_nothing_says_why_above_the_result) {
    auto t = in(review{commit, verdict::ready});
    t.known.not_landed = "main changed the same lines meanwhile: `a.py`. Nothing was deployed; a reply lets the agent "
                         "do it anew.";
    EXPECT_TRUE(has(text_of(t), "main changed the same lines meanwhile")) << text_of(t);
    EXPECT_TRUE(has(text_of(t), "The checks are green.")) << text_of(t);
    EXPECT_TRUE(has(text_of(t, language::ru), "тем временем изменились те же строки")) << text_of(t, language::ru);
}

TEST(landing, on_its_way_is_shown_and_can_be_stopped) {
    auto m = telegram::progress_message(language::en, in(deploying{1, 2, commit, {}}), {});
    EXPECT_TRUE(has(m.text.text, "deploying to main")) << m.text.text;
    EXPECT_FALSE(has(m.text.text, "Repair round")) << m.text.text;
    EXPECT_EQ(m.rows.back().back().label, "Abort");
    EXPECT_TRUE(has(telegram::progress_message(language::en, in(rolling_back{1, 0, commit, {}}), {}).text.text,
                    "rolling back"));
}

// It asks for the lane every few seconds, and each time it is `deploying` for a moment.
TEST(landing, that_waits_for_its_turn_says_the_same_however_often_it_asks) {
    auto shown = [](state now, std::chrono::seconds waited, int ahead) {
        auto t = in(std::move(now));
        t.known.lands = landing{.commit = commit};
        auto m = telegram::progress_message(
            language::en, t, {.repository = "r", .ahead = ahead, .elapsed = waited, .again_in = waited % 5});
        std::string all = m.text.text;
        for (const auto& row : m.rows)
            for (const auto& b : row)
                all += " [" + b.label + "]";
        return all;
    };
    auto first = shown(queued{}, std::chrono::seconds(1), 0);
    EXPECT_TRUE(has(first, "Queued: it waits for its turn on main. [Abort]")) << first;
    EXPECT_EQ(shown(deploying{2, 1, commit, {}}, std::chrono::seconds(6), 1), first);
    EXPECT_EQ(shown(rolling_back{1, 1, commit, {}}, std::chrono::seconds(11), 2), first);
    EXPECT_EQ(shown(queued{}, std::chrono::seconds(88), 3), first);

    auto t = in(queued{});
    t.known.lands = landing{.commit = commit, .withdrawn = true};
    EXPECT_FALSE(has(telegram::progress_message(language::en, t, {}).text.text, "waits for its turn"));
    t = in(deploying{1, 2, commit, {}});
    t.known.lands = landing{.commit = commit, .step = landing_step::check};
    EXPECT_TRUE(has(telegram::progress_message(language::en, t, {}).text.text, "deploying to main"));
}

TEST(landing, has_its_buttons_in_the_readers_language_each_with_the_commit) {
    auto buttons = [](const task& t) {
        std::string all;
        for (const auto& row : telegram::result_message(language::ru, t, {}).rows)
            for (const auto& b : row)
                if (lands(b.what)) {
                    EXPECT_EQ(b.argument, commit) << b.label;
                    EXPECT_EQ(row.size(), 1u) << "nobody presses it for another one";
                    all += b.label + ". ";
                }
        return all;
    };
    EXPECT_EQ(buttons(in(review{commit, verdict::ready})), "Выложить. ");
    EXPECT_EQ(buttons(in(rolled_back{commit})), "Выложить снова. ");
    EXPECT_EQ(buttons(in(review{commit, verdict::tests_red}, verdict::tests_red)), "Всё равно выложить. ");
    auto back = in(deployed{commit});
    back.known.not_landed = "Later commits of main changed the same lines: `a.py`. Nothing was rolled back.";
    EXPECT_EQ(buttons(back), "Откатить. Откатить без проверок. ");
}

TEST(landing, is_offered_in_no_state_but_with_a_result_or_a_deploy) {
    for (const auto& name : state_names()) {
        auto now = *state_from(name);
        if (name == "review" || name == "deployed" || name == "rolled_back") continue;
        auto t = in(now);
        auto m = is_settled(now) ? telegram::result_message(language::en, t, {})
                                 : telegram::progress_message(language::en, t, {});
        for (const auto& row : m.rows)
            for (const auto& b : row)
                EXPECT_FALSE(lands(b.what)) << name << ": " << b.label;
    }
}

TEST(landing, every_reason_that_it_came_to_nothing_is_told_in_russian) {
    for (auto [english, russian] :
         {std::pair("main has the same change already: there was nothing to deploy.",
                    "В main уже есть такое же изменение: выкладывать было нечего."),
          {"On what main holds now (bbbbbbbbbb) the checks are not green. Nothing was deployed.",
           "На том, что сейчас в main (bbbbbbbbbb), проверки не проходят. Ничего не выложено."},
          {"Stopped; nothing was pushed.", "Остановлено; ничего не отправлено."},
          {"main moved 5 times while this was being checked; nothing was pushed.",
           "Ветка main изменилась 5 раз, пока это проверялось; ничего не отправлено."},
          {"main moved meanwhile, and the change reads otherwise there: look at it again, then deploy it.",
           "Ветка main тем временем изменилась, и изменение теперь выглядит иначе: посмотрите на него ещё раз и тогда "
           "выкладывайте."}}) {
        auto t = in(review{commit, verdict::ready});
        t.known.not_landed = english;
        EXPECT_TRUE(has(text_of(t), english)) << text_of(t);
        EXPECT_TRUE(has(text_of(t, language::ru), russian)) << text_of(t, language::ru);
    }
    auto t = in(deployed{commit});
    t.known.not_landed = "main does not have the change any more: there was nothing to roll back.";
    EXPECT_TRUE(has(text_of(t, language::ru), "В main этого изменения уже нет: откатывать было нечего."))
        << text_of(t, language::ru);
}

TEST(notice, of_an_end_that_a_landing_has_overtaken_tells_that_end) {
    auto waits = in(queued{});
    waits.known.on_base.reset();
    waits.known.lands = landing{.commit = commit};
    auto back = in(rolled_back{base});
    auto said = "Deployed: main is at cccccccccc; before it was at bbbbbbbbbb.";
    EXPECT_TRUE(telegram::tells_earlier_end(waits, "ready"));
    EXPECT_TRUE(telegram::tells_earlier_end(back, said));
    auto pause = in(waiting{});
    pause.known.lands = landing{.commit = commit};
    pause.known.decided = verdict::ready;
    pause.known.base_branch = "main";
    EXPECT_TRUE(telegram::tells_earlier_end(pause, "ready")) << "the landing waits before its result was told";
    EXPECT_TRUE(telegram::tells_earlier_end(pause, said));
    EXPECT_TRUE(telegram::tells_earlier_end(pause, "Rolled back: main is at cccccccccc, which takes bbbbbbbbbb back."));
    EXPECT_FALSE(telegram::tells_earlier_end(pause, "The remote is away."));
    EXPECT_EQ(telegram::earlier_end_notice(language::en, waits, "ready").text.text, "ℹ️ Task 17: ready.");
    EXPECT_EQ(telegram::earlier_end_notice(language::ru, back, said).text.text,
              "ℹ️ Задача 17: Выложено: main теперь на cccccccccc, до этого было bbbbbbbbbb.");
}

TEST(notice, of_the_end_that_stands_is_none_of_an_earlier_one) {
    auto first = in(review{commit, verdict::ready});
    first.known.on_base.reset();
    auto anew = in(review{commit, verdict::ready});
    anew.known.not_landed = "main has the same change already: there was nothing to deploy.";
    auto kept = in(deployed{commit});
    kept.known.not_landed = "Later commits changed it.";
    auto by_itself = in(rolled_back{base});
    by_itself.known.not_landed = "What it deployed was not healthy: It answers 502.";
    auto pause = in(waiting{});
    pause.known.lands = landing{.commit = commit};
    for (const auto& [t, said] : {std::pair(first, std::string("ready")),
                                  {anew, anew.known.not_landed},
                                  {kept, kept.known.not_landed},
                                  {in(deployed{commit}), landed_in_words(in(deployed{commit}))},
                                  {in(rolled_back{base}), landed_in_words(in(rolled_back{base}))},
                                  {by_itself, sentence_of(by_itself)},
                                  {pause, "The remote is away."},
                                  {in(queued{}), "The remote is away."},
                                  {in(failed{verdict::no_change, "", "x"}), "x"}})
        EXPECT_FALSE(telegram::tells_earlier_end(t, said)) << name_of(t.now) << ": " << said;
    EXPECT_TRUE(telegram::tells_earlier_end(anew, "ready"));
    EXPECT_TRUE(telegram::tells_earlier_end(kept, "Rolled back: it was."));
}
