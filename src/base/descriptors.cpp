#include "base/descriptors.hpp"

#include <algorithm>
#include <sys/resource.h>

namespace persais {

namespace {

rlimit now() {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit); // fails for no number that there is
    return limit;
}

} // namespace

std::uint64_t descriptors_at_start() {
    static const std::uint64_t soft = now().rlim_cur; // asked for the first time before the limit is raised
    return soft;
}

std::uint64_t raise_descriptors(std::uint64_t most) {
    descriptors_at_start();
    auto before = now();
    rlimit wanted{std::max<rlim_t>(before.rlim_cur, std::min<rlim_t>(before.rlim_max, most)), before.rlim_max};
    return ::setrlimit(RLIMIT_NOFILE, &wanted) == 0 ? wanted.rlim_cur : before.rlim_cur;
}

} // namespace persais
