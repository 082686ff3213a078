#include "store/result.hpp"

#include <charconv>

#include <fmt/format.h>

namespace persais::store {

namespace {

template <class T>
T parsed(std::string_view text, int row, int column) {
    T value{};
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size())
        throw std::logic_error(
            fmt::format("row {}, column {}: not the kind of number that was asked for", row, column));
    return value;
}

PGresult* held_or_throw(const std::shared_ptr<rows::holder>& held, int row, int column) {
    if (!held || row < 0 || row >= PQntuples(held->result) || column < 0 || column >= PQnfields(held->result))
        throw std::out_of_range(fmt::format("row {}, column {}: the answer has no such value", row, column));
    return held->result;
}

} // namespace

int rows::size() const {
    return held_ ? PQntuples(held_->result) : 0;
}

std::int64_t rows::affected() const {
    std::string_view count = held_ ? PQcmdTuples(held_->result) : "";
    return count.empty() ? 0 : parsed<std::int64_t>(count, 0, 0);
}

bool rows::null(int row, int column) const {
    return PQgetisnull(held_or_throw(held_, row, column), row, column) == 1;
}

std::string_view rows::text(int row, int column) const {
    auto* r = held_or_throw(held_, row, column);
    return {PQgetvalue(r, row, column), static_cast<std::size_t>(PQgetlength(r, row, column))};
}

std::int64_t rows::number(int row, int column) const {
    return parsed<std::int64_t>(text(row, column), row, column);
}

double rows::real(int row, int column) const {
    return parsed<double>(text(row, column), row, column);
}

bool rows::boolean(int row, int column) const {
    auto value = text(row, column);
    if (value != "t" && value != "f")
        throw std::logic_error(fmt::format("row {}, column {}: not a boolean", row, column));
    return value == "t";
}

int rows::column(const char* name) const {
    return held_ ? PQfnumber(held_->result, name) : -1;
}

} // namespace persais::store
