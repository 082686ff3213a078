#include "config/documents.hpp"
#include "config/read_file.hpp"
#include "config/settings.hpp"
#include "config/table.hpp"

#include <cstdlib>
#include <fstream>
#include <set>

#include <gtest/gtest.h>

using namespace persais::config;

namespace {

void expect_file_is(const std::string& name, const std::string& made) {
    auto path = std::filesystem::path(PERSAIS_SOURCE_DIR) / name;
    if (std::getenv("WRITE_DOCUMENTS")) std::ofstream(path) << made;
    EXPECT_EQ(read_file(path, 1 << 20).value_or("(not there)"), made)
        << name << " is not what the table says: WRITE_DOCUMENTS=1 build/dev/bin/config_test writes it anew";
}

} // namespace

TEST(documents, settings_md_says_what_the_table_says) {
    expect_file_is("docs/settings.md", settings_markdown());
}

TEST(documents, env_example_says_what_the_table_says) {
    expect_file_is(".env.example", env_example());
}

TEST(documents, the_example_as_it_stands_is_a_valid_env_file) {
    auto folder = std::filesystem::temp_directory_path() / ("persais-example-" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder);
    auto text = env_example();
    // Everything with a default uncommented: the file's own defaults must be valid values.
    for (const auto& each : table())
        if (!each.standard.empty())
            if (auto at = text.find("\n#" + std::string(each.name) + "="); at != text.npos) text.erase(at + 1, 1);
    std::ofstream(folder / ".env") << text;
    auto loaded = load({{"HOME", "/home/someone"}}, folder);
    EXPECT_TRUE(loaded) << loaded.error().front();
    std::filesystem::remove_all(folder);
}

TEST(table, names_each_setting_once_and_says_something_of_it) {
    std::set<std::string_view> names;
    for (const auto& each : table()) {
        EXPECT_TRUE(names.insert(each.name).second) << each.name;
        EXPECT_FALSE(each.meaning.empty() && each.otherwise.empty()) << each.name;
        EXPECT_NE(each.standard.empty(), each.otherwise.empty())
            << each.name << ": a default, or words for its absence";
        EXPECT_TRUE(!is_secret(each) || each.standard.empty()) << each.name << ": a secret has no default";
    }
    EXPECT_EQ(settings_help().find('`'), std::string::npos);
}
