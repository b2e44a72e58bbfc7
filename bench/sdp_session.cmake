set_source_files_properties(${source} PROPERTIES COMPILE_DEFINITIONS
                            "LUCID_VECTORS=\"${PROJECT_SOURCE_DIR}/tests/vectors\"")
