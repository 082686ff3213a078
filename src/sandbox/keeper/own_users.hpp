#pragma once
#include "sandbox/keeper/small_file.hpp"

#include <cerrno>
#include <cstdio>
#include <sched.h>
#include <sys/prctl.h>
#include <unistd.h>

namespace persais::keeper {

/// Makes an ordinary user the owner of a user namespace, who may make namespaces of the other kinds; root may already.
/// Its ids stay what they are. Returns an errno, or 0.
inline int own_users() {
    uid_t uid = geteuid();
    gid_t gid = getegid();
    if (uid == 0) return 0;
    if (unshare(CLONE_NEWUSER) != 0) return errno;
    char map[64];
    prctl(PR_SET_DUMPABLE, 1); // else the files belong to root
    int error = write_small("/proc/self/setgroups", "deny");
    std::snprintf(map, sizeof map, "%u %u 1", uid, uid);
    if (error == 0) error = write_small("/proc/self/uid_map", map);
    std::snprintf(map, sizeof map, "%u %u 1", gid, gid);
    if (error == 0) error = write_small("/proc/self/gid_map", map);
    prctl(PR_SET_DUMPABLE, 0);
    return error;
}

} // namespace persais::keeper
