// A first clone that takes too long: work begins on the newest commits, and the rest follows.
#include "git/first_clone.hpp"
#include "git/history.hpp"
#include "git/limits.hpp"
#include "git/testing.hpp"

using namespace persais;
using namespace persais::git;
using namespace persais::git::testing;
using namespace std::chrono_literals;

namespace {

/// A remote with more commits than are taken at first, a tag on the first of them, and another branch.
struct slow {
    slow() {
        std::string stream;
        for (int n = 0; n < all; ++n)
            stream += "commit refs/heads/main\ncommitter Ann <ann@example.org> " + std::to_string(1'700'000'000 + n) +
                      " +0000\ndata 4\nwork\n" + (n == 0 ? "M 100644 inline a\ndata 2\n0\n\n" : "\n");
        write(folder.path() / "stream", stream);
        shell(folder.path(), "git init -q --bare remote.git; git -C remote.git fast-import --quiet < stream;"
                             "git -C remote.git tag v1 main~" +
                                 std::to_string(all - 1) +
                                 "; git -C remote.git branch other v1; git clone -q remote.git person");
    }
    outcome<void> refresh(std::optional<std::string> branch = {}) {
        return on_a_loop(mirrored.refresh({}, std::move(branch), 1ms));
    }
    std::string here(const std::string& words) { return shell(mirrored.folder() / "git", "git " + words); }
    int commits(const std::string& branch = "main") { return std::stoi(here("rev-list --count " + branch)); }
    void person(const std::string& script) { shell(folder.path() / "person", script); }
    commit_id tip(const std::string& branch = "main") { return on_a_loop(mirrored.commit_of(branch)).value_or(""); }

    static constexpr int all = limits::history_cut + 21;
    open_temp_dir folder;
    mirror mirrored{folder.path() / "mirrors", remote{.url = (folder.path() / "remote.git").string()}};
    std::unique_ptr<sandbox::backend> confine = this_machines_backend();
};

} // namespace

TEST(first_clone, that_takes_too_long_brings_the_newest_commits_of_one_branch) {
    slow w;
    ASSERT_TRUE(w.refresh());
    EXPECT_TRUE(w.mirrored.is_partial());
    EXPECT_EQ(w.commits(), limits::history_cut);
    EXPECT_EQ(on_a_loop(w.mirrored.base_branch({})).value_or(""), "main");
    EXPECT_EQ(w.tip("other"), "");
    EXPECT_EQ(w.here("for-each-ref refs/tags"), "");
    auto past = on_a_loop(history_of(w.mirrored, {.branch = "main", .base = w.tip()}, *w.confine));
    ASSERT_TRUE(past) << sentence(past);
    EXPECT_TRUE((*past)->cut);
    EXPECT_EQ((*past)->commits, limits::history_cut);
    auto tree = w.folder.path() / "tree";
    auto made = on_a_loop(w.mirrored.make_tree(tree, w.tip(), {}, *past));
    ASSERT_TRUE(made) << sentence(made);
    EXPECT_EQ(read(tree / "a"), "0\n");
}

TEST(first_clone, in_time_is_whole) {
    slow w;
    ASSERT_TRUE(on_a_loop(w.mirrored.refresh()));
    EXPECT_FALSE(w.mirrored.is_partial());
    EXPECT_EQ(w.commits(), slow::all);
    EXPECT_FALSE(on_a_loop(w.mirrored.complete()).value_or(true)) << "there is nothing to bring";
}

TEST(first_clone, that_is_partial_follows_its_branch_those_of_tasks_and_what_is_asked_for) {
    slow w;
    ASSERT_TRUE(w.refresh());
    w.person("git commit -q --allow-empty -m next; git push -q ../remote.git main HEAD:mechanic/7-mend HEAD:theirs");
    ASSERT_TRUE(w.refresh());
    EXPECT_TRUE(w.mirrored.is_partial());
    EXPECT_EQ(w.tip(), shell(w.folder.path() / "person", "git rev-parse main"));
    EXPECT_EQ(w.commits(), limits::history_cut + 1) << "what was there stays";
    EXPECT_EQ(w.tip("mechanic/7-mend"), w.tip());
    EXPECT_EQ(w.tip("theirs"), "");
    ASSERT_TRUE(w.refresh("other"));
    EXPECT_EQ(w.commits("other"), 1);
    w.person("git push -q ../remote.git :mechanic/7-mend");
    ASSERT_TRUE(w.refresh());
    EXPECT_EQ(w.tip("mechanic/7-mend"), "") << "nobody may take it for one that stands";
    EXPECT_NE(w.tip("other"), "");
}

TEST(first_clone, that_is_partial_keeps_what_its_base_branch_has_when_another_branch_comes) {
    slow w;
    ASSERT_TRUE(w.refresh());
    auto first = w.tip();
    w.person("for n in $(seq 30); do git commit -q --allow-empty -m more$n; done;"
             "git push -q ../remote.git main main~5:refs/heads/mechanic/7-mend");
    ASSERT_TRUE(w.refresh());
    auto whole = limits::history_cut + 30;
    EXPECT_EQ(w.commits(), whole) << "the depth is counted from the new branch, and is not main's";
    EXPECT_TRUE(on_a_loop(w.mirrored.contains(w.tip(), first)).value_or(false));
    EXPECT_EQ(w.here("fsck --connectivity-only --no-dangling 2>&1"), "");

    // A kill between the fetch and the look at where the history ends.
    shell(w.mirrored.folder() / "git", "git rev-parse main~49 >> shallow; touch persais-bringing");
    EXPECT_EQ(w.commits(), 50);
    ASSERT_TRUE(w.refresh());
    EXPECT_EQ(w.commits(), whole);
    EXPECT_FALSE(fs::exists(w.mirrored.folder() / "git/persais-bringing"));
}

TEST(first_clone, that_is_partial_can_be_pushed_from_and_replayed_in) {
    slow w;
    ASSERT_TRUE(w.refresh());
    auto base = w.tip();
    shell(w.folder.path(), "git -C remote.git config receive.denyNonFastForwards true");
    auto work = w.here("-c user.name=M -c user.email=m@example.org commit-tree -p main -m work "
                       "$(printf '100644 blob %s\\tb\\n' $(echo 1 | git hash-object -w --stdin) | git mktree)");
    auto pushed = on_a_loop(w.mirrored.push("mechanic/1-work", work, {}));
    ASSERT_TRUE(pushed) << sentence(pushed);
    w.person("echo 2 > c; git add c; git -c user.name=A -c user.email=a@example.org commit -qm more;"
             "git push -q ../remote.git main");
    ASSERT_TRUE(w.refresh());
    auto made = on_a_loop(w.mirrored.rebase({.from = base,
                                             .to = work,
                                             .onto = w.tip(),
                                             .who = {},
                                             .when = time_point(1'750'000'000s),
                                             .message = {},
                                             .keep_as = "refs/persais/tasks/1/landing"}));
    ASSERT_TRUE(made) << sentence(made);
    auto landed = on_a_loop(w.mirrored.land("main", made->commit, w.tip()));
    ASSERT_TRUE(landed) << sentence(landed);
    EXPECT_EQ(shell(w.folder.path() / "remote.git", "git rev-list --count main"), std::to_string(slow::all + 2));
    EXPECT_EQ(shell(w.folder.path() / "remote.git", "git fsck --no-dangling 2>&1"), "");
}

TEST(first_clone, is_completed_beside_the_work_and_then_is_like_any_other) {
    slow w;
    ASSERT_TRUE(w.refresh());
    auto cut = on_a_loop(history_of(w.mirrored, {.branch = "main", .base = w.tip()}, *w.confine));
    ASSERT_TRUE(cut) << sentence(cut);
    auto completed = on_a_loop(w.mirrored.complete());
    ASSERT_TRUE(completed) << sentence(completed);
    EXPECT_TRUE(*completed);
    EXPECT_FALSE(w.mirrored.is_partial());
    EXPECT_FALSE(fs::exists(w.mirrored.folder() / "whole"));
    EXPECT_EQ(w.commits(), slow::all);
    ASSERT_TRUE(w.refresh());
    EXPECT_EQ(w.commits("other"), 1);
    EXPECT_EQ(w.here("rev-parse v1"), w.tip("other"));
    EXPECT_EQ(w.here("fsck --connectivity-only --no-dangling 2>&1"), "");
    auto past = on_a_loop(history_of(w.mirrored, {.branch = "main", .base = w.tip()}, *w.confine));
    ASSERT_TRUE(past) << sentence(past);
    EXPECT_FALSE((*past)->cut);
    EXPECT_EQ((*past)->shallow, "");
}

TEST(first_clone, is_completed_and_keeps_the_work_on_what_the_remote_has_rewritten_since) {
    slow w;
    ASSERT_TRUE(w.refresh());
    auto old = w.tip();
    w.here("update-ref refs/persais/tasks/7/work main");
    shell(w.folder.path() / "remote.git",
          "git update-ref refs/heads/main $(git -c user.name=A -c user.email=a@example.org "
          "commit-tree -m rewritten 'main^{tree}')");
    ASSERT_TRUE(w.refresh());
    auto completed = on_a_loop(w.mirrored.complete());
    ASSERT_TRUE(completed) << sentence(completed);
    EXPECT_FALSE(w.mirrored.is_partial());
    EXPECT_EQ(w.commits("refs/persais/tasks/7/work"), limits::history_cut);
    EXPECT_EQ(w.here("rev-parse refs/persais/tasks/7/work"), old);
    EXPECT_EQ(w.commits(), 1);
    EXPECT_EQ(w.here("fsck --connectivity-only --no-dangling 2>&1"), "");
}

TEST(first_clone, is_completed_also_when_a_kill_stood_between_the_objects_and_the_mark) {
    slow w;
    ASSERT_TRUE(w.refresh());
    // As after a kill: what it lacks is half there.
    fs::create_directories(w.mirrored.folder() / "whole/objects");
    fs::remove(w.mirrored.folder() / "git/shallow.lock");
    ASSERT_TRUE(on_a_loop(w.mirrored.complete()));
    EXPECT_EQ(w.commits(), slow::all);
    write(w.mirrored.folder() / "git/persais-partial", (w.folder.path() / "remote.git").string() + "\n");
    auto again = on_a_loop(w.mirrored.complete());
    ASSERT_TRUE(again) << sentence(again);
    EXPECT_FALSE(w.mirrored.is_partial());
    EXPECT_EQ(w.here("fsck --connectivity-only --no-dangling 2>&1"), "");
}

TEST(first_clone, of_a_remote_that_goes_away_stays_partial_and_says_why) {
    slow w;
    ASSERT_TRUE(w.refresh());
    fs::rename(w.folder.path() / "remote.git", w.folder.path() / "away.git");
    auto completed = on_a_loop(w.mirrored.complete());
    ASSERT_FALSE(completed);
    EXPECT_NE(completed.error().sentence, "");
    EXPECT_TRUE(w.mirrored.is_partial());
    EXPECT_EQ(w.commits(), limits::history_cut);
}

TEST(first_clone, of_a_branch_that_is_not_the_heads_takes_that_one) {
    slow w;
    ASSERT_TRUE(w.refresh("other"));
    EXPECT_EQ(w.commits("other"), 1);
    EXPECT_EQ(w.tip("main"), "");
    ASSERT_TRUE(w.refresh()) << "the next task has no wish";
    EXPECT_EQ(w.commits(), limits::history_cut);
}
