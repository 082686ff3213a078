#include "config/reading.hpp"
#include "config/row_value.hpp"
#include "config/testing.hpp"

#include <algorithm>

using namespace persais::config;

namespace {

class Reading : public in_folder {
protected:
    /// The source of the named setting's value.
    std::string source(const reading& of, std::string_view name) {
        auto at = std::ranges::find(table(), name, &row::name) - table().begin();
        return of.origins.at(static_cast<std::size_t>(at)).words();
    }
    std::string shown(const reading& of, std::string_view name) {
        return shown_value(*std::ranges::find(table(), name, &row::name), *of.made);
    }
};

} // namespace

TEST_F(Reading, says_where_each_value_came_from) {
    write(".env", "# c\nPORT=8080\nOPENROUTER_API_KEY=from-env-file\nGIT_ACCESS_TOKEN_FILE=token\nHOST=127.0.0.1\n");
    write("token", "from-file\n");
    write("key", "-");
    auto all = read(
        {{"HOME", "/h"}, {"NODE_ENV", "production"}, {"HOST", "::1"}, {"GIT_SSH_KEY_FILE", (folder / "key").string()}},
        folder);
    ASSERT_TRUE(all.made);
    ASSERT_EQ(all.origins.size(), table().size());
    EXPECT_EQ(source(all, "APP_ENV"), "environment NODE_ENV");
    EXPECT_EQ(source(all, "PORT"), ".env line 2, PORT");
    EXPECT_EQ(source(all, "HOST"), "environment HOST") << "the environment wins over .env";
    EXPECT_EQ(source(all, "OPENROUTER_API_KEY"), ".env line 3, OPENROUTER_API_KEY");
    EXPECT_EQ(source(all, "GIT_ACCESS_TOKEN"),
              fmt::format("file {} (GIT_ACCESS_TOKEN_FILE, .env line 4)", (folder / "token").string()));
    EXPECT_EQ(source(all, "GIT_SSH_KEY"), fmt::format("file {} (GIT_SSH_KEY_FILE)", (folder / "key").string()));
    EXPECT_EQ(source(all, "BUDGET_DAY_USD"), "default");
    EXPECT_EQ(source(all, "DATABASE_URL"), "default");
    EXPECT_EQ(all.files, (std::vector{folder / ".env", folder / "token", folder / "key"}));
}

TEST_F(Reading, names_the_files_and_sources_when_something_is_wrong_too) {
    write(".env", "PORT=http\n");
    auto all = read({{"HOME", "/h"}, {"DATABASE_URL_FILE", "gone"}}, folder);
    EXPECT_FALSE(all.made);
    EXPECT_EQ(source(all, "PORT"), ".env line 1, PORT");
    EXPECT_EQ(all.files, (std::vector{folder / ".env", folder / "gone"})) << "a file that comes later is seen coming";
}

TEST_F(Reading, shows_values_as_they_would_be_written_and_secrets_not_at_all) {
    auto all = read({{"HOME", "/h"},
                     {"TELEGRAM_ADMIN_IDS", " 1, 2 "},
                     {"TASK_TIMEOUT", "900s"},
                     {"BUDGET_TASK_USD", "0.50"},
                     {"OPENROUTER_API_KEY", "schlüssel"},
                     {"GIT_SSH_KNOWN_HOSTS", "a\nb"}},
                    folder);
    ASSERT_TRUE(all.made);
    EXPECT_EQ(shown(all, "APP_ENV"), "development");
    EXPECT_EQ(shown(all, "PORT"), "3000");
    EXPECT_EQ(shown(all, "PERSAIS_DATA"), "/h/.local/share/persais");
    EXPECT_EQ(shown(all, "PERSAIS_UNSAFE"), "off");
    EXPECT_EQ(shown(all, "TELEGRAM_ADMIN_IDS"), "1,2");
    EXPECT_EQ(shown(all, "ALLOWED_USER_IDS"), "1,2");
    EXPECT_EQ(shown(all, "TASK_TIMEOUT"), "15m");
    EXPECT_EQ(shown(all, "BUDGET_TASK_USD"), "0.5");
    EXPECT_EQ(shown(all, "MODEL_PRICE_PROMPT"), "");
    EXPECT_EQ(shown(all, "TASKS_PARALLEL"), "");
    EXPECT_EQ(shown(all, "CHECKOUT_DEPTH"), "all");
    EXPECT_EQ(shown(all, "OPENROUTER_API_KEY"), "set (9 characters)");
    EXPECT_EQ(shown(all, "GIT_ACCESS_TOKEN"), "");
    EXPECT_EQ(shown(all, "GIT_SSH_KNOWN_HOSTS"), "a b");
}

TEST_F(Reading, a_value_is_taken_over_alone_and_then_is_the_same) {
    auto is =
        *read({{"HOME", "/h"}, {"PORT", "1"}, {"MODEL_PRICE_PROMPT", "1"}, {"MODEL_PRICE_COMPLETION", "2"}}, folder)
             .made;
    for (const auto& each : table()) {
        auto was = *read(home, folder).made;
        bool differs = each.name == "PORT" || each.name == "PERSAIS_DATA" || each.name.starts_with("MODEL_PRICE");
        EXPECT_EQ(same(each, was, is), !differs) << each.name;
        take_over(each, was, is);
        EXPECT_TRUE(same(each, was, is)) << each.name;
        EXPECT_EQ(was.port == 1, each.name == "PORT");
    }
}
