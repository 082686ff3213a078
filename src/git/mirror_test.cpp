#include "git/testing.hpp"

#include <unistd.h>

using namespace persais;
using namespace persais::git;
using namespace persais::git::testing;

namespace {

/// A mirror of the repository that a script made at `remote.git`.
struct lone {
    explicit lone(const std::string& script) { shell(folder.path(), script); }
    outcome<void> refresh() { return on_a_loop(mirrored.refresh()); }
    open_temp_dir folder;
    mirror mirrored{folder.path() / "mirrors", remote{.url = (folder.path() / "remote.git").string()}};
};

const std::string with_main =
    "git init -q person; cd person; echo a > a; git add a; git commit -qm a; git branch other;"
    "git init -q --bare ../remote.git; git push -q ../remote.git main other";

} // namespace

TEST(mirror, follows_branches_that_move_are_rewritten_and_go_away) {
    world w;
    shell(w.folder.path() / "person", "git push -q ../remote.git HEAD:old");
    ASSERT_TRUE(w.refresh());
    EXPECT_TRUE(on_a_loop(w.mirrored.commit_of("old")));
    ASSERT_TRUE(w.make_tree());
    w.agent("echo 1 > 1");
    ASSERT_TRUE(w.import());
    shell(w.folder.path() / "person",
          "git commit -q --amend -m other; git push -q -f ../remote.git HEAD:main :old HEAD:old/deeper");
    auto again = w.refresh();
    ASSERT_TRUE(again) << sentence(again);
    EXPECT_NE(*on_a_loop(w.mirrored.commit_of("main")), w.base);
    EXPECT_FALSE(on_a_loop(w.mirrored.commit_of("old")));
    EXPECT_TRUE(on_a_loop(w.mirrored.commit_of("old/deeper")));
    EXPECT_NE(w.in_mirror("for-each-ref refs/persais/tasks/7"), "") << "a task's work is not a branch of the remote";
}

TEST(mirror, progress_tells_how_far_it_came_and_no_branch) {
    lone w(with_main);
    std::vector<std::string> told;
    auto hear = [&](std::string_view line) { told.emplace_back(line); };
    ASSERT_TRUE(on_a_loop(w.mirrored.refresh(hear)));
    shell(w.folder.path() / "person",
          "git commit -q --allow-empty -m b; git push -q ../remote.git HEAD:mechanic/7-mend");
    ASSERT_TRUE(on_a_loop(w.mirrored.refresh(hear)));
    EXPECT_TRUE(std::ranges::any_of(told, [](auto& line) { return line.starts_with("Receiving objects: 100%"); }));
    for (const auto& line : told)
        EXPECT_TRUE(line.contains("objects: ") || line.contains("deltas: ")) << line;
}

TEST(mirror, what_a_kill_left_is_removed) {
    world w;
    auto git = w.mirrored.folder() / "git";
    write(git / "refs/heads/main.lock", "");
    write(git / "packed-refs.lock", "");
    write(git / "HEAD.lock", "");
    write(git / "shallow.lock", "");
    write(git / "objects/pack/tmp_pack_AbCdEf", "half");
    write(git / "objects/12/tmp_obj_AbCdEf", "half");
    write(w.mirrored.folder() / "incoming/pack-AbCdEf", "half");
    write(w.mirrored.folder() / "clone/HEAD", "half");
    shell(w.folder.path() / "person", "git commit -q --allow-empty -m next; git push -q ../remote.git HEAD:main");
    auto again = w.refresh();
    ASSERT_TRUE(again) << sentence(again);
    EXPECT_NE(*on_a_loop(w.mirrored.commit_of("main")), w.base);
    EXPECT_EQ(shell(w.mirrored.folder(),
                    "find . -name '*.lock' ! -name use.lock ! -name refresh.lock ! -name tend.lock; find . -name "
                    "'tmp_*'; ls incoming; ls -d clone || :"),
              "");
}

TEST(mirror, several_refresh_the_same_folder_at_once) {
    lone l(with_main);
    mirror second(l.folder.path() / "mirrors", remote{.url = (l.folder.path() / "remote.git").string()});
    asio::io_context io(1);
    int good = 0;
    for (mirror* one : {&l.mirrored, &second, &l.mirrored})
        asio::co_spawn(io, one->refresh(), [&](const std::exception_ptr& e, outcome<void> o) { good += !e && o; });
    io.run();
    EXPECT_EQ(good, 3);
}

TEST(mirror, a_first_clone_that_fails_leaves_nothing) {
    lone l("git init -q --bare remote.git; cd remote.git; blob=$(echo x | git hash-object -w --stdin);"
           "t=$(perl -e 'print \"100644 .git\\0\", pack(\"H*\", $ARGV[0])' $blob |"
           " git hash-object -w -t tree --literally --stdin);"
           "git update-ref refs/heads/main $(git commit-tree $t -m bad)");
    auto refused = l.refresh();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, error_kind::bad_object) << refused.error().sentence;
    EXPECT_FALSE(fs::exists(l.mirrored.folder() / "git"));
    EXPECT_FALSE(fs::exists(l.mirrored.folder() / "clone"));
}

TEST(mirror, a_first_clone_tells_how_far_it_is) {
    lone at(with_main);
    std::string told;
    auto fresh = on_a_loop(at.mirrored.refresh([&told](std::string_view line) { told.append(line).append("\n"); }));
    ASSERT_TRUE(fresh) << sentence(fresh);
    EXPECT_TRUE(told.contains("100% (")) << told;
}

TEST(mirror, old_mistakes_of_a_history_are_forgiven) {
    // A well-known Python library has this in its history: a time zone of five digits. Plain fsckObjects refuses the
    // clone.
    lone l("git init -q --bare remote.git; cd remote.git; t=$(git mktree < /dev/null);"
           "c=$(printf 'tree %s\\nauthor A <a@e.org> 1300000000 +51800\\ncommitter A <a@e.org> 1300000000 "
           "+51800\\n\\nx\\n' $t |"
           " git hash-object -w -t commit --literally --stdin); git update-ref refs/heads/main $c;"
           "! git -c fetch.fsckObjects=true clone -q --no-local . ../strict 2>/dev/null");
    auto fresh = l.refresh();
    EXPECT_TRUE(fresh) << sentence(fresh);
}

TEST(mirror, takes_the_branch_that_is_wanted_or_the_remotes_head) {
    lone l(with_main + "; git -C ../remote.git symbolic-ref HEAD refs/heads/other");
    ASSERT_TRUE(l.refresh());
    EXPECT_EQ(*on_a_loop(l.mirrored.base_branch({})), "other");
    EXPECT_EQ(*on_a_loop(l.mirrored.base_branch("main")), "main");
    auto none = on_a_loop(l.mirrored.base_branch("develop"));
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().kind, error_kind::not_found);
    EXPECT_NE(none.error().sentence.find("has no branch develop; it has main, other"), std::string::npos)
        << none.error().sentence;
}

TEST(mirror, says_that_the_head_names_no_branch) {
    for (const char* head : {"symbolic-ref HEAD refs/heads/gone", "update-ref --no-deref HEAD refs/heads/main"}) {
        lone l(with_main + "; git -C ../remote.git " + head);
        ASSERT_TRUE(l.refresh());
        auto base = on_a_loop(l.mirrored.base_branch({}));
        ASSERT_FALSE(base) << head;
        EXPECT_EQ(base.error().kind, error_kind::no_head);
        EXPECT_NE(base.error().sentence.find("GIT_BASE_BRANCH"), std::string::npos);
    }
}

TEST(mirror, says_that_the_repository_is_empty_and_works_once_it_is_not) {
    lone l("git init -q --bare remote.git");
    auto empty = l.refresh();
    ASSERT_FALSE(empty);
    EXPECT_EQ(empty.error().kind, error_kind::empty_repository);
    shell(l.folder.path(), "git init -q p; cd p; git commit -q --allow-empty -m a; git push -q ../remote.git main");
    EXPECT_TRUE(l.refresh());
}

TEST(mirror, of_a_persons_own_working_copy_takes_a_branch) {
    world w;
    auto person = w.folder.path() / "person";
    mirror own(w.folder.path() / "mirrors", remote{.url = "file://" + person.string()});
    auto fresh = on_a_loop(own.refresh());
    ASSERT_TRUE(fresh) << sentence(fresh);
    auto base = *on_a_loop(own.commit_of(*on_a_loop(own.base_branch({}))));
    auto pushed = on_a_loop(own.push("mechanic/1-x", base, {}));
    ASSERT_TRUE(pushed) << sentence(pushed);
    EXPECT_EQ(shell(person, "git rev-parse mechanic/1-x; git status --porcelain"), base);
    auto over = on_a_loop(w.mirrored.push("mechanic/1-y", base, {}));
    EXPECT_TRUE(over);
}

TEST(mirror, of_another_users_repository_works) {
    if (::getuid() != 0) GTEST_SKIP() << "only root can give a repository away";
    world w;
    shell(w.folder.path(), "chown -R 65534:65534 remote.git");
    auto fresh = w.refresh();
    EXPECT_TRUE(fresh) << sentence(fresh);
    auto pushed = on_a_loop(w.mirrored.push("b", w.base, {}));
    EXPECT_TRUE(pushed) << sentence(pushed);
}

TEST(mirror, is_readable_by_its_user_only) {
    world w;
    EXPECT_EQ(fs::status(w.mirrored.folder()).permissions(), fs::perms::owner_all);
}

TEST(tree, is_made_at_a_commit_that_no_branch_names_and_shares_nothing) {
    world w;
    shell(w.folder.path() / "person",
          "for i in 1 2 3; do echo $i > a.txt; git commit -qam $i; done; git push -q ../remote.git HEAD:main");
    ASSERT_TRUE(w.refresh());
    ASSERT_TRUE(w.make_tree(w.base)); // three commits below the tip
    EXPECT_EQ(
        shell(w.tree,
              "git rev-parse HEAD; git log --oneline | wc -l; git remote; git config user.name; ls .git/objects/info"),
        w.base + "\n1\nMechanic");
    EXPECT_EQ(shell(w.tree, "grep -r '" + w.folder.path().string() + "' .git || echo none"), "none")
        << "no path of this machine";
    EXPECT_EQ(shell(w.tree, "find . -type f -links +1"), "");
}

TEST(tree, replaces_what_a_crash_left_there) {
    world w;
    ASSERT_TRUE(w.make_tree());
    w.agent("mkdir -p shut/in; echo x > shut/in/x; chmod 0500 shut/in; chmod 0000 shut; ln -s / root");
    ASSERT_TRUE(w.make_tree());
    EXPECT_EQ(shell(w.tree, "ls -A"), ".git\na.txt\nsrc");
    EXPECT_TRUE(fs::exists("/bin/sh"));
}

TEST(tree, runs_no_filter_and_fetches_no_submodule) {
    world w("echo '*.bin filter=lfs diff=lfs merge=lfs -text' > .gitattributes;"
            "printf 'version https://git-lfs.github.com/spec/v1\\noid sha256:0\\nsize 1\\n' > x.bin");
    ASSERT_TRUE(w.make_tree());
    EXPECT_TRUE(read(w.tree / "x.bin").starts_with("version https://git-lfs"));
    auto taken = w.import();
    ASSERT_TRUE(taken);
    EXPECT_EQ(taken->commit, w.base);
}
