#include "store/statements.hpp"

#include "base/encoding.hpp"
#include "store/limits.hpp"

namespace persais::store {

std::optional<std::string> statement_names::prepared(const std::string& sql) const {
    auto found = names_.find(sql);
    if (found == names_.end() || found->second.empty()) return std::nullopt;
    return found->second;
}

std::optional<std::string> statement_names::fresh(const std::string& sql) const {
    if (names_.size() >= limits::db_prepared || names_.contains(sql)) return std::nullopt;
    return "persais_" + to_hex(sha256(sql).substr(0, 16));
}

} // namespace persais::store
