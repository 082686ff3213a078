#pragma once
#include "sandbox/keeper/group.hpp"
#include "sandbox/keeper/options.hpp"

namespace persais::keeper {

/// `persais-keeper probe-group MEMORY PIDS BYTES` runs under a keeper with the same groups and limit when the service
/// starts (PIDS may be "-"), and checks that the kernel really counts there, because a group that exists but counts
/// nothing would limit nothing. (Exceeding the limit would prove more, but then each start would raise an alarm in the
/// monitoring of out-of-memory kills.) Prints what does not hold and returns 1; else returns 0.
inline int probe_group(const char* memory, const char* pids, const char* bytes) {
    auto wrong = [](const char* what) {
        std::printf("%s\n", what);
        std::fflush(stdout);
        return 1;
    };
    char path[PATH_MAX];
    auto read = [&](const char* parent, const char* file) -> unsigned long long {
        // The name of the keeper's group is its process id.
        std::snprintf(path, sizeof path, "%s/%d/%s", parent, getppid(), file);
        small_file<> content;
        return content.read(path) ? std::strtoull(content.text(), nullptr, 10) : 0;
    };
    unsigned long long limit = 0;
    if (!number(bytes, limit)) return wrong("its limit is no number");
    bool second = read(memory, "memory.max") != 0;
    // The kernel rounds the limit down to pages.
    if (read(memory, second ? "memory.max" : "memory.limit_in_bytes") < limit - limit % 65536)
        return wrong("the group's limit is not the one that was set");
    const char* usage = second ? "memory.current" : "memory.usage_in_bytes";
    auto before = read(memory, usage);
    constexpr size_t touched = 4UL << 20;
    auto* page = static_cast<volatile char*>(std::malloc(touched));
    if (!page) return wrong("it has no memory at all");
    for (size_t i = 0; i < touched; i += 4096)
        page[i] = 1;
    if (read(memory, usage) < before + touched / 2)
        return wrong("the group does not count the memory of its processes");
    if (std::strcmp(pids, "-") != 0 && read(pids, "pids.current") == 0)
        return wrong("the group does not count its processes");
    return 0;
}

} // namespace persais::keeper
