#pragma once
#include "store/limits.hpp"

#include <optional>
#include <string>
#include <unordered_map>

namespace persais::store {

/// The prepared statements of one session. A name is made from the statement's text: behind a pooler that hides itself
/// another session may answer, and a counted name could run another statement there; this one runs the same or fails.
class statement_names {
public:
    /// The name of a statement that this session has prepared.
    std::optional<std::string> prepared(const std::string& sql) const;
    /// A name to prepare it under; nullopt when the session holds limits::db_prepared already.
    std::optional<std::string> fresh(const std::string& sql) const;
    void keep(const std::string& sql, std::string name) { names_.emplace(sql, std::move(name)); }
    /// It is of no use any more (its tables changed); the text runs unnamed in this session from now on.
    void spoil(const std::string& sql) { names_[sql].clear(); }

private:
    std::unordered_map<std::string, std::string> names_; // empty name: spoiled
};

} // namespace persais::store
