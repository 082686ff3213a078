#include "base/heap.hpp"

#include "base/limits.hpp"

#include <malloc.h>

namespace persais {

void keep_heap_small() {
    ::mallopt(M_ARENA_MAX, limits::heap_arenas);
    ::mallopt(M_MMAP_THRESHOLD, limits::heap_own_mapping_bytes);
    ::mallopt(M_TRIM_THRESHOLD, limits::heap_spare_bytes);
}

void spare_memory::give_back_soon() {
    if (std::exchange(*soon_, true)) return;
    timer_.expires_after(limits::heap_given_back_after);
    timer_.async_wait([soon = soon_](boost::system::error_code ec) {
        *soon = false;
        if (!ec) ::malloc_trim(0);
    });
}

} // namespace persais
