#include "queue/sealed_values.hpp"

#include "queue/bytes.hpp"

namespace persais::queue {

awaitable<std::vector<sealed_value>> read_sealed(store::pool& db, sealed_values kind) {
    auto r = co_await db.query(std::string(kind.select));
    std::vector<sealed_value> all;
    for (int i = 0; i < r.size(); ++i)
        all.push_back({std::string(r.text(i, 0)), std::string(r.text(i, 1)), std::string(r.text(i, 2)),
                       from_bytea(r.text(i, 3))});
    co_return all;
}

awaitable<bool> replace_sealed(store::pool& db, sealed_values kind, sealed_value was, std::string sealed) {
    auto r = co_await db.query(std::string(kind.replace), {std::move(was.key), bytea(was.sealed), bytea(sealed)});
    co_return r.affected() > 0;
}

} // namespace persais::queue
