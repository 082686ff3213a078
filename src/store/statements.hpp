#pragma once
#include "store/limits.hpp"

#include <optional>
#include <string>
#include <unordered_map>

namespace persais::store {

/// The prepared statements of one session. A name is derived from the statement's text: behind a pooler that hides
/// itself another session may answer, and a numbered name could run another statement there; this name runs the same
/// statement or fails.
class statement_names {
public:
    /// The name of a statement that this session has prepared.
    std::optional<std::string> prepared(const std::string& sql) const;
    /// A name to prepare it under; nullopt when the session already holds limits::db_prepared statements.
    std::optional<std::string> fresh(const std::string& sql) const;
    void keep(const std::string& sql, std::string name) { names_.emplace(sql, std::move(name)); }
    /// Marks the prepared form as unusable (its tables changed); from now on the text runs unnamed in this session.
    void spoil(const std::string& sql) { names_[sql].clear(); }

private:
    std::unordered_map<std::string, std::string> names_; // empty name: spoiled
};

} // namespace persais::store
