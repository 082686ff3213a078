#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace persais::coder {

/// One job for an agent, as agent/README.md describes it. Paths are those inside the sandbox.
struct job {
    enum class mode { edit, ask };
    mode what = mode::edit;
    std::string tree;
    std::string scratch;
    std::string instruction;
    std::string conversation = "[]"; // JSON array, as the last report gave it
    std::string model;
    std::string weak_model;  // empty: the main one
    std::string edit_format; // empty: the agent's choice
    std::string gateway_socket;
    std::string gateway_token;
    std::int64_t max_input_tokens = 0; // 0: unknown
    std::int64_t max_output_tokens = 0;
    std::optional<double> price_prompt; // dollars a million tokens
    std::optional<double> price_completion;
};

std::string to_json(const job& j);

/// How the agent's run ended. The last four are our own finding, not the agent's word. timed_out: it was stopped at one
/// of its limits; `reason` says which (the time, or the memory: that is no fault of the world's, another attempt would
/// meet it again, and what was done is worth keeping).
enum class ending { edited, no_change, answered, model_failed, nonsense, bad_job, crashed, timed_out, went_idle };

struct report {
    ending how = ending::crashed;
    std::string reason;             // one sentence
    std::string answer;             // the model's last words
    std::string conversation;       // JSON array; empty: unknown, keep the old one
    std::vector<std::string> files; // that it says it edited; the tree is what counts
};

/// Reads the agent's lines as they come; tolerates anything.
class report_reader {
public:
    struct line {
        enum class kind { progress, text, other } what = kind::other;
        std::string text;
    };
    /// Feeds bytes; gives the lines that are complete.
    std::vector<line> feed(std::string_view bytes);
    /// The report when the output is over: the agent's own, when it gave one that agrees with its exit code.
    report finish(int exit_code, std::string_view error_output) const;

private:
    line read(std::string_view text);
    std::string pending_;
    bool skipping_ = false; // inside a line that is longer than we take
    std::optional<report> said_;
};

} // namespace persais::coder
