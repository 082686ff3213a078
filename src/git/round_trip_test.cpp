#include "git/testing.hpp"

using namespace persais;
using namespace persais::git;
using namespace persais::git::testing;

TEST(round_trip, a_change_in_a_tree_becomes_a_branch_of_the_remote) {
    world w;
    ASSERT_TRUE(w.make_tree());
    EXPECT_EQ(shell(w.tree, "git symbolic-ref HEAD; git rev-parse HEAD; git status --porcelain"),
              "refs/heads/work\n" + w.base);
    w.agent("printf 'one\\nTWO\\nthree\\n' > a.txt; printf 'new\\n' > new.txt");
    auto taken = w.import();
    ASSERT_TRUE(taken) << sentence(taken);
    EXPECT_EQ(taken->paths, (std::vector<std::string>{"a.txt", "new.txt"}));
    EXPECT_EQ(taken->stat.files, 2);
    EXPECT_EQ(taken->stat.insertions, 3);
    EXPECT_EQ(taken->stat.deletions, 1);
    EXPECT_TRUE(taken->left_out.empty());
    auto pushed = on_a_loop(w.mirrored.push("mechanic/7-x", taken->commit, {}));
    ASSERT_TRUE(pushed) << sentence(pushed);
    EXPECT_FALSE(pushed->already_there);
    EXPECT_EQ(shell(w.remote_path(), "git show --no-patch --format='%an <%ae> %at %cn %ct%n%P%n%B' mechanic/7-x"),
              "Mechanic <mechanic@persais.ai> 1750000000 Mechanic 1750000000\n" + w.base + "\nChange it");
    EXPECT_EQ(shell(w.remote_path(), "git show mechanic/7-x:a.txt"), "one\nTWO\nthree");
}

TEST(round_trip, an_untouched_tree_gives_the_base_itself) {
    world w;
    ASSERT_TRUE(w.make_tree());
    auto taken = w.import();
    ASSERT_TRUE(taken) << sentence(taken);
    EXPECT_EQ(taken->commit, w.base);
    EXPECT_EQ(taken->stat.files, 0);
    EXPECT_TRUE(taken->paths.empty());
}

TEST(round_trip, the_same_work_imported_twice_is_the_same_commit) {
    world w;
    ASSERT_TRUE(w.make_tree());
    w.agent("echo more >> a.txt");
    auto first = w.import();
    auto again = w.import();
    fs::remove(w.remembered()); // the whole import
    auto whole = w.import();
    ASSERT_TRUE(first && again && whole);
    EXPECT_EQ(first->commit, again->commit);
    EXPECT_EQ(first->commit, whole->commit);
    EXPECT_EQ(w.in_mirror("rev-parse refs/persais/tasks/7/work"), first->commit);
}

TEST(round_trip, a_second_push_finds_its_work_there) {
    world w;
    ASSERT_TRUE(w.make_tree());
    w.agent("echo more >> a.txt");
    auto taken = w.import();
    ASSERT_TRUE(taken);
    ASSERT_TRUE(on_a_loop(w.mirrored.push("b", taken->commit, {})));
    auto again = on_a_loop(w.mirrored.push("b", taken->commit, {}));
    ASSERT_TRUE(again) << sentence(again);
    EXPECT_TRUE(again->already_there);
}

TEST(round_trip, earlier_work_is_laid_on_top_of_the_base) {
    world w;
    ASSERT_TRUE(w.make_tree());
    w.agent("echo more >> a.txt; rm src/x.py; echo n > n.txt");
    auto first = w.import();
    ASSERT_TRUE(first);
    ASSERT_TRUE(w.make_tree(w.base, first->commit));
    EXPECT_EQ(read(w.tree / "a.txt"), "one\ntwo\nmore\n");
    EXPECT_FALSE(fs::exists(w.tree / "src/x.py"));
    EXPECT_EQ(shell(w.tree, "git rev-parse HEAD"), w.base);
    auto again = w.import();
    ASSERT_TRUE(again) << sentence(again);
    EXPECT_EQ(again->commit, first->commit);
}

TEST(round_trip, names_bytes_and_modes_come_through_as_they_are) {
    world w("printf 'a\\r\\nb\\r\\n' > crlf.txt; printf 'no end' > open.txt; ln -s a link; printf x > tool; printf 'g' "
            "> gone;"
            "printf 'move me, I am long enough to be found\\n' > old.txt; mkdir d; echo f > d/f; echo w > with");
    ASSERT_TRUE(w.make_tree());
    w.agent(
        "printf 'a\\r\\nB\\r\\n' > crlf.txt; printf 'still no end' > open.txt; ln -sfn /etc/passwd link; chmod +x tool;"
        "rm gone; git mv old.txt new.txt; printf '\\377\\0\\1' > 'файл с пробелом.bin'; printf q > 'new\nline'; printf "
        "t > 'tab\there';"
        "rm -r d; ln -s src d; rm with; mkdir with; echo i > with/in");
    auto taken = w.import();
    ASSERT_TRUE(taken) << sentence(taken);
    fs::path out = w.folder.path() / "out";
    fs::create_directory(out);
    w.in_mirror("archive " + taken->commit + " | tar -x -C '" + out.string() + "'");
    EXPECT_EQ(shell(w.folder.path(), "diff -r --no-dereference -x .git task/tree out && echo same"), "same");
    EXPECT_EQ(fs::read_symlink(out / "link"), "/etc/passwd");
    EXPECT_EQ(w.in_mirror("ls-tree " + taken->commit + " tool").substr(0, 6), "100755");
    EXPECT_EQ(w.in_mirror("cat-file blob " + taken->commit + ":crlf.txt"), "a\r\nB\r");
    EXPECT_FALSE(fs::exists(out / "gone") || fs::exists(out / "old.txt"));
    EXPECT_TRUE(w.in_mirror("diff --shortstat -M " + w.base + " " + taken->commit)
                    .starts_with(" " + std::to_string(taken->stat.files) + " files"));
    EXPECT_EQ(taken->paths.size(), static_cast<std::size_t>(taken->stat.files) + 1) << "both names of the rename";
}

TEST(round_trip, ignored_files_stay_out_and_tracked_ignored_ones_stay_in) {
    world w("printf '*.log\\nout/\\n' > .gitignore; echo keep > kept.log; echo a > a.txt");
    ASSERT_TRUE(w.make_tree());
    w.agent("echo noise > n.log; mkdir out __pycache__; echo o > out/o; echo p > __pycache__/x.pyc; echo b > a.txt;"
            "echo h > .aider.chat.history.md; echo more >> kept.log");
    auto taken = w.import();
    ASSERT_TRUE(taken) << sentence(taken);
    EXPECT_EQ(taken->paths, (std::vector<std::string>{"a.txt", "kept.log"}));
}

TEST(round_trip, a_file_that_breaks_the_end_of_line_rules_is_changed_only_when_it_was_changed) {
    // The files were committed with CRLF although the rules say text. Any `git add` would rewrite them, except a file
    // that is older than the index, whose bytes git does not read.
    world w("printf 'a\\r\\nb\\r\\n' > old.txt; printf 'c\\r\\n' > other.txt; touch -d @1600000000 *.txt;"
            "git add -A; git commit -q -m raw; printf '*.txt text\\n' > .gitattributes; echo z > z.c");
    ASSERT_EQ(shell(w.folder.path(), "git -C remote.git cat-file -p main:old.txt"), "a\r\nb\r");
    ASSERT_TRUE(w.make_tree());
    w.agent("echo changed > z.c; chmod +x other.txt");
    auto taken = w.import();
    ASSERT_TRUE(taken) << sentence(taken);
    EXPECT_EQ(taken->paths, (std::vector<std::string>{"other.txt", "z.c"}));
}

TEST(round_trip, a_repository_is_read_at_a_commit) {
    world w("printf 'check = \"true\"\\n' > .persais.toml; mkdir sub; echo s > sub/s; ln -s .persais.toml soft");
    auto text = on_a_loop(w.mirrored.file(w.base, ".persais.toml"));
    ASSERT_TRUE(text);
    EXPECT_EQ(*text, "check = \"true\"\n");
    EXPECT_EQ(*on_a_loop(w.mirrored.file(w.base, "sub/s")), "s\n");
    for (const char* none : {"absent", "sub", "soft", "sub/*", "*"})
        EXPECT_EQ(*on_a_loop(w.mirrored.file(w.base, none)), std::nullopt) << none;
    EXPECT_EQ(on_a_loop(w.mirrored.file(w.base, ".persais.toml", 5)).error().kind, error_kind::too_large);
    EXPECT_EQ(*on_a_loop(w.mirrored.names_in(w.base)), (std::vector<std::string>{".persais.toml", "soft", "sub"}));
    auto content = w.in_mirror("rev-parse main:sub/s"), folder = w.in_mirror("rev-parse main:sub");
    auto other = shell(w.folder.path(),
                       "echo other | git --git-dir='" + w.mirrored.folder().string() + "/git' hash-object -w --stdin");
    EXPECT_EQ(*on_a_loop(w.mirrored.contents_among(w.base, {content, folder, other, w.base})), std::set{content});
    EXPECT_FALSE(on_a_loop(w.mirrored.contents_among(std::string(40, '1'), {content})));
    EXPECT_EQ(on_a_loop(w.mirrored.has(w.base)), true);
    EXPECT_EQ(on_a_loop(w.mirrored.has(std::string(40, '1'))), false);
}

TEST(round_trip, a_diff_is_cut_at_a_line) {
    world w;
    ASSERT_TRUE(w.make_tree());
    w.agent("seq 1000 > a.txt");
    auto taken = w.import();
    ASSERT_TRUE(taken);
    auto whole = on_a_loop(w.mirrored.diff(w.base, taken->commit, 1 << 20));
    ASSERT_TRUE(whole) << sentence(whole);
    EXPECT_TRUE(whole->starts_with("diff --git a/a.txt b/a.txt"));
    auto cut = on_a_loop(w.mirrored.diff(w.base, taken->commit, 200));
    ASSERT_TRUE(cut);
    EXPECT_LE(cut->size(), 200U);
    EXPECT_TRUE(cut->ends_with('\n'));
    EXPECT_TRUE(whole->starts_with(*cut));
    EXPECT_NE(on_a_loop(w.mirrored.diff(w.base, taken->commit, 1 << 20, true))->find("\033["), std::string::npos);
}

TEST(round_trip, what_was_kept_for_a_task_can_be_forgotten) {
    world w;
    ASSERT_TRUE(w.make_tree());
    w.agent("echo 1 > 1");
    ASSERT_TRUE(w.import());
    on_a_loop(w.mirrored.forget("refs/persais/tasks/7"));
    EXPECT_EQ(w.in_mirror("for-each-ref refs/persais"), "");
    EXPECT_NE(w.in_mirror("for-each-ref refs/heads"), "");
}
