// A tree that is a checkout of its own, and one of layers: the same programs, and the same import. The list of changes
// is that of everything that leaves something else in an upper layer.
#include "git/limits.hpp"
#include "git/testing.hpp"
#include "git/upper_look.hpp"

#include <sys/xattr.h>

using namespace persais;
using namespace persais::git;
using namespace persais::git::testing;

namespace {

using list = std::vector<std::string>;

constexpr const char* repository =
    "mkdir -p d/e/f a/b x other; for f in d/c d/e/b d/e/f/g a/f a/b/f a.b a0 x/f other/f t; do echo $f > $f; done; "
    "ln -s t l; printf '#!/bin/sh\\n' > run; chmod +x run; printf '*.o\\nignored/\\n' > .gitignore; echo '*.tmp' > "
    "d/.gitignore; "
    "printf x > \"$(printf 'new\\nline')\"; printf 'a\\r\\nb\\r\\n' > crlf.txt";

std::string python(const std::string& script) {
    return "python3 -c \"import os; " + script + "\"";
}
std::string moved(const std::string& from, const std::string& to) {
    return python("os.rename('" + from + "', '" + to + "')");
}

/// What an import made of it.
std::string told_of(const outcome<mirror::imported>& taken) {
    if (!taken) return taken.error().sentence;
    std::string said = taken->commit;
    auto all = [&](const char* what, const auto& names) {
        for (const auto& name : names)
            said += "\n" + std::string(what) + " " + name;
    };
    all("path", taken->paths);
    all("left out", taken->left_out);
    return said;
}

struct layered : ::testing::Test {
    world w{repository};
    void SetUp() override {
        if (w.layers() == sandbox::layering::none) GTEST_SKIP() << "layers cannot be used here";
    }
    std::optional<tree_look> look_after(const std::string& script) {
        EXPECT_EQ(sentence(w.make_layered_tree()), "");
        w.agent(script);
        return on_a_loop(look_at_upper(w.over, w.base));
    }
    /// As from a checkout that is read whole. What is left to the whole import is what a look at a checkout leaves to
    /// it, and what was a part of the tree's repository.
    void expect_the_same(const std::string& script) {
        SCOPED_TRACE(script);
        w.over = {};
        ASSERT_EQ(sentence(w.make_tree()), "");
        w.agent(script);
        bool plain = on_a_loop(look_again(w.tree, w.remembered(), w.base)).has_value();
        fs::remove(w.remembered());
        auto whole = told_of(w.import());
        auto seen = look_after(script);
        EXPECT_EQ(seen.has_value(), plain && script.find(".git/info") == script.npos)
            << "what is left to the whole import";
        EXPECT_EQ(told_of(w.import()), whole);
    }
};

} // namespace

TEST_F(layered, what_programs_change_is_imported_as_from_a_checkout_of_its_own) {
    std::vector<std::string> scripts{
        ":",
        "echo more >> t; chmod +x a.b; chmod -x run; ln a0 hard; chmod 700 x; touch d/c x/f; rm d/e/b; mv other/f "
        "other/g",
        "rm -r d; mkdir d; rm t; mkdir t; echo i > t/i; rm l; ln -s elsewhere l; rm -r a; ln -s x a; rm x/f; ln -s .. "
        "x/f",
        "rm -r d; echo f > d; git mv t u; git rm -q a.b; mkdir -p new ignored deep/er; "
        "for f in new/o ignored/o deep/er/x.o deep/er/x; do echo o > $f; done",
        "rm -r d; mkdir -p d/e; echo n > d/e/b; echo n > d/n; mv a/f a/b/g; rm -r other; mkdir other; mv x/f other/f",
        "rm .gitignore; echo o > x.o; rm d/.gitignore; echo t > d/x.tmp",
        "echo '!x.o' >> .gitignore; echo o > x.o; echo o > y.o; echo t > d/x.tmp",
        "echo y > \"$(printf 'new\\nline')\"; printf x > \"$(printf 'latin\\344')\"; mkfifo pipe; mkdir only; "
        "mkfifo only/pipe; mv t .git/t; mv .git/t t; echo T > t; touch -r a.b t; tr -d '\\r' < crlf.txt > n; mv n "
        "crlf.txt",
        "rm t; mkfifo t",
        "echo '* text' > .gitattributes",
        "git init -q inner; git init -q d",
        "chmod 000 t",
        "chmod 500 d",
        "echo mine >> t; git add -A; git commit -qm mine; echo more >> t; git checkout -q -b b; git rm -q d/c",
        "rm -rf .git; echo more >> t",
        "truncate -s 2G large",
        "rm -rf ./* .gitignore",
    };
    for (const auto& script : scripts)
        expect_the_same(script);
}

TEST_F(layered, folders_that_were_moved_are_imported_as_from_a_checkout_of_its_own) {
    if (w.layers() != sandbox::layering::whole) GTEST_SKIP() << "no folder of a lower layer is moved here";
    for (const auto& script :
         {moved("d", "new") + "; " + moved("a/b", "x/b"), "mkdir n; " + moved("d", "n/d") + "; " + moved("n/d/e", "e"),
          // in the place of another one
          "rm -r other; " + moved("d", "other") + "; rm -r a; " + moved("x", "a"),
          moved("a", "z") + "; " + moved("d", "a") + "; " + moved("z", "d"),
          "rm -r other; " + moved("x", "other") + "; echo more >> other/f; mkdir x; echo x/f > x/f",
          "rm -r d/e; " + moved("a", "d/e") + "; rm d/e/b/f",
          // again and again, and within what was moved
          moved("d", "1") + "; " + moved("1/e", "1/2") + "; " + moved("1", "3") + "; " + moved("3/2/f", "f"),
          moved("d", "1") + "; " + moved("1", "d") + "; " + moved("a/b", "b") + "; " + moved("b", "a/b") +
              "; echo x > a/b/f",
          moved("d", "1") + "; rm 1/c; rm -r 1/e; mkdir 1/e; echo n > 1/e/b", "rm t; " + moved("d", "t"),
          moved("d", "ignored") + "; mkdir n; echo x > n/x; rm -r x; " + moved("n", "x"),
          "mkdir d/n; echo x > d/n/x; " + moved("d/n", "n") + "; " + moved("d", "n/d"),
          moved("d", "1") + "; chmod 500 1", moved("d", "1") + "; git init -q 1/e", moved(".git/info", "info")})
        expect_the_same(script);
}

TEST_F(layered, only_what_programs_did_is_looked_at) {
    auto none = look_after("cat t; ls -R > /dev/null; git status > /dev/null");
    ASSERT_TRUE(none);
    EXPECT_TRUE(none->nothing());
    auto seen = look_after(
        "echo A > a.b; rm d/e/b; echo n > d/e/n; mkdir new; echo o > new/o; ln -sfn d l; rm -r a; echo f > a");
    ASSERT_TRUE(seen);
    EXPECT_EQ(seen->touched, (list{"a.b", "l"}));
    EXPECT_EQ(seen->gone, (list{"a/b/f", "a/f", "d/e/b"}));
    EXPECT_EQ(seen->fresh, (list{"a", "d/e/n", "new"}));
    EXPECT_FALSE(seen->attributes);
    EXPECT_FALSE(on_a_loop(look_at_upper(w.over, std::string(40, '1')))) << "another base";
    auto two = w.over;
    two.lower.push_back(two.lower.front());
    EXPECT_FALSE(on_a_loop(look_at_upper(two, w.base))) << "other layers";
}

TEST_F(layered, no_program_says_what_the_kernel_notes_about_a_folder) {
    // As root the notes have another name, and these are a program's own; in a user namespace they are refused or put
    // aside.
    auto forge = python("[os.setxattr('d', 'user.overlay.' + name, value) for name, value in "
                        "(('opaque', b'y'), ('redirect', b'/a'))]") +
                 " 2> /dev/null; ";
    expect_the_same(forge + "echo more >> d/c; mkdir n; " + python("os.setxattr('n', 'user.overlay.redirect', b'/d')") +
                    " 2> /dev/null; echo n > n/n");
    // Nor does it make what stands for a removed file.
    expect_the_same("! mknod gone c 0 0; rm t; ! mknod t c 0 0");
}

TEST_F(layered, as_much_as_is_there_counts_also_when_it_was_only_moved) {
    if (w.layers() != sandbox::layering::whole) GTEST_SKIP() << "no folder of a lower layer is moved here";
    world large("mkdir many; cd many; seq " + std::to_string(limits::import_files + 1) + " | xargs touch");
    ASSERT_EQ(sentence(large.make_layered_tree()), "");
    large.agent(moved("many", "new"));
    EXPECT_FALSE(on_a_loop(look_at_upper(large.over, large.base)));
}
