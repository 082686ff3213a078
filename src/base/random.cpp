#include "base/random.hpp"

#include "base/encoding.hpp"

#include <algorithm>
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
    auto word = to_base64(random_bytes(bytes));
    std::ranges::replace(word, '+', '-');
    std::ranges::replace(word, '/', '_');
    while (word.ends_with('='))
        word.pop_back();
    return word;
}

} // namespace persais
