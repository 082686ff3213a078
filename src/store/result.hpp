#pragma once
#include "store/store.hpp"

#include <memory>

#include <libpq-fe.h>

namespace persais::store {

struct free_result {
    void operator()(PGresult* r) const { PQclear(r); }
};
using pg_result = std::unique_ptr<PGresult, free_result>;

struct rows::holder {
    explicit holder(pg_result r) : owned(std::move(r)), result(owned.get()) {}
    pg_result owned;
    PGresult* result;
};

} // namespace persais::store
