# src/leaks/gitleaks.toml as a constant, in raw strings that are short enough for every compiler. As a script (cmake -P) it writes the
# source; when included, it adds the rule that does so after the file has changed.
if(CMAKE_SCRIPT_MODE_FILE)
  file(READ ${FROM} text)
  string(LENGTH "${text}" length)
  set(made "#include <string_view>\n\nnamespace persais::leaks {\n\nextern const std::string_view gitleaks_toml;\n")
  string(APPEND made "const std::string_view gitleaks_toml =")
  set(at 0)
  while(at LESS length)
    string(SUBSTRING "${text}" ${at} 8000 piece)
    string(APPEND made "\n    R\"persais_toml(${piece})persais_toml\"")
    math(EXPR at "${at} + 8000")
  endwhile()
  string(APPEND made ";\n\n} // namespace persais::leaks\n")
  file(WRITE ${TO} "${made}")
  return()
endif()

set(from ${CMAKE_SOURCE_DIR}/src/leaks/gitleaks.toml)
set(to ${CMAKE_BINARY_DIR}/generated/leaks/gitleaks.cpp)
add_custom_command(OUTPUT ${to}
  COMMAND ${CMAKE_COMMAND} -DFROM=${from} -DTO=${to} -P ${CMAKE_CURRENT_LIST_FILE}
  DEPENDS ${from} ${CMAKE_CURRENT_LIST_FILE} VERBATIM)
target_sources(persais_leaks PRIVATE ${to})
set_source_files_properties(${to} PROPERTIES COMPILE_OPTIONS -Wno-overlength-strings) # g++ and clang++ take any length
