# What `persais version` prints. scripts/package and the Dockerfile tell the commit and its day; nothing here asks git, because the
# development build would then be linked anew for each commit.
set(PERSAIS_COMMIT "" CACHE STRING "the commit that is built")
set(PERSAIS_DATE "" CACHE STRING "the day of that commit, as 2026-11-30")
set_source_files_properties(src/cli/version.cpp PROPERTIES COMPILE_DEFINITIONS
  "PERSAIS_VERSION=\"${PROJECT_VERSION}\";PERSAIS_COMMIT=\"${PERSAIS_COMMIT}\";PERSAIS_DATE=\"${PERSAIS_DATE}\"")
