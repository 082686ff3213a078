#include "base/temp_dir.hpp"
#include "config/dotenv.hpp"
#include "doctor/env_file.hpp"

#include <fstream>
#include <sstream>
#include <sys/stat.h>

#include <gtest/gtest.h>

using namespace persais;
using namespace persais::doctor;

namespace {

std::string read_back(const std::string& value) {
    return config::read_dotenv("NAME=" + env_value(value) + "\n").variables.at("NAME");
}

std::string slurp(const std::filesystem::path& file) {
    std::stringstream all;
    all << std::ifstream(file).rdbuf();
    return all.str();
}

} // namespace

TEST(env_file, a_value_is_read_back_as_it_was_written) {
    for (const std::string value :
         {"plain", "postgresql://u:p%40ss@host:5432/db?sslmode=require", "a b", "a # b", "#a", "it's", "say \"so\"",
          "$HOME", "back\\slash", "tab\there", "two\nlines\n", "~anthropic/x-latest", "é", "'quoted'", "\"quoted\"",
          " blanks ", "{\"zdr\":true}", "x`y`"})
        EXPECT_EQ(read_back(value), value);
}

TEST(env_file, every_line_but_the_edited_one_stays_as_it_is) {
    const std::string before = "# mine\r\n\n  export PORT = 3000  # why\nOTHER='x y'\n#PORT=1\nLAST=1";
    EXPECT_EQ(edited(before, {{"PORT", "80"}}), "# mine\r\n\n  export PORT=80  # why\nOTHER='x y'\n#PORT=1\nLAST=1");
    EXPECT_EQ(edited(before, {}), before);
    EXPECT_EQ(edited(before, {{"NEW", "a b"}, {"LAST", "2"}}),
              "# mine\r\n\n  export PORT = 3000  # why\nOTHER='x y'\n#PORT=1\nLAST=2\n\nNEW=\"a b\"\n");
}

TEST(env_file, of_a_name_that_comes_twice_the_line_that_counts_is_rewritten) {
    EXPECT_EQ(edited("A=1\nA=2\n", {{"A", "3"}}), "A=1\nA=3\n");
}

TEST(env_file, a_hash_inside_a_value_is_no_comment) {
    EXPECT_EQ(edited("A=\"x # y\" # why\n", {{"A", "z"}}), "A=z # why\n");
    EXPECT_EQ(edited("A='x # y'\n", {{"A", "z"}}), "A=z\n");
    EXPECT_EQ(edited("A=x#y\n", {{"A", "z"}}), "A=z\n");
}

TEST(env_file, what_is_left_out_becomes_a_comment) {
    EXPECT_EQ(edited("A=xxx\nB=1\n", {{"A", std::nullopt}, {"C", std::nullopt}}), "# A=xxx\nB=1\n");
}

TEST(env_file, is_written_for_its_owner_alone_and_through_a_link) {
    temp_dir folder;
    auto file = folder.path() / "real";
    auto link = folder.path() / ".env";
    std::ofstream(file) << "old\n";
    ASSERT_EQ(::chmod(file.c_str(), 0644), 0);
    std::filesystem::create_symlink("real", link);
    ASSERT_TRUE(write_env_file(link, "A=1\n"));
    EXPECT_TRUE(std::filesystem::is_symlink(link));
    EXPECT_EQ(slurp(file), "A=1\n");
    struct stat seen{};
    ASSERT_EQ(::stat(file.c_str(), &seen), 0);
    EXPECT_EQ(seen.st_mode & 0777U, 0600U);
}

TEST(env_file, nothing_is_left_behind_when_it_cannot_be_written) {
    temp_dir folder;
    auto target = folder.path() / ".env";
    std::filesystem::create_directory(target); // rename() onto a folder fails, for root too
    auto written = write_env_file(target, "A=1\n");
    ASSERT_FALSE(written);
    EXPECT_NE(written.error().find("could not be replaced"), std::string::npos) << written.error();
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
}
