#pragma once
#include "base/result.hpp"
#include "base/secret.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace persais::config {

enum class mode { development, production };

/// Everything that can be set, checked. What each means, its default and its limits: docs/settings.md, which is made
/// from the same table (config/table.cpp) as this is filled from. An empty text, path or secret is one that is not set.
struct settings {
    // service
    mode app_env{};
    int port{};
    std::string host;
    std::string public_url;
    std::filesystem::path data;
    bool unsafe{}; ///< never true in production
    std::string log_level;
    std::string log_format; ///< `json` or `text`; empty: text on a terminal, else json
    std::string metrics_address;
    secret persais_master_key;
    std::filesystem::path agent_env; ///< empty: find_beside()
    std::filesystem::path postgres;  ///< empty: find_beside()
    std::string ssl_cert_file;

    // database
    secret database_url; ///< empty: the embedded server
    secret direct_url;   ///< empty: database_url
    int database_pool_size{};

    // Telegram
    secret telegram_bot_token;
    std::string telegram_webhook_url;
    secret telegram_webhook_secret;
    std::vector<std::int64_t> telegram_admin_ids;
    std::vector<std::int64_t> allowed_user_ids; ///< the admins when not set
    std::string telegram_api_root;

    // model
    secret openrouter_api_key;
    std::string openrouter_base_url; ///< without a slash at the end
    std::string aider_model;         ///< without `openrouter/`
    std::string openrouter_provider; ///< a JSON object
    std::string aider_weak_model;    ///< empty: aider_model
    std::string aider_edit_format;   ///< empty: the coder's choice
    double budget_task_usd{};
    double budget_day_usd{};
    std::optional<double> model_price_prompt; ///< dollars a million tokens; both prices or none
    std::optional<double> model_price_completion;

    // git
    std::string git_remote_url;
    secret git_access_token; ///< never together with an http:// remote that is not on this machine
    secret git_ssh_key;
    std::string git_ssh_known_hosts;
    std::string git_base_branch;
    std::string git_author_name;
    std::string git_author_email;
    std::string git_ssl_cainfo;
    std::string forge;
    std::string github_api_url;
    std::string gitlab_api_url;
    std::string gitea_api_url;

    // tasks
    std::string check_command;
    std::string setup_command;
    std::optional<int> tasks_parallel; ///< none: by memory
    std::chrono::milliseconds task_timeout{};
    std::chrono::milliseconds task_idle_timeout{};
    std::chrono::milliseconds check_timeout{};
    int task_attempts{};
    int repair_rounds{};
    std::chrono::milliseconds lease_ttl{};

    // deployment
    std::string deploy_strategy;
    std::string deploy_health_url;
    std::string deploy_version_header;
    std::chrono::milliseconds deploy_timeout{};
    bool deploy_auto_rollback{};

    // keeping
    secret backup_url;
    std::chrono::milliseconds backup_interval{};
    int retention_days{};

    // voice
    std::string transcribe_base_url;
    std::string transcribe_model;
    secret transcribe_api_key;

    /// What was set but has no effect, a sentence each, to be shown once at the start.
    std::vector<std::string> notes;
};

using environment = std::map<std::string, std::string>;

/// This process's own.
environment process_environment();

/// Reads `variables`, `folder`/.env (variables win over it) and the files that NAME_FILE of a secret names (they win
/// over both). Relative paths count from `folder`. An error is every wrong thing at once, one line each that names the
/// variable, the file or the line of .env; none of them shows a secret.
result<settings, std::vector<std::string>> load(environment variables, const std::filesystem::path& folder);

/// Where "agent-env" (a Python environment) or "postgres" (the folder with bin/postgres) is: where the setting says,
/// else <exe>/../deps/NAME, <exe>/../../deps/NAME, <exe>/../lib/persais/NAME. An error is one sentence.
result<std::filesystem::path> find_beside(const settings& from, const std::filesystem::path& exe_folder,
                                          std::string_view name);

} // namespace persais::config
