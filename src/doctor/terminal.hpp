#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace persais::doctor {

/// A person at a terminal: standard input and output. While a question is open Ctrl-C and SIGTERM are an answer of
/// their own (nullopt), so that the terminal's settings are always restored.
class terminal {
public:
    static bool present(); // both are a terminal

    terminal();
    ~terminal(); // restores the signal handlers
    terminal(const terminal&) = delete;

    void say(std::string_view text);
    /// Reads one line, without blanks at its ends; nullopt on Ctrl-C, SIGTERM and at the end of input. `hidden`: what
    /// is typed is not shown.
    std::optional<std::string> ask(std::string_view prompt, bool hidden = false);

private:
    int signals_ = -1;
};

} // namespace persais::doctor
