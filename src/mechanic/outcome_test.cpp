// What a settled task says about its checks.
#include "mechanic/limits.hpp"
#include "mechanic/step.hpp"

#include <gtest/gtest.h>

using namespace persais;
using namespace persais::mechanic;

namespace {

const std::string commit(40, 'c');

task in_review(verdict how) {
    task t{.id = {17}, .what = {.remote = "/srv/r.git", .instruction = "mend it"}, .now = review{commit, how}};
    t.known.made = work{commit, {1, 2, 3}, 0};
    return t;
}

} // namespace

TEST(sentence, claims_nothing_of_a_run_that_did_not_end) {
    using enum check_outcome;
    auto t = in_review(verdict::ready);
    t.known.check_seconds = 5;
    auto says = [&](check_outcome before, check_outcome after) {
        t.known.before = before;
        t.known.after = after;
        t.now = review{commit, after == green ? verdict::ready : verdict::tests_red};
        return sentence_of(t);
    };
    EXPECT_EQ(says(green, green), "The checks are green.");
    EXPECT_EQ(says(red, green), "The checks were red before the change and are green now.");
    EXPECT_EQ(says(timed_out, green), "The checks are green. Before the change they did not end within 5 s.");
    EXPECT_EQ(says(could_not_run, green), "The checks are green. Before the change they could not run.");
    EXPECT_EQ(says(red, red), "The checks were red before the change, and they still are.");
    EXPECT_EQ(says(green, red), "The checks were green before the change, and it broke them.");
    EXPECT_EQ(says(timed_out, red), "The checks are red. Before the change they did not end within 5 s.");
    EXPECT_EQ(says(could_not_run, red), "The checks are red. Before the change they could not run.");
    EXPECT_EQ(says(not_run, red), "The checks are red.");
    EXPECT_EQ(says(green, timed_out), "The checks were green before the change; after it they did not end within 5 s.");
    EXPECT_EQ(says(red, timed_out), "The checks did not end within 5 s.");
    t.known.check_seconds = 0;
    EXPECT_EQ(says(not_run, timed_out), "The checks did not end in their time.");
}

TEST(failed_edits, of_a_file_are_repaired_by_a_later_edit_of_it) {
    using paths = std::vector<std::string>;
    EXPECT_EQ(still_failed({}, {"a.py"}, {"b.py"}), paths{"b.py"});
    EXPECT_EQ(still_failed({"b.py"}, {"a.py"}, {}), paths{"b.py"});
    EXPECT_EQ(still_failed({"b.py", "c.py"}, {"b.py"}, {}), paths{"c.py"});
    EXPECT_EQ(still_failed({"b.py"}, {"b.py"}, {"b.py"}), paths{"b.py"}) << "one of two";
    EXPECT_EQ(still_failed({"b.py"}, {}, {"b.py"}), paths{"b.py"}) << "told once";
    paths many; // comparing each with all before it would take minutes
    for (int i = 0; i < 500'000; ++i)
        many.push_back(std::to_string(i));
    EXPECT_EQ(still_failed({"b.py"}, {}, many).size(), limits::failed_edits_kept);
}

TEST(sentence, says_which_edits_failed) {
    auto t = in_review(verdict::ready);
    t.known.after = check_outcome::green;
    auto says = [&](std::vector<std::string> failed) {
        t.known.edits_failed = std::move(failed);
        return sentence_of(t);
    };
    EXPECT_EQ(says({}), "The checks are green.");
    EXPECT_EQ(says({"a.py"}), "The checks are green. One edit of `a.py` could not be applied.");
    EXPECT_EQ(says({""}), "The checks are green. One edit could not be applied.");
    EXPECT_EQ(says({"a.py", "b.py"}), "The checks are green. 2 edits of `a.py`, `b.py` could not be applied.");
}

TEST(sentence, says_that_a_guessed_setup_failed) {
    auto t = in_review(verdict::ready);
    t.known.after = check_outcome::green;
    t.known.setup_failed = "pip install -e . pytest";
    EXPECT_EQ(sentence_of(t),
              "The checks are green. The guessed setup `pip install -e . pytest` failed, so they ran without it.");
}

TEST(sentence, says_what_setup_asked_for_and_may_not_reach) {
    auto t = in_review(verdict::ready);
    t.known.after = check_outcome::green;
    t.known.hosts_denied = {"a.test:443", "b.test:80 (10.0.0.1 is not public)"};
    constexpr std::string_view said =
        "Setup asked for what it may not reach: a.test:443, b.test:80 (10.0.0.1 is not public). SETUP_HOSTS, or "
        "setup_hosts in .persais.toml on the base branch, allows hosts.";
    EXPECT_EQ(sentence_of(t), "The checks are green. " + std::string(said));
    t = in_review(verdict::checks_could_not_run);
    t.known.could_not_run = "The setup failed. Its last words:\nno such host";
    t.known.hosts_denied = {"a.test:443", "b.test:80 (10.0.0.1 is not public)"};
    EXPECT_EQ(sentence_of(t), t.known.could_not_run + "\n" + std::string(said));
}

TEST(sentence, says_what_was_red_before) {
    auto t = in_review(verdict::tests_red);
    t.known.before = check_outcome::red;
    EXPECT_NE(sentence_of(t).find("before the change"), std::string::npos);
    t.known.before = check_outcome::green;
    EXPECT_NE(sentence_of(t).find("broke"), std::string::npos);
}

TEST(sentence, of_a_change_that_is_refused_names_both_paths) {
    EXPECT_EQ(
        refused_in_words({verdict::link_outside, "a", "/etc/passwd"}),
        "In the change the link `a` leads out of the repository (its target is `/etc/passwd`); nothing was pushed.");
    EXPECT_EQ(refused_in_words({verdict::paths_collide, "A", "a"}),
              "The change adds `A`, which is the same file as `a` where case, or how a letter is written, makes no "
              "difference (macOS, Windows); nothing was pushed.");
}

TEST(sentence, of_work_that_is_held_names_the_first_places) {
    leak one{"a.py", 3, "some-rule", "A rule.", "abcd…"}, name{"k.p12", 0, "pkcs12-file", "A file.", "…"};
    EXPECT_EQ(leaks_in_words({one, name, one, one, one}),
              "The change has what looks like a credential: `a.py` line 3 (some-rule, `abcd…`), `k.p12` (pkcs12-file), "
              "`a.py` line 3 (some-rule, `abcd…`) and 2 more. Nothing was pushed.");
}
