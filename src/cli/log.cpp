#include "cli/log.hpp"

#include "base/text.hpp"
#include "cli/limits.hpp"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <unistd.h>

#include <boost/json.hpp>
#include <fmt/chrono.h>
#include <spdlog/formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace persais::cli {

namespace {

std::string text_line(const spdlog::details::log_msg& m, std::string message) {
    // A line break within a message must not begin a line that looks like another message.
    for (auto at = message.find('\n'); at != message.npos; at = message.find('\n', at + 1))
        message.insert(at + 1, "    ");
    auto seconds = spdlog::log_clock::to_time_t(m.time);
    return fmt::format("{:%H:%M:%S} {} {}\n", fmt::localtime(seconds), spdlog::level::to_string_view(m.level).data(),
                       message);
}

/// The number in "task 17: …" or "task 17 …"; empty: the message does not begin so.
std::string_view task_of(std::string_view message) {
    constexpr std::string_view word = "task ";
    if (!message.starts_with(word)) return {};
    message.remove_prefix(word.size());
    auto digits = std::min(message.find_first_not_of("0123456789"), message.size());
    bool ends = digits == message.size() || message[digits] == ':' || message[digits] == ' ';
    return ends ? message.substr(0, digits) : std::string_view();
}

std::string json_line(const spdlog::details::log_msg& m, std::string_view message) {
    auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(m.time.time_since_epoch()).count();
    boost::json::object line;
    line["time"] =
        fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(static_cast<std::time_t>(ms / 1000)), ms % 1000);
    line["level"] = std::string_view(spdlog::level::to_string_view(m.level).data());
    if (auto task = task_of(message); !task.empty()) {
        line["task"] = task;
        if (auto prefix = fmt::format("task {}: ", task); message.starts_with(prefix))
            message.remove_prefix(prefix.size());
    }
    line["message"] = message;
    return boost::json::serialize(line) + "\n";
}

/// Makes one line of each message.
class safe_formatter final : public spdlog::formatter {
public:
    safe_formatter(bool text, config::redactor hide) : text_(text), hide_(std::move(hide)) {}

    void format(const spdlog::details::log_msg& m, spdlog::memory_buf_t& out) override {
        // Made printable first, because a control character inside a secret must not hide it from the redactor. Cut
        // last, because half a secret would not be recognised.
        auto message =
            text::cut(hide_(text::printable({m.payload.data(), m.payload.size()})), limits::log_message_bytes);
        auto line = text_ ? text_line(m, std::move(message)) : json_line(m, message);
        out.append(line.data(), line.data() + line.size());
    }
    std::unique_ptr<spdlog::formatter> clone() const override { return std::make_unique<safe_formatter>(text_, hide_); }

private:
    bool text_;
    config::redactor hide_;
};

} // namespace

program_log::program_log(const config::settings& settings, spdlog::level::level_enum quietest)
    : quietest_(quietest),
      text_(settings.log_format == "text" || (settings.log_format.empty() && ::isatty(STDERR_FILENO))) {
    // The _mt variant, because renew() may run while another thread writes a line.
    spdlog::set_default_logger(
        std::make_shared<spdlog::logger>("persais", std::make_shared<spdlog::sinks::stderr_sink_mt>()));
    put_in_force(settings);
}

void program_log::renew(const config::settings& settings) {
    put_in_force(settings);
}

void program_log::hide(const secret& hidden) {
    hide_.add(hidden);
    renew_formatter();
}

void program_log::renew_formatter() {
    spdlog::default_logger()->set_formatter(std::make_unique<safe_formatter>(text_, hide_));
}

void program_log::put_in_force(const config::settings& settings) {
    hide_.add(settings);
    renew_formatter();
    auto logger = spdlog::default_logger();
    auto level = spdlog::level::from_str(settings.log_level);
    bool asked_for = std::getenv("LOG_LEVEL") || level != spdlog::level::info; // .env sets no variable
    logger->set_level(asked_for ? level : std::max(level, quietest_));
}

std::string program_log::line(spdlog::level::level_enum level, std::string_view message) const {
    spdlog::details::log_msg m("persais", level, spdlog::string_view_t(message.data(), message.size()));
    spdlog::memory_buf_t out;
    safe_formatter(text_, {}).format(m, out);
    return {out.data(), out.size()};
}

void set_up_log(const config::settings& settings, spdlog::level::level_enum quietest) {
    program_log(settings, quietest);
}

} // namespace persais::cli
