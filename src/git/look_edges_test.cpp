// What the comparison of a tree with its base makes of names, links and folders that nobody would make by accident.
#include "git/limits.hpp"
#include "git/testing.hpp"

using namespace persais;
using namespace persais::git;
using namespace persais::git::testing;

namespace {

using list = std::vector<std::string>;

std::optional<tree_look> look_after(world& w, const std::string& script) {
    EXPECT_TRUE(w.make_tree());
    EXPECT_TRUE(fs::exists(w.remembered()));
    w.agent(script);
    auto seen = on_a_loop(look_again(w.tree, w.remembered(), w.base));
    if (seen) std::ranges::sort(seen->fresh);
    return seen;
}

} // namespace

TEST(look_edges, names_that_sort_around_a_folders_are_those_of_files) {
    world w("mkdir d; for f in d-x d.x d0 d/a d/b-c; do echo $f > $f; done; mkdir d/b; echo i > d/b/i");
    EXPECT_TRUE(look_after(w, ":")->nothing());
    auto seen = look_after(w, "echo x > d.x; rm d-x; echo x > d/b/i; echo x > d-y; echo x > d/b-d");
    ASSERT_TRUE(seen);
    EXPECT_EQ(seen->touched, (list{"d.x", "d/b/i"}));
    EXPECT_EQ(seen->gone, list{"d-x"});
    EXPECT_EQ(seen->fresh, (list{"d-y", "d/b-d"}));
}

TEST(look_edges, any_bytes_are_a_name) {
    world w("printf x > \"$(printf 'new\\nline')\"; printf x > \"$(printf 'latin\\344')\"; printf x > ' '");
    auto seen = look_after(w, "printf y > \"$(printf 'new\\nline')\"; rm \"$(printf 'latin\\344')\"; "
                              "printf y > \"$(printf '\\\\\\t\"\\377')\"; mkdir \"$(printf 'f\\ng')\"; touch -- -rf");
    ASSERT_TRUE(seen);
    EXPECT_EQ(seen->touched, list{"new\nline"});
    EXPECT_EQ(seen->gone, list{"latin\344"});
    EXPECT_EQ(seen->fresh, (list{"-rf", "\\\t\"\377", "f\ng"}));
    auto taken = w.import();
    ASSERT_TRUE(taken) << sentence(taken);
    EXPECT_EQ(taken->paths, (list{"-rf", "\\\t\"\377", "latin\344", "new\nline"}));
}

TEST(look_edges, a_link_is_not_followed_wherever_it_leads) {
    world w("mkdir d; echo a > d/a; echo f > f");
    auto seen = look_after(w, "mkdir .git/there; mv d/a .git/there/a; rmdir d; ln -s .git/there d; "
                              "ln -s /etc outside; ln -s loop loop; ln -s nowhere broken; rm f; ln -s /etc/passwd f");
    ASSERT_TRUE(seen);
    EXPECT_EQ(seen->gone, list{"d/a"}) << "it is seen through the link";
    EXPECT_EQ(seen->touched, list{"f"});
    EXPECT_EQ(seen->fresh, (list{"broken", "d", "loop", "outside"}));
}

TEST(look_edges, what_no_commit_can_have_is_not_there) {
    world w;
    auto seen = look_after(w, "mkfifo pipe; mkdir only; mkfifo only/pipe; "
                              "python3 -c \"import socket; socket.socket(socket.AF_UNIX).bind('src/sock')\"");
    ASSERT_TRUE(seen);
    EXPECT_EQ(seen->fresh, list{"only"}) << "git finds nothing in it";
    auto taken = w.import();
    ASSERT_TRUE(taken) << sentence(taken);
    EXPECT_TRUE(taken->paths.empty());
}

TEST(look_edges, another_name_of_the_same_file_is_no_edit_that_is_lost) {
    world w("echo one > a; echo two > b");
    // The change time of what is linked changes; and who writes to the link writes to the file.
    auto seen = look_after(w, "ln a c; ln b .git/b; printf TWO > .git/b; touch -d @1 .git/b");
    ASSERT_TRUE(seen);
    EXPECT_EQ(seen->touched, (list{"a", "b"}));
    EXPECT_EQ(seen->fresh, list{"c"});
    auto taken = w.import();
    ASSERT_TRUE(taken) << sentence(taken);
    EXPECT_EQ(taken->paths, (list{"b", "c"}));
    EXPECT_EQ(w.in_mirror("show " + taken->commit + ":b"), "TWO");
}

TEST(look_edges, a_tree_of_the_depth_that_is_allowed_is_looked_at_and_a_deeper_one_not) {
    auto folders = [](int depth) {
        std::string path = "d";
        for (int i = 1; i < depth; ++i)
            path += "/d";
        return path;
    };
    world w;
    auto most = limits::import_depth + 1; // the first one is in the tree itself
    auto seen = look_after(w, "mkdir -p " + folders(most) + "; echo x > " + folders(most) + "/x");
    ASSERT_TRUE(seen);
    EXPECT_EQ(seen->fresh, list{"d"});
    EXPECT_FALSE(look_after(w, "mkdir -p " + folders(most + 1)));
    world deep("mkdir -p " + folders(limits::import_depth + 1) + "; echo x > " + folders(limits::import_depth + 1) +
               "/x");
    EXPECT_TRUE(deep.make_tree());
    EXPECT_FALSE(on_a_loop(look_again(deep.tree, deep.remembered(), deep.base)));
}

TEST(look_edges, a_folder_that_is_gone_takes_its_rules_with_it) {
    world w("mkdir -p d/e; echo a > d/e/a; echo '*.o' > d/.gitignore; mkdir r; echo '* text' > r/.gitattributes; "
            "echo x > r/x");
    auto seen = look_after(w, "rm -r d");
    ASSERT_TRUE(seen);
    EXPECT_TRUE(seen->attributes);
    EXPECT_EQ(seen->gone, (list{"d/.gitignore", "d/e/a"}));
    EXPECT_FALSE(look_after(w, "rm -r r")) << "git would store other bytes now";
    EXPECT_FALSE(look_after(w, "rm -r r; echo f > r"));
    EXPECT_FALSE(look_after(w, "mv r s"));
}

TEST(look_edges, what_was_written_down_is_read_whole_or_not_at_all) {
    world w;
    ASSERT_TRUE(w.make_tree());
    auto whole = read(w.remembered());
    EXPECT_TRUE(on_a_loop(look_again(w.tree, w.remembered(), w.base)));
    for (auto size : {std::size_t(0), w.base.size(), w.base.size() + 1, whole.size() / 2, whole.size() - 1}) {
        write(w.remembered(), whole.substr(0, size));
        EXPECT_FALSE(on_a_loop(look_again(w.tree, w.remembered(), w.base))) << size;
    }
    write(w.remembered(), whole);
    EXPECT_FALSE(on_a_loop(look_again(w.tree / "no such tree", w.remembered(), w.base)));
    fs::rename(w.tree, w.task / "aside");
    fs::create_directory_symlink(w.task / "aside", w.tree);
    EXPECT_FALSE(on_a_loop(look_again(w.tree, w.remembered(), w.base))) << "the tree is a link";
}

TEST(look_edges, of_sha256_are_the_same) {
    world w("echo a > a; mkdir d; echo b > d/b", "sha256");
    auto seen = look_after(w, "echo A > a; echo n > n");
    ASSERT_TRUE(seen);
    EXPECT_EQ(seen->touched, list{"a"});
    auto taken = w.import();
    ASSERT_TRUE(taken) << sentence(taken);
    EXPECT_EQ(taken->paths, (list{"a", "n"}));
}
