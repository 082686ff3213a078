#pragma once
#include <cstdint>

namespace persais {

/// The soft limit of open files that this process was started with. It is what children get: a program that uses
/// select() breaks with descriptors from 1024 on, so nobody who has not asked for more is given more.
std::uint64_t descriptors_at_start();

/// Raises the soft limit to the hard one, at most to `most`, and never lowers it. Returns what it is then.
std::uint64_t raise_descriptors(std::uint64_t most);

} // namespace persais
