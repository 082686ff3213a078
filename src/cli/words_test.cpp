#include "cli/report.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

using namespace persais;
using namespace persais::mechanic;

namespace {

app::foreground_result some_result() {
    app::foreground_result r;
    r.task.id = {17};
    r.task.what.model = "a/b";
    auto& k = r.task.known;
    k.base = std::string(40, 'b');
    k.base_branch = "main";
    k.branch = "mechanic/17-accept-empty-input";
    k.check = {"pytest -q", "flag"};
    k.before = check_outcome::red;
    k.after = check_outcome::green;
    k.rounds_used = 1;
    k.made = work{std::string(40, 'c'), {2, 14, 3}, 1};
    k.seconds = {0.4, 9.2, 3.1, 0.3};
    r.task.now = review{std::string(40, 'c'), verdict::ready};
    r.spent = {.tokens_sent = 2140, .tokens_received = 310, .cost_usd = 0.0111, .estimated = false, .calls = 2};
    r.total_seconds = 13.0;
    return r;
}

} // namespace

TEST(result_json, is_what_the_contract_says) {
    auto o = boost::json::parse(cli::result_json(some_result())).as_object();
    EXPECT_EQ(o.at("event"), "result");
    EXPECT_EQ(o.at("task"), "17");
    EXPECT_EQ(o.at("verdict"), "ready");
    EXPECT_EQ(o.at("reason"), "");
    EXPECT_EQ(o.at("branch"), "mechanic/17-accept-empty-input");
    EXPECT_EQ(o.at("commit").as_string(), std::string(40, 'c'));
    EXPECT_EQ(o.at("files"), 2);
    EXPECT_EQ(o.at("insertions"), 14);
    EXPECT_EQ(o.at("deletions"), 3);
    auto checks =
        boost::json::parse(R"({"command":"pytest -q","source":"flag","before":"red","after":"green","rounds":1})");
    EXPECT_EQ(o.at("checks"), checks);
    EXPECT_EQ(o.at("tokens"), boost::json::parse(R"({"sent":2140,"received":310})"));
    EXPECT_EQ(o.at("cost_usd"), 0.0111);
    EXPECT_EQ(o.at("cost_estimated"), false);
    EXPECT_EQ(o.at("seconds").as_object().at("coding"), 9.2);
    EXPECT_EQ(o.at("seconds").as_object().at("total"), 13.0);
}

TEST(result_json, names_no_branch_that_was_not_pushed) {
    auto r = some_result();
    r.task.now = failed{verdict::model_failed, "credit", "No credit is left."};
    auto o = boost::json::parse(cli::result_json(r)).as_object();
    EXPECT_EQ(o.at("verdict"), "model_failed");
    EXPECT_EQ(o.at("reason"), "credit");
    EXPECT_EQ(o.at("branch"), "");
    EXPECT_EQ(o.at("commit"), "");
}

TEST(result_words, tell_what_a_person_asks) {
    auto words = cli::result_words(some_result());
    for (auto* part : {"Task 17: ready.", "red before", "mechanic/17-accept-empty-input", "2 files, +14 -3",
                       "1 repair round", "2140 tokens sent", "$0.0111", "13.0 s"})
        EXPECT_NE(words.find(part), std::string::npos) << part << "\n" << words;
}

TEST(result_words, tell_of_cached_tokens_where_there_were_some) {
    auto r = some_result();
    r.spent.tokens_cached = 1800;
    EXPECT_EQ(boost::json::parse(cli::result_json(r)).at("tokens"),
              boost::json::parse(R"({"sent":2140,"received":310,"cached":1800})"));
    auto words = cli::result_words(r);
    EXPECT_NE(words.find("2140 tokens sent (1800 of them cached), 310 received, $0.0111"), words.npos) << words;
}

TEST(result_words, have_the_agents_words_the_red_lines_and_the_setup_each_on_lines_of_their_own) {
    auto r = some_result();
    r.task.now = review{std::string(40, 'c'), verdict::tests_red};
    r.task.known.setup = {"npm ci", ".persais.toml"};
    r.task.known.feedback = "FAIL: test_sum\nAssertionError: 6\n";
    r.task.known.said = "I mended \x1b[2Jit.\nSee the test.";
    auto words = cli::result_words(r);
    for (auto* part :
         {"\n  setup     npm ci (.persais.toml)\n", "\n  red       FAIL: test_sum\n            AssertionError: 6\n",
          "\n  agent     I mended it.\n            See the test.\n"})
        EXPECT_NE(words.find(part), std::string::npos) << part << "\n" << words;
    EXPECT_TRUE(cli::next_line(r.task).starts_with("  next      `persais diff 17` shows the change;"));
    EXPECT_EQ(words.find('\x1b'), std::string::npos);
    EXPECT_TRUE(cli::result_words(r, true).starts_with("\x1b[1;31mTask 17: tests red."));
}

TEST(result_words, say_when_the_cost_is_a_guess) {
    auto r = some_result();
    r.spent.estimated = true;
    EXPECT_NE(cli::result_words(r).find("(estimated)"), std::string::npos);
    r.spent.cost_usd = 0;
    EXPECT_NE(cli::result_words(r).find("price unknown"), std::string::npos);
}

TEST(result_json, of_a_turn_names_it_and_no_branch_when_it_came_to_nothing) {
    auto r = some_result();
    EXPECT_FALSE(boost::json::parse(cli::result_json(r)).as_object().contains("turn")) << "as the contract has it";
    r.task.known.turn = 1;
    auto o = boost::json::parse(cli::result_json(r)).as_object();
    EXPECT_EQ(o.at("turn"), 1);
    EXPECT_EQ(o.at("branch"), "mechanic/17-accept-empty-input");
    r.task.known.came_to_nothing = setback{verdict::model_failed, "policy", "It would not."};
    o = boost::json::parse(cli::result_json(r)).as_object();
    EXPECT_EQ(o.at("verdict"), "model_failed");
    EXPECT_EQ(o.at("reason"), "policy");
    EXPECT_EQ(o.at("branch"), "");
    EXPECT_EQ(o.at("commit"), "");
    EXPECT_EQ(o.at("files"), 0);
}

TEST(result_words, of_a_question_are_its_answer) {
    app::foreground_result r;
    r.task.id = {17};
    r.task.known.said = "Because.\x1b[2J";
    r.task.now = answered{};
    EXPECT_TRUE(cli::result_words(r).starts_with("Task 17: answered.\n\nBecause.\n\n")) << cli::result_words(r);
    EXPECT_EQ(boost::json::parse(cli::result_json(r)).as_object().at("answer").as_string(), r.task.known.said);
}
