#include "git/leftovers.hpp"
#include "git/lfs.hpp"
#include "git/limits.hpp"
#include "git/lock.hpp"
#include "git/testing.hpp"

using namespace persais;
using namespace persais::git;
using namespace persais::git::testing;
using namespace std::chrono_literals;
using list = std::vector<std::string>;

namespace {

constexpr auto content = "real\n";

constexpr std::string_view first =
    "echo '*.bin filter=lfs diff=lfs merge=lfs -text' > .gitattributes; echo a > a.txt; mkdir d; "
    "o=$(printf 'real\\n' | sha256sum | cut -c1-64); "
    "printf 'version https://git-lfs.github.com/spec/v1\\noid sha256:%s\\nsize 5\\n' $o > d/x.bin; "
    "chmod +x d/x.bin";
constexpr auto empty_file = "; printf 'version https://git-lfs.github.com/spec/v1\\noid sha256:%s\\nsize 0\\n' "
                            "$(printf '' | sha256sum | cut -c1-64) > empty.bin";

/// A repository with a file in LFS, whose content is kept beside the mirror already.
struct with_lfs {
    world w;
    std::string pointer = shell(w.remote_path(), "git show main:d/x.bin") + "\n";
    explicit with_lfs(bool kept = true, const std::string& more = "") : w(std::string(first) + more) {
        auto name = read_lfs_pointer(pointer).value().oid;
        if (kept) write(w.mirrored.folder() / "lfs/objects" / name.substr(0, 2) / name.substr(2, 2) / name, content);
    }
    outcome<void> place() {
        if (auto made = on_a_loop(w.mirrored.make_tree(w.tree, w.base)); !made) return made;
        auto placed = on_a_loop(w.mirrored.place_lfs(w.tree, {.url = "http://127.0.0.1:1/none.git/info/lfs"}));
        w.confine->hand_over(w.tree, 3);
        return placed;
    }
    outcome<mirror::imported> import() {
        return on_a_loop(w.mirrored.import({.tree = w.tree,
                                            .base = w.base,
                                            .who = {},
                                            .when = time_point(std::chrono::seconds(1'750'000'000)),
                                            .message = "Change it",
                                            .keep_as = "refs/persais/tasks/7/work",
                                            .lfs = true},
                                           *w.confine, w.as_view()));
    }
};

} // namespace

TEST(lfs_pointer, is_read_as_the_specification_has_it) {
    std::string id(64, 'a');
    std::string good = "version https://git-lfs.github.com/spec/v1\noid sha256:" + id + "\nsize 12\n";
    EXPECT_EQ(read_lfs_pointer(good), (lfs_pointer{id, 12}));
    EXPECT_EQ(read_lfs_pointer("#!/bin/sh\n"), std::nullopt);
    EXPECT_EQ(read_lfs_pointer(good + std::string(1024, 'x')), std::nullopt) << "a large file";
    for (const auto* oid : {"../../etc/passwd", "AAAA", ""})
        EXPECT_EQ(read_lfs_pointer("version https://git-lfs.github.com/spec/v1\noid sha256:" + std::string(oid) +
                                   "\nsize 12\n"),
                  std::nullopt);
    EXPECT_EQ(read_lfs_pointer("version https://git-lfs.github.com/spec/v1\noid sha256:" + id + "\nsize -1\n"),
              std::nullopt);
}

TEST(lfs, the_server_of_a_repository) {
    EXPECT_EQ(lfs_address("https://h/t/app"), "https://h/t/app.git/info/lfs");
    EXPECT_EQ(lfs_address("https://h/t/app.git/"), "https://h/t/app.git/info/lfs");
}

TEST(lfs, what_git_lfs_says_is_a_sentence_about_a_file) {
    std::string id(64, 'b');
    auto told = [&](const std::string& words) { return explain_lfs(words, "https://h/r", {{id, "d/x.bin"}}); };
    auto spoilt = told("expected OID " + id + ", got c after 5 bytes written\nerror: failed to fetch some objects");
    EXPECT_EQ(spoilt.kind, error_kind::bad_object);
    EXPECT_TRUE(spoilt.sentence.starts_with("The LFS file `d/x.bin` could not be fetched from https://h/r: "));
    EXPECT_EQ(told("[" + id + "] Object does not exist: [404] Object does not exist").kind, error_kind::not_found);
    EXPECT_EQ(told("[" + id + "] gone: [410] gone").kind, error_kind::not_found);
    EXPECT_EQ(told("[" + id + "] no: [422] invalid").kind, error_kind::bad_object);
    EXPECT_EQ(told("batch response: Authentication required: Authorization error: https://h").kind,
              error_kind::no_read);
    EXPECT_EQ(told("batch response: Post \"https://h\": dial tcp 127.0.0.1:1: connect: connection refused").kind,
              error_kind::network);
    auto none = told("git: 'lfs' is not a git command. See 'git --help'.");
    EXPECT_NE(none.sentence.find("git-lfs is not installed"), std::string::npos);
}

TEST(lfs, real_contents_are_in_the_tree_and_git_sees_no_change) {
    with_lfs x;
    auto placed = x.place();
    ASSERT_TRUE(placed) << sentence(placed);
    EXPECT_EQ(read(x.w.tree / "d/x.bin"), content);
    x.w.agent("[ -x d/x.bin ]; [ -z \"$(git status --porcelain)\" ]");
    auto taken = x.import();
    ASSERT_TRUE(taken) << sentence(taken);
    EXPECT_EQ(taken->commit, x.w.base);
    EXPECT_EQ(taken->lfs_left_out, list{});
}

TEST(lfs, what_the_work_changes_or_adds_there_is_left_out_and_a_copy_is_kept) {
    with_lfs x;
    ASSERT_TRUE(x.place());
    x.w.agent("cp d/x.bin copy.bin; echo other > d/x.bin; echo more > new.bin; echo b > a.txt");
    auto taken = x.import();
    ASSERT_TRUE(taken) << sentence(taken);
    EXPECT_EQ(taken->paths, (list{"a.txt", "copy.bin"}));
    auto left = taken->lfs_left_out;
    std::ranges::sort(left);
    EXPECT_EQ(left, (list{"d/x.bin", "new.bin"}));
    EXPECT_EQ(x.w.in_mirror("show " + taken->commit + ":copy.bin") + "\n", x.pointer);
}

TEST(lfs, a_pointer_does_not_become_its_content_when_the_attributes_go) {
    with_lfs x;
    ASSERT_TRUE(x.place());
    x.w.agent("rm -rf .gitattributes .git/lfs; git config --remove-section filter.lfs");
    auto taken = x.import();
    ASSERT_TRUE(taken) << sentence(taken);
    EXPECT_EQ(taken->paths, list{".gitattributes"});
    EXPECT_EQ(taken->lfs_left_out, list{}) << "nobody changed it";
}

TEST(lfs, what_equals_its_pointer_is_unchanged_whatever_the_work_did_to_the_attributes) {
    with_lfs x(true, "; t=$(printf 'd/ a\\tb \\303\\244\\nc.bin'); for i in \"$t\" 1.bin 2.bin 3.bin 4.bin 5.bin; do "
                     "cp -p d/x.bin \"$i\"; done; echo 'raw, not in LFS' > raw.bin" +
                         std::string(empty_file));
    auto placed = x.place();
    ASSERT_TRUE(placed) << sentence(placed);
    x.w.agent(
        "echo '* text=auto' > .gitattributes; chmod -x 1.bin; rm 2.bin; ln -sf d/x.bin 3.bin; echo more >> 4.bin");
    auto taken = x.import();
    ASSERT_TRUE(taken) << sentence(taken);
    EXPECT_EQ(taken->paths, (list{".gitattributes", "2.bin"}));
    EXPECT_EQ(taken->lfs_left_out, (list{"1.bin", "3.bin", "4.bin"}));
}

TEST(lfs, the_tree_of_the_checks_has_them_after_a_move_to_the_work) {
    with_lfs x;
    ASSERT_TRUE(x.place());
    x.w.agent("mv d/x.bin moved.bin; echo b > a.txt");
    auto taken = x.import();
    ASSERT_TRUE(taken) << sentence(taken);
    ASSERT_TRUE(x.place());
    x.w.agent("echo spoilt > d/x.bin"); // by a setup
    auto moved = on_a_loop(x.w.mirrored.update_tree(x.w.base, taken->commit, *x.w.confine, x.w.as_view()));
    ASSERT_TRUE(moved) << sentence(moved);
    EXPECT_EQ(read(x.w.tree / "moved.bin"), content);
    EXPECT_FALSE(fs::exists(x.w.tree / "d/x.bin"));
}

TEST(lfs, too_much_is_refused_before_anything_is_fetched) {
    world w("echo '*.bin filter=lfs' > .gitattributes; for i in 1 2 3; do printf 'version "
            "https://git-lfs.github.com/spec/v1\\noid sha256:%064d\\nsize 999999999\\n' $i > $i.bin; done");
    ASSERT_TRUE(w.make_tree());
    auto placed = on_a_loop(w.mirrored.place_lfs(w.tree, {.url = "http://127.0.0.1:1/none.git/info/lfs"}));
    ASSERT_FALSE(placed);
    EXPECT_EQ(placed.error().kind, error_kind::too_large);
}

TEST(lfs, a_file_that_could_not_be_moved_is_refused_before_anything_is_fetched) {
    world w("echo '*.bin filter=lfs' > .gitattributes; printf 'version https://git-lfs.github.com/spec/v1\\noid "
            "sha256:%064d\\nsize 1073741825\\n' 1 > large.bin");
    ASSERT_TRUE(w.make_tree());
    auto placed = on_a_loop(w.mirrored.place_lfs(w.tree, {.url = "http://127.0.0.1:1/none.git/info/lfs"}));
    ASSERT_FALSE(placed);
    EXPECT_EQ(placed.error().kind, error_kind::too_large);
    EXPECT_NE(placed.error().sentence.find("`large.bin`"), std::string::npos) << placed.error().sentence;
}

TEST(lfs, an_empty_file_in_lfs_is_empty_and_git_sees_no_change) {
    with_lfs x(true, empty_file);
    auto placed = x.place();
    ASSERT_TRUE(placed) << sentence(placed);
    EXPECT_TRUE(fs::is_empty(x.w.tree / "empty.bin"));
    x.w.agent("[ -z \"$(git status --porcelain)\" ]; echo b > a.txt");
    auto taken = x.import();
    ASSERT_TRUE(taken) << sentence(taken);
    EXPECT_EQ(taken->paths, list{"a.txt"});
    EXPECT_EQ(taken->lfs_left_out, list{});
}

TEST(lfs, the_filters_need_no_temporary_file) {
    open_temp_dir folder;
    write(folder.path() / "clean", lfs_clean());
    write(folder.path() / "smudge", lfs_smudge());
    shell(folder.path(), "git init -q .; export TMPDIR=/nonexistent\n"
                         "head -c 3000000 /dev/urandom > large; printf 'a\\000%%s\\\\n\\377' > odd\n"
                         "for f in large odd; do\n"
                         "    printf 'version https://git-lfs.github.com/spec/v1\\noid sha256:%s\\nsize %s\\n' "
                         "\"$(sha256sum < $f | cut -c1-64)\" \"$(stat -c %s $f)\" > $f.pointer\n"
                         "    sh clean < $f | cmp - $f.pointer; sh clean < $f.pointer | cmp - $f.pointer\n"
                         "    sh smudge < $f | cmp - $f; sh smudge < $f.pointer | cmp - $f.pointer\n"
                         "    o=$(sha256sum < $f | cut -c1-64); d=.git/lfs/objects/$(echo $o | cut -c1-2)/"
                         "$(echo $o | cut -c3-4)\n"
                         "    mkdir -p $d; cp $f $d/$o; sh smudge < $f.pointer | cmp - $f\n"
                         "done\n"
                         ": > none; sh clean < none | cmp - none; sh smudge < none | cmp - none");
}

TEST(lfs, what_no_tree_needs_for_a_month_is_forgotten) {
    with_lfs x;
    auto store = x.w.mirrored.folder() / "lfs/objects";
    auto name = read_lfs_pointer(x.pointer).value().oid;
    auto needed = store / name.substr(0, 2) / name.substr(2, 2) / name;
    write(store / "aa/bb/aabb", "x");
    auto old = fs::file_time_type::clock::now() - limits::lfs_kept - 1h;
    fs::last_write_time(needed, old);
    fs::last_write_time(store / "aa/bb/aabb", old);
    ASSERT_TRUE(x.place());
    on_a_loop(forget_lfs(x.w.mirrored.folder(), fs::file_time_type::clock::now()));
    EXPECT_TRUE(fs::exists(needed));
    EXPECT_FALSE(fs::exists(store / "aa/bb/aabb"));
}

TEST(lfs, nothing_is_forgotten_while_a_task_fetches) {
    with_lfs x;
    auto object = x.w.mirrored.folder() / "lfs/objects/aa/bb/aabb";
    write(object, "x");
    fs::last_write_time(object, fs::file_time_type::clock::now() - limits::lfs_kept - 1h);
    {
        auto fetching = on_a_loop(lock(x.w.mirrored.folder() / "lfs.lock", sharing::alone, 0ms));
        ASSERT_TRUE(fetching);
        on_a_loop(forget_lfs(x.w.mirrored.folder(), fs::file_time_type::clock::now()));
        EXPECT_TRUE(fs::exists(object));
    }
    on_a_loop(forget_lfs(x.w.mirrored.folder(), fs::file_time_type::clock::now()));
    EXPECT_FALSE(fs::exists(object));
}

TEST(lfs, the_server_in_lfsconfig_is_read) {
    world w("printf '[lfs]\\n\\turl = https://lfs.example.org/x\\n' > .lfsconfig");
    EXPECT_EQ(on_a_loop(w.mirrored.lfs_url(w.base)).value(), "https://lfs.example.org/x");
    world none;
    EXPECT_EQ(on_a_loop(none.mirrored.lfs_url(none.base)).value(), std::nullopt);
}
