#include "sandbox/group_place.hpp"

#include <fstream>
#include <sstream>
#include <vector>

namespace persais::sandbox {
namespace {

namespace fs = std::filesystem;

/// Whether `word` is one of the words of a comma-separated list.
bool lists(std::string_view list, std::string_view word) {
    while (!list.empty()) {
        auto comma = list.find(',');
        if (list.substr(0, comma) == word) return true;
        list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
    }
    return false;
}

/// Lines are "4:memory:/a/b"; the one of version 2 is "0::/a/b".
std::optional<std::string> own_path(std::string_view controller, const fs::path& root) {
    std::ifstream file(root / "proc/self/cgroup");
    for (std::string line; std::getline(file, line);) {
        auto first = line.find(':');
        auto second = first == std::string::npos ? first : line.find(':', first + 1);
        if (second == std::string::npos) continue;
        auto list = std::string_view(line).substr(first + 1, second - first - 1);
        if (controller.empty() ? list.empty() : lists(list, controller)) return line.substr(second + 1);
    }
    return {};
}

struct mounted {
    std::string root; // the group that is mounted at `at`
    fs::path at;
};

/// Lines are "35 31 0:32 /root /mount/point options [optional…] - type source options".
std::optional<mounted> find_mount(std::string_view controller, const fs::path& root) {
    std::ifstream file(root / "proc/self/mountinfo");
    for (std::string line; std::getline(file, line);) {
        auto dash = line.find(" - ");
        if (dash == std::string::npos) continue;
        std::istringstream before(line.substr(0, dash)), after(line.substr(dash + 3));
        std::string id, parent, device, top, point, type, source, options;
        before >> id >> parent >> device >> top >> point;
        after >> type >> source >> options;
        if (controller.empty() ? type == "cgroup2" : type == "cgroup" && lists(options, controller))
            return mounted{top, root / fs::path(point).relative_path()};
    }
    return {};
}

} // namespace

std::optional<group_place> find_group(std::string_view controller, const fs::path& root) {
    auto path = own_path(controller, root);
    auto mount = find_mount(controller, root);
    if (!path || !mount) return {};
    auto below = fs::path(*path).lexically_relative(mount->root);
    group_place place{mount->at, mount->at};
    // The mount that a container sees may not contain its own group ("/../..", another root); then the mount itself is
    // the nearest visible group.
    if (!below.empty() && below != "." && *below.begin() != "..") place.own = mount->at / below;
    std::error_code ec;
    if (!fs::is_directory(place.own, ec)) place.own = place.mount;
    return place;
}

std::string first_word(const fs::path& file) {
    std::ifstream in(file);
    std::string word;
    in >> word;
    return word;
}

} // namespace persais::sandbox
