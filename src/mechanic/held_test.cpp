// Work that is held back because it looks as if it had a credential.
#include "mechanic/step.hpp"

#include <gtest/gtest.h>

using namespace persais;
using namespace persais::mechanic;
using namespace std::chrono_literals;

namespace {

const time_point noon = time_point{} + std::chrono::days(20000);
const lease mine{fence{5}, noon + 10s};
const std::string base(40, 'b'), first(40, '1'), second(40, '2');
const std::string branch = "mechanic/17-mend-it";

prepared ground(bool has_work = false) {
    return {
        .base = base, .base_branch = "main", .branch = branch, .check = {"pytest -q", "flag"}, .has_work = has_work};
}
std::vector<command> must(task& t, const event& e, time_point now = noon) {
    auto r = step(t, e, now);
    EXPECT_TRUE(r.has_value()) << (r ? "" : r.error().why);
    return r.value_or(std::vector<command>{});
}
template <class Command>
const Command* has(const std::vector<command>& all) {
    for (auto& c : all)
        if (auto* x = std::get_if<Command>(&c)) return x;
    return nullptr;
}
coded made(const std::string& commit, check_outcome before = check_outcome::not_run) {
    return {.made = {commit, {1, 2, 3}, 0, {1, 2, 3}}, .before = before, .said = "done"};
}

/// A task whose first turn is on its branch.
task in_review() {
    task t{.id = {17}, .what = {.remote = "/srv/r.git", .instruction = "mend it"}, .now = queued{}};
    must(t, claimed{mine});
    must(t, ground());
    must(t, made(first, check_outcome::red));
    must(t, checked{check_outcome::green});
    must(t, pushed{});
    EXPECT_EQ(name_of(t.now), "review");
    return t;
}

const std::vector<leak> one_leak{{"src/a.py", 3, "some-rule", "A rule.", "abcd…"}};

/// A turn whose work is about to be pushed.
task about_to_push(task t = {}) {
    t.known.made = work{second, {1, 2, 3}, 0};
    t.known.after = check_outcome::green;
    t.known.decided = verdict::ready;
    t.known.branch = branch;
    t.known.base = base;
    t.now = publishing{1, second, mine};
    return t;
}

} // namespace

TEST(held, work_with_a_credential_is_not_pushed_and_its_commit_is_kept) {
    auto t = about_to_push();
    must(t, leaks_found{one_leak});
    EXPECT_EQ(verdict_of(t), verdict::secret_found);
    EXPECT_EQ(sentence_of(t), "The change has what looks like a credential: `src/a.py` line 3 (some-rule, `abcd…`). "
                              "Nothing was pushed.");
    EXPECT_FALSE(push_in_doubt(t));
    EXPECT_EQ(pushed_work(t), nullptr);
    ASSERT_TRUE(t.known.held_back);
    EXPECT_EQ(t.known.held_back->what.made.commit, second);
}

TEST(held, exactly_that_commit_is_pushed_once_when_an_admin_lets_it) {
    auto t = about_to_push();
    must(t, leaks_found{one_leak});
    auto was = t;
    EXPECT_FALSE(step(t, push_allowed{first}, noon).has_value());
    EXPECT_EQ(t, was);
    must(t, push_allowed{second});
    EXPECT_FALSE(t.known.held_back);
    must(t, claimed{{fence{6}, noon}});
    prepared there{.base = base, .base_branch = "main", .branch = branch, .has_work = true};
    auto next = must(t, there);
    EXPECT_EQ(has<publish>(next)->commit, second);
    EXPECT_TRUE(has<publish>(next)->anyway);
    must(t, pushed{});
    EXPECT_EQ(verdict_of(t), verdict::ready);
    EXPECT_EQ(t.known.after, check_outcome::green);
    EXPECT_FALSE(step(t, push_allowed{second}, noon).has_value()) << "once";
}

TEST(held, work_whose_push_the_remote_refused_is_not_lost) {
    auto t = about_to_push();
    must(t, leaks_found{one_leak});
    must(t, push_allowed{second});
    must(t, claimed{{fence{6}, noon}});
    must(t, prepared{.base = base, .base_branch = "main", .branch = branch, .has_work = true});
    must(t, remote_trouble{.reason = "no_push", .sentence = "The remote refuses it."});
    EXPECT_EQ(verdict_of(t), verdict::remote_failed);
    must(t, replied{1, "try it again"});
    EXPECT_EQ(t.known.draft, second) << "the agent goes on from it";
    auto there = t;
    must(there, claimed{{fence{7}, noon}});
    must(there,
         prepared{.base = base, .base_branch = "main", .branch = branch, .has_work = true, .doubt_stands = true});
    EXPECT_FALSE(there.known.draft) << "it was pushed after all";
    EXPECT_EQ(there.known.stands->made.commit, second);
}

TEST(held, other_work_than_was_allowed_is_looked_at_again) {
    auto t = about_to_push();
    must(t, leaks_found{one_leak});
    must(t, push_allowed{second});
    t = about_to_push(t);
    t.known.made->commit = first; // the work was lost with its disk, and done again
    t.now = checking{1, 0, mine};
    auto next = must(t, checked{check_outcome::green});
    EXPECT_EQ(has<publish>(next)->commit, first);
    EXPECT_FALSE(has<publish>(next)->anyway);
}

TEST(held, a_reply_gives_the_work_back_to_the_agent) {
    auto t = about_to_push();
    must(t, leaks_found{one_leak});
    must(t, replied{1, order_without(one_leak)});
    EXPECT_EQ(t.known.draft, second) << "the agent goes on from it";
    EXPECT_FALSE(t.known.held_back);
    EXPECT_FALSE(t.known.in_doubt);
    EXPECT_NE(t.known.asked.find("`src/a.py` line 3"), std::string::npos);
    EXPECT_EQ(t.known.asked.find("abcd"), std::string::npos) << "it may become the message of a commit";
    EXPECT_FALSE(step(t, push_allowed{second}, noon).has_value());
}

TEST(held, what_an_earlier_turn_pushed_stands) {
    auto t = about_to_push(in_review());
    t.known.turn = 1;
    must(t, leaks_found{one_leak});
    EXPECT_EQ(std::get<review>(t.now).commit, first);
    EXPECT_EQ(verdict_of(t), verdict::secret_found);
    EXPECT_EQ(t.known.made->commit, first);
    auto other = t;
    must(other, replied{2, "without it"});
    EXPECT_EQ(other.known.draft, second);
    must(t, push_allowed{second});
    EXPECT_EQ(t.known.made->commit, second);
    EXPECT_EQ(t.known.stands->made.commit, first) << "the lease of the push";
    EXPECT_FALSE(t.known.came_to_nothing);
}

TEST(held, work_is_held_for_nobody_once_its_task_is_aborted_or_expired) {
    auto held = about_to_push(in_review());
    held.known.turn = 1;
    must(held, leaks_found{one_leak});
    for (const event& over : {event(abort_wished{}), event(review_over{})}) {
        auto t = held;
        auto said = has<tell>(must(t, over))->text;
        EXPECT_FALSE(t.known.held_back) << name_of(t.now);
        EXPECT_TRUE(said.ends_with("The change that was held back was not pushed.")) << said;
        EXPECT_FALSE(step(t, push_allowed{second}, noon).has_value());
        EXPECT_EQ(pushed_work(t)->commit, first) << "the branch stays";
        must(t, replied{2, "without it"});
        EXPECT_EQ(t.known.draft, second) << "the agent goes on from it";
    }
    auto plain = in_review();
    EXPECT_EQ(has<tell>(must(plain, abort_wished{}))->text, "Its result was put away, and can be taken up again.");
}
