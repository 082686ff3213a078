#include "cli/task_card.hpp"
#include "cli/task_diff.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

using namespace persais;
using namespace persais::cli;
using namespace persais::mechanic;
using namespace std::chrono_literals;

namespace {

const time_point noon = std::chrono::sys_days(std::chrono::year(2026) / 11 / 23) + 12h;
const std::string base(40, 'a'), made(40, 'b');

task_card card(state now) {
    task_card c{.task = {.id = {17}, .now = std::move(now)},
                .around = {.read_at = noon, .created = noon - 1h, .changed = noon - 3min},
                .spent = {.tokens_sent = 2140, .tokens_received = 310, .cost_usd = 0.0111, .calls = 2}};
    c.task.what.instruction = "Mend the sum.\nIt is wrong.";
    c.task.what.remote = "/srv/team.git";
    c.task.what.model = "tests/scripted";
    c.task.what.budget_usd = 2;
    return c;
}

task_card with_work(state now) {
    auto c = card(std::move(now));
    auto& k = c.task.known;
    k.base = base;
    k.base_branch = "main";
    k.branch = "mechanic/17-mend-the-sum";
    k.check = {"make test", "flag"};
    k.before = check_outcome::red;
    k.after = check_outcome::green;
    k.made = work{made, {2, 14, 3}};
    k.said = "Done.";
    return c;
}

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != text.npos;
}

} // namespace

TEST(task_card, tells_all_of_a_task_in_review) {
    auto text = card_text(with_work(review{made, verdict::ready}));
    EXPECT_TRUE(text.starts_with("Task 17: ready. The checks were red before the change and are green now.\n")) << text;
    for (auto* line : {"  instruction Mend the sum.\n              It is wrong.\n", "  repository  /srv/team.git\n",
                       "  branch      mechanic/17-mend-the-sum at bbbbbbbbbbbb, on main aaaaaaaaaaaa\n",
                       "  change      2 files, +14 -3\n", "  checks      make test (flag): red before, green after\n",
                       "  agent       Done.\n", "  attempts    1 of 3\n",
                       "  model       tests/scripted: $0.0111 of $2.00, 2140 tokens sent, 310 received\n",
                       "  asked       1 h ago (", "  since       3 min ago (", "  next        `persais diff 17` shows"})
        EXPECT_TRUE(has(text, line)) << line << "\n" << text;
}

TEST(task_card, tells_who_agreed_to_deploy_it) {
    auto c = with_work(review{made, verdict::ready});
    EXPECT_FALSE(has(card_text(c), "approvals"));
    EXPECT_TRUE(card_json(c)["approvals"].is_null());
    c.approvals = {{17}, "/srv/team.git", {"11", "terminal"}, 3};
    EXPECT_TRUE(has(card_text(c), "  approvals   2 of 3: person 11, terminal\n")) << card_text(c);
    EXPECT_EQ(boost::json::serialize(card_json(c)["approvals"]), R"({"by":["11","terminal"],"needed":3})");
}

TEST(task_card, tells_of_cached_tokens_where_there_were_some) {
    auto c = with_work(review{made, verdict::ready});
    c.spent.tokens_cached = 1800;
    EXPECT_TRUE(has(card_text(c), "2140 tokens sent (1800 of them cached), 310 received\n")) << card_text(c);
    EXPECT_EQ(card_json(c)["tokens"], boost::json::parse(R"({"sent":2140,"received":310,"cached":1800})"));
}

TEST(task_card, says_what_of_the_task_is_on_its_branch) {
    const std::string second(40, 'c');
    auto line = [](const task_card& c) {
        auto text = card_text(c);
        auto from = text.find("  branch      ");
        return text.substr(from, text.find('\n', from) - from);
    };
    auto c = with_work(aborted{});
    EXPECT_EQ(line(c), "  branch      mechanic/17-mend-the-sum at bbbbbbbbbbbb (not pushed), on main aaaaaaaaaaaa");
    EXPECT_EQ(card_json(c)["pushed"], false);
    c.task.known.decided = verdict::ready;
    EXPECT_EQ(line(c),
              "  branch      mechanic/17-mend-the-sum at bbbbbbbbbbbb (whether it was pushed is not known), on main "
              "aaaaaaaaaaaa");
    c.task.now = failed{verdict::remote_failed, "no_push", "The token may not push."};
    EXPECT_TRUE(has(line(c), "(not pushed)")) << "the remote said so";
    c.task.now = failed{verdict::remote_failed, "network", "The host does not answer."};
    EXPECT_TRUE(has(line(c), "(whether it was pushed is not known)"));
    c.task.now = aborted{};
    c.task.known.stands = standing_of(c.task.known, verdict::ready);
    EXPECT_EQ(line(c), "  branch      mechanic/17-mend-the-sum at bbbbbbbbbbbb, on main aaaaaaaaaaaa")
        << "an abort takes nothing back";
    EXPECT_EQ(card_json(c)["pushed"], true);
    EXPECT_EQ(card_json(c)["pushed_commit"].as_string(), made);

    c.task.now = coding{}; // the next turn
    c.task.known.made.reset();
    c.task.known.decided.reset();
    EXPECT_EQ(line(c),
              "  branch      mechanic/17-mend-the-sum at bbbbbbbbbbbb (this turn has made nothing yet), on main "
              "aaaaaaaaaaaa");
    EXPECT_EQ(card_json(c)["pushed"], true);
    c.task.known.made = work{second, {1, 1, 0}};
    EXPECT_EQ(line(c),
              "  branch      mechanic/17-mend-the-sum at bbbbbbbbbbbb (this turn's cccccccccccc: not pushed), on main "
              "aaaaaaaaaaaa");
    EXPECT_EQ(card_json(c)["commit"].as_string(), second);
    EXPECT_EQ(card_json(c)["pushed_commit"].as_string(), made);

    auto old = with_work(review{made, verdict::ready}); // stored by a version without `stands`
    EXPECT_EQ(card_json(old)["pushed"], true);
}

TEST(task_card, tells_why_the_checks_are_red) {
    auto c = with_work(review{made, verdict::tests_red});
    EXPECT_EQ(card_json(c)["checks"].as_object()["said"].as_string(), "");
    std::string last = "E  assert 6 == 5\nFAILED test_sum.py::test_sum";
    c.task.known.feedback = "`make test` ended with code 1. It printed:\n\n" + last;
    EXPECT_TRUE(has(card_text(c), "  red         `make test` ended with code 1. It printed:\n"
                                  "              \n              E  assert 6 == 5\n"
                                  "              FAILED test_sum.py::test_sum\n"))
        << card_text(c);
    EXPECT_EQ(card_json(c)["checks"].as_object()["said"].as_string(), c.task.known.feedback);
    std::string many;
    for (int i = 0; i < 500; ++i)
        many += "a line of it \x1b[31m\n";
    c.task.known.feedback = many + last;
    auto text = card_text(c);
    EXPECT_TRUE(has(text, "  red         … a line of it")) << "the end tells most: " << text;
    EXPECT_TRUE(has(text, "FAILED test_sum.py::test_sum\n")) << text;
    EXPECT_FALSE(has(text, "\x1b"));
    EXPECT_LT(text.size(), 3000U) << "the log has all of it";
}

TEST(task_card, tells_what_it_waits_for_and_until_when) {
    auto c = card(waiting{wait_reason::model_away, noon + 4min, noon + 20h});
    c.around.told = "The model endpoint answered 503.";
    auto text = card_text(c);
    EXPECT_TRUE(
        text.starts_with("Task 17 waits, because the model does not answer. The model endpoint answered 503.\n"))
        << text;
    EXPECT_TRUE(has(text, "  waits       looked at again in 4 min (")) << text;
    EXPECT_TRUE(has(text, "given up in 20 h (")) << text;
    EXPECT_FALSE(has(text, "  branch ")) << "nothing is known of one";
}

TEST(task_card, says_of_no_landing_that_it_is_given_up_at_a_time) {
    auto c = with_work(waiting{wait_reason::remote_away, noon + 4min, noon + 20h});
    c.task.known.lands = landing{.commit = made};
    auto text = card_text(c);
    EXPECT_TRUE(has(text, "  waits       looked at again in 4 min (")) << text;
    EXPECT_FALSE(has(text, "given up")) << text;
}

TEST(task_card, tells_what_a_worker_does) {
    auto c = card(coding{2, 1, {fence{3}, noon}});
    EXPECT_TRUE(card_text(c).starts_with("Task 17 is coding, repair round 1, attempt 2.\n")) << card_text(c);
    c.around.abort_wished = true;
    EXPECT_TRUE(card_text(c).starts_with("Task 17 is coding, repair round 1, attempt 2, and is to be aborted.\n"));
    EXPECT_TRUE(card_text(card(queued{noon})).starts_with("Task 17 is queued.\n"));
    EXPECT_TRUE(card_text(card(queued{noon + 2s})).starts_with("Task 17 is queued, not before "));
}

TEST(task_card, is_not_obeyed_by_a_terminal) {
    auto c = with_work(failed{verdict::model_failed, "policy", "\x1b[2Jno"});
    c.task.what.instruction = "\x1b[31mred\x07";
    c.task.what.remote = "/srv/\x1b[5mteam";
    c.task.known.said = "\xC2\x9B"
                        "2J" +
                        std::string(5000, 'x');
    c.task.known.check.command = "make\x1b]0;t\x07 test";
    auto text = card_text(c);
    EXPECT_EQ(text.find('\x1b'), text.npos);
    EXPECT_EQ(text.find('\x07'), text.npos);
    EXPECT_EQ(text.find("\xC2\x9B"), text.npos);
    EXPECT_LT(text.size(), 3000U) << "the log has all of the agent's words";
}

TEST(task_card, json_has_the_names_of_the_contract) {
    auto c = with_work(review{made, verdict::ready});
    c.task.what.retry_of = task_id{12};
    auto o = card_json(c);
    EXPECT_EQ(o["task"].as_string(), "17");
    EXPECT_EQ(o["verdict"].as_string(), "ready");
    EXPECT_EQ(o["commit"].as_string(), made);
    EXPECT_EQ(o["checks"].as_object()["before"].as_string(), "red");
    EXPECT_EQ(o["retry_of"].as_string(), "12");
    EXPECT_TRUE(o["retried_as"].is_null());
    EXPECT_TRUE(o["waits"].is_null());
    o = card_json(card(waiting{wait_reason::key, noon, noon + 1h}));
    EXPECT_EQ(o["verdict"].as_string(), "");
    EXPECT_EQ(o["waits"].as_object()["for"].as_string(), "key");
    EXPECT_EQ(o["waits"].as_object()["give_up"].as_string(), "2026-11-23T13:00:00.000Z");
}

TEST(task_diff, colours_what_git_would) {
    std::string diff = "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,3 +1,2 @@ f\n kept\n--- gone\n-b\n+++ come\n"
                       "\\ No newline at end of file\ndiff --git a/y b/y\n--- a/y\n";
    EXPECT_EQ(shown_diff(diff, false), diff);
    auto shown = shown_diff(diff, true);
    EXPECT_TRUE(has(shown, "\x1b[1m--- a/x\x1b[m\n")) << "a head";
    EXPECT_TRUE(has(shown, "\x1b[36m@@ -1,3 +1,2 @@ f\x1b[m\n kept\n")) << shown;
    EXPECT_TRUE(has(shown, "\x1b[31m--- gone\x1b[m\n")) << "a line of a file that looks like a head";
    EXPECT_TRUE(has(shown, "\x1b[32m+++ come\x1b[m\n\\ No newline at end of file\n"));
    EXPECT_TRUE(has(shown, "\x1b[1m--- a/y\x1b[m\n")) << "after the hunk's end";
}

TEST(task_diff, hides_nothing_and_obeys_nothing) {
    EXPECT_EQ(shown_diff("@@ -0,0 +1 @@\n+rm -rf ~ #\r+harmless\x1b[8m", true),
              "\x1b[36m@@ -0,0 +1 @@\x1b[m\n\x1b[32m+rm -rf ~ #^M+harmless^[[8m\x1b[m\n");
}

TEST(task_diff, says_where_a_change_is_that_is_not_here) {
    auto there = with_work(review{made, verdict::ready}).task;
    EXPECT_TRUE(has(elsewhere_words(there), "git fetch /srv/team.git mechanic/17-mend-the-sum"));
    there.now = failed{verdict::timed_out, "", ""};
    EXPECT_TRUE(has(elsewhere_words(there), "was not pushed"));
    EXPECT_EQ(no_diff_words(card(queued{}).task), "Task 17 has made nothing yet: it is queued.");
    EXPECT_EQ(no_diff_words(card(failed{verdict::no_change, "", ""}).task), "Task 17 has made no change: no change.");
}

TEST(task_card, tells_the_turns_and_what_the_last_one_came_to) {
    auto c = with_work(review{made, verdict::ready});
    auto& k = c.task.known;
    k.turn = 3;
    k.made->whole = {4, 20, 5};
    k.came_to_nothing = setback{verdict::no_change, "", "The agent changed nothing. What was there before stands."};
    c.turns = {{1, "And the tests."}, {3, "And\nthe docs."}};
    c.around.kept_replies = 2;
    auto text = card_text(c);
    for (auto* line :
         {"Task 17: ready. Its last turn: no change. The agent changed nothing. What was there before stands.\n",
          "  turn 2      And the tests.\n", "  turn 4      And\n              the docs.\n",
          "  change      2 files, +14 -3\n", "  in all      4 files, +20 -5\n",
          "  replies     2 to come, when this has ended\n"})
        EXPECT_TRUE(has(text, line)) << line << "\n" << text;
    auto o = card_json(c);
    EXPECT_EQ(o["verdict"], "no_change");
    EXPECT_EQ(o["turn"], 3);
    EXPECT_EQ(o["turns"].as_array().size(), 2U);
    EXPECT_EQ(o["whole"], boost::json::parse(R"({"files":4,"insertions":20,"deletions":5})"));
}

TEST(task_card, tells_an_answer_whole_and_no_branch) {
    auto c = card(answered{});
    c.task.what.what = order::kind::question;
    c.task.known.base = base;
    c.task.known.said = std::string(2000, 'x') + " the end";
    auto text = card_text(c);
    EXPECT_TRUE(text.starts_with("Task 17 is answered.\n")) << text;
    EXPECT_TRUE(has(text, " the end\n") && has(text, "  answer      xxx")) << text;
    EXPECT_FALSE(has(text, "  branch")) << text;
    EXPECT_TRUE(has(text, "persais run --from-answer 17")) << text;
    EXPECT_EQ(card_json(c)["kind"], "question");
}
