#include "git/diff_files.hpp"

#include <gtest/gtest.h>

using namespace persais::git;

using files = std::vector<file_change>;

TEST(diff_files, counts_lines_of_each_file) {
    EXPECT_EQ(
        files_of("diff --git a/src/a.py b/src/a.py\nindex 1..2 100644\n--- a/src/a.py\n+++ b/src/a.py\n"
                 "@@ -1,3 +1,3 @@\n one\n-two\n+2\n+3\n--- not a header\n+++ nor this\n"
                 "diff --git a/new b/new\nnew file mode 100644\n--- /dev/null\n+++ b/new\n@@ -0,0 +1 @@\n+x\n"
                 "diff --git a/old b/old\ndeleted file mode 100644\n--- a/old\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n"),
        (files{{"src/a.py", 3, 2}, {"new", 1, 0}, {"old", 0, 1}}));
}

TEST(diff_files, knows_binaries_renames_and_modes) {
    EXPECT_EQ(files_of("diff --git a/p.png b/p.png\nindex 1..2 100644\nBinary files a/p.png and b/p.png differ\n"
                       "diff --git a/x b/y\nsimilarity index 100%\nrename from x\nrename to y\n"
                       "diff --git a/run me b/run me\nold mode 100644\nnew mode 100755\n"),
              (files{{"p.png", 0, 0, true}, {"y"}, {"run me", 0, 0, false, file_note::executable}}));
}

TEST(diff_files, says_what_a_file_is_or_became_beside_its_lines) {
    EXPECT_EQ(
        files_of("diff --git a/x b/x\ndeleted file mode 100644\nindex 1..0\n--- a/x\n+++ /dev/null\n@@ -1 +0,0 @@\n"
                 "-text\ndiff --git a/x b/x\nnew file mode 120000\nindex 0..2\n--- /dev/null\n+++ b/x\n"
                 "@@ -0,0 +1 @@\n+y\n\\ No newline at end of file\n"
                 "diff --git a/l b/l\nindex 1..2 120000\n--- a/l\n+++ b/l\n@@ -1 +1 @@\n-a\n+b\n"
                 "diff --git a/run b/run\nnew file mode 100755\nindex 0..1\n--- /dev/null\n+++ b/run\n@@ -0,0 +1 @@\n"
                 "+x\ndiff --git a/s b/s\nold mode 100755\nnew mode 100644\n"
                 "diff --git a/sub b/sub\nindex 1..2 160000\n--- a/sub\n+++ b/sub\n@@ -1 +1 @@\n-Subproject 1\n"
                 "+Subproject 2\ndiff --git a/f b/f\nindex 1..2 100755\n--- a/f\n+++ b/f\n@@ -1 +1 @@\n-a\n+b\n"),
        (files{{"x", 1, 1, false, file_note::link},
               {"l", 1, 1, false, file_note::link},
               {"run", 1, 0, false, file_note::executable},
               {"s", 0, 0, false, file_note::not_executable},
               {"sub", 1, 1, false, file_note::submodule},
               {"f", 1, 1}}));
}

TEST(diff_files, reads_names_that_git_quotes) {
    EXPECT_EQ(
        files_of("diff --git \"a/\\321\\204\\t.txt\" \"b/\\321\\204\\t.txt\"\n--- \"a/\\321\\204\\t.txt\"\n"
                 "+++ \"b/\\321\\204\\t.txt\"\n@@ -1 +1 @@\n-a\n+b\n"
                 "diff --git a/with space b/with space\n--- a/with space\t\n+++ b/with space\t\n@@ -1 +1 @@\n+b\n"),
        (files{{"\xd1\x84\t.txt", 1, 1}, {"with space", 1, 0}}));
}

TEST(diff_files, of_what_is_no_diff_there_are_none) {
    EXPECT_TRUE(files_of("").empty());
    EXPECT_TRUE(files_of("+++ b/x\n@@ -1 +1 @@\n+x\n").empty());
    EXPECT_EQ(files_of("diff --git a/x").size(), 1u);
    EXPECT_EQ(files_of("diff --git \"").size(), 1u);
}
