#pragma once
#include "store/store.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace persais::queue {

struct exported_column {
    std::string name, type; // as PostgreSQL names the type
    bool nullable = false;
    bool withheld = false; // a secret, or what would let somebody in
};

struct exported_table {
    std::string name;
    std::vector<exported_column> columns;
    std::vector<std::string> key; // the primary key's columns; empty: it has none
};

/// Whether a column stays out of an export: what is sealed, and hashes and tokens by which somebody gets in.
bool is_withheld(std::string_view column);

/// Our tables, by name, those of later versions too.
awaitable<std::vector<exported_table>> exported_tables(store::pool& db);

/// Gives `take` each row as one JSON object without line breaks, `at_once` rows in a round trip, in the order of the
/// key, until it returns false. The value is how many it took. Rows that are added meanwhile may be among them.
awaitable<std::int64_t> export_rows(store::pool& db, exported_table of, int at_once,
                                    std::function<bool(std::string_view)> take);

} // namespace persais::queue
