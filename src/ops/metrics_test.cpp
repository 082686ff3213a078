#include "ops/limits.hpp"
#include "ops/metrics.hpp"

#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

using persais::ops::metrics;
using namespace std::chrono_literals;

namespace {

void count_everything(metrics& m) {
    m.task_moved("queued", "preparing");
    m.task_ended("model_failed", "key");
    m.tasks_running(2);
    m.tasks_queued(7);
    m.task_phase("coding", 90s);
    m.out_of_memory_kill();
    m.model_call("ok");
    m.model_spent(0.0125, 2140, 310);
    m.database_pool(4, 3, 1);
    m.database_up(true);
    m.backup_made(std::chrono::system_clock::time_point(std::chrono::seconds(1800000000)), 4096);
    m.backup_failed();
    m.loop_lag(2ms);
    m.http_request("/health", "GET", 200, 3ms);
    m.settings_read(true);
    m.telegram_update("task");
    m.telegram_refused();
    m.telegram_sent("sent");
    m.telegram_unknown_send();
    m.telegram_reached(true);
}

bool has_line(const std::string& text, const std::string& line) {
    return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

double value(const std::string& text, const std::string& name) {
    std::smatch found;
    if (!std::regex_search(text, found, std::regex("(?:^|\n)" + name + " ([0-9.e+-]+)\n"))) return -1;
    return std::stod(found[1]);
}

std::set<std::string> names(const std::string& text, const std::regex& where) {
    std::set<std::string> all;
    for (std::sregex_iterator each(text.begin(), text.end(), where), end; each != end; ++each)
        all.insert((*each)[1]);
    return all;
}

} // namespace

TEST(metrics, count_what_the_service_did) {
    metrics m("1.2.3");
    count_everything(m);
    auto text = m.text();
    for (auto line : {R"(persais_task_transitions_total{from="queued",to="preparing"} 1)",
                      R"(persais_tasks_ended_total{reason="key",verdict="model_failed"} 1)",
                      "persais_tasks_running 2",
                      "persais_tasks_queued 7",
                      R"(persais_task_phase_seconds_bucket{phase="coding",le="60"} 0)",
                      R"(persais_task_phase_seconds_bucket{phase="coding",le="120"} 1)",
                      R"(persais_task_phase_seconds_sum{phase="coding"} 90)",
                      "persais_out_of_memory_kills_total 1",
                      R"(persais_model_calls_total{outcome="ok"} 1)",
                      "persais_model_spent_usd_total 0.0125",
                      R"(persais_model_tokens_total{direction="sent"} 2140)",
                      R"(persais_model_tokens_total{direction="received"} 310)",
                      R"(persais_database_connections{state="open"} 4)",
                      R"(persais_database_connections{state="busy"} 3)",
                      "persais_database_waiting 1",
                      "persais_database_up 1",
                      "persais_backup_made_timestamp_seconds 1800000000",
                      "persais_backup_bytes 4096",
                      "persais_backup_failures_total 1",
                      R"(persais_loop_lag_seconds_bucket{le="0.001"} 0)",
                      R"(persais_loop_lag_seconds_bucket{le="0.005"} 1)",
                      R"(persais_http_requests_total{method="GET",path="/health",status="200"} 1)",
                      R"(persais_settings_reads_total{outcome="ok"} 1)",
                      R"(persais_settings_reads_total{outcome="refused"} 0)",
                      R"(persais_build_info{version="1.2.3"} 1)"})
        EXPECT_TRUE(has_line(text, line)) << line << "\nis not in\n" << text;
}

TEST(metrics, say_what_the_process_uses_at_the_time_of_asking) {
    metrics m("1");
    auto text = m.text();
    EXPECT_GT(value(text, "process_resident_memory_bytes"), 1e6);
    EXPECT_GT(value(text, "process_virtual_memory_bytes"), value(text, "process_resident_memory_bytes"));
    EXPECT_GE(value(text, "process_cpu_seconds_total"), 0);
    EXPECT_GT(value(text, "process_max_fds"), value(text, "process_open_fds"));
    auto now = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
    EXPECT_LT(value(text, "process_start_time_seconds"), now + 2);
    EXPECT_GT(value(text, "process_start_time_seconds"), now - 3600);
    auto before = value(text, "process_open_fds");
    std::ifstream one("/proc/self/status"), two("/proc/self/status");
    EXPECT_EQ(value(m.text(), "process_open_fds"), before + 2);
}

TEST(metrics, a_label_that_runs_away_costs_one_series) {
    metrics m("1");
    for (int i = 0; i < 1000; ++i)
        m.http_request("/task/" + std::to_string(i), "GET", 404, 1ms);
    auto text = m.text();
    auto paths = names(text, std::regex(R"(persais_http_requests_total\{method="GET",path="([^"]+)\")"));
    EXPECT_EQ(paths.size(), persais::limits::metric_labels + 1);
    EXPECT_TRUE(has_line(text, R"(persais_http_requests_total{method="GET",path="other",status="404"} 936)"));
}

TEST(metrics, any_bytes_of_a_label_stay_one_line) {
    metrics m("1");
    m.model_call("a\"b\\c\nd");
    EXPECT_TRUE(has_line(m.text(), R"(persais_model_calls_total{outcome="a\"b\\c\nd"} 1)"));
}

TEST(metrics, each_is_in_the_documents_and_each_of_the_documents_is_there) {
    metrics m("1");
    count_everything(m);
    std::ostringstream document;
    document << std::ifstream(std::filesystem::path(PERSAIS_SOURCE_DIR) / "docs/metrics.md").rdbuf();
    EXPECT_EQ(names(document.str(), std::regex("\n\\| `([a-z_]+)`")), names(m.text(), std::regex("# TYPE (\\w+)")));
}
