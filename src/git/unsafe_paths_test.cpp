// Names and links that are harmless where they were made, and something else where the branch is checked out.
#include "git/limits.hpp"
#include "git/testing.hpp"
#include "git/unsafe_paths.hpp"

#include <malloc.h>

using namespace persais;
using namespace persais::git;
using namespace persais::git::testing;

namespace {

using links = std::vector<tree_link>;

std::vector<std::string> out_of(const links& all) {
    std::vector<std::string> paths;
    for (const auto& link : leading_out(all))
        paths.push_back(link.path);
    return paths;
}

using list = std::vector<std::string>;

std::optional<colliding> in_tree(list added, const list& tree) {
    collisions all(std::move(added));
    for (const auto& path : tree)
        all.look_at(path);
    return all.first();
}

/// What an import says of the work of `script`.
outcome<mirror::imported> after(world& w, const std::string& script) {
    EXPECT_TRUE(w.make_tree());
    w.agent(script);
    return w.import();
}

list paths_of(const links& all) {
    list paths;
    for (const auto& link : all)
        paths.push_back(link.path);
    return paths;
}

} // namespace

TEST(leading_out, every_way_out_of_the_tree_is_seen) {
    for (const char* target : {"/etc/passwd",
                               "../x",
                               "a/../../x",
                               "a/b/../../../x",
                               ".git/config",
                               "a/.GIT/hooks",
                               ".git",
                               "git~1/config",
                               ".g\u200cit/config",
                               "..\\x",
                               "C:\\x",
                               "c:x",
                               "\\\\host\\x",
                               "\\x",
                               ".git ",
                               ".git::$INDEX_ALLOCATION",
                               ".. /x",
                               "./../x",
                               "a//../..//x",
                               "/"})
        EXPECT_EQ(out_of({{"link", target}}), list{"link"}) << target;
    for (const char* target : {"x", "a/../x", "./x", "a/b/../..", ".", ".github/x", ".gitignore", "no/such/file", "..x",
                               "a/../a/../x", "git"})
        EXPECT_EQ(out_of({{"link", target}}), list{}) << target;
    EXPECT_EQ(out_of({{"a/b/link", "../../x"}}), list{});
    EXPECT_EQ(out_of({{"a/b/link", "../../../x"}}), list{"a/b/link"});
    EXPECT_EQ(out_of({{"link", std::string(5000, 'a')}}), list{"link"});
}

TEST(leading_out, a_link_is_followed_through_the_links_of_its_tree) {
    EXPECT_EQ(out_of({{"deep/er/here", "../.."}, {"a", "deep/er/here/x"}}), list{});
    EXPECT_EQ(out_of({{"deep/er/here", "../.."}, {"a", "deep/er/here/../x"}}), list{"a"});
    EXPECT_EQ(out_of({{"top", "."}, {"a", "top/top/top/x"}}), list{});
    EXPECT_EQ(out_of({{"out", "../x"}, {"a", "b"}, {"b", "out/y"}}), (list{"out", "a", "b"}));
    EXPECT_EQ(out_of({{"Deep/Er/Here", "../.."}, {"a", "deep/er/HERE/../x"}}), list{"a"});
    EXPECT_EQ(out_of({{"a", "b"}, {"b", "a"}}), list{}) << "leads nowhere";
    // What is deeper on one system leads out on another.
    EXPECT_EQ(out_of({{"l", "x\\y\\z/../../secret"}}), list{"l"}) << "one folder on Linux";
    EXPECT_EQ(out_of({{"d/.../evil", "../.."}, {"d/l", ".../evil/../secret"}}), list{"d/l"}) << "no way up on Linux";
    EXPECT_EQ(out_of({{"A", "x/y"}, {"l", "a/../../secret"}}), list{"l"}) << "another folder on Linux";
    links bomb;
    for (int i = 0; i < 60; ++i)
        bomb.push_back({"l" + std::to_string(i), "l" + std::to_string(i + 1) + "/../l" + std::to_string(i + 1)});
    out_of(bomb);
}

TEST(leading_out, what_would_take_too_long_to_follow_is_taken_to_lead_out) {
    std::string deep; // inside, as long as a link may be
    while (deep.size() < 4000)
        deep += "a/";
    links many;
    for (int i = 0; i < 20; ++i)
        many.push_back({"l" + std::to_string(i), deep});
    auto out = out_of(many);
    EXPECT_GT(out.size(), 10U);
    EXPECT_LT(out.size(), 20U) << "the first ones are followed";
}

TEST(collisions, names_that_are_one_file_elsewhere_are_found) {
    auto found = in_tree({"README"}, {"README", "src/x", "readme"});
    ASSERT_TRUE(found);
    EXPECT_EQ(found->added, "README");
    EXPECT_EQ(found->other, "readme");
    EXPECT_TRUE(in_tree({"a", "A"}, {"A", "a"}));
    EXPECT_TRUE(in_tree({"A"}, {"A", "a/hooks/x"})) << "a file, or a link, with the name of a folder";
    EXPECT_TRUE(in_tree({"a/hooks/x"}, {"A", "a/hooks/x"}));
    EXPECT_TRUE(in_tree({"b/Cafe\u0301"}, {"b/Cafe\u0301", "B/caf\u00e9"}));
    EXPECT_TRUE(in_tree({"PERSAI~1.TOM"}, {".persais.toml", "PERSAI~1.TOM"}));
    EXPECT_TRUE(in_tree({"INFRAS~1/x"}, {"INFRAS~1/x", "infrastructure/x"}));
    EXPECT_FALSE(in_tree({"README"}, {"README", "src/readme", "README.md"}));
    EXPECT_FALSE(in_tree({"src/b"}, {"src/a", "src/b", "SRC.txt"}));
    EXPECT_FALSE(in_tree({"x"}, {"B", "b", "x"})) << "the base's own";
    EXPECT_FALSE(in_tree({"a~1/x"}, {"a/x", "a~1/x", "b"}));
    EXPECT_FALSE(in_tree({"a/LONGNA~1"}, {"a/LONGNA~1", "b/longname-of-another"}));
    EXPECT_TRUE(in_tree({"A/LONGNA~1"}, {"A/LONGNA~1", "a/longname-of-it"}));
}

TEST(collisions, thousands_of_short_names_are_looked_up_and_not_compared_one_by_one) {
    list all;
    for (int i = 0; i < 20'000; ++i)
        all.push_back("longna~1." + std::to_string(i % 1000) + "/" + std::to_string(i));
    EXPECT_FALSE(in_tree(all, all));
    all.push_back("long name.999-and-more");
    auto added = all;
    added.pop_back();
    EXPECT_TRUE(in_tree(added, all));
}

TEST(collisions, folders_in_one_another_cost_their_names_and_not_their_paths) {
    list deep;
    for (int i = 0; i < 50; ++i) {
        auto path = std::to_string(i) + "/";
        for (int n = 0; n < 1000; ++n)
            path += "a~1/"; // each may be a short name
        deep.push_back(path + "x");
    }
    auto before = ::mallinfo2().uordblks;
    collisions all(deep);
    auto took = ::mallinfo2().uordblks - before; // 50,000 names; as paths they would be 200 MB, twice
    EXPECT_LT(took, 40'000'000U);
    for (const auto& path : deep)
        all.look_at(path);
    EXPECT_FALSE(all.first());
    deep.back().back() = 'X';
    all.look_at(deep.back());
    EXPECT_TRUE(all.first());
}

TEST(unsafe_paths, new_links_that_lead_out_are_told_and_those_of_the_base_are_not) {
    world w("ln -s /etc/hosts old; ln -s ../.. odd; mkdir d; echo x > d/f; ln -s d in; ln -s d/../.. through");
    auto quiet = after(w, "echo y > d/f; ln -s d/f fine; ln -s in/f fine2");
    ASSERT_TRUE(quiet) << sentence(quiet);
    EXPECT_EQ(paths_of(quiet->links_out), list{});
    auto taken = after(w, "ln -s /etc/passwd a; ln -s .git/config b; ln -s ../../../x c; mkdir n; ln -s ../../x n/d;"
                          "ln -s old e; rm odd; ln -s ../../.. odd; rm in; ln -s .. in");
    ASSERT_TRUE(taken) << sentence(taken);
    EXPECT_EQ(paths_of(taken->links_out), (list{"a", "b", "c", "e", "in", "n/d", "odd"}));
    EXPECT_EQ(taken->links_out.at(0).target, "/etc/passwd");
}

TEST(unsafe_paths, an_untouched_link_that_is_turned_out_of_the_tree_is_told) {
    world w("mkdir -p p/q/dir; echo x > p/q/dir/f; echo t > t; ln -s p/q/dir/../../../t l");
    auto taken = after(w, "rm -r p/q/dir; ln -s ../.. p/q/dir");
    ASSERT_TRUE(taken) << sentence(taken);
    EXPECT_EQ(paths_of(taken->links_out), list{"l"});
}

TEST(unsafe_paths, the_files_after_a_change_are_those_that_git_lists) {
    world w("mkdir -p a/b d; for f in a.b a/b/c a/f a0 d/e z; do echo $f > $f; done");
    ASSERT_EQ(sentence(w.make_tree()), "");
    w.agent("rm a/f d/e; rmdir d; echo d > d; echo n > a/b.x; echo n > A; echo n > zz; echo more >> z; rm a0; mkdir "
            "a0; echo n > a0/n");
    auto seen = on_a_loop(look_again(w.tree, w.remembered(), w.base));
    ASSERT_TRUE(seen && seen->base);
    auto taken = w.import();
    ASSERT_TRUE(taken) << sentence(taken);
    std::string listed;
    for (auto path : files_after(*seen->base, seen->gone, {"zz", "d", "A", "a/b.x", "a0/n"}))
        listed.append(path) += '\n';
    EXPECT_EQ(listed, w.in_mirror("ls-tree -r --name-only " + taken->commit) + "\n");
}

TEST(unsafe_paths, two_names_of_one_file_are_told) {
    world w;
    auto taken = after(w, "echo x > A.TXT");
    ASSERT_TRUE(taken) << sentence(taken);
    ASSERT_TRUE(taken->collides);
    EXPECT_EQ(taken->collides->added, "A.TXT");
    EXPECT_EQ(taken->collides->other, "a.txt");
    auto renamed = after(w, "mv a.txt A.TXT; echo more >> src/x.py");
    ASSERT_TRUE(renamed) << sentence(renamed);
    EXPECT_FALSE(renamed->collides);
}

TEST(size_of_work, a_tracked_file_that_grows_over_the_limit_is_refused) {
    world w;
    for (const char* grow : {"truncate -s 3G a.txt", "truncate -s 600M a.txt src/x.py", "truncate -s 600M a.txt new"}) {
        auto taken = after(w, grow);
        ASSERT_FALSE(taken) << grow;
        EXPECT_EQ(taken.error().kind, error_kind::too_large) << sentence(taken);
        EXPECT_NE(taken.error().sentence.find("new and changed files"), std::string::npos) << sentence(taken);
    }
    auto small = after(w, "truncate -s 3M a.txt");
    ASSERT_TRUE(small) << sentence(small);
    EXPECT_EQ(small->paths, list{"a.txt"});
}

TEST(attributes_of_a_change, hide_nothing_of_it) {
    world w("printf 'one\\ntwo\\n' > a.txt; echo '*.dat binary' > .gitattributes; echo d > b.dat;"
            "echo k > k.txt; git init -q ../lib; (cd ../lib; echo l > l; git add l; git commit -qm l);"
            "git -c protocol.file.allow=always submodule --quiet add ../lib lib;"
            "printf '\\tignore = all\\n' >> .gitmodules");
    for (const char* said : {"-diff", "binary", "-text -diff linguist-generated", "diff=x",
                             "export-ignore export-subst", "whitespace=-trailing-space", "filter=x diff=astextplain"}) {
        auto taken = after(w, "printf '* " + std::string(said) +
                                  "\\n' > .gitattributes; echo three >> a.txt;"
                                  "mkdir d; cp .gitattributes d/; chmod +x k.txt; echo e >> b.dat");
        ASSERT_TRUE(taken) << sentence(taken);
        auto diff = on_a_loop(w.mirrored.diff(w.base, taken->commit, 1 << 20));
        ASSERT_TRUE(diff);
        EXPECT_NE(diff->find("+three"), std::string::npos) << said << *diff;
        EXPECT_NE(diff->find("+e\n"), std::string::npos) << said << *diff;
        EXPECT_NE(diff->find("new mode 100755"), std::string::npos) << said << *diff;
        EXPECT_EQ(diff->find("Binary"), std::string::npos) << said << *diff;
        EXPECT_EQ(taken->stat.files, 5) << said;
        EXPECT_EQ(taken->stat.insertions, 4) << said;
    }
}
