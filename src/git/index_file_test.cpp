// The index that is read here, beside git's own reading of it.
#include "git/index_file.hpp"
#include "git/testing.hpp"

using namespace persais;
using namespace persais::git;
using namespace persais::git::testing;

namespace {

/// A repository with an index of each kind of file that a commit has.
struct index_of : ::testing::TestWithParam<std::string> {
    open_temp_dir folder;
    std::string bytes;

    void SetUp() override {
        shell(folder.path(), "git init -q --object-format=" + GetParam() +
                                 " .; echo a > a; mkdir -p d/e; echo b > d/e/b; echo x > run; chmod +x run; "
                                 "ln -s a link; git add .");
        bytes = read(folder.path() / ".git/index");
    }
    std::size_t id() const { return GetParam() == "sha1" ? 20 : 32; }
    std::string staged(const std::string& with = "") const {
        return shell(folder.path(), with + "git ls-files --stage");
    }
    /// The bytes before the checksum, something more, and a checksum.
    std::string extended(const std::string& more) const {
        return bytes.substr(0, bytes.size() - id()) + more + std::string(id(), '\0');
    }
    /// The same with a number of four bytes at a place.
    std::string with_number(std::size_t at, std::uint32_t number) const {
        auto changed = bytes;
        for (int i = 0; i < 4; ++i)
            changed[at + static_cast<std::size_t>(i)] = static_cast<char>(number >> (24 - 8 * i));
        return changed;
    }
};

INSTANTIATE_TEST_SUITE_P(kind, index_of, ::testing::Values("sha1", "sha256"), [](const auto& a) { return a.param; });

std::string extension(const std::string& name, const std::string& what) {
    auto size = static_cast<char>(what.size());
    return name + std::string(3, '\0') + size + what;
}

} // namespace

TEST_P(index_of, a_repository_has_paths_modes_and_marks) {
    auto read = index_file::parse(bytes);
    ASSERT_TRUE(read);
    std::string all;
    for (const auto& one : read->entries()) {
        char mode[16];
        std::snprintf(mode, sizeof mode, "%o ", read->mode(one));
        all += mode + std::string(one.path) + "\n";
        struct stat info{};
        ASSERT_EQ(::lstat((folder.path() / one.path).c_str(), &info), 0);
        EXPECT_EQ(read->mark(one), mark_of(info)) << one.path;
    }
    EXPECT_EQ(all, "100644 a\n100644 d/e/b\n120000 link\n100755 run\n");
}

TEST_P(index_of, some_of_it_is_an_index_to_git) {
    auto parsed = index_file::parse(bytes);
    ASSERT_TRUE(parsed);
    std::vector<index_file::entry> some{parsed->entries()[1], parsed->entries()[3]};
    parsed->set_mark(some[1], {});
    write(folder.path() / "some", parsed->with(some));
    write(folder.path() / "none", parsed->with({}));
    auto all = staged();
    std::string expected;
    for (auto line : {"d/e/b", "run"}) {
        auto end = all.find("\t" + std::string(line));
        auto begin = all.rfind('\n', end);
        begin = begin == all.npos ? 0 : begin + 1;
        expected += all.substr(begin, all.find('\n', end) - begin) + "\n";
    }
    expected.pop_back();
    EXPECT_EQ(staged("GIT_INDEX_FILE=some "), expected);
    EXPECT_EQ(staged("GIT_INDEX_FILE=none "), "");
    auto again = index_file::parse(parsed->with(some));
    ASSERT_TRUE(again);
    EXPECT_EQ(again->mark(again->entries()[0]), parsed->mark(some[0])) << "which is at another place now";
    EXPECT_EQ(again->mark(again->entries()[1]), file_mark{});
}

TEST_P(index_of, more_entries_than_there_are_is_none_and_takes_no_memory) {
    for (std::uint32_t count : {0U, 3U, 5U, 100U, 1U << 20, 0x7fffffffU, 0xffffffffU})
        EXPECT_FALSE(index_file::parse(with_number(8, count))) << count;
    EXPECT_TRUE(index_file::parse(with_number(8, 4)));
}

TEST_P(index_of, another_version_or_nothing_is_none) {
    for (std::uint32_t version : {0U, 1U, 3U, 4U, 0xffffffffU})
        EXPECT_FALSE(index_file::parse(with_number(4, version))) << version;
    EXPECT_FALSE(index_file::parse("DIRC"));
    EXPECT_FALSE(index_file::parse(std::string(1000, '\0')));
    for (std::size_t n = 0; n < bytes.size(); ++n)
        EXPECT_FALSE(index_file::parse(bytes.substr(0, n))) << n;
    EXPECT_FALSE(index_file::parse(bytes + '\0'));
}

TEST_P(index_of, what_an_extension_holds_is_left_alone_when_that_may_be_ignored) {
    ASSERT_TRUE(index_file::parse(extended(extension("ZZZZ", "whatever"))));
    EXPECT_EQ(index_file::parse(extended(extension("ZZZZ", "whatever")))->entries().size(), 4U);
    EXPECT_TRUE(index_file::parse(extended(extension("ZZZZ", "") + extension("YYYY", std::string(100, 'x')))));
    for (const char* needed : {"link", "sdir", "zzzz", "\xffZZZ"})
        EXPECT_FALSE(index_file::parse(extended(extension(needed, "whatever")))) << needed;
    EXPECT_FALSE(index_file::parse(extended(extension("ZZZZ", "") + extension("zzzz", "")))) << "the second one";
    for (std::string size : {"\xff\xff\xff\xff", "\x7f\xff\xff\xff", "\x01", "\x09"}) {
        size.insert(0, 4 - size.size(), '\0');
        EXPECT_FALSE(index_file::parse(extended("ZZZZ" + size + "whatever"))) << "it ends elsewhere";
    }
}

TEST_P(index_of, files_with_flags_stages_or_repositories_in_it_is_none) {
    for (const char* script :
         {"git update-index --assume-unchanged a", "git update-index --skip-worktree a",
          "echo n > n; git add --intent-to-add n",
          "git update-index --add --cacheinfo 160000,$(git hash-object -t commit --stdin -w --literally < a),sub",
          "id=$(git hash-object -w a); git update-index --force-remove a; "
          "printf '100644 %s 2\ta\n' $id | git update-index --index-info"}) {
        shell(folder.path(), "cp .git/index kept; " + std::string(script));
        EXPECT_FALSE(index_file::parse(read(folder.path() / ".git/index"))) << script;
        shell(folder.path(), "mv kept .git/index");
    }
}

TEST_P(index_of, a_path_of_any_length_is_whole) {
    // Its length is in the flags up to 4094.
    std::string list;
    auto id_of = shell(folder.path(), "git hash-object -w a");
    for (std::size_t length : {1, 2, 3, 4, 5, 6, 7, 8, 9, 4094, 4095, 4096, 5000}) {
        std::string path(length, 'p');
        for (std::size_t i = 200; i < length - std::min<std::size_t>(length, 1); i += 200)
            path[i] = '/';
        list += "100644 " + id_of + "\t" + path + "\n";
    }
    write(folder.path() / "list", list);
    shell(folder.path(), "rm .git/index; git update-index --index-info < list");
    auto parsed = index_file::parse(read(folder.path() / ".git/index"));
    ASSERT_TRUE(parsed);
    std::string all;
    for (const auto& one : parsed->entries())
        all.append(one.path).push_back('\n');
    EXPECT_EQ(all, shell(folder.path(), "git ls-files") + "\n");
    write(folder.path() / "all", parsed->with(parsed->entries()));
    EXPECT_EQ(shell(folder.path(), "GIT_INDEX_FILE=all git ls-files") + "\n", all);
}

/// A byte that is another one is an index or none, and is never read beyond its end (the sanitizers look).
TEST_P(index_of, any_byte_changed_is_read_within_its_bounds) {
    for (std::size_t at = 0; at < bytes.size(); ++at)
        for (char other : {'\0', '\x7f', '\xff'}) {
            auto changed = bytes;
            changed[at] = other;
            auto parsed = index_file::parse(std::move(changed));
            if (!parsed) continue;
            for (const auto& one : parsed->entries()) {
                ASSERT_LE(one.at + 40, parsed->bytes().size());
                ASSERT_GE(one.path.data(), parsed->bytes().data());
                ASSERT_LE(one.path.data() + one.path.size(), parsed->bytes().data() + parsed->bytes().size());
            }
            EXPECT_LE(parsed->entries().size(), 4U);
        }
}
