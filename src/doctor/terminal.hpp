#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace persais::doctor {

/// A person at a terminal: standard input and output. While a question is open Ctrl-C and SIGTERM are an answer of
/// their own (nothing), so that the terminal is always left as it was found.
class terminal {
public:
    static bool present(); // both are one

    terminal();
    ~terminal(); // gives the signals back
    terminal(const terminal&) = delete;

    void say(std::string_view text);
    /// One line, without blanks at its ends; nothing on Ctrl-C, SIGTERM and at the end of input. `hidden`: what is
    /// typed is not shown.
    std::optional<std::string> ask(std::string_view prompt, bool hidden = false);

private:
    int signals_ = -1;
};

} // namespace persais::doctor
