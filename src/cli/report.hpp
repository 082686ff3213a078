#pragma once
#include "app/foreground.hpp"

#include <chrono>
#include <cstdio>
#include <memory>
#include <string>

namespace persais::cli {

/// Shows the progress of one task to the person who started it. Each way of showing is a class.
class report {
public:
    virtual ~report() = default;
    virtual void notice(std::string_view text) = 0;
    virtual void state(const mechanic::task& t) = 0;
    virtual void progress(const mechanic::progress& doing) = 0;
    virtual void agent_text(std::string_view) {}
    virtual void money(const llm::spent&) {}
    /// Called once a second, because the elapsed time changes though nothing happens.
    virtual void tick() {}
    /// The task, or its turn, has ended.
    virtual void result(const app::foreground_result& r) = 0;
    /// The end without a task, or before the task's end: one sentence.
    virtual void broken(std::string_view sentence) = 0;
};

/// One JSON object a line, as in contract.md; the last is `result`.
std::unique_ptr<report> json_report(std::FILE* out);
/// One line that is rewritten, on a terminal (`colour`: with colours).
std::unique_ptr<report> terminal_report(std::FILE* out);
/// Plain lines, for a pipe or a log.
std::unique_ptr<report> plain_report(std::FILE* out);

/// The last line of json_report, without a newline.
std::string result_json(const app::foreground_result& r);
/// The closing text, several lines.
std::string result_words(const app::foreground_result& r);

} // namespace persais::cli
