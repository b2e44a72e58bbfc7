// What a stranger writes who wants one module.
#include <core/bytes.hpp>
#ifdef MODULE_stun
#include <stun/message.hpp>
#endif

int main() {
  const auto bytes = lucid::core::from_hex("000100002112a442000102030405060708090a0b");
  if (!bytes) return 1;
#ifdef MODULE_stun
  const auto message = lucid::stun::Message::parse(*bytes);
  return message ? 0 : 1;
#else
  return lucid::core::ByteReader{*bytes}.u16() == 1 ? 0 : 1;
#endif
}
