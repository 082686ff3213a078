#include "config/documents.hpp"
#include "config/read_file.hpp"
#include "config/reading.hpp"
#include "config/row_value.hpp"
#include "config/settings.hpp"
#include "config/table.hpp"
#include "config/testing.hpp"

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

namespace {

class Example : public in_folder {
protected:
    /// The example with all optional settings that have a default uncommented too, because the file's own defaults must
    /// be valid values.
    std::string whole_example() {
        auto text = env_example();
        for (const auto& each : table())
            if (!each.standard.empty())
                if (auto at = text.find("\n#" + std::string(each.name) + "="); at != text.npos) text.erase(at + 1, 1);
        return text;
    }
};

} // namespace

TEST_F(Example, as_it_stands_gives_no_value_that_is_a_persons_own_and_tells_each) {
    write(".env", whole_example());
    auto all = read(home, folder);
    ASSERT_TRUE(all.made) << all.made.error().front();
    write(".env", "NODE_ENV=production\nPORT=3000\nAIDER_MODEL=~anthropic/claude-sonnet-latest\n");
    auto plain = load(home, folder);
    for (const auto& each : table())
        EXPECT_TRUE(same(each, *all.made, *plain)) << each.name;
    std::vector<std::string> told;
    for (const auto& note : all.made->notes)
        if (note.contains("our example")) told.push_back(note.substr(0, note.find(':')));
    EXPECT_EQ(told, (std::vector<std::string>{"DATABASE_URL", "TELEGRAM_BOT_TOKEN", "TELEGRAM_WEBHOOK_URL",
                                              "TELEGRAM_ADMIN_IDS", "ALLOWED_USER_IDS", "OPENROUTER_API_KEY",
                                              "GIT_REMOTE_URL", "GIT_ACCESS_TOKEN"}));
}

TEST_F(Example, with_its_placeholders_replaced_is_valid_and_holds_each_setting_once) {
    auto text = whole_example();
    for (auto at = text.find("=xxx"); at != text.npos; at = text.find("=xxx"))
        text.replace(at, 4, "=own-value");
    write(".env", text);
    auto loaded = load(home, folder);
    ASSERT_TRUE(loaded) << loaded.error().front();
    EXPECT_EQ(loaded->app_env, mode::production);
    EXPECT_EQ(loaded->aider_model, "~anthropic/claude-sonnet-latest");
    for (const auto& each : table()) {
        int times = 0;
        for (auto name : {each.name, each.alias})
            for (auto start : {"\n", "\n#"})
                if (auto line = fmt::format("{}{}=", start, name); !name.empty())
                    for (auto at = text.find(line); at != text.npos; at = text.find(line, at + 1))
                        ++times;
        EXPECT_EQ(times, 1) << each.name;
    }
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
