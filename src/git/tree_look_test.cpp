#include "git/index_file.hpp"
#include "git/testing.hpp"

using namespace persais;
using namespace persais::git;
using namespace persais::git::testing;

namespace {

using list = std::vector<std::string>;

/// What is to be looked at after `script`; the test fails when everything is.
tree_look look_after(world& w, const std::string& script) {
    EXPECT_TRUE(w.make_tree());
    EXPECT_TRUE(fs::exists(w.remembered()));
    w.agent(script);
    auto seen = on_a_loop(look_again(w.tree, w.remembered(), w.base));
    EXPECT_TRUE(seen) << script;
    return seen.value_or(tree_look{});
}

bool asks_for_everything(world& w, const std::string& script) {
    EXPECT_TRUE(w.make_tree());
    w.agent(script);
    return !on_a_loop(look_again(w.tree, w.remembered(), w.base));
}

} // namespace

TEST(tree_look, only_what_a_program_did_is_looked_at) {
    world w("echo a > a.txt; mkdir -p d/e; echo b > d/e/b; echo c > d/c; ln -s a.txt l; echo '*.o' > .gitignore; echo "
            "t > t");
    EXPECT_TRUE(look_after(w, ":").nothing());
    auto seen =
        look_after(w, "echo A > a.txt; rm d/e/b; echo n > d/e/n; mkdir new; echo o > new/o; ln -sfn d l; chmod +x t");
    EXPECT_EQ(seen.touched, (list{"a.txt", "l", "t"}));
    EXPECT_EQ(seen.gone, list{"d/e/b"});
    EXPECT_EQ(seen.fresh, (list{"d/e/n", "new"}));
    EXPECT_FALSE(seen.attributes);
    seen = look_after(w, "rm -r d; echo f > d; rm a.txt; mkdir a.txt; echo i > a.txt/i");
    EXPECT_EQ(seen.gone, (list{"a.txt", "d/c", "d/e/b"}));
    EXPECT_EQ(seen.fresh, (list{"a.txt", "d"}));
}

TEST(tree_look, an_edit_cannot_be_hidden_by_time_size_or_place) {
    world w("echo one > a; echo two > b; mkdir x y; echo xx > x/f; echo yy > y/f");
    auto seen = look_after(w, "touch -r a .git/keep; echo ONE > a; touch -r .git/keep a;"
                              "mv x z; mv y x; mv z y; echo TWO > .git/b; touch -r b .git/b; mv .git/b b");
    EXPECT_EQ(seen.touched, (list{"a", "b", "x/f", "y/f"}));
    auto taken = w.import();
    ASSERT_TRUE(taken) << sentence(taken);
    EXPECT_EQ(taken->paths, (list{"a", "b", "x/f", "y/f"}));
    EXPECT_EQ(w.in_mirror("show " + taken->commit + ":a"), "ONE");
}

TEST(tree_look, what_needs_the_whole_import_asks_for_it) {
    world w("echo a > a.txt; mkdir d; echo b > d/b; echo '*.txt text' > .gitattributes");
    EXPECT_FALSE(asks_for_everything(w, "echo more >> a.txt"));
    for (const char* script :
         {"echo >> .gitattributes", "rm .gitattributes", "echo x > d/.gitattributes",
          "mkdir n; echo x > n/.gitattributes", "git init -q inner", "git init -q d", "mkdir n; git init -q n/inner",
          "chmod 000 a.txt", "chmod 500 d", "rm a.txt; mkfifo a.txt", "truncate -s 2G large",
          "mkdir n; cd n; seq 20001 | xargs touch"})
        EXPECT_TRUE(asks_for_everything(w, script)) << script;
    world with_submodule("git init -q ../lib; (cd ../lib; echo l > l; git add l; git commit -qm l);"
                         "git -c protocol.file.allow=always submodule --quiet add ../lib lib");
    EXPECT_TRUE(asks_for_everything(with_submodule, ":"));
}

TEST(tree_look, an_index_that_it_does_not_know_is_none) {
    world w;
    ASSERT_TRUE(w.make_tree());
    auto index = read(w.tree / ".git/index");
    ASSERT_TRUE(index_file::parse(index));
    EXPECT_EQ(index_file::parse(index)->entries().size(), 2U);
    for (std::size_t n = 0; n < index.size(); ++n)
        index_file::parse(index.substr(0, n)); // none of them may be read beyond its end
    EXPECT_FALSE(index_file::parse(index.substr(0, index.size() - 1)));
    shell(w.tree, "git update-index --index-version 4");
    EXPECT_FALSE(index_file::parse(read(w.tree / ".git/index")));
    shell(w.tree, "git update-index --index-version 2; git update-index --split-index");
    EXPECT_FALSE(index_file::parse(read(w.tree / ".git/index")));
    EXPECT_FALSE(index_file::parse(""));
}

TEST(tree_look, another_base_than_the_one_that_was_written_down_asks_for_everything) {
    world w;
    ASSERT_TRUE(w.make_tree());
    EXPECT_FALSE(on_a_loop(look_again(w.tree, w.remembered(), std::string(40, '1'))));
    EXPECT_FALSE(on_a_loop(look_again(w.tree, w.folder.path() / "none", w.base)));
}
