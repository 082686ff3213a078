#include "base/heap.hpp"
#include "base/limits.hpp"

#include <malloc.h>
#include <optional>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

using namespace persais;

TEST(spare_memory, is_one_wait_however_often_it_is_asked_for) {
    asio::io_context io(1);
    spare_memory spare(io.get_executor());
    for (int round = 0; round < 2; ++round) {
        for (int i = 0; i < 1000; ++i)
            spare.give_back_soon();
        EXPECT_EQ(io.poll(), 0u) << "not yet";
        spare.cancel();
        EXPECT_EQ(io.run(), 1u) << "and nothing holds the loop any more";
        io.restart();
    }
}

TEST(spare_memory, may_end_while_it_waits) {
    asio::io_context io(1);
    std::optional<spare_memory> spare(io.get_executor());
    spare->give_back_soon();
    spare.reset();
    EXPECT_EQ(io.run(), 1u);
}

TEST(keep_heap_small, a_large_block_has_a_mapping_of_its_own_also_after_larger_ones_were_freed) {
    keep_heap_small();
    auto mappings = [] { return ::mallinfo2().hblks; };
    constexpr std::size_t large = std::size_t{8} * limits::heap_own_mapping_bytes; // more than is free in the heap
    auto before = mappings();
    std::vector<char> first(large);
    if (mappings() == before && ::mallinfo2().arena == 0) GTEST_SKIP() << "another allocator";
    EXPECT_EQ(mappings(), before + 1);
    for (std::size_t bytes = large; bytes <= 8 * large; bytes *= 2)
        std::vector<char>(bytes).back() = 'x';
    std::vector<char> again(large);
    EXPECT_EQ(mappings(), before + 2) << "left to itself, it would come from the heap by now";
}
