#include "base/text.hpp"
#include "config/relations.hpp"
#include "config/settings.hpp"
#include "config/table.hpp"

#include <algorithm>
#include <fstream>
#include <random>
#include <unistd.h>

#include <fmt/format.h>
#include <gtest/gtest.h>

using namespace persais::config;
using namespace std::chrono_literals;

namespace {

class settings_test : public testing::Test {
protected:
    settings_test() { std::filesystem::create_directories(folder); }
    ~settings_test() override { std::filesystem::remove_all(folder); }

    void write(const std::string& name, const std::string& text) { std::ofstream(folder / name) << text; }

    settings loaded(environment variables) {
        variables.try_emplace("HOME", "/home/someone");
        auto made = load(std::move(variables), folder);
        if (!made) ADD_FAILURE() << fmt::format("{}", fmt::join(made.error(), "\n"));
        return made.value_or(settings{});
    }

    std::vector<std::string> errors(environment variables) {
        variables.try_emplace("HOME", "/home/someone");
        auto made = load(std::move(variables), folder);
        return made ? std::vector<std::string>{} : made.error();
    }

    /// The only error.
    std::string error(environment variables) {
        auto all = errors(std::move(variables));
        EXPECT_EQ(all.size(), 1U);
        return all.empty() ? "" : all[0];
    }

    std::filesystem::path folder =
        std::filesystem::temp_directory_path() / fmt::format("persais-settings-{}", ::getpid());
};

using Settings = settings_test;

} // namespace

TEST_F(Settings, nothing_set_gives_the_defaults) {
    auto s = loaded({});
    EXPECT_EQ(s.app_env, mode::development);
    EXPECT_EQ(s.port, 3000);
    EXPECT_EQ(s.data, "/home/someone/.local/share/persais");
    EXPECT_TRUE(s.database_url.empty());
    EXPECT_EQ(s.database_pool_size, 4);
    EXPECT_EQ(s.openrouter_base_url, "https://openrouter.ai/api/v1");
    EXPECT_EQ(s.aider_model, "~anthropic/claude-sonnet-latest");
    EXPECT_EQ(s.budget_task_usd, 2);
    EXPECT_EQ(s.budget_day_usd, 20);
    EXPECT_EQ(s.git_author_name, "Mechanic");
    EXPECT_EQ(s.task_timeout, 15min);
    EXPECT_EQ(s.task_idle_timeout, 3min);
    EXPECT_EQ(s.check_timeout, 10min);
    EXPECT_EQ(s.lease_ttl, 10s);
    EXPECT_EQ(s.repair_rounds, 3);
    EXPECT_FALSE(s.model_price_prompt);
    EXPECT_FALSE(s.unsafe);
    EXPECT_TRUE(s.notes.empty());
}

TEST_F(Settings, the_list_that_people_were_given_loads) {
    write(".env", R"(# Application
NODE_ENV=production
PORT=3000

# Database
DATABASE_URL=postgresql://user:pass@base:5432/persais

# Telegram
TELEGRAM_BOT_TOKEN=123:abc
TELEGRAM_WEBHOOK_URL=https://acme.fly.dev/telegram/webhook
TELEGRAM_ADMIN_IDS=1234567,7890123

# AI / OpenRouter
OPENROUTER_API_KEY=k-1
AIDER_MODEL=anthropic/claude-3-opus  # ???

# Git
GIT_REMOTE_URL=https://github.com/acme/shop.git
GIT_ACCESS_TOKEN=t-1

# Security
ALLOWED_USER_IDS=1234567,7890123
)");
    auto s = loaded({});
    EXPECT_EQ(s.app_env, mode::production);
    EXPECT_EQ(s.aider_model, "anthropic/claude-3-opus");
    EXPECT_EQ(s.database_url.reveal(), "postgresql://user:pass@base:5432/persais");
    EXPECT_EQ(s.telegram_admin_ids, (std::vector<std::int64_t>{1234567, 7890123}));
    EXPECT_EQ(s.git_access_token.reveal(), "t-1");
}

TEST_F(Settings, an_existing_variable_wins_over_env_file_and_an_empty_one_counts_as_not_set) {
    write(".env", "PORT=1\nHOST=127.0.0.1\n");
    auto s = loaded({{"PORT", "2"}, {"LOG_LEVEL", ""}});
    EXPECT_EQ(s.port, 2);
    EXPECT_EQ(s.host, "127.0.0.1");
    EXPECT_EQ(s.log_level, "info");
}

TEST_F(Settings, a_comment_that_a_container_runtime_passed_in_is_cut_off) {
    auto s = loaded({{"AIDER_MODEL", "openrouter/anthropic/claude-3-opus  # ???"},
                     {"PORT", "8080 # http"},
                     {"AIDER_WEAK_MODEL", "# none yet"},
                     {"CHECK_COMMAND", "grep '# x' a # fast"}});
    EXPECT_EQ(s.aider_model, "anthropic/claude-3-opus");
    EXPECT_EQ(s.port, 8080);
    EXPECT_EQ(s.aider_weak_model, "");
    EXPECT_EQ(s.check_command, "grep '# x' a # fast") << "the command's shell knows comments";
}

TEST_F(Settings, a_model_is_named_as_the_endpoint_spells_it) {
    auto s = loaded({{"AIDER_MODEL", "openrouter/auto"}, {"AIDER_WEAK_MODEL", "openrouter/v/small"}});
    EXPECT_EQ(s.aider_model, "openrouter/auto") << "its own name, not aider's spelling of another";
    EXPECT_EQ(s.aider_weak_model, "v/small");
}

TEST_F(Settings, the_depth_of_a_checkout_is_a_number_or_all) {
    EXPECT_EQ(loaded({}).checkout_depth, std::nullopt);
    EXPECT_EQ(loaded({{"CHECKOUT_DEPTH", "all"}}).checkout_depth, std::nullopt);
    EXPECT_EQ(loaded({{"CHECKOUT_DEPTH", "50"}}).checkout_depth, 50);
    EXPECT_EQ(error({{"CHECKOUT_DEPTH", "0"}}), "CHECKOUT_DEPTH: '0' is no whole number from 1 to 1000000, nor 'all'");
}

TEST_F(Settings, a_quoted_hash_in_the_env_file_stays) {
    write(".env", "GIT_AUTHOR_NAME='Nr # 1'\n");
    EXPECT_EQ(loaded({}).git_author_name, "Nr # 1");
}

TEST_F(Settings, a_secret_file_wins_over_both) {
    write("key", "from-file\n");
    write(".env", "OPENROUTER_API_KEY=from-env-file\nGIT_ACCESS_TOKEN_FILE=key\n");
    auto s = loaded({{"OPENROUTER_API_KEY", "from-variable"}, {"OPENROUTER_API_KEY_FILE", (folder / "key").string()}});
    EXPECT_EQ(s.openrouter_api_key.reveal(), "from-file");
    EXPECT_EQ(s.git_access_token.reveal(), "from-file") << "relative to the working folder";
}

TEST_F(Settings, a_secret_file_that_cannot_be_read_is_named) {
    EXPECT_EQ(error({{"OPENROUTER_API_KEY_FILE", "/nowhere/key"}}),
              "OPENROUTER_API_KEY_FILE: /nowhere/key: cannot be read: No such file or directory");
    write("empty", " \n");
    EXPECT_EQ(error({{"GIT_ACCESS_TOKEN_FILE", "empty"}}), "GIT_ACCESS_TOKEN_FILE: empty: is empty");
    EXPECT_EQ(error({{"GIT_ACCESS_TOKEN_FILE", "/dev/zero"}}), "GIT_ACCESS_TOKEN_FILE: /dev/zero: is no regular file");
    write("large", std::string(300 * 1024, 'a'));
    EXPECT_NE(error({{"GIT_ACCESS_TOKEN_FILE", "large"}}).find("is larger than"), std::string::npos);
}

TEST_F(Settings, every_wrong_value_is_said_at_once_each_with_its_name) {
    write(".env", "nonsense\nTASK_TIMEOUT=15\n");
    auto all = errors({{"PORT", "http"}, {"NODE_ENV", "prod"}, {"PERSAIS_UNSAVE", "1"}, {"BUDGET_DAY_USD", "lots"}});
    for (auto name : {"PORT: ", "NODE_ENV: ", "PERSAIS_UNSAVE: there is no such setting",
                      "BUDGET_DAY_USD: ", "TASK_TIMEOUT: ", ".env: line 1: "})
        EXPECT_TRUE(std::ranges::any_of(all, [&](const auto& line) { return line.find(name) != line.npos; })) << name;
    EXPECT_EQ(all.size(), 6U);
    for (const auto& line : all)
        EXPECT_EQ(line.find('\n'), line.npos);
}

TEST_F(Settings, a_name_or_value_that_was_mistyped_is_told_with_the_one_that_was_meant) {
    EXPECT_EQ(error({{"PERSAIS_UNSAVE", "1"}}),
              "PERSAIS_UNSAVE: there is no such setting; did you mean `PERSAIS_UNSAFE`?");
    EXPECT_EQ(error({{"PERSAIS_QUITE_OTHER", "1"}}), "PERSAIS_QUITE_OTHER: there is no such setting");
    EXPECT_TRUE(error({{"LOG_LEVEL", "wran"}}).ends_with("; did you mean `warn`?"));
    EXPECT_TRUE(error({{"APP_ENV", "prod"}}).ends_with("; did you mean `production`?"));
}

TEST_F(Settings, an_example_that_was_left_in_counts_as_not_given_and_is_told) {
    for (auto name : {"TELEGRAM_BOT_TOKEN", "OPENROUTER_API_KEY", "GIT_ACCESS_TOKEN", "BACKUP_URL", "GIT_SSH_KEY",
                      "GIT_SIGNING_KEY"}) {
        auto s = loaded({{name, "xxx"}});
        EXPECT_EQ(s.notes, std::vector{fmt::format("{}: xxx is what our example says, so it counts as not given: put "
                                                   "your own, or leave it out",
                                                   name)});
    }
    auto all = loaded({{"DATABASE_URL", "postgresql://me:hunter2@host:5432/mine"},
                       {"TELEGRAM_ADMIN_IDS", "123456, 789012"},
                       {"ALLOWED_USER_IDS", "123456,42"},
                       {"TELEGRAM_WEBHOOK_URL", "https://app.fly.dev/telegram/webhook"},
                       {"GIT_REMOTE_URL", "git@github.com:user/repo.git"}});
    EXPECT_TRUE(all.database_url.empty());
    EXPECT_TRUE(all.telegram_admin_ids.empty());
    EXPECT_EQ(all.allowed_user_ids, std::vector<std::int64_t>{42});
    EXPECT_EQ(all.telegram_webhook_url + all.git_remote_url, "");
    ASSERT_EQ(all.notes.size(), 5U);
    for (const auto& note : all.notes)
        EXPECT_EQ(note.find("hunter2"), std::string::npos) << note;
    write("key", "xxx\n");
    EXPECT_TRUE(loaded({{"OPENROUTER_API_KEY_FILE", "key"}}).openrouter_api_key.empty());
    EXPECT_EQ(loaded({{"GIT_REMOTE_URL", "https://github.com/user/repos"}}).notes.size(), 0U);
}

TEST_F(Settings, names_in_the_env_file_that_are_none_of_ours_are_told_with_the_nearest) {
    write(".env", "OPENROUTER_KEY=a\nTELEGRAM_ADMIN_ID=7\nPORT=1\nTZ=UTC\nMEMORY_LIMIT=4g\nDATABASE_URL_UNPOOLED="
                  "x\nNODE_ENV=development\n");
    EXPECT_EQ(loaded({{"ELSEWHERE", "1"}}).notes,
              (std::vector<std::string>{".env line 1: there is no setting OPENROUTER_KEY; did you mean "
                                        "`OPENROUTER_API_KEY`?",
                                        ".env line 2: there is no setting TELEGRAM_ADMIN_ID; did you mean "
                                        "`TELEGRAM_ADMIN_IDS`?",
                                        ".env has names that are no settings of Persais: DATABASE_URL_UNPOOLED, "
                                        "MEMORY_LIMIT, TZ"}));
}

TEST_F(Settings, what_is_read_from_a_later_version_on_is_told_when_it_is_given) {
    EXPECT_EQ(loaded({{"TRANSCRIBE_MODEL", "x"}, {"PORT", "1"}}).notes,
              std::vector<std::string>{"TRANSCRIBE_MODEL has no effect yet: it is read from a later version on"});
}

TEST_F(Settings, a_missing_key_and_a_missing_repository_are_told_at_the_start_of_a_service) {
    EXPECT_EQ(missing(loaded({})).size(), 2U);
    EXPECT_TRUE(missing(loaded({{"OPENROUTER_API_KEY", "k"}, {"GIT_REMOTE_URL", "/srv/r.git"}})).empty());
    EXPECT_TRUE(missing(loaded({{"OPENROUTER_API_KEY", "k"}})).front().starts_with("GIT_REMOTE_URL is not set"));
}

TEST_F(Settings, no_error_shows_a_secret) {
    for (auto name : {"DATABASE_URL", "DIRECT_URL", "OPENROUTER_API_KEY", "TELEGRAM_WEBHOOK_SECRET", "BACKUP_URL",
                      "GIT_ACCESS_TOKEN"})
        EXPECT_EQ(error({{name, "hun ter2"}}).find("ter2"), std::string::npos) << name;
}

TEST_F(Settings, app_env_wins_over_its_old_name) {
    EXPECT_EQ(loaded({{"APP_ENV", "production"}, {"NODE_ENV", "development"}}).app_env, mode::production);
    EXPECT_EQ(loaded({{"NODE_ENV", "production"}}).app_env, mode::production);
}

TEST_F(Settings, nothing_switches_the_sandbox_off_in_production) {
    auto s = loaded({{"APP_ENV", "production"}, {"PERSAIS_UNSAFE", "1"}});
    EXPECT_FALSE(s.unsafe);
    EXPECT_EQ(s.notes.size(), 1U);
    EXPECT_TRUE(loaded({{"PERSAIS_UNSAFE", "1"}}).unsafe);
}

TEST_F(Settings, data_is_where_the_system_keeps_data) {
    EXPECT_EQ(loaded({{"XDG_DATA_HOME", "/x"}}).data, "/x/persais");
    EXPECT_EQ(loaded({{"PERSAIS_DATA", "here/../there"}}).data, folder / "there");
    EXPECT_EQ(loaded({{"PERSAIS_DATA", "~/p"}}).data, "/home/someone/p");
    EXPECT_EQ(error({{"HOME", ""}}), "PERSAIS_DATA: must be set where there is no HOME");
}

TEST_F(Settings, a_token_is_not_sent_in_the_open) {
    EXPECT_TRUE(
        error({{"GIT_REMOTE_URL", "http://host/r.git"}, {"GIT_ACCESS_TOKEN", "t"}}).starts_with("GIT_REMOTE_URL: "));
    loaded({{"GIT_REMOTE_URL", "http://127.0.0.1:1/r.git"}, {"GIT_ACCESS_TOKEN", "t"}});
    loaded({{"GIT_REMOTE_URL", "http://host/r.git"}});
}

TEST_F(Settings, prices_go_together_and_limits_hold) {
    EXPECT_TRUE(error({{"MODEL_PRICE_PROMPT", "3"}}).starts_with("MODEL_PRICE_COMPLETION: "));
    EXPECT_EQ(loaded({{"MODEL_PRICE_PROMPT", "3"}, {"MODEL_PRICE_COMPLETION", "15"}}).model_price_completion, 15);
    EXPECT_EQ(error({{"TASK_TIMEOUT", "100ms"}}), "TASK_TIMEOUT: 100ms is not from 1s to 1d");
    EXPECT_EQ(loaded({{"ALLOWED_USER_IDS", ""}, {"TELEGRAM_ADMIN_IDS", "7"}}).allowed_user_ids,
              std::vector<std::int64_t>{7});
    EXPECT_EQ(loaded({{"OPENROUTER_BASE_URL", "http://127.0.0.1:1/v1/"}}).openrouter_base_url, "http://127.0.0.1:1/v1");
}

TEST_F(Settings, what_is_installed_is_found_beside_the_binary) {
    auto exe = folder / "build/dev/bin";
    std::filesystem::create_directories(folder / "build/deps/agent-env/bin");
    std::filesystem::create_directories(folder / "set/bin");
    write("build/deps/agent-env/bin/python", "");
    write("set/bin/postgres", "");
    auto s = loaded({{"PERSAIS_POSTGRES", "set"}});
    EXPECT_EQ(find_beside(s, exe, "agent-env"), folder / "build/deps/agent-env");
    EXPECT_EQ(find_beside(s, exe, "postgres"), folder / "set");
    EXPECT_TRUE(find_beside(settings{}, exe, "postgres").error().starts_with("PERSAIS_POSTGRES: not set"));
    s.postgres = folder / "gone";
    EXPECT_TRUE(find_beside(s, exe, "postgres").error().starts_with("PERSAIS_POSTGRES: there is no bin/postgres"));
}

TEST_F(Settings, no_bytes_of_an_env_file_stop_the_reading_or_leave_it_in_a_message) {
    std::mt19937 random(4);
    const std::vector<std::string> likely{"PORT=",
                                          "\nDATABASE_URL=postgresql://",
                                          "OPENROUTER_API_KEY=",
                                          "\n",
                                          "\"",
                                          "'",
                                          " # ",
                                          "hunter2",
                                          "TASK_TIMEOUT=",
                                          "5m",
                                          "@",
                                          ":",
                                          "%4",
                                          "OPENROUTER_API_KEY_FILE=/dev/zero\n",
                                          "\xff",
                                          "TELEGRAM_ADMIN_IDS=",
                                          "1,",
                                          "AIDER_MODEL=",
                                          "OPENROUTER_PROVIDER={",
                                          "xxx"};
    for (int round = 0; round < 500; ++round) {
        std::string text;
        for (auto pieces = random() % 12; pieces > 0; --pieces)
            text += likely[random() % likely.size()];
        write(".env", text);
        for (const auto& line : errors({})) {
            EXPECT_EQ(line.find('\n'), line.npos) << text;
            EXPECT_TRUE(persais::text::valid_utf8(line)) << text;
            if (line.starts_with("DATABASE_URL") || line.starts_with("OPENROUTER_API_KEY:")) {
                EXPECT_EQ(line.find("hunter2"), line.npos) << text;
            }
        }
    }
}

TEST_F(Settings, a_value_that_is_no_text_is_refused_by_its_name) {
    EXPECT_EQ(error({{"GIT_AUTHOR_NAME", "M\xfcller"}}), "GIT_AUTHOR_NAME: is no UTF-8 text");
    write("key", std::string("a\0b", 3));
    EXPECT_EQ(error({{"OPENROUTER_API_KEY_FILE", "key"}}), "OPENROUTER_API_KEY_FILE: is no UTF-8 text");
}

TEST(table, what_goes_together_is_taken_over_together) {
    // If a new token took effect before its new address, it would be sent to the old one.
    const std::vector<std::vector<std::string_view>> together{
        {"GIT_REMOTE_URL", "GIT_ACCESS_TOKEN", "GIT_SSH_KEY", "GIT_SSH_KNOWN_HOSTS", "FORGE", "GITHUB_API_URL",
         "GITLAB_API_URL", "GITEA_API_URL", "GITHUB_APP_ID", "GITHUB_APP_KEY"},
        {"DEPLOY_WATCH", "DEPLOY_ENVIRONMENT", "DEPLOY_HEALTH_URL"},
        {"OPENROUTER_BASE_URL", "OPENROUTER_API_KEY", "AIDER_MODEL", "MODEL_PRICE_PROMPT", "MODEL_PRICE_COMPLETION"},
        {"TELEGRAM_API_ROOT", "TELEGRAM_BOT_TOKEN", "TELEGRAM_WEBHOOK_URL", "TELEGRAM_WEBHOOK_SECRET"},
        {"DATABASE_URL", "DIRECT_URL"},
        {"TRANSCRIBE_BASE_URL", "TRANSCRIBE_MODEL", "TRANSCRIBE_API_KEY"},
        {"APP_ENV", "PERSAIS_UNSAFE"}};
    auto find = [](std::string_view name) { return *std::ranges::find(table(), name, &row::name); };
    for (const auto& names : together)
        for (auto name : names)
            EXPECT_EQ(find(name).live, find(names[0]).live) << name;
    for (const auto& each : table())
        EXPECT_TRUE(!is_secret(each) || each.live || each.name == "PERSAIS_MASTER_KEY")
            << each.name << ": a secret can be rotated while running; the master key seals what is stored";
}
