#include "git/submodules.hpp"
#include "git/testing.hpp"

#include <fmt/format.h>

using namespace persais;
using namespace persais::git;
using namespace persais::git::testing;
using list = std::vector<std::string>;

namespace {

std::string address(std::string_view repository, std::string_view written) {
    return submodule_address(repository, written).value_or("refused");
}

/// A remote `lib` and, in the world's repository, a submodule of it; the mirror of lib.
struct with_lib {
    with_lib() {
        on_a_loop(lib.refresh()).value();
        commit = shell(w.folder.path(), "git --git-dir=lib/.git rev-parse HEAD");
    }
    world w{"git init -q ../lib; (cd ../lib; echo 'y = 2' > lib.py; git add .; git commit -qm l);"
            "git -c protocol.file.allow=always submodule --quiet add ../lib deep/lib; echo a > a.txt"};
    mirror lib{w.folder.path() / "mirrors", remote{.url = (w.folder.path() / "lib").string()}};
    commit_id commit;

    std::vector<submodule> seen() { return on_a_loop(w.mirrored.submodules(w.base)).value(); }
    outcome<bool> place() {
        EXPECT_TRUE(on_a_loop(w.mirrored.make_tree(w.tree, w.base)));
        return place_in_tree();
    }
    outcome<bool> place_in_tree() {
        auto placed =
            on_a_loop(lib.place_submodule(w.tree, w.tree / ".git", seen().at(0), "https://example.org/lib.git"));
        w.confine->hand_over(w.tree, 3);
        return placed;
    }
};

} // namespace

TEST(submodule_address, is_relative_to_the_repository_as_git_has_it) {
    EXPECT_EQ(address("https://h/team/app.git", "../lib.git"), "https://h/team/lib.git");
    EXPECT_EQ(address("https://h/team/app", "../../other/lib/"), "https://h/other/lib");
    EXPECT_EQ(address("https://h/team/app/", "./lib"), "https://h/team/app/lib");
    EXPECT_EQ(address("ssh://git@h:22/team/app", "../lib"), "ssh://git@h:22/team/lib");
    EXPECT_EQ(address("git@h:team/app.git", "../lib.git"), "git@h:team/lib.git");
    EXPECT_EQ(address("git@h:app.git", "../lib.git"), "git@h:lib.git");
    EXPECT_EQ(address("https://h/a", "https://other/x"), "https://other/x");
    EXPECT_EQ(address("/srv/app.git", "../lib.git"), "/srv/lib.git");
}

TEST(submodule_address, does_not_leave_the_host) {
    EXPECT_EQ(address("https://h/app", "../../evil.example/x"), "refused");
    EXPECT_EQ(address("https://h:8080/app", "../../../x"), "refused");
    EXPECT_EQ(address("git@h:app", "../../x"), "refused");
}

TEST(submodules, are_read_by_their_paths) {
    std::string id(40, 'a');
    std::string tree = "100644 blob " + id + "\ta" + '\0' + "160000 commit " + id + "\tlib" + '\0' + "160000 commit " +
                       id + "\tx y" + '\0' + "160000 commit " + id + "\tnone" + '\0';
    std::string settings = std::string("submodule.a.b.path\nlib") + '\0' + "submodule.a.b.url\n../l" + '\0' +
                           "submodule.n.path\nnone" + '\0' + "submodule.n.update\nnone" + '\0';
    auto found = read_submodules(tree, settings);
    ASSERT_TRUE(found);
    ASSERT_EQ(found->size(), 2U);
    EXPECT_EQ(found->at(0).name, "a.b");
    EXPECT_EQ(found->at(0).written, "../l");
    EXPECT_EQ(found->at(1).path, "x y");
    EXPECT_EQ(found->at(1).written, "") << "without an address";
    for (const auto* name : {"../../hooks", "a/../b", "/a", "a//b"})
        EXPECT_FALSE(read_submodules(tree, "submodule." + std::string(name) + ".path\nlib" + '\0')) << name;
}

TEST(submodules, are_refused_when_the_folder_of_one_would_be_inside_anothers) {
    std::string id(40, 'a');
    auto read_named = [&](const std::string& one, const std::string& other, const std::string& update = "") {
        auto section = "submodule." + other + ".";
        return read_submodules("160000 commit " + id + "\tlib" + '\0' + "160000 commit " + id + "\tx" + '\0',
                               "submodule." + one + ".path\nlib" + '\0' + section + "path\nx" + '\0' +
                                   (update.empty() ? "" : section + "update\n" + update + '\0'));
    };
    for (const auto* other : {"a/config", "a/objects", "a/modules/b", "a/b/c"})
        for (bool first : {true, false}) {
            auto found = first ? read_named("a", other) : read_named(other, "a");
            ASSERT_FALSE(found) << other;
            EXPECT_EQ(found.error().kind, error_kind::bad_object);
            EXPECT_EQ(found.error().sentence,
                      fmt::format("The submodule `{}` is named `{}` in .gitmodules, which is a folder inside that of "
                                  "`{}`, named `a`; rename one of them there.",
                                  first ? "x" : "lib", other, first ? "lib" : "x"));
        }
    EXPECT_TRUE(read_named("a", "ab"));
    EXPECT_TRUE(read_named("a/b", "a/c"));
    EXPECT_TRUE(read_named("a-b", "a/b"));
    EXPECT_TRUE(read_named("a", "a/b", "none")) << "nothing is put there";
}

TEST(submodules, are_in_the_tree_as_git_puts_them_there) {
    with_lib x;
    ASSERT_EQ(x.seen().size(), 1U);
    EXPECT_EQ(x.seen()[0].commit, x.commit);
    EXPECT_TRUE(x.place().value());
    EXPECT_EQ(read(x.w.tree / "deep/lib/lib.py"), "y = 2\n");
    x.w.agent("[ -z \"$(git status --porcelain)\" ]; git submodule status | grep -q '^ " + x.commit +
              " deep/lib'; cd deep/lib; [ -z \"$(git status --porcelain)\" ]");
    EXPECT_EQ(x.w.import()->commit, x.w.base) << "nothing of it is work";
}

TEST(submodules, what_is_changed_inside_is_left_out_and_named) {
    with_lib x;
    ASSERT_TRUE(x.place());
    x.w.agent("echo more >> deep/lib/lib.py; echo b > a.txt");
    auto taken = x.w.import();
    ASSERT_TRUE(taken) << sentence(taken);
    EXPECT_EQ(taken->paths, list{"a.txt"});
    EXPECT_EQ(taken->left_out, list{"deep/lib"});
    x.w.agent("cd deep/lib; git commit -qam more");
    taken = x.w.import();
    ASSERT_TRUE(taken) << sentence(taken);
    EXPECT_EQ(taken->paths, list{"a.txt"});
    EXPECT_EQ(taken->left_out, list{"deep/lib"});
}

TEST(submodules, go_where_the_commit_has_a_folder_and_nowhere_else) {
    with_lib x;
    ASSERT_TRUE(on_a_loop(x.w.mirrored.make_tree(x.w.tree, x.w.base)));
    auto outside = x.w.folder.path() / "outside";
    fs::create_directories(outside / "lib");
    fs::remove_all(x.w.tree / "deep");
    fs::create_directory_symlink(outside, x.w.tree / "deep");
    EXPECT_FALSE(x.place_in_tree().value());
    EXPECT_TRUE(fs::is_empty(outside / "lib"));
}

TEST(submodules, that_the_work_removed_are_not_in_the_tree_of_its_checks) {
    with_lib x;
    ASSERT_TRUE(x.place());
    x.w.agent("git rm -q --cached deep/lib; rm -rf deep .gitmodules; echo b > a.txt");
    auto taken = x.w.import();
    ASSERT_TRUE(taken) << sentence(taken);
    ASSERT_TRUE(x.place());
    auto moved = on_a_loop(x.w.mirrored.update_tree(x.w.base, taken->commit, *x.w.confine, x.w.as_view()));
    ASSERT_TRUE(moved) << sentence(moved);
    EXPECT_FALSE(fs::exists(x.w.tree / "deep/lib"));
    EXPECT_EQ(read(x.w.tree / "a.txt"), "b\n");
}

TEST(submodules, a_commit_that_only_a_task_made_is_not_given) {
    with_lib x;
    ASSERT_TRUE(on_a_loop(x.lib.fetch_commit(x.commit)).value());
    auto bare = (x.lib.folder() / "git").string();
    auto work = shell(x.w.folder.path(), "cd '" + bare + "'; c=$(git commit-tree -m w -p " + x.commit + " " + x.commit +
                                             "^{tree}); git update-ref refs/persais/tasks/9/work $c; echo $c");
    EXPECT_FALSE(on_a_loop(x.lib.fetch_commit(work)).value());
    // On the remote, but on no branch: a submodule may be at a commit that was pushed over.
    auto lost =
        shell(x.w.folder.path(),
              "cd lib; git config uploadpack.allowAnySHA1InWant true; git commit-tree -m lost " + x.commit + "^{tree}");
    EXPECT_TRUE(on_a_loop(x.lib.fetch_commit(lost)).value());
}

TEST(submodules, a_commit_that_only_a_tag_has_is_the_remotes) {
    with_lib x;
    auto tagged = shell(x.w.folder.path(), "cd lib; c=$(git commit-tree -m t " + x.commit +
                                               "^{tree}); git tag light $c; git tag -am noted noted $(git commit-tree "
                                               "-m n $c^{tree}); git tag of-a-tree $c^{tree}; echo $c; "
                                               "git rev-parse noted^{commit}");
    ASSERT_TRUE(on_a_loop(x.lib.refresh()));
    fs::rename(x.w.folder.path() / "lib/.git/objects", x.w.folder.path() / "lost"); // whoever is asked gives nothing
    auto line = tagged.find('\n');
    for (const auto& commit : {tagged.substr(0, line), tagged.substr(line + 1)}) {
        auto there = on_a_loop(x.lib.fetch_commit(commit));
        ASSERT_TRUE(there) << sentence(there);
        EXPECT_TRUE(*there);
    }
}

TEST(submodules, tasks_that_need_the_same_commit_at_once_all_get_it) {
    with_lib x;
    // One that the mirror has from when it was on a branch, and one that it does not have.
    auto pushed_over = shell(x.w.folder.path(), "cd lib; git config uploadpack.allowAnySHA1InWant true; "
                                                "git commit -q --allow-empty -m o; git rev-parse HEAD");
    ASSERT_TRUE(on_a_loop(x.lib.refresh()));
    auto on_no_branch = shell(x.w.folder.path(), "cd lib; git reset -q --hard HEAD~; git commit-tree -m u HEAD^{tree}");
    ASSERT_TRUE(on_a_loop(x.lib.refresh()));
    constexpr int tasks = 4;
    for (const auto& commit : {pushed_over, on_no_branch}) {
        asio::io_context io(1);
        int given = 0;
        std::vector<mirror> mirrors(tasks, x.lib);
        for (auto& one : mirrors)
            asio::co_spawn(io, one.fetch_commit(commit), [&](std::exception_ptr error, outcome<bool> there) {
                EXPECT_FALSE(error);
                EXPECT_TRUE(there) << sentence(there);
                given += there && *there;
            });
        io.run();
        EXPECT_EQ(given, tasks);
    }
}

TEST(submodules, a_commit_that_is_asked_for_may_have_what_a_history_may) {
    with_lib x;
    auto strange = [&](const char* message) { // as mirror.old_mistakes_of_a_history_are_forgiven
        return shell(x.w.folder.path(),
                     std::string("cd lib; git config uploadpack.allowAnySHA1InWant true; printf 'tree %s\\nauthor A "
                                 "<a@e.org> 1300000000 +051800\\ncommitter A <a@e.org> 1300000000 +051800\\n\\n") +
                         message +
                         "\\n' $(git rev-parse HEAD^{tree}) | git hash-object -w -t commit --literally --stdin");
    };
    auto there = on_a_loop(x.lib.fetch_commit(strange("x")));
    ASSERT_TRUE(there) << sentence(there);
    EXPECT_TRUE(*there);
    auto known = strange("y"); // which the mirror has, but not from a branch
    shell(x.w.folder.path(), "cd lib; git cat-file commit " + known + " | git --git-dir='" +
                                 (x.lib.folder() / "git").string() + "' hash-object -w -t commit --literally --stdin");
    there = on_a_loop(x.lib.fetch_commit(known));
    ASSERT_TRUE(there) << sentence(there);
    EXPECT_TRUE(*there);
}

TEST(submodules, a_commit_that_the_remote_has_but_git_refuses_is_told_so) {
    with_lib x;
    auto bad = shell(x.w.folder.path(),
                     "cd lib; git config uploadpack.allowAnySHA1InWant true; b=$(echo x | git hash-object -w --stdin);"
                     "t=$(perl -e 'print \"100644 .git\\0\", pack(\"H*\", $ARGV[0])' $b |"
                     " git hash-object -w -t tree --literally --stdin); git commit-tree -m bad $t");
    auto refused = on_a_loop(x.lib.fetch_commit(bad));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, error_kind::bad_object);
    EXPECT_TRUE(refused.error().sentence.contains("fails git's checks")) << refused.error().sentence;
}
