#include "git/history.hpp"
#include "git/leftovers.hpp"
#include "git/layout.hpp"
#include "git/testing.hpp"

using namespace persais;
using namespace persais::git;
using namespace persais::git::testing;

namespace {

/// A remote whose main has three commits, an annotated tag on the first and a lightweight one on the second; and a
/// branch of another task, with a tag of its own.
struct told : world {
    told() : world("echo 1 > f") {
        person(
            "git tag -a -m v1 v1; echo 2 > f; git commit -qam second; git tag light; echo 3 > f; git commit -qam third;"
            "git checkout -q -b mechanic/1; echo other > o; git add o; git commit -qm other; git tag outside;"
            "git checkout -q main; git push -q --tags ../remote.git main mechanic/1");
        others = shell(folder.path() / "person", "git rev-parse mechanic/1");
        again();
    }
    void person(std::string script) { shell(folder.path() / "person", std::move(script)); }
    void again() {
        EXPECT_EQ(sentence(refresh()), "");
        base = on_a_loop(mirrored.commit_of("main")).value_or("");
    }
    outcome<std::shared_ptr<const history>> ask(history_wish wish) {
        wish.base = wish.base.empty() ? base : wish.base;
        return on_a_loop(history_of(mirrored, wish, *confine));
    }
    std::shared_ptr<const history> past(int commits = 0, std::string branch = "main") {
        auto found = ask({.branch = std::move(branch), .base = {}, .commits = commits});
        EXPECT_EQ(sentence(found), "");
        return found.value_or(nullptr);
    }
    /// A tree for the task at `commit`.
    void tree_with(std::shared_ptr<const history> lent, commit_id commit) {
        view.history = lent->objects;
        EXPECT_EQ(sentence(on_a_loop(mirrored.make_tree(tree, std::move(commit), {}, std::move(lent)))), "");
        confine->hand_over(tree, 3);
    }
    /// What a program of the task prints; without the last newline.
    std::string program(std::string script) {
        confine->hand_over(view.home, 3);
        sandbox::child_spec spec{.argv = {"/bin/sh", "-c", std::move(script) + "\ntrue"},
                                 .environment = {"PATH=/usr/bin:/bin", "HOME=" + confine->inside(view, view.home),
                                                 "LC_ALL=C", "GIT_AUTHOR_DATE=@1700000000 +0000",
                                                 "GIT_COMMITTER_DATE=@1700000000 +0000"},
                                 .folder = confine->inside(view, view.tree),
                                 .total = std::chrono::minutes(1)};
        auto result = on_a_loop(sandbox::run_child(confine->confine(std::move(spec), view)));
        auto said = result.output + result.error;
        while (said.ends_with('\n'))
            said.pop_back();
        return said;
    }
    fs::path repository(int commits = 0) {
        auto lent = past(commits);
        return lent->objects.parent_path();
    }

    sandbox::view view = as_view();
    commit_id others;
};

constexpr const char* subjects = "git log --format=%s";

} // namespace

TEST(history, a_tree_has_what_a_checkout_of_a_ci_has) {
    told w;
    w.tree_with(w.past(), w.base);
    EXPECT_EQ(w.program(subjects), "third\nsecond\nfirst");
    EXPECT_EQ(w.program("git tag"), "light\nv1");
    EXPECT_EQ(w.program("git describe"), "v1-2-g" + w.base.substr(0, 7));
    EXPECT_EQ(w.program("git describe --tags"), "light-1-g" + w.base.substr(0, 7));
    EXPECT_EQ(w.program("git rev-parse origin/main"), w.base);
    EXPECT_EQ(w.program("git status --porcelain; git fsck --no-progress --no-dangling 2>&1; git for-each-ref "
                        "refs/heads --format='%(refname)'"),
              "refs/heads/work");
    EXPECT_EQ(w.program("echo 4 > f; git commit -qam fourth; git diff --stat origin/main...HEAD | tail -1"),
              " 1 file changed, 1 insertion(+), 1 deletion(-)");
    EXPECT_EQ(w.program("git clone -q . ../../home/agent/copy 2>&1 || git clone -q . \"$HOME/copy\"; git -C "
                        "\"$HOME/copy\" log --format=%s | tail -1"),
              "first");
    EXPECT_EQ(shell(w.tree, "find .git/objects -name '*.pack'"), "") << "it was copied";
}

TEST(history, of_a_shallow_remote_ends_where_the_remotes_does) {
    told w;
    shell(w.folder.path(),
          "mv remote.git whole.git; git clone -q --bare --depth=2 \"file://$PWD/whole.git\" remote.git; "
          "git -C remote.git fetch -q --depth=1 \"file://$PWD/whole.git\" 'refs/tags/light:refs/tags/light'");
    fs::remove_all(w.mirrored.folder());
    w.again();
    w.tree_with(w.past(), w.base);
    EXPECT_EQ(w.program(subjects), "third\nsecond");
    EXPECT_EQ(w.program("git describe --tags; git fsck --no-progress --no-dangling 2>&1"),
              "light-1-g" + w.base.substr(0, 7));
}

TEST(history, of_a_remote_in_the_sha_256_format_has_its_tags) {
    world w("echo 1 > f", "sha256", "cd person; git tag -a -m v1 v1; git push -q ../remote.git v1");
    EXPECT_EQ(sentence(w.refresh()), "");
    auto base = on_a_loop(w.mirrored.commit_of("main")).value_or("");
    auto past = on_a_loop(history_of(w.mirrored, {.branch = "main", .base = base, .commits = 0}, *w.confine));
    ASSERT_TRUE(past) << sentence(past);
    EXPECT_EQ(sentence(on_a_loop(w.mirrored.make_tree(w.tree, base, {}, *past))), "");
    EXPECT_NE((*past)->refs.find("refs/tags/v1"), std::string::npos) << (*past)->refs;
}

TEST(history, no_object_of_another_task_can_be_read) {
    told w;
    ASSERT_TRUE(w.make_tree());
    w.agent("echo mine > mine");
    ASSERT_TRUE(w.import()); // a second task's work that only the mirror has
    auto unpushed = w.in_mirror("rev-parse refs/persais/tasks/7/work");
    w.tree_with(w.past(), w.base);
    EXPECT_EQ(w.program("git cat-file -t " + w.base), "commit");
    for (const auto& id : {w.others, unpushed})
        EXPECT_NE(w.program("git cat-file -t " + id), "commit");
    auto ids = w.in_mirror("rev-list --objects " + w.others + " " + unpushed + " --not main | cut -c1-40");
    EXPECT_GE(ids.size(), 41U * 6 - 1);
    EXPECT_EQ(shell(w.repository(), "for id in $(echo '" + ids +
                                        "'); do git --git-dir=. cat-file -e $id 2> /dev/null && echo $id; done; true"),
              "");
}

TEST(history, a_program_of_a_task_cannot_write_to_it) {
    told w;
    if (!w.confine->confines()) GTEST_SKIP() << "there is no sandbox";
    w.tree_with(w.past(), w.base);
    auto before = shell(w.repository(), "find . -type f | sort | xargs sha256sum");
    w.program("at=$(cat .git/objects/info/alternates); touch $at/x; rm -rf $at/pack; echo x > $at/pack/*.idx; chmod -R "
              "777 $at;"
              "ln -s /etc/passwd $at/info; mkdir $at/ff; mv $at/pack $at/none; git -C / --git-dir=$at/.. gc -q");
    EXPECT_EQ(shell(w.repository(), "find . -type f | sort | xargs sha256sum"), before);
    w.program("echo new > n; git add n; git commit -qm new; git gc -q --prune=now; git tag mine");
    EXPECT_EQ(shell(w.repository(), "find . -type f | sort | xargs sha256sum"), before);
    EXPECT_EQ(w.program(subjects), "new\nthird\nsecond\nfirst");
}

TEST(history, follows_the_base_branch_and_its_tags) {
    told w;
    w.tree_with(w.past(), w.base);
    w.person(
        "git tag -f light HEAD; git tag -d v1; git tag late; echo 4 > f; git commit -qam fourth; git tag -a -m v2 v2;"
        "git push -qf --tags --prune ../remote.git 'refs/tags/*' refs/heads/main");
    w.again();
    auto now = w.past();
    w.tree_with(now, w.base);
    EXPECT_EQ(w.program("git tag --format='%(refname:short) %(subject)'"), "late third\nlight third\nv2 v2");
    EXPECT_EQ(w.program("git describe; git fsck --no-progress --no-dangling"), "v2");
}

TEST(history, follows_a_base_branch_that_was_pushed_by_force) {
    told w;
    auto old = w.base;
    w.past();
    w.person(
        "git checkout -q --orphan new; git commit -qm anew; git branch -qM new main; git push -qf ../remote.git main");
    w.again();
    w.tree_with(w.past(), w.base);
    EXPECT_EQ(w.program(subjects), "anew");
    EXPECT_EQ(w.program("git tag; git status --porcelain; git fsck --no-progress --no-dangling"), "");
    // A task that began before goes on from where it was.
    auto lent = w.ask({.branch = "main", .base = old});
    ASSERT_EQ(sentence(lent), "");
    w.tree_with(*lent, old);
    EXPECT_EQ(w.program("git log --format=%s origin/main"), "third\nsecond\nfirst");
}

TEST(history, of_a_branch_that_went_is_the_tasks_base) {
    told w;
    auto old = w.base;
    w.person("git push -q ../remote.git HEAD:refs/heads/other; git -C ../remote.git update-ref -d refs/heads/main");
    ASSERT_EQ(sentence(w.refresh()), "");
    auto lent = w.ask({.branch = "main", .base = old});
    ASSERT_EQ(sentence(lent), "");
    w.tree_with(*lent, old);
    EXPECT_EQ(w.program("git log --format=%s origin/main"), "third\nsecond\nfirst");
}

TEST(history, a_later_turn_stands_on_the_branch_and_sees_the_base) {
    told w;
    w.tree_with(w.past(), w.others); // the commit of the turn before
    auto first = w.base;
    EXPECT_EQ(w.program("git log --format=%s HEAD; git diff --name-only origin/main...HEAD; git status --porcelain"),
              "other\nthird\nsecond\nfirst\no");
    // The base branch moved on; the task's trees do not.
    w.person("echo 4 > f; git commit -qam fourth; git push -q ../remote.git main");
    w.again();
    auto lent = w.ask({.branch = "main", .base = first});
    ASSERT_EQ(sentence(lent), "");
    w.tree_with(*lent, w.others);
    EXPECT_EQ(w.program("git diff --name-only origin/main HEAD; git fsck --no-progress --no-dangling"), "o");
}

TEST(history, of_a_branch_with_slashes_and_of_one_commit) {
    told w;
    w.person("git checkout -q --orphan release/1.x/y; git commit -qm alone; git push -q ../remote.git HEAD");
    w.again();
    w.base = on_a_loop(w.mirrored.commit_of("release/1.x/y")).value_or("");
    w.tree_with(w.past(0, "release/1.x/y"), w.base);
    EXPECT_EQ(w.program("git log --format=%s origin/release/1.x/y; git tag; git fsck --no-progress --no-dangling"),
              "alone");
}

TEST(history, as_deep_as_asked_with_the_tags_that_are_seen) {
    told w;
    w.tree_with(w.past(1), w.base);
    EXPECT_EQ(
        w.program(std::string(subjects) + "; git tag; git status --porcelain; git fsck --no-progress --no-dangling"),
        "third");
    w.tree_with(w.past(2), w.base);
    EXPECT_EQ(w.program(std::string(subjects) + "; git tag; git fsck --no-progress --no-dangling"),
              "third\nsecond\nlight");
    w.tree_with(w.past(2), w.others); // so many of its own
    EXPECT_EQ(w.program(subjects), "other\nthird\nsecond");
    auto older = w.in_mirror("rev-parse main~1");
    auto lent = w.ask({.branch = "main", .base = older, .commits = 2});
    ASSERT_EQ(sentence(lent), "");
    w.tree_with(*lent, older);
    EXPECT_EQ(w.program(std::string(subjects) + "; git fsck --no-progress --no-dangling"), "second\nfirst");
    w.person("echo 4 > f; git commit -qam fourth; git tag v4; git push -q --tags ../remote.git main");
    w.again();
    w.tree_with(w.past(2), w.base);
    EXPECT_EQ(w.program(std::string(subjects) + "; git tag; git fsck --no-progress --no-dangling"),
              "fourth\nthird\nv4");
}

TEST(history, too_large_to_be_given_whole_is_cut_and_that_is_known) {
    told w;
    auto whole = w.ask({.branch = "main", .base = {}, .most_bytes = 1 << 20});
    ASSERT_EQ(sentence(whole), "");
    EXPECT_FALSE((*whole)->cut);
    auto cut = w.ask({.branch = "main", .base = {}, .most_bytes = 10, .cut_to = 2});
    ASSERT_EQ(sentence(cut), "");
    EXPECT_TRUE((*cut)->cut);
    w.tree_with(*cut, w.base);
    EXPECT_EQ(w.program(subjects), "third\nsecond");
    EXPECT_FALSE(w.past(3)->cut) << "a number is obeyed";
}

TEST(history, size_is_of_the_base_branch_alone) {
    told w;
    w.person("git checkout -q --orphan heavy; head -c 300000 /dev/urandom > big; git add big; git commit -qm big;"
             "git push -q ../remote.git heavy");
    w.again();
    w.base = on_a_loop(w.mirrored.commit_of("main")).value_or("");
    auto lent = w.ask({.branch = "main", .base = {}, .most_bytes = 100'000});
    ASSERT_EQ(sentence(lent), "");
    EXPECT_FALSE((*lent)->cut);
    lent = w.ask({.branch = "heavy", .base = {}, .most_bytes = 100'000, .cut_to = 1});
    ASSERT_EQ(sentence(lent), "");
    EXPECT_TRUE((*lent)->cut);
}

TEST(history, is_made_again_where_a_kill_left_half_of_it) {
    told w;
    auto place = w.repository().parent_path();
    for (auto* broken : {"rm state; rm -r git/objects git/HEAD",
                         "echo > state; : > git/packed-refs.lock; : > git/objects/pack/tmp_pack_x; : > "
                         "git/shallow.lock; rm git/packed-refs",
                         "echo > state; rm -r git/objects/pack/*", "rm -r git; echo > state"}) {
        shell(place, broken);
        w.tree_with(w.past(), w.base);
        EXPECT_EQ(w.program("git describe; git fsck --no-progress --no-dangling 2>&1"), "v1-2-g" + w.base.substr(0, 7))
            << broken;
        EXPECT_EQ(shell(place, "find . -name '*.lock' -o -name 'tmp_*'"), "") << broken;
    }
}

TEST(history, has_nothing_left_of_a_kill_after_housekeeping) {
    told w;
    auto place = w.repository().parent_path();
    shell(place, "echo > state; : > git/packed-refs.lock; : > git/objects/pack/tmp_pack_x; ");
    shell(w.repository(1).parent_path(), "rm state git/HEAD");
    auto before = fs::file_time_type::clock::now() - std::chrono::hours(1);
    on_a_loop(tidy_histories({w.mirrored.folder()}, before));
    EXPECT_EQ(shell(place.parent_path(), "find . -name '*.lock' -o -name 'tmp_*'; ls | wc -l"), "1");
    w.tree_with(w.past(), w.base);
    EXPECT_EQ(w.program(subjects), "third\nsecond\nfirst");
}

TEST(history, that_is_broken_while_a_tree_uses_it_stays) {
    told w;
    auto lent = w.past();
    auto place = lent->objects.parent_path().parent_path();
    shell(place, "echo > state; rm git/HEAD");
    EXPECT_FALSE(w.ask({.branch = "main"}));
    EXPECT_TRUE(fs::exists(lent->objects));
    lent.reset();
    EXPECT_EQ(sentence(w.ask({.branch = "main"})), "");
}

TEST(history, two_tasks_at_once_share_it) {
    told w;
    asio::io_context io(1);
    std::vector<std::shared_ptr<const history>> got;
    for (int i = 0; i < 4; ++i)
        asio::co_spawn(io, history_of(w.mirrored, {.branch = "main", .base = w.base}, *w.confine),
                       [&](std::exception_ptr, outcome<std::shared_ptr<const history>> one) {
                           got.push_back(one.value_or(nullptr));
                       });
    io.run();
    ASSERT_EQ(got.size(), 4U);
    for (const auto& one : got) {
        ASSERT_TRUE(one);
        EXPECT_EQ(one->objects, got.front()->objects);
    }
}

TEST(history, packs_are_joined_while_no_tree_uses_them) {
    told w;
    auto lent = w.past();
    auto place = lent->objects.parent_path();
    shell(place, "for i in $(seq " + std::to_string(limits::mirror_packs) +
                     "); do echo $i | git hash-object -w --stdin | git pack-objects -q objects/pack/pack; done");
    auto packs = [&] { return std::stoi(shell(place, "ls objects/pack/*.pack | wc -l")); };
    auto push = [&](const char* number) {
        w.person(std::string("echo ") + number + " > f; git commit -qam more; git push -q ../remote.git main");
        w.again();
    };
    push("4");
    lent = w.past(); // the one before is given back when this one is there
    EXPECT_GT(packs(), limits::mirror_packs);
    lent.reset();
    push("5");
    lent = w.past();
    EXPECT_LT(packs(), 5);
    w.tree_with(lent, w.base);
    EXPECT_EQ(w.program("git fsck --no-progress --no-dangling; git rev-list HEAD | wc -l"), "5");
}

TEST(history, that_nobody_asked_for_is_removed_unless_a_tree_uses_it) {
    told w;
    auto now = fs::file_time_type::clock::now();
    auto lent = w.past();
    auto place = lent->objects.parent_path().parent_path();
    on_a_loop(tidy_histories({w.mirrored.folder()}, now - std::chrono::hours(1)));
    EXPECT_TRUE(fs::exists(place));
    on_a_loop(tidy_histories({w.mirrored.folder()}, now + std::chrono::hours(1)));
    EXPECT_TRUE(fs::exists(place)) << "it is in use";
    lent.reset();
    on_a_loop(tidy_histories({w.mirrored.folder()}, now + std::chrono::hours(1)));
    EXPECT_FALSE(fs::exists(place));
    w.tree_with(w.past(), w.base);
    EXPECT_EQ(w.program(subjects), "third\nsecond\nfirst");
}

TEST(history, of_a_tag_on_a_tag_and_of_tags_that_are_no_commits) {
    told w;
    w.person("git tag -a -m nested nested v1; git tag blob $(git rev-parse HEAD:f); git tag tree $(git rev-parse "
             "HEAD^{tree});"
             "git push -q --tags ../remote.git");
    w.again();
    w.tree_with(w.past(), w.base);
    EXPECT_EQ(w.program("git tag; git fsck --no-progress --no-dangling"), "light\nnested\nv1");
    EXPECT_EQ(w.program("git log --format=%s nested"), "first");
}
