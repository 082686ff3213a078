#pragma once
#include <cstddef>
#include <string>

namespace persais {

/// Random bytes from the kernel. Throws when it has none.
std::string random_bytes(std::size_t count);

/// This number of random bytes as URL-safe base64 without padding: 16 bytes are 22 characters.
std::string random_word(std::size_t bytes);

} // namespace persais
