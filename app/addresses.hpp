#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "core/address.hpp"

namespace lucid::app {

// This machine's host name and addresses, for a certificate of its own.
std::vector<std::string> own_names();
// Where to find what listens on this address; in a terminal also as a QR code for a phone.
void print_addresses(const core::Ip& listening, std::uint16_t port, bool secure);

}  // namespace lucid::app
