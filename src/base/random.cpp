#include "base/random.hpp"

#include <cerrno>
#include <sys/random.h>
#include <system_error>

namespace persais {

std::string random_bytes(std::size_t count) {
    std::string bytes(count, '\0');
    for (std::size_t got = 0; got < count;) {
        auto n = ::getrandom(bytes.data() + got, count - got, 0);
        if (n < 0 && errno != EINTR) throw std::system_error(errno, std::generic_category(), "getrandom");
        if (n > 0) got += static_cast<std::size_t>(n);
    }
    return bytes;
}

std::string random_word(std::size_t bytes) {
    constexpr char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    std::string word;
    unsigned kept = 0;
    int bits = 0;
    for (unsigned char c : random_bytes(bytes)) {
        kept = kept << 8 | c;
        for (bits += 8; bits >= 6; bits -= 6)
            word += digits[kept >> (bits - 6) & 63];
    }
    if (bits > 0) word += digits[kept << (6 - bits) & 63];
    return word;
}

} // namespace persais
