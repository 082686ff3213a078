#pragma once
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

/// A program of libFuzzer: the property gives what does not hold of the bytes, or nothing.
#define PERSAIS_FUZZ(property)                                                                                         \
    extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {                                \
        std::string wrong = property(std::string_view(reinterpret_cast<const char*>(data), size));                     \
        if (wrong.empty()) return 0;                                                                                   \
        std::fprintf(stderr, "does not hold: %s\n", wrong.c_str());                                                    \
        __builtin_trap();                                                                                              \
    }
