#include "cli/log.hpp"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <unistd.h>

#include <boost/json.hpp>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace persais::cli {

namespace {

/// One JSON object a line. A pattern alone could not quote the message.
class json_formatter final : public spdlog::formatter {
public:
    void format(const spdlog::details::log_msg& m, spdlog::memory_buf_t& out) override {
        auto us = std::chrono::duration_cast<std::chrono::microseconds>(m.time.time_since_epoch()).count();
        boost::json::object o{{"time_us", us},
                              {"level", std::string_view(spdlog::level::to_string_view(m.level).data())},
                              {"message", std::string_view(m.payload.data(), m.payload.size())}};
        auto line = boost::json::serialize(o) + "\n";
        out.append(line.data(), line.data() + line.size());
    }
    std::unique_ptr<spdlog::formatter> clone() const override { return std::make_unique<json_formatter>(); }
};

} // namespace

void set_up_log(const config::settings& settings, spdlog::level::level_enum quietest) {
    auto logger = std::make_shared<spdlog::logger>("persais", std::make_shared<spdlog::sinks::stderr_sink_st>());
    auto level = spdlog::level::from_str(settings.log_level);
    if (!std::getenv("LOG_LEVEL")) level = std::max(level, quietest);
    logger->set_level(level);
    bool text = settings.log_format == "text" || (settings.log_format.empty() && ::isatty(2));
    if (text)
        logger->set_formatter(std::make_unique<spdlog::pattern_formatter>("%H:%M:%S %l %v"));
    else
        logger->set_formatter(std::make_unique<json_formatter>());
    spdlog::set_default_logger(std::move(logger));
}

} // namespace persais::cli
