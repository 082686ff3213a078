#include "cli/pager.hpp"

#include "base/colours.hpp"
#include "cli/terminal.hpp"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <sys/ioctl.h>
#include <unistd.h>

namespace persais::cli {

namespace {

/// The rows that text takes on a terminal, long lines folded; it need not be exact.
std::size_t rows_of(std::string_view text, std::size_t columns) {
    std::size_t rows = 0, line = 0;
    for (char c : text) {
        bool continues = (static_cast<unsigned char>(c) & 0xC0) == 0x80;
        if (c == '\n' || (!continues && ++line > columns)) {
            ++rows;
            line = 0;
        }
    }
    return rows + (line > 0 ? 1 : 0);
}

bool fits_the_screen(std::string_view text) {
    winsize size{};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row == 0 || size.ws_col == 0) return true;
    return rows_of(text, size.ws_col) < size.ws_row;
}

/// Empty: none is wanted.
std::string pager_command() {
    const char* given = std::getenv("PAGER");
    if (!given) return "if command -v less >/dev/null; then exec less; else exec cat; fi";
    return std::string_view(given) == "cat" ? "" : given;
}

/// While a pager runs Ctrl-C is its own affair.
class patient {
public:
    patient() : interrupt_(std::signal(SIGINT, SIG_IGN)) {}
    ~patient() { std::signal(SIGINT, interrupt_); }
    patient(const patient&) = delete;

private:
    void (*interrupt_)(int);
};

/// False: there is no such program.
bool through(const std::string& command, std::string_view text) {
    ::setenv("LESS", "FRX", 0); // ends by itself on a short text, shows colours, leaves the text on the screen
    ::setenv("LESSSECURE", "1", 0);
    patient ignoring;
    std::FILE* pager = ::popen(command.c_str(), "w");
    if (!pager) return false;
    put(pager, text); // it may end before it has read everything
    return ::pclose(pager) != 127 << 8;
}

} // namespace

void page(std::string_view text) {
    bool person = ::isatty(STDIN_FILENO) == 1 && ::isatty(STDOUT_FILENO) == 1 && !is_dumb_terminal();
    auto command = person && !fits_the_screen(text) ? pager_command() : "";
    if (command.empty() || !through(command, text)) put(stdout, text);
}

std::string first_lines(std::string_view text, std::size_t lines, std::size_t& left_out) {
    std::size_t end = 0;
    for (std::size_t n = 0; n < lines && end < text.size(); ++n)
        end = std::min(text.find('\n', end), text.size() - 1) + 1;
    left_out = static_cast<std::size_t>(std::ranges::count(text.substr(end), '\n'));
    if (end < text.size() && !text.ends_with('\n')) ++left_out;
    return std::string(text.substr(0, end));
}

} // namespace persais::cli
