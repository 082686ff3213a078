#include "store/own_objects.hpp"

#include "store/migrate.hpp"
#include "store/queries.hpp"

#include <regex>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace persais::store {

object_names own_objects() {
    static const std::regex made("create (?:or replace )?(table|function) (?:if not exists )?([a-z0-9_]+)",
                                 std::regex::icase);
    object_names all{.tables = {"persais_schema"}, .routines = {}};
    for (const auto& step : all_migrations())
        for (std::sregex_iterator each(step.sql.begin(), step.sql.end(), made), end; each != end; ++each)
            (each->str(1)[0] == 't' ? all.tables : all.routines).push_back(each->str(2));
    return all;
}

std::string array_of(const std::vector<std::string>& plain_names) {
    return fmt::format("{{{}}}", fmt::join(plain_names, ","));
}

awaitable<foreign_objects> find_foreign_objects(pool& db) { // the caller waits, and owns it
    auto own = own_objects();
    auto r = co_await db.query(queries::foreign_objects, {array_of(own.tables), array_of(own.routines)});
    foreign_objects found;
    for (int i = 0; i < r.size(); ++i) {
        std::string name(r.text(i, 0));
        if (r.boolean(i, 1)) found.tables.push_back(name);
        if (r.boolean(i, 2) && r.text(i, 3) != restoring_mark) found.here.push_back(name);
    }
    co_return found;
}

} // namespace persais::store
