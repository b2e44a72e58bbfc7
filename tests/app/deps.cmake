# The program is no library: its testable parts are compiled into the test.
set(deps lucid::media lucid::peer lucid::sim)
foreach(part IN ITEMS bundle_text call_status call_words commands half_blocks loop_link output totals)
  list(APPEND sources ${PROJECT_SOURCE_DIR}/app/${part}.cpp)
endforeach()
