#include "telegram/api/testing.hpp"
#include "telegram/outbound/render.hpp"

#include <gtest/gtest.h>

using namespace persais;
using namespace persais::mechanic;
using namespace std::chrono_literals;
using telegram::action;
using telegram::language;

namespace {

task in(state s) {
    task t{.id = {17}, .now = std::move(s)};
    t.what.instruction = "fix the\nlogin";
    t.what.budget_usd = 2;
    auto& k = t.known;
    k.base = std::string(40, 'b');
    k.branch = "mechanic/17-fix-the-login";
    k.check = {"pytest -q", "flag"};
    return t;
}
task made(state s) {
    auto t = in(std::move(s));
    t.known.made = work{std::string(40, 'c'), {2, 14, 3}, 1};
    t.known.before = check_outcome::red;
    t.known.after = check_outcome::green;
    t.known.rounds_used = 1;
    return t;
}
task in_review(verdict how) {
    return made(review{std::string(40, 'c'), how});
}

const telegram::live soon{.repository = "you/project", .elapsed = 125s, .cost = {0.0111, false, 2}};
const telegram::ending done{.repository = "you/project",
                            .web = forge::place_of("https://github.com/you/project"),
                            .files = {{"src/login.py", 10, 2, false}, {"logo.png", 0, 0, true}},
                            .took = 125s,
                            .cost = {0.0111, false, 2}};

std::string labels(const telegram::button_rows& rows) {
    std::string out;
    for (const auto& row : rows) {
        if (!out.empty()) out += " / ";
        for (const auto& b : row)
            out += (&b == &row.front() ? "" : " ") + b.label;
    }
    return out;
}
/// The part of a progress message below its heading.
std::string stage(const state& s, telegram::live now = soon, language l = language::en) {
    auto m = progress_message(l, in(s), now);
    EXPECT_EQ(telegram::world::flaw(m.text, 4096), "") << m.text.text;
    return m.text.text.substr(m.text.text.find("\n\n") + 2);
}
using doing_kind = progress::kind;
telegram::live doing(doing_kind what, std::string subject = {}) {
    auto now = soon;
    now.doing = progress{what, std::move(subject)};
    return now;
}
std::string result(const task& t, language l = language::en) {
    auto m = result_message(l, t, done);
    EXPECT_EQ(telegram::world::flaw(m.text, 4096), "") << m.text.text;
    return m.text.text;
}

/// A task for each way to end, with text of others in it.
std::vector<task> endings() {
    std::vector<task> all;
    for (auto v : {verdict::ready, verdict::ready_unchecked, verdict::tests_red, verdict::checks_could_not_run})
        all.push_back(in_review(v));
    for (auto* reason : {"key", "credit", "budget", "policy", "model", "context", "rate", "network", "nonsense",
                         "day_budget", "task_budget", "model_away", "world"})
        all.push_back(in(failed{verdict::model_failed, reason, "The endpoint says: \x1b no \u202E."}));
    for (auto* reason : {"not_found", "no_read", "no_push", "protected_branch", "moved", "network", "remote_away"})
        all.push_back(in(failed{verdict::remote_failed, reason, "git says: no."}));
    all.push_back(in(failed{verdict::no_change, "", "The agent changed nothing."}));
    all.push_back(
        in(failed{verdict::protected_path, "", "The change touches `infra/a.tf`, which this repository protects."}));
    all.push_back(in(failed{verdict::timed_out, "", "Silent for 3 min."}));
    all.push_back(made(failed{verdict::timed_out, "", "Silent for 3 min."}));
    all.push_back(in(failed{verdict::world_broken, "", "The disk is full."}));
    all.push_back(in(aborted{}));
    all.push_back(in(parked{"This task stopped 3 times."}));
    all.push_back(made(expired{}));
    all.push_back(in(answered{}));
    return all;
}

} // namespace

TEST(progress, stages_in_the_queue) {
    auto now = soon;
    now.ahead = 0;
    EXPECT_EQ(stage(queued{}, now), "⏳ Queued: it is next.\n2 min 5 s · $0.0111");
    now.ahead = 3;
    EXPECT_EQ(stage(queued{}, now, language::ru), "⏳ В очереди: впереди 3 задачи.\n2 мин 5 с · $0.0111");
    now.again_in = 8s;
    EXPECT_EQ(stage(queued{}, now), "⏳ Queued: it starts in 8 s.\n2 min 5 s · $0.0111");
    EXPECT_EQ(stage(queued{}, {}), "⏳ Queued: it is next.\n0 s") << "without a model call there is no money";
}

TEST(progress, what_the_agent_and_the_checks_do) {
    EXPECT_TRUE(stage(preparing{}).starts_with("⏳ Preparing"));
    EXPECT_TRUE(
        stage(coding{}, doing(doing_kind::editing, "src/a.py")).starts_with("⏳ The agent is editing src/a.py.\n"));
    EXPECT_TRUE(stage(coding{}, doing(doing_kind::editing, "src/a.py"), language::ru)
                    .starts_with("⏳ Агент правит src/a.py.\n"));
    EXPECT_TRUE(stage(coding{}, doing(doing_kind::asking_model)).starts_with("⏳ The agent is asking the model."));
    EXPECT_TRUE(stage(checking{}).starts_with("⏳ Running the checks: pytest -q\n"));
    EXPECT_TRUE(stage(checking{}, doing(doing_kind::setting_up, "npm ci")).starts_with("⏳ Setting up: npm ci\n"));
    EXPECT_TRUE(stage(coding{.round = 2})
                    .starts_with("⏳ The checks are red: the agent is repairing.\nRepair round 2 of 3.\n"));
    EXPECT_TRUE(stage(publishing{}, doing(doing_kind::checking, "x")).starts_with("⏳ Pushing the branch."));
    EXPECT_TRUE(stage(answering{}).starts_with("⏳ The agent is looking for the answer."));
    EXPECT_TRUE(
        stage(coding{}, doing(doing_kind::other, "retrying in 3 s\x1b[2K")).starts_with("⏳ retrying in 3 s\n"));
}

TEST(progress, each_kind_is_said_in_both_languages) {
    using enum progress::kind;
    EXPECT_TRUE(
        stage(coding{}, doing(agent_repairs, "2")).starts_with("⏳ The checks are red: the agent is repairing."));
    for (int k = 0; k <= static_cast<int>(other); ++k) {
        auto what = static_cast<progress::kind>(k);
        auto english = stage(coding{}, doing(what, "SUBJECT")),
             russian = stage(coding{}, doing(what, "SUBJECT"), language::ru);
        EXPECT_EQ(english.find('{'), std::string::npos) << english;
        if (what == model_retry || what == other) continue; // these sentences come from others
        EXPECT_NE(english.substr(0, english.find('\n')), russian.substr(0, russian.find('\n')));
    }
}

TEST(progress, a_wait_says_what_to_do) {
    for (auto why : {wait_reason::key, wait_reason::credit, wait_reason::day_budget, wait_reason::task_budget,
                     wait_reason::model_away, wait_reason::remote_away, wait_reason::world, wait_reason::request})
        for (auto l : {language::en, language::ru}) {
            auto text = stage(waiting{.why = why}, soon, l);
            EXPECT_TRUE(text.starts_with("⏸ ")) << text;
            EXPECT_EQ(text.find('{'), text.npos) << text;
        }
    auto now = soon;
    now.again_in = 40s;
    EXPECT_NE(stage(waiting{.why = wait_reason::model_away}, now).find("Next try in 40 s."), std::string::npos);
}

TEST(progress, buttons) {
    EXPECT_EQ(labels(progress_message(language::en, in(queued{}), soon).rows), "Abort");
    EXPECT_EQ(labels(progress_message(language::ru, in(coding{}), soon).rows), "Лог Прервать");
    auto rows = progress_message(language::en, in(waiting{.why = wait_reason::task_budget}), soon).rows;
    EXPECT_EQ(labels(rows), "$2.00 more Log Abort");
    EXPECT_EQ(rows[0][0].what, action::budget_more);
    EXPECT_EQ(rows[0][0].argument, "4.0000") << "in all: pressed twice it is given once";
    EXPECT_EQ(rows[0][0].task, task_id{17});
    auto now = soon;
    now.abort_wished = true;
    auto m = progress_message(language::en, in(coding{}), now);
    EXPECT_EQ(labels(m.rows), "");
    EXPECT_NE(m.text.text.find("⏹ It is being aborted."), std::string::npos);
}

TEST(progress, heading_attempt_and_a_missing_sandbox) {
    auto t = in(coding{.attempt = 2});
    t.known.attempts_used = 1;
    auto now = soon;
    now.unsafe = true;
    auto m = progress_message({language::en, true}, t, now);
    EXPECT_TRUE(m.text.text.starts_with("Task 17 · you/project\nfix the login\n\n"));
    EXPECT_EQ(m.text.entities.at(0), (telegram::entity{telegram::style::bold, 0, 21}));
    EXPECT_NE(m.text.text.find("PERSAIS_UNSAFE"), std::string::npos);
    EXPECT_TRUE(m.text.text.ends_with("attempt 2 of 3"));
}

TEST(result, a_ready_one_says_all_there_is) {
    EXPECT_EQ(result(in_review(verdict::ready)), "✅ Task 17: ready.\nfix the login\n\n"
                                                 "The checks were red before the change and are green now.\n\n"
                                                 "2 files, +14 −3\nsrc/login.py +10 −2\nlogo.png binary\n"
                                                 "Checks: pytest -q: red before, green after, 1 repair round\n"
                                                 "Branch: mechanic/17-fix-the-login\n"
                                                 "Cost: $0.0111, 2 min 5 s");
    EXPECT_EQ(result(in_review(verdict::ready), language::ru),
              "✅ Задача 17: готова.\nfix the login\n\n"
              "До изменения проверки не проходили, теперь проходят.\n\n"
              "2 файла, +14 −3\nsrc/login.py +10 −2\nlogo.png двоичный\n"
              "Проверки: pytest -q: до изменения не прошли, после прошли, 1 исправление\n"
              "Ветка: mechanic/17-fix-the-login\n"
              "Стоимость: $0.0111, 2 мин 5 с");
}

TEST(result, work_that_is_held_back_says_where_and_an_admin_decides) {
    auto t = made(failed{verdict::secret_found, "", "The change has what looks like a credential."});
    t.known.held_back =
        held{standing_of(t.known, verdict::ready),
             {{"src/a.py", 3, "github-pat", "A rule.", "ghp_…"}, {"k.p12", 0, "pkcs12-file", "A file.", "…"}}};
    auto text = result(t);
    EXPECT_NE(text.find("credential (2 places)"), std::string::npos) << text;
    EXPECT_NE(text.find("src/a.py:3 github-pat\nk.p12 pkcs12-file"), std::string::npos) << text;
    EXPECT_EQ(text.find("ghp_"), std::string::npos) << "only an admin sees its beginning: " << text;
    auto admins = result_message({language::en, true}, t, done);
    EXPECT_NE(admins.text.text.find("src/a.py:3 github-pat ghp_…"), std::string::npos) << admins.text.text;
    EXPECT_EQ(labels(admins.rows), "Log Retry / Push it anyway Give it back");
    EXPECT_EQ(admins.rows.back().front().argument, t.known.held_back->what.made.commit);
    EXPECT_NE(result(t, language::ru).find("похоже на секрет (2 места)"), std::string::npos) << result(t, language::ru);
}

TEST(result, a_task_that_is_over_says_what_becomes_of_its_work) {
    EXPECT_EQ(result(in(aborted{})).find("branch"), std::string::npos) << "nothing was pushed";
    for (const state& over : {state(aborted{}), state(expired{})}) {
        auto t = in_review(verdict::ready);
        t.known.stands = standing_of(t.known, verdict::ready);
        t.now = over;
        EXPECT_NE(result(t).find("Its branch " + t.known.branch + " stays in the repository."), std::string::npos)
            << result(t);
        EXPECT_EQ(result(t).find("credential"), std::string::npos) << result(t);
        t.known.came_to_nothing = setback{verdict::secret_found, "", "x"};
        EXPECT_NE(result(t).find("looked as if it had a credential was not pushed. Its branch"), std::string::npos)
            << result(t);
    }
}

TEST(result, what_a_file_became_beside_its_lines_is_said) {
    auto how = done;
    how.files = {{"run.sh", 0, 0, false, i18n::phrase::file_executable}, {"l", 1, 1, false, i18n::phrase::file_link}};
    auto text = result_message(language::en, in_review(verdict::ready), how).text.text;
    EXPECT_NE(text.find("run.sh +0 −0 · executable\nl +1 −1 · a symbolic link\n"), std::string::npos) << text;
    text = result_message(language::ru, in_review(verdict::ready), how).text.text;
    EXPECT_NE(text.find("run.sh +0 −0 · исполняемый\nl +1 −1 · символическая ссылка\n"), std::string::npos) << text;
}

TEST(result, the_branch_is_a_link_where_there_is_a_page) {
    auto m = result_message(language::en, in_review(verdict::ready), done);
    auto address = "https://github.com/you/project/tree/mechanic/17-fix-the-login";
    EXPECT_EQ(std::ranges::count(m.text.entities, std::string(address), &telegram::entity::extra), 1);
    EXPECT_EQ(labels(m.rows), "Diff Log Retry / Deploy / Discard / Open the branch");
    EXPECT_EQ(m.rows[3][0].address, address);
    auto local = done;
    local.web = {};
    EXPECT_EQ(labels(result_message(language::en, in_review(verdict::ready), local).rows),
              "Diff Log Retry / Deploy / Discard");
}

TEST(result, buttons_act_on_the_commit_that_is_shown) {
    auto m = result_message(language::en, in_review(verdict::ready), done);
    for (const auto& b : m.rows[0]) {
        EXPECT_EQ(b.argument, std::string(40, 'c'));
        EXPECT_EQ(b.task, task_id{17});
    }
    EXPECT_EQ(labels(result_message(language::en, in(failed{verdict::no_change, "", ""}), done).rows), "Log Retry");
    EXPECT_EQ(labels(result_message(language::en, made(failed{verdict::timed_out, "", ""}), done).rows),
              "Diff Log Retry");
}

TEST(result, each_ending_is_said_in_both_languages) {
    for (const auto& t : endings())
        for (auto l : {language::en, language::ru}) {
            auto text = result(t, l);
            EXPECT_EQ(text.find('{'), text.npos) << text;
            EXPECT_FALSE(telegram::verdict_sentence(l, t).text.empty() && !std::holds_alternative<answered>(t.now))
                << text;
            EXPECT_EQ(telegram::world::flaw(telegram::done_notice(l, t).text, 4096), "");
        }
}

TEST(result, a_reason_that_is_new_is_told_in_the_words_there_are) {
    auto text = result(in(failed{verdict::model_failed, "moon", "The moon is in the way."}));
    EXPECT_NE(text.find("The moon is in the way."), std::string::npos);
}

TEST(result, what_others_say_is_quoted) {
    auto text = result(in(failed{verdict::model_failed, "credit", "No money: {\"code\":402}\u202E"}));
    EXPECT_NE(text.find("No money: {\"code\":402}‹U+202E›"), std::string::npos) << text;
    auto t = in_review(verdict::tests_red);
    t.known.feedback = std::string(5000, 'x') + "\nlast line: FAILED";
    text = result(t);
    EXPECT_NE(text.find("last line: FAILED"), std::string::npos);
    EXPECT_EQ(text.find("xxx"), std::string::npos);
    t = in_review(verdict::ready);
    t.known.said = "Done with `a()` and **care**.";
    EXPECT_NE(result(t).find("Done with a() and care."), std::string::npos);
}

TEST(result, the_path_that_is_protected_is_named) {
    auto t =
        in(failed{verdict::protected_path, "", "The change touches `infra/a.tf`, which this repository protects."});
    EXPECT_NE(result(t, language::ru).find("Изменение затрагивает infra/a.tf,"), std::string::npos);
}

TEST(result, what_was_left_out_is_named_and_why) {
    auto told = [](std::string sentence) { return result(in(failed{verdict::no_change, "", std::move(sentence)})); };
    EXPECT_NE(
        told("The agent changed only what is in `lib`, which is a repository of its own.").find("only what is in lib,"),
        std::string::npos);
    EXPECT_NE(told("The agent changed only `a.bin`, which is in LFS: git has.").find("only a.bin, which is in LFS"),
              std::string::npos);
}

TEST(result, however_much_there_is_it_is_one_message) {
    auto t = in_review(verdict::tests_red);
    t.what.instruction = std::string(16'000, 'i');
    t.known.feedback = std::string(12'000, 'f');
    t.known.said = std::string(8'000, 's');
    t.known.branch = "mechanic/" + std::string(2'000, 'b');
    t.known.check.command = std::string(5'000, 'c');
    auto how = done;
    for (int i = 0; i < 500; ++i)
        how.files.push_back({std::string(300, 'p') + "\xff\n", i, i, false});
    for (auto l : {language::en, language::ru}) {
        auto m = result_message(l, t, how);
        EXPECT_EQ(telegram::world::flaw(m.text, 4096), "");
        EXPECT_NE(m.text.text.find(l == language::ru ? "и ещё 490 файлов" : "and 490 more files"), std::string::npos);
    }
}

TEST(result, an_answer_takes_as_many_messages_as_it_needs) {
    auto t = in(answered{});
    t.known.said = "It is in `main()`:\n```cpp\nint main() {}\n```\n" + std::string(6'000, 'a');
    auto all = answer_messages(language::en, t, done);
    ASSERT_EQ(all.size(), 2U);
    for (const auto& m : all)
        EXPECT_EQ(telegram::world::flaw(m.text, 4096), "");
    EXPECT_EQ(labels(all[0].rows), "");
    EXPECT_EQ(labels(all[1].rows), "Make it a task Log");
    EXPECT_TRUE(
        all[0].text.text.starts_with("💬 Answer to task 17\nfix the login\n\nIt is in main():\nint main() {}\naaa"));
    EXPECT_EQ(all[0].text.entities.at(3), (telegram::entity{telegram::style::pre, 53, 13, "cpp"}));
}

TEST(result, the_price_may_be_unknown) {
    auto how = done;
    how.cost = {0, true, 3};
    EXPECT_NE(result_message(language::en, in_review(verdict::ready), how).text.text.find("Cost: price unknown, "),
              std::string::npos);
    how.cost = {0.5, true, 3};
    EXPECT_NE(result_message(language::en, in_review(verdict::ready), how).text.text.find("about $0.5000"),
              std::string::npos);
}
