#pragma once
#include "coder/aider_options.hpp"
#include "coder/job.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace persais::coder {

/// Paths of a job as the confined program sees them.
struct aider_paths {
    std::string tree;
    std::string scratch;
    std::string gateway_socket;
    std::string tags; // empty: none
};

/// The job as agent/README.md describes it, one JSON object. A conversation that is no JSON array is left out.
std::string to_json(const job& j, const aider_paths& inside, const aider_options& options);

/// Parses the wrapper's lines as they come; accepts any input.
class report_reader {
public:
    /// Parses one line, without its end, and calls the listener for what it says.
    void read(std::string_view line, const listener& tell);
    /// The report after the end of the output: the wrapper's own, when it gave one that agrees with its exit code.
    report finish(int exit_code, std::string_view error_output) const;

private:
    report with_tags(report r) const;

    std::optional<report> said_;
    std::vector<std::string> tags_;
    std::size_t tags_bytes_ = 0;
};

} // namespace persais::coder
