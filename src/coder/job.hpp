#pragma once
#include "base/secret.hpp"
#include "mechanic/progress.hpp"
#include "sandbox/sandbox.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace persais::coder {

/// The model for a job, and what is known about it.
struct model_facts {
    std::string name;                // as the gateway names it
    std::int64_t context_tokens = 0; // 0: unknown
    std::int64_t max_output_tokens = 0;
    std::optional<double> price_prompt; // dollars per million tokens
    std::optional<double> price_completion;
};

struct deadlines {
    std::chrono::milliseconds total; // for the whole run
    std::chrono::milliseconds idle;  // without output of the agent or a sign of life
    /// The time of the last sign of life that was seen elsewhere (the model's stream); may be empty.
    std::function<std::chrono::steady_clock::time_point()> last_sign;
};

/// One job, for any agent.
struct job {
    enum class mode { edit, ask };
    mode what = mode::edit;
    /// The tree to work on, its home, the gateway's socket. The agent adds what its own programs need.
    sandbox::view place;
    std::string instruction;
    std::string conversation; // as an earlier report of this agent returned it; empty: a new one
    /// What is known of the repository's files (coder/tags.hpp), a file of the host; it is lent to the agent,
    /// read-only. Empty: nothing.
    std::filesystem::path tags;
    model_facts model;
    bool one_model = false; // the agent's second model (agent::second_model) may not be used for it
    secret gateway_token;
    deadlines limits;
    std::string notes = {}; // that may help, framed as what they are; empty: none
};

/// How an agent's run ended. crashed, timed_out, went_idle and out_of_disk are our own finding, not the agent's word.
/// timed_out: it was stopped at one of its limits; `reason` says which (the time, or the memory: that is no fault of
/// the world's, another attempt would meet it again, and what was done is worth keeping). out_of_disk: it used more of
/// it than a task may; also worth keeping. nonsense: what the model said is no answer. too_long: the request or the
/// answer is over a limit of tokens.
enum class ending {
    edited,
    no_change,
    answered,
    model_failed,
    nonsense,
    too_long,
    bad_job,
    crashed,
    timed_out,
    went_idle,
    out_of_disk
};

struct report {
    ending how = ending::crashed;
    std::string reason;                         // one sentence
    std::string answer;                         // the model's last words
    std::string conversation;                   // opaque to all but this agent; empty: unknown, keep the old one
    std::vector<std::string> files;             // that it says it edited; the tree is what counts
    std::vector<std::string> edits_failed = {}; // paths of edits that it could not apply; "": of no known path
    std::vector<std::string> tags = {};         // what it found out of files, rows of coder/tags.hpp
};

/// Called with what an agent says while it works, on the executor of `run`. Both may be empty.
struct listener {
    std::function<void(const mechanic::progress&)> progress;
    std::function<void(std::string_view)> text; // the model's output as it comes
};

} // namespace persais::coder
