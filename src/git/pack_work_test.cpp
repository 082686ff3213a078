// Work that is read without a sandbox: what is read, what is not, and that it comes out as from the whole import.
#include "git/limits.hpp"
#include "git/pack_work.hpp"
#include "git/testing.hpp"
#include "git/upper_look.hpp"

#include <sys/stat.h>
#include <tuple>

using namespace persais;
using namespace persais::git;
using namespace persais::git::testing;

namespace {

using list = std::vector<std::string>;

/// It fails whoever asks for a sandbox.
class no_sandbox final : public sandbox::backend {
public:
    sandbox::isolation_level level() const override { return sandbox::isolation_level::refused; }
    sandbox::child_spec confine(sandbox::child_spec, const sandbox::view&) const override {
        throw std::logic_error("a sandbox is asked for");
    }
    void hand_over(const fs::path&, unsigned) const override {}
    std::string inside(const sandbox::view&, const fs::path& host) const override { return host; }
};

/// Both ways of a tree that is there, and of a layered one where this machine has them.
struct work : ::testing::TestWithParam<bool> {
    world w{
        "mkdir -p d/e empty.d src; for f in a d/a d/e/a src/x; do echo $f > $f; done; printf '*.o\\n/top\\nout/\\n' > "
        ".gitignore; printf '!keep.o\\n*.tmp\\n' > d/.gitignore; ln -s a l; printf '#!/bin/sh\\n' > run; chmod +x run"};
    void SetUp() override {
        if (GetParam() && w.layers() == sandbox::layering::none) GTEST_SKIP() << "layers cannot be used here";
    }
    void change(const std::string& script) {
        if (GetParam())
            ASSERT_EQ(sentence(w.make_layered_tree()), "");
        else
            ASSERT_EQ(sentence(w.make_tree()), "");
        w.agent(script);
    }
    std::optional<tree_look> look() {
        return on_a_loop(GetParam() ? look_at_upper(w.over, w.base) : look_again(w.tree, w.remembered(), w.base));
    }
    std::optional<work_files> read() {
        auto seen = look();
        EXPECT_TRUE(seen);
        return on_a_loop(read_work(*seen, w.tree, w.over));
    }
    outcome<mirror::imported> without_a_sandbox(const std::string& script) {
        SCOPED_TRACE(script);
        change(script);
        try {
            return w.import_with(no_sandbox{});
        } catch (const std::logic_error& e) {
            return std::unexpected(failure{error_kind::other, e.what()});
        }
    }
    /// The same work in a checkout of its own, which is read whole by the confined git.
    outcome<mirror::imported> whole(const std::string& script) {
        w.over = {};
        EXPECT_EQ(sentence(w.make_tree()), "");
        w.agent(script);
        fs::remove(w.remembered());
        return w.import();
    }
};
INSTANTIATE_TEST_SUITE_P(trees, work, ::testing::Bool(),
                         [](const auto& of) { return of.param ? "layered" : "of_its_own"; });

list names(const std::vector<work_file>& files) {
    list all;
    for (const auto& file : files)
        all.push_back(file.path);
    std::ranges::sort(all);
    return all;
}

} // namespace

TEST_P(work, that_is_plain_asks_for_no_sandbox_and_makes_the_same_commit) {
    for (const auto& script : list{
             "echo more >> a; echo n > d/n",
             "rm -r d; echo f > d; chmod +x a; chmod -x run; rm l; ln -s nowhere l; ln -s src new.l",
             "echo o > x.o; echo k > d/keep.o; echo t > d/e/t.tmp; mkdir out d/out; echo o > out/a; echo o > d/out/a",
             "rm d/.gitignore; echo t > d/t.tmp; echo k > d/keep.o; mkdir -p new/deep; echo '*' > new/.gitignore; echo "
             "i > "
             "new/deep/i; echo t > top; mkdir d/top.d; echo t > d/top",
             "mkdir __pycache__; echo p > __pycache__/p; echo n > .aider.chat; echo y > src/y.pyc; : > none",
             "printf x > \"$(printf 'new\\nline')\"; printf y > \"$(printf 'q\"\\\\uote\\t\\344')\"; echo m > "
             "':(top)a'; echo g "
             "> ':x'; echo s > '*'; echo d > -rf; printf z > 'sp ace '",
             "echo more >> a; git add -A; git commit -qm mine; rm -rf .git/hooks",
             "printf 'a\\r\\nb\\0c' > binary; printf '' > a; truncate -s 100000 d/a",
         }) {
        auto fast = without_a_sandbox(script);
        ASSERT_TRUE(fast) << script << ": " << sentence(fast);
        EXPECT_FALSE(fast->paths.empty()) << script;
        auto slow = whole(script);
        ASSERT_TRUE(slow) << sentence(slow);
        EXPECT_EQ(fast->commit, slow->commit) << script;
        EXPECT_EQ(fast->paths, slow->paths) << script;
        EXPECT_EQ(fs::exists(w.task / "home.import"), false) << "it leaves nothing";
    }
}

TEST_P(work, that_comes_to_nothing_is_the_base) {
    for (const auto& script : list{"cp a b; mv b a", "echo o > x.o", "chmod 600 a; touch d/a", "mkdir -p m/n"}) {
        auto taken = without_a_sandbox(script);
        ASSERT_TRUE(taken) << sentence(taken);
        EXPECT_EQ(taken->commit, w.base) << script;
    }
}

TEST_P(work, that_the_mirror_has_already_is_the_same_commit) {
    auto script = "echo more >> a; echo n > d/n";
    auto first = without_a_sandbox(script);
    ASSERT_TRUE(first) << sentence(first);
    no_sandbox none;
    auto again = w.import_with(none); // a step that is repeated after a crash
    ASSERT_TRUE(again) << sentence(again);
    EXPECT_EQ(again->commit, first->commit);
    mirror::import_spec later{.tree = w.tree,
                              .base = w.base,
                              .who = {},
                              .when = time_point(std::chrono::seconds(1'760'000'000)),
                              .message = "Change it again",
                              .keep_as = "refs/persais/tasks/8/work",
                              .remembered = w.remembered()};
    auto other = on_a_loop(w.mirrored.import(later, none, w.as_view())); // but for the commit
    ASSERT_TRUE(other) << sentence(other);
    EXPECT_NE(other->commit, first->commit);
    EXPECT_EQ(other->paths, first->paths);
    EXPECT_EQ(w.in_mirror("log -1 --format=%s " + other->commit), "Change it again");
    EXPECT_EQ(shell(w.mirrored.folder(), "find git incoming -name 'tmp_*' -o -path 'incoming/*'"), "")
        << "a pack was spoilt";
}

TEST_P(work, is_read_as_it_is_and_links_are_not_followed) {
    change("echo more >> a; rm -r src; ln -s /etc src; ln -s /etc/passwd p; mkdir n; ln -s ../a n/l; mkfifo n/pipe");
    auto files = read();
    ASSERT_TRUE(files);
    EXPECT_EQ(names(files->touched), list{"a"});
    EXPECT_EQ(files->touched.front().bytes, "a\nmore\n");
    EXPECT_EQ(names(files->fresh), (list{"n/l", "p", "src"}));
    for (const auto& file : files->fresh) {
        EXPECT_EQ(file.mode, 0120000U) << file.path;
        EXPECT_LT(file.bytes.size(), 12U) << file.path << " was followed";
    }
    EXPECT_EQ(files->ignores.at(".gitignore"), "*.o\n/top\nout/\n");
}

TEST_P(work, that_is_not_as_it_was_seen_is_left_to_the_sandbox) {
    change("echo more >> a; mkdir n; echo n > n/n");
    auto seen = look();
    ASSERT_TRUE(seen);
    auto top = GetParam() ? w.over.upper / "files" : w.tree;
    auto now = [&] { return on_a_loop(read_work(*seen, w.tree, w.over)).has_value(); };
    EXPECT_TRUE(now());
    fs::rename(top / "n", top / "m");
    EXPECT_FALSE(now()) << "it is gone";
    fs::create_directory_symlink("m", top / "n");
    EXPECT_TRUE(now()) << "the link itself is the work";
    fs::remove(top / "n");
    fs::rename(top / "m", top / "n");
    fs::remove(top / "a");
    EXPECT_FALSE(now());
    ASSERT_EQ(::mkfifo((top / "a").c_str(), 0600), 0);
    EXPECT_FALSE(now()) << "and it does not wait for who writes into it";
    fs::remove(top / "a");
    fs::create_symlink("/etc/passwd", top / "a");
    EXPECT_TRUE(now());
    fs::create_directories(top / "elsewhere");
    seen->touched = {"s/x"};
    fs::create_directory_symlink("n", top / "s");
    write(top / "n/x", "x");
    EXPECT_FALSE(now()) << "a folder is no link";
}

TEST_P(work, that_is_large_is_left_to_the_sandbox) {
    change("truncate -s " + std::to_string(limits::import_read_bytes + 1) + " large");
    EXPECT_FALSE(read());
    change("truncate -s " + std::to_string(limits::import_read_bytes / 2) + " one two; echo x > three");
    EXPECT_FALSE(read());
    change("mkdir many; cd many; seq " + std::to_string(limits::import_read_files + 1) + " | xargs touch");
    EXPECT_FALSE(read());
}

TEST_P(work, whose_names_no_commit_may_have_is_refused_as_before) {
    for (const auto& script : list{"mkdir .GIT; echo x > .GIT/config", "echo x > git~1", "rm a; ln -s x .gitmodules"}) {
        change(script);
        auto fast = w.import();
        auto slow = whole(script);
        EXPECT_EQ(sentence(fast), sentence(slow)) << script;
        if (fast && slow) EXPECT_EQ(fast->commit, slow->commit) << script;
    }
}

TEST(work_with_attributes, asks_for_the_sandbox) {
    world w("printf '* text\\n' > .gitattributes; printf 'a\\n' > a.txt; mkdir src; echo x > src/x.py");
    ASSERT_EQ(sentence(w.make_tree()), "");
    w.agent("printf 'b\\r\\n' > a.txt");
    EXPECT_THROW(std::ignore = w.import_with(no_sandbox{}), std::logic_error);
    auto taken = w.import();
    ASSERT_TRUE(taken) << sentence(taken);
    EXPECT_EQ(w.in_mirror("show " + taken->commit + ":a.txt"), "b");
}

TEST(work_of_sha256, makes_such_objects) {
    world w("echo a > a; mkdir d; echo b > d/b", "sha256");
    ASSERT_EQ(sentence(w.make_tree()), "");
    w.agent("echo A > a; echo n > n");
    auto taken = w.import_with(no_sandbox{});
    ASSERT_TRUE(taken) << sentence(taken);
    EXPECT_EQ(taken->paths, (list{"a", "n"}));
    EXPECT_EQ(taken->commit.size(), 64U);
}
