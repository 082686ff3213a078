#pragma once
#include "store/store.hpp"

#include <string>
#include <vector>

/// What in a database is Persais's own, and what is somebody else's. All that ask the database throw db_error.
namespace persais::store {

struct object_names {
    std::vector<std::string> tables, routines;
};

/// All that a step of the schema ever made, and the table of the steps itself.
object_names own_objects();

struct foreign_objects {
    std::vector<std::string> tables; // relations of all kinds, in each schema, as SQL names them
    std::vector<std::string> here;   // tables and routines in the schema where ours are made
};
/// What is neither ours nor an extension's.
awaitable<foreign_objects> find_foreign_objects(pool& db);

/// As a parameter of the type text[].
std::string array_of(const std::vector<std::string>& plain_names);

/// The table that stands in the database while a restore is under way in it. Whoever finds it (usability.hpp) does not
/// work with what is there, because that may be half of something.
inline constexpr const char* restoring_mark = "persais_restoring";

} // namespace persais::store
