// The refs that are read and written here, as files, beside what git says of the same repository.
#include "git/files.hpp"
#include "git/refs.hpp"
#include "git/testing.hpp"

#include <csignal>
#include <set>
#include <sys/resource.h>

using namespace persais;
using namespace persais::git;
using namespace persais::git::testing;

namespace {

using listing = std::map<std::string, std::string>;

/// A bare repository like a mirror's, with three commits that no ref names.
struct ref_files : ::testing::TestWithParam<std::string> {
    open_temp_dir folder;
    layout at{folder.path()};
    std::vector<commit_id> commits;

    void SetUp() override {
        auto made = shell(folder.path(), "git init -q --bare --object-format=" + GetParam() +
                                             " git; cd git; tree=$(git mktree < /dev/null); "
                                             "for what in one two three; do git commit-tree -m $what $tree; done");
        for (auto id : pieces(made, '\n'))
            commits.emplace_back(id);
        ASSERT_EQ(commits.size(), 3U);
    }
    std::string git(const std::string& words) const { return shell(folder.path(), "git --git-dir=git " + words); }
    fs::path file(const std::string& name) const { return at.git() / name; }
    /// What git lists below a prefix, with the prefix cut off.
    listing as_git_says(const std::string& prefix) const {
        listing all;
        auto said = git("for-each-ref --format='%(objectname) %(refname)' " + prefix);
        for (auto line : pieces(said, '\n'))
            all.emplace(line.substr(line.find(' ') + 1 + prefix.size()), line.substr(0, line.find(' ')));
        return all;
    }
    void expect_what_git_says() const {
        auto ours = read_mirror(at);
        EXPECT_EQ(ours.branches, as_git_says("refs/heads/"));
        ASSERT_TRUE(ours.tags);
        EXPECT_EQ(*ours.tags, as_git_says("refs/tags/"));
    }
    std::string locks() const { return shell(at.git(), "find . -name '*.lock'"); }
};

INSTANTIATE_TEST_SUITE_P(of, ref_files, ::testing::Values("sha1", "sha256"), [](const auto& a) { return a.param; });

outcome<void> put(const layout& at, const std::string& name, const commit_id& commit) {
    return on_a_loop(write_ref(at, name, commit, {}));
}
outcome<void> put_head(const layout& at, const std::string& name) {
    return on_a_loop(write_head(at, name, {}));
}

/// No file of this process becomes longer, while it is there.
struct short_files {
    rlimit before{};
    explicit short_files(rlim_t bytes) {
        std::signal(SIGXFSZ, SIG_IGN);
        ::getrlimit(RLIMIT_FSIZE, &before);
        rlimit now{.rlim_cur = bytes, .rlim_max = before.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &now);
    }
    ~short_files() {
        ::setrlimit(RLIMIT_FSIZE, &before);
        std::signal(SIGXFSZ, SIG_DFL);
    }
};

} // namespace

TEST_P(ref_files, with_files_packed_and_both_are_what_git_lists) {
    EXPECT_TRUE(read_mirror(at).branches.empty());
    git("update-ref refs/heads/main " + commits[0]);
    git("update-ref refs/heads/team/a/b " + commits[0]);
    git("update-ref refs/heads/gone " + commits[0]);
    git("tag light " + commits[0]);
    git("-c user.name=a -c user.email=a@example.org tag -m words annotated " + commits[1]);
    git("update-ref refs/other/x " + commits[0]);
    expect_what_git_says();
    EXPECT_EQ(read_mirror(at).loose, 5U) << "what is neither a branch nor a tag does not count";
    git("pack-refs --all --prune");
    expect_what_git_says();
    EXPECT_EQ(read_mirror(at).loose, 0U);
    git("update-ref refs/heads/main " + commits[1]); // over what is packed
    git("update-ref -d refs/heads/gone");
    git("update-ref refs/heads/later " + commits[2]);
    expect_what_git_says();
    EXPECT_EQ(read_mirror(at).branches.at("main"), commits[1]);
    EXPECT_EQ(read_mirror(at).loose, 2U);
}

TEST_P(ref_files, that_are_no_refs_are_none) {
    git("update-ref refs/heads/main " + commits[0]);
    git("update-ref refs/heads/packed " + commits[0]);
    git("pack-refs --all");
    write(file("refs/heads/held.lock"), commits[1] + "\n"); // of a git at work
    write(file("refs/heads/empty"), "");
    write(file("refs/heads/cut"), commits[1].substr(1) + "\n");
    write(file("refs/heads/words"), "no id at all\n");
    fs::create_directories(file("refs/heads/team/nobody"));
    fs::create_symlink("main", file("refs/heads/nowhere"));
    write(file("packed-refs"), read(file("packed-refs")) + commits[1] + "\n" + commits[1].substr(2) +
                                   " refs/heads/short\n" + commits[1] + " refs/heads/last"); // without its line's end
    auto ours = read_mirror(at);
    EXPECT_EQ(ours.branches, (listing{{"last", commits[1]}, {"main", commits[0]}, {"packed", commits[0]}}));
    EXPECT_EQ(ours.loose, 0U);
}

TEST_P(ref_files, name_a_head_that_need_not_exist) {
    git("symbolic-ref HEAD refs/heads/team/unborn");
    EXPECT_EQ(read_mirror(at).head, "team/unborn");
    git("update-ref --no-deref HEAD " + commits[0]); // detached
    EXPECT_EQ(read_mirror(at).head, std::nullopt);
    write(file("HEAD"), "ref: refs/heads/cut"); // as a full disk leaves it
    EXPECT_EQ(read_mirror(at).head, "cut");
    fs::remove(file("HEAD"));
    EXPECT_EQ(read_mirror(at).head, std::nullopt);
}

TEST_P(ref_files, that_are_written_here_are_gits_too) {
    for (const std::string name : {"refs/heads/main", "refs/persais/tasks/7/work"})
        for (const auto& commit : commits) {
            EXPECT_EQ(sentence(put(at, name, commit)), "");
            EXPECT_EQ(git("rev-parse --verify " + name), commit);
        }
    git("pack-refs --all --prune"); // whose folders may go with them
    EXPECT_EQ(sentence(put(at, "refs/heads/main", commits[0])), "");
    EXPECT_EQ(git("rev-parse main"), commits[0]) << "the packed one hides it";
    EXPECT_EQ(sentence(put_head(at, "refs/heads/team/x")), "");
    EXPECT_EQ(git("symbolic-ref HEAD"), "refs/heads/team/x");
    EXPECT_EQ(locks(), "");
    git("fsck --strict");
}

TEST_P(ref_files, under_a_lock_that_is_held_stay_as_they_are) {
    git("update-ref refs/heads/main " + commits[0]);
    auto head = read(file("HEAD"));
    write(file("refs/heads/main.lock"), "of another");
    write(file("HEAD.lock"), "of another");
    auto written = put(at, "refs/heads/main", commits[1]);
    ASSERT_FALSE(written);
    EXPECT_EQ(static_cast<int>(written.error().kind), static_cast<int>(error_kind::other)) << "no disk is full";
    EXPECT_NE(sentence(written).find("refs/heads/main"), std::string::npos) << sentence(written);
    EXPECT_FALSE(put_head(at, "refs/heads/other"));
    EXPECT_EQ(read_mirror(at).branches.at("main"), commits[0]);
    EXPECT_EQ(read(file("HEAD")), head);
    EXPECT_EQ(read(file("refs/heads/main.lock")), "of another");
    EXPECT_EQ(read(file("HEAD.lock")), "of another");
    fs::remove(file("HEAD.lock"));
    EXPECT_EQ(sentence(put_head(at, "refs/heads/other")), "");
}

TEST_P(ref_files, take_no_lock_for_a_head_that_says_it_already) {
    EXPECT_EQ(sentence(put_head(at, "refs/heads/main")), "");
    write(file("HEAD.lock"), "of another");
    EXPECT_EQ(sentence(put_head(at, "refs/heads/main")), "");
}

TEST_P(ref_files, are_no_folders_of_one_another) {
    git("update-ref refs/heads/team/a " + commits[0]);
    git("update-ref refs/heads/leaf " + commits[0]);
    EXPECT_NE(sentence(put(at, "refs/heads/team", commits[1])), "");
    EXPECT_NE(sentence(put(at, "refs/heads/leaf/b", commits[1])), "");
    expect_what_git_says();
    EXPECT_EQ(read_mirror(at).branches, (listing{{"leaf", commits[0]}, {"team/a", commits[0]}}));
    EXPECT_EQ(locks(), "") << "which would keep git out";
}

TEST_P(ref_files, are_never_cut_by_a_disk_that_takes_a_part) {
    git("update-ref refs/heads/main " + commits[0]);
    for (rlim_t room : {0, 1, 30}) {
        outcome<void> written, head;
        {
            short_files small(room);
            errno = 0;
            written = put(at, "refs/heads/main", commits[1]);
            errno = 0;
            head = put_head(at, "refs/heads/" + std::string(40, 'x'));
        }
        EXPECT_FALSE(written) << room;
        EXPECT_FALSE(head) << room;
        EXPECT_EQ(git("rev-parse main"), commits[0]);
        EXPECT_EQ(git("symbolic-ref HEAD"), "refs/heads/main");
        EXPECT_EQ(locks(), "");
    }
}

TEST_P(ref_files, are_waited_for_while_another_git_holds_their_lock) {
    write(file("refs/heads/main.lock"), "of another");
    asio::io_context io(1);
    std::optional<outcome<void>> written;
    asio::co_spawn(io, write_ref(at, "refs/heads/main", commits[0]),
                   [&](std::exception_ptr, outcome<void> done) { written = std::move(done); });
    io.poll();
    ASSERT_FALSE(written) << "the loop is not held up, and the lock was looked at";
    fs::remove(file("refs/heads/main.lock"));
    io.run();
    ASSERT_TRUE(written);
    EXPECT_EQ(sentence(*written), "");
    EXPECT_EQ(git("rev-parse main"), commits[0]);
}

TEST_P(ref_files, that_cannot_be_read_are_not_taken_for_deleted) {
    git("update-ref refs/heads/main " + commits[0]);
    git("pack-refs --all");
    fs::rename(file("packed-refs"), file("away"));
    fs::create_directories(file("packed-refs"));
    EXPECT_THROW(read_mirror(at), fs::filesystem_error);
}

TEST(files_below, are_all_told_although_a_folder_goes_meanwhile) {
    open_temp_dir folder;
    std::set<fs::path> wanted, told;
    for (int n = 0; n < 20; ++n)
        write(folder.path() / std::to_string(n) / "ref", "");
    each_file_below(folder.path(), [&](const fs::path& file) {
        if (told.empty()) // the others are still to be walked
            for (int n = 0; n < 20; ++n) {
                auto one = folder.path() / std::to_string(n);
                if (n % 2 == 0 && one != file.parent_path())
                    fs::remove_all(one);
                else
                    wanted.insert(one / "ref");
            }
        told.insert(file);
    });
    EXPECT_EQ(told, wanted);
}

TEST(files_below, a_folder_that_is_not_there_are_none) {
    open_temp_dir folder;
    each_file_below(folder.path() / "none", [](const fs::path&) { ADD_FAILURE(); });
}
