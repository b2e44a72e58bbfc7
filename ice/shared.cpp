#include "ice/shared.hpp"

#include "ice/relays.hpp"

namespace lucid::ice {

void Shared::send(core::Datagram out, Carries what, core::Time now) {
  if (relays == nullptr || !relays->send(out, what, now)) transmits.push_back(std::move(out));
}

}  // namespace lucid::ice
