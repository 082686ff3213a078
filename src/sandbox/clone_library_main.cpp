// What an interpreter loads that is a prepared parent (agent/persais_agent/prepared.py): the same as the keeper's own
// parent does in its clones (keeper/clone.hpp), so that what a clone is held to stands in one place.
#include "sandbox/keeper/join.hpp"
#include "sandbox/keeper/settle.hpp"

extern "C" {

/// In the parent, when everything is loaded and before it says that it is ready. Returns an errno, or 0 (settle.hpp).
__attribute__((visibility("default"))) int persais_settle() {
    return persais::keeper::settle();
}

/// In a process that was just forked, has one thread, and has `socket` from a request: returns only in the one that is
/// the task's program, with three descriptors, in its sandbox and under its walls, and `environ` as it was told. All
/// other processes end inside.
__attribute__((visibility("default"))) void persais_join(int socket) {
    static persais::keeper::joined made;
    persais::keeper::joiner(socket).join(made);
    close(made.status);
    environ = made.environment;
}
}
