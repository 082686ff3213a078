#include "cli/task_log.hpp"
#include "cli/task_words.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

using namespace persais;
using namespace persais::cli;
using namespace persais::mechanic;
using namespace std::chrono_literals;

namespace {

const time_point noon = std::chrono::sys_days(std::chrono::year(2026) / 11 / 23) + 12h;

queue::happening state_at(time_point at, std::string state, int attempt = 1, int round = 0) {
    return {.number = 1, .at = at, .kind = "state", .state = std::move(state), .attempt = attempt, .round = round};
}
queue::happening said(std::string kind, std::string text) {
    return {.number = 1, .at = noon, .kind = std::move(kind), .text = std::move(text)};
}

} // namespace

TEST(task_log, has_times_states_progress_and_words) {
    log_lines log;
    EXPECT_EQ(log.add(state_at(noon, "preparing")), fmt::format("{}\n{}  preparing\n", day(noon), time_of_day(noon)));
    EXPECT_EQ(log.add(said("progress", "fetching")), "          fetching\n");
    EXPECT_EQ(log.add(said("progress", "fetching")), "") << "the same again is no news";
    EXPECT_EQ(log.add(state_at(noon + 1s, "coding", 2, 1)),
              fmt::format("{}  coding, repair round 1, attempt 2\n", time_of_day(noon + 1s)));
    EXPECT_EQ(log.add(said("progress", "fetching")), "          fetching\n");
    EXPECT_EQ(log.add(state_at(noon + 25h, "publishing")),
              fmt::format("{}\n{}  pushing\n", day(noon + 25h), time_of_day(noon + 25h)));
    EXPECT_EQ(log.end(), "");
}

TEST(task_log, joins_the_pieces_of_the_agents_words) {
    log_lines log;
    log.add(state_at(noon, "coding"));
    EXPECT_EQ(log.add(said("log", "I will men")), "          | I will men");
    EXPECT_EQ(log.add(said("log", "d it.\nIn calc.py\n")), "d it.\n          | In calc.py\n");
    EXPECT_EQ(log.add(said("log", "open")), "          | open");
    EXPECT_EQ(log.add(said("progress", "editing")), "\n          editing\n") << "on a line of its own";
    log.add(said("log", "open"));
    EXPECT_EQ(log.end(), "\n");
    EXPECT_EQ(log.end(), "");
}

TEST(task_log, is_not_obeyed_by_a_terminal) {
    log_lines log;
    std::string all = log.add(said("log", "\x1b[2Ja\x1b]0;t\x07\xC2\x9B"
                                          "1m")) +
                      log.add(said("progress", "\x1b[31mb")) + log.add(state_at(noon, "\x1b[5mc"));
    task t{.id = {17}, .now = failed{verdict::model_failed, "policy", "\x1b[2Jd"}};
    t.known.feedback = "one\x1b[2J\ntwo";
    all += log_tail(t);
    EXPECT_EQ(all.find('\x1b'), all.npos);
    EXPECT_EQ(all.find('\x07'), all.npos);
    EXPECT_EQ(all.find("\xC2\x9B"), all.npos);
    EXPECT_NE(all.find("          | one\n          | two\n"), all.npos) << all;
}

TEST(task_log, ends_with_how_the_task_ended) {
    task t{.id = {17}, .now = failed{verdict::no_change, "", "The agent changed nothing."}};
    EXPECT_EQ(log_tail(t), "Task 17: no change. The agent changed nothing.\n");
    t.now = aborted{};
    EXPECT_EQ(log_tail(t), "Task 17: aborted.\n");
    t.now = queued{};
    EXPECT_EQ(log_tail(t), "") << "it has not ended";
    EXPECT_EQ(log_tail_json(t), "");
}

TEST(task_log, json_says_it_as_run_does) {
    auto line = boost::json::parse(log_json({17}, state_at(noon, "coding", 1, 2))).as_object();
    EXPECT_EQ(line, (boost::json::object{{"event", "state"},
                                         {"task", "17"},
                                         {"at", "2026-11-23T12:00:00.000Z"},
                                         {"state", "coding"},
                                         {"attempt", 1},
                                         {"round", 2}}));
    line = boost::json::parse(log_json({17}, said("progress", "editing"))).as_object();
    EXPECT_EQ(line["text"].as_string(), "editing");
    task t{.id = {17}, .now = review{"", verdict::ready}};
    auto end = boost::json::parse(log_tail_json(t)).as_object();
    EXPECT_EQ(end["event"].as_string(), "end");
    EXPECT_EQ(end["verdict"].as_string(), "ready");
}
