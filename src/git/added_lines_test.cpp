#include "git/added_lines.hpp"
#include "git/testing.hpp"

using namespace persais;
using namespace persais::git;
using namespace persais::git::testing;

namespace {

using seen = std::vector<std::string>;

/// Writes down what comes, "path:number:text" and "new path".
added_lines into(seen& all) {
    return {.file = [&](std::string_view path) { all.push_back("new " + std::string(path)); },
            .line =
                [&](std::string_view path, int number, std::string_view text) {
                    all.push_back(std::string(path) + ":" + std::to_string(number) + ":" + std::string(text));
                }};
}

seen of(std::string_view diff, std::size_t piece) {
    seen all;
    added_lines_reader reader(into(all));
    for (std::size_t at = 0; at < diff.size(); at += piece)
        reader.add(diff.substr(at, piece));
    return all;
}

} // namespace

TEST(added_lines, are_read_in_pieces_of_any_size) {
    std::string diff =
        "diff --git a/x b/x\nindex 1..2 100644\n--- a/x\n+++ b/x\n@@ -2,2 +2,3 @@ f\n-old\n--- gone\n+new\n"
        "+++ b/y\n+@@ -1 +1 @@\n\\ No newline at end of file\n@@ -9,0 +11 @@\n+last\n"
        "diff --git a/n b/n\nnew file mode 100644\nindex 0..1\n--- /dev/null\n+++ b/n\n@@ -0,0 +1 @@\n+n\n"
        "diff --git a/e.p12 b/e.p12\nnew file mode 100644\nindex 0..1\n"
        "diff --git a/gone b/gone\ndeleted file mode 100644\n--- a/gone\n+++ /dev/null\n@@ -1 +0,0 @@\n-g\n";
    for (std::size_t piece : {1, 3, 7, 64, 5000})
        EXPECT_EQ(of(diff, piece),
                  (seen{"x:2:new", "x:3:++ b/y", "x:4:@@ -1 +1 @@", "x:11:last", "new n", "n:1:n", "new e.p12"}))
            << piece;
}

TEST(added_lines, a_long_one_comes_in_pieces) {
    auto all = of("diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1,2 @@\n-" + std::string(100'000, 'o') + "\n+" +
                      std::string(150'000, 'n') + "\n+y\n",
                  4096);
    ASSERT_GE(all.size(), 3U);
    std::size_t size = 0;
    for (const auto& one : all)
        if (one.starts_with("x:1:")) size += one.size() - 4;
    EXPECT_EQ(size, 150'000U);
    EXPECT_EQ(all.back(), "x:2:y");
}

TEST(added_lines, of_two_commits_are_read_whatever_the_change_says_of_itself) {
    world w;
    ASSERT_TRUE(w.make_tree());
    w.agent("printf 'one\\nthree\\n' > a.txt; printf '* -diff binary\\n' > .gitattributes; printf 'b\\0\\nc\\n' > bin;"
            "git mv src/x.py src/y.py; echo 'y = 2' >> src/y.py; printf 'k\\n' > 'ключ \"1\"'");
    auto taken = w.import();
    ASSERT_TRUE(taken) << sentence(taken);
    seen all;
    ASSERT_TRUE(on_a_loop(w.mirrored.read_added(w.base, taken->commit, into(all))));
    EXPECT_EQ(all,
              (seen{"new .gitattributes", ".gitattributes:1:* -diff binary", "a.txt:2:three", "new bin",
                    std::string("bin:1:b\0", 8), "bin:2:c", "src/y.py:2:y = 2", "new ключ \"1\"", "ключ \"1\":1:k"}));
    EXPECT_EQ(on_a_loop(w.mirrored.has_text(w.base, "two")), true);
    EXPECT_EQ(on_a_loop(w.mirrored.has_text(w.base, "three")), false);
    EXPECT_EQ(on_a_loop(w.mirrored.has_text(taken->commit, "two")), false);
    EXPECT_EQ(on_a_loop(w.mirrored.has_text(w.base, "x\ntwo")), true);
    EXPECT_EQ(on_a_loop(w.mirrored.has_text(w.base, "t.o")), false);
}
