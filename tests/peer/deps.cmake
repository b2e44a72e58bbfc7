list(APPEND deps lucid::net)
