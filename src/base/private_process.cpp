#include "base/private_process.hpp"

#include <sys/prctl.h>
#include <sys/resource.h>

namespace persais {

void make_process_private() {
    constexpr rlimit none{0, 0};
    ::setrlimit(RLIMIT_CORE, &none); // never fails: it is lowered
    ::prctl(PR_SET_DUMPABLE, 0);     // also for a core that is piped to a program, which obeys no limit
}

} // namespace persais
