set(deps lucid::net)
