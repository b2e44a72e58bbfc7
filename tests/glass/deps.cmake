# Captures are decrypted with the keys of real DTLS sessions, where those are built.
if(TARGET lucid::dtls)
  list(APPEND deps lucid::dtls)
else()
  list(FILTER sources EXCLUDE REGEX "decryption_test.cpp$")
endif()
