#include "base/background.hpp"
#include "git/base_tree.hpp"
#include "git/history.hpp"
#include "git/layout.hpp"
#include "git/testing.hpp"
#include "sandbox/try_layers.hpp"

#include <sys/stat.h>

using namespace persais;
using namespace persais::git;
using namespace persais::git::testing;

namespace {

struct shared_checkout : ::testing::Test {
    world repository{
        "mkdir -p src/deep; echo a > src/deep/a; echo b > b; printf '#!/bin/sh\n' > run; chmod +x run; "
        "ln -s b link; git add .; git commit -qm zero; git tag v0; git push -q ../remote.git v0; echo c > c"};
    std::shared_ptr<const history> past;

    void SetUp() override { past = history_at(repository.base); }
    std::shared_ptr<const history> history_at(commit_id base) {
        auto found = on_a_loop(history_of(repository.mirrored, {.branch = "main", .base = base}, *repository.confine));
        EXPECT_EQ(sentence(found), "");
        return found.value_or(nullptr);
    }
    std::shared_ptr<const base_tree> ask(base_tree_wish wish) {
        auto found = on_a_loop(base_tree_of(repository.mirrored, std::move(wish)));
        EXPECT_EQ(sentence(found), "");
        return found.value_or(nullptr);
    }
    std::shared_ptr<const base_tree> ask() { return ask({.commit = repository.base, .past = past}); }
    /// A person's next commit, as the base of what comes.
    void next(const std::string& script) {
        shell(repository.folder.path() / "person",
              script + "; git add -A; git commit -qm next; git push -q ../remote.git HEAD:refs/heads/main");
        EXPECT_EQ(sentence(repository.refresh()), "");
        repository.base = on_a_loop(repository.mirrored.commit_of("main")).value_or("");
        past = history_at(repository.base);
    }
    fs::path folder() const { return repository.mirrored.folder() / "trees"; }
    std::size_t count() const { return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder()), {})); }
    /// Everything in a tree but what git writes with times in it. Its history is lent to it.
    std::string listing(const fs::path& tree) const {
        return shell(tree, "export GIT_ALTERNATE_OBJECT_DIRECTORIES=" + past->objects.string() +
                               "; find . -path ./.git/index -prune -o -type f -printf '%P %m ' -exec sha256sum {} ';' "
                               "-o -printf '%P %y %m %l\n' | sort; git ls-files -s; git status --porcelain");
    }
    /// What a program of a task prints in a tree over the checkout.
    std::string program(const std::shared_ptr<const base_tree>& over, unsigned slot, const std::string& script) {
        auto task = repository.folder.path() / ("task" + std::to_string(slot));
        sandbox::view seen{.tree = task / "tree",
                           .home = task / "home",
                           .history = past->objects,
                           .tree_layers = {.lower = {{over->folder, true}}, .upper = task / "upper"},
                           .slot = slot};
        for (const auto& at : {seen.tree, seen.home})
            fs::create_directories(at);
        repository.confine->hand_over(seen.home, slot);
        sandbox::make_upper(*repository.confine, seen.tree_layers.upper, slot, fs::perms(0755));
        sandbox::child_spec spec{.argv = {"/bin/sh", "-c", script},
                                 .environment = {"PATH=/usr/bin:/bin", "HOME=/home/agent", "LC_ALL=C"},
                                 .folder = sandbox::tree_inside,
                                 .total = std::chrono::minutes(1)};
        auto result = on_a_loop(sandbox::run_child(repository.confine->confine(std::move(spec), seen)));
        return result.output + result.error;
    }
    bool layers() {
        return on_a_loop(sandbox::try_layers(*repository.confine, repository.folder.path() / "trial")).how !=
               sandbox::layering::none;
    }
};

} // namespace

TEST_F(shared_checkout, is_what_a_tree_of_its_own_would_be) {
    auto made = ask();
    ASSERT_TRUE(made);
    EXPECT_EQ(sentence(on_a_loop(repository.mirrored.make_tree(repository.tree, repository.base, {}, past))), "");
    EXPECT_EQ(listing(made->folder), listing(repository.tree));
}

TEST_F(shared_checkout, of_the_next_commit_is_the_same_whether_made_of_the_last_or_anew) {
    auto first = ask();
    auto kept = listing(first->folder);
    struct stat before{}, after{};
    ::stat((first->folder / "src/deep/a").c_str(), &before);
    next("echo more >> b; git rm -q run; mkdir c.d; git mv c c.d/c; rm link; ln -s nowhere link");
    auto second = ask();
    ASSERT_TRUE(second);
    EXPECT_NE(second->folder, first->folder);
    EXPECT_EQ(sentence(on_a_loop(repository.mirrored.make_tree(repository.tree, repository.base, {}, past))), "");
    EXPECT_EQ(listing(second->folder), listing(repository.tree));
    EXPECT_EQ(listing(first->folder), kept) << "which others still have";
    ::stat((second->folder / "src/deep/a").c_str(), &after);
    EXPECT_EQ(before.st_ino, after.st_ino) << "it was written again";
}

TEST_F(shared_checkout, has_its_files_in_the_form_that_its_own_attributes_give_them) {
    next("mkdir -p sub/deep; echo 'one $Id$' | tee t.txt > sub/deep/t.txt");
    ask();
    std::string lf = "one $Id$\n", crlf = "one $Id$\r\n";
    struct step {
        std::string script, at_top, below;
    };
    for (const auto& [script, at_top, below] :
         {step{"echo '*.txt text eol=crlf' > .gitattributes", crlf, crlf}, step{"git rm -q .gitattributes", lf, lf},
          step{"echo '*.txt text eol=crlf' > sub/.gitattributes", lf, crlf},
          step{"echo '*.txt text eol=crlf' > .gitattributes; echo '*.txt eol=lf' > sub/.gitattributes", crlf, lf}}) {
        next(script);
        auto made = ask();
        ASSERT_TRUE(made) << script;
        EXPECT_EQ(read(made->folder / "t.txt"), at_top) << script;
        EXPECT_EQ(read(made->folder / "sub/deep/t.txt"), below) << script;
    }
    next("echo '*.txt ident' > sub/.gitattributes");
    auto with_id = ask();
    EXPECT_TRUE(read(with_id->folder / "sub/deep/t.txt").starts_with("one $Id: "));
    EXPECT_EQ(sentence(on_a_loop(repository.mirrored.make_tree(repository.tree, repository.base, {}, past))), "");
    EXPECT_EQ(listing(with_id->folder), listing(repository.tree));
    next("echo more > c; echo x > sub/gitattributes");
    struct stat before{}, after{};
    ::stat((with_id->folder / "sub/deep/t.txt").c_str(), &before);
    ::stat((ask()->folder / "sub/deep/t.txt").c_str(), &after);
    EXPECT_EQ(before.st_ino, after.st_ino) << "it was written again, with the same attributes";
}

TEST_F(shared_checkout, is_made_once_and_apart_for_what_differs) {
    auto one = ask(), other = ask();
    EXPECT_EQ(one->folder, other->folder);
    auto noted = [](fs::path tree) -> awaitable<outcome<void>> {
        write(tree / "added", "by the task");
        co_return outcome<void>{};
    };
    auto added = ask({.commit = repository.base, .past = past, .additions = "a file", .add = noted});
    EXPECT_NE(added->folder, one->folder);
    EXPECT_TRUE(fs::exists(added->folder / "added"));
    auto failed = on_a_loop(base_tree_of(
        repository.mirrored,
        {.commit = repository.base, .past = past, .additions = "more", .add = [](fs::path) -> awaitable<outcome<void>> {
             co_return std::unexpected(failure{error_kind::network, "No."});
         }}));
    EXPECT_EQ(sentence(failed), "No.");
    next("echo x > x");
    EXPECT_FALSE(fs::exists(ask()->folder / "added")) << "made of one that has more than a commit";
}

TEST_F(shared_checkout, that_a_kill_or_the_last_start_of_the_machine_left_is_made_anew) {
    auto place = ask()->folder.parent_path();
    write(place / "tree/b", "half");
    fs::remove(place / "state");
    EXPECT_EQ(read(ask()->folder / "b"), "b\n");
    write(place / "tree/b", "holes");
    write(place / "state", "another start\nbase\n");
    EXPECT_EQ(read(ask()->folder / "b"), "b\n");
    fs::remove(place / "state");
    on_a_loop(tidy_base_trees({repository.mirrored.folder()}, {}));
    EXPECT_EQ(count(), 0U);
}

TEST_F(shared_checkout, that_is_lent_stays_and_of_the_others_a_few) {
    auto lent = ask();
    for (int i = 0; i < 6; ++i) {
        next("echo " + std::to_string(i) + " > b");
        ask();
    }
    EXPECT_EQ(read(lent->folder / "b"), "b\n");
    EXPECT_LE(count(), limits::base_trees + 1);
    auto later = fs::file_time_type::clock::now() + std::chrono::hours(1);
    on_a_loop(tidy_base_trees({repository.mirrored.folder()}, later));
    EXPECT_EQ(count(), 1U);
    lent.reset();
    on_a_loop(tidy_base_trees({repository.mirrored.folder()}, later));
    EXPECT_EQ(count(), 0U);
}

TEST_F(shared_checkout, is_not_read_again_by_the_first_status) {
    if (!layers()) GTEST_SKIP() << "layers cannot be used here";
    auto place = ask()->folder.parent_path();
    auto earlier = fs::file_time_type::clock::now() - std::chrono::minutes(1);
    for (const char* made : {"tree/b", "tree/c", "tree/run", "tree/src/deep/a"})
        fs::last_write_time(place / made, earlier);
    shell(place / "tree", "git -c core.checkStat=minimal update-index -q --refresh");
    fs::last_write_time(place / "tree/.git/index", earlier);
    fs::last_write_time(place / "state", earlier);
    auto lent = ask(); // whose index is newer than all files
    // Whoever reads it sees that it is another one.
    auto of = fs::last_write_time(lent->folder / "b");
    write(lent->folder / "b", "B\n");
    fs::last_write_time(lent->folder / "b", of);
    EXPECT_EQ(program(lent, 1, "git status --porcelain; git log --format=%s origin/main; git describe --tags HEAD~1"),
              "first\nzero\nv0\n");
}

TEST_F(shared_checkout, is_worked_on_by_tasks_that_do_not_meet) {
    if (!layers()) GTEST_SKIP() << "layers cannot be used here";
    auto lent = ask();
    auto kept = listing(lent->folder);
    EXPECT_EQ(program(lent, 1,
                      "echo mine > b; rm c; git mv src/deep/a moved; git add -A; git commit -qm mine; git status "
                      "--porcelain; git log --format=%s; git gc -q; git fsck"),
              "mine\nfirst\nzero\n");
    EXPECT_EQ(program(lent, 2, "git status --porcelain; git log --format=%s; cat b c src/deep/a; git branch -a"),
              "first\nzero\nb\nc\na\n* work\n  remotes/origin/main\n");
    EXPECT_EQ(listing(lent->folder), kept);
}

TEST_F(shared_checkout, that_was_left_at_any_moment_is_made_anew_and_nothing_is_made_of_it) {
    auto first = ask();
    auto whole = listing(first->folder);
    auto place = first->folder.parent_path();
    auto state = read(place / "state");
    first.reset();
    using left = std::function<void()>;
    for (const auto& [what, leave] :
         std::map<std::string, left>{{"an empty folder",
                                      [&] {
                                          fs::remove_all(place);
                                          fs::create_directory(place);
                                      }},
                                     {"no repository",
                                      [&] {
                                          fs::remove_all(place / "tree/.git");
                                          fs::remove(place / "state");
                                      }},
                                     {"an empty state", [&] { write(place / "state", ""); }},
                                     {"a part of the state", [&] { write(place / "state", state.substr(0, 20)); }},
                                     {"a file in its place", [&] {
                                          fs::remove_all(place);
                                          write(place, "x");
                                      }}}) {
        leave();
        EXPECT_EQ(listing(ask()->folder), whole) << what;
        EXPECT_EQ(read(place / "state"), state) << what;
    }
    auto of = fs::file_time_type::clock::now() - std::chrono::minutes(1); // git sees no difference
    fs::last_write_time(place / "tree/src/deep/a", of);
    shell(place / "tree", "git -c core.checkStat=minimal update-index -q --refresh");
    write(place / "tree/src/deep/a", "?\n");
    fs::last_write_time(place / "tree/src/deep/a", of);
    write(place / "state", "another start\nbase\n");
    next("echo x > x");
    EXPECT_EQ(read(ask()->folder / "src/deep/a"), "a\n") << "it was taken from one that may have holes";
}

TEST_F(shared_checkout, that_is_lent_is_not_taken_away_when_its_state_cannot_be_read) {
    auto lent = ask();
    auto state = lent->folder.parent_path() / "state";
    auto kept = read(state);
    fs::remove(state);
    fs::create_directory(state); // which cannot be read, as any file for which there is no descriptor
    auto asked = on_a_loop(base_tree_of(repository.mirrored, {.commit = repository.base, .past = past}));
    EXPECT_TRUE(sentence(asked).ends_with("is in use, but cannot be read: it is not made anew.")) << sentence(asked);
    EXPECT_EQ(read(lent->folder / "b"), "b\n");
    fs::remove(state);
    write(state, kept);
    EXPECT_EQ(ask()->folder, lent->folder);
    auto place = lent->folder;
    lent.reset();
    fs::remove(state);
    EXPECT_EQ(ask()->folder, place) << "made anew, because nobody has it";
}

TEST_F(shared_checkout, of_the_next_commit_is_made_where_nothing_can_be_taken_from_the_last) {
    fs::remove(ask()->folder / ".git/index");
    next("echo x > x");
    auto made = ask();
    ASSERT_TRUE(made);
    EXPECT_EQ(sentence(on_a_loop(repository.mirrored.make_tree(repository.tree, repository.base, {}, past))), "");
    EXPECT_EQ(listing(made->folder), listing(repository.tree));
}

TEST_F(shared_checkout, that_could_not_be_made_leaves_nothing) {
    EXPECT_NE(sentence(on_a_loop(base_tree_of(repository.mirrored, {.commit = "main", .past = past}))), "");
    EXPECT_NE(sentence(on_a_loop(base_tree_of(repository.mirrored, {.commit = std::string(40, '1'), .past = past}))),
              "");
    auto half = [](fs::path tree) -> awaitable<outcome<void>> {
        write(tree / "half", "of it");
        co_return std::unexpected(failure{error_kind::network, "No."});
    };
    base_tree_wish wish{.commit = repository.base, .past = past, .additions = "more", .add = half};
    EXPECT_EQ(sentence(on_a_loop(base_tree_of(repository.mirrored, wish))), "No.");
    EXPECT_EQ(count(), 0U);
    wish.add = [](fs::path) -> awaitable<outcome<void>> { co_return outcome<void>{}; };
    EXPECT_FALSE(fs::exists(ask(wish)->folder / "half"));
}

TEST_F(shared_checkout, is_made_once_for_all_who_ask_at_the_same_time) {
    int made = 0;
    base_tree_wish wish{.commit = repository.base,
                        .past = past,
                        .additions = "counted",
                        .add = [&](fs::path) -> awaitable<outcome<void>> {
                            ++made;
                            co_return outcome<void>{};
                        }};
    std::vector<std::shared_ptr<const base_tree>> lent;
    on_a_loop([&]() -> awaitable<void> {
        std::vector<background<outcome<std::shared_ptr<const base_tree>>>> all;
        for (int i = 0; i < 3; ++i)
            all.emplace_back(co_await asio::this_coro::executor, base_tree_of(repository.mirrored, wish));
        for (auto& one : all)
            lent.push_back((co_await one.join()).value_or(nullptr));
    }());
    EXPECT_EQ(made, 1);
    for (const auto& one : lent) {
        ASSERT_TRUE(one);
        EXPECT_EQ(one->folder, lent[0]->folder);
    }
    // Each of them keeps it.
    auto later = fs::file_time_type::clock::now() + std::chrono::hours(1);
    while (lent.size() > 1) {
        lent.pop_back();
        on_a_loop(tidy_base_trees({repository.mirrored.folder()}, later));
        EXPECT_EQ(count(), 1U);
    }
}

TEST_F(shared_checkout, that_was_asked_for_last_is_the_last_to_go) {
    std::vector<base_tree_wish> wishes{{.commit = repository.base, .past = past}};
    for (std::size_t i = 1; i < limits::base_trees; ++i) {
        next("echo " + std::to_string(i) + " > b");
        wishes.push_back({.commit = repository.base, .past = past});
    }
    std::vector<fs::path> folders;
    for (const auto& wish : wishes)
        folders.push_back(ask(wish)->folder);
    EXPECT_EQ(count(), limits::base_trees);
    ask(wishes.front());
    auto before = fs::file_time_type::clock::now();
    next("echo last > b");
    auto last = ask()->folder;
    EXPECT_TRUE(fs::exists(folders[0])) << "it was asked for again";
    EXPECT_FALSE(fs::exists(folders[1]));
    EXPECT_EQ(count(), limits::base_trees);
    on_a_loop(tidy_base_trees({repository.mirrored.folder()}, before));
    EXPECT_TRUE(fs::exists(last)) << "somebody asked for it since";
    EXPECT_EQ(count(), 1U);
}
