#include "store/statements.hpp"

#include "store/limits.hpp"

#include <array>
#include <stdexcept>

#include <fmt/format.h>
#include <openssl/evp.h>

namespace persais::store {

std::optional<std::string> statement_names::prepared(const std::string& sql) const {
    auto found = names_.find(sql);
    if (found == names_.end() || found->second.empty()) return std::nullopt;
    return found->second;
}

std::optional<std::string> statement_names::fresh(const std::string& sql) const {
    if (names_.size() >= limits::db_prepared || names_.contains(sql)) return std::nullopt;
    std::array<unsigned char, 32> hash{};
    if (EVP_Digest(sql.data(), sql.size(), hash.data(), nullptr, EVP_sha256(), nullptr) != 1)
        throw std::runtime_error("SHA-256 is not available");
    std::string name = "persais_";
    for (std::size_t i = 0; i < 16; ++i)
        name += fmt::format("{:02x}", hash[i]);
    return name;
}

} // namespace persais::store
