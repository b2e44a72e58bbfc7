list(APPEND deps lucid::codec)
