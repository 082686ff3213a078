#pragma once
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <initializer_list>
#include <sys/resource.h>
#include <sys/types.h>

namespace persais::keeper {

/// What of the disk a tree may use.
struct disk_limits {
    unsigned long long bytes = 0; // 0: they are not watched
    unsigned long long files = 0;
    unsigned long long reserve = 0;
    const char* folders[2] = {};
    const dev_t* layered = nullptr; // the devices that files of the mounted layers appear to be on; 0: none
};

inline constexpr int most_writable = 8;
inline constexpr int most_layered = 2; // the tree and the home
inline constexpr int most_lower = 2;

/// A folder that is mounted for this program alone (layers.hpp).
struct layered_folder {
    const char* at = nullptr;
    const char* upper = nullptr;
    const char* lower[most_lower] = {}; // the uppermost first
    bool lent[most_lower] = {};         // it is the service's; else the program's user has it
    int lowers = 0;
};

/// The keeper's command line:
///   persais-keeper run [--wrapped N] [--files N] [--folder F] [layers]… [network] [memory] [limits] -- argv…
///       outside: watches over a tree of processes
///   persais-keeper enter [--uid N --gid N] [--folder F] [--writable F]… [limits] -- argv…
///       inside a sandbox, as its first process
///   persais-keeper parent
///       is the prepared parent that tests and the probe have (clone.hpp)
///   persais-keeper probe NAMESPACES
///       inside too: checks whether the sandbox is as it should be
///   persais-keeper probe-layers
///       inside too: checks whether layers are as they should be
///   persais-keeper probe-group MEMORY PIDS BYTES
///       checks whether it is in a control group that counts
///   persais-keeper give UID GID FOLDER
///       gives a folder and everything in it to a user
///   persais-keeper measure FOLDER
///       prints how many bytes of the disk a folder holds, and how long its longest path is
/// limits: --address-space, --file-size, --open-files, --processes, each with a number; --open-files-soft, of which the
/// program may take more.
/// network, of `run`: --listen SOCKETS --network-address A --network-mask M; its program gets a network namespace of
/// its own (network.hpp), and the service its sockets, through the descriptor after the wrapped files.
/// --prepared N, of `run`: the descriptor after the wrapped files leads to a prepared parent (clone_protocol.hpp), and
/// with N = 2 the one after it is that parent's process. --prepared FD, of `enter`: so does this; --owner UID: the user
/// of that parent, who has to own the sandbox's namespaces (task_users.hpp). --parent 1, of `enter`: what it runs is
/// such a parent, which has to enter other namespaces.
/// layers: --layered FOLDER, what is mounted there for the program, then its --upper FOLDER and, the uppermost first,
/// --lower FOLDER or --lent FOLDER; what is lent appears to be the property of --layers-uid N when started as root.
/// memory: --memory BYTES, for the whole tree; --memory-group and --pids-group, the folders of the control groups in
/// which it makes its own (without them, or when it cannot, it watches the memory itself), and --group-processes N.
/// disk: --disk BYTES and --disk-files N, for all of --disk-folder (twice at most); --disk-reserve BYTES that have to
/// stay free.
struct options {
    bool enter = false;
    int wrapped = 0;     // the program is a wrapper that starts `enter`: pass it the status pipe and so many files
    int prepared = 0;    // 0: no prepared parent
    bool parent = false; // the program is a prepared parent
    uid_t owner = 0;     // 0: the namespaces are fine as they are
    int files = 0;       // pass the program so many files; never together with `wrapped`
    bool become = false; // change to uid and gid
    uid_t uid = 0;
    gid_t gid = 0;
    const char* folder = nullptr;
    const char* writable[most_writable] = {}; // enter: the only folders that the program can change
    int writables = 0;
    unsigned long long open_files_soft = 0; // 0: as it is
    unsigned long long memory = 0;
    unsigned long long group_processes = 0;
    const char* memory_group = nullptr;
    const char* pids_group = nullptr;
    disk_limits disk;
    layered_folder layered[most_layered];
    int layereds = 0;
    unsigned long long layers_uid = 0;
    const char* listen = nullptr; // null: no network of its own
    const char* network_address = nullptr;
    const char* network_mask = nullptr;
    struct ceiling {
        const char* name;
        __rlimit_resource resource;
        rlim_t value;
    } ceilings[4] = {{"--address-space", RLIMIT_AS, 0},
                     {"--file-size", RLIMIT_FSIZE, 0},
                     {"--open-files", RLIMIT_NOFILE, 0},
                     {"--processes", RLIMIT_NPROC, 0}};
    char** argv = nullptr;
};

/// How many descriptors `run` was given from payload_fd on, in this order: the wrapped files or those of the program,
/// the way to a clone and its parent, the way for the sockets of its own network.
inline int extra_files(const options& how) {
    return how.wrapped + how.files + how.prepared + (how.listen ? 1 : 0);
}

inline bool number(const char* text, unsigned long long& value) {
    char* end = nullptr;
    errno = 0;
    value = std::strtoull(text, &end, 10);
    return errno == 0 && end != text && *end == '\0' && *text != '-';
}

/// Where the folder goes that a word about layers names; null: it is no such word, or there is no room.
inline const char** layers_word(const char* word, options& into) {
    auto is = [&](const char* name) { return std::strcmp(word, name) == 0; };
    if (is("--layered")) return into.layereds < most_layered ? &into.layered[into.layereds++].at : nullptr;
    if (into.layereds == 0) return nullptr;
    auto& last = into.layered[into.layereds - 1];
    if (is("--upper")) return &last.upper;
    if (!(is("--lower") || is("--lent")) || last.lowers == most_lower) return nullptr;
    last.lent[last.lowers] = is("--lent");
    return &last.lower[last.lowers++];
}

/// False when the command line is not understood; that is a bug of the service, never a mistake of a user.
inline bool parse(int argc, char** argv, options& into) {
    if (argc < 2) return false;
    into.enter = std::strcmp(argv[1], "enter") == 0;
    if (!into.enter && std::strcmp(argv[1], "run") != 0) return false;
    for (int i = 2; i < argc; ++i) {
        auto is = [&](const char* name) { return std::strcmp(argv[i], name) == 0; };
        if (is("--")) {
            into.argv = argv + i + 1;
            return *into.argv != nullptr && (into.disk.bytes == 0 || into.disk.folders[0]);
        }
        if (i + 1 >= argc) return false;
        if (is("--writable") && into.writables == most_writable) return false;
        const char** word = is("--folder")            ? &into.folder
                            : is("--memory-group")    ? &into.memory_group
                            : is("--pids-group")      ? &into.pids_group
                            : is("--writable")        ? &into.writable[into.writables++]
                            : is("--listen")          ? &into.listen
                            : is("--network-address") ? &into.network_address
                            : is("--network-mask")    ? &into.network_mask
                                                      : layers_word(argv[i], into);
        if (is("--disk-folder")) word = &into.disk.folders[into.disk.folders[0] ? 1 : 0];
        if (word) {
            *word = argv[++i];
            continue;
        }
        struct named {
            const char* name;
            unsigned long long* to;
        };
        unsigned long long value = 0;
        if (!number(argv[i + 1], value)) return false;
        bool known = false;
        if (is("--wrapped")) {
            into.wrapped = static_cast<int>(value);
            known = value < 64;
        }
        if (is("--files")) {
            into.files = static_cast<int>(value);
            known = value < 64;
        }
        if (is("--prepared")) {
            into.prepared = static_cast<int>(value);
            known = value < 64;
        }
        if (is("--parent")) into.parent = known = value == 1;
        if (is("--owner")) {
            into.owner = static_cast<uid_t>(value);
            known = true;
        }
        if (is("--uid")) {
            into.uid = static_cast<uid_t>(value);
            into.become = known = true;
        }
        if (is("--gid")) {
            into.gid = static_cast<gid_t>(value);
            known = true;
        }
        for (auto& [name, to] : {named{"--memory", &into.memory},
                                 {"--layers-uid", &into.layers_uid},
                                 {"--open-files-soft", &into.open_files_soft},
                                 {"--group-processes", &into.group_processes},
                                 {"--disk", &into.disk.bytes},
                                 {"--disk-files", &into.disk.files},
                                 {"--disk-reserve", &into.disk.reserve}})
            if (is(name)) {
                *to = value;
                known = true;
            }
        for (auto& ceiling : into.ceilings)
            if (is(ceiling.name)) {
                ceiling.value = value;
                known = true;
            }
        if (!known) return false;
        ++i;
    }
    return false;
}

} // namespace persais::keeper
