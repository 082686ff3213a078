#include "world/shrink.hpp"

#include <algorithm>

namespace persais::world {

namespace {

template <class Each>
bool leave_out(plan& p, std::vector<Each> plan::* list, const std::function<bool(const plan&)>& fails) {
    bool shorter = false;
    for (auto size = std::max<std::size_t>(1, (p.*list).size() / 2); size > 0; size /= 2)
        for (std::size_t from = 0; from < (p.*list).size();) {
            auto fewer = p;
            auto& all = fewer.*list;
            auto first = all.begin() + static_cast<std::ptrdiff_t>(from);
            all.erase(first, first + static_cast<std::ptrdiff_t>(std::min(size, all.size() - from)));
            if (fails(fewer)) {
                p = std::move(fewer);
                shorter = true;
            } else {
                from += size;
            }
        }
    return shorter;
}

} // namespace

plan shrink(plan p, const std::function<bool(const plan&)>& fails) {
    while (leave_out(p, &plan::faults, fails) || leave_out(p, &plan::tasks, fails)) {
    }
    return p;
}

} // namespace persais::world
