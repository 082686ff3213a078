#pragma once
#include "config/redactor.hpp"

#include <string>
#include <string_view>

#include <spdlog/common.h>

namespace persais::cli {

/// The program's log, which becomes spdlog's default logger. It goes to standard error: text on a terminal, JSON lines
/// elsewhere, unless LOG_FORMAT says otherwise. JSON has `time` (RFC 3339, UTC, ms), `level`, `message`, and `task`
/// where the message begins with "task 17" (a "task 17: " is not repeated in the message). Whatever bytes a message
/// holds, a line of JSON is one line and valid; the configured secrets are in no line (config::redactor).
class program_log {
public:
    /// Nothing below `quietest` is written unless LOG_LEVEL is set, because a person at a terminal reads the report
    /// instead. A service passes `trace`.
    program_log(const config::settings& settings, spdlog::level::level_enum quietest);

    /// After a reload: the new level, and the new secrets besides the old ones.
    void renew(const config::settings& settings);
    /// From now on no line shows this secret, which is in no setting.
    void hide(const secret& hidden);

    /// A whole line of this log, with its newline, for code that must write it without spdlog (a stuck process). Any
    /// thread.
    std::string line(spdlog::level::level_enum level, std::string_view message) const;

private:
    void put_in_force(const config::settings& settings);
    void renew_formatter();

    config::redactor hide_;
    spdlog::level::level_enum quietest_;
    bool text_;
};

/// Sets up the log for a command that reads its settings once.
void set_up_log(const config::settings& settings, spdlog::level::level_enum quietest);

} // namespace persais::cli
