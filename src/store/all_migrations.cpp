#include "store/migrate.hpp"

namespace persais::store {

const std::vector<migration>& all_migrations() {
    static const std::vector<migration> all{
#include "persais_migrations.inc" // made by cmake/embed_migrations.cmake from sql/migrations
    };
    return all;
}

} // namespace persais::store
