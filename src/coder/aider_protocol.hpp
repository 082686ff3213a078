#pragma once
#include "coder/aider_options.hpp"
#include "coder/job.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace persais::coder {

/// Paths of a job as the confined program finds them.
struct aider_paths {
    std::string tree;
    std::string scratch;
    std::string gateway_socket;
};

/// The job as agent/README.md describes it, one JSON object. A conversation that is no array is left out.
std::string to_json(const job& j, const aider_paths& inside, const aider_options& options);

/// Reads the wrapper's lines as they come; tolerates anything.
class report_reader {
public:
    /// One line, without its end. Tells what it says to the listener.
    void read(std::string_view line, const listener& tell);
    /// The report when the output is over: the wrapper's own, when it gave one that agrees with its exit code.
    report finish(int exit_code, std::string_view error_output) const;

private:
    std::optional<report> said_;
};

} // namespace persais::coder
