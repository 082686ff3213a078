#include "doctor/terminal.hpp"

#include "base/text.hpp"
#include "doctor/limits.hpp"

#include <csignal>
#include <cstdio>
#include <poll.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include <fmt/format.h>

namespace persais::doctor {

namespace {

sigset_t stopping() {
    sigset_t set;
    ::sigemptyset(&set);
    ::sigaddset(&set, SIGINT);
    ::sigaddset(&set, SIGTERM);
    return set;
}

/// Turns the terminal's echo off, except for the line's end, while it lives.
class blind {
public:
    explicit blind(bool wanted) : on_(wanted && ::tcgetattr(STDIN_FILENO, &before_) == 0) {
        if (!on_) return;
        auto now = before_;
        now.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        now.c_lflag |= ECHONL;
        ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &now); // discards what was typed ahead, because it was shown
    }
    ~blind() {
        if (on_) ::tcsetattr(STDIN_FILENO, TCSADRAIN, &before_);
    }
    blind(const blind&) = delete;

private:
    termios before_{};
    bool on_;
};

} // namespace

bool terminal::present() {
    return ::isatty(STDIN_FILENO) && ::isatty(STDOUT_FILENO);
}

terminal::terminal() {
    auto set = stopping();
    signals_ = ::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

terminal::~terminal() {
    if (signals_ >= 0) ::close(signals_);
}

void terminal::say(std::string_view text) {
    fmt::print("{}", text);
    std::fflush(stdout);
}

std::optional<std::string> terminal::ask(std::string_view prompt, bool hidden) {
    auto set = stopping();
    sigset_t before;
    ::sigprocmask(SIG_BLOCK, &set, &before);
    std::optional<std::string> line;
    {
        blind typing(hidden);
        say(prompt);
        std::string typed;
        for (;;) {
            std::array<pollfd, 2> wait{{{STDIN_FILENO, POLLIN, 0}, {signals_, POLLIN, 0}}};
            if (::poll(wait.data(), wait.size(), -1) < 0) {
                if (errno == EINTR) continue;
                break;
            }
            if (wait[1].revents != 0) {
                signalfd_siginfo taken{};
                [[maybe_unused]] auto n = ::read(signals_, &taken, sizeof taken);
                break;
            }
            std::array<char, 4096> bytes{};
            auto n = ::read(STDIN_FILENO, bytes.data(), bytes.size());
            if (n <= 0) break;
            typed.append(bytes.data(), static_cast<std::size_t>(n));
            if (typed.ends_with('\n') || typed.size() > limits::init_answer_bytes) {
                line = std::string(text::trim(typed));
                break;
            }
        }
    }
    if (!line) say("\n");
    ::sigprocmask(SIG_SETMASK, &before, nullptr);
    return line;
}

} // namespace persais::doctor
