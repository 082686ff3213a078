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

/// All settings, validated. docs/settings.md has the meaning, default and limits of each; it is generated from the same
/// table (config/table.cpp) from which this struct is filled. An empty text, path or secret is not set.
struct settings {
    // service
    mode app_env{};
    int port{};
    std::string host;
    std::string trusted_proxies; ///< as networks::parse reads it; empty: none
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
    std::vector<std::int64_t> allowed_user_ids; ///< when not set, the admins
    bool telegram_access_requests{};            ///< admins are told of strangers who write
    std::string telegram_api_root;

    // model
    secret openrouter_api_key;
    std::string openrouter_base_url; ///< without a slash at the end
    std::string aider_model;         ///< without `openrouter/`
    std::string openrouter_provider; ///< a JSON object
    std::string allowed_models;      ///< separated by commas
    std::string aider_weak_model;    ///< empty: aider_model
    bool prepared_agent = true;      ///< keep a process with the coder loaded, from which tasks are cloned
    std::string aider_edit_format;   ///< empty: the coder chooses
    double budget_task_usd{};
    double budget_day_usd{};
    std::optional<double> budget_month_usd;   ///< nullopt: none
    std::optional<double> model_price_prompt; ///< dollars per million tokens; both prices or none
    std::optional<double> model_price_completion;

    // git
    std::string git_remote_url;
    secret git_access_token; ///< never together with an http:// remote on another machine
    secret git_ssh_key;
    std::string git_ssh_known_hosts;
    std::string git_base_branch;
    std::string git_author_name;
    std::string git_author_email;
    secret git_signing_key;     ///< as it was written; empty: commits are not signed
    bool git_sign_off{};        ///< commits carry Signed-off-by
    std::string git_co_authors; ///< as co_author_of reads it
    std::string git_ssl_cainfo;
    std::string fetch_hosts; ///< separated by commas
    std::string forge;
    std::string github_api_url;
    std::string github_app_id; ///< an App's number; with its key it takes the place of the token
    secret github_app_key;     ///< PEM, as it was written
    std::string gitlab_api_url;
    bool forge_intake{}; ///< of git_remote_url
    std::string forge_mention;
    secret forge_webhook_secret; ///< empty: no call is taken
    std::chrono::milliseconds forge_poll{};
    std::string gitea_api_url;

    // tasks
    std::string check_command;
    std::string setup_command;
    std::string setup_hosts;           ///< as host_rules::parse reads it
    std::optional<int> tasks_parallel; ///< none: chosen by memory
    std::optional<int> task_disk_mb;
    std::string trees; ///< `auto` or `copy`
    std::chrono::milliseconds task_timeout{};
    std::chrono::milliseconds task_idle_timeout{};
    std::chrono::milliseconds check_timeout{};
    std::optional<int> checkout_depth; ///< none: the whole history
    int task_attempts{};
    int repair_rounds{};
    std::chrono::milliseconds lease_ttl{};

    // deployment
    std::string deploy_strategy;
    std::chrono::milliseconds deploy_request_timeout{};
    std::string review_request;     ///< `off` or `draft`
    std::string deploy_watch;       ///< `url` or `forge`
    std::string deploy_environment; ///< its name at the forge; empty: what runs for the commit
    std::string deploy_health_url;
    std::string deploy_version_header;
    std::string deploy_version_pointer;
    std::chrono::milliseconds deploy_timeout{};
    bool deploy_auto_rollback{};
    bool deploy_solve_conflicts{};
    std::string deploy_rules;         ///< as read_deploy_rules() reads it
    std::string deploy_second_factor; ///< `off` or `totp`
    std::chrono::milliseconds deploy_second_factor_window{};
    bool deploy_beside{};

    // keeping
    secret backup_url; ///< a folder, or what read_s3_url() reads; empty: no backups
    secret backup_key; ///< an age key (base/age_key.hpp); empty: backup.key in the data folder
    std::chrono::milliseconds backup_interval{};
    int retention_days{};

    // voice
    std::string transcribe_base_url;
    std::string transcribe_model;
    secret transcribe_api_key;

    /// Settings that were set but have no effect, one sentence each, to be shown once at the start.
    std::vector<std::string> notes;

    /// .env, there or not, and the files that NAME_FILE of a secret named.
    std::vector<std::filesystem::path> files;

    // memory of repositories
    bool memory = true; ///< what earlier tasks left to know is given to the agent
};

/// The files and folders that no task may see, whatever else it sees: the data folder and all of `files`.
std::vector<std::filesystem::path> hidden_from_tasks(const settings& of);

using environment = std::map<std::string, std::string>;

/// The environment variables of this process.
environment process_environment();

/// Reads `variables`, `folder`/.env (variables override it) and the files that NAME_FILE of a secret names (they
/// override both). Relative paths are relative to `folder`. The error lists everything that is wrong, one line each,
/// with the name of the variable, the file or the line of .env; no line shows a secret.
result<settings, std::vector<std::string>> load(environment variables, const std::filesystem::path& folder);

/// The location of "agent-env" (a Python environment), "postgres" (the folder with bin/postgres) or "agent" (the
/// agent's wrapper, for which there is no setting): where the setting says, else <exe>/../deps/NAME,
/// <exe>/../../deps/NAME, <exe>/../lib/persais/NAME, <exe>/../../../NAME. An error is one sentence.
result<std::filesystem::path> find_beside(const settings& from, const std::filesystem::path& exe_folder,
                                          std::string_view name);

} // namespace persais::config
