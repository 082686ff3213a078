#include "http/connection_table.hpp"

#include <algorithm>

namespace persais::http {

std::optional<connection_table::number> connection_table::longest_waiting(const std::string* client) {
    for (auto each : {phase::idle, phase::reading}) {
        auto& waiting = line(each);
        auto found = std::ranges::find_if(waiting, [&](number n) { return !client || all_.at(n).client == *client; });
        if (found != waiting.end()) return *found;
    }
    return std::nullopt;
}

std::optional<connection_table::number> connection_table::give_one_up() {
    auto which = longest_waiting(nullptr);
    if (which) left(*which);
    return which;
}

connection_table::entrance connection_table::enter(number which, std::string client) {
    entrance how{.in = true, .leaves = std::nullopt};
    auto known = client.empty() ? of_client_.end() : of_client_.find(client);
    if (known != of_client_.end() && known->second >= most_.client) {
        how.leaves = longest_waiting(&client); // its own, however much room there is for others
        if (!how.leaves) return {};
    } else if (all_.size() >= most_.all) {
        how.leaves = longest_waiting(nullptr);
        if (!how.leaves && all_.size() >= most_.all + most_.spare) return {};
    }
    if (how.leaves) left(*how.leaves);
    if (!client.empty()) ++of_client_[client];
    auto& fresh = line(phase::reading);
    all_.emplace(which, entry{std::move(client), phase::reading, fresh.insert(fresh.end(), which)});
    return how;
}

void connection_table::now(number which, phase does) {
    auto found = all_.find(which);
    if (found == all_.end() || found->second.does == does) return;
    auto& entry = found->second;
    auto& to = line(does);
    to.splice(to.end(), line(entry.does), entry.place);
    entry.does = does;
}

void connection_table::left(number which) {
    auto found = all_.find(which);
    if (found == all_.end()) return;
    line(found->second.does).erase(found->second.place);
    if (auto client = of_client_.find(found->second.client); client != of_client_.end() && --client->second == 0)
        of_client_.erase(client);
    all_.erase(found);
}

} // namespace persais::http
