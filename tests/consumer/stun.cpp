// What a stranger writes who wants STUN alone.
#include <stun/message.hpp>

int main() {
  const auto bytes = lucid::core::from_hex("000100002112a442000102030405060708090a0b");
  return bytes && lucid::stun::Message::parse(*bytes) ? 0 : 1;
}
