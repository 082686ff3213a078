# tests/fuzz/NAME.cpp becomes the program fuzz_NAME. Only the pure sources that it needs are built, under ASan and UBSan. The preset is
# `fuzz`; tests/fuzz/run builds and runs the programs.
if(PERSAIS_FUZZ)
  file(GLOB pure CONFIGURE_DEPENDS src/i18n/*.cpp src/mechanic/*.cpp src/telegram/api/*.cpp src/telegram/outbound/render*.cpp)
  list(FILTER pure EXCLUDE REGEX "_test\\.cpp$|/api/api\\.cpp$")
  add_library(fuzzed STATIC EXCLUDE_FROM_ALL ${pure} src/base/asio_impl.cpp src/base/encoding.cpp src/base/json.cpp src/base/text.cpp
              src/base/told.cpp src/base/unicode.cpp src/base/url.cpp src/forge/place.cpp src/git/scp_form.cpp src/telegram/store/button_action.cpp)
  target_include_directories(fuzzed PUBLIC src)
  target_compile_options(fuzzed PUBLIC -fsanitize=fuzzer-no-link)
  target_link_libraries(fuzzed PUBLIC persais_foreign)
  target_precompile_headers(fuzzed PRIVATE cmake/foreign.hpp)

  file(GLOB targets CONFIGURE_DEPENDS tests/fuzz/*.cpp)
  foreach(source ${targets})
    cmake_path(GET source STEM name)
    add_executable(fuzz_${name} EXCLUDE_FROM_ALL ${source})
    target_link_libraries(fuzz_${name} PRIVATE fuzzed)
    target_precompile_headers(fuzz_${name} REUSE_FROM fuzzed)
    target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
  endforeach()
endif()
