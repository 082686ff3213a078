#include "backup/archive.hpp"
#include "backup/broken.hpp"
#include "base/age_key.hpp"
#include "base/random.hpp"
#include "base/temp_dir.hpp"

#include <fstream>
#include <sys/stat.h>

#include <gtest/gtest.h>

namespace persais::backup {
namespace {

namespace fs = std::filesystem;

struct archive : testing::Test {
    temp_dir folder;
    fs::path in = folder.path() / "in", out = folder.path() / "out", file = folder.path() / "x.age";
    secret key = *age_key_bytes(make_age_key());
    stop_flag go = false;
    manifest what{.version = "1", .made = time_point(std::chrono::seconds(1796066102)), .schema = 33, .server = "18.4"};

    archive() {
        fs::create_directory(in);
        fs::create_directory(out);
        write(in / "database.dump", random_bytes(700'000));
        write(in / "work-1.bundle", "");
        write(in / "master.key", "word\n");
        what.parts = measure(in, {"database.dump", "work-1.bundle", "master.key"}, go);
        pack(what, in, key, file, go);
    }
    static void write(const fs::path& at, std::string_view bytes) { std::ofstream(at, std::ios::binary) << bytes; }
    static std::string read(const fs::path& at) {
        std::ifstream from(at, std::ios::binary);
        return {std::istreambuf_iterator<char>(from), {}};
    }
    std::optional<broken::how> trouble() {
        temp_dir somewhere;
        try {
            unpack(file, key, somewhere.path(), go);
            return std::nullopt;
        } catch (const broken& e) {
            return e.kind;
        }
    }
};

TEST_F(archive, gives_each_file_back) {
    EXPECT_EQ(unpack(file, key, out, go), what);
    for (const auto& p : what.parts)
        EXPECT_EQ(read(out / p.name), read(in / p.name)) << p.name;
    struct stat now{};
    ASSERT_EQ(::stat((out / "master.key").c_str(), &now), 0);
    EXPECT_EQ(now.st_mode & 0777, 0600U) << "only its owner reads what was secret";
}

TEST_F(archive, shows_nothing_of_what_is_in_it) {
    auto bytes = read(file);
    for (auto word : {"manifest", "database.dump", "word", "18.4"})
        EXPECT_EQ(bytes.find(word), bytes.npos) << word;
}

TEST_F(archive, its_manifest_is_read_alone) {
    EXPECT_EQ(look_into(file, key), what);
}

TEST_F(archive, another_key_a_missing_end_and_a_changed_byte_are_told_apart) {
    auto whole = read(file);
    write(file, whole.substr(0, whole.size() / 2));
    EXPECT_TRUE(trouble());
    auto wrong = whole;
    wrong[whole.size() / 2] ^= 1;
    write(file, wrong);
    EXPECT_EQ(trouble(), broken::how::changed);
    write(file, whole);
    EXPECT_EQ(trouble(), std::nullopt);
    key = *age_key_bytes(make_age_key());
    EXPECT_EQ(trouble(), broken::how::wrong_key);
    write(file, "SQLite format 3");
    EXPECT_EQ(trouble(), broken::how::no_backup);
}

TEST_F(archive, a_part_that_is_not_what_the_manifest_says_is_found) {
    auto lying = what;
    lying.parts[0].sha256 = std::string(64, '0');
    fs::remove(file);
    pack(lying, in, key, file, go);
    EXPECT_EQ(trouble(), broken::how::changed);
}

TEST_F(archive, a_file_that_became_shorter_is_not_packed) {
    write(in / "database.dump", "short");
    fs::remove(file);
    EXPECT_THROW(pack(what, in, key, file, go), std::runtime_error);
}

TEST_F(archive, is_never_written_over_a_file_and_a_missing_one_is_named) {
    EXPECT_THROW(pack(what, in, key, file, go), std::system_error);
    try {
        measure(in, {"nothing"}, go);
        ADD_FAILURE();
    } catch (const std::system_error& e) {
        EXPECT_NE(std::string(e.what()).find("nothing"), std::string::npos);
    }
}

TEST_F(archive, ends_soon_when_it_is_told_to) {
    go = true;
    EXPECT_THROW(measure(in, {"database.dump"}, go), stopped);
    EXPECT_THROW(unpack(file, key, out, go), stopped);
    fs::remove(file);
    EXPECT_THROW(pack(what, in, key, file, go), stopped);
}

} // namespace
} // namespace persais::backup
