#include "telegram/outbound/activity.hpp"

#include <array>

namespace persais::telegram {

namespace {

struct row {
    std::string_view beginning;
    activity::kind what;
    bool rest; // what follows is its file or command
};

constexpr std::array rows{
    row{"fetching ", activity::kind::fetching, true},
    row{"the agent is reading", activity::kind::reading, false},
    row{"reading the repository", activity::kind::reading, false},
    row{"asking the model", activity::kind::asking, false},
    row{"waiting for the model", activity::kind::waiting, false},
    row{"opening ", activity::kind::opening, true},
    row{"editing ", activity::kind::editing, true},
    row{"setting up: ", activity::kind::setting_up, true},
    row{"checking the base: ", activity::kind::checking_base, true},
    row{"checking: ", activity::kind::checking, true},
    row{"red: checking once more in a fresh tree", activity::kind::checking_again, false},
    row{"the agent repairs", activity::kind::repairing, false},
    row{"pushing ", activity::kind::publishing, true},
};

} // namespace

activity read_activity(std::string_view line) {
    for (const auto& r : rows)
        if (line.starts_with(r.beginning))
            return {r.what, r.rest ? std::string(line.substr(r.beginning.size())) : std::string()};
    return {activity::kind::other, std::string(line)};
}

} // namespace persais::telegram
