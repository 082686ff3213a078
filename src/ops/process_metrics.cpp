#include "ops/process_metrics.hpp"

#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <sys/resource.h>
#include <unistd.h>

namespace persais::ops {

namespace {

namespace prom = prometheus;

/// The fields of /proc/self/stat, numbered from 1 as in proc(5).
std::optional<std::vector<std::string>> stat_fields() {
    std::ifstream file("/proc/self/stat");
    std::string text;
    if (!std::getline(file, text)) return std::nullopt;
    auto name_ends = text.rfind(')'); // a program's name may contain blanks and brackets
    if (name_ends == text.npos) return std::nullopt;
    std::vector<std::string> fields{"", "", ""};
    std::istringstream rest(text.substr(name_ends + 1));
    for (std::string word; rest >> word;)
        fields.push_back(word);
    if (fields.size() < 25) return std::nullopt;
    return fields;
}

/// The machine's boot time, in seconds since 1970.
std::optional<double> machine_start() {
    std::ifstream file("/proc/stat");
    for (std::string word; file >> word;)
        if (double seconds = 0; word == "btime" && file >> seconds) return seconds;
    return std::nullopt;
}

std::optional<double> open_files() {
    std::error_code ec;
    std::filesystem::directory_iterator each("/proc/self/fd", ec), end;
    double count = 0;
    for (; !ec && each != end; each.increment(ec))
        ++count;
    if (ec) return std::nullopt;
    return count - 1; // without the descriptor of the folder itself
}

struct gatherer {
    std::vector<prom::MetricFamily> all;

    void add(const char* name, const char* help, std::optional<double> value, bool counts = false) {
        if (!value) return;
        prom::MetricFamily family{name, help, counts ? prom::MetricType::Counter : prom::MetricType::Gauge, {}};
        prom::ClientMetric metric;
        (counts ? metric.counter.value : metric.gauge.value) = *value;
        family.metric.push_back(std::move(metric));
        all.push_back(std::move(family));
    }
};

} // namespace

std::vector<prom::MetricFamily> process_metrics() {
    gatherer all;
    if (auto fields = stat_fields()) {
        const auto field = [&](std::size_t number) { return std::stod(fields->at(number)); };
        const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
        all.add("process_cpu_seconds_total", "Processor time used, user and system", (field(14) + field(15)) / ticks,
                true);
        all.add("process_virtual_memory_bytes", "Virtual memory", field(23));
        all.add("process_resident_memory_bytes", "Memory in use",
                field(24) * static_cast<double>(::sysconf(_SC_PAGESIZE)));
        if (auto start = machine_start())
            all.add("process_start_time_seconds", "When the process started, in seconds since 1970",
                    *start + field(22) / ticks);
    }
    all.add("process_open_fds", "Open file descriptors", open_files());
    if (rlimit most{}; ::getrlimit(RLIMIT_NOFILE, &most) == 0)
        all.add("process_max_fds", "File descriptors that may be open", static_cast<double>(most.rlim_cur));
    return std::move(all.all);
}

} // namespace persais::ops
