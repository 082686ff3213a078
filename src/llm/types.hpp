#pragma once
#include "base/ids.hpp"
#include "base/secret.hpp"
#include "llm/limits.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What the gateway, its ledger and whoever asks it speak of.
namespace persais::llm {

/// Why model calls failed. docs/verdicts.md has the reasons that they become.
enum class cause {
    none,
    key,
    credit,
    day_budget,
    task_budget,
    policy,
    model,
    context,
    rate,
    network,
    month_budget,
    paused
};

struct upstream {
    std::string base_url;               // OPENROUTER_BASE_URL
    secret key;                         // OPENROUTER_API_KEY; empty: every call answers 401 and cause is `key`
    std::string provider_json;          // OPENROUTER_PROVIDER, empty: none
    std::string ca_file;                // SSL_CERT_FILE; empty: the system's
    std::optional<double> price_prompt; // MODEL_PRICE_*: dollars a million tokens
    std::optional<double> price_completion;
};

/// What one task's calls came to so far, from the database: it survives crashes.
struct spent {
    std::int64_t tokens_sent = 0;
    std::int64_t tokens_received = 0;
    std::int64_t tokens_cached = 0; // of those sent, read from what the endpoint had kept of an earlier prompt
    double cost_usd = 0;
    bool estimated = false; // an endpoint gave no cost somewhere
    int calls = 0;
};

/// The true outcome of the newest failed call that no later success followed.
struct last_failure {
    cause why = cause::none;
    std::string sentence; // for a person; never holds a key
    std::optional<std::chrono::seconds> retry_after = {};
    std::string budget = {}; // of a repository, a person or a month: that it is used up, and when it is free again
};

/// What a repository demands of the calls for its tasks, beyond the service's own settings.
struct data_rules {
    std::vector<std::string> models = {}; // that may be asked; empty: any
    bool zero_retention = false;          // OpenRouter's provider.zdr
    bool no_collection = false;           // and provider.data_collection = "deny"
    /// Whether the model may be asked, in any of its spellings.
    bool allow(std::string_view model) const;
};

struct session_spec {
    task_id task;
    std::string model; // as OpenRouter spells it
    double task_budget_usd;
    double day_budget_usd;
    std::chrono::milliseconds deadline;             // retries stay within it
    std::function<void()> alive;                    // called for each sign of life, see session::alive
    std::string weak_model;                         // the agent may ask for this one too; empty: only for `model`
    std::function<void(std::string_view)> retrying; // told why, before each wait for another try; may be empty
    std::chrono::milliseconds idle{0};              // without a sign of life the agent is ended then; 0: never
    data_rules data = {};
    std::optional<double> month_budget_usd = {};    // nullopt: the month has none
    std::string repository = {};                    // its short name in lower case, whose budget counts; empty: none
};

/// Prices of a call whose prompt is long. What is not named costs what it does in any call.
struct price_band {
    std::int64_t from_prompt_tokens = 0;
    std::optional<double> price_prompt; // dollars a million tokens, as all of these
    std::optional<double> price_completion;
    std::optional<double> price_cache_write;
};

struct model_facts {
    bool known = false;
    std::string slug = {};           // the endpoint's other name for it, which its answers bear; may be empty
    std::int64_t context_tokens = 0; // 0: unknown
    std::int64_t max_output_tokens = 0;
    std::optional<double> price_prompt; // dollars a million tokens
    std::optional<double> price_completion;
    std::optional<double> price_cache_write = {}; // of prompt tokens that the endpoint is asked to keep
    double price_request = 0; // dollars a call, beside its tokens: models that always search have one
    std::vector<price_band> bands = {};

    bool priced() const { return price_prompt && price_completion; }
};

struct gateway_options {
    /// Told of each call that was settled: "ok" or the cause's name, what it came to. For metrics; may be empty.
    std::function<void(std::string_view outcome, double usd, std::int64_t sent, std::int64_t received)> settled;
    /// A warning of a budget was written that nobody was told yet (table budget_warnings); may be empty.
    std::function<void()> warned;
    /// Told when this process finds that spending is paused, or goes on; may be empty.
    std::function<void(bool)> paused;
    // What tests set: luck, and waits that they cannot sit out.
    std::function<double()> luck; // [0, 1) for the jitter of backoff; empty: random
    std::chrono::milliseconds backoff_first = limits::model_backoff_first;
    std::chrono::milliseconds backoff_most = limits::model_backoff_most;
    std::chrono::milliseconds pause_look = limits::pause_look;
    std::chrono::milliseconds first_byte = limits::model_first_byte;
    std::chrono::milliseconds silence = limits::model_silence;
    std::vector<std::chrono::milliseconds> settle_after = {limits::model_settle_waits.begin(),
                                                           limits::model_settle_waits.end()};
};

} // namespace persais::llm
