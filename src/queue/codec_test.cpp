#include "queue/codec.hpp"

#include <gtest/gtest.h>

using namespace persais;
using namespace persais::mechanic;

TEST(facts, come_back_as_they_went) {
    facts k;
    k.base = std::string(40, 'a');
    k.base_branch = "main";
    k.branch = "mechanic/1-ü";
    k.dated = time_point(std::chrono::microseconds(1700000000123456));
    k.check = {"pytest -q \"x\"", "flag"};
    k.setup = {"pip install -e .", "guess: pyproject.toml"};
    k.base_checks = check_outcome::timed_out;
    k.before = check_outcome::red;
    k.after = check_outcome::green;
    k.could_not_run = "no pytest";
    k.setup_failed = "pip install -e .";
    k.check_seconds = 600;
    k.edits_failed = {"a.py", ""};
    k.hosts_denied = {"a.test:443"};
    k.feedback = "line\nline \xF0\x9F\x90\xA7";
    k.said = "done";
    k.attempts_used = 2;
    k.rounds_used = 1;
    k.made = work{std::string(40, 'c'), {1, 2, 3}, 1, {2, 3, 4}, {{"ci", ".ci/ü.yml"}, {"lock", "go.sum"}}};
    k.turn = 2;
    k.asked = "now in Ü";
    k.stands = standing{{std::string(40, 'd'), {4, 5, 6}, 0, {7, 8, 9}},
                        verdict::tests_red,
                        check_outcome::green,
                        check_outcome::red,
                        "no npm",
                        "FAILED"};
    k.in_doubt = standing{{std::string(40, 'f')}, verdict::ready};
    k.draft = std::string(40, 'e');
    k.held_back = held{*k.stands, {{"src/ü.py", 3, "some-rule", "A rule.", "abcd…"}, {"k.p12", 0, "x", "", ""}}};
    k.anyway = std::string(40, '9');
    k.lands = landing{.what = landing::kind::roll_back,
                      .commit = std::string(40, '1'),
                      .anyway = true,
                      .by = "42",
                      .agreed = {"terminal", "42"},
                      .asked = time_point(std::chrono::microseconds(1700000000123457)),
                      .step = landing_step::watch,
                      .tries = 3,
                      .looks = 4,
                      .onto = std::string(40, '2'),
                      .made = std::string(40, '3'),
                      .same_text = false,
                      .size = {1, 2, 3},
                      .after = check_outcome::red,
                      .in_doubt = true,
                      .withdrawn = true,
                      .there = landed{std::string(40, '6'), std::string(40, '7')},
                      .there_since = time_point(std::chrono::microseconds(1700000000123458)),
                      .by_request = true,
                      .request = 12,
                      .offered = {std::string(40, '8')},
                      .waits_on = request_wait{request_need::review, "It waits for a review."},
                      .waits_since = time_point(std::chrono::microseconds(1700000000123459)),
                      .beside = true,
                      .ahead = std::string(40, '8'),
                      .joined = task_id{9},
                      .with = {task_id{10}, task_id{11}},
                      .tip = std::string(40, '9'),
                      .front = front_outcome{health{false, "It answers 502."}, true},
                      .unwatched = true};
    k.request = "https://github.com/acme/shop/pull/12";
    k.on_base = landed{std::string(40, '4'), std::string(40, '5')};
    k.not_landed = "main moved";
    k.landing_unknown = true;
    k.seen = health{true, "It answers."};
    k.came_to_nothing = setback{verdict::model_failed, "policy", "It would not."};
    k.told = wait_reason::credit;
    k.decided = verdict::tests_red;
    k.seconds = {0.25, 1.5, 2, 3};
    facts anew = k;
    anew.turn = 5;
    anew.was = {k};
    anew.unmerged = {"a.py"};
    anew.conflict_tried = true;
    EXPECT_EQ(queue::facts_from(queue::facts_json(anew)), anew);
    EXPECT_EQ(queue::facts_from(queue::facts_json(k)), k);
    EXPECT_EQ(queue::facts_from(queue::facts_json(facts{})), facts{});
}

TEST(facts, of_an_older_or_newer_version_are_read) {
    EXPECT_EQ(queue::facts_from("{}"), facts{});
    EXPECT_EQ(queue::facts_from(R"({"base":"x","something new":[1]})").base, "x");
}

TEST(facts, of_a_version_without_turns_are_the_first_turn) {
    auto k = queue::facts_from(R"({"made":{"commit":"c","files":1,"insertions":2,"deletions":3,"round":1}})");
    EXPECT_EQ(k.turn, 0);
    EXPECT_EQ(k.made->whole, (diff_size{1, 2, 3}));
}
