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
    /// After `result`, when all that worked on the task has ended: what changed, and what a person can do next. May
    /// wait for the person, who reads.
    virtual void closing(const mechanic::task&, std::string_view) {}
    /// The end without a task, or before the task's end: one sentence.
    virtual void broken(std::string_view sentence) = 0;
};

/// One JSON object a line, as in contract.md; the last is `result`.
std::unique_ptr<report> json_report(std::FILE* out);
/// One line that is rewritten, on a terminal.
std::unique_ptr<report> terminal_report(std::FILE* out, bool colour);
/// One line after the other, for a pipe, a log, or a terminal that cannot rewrite a line.
std::unique_ptr<report> plain_report(std::FILE* out, bool colour);
/// The one that suits standard output.
std::unique_ptr<report> report_for_people();

/// The last line of json_report, without a newline.
std::string result_json(const app::foreground_result& r);
/// What a person can do next, as the last lines.
std::string next_line(const mechanic::task& t);
/// The closing text, several lines; the first is green or red with `colour`.
std::string result_words(const app::foreground_result& r, bool colour = false);

} // namespace persais::cli
