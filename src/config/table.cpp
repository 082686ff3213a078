#include "config/table.hpp"

#include "config/checks.hpp"
#include "config/values.hpp"

#include <array>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace persais::config {

namespace {

using namespace std::chrono_literals;
using s = settings;

constexpr std::array<std::string_view, 6> levels{"trace", "debug", "info", "warn", "error", "off"};
constexpr std::array<std::string_view, 2> formats{"json", "text"};
constexpr std::array<std::string_view, 4> forges{"github", "gitlab", "gitea", "none"};
constexpr std::array<std::string_view, 2> strategies{"push", "request"};
constexpr std::array<std::string_view, 2> factors{"off", "totp"};
constexpr std::array<std::string_view, 2> watches{"url", "forge"};
constexpr std::array<std::string_view, 2> review_requests{"off", "draft"};
constexpr std::array<std::string_view, 2> tree_ways{"auto", "copy"};
constexpr bool now = true;    // this version reads it
constexpr bool later = false; // known and checked, but only a later version reads it
// Whether a change is applied while the service runs, or at its next start. Settings that belong together must have the
// same value here: a new token that takes effect without the new address would be sent to the old one (settings_test).
constexpr bool live = true;
constexpr bool at_start = false;

constexpr row rows[] = {
    {"APP_ENV", group::service, mode_of{&s::app_env}, "development", "",
     "`production` never runs tasks without a sandbox, whatever `PERSAIS_UNSAFE` says", now, at_start, "NODE_ENV"},
    {"PORT", group::service, whole{&s::port, 0, 65535}, "3000", "", "HTTP; 0 takes any free port", now, at_start},
    {"HOST", group::service, text{&s::host, ip_address}, "0.0.0.0", "", "the address that HTTP listens on", now,
     at_start},
    {"TRUSTED_PROXIES", group::service, text{&s::trusted_proxies, ip_ranges}, "", "none",
     "addresses or ranges (`10.0.0.0/8, fd00::/8`) of the proxies whose `X-Forwarded-For` or `Forwarded` says who asks",
     now, at_start},
    {"PUBLIC_URL", group::service, text{&s::public_url, http_url}, "", "none", "where people reach the console", later,
     at_start},
    {"PERSAIS_DATA", group::service, folder{&s::data}, "", "`$XDG_DATA_HOME/persais`, else `~/.local/share/persais`",
     "mirrors, trees, embedded database", now, at_start},
    {"PERSAIS_UNSAFE", group::service, flag{&s::unsafe}, "off", "",
     "run the coder and the checks without a sandbox; shown on every message", now, at_start},
    {"PERSAIS_MASTER_KEY", group::service, hidden{&s::persais_master_key, token}, "",
     "made once in `PERSAIS_DATA`, mode 0600",
     "seals the secrets that are stored in the database; `persais secret reseal` changes it", now, live},
    {"PERSAIS_AGENT_ENV", group::service, folder{&s::agent_env}, "", "beside the binary",
     "the Python environment with aider", now, at_start},
    {"PREPARED_AGENT", group::service, flag{&s::prepared_agent}, "on", "",
     "the service keeps one process with aider loaded, in at most 256 MB, from which each task's is cloned, where 768 "
     "MB are left for each task; off: each task loads it itself, which takes seconds and as much memory again",
     now, at_start},
    {"MEMORY", group::service, flag{&s::memory}, "on", "",
     "what earlier tasks and people left to know of a repository is given to the agent, as notes; off: it is only kept",
     now, live},
    {"PERSAIS_POSTGRES", group::service, folder{&s::postgres}, "", "beside the binary",
     "the embedded PostgreSQL: the folder that holds `bin/postgres`", now, at_start},
    {"LOG_LEVEL", group::service, choice{&s::log_level, levels}, "info", "", "the least that is logged", now, live},
    {"LOG_FORMAT", group::service, choice{&s::log_format, formats}, "", "`text` on a terminal, else `json`",
     "how a line of the log looks", now, at_start},
    {"METRICS_ADDRESS", group::service, text{&s::metrics_address, ip_and_port}, "127.0.0.1:9090", "",
     "its own port: behind a proxy every address looks private", now, at_start},
    {"SSL_CERT_FILE", group::service, file{&s::ssl_cert_file}, "", "the system's",
     "certificates that our own TLS trusts (model, Telegram, forges)", now, at_start},

    {"DATABASE_URL", group::database, hidden{&s::database_url, postgres_url}, "",
     "an embedded server in `PERSAIS_DATA`", "any PostgreSQL from 15 on with pgvector; may be a transaction pooler",
     now, live},
    {"DIRECT_URL", group::database, hidden{&s::direct_url, postgres_url}, "", "`DATABASE_URL`",
     "without a pooler: migrations and LISTEN", now, live},
    {"DATABASE_POOL_SIZE", group::database, whole{&s::database_pool_size, 1, 1000}, "4", "", "connections", now,
     at_start},

    {"TELEGRAM_BOT_TOKEN", group::telegram, hidden{&s::telegram_bot_token, token}, "", "no Telegram", "from @BotFather",
     now, live},
    {"TELEGRAM_WEBHOOK_URL", group::telegram, text{&s::telegram_webhook_url, webhook_url}, "", "long polling",
     "public https address that ends in `/telegram/webhook`", now, live},
    {"TELEGRAM_WEBHOOK_SECRET", group::telegram, hidden{&s::telegram_webhook_secret, webhook_secret}, "",
     "made once, kept in the database", "what Telegram shows with each call", now, live},
    {"TELEGRAM_ADMIN_IDS", group::telegram, ids{&s::telegram_admin_ids}, "", "none",
     "may deploy, roll back, change settings", now, live},
    {"ALLOWED_USER_IDS", group::telegram, ids{&s::allowed_user_ids}, "", "the admins", "may ask and give tasks", now,
     live},
    {"TELEGRAM_ACCESS_REQUESTS", group::telegram, flag{&s::telegram_access_requests}, "on", "",
     "admins are told once of each stranger who writes to the bot in private, and can let them in", now, live},
    {"TELEGRAM_API_ROOT", group::telegram, text{&s::telegram_api_root, http_url}, "https://api.telegram.org", "",
     "a local Bot API server, or a test", now, live},

    {"OPENROUTER_API_KEY", group::model, hidden{&s::openrouter_api_key, token}, "", "tasks wait with a reason",
     "never reaches the agent or the checks", now, live},
    {"OPENROUTER_BASE_URL", group::model, text{&s::openrouter_base_url, http_url}, "https://openrouter.ai/api/v1", "",
     "any OpenAI-compatible endpoint", now, live},
    {"AIDER_MODEL", group::model, text{&s::aider_model, word}, "~anthropic/claude-sonnet-latest", "",
     "the name as OpenRouter spells it; `openrouter/x/y`, aider's spelling, is accepted as `x/y`", now, live},
    {"ALLOWED_MODELS", group::model, text{&s::allowed_models, model_names}, "", "`AIDER_MODEL` alone",
     "what others than admins may choose with `/model`, separated by commas", now, live},
    {"OPENROUTER_PROVIDER", group::model, text{&s::openrouter_provider, json_object}, "", "none",
     "OpenRouter's provider routing as JSON (order, zdr, data_collection)", now, live},
    {"AIDER_WEAK_MODEL", group::model, text{&s::aider_weak_model, word}, "", "`AIDER_MODEL`",
     "for summaries and such; spelt as `AIDER_MODEL` is", now, live},
    {"AIDER_EDIT_FORMAT", group::model, text{&s::aider_edit_format, word}, "", "aider's choice",
     "how the model writes its edits: `diff`, `whole`, …", now, live},
    {"BUDGET_TASK_USD", group::model, money{&s::budget_task_usd}, "2", "", "hard cap on one task, held by the gateway",
     now, live},
    {"BUDGET_DAY_USD", group::model, money{&s::budget_day_usd}, "20", "", "hard cap on one day (UTC)", now, live},
    {"BUDGET_MONTH_USD", group::model, money{&s::budget_month_usd}, "", "none",
     "hard cap on one month (UTC); repositories and people may have caps of their own: `persais budget set`", now,
     live},
    {"MODEL_PRICE_PROMPT", group::model, money{&s::model_price_prompt}, "", "from the endpoint's `/models`",
     "dollars a million tokens sent, for endpoints without prices", now, live},
    {"MODEL_PRICE_COMPLETION", group::model, money{&s::model_price_completion}, "", "from the endpoint's `/models`",
     "dollars a million tokens received; the two prices go together", now, live},

    {"GIT_REMOTE_URL", group::git, text{&s::git_remote_url, git_url}, "", "given per task",
     "https, ssh, or a local path", now, live},
    {"GIT_ACCESS_TOKEN", group::git, hidden{&s::git_access_token, token}, "", "none",
     "only ever sent to the host of `GIT_REMOTE_URL`, over https or to this machine", now, live},
    {"GIT_SSH_KEY", group::git, hidden{&s::git_ssh_key, key_text}, "", "none",
     "a private key without a passphrase, its whole text (`\\n` for line ends is fine); for the host of "
     "`GIT_REMOTE_URL`",
     now, live},
    {"GIT_SSH_KNOWN_HOSTS", group::git, text{&s::git_ssh_known_hosts, any_text}, "", "the big forges' published keys",
     "lines as in a known_hosts file, or the name of one; instead of the built-in ones", now, live},
    {"GIT_BASE_BRANCH", group::git, text{&s::git_base_branch, branch}, "", "the remote's HEAD", "what work starts from",
     now, live},
    {"GIT_AUTHOR_NAME", group::git, text{&s::git_author_name, person_name}, "Mechanic", "", "author of the commits",
     now, live},
    {"GIT_AUTHOR_EMAIL", group::git, text{&s::git_author_email, email}, "mechanic@persais.ai", "",
     "author of the commits", now, live},
    {"GIT_SIGNING_KEY", group::git, hidden{&s::git_signing_key, signing_key}, "", "commits are not signed",
     "a private ssh key (ed25519, ecdsa or rsa) without a passphrase, its whole text, that signs each commit; its "
     "public "
     "half is registered with the forge as a signing key of the account that has `GIT_AUTHOR_EMAIL`",
     now, live},
    {"GIT_SIGN_OFF", group::git, flag{&s::git_sign_off}, "off", "",
     "each commit says `Signed-off-by:` with the author's name and address", now, live},
    {"GIT_CO_AUTHORS", group::git, text{&s::git_co_authors, co_authors}, "", "nobody is named",
     "who is named in `Co-authored-by:` of the commits that they ask for, by number in Telegram or as `terminal`: "
     "`123456=Ann Lee <ann@example.org>; terminal=Bob <1234+bob@users.noreply.github.com>`",
     now, live},
    {"GIT_SSL_CAINFO", group::git, file{&s::git_ssl_cainfo}, "", "git's own", "certificates that git trusts", now,
     at_start},
    {"FETCH_HOSTS", group::git, text{&s::fetch_hosts, hosts}, "github.com,gitlab.com,codeberg.org", "",
     "submodules and LFS files are fetched from the repository's own host and, over https and without a token, from "
     "these; "
     "separated by commas",
     now, live},
    {"FORGE", group::git, choice{&s::forge, forges}, "", "by the remote's host", "whose API the remote has", now, live},
    {"GITHUB_API_URL", group::git, text{&s::github_api_url, http_url}, "", "the host's usual one", "", now, live},
    {"GITHUB_APP_ID", group::git, text{&s::github_app_id, word}, "", "a token is used",
     "of a GitHub App that is installed on the repository of `GIT_REMOTE_URL`: its number or client id; instead of "
     "`GIT_ACCESS_TOKEN`, over https",
     now, live},
    {"GITHUB_APP_KEY", group::git, hidden{&s::github_app_key, key_text}, "", "none",
     "the App's private key, its whole text (`\\n` for line ends is fine)", now, live},
    {"GITLAB_API_URL", group::git, text{&s::gitlab_api_url, http_url}, "", "the host's usual one", "", now, live},
    {"GITEA_API_URL", group::git, text{&s::gitea_api_url, http_url}, "", "the host's usual one", "", now, live},
    {"FORGE_INTAKE", group::git, flag{&s::forge_intake}, "off", "",
     "whether people with write access give tasks in issues, comments and reviews of `GIT_REMOTE_URL` (GitHub); for "
     "other repositories `persais repo set NAME intake on`",
     now, live},
    {"FORGE_MENTION", group::git, text{&s::forge_mention, mention}, "@persais", "",
     "the name that has to stand in an issue or a comment: best the one that the token's account has there", now, live},
    {"FORGE_WEBHOOK_SECRET", group::git, hidden{&s::forge_webhook_secret, key_text}, "", "no call is taken",
     "what the forge signs its calls of `/forge/webhook` with; without it, repositories are looked at every "
     "`FORGE_POLL`",
     now, live},
    {"FORGE_POLL", group::git, duration{&s::forge_poll, 1s, 24h}, "1m", "",
     "between two looks at a repository that no webhook tells of", now, live},

    {"CHECK_COMMAND", group::tasks, command{&s::check_command}, "", "a guess, which is said",
     "after `--check` and `.persais.toml` on the base commit; for `GIT_REMOTE_URL` only", now, live},
    {"SETUP_COMMAND", group::tasks, command{&s::setup_command}, "", "a guess, which is said",
     "after `--setup` and `.persais.toml` on the base commit; for `GIT_REMOTE_URL` only", now, live},
    {"SETUP_HOSTS", group::tasks, text{&s::setup_hosts, reachable_hosts}, "", "package registries only",
     "hosts that setup reaches beside the package registries: `npm.example.org`, `*.example.org`, "
     "`git.example.org:8443`; what is at no public address only with the address or range that it has: "
     "`npm.corp@10.1.0.0/16`; `*`: every public host; separated by commas; `setup_hosts` in `.persais.toml` on the "
     "base "
     "branch names more public ones",
     now, live},
    {"TASKS_PARALLEL", group::tasks, whole{&s::tasks_parallel, 1, 1000}, "", "by memory", "tasks at once", now,
     at_start},
    {"TASK_DISK_MB", group::tasks, whole{&s::task_disk_mb, 16, 100'000'000}, "4096", "",
     "disk for the coder, and as much for setup and for a run of the checks: tree, home and /tmp together, in MiB", now,
     at_start},
    {"TREES", group::tasks, choice{&s::trees, tree_ways}, "auto", "",
     "`auto`: a task's trees are layers over a checkout that tasks of one commit share, where this machine can; "
     "`copy`: "
     "each is a checkout of its own",
     now, at_start},
    {"TASK_TIMEOUT", group::tasks, duration{&s::task_timeout, 1s, 24h}, "15m", "", "the coder's total time", now, live},
    {"TASK_IDLE_TIMEOUT", group::tasks, duration{&s::task_idle_timeout, 1s, 24h}, "3m", "", "the coder's silent time",
     now, live},
    {"CHECK_TIMEOUT", group::tasks, duration{&s::check_timeout, 1s, 24h}, "10m", "", "one run of the checks", now,
     live},
    {"CHECKOUT_DEPTH", group::tasks, whole{&s::checkout_depth, 1, 1'000'000, "all"}, "all", "",
     "how many of the newest commits the coder, setup and checks see, as `git clone --depth`; `all`: the base branch's "
     "whole history up to 1 GiB (packed), of a larger one 100 commits, and of one whose first clone takes longer than "
     "30 s until the rest is there, which is told. `depth` in `.persais.toml` wins",
     now, live},
    {"TASK_ATTEMPTS", group::tasks, whole{&s::task_attempts, 1, 100}, "3", "", "crashes and outages use them up", now,
     live},
    {"REPAIR_ROUNDS", group::tasks, whole{&s::repair_rounds, 0, 100}, "3", "", "red checks use them up", now, live},
    {"LEASE_TTL", group::tasks, duration{&s::lease_ttl, 300ms, 1h}, "10s", "", "renewed at a third of it", now,
     at_start},

    {"DEPLOY_STRATEGY", group::deployment, choice{&s::deploy_strategy, strategies}, "push", "",
     "how a result comes onto the base branch: a fast-forward, or a pull or merge request that is opened and merged",
     now, live},
    {"DEPLOY_REQUEST_TIMEOUT", group::deployment, duration{&s::deploy_request_timeout, 1s, 24h * 14}, "24h", "",
     "how long a request may wait for the checks and reviews that the branch requires", now, live},
    {"REVIEW_REQUEST", group::deployment, choice{&s::review_request, review_requests}, "off", "",
     "`draft`: a result in review is a draft request at the forge already", now, live},
    {"DEPLOY_WATCH", group::deployment, choice{&s::deploy_watch, watches}, "url", "",
     "who says how a deployment does: `DEPLOY_HEALTH_URL` alone, or the forge (GitHub), and that address as well where "
     "it "
     "is set",
     now, live},
    {"DEPLOY_ENVIRONMENT", group::deployment, text{&s::deploy_environment, any_text}, "",
     "the workflow runs of the commit", "with `DEPLOY_WATCH=forge`: the environment whose deployment is watched", now,
     live},
    {"DEPLOY_HEALTH_URL", group::deployment, text{&s::deploy_health_url, http_url}, "", "not watched",
     "answers 200 when the deployment is healthy; looked at after a deploy and a rollback, while no other change of "
     "the repository is pushed",
     now, live},
    {"DEPLOY_VERSION_HEADER", group::deployment, text{&s::deploy_version_header, header_name}, "", "none",
     "header of that answer that holds the commit", now, live},
    {"DEPLOY_VERSION_POINTER", group::deployment, text{&s::deploy_version_pointer, json_pointer}, "", "none",
     "JSON pointer to the commit in that answer: `/build/commit`", now, live},
    {"DEPLOY_TIMEOUT", group::deployment, duration{&s::deploy_timeout, 1s, 24h}, "10m", "", "until it is seen healthy",
     now, live},
    {"DEPLOY_AUTO_ROLLBACK", group::deployment, flag{&s::deploy_auto_rollback}, "off", "",
     "roll back, without checks, what is not seen healthy in that time", now, live},
    {"DEPLOY_SOLVE_CONFLICTS", group::deployment, flag{&s::deploy_solve_conflicts}, "on", "",
     "when others changed the same lines, the agent makes the change anew on what they have, once; it costs what a "
     "reply "
     "costs, and a person is asked again. `off`: only told",
     now, live},
    {"DEPLOY_RULES", group::deployment, text{&s::deploy_rules, deploy_rules}, "", "every admin and deployer, alone",
     "who deploys what: `team/app by=11,22 own=off approvals=2; * approvals=2`. `by`: who may deploy and roll back "
     "instead of the admins and deployers; `own`: whether somebody's approval counts of what they asked for; "
     "`approvals`: of how "
     "many people a deploy needs it; `*`: what other rules leave open, and all other repositories",
     now, live},
    {"DEPLOY_SECOND_FACTOR", group::deployment, choice{&s::deploy_second_factor, factors}, "off", "",
     "`totp`: a deploy and a rollback need a code of the person's authenticator app (RFC 6238)", now, live},
    {"DEPLOY_SECOND_FACTOR_WINDOW", group::deployment, duration{&s::deploy_second_factor_window, 30s, 24h}, "5m", "",
     "for how long one code is enough", now, live},
    {"DEPLOY_BESIDE", group::deployment, flag{&s::deploy_beside}, "on", "",
     "changes that wait for their turn on the base branch are checked on top of one another meanwhile, where places "
     "are "
     "free; what is green is pushed together",
     now, live},

    {"BACKUP_URL", group::keeping, hidden{&s::backup_url, backup_url}, "", "no backup",
     "an absolute folder, or `s3://KEY:SECRET@BUCKET/PREFIX?region=…&endpoint=https://…&style=path` ([operating.md]"
     "(operating.md))",
     now, live},
    {"BACKUP_KEY", group::keeping, hidden{&s::backup_key, backup_key}, "", "made with the first backup, shown once",
     "encrypts backups; an age key (`AGE-SECRET-KEY-1…`). The made one is `PERSAIS_DATA/backup.key`: keep a copy "
     "elsewhere",
     now, live},
    {"BACKUP_INTERVAL", group::keeping, duration{&s::backup_interval, 1s, 24h * 30}, "5m", "",
     "between two backups of the service; only when something changed", now, live},
    {"RETENTION_DAYS", group::keeping, whole{&s::retention_days, 1, 36500}, "90", "",
     "inbox, outbox, events, logs, branches' mirrors beyond it are pruned", now, live},

    {"TRANSCRIBE_BASE_URL", group::voice, text{&s::transcribe_base_url, http_url}, "", "no voice messages",
     "an OpenAI-compatible endpoint", later, live},
    {"TRANSCRIBE_MODEL", group::voice, text{&s::transcribe_model, word}, "", "none", "its model", later, live},
    {"TRANSCRIBE_API_KEY", group::voice, hidden{&s::transcribe_api_key, token}, "", "none", "its key", later, live},
};

template <class... F>
struct overloaded : F... {
    using F::operator()...;
};

} // namespace

std::span<const row> table() {
    return rows;
}

bool is_secret(const row& of) {
    return std::holds_alternative<hidden>(of.is);
}

std::string_view title(group of) {
    constexpr std::array<std::string_view, 9> titles{"Service", "Database",   "Telegram", "Model",         "Git",
                                                     "Tasks",   "Deployment", "Keeping",  "Voice messages"};
    return titles[static_cast<std::size_t>(of)];
}

std::string form(const row& of) {
    return std::visit(overloaded{
                          [](const choice& c) { return fmt::format("`{}`", fmt::join(c.among, "`, `")); },
                          [](const mode_of&) { return std::string("`development`, `production`"); },
                          [](const whole& w) {
                              return fmt::format("whole number, {} to {}{}{}{}", w.least, w.most,
                                                 w.none.empty() ? "" : ", or `", w.none, w.none.empty() ? "" : "`");
                          },
                          [](const duration& d) {
                              return fmt::format("duration, {} to {}", show_duration(d.least), show_duration(d.most));
                          },
                          [](const money&) { return std::string("dollars"); },
                          [](const flag&) { return std::string("`on`, `off`"); },
                          [](const ids&) { return std::string("numbers, commas between"); },
                          [](const folder&) { return std::string("folder"); },
                          [](const file&) { return std::string("file"); },
                          [](const command&) { return std::string("shell command"); },
                          [](const auto& t) {
                              if (t.wrong == http_url || t.wrong == webhook_url || t.wrong == git_url ||
                                  t.wrong == postgres_url)
                                  return std::string("address");
                              return std::string("text");
                          },
                      },
                      of.is);
}

} // namespace persais::config
