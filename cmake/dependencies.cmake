find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS json url)
find_package(PostgreSQL REQUIRED)
find_package(CURL REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(spdlog REQUIRED)
find_package(fmt REQUIRED)
find_package(CLI11 REQUIRED)
find_package(prometheus-cpp REQUIRED)
find_package(GTest REQUIRED)
find_library(UTF8PROC utf8proc REQUIRED)
find_library(RE2 re2 REQUIRED)

# Definitions for all source files. The Asio macros must be the same everywhere, because a program with one differing file crashed.
add_library(persais_foreign INTERFACE)
target_compile_definitions(persais_foreign INTERFACE
  BOOST_ASIO_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED BOOST_BEAST_SEPARATE_COMPILATION)
target_link_libraries(persais_foreign INTERFACE
  Boost::json Boost::url Boost::headers spdlog::spdlog fmt::fmt Threads::Threads OpenSSL::SSL OpenSSL::Crypto
  ${UTF8PROC})
